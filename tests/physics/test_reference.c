/* ctest: ranks=1,2 timeout=300 */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
/* A small reference run: interrupted and resumed it is the same, and what is written is read. */
#include "physics/reference.h"

#include "physics/filter.h"
#include "physics/reference_run.h"
#include "tests/unit.h"

static MarlError err;
static char path[128]; /* the file, on rank 0 */
static char folder[64] = "/tmp/marl-reference-XXXXXX";
static int rank;

static int make_folder(void) {
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  if (rank == 0 && mkdtemp(folder) == NULL) return 1;
  MPI_Bcast(folder, sizeof folder, MPI_CHAR, 0, MPI_COMM_WORLD);
  snprintf(path, sizeof path, "%s/reference.h5", folder);
  return 0;
}

static int remove_folder(void) {
  char command[96];
  MPI_Barrier(MPI_COMM_WORLD);
  snprintf(command, sizeof command, "rm -rf '%s'", folder);
  return rank == 0 ? system(command) : 0;
}

static MarlReferenceRunParams small_run(void) {
  MarlReferenceRunParams params = {
      .flow = marl_solver_defaults(32),
      .coarse_n = 16,
      .coarse_time = 0.3,
      .spinup = 0.2,
      .sampling = 1.0,
      .sample_every = 0.1,
      .statistics = {.pdf_range = 40.0, .pdf_bins = 80, .block = 2, .num_sizes = 1, .sizes = {16}},
      .num_initial_sizes = 1,
      .initial_sizes = {16},
      .initial_samples = 3,
      .held_out = 1};
  params.flow.viscosity = 1e-3;
  params.flow.integrator = MARL_IFRK4;
  params.flow.dt = 0.01;
  params.flow.cfl = 0.9;
  return params;
}

static MarlReferenceRun *start_for(double sampling) {
  MarlReferenceRunParams params = small_run();
  params.sampling = sampling;
  MarlReferenceRun *run;
  UNIT_OK(marl_reference_run_create(&params, MPI_COMM_WORLD, &run, &err));
  MarlSolver *solver = marl_reference_run_solver(run);
  const MarlGrid *grid = marl_solver_grid(solver);
  double *w = marl_fft_alloc_physical(grid);
  for (size_t i = 0; i < grid->num_physical; ++i) {
    const double x = (double)(i % (size_t)grid->nx) * grid->lx / grid->nx;
    const double y = (double)(grid->y0 + (int)(i / (size_t)grid->nx)) * grid->ly / grid->ny;
    w[i] = 3 * cos(2 * x) * cos(y) + 2 * sin(x - 3 * y) + cos(3 * x + 1) * sin(2 * y);
  }
  UNIT_OK(marl_solver_set_vorticity(solver, w, &err));
  marl_fft_free(w);
  return run;
}

static MarlReferenceRun *start(void) {
  return start_for(1.0);
}

static void finish(MarlReferenceRun *run) {
  while (marl_reference_run_phase(run) != MARL_REFERENCE_DONE)
    UNIT_OK(marl_reference_run_advance(run, &err));
}

/* Rank 0's file of a finished run, in memory. */
static void image(const MarlReferenceRun *run, void **bytes, size_t *size) {
  MarlStore *store;
  UNIT_OK(marl_store_create_memory(&store, &err));
  UNIT_OK(marl_reference_run_write(run, store, &err));
  UNIT_OK(marl_store_image(store, bytes, size, &err));
  marl_store_close(&store);
}

