#include "envs/env_table.h"
#include "envs/society/population.h"
#include "marl/learn/vec_env.h"
#include "tests/unit.h"

static MarlSection *section(const char *const *settings) {
  MarlError err;
  const MarlEnvOps *ops = NULL;
  MarlSection *config = NULL;
  UNIT_OK(marl_env_find(marl_env_table, "dilemma", &ops, &err));
  const MarlOptionTable table = {ops->options, ops->num_options};
  UNIT_OK(marl_section_create("env", &table, 1, &config, &err));
  for (; settings != NULL && settings[0] != NULL; settings += 2)
    UNIT_OK(marl_section_set(config, settings[0], settings[1], "test", &err));
  return config;
}

static MarlVecEnv *make(const char *const *settings, int num_envs, int first_env) {
  MarlError err;
  const MarlEnvOps *ops = NULL;
  MarlVecEnv *vec = NULL;
  MarlSection *config = section(settings);
  UNIT_OK(marl_env_find(marl_env_table, "dilemma", &ops, &err));
  UNIT_OK(marl_vec_env_create(ops, config, num_envs, first_env, marl_key(7, MARL_STREAM_ENV),
                              MPI_COMM_SELF, &vec, &err));
  marl_section_destroy(&config);
  UNIT_OK(marl_vec_env_reset(vec, &err));
  return vec;
}

/* A fixed policy of agent, role and step, so that every branch of the rules is taken. */
static void act(MarlBatch *b, int step) {
  for (int i = 0; i < b->num_envs * b->num_agents; ++i)
    b->act[i] = (float)((i % b->num_agents + b->role[i] + step / 3) % 2);
}

static const char *const everything[] = {
    "matching", "select", "mechanism", "direct+third_party",   "cycles",
    "3",        "rounds", "4",         "play_sees_reputation", "true",
    NULL};

static void test_roles_exist_when_the_rules_use_them(void) {
  MarlVecEnv *vec = make(NULL, 1, 0);
  CU_ASSERT_EQUAL(marl_vec_env_spec(vec)->num_roles, 1);
  CU_ASSERT_STRING_EQUAL(marl_vec_env_spec(vec)->roles[0].name, "play");
  marl_vec_env_destroy(&vec);
  vec = make(everything, 1, 0);
  const MarlEnvSpec *spec = marl_vec_env_spec(vec);
  CU_ASSERT_EQUAL(spec->num_roles, 3);
  CU_ASSERT_EQUAL(spec->roles[0].obs_dim, 5);
  CU_ASSERT_EQUAL(spec->roles[0].num_choices, 4);
  CU_ASSERT_EQUAL(spec->roles[1].obs_dim, 4);
  CU_ASSERT_EQUAL(spec->roles[2].obs_dim, 2);
  CU_ASSERT_EQUAL(spec->obs_dim, 5);
  marl_vec_env_destroy(&vec);
}

/* On a graph an agent selects among its neighbors: what is beyond its degree is masked, and only in
 * that role. A choice is so never taken for another one. */
static void test_who_has_fewer_neighbors_has_fewer_legal_choices(void) {
  static const char *const small_world[] = {"matching",   "select", "graph",     "small_world",
                                            "num_agents", "12",     "neighbors", "4",
                                            "mechanism",  "direct", NULL};
  MarlVecEnv *vec = make(small_world, 1, 0);
  const MarlEnvSpec *spec = marl_vec_env_spec(vec);
  const MarlBatch *b = marl_vec_env_batch(vec);
  int fewest = INT32_MAX, most = 0, ends = 0;
  CU_ASSERT_EQUAL_FATAL(spec->mask_dim, spec->roles[0].num_choices);
  for (int a = 0; a < spec->num_agents; ++a) { /* all select first */
    int legal = 0;
    CU_ASSERT(b->active[a] && b->role[a] == 0);
    for (int c = 0; c < spec->mask_dim; ++c) legal += b->mask[a * spec->mask_dim + c];
    fewest = legal < fewest ? legal : fewest;
    most = legal > most ? legal : most;
    ends += legal;
  }
  CU_ASSERT(fewest < most && most == spec->roles[0].num_choices);
  CU_ASSERT_EQUAL(ends, 12 * 4); /* both ends of each of 12 * 4 / 2 edges */
  marl_vec_env_destroy(&vec);
  vec = make(everything, 1, 0); /* all can select all */
  CU_ASSERT_EQUAL(marl_vec_env_spec(vec)->mask_dim, 0);
  marl_vec_env_destroy(&vec);
}

