/* What a closure costs: an LES step under it, and a unit of time beside the direct simulation that
 * it replaces.
 *
 *   bench_closure_cost POLICY [REFERENCE [N...]]     from the root of the source tree
 *
 * POLICY is a run folder or an exported policy, REFERENCE configs/reference/data/re20k_kf4.h5
 * unless given, N 32 and 64. LES as `marl evaluate` runs them: AB2/CN, dt = 5e-4, products padded,
 * from the reference's first initial field; ten steps are timed, so that a policy acting every
 * ten steps acts once. The direct simulation has the reference's resolution, the 2/3 rule and IFRK4
 * with adaptive steps (CFL 1.2), as the reference was made; it starts from the same field.
 * `unknowns` are N^2 x steps in a unit of time. */
#include <math.h>
#include <mpi.h>

#include "benchmarks/bench.h"
#include "envs/turbulence/params.h"
#include "envs/turbulence/scoreboard.h"
#include "physics/initial.h"

static const double LES_DT = 5e-4;
enum { STEPS = 10, MAX_SPECIFICATION = 1024 };

static void die_if(MarlCode code, const MarlError *err) {
  if (code == MARL_OK) return;
  fprintf(stderr, "bench_closure_cost: %s\n", err->message);
  exit(EXIT_FAILURE);
}

static void ten_steps(void *context) {
  MarlError err;
  die_if(marl_solver_step(context, STEPS, &err), &err);
}

/* One closure's flow. */
typedef struct Les {
  MarlSolver *solver;
  MarlClosure *closure;
  MarlScoreRow row; /* label, closure, options */
} Les;

static Les start_les(const MarlReference *reference, int n, const char *specification) {
  MarlError err;
  Les les = {0};
  MarlSolverParams params;
  die_if(marl_les_params(reference, n, LES_DT, MARL_DEALIAS_PADDING, &params, &err), &err);
  die_if(marl_closure_parse(specification, &les.row, &err), &err);
  die_if(marl_solver_create(&params, MPI_COMM_SELF, &les.solver, &err), &err);
  const MarlGrid *grid = marl_solver_grid(les.solver);
  die_if(les.row.closure->create(grid, les.row.options, &les.closure, &err), &err);
  marl_solver_set_closure(les.solver, les.closure);
  double *w = marl_fft_alloc_physical(grid);
  if (w == NULL) exit(EXIT_FAILURE);
  die_if(marl_reference_initial(reference, n, 0, w, &err), &err);
  die_if(marl_solver_set_vorticity(les.solver, w, &err), &err);
  marl_fft_free(w);
  return les;
}

static void end_les(Les *les) {
  marl_solver_destroy(&les->solver);
  les->closure->ops->destroy(les->closure);
  marl_section_destroy(&les->row.options);
}

/* Seconds and steps of a time unit of the direct simulation, from the initial field of size n. */
static void time_direct(const MarlReference *reference, int n, double *seconds, double *steps) {
  MarlError err;
  char dataset[32];
  MarlSolver *solver = NULL;
  MarlSolverParams params;
  die_if(marl_les_params(reference, reference->dns_resolution, 5e-3, MARL_DEALIAS_TWO_THIRDS,
                         &params, &err),
         &err);
  params.integrator = MARL_IFRK4;
  params.cfl = 1.2;
  snprintf(dataset, sizeof dataset, "initial/n%d", n);
  const MarlInitial initial = {
      .ops = &marl_initial_file, .file = reference->path, .dataset = dataset};
  die_if(marl_solver_create(&params, MPI_COMM_SELF, &solver, &err), &err);
  die_if(marl_initial_apply(&initial, solver, &err), &err);
  BenchTask task = {.run = ten_steps, .context = solver};
  bench_race(1, &task, 2.0);
  *steps = 1 / marl_solver_dt(solver);
  *seconds = task.min / STEPS * *steps;
  marl_solver_destroy(&solver);
}

enum { NONE, LEITH, LOCAL_LEITH, FREE_CONSTANTS, LEARNED, CLOSURES };

static void race(const MarlReference *reference, int n, const char *policy) {
  static const char *const names[CLOSURES] = {"none", "leith", "leith:local=true", "free_constants",
                                              "learned"};
  Les les[CLOSURES];
  BenchTask tasks[CLOSURES];
  for (int c = 0; c < CLOSURES; ++c) {
    char specification[MAX_SPECIFICATION];
    const int length = c == LEARNED ? snprintf(specification, sizeof specification,
                                               "learned:policy=%s:transfer=true", policy)
                                    : snprintf(specification, sizeof specification, "%s", names[c]);
    if (length >= MAX_SPECIFICATION) exit(EXIT_FAILURE);
    les[c] = start_les(reference, n, specification);
    tasks[c] = (BenchTask){.run = ten_steps, .context = les[c].solver};
  }
  bench_race(CLOSURES, tasks, 1.0);
  double direct_seconds, direct_steps;
  time_direct(reference, n, &direct_seconds, &direct_steps);
  const double direct = pow(reference->dns_resolution, 2) * direct_steps;
  const double unknowns = (double)n * n / LES_DT;
  for (int c = 0; c < CLOSURES; ++c) {
    const double step = tasks[c].min / STEPS, seconds = step / LES_DT;
    bench_begin("closure_cost");
    printf(" n=%d closure=%s step_us=%.2f to_leith=%.2f seconds_per_time_unit=%.4f", n, names[c],
           1e6 * step, tasks[c].min / tasks[LEITH].min, seconds);
    printf(" unknowns=%.3g direct_unknowns=%.3g direct_steps=%.0f direct_seconds=%.2f", unknowns,
           direct, direct_steps, direct_seconds);
    printf(" direct_to_les_unknowns=%.1f direct_to_les_seconds=%.1f", direct / unknowns,
           direct_seconds / seconds);
    bench_end();
    end_les(&les[c]);
  }
}

int main(int argc, char **argv) {
  MPI_Init(&argc, &argv);
  if (argc < 2) {
    fprintf(stderr, "usage: bench_closure_cost POLICY [REFERENCE [N...]]\n");
    return EXIT_FAILURE;
  }
  MarlError err;
  MarlReference *reference = NULL;
  const char *path = argc > 2 ? argv[2] : "configs/reference/data/re20k_kf4.h5";
  die_if(marl_reference_read(path, &reference, &err), &err);
  static const int usual[] = {32, 64};
  const int count = argc > 3 ? argc - 3 : 2;
  for (int i = 0; i < count; ++i)
    race(reference, argc > 3 ? (int)strtol(argv[i + 3], NULL, 10) : usual[i], argv[1]);
  marl_reference_destroy(&reference);
  MPI_Finalize();
  return EXIT_SUCCESS;
}
