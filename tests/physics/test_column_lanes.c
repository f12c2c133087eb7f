/* A flow whose columns are lanes: against the same flow by FFTW, and what its bits may not depend on. */
#include "physics/column_lanes.h"

#include <string.h>

#include "tests/physics/flow_fields.h"

typedef struct Setting {
  int nx, ny;
  MarlDealias dealias;
  double beta;
  MarlForcing forcing;
} Setting;

static const MarlForcing waves = {
    .ops = &marl_forcing_kolmogorov, .wavenumber = 4, .amplitude = 1, .in_x = true, .in_y = true};
static const MarlForcing half = {.ops = &marl_forcing_kolmogorov_half,
                                 .wavenumber = 4,
                                 .amplitude = 1,
                                 .in_x = true,
                                 .in_y = true};
static const MarlForcing ring = {
    .ops = &marl_forcing_ring, .wavenumber = 4, .width = 2, .injection = 1};

static MarlSolver *make(const Setting *setting, MarlTransform transform) {
  MarlSolverParams p = marl_solver_defaults(setting->nx);
  p.ny = setting->ny;
  p.ly = p.lx * setting->ny / setting->nx;
  p.dealias = setting->dealias;
  p.beta = setting->beta;
  p.forcing = setting->forcing;
  p.transform = transform;
  p.dt = 0.05 / setting->nx;
  MarlSolver *s = make_solver(&p);
  const double top = 3;
  start_from(s, smooth_field, &top);
  return s;
}

/* The largest difference of two fields over the largest number. */
static double difference(const MarlSolver *a, const MarlSolver *b) {
  const MarlComplex *x = marl_solver_w_hat(a), *y = marl_solver_w_hat(b);
  double worst = 0, largest = 0;
  for (size_t i = 0; i < marl_solver_grid(a)->num_spectral; ++i) {
    worst = fmax(worst, cabs(x[i] - y[i]));
    largest = fmax(largest, cabs(y[i]));
  }
  return worst / largest;
}

/* Steps of two transforms whose errors are eps log2 n each; 25 steps add 25 such errors of N, each times dt |N|,
 * which is below the vorticity by dt u k < .1. 1e-13 is what flows as lanes are held to as well. */
static void a_step_is_that_of_the_solver_by_fftw(void) {
  const Setting settings[] = {
      {32, 32, MARL_DEALIAS_TWO_THIRDS, 0, waves}, {64, 48, MARL_DEALIAS_TWO_THIRDS, 7, half},
      {48, 64, MARL_DEALIAS_PADDING, 0, ring},     {32, 32, MARL_DEALIAS_PADDING, 3, waves},
      {48, 24, MARL_DEALIAS_NONE, 0, waves},       {256, 256, MARL_DEALIAS_TWO_THIRDS, 2, ring},
      {16, 96, MARL_DEALIAS_PADDING, 1, ring},
  };
  for (size_t i = 0; i < sizeof settings / sizeof *settings; ++i) {
    MarlSolver *lanes = make(&settings[i], MARL_TRANSFORM_CODELETS);
    MarlSolver *fftw = make(&settings[i], MARL_TRANSFORM_FFTW);
    take_steps(lanes, 25);
    take_steps(fftw, 25);
    CU_ASSERT(difference(lanes, fftw) > 0); /* another program, or there is nothing to test */
    UNIT_NEAR(difference(lanes, fftw), 0, 1e-13);
    marl_solver_destroy(&lanes);
    marl_solver_destroy(&fftw);
  }
}

static void bits_do_not_depend_on_how_steps_are_called(void) {
  const Setting setting = {48, 32, MARL_DEALIAS_TWO_THIRDS, 3, ring};
  MarlSolver *whole = make(&setting, MARL_TRANSFORM_CODELETS);
  MarlSolver *parts = make(&setting, MARL_TRANSFORM_CODELETS);
  take_steps(whole, 14);
  for (int i = 0; i < 7; ++i) take_steps(parts, 1);
  take_steps(parts, 7);
  UNIT_BITS_EQUAL(marl_solver_w_hat(whole), marl_solver_w_hat(parts),
                  marl_solver_grid(whole)->num_spectral * sizeof(MarlComplex));
  marl_solver_destroy(&whole);
  marl_solver_destroy(&parts);
}

