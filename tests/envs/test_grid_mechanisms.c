/* What a hit does under each mechanism, in scenes set by hand; what a mark and a record show; who is
 * punished how much more. Agent 0 stands below agent 1 and looks up at it, agent 2 is far away. */
#include "envs/grid/measures.h"
#include "envs/grid/view.h"
#include "tests/envs/grid_life.h"

enum { STAY = 0, FORWARD = 1, ZAP = 7, CLEAN = 8 };
static const uint8_t zap[] = {ZAP, STAY, STAY}, stay[] = {STAY, STAY, STAY};
static const uint8_t walk[] = {STAY, FORWARD, STAY};

static MarlEnv *scene(const char *mechanism, const char *const *settings) {
  const char *all[20] = {"num_agents", "3",        "mechanism", mechanism,  "zap_cooldown",
                         "0",          "hit_cost", "0.5",       "regrowth", "0"};
  int n = 10;
  while (settings[n - 10] != NULL) all[n] = settings[n - 10], ++n;
  return grid_make("harvest", "harvest_open", all);
}

static MarlGridWorld *set(MarlEnv *env) {
  MarlGridWorld *world = grid_begin(env, 0);
  grid_put(world, 0, 12, 10, 2);
  grid_put(world, 1, 11, 10, 3);
  grid_put(world, 2, 14, 20, 0);
  return world;
}

static void wait(MarlGridWorld *world, int steps, const uint8_t *number) {
  for (int t = 0; t < steps; ++t) marl_grid_step(world, number);
}

static const char *const nothing[] = {NULL};

static void test_a_fine_is_paid_and_nobody_leaves(void) {
  MarlEnv *env = scene("fine(amount=14)", nothing);
  MarlGridWorld *world = set(env);
  wait(world, 1, zap);
  UNIT_NEAR(world->reward[0], -0.5, 1e-12);
  UNIT_NEAR(world->reward[1], -14, 1e-12);
  UNIT_NEAR(world->tally[0].paid, 0.5, 1e-12);
  UNIT_NEAR(world->tally[1].fined, 14, 1e-12);
  CU_ASSERT(world->agent[1].away == 0 && world->agent[1].row == 11 && world->agent[1].col == 10);
  wait(world, 1, walk);
  CU_ASSERT_EQUAL(world->agent[1].col, 9); /* nor is it frozen */
  env->ops->destroy(env);
}

static void test_with_none_the_beam_is_off(void) {
  MarlEnv *env = scene("none", (const char *const[]){"zap_cost", "1", NULL});
  MarlGridWorld *world = set(env);
  wait(world, 1, zap);
  UNIT_NEAR(world->reward[0], 0, 0);
  UNIT_NEAR(world->tally[0].zaps, 0, 0);
  CU_ASSERT(marl_grid_count(world, MARL_GRID_ZAP) == 0 && world->agent[1].mark == 0);
  env->ops->destroy(env);
}

static void test_removal_lasts_its_steps(void) {
  MarlEnv *env = scene("removal(steps=7)", nothing);
  MarlGridWorld *world = set(env);
  wait(world, 1, zap);
  UNIT_NEAR(world->reward[1], 0, 0);
  wait(world, 6, stay);
  CU_ASSERT(world->agent[1].away == 1 && marl_grid_agent_at(world, 11, 10) == -1);
  wait(world, 1, stay);
  CU_ASSERT_EQUAL(world->agent[1].away, 0);
  CU_ASSERT_TRUE(world->agent[1].row >= 13); /* where the map has its spawn cells */
  UNIT_NEAR(world->tally[1].away, 7, 0);     /* counted after each step, the first included */
  env->ops->destroy(env);
}

static void test_teleport_moves_at_once(void) {
  static const char *const names[] = {"meltingpot", "socialjax"};
  for (int d = 0; d < 2; ++d) {
    MarlEnv *env = scene("teleport", (const char *const[]){"dynamics", names[d], "zap_cooldown",
                                                           d == 0 ? "0" : "-1", NULL});
    MarlGridWorld *world = set(env);
    const uint8_t still = (uint8_t)marl_grid_stay(world->rules);
    wait(world, 1, (const uint8_t[]){ZAP, still, still});
    CU_ASSERT_EQUAL(world->agent[1].row >= 13, d == 0);
    wait(world, 1, (const uint8_t[]){still, still, still});
    CU_ASSERT_TRUE(world->agent[1].row >= 13);
    UNIT_NEAR(world->tally[1].away, 0, 0);
    env->ops->destroy(env);
  }
}

