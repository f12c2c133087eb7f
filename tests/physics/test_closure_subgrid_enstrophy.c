/* ctest: label=verification */
/* The budget of sub-grid enstrophy, and that its state is one. */
#include "tests/physics/flow_fields.h"

enum { N = 32 };

typedef struct Les {
  MarlSolver *solver;
  MarlSection *section;
  MarlClosure *closure;
} Les;

static double field(double x, double y, const double *size) {
  return size[0] * (cos(3 * x + y) + 2 * sin(x - 2 * y) * cos(x) + cos(5 * y + 1) - sin(4 * x) +
                    cos(2 * x + 6 * y));
}

static Les make(double dt, const char *decay) {
  const char *const settings[] = {"biharmonic", "0.05", "triharmonic", "0.05", "backscatter", "0.1",
                                  "decay",      decay,  "coefficient", "0.5"};
  MarlSolverParams p = quiet_params(N, MARL_IFAB2, dt);
  const MarlClosureOps *ops;
  const double size = 3;
  Les les;
  MarlError err;
  p.dealias = MARL_DEALIAS_PADDING;
  les.solver = make_solver(&p);
  UNIT_OK(marl_closure_find("subgrid_enstrophy", &ops, &err));
  const MarlOptionTable table = {ops->options, ops->num_options};
  UNIT_OK(marl_section_create("closure", &table, 1, &les.section, &err));
  for (int i = 0; i < 10; i += 2)
    UNIT_OK(marl_section_set(les.section, settings[i], settings[i + 1], "test", &err));
  UNIT_OK(ops->create(marl_solver_grid(les.solver), les.section, &les.closure, &err));
  marl_solver_set_closure(les.solver, les.closure);
  start_from(les.solver, field, &size);
  return les;
}

static void end(Les *les) {
  marl_solver_destroy(&les->solver);
  les->closure->ops->destroy(les->closure);
  marl_section_destroy(&les->section);
}

/* <w PI> of what the closure gives now, and <w^2>/2. */
static double removed(Les *les, double *total) {
  const MarlSubgrid *sub;
  MarlError err;
  double sum = 0;
  UNIT_OK(marl_solver_subgrid(les->solver, &sub, &err));
  const MarlGrid *g = marl_solver_grid(les->solver);
  const MarlComplex *w = marl_solver_w_hat(les->solver);
  *total = 0;
  for (int i = 0; i < g->nk_local; ++i)
    for (int j = 0; j < g->ny; ++j) {
      const size_t at = (size_t)i * (size_t)g->ny + (size_t)j;
      const double weight = g->kx[i] > 0 ? 2 : 1;
      const double square = creal(w[at] * conj(w[at]));
      *total += 0.5 * weight * square;
      sum += weight * marl_damping_rate(sub->uniform, g->k2[at], 0, 0) * square;
      if (sub->has_tendency) sum -= weight * creal(conj(w[at]) * sub->tendency[at]);
    }
  return sum;
}

/* <z> and its tendency, as they are saved. */
static void saved(const Les *les, double *mean, double *tendency) {
  MarlStore *store;
  MarlError err;
  static double values[2 * (N / 2 + 1) * N];
  UNIT_OK(marl_store_create_memory(&store, &err));
  UNIT_OK(les->closure->ops->save(les->closure, store, &err));
  UNIT_OK(marl_store_read(store, "z", MARL_F64, sizeof values / sizeof *values, values, &err));
  *mean = values[0];
  UNIT_OK(
      marl_store_read(store, "tendency", MARL_F64, sizeof values / sizeof *values, values, &err));
  *tendency = values[0];
  marl_store_close(&store);
}

/* Without decay the mean of z gains at every moment what the flow loses, <w PI> = <D - R>: sums of products
 * of kept modes are exact at the points (products.h), so to round-off of rates of order 1e3. */
