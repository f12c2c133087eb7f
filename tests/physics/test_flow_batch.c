/* ctest: label=verification timeout=120 */
/* Flows as lanes against the one-flow solver, and against themselves in other company. */
#include <stdint.h>

#include "marl/core/option.h"
#include "physics/batch/flow_batch.h"
#include "tests/physics/flow_fields.h"
#include "tests/physics/varying_closure.h"

enum { MOST_FLOWS = 24 };

/* A flow of its own: number `f` starts from its own field, has its own viscosity and step. */
typedef struct Flow {
  MarlSolver *solver;
  MarlClosure *closure;
  MarlSection *section;
} Flow;

typedef struct Recipe {
  const char *closure;    /* NULL: none at all */
  const char *options[9]; /* key, value, ... */
} Recipe;

/* Every closure that has a form for lanes. */
static const Recipe recipes[] = {
    {NULL, {NULL}},
    {"none", {NULL}},
    {"smagorinsky", {NULL}},
    {"smagorinsky", {"local", "true", NULL}},
    {"leith", {NULL}},
    {"leith", {"local", "true", NULL}},
    {"jansen_held", {NULL}},
    {"jansen_held", {"base", "smagorinsky", NULL}},
    {"free_constants",
     {"laplacian", "-0.003", "biharmonic", "0.001", "triharmonic", "1e-5", "cutoff", "1.5", NULL}},
    {"free_constants", {"laplacian", "-0.003", "biharmonic", "0.002", "rim", "0.2", NULL}},
    {"free_constants", {"laplacian", "1e-3", "dimensional", "true", NULL}},
    {"dynamic_leith", {NULL}},
    {"dynamic_smagorinsky", {NULL}},
};
enum { NUM_RECIPES = sizeof recipes / sizeof recipes[0] };

static void choose(MarlSolverParams *p, int f) {
  p->viscosity = 1e-3 / (1 + f);
  p->dt = 2e-3 / (1 + 0.1 * f);
  p->key = marl_key(100 + (uint64_t)f, MARL_STREAM_FORCING);
}

static double field(double x, double y, const double *parameters) {
  static const double top = 5;
  return smooth_field(x + parameters[0], y - 2 * parameters[0], &top);
}

static void begin(Flow *flow, const MarlSolverParams *p, const Recipe *recipe, int f) {
  MarlError err;
  *flow = (Flow){.solver = make_solver(p)};
  const double shift = 0.7 * f;
  start_from(flow->solver, field, &shift);
  if (recipe->closure == NULL) return;
  const MarlClosureOps *ops = NULL;
  UNIT_OK(marl_closure_find(recipe->closure, &ops, &err));
  const MarlOptionTable table = {ops->options, ops->num_options};
  UNIT_OK(marl_section_create("closure", &table, 1, &flow->section, &err));
  for (const char *const *o = recipe->options; *o != NULL; o += 2)
    UNIT_OK(marl_section_set(flow->section, o[0], o[1], "test", &err));
  UNIT_OK(ops->create(marl_solver_grid(flow->solver), flow->section, &flow->closure, &err));
  marl_solver_set_closure(flow->solver, flow->closure);
}

static void end(Flow *flow) {
  marl_solver_destroy(&flow->solver);
  if (flow->closure != NULL) flow->closure->ops->destroy(flow->closure);
  marl_section_destroy(&flow->section);
}

static MarlFlowBatch *make_batch(MarlPrecision precision) {
  MarlError err;
  MarlFlowBatch *batch = NULL;
  UNIT_OK(marl_flow_batch_create(precision, &batch, &err));
  return batch;
}

/* Together in one call; every flow must do well. */
static void step_all(MarlFlowBatch *batch, Flow *flows, int count, int64_t n) {
  MarlError err, *errors = calloc(MOST_FLOWS, sizeof *errors);
  MarlSolver *solvers[MOST_FLOWS];
  MarlCode codes[MOST_FLOWS];
  for (int f = 0; f < count; ++f) solvers[f] = flows[f].solver;
  UNIT_OK(marl_flow_batch_step(batch, solvers, count, n, codes, errors, &err));
  for (int f = 0; f < count; ++f) {
    if (codes[f] != MARL_OK) printf("\n    flow %d: %s", f, errors[f].message);
    CU_ASSERT_EQUAL(codes[f], MARL_OK);
  }
  free(errors);
}

