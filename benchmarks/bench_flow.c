/* A step of the flow solver against its transforms.
 *
 * Bare transforms: two real-to-complex and two complex-to-real FFTW transforms of n x n points,
 * plans by FFTW_MEASURE, out of place, nothing else: the least that a right-hand side in
 * Basdevant's form needs when each real field is transformed by itself. Beside it, in turn: a step
 * of ifab2 with the 2/3 rule without a closure, the same with transforms by FFTW, with a local Smagorinsky and with a local Leith
 * eddy viscosity (coefficients that vary in space), a quarter of an IFRK4 step, a step of the
 * skew-symmetric form without dealiasing, and a padded step.
 *
 *   bench_flow [N...]            default 32 64 128 256 512 1024 2048
 *   mpirun -n 2 bench_flow [N...] throughput of independent flows, one a rank, against one alone */
#include <fftw3.h>
#include <mpi.h>

#include "benchmarks/bench.h"
#include "physics/initial.h"
#include "physics/solver.h"

static void die_if(MarlCode code, const MarlError *err) {
  if (code == MARL_OK) return;
  fprintf(stderr, "bench_flow: %s\n", err->message);
  exit(EXIT_FAILURE);
}

typedef struct Bare {
  double *physical;
  fftw_complex *in, *out;
  fftw_plan forward, inverse;
} Bare;

static void four_transforms(void *context) {
  const Bare *b = context;
  fftw_execute(b->inverse);
  fftw_execute(b->inverse);
  fftw_execute(b->forward);
  fftw_execute(b->forward);
}

static Bare make_bare(int n) {
  const size_t points = (size_t)n * (size_t)n, modes = (size_t)n * ((size_t)n / 2 + 1);
  Bare b = {.physical = fftw_alloc_real(points),
            .in = fftw_alloc_complex(modes),
            .out = fftw_alloc_complex(modes)};
  b.inverse = fftw_plan_dft_c2r_2d(n, n, b.in, b.physical, FFTW_MEASURE);
  b.forward = fftw_plan_dft_r2c_2d(n, n, b.physical, b.out, FFTW_MEASURE);
  memset(b.in, 0, modes * sizeof *b.in); /* c2r overwrites its input: zeros stay zeros */
  return b;
}

static void clear_bare(Bare *b) {
  fftw_destroy_plan(b->forward);
  fftw_destroy_plan(b->inverse);
  fftw_free(b->physical);
  fftw_free(b->in);
  fftw_free(b->out);
}

typedef struct Flow {
  MarlSolver *solver;
  MarlClosure *closure;
  MarlSection *options;
} Flow;

/* ten steps, so that the check on every tenth counts with its share */
static void ten_steps(void *context) {
  MarlError err;
  die_if(marl_solver_step(((Flow *)context)->solver, 10, &err), &err);
}

static void attach_closure(Flow *f, const char *name) {
  MarlError err;
  const MarlClosureOps *ops;
  die_if(marl_closure_find(name, &ops, &err), &err);
  const MarlOptionTable table = {ops->options, ops->num_options};
  die_if(marl_section_create("closure", &table, 1, &f->options, &err), &err);
  die_if(marl_section_set(f->options, "local", "true", "bench", &err), &err);
  die_if(ops->create(marl_solver_grid(f->solver), f->options, &f->closure, &err), &err);
  marl_solver_set_closure(f->solver, f->closure);
}

static Flow make_flow(MarlSolverParams p, const char *closure) {
  MarlError err;
  const int n = p.nx;
  p.dt = 0.02 / n;
  Flow f = {0};
  die_if(marl_solver_create(&p, MPI_COMM_SELF, &f.solver, &err), &err);
  const MarlInitial random = {
      .ops = &marl_initial_random, .peak = 6, .key = marl_key(1, MARL_STREAM_INIT)};
  die_if(marl_initial_apply(&random, f.solver, &err), &err);
  if (closure != NULL) attach_closure(&f, closure);
  return f;
}

static void clear_flow(Flow *f) {
  marl_solver_destroy(&f->solver);
  if (f->closure != NULL) f->closure->ops->destroy(f->closure);
  if (f->options != NULL) marl_section_destroy(&f->options);
}

