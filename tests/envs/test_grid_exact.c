/* Grid worlds to the cell and to the step: maps, regrowth, dirt, scripted players alone, conflicts of
 * movement, beams. Expected numbers are counted by hand or from the published maps and formulas. */
#include "tests/envs/grid_life.h"

/* Only the first agent is on the map. */
static void leave_alone(MarlGridWorld *world) {
  for (int i = 1; i < world->rules->num_agents; ++i) {
    marl_grid_lift(world, i);
    world->agent[i].away = INT32_MAX / 2;
  }
}

static void test_shipped_maps_have_their_cells(void) {
  static const struct {
    const char *name;
    int rows, cols, sites, full, water, dirt, river, spawn, first;
  } maps[] = {
      {"cleanup", 19, 28, 122, 0, 147, 79, 20, 19, 0},
      {"cleanup_small", 8, 14, 32, 0, 32, 16, 0, 6, 0},
      {"harvest_open", 16, 22, 64, 64, 0, 0, 0, 60, 2},
      {"harvest_closed", 16, 22, 64, 64, 0, 0, 0, 60, 2},
      {"harvest_small", 9, 13, 25, 25, 0, 0, 0, 10, 0},
      {"coins", 16, 11, 174, 0, 0, 0, 0, 2, 0},
  };
  for (size_t m = 0; m < sizeof maps / sizeof *maps; ++m) {
    MarlGridMap map;
    MarlError err;
    char path[1024];
    snprintf(path, sizeof path, "%s/configs/grid/maps/%s.txt", getenv("MARL_SOURCE"), maps[m].name);
    UNIT_OK(marl_grid_map_read(path, &map, &err));
    CU_ASSERT_EQUAL(map.rows, maps[m].rows);
    CU_ASSERT_EQUAL(map.cols, maps[m].cols);
    CU_ASSERT_EQUAL(map.num_sites, maps[m].sites);
    CU_ASSERT_EQUAL(map.num_full, maps[m].full);
    CU_ASSERT_EQUAL(map.num_water, maps[m].water);
    CU_ASSERT_EQUAL(map.num_dirt, maps[m].dirt);
    CU_ASSERT_EQUAL(map.num_river, maps[m].river);
    CU_ASSERT_EQUAL(map.num_spawn, maps[m].spawn);
    CU_ASSERT_EQUAL(map.num_first, maps[m].first);
  }
}

static void test_a_bad_map_is_answered_with_line_and_column(void) {
  MarlGridMap map;
  MarlError err;
  UNIT_ERROR(marl_grid_map_parse("legend\nB apple_site\nmap\nBB\nBxB\n", "my.txt", &map, &err),
             MARL_ECONFIG, "my.txt:5:2: 'x' is not in the legend");
  UNIT_ERROR(marl_grid_map_parse("legend\nB aple_site\n", "my.txt", &map, &err), MARL_ECONFIG,
             "did you mean 'apple_site'");
  UNIT_ERROR(marl_grid_map_parse("legend\nB apple\nB wall\n", "my.txt", &map, &err), MARL_ECONFIG,
             "my.txt:3: 'B' has a meaning already");
  UNIT_ERROR(marl_grid_map_parse("map\n123456789012345678901234567890123\n", "my.txt", &map, &err),
             MARL_ECONFIG, "my.txt:2:1: '1' is not in the legend");
  UNIT_ERROR(marl_grid_map_parse("map\n                                 \n", "my.txt", &map, &err),
             MARL_ECONFIG, "my.txt:2:33: a row of the map has at most 32 cells");
  UNIT_ERROR(marl_grid_map_parse("# nothing\n", "my.txt", &map, &err), MARL_ECONFIG, "no map");
  UNIT_ERROR(marl_grid_map_parse("map\n\tB\n", "my.txt", &map, &err), MARL_ECONFIG, "my.txt:2:1");
  /* an empty line inside is a row of floor, at the end it is what an editor leaves */
  UNIT_OK(marl_grid_map_parse("legend\nB apple\nmap\nB\n\nB\n\n\n", "my.txt", &map, &err));
  CU_ASSERT_EQUAL(map.rows, 3);
}

/* Expected growth of Harvest's open map with apples on a pattern of its sites: sum over empty sites. */
static double expected_growth(const MarlGridWorld *world, const double *chance, int *by_neighbors) {
  const MarlGridMap *map = &world->rules->map;
  double sum = 0;
  memset(by_neighbors, 0, 4 * sizeof *by_neighbors);
  for (int r = 0; r < map->rows; ++r)
    for (int c = 0; c < map->cols; ++c) {
      if (!(map->site[r] >> c & 1) || marl_grid_is(world, MARL_GRID_FIRST_ITEM, r, c)) continue;
      const int n = marl_grid_neighbors(world, MARL_GRID_FIRST_ITEM, r, c);
      ++by_neighbors[n < 3 ? n : 3];
      sum += chance[n < 3 ? n : 3];
    }
  return sum;
}