/* Largest difference of coefficients over the largest coefficient; NaN counts. */
static double distance(const MarlSolver *a, const MarlSolver *b) {
  const size_t n = marl_solver_grid(a)->num_spectral;
  double worst = 0, most = 0;
  for (size_t i = 0; i < n; ++i) {
    const double off = cabs(marl_solver_w_hat(a)[i] - marl_solver_w_hat(b)[i]);
    if (!(off <= worst)) worst = off;
    most = fmax(most, cabs(marl_solver_w_hat(a)[i]));
  }
  return worst / most;
}

/* After n steps by the solver and as a lane, the same times and steps, and a vorticity within
 * `tolerance`. */
static void compare(const MarlSolverParams *base, const Recipe *recipe, MarlPrecision precision,
                    int64_t n, double tolerance) {
  enum { FLOWS = 3 };
  Flow lanes[FLOWS], alone[FLOWS];
  MarlFlowBatch *batch = make_batch(precision);
  for (int f = 0; f < FLOWS; ++f) {
    MarlSolverParams p = *base;
    choose(&p, f);
    begin(&lanes[f], &p, recipe, f);
    begin(&alone[f], &p, recipe, f);
    const char *why = marl_flow_batch_alone(lanes[f].solver);
    if (why != NULL) printf("\n    %d points: %s", p.nx, why);
    CU_ASSERT_PTR_NULL(why);
  }
  step_all(batch, lanes, FLOWS, n);
  for (int f = 0; f < FLOWS; ++f) {
    take_steps(alone[f].solver, n);
    UNIT_NEAR(distance(alone[f].solver, lanes[f].solver), 0, tolerance);
    UNIT_NEAR(marl_solver_time(lanes[f].solver), marl_solver_time(alone[f].solver), 0);
    CU_ASSERT_EQUAL(marl_solver_steps(lanes[f].solver), marl_solver_steps(alone[f].solver));
    end(&lanes[f]);
    end(&alone[f]);
  }
  marl_flow_batch_destroy(&batch);
}

/* Round-off of 25 steps: each adds some 16 eps log2(48^2) dt N / w with dt N / w below .1, and the flow
 * has not amplified it in a twentieth of a turnover time. */
static const double round_off = 1e-13;

static MarlSolverParams forced(int n, int forcing) {
  MarlSolverParams p = marl_solver_defaults(n);
  if (forcing == 0) p.forcing.ops = &marl_forcing_none;
  if (forcing == 2)
    p.forcing =
        (MarlForcing){.ops = &marl_forcing_ring, .wavenumber = 4, .width = 2, .injection = 0.1};
  return p;
}

static void a_lane_steps_as_the_solver_does_under_every_closure_and_forcing(void) {
  for (int r = 0; r < NUM_RECIPES; ++r)
    for (int forcing = 0; forcing < 3; ++forcing) {
      const MarlSolverParams p = forced(32, forcing);
      compare(&p, &recipes[r], MARL_PRECISION_DOUBLE, 25, round_off);
    }
}

static void under_every_dealiasing_and_with_beta_and_drag(void) {
  for (int r = 0; r < NUM_RECIPES; ++r)
    for (int dealias = 0; dealias < 3; ++dealias) {
      MarlSolverParams p = forced(32, 1);
      p.dealias = (MarlDealias)dealias;
      p.beta = dealias == 1 ? 0 : 20;
      p.linear_drag = 1;
      compare(&p, &recipes[r], MARL_PRECISION_DOUBLE, 25, round_off);
    }
}

