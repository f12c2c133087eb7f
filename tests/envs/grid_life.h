/* Grid worlds for tests: made by name from a map of configs/grid/maps, lived in by scripted policies. */
#ifndef MARL_TESTS_ENVS_GRID_LIFE_H
#define MARL_TESTS_ENVS_GRID_LIFE_H

#include "envs/env_table.h"
#include "envs/grid/game.h"
#include "envs/grid/scripted.h"
#include "tests/unit.h"

enum { GRID_MAX_EPISODES = 512 };

/* The options of an environment with a map, a name in configs/grid/maps. */
static inline MarlSection *grid_section(const char *name, const char *map, const MarlEnvOps **ops) {
  MarlError err;
  MarlSection *config;
  const char *source = getenv("MARL_SOURCE");
  char path[1024];
  UNIT_OK(marl_env_find(marl_env_table, name, ops, &err));
  const MarlOptionTable table = {(*ops)->options, (*ops)->num_options};
  UNIT_OK(marl_section_create("env", &table, 1, &config, &err));
  snprintf(path, sizeof path, "%s/configs/grid/maps/%s.txt", source != NULL ? source : ".", map);
  UNIT_OK(marl_section_set(config, "map", path, "test", &err));
  return config;
}

/* settings: key, value, ..., NULL */
static inline MarlEnv *grid_make(const char *name, const char *map, const char *const *settings) {
  MarlError err;
  MarlEnv *env = NULL;
  const MarlEnvOps *ops;
  MarlSection *config = grid_section(name, map, &ops);
  for (; settings[0] != NULL; settings += 2)
    UNIT_OK(marl_section_set(config, settings[0], settings[1], "test", &err));
  UNIT_OK(ops->create(config, MPI_COMM_SELF, &env, &err));
  env->ops = ops;
  marl_section_destroy(&config);
  return env;
}

static inline MarlGridWorld *grid_begin(MarlEnv *env, uint64_t episode) {
  MarlGridWorld *world = marl_grid_env_world(env);
  marl_grid_begin(world, marl_grid_env_rules(env),
                  marl_key_fold(marl_key(1, MARL_STREAM_ENV), episode));
  return world;
}

/* Moves an agent that is on the map. */
static inline void grid_put(MarlGridWorld *world, int agent, int row, int col, int heading) {
  marl_grid_lift(world, agent);
  world->agent[agent].heading = heading;
  marl_grid_place(world, agent, row, col);
}

/* One step in which everybody plays its policy. */
static inline void grid_live(MarlGridWorld *world) {
  uint8_t number[MARL_GRID_MAX_AGENTS];
  marl_grid_players_begin(world);
  for (int i = 0; i < world->rules->num_agents; ++i)
    number[i] = (uint8_t)marl_grid_scripted(world, i);
  marl_grid_step(world, number);
}

/* Mean over episodes and its standard error. */
typedef struct GridMean {
  double mean, error;
} GridMean;

static inline GridMean grid_mean(const double *value, int count) {
  double sum = 0, square = 0;
  for (int i = 0; i < count; ++i) sum += value[i];
  for (int i = 0; i < count; ++i) square += (value[i] - sum / count) * (value[i] - sum / count);
  return (GridMean){sum / count, sqrt(square / (count - 1.0) / count)};
}

/* The mean agrees with a published one, given as its 95 % interval: within 3.5 standard errors of the
 * difference (one of 2,000 such comparisons fails by chance; the episodes are always the same), plus
 * half of the last digit that is printed. */
static inline void grid_agrees(const char *what, GridMean got, double expected, double interval,
                               double digit) {
  const double se = sqrt(got.error * got.error + interval * interval / (1.96 * 1.96));
  const double most = 3.5 * se + digit / 2;
  if (!(fabs(got.mean - expected) <= most))
    printf("\n    %s: %.3f +- %.3f, expected %.3f +- %.3f", what, got.mean, 1.96 * got.error,
           expected, interval);
  else if (getenv("MARL_GRID_VERBOSE") != NULL)
    printf("\n    %s: %.3f +- %.3f (%.3f +- %.3f)", what, got.mean, 1.96 * got.error, expected,
           interval);
  CU_ASSERT_TRUE(fabs(got.mean - expected) <= most);
}

#endif