/* Sum the reward streams and count the decisions of whole episodes. */
static void test_streams_add_up_to_welfare_and_each_decision_is_asked_once(void) {
  MarlError err;
  MarlVecEnv *vec = make(everything, 1, 0);
  MarlBatch *b = marl_vec_env_batch(vec);
  int asked[3] = {0}, episodes = 0;
  double play = 0, punish = 0;
  for (int t = 0; episodes < 3; ++t) {
    for (int i = 0; i < 5; ++i)
      if (b->active[i]) ++asked[b->role[i]];
    act(b, t);
    UNIT_OK(marl_vec_env_step(vec, &err));
    for (int i = 0; i < 5; ++i) play += b->reward[3 * i + 1], punish += b->reward[3 * i + 2];
    if (!b->terminated[0]) continue;
    ++episodes;
    /* three cycles of 5 pairings of 4 rounds: 5 selections, 40 plays, 80 verdicts a cycle */
    CU_ASSERT_EQUAL(asked[0], 15);
    CU_ASSERT_EQUAL(asked[1], 120);
    CU_ASSERT_EQUAL(asked[2], 240);
    /* metric 1 is welfare per cycle, a sum of small whole numbers: exact but for one division */
    UNIT_NEAR(b->final_metrics[1] * 3, play + punish, 1e-4);
    memset(asked, 0, sizeof asked);
    play = punish = 0;
  }
  marl_vec_env_destroy(&vec);
}

static void test_a_selectors_stream_is_its_play_reward_after_fines(void) {
  MarlError err;
  const char *const settings[] = {"matching", "select", "mechanism", "direct", "rounds", "1", NULL};
  MarlVecEnv *vec = make(settings, 1, 0);
  MarlBatch *b = marl_vec_env_batch(vec);
  memset(b->act, 0, 5 * sizeof *b->act); /* everybody selects its first neighbor */
  UNIT_OK(marl_vec_env_step(vec, &err));
  b->act[0] = 1, b->act[1] = 0; /* agent 0 defects on agent 1 */
  UNIT_OK(marl_vec_env_step(vec, &err));
  UNIT_NEAR(b->reward[0], 4, 0); /* select */
  UNIT_NEAR(b->reward[1], 4, 0); /* play */
  b->act[0] = 0, b->act[1] = 1;  /* agent 1 fines it */
  UNIT_OK(marl_vec_env_step(vec, &err));
  UNIT_NEAR(b->reward[0], -3, 0);
  UNIT_NEAR(b->reward[1], -3, 0);
  UNIT_NEAR(b->reward[3 + 2], 2, 0);
  UNIT_NEAR(b->reward[3 + 1], 0, 0);
  marl_vec_env_destroy(&vec);
}

/* Agent 0 defects on agent 1, who fines it: payoffs (4, 0), then (4 - 3, 0 + 2). With alpha 0.5 and
 * beta 0.25 the play is worth 4 - 0.25 4 = 3, after the fine 1 - 0.5 1 = 0.5; the verdict
 * U(2, 1) - U(0, 4) = (2 - 0.25) - (0 - 0.5 4). Streams are what is learned from, metrics payoffs. */
