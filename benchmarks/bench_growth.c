/* How cost grows with size: ten times the size should cost about ten times as much, at most twelve.
 *   bench_growth
 * A line a case, of processor time; what grows faster than it must has a ratio far above ten. */
#include <math.h>

#include "benchmarks/bench.h"
#include "envs/env_table.h"
#include "envs/game/gini.h"
#include "envs/iterated/fixation_runs.h"
#include "envs/iterated/mixed.h"
#include "marl/core/config.h"
#include "marl/core/store.h"
#include "marl/learn/replica.h"
#include "marl/learn/trainer.h"
#include "theory/fixation.h"

enum { LARGER = 10, KEY = 24 };

static void must(MarlCode code, const MarlError *err) {
  if (code == MARL_OK) return;
  fprintf(stderr, "bench_growth: %s\n", err->message);
  exit(EXIT_FAILURE);
}

/* One size of a case; every case uses what it needs. */
typedef struct Size {
  int n;
  double *numbers;     /* [2 n] */
  char *text;          /* [n KEY] */
  const char **labels; /* [n] into text */
  MarlMixed *mixed;
  MarlMatrixGame game;
  MarlFixationRuns *runs;
  MarlConfig *config;
  MarlReplica society;
} Size;

static const MarlSelection moran = {.rule = MARL_SELECTION_MORAN, .intensity = 0.01};

static void make_numbers(Size *s) {
  const MarlKey key = marl_key(1, MARL_STREAM_ENV);
  s->numbers = malloc(2 * (size_t)s->n * sizeof *s->numbers);
  for (int i = 0; s->numbers != NULL && i < s->n; ++i)
    s->numbers[i] = marl_uniform(key, (uint64_t)i);
}
static void gini(void *context) {
  Size *s = context;
  marl_gini(s->numbers, s->n, s->numbers + s->n);
}

/* lines "  key_000012: 1" of one section */
static void make_keys(Size *s) {
  s->text = calloc((size_t)s->n + 1, KEY);
  size_t used = 0;
  if (s->text == NULL) exit(EXIT_FAILURE);
  used += (size_t)snprintf(s->text, KEY, "env:\n");
  for (int i = 0; i < s->n; ++i)
    used += (size_t)snprintf(s->text + used, KEY, "  key_%06d: 1\n", i);
}
static void parse_keys(void *context) {
  const Size *s = context;
  MarlError err;
  MarlConfig *config = NULL;
  must(marl_config_parse(s->text, strlen(s->text), "bench.yaml", &config, &err), &err);
  marl_config_destroy(&config);
}

static void make_labels(Size *s) {
  s->text = calloc((size_t)s->n, KEY);
  s->labels = calloc((size_t)s->n, sizeof *s->labels);
  for (int i = 0; s->text != NULL && s->labels != NULL && i < s->n; ++i) {
    s->labels[i] = s->text + (ptrdiff_t)i * KEY;
    (void)snprintf(s->text + (ptrdiff_t)i * KEY, KEY, "cell %d", i);
  }
}
static void write_labels(void *context) {
  const Size *s = context;
  MarlError err;
  MarlStore *store = NULL;
  must(marl_store_create_memory(&store, &err), &err);
  must(marl_store_write_labels(store, "cell", (size_t)s->n, s->labels, "", &err), &err);
  marl_store_close(&store);
}

static void make_mixed(Size *s) {
  MarlError err;
  const MarlStrategyParams params = marl_strategy_defaults();
  MarlMixedParams p = {.rules = {marl_game_named("prisoners_dilemma"), 10, 0.01},
                       .num_agents = s->n,
                       .num_strategies = 2,
                       .share = {0.5, 0.5}};
  must(marl_strategy_make("TFT", &params, &p.rules.game, &p.strategy[0], &err), &err);
  must(marl_strategy_make("q_learner", &params, &p.rules.game, &p.strategy[1], &err), &err);
  must(marl_mixed_create(&p, marl_key(1, MARL_STREAM_ENV), &s->mixed, &err), &err);
}
static void meet(void *context) {
  MarlMixedResult result;
  marl_mixed_cycle(((Size *)context)->mixed, &result);
}

static void make_game(Size *s) {
  marl_matrix_game_init(2, s->n, &s->game);
  s->game.payoff[0][0] = 3, s->game.payoff[0][1] = 0;
  s->game.payoff[1][0] = 3.1, s->game.payoff[1][1] = 0.1;
}
static void fixate(void *context) {
  Size *s = context;
  MarlError err;
  MarlFixationTimes times;
  must(marl_fixation_times(&s->game.base, &moran, 0, 1, &times, &err), &err);
}