static void on_grids_of_every_length_square_or_not(void) {
  static const int padded[] = {16, 48, 64, 96, 128}, plain[] = {24, 72, 144, 192};
  for (int i = 0; i < 5; ++i) {
    const MarlSolverParams p = forced(padded[i], 1);
    compare(&p, &recipes[5], MARL_PRECISION_DOUBLE, 3, round_off);
  }
  for (int i = 0; i < 4; ++i) {
    MarlSolverParams p = forced(plain[i], 1);
    p.dealias = MARL_DEALIAS_TWO_THIRDS;
    compare(&p, &recipes[4], MARL_PRECISION_DOUBLE, 3, round_off);
  }
  MarlSolverParams p = forced(48, 1);
  p.ny = 32;
  p.ly = p.lx * 2 / 3;
  p.forcing.wavenumber = 6;
  compare(&p, &recipes[3], MARL_PRECISION_DOUBLE, 3, round_off);
}

/* The same bound with the eps of float. */
static void in_float_a_lane_is_the_flow_to_seven_digits(void) {
  for (int r = 0; r < NUM_RECIPES; ++r) {
    const MarlSolverParams p = forced(32, 1);
    compare(&p, &recipes[r], MARL_PRECISION_FLOAT, 25, round_off * 0x1p29);
  }
}

static void begin_varying(Flow *flow, const MarlSolverParams *p, int f) {
  begin(flow, p, &recipes[0], f);
  flow->closure = varying_create(marl_solver_grid(flow->solver));
  marl_solver_set_closure(flow->solver, flow->closure);
}

static void coefficients_that_vary_and_are_held_give_the_same_stress(void) {
  for (int dealias = 0; dealias < 3; ++dealias) {
    enum { FLOWS = 5 };
    Flow lanes[FLOWS], alone[FLOWS];
    MarlFlowBatch *batch = make_batch(MARL_PRECISION_DOUBLE);
    for (int f = 0; f < FLOWS; ++f) {
      MarlSolverParams p = forced(32, 1);
      p.dealias = (MarlDealias)dealias;
      choose(&p, f);
      begin_varying(&lanes[f], &p, f);
      begin_varying(&alone[f], &p, f);
      take_steps(lanes[f].solver, f); /* they act at different steps */
      take_steps(alone[f].solver, f);
    }
    step_all(batch, lanes, FLOWS, 25);
    for (int f = 0; f < FLOWS; ++f) {
      take_steps(alone[f].solver, 25);
      UNIT_NEAR(distance(alone[f].solver, lanes[f].solver), 0, round_off);
      end(&lanes[f]);
      end(&alone[f]);
    }
    marl_flow_batch_destroy(&batch);
  }
}

/* Flows of different kinds, some of them stepped alone. */
static void begin_mixed(Flow flows[MOST_FLOWS]) {
  for (int f = 0; f < MOST_FLOWS; ++f) {
    MarlSolverParams p = forced(f % 7 == 0 ? 48 : 32, f % 3);
    choose(&p, f);
    p.beta = f % 4 == 0 ? 10 : 0;
    if (f % 5 == 0) p.integrator = MARL_AB2CN;
    if (f % 6 == 5)
      begin_varying(&flows[f], &p, f);
    else
      begin(&flows[f], &p, &recipes[f % NUM_RECIPES], f);
    take_steps(flows[f].solver, f % 3); /* out of step with each other */
  }
}

static void same_bits(const Flow *a, const Flow *b) {
  const size_t n = marl_solver_grid(a->solver)->num_spectral;
  UNIT_BITS_EQUAL(marl_solver_w_hat(a->solver), marl_solver_w_hat(b->solver),
                  n * sizeof(MarlComplex));
}

