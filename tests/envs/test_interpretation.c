#include "envs/turbulence/interpretation.h"

#include <unistd.h>

#include "marl/core/store.h"
#include "physics/initial.h"
#include "tests/envs/turbulence_names.h"

enum { N = 32, AGENTS = 4, COEFFICIENTS = 2, ROWS = 3, RUNS = 2 };

/* A flow with random phases, agents on it, and their statistics. */
typedef struct Case {
  MarlSolver *solver;
  MarlAgentClosure *agents;
  MarlObserver *observer;
  MarlInterpretation *interpretation;
} Case;

static Case begin(void) {
  MarlError err;
  Case c = {0};
  const MarlSolverParams flow = marl_solver_defaults(N);
  const MarlInitial initial = {
      .ops = &marl_initial_random, .peak = 5, .key = marl_key(1, MARL_STREAM_INIT)};
  MarlTurbulenceParams params = {.n = N,
                                 .agents = AGENTS,
                                 .interpolation = interpolation_named("bilinear"),
                                 .action = action_named("leith_biharmonic"),
                                 .num_coefficients = COEFFICIENTS,
                                 .scale = {0.01, 0.004}};
  agents_see(&params, "velocity_gradient");
  double target[N / 2];
  for (int k = 0; k < N / 2; ++k) target[k] = 1;
  UNIT_OK(marl_solver_create(&flow, MPI_COMM_SELF, &c.solver, &err));
  UNIT_OK(marl_initial_apply(&initial, c.solver, &err));
  const MarlGrid *grid = marl_solver_grid(c.solver);
  UNIT_OK(marl_agent_closure_create(&params, grid, &c.agents, &err));
  UNIT_OK(marl_observer_create(&params, grid, target, &c.observer, &err));
  marl_observer_look(c.observer, marl_solver_flow(c.solver, 0));
  UNIT_OK(marl_interpretation_create(ROWS, RUNS, N, grid->lx, &c.interpretation, &err));
  return c;
}

static void end(Case *c) {
  marl_interpretation_destroy(&c->interpretation);
  marl_agent_closure_destroy(&c->agents);
  marl_observer_destroy(&c->observer);
  marl_solver_destroy(&c->solver);
}

/* One sample of run `number` under actions (first, second), of agent 0 under (odd, second). */
static void sample(Case *c, int number, float first, float second, float odd) {
  float act[AGENTS * AGENTS * COEFFICIENTS];
  for (int a = 0; a < AGENTS * AGENTS; ++a)
    act[COEFFICIENTS * a] = first, act[COEFFICIENTS * a + 1] = second;
  act[0] = odd;
  marl_agent_closure_set(c->agents, c->observer, act);
  const MarlFlow *flow = marl_solver_flow(c->solver, MARL_INTERPRETATION_NEEDS);
  marl_interpretation_sample(c->interpretation, number, flow, c->agents);
}

/* The interpolation weights of equal values sum to one but for round-off. */
static const double ROUND_OFF = 1e-15;
/* A deviation is the root of a difference of squares, sums of up to 2048 equal numbers of 0.005:
 * 0.005 sqrt(2048 eps). */
static const double HALF_THE_DIGITS = 4e-9;

static void a_constant_policy_has_its_constants_in_every_bin(void) {
  MarlError err;
  Case c = begin();
  for (int run = 0; run < RUNS; ++run) {
    sample(&c, run, 0.5f, 0.25f, 0.5f);           /* row 0: always dissipative */
    sample(&c, RUNS + run, -0.5f, -0.25f, -0.5f); /* row 1: always backscatter, no biharmonic */
  }
  UNIT_OK(marl_interpretation_finish(c.interpretation, MPI_COMM_SELF, &err));
  const double expected[2][COEFFICIENTS] = {{0.005, 0.001}, {-0.005, 0}};
  for (int r = 0; r < 2; ++r) {
    const MarlInterpretedRow *row = &c.interpretation->rows[r];
    CU_ASSERT(row->num_coefficients == COEFFICIENTS);
    CU_ASSERT(row->backscatter_points == r);
    CU_ASSERT(row->backscatter_energy == r);
    UNIT_NEAR(row->in_time[0], 0, HALF_THE_DIGITS);
    UNIT_NEAR(row->in_space[0], 0, ROUND_OFF);
    for (int q = 0; q < MARL_INTERPRETED_CONDITIONS; ++q)
      for (int b = 0; b < MARL_INTERPRETED_BINS; ++b)
        for (int k = 0; k < COEFFICIENTS; ++k) {
          if (!(row->share[q][b] > 0)) {
            CU_ASSERT(isnan(row->mean[q][k][b]));
            continue;
          }
          UNIT_NEAR(row->mean[q][k][b], expected[r][k], ROUND_OFF);
          UNIT_NEAR(row->deviation[q][k][b], 0, HALF_THE_DIGITS);
        }
  }
  CU_ASSERT(c.interpretation->rows[2].num_coefficients == 0); /* nobody sampled it */
  end(&c);
}