static void a_run_resumed_in_any_phase_gives_the_same_file(void) {
  MarlReferenceRun *whole = start();
  void *expected = NULL, *got = NULL;
  size_t expected_size = 0, size = 0;
  finish(whole);
  CU_ASSERT_EQUAL(marl_statistics_count(marl_reference_run_statistics(whole)), 10);
  if (rank == 0) image(whole, &expected, &expected_size);
  marl_reference_run_destroy(&whole);
  const int stops[] = {1, 4, 9}; /* on the coarse grid, in the spin-up, in the sampling */
  for (int s = 0; s < 3; ++s) {
    MarlReferenceRun *first = start(), *second;
    MarlStore *store = NULL;
    const MarlReferenceRunParams params = small_run();
    for (int i = 0; i < stops[s]; ++i) UNIT_OK(marl_reference_run_advance(first, &err));
    CU_ASSERT_EQUAL((int)marl_reference_run_phase(first), s);
    if (rank == 0) UNIT_OK(marl_store_create_memory(&store, &err));
    UNIT_OK(marl_reference_run_save(first, store, &err));
    marl_reference_run_destroy(&first);
    UNIT_OK(marl_reference_run_create(&params, MPI_COMM_WORLD, &second, &err));
    UNIT_OK(marl_reference_run_load(second, store, &err));
    if (store != NULL) marl_store_close(&store);
    finish(second);
    if (rank == 0) {
      image(second, &got, &size);
      CU_ASSERT_EQUAL(size, expected_size);
      UNIT_BITS_EQUAL(got, expected, expected_size);
      free(got);
    }
    marl_reference_run_destroy(&second);
  }
  free(expected);
}

/* The state of `from` in a run of `sampling` time units; both are of small_run else. */
static MarlCode hand_over(MarlReferenceRun *from, double sampling, MarlReferenceRun **to) {
  MarlReferenceRunParams params = small_run();
  MarlStore *store = NULL;
  params.sampling = sampling;
  if (rank == 0) UNIT_OK(marl_store_create_memory(&store, &err));
  UNIT_OK(marl_reference_run_save(from, store, &err));
  UNIT_OK(marl_reference_run_create(&params, MPI_COMM_WORLD, to, &err));
  const MarlCode code = marl_reference_run_load(*to, store, &err);
  if (store != NULL) marl_store_close(&store);
  return code;
}

/* 0.55 ends between two samples; from 7 samples on every second candidate is dropped. */
static void a_finished_run_prolonged_is_one_that_was_that_long(void) {
  MarlReferenceRun *whole = start_for(1.0), *first = start_for(0.55), *second;
  void *expected = NULL, *got = NULL;
  size_t expected_size = 0, size = 0;
  finish(whole);
  finish(first);
  CU_ASSERT_EQUAL(marl_statistics_count(marl_reference_run_statistics(first)), 5);
  UNIT_OK(hand_over(first, 1.0, &second));
  CU_ASSERT_EQUAL(marl_reference_run_phase(second), MARL_REFERENCE_SAMPLING);
  finish(second);
  if (rank == 0) {
    image(whole, &expected, &expected_size);
    image(second, &got, &size);
    CU_ASSERT_EQUAL_FATAL(size, expected_size);
    UNIT_BITS_EQUAL(got, expected, expected_size);
    free(got);
    free(expected);
  }
  marl_reference_run_destroy(&whole);
  marl_reference_run_destroy(&first);
  marl_reference_run_destroy(&second);
}

static void a_finished_run_is_not_made_shorter(void) {
  MarlReferenceRun *first = start_for(1.0), *second, *same;
  finish(first);
  UNIT_ERROR(hand_over(first, 0.6, &second), MARL_ECONFIG, "choose a later one (time.end)");
  UNIT_OK(hand_over(first, 1.0, &same));
  CU_ASSERT_EQUAL(marl_reference_run_phase(same), MARL_REFERENCE_DONE);
  marl_reference_run_destroy(&first);
  marl_reference_run_destroy(&second);
  marl_reference_run_destroy(&same);
}

