/* ctest: label=unit ranks=1,2,4 */
/* `marl tune`: its objective is the one that is documented, and its searches are repeated. */
#include "envs/turbulence/tuning.h"

#include "envs/turbulence/closures.h"
#include "physics/spectrum.h"
#include "tests/envs/reference_case.h"

/* Section evaluate of short runs against a small reference, and section tune. */
static MarlSection *evaluation(void) {
  static const char *const settings[][2] = {
      {"resolution", "16"}, {"dt", "2e-3"},           {"fields", "all"}, {"spinup", "0.1"},
      {"time", "0.4"},      {"sample_every", "0.04"}, {"block", "0.1"}};
  MarlError err;
  MarlSection *made = NULL;
  UNIT_OK(marl_section_create("evaluate", &marl_evaluate_options, 1, &made, &err));
  UNIT_OK(marl_section_set(made, "reference", case_reference(), "test", &err));
  for (size_t i = 0; i < sizeof settings / sizeof settings[0]; ++i)
    UNIT_OK(marl_section_set(made, settings[i][0], settings[i][1], "test", &err));
  return made;
}

static MarlSection *search_of(const char *const (*settings)[2], size_t count) {
  MarlError err;
  MarlSection *made = NULL;
  UNIT_OK(marl_section_create("tune", &marl_tune_options, 1, &made, &err));
  for (size_t i = 0; i < count; ++i)
    UNIT_OK(marl_section_set(made, settings[i][0], settings[i][1], "test", &err));
  return made;
}
static void end(MarlSection **config, MarlSection **tune) {
  unlink(marl_section_text(*config, "reference"));
  marl_section_destroy(config);
  marl_section_destroy(tune);
}

/* Bins that do not hold the reference's density leave no divergence: without a weight nothing is missing, with one
 * the search is refused before it runs. */
static void a_divergence_that_is_unknown_has_no_weight(MarlScoreTarget *target,
                                                       const double *block) {
  MarlError err;
  double value[MARL_MAX_SCORES], terms[2];
  const char *const settings[][2] = {{"kl_weight", "10"}};
  MarlSection *tune = search_of(settings, 1);
  MarlTuning tuning = {.tune = tune, .kl_weight = 10};
  UNIT_OK(marl_tuning_check_target(&tuning, target, &err));
  target->bins_fit = false;
  marl_score_compute(target, block, 1, value);
  UNIT_NEAR(marl_tuning_objective(target, 0, value, &terms[0], &terms[1]), 0, 1e-11);
  CU_ASSERT(isnan(terms[1]));
  UNIT_ERROR(marl_tuning_check_target(&tuning, target, &err), MARL_ECONFIG, "statistics.pdf_range");
  tuning.kl_weight = 0;
  UNIT_OK(marl_tuning_check_target(&tuning, target, &err));
  marl_section_destroy(&tune);
}

/* The metamorphic truth behind the formula: a run whose spectrum and whose values of vorticity are
 * those of the truncated reference is charged nothing, whatever the weight, and the full field, which
 * has more of both, does not matter. The 1,600 points are dealt to the bins in the shares of the truncated
 * density. */