static void bits_do_not_depend_on_company_order_or_calls(void) {
  for (int precision = 0; precision < 2; ++precision) {
    Flow together[MOST_FLOWS], apart[MOST_FLOWS], reversed[MOST_FLOWS];
    MarlFlowBatch *batch = make_batch((MarlPrecision)precision);
    begin_mixed(together);
    begin_mixed(apart);
    begin_mixed(reversed);
    step_all(batch, together, MOST_FLOWS, 23);
    for (int f = 0; f < MOST_FLOWS; ++f) { /* each alone, in three calls, in another batch */
      MarlFlowBatch *own = make_batch((MarlPrecision)precision);
      step_all(own, &apart[f], 1, 4);
      step_all(own, &apart[f], 1, 1);
      step_all(own, &apart[f], 1, 18);
      marl_flow_batch_destroy(&own);
    }
    for (int f = 0; f < MOST_FLOWS / 2; ++f) {
      const Flow other = reversed[f];
      reversed[f] = reversed[MOST_FLOWS - 1 - f];
      reversed[MOST_FLOWS - 1 - f] = other;
    }
    step_all(batch, reversed, MOST_FLOWS, 23);
    for (int f = 0; f < MOST_FLOWS; ++f) {
      same_bits(&together[f], &apart[f]);
      same_bits(&together[f], &reversed[MOST_FLOWS - 1 - f]);
    }
    for (int f = 0; f < MOST_FLOWS; ++f) {
      end(&together[f]);
      end(&apart[f]);
      end(&reversed[f]);
    }
    marl_flow_batch_destroy(&batch);
  }
}

/* Uniform dampings of every kind are lanes of one block, where each is handed what any of them asks for. */
static void dynamic_coefficients_change_no_bit_of_a_flow_beside_them(void) {
  for (int precision = 0; precision < 2; ++precision) {
    Flow together[NUM_RECIPES], apart[NUM_RECIPES];
    MarlFlowBatch *batch = make_batch((MarlPrecision)precision);
    for (int f = 0; f < NUM_RECIPES; ++f) {
      MarlSolverParams p = forced(32, 1);
      choose(&p, f);
      begin(&together[f], &p, &recipes[f], f);
      begin(&apart[f], &p, &recipes[f], f);
      const bool uniform = f != 3 && f != 5;
      CU_ASSERT_EQUAL(marl_flow_batch_together(together[0].solver, together[f].solver), uniform);
    }
    step_all(batch, together, NUM_RECIPES, 11);
    for (int f = 0; f < NUM_RECIPES; ++f) {
      step_all(batch, &apart[f], 1, 11);
      same_bits(&together[f], &apart[f]);
      end(&together[f]);
      end(&apart[f]);
    }
    marl_flow_batch_destroy(&batch);
  }
}

/* Antiviscosity that doubles the largest wavenumbers in every other step. */
static const Recipe explosive = {"free_constants",
                                 {"laplacian", "-2", "dimensional", "true", NULL}};

static void a_flow_that_blows_up_says_so_and_leaves_its_neighbors_alone(void) {
  enum { FLOWS = 5, BAD = 2, STEPS = 100 };
  const Recipe quiet = {"free_constants", {"laplacian", "1e-3", "dimensional", "true", NULL}};
  Flow with[FLOWS], without[FLOWS - 1], alone;
  MarlFlowBatch *batch = make_batch(MARL_PRECISION_DOUBLE);
  MarlSolver *solvers[FLOWS];
  MarlCode codes[FLOWS];
  MarlError err, *errors = calloc(FLOWS, sizeof *errors);
  for (int f = 0, g = 0; f < FLOWS; ++f) {
    MarlSolverParams p = forced(32, 1);
    choose(&p, f);
    begin(&with[f], &p, f == BAD ? &explosive : &quiet, f);
    solvers[f] = with[f].solver;
    if (f == BAD)
      begin(&alone, &p, &explosive, f);
    else
      begin(&without[g++], &p, &quiet, f);
  }
  UNIT_OK(marl_flow_batch_step(batch, solvers, FLOWS, STEPS, codes, errors, &err));
  step_all(batch, without, FLOWS - 1, STEPS);
  for (int f = 0, g = 0; f < FLOWS; ++f) {
    if (f == BAD) continue;
    CU_ASSERT_EQUAL(codes[f], MARL_OK);
    same_bits(&with[f], &without[g++]);
  }
  /* as the solver by itself: the same failure at the same step */
  CU_ASSERT_EQUAL(codes[BAD], MARL_ENUMERIC);
  CU_ASSERT_EQUAL(marl_solver_step(alone.solver, STEPS, &err), MARL_ENUMERIC);
  CU_ASSERT_EQUAL(marl_solver_steps(alone.solver), marl_solver_steps(with[BAD].solver));
  CU_ASSERT_PTR_NOT_NULL(strstr(errors[BAD].message, "lower time.dt, or weaken a closure"));
  for (int f = 0; f < FLOWS; ++f) end(&with[f]);
  for (int f = 0; f < FLOWS - 1; ++f) end(&without[f]);
  end(&alone);
  free(errors);
  marl_flow_batch_destroy(&batch);
}