/* State A: apples where row + column is even; B: where the column is a multiple of 3. */
static void set_state(MarlGridWorld *world, bool a) {
  const MarlGridMap *map = &world->rules->map;
  for (int r = 0; r < map->rows; ++r)
    for (int c = 0; c < map->cols; ++c)
      if (marl_grid_is(world, MARL_GRID_FIRST_ITEM, r, c) && (a ? (r + c) % 2 : c % 3) != 0)
        marl_grid_put(world, MARL_GRID_FIRST_ITEM, r, c);
}

static void test_regrowth_by_neighbors(void) {
  static const double social[] = {0, 0.001, 0.005, 0.025}, melting[] = {0, 0.0025, 0.005, 0.025};
  static const double small[] = {0, 0.005, 0.02, 0.05};
  MarlEnv *env = grid_make("harvest", "harvest_open", (const char *const[]){NULL});
  int n[4];
  MarlGridWorld *world = grid_begin(env, 0);
  set_state(world, true);
  CU_ASSERT_EQUAL(marl_grid_count(world, MARL_GRID_FIRST_ITEM), 32);
  UNIT_NEAR(expected_growth(world, social, n), 0.36, 1e-12);
  CU_ASSERT(n[0] == 0 && n[1] == 10 && n[2] == 10 && n[3] == 12);
  UNIT_NEAR(expected_growth(world, melting, n), 0.375, 1e-12);
  UNIT_NEAR(expected_growth(world, small, n), 0.85, 1e-12);
  world = grid_begin(env, 0);
  set_state(world, false);
  CU_ASSERT_EQUAL(marl_grid_count(world, MARL_GRID_FIRST_ITEM), 22);
  UNIT_NEAR(expected_growth(world, social, n), 0.37, 1e-12);
  CU_ASSERT(n[0] == 0 && n[1] == 10 && n[2] == 22 && n[3] == 10);
  UNIT_NEAR(expected_growth(world, melting, n), 0.385, 1e-12);
  UNIT_NEAR(expected_growth(world, small, n), 0.99, 1e-12);
  env->ops->destroy(env);
}

static void test_the_commons_grows_back_as_published(void) {
  static const struct {
    const char *dynamics;
    double chance[4];
  } published[] = {{"meltingpot", {0, 0.0025, 0.005, 0.025}},
                   {"socialjax", {0, 0.001, 0.005, 0.025}}};
  for (int d = 0; d < 2; ++d) {
    MarlEnv *env = grid_make("harvest", "harvest_open",
                             (const char *const[]){"dynamics", published[d].dynamics, NULL});
    for (int n = 0; n < MARL_GRID_MAX_GROWTH; ++n)
      UNIT_NEAR(marl_grid_env_rules(env)->growth[n], published[d].chance[n < 3 ? n : 3], 0);
    env->ops->destroy(env);
  }
}

/* From state A, 200 steps without anybody: 62.82 +- 0.14 apples in an independent model. */
static void test_a_spared_commons_recovers(void) {
  enum { EPISODES = 200 };
  double apples[EPISODES];
  MarlEnv *env =
      grid_make("harvest", "harvest_open",
                (const char *const[]){"dynamics", "socialjax", "policies", "eater", NULL});
  for (int e = 0; e < EPISODES; ++e) {
    MarlGridWorld *world = grid_begin(env, (uint64_t)e);
    set_state(world, true);
    for (int t = 0; t < 200; ++t) {
      ++world->step;
      marl_grid_draws_begin(&world->draws, world->key, world->step);
      world->rules->game->grow(world);
    }
    apples[e] = marl_grid_count(world, MARL_GRID_FIRST_ITEM);
  }
  grid_agrees("apples", grid_mean(apples, EPISODES), 62.82, 0.14, 0.01);
  env->ops->destroy(env);
}

/* With the dirt held at d: 122 (1 - (1 - p)^20) apples, p of the formula of cleanup.c. */
static void test_apples_grow_by_the_share_of_dirt(void) {
  enum { EPISODES = 300 };
  static const int dirt[] = {0, 40};
  double apples[EPISODES];
  MarlEnv *env =
      grid_make("cleanup", "cleanup",
                (const char *const[]){"dynamics", "socialjax", "dirt_probability", "0", NULL});
  for (int d = 0; d < 2; ++d) {
    for (int e = 0; e < EPISODES; ++e) {
      MarlGridWorld *world = grid_begin(env, (uint64_t)e);
      world->num_dirt = dirt[d];
      for (int t = 1; t <= 20; ++t) {
        marl_grid_draws_begin(&world->draws, world->key, t);
        world->rules->game->grow(world);
      }
      apples[e] = marl_grid_count(world, MARL_GRID_FIRST_ITEM);
    }
    const double p = 0.05 * (0.4 - dirt[d] / 167.0) / 0.4;
    UNIT_NEAR(122 * (1 - pow(1 - p, 20)), d == 0 ? 78.26 : 40.65, 0.005);
    grid_agrees("apples", grid_mean(apples, EPISODES), 122 * (1 - pow(1 - p, 20)), 0, 0);
  }
  env->ops->destroy(env);
}