/* A run that was finished before a command was stopped is read back instead of run again: the rows are
 * those of a command that was not stopped, bit for bit, and what a damaged part had left is forgotten. */
static void a_resumed_interpretation_is_that_of_one_that_was_not_stopped(void) {
  MarlError err;
  Case whole = begin(), resumed = begin();
  MarlStore *memory = NULL;
  sample(&whole, 0, 0.5f, 0.25f, -1.f);
  sample(&whole, 1, -0.25f, 0.5f, 1.f);
  UNIT_OK(marl_store_create_memory(&memory, &err));
  UNIT_OK(marl_interpretation_save(whole.interpretation, 0, memory, &err));
  sample(&resumed, 0, 1.f, 1.f, 1.f); /* of a part that could not be read to its end */
  marl_interpretation_forget(resumed.interpretation, 0);
  UNIT_OK(marl_interpretation_load(resumed.interpretation, 0, memory, &err));
  marl_store_close(&memory);
  sample(&resumed, 1, -0.25f, 0.5f, 1.f);
  UNIT_OK(marl_interpretation_finish(whole.interpretation, MPI_COMM_SELF, &err));
  UNIT_OK(marl_interpretation_finish(resumed.interpretation, MPI_COMM_SELF, &err));
  const MarlInterpretedRow *a = &whole.interpretation->rows[0];
  const MarlInterpretedRow *b = &resumed.interpretation->rows[0];
  CU_ASSERT(a->num_coefficients == COEFFICIENTS && b->num_coefficients == COEFFICIENTS);
  UNIT_BITS_EQUAL(b->overall, a->overall, sizeof a->overall);
  UNIT_BITS_EQUAL(b->in_time, a->in_time, sizeof a->in_time);
  UNIT_BITS_EQUAL(b->in_space, a->in_space, sizeof a->in_space);
  UNIT_BITS_EQUAL(b->share, a->share, sizeof a->share);
  UNIT_BITS_EQUAL(b->mean, a->mean, sizeof a->mean);
  UNIT_BITS_EQUAL(b->deviation, a->deviation, sizeof a->deviation);
  UNIT_BITS_EQUAL(b->vorticity, a->vorticity, (size_t)N * N * sizeof *a->vorticity);
  UNIT_BITS_EQUAL(b->coefficient, a->coefficient,
                  (size_t)MARL_MAX_COEFFICIENTS * N * N * sizeof *a->coefficient);
  CU_ASSERT(a->backscatter_energy == b->backscatter_energy);
  end(&whole);
  end(&resumed);
}

/* Whatever is conditioned on, the mean over the bins is the mean over the grid. */
static void bins_add_up_to_the_domain_mean(void) {
  MarlError err;
  Case c = begin();
  sample(&c, 0, 0.5f, 0, -1.f);
  double field[N * N], mean = 0, negative = 0;
  marl_agent_closure_coefficient(c.agents, 0, field);
  for (int i = 0; i < N * N; ++i) mean += field[i] / (N * N), negative += field[i] < 0;
  UNIT_OK(marl_interpretation_finish(c.interpretation, MPI_COMM_SELF, &err));
  const MarlInterpretedRow *row = &c.interpretation->rows[0];
  CU_ASSERT(negative > 0 && negative < N * N);
  CU_ASSERT(row->backscatter_points == negative / (N * N));
  CU_ASSERT(row->backscatter_energy > 0 && row->backscatter_energy < 1);
  for (int q = 0; q < MARL_INTERPRETED_CONDITIONS; ++q) {
    double sum = 0, shares = 0;
    for (int b = 0; b < MARL_INTERPRETED_BINS; ++b) {
      shares += row->share[q][b];
      if (row->share[q][b] > 0) sum += row->share[q][b] * row->mean[q][0][b];
    }
    UNIT_NEAR(shares, 1, 1e-12); /* round-off of 24 bins */
    UNIT_NEAR(sum, mean, 1e-15); /* of numbers below 0.01 */
  }
  UNIT_NEAR(row->overall[0], mean, 1e-15);
  UNIT_BITS_EQUAL(row->coefficient, field, sizeof field);
  end(&c);
}

/* Energy -tau:S of the stress that runs, summed here point by point from the solver's own answer:
 * positive where the closure removes. */
static void the_energy_share_is_of_the_stress_that_runs(void) {
  MarlError err;
  Case c = begin();
  sample(&c, 0, 0.5f, -1.f, -1.f); /* no biharmonic term: the whole stress is -2 nu_e S */
  UNIT_OK(marl_interpretation_finish(c.interpretation, MPI_COMM_SELF, &err));
  const MarlFlow *flow = marl_solver_flow(c.solver, MARL_INTERPRETATION_NEEDS);
  static double tau11[N * N], tau12[N * N];
  MarlSubgrid stress = {.tau11 = tau11, .tau12 = tau12};
  UNIT_OK(marl_agent_closure_evaluate(c.agents, flow, &stress));
  CU_ASSERT_FATAL(stress.has_stress);
  double removed = 0, returned = 0;
  for (int i = 0; i < N * N; ++i) {
    const double uniform = -2 * stress.uniform.viscosity; /* the part that is treated implicitly */
    const double energy = -2 * ((tau11[i] + uniform * flow->s11[i]) * flow->s11[i] +
                                (tau12[i] + uniform * flow->s12[i]) * flow->s12[i]);
    removed += fmax(energy, 0), returned += fmax(-energy, 0);
  }
  CU_ASSERT(returned > 0 && removed > 0);
  /* round-off of sums of 1024 points */
  UNIT_NEAR(c.interpretation->rows[0].backscatter_energy, returned / (removed + returned), 1e-12);
  end(&c);
}