static void test_intrinsic_rewards_are_handed_out_phase_by_phase(void) {
  MarlError err;
  const char *const settings[] = {"matching",
                                  "select",
                                  "mechanism",
                                  "direct",
                                  "rounds",
                                  "1",
                                  "inequity_disadvantage",
                                  "0.5",
                                  "inequity_advantage",
                                  "0.25",
                                  NULL};
  MarlVecEnv *vec = make(settings, 1, 0);
  MarlBatch *b = marl_vec_env_batch(vec);
  memset(b->act, 0, 5 * sizeof *b->act);
  UNIT_OK(marl_vec_env_step(vec, &err));
  b->act[0] = 1, b->act[1] = 0;
  UNIT_OK(marl_vec_env_step(vec, &err));
  UNIT_NEAR(b->reward[0], 3, 0); /* select */
  UNIT_NEAR(b->reward[1], 3, 0);
  UNIT_NEAR(b->reward[3 + 1], 0 - 0.5 * 4, 0);
  b->act[0] = 0, b->act[1] = 1;
  UNIT_OK(marl_vec_env_step(vec, &err));
  UNIT_NEAR(b->reward[1], 0.5 - 3, 0);
  UNIT_NEAR(b->reward[2], 0, 0);
  UNIT_NEAR(b->reward[3 + 1], 0, 0);
  UNIT_NEAR(b->reward[3 + 2], 1.75 + 2, 0);
  memset(b->act, 0, 5 * sizeof *b->act);
  while (!b->cycle_ended[0]) UNIT_OK(marl_vec_env_step(vec, &err));
  /* payoffs of this pairing, and of four in which all cooperate and forgive */
  UNIT_NEAR(b->final_metrics[MARL_METRIC_GROSS_WELFARE], 4 + 4 * 6, 0);
  UNIT_NEAR(b->final_metrics[MARL_METRIC_WELFARE], 4 - 3 + 2 + 4 * 6, 0);
  marl_vec_env_destroy(&vec);
}

static void run(MarlVecEnv *vec, int from, int to) {
  MarlError err;
  for (int t = from; t < to; ++t) {
    act(marl_vec_env_batch(vec), t);
    UNIT_OK(marl_vec_env_step(vec, &err));
  }
}

static void same_batch(MarlVecEnv *x, MarlVecEnv *y, size_t rows) {
  const MarlBatch *a = marl_vec_env_batch(x), *b = marl_vec_env_batch(y);
  UNIT_BITS_EQUAL(a->obs, b->obs, rows * 5 * sizeof *a->obs);
  UNIT_BITS_EQUAL(a->reward, b->reward, rows * 3 * sizeof *a->reward);
  UNIT_BITS_EQUAL(a->active, b->active, rows);
  UNIT_BITS_EQUAL(a->metrics, b->metrics, rows / 5 * MARL_NUM_DILEMMA_METRICS * sizeof *a->metrics);
}

static const char *const sanctions[] = {
    "matching",
    "select",
    "mechanism",
    "direct+third_party+metanorm+graduated(fines=1;2;3)+adaptive(rate=0.5)",
    "cycles",
    "3",
    "rounds",
    "4",

    "reputation",
    "norm",
    "assessment_error",
    "0.1",
    "select_view",
    "last_action",
    "play_sees_reputation",
    "true",
    NULL};
static const char *const centipede[] = {
    "matching", "select", "mechanism", "direct+third_party",   "cycles", "3", "rounds",
    "4",        "game",   "centipede", "play_sees_reputation", "true",   NULL};

static const char *const averse[] = {"matching",
                                     "select",
                                     "mechanism",
                                     "direct+third_party+metanorm",
                                     "cycles",
                                     "3",
                                     "rounds",
                                     "4",

                                     "play_sees_reputation",
                                     "true",
                                     "inequity_disadvantage",
                                     "0.5",
                                     "inequity_advantage",
                                     "0.25",
                                     "inequity_trace",
                                     "0.9",
                                     NULL};

static const char *const joined_pool[] = {"matching",
                                          "select",
                                          "mechanism",
                                          "voluntary_pool(second_order=true)",
                                          "cycles",
                                          "3",
                                          "rounds",
                                          "4",
                                          "play_sees_reputation",
                                          "true",
                                          NULL};

