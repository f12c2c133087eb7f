/* Grid worlds: environment steps a core second of processor time, with agents that act at random.
 *
 *   bench_grid [MAPS_FOLDER]        default configs/grid/maps
 *
 * For each world: the step alone; with each agent's window as bit planes; the whole environment, which
 * expands them to floats and measures the episode. 32 environments in turn, as in training. Then the
 * memory of 4,096 environments of Cleanup with their rows. */
#include <sys/resource.h>

#include "benchmarks/bench.h"
#include "envs/env_table.h"
#include "envs/grid/game.h"
#include "marl/learn/vec_env.h"

enum { NUM_ENVS = 32, STEPS = 100, MANY = 4096, NUM_ACTIONS = 4096 };

typedef struct Worlds {
  MarlEnv *env[NUM_ENVS];
  MarlVecEnv *vec;
  uint8_t action[NUM_ACTIONS];
  uint64_t bits[MARL_GRID_MAX_PLANES * MARL_GRID_LINES];
  uint64_t seen; /* so that nothing is left out */
  int episode;
} Worlds;

static void expect(MarlCode code, const MarlError *err) {
  if (code == MARL_OK) return;
  fprintf(stderr, "bench_grid: %s\n", err->message);
  exit(1);
}

static void walk(Worlds *worlds, bool see) {
  ++worlds->episode;
  for (int e = 0; e < NUM_ENVS; ++e) {
    MarlGridWorld *world = marl_grid_env_world(worlds->env[e]);
    const MarlGridRules *rules = marl_grid_env_rules(worlds->env[e]);
    const int n = rules->num_agents;
    if (world->step >= rules->episode_steps || world->rules == NULL)
      marl_grid_begin(world, rules,
                      marl_key_fold(marl_key(1, MARL_STREAM_ENV),
                                    (uint64_t)worlds->episode * NUM_ENVS + (uint64_t)e));
    for (int t = 0; t < STEPS; ++t) {
      marl_grid_step(world, worlds->action + (unsigned)((t * 37 + e * 101 + worlds->episode * 7) %
                                                        (NUM_ACTIONS - n)));
      for (int i = 0; i < n && see; ++i) {
        marl_grid_see(world, i, worlds->bits);
        worlds->seen += worlds->bits[5];
      }
    }
  }
}

static void step_alone(void *context) {
  walk(context, false);
}
static void step_and_see(void *context) {
  walk(context, true);
}

static void step_rows(void *context) {
  Worlds *worlds = context;
  MarlError err;
  MarlBatch *batch = marl_vec_env_batch(worlds->vec);
  const int rows = NUM_ENVS * batch->num_agents;
  ++worlds->episode;
  for (int t = 0; t < STEPS; ++t) {
    const int first = (t * 37 + worlds->episode * 7) % (NUM_ACTIONS - rows);
    for (int i = 0; i < rows; ++i) batch->act[i] = worlds->action[first + i];
    expect(marl_vec_env_step(worlds->vec, &err), &err);
  }
}

static MarlSection *section_of(const MarlEnvOps *ops, const char *folder, const char *map,
                               const char *dynamics) {
  MarlError err;
  MarlSection *config;
  char path[1024];
  const MarlOptionTable table = {ops->options, ops->num_options};
  expect(marl_section_create("env", &table, 1, &config, &err), &err);
  snprintf(path, sizeof path, "%s/%s.txt", folder, map);
  expect(marl_section_set(config, "map", path, "bench_grid", &err), &err);
  expect(marl_section_set(config, "dynamics", dynamics, "bench_grid", &err), &err);
  if (strstr(map, "small") != NULL)
    expect(marl_section_set(config, "num_agents", "4", "bench_grid", &err), &err);
  return config;
}

static void bench_world(const char *folder, const char *name, const char *map,
                        const char *dynamics) {
  static Worlds worlds;
  MarlError err;
  const MarlEnvOps *ops;
  memset(&worlds, 0, sizeof worlds);
  expect(marl_env_find(marl_env_table, name, &ops, &err), &err);
  MarlSection *config = section_of(ops, folder, map, dynamics);
  for (int e = 0; e < NUM_ENVS; ++e)
    expect(ops->create(config, MPI_COMM_SELF, &worlds.env[e], &err), &err);
  expect(marl_vec_env_create(ops, config, NUM_ENVS, 0, marl_key(1, MARL_STREAM_ENV), MPI_COMM_SELF,
                             &worlds.vec, &err),
         &err);
  expect(marl_vec_env_reset(worlds.vec, &err), &err);
  const MarlRole *role = &worlds.env[0]->spec.roles[0];
  for (int i = 0; i < NUM_ACTIONS; ++i)
    worlds.action[i] =
        (uint8_t)marl_below(marl_key(2, MARL_STREAM_ENV), (uint64_t)i, (uint64_t)role->num_choices);
  BenchTask tasks[] = {{.run = step_alone, .context = &worlds},
                       {.run = step_and_see, .context = &worlds},
                       {.run = step_rows, .context = &worlds}};
  bench_race(3, tasks, 1.0);
  const double steps = NUM_ENVS * STEPS;
  bench_begin("grid");
  printf(
      " world=%s dynamics=%s agents=%d planes=%d step_per_s=%.0f bits_per_s=%.0f rows_per_s=%.0f "
      "best_bits_per_s=%.0f",
      map, dynamics, worlds.env[0]->spec.num_agents, marl_grid_env_rules(worlds.env[0])->num_planes,
      steps / tasks[0].cpu_median, steps / tasks[1].cpu_median, steps / tasks[2].cpu_median,
      steps / tasks[1].cpu_min);
  bench_end();
  marl_vec_env_destroy(&worlds.vec);
  for (int e = 0; e < NUM_ENVS; ++e) ops->destroy(worlds.env[e]);
  marl_section_destroy(&config);
}

static void bench_memory(const char *folder) {
  MarlError err;
  const MarlEnvOps *ops;
  MarlVecEnv *vec;
  struct rusage usage;
  expect(marl_env_find(marl_env_table, "cleanup", &ops, &err), &err);
  MarlSection *config = section_of(ops, folder, "cleanup", "meltingpot");
  expect(marl_vec_env_create(ops, config, MANY, 0, marl_key(1, MARL_STREAM_ENV), MPI_COMM_SELF,
                             &vec, &err),
         &err);
  expect(marl_vec_env_reset(vec, &err), &err);
  for (int t = 0; t < 5; ++t) {
    memset(marl_vec_env_batch(vec)->act, 0, (size_t)(MANY * 7) * sizeof(float));
    expect(marl_vec_env_step(vec, &err), &err);
  }
  getrusage(RUSAGE_SELF, &usage);
  bench_begin("grid_memory");
  printf(" environments=%d agents=7 megabytes=%.0f", MANY, (double)usage.ru_maxrss / 1024);
  bench_end();
  marl_vec_env_destroy(&vec);
  marl_section_destroy(&config);
}

int main(int argc, char **argv) {
  const char *folder = argc > 1 ? argv[1] : "configs/grid/maps";
  MPI_Init(&argc, &argv);
  bench_world(folder, "cleanup", "cleanup", "meltingpot");
  bench_world(folder, "cleanup", "cleanup", "socialjax");
  bench_world(folder, "cleanup", "cleanup_small", "meltingpot");
  bench_world(folder, "harvest", "harvest_open", "meltingpot");
  bench_world(folder, "harvest", "harvest_open", "socialjax");
  bench_world(folder, "coins", "coins", "meltingpot");
  bench_world(folder, "coop_mining", "coop_mining", "meltingpot");
  bench_memory(folder);
  MPI_Finalize();
  return 0;
}