/* The flow cut to 16 x 16, in single precision. */
static void cut_field(MarlReferenceRun *run, float field[16 * 16]) {
  const MarlSolver *solver = marl_reference_run_solver(run);
  const MarlGrid *grid = marl_solver_grid(solver);
  MarlGrid *cut;
  MarlFft *fft;
  UNIT_OK(marl_grid_create(16, 16, grid->lx, grid->ly, MPI_COMM_SELF, &cut, &err));
  UNIT_OK(marl_fft_create(cut, &fft, &err));
  MarlComplex *w_hat = marl_fft_alloc_spectral(cut);
  double *w = marl_fft_alloc_physical(cut);
  marl_filter_truncate(grid, marl_solver_w_hat(solver), cut, w_hat);
  marl_fft_inverse(fft, w_hat, w);
  for (int i = 0; i < 16 * 16; ++i) field[i] = (float)w[i];
  marl_fft_free(w_hat);
  marl_fft_free(w);
  marl_fft_destroy(&fft);
  marl_grid_destroy(&cut);
}

/* Of 10 samples the candidates are 2, 4, .. 10 (at most two for each of three fields), of which the
 * first, the third and the fifth are taken. */
static void initial_fields_are_spread_over_the_whole_run(void) {
  static float seen[11][16 * 16], taken[3][16 * 16];
  MarlReferenceRun *run = start();
  while (marl_reference_run_phase(run) != MARL_REFERENCE_DONE) {
    UNIT_OK(marl_reference_run_advance(run, &err));
    const int64_t sample = marl_statistics_count(marl_reference_run_statistics(run));
    if (sample > 0) cut_field(run, seen[sample]);
  }
  if (rank == 0) {
    MarlStore *store, *initial;
    UNIT_OK(marl_store_create_memory(&store, &err));
    UNIT_OK(marl_reference_run_write(run, store, &err));
    UNIT_OK(marl_store_group_open(store, "initial", &initial, &err));
    UNIT_OK(marl_store_read(initial, "n16", MARL_F32, sizeof taken / sizeof taken[0][0], taken[0],
                            &err));
    marl_store_close(&initial);
    marl_store_close(&store);
    for (int s = 0; s < 3; ++s) UNIT_BITS_EQUAL(taken[s], seen[4 * s + 2], sizeof taken[s]);
  }
  marl_reference_run_destroy(&run);
}

static void write_file(void) {
  MarlReferenceRun *run = start();
  finish(run);
  if (rank == 0) {
    MarlStore *store;
    UNIT_OK(marl_store_create(path, &store, &err));
    UNIT_OK(marl_reference_run_write(run, store, &err));
    UNIT_OK(marl_store_commit(&store, &err));
  }
  marl_reference_run_destroy(&run);
}