/* Freeze 4, mark 6: the second hit comes in the sixth step after the first, the last that counts. */
static void test_graduated_freezes_then_fines_and_removes(void) {
  MarlEnv *env = scene("graduated(freeze=4;amount=10;steps=3)",
                       (const char *const[]){"mark_steps", "6", NULL});
  MarlGridWorld *world = set(env);
  wait(world, 1, zap);
  UNIT_NEAR(world->reward[1], 0, 0);
  CU_ASSERT_EQUAL(world->agent[1].away, 0);
  wait(world, 4, walk);
  CU_ASSERT_EQUAL(world->agent[1].col, 10);
  wait(world, 1, walk);
  CU_ASSERT_EQUAL(world->agent[1].col, 9);
  grid_put(world, 1, 11, 10, 3);
  wait(world, 1, zap); /* step 6 after the hit */
  UNIT_NEAR(world->reward[1], -10, 1e-12);
  CU_ASSERT(world->agent[1].away == 3 && world->agent[1].mark == 0);
  wait(world, 3, stay);
  CU_ASSERT_EQUAL(world->agent[1].away, 0);
  world = set(env);
  wait(world, 1, zap);
  wait(world, 6, stay);
  wait(world, 1, zap); /* step 7: the mark has gone, and it is a first hit again */
  UNIT_NEAR(world->reward[1], 0, 0);
  CU_ASSERT(world->agent[1].away == 0 && world->agent[1].frozen == 4);
  env->ops->destroy(env);
}

/* Records 0 and 2: agent 1 is low, agent 0 is not, and neither is agent 1 once it has 2 more. */
static void test_restitution_pays_who_hits_a_low_record(void) {
  MarlEnv *env = scene("restitution(amount=14;share=0.2)", nothing);
  MarlGridWorld *world = set(env);
  marl_grid_note(world, 0, 2);
  wait(world, 1, zap);
  UNIT_NEAR(world->reward[0], 0.2 * 14 - 0.5, 1e-12);
  UNIT_NEAR(world->reward[1], -14, 1e-12);
  UNIT_NEAR(world->tally[0].paid, 0.5 - 0.2 * 14, 1e-12);
  marl_grid_note(world, 1, 2);
  wait(world, 1, zap);
  UNIT_NEAR(world->reward[0], -0.5, 1e-12);
  UNIT_NEAR(world->reward[1], 0, 0);
  UNIT_NEAR(world->tally[0].hits, 2, 0);
  UNIT_NEAR(world->tally[1].fined, 14, 1e-12);
  env->ops->destroy(env);
}

/* Records 3, 4, 6 against a norm of 5; rounds every 3 steps, of which there are two. */
static void test_a_pool_taxes_all_and_fines_whose_record_is_low(void) {
  MarlEnv *env = scene("pool(amount=10;tax=0.5;every=3;norm=5)",
                       (const char *const[]){"record_steps", "1000000", NULL});
  MarlGridWorld *world = set(env);
  const double record[] = {3, 4, 6};
  for (int i = 0; i < 3; ++i) marl_grid_note(world, i, record[i]);
  wait(world, 2, zap);
  UNIT_NEAR(world->tally[0].paid, 0, 0);
  CU_ASSERT(world->tally[0].zaps == 0 && world->tally[1].fined == 0); /* no beam, no round yet */
  wait(world, 1, stay);
  UNIT_NEAR(world->reward[0], -10.5, 1e-12);
  UNIT_NEAR(world->reward[1], -10.5, 1e-12);
  UNIT_NEAR(world->reward[2], -0.5, 1e-12);
  marl_grid_note(world, 0, 2.5); /* 5.5 */
  wait(world, 3, stay);
  UNIT_NEAR(world->tally[0].fined, 10, 1e-12);
  UNIT_NEAR(world->tally[1].fined, 20, 1e-12);
  UNIT_NEAR(world->tally[2].paid, 1, 1e-12);
  UNIT_NEAR(world->tally[2].earned, -1, 1e-12);
  env->ops->destroy(env);
}

