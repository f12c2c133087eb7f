/* Scripted policies among learners (env.policies, marl/learn/scripted.h). */
#include "envs/game/game.h"
#include "tests/envs/life.h"
#include "tests/envs/training.h"

/* A learner by tables of the last round, and who it meets; 400 rounds' worth of each state are
 * enough where the other is deterministic: values are then exact to the learning rate. */
static const char *const format =
    "run: {seed: 3, updates: 30, shards: 1}\n"
    "env: {name: matrix_game, rounds: 0, max_steps: 50, num_envs: 4, policies: [%s]}\n"
    "learner: {name: tabular_q, gamma: %s, learning_rate: 0.5, epsilon_start: 0.5,\n"
    "  epsilon_end: 0.5}\n"
    "policy: {sharing: independent}\n";

/* How often each player of the greedy policy cooperates, and the mean return of each kind. */
static MarlEvaluation play(const char *policies, const char *gamma) {
  MarlError err;
  MarlEvaluation result;
  char yaml[512];
  snprintf(yaml, sizeof yaml, format, policies, gamma);
  Training t = training_begin(yaml, NULL, MPI_COMM_SELF);
  UNIT_OK(marl_trainer_run(t.trainer, NULL, &err));
  UNIT_OK(marl_trainer_evaluate(t.trainer, 0, 1, true, &result, &err));
  training_end(&t);
  return result;
}

static double figure(const MarlEvaluation *result, const char *name) {
  const int i = marl_evaluation_find(result, name);
  CU_ASSERT(i >= 0);
  return i >= 0 ? result->mean[i] : NAN;
}

/* Axelrod's payoffs T, R, P, S = 5, 3, 1, 0; an episode has 50 rounds. */
static void test_among_defectors_a_learner_defects(void) {
  const MarlEvaluation result = play("learner, AllD", "0.95");
  CU_ASSERT_EQUAL(figure(&result, "env/choice_0_first"), 0);
  CU_ASSERT_EQUAL(figure(&result, "return_play"), 50);
  CU_ASSERT_EQUAL(figure(&result, "return_alld"), 50);
}

/* Against TFT, which begins with C, the best of memory one is (discounted from the first round)
 *   always D      5 + g/(1-g)     g < 1/4
 *   D, C, D, C    5/(1-g^2)       1/4 < g < 2/3
 *   always C      3/(1-g)         g > 2/3 */
static void test_against_tft_the_discount_decides(void) {
  static const struct {
    const char *gamma;
    double cooperation;
  } cases[] = {{"0.15", 0}, {"0.45", 0.5}, {"0.9", 1}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    const MarlEvaluation result = play("learner, TFT", cases[i].gamma);
    CU_ASSERT_EQUAL(figure(&result, "env/choice_0_first"), cases[i].cooperation);
  }
}

/* Who is who is not where it stands: players in another order have each other's figures. */
static void test_a_permutation_of_the_players_permutes_the_results(void) {
  static const char *const pairs[][2] = {
      {"learner, TFT", "TFT, learner"}, {"AllD, TFT", "TFT, AllD"}, {"WSLS, grim", "grim, WSLS"}};
  static const char *const names[][2] = {
      {"return_play", "return_tft"}, {"return_alld", "return_tft"}, {"return_wsls", "return_grim"}};
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; ++i) {
    const MarlEvaluation a = play(pairs[i][0], "0.9"), b = play(pairs[i][1], "0.9");
    CU_ASSERT_EQUAL(figure(&a, "env/choice_0_first"), figure(&b, "env/choice_0_second"));
    CU_ASSERT_EQUAL(figure(&a, "env/choice_0_second"), figure(&b, "env/choice_0_first"));
    for (int k = 0; k < 2; ++k) CU_ASSERT_EQUAL(figure(&a, names[i][k]), figure(&b, names[i][k]));
  }
}

/* Two members, two pairings of ten rounds in a cycle: TFT is taken in once; a punisher (cooperates)
 * fines a defector in every round, who never fines. */
