/* What holds in every grid world whatever agents do, and single rules by hand: who may stand where, what
 * a window shows, where beams go, how long who was hit is away. */
#include "envs/grid/view.h"
#include "tests/envs/grid_life.h"

static const char *const *const crowds[][2] = {
    {(const char *const[]){"harvest", "harvest_closed"},
     (const char *const[]){"policies", "random", "num_agents", "16", NULL}},
    {(const char *const[]){"harvest", "harvest_closed"},
     (const char *const[]){"policies", "random", "num_agents", "16", "dynamics", "socialjax",
                           NULL}},
    {(const char *const[]){"cleanup", "cleanup_small"},
     (const char *const[]){"policies", "random", "num_agents", "6", "mechanism", "removal(steps=3)",
                           NULL}},
    {(const char *const[]){"cleanup", "cleanup_small"},
     (const char *const[]){"policies", "random", "num_agents", "6", "dynamics", "socialjax",
                           "socialjax_quirks", "true", NULL}},
    {(const char *const[]){"coop_mining", "coop_mining"},
     (const char *const[]){"policies", "random", "num_agents", "12", "gold_growth", "0.1", NULL}},
};
enum { NUM_CROWDS = sizeof crowds / sizeof *crowds };

static bool has(const MarlGridWorld *world, int kind, int row, int col) {
  return kind >= MARL_GRID_OUTSIDE
             ? marl_grid_at(&world->rules->scenery[kind - MARL_GRID_OUTSIDE], row, col)
             : marl_grid_at(&world->board[kind], row, col);
}

/* Agents are where the board says, none in a wall, no two on a cell; items lie on sites only, one a
 * cell; dirt and clean water make up the water. */
static void test_nobody_shares_a_cell_and_items_lie_on_sites(void) {
  for (int k = 0; k < NUM_CROWDS; ++k) {
    MarlEnv *env = grid_make(crowds[k][0][0], crowds[k][0][1], crowds[k][1]);
    MarlGridWorld *world = grid_begin(env, (uint64_t)k);
    const MarlGridMap *map = &world->rules->map;
    int broken = 0;
    for (int t = 0; t < 300; ++t) {
      grid_live(world);
      int here = 0;
      for (int i = 0; i < world->rules->num_agents; ++i) {
        const MarlGridAgent *a = &world->agent[i];
        if (a->away > 0) continue;
        ++here;
        broken += marl_grid_agent_at(world, a->row, a->col) != i;
        broken += marl_grid_blocked(world->rules, a->row, a->col);
      }
      broken += marl_grid_count(world, MARL_GRID_AGENT) != here;
      int headings = 0;
      for (int h = 0; h < 4; ++h)
        headings += marl_grid_count(world, (MarlGridKind)(MARL_GRID_HEADING + h));
      broken += headings != here;
      for (int r = 0; r < map->rows; ++r)
        for (int c = 0; c < map->cols; ++c) {
          const int items = has(world, MARL_GRID_FIRST_ITEM, r, c) +
                            has(world, MARL_GRID_SECOND_ITEM, r, c) +
                            has(world, MARL_GRID_THIRD_ITEM, r, c);
          broken += items > (int)(map->site[r] >> c & 1);
          broken += has(world, MARL_GRID_DIRT, r, c) + has(world, MARL_GRID_CLEAN, r, c) !=
                    (int)(map->water[r] >> c & 1);
        }
      broken += marl_grid_count(world, MARL_GRID_DIRT) != world->num_dirt;
    }
    CU_ASSERT_EQUAL(broken, 0);
    env->ops->destroy(env);
  }
}

