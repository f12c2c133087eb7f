/* Iterated matches of fixed strategies and of tabular learners, beside the Axelrod library.
 *
 *   bench_iterated [PYTHON]
 *
 * With PYTHON (an interpreter that has axelrod), benchmarks/peers/iterated_axelrod.py runs in turn
 * with ours and the ratios of the medians are printed. The same seven strategies, 200 rounds, noise
 * 0.05, every pair; then learners against themselves and tit for tat, without noise. An agent-turn
 * is one move of one player; seconds are of one core's processor time. */
#define _POSIX_C_SOURCE 200809L
#include "benchmarks/bench.h"
#include "envs/iterated/tournament.h"

enum { TURNS = 5, MAX_LINE = 512, NUM_FIXED = 7, ROUNDS = 200, BLOCKS = 40 };

static const char *const fixed_names[NUM_FIXED] = {"AllC", "AllD", "TFT",   "GTFT",
                                                   "WSLS", "grim", "random"};

static double cpu_seconds(void) {
  return bench_clock(CLOCK_PROCESS_CPUTIME_ID);
}

static MarlStrategy make(const char *name, const MarlGame *game) {
  MarlStrategy strategy;
  const MarlStrategyParams params = marl_strategy_defaults();
  if (marl_strategy_make(name, &params, game, &strategy, NULL) != MARL_OK) exit(EXIT_FAILURE);
  return strategy;
}

/* Agent-turns a second of one kind of pair after another. */
static double rate(const MarlMatchRules *rules, const MarlStrategy *const (*pairs)[2],
                   int num_pairs, int blocks) {
  static MarlMatchOutcome outcome[MARL_MATCH_BLOCK];
  const MarlKey key = marl_key(1, MARL_STREAM_ENV);
  double payoff = 0.0;
  const double start = cpu_seconds();
  for (int p = 0; p < num_pairs; ++p)
    for (int b = 0; b < blocks; ++b) {
      marl_match_block(rules, pairs[p], key, (uint64_t)b, NULL, outcome);
      payoff += outcome[b % MARL_MATCH_BLOCK].payoff[0];
    }
  const double seconds = cpu_seconds() - start;
  if (!(payoff >= 0.0)) exit(EXIT_FAILURE); /* the work cannot be left out */
  return 2.0 * rules->rounds * MARL_MATCH_BLOCK * blocks * num_pairs / seconds;
}

static double fixed_rate(void) {
  const MarlMatchRules rules = {marl_game_make(3, 0, 5, 1), ROUNDS, 0.05};
  MarlStrategy strategy[NUM_FIXED];
  const MarlStrategy *pairs[NUM_FIXED * (NUM_FIXED + 1) / 2][2];
  int num_pairs = 0;
  for (int i = 0; i < NUM_FIXED; ++i) strategy[i] = make(fixed_names[i], &rules.game);
  for (int i = 0; i < NUM_FIXED; ++i)
    for (int j = i; j < NUM_FIXED; ++j) {
      pairs[num_pairs][0] = &strategy[i];
      pairs[num_pairs++][1] = &strategy[j];
    }
  return rate(&rules, (const MarlStrategy *const(*)[2])pairs, num_pairs, BLOCKS);
}

static double learner_rate(void) {
  const MarlMatchRules rules = {marl_game_make(3, 0, 5, 1), ROUNDS, 0.0};
  const MarlStrategy learner = make("q_learner", &rules.game), tft = make("TFT", &rules.game);
  const MarlStrategy *const pairs[2][2] = {{&learner, &learner}, {&learner, &tft}};
  return rate(&rules, pairs, 2, 8 * BLOCKS);
}

static void run_peer(const char *python, double *fixed, double *learner) {
  char line[MAX_LINE], command[MAX_LINE];
  *fixed = *learner = 0.0;
  snprintf(command, sizeof command, "%s benchmarks/peers/iterated_axelrod.py 2", python);
  FILE *pipe = popen(command, "r");
  if (pipe == NULL) return;
  while (fgets(line, sizeof line, pipe) != NULL) {
    const char *a = strstr(line, "fixed_agent_turns_per_s=");
    const char *b = strstr(line, "learner_agent_turns_per_s=");
    if (a != NULL) *fixed = strtod(strchr(a, '=') + 1, NULL);
    if (b != NULL) *learner = strtod(strchr(b, '=') + 1, NULL);
  }
  pclose(pipe);
}

int main(int argc, char **argv) {
  const char *python = argc > 1 ? argv[1] : NULL;
  double fixed[TURNS], learner[TURNS], peer_fixed[TURNS], peer_learner[TURNS];
  for (int i = 0; i < TURNS; ++i) {
    fixed[i] = fixed_rate();
    learner[i] = learner_rate();
    if (python != NULL) run_peer(python, &peer_fixed[i], &peer_learner[i]);
  }
  const double ours[2] = {bench_median(fixed, TURNS), bench_median(learner, TURNS)};
  bench_begin("iterated");
  printf(" rounds=%d fixed_agent_turns_per_s=%.4g learner_agent_turns_per_s=%.4g", ROUNDS, ours[0],
         ours[1]);
  if (python != NULL) {
    const double theirs[2] = {bench_median(peer_fixed, TURNS), bench_median(peer_learner, TURNS)};
    printf(" peer_fixed=%.4g peer_learner=%.4g fixed_ratio=%.0f learner_ratio=%.0f", theirs[0],
           theirs[1], ours[0] / theirs[0], ours[1] / theirs[1]);
  }
  bench_end();
  return 0;
}