static void a_perfect_truncated_run_is_charged_nothing(void) {
  enum { N = 40, POINTS = N * N, K = N / 2, BINS = 4 };
  static double w[POINTS], full[K], cut[K];
  static double centers[BINS] = {-1.5, -0.5, 0.5, 1.5};
  static double wide[BINS] = {0.25, 0.25, 0.25, 0.25}, narrow[BINS] = {0.1, 0.4, 0.4, 0.1};
  for (int k = 0; k < K; ++k) full[k] = 2.0 / (1 + k), cut[k] = 1.5 / (1 + k * k);
  for (int i = 0; i < POINTS; ++i) {
    const int tenth = i % 10;
    w[i] = centers[tenth < 1 ? 0 : tenth < 5 ? 1 : tenth < 9 ? 2 : 3];
  }
  MarlReference reference = {
      .path = (char *)"by hand",
      .domain_length = 6.28318530717958648,
      .enstrophy = {.n = K, .mean = full},
      .energy = {.n = K, .mean = cut},
      .pdf = {.n = BINS, .vorticity = centers, .density = wide, .deviation = 1},
      .num_sizes = 1};
  reference.sizes[0] = (MarlReferenceSize){
      .size = N,
      .enstrophy_truncated = {.n = K, .mean = cut},
      .truncated = {.n = BINS, .vorticity = centers, .density = narrow, .deviation = 1}};
  MarlError err;
  MarlScoreTarget *target = NULL;
  UNIT_OK(marl_score_target_create(&reference, N, N / 2, &target, &err));
  double *block = calloc(target->block_size, sizeof *block), value[MARL_MAX_SCORES], terms[2];
  const MarlScoreSample sample = {.spectrum = cut, .vorticity = w, .energy = 1};
  marl_score_block_add(target, &sample, block);
  marl_score_compute(target, block, 1, value);
  // round-off of K logarithms
  UNIT_NEAR(marl_tuning_objective(target, 1000, value, &terms[0], &terms[1]), 0, 1e-11);
  CU_ASSERT(value[marl_score_find("e_log")] > 1 && value[marl_score_find("KL")] > 0.1);
  a_divergence_that_is_unknown_has_no_weight(target, block);
  free(block);
  marl_score_target_destroy(&target);
}

static const double FLOOR_P = 1e-6 / 3, FLOOR_Q = 1e-7 / 3; /* of the divergence: sigma is 3 */

/* ||log of the mean spectrum over the truncated one|| + 10 KL(truncated density || histogram) of the
 * candidate's own runs, computed here sample by sample with formulas of this file's own. */
static double charged(const char *specification, const MarlSection *config) {
  enum { SAMPLES = 3, EVERY = 20, SPINUP = 10, POINTS = CASE_N * CASE_N };
  MarlError err;
  MarlReference *reference = NULL;
  double mean[CASE_N / 2] = {0}, bins[CASE_BINS] = {0}, truncated[CASE_K], density[CASE_BINS];
  const char *path = marl_section_text(config, "reference");
  UNIT_OK(marl_reference_read(path, &reference, &err));
  const int training = marl_reference_num_training(reference, CASE_N);
  for (int field = 0; field < training; ++field) {
    MarlScoreRow row = {.closure = NULL};
    MarlSolverParams params;
    UNIT_OK(marl_les_params(reference, CASE_N, 2e-3, MARL_DEALIAS_PADDING, &params, &err));
    MarlSolver *solver = NULL;
    MarlClosure *closure = NULL;
    double w[POINTS], spectrum[CASE_N / 2];
    UNIT_OK(marl_closure_parse(specification, &row, &err));
    UNIT_OK(marl_solver_create(&params, MPI_COMM_SELF, &solver, &err));
    UNIT_OK(row.closure->create(marl_solver_grid(solver), row.options, &closure, &err));
    marl_solver_set_closure(solver, closure);
    UNIT_OK(marl_reference_initial(reference, CASE_N, field, w, &err));
    UNIT_OK(marl_solver_set_vorticity(solver, w, &err));
    UNIT_OK(marl_solver_step(solver, SPINUP, &err));
    for (int s = 0; s < SAMPLES; ++s) {
      UNIT_OK(marl_solver_step(solver, EVERY, &err));
      const MarlFlow *flow = marl_solver_flow(solver, MARL_NEED_VORTICITY);
      marl_spectrum(flow->grid, flow->w_hat, spectrum);
      for (int k = 0; k < CASE_N / 2; ++k) mean[k] += spectrum[k] / (SAMPLES * training);
      for (int i = 0; i < POINTS; ++i) /* bins of width 1 around -20 .. 20 */
        bins[(int)floor(flow->w[i] + 20.5)] += 1.0 / (POINTS * SAMPLES * training);
    }
    closure->ops->destroy(closure);
    marl_solver_destroy(&solver);
    marl_section_destroy(&row.options);
  }
  marl_reference_destroy(&reference);
  case_spectrum(truncated);
  case_density(2.5, density);
  double squares = 0, divergence = 0;
  for (int k = 0; k < CASE_N / 2; ++k) squares += pow(log(mean[k]) - log(truncated[k]), 2);
  for (int b = 0; b < CASE_BINS; ++b)
    if (density[b] > FLOOR_P) divergence += density[b] * log(density[b] / fmax(bins[b], FLOOR_Q));
  return sqrt(squares) + 10 * divergence;
}

