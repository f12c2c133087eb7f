/* How cost grows with size: ten times the size should cost about ten times as much, at most twelve.
 *   bench_growth
 * A line a case, of processor time; what grows faster than it must has a ratio far above ten. */
#include <math.h>

#include "benchmarks/bench.h"
#include "envs/game/gini.h"
#include "envs/iterated/fixation_runs.h"
#include "envs/iterated/mixed.h"
#include "marl/core/config.h"
#include "marl/core/store.h"
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

static void clear(Size *s) {
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
};

int main(void) {
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
  return EXIT_SUCCESS;
}