/* Save at many steps, load into a fresh copy, and go on. */
static void stop_and_go_on(const char *const *settings) {
  MarlError err;
  for (int stop = 1; stop < 90; stop += 11) {
    MarlVecEnv *whole = make(settings, 2, 0), *restarted = make(settings, 2, 0);
    run(whole, 0, stop);
    MarlStore *memory = NULL, *copy = NULL;
    void *bytes = NULL;
    size_t size = 0;
    UNIT_OK(marl_store_create_memory(&memory, &err));
    UNIT_OK(marl_vec_env_save(whole, memory, &err));
    UNIT_OK(marl_store_image(memory, &bytes, &size, &err));
    UNIT_OK(marl_store_open_image(bytes, size, &copy, &err));
    UNIT_OK(marl_vec_env_load(restarted, copy, &err));
    marl_store_close(&memory), marl_store_close(&copy);
    free(bytes);
    run(whole, stop, stop + 90);
    run(restarted, stop, stop + 90);
    same_batch(whole, restarted, 10);
    marl_vec_env_destroy(&whole), marl_vec_env_destroy(&restarted);
  }
}

static void test_a_saved_society_goes_on_with_the_same_bits_from_any_step(void) {
  stop_and_go_on(everything);
  stop_and_go_on(sanctions);
  stop_and_go_on(centipede);
  stop_and_go_on(averse);
  stop_and_go_on(joined_pool);
}

/* Streams of any rules add up to the welfare that the tally counts. */
static void streams_add_up(const char *const *settings) {
  MarlError err;
  MarlVecEnv *vec = make(settings, 1, 0);
  MarlBatch *b = marl_vec_env_batch(vec);
  int episodes = 0;
  double sum = 0;
  for (int t = 0; episodes < 3; ++t) {
    act(b, t);
    UNIT_OK(marl_vec_env_step(vec, &err));
    for (int i = 0; i < 5; ++i) sum += b->reward[3 * i + 1] + b->reward[3 * i + 2];
    if (!b->terminated[0]) continue;
    ++episodes;
    /* per cycle, three cycles; halves of intensities are exact, sums of some hundred floats */
    UNIT_NEAR(b->final_metrics[MARL_METRIC_WELFARE] * 3, sum, 1e-3);
    sum = 0;
  }
  marl_vec_env_destroy(&vec);
}

static void test_streams_of_sanctions_and_of_a_centipede_add_up_to_welfare(void) {
  streams_add_up(sanctions);
  streams_add_up(centipede);
  streams_add_up(joined_pool);
}

static void test_contradicting_rules_are_a_users_mistake(void) {
  MarlError err;
  const MarlEnvOps *ops = NULL;
  MarlEnv *env = NULL;
  const char *const two[] = {"num_agents", "2", "mechanism", "third_party", NULL};
  MarlSection *config = section(two);
  UNIT_OK(marl_env_find(marl_env_table, "dilemma", &ops, &err));
  UNIT_ERROR(ops->create(config, MPI_COMM_SELF, &env, &err), MARL_ECONFIG, "num_agents >= 3");
  marl_section_destroy(&config);
  const char *const nobody_else[] = {"num_agents", "2", "matching", "select", NULL};
  config = section(nobody_else);
  UNIT_ERROR(ops->create(config, MPI_COMM_SELF, &env, &err), MARL_ECONFIG, "two to choose from");
  marl_section_destroy(&config);
  const char *const three[] = {"payoff", "3,0,4", NULL};
  config = section(three);
  UNIT_ERROR(ops->create(config, MPI_COMM_SELF, &env, &err), MARL_ECONFIG, "R, S, T, P");
  marl_section_destroy(&config);
}

static CU_TestInfo tests[] = {
    {"who has fewer neighbors has fewer legal choices",
     test_who_has_fewer_neighbors_has_fewer_legal_choices},
    {"roles exist when the rules use them", test_roles_exist_when_the_rules_use_them},
    {"streams add up to welfare and each decision is asked once",
     test_streams_add_up_to_welfare_and_each_decision_is_asked_once},
    {"a selector's stream is its play reward after fines",
     test_a_selectors_stream_is_its_play_reward_after_fines},
    {"intrinsic rewards are handed out phase by phase",
     test_intrinsic_rewards_are_handed_out_phase_by_phase},
    {"a saved society goes on with the same bits from any step",
     test_a_saved_society_goes_on_with_the_same_bits_from_any_step},
    {"streams of sanctions and of a centipede add up to welfare",
     test_streams_of_sanctions_and_of_a_centipede_add_up_to_welfare},
    {"contradicting rules are a user's mistake", test_contradicting_rules_are_a_users_mistake},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"dilemma env", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