static void a_candidate_is_charged_the_documented_objective(void) {
  static const char *const settings[][2] = {
      {"method", "grid"}, {"start", "0.3"}, {"scale", "0.2"},    {"evaluations", "2"},
      {"spinup", "0.02"}, {"time", "0.12"}, {"kl_weight", "10"}, {"repeats", "1"}};
  MarlError err;
  MarlSection *config = evaluation();
  MarlSection *tune = search_of(settings, sizeof settings / sizeof settings[0]);
  MarlTuning *tuning = NULL;
  UNIT_OK(marl_tuning_create(tune, config, &tuning, &err));
  UNIT_OK(marl_tuning_step(tuning, MPI_COMM_WORLD, NULL, &err));
  // round-off of sums over 2,300 values
  UNIT_NEAR(tuning->values[0], charged("leith:coefficient=0.1", config), 1e-10);
  UNIT_NEAR(tuning->values[1], charged("leith:coefficient=0.5", config), 1e-10);
  CU_ASSERT(fabs(tuning->values[0] - tuning->values[1]) > 0.01);
  marl_tuning_destroy(&tuning);
  end(&config, &tune);
}

/* Three searches over the same runs: each has its own start, within half a scale of the first's, and
 * all of their candidates and estimates are kept. */
static void a_search_is_repeated_from_starts_of_its_own(void) {
  static const char *const settings[][2] = {{"start", "0.3"},     {"scale", "0.2"},
                                            {"evaluations", "3"}, {"spinup", "0.02"},
                                            {"time", "0.1"},      {"repeats", "3"}};
  MarlError err;
  MarlSection *config = evaluation();
  MarlSection *tune = search_of(settings, sizeof settings / sizeof settings[0]);
  MarlTuning *tuning = NULL;
  UNIT_OK(marl_tuning_create(tune, config, &tuning, &err));
  while (!marl_tuning_finished(tuning))
    UNIT_OK(marl_tuning_step(tuning, MPI_COMM_WORLD, NULL, &err));
  CU_ASSERT_EQUAL_FATAL(tuning->evaluations, 9);
  for (int i = 0; i < 9; ++i) CU_ASSERT_EQUAL(tuning->candidates[i].repeat, i / 3);
  const double first = tuning->candidates[0].point[0];
  for (int r = 1; r < 3; ++r) {
    const double moved = tuning->candidates[3 * r].point[0] - first;
    CU_ASSERT(fabs(moved) > 1e-3 && fabs(moved) < 0.5 * 0.2);
  }
  for (int r = 0; r < 3; ++r) { /* Brent's estimate is its best candidate */
    double best = HUGE_VAL, at = 0;
    for (int i = 3 * r; i < 3 * r + 3; ++i)
      if (tuning->candidates[i].objective < best)
        best = tuning->candidates[i].objective, at = tuning->candidates[i].point[0];
    UNIT_NEAR(tuning->estimates[r], at, 0);
  }
  // the results are judged as section evaluate says, over the time that section tune says
  UNIT_NEAR(marl_section_real(tuning->judgement, "time"), 300, 0);
  CU_ASSERT_STRING_EQUAL(marl_section_text(tuning->judgement, "reference"),
                         marl_section_text(config, "reference"));
  CU_ASSERT_EQUAL(marl_section_choice(tuning->judgement, "fields"),
                  marl_section_choice(config, "fields"));
  marl_tuning_destroy(&tuning);
  end(&config, &tune);
}