/* Two samples with constants a and b: a deviation of |a - b|/2 in time, none in space. */
static void time_and_space_share_the_variance(void) {
  MarlError err;
  Case c = begin();
  sample(&c, 0, 0.5f, 0.25f, 0.5f);
  sample(&c, 0, -0.5f, 0.75f, -0.5f);
  UNIT_OK(marl_interpretation_finish(c.interpretation, MPI_COMM_SELF, &err));
  const MarlInterpretedRow *row = &c.interpretation->rows[0];
  UNIT_NEAR(row->overall[0], 0, ROUND_OFF);
  UNIT_NEAR(row->overall[1], 0.002, ROUND_OFF); /* of 0.001 and 0.003 */
  UNIT_NEAR(row->in_time[0], 0.005, ROUND_OFF);
  UNIT_NEAR(row->in_time[1], 0.001, ROUND_OFF);
  UNIT_NEAR(row->in_space[0], 0, ROUND_OFF);
  CU_ASSERT(row->backscatter_points == 0.5);
  end(&c);
}

/* <|S|^2> = <w^2> on a periodic box: the bins of strain and vorticity have the same mean square,
 * but for the width of a bin. */
static void strain_and_vorticity_have_the_same_mean_square(void) {
  MarlError err;
  Case c = begin();
  sample(&c, 0, 0.5f, 0, 0.5f);
  UNIT_OK(marl_interpretation_finish(c.interpretation, MPI_COMM_SELF, &err));
  const MarlInterpretedRow *row = &c.interpretation->rows[0];
  for (int q = 0; q < 2; ++q) {
    double square = 0;
    for (int b = 0; b < MARL_INTERPRETED_BINS; ++b)
      square += row->share[q][b] * pow(marl_interpreted_center(q, b), 2);
    UNIT_NEAR(square, 1,
              0.02); /* mean of x^2 over a bin is above the center's by width^2/12 = .005 */
  }
  end(&c);
}

static void the_file_names_its_dimensions(void) {
  MarlError err;
  Case c = begin();
  for (int run = 0; run < RUNS; ++run) sample(&c, run, 0.5f, 0.25f, 0.5f);
  UNIT_OK(marl_interpretation_finish(c.interpretation, MPI_COMM_SELF, &err));
  char path[64];
  snprintf(path, sizeof path, "interpretation_%ld.h5", (long)getpid());
  MarlStore *file = NULL;
  UNIT_OK(marl_store_create(path, &file, &err));
  UNIT_OK(marl_interpretation_write(c.interpretation, file, &err));
  UNIT_OK(marl_store_commit(&file, &err));
  int rank = 0;
  size_t shape[MARL_STORE_MAX_RANK];
  UNIT_OK(marl_store_open(path, &file, &err));
  UNIT_OK(marl_store_shape(file, "mean_given_strain", &rank, shape, &err));
  CU_ASSERT(rank == 3 && shape[0] == ROWS && shape[1] == MARL_MAX_COEFFICIENTS &&
            shape[2] == MARL_INTERPRETED_BINS);
  char *units = NULL;
  UNIT_OK(marl_store_get_text(file, "vorticity_map", "units", &units, &err));
  CU_ASSERT_STRING_EQUAL(units, "1/T");
  free(units);
  double share[ROWS];
  UNIT_OK(marl_store_read(file, "backscatter_points", MARL_F64, ROWS, share, &err));
  CU_ASSERT(share[0] == 0 && isnan(share[1]));
  marl_store_close(&file);
  unlink(path);
  end(&c);
}

static CU_TestInfo tests[] = {
    {"a constant policy has its constants in every bin",
     a_constant_policy_has_its_constants_in_every_bin},
    {"a resumed interpretation is that of one that was not stopped",
     a_resumed_interpretation_is_that_of_one_that_was_not_stopped},
    {"bins add up to the domain mean", bins_add_up_to_the_domain_mean},
    {"the energy share is of the stress that runs", the_energy_share_is_of_the_stress_that_runs},
    {"time and space share the variance", time_and_space_share_the_variance},
    {"strain and vorticity have the same mean square",
     strain_and_vorticity_have_the_same_mean_square},
    {"the file names its dimensions", the_file_names_its_dimensions},
    CU_TEST_INFO_NULL,
};

static CU_SuiteInfo suites[] = {
    {"interpretation", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