static void what_is_written_is_read(void) {
  write_file();
  if (rank != 0) return;
  MarlReference *reference;
  UNIT_OK(marl_reference_read(path, &reference, &err));
  UNIT_NEAR(reference->reynolds, 1000.0, 1e-9);
  UNIT_NEAR(reference->forcing.wavenumber, 4.0, 0.0);
  CU_ASSERT_EQUAL(reference->dns_resolution, 32);
  // four right-hand sides a step, whose length is at most 0.01
  CU_ASSERT(reference->evaluations_per_time >= 4 / 0.01 * (1 - 1e-9));
  CU_ASSERT_EQUAL_FATAL(reference->enstrophy.n, 16);
  CU_ASSERT_PTR_NOT_NULL(reference->enstrophy.deviation);
  CU_ASSERT_PTR_NOT_NULL(reference->enstrophy_x.error);

  // Parseval joins spectrum and moments: s(0) + 2 sum s(k) = sigma^2 / 2, to round-off of sums
  double sum = -reference->enstrophy.mean[0];
  for (int k = 0; k < 16; ++k) sum += 2 * reference->enstrophy.mean[k];
  UNIT_NEAR(sum, 0.5 * reference->pdf.deviation * reference->pdf.deviation, 1e-10 * sum);

  const MarlReferenceSize *cut = marl_reference_size(reference, 16);
  CU_ASSERT_PTR_NOT_NULL_FATAL(cut);
  CU_ASSERT_PTR_NULL(marl_reference_size(reference, 8));
  CU_ASSERT_EQUAL(cut->enstrophy_truncated.n, 8);
  CU_ASSERT(cut->has_flux);
  // a maximum a sample; the largest value of all is beyond every deviation
  CU_ASSERT_EQUAL(reference->maxima.n, cut->maxima_truncated.n);
  CU_ASSERT(reference->maxima.n > 0 && reference->maxima.interval > 0);
  for (int i = 0; i < reference->maxima.n; ++i)
    CU_ASSERT(reference->maxima.largest[i] > reference->pdf.deviation);
  for (int k = 0; k < 8; ++k) {
    // a cut field has fewer modes in each sum, a filtered one smaller modes
    CU_ASSERT(cut->enstrophy_truncated.mean[k] <= reference->enstrophy.mean[k]);
    CU_ASSERT(cut->enstrophy_filtered.mean[k] <= cut->enstrophy_truncated.mean[k]);
  }
  CU_ASSERT(cut->truncated.deviation <= reference->pdf.deviation);
  CU_ASSERT_EQUAL(marl_reference_num_initial(reference, 16), 3);
  CU_ASSERT_EQUAL(marl_reference_num_training(reference, 16), 2);

  double w[2][16 * 16];
  for (int s = 0; s < 2; ++s) UNIT_OK(marl_reference_initial(reference, 16, s, w[s], &err));
  CU_ASSERT(memcmp(w[0], w[1], sizeof w[0]) != 0);
  UNIT_ERROR(marl_reference_initial(reference, 64, 0, w[0], &err), MARL_ECONFIG, "it has: 16");
  UNIT_ERROR(marl_reference_initial(reference, 16, 3, w[0], &err), MARL_ECONFIG, "no sample 3");
  marl_reference_destroy(&reference);
}

static void a_foreign_file_is_refused(void) {
  if (rank != 0) return;
  MarlReference *reference;
  UNIT_ERROR(marl_reference_read("/nonexistent.h5", &reference, &err), MARL_EIO, "nonexistent");
  char other[160];
  MarlStore *store;
  snprintf(other, sizeof other, "%s/other.h5", folder);
  UNIT_OK(marl_store_create(other, &store, &err));
  UNIT_OK(marl_store_commit(&store, &err));
  UNIT_ERROR(marl_reference_read(other, &reference, &err), MARL_EIO, "other.h5");
}

static void a_run_without_samples_is_refused(void) {
  MarlReferenceRunParams params = small_run();
  MarlReferenceRun *run;
  params.sampling = 0.05;
  UNIT_ERROR(marl_reference_run_create(&params, MPI_COMM_WORLD, &run, &err), MARL_ECONFIG,
             "no sample");
  params = small_run();
  params.held_out = 3;
  UNIT_ERROR(marl_reference_run_create(&params, MPI_COMM_WORLD, &run, &err), MARL_ECONFIG,
             "at least one");
  params = small_run();
  params.initial_samples = 11;
  UNIT_ERROR(marl_reference_run_create(&params, MPI_COMM_WORLD, &run, &err), MARL_ECONFIG,
             "11 initial fields out of 10 samples");
  params = small_run();
  params.initial_sizes[0] = 64;
  UNIT_ERROR(marl_reference_run_create(&params, MPI_COMM_WORLD, &run, &err), MARL_ECONFIG,
             "larger than the grid");
}

static CU_TestInfo tests[] = {
    {"a run resumed in any phase gives the same file",
     a_run_resumed_in_any_phase_gives_the_same_file},
    {"a finished run prolonged is one that was that long",
     a_finished_run_prolonged_is_one_that_was_that_long},
    {"a finished run is not made shorter", a_finished_run_is_not_made_shorter},
    {"initial fields are spread over the whole run", initial_fields_are_spread_over_the_whole_run},
    {"what is written is read", what_is_written_is_read},
    {"a foreign file is refused", a_foreign_file_is_refused},
    {"a run without samples is refused", a_run_without_samples_is_refused},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"reference", make_folder, remove_folder, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