static void test_a_society_of_two_can_be_worked_out(void) {
  const MarlGame game = marl_game_named("prisoners_dilemma");
  const double s = (double)game.payoff[MARL_COOPERATE][MARL_DEFECT];
  const double t = (double)game.payoff[MARL_DEFECT][MARL_COOPERATE];
  const double p = (double)game.payoff[MARL_DEFECT][MARL_DEFECT];
  Life life = life_begin("dilemma", "tabular_q", "num_agents=2 cycles=0 policies=TFT,AllD", 1);
  double sums[3] = {0};
  const MarlEnvSpec *spec = marl_vec_env_spec(life.replica.vec[0]);
  CU_ASSERT_EQUAL(marl_num_returns(spec), 3);
  for (const MarlBatch *batch = NULL; batch == NULL || !batch->cycle_ended[0];) {
    batch = life_step(&life);
    marl_add_returns(spec, batch, 0, sums);
  }
  CU_ASSERT_STRING_EQUAL(marl_return_name(spec, 1), "tft");
  UNIT_NEAR(sums[1], s + 19 * p, 1e-5); /* sums of floats */
  UNIT_NEAR(sums[2], t + 19 * p, 1e-5);
  life_end(&life);
  life = life_begin("dilemma", "tabular_q",
                    "num_agents=2 cycles=0 mechanism=direct policies=AllD,punisher", 1);
  const MarlBatch *batch = life_cycle(&life);
  const int rate = life_metric(&life, "punishment_rate"), just = life_metric(&life, "just_share");
  CU_ASSERT_EQUAL(batch->cycle_metrics[rate] / batch->cycle_whole[rate], 0.5);
  CU_ASSERT_EQUAL(batch->cycle_metrics[just] / batch->cycle_whole[just], 1.0);
  life_end(&life);
}

/* Nothing of a scripted agent is a learner's: no decision, no transition. */
static void test_nobody_learns_from_scripted_agents(void) {
  Life life = life_begin("dilemma", "dqn",
                         "num_agents=5 cycles=0 anneal=false mechanism=TPP-S transitions=published "
                         "policies=learner*2,random:0.5*2,learner",
                         1);
  int64_t given = 0, decided[5] = {0};
  for (int step = 0; step < 1500; ++step) {
    const MarlBatch *batch = life_step(&life);
    for (int a = 0; a < 5; ++a) decided[a] += batch->active[a];
    given += batch->num_transitions[0];
    for (int k = 0; k < batch->num_transitions[0]; ++k) {
      const int agent = batch->transition[k].agent;
      CU_ASSERT(agent < 2 || agent == 4);
    }
  }
  CU_ASSERT(given > 1000 && decided[0] > 100 && decided[1] > 100 && decided[4] > 100);
  CU_ASSERT(decided[2] == 0 && decided[3] == 0);
  life_end(&life);
}

/* Who plays in step() by itself (no `act`) decides in no role either: in a commons where points are given by
 * learners, four verdicts follow each harvest. */
static void test_who_is_scripted_in_one_role_is_in_all(void) {
  Life life = life_begin("commons", "tabular_q",
                         "num_agents=5 punishment=learned observation=states "
                         "policies=threshold*2,learner*3",
                         1);
  int64_t harvests = 0, verdicts = 0;
  for (int step = 0; step < 200; ++step) {
    const MarlBatch *batch = life_step(&life);
    CU_ASSERT(!batch->active[0] && !batch->active[1]);
    for (int a = 2; a < 5; ++a) harvests += batch->active[a] && batch->role[a] == 0;
    for (int a = 2; a < 5; ++a) verdicts += batch->active[a] && batch->role[a] == 1;
  }
  CU_ASSERT(harvests > 0 && verdicts > 3 * harvests);
  life_end(&life);
}

/* `steps` of two random players, then what the game has come to. */
static double advance(MarlVecEnv *vec, int steps) {
  MarlError err;
  for (int i = 0; i < steps; ++i) UNIT_OK(marl_vec_env_step(vec, &err));
  return (double)marl_vec_env_batch(vec)->metrics[1];
}

/* Draws are a function of environment, episode and step: a copy in mid-episode goes on the same. */
static void test_a_restart_in_mid_episode_has_the_same_draws(void) {
  MarlError err;
  MarlStore *store = NULL;
  void *bytes = NULL;
  size_t size = 0;
  Life life =
      life_begin("matrix_game", "tabular_q", "rounds=0 max_steps=0 policies=random:0.3,random", 5);
  MarlVecEnv *vec = life.replica.vec[0], *copy = NULL;
  const double before = advance(vec, 100);
  UNIT_OK(marl_store_create_memory(&store, &err));
  UNIT_OK(marl_vec_env_save(vec, store, &err));
  UNIT_OK(marl_store_image(store, &bytes, &size, &err));
  marl_store_close(&store);
  UNIT_OK(marl_vec_env_create(life.ops, life.env, 1, 0,
                              marl_key_fold(marl_key(5, MARL_STREAM_ENV), 0), MPI_COMM_SELF, &copy,
                              &err));
  UNIT_OK(marl_store_open_image(bytes, size, &store, &err));
  UNIT_OK(marl_vec_env_load(copy, store, &err));
  marl_store_close(&store);
  free(bytes);
  const double after = advance(vec, 400);
  CU_ASSERT_EQUAL(advance(copy, 400), after);
  UNIT_NEAR(after, 0.3, 5 * sqrt(0.21 / 500)); /* five standard errors */
  CU_ASSERT(before != after);
  marl_vec_env_destroy(&copy);
  life_end(&life);
}