static void what_the_flow_loses_the_field_gains(void) {
  Les les = make(2e-3, "0");
  for (int i = 0; i < 3; ++i) {
    double total, mean, tendency;
    const double loss = removed(&les, &total);
    saved(&les, &mean, &tendency);
    CU_ASSERT(fabs(loss) > 1);
    UNIT_NEAR(tendency, loss, 1e-10);
    CU_ASSERT(i == 0 ? mean == 0 : mean > 0.1);
    take_steps(les.solver, 50);
  }
  end(&les);
}

/* So <w^2>/2 + <z> is constant without forcing, viscosity and drag, up to the error of the scheme, which is of first
 * order, because uniform coefficients are those of the start of a step (damping.h): half the step, half the drift,
 * within the next order. */
static void their_sum_is_constant(void) {
  double drift[2];
  for (int i = 0; i < 2; ++i) {
    const int steps = 400 << i;
    Les les = make(0.2 / steps, "0");
    double before, after, mean, tendency;
    (void)removed(&les, &before);
    take_steps(les.solver, steps);
    (void)removed(&les, &after);
    saved(&les, &mean, &tendency);
    drift[i] = after + mean - before;
    CU_ASSERT(before - after > 1000 * fabs(drift[i])); /* most of what was lost is there */
    end(&les);
  }
  printf("\n    drift %.3g, %.3g ", drift[0], drift[1]);
  CU_ASSERT(drift[0] / drift[1] > 1.7 && drift[0] / drift[1] < 2.3);
}

/* With decay the sum only falls. */
static void decay_takes(void) {
  Les les = make(2e-3, "1");
  double before, after, mean, tendency;
  (void)removed(&les, &before);
  take_steps(les.solver, 100);
  (void)removed(&les, &after);
  saved(&les, &mean, &tendency);
  CU_ASSERT(after + mean < 0.999 * before);
  CU_ASSERT(mean > 0);
  end(&les);
}

static const MarlComplex *state(const Les *les) {
  return marl_solver_w_hat(les->solver);
}

static size_t state_size(const Les *les) {
  return marl_solver_grid(les->solver)->num_spectral * sizeof(MarlComplex);
}

/* Whoever looks between two steps changes nothing; a restart goes on with the same bits; a flow that starts again
 * starts with an empty field. */
static void the_field_is_a_state(void) {
  Les whole = make(2e-3, "0.3"), looked = make(2e-3, "0.3"), resumed = make(2e-3, "0.3");
  const double size = 3;
  MarlStore *store, *part;
  MarlError err;
  double total;
  take_steps(whole.solver, 60);
  for (int i = 0; i < 60; ++i) {
    (void)removed(&looked, &total);
    take_steps(looked.solver, 1);
    (void)removed(&looked, &total);
  }
  UNIT_BITS_EQUAL(state(&whole), state(&looked), state_size(&whole));
  UNIT_OK(marl_store_create_memory(&store, &err));
  UNIT_OK(marl_solver_save(whole.solver, store, &err));
  UNIT_OK(marl_store_group_create(store, "closure", &part, &err));
  UNIT_OK(whole.closure->ops->save(whole.closure, part, &err));
  UNIT_OK(marl_solver_load(resumed.solver, store, &err));
  UNIT_OK(resumed.closure->ops->load(resumed.closure, part, &err));
  marl_store_close(&part);
  marl_store_close(&store);
  take_steps(whole.solver, 40);
  take_steps(resumed.solver, 40);
  UNIT_BITS_EQUAL(state(&whole), state(&resumed), state_size(&whole));
  start_from(whole.solver, field, &size);
  take_steps(whole.solver, 60);
  UNIT_BITS_EQUAL(state(&whole), state(&looked), state_size(&whole));
  end(&whole), end(&looked), end(&resumed);
}

static CU_TestInfo tests[] = {
    {"what the flow loses the field gains", what_the_flow_loses_the_field_gains},
    {"their sum is constant", their_sum_is_constant},
    {"decay takes", decay_takes},
    {"the field is a state", the_field_is_a_state},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"sub-grid enstrophy", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