static void what_lanes_cannot_do_is_said_and_done_by_the_solver(void) {
  static const Recipe dynamic = {"dynamic_leith", {"local", "true", NULL}},
                      gradient = {"gradient4", {NULL}};
  const struct {
    const Recipe *recipe;
    int n;
    MarlIntegrator integrator;
    MarlAdvectionForm advection;
    const char *why;
  } cases[] = {{&recipes[0], 32, MARL_IFRK4, MARL_ADVECTION_BASDEVANT, "integrator"},
               {&recipes[0], 32, MARL_IFAB2, MARL_ADVECTION_SKEW_SYMMETRIC, "advection"},
               {&recipes[0], 40, MARL_IFAB2, MARL_ADVECTION_BASDEVANT, "transforms for 16"},
               {&recipes[0], 72, MARL_IFAB2, MARL_ADVECTION_BASDEVANT, "transforms for 16"},
               {&dynamic, 32, MARL_IFAB2, MARL_ADVECTION_BASDEVANT, "closure"},
               {&gradient, 32, MARL_IFAB2, MARL_ADVECTION_BASDEVANT, "closure"}};
  MarlFlowBatch *batch = make_batch(MARL_PRECISION_FLOAT);
  for (size_t c = 0; c < sizeof cases / sizeof cases[0]; ++c) {
    Flow lane, alone;
    MarlSolverParams p = forced(cases[c].n, 1);
    p.integrator = cases[c].integrator;
    p.advection = cases[c].advection;
    begin(&lane, &p, cases[c].recipe, 1);
    begin(&alone, &p, cases[c].recipe, 1);
    const char *why = marl_flow_batch_alone(lane.solver);
    CU_ASSERT_PTR_NOT_NULL_FATAL(why);
    CU_ASSERT_PTR_NOT_NULL(strstr(why, cases[c].why));
    step_all(batch, &lane, 1, 5);
    take_steps(alone.solver, 5);
    same_bits(&lane, &alone);
    end(&lane);
    end(&alone);
  }
  marl_flow_batch_destroy(&batch);
}

static CU_TestInfo tests[] = {
    {"a lane steps as the solver does, under every closure and forcing",
     a_lane_steps_as_the_solver_does_under_every_closure_and_forcing},
    {"and under every dealiasing, with beta and drag",
     under_every_dealiasing_and_with_beta_and_drag},
    {"and on grids of every length, square or not", on_grids_of_every_length_square_or_not},
    {"coefficients that vary and are held give the same stress",
     coefficients_that_vary_and_are_held_give_the_same_stress},
    {"in float a lane is the flow to seven digits", in_float_a_lane_is_the_flow_to_seven_digits},
    {"bits do not depend on company, order or calls", bits_do_not_depend_on_company_order_or_calls},
    {"dynamic coefficients change no bit of a flow beside them",
     dynamic_coefficients_change_no_bit_of_a_flow_beside_them},
    {"a flow that blows up says so and leaves its neighbors alone",
     a_flow_that_blows_up_says_so_and_leaves_its_neighbors_alone},
    {"what lanes cannot do is said and done by the solver",
     what_lanes_cannot_do_is_said_and_done_by_the_solver},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"flow_batch", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