static void test_a_wrong_list_is_refused_by_what_is_wrong(void) {
  static const char *const lists[][2] = {
      {"learner, AllX", "did you mean 'AllC'"},
      {"learner*3", "more entries than the 2"},
      {"learner, random:2", "a number in [0, 1]"},
      {"learner, TFT:1", "knows none"},
      {"learner, TFT*", "no count"},
      {"learner*1", "fewer entries"},
      {"learner, TFTx2", "no policy"},
      {"learner, random:0.5x", "name*count"},
      {"learner, GTFT:-0.3", "a number in [0, 1]"},
      {"random:0.12345601, random:0.12345602", "both 'random_0_123456'"},
  };
  for (size_t i = 0; i < sizeof lists / sizeof *lists; ++i) {
    MarlError err;
    char yaml[512];
    MarlConfig *config;
    MarlTrainer *trainer = NULL;
    snprintf(yaml, sizeof yaml, format, lists[i][0], "0.9");
    UNIT_OK(marl_config_parse(yaml, strlen(yaml), "test", &config, &err));
    CU_ASSERT_EQUAL(
        marl_trainer_create(config, marl_env_table, NULL, MPI_COMM_SELF, &trainer, &err),
        MARL_ECONFIG);
    if (strstr(err.message, lists[i][1]) == NULL) printf("\n    %s", err.message);
    CU_ASSERT(strstr(err.message, lists[i][1]) != NULL);
    marl_trainer_destroy(&trainer);
    marl_config_destroy(&config);
  }
}

/* A restraint is a number of apples: 4.7 would play as 4 and be counted as another policy. */
static void test_a_count_is_a_whole_number(void) {
  const MarlScripted known[] = {
      {.name = "restrained", .number = 4, .low = 1, .high = 12, .whole = true}};
  const MarlOption option = MARL_POLICIES_OPTION("restrained:n");
  const MarlOptionTable table = {&option, 1};
  static const char *const lists[] = {"restrained:4.7", "restrained:5.0", "restrained:13"};
  for (int k = 0; k < 3; ++k) {
    MarlError err;
    MarlSection *section;
    MarlPlayers *players = NULL;
    UNIT_OK(marl_section_create("env", &table, 1, &section, &err));
    UNIT_OK(marl_section_set(section, "policies", lists[k], "test", &err));
    const MarlCode code = marl_players_read(section, known, 1, 2, &players, &err);
    CU_ASSERT_EQUAL(code, k == 1 ? MARL_OK : MARL_ECONFIG);
    const char *said = code != MARL_OK ? err.message : players->kind[0].name;
    CU_ASSERT_PTR_NOT_NULL(strstr(said, code != MARL_OK ? "a whole number in" : "restrained_5"));
    free(players);
    marl_section_destroy(&section);
  }
}

static CU_TestInfo tests[] = {
    {"among defectors a learner defects", test_among_defectors_a_learner_defects},
    {"against TFT the discount decides", test_against_tft_the_discount_decides},
    {"a permutation of the players permutes the results",
     test_a_permutation_of_the_players_permutes_the_results},
    {"a society of two can be worked out", test_a_society_of_two_can_be_worked_out},
    {"nobody learns from scripted agents", test_nobody_learns_from_scripted_agents},
    {"who is scripted in one role is in all", test_who_is_scripted_in_one_role_is_in_all},
    {"a restart in mid-episode has the same draws",
     test_a_restart_in_mid_episode_has_the_same_draws},
    {"a wrong list is refused by what is wrong", test_a_wrong_list_is_refused_by_what_is_wrong},
    {"a count is a whole number", test_a_count_is_a_whole_number},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"envs/scripted", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