/* One cell cleaned at a price of 1.5: each of the two others pays half of it. A contribution before the step
 * is not paid again, and there is no beam. */
static void test_a_contract_pays_for_what_is_done_in_the_step(void) {
  MarlEnv *env = grid_make("cleanup", "cleanup_small",
                           (const char *const[]){"num_agents", "3", "mechanism",
                                                 "contract(price=1.5)", "dirt_probability", "0",
                                                 "clean_radius", "0", "apple_growth", "0", NULL});
  MarlGridWorld *world = grid_begin(env, 0);
  grid_put(world, 0, 1, 4, 3); /* row 1 is FHFH: its dirt is in column 2 */
  grid_put(world, 1, 7, 8, 0);
  grid_put(world, 2, 6, 8, 0); /* looks at agent 1 */
  marl_grid_note(world, 1, 5);
  wait(world, 1, (const uint8_t[]){CLEAN, STAY, ZAP});
  UNIT_NEAR(world->reward[0], 1.5, 1e-12);
  UNIT_NEAR(world->reward[1], -0.75, 1e-12);
  UNIT_NEAR(world->reward[2], -0.75, 1e-12);
  CU_ASSERT(world->tally[2].zaps == 0 && world->tally[1].fined == 0);
  wait(world, 1, (const uint8_t[]){STAY, STAY, STAY});
  for (int i = 0; i < 3; ++i) UNIT_NEAR(world->reward[i], 0, 0);
  env->ops->destroy(env);
}

/* In Harvest the contract is about apples: two beside each other have one around, and taking one of them
 * costs the taker what the others get. */
static void test_a_contract_charges_who_takes_the_last_apples(void) {
  MarlEnv *env = scene("contract(price=3)", nothing);
  MarlGridWorld *world = set(env);
  for (int r = 0; r < world->rules->map.rows; ++r)
    for (int c = 0; c < world->rules->map.cols; ++c)
      if (marl_grid_is(world, MARL_GRID_FIRST_ITEM, r, c))
        marl_grid_put(world, MARL_GRID_FIRST_ITEM, r, c);
  marl_grid_put(world, MARL_GRID_FIRST_ITEM, 5, 10);
  marl_grid_put(world, MARL_GRID_FIRST_ITEM, 4, 10);
  grid_put(world, 0, 6, 10, 2);
  wait(world, 1, (const uint8_t[]){FORWARD, STAY, STAY});
  UNIT_NEAR(world->reward[0], 1 - 3, 1e-12);
  UNIT_NEAR(world->reward[1], 1.5, 1e-12);
  UNIT_NEAR(world->reward[2], 1.5, 1e-12);
  env->ops->destroy(env);
}

/* The number of one plane of single agents at the cell that lies `ahead` of the viewer. */
static float seen(const MarlGridWorld *world, int viewer, int ahead, int plane) {
  static float obs[4096];
  const MarlGridRules *rules = world->rules;
  const int row = rules->view_ahead - ahead, planes = marl_grid_view_planes(rules);
  marl_grid_view(world, viewer, obs);
  return obs[(row * marl_grid_view_cols(rules) + rules->view_side) * planes + rules->num_planes +
             plane];
}

static void test_a_mark_is_seen_for_its_steps_on_the_map(void) {
  MarlEnv *env = scene("fine+removal(steps=2)",
                       (const char *const[]){"see_mark", "true", "mark_steps", "5", NULL});
  MarlGridWorld *world = set(env);
  UNIT_NEAR(seen(world, 0, 1, 0), 0, 0);
  wait(world, 1, zap);
  wait(world, 2, stay); /* back, somewhere */
  int shown = 0;
  for (int t = 0; t < 9; ++t) {
    grid_put(world, 1, 11, 10, 3);
    shown += seen(world, 0, 1, 0) == 1.0f;
    CU_ASSERT_EQUAL(seen(world, 0, 1, 0), seen(world, 1, 0, 0)); /* its bearer sees it too */
    UNIT_NEAR(seen(world, 0, 0, 0), 0, 0);
    wait(world, 1, stay);
  }
  CU_ASSERT_EQUAL(shown, 5);
  env->ops->destroy(env);
}