static void test_dirt_comes_with_time(void) {
  enum { EPISODES = 200 };
  static const char *const names[] = {"meltingpot", "socialjax"};
  double dirt[EPISODES];
  for (int d = 0; d < 2; ++d) {
    const int begins = d == 0 ? 50 : 51;
    MarlEnv *env =
        grid_make("cleanup", "cleanup", (const char *const[]){"dynamics", names[d], NULL});
    for (int e = 0; e < EPISODES; ++e) {
      MarlGridWorld *world = grid_begin(env, (uint64_t)e);
      uint8_t stay[MARL_GRID_MAX_AGENTS];
      memset(stay, marl_grid_stay(world->rules), sizeof stay);
      for (int t = 0; t < begins; ++t) marl_grid_step(world, stay);
      CU_ASSERT_EQUAL(world->num_dirt, 79);
      for (int t = begins; t < 120; ++t) marl_grid_step(world, stay);
      dirt[e] = world->num_dirt;
    }
    /* nobody stands in the water at the start, so that socialjax misses none */
    grid_agrees("dirt", grid_mean(dirt, EPISODES), 79 + 0.5 * (120 - begins), 0, 0);
    env->ops->destroy(env);
  }
}

static void test_an_eater_alone_clears_the_commons_in_130_steps(void) {
  MarlEnv *env = grid_make("harvest", "harvest_open",
                           (const char *const[]){"policies", "eater", "regrowth", "0", NULL});
  MarlGridWorld *world = grid_begin(env, 0);
  leave_alone(world);
  grid_put(world, 0, 6, 6, 0);
  marl_grid_take(world, 0);
  int steps = 0;
  while (marl_grid_count(world, MARL_GRID_FIRST_ITEM) > 0 && steps < 1000) {
    grid_live(world);
    ++steps;
  }
  CU_ASSERT_EQUAL(steps, 130);
  UNIT_NEAR(world->tally[0].items, 64, 0);
  env->ops->destroy(env);
}

static void test_a_cleaner_alone_cleans_everything(void) {
  static const struct {
    const char *dynamics;
    int after_50, after_100, steps;
  } cases[] = {{"socialjax", 60, 34, 164}, {"meltingpot", 54, 30, 161}};
  for (int k = 0; k < 2; ++k) {
    MarlEnv *env = grid_make("cleanup", "cleanup",
                             (const char *const[]){"policies", "cleaner", "dirt_probability", "0",
                                                   "dynamics", cases[k].dynamics, NULL});
    MarlGridWorld *world = grid_begin(env, 0);
    for (int i = 1; i < 7; ++i) { /* out of the way, and idle */
      marl_grid_lift(world, i);
      world->agent[i].away = INT32_MAX / 2;
    }
    grid_put(world, 0, 8, 14, 0);
    int steps = 0;
    while (world->num_dirt > 0 && steps < 1000) {
      uint8_t number[MARL_GRID_MAX_AGENTS];
      memset(number, marl_grid_stay(world->rules), sizeof number);
      marl_grid_players_begin(world);
      number[0] = (uint8_t)marl_grid_scripted(world, 0);
      marl_grid_step(world, number);
      ++steps;
      if (steps == 50) CU_ASSERT_EQUAL(world->num_dirt, cases[k].after_50);
      if (steps == 100) CU_ASSERT_EQUAL(world->num_dirt, cases[k].after_100);
    }
    CU_ASSERT_EQUAL(steps, cases[k].steps);
    env->ops->destroy(env);
  }
}

static CU_TestInfo tests[] = {
    {"the shipped maps have their cells", test_shipped_maps_have_their_cells},
    {"a bad map is answered with line and column", test_a_bad_map_is_answered_with_line_and_column},
    {"regrowth by neighbors", test_regrowth_by_neighbors},
    {"the commons grows back as published", test_the_commons_grows_back_as_published},
    {"a spared commons recovers", test_a_spared_commons_recovers},
    {"apples grow by the share of dirt", test_apples_grow_by_the_share_of_dirt},
    {"dirt comes with time", test_dirt_comes_with_time},
    {"an eater alone clears the commons in 130 steps",
     test_an_eater_alone_clears_the_commons_in_130_steps},
    {"a cleaner alone cleans everything, to the step", test_a_cleaner_alone_cleans_everything},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"grid worlds, exactly", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
