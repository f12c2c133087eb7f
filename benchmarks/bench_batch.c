/* Many small flows: one after the other, and as lanes of vectors.
 *
 *   bench_batch [N...]      16, 32, 48, 64, 96 and 128 points a side are possible; 32 and 64 unless given
 *
 * Sixteen flows take twenty steps, as in the closure training: each by its own solver, and in a batch in
 * double and in float. Cases: products under the 2/3 rule, padded, and padded with coefficients of two
 * viscosities that vary in space (what an agents' closure steps); constants whose damping follows a scale
 * of the flow, dynamic coefficients, and a local Leith viscosity. Processor time of a flow-step, the fastest of the rounds,
 * loading and storing of the lanes included. */
#include <math.h>
#include <mpi.h>

#include "benchmarks/bench.h"
#include "envs/turbulence/agent_closure.h"
#include "envs/turbulence/scoreboard.h"
#include "physics/batch/flow_batch.h"

enum { FLOWS = 16, STEPS = 20, WAYS = 3 };

static void die_if(MarlCode code, const MarlError *err) {
  if (code == MARL_OK) return;
  fprintf(stderr, "bench_batch: %s\n", err->message);
  exit(EXIT_FAILURE);
}

typedef struct Case {
  const char *name;
  MarlDealias dealias;
  bool agents;
  const char *closure; /* of no agents; NULL: none */
} Case;

static const Case cases[] = {
    {"two_thirds", MARL_DEALIAS_TWO_THIRDS, false, NULL},
    {"padding", MARL_DEALIAS_PADDING, false, NULL},
    {"two_coefficients", MARL_DEALIAS_PADDING, true, NULL},
    {"free_constants", MARL_DEALIAS_PADDING, false,
     "free_constants:laplacian=-0.003:biharmonic=0.001"},
    {"leith", MARL_DEALIAS_PADDING, false, "leith"},
    {"dynamic_leith", MARL_DEALIAS_PADDING, false, "dynamic_leith"},
    {"dynamic_smagorinsky", MARL_DEALIAS_PADDING, false, "dynamic_smagorinsky"},
    {"local_leith", MARL_DEALIAS_PADDING, false, "leith:local=true"},
};

typedef struct Flow {
  MarlClosure *closure;
  MarlAgentClosure *agents;
  MarlScoreRow row;
} Flow;

/* One way of stepping all flows. */
typedef struct Way {
  MarlFlowBatch *batch; /* NULL: by their solvers */
  MarlSolver *solver[FLOWS];
  Flow flow[FLOWS];
} Way;

static void go(void *context) {
  Way *way = context;
  MarlError err;
  MarlCode codes[FLOWS];
  if (way->batch != NULL) {
    die_if(marl_flow_batch_step(way->batch, way->solver, FLOWS, STEPS, codes, &err, &err), &err);
    for (int f = 0; f < FLOWS; ++f) die_if(codes[f], &err);
    return;
  }
  for (int f = 0; f < FLOWS; ++f) die_if(marl_solver_step(way->solver[f], STEPS, &err), &err);
}

/* Two viscosities of four by four agents, set once. */
static void set_agents(const MarlGrid *grid, Flow *flow, int number) {
  MarlError err;
  const MarlPlugin *interpolation = NULL, *action = NULL;
  die_if(marl_kind_find(&marl_kind_interpolations, "bilinear", &interpolation, &err), &err);
  die_if(marl_kind_find(&marl_kind_actions, "leith_biharmonic", &action, &err), &err);
  const MarlTurbulenceParams params = {.n = grid->nx,
                                       .agents = 4,
                                       .interpolation = (const MarlInterpolationOps *)interpolation,
                                       .action = (const MarlActionOps *)action,
                                       .num_coefficients = 2};
  die_if(marl_agent_closure_create(&params, grid, &flow->agents, &err), &err);
  flow->agents->uniform = false;
  flow->agents->mean[0] = 1e-4;
  flow->agents->mean[1] = 1e-6;
  for (size_t i = 0; i < grid->num_physical; ++i) {
    flow->agents->rest[i] = 1e-5 * sin((double)i + number);
    flow->agents->rest[grid->num_physical + i] = 1e-8 * cos((double)i - number);
  }
  flow->closure = &flow->agents->base;
}

