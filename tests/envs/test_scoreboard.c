/* ctest: label=unit ranks=1,2,4 */
#include "envs/turbulence/scoreboard.h"
#include "tests/envs/reference_case.h"

static const char *const closures[] = {"none", "leith:coefficient=0.3:label=strong",
                                       "free_constants:laplacian=-10"};
enum { CLOSURES = 3, STRONG = 1, BROKEN = 2 };

static MarlSection *section(void) {
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

static MarlScoreboard *run(const MarlSection *config, MPI_Comm comm) {
  MarlError err;
  MarlScoreboard *board = NULL;
  UNIT_OK(marl_scoreboard_create(config, closures, CLOSURES, NULL, &board, &err));
  UNIT_OK(marl_scoreboard_run(board, comm, NULL, &err));
  return board;
}

static void end(MarlSection **config) {
  unlink(marl_section_text(*config, "reference"));
  marl_section_destroy(config);
}

static void scores_are_the_same_on_any_number_of_ranks(void) {
  MarlSection *config = section();
  MarlScoreboard *shared = run(config, MPI_COMM_WORLD), *alone = run(config, MPI_COMM_SELF);
  for (int r = 0; r < shared->num_rows; ++r) {
    const MarlScoreRow *a = &shared->rows[r], *b = &alone->rows[r];
    UNIT_BITS_EQUAL(a->value, b->value, sizeof a->value);
    UNIT_BITS_EQUAL(a->error, b->error, sizeof a->error);
    UNIT_BITS_EQUAL(a->snapshot, b->snapshot, CASE_N * CASE_N * sizeof *a->snapshot);
    CU_ASSERT(a->blow_ups == b->blow_ups);
    UNIT_BITS_EQUAL(&a->drift, &b->drift, sizeof a->drift);
  }
  marl_scoreboard_destroy(&shared), marl_scoreboard_destroy(&alone);
  end(&config);
}

/* A strong eddy viscosity removes enstrophy, so that the flow calms down beside one without; no
 * closure removes none; a strong backscatter blows up
 * in each of the three runs, which is a figure of its row and not an error. */
static void rows_say_what_the_closures_do(void) {
  MarlSection *config = section();
  MarlScoreboard *board = run(config, MPI_COMM_WORLD);
  CU_ASSERT_STRING_EQUAL(board->rows[STRONG].label, "strong");
  // 16^2 points and 500 right-hand sides a time unit against 64^2 and 2000
  UNIT_NEAR(board->cost, 1.0 / 64, 1e-12);
  UNIT_NEAR(board->rows[0].value[marl_score_find("enstrophy_flux")], 0, 0);
  CU_ASSERT(board->rows[STRONG].value[marl_score_find("enstrophy_flux")] > 0);
  CU_ASSERT(board->rows[STRONG].value[marl_score_find("std")] <
            board->rows[0].value[marl_score_find("std")]);
  CU_ASSERT(board->rows[STRONG].drift < board->rows[0].drift);
  CU_ASSERT(board->rows[STRONG].blow_ups == 0);
  CU_ASSERT(board->rows[BROKEN].blow_ups == CASE_FIELDS);
  CU_ASSERT(isnan(board->rows[BROKEN].drift));
  CU_ASSERT(isnan(board->rows[BROKEN].value[marl_score_find("e_log")]));
  UNIT_NEAR(board->rows[board->num_rows - 1].value[marl_score_find("e_log")], 0, 0);
  marl_scoreboard_destroy(&board);
  end(&config);
}

/* Asked for are samples every .04 T, of 2.67 steps, in blocks of .1 T, over .4 T. */
static void what_is_sampled_is_in_whole_steps_and_said(void) {
  MarlError err;
  MarlSection *config = section();
  MarlScoreboard *board = NULL;
  UNIT_OK(marl_section_set(config, "dt", "0.015", "test", &err));
  UNIT_OK(marl_scoreboard_create(config, closures, 1, NULL, &board, &err));
  const MarlLesPlan *plan = &board->plan;
  UNIT_NEAR(board->extremes.interval, 3 * 0.015, 1e-15); /* round-off */
  UNIT_NEAR(plan->block, 2 * 3 * 0.015, 1e-15);
  CU_ASSERT(plan->num_blocks == 4 && marl_les_num_samples(plan) == 8);
  marl_scoreboard_destroy(&board);
  end(&config);
}

/* What is looked at beside the closures is a field of the reference itself, the first that they
 * start from, cut to their grid; of the whole one there is no such field, and no zeros either. */
static void the_reference_is_seen_beside_the_closures(void) {
  MarlError err;
  double field[CASE_N * CASE_N];
  MarlSection *config = section();
  MarlScoreboard *board = NULL;
  UNIT_OK(marl_scoreboard_create(config, closures, CLOSURES, NULL, &board, &err));
  UNIT_OK(marl_reference_initial(board->reference, CASE_N, board->first_field, field, &err));
  UNIT_BITS_EQUAL(board->rows[board->num_closures].snapshot, field, sizeof field);
  CU_ASSERT(isnan(board->rows[board->num_closures + 1].snapshot[0]));
  marl_scoreboard_destroy(&board);
  end(&config);
}

/* <w PI> = nu <|grad w|^2> for a uniform viscosity so small that it hardly changes the flow. */
static void the_flux_is_linear_in_the_viscosity(void) {
  MarlError err;
  MarlSection *config = section();
  static const char *const pair[] = {"free_constants:dimensional=true:laplacian=1e-7",
                                     "free_constants:dimensional=true:laplacian=2e-7"};
  MarlScoreboard *board = NULL;
  UNIT_OK(marl_scoreboard_create(config, pair, 2, NULL, &board, &err));
  UNIT_OK(marl_scoreboard_run(board, MPI_COMM_WORLD, NULL, &err));
  const double ratio = board->rows[1].value[marl_score_find("enstrophy_flux")] /
                       board->rows[0].value[marl_score_find("enstrophy_flux")];
  /* the flows differ by the viscosity itself: 1e-7 k^2 t = 1e-7 64 0.5 at the cutoff */
  UNIT_NEAR(ratio, 2, 1e-4);
  marl_scoreboard_destroy(&board);
  end(&config);
}

static void mistakes_are_explained(void) {
  MarlError err;
  MarlScoreRow row = {.closure = NULL};
  UNIT_ERROR(marl_closure_parse("lieth", &row, &err), MARL_ECONFIG, "leith");
  UNIT_ERROR(marl_closure_parse("leith:coefficent=1", &row, &err), MARL_ECONFIG, "coefficient");
  marl_section_destroy(&row.options);
  UNIT_ERROR(marl_closure_parse("leith:0.2", &row, &err), MARL_ECONFIG, "KEY=VALUE");
  marl_section_destroy(&row.options);
}

static CU_TestInfo tests[] = {
    {"scores are the same on any number of ranks", scores_are_the_same_on_any_number_of_ranks},
    {"rows say what the closures do", rows_say_what_the_closures_do},
    {"what is sampled is in whole steps and said", what_is_sampled_is_in_whole_steps_and_said},
    {"the reference is seen beside the closures", the_reference_is_seen_beside_the_closures},
    {"the flux is linear in the viscosity", the_flux_is_linear_in_the_viscosity},
    {"mistakes are explained", mistakes_are_explained},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"scoreboard", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
