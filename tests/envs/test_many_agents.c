/* ctest: timeout=120 */
#define _POSIX_C_SOURCE 200809L
#include <sys/resource.h>

#include "envs/env_table.h"
#include "marl/learn/learner_dqn.h"
#include "marl/learn/replica.h"
#include "marl/learn/trainer.h"
#include "tests/unit.h"

static double resident_bytes(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return 1024.0 * (double)usage.ru_maxrss;
}

/* A share of the society of configs/dilemma/ten_thousand.yaml, which may take 8 GB: 400 of its agents
 * may take 0.32 GB. Seven cycles fill the play networks' memories of 120 transitions. */
static void test_ten_thousand_agents_fit(void) {
  enum { AGENTS = 400, CYCLES = 7 };
  static const char text[] =
      "env: {name: dilemma, num_envs: 1, mechanism: TPP, num_agents: 400, graph: lattice,\n"
      "  cycles: 8, observation: raw, transitions: published}\n"
      "learner: {name: dqn, preset: paper, replay_size: 120}\n"
      "policy: {sharing: independent, hidden: [128], activation: relu,\n"
      "  normalize_observations: false}\n";
  MarlError err;
  MarlConfig *config;
  MarlTrainerSections sections;
  MarlReplica society;
  UNIT_OK(marl_config_parse(text, strlen(text), "test", &config, &err));
  UNIT_OK(marl_trainer_claim(config, marl_env_table, &sections, &err));
  const MarlReplicaInit init = {.env_ops = sections.env_ops,
                                .learner_ops = sections.learner_ops,
                                .env = sections.env,
                                .learner = sections.learner,
                                .policy = sections.policy,
                                .seed = 1,
                                .num_shards = 1,
                                .own_shards = 1,
                                .comm = MPI_COMM_SELF};
  const double before = resident_bytes();
  UNIT_OK(marl_replica_create(&init, &society, &err));
  MarlBatch *batch = marl_vec_env_batch(society.vec[0]);
  const MarlLearnerOps *ops = society.learner->ops;
  for (int cycle = 0; cycle < CYCLES; cycle += batch->cycle_ended[0]) {
    UNIT_OK(ops->act(society.learner, 0, batch, &err));
    UNIT_OK(marl_vec_env_step(society.vec[0], &err));
    UNIT_OK(ops->observe(society.learner, 0, batch, &err));
  }
  const double each = (resident_bytes() - before) / AGENTS;
  printf("\n    %.0f bytes an agent ", each);
  CU_ASSERT(each < 8e9 / 10000);
  /* 20 plays and 20 judgments a cycle each, 100 before the first step of a network: some 2 x 40 */
  const DqnLearner *dqn = (const DqnLearner *)society.learner;
  int64_t steps = 0;
  for (int g = 0; g < dqn->num_groups; ++g) steps += dqn->groups[g].steps;
  CU_ASSERT(steps > 50 * AGENTS);
  marl_replica_clear(&society);
  marl_config_destroy(&config);
}

static void test_a_memory_holds_what_learning_begins_with(void) {
  MarlError err;
  MarlConfig *config;
  MarlTrainer *trainer = NULL;
  static const char text[] =
      "run: {shards: 1}\nenv: {name: dilemma, num_envs: 1, mechanism: TPP}\n"
      "learner: {name: dqn, preset: paper, replay_size: [120, play=99], minibatch: 50}\n"
      "policy: {sharing: independent}\n";
  UNIT_OK(marl_config_parse(text, strlen(text), "test", &config, &err));
  UNIT_ERROR(marl_trainer_create(config, marl_env_table, NULL, MPI_COMM_SELF, &trainer, &err),
             MARL_ECONFIG,
             "learner.replay_size = 99 of role 'play' is less than learner.replay_start");
  marl_config_destroy(&config);
}

static CU_TestInfo tests[] = {
    {"ten thousand agents with own networks fit into 8 GB", test_ten_thousand_agents_fit},
    {"a memory holds what learning begins with", test_a_memory_holds_what_learning_begins_with},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"many agents", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