/* The forcing, which lanes have in a list of their own, and beta, which they may have had no array for. */
static void a_flow_that_changes_is_that_of_fftw(void) {
  const Setting setting = {32, 32, MARL_DEALIAS_TWO_THIRDS, 0, waves};
  MarlError err;
  MarlSolver *s[2] = {make(&setting, MARL_TRANSFORM_CODELETS), make(&setting, MARL_TRANSFORM_FFTW)};
  for (int i = 0; i < 2; ++i) {
    take_steps(s[i], 5);
    MarlSolverParams p = *marl_solver_params(s[i]);
    p.forcing.wavenumber = 6;
    p.beta = 4;
    p.linear_drag = 0.5;
    UNIT_OK(marl_solver_change_flow(s[i], &p, &err));
    take_steps(s[i], 20);
  }
  UNIT_NEAR(difference(s[0], s[1]), 0, 1e-13); /* as above */
  for (int i = 0; i < 2; ++i) marl_solver_destroy(&s[i]);
}

/* Velocities to products to a new vorticity, on one rank, in vectors of one kind. */
static void update_once(const MarlColumnLanesOps *ops, const MarlGrid *grid, bool rotates,
                        MarlComplex *w) {
  MarlError err;
  MarlColumnLanes *l;
  UNIT_OK(marl_column_lanes_create(grid, rotates, ops, &l, &err));
  marl_column_lanes_load(l, w, l->w);
  const size_t size = grid->num_spectral;
  double *even = malloc(2 * size * sizeof *even);
  for (size_t i = 0; i < 2 * size; ++i) even[i] = cos((double)i);
  marl_column_lanes_load_even(l, 1, even, l->decay);
  if (rotates) marl_column_lanes_load_even(l, 2, even, l->rotation);
  for (int step = 0; step < 2; ++step) {
    for (int b = 0; b < l->blocks; ++b) ops->begin(l, b);
    ops->square(l, NULL);
    for (int b = 0; b < l->blocks; ++b) {
      ops->finish(l, b);
      ops->update(l, b, 1.5e-2, 0.5e-2);
    }
    double *older = l->old;
    l->old = l->now;
    l->now = older;
  }
  marl_column_lanes_store(l, l->w, w);
  free(even);
  marl_column_lanes_destroy(&l);
}

static void every_kind_of_vector_gives_the_same_bits(void) {
  const Setting setting = {64, 48, MARL_DEALIAS_TWO_THIRDS, 0, waves};
  MarlSolver *s = make(&setting, MARL_TRANSFORM_CODELETS);
  const MarlGrid *grid = marl_solver_grid(s);
  const size_t size = grid->num_spectral * sizeof(MarlComplex);
  MarlComplex *first = malloc(size), *w = malloc(size);
  for (int rotates = 0; rotates < 2; ++rotates) {
    bool found = false;
    for (const MarlColumnLanesOps *const *ops = marl_column_lanes_kinds; *ops != NULL; ++ops) {
#ifdef __FMA__
      const bool fused = true;
#else
      const bool fused = (*ops)->lines->fused;
#endif
      if (!(*ops)->lines->here() || !fused) continue;
      memcpy(w, marl_solver_w_hat(s), size);
      update_once(*ops, grid, rotates != 0, w);
      if (!found) memcpy(first, w, size);
      found = true;
      UNIT_BITS_EQUAL(w, first, size);
      CU_ASSERT(memcmp(w, marl_solver_w_hat(s), size) != 0);
    }
  }
  free(first);
  free(w);
  marl_solver_destroy(&s);
}

/* A number that is not finite must be met by the check of every tenth step. */
static void a_blow_up_is_noticed(void) {
  const Setting setting = {32, 32, MARL_DEALIAS_TWO_THIRDS, 0, waves};
  MarlSolver *s = make(&setting, MARL_TRANSFORM_CODELETS);
  MarlSolverParams p = *marl_solver_params(s);
  p.forcing.amplitude = 1e200;
  MarlError err;
  UNIT_OK(marl_solver_change_flow(s, &p, &err));
  UNIT_ERROR(marl_solver_step(s, 30, &err), MARL_ENUMERIC, "not finite");
  marl_solver_destroy(&s);
}

static CU_TestInfo tests[] = {
    {"a step is that of the solver by FFTW", a_step_is_that_of_the_solver_by_fftw},
    {"bits do not depend on how steps are called", bits_do_not_depend_on_how_steps_are_called},
    {"a flow that changes is that of FFTW", a_flow_that_changes_is_that_of_fftw},
    {"every kind of vector gives the same bits", every_kind_of_vector_gives_the_same_bits},
    {"a blow-up is noticed", a_blow_up_is_noticed},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"column lanes", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