enum { BARE, PLAIN, FFTW, SMAGORINSKY, LEITH, IFRK4, SKEW, PADDED, NUM_TASKS };

static void race(int n) {
  Bare bare = make_bare(n);
  MarlSolverParams plain = marl_solver_defaults(n);
  plain.dealias = MARL_DEALIAS_TWO_THIRDS; /* the least work */
  MarlSolverParams fftw = plain, rk = plain, skew = plain, padded = plain;
  fftw.transform = MARL_TRANSFORM_FFTW;
  rk.integrator = MARL_IFRK4;
  skew.dealias = MARL_DEALIAS_NONE;
  skew.advection = MARL_ADVECTION_SKEW_SYMMETRIC;
  padded.dealias = MARL_DEALIAS_PADDING;
  Flow flow[NUM_TASKS] = {[PLAIN] = make_flow(plain, NULL),
                          [FFTW] = make_flow(fftw, NULL),
                          [SMAGORINSKY] = make_flow(plain, "smagorinsky"),
                          [LEITH] = make_flow(plain, "leith"),
                          [IFRK4] = make_flow(rk, NULL),
                          [SKEW] = make_flow(skew, NULL),
                          [PADDED] = make_flow(padded, NULL)};
  BenchTask tasks[NUM_TASKS] = {[BARE] = {.run = four_transforms, .context = &bare}};
  for (int t = PLAIN; t < NUM_TASKS; ++t)
    tasks[t] = (BenchTask){.run = ten_steps, .context = &flow[t]};
  bench_race(NUM_TASKS, tasks, 1.0);
  /* processor time of the fastest round of each: other work on the machine only ever adds */
  const double step = tasks[PLAIN].cpu_min, transforms = tasks[BARE].cpu_min;
  bench_begin("flow");
  printf(
      " n=%d transforms_us=%.2f step_us=%.2f step_to_transforms=%.2f fftw_us=%.2f "
      "smagorinsky_to_step=%.2f"
      " leith_to_step=%.2f ifrk4_quarter_to_step=%.2f skew_to_step=%.2f padded_to_step=%.2f"
      " median_step_us=%.2f",
      n, 1e6 * transforms, 1e5 * step, step / 10 / transforms, 1e5 * tasks[FFTW].cpu_min,
      tasks[SMAGORINSKY].cpu_min / step, tasks[LEITH].cpu_min / step,
      tasks[IFRK4].cpu_min / 4 / step, tasks[SKEW].cpu_min / step, tasks[PADDED].cpu_min / step,
      1e5 * tasks[PLAIN].median);
  bench_end();
  clear_bare(&bare);
  for (int t = PLAIN; t < NUM_TASKS; ++t) clear_flow(&flow[t]);
}

/* Steps a second of one rank alone (the others sleep), then of all at once. */
static void throughput(int n, int rank, int ranks) {
  MarlSolverParams plain = marl_solver_defaults(n);
  plain.dealias = MARL_DEALIAS_TWO_THIRDS;
  Flow flow = make_flow(plain, NULL);
  BenchTask task = {.run = ten_steps, .context = &flow};
  double alone = 0, together = 0;
  if (rank == 0) bench_race(1, &task, 2.0);
  alone = task.median;
  MPI_Bcast(&alone, 1, MPI_DOUBLE, 0, MPI_COMM_WORLD);
  bench_race(1, &task, 2.0);
  const double rate = 1 / task.median;
  MPI_Allreduce(&rate, &together, 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
  if (rank == 0) {
    bench_begin("flow_throughput");
    printf(" n=%d ranks=%d alone_us=%.2f throughput_to_one=%.2f", n, ranks, 1e5 * alone,
           together * alone);
    bench_end();
  }
  clear_flow(&flow);
}

int main(int argc, char **argv) {
  static const int sizes[] = {32, 64, 128, 256, 512, 1024, 2048};
  int rank, ranks;
  MPI_Init(&argc, &argv);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  const int count = argc > 1 ? argc - 1 : (int)(sizeof sizes / sizeof sizes[0]);
  for (int i = 0; i < count; ++i) {
    const int n = argc > 1 ? atoi(argv[i + 1]) : sizes[i];
    if (ranks == 1)
      race(n);
    else
      throughput(n, rank, ranks);
  }
  MPI_Finalize();
  return EXIT_SUCCESS;
}