/* Agent 0 cleans one cell of the small river; record_steps 20: c = 1, shown 1 / (1 + 2). */
static void test_a_record_is_of_dirt_cleaned_and_fades(void) {
  MarlEnv *env =
      grid_make("cleanup", "cleanup_small",
                (const char *const[]){"num_agents", "2", "see_record", "true", "record_steps", "20",
                                      "dirt_probability", "0", "clean_radius", "0", NULL});
  MarlGridWorld *world = grid_begin(env, 0);
  grid_put(world, 0, 1, 4, 3); /* row 1 is FHFH: its dirt is in column 2 */
  grid_put(world, 1, 7, 8, 0);
  const int before = world->num_dirt;
  wait(world, 1, (const uint8_t[]){CLEAN, STAY});
  const int cleaned = before - world->num_dirt;
  CU_ASSERT_EQUAL(cleaned, 1);
  UNIT_NEAR(world->tally[0].record, 1, 0);
  UNIT_NEAR(seen(world, 0, 0, 0), 1 / 3.0, 1e-7);
  wait(world, 3, (const uint8_t[]){STAY, STAY});
  UNIT_NEAR(world->tally[0].record, 0.95 * 0.95 * 0.95, 1e-12);
  UNIT_NEAR(seen(world, 1, 0, 0), 0, 0);
  env->ops->destroy(env);
}

/* Apples put by hand on an empty map: one with two within distance 2, one with three. */
static void test_a_record_is_of_apples_with_few_around_them(void) {
  static const MarlGridCell apples[] = {{5, 10}, {4, 10}, {3, 10}, {5, 5}, {4, 5}, {3, 5}, {5, 4}};
  MarlEnv *env = scene("none", nothing);
  MarlGridWorld *world = set(env);
  for (int r = 0; r < world->rules->map.rows; ++r)
    for (int c = 0; c < world->rules->map.cols; ++c)
      if (marl_grid_is(world, MARL_GRID_FIRST_ITEM, r, c))
        marl_grid_put(world, MARL_GRID_FIRST_ITEM, r, c);
  for (size_t k = 0; k < sizeof apples / sizeof *apples; ++k)
    marl_grid_put(world, MARL_GRID_FIRST_ITEM, apples[k].row, apples[k].col);
  grid_put(world, 0, 6, 10, 2);
  wait(world, 1, (const uint8_t[]){FORWARD, STAY, STAY});
  UNIT_NEAR(world->tally[0].items, 1, 0);
  UNIT_NEAR(world->tally[0].record, -1, 0);
  grid_put(world, 0, 6, 5, 2);
  wait(world, 1, (const uint8_t[]){FORWARD, STAY, STAY});
  UNIT_NEAR(world->tally[0].items, 2, 0);
  UNIT_NEAR(world->tally[0].record, -0.99, 1e-12); /* faded by 1 / record_steps = 1 / 100 */
  env->ops->destroy(env);
}

/* Records 1, 0, 0: agents 1 and 2 are low. In seven steps agent 1 is hit three times, agent 0 once. */
static void test_selectivity_compares_hits_a_step(void) {
  MarlEnv *env = scene("fine", nothing);
  MarlGridWorld *world = set(env);
  float metrics[MARL_GRID_NUM_METRICS];
  int selectivity = 0, by_contributors = 0;
  for (int m = 0; m < MARL_GRID_NUM_METRICS; ++m) {
    if (strcmp(marl_grid_metric_names[m], "selectivity") == 0) selectivity = m;
    if (strcmp(marl_grid_metric_names[m], "contributor_hits") == 0) by_contributors = m;
  }
  marl_grid_note(world, 0, 1.0);
  wait(world, 3, zap); /* agent 0, who is not low, hits agent 1, who is */
  wait(world, 3, stay);
  grid_put(world, 1, 11, 10, 0);                      /* looks down at agent 0 */
  wait(world, 1, (const uint8_t[]){STAY, ZAP, STAY}); /* and hits it */
  marl_grid_measure(world, metrics);
  /* low: 3 hits in 2 x 7 steps; high: 1 in 7 */
  UNIT_NEAR(metrics[selectivity], 3 / 14.0 / (3 / 14.0 + 1 / 7.0), 1e-6);
  UNIT_NEAR(metrics[by_contributors], 0.75, 1e-6);
  env->ops->destroy(env);
}