/* Every number of every window, from the cell that lies so far ahead and so far to the right. */
static void test_a_window_shows_what_lies_ahead(void) {
  for (int k = 0; k < NUM_CROWDS; ++k) {
    MarlEnv *env = grid_make(crowds[k][0][0], crowds[k][0][1], crowds[k][1]);
    MarlGridWorld *world = grid_begin(env, (uint64_t)k);
    const MarlGridRules *rules = world->rules;
    const int rows = marl_grid_view_rows(rules), cols = marl_grid_view_cols(rules);
    const int planes = rules->num_planes;
    float *obs = malloc((size_t)marl_grid_view_size(rules) * sizeof *obs);
    int broken = 0;
    for (int t = 0; t < 40; ++t) grid_live(world);
    for (int i = 0; i < rules->num_agents; ++i) {
      const MarlGridAgent *a = &world->agent[i];
      const int h = a->heading, right = (h + 3) & 3;
      marl_grid_view(world, i, obs);
      for (int at = 0; at < rows * cols * planes && a->away == 0; ++at) {
        const int ahead = rules->view_ahead - at / planes / cols;
        const int side = at / planes % cols - rules->view_side;
        const int r = a->row + ahead * marl_grid_down(h) + side * marl_grid_down(right);
        const int c = a->col + ahead * marl_grid_right(h) + side * marl_grid_right(right);
        const bool inside = r >= 0 && r < rules->map.rows && c >= 0 && c < rules->map.cols;
        const bool self = ahead == 0 && side == 0;
        int kind = (int)rules->plane[at % planes].kind;
        const bool agents = kind >= MARL_GRID_AGENT && kind < MARL_GRID_OUTSIDE &&
                            kind != MARL_GRID_ZAP && kind != MARL_GRID_TOOL;
        if (kind >= MARL_GRID_HEADING && kind < MARL_GRID_OUTSIDE)
          kind = MARL_GRID_HEADING + (kind - MARL_GRID_HEADING + h) % 4;
        const bool expected = kind == MARL_GRID_OUTSIDE
                                  ? !inside || has(world, kind, r, c)
                                  : inside && !(agents && self) && has(world, kind, r, c);
        broken += obs[at] != (expected ? 1.0f : 0.0f);
      }
    }
    CU_ASSERT_EQUAL(broken, 0);
    free(obs);
    env->ops->destroy(env);
  }
}

/* Two agents face each other, or one follows the other, in the open part of Harvest. */
static void take_steps(MarlGridWorld *world, int n, const uint8_t *number) {
  for (int i = 0; i < n; ++i) marl_grid_step(world, number);
}

static void test_exchanges_are_refused_and_followers_follow(void) {
  enum { TRIES = 400 };
  MarlEnv *env = grid_make("harvest", "harvest_open",
                           (const char *const[]){"num_agents", "2", "regrowth", "0", NULL});
  int followed = 0;
  const uint8_t forward[] = {1, 1};
  for (int t = 0; t < TRIES; ++t) {
    MarlGridWorld *world = grid_begin(env, (uint64_t)t);
    grid_put(world, 0, 11, 5, 1);
    grid_put(world, 1, 11, 6, 3);
    marl_grid_step(world, forward);
    CU_ASSERT(world->agent[0].col == 5 && world->agent[1].col == 6);
    grid_put(world, 1, 11, 6, 1);
    marl_grid_step(world, forward);
    CU_ASSERT_EQUAL(world->agent[1].col, 7);
    followed += world->agent[0].col == 6;
  }
  UNIT_NEAR(followed, TRIES / 2.0, 4 * sqrt(TRIES / 4.0)); /* half of the orders; 4 sigma */
  env->ops->destroy(env);
  env = grid_make("harvest", "harvest_open",
                  (const char *const[]){"num_agents", "2", "dynamics", "socialjax", NULL});
  MarlGridWorld *world = grid_begin(env, 0);
  grid_put(world, 0, 11, 5, 1);
  grid_put(world, 1, 11, 6, 3);
  marl_grid_step(world, (const uint8_t[]){2, 3}); /* right and left */
  CU_ASSERT(world->agent[0].col == 5 && world->agent[1].col == 6);
  marl_grid_step(world, (const uint8_t[]){2, 2}); /* the leader frees the cell */
  CU_ASSERT(world->agent[0].col == 6 && world->agent[1].col == 7);
  env->ops->destroy(env);
}