static double start(uint64_t i) {
  return 10 * marl_normal(marl_key(7, MARL_STREAM_INIT), i);
}

static void begin(Way *way, const Case *c, int n) {
  MarlError err;
  MarlSolverParams params = marl_solver_defaults(n);
  params.dealias = c->dealias;
  params.viscosity = 1e-3;
  params.dt = 0.01 / n;
  for (int f = 0; f < FLOWS; ++f) {
    die_if(marl_solver_create(&params, MPI_COMM_SELF, &way->solver[f], &err), &err);
    const MarlGrid *grid = marl_solver_grid(way->solver[f]);
    MarlComplex *w_hat = marl_fft_alloc_spectral(grid);
    for (int kx = 1; kx < 8; ++kx)
      for (int ky = 0; ky < 8; ++ky) {
        const uint64_t number = 2 * ((uint64_t)f * 64 + (uint64_t)kx * 8 + (uint64_t)ky);
        w_hat[kx * n + ky] = CMPLX(start(number), start(number + 1)) / (kx * kx + ky * ky);
      }
    die_if(marl_solver_set_w_hat(way->solver[f], w_hat, &err), &err);
    marl_fft_free(w_hat);
    if (c->agents) set_agents(grid, &way->flow[f], f);
    if (c->closure != NULL) {
      MarlScoreRow *row = &way->flow[f].row;
      die_if(marl_closure_parse(c->closure, row, &err), &err);
      die_if(row->closure->create(grid, row->options, &way->flow[f].closure, &err), &err);
    }
    marl_solver_set_closure(way->solver[f], way->flow[f].closure);
  }
}

static void end(Way *way) {
  for (int f = 0; f < FLOWS; ++f) {
    Flow *flow = &way->flow[f];
    marl_solver_destroy(&way->solver[f]);
    if (flow->row.closure != NULL) flow->closure->ops->destroy(flow->closure);
    marl_agent_closure_destroy(&flow->agents);
    marl_section_destroy(&flow->row.options);
  }
  marl_flow_batch_destroy(&way->batch);
}

static void race(const Case *c, int n) {
  MarlError err;
  Way way[WAYS] = {{.batch = NULL}};
  BenchTask tasks[WAYS];
  die_if(marl_flow_batch_create(MARL_PRECISION_DOUBLE, &way[1].batch, &err), &err);
  die_if(marl_flow_batch_create(MARL_PRECISION_FLOAT, &way[2].batch, &err), &err);
  for (int w = 0; w < WAYS; ++w) {
    begin(&way[w], c, n);
    tasks[w] = (BenchTask){.run = go, .context = &way[w]};
  }
  bench_race(WAYS, tasks, 0.4);
  double us[WAYS];
  for (int w = 0; w < WAYS; ++w) us[w] = 1e6 * tasks[w].cpu_min / (FLOWS * STEPS);
  bench_begin("batch");
  printf(" n=%d case=%s kind=%s solver_us=%.2f double_us=%.2f float_us=%.2f", n, c->name,
         marl_flow_batch_kind(way[1].batch), us[0], us[1], us[2]);
  printf(" double_ratio=%.2f float_ratio=%.2f", us[0] / us[1], us[0] / us[2]);
  bench_end();
  for (int w = 0; w < WAYS; ++w) end(&way[w]);
}

int main(int argc, char **argv) {
  static const int usual[] = {32, 64};
  MPI_Init(&argc, &argv);
  const int count = argc > 1 ? argc - 1 : 2;
  for (int i = 0; i < count; ++i)
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; ++c)
      race(&cases[c], argc > 1 ? (int)strtol(argv[i + 1], NULL, 10) : usual[i]);
  MPI_Finalize();
  return EXIT_SUCCESS;
}
