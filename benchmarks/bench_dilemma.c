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
#include "envs/env_table.h"
#include "marl/learn/learner_dqn.h"
#include "marl/learn/replica.h"
#include "marl/learn/trainer.h"

enum { ROUNDS = 5, MAX_LINE = 512 };

static double cpu_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void expect(MarlCode code, const MarlError *err) {
  if (code == MARL_OK) return;
  fprintf(stderr, "bench_dilemma: %s\n", err->message);
  exit(1);
}

/* The society of TPP under the published schedule. */
static MarlTrainerSections claim(MarlConfig **config) {
  static const char text[] =
      "env: {name: dilemma, num_envs: 1, mechanism: TPP, cycles: 1000000, observation: raw,\n"
      "  transitions: published}\n"
      "learner: {name: dqn, preset: paper}\n"
      "policy: {sharing: independent, hidden: [128], activation: relu, initial_weights: uniform,\n"
      "  normalize_observations: false}\n";
  MarlError err;
  MarlTrainerSections sections;
  expect(marl_config_parse(text, strlen(text), "bench_dilemma", config, &err), &err);
  expect(marl_trainer_claim(*config, marl_env_table, &sections, &err), &err);
  return sections;
}

/* Gradient steps of one society in `cycles` cycles. */
static int64_t live(const MarlTrainerSections *sections, int replica, int cycles) {
  const MarlReplicaInit init = {.env_ops = sections->env_ops,
                                .learner_ops = sections->learner_ops,
                                .env = sections->env,
                                .learner = sections->learner,
                                .policy = sections->policy,
                                .seed = 1,
                                .number = replica,
                                .num_shards = 1,
                                .own_shards = 1,
                                .comm = MPI_COMM_SELF};
  MarlError err;
  MarlReplica society;
  MarlStats stats;
  expect(marl_replica_create(&init, &society, &err), &err);
  MarlBatch *batch = marl_vec_env_batch(society.vec[0]);
  const MarlLearnerOps *ops = society.learner->ops;
  for (int cycle = 0; cycle < cycles; cycle += batch->cycle_ended[0]) {
    expect(ops->act(society.learner, 0, batch, &err), &err);
    expect(marl_vec_env_step(society.vec[0], &err), &err);
    expect(ops->observe(society.learner, 0, batch, &err), &err);
    expect(marl_replica_update(&society, &stats, &err), &err);
  }
  const DqnLearner *dqn = (const DqnLearner *)society.learner;
  int64_t steps = 0;
  for (int g = 0; g < dqn->num_groups; ++g) steps += dqn->groups[g].steps;
  marl_replica_clear(&society);
  return steps;
}

/* CPU microseconds of a gradient step, over whole runs of `replicas` seeds one after the other. */
static double run_societies(int cycles, int replicas) {
  MarlConfig *config;
  const MarlTrainerSections sections = claim(&config);
  int64_t steps = 0;
  const double start = cpu_seconds();
  for (int replica = 0; replica < replicas; ++replica) steps += live(&sections, replica, cycles);
  const double seconds = cpu_seconds() - start;
  marl_config_destroy(&config);
  return 1e6 * seconds / (double)steps;
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
  MPI_Init(&argc, &argv);
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
  MPI_Finalize();
  return 0;
}