static void test_beams_have_their_cells(void) {
  MarlEnv *env =
      grid_make("harvest", "harvest_open", (const char *const[]){"num_agents", "2", NULL});
  MarlGridWorld *world = grid_begin(env, 0);
  grid_put(world, 0, 11, 10, 2);
  grid_put(world, 1, 14, 3, 0);
  marl_grid_step(world, (const uint8_t[]){7, 0});
  CU_ASSERT_EQUAL(marl_grid_count(world, MARL_GRID_ZAP), 9);
  for (int ahead = 1; ahead <= 3; ++ahead) {
    CU_ASSERT_TRUE(marl_grid_is(world, MARL_GRID_ZAP, 11 - ahead, 10));
    CU_ASSERT_TRUE(marl_grid_is(world, MARL_GRID_ZAP, 12 - ahead, 9));
    CU_ASSERT_TRUE(marl_grid_is(world, MARL_GRID_ZAP, 12 - ahead, 11));
  }
  env->ops->destroy(env);
  env = grid_make("harvest", "harvest_open",
                  (const char *const[]){"num_agents", "2", "dynamics", "socialjax", NULL});
  world = grid_begin(env, 0);
  grid_put(world, 0, 11, 10, 1);
  grid_put(world, 1, 14, 3, 0);
  marl_grid_step(world, (const uint8_t[]){7, 6});
  CU_ASSERT_EQUAL(marl_grid_count(world, MARL_GRID_ZAP), 4);
  CU_ASSERT_TRUE(marl_grid_is(world, MARL_GRID_ZAP, 11, 11));
  CU_ASSERT_TRUE(marl_grid_is(world, MARL_GRID_ZAP, 11, 12));
  CU_ASSERT_TRUE(marl_grid_is(world, MARL_GRID_ZAP, 10, 11));
  CU_ASSERT_TRUE(marl_grid_is(world, MARL_GRID_ZAP, 12, 11));
  env->ops->destroy(env);
}

/* Who stands behind another is not hit; fines and costs are paid; the next shot waits. */
static void test_a_hit_removes_for_its_steps_and_costs_what_it_costs(void) {
  MarlEnv *env = grid_make(
      "harvest", "harvest_open",
      (const char *const[]){"num_agents", "3", "mechanism", "fine+removal(steps=4)", "zap_cooldown",
                            "2", "zap_cost", "1", "hit_cost", "0.5", NULL});
  MarlGridWorld *world = grid_begin(env, 0);
  grid_put(world, 0, 11, 10, 2);
  grid_put(world, 1, 10, 10, 0);
  grid_put(world, 2, 9, 10, 0);
  const uint8_t zap[] = {7, 0, 0}, stay[] = {0, 0, 0};
  marl_grid_step(world, zap);
  UNIT_NEAR(world->reward[0], -1.5, 1e-12);
  UNIT_NEAR(world->reward[1], -50, 1e-12);
  UNIT_NEAR(world->reward[2], 0, 0);
  CU_ASSERT(world->agent[1].away > 0 && world->agent[2].away == 0);
  take_steps(world, 2, zap); /* too early, both times */
  CU_ASSERT(world->agent[2].away == 0);
  UNIT_NEAR(world->tally[0].zaps, 1, 0);
  marl_grid_step(world, zap); /* the third step after the first */
  UNIT_NEAR(world->tally[0].zaps, 2, 0);
  CU_ASSERT(world->agent[2].away > 0);
  CU_ASSERT(world->agent[1].away == 1); /* in its fourth step without a move */
  marl_grid_step(world, stay);
  CU_ASSERT(world->agent[1].away == 0);
  env->ops->destroy(env);
}