static void make_runs(Size *s) {
  MarlError err;
  marl_matrix_game_init(2, 100, &s->game);
  must(marl_fixation_runs_create(&s->game.base, &moran, 0, 1, &s->runs, &err), &err);
}
static void run_many(void *context) {
  const Size *s = context;
  MarlFixationCount count = {.runs = 0};
  marl_fixation_runs_add(s->runs, marl_key(1, MARL_STREAM_ENV), 0, s->n, &count);
}

/* Deep Q-learners on a ring with shortcuts who fine their neighbors, and learn after each transition. */
static void make_society(Size *s) {
  char text[512];
  MarlError err;
  MarlTrainerSections sections;
  (void)snprintf(
      text, sizeof text,
      "env: {name: dilemma, num_envs: 1, mechanism: TPP, cycles: 0, graph: small_world,\n"
      "  num_agents: %d, rounds: 2, transitions: published, observation: raw}\n"
      "learner: {name: dqn, preset: paper, replay_size: 100, replay_start: 20, minibatch: 20}\n"
      "policy: {sharing: independent, hidden: [16], normalize_observations: false}\n",
      s->n);
  must(marl_config_parse(text, strlen(text), "bench_growth", &s->config, &err), &err);
  must(marl_trainer_claim(s->config, marl_env_table, &sections, &err), &err);
  const MarlReplicaInit init = {.env_ops = sections.env_ops,
                                .learner_ops = sections.learner_ops,
                                .env = sections.env,
                                .learner = sections.learner,
                                .policy = sections.policy,
                                .seed = 1,
                                .num_shards = 1,
                                .own_shards = 1,
                                .comm = MPI_COMM_SELF};
  must(marl_replica_create(&init, &s->society, &err), &err);
}
/* a cycle: ten times the agents have ten times the decisions */
static void live(void *context) {
  Size *s = context;
  MarlError err;
  MarlStats stats;
  MarlVecEnv *vec = s->society.vec[0];
  MarlBatch *batch = marl_vec_env_batch(vec);
  const MarlLearnerOps *ops = s->society.learner->ops;
  do {
    must(ops->act(s->society.learner, 0, batch, &err), &err);
    must(marl_vec_env_step(vec, &err), &err);
    must(ops->observe(s->society.learner, 0, batch, &err), &err);
    must(marl_replica_update(&s->society, &stats, &err), &err);
  } while (!batch->cycle_ended[0]);
}

static void clear(Size *s) {
  if (s->config != NULL) marl_replica_clear(&s->society);
  marl_config_destroy(&s->config);
  free(s->numbers);
  free(s->text);
  free(s->labels);
  marl_mixed_destroy(&s->mixed);
  marl_fixation_runs_destroy(&s->runs);
}

static const struct Case {
  const char *name;
  int n;
  void (*make)(Size *size);
  void (*run)(void *size);
} cases[] = {
    {"gini_agents", 10000, make_numbers, gini},
    {"configuration_keys", 2000, make_keys, parse_keys},
    {"store_labels", 2000, make_labels, write_labels},
    {"mixed_agents", 10000, make_mixed, meet},
    {"fixation_population", 2000, make_game, fixate},
    {"fixation_runs", 2000, make_runs, run_many},
    {"society_agents", 1000, make_society, live},
};

int main(int argc, char **argv) {
  MPI_Init(&argc, &argv);
  for (size_t c = 0; c < sizeof cases / sizeof *cases; ++c) {
    static Size size[2];
    BenchTask tasks[2];
    for (int i = 0; i < 2; ++i) {
      size[i] = (Size){.n = i == 0 ? cases[c].n : LARGER * cases[c].n};
      cases[c].make(&size[i]);
      tasks[i] = (BenchTask){.run = cases[c].run, .context = &size[i]};
    }
    bench_race(2, tasks, 0.5);
    bench_begin("growth");
    printf(" what=%s size=%d larger=%d cpu_s=%.3g growth=%.1f at_most=12", cases[c].name,
           cases[c].n, LARGER * cases[c].n, tasks[0].cpu_min, tasks[1].cpu_min / tasks[0].cpu_min);
    bench_end();
    for (int i = 0; i < 2; ++i) clear(&size[i]);
  }
  MPI_Finalize();
  return EXIT_SUCCESS;
}