/* The search sees only values, so it takes the same way on any number of ranks; what it finds is at
 * least as good as any candidate but for the closing estimate, which is one of them for Brent. */
static void tuning_takes_the_same_way_on_any_number_of_ranks(void) {
  static const char *const settings[][2] = {{"start", "0.3"},     {"scale", "0.2"},
                                            {"evaluations", "4"}, {"spinup", "0.02"},
                                            {"time", "0.1"},      {"repeats", "2"}};
  MarlError err;
  MarlSection *config = evaluation();
  MarlSection *tune = search_of(settings, sizeof settings / sizeof settings[0]);
  double found[2], best = HUGE_VAL;
  for (int alone = 0; alone < 2; ++alone) {
    MarlTuning *tuning = NULL;
    UNIT_OK(marl_tuning_create(tune, config, &tuning, &err));
    while (!marl_tuning_finished(tuning)) {
      UNIT_OK(marl_tuning_step(tuning, alone ? MPI_COMM_SELF : MPI_COMM_WORLD, NULL, &err));
      best = fmin(best, tuning->values[0]);
    }
    found[alone] = tuning->estimates[1];
    marl_tuning_destroy(&tuning);
  }
  UNIT_BITS_EQUAL(&found[0], &found[1], sizeof found[0]);
  CU_ASSERT(isfinite(best));
  end(&config, &tune);
}

/* All points of a grid in one generation; 3 fields of one block each give every objective an error,
 * and a weight of KL adds its part to both. */
static void a_grid_shows_every_objective_with_its_error(void) {
  static const char *const settings[][2] = {
      {"method", "grid"}, {"start", "0.3"}, {"scale", "0.2"},    {"evaluations", "3"},
      {"spinup", "0.02"}, {"time", "0.1"},  {"kl_weight", "10"}, {"repeats", "1"}};
  MarlError err;
  MarlSection *config = evaluation();
  MarlSection *tune = search_of(settings, sizeof settings / sizeof settings[0]);
  MarlTuning *tuning = NULL;
  UNIT_OK(marl_tuning_create(tune, config, &tuning, &err));
  CU_ASSERT_FALSE(marl_tuning_finished(tuning));
  UNIT_OK(marl_tuning_step(tuning, MPI_COMM_WORLD, NULL, &err));
  CU_ASSERT(marl_tuning_finished(tuning));
  CU_ASSERT_EQUAL_FATAL(tuning->evaluations, 3);
  const MarlCandidate *best = marl_tuning_best(tuning);
  CU_ASSERT_PTR_NOT_NULL_FATAL(best);
  for (int i = 0; i < 3; ++i) {
    const MarlCandidate *candidate = &tuning->candidates[i];
    UNIT_NEAR(candidate->point[0], 0.1 + 0.2 * i, 1e-15);
    UNIT_NEAR(candidate->objective, candidate->spectrum_error + 10 * candidate->divergence, 1e-12);
    CU_ASSERT(candidate->error > 0 && candidate->error < candidate->objective);
    CU_ASSERT(best->objective <= candidate->objective);
  }
  marl_tuning_destroy(&tuning);
  UNIT_OK(marl_section_set(tune, "evaluations", "1", "test", &err));
  UNIT_ERROR(marl_tuning_create(tune, config, &tuning, &err), MARL_ECONFIG, "needs 2 points");
  end(&config, &tune);
}

static CU_TestInfo tests[] = {
    {"a perfect truncated run is charged nothing", a_perfect_truncated_run_is_charged_nothing},
    {"a candidate is charged the documented objective",
     a_candidate_is_charged_the_documented_objective},
    {"a search is repeated from starts of its own", a_search_is_repeated_from_starts_of_its_own},
    {"tuning takes the same way on any number of ranks",
     tuning_takes_the_same_way_on_any_number_of_ranks},
    {"a grid shows every objective with its error", a_grid_shows_every_objective_with_its_error},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"tuning", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