static void test_the_shooter_at_the_border_hits_itself_as_published(void) {
  for (int quirks = 0; quirks < 2; ++quirks) {
    MarlEnv *env =
        grid_make("harvest", "harvest_open",
                  (const char *const[]){"num_agents", "2", "dynamics", "socialjax",
                                        "socialjax_quirks", quirks ? "true" : "false", NULL});
    MarlGridWorld *world = grid_begin(env, 0);
    grid_put(world, 0, 15, 10, 0);
    grid_put(world, 1, 11, 3, 0);
    marl_grid_step(world, (const uint8_t[]){7, 6});
    CU_ASSERT_EQUAL(world->agent[0].sent > 0, quirks);
    env->ops->destroy(env);
  }
}

/* Apples grow everywhere in every step: who stands still in the orchard is fed each step, or never. */
static void test_who_stands_where_something_grows_has_it_as_published(void) {
  static const char *const names[] = {"meltingpot", "socialjax"};
  for (int d = 0; d < 2; ++d) {
    MarlEnv *env =
        grid_make("cleanup", "cleanup_small",
                  (const char *const[]){"num_agents", "2", "dynamics", names[d], "apple_growth",
                                        "1", "depletion", "1", "restoration", "0.99", NULL});
    MarlGridWorld *world = grid_begin(env, 0);
    const uint8_t still = (uint8_t)marl_grid_stay(world->rules);
    grid_put(world, 0, 3, 11, 0);
    grid_put(world, 1, 3, 6, 0);
    take_steps(world, 5, (const uint8_t[]){still, still});
    UNIT_NEAR(world->tally[0].items, d == 0 ? 5 : 0, 0);
    CU_ASSERT_FALSE(marl_grid_is(world, MARL_GRID_FIRST_ITEM, 3, 11));
    CU_ASSERT_EQUAL(marl_grid_count(world, MARL_GRID_FIRST_ITEM), 31); /* all other sites bear */
    env->ops->destroy(env);
  }
}

/* An option that another dynamics has is not passed over in silence. */
static void test_beams_of_socialjax_cannot_be_set(void) {
  static const struct {
    const char *game, *map, *key, *value;
  } cases[] = {{"cleanup", "cleanup", "zap_length", "5"},
               {"cleanup", "cleanup", "clean_cooldown", "0"},
               {"harvest", "harvest_open", "zap_radius", "0"},
               {"coop_mining", "coop_mining", "mine_length", "1"}};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; ++k) {
    MarlError err;
    MarlEnv *env = NULL;
    const MarlEnvOps *ops;
    MarlSection *config = grid_section(cases[k].game, cases[k].map, &ops);
    UNIT_OK(marl_section_set(config, "dynamics", "socialjax", "test", &err));
    UNIT_OK(marl_section_set(config, cases[k].key, cases[k].value, "my.yaml:3", &err));
    UNIT_ERROR(ops->create(config, MPI_COMM_SELF, &env, &err), MARL_ECONFIG, cases[k].key);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.message, "my.yaml:3"));
    marl_section_destroy(&config);
  }
}

static CU_TestInfo tests[] = {
    {"nobody shares a cell, and items lie on sites",
     test_nobody_shares_a_cell_and_items_lie_on_sites},
    {"a window shows what lies ahead", test_a_window_shows_what_lies_ahead},
    {"exchanges are refused and followers follow", test_exchanges_are_refused_and_followers_follow},
    {"beams have their cells", test_beams_have_their_cells},
    {"beams of socialjax cannot be set", test_beams_of_socialjax_cannot_be_set},
    {"a hit removes for its steps and costs what it costs",
     test_a_hit_removes_for_its_steps_and_costs_what_it_costs},
    {"who stands where something grows has it, as published",
     test_who_stands_where_something_grows_has_it_as_published},
    {"the shooter at the border hits itself, as published",
     test_the_shooter_at_the_border_hits_itself_as_published},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"rules of grid worlds", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
