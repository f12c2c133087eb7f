/* Deep Q-learners in a society with third-party punishment (Dasgupta and Musolesi 2025), beside
 * the PyTorch peer of the same protocol.
 *
 *   bench_dilemma [CYCLES] [REPLICAS] [PYTHON]
 *
 * With PYTHON (an interpreter that has torch), benchmarks/peers/dqn_torch.py runs in turn with our
 * societies and the ratio of the medians is printed. Times are CPU seconds of one core: a learning
 * step is a batch of 100 with its share of acting, storing and the game. */
#define _POSIX_C_SOURCE 200809L
#include "benchmarks/bench.h"
#include "envs/society/society.h"

enum { ROUNDS = 5, MAX_LINE = 512 };

static double cpu_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* CPU microseconds of a learning step, over whole runs of `replicas` seeds one after the other. */
static double run_societies(int cycles, int replicas) {
  MarlDilemmaRules rules = {.num_agents = 5,
                            .rounds = 10,
                            .cycles = cycles,
                            .game = marl_game_named(0),
                            .graph = {.num_agents = 5},
                            .prices = {.fine = 3, .just_reward = 2, .unjust_reward = -10},
                            .reputation = MARL_REPUTATION_PLAY_PUNISH,
                            .play_sees_reputation = true};
  const MarlCombination *none;
  if (marl_mechanisms_parse("third_party", &rules.mechanisms, &none, NULL) != MARL_OK) exit(1);
  const MarlProfile profile = marl_profile_named(0);
  double metrics[MARL_NUM_SOCIETY_METRICS];
  int64_t steps = 0;
  const double start = cpu_seconds();
  for (int replica = 0; replica < replicas; ++replica) {
    MarlSociety *society = NULL;
    const MarlKey key = marl_key_fold(marl_key(1, MARL_STREAM_ENV), (uint64_t)replica);
    if (marl_society_create(&rules, &profile, key, &society, NULL) != MARL_OK) exit(1);
    for (int cycle = 0; cycle < cycles; ++cycle) marl_society_cycle(society, metrics, NULL);
    steps += marl_society_learning_steps(society);
    marl_society_destroy(&society);
  }
  return 1e6 * (cpu_seconds() - start) / (double)steps;
}

/* CPU microseconds of a learning step as the peer prints them; 0 if it cannot run. */
static double run_peer(const char *python) {
  char line[MAX_LINE], command[MAX_LINE];
  double microseconds = 0.0;
  snprintf(command, sizeof command, "%s benchmarks/peers/dqn_torch.py 10", python);
  FILE *pipe = popen(command, "r");
  if (pipe == NULL) return 0.0;
  while (fgets(line, sizeof line, pipe) != NULL) {
    const char *value = strstr(line, "microseconds_per_update=");
    if (value != NULL) microseconds = strtod(strchr(value, '=') + 1, NULL);
  }
  pclose(pipe);
  return microseconds;
}

int main(int argc, char **argv) {
  const int cycles = argc > 1 ? atoi(argv[1]) : 500;
  const int replicas = argc > 2 ? atoi(argv[2]) : 1;
  const char *python = argc > 3 ? argv[3] : NULL;
  double ours[ROUNDS], theirs[ROUNDS];
  for (int i = 0; i < ROUNDS; ++i) {
    ours[i] = run_societies(cycles, replicas);
    theirs[i] = python != NULL ? run_peer(python) : 0.0;
  }
  qsort(ours, ROUNDS, sizeof *ours, bench_compare);
  qsort(theirs, ROUNDS, sizeof *theirs, bench_compare);
  bench_begin("dilemma");
  printf(" mechanism=TPP cycles=%d replicas=%d microseconds_per_update=%.3f min=%.3f", cycles,
         replicas, ours[ROUNDS / 2], ours[0]);
  if (python != NULL)
    printf(" peer_microseconds_per_update=%.3f ratio=%.1f", theirs[ROUNDS / 2],
           theirs[ROUNDS / 2] / ours[ROUNDS / 2]);
  bench_end();
  return 0;
}
