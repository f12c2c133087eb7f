/* PPO of one shared policy on 4,096 agents, the loop of peers/ppo_torch.py: 9 observations, 1
 * continuous action, separate 9-64-64-1 tanh networks, horizon 16, 4 epochs of minibatches of 4,096
 * decisions. An agent is a linear system, one 10 x 9 product a step, so that the learner is what is
 * timed. Run it beside the peer on one core and compare their steps per second.
 *
 *   bench_train [updates, default 20] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "benchmarks/bench.h"
#include "marl/learn/trainer.h"

enum { OBS = 9, AGENTS = 4096, SHARDS = 4, HORIZON = 16, EPOCHS = 4, WARM_UP = 2 };

typedef struct Linear {
  MarlEnv base;
  MarlRole role;
  float transition[OBS + 1][OBS]; /* of state and action */
  float next[OBS];
  float x[AGENTS / SHARDS][OBS];
} Linear;

static MarlCode create(const MarlSection *config, MPI_Comm comm, MarlEnv **out, MarlError *err) {
  (void)config, (void)comm;
  Linear *env = calloc(1, sizeof *env);
  if (env == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory");
  env->role = (MarlRole){.name = "control",
                         .obs_dim = OBS,
                         .action_kind = MARL_ACTION_CONTINUOUS,
                         .act_dim = 1,
                         .act_low = -1,
                         .act_high = 1};
  env->base.spec = (MarlEnvSpec){.num_agents = AGENTS / SHARDS,
                                 .num_roles = 1,
                                 .roles = &env->role,
                                 .obs_dim = OBS,
                                 .act_dim = 1};
  /* small enough to be stable: the largest row sum stays below one */
  marl_normal_fill(marl_key(1, MARL_STREAM_ENV), 0, sizeof env->transition / sizeof(float),
                   env->transition[0]);
  for (int i = 0; i <= OBS; ++i)
    for (int j = 0; j < OBS; ++j) env->transition[i][j] *= 0.1f;
  *out = &env->base;
  return MARL_OK;
}

static void destroy(MarlEnv *env) {
  free(env);
}

static MarlCode reset(MarlEnv *env, MarlKey key, const MarlEnvIo *io, MarlError *err) {
  (void)err;
  const size_t agents = (size_t)env->spec.num_agents;
  Linear *linear = (Linear *)env;
  marl_normal_fill(key, 0, agents * OBS, linear->x[0]);
  memcpy(io->obs, linear->x, sizeof linear->x);
  memset(io->role, 0, agents);
  memset(io->active, 1, agents);
  return MARL_OK;
}

static MarlCode step(MarlEnv *base, const MarlEnvIo *io, MarlError *err) {
  (void)err;
  Linear *env = (Linear *)base;
  for (int a = 0; a < base->spec.num_agents; ++a) {
    float *x = env->x[a], square = 0;
    for (int j = 0; j < OBS; ++j) env->next[j] = io->act[a] * env->transition[OBS][j];
    for (int i = 0; i < OBS; ++i)
      for (int j = 0; j < OBS; ++j) env->next[j] += x[i] * env->transition[i][j];
    for (int j = 0; j < OBS; ++j) square += env->next[j] * env->next[j];
    memcpy(x, env->next, sizeof env->next);
    io->reward[a] = -square / OBS;
    io->role[a] = 0, io->active[a] = 1;
  }
  memcpy(io->obs, env->x, sizeof env->x);
  return MARL_OK;
}

static MarlCode save(const MarlEnv *env, MarlStore *to, MarlError *err) {
  const MarlArray x = {.type = MARL_F32, .rank = 2, .shape = {AGENTS / SHARDS, OBS}};
  return marl_store_write(to, "x", &x, ((const Linear *)env)->x, err);
}
static MarlCode load(MarlEnv *env, MarlStore *from, MarlError *err) {
  const size_t count = (size_t)(AGENTS / SHARDS) * OBS;
  return marl_store_read(from, "x", MARL_F32, count, ((Linear *)env)->x, err);
}

static const MarlEnvOps linear_ops = {.name = "linear",
                                      .summary = "linear system",
                                      .source = "this benchmark",
                                      .create = create,
                                      .destroy = destroy,
                                      .reset = reset,
                                      .step = step,
                                      .save = save,
                                      .load = load};

/* When each update ended. */
typedef struct Stopwatch {
  MarlTrainerWatch base;
  double *at;
  int count;
} Stopwatch;

static void note_time(MarlTrainerWatch *watch, const MarlTrainerProgress *progress) {
  (void)progress;
  Stopwatch *stopwatch = (Stopwatch *)watch;
  stopwatch->at[stopwatch->count++] = bench_seconds();
}

static MarlCode run(int updates, Stopwatch *stopwatch, MarlError *err) {
  static const MarlEnvOps *const table[] = {&linear_ops, NULL};
  char yaml[512];
  snprintf(yaml, sizeof yaml,
           "run: {updates: %d, shards: %d}\n"
           "env: {name: linear, num_envs: %d}\n"
           "learner: {horizon: %d, epochs: %d, minibatches: %d, entropy_coefficient: 0.01}\n"
           "policy: {hidden: [64, 64]}\n",
           updates + WARM_UP, SHARDS, SHARDS, HORIZON, EPOCHS, HORIZON);
  MarlConfig *config;
  MarlTrainer *trainer = NULL;
  MARL_TRY(marl_config_parse(yaml, strlen(yaml), "bench_train", &config, err));
  MarlCode code = marl_trainer_create(config, table, NULL, MPI_COMM_WORLD, &trainer, err);
  if (code == MARL_OK) code = marl_trainer_run(trainer, &stopwatch->base, err);
  marl_trainer_destroy(&trainer);
  marl_config_destroy(&config);
  return code;
}

static void print_result(const Stopwatch *stopwatch, int updates, int ranks) {
  double *seconds = malloc((size_t)updates * sizeof *seconds);
  if (seconds == NULL) return;
  for (int i = 0; i < updates; ++i)
    seconds[i] = stopwatch->at[WARM_UP + i] - stopwatch->at[WARM_UP + i - 1];
  qsort(seconds, (size_t)updates, sizeof *seconds, bench_compare);
  const double median = seconds[updates / 2], steps = (double)AGENTS * HORIZON;
  bench_begin("train");
  printf(" peer=none ranks=%d agents=%d horizon=%d minibatch=%d epochs=%d updates=%d", ranks,
         AGENTS, HORIZON, AGENTS, EPOCHS, updates);
  printf(" median_s=%.4f min_s=%.4f collected_steps_per_s=%.0f trained_steps_per_s=%.0f", median,
         seconds[0], steps / median, EPOCHS * steps / median);
  bench_end();
  free(seconds);
}

int main(int argc, char **argv) {
  MPI_Init(&argc, &argv);
  const int updates = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 20;
  int rank, ranks;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  MarlError err = {.message = ""};
  Stopwatch stopwatch = {.base = {.progress = note_time}};
  stopwatch.at = updates > 0 ? malloc((size_t)(updates + WARM_UP) * sizeof(double)) : NULL;
  const MarlCode code = stopwatch.at == NULL
                            ? MARL_FAIL(&err, MARL_EARG, "usage: bench_train [updates]")
                            : run(updates, &stopwatch, &err);
  if (code != MARL_OK) fprintf(stderr, "bench_train: %s\n", err.message);
  if (code == MARL_OK && rank == 0) print_result(&stopwatch, updates, ranks);
  free(stopwatch.at);
  MPI_Finalize();
  return code == MARL_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