/* Agent 0 punishes, agent 1 stands in its beam and agent 2 behind it: only who is hit first counts. Records
 * 6, x, 6 with lenience 1/4: the mean is (12 + x) / 3, and x is below a quarter of it under 12 / 11. */
static void test_a_punisher_zaps_whose_record_is_low(void) {
  MarlEnv *env = grid_make("cleanup", "cleanup_small",
                           (const char *const[]){"num_agents", "3", "policies",
                                                 "punisher, learner*2", "mechanism", "fine", NULL});
  for (int k = 0; k < 4; ++k) {
    MarlGridWorld *world = grid_begin(env, 0);
    grid_put(world, 0, 6, 6, 2);
    grid_put(world, 1, 4, 6, 3);
    grid_put(world, 2, 3, 6, 3);
    const double record[] = {6, k == 0 ? 1 : k == 1 ? 1.2 : 6, k == 2 ? 0 : 6};
    for (int i = 0; i < 3; ++i) marl_grid_note(world, i, record[i]);
    if (k == 3) world->tally[1].record = 0, world->agent[0].zap_wait = 2; /* not ready */
    CU_ASSERT_EQUAL(marl_grid_targets(world, 0), 1u << 1);
    marl_grid_players_begin(world);
    const int number = marl_grid_scripted(world, 0);
    CU_ASSERT_EQUAL(number == ZAP, k == 0);
    marl_grid_step(world, (const uint8_t[]){ZAP, STAY, STAY});
    UNIT_NEAR(world->tally[0].hits, k < 3, 0); /* the beam goes where it is said to go */
    UNIT_NEAR(world->tally[2].fined, 0, 0);
  }
  env->ops->destroy(env);
}

static void test_what_does_not_go_together_is_refused(void) {
  static const struct {
    const char *text, *says;
  } cases[] = {
      {"none+pool", "none takes the beam away"},
      {"none+fine", "none takes the beam away"},
      {"fine+fine(amount=2)", "fine is named twice"},
      {"fined", "fine"},
      {"fine(amount)", "expected key=value"},
      {"fine(amount=1", "expected NAME(key=value)"},
      {"fine(amont=1)", "amount"},
      {"removal(steps=0)", "removal"},
      {"removal", "nobody is away"},
      {"graduated", "nobody is away"},
  };
  for (size_t k = 0; k < sizeof cases / sizeof *cases; ++k) {
    MarlGridRules rules = {.dynamics = MARL_GRID_SOCIALJAX, .mark_steps = 50};
    MarlError err;
    MarlCode code = marl_grid_mechanisms_parse(cases[k].text, &rules.mechanisms, &err);
    if (code == MARL_OK) code = marl_grid_mechanisms_check(&rules.mechanisms, &rules, &err);
    UNIT_ERROR(code, MARL_ECONFIG, cases[k].says);
  }
}

static CU_TestInfo tests[] = {
    {"a fine is paid, and nobody leaves", test_a_fine_is_paid_and_nobody_leaves},
    {"with none the beam is off", test_with_none_the_beam_is_off},
    {"removal lasts its steps", test_removal_lasts_its_steps},
    {"teleport moves at once", test_teleport_moves_at_once},
    {"graduated freezes, then fines and removes", test_graduated_freezes_then_fines_and_removes},
    {"restitution pays who hits a low record", test_restitution_pays_who_hits_a_low_record},
    {"a pool taxes all and fines whose record is low",
     test_a_pool_taxes_all_and_fines_whose_record_is_low},
    {"a contract pays for what is done in the step",
     test_a_contract_pays_for_what_is_done_in_the_step},
    {"a contract charges who takes the last apples",
     test_a_contract_charges_who_takes_the_last_apples},
    {"a mark is seen for its steps on the map", test_a_mark_is_seen_for_its_steps_on_the_map},
    {"a record is of dirt cleaned, and fades", test_a_record_is_of_dirt_cleaned_and_fades},
    {"a record is of apples with few around them", test_a_record_is_of_apples_with_few_around_them},
    {"selectivity compares hits a step", test_selectivity_compares_hits_a_step},
    {"a punisher zaps whose record is low", test_a_punisher_zaps_whose_record_is_low},
    {"what does not go together is refused", test_what_does_not_go_together_is_refused},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"mechanisms of grid worlds", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
