/* ctest: ranks=1,2,4 */
/* Online statistics of known fields, and their exact restart. */
#include "physics/statistics.h"

#include "physics/flux.h"
#include "tests/unit.h"

enum { N = 32, HALF = N / 2, CUT = 16 };
static const double pi = 3.14159265358979323846;
static MarlError err;

static MarlSolver *start(double (*vorticity)(double x, double y)) {
  MarlSolverParams params = marl_solver_defaults(N);
  MarlSolver *solver;
  UNIT_OK(marl_solver_create(&params, MPI_COMM_WORLD, &solver, &err));
  const MarlGrid *grid = marl_solver_grid(solver);
  double *w = marl_fft_alloc_physical(grid);
  for (size_t i = 0; i < grid->num_physical; ++i)
    w[i] = vorticity((double)(i % N) * 2 * pi / N, (double)(grid->y0 + (int)(i / N)) * 2 * pi / N);
  UNIT_OK(marl_solver_set_vorticity(solver, w, &err));
  marl_fft_free(w);
  return solver;
}

static MarlStatistics *collect(MarlSolver *solver, int samples) {
  const MarlStatisticsParams params = {
      .pdf_range = 12.0, .pdf_bins = 24, .block = 2, .num_sizes = 1, .sizes = {CUT}};
  MarlStatistics *statistics;
  UNIT_OK(marl_statistics_create(marl_solver_grid(solver), &params, &statistics, &err));
  for (int i = 0; i < samples; ++i) {
    UNIT_OK(marl_statistics_add(statistics, solver, &err));
    UNIT_OK(marl_solver_step(solver, 20, &err));
  }
  return statistics;
}

/* One wave inside the cut, one beyond it in x only. */
static double two_waves(double x, double y) {
  return 2 * cos(3 * x) + cos(9 * x + 2 * y);
}

/* Many waves of one triad family, for a flux. */
static double eddies(double x, double y) {
  return 3 * cos(2 * x + y) + 2 * sin(x - 3 * y) + 1.5 * cos(4 * x + 2 * y) + sin(5 * x - y);
}

static void read(MarlStore *store, const char *name, size_t n, double *out) {
  UNIT_OK(marl_store_read(store, name, MARL_F64, n, out, &err));
}

static void spectra_of_two_waves_are_those_by_hand(void) {
  MarlSolver *solver = start(two_waves);
  MarlStatistics *statistics = collect(solver, 1);
  MarlStore *store;
  double s[HALF], cut[CUT / 2], filtered[CUT / 2];
  UNIT_OK(marl_store_create_memory(&store, &err));
  UNIT_OK(marl_statistics_write(statistics, store, &err));
  // 2 cos(3x): |w_hat|^2 = 1 at kx = +-3, ky = 0; cos(9x + 2y): 1/4 at (9, 2) and (-9, -2)
  read(store, "spectrum/enstrophy_x", HALF, s);
  UNIT_NEAR(s[3], 0.5, 1e-14);
  UNIT_NEAR(s[9], 0.125, 1e-14);
  UNIT_NEAR(s[0], 0.0, 1e-14);
  read(store, "spectrum/enstrophy_y", HALF, s);
  UNIT_NEAR(s[0], 1.0, 1e-14);
  UNIT_NEAR(s[2], 0.125, 1e-14);
  read(store, "spectrum/enstrophy", HALF, s);
  UNIT_NEAR(s[0], 0.5, 1e-14);
  UNIT_NEAR(s[2], 0.0625, 1e-14);
  // the cut loses the wave at kx = 9 wholly, at k = 2 of the mean spectrum too
  read(store, "spectrum_n16/enstrophy_truncated", CUT / 2, cut);
  UNIT_NEAR(cut[3], 0.25, 1e-14);
  UNIT_NEAR(cut[2], 0.0, 1e-14);
  // a Gaussian of width 2 L / 16 takes exp(-k^2 D^2 / 24) of the amplitude
  read(store, "spectrum_n16/enstrophy_filtered", CUT / 2, filtered);
  const double width = 4 * pi / CUT;
  UNIT_NEAR(filtered[3], 0.25 * exp(-9 * width * width / 12), 1e-14);
  double deviation;
  MarlStore *pdf;
  UNIT_OK(marl_store_group_open(store, "pdf", &pdf, &err));
  UNIT_OK(marl_store_get_real(pdf, "density", "standard_deviation", &deviation, &err));
  UNIT_NEAR(deviation, sqrt(2.5), 1e-13);
  marl_store_close(&pdf);
  marl_store_close(&store);
  marl_statistics_destroy(&statistics);
  marl_solver_destroy(&solver);
}

static void advection_moves_enstrophy_between_scales_without_loss(void) {
  MarlSolver *solver = start(eddies);
  const MarlFlow *flow = marl_solver_flow(solver, MARL_FLUX_NEEDS);
  double *product = marl_fft_alloc_physical(flow->grid);
  MarlComplex *advection = marl_fft_alloc_spectral(flow->grid);
  double energy[HALF], enstrophy[HALF], largest = 0.0;
  marl_flux_advection(flow, product, advection);
  marl_flux_shells(flow, advection, HALF, energy, enstrophy);
  for (int k = 0; k < HALF; ++k) largest = fmax(largest, fabs(enstrophy[k]));
  CU_ASSERT(largest > 0.1);
  // <w u.grad w> = <psi u.grad w> = 0: everything that leaves low wavenumbers arrives higher up
  UNIT_NEAR(enstrophy[HALF - 1], 0.0, 1e-13 * largest);
  UNIT_NEAR(energy[HALF - 1], 0.0, 1e-13 * largest);
  double cut_energy, cut_enstrophy;
  marl_flux_cut(flow, advection, HALF, &cut_energy, &cut_enstrophy);
  UNIT_NEAR(cut_enstrophy, 0.0, 1e-13 * largest);
  marl_fft_free(product);
  marl_fft_free(advection);
  marl_solver_destroy(&solver);
}

/* One triad: th1 = y, th2 = 2x + y, and th2 - th1 = 2x with amplitude 0.7. */
static double triad(double x, double y) {
  return 2 * cos(y) + cos(2 * x + y) + 0.7 * cos(2 * x);
}

static void flux_of_a_triad_is_the_one_by_hand(void) {
  // For waves p, q of psi_p = w_p / |p|^2 the advection psi_y w_x - psi_x w_y has the term
  //   psi_p psi_q (|q|^2 - |p|^2) (py qx - px qy) sin(th_p) sin(th_q)
  // p = (2, 1), q = (2, 0): (1/5) (0.7/4) (4 - 5) (2) sin sin = -0.07 sin sin, of which
  // cos(th_p - th_q) / 2 = cos(y) / 2 meets w_1 = 2 cos(y): <w_1 J> = 2 (-0.035) / 2 = -0.035.
  // So the largest wave gains: the flux through K = 1 is -0.035, and <psi_1 J> the same (|k| = 1).
  MarlSolver *solver = start(triad);
  const MarlFlow *flow = marl_solver_flow(solver, MARL_FLUX_NEEDS);
  double *product = marl_fft_alloc_physical(flow->grid);
  MarlComplex *advection = marl_fft_alloc_spectral(flow->grid);
  double energy[HALF], enstrophy[HALF];
  marl_flux_advection(flow, product, advection);
  marl_flux_shells(flow, advection, HALF, energy, enstrophy);
  UNIT_NEAR(enstrophy[0], 0.0, 1e-14);
  UNIT_NEAR(enstrophy[1], -0.035, 1e-14);
  UNIT_NEAR(energy[1], -0.035, 1e-14);
  UNIT_NEAR(enstrophy[3], 0.0, 1e-14);
  marl_fft_free(product);
  marl_fft_free(advection);
  marl_solver_destroy(&solver);
}

static void statistics_go_on_exactly_after_a_restart(void) {
  MarlSolver *solver = start(eddies), *again = start(eddies);
  MarlStatistics *whole = collect(solver, 6), *first = collect(again, 3), *second;
  MarlStore *store = NULL, *written[2];
  int rank;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  const MarlStatisticsParams params = {
      .pdf_range = 12.0, .pdf_bins = 24, .block = 2, .num_sizes = 1, .sizes = {CUT}};
  UNIT_OK(marl_statistics_create(marl_solver_grid(again), &params, &second, &err));
  if (rank == 0) {
    UNIT_OK(marl_store_create_memory(&store, &err));
    UNIT_OK(marl_statistics_save(first, store, &err));
  }
  UNIT_OK(marl_statistics_load(second, store, &err));
  for (int i = 0; i < 3; ++i) {
    UNIT_OK(marl_statistics_add(second, again, &err));
    UNIT_OK(marl_solver_step(again, 20, &err));
  }
  CU_ASSERT_EQUAL(marl_statistics_count(second), 6);
  static const char *const names[] = {"spectrum/enstrophy", "spectrum/enstrophy_error",
                                      "spectrum/energy_flux_std", "spectrum_n16/energy_filtered"};
  MarlStatistics *both[] = {whole, second};
  for (int s = 0; s < 2; ++s) {
    UNIT_OK(marl_store_create_memory(&written[s], &err));
    UNIT_OK(marl_statistics_write(both[s], written[s], &err));
  }
  for (size_t i = 0; i < 4; ++i) {
    double a[HALF], b[HALF];
    const size_t n = i == 3 ? CUT / 2 : HALF;
    read(written[0], names[i], n, a);
    read(written[1], names[i], n, b);
    UNIT_BITS_EQUAL(a, b, n * sizeof *a);
  }
  for (int s = 0; s < 2; ++s) marl_store_close(&written[s]);
  if (store != NULL) marl_store_close(&store);
  marl_statistics_destroy(&whole);
  marl_statistics_destroy(&first);
  marl_statistics_destroy(&second);
  marl_solver_destroy(&solver);
  marl_solver_destroy(&again);
}

static void sizes_that_do_not_fit_are_refused(void) {
  MarlSolver *solver = start(eddies);
  MarlStatistics *statistics;
  MarlStatisticsParams params = {
      .pdf_range = 12.0, .pdf_bins = 24, .block = 2, .num_sizes = 1, .sizes = {N}};
  UNIT_ERROR(marl_statistics_create(marl_solver_grid(solver), &params, &statistics, &err),
             MARL_ECONFIG, "below the 32 points");
  params.block = 0;
  UNIT_ERROR(marl_statistics_create(marl_solver_grid(solver), &params, &statistics, &err),
             MARL_ECONFIG, "at least 1");
  marl_solver_destroy(&solver);
}

static CU_TestInfo tests[] = {
    {"spectra of two waves are those by hand", spectra_of_two_waves_are_those_by_hand},
    {"advection moves enstrophy between scales without loss",
     advection_moves_enstrophy_between_scales_without_loss},
    {"flux of a triad is the one by hand", flux_of_a_triad_is_the_one_by_hand},
    {"statistics go on exactly after a restart", statistics_go_on_exactly_after_a_restart},
    {"sizes that do not fit are refused", sizes_that_do_not_fit_are_refused},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"statistics", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
