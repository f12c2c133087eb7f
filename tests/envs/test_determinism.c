/* ctest: label=verification ranks=1,2,4 timeout=120 */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
#include "tests/envs/run_folder.h"
#include "tests/envs/training.h"

/* Train with all shards on one rank (each rank alone, rank 0 writes), then with the shards spread
 * over the ranks: the same files. */
static void spread_is_the_same_as_alone(const char *yaml, const char *checkpoint) {
  MarlError err;
  int rank;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  RunFolder alone = run_folder_make(), spread = run_folder_make();
  if (rank == 0) {
    Training t = training_begin(yaml, alone.path, MPI_COMM_SELF);
    UNIT_OK(marl_trainer_run(t.trainer, NULL, &err));
    training_end(&t);
  }
  Training t = training_begin(yaml, spread.path, MPI_COMM_WORLD);
  UNIT_OK(marl_trainer_run(t.trainer, NULL, &err));
  training_end(&t);
  if (rank == 0) {
    run_folder_same_file(&alone, &spread, checkpoint);
    run_folder_same_file(&alone, &spread, "metrics.csv");
    run_folder_same_file(&alone, &spread, "latest");
  }
  MPI_Barrier(MPI_COMM_WORLD);
  run_folder_remove(&alone);
  run_folder_remove(&spread);
}

static void test_shared_continuous(void) {
  spread_is_the_same_as_alone(
      "run: {seed: 5, updates: 4, shards: 7}\n"
      "env: {name: lqr, num_envs: 14, num_agents: 3, max_steps: 13}\n"
      "learner: {horizon: 8, minibatches: 3}\n",
      "checkpoint_000004.h5");
}

static void test_independent_discrete_replicas(void) {
  spread_is_the_same_as_alone(
      "run: {seed: 6, updates: 3, shards: 4, replicas: 2}\n"
      "env: {name: matrix_game, num_envs: 8, rounds: 5}\n"
      "learner: {horizon: 9, entropy_coefficient: 0.01, target_kl: 0.001}\n"
      "policy: {hidden: [16], sharing: independent}\n",
      "checkpoint_000003.h5");
}

static void test_several_roles(void) {
  spread_is_the_same_as_alone(
      "run: {seed: 7, updates: 2, shards: 5}\n"
      "env: {name: dilemma, num_envs: 5}\n"
      "learner: {horizon: 50}\n"
      "policy: {hidden: [16], sharing: independent}\n",
      "checkpoint_000002.h5");
}

static void test_replay(void) {
  spread_is_the_same_as_alone(
      "run: {seed: 8, updates: 5, shards: 5, replicas: 2}\n"
      "env: {name: lqr, num_envs: 10, num_agents: 3, max_steps: 7}\n"
      "learner: {name: vracer, interval: 4, gradient_steps: 3, minibatch: 33, replay_size: 600,\n"
      "  replay_start: 450}\n"
      "policy: {hidden: [16]}\n",
      "checkpoint_000005.h5");
}

static void test_transitions(void) {
  spread_is_the_same_as_alone(
      "run: {seed: 9, updates: 6, shards: 5, replicas: 2}\n"
      "env: {name: cartpole, num_envs: 10}\n"
      "learner: {name: dqn, interval: 8, gradient_steps: 3, minibatch: 33, replay_size: 600,\n"
      "  replay_start: 200, target_interval: 4, epsilon_steps: 300}\n"
      "policy: {hidden: [16]}\n",
      "checkpoint_000006.h5");
}

static void test_transitions_of_several_roles(void) {
  spread_is_the_same_as_alone(
      "run: {seed: 9, updates: 3, shards: 5}\n"
      "env: {name: dilemma, num_envs: 5}\n"
      "learner: {name: dqn, interval: 10, gradient_steps: 2, minibatch: 16, replay_size: 200,\n"
      "  replay_start: 100}\n"
      "policy: {hidden: [16], sharing: independent}\n",
      "checkpoint_000003.h5");
}

static void test_tables(void) {
  spread_is_the_same_as_alone(
      "run: {seed: 9, updates: 3, shards: 5, replicas: 2}\n"
      "env: {name: matrix_game, num_envs: 10, rounds: 6}\n"
      "learner: {name: tabular_q, interval: 20}\n",
      "checkpoint_000003.h5");
}

static void test_tables_of_several_roles(void) {
  spread_is_the_same_as_alone(
      "run: {seed: 9, updates: 3, shards: 5}\n"
      "env: {name: dilemma, num_envs: 5}\n"
      "learner: {name: tabular_q, interval: 10}\n"
      "policy: {sharing: independent}\n",
      "checkpoint_000003.h5");
}

/* Equal seeds alone would pass with constant numbers. */
static void test_another_seed_differs(void) {
  MarlError err;
  float params[2];
  for (int seed = 0; seed < 2; ++seed) {
    const char *yaml[] = {"run: {seed: 1, updates: 1, shards: 4}\nenv: {name: lqr, num_envs: 4}\n",
                          "run: {seed: 2, updates: 1, shards: 4}\nenv: {name: lqr, num_envs: 4}\n"};
    Training t = training_begin(yaml[seed], NULL, MPI_COMM_WORLD);
    UNIT_OK(marl_trainer_run(t.trainer, NULL, &err));
    params[seed] = marl_policy_params(marl_trainer_policy(t.trainer, 0), 0, 0)[0];
    training_end(&t);
  }
  CU_ASSERT_NOT_EQUAL(params[0], params[1]);
}

/* Evaluation too gives every rank what one rank alone would compute. */
static void test_evaluation(void) {
  MarlError err;
  const char *yaml =
      "run: {updates: 1, shards: 4}\n"
      "env: {name: matrix_game, num_envs: 4, rounds: 3}\nlearner: {horizon: 4}\n";
  MarlEvaluation alone, spread;
  Training t = training_begin(yaml, NULL, MPI_COMM_SELF);
  UNIT_OK(marl_trainer_evaluate(t.trainer, 0, 45, false, &alone, &err));
  training_end(&t);
  t = training_begin(yaml, NULL, MPI_COMM_WORLD);
  UNIT_OK(marl_trainer_evaluate(t.trainer, 0, 45, false, &spread, &err));
  training_end(&t);
  CU_ASSERT_EQUAL(alone.count, spread.count);
  UNIT_BITS_EQUAL(alone.mean, spread.mean, sizeof(double) * (size_t)alone.count);
  UNIT_BITS_EQUAL(alone.standard_error, spread.standard_error,
                  sizeof(double) * (size_t)alone.count);
}

static void test_a_failing_rank_ends_all_with_its_message(void) {
  MarlError err;
  MarlConfig *config;
  MarlTrainer *trainer;
  const char *yaml = "run: {shards: 4}\nenv: {name: lqr, num_envs: 6}\n";
  UNIT_OK(marl_config_parse(yaml, strlen(yaml), "test", &config, &err));
  UNIT_ERROR(marl_trainer_create(config, marl_env_table, NULL, MPI_COMM_WORLD, &trainer, &err),
             MARL_ECONFIG, "env.num_envs = 6 is not a multiple of run.shards = 4");
  marl_config_destroy(&config);
}

static CU_TestInfo tests[] = {
    {"shared networks, continuous actions", test_shared_continuous},
    {"independent networks, discrete actions, replicas", test_independent_discrete_replicas},
    {"several roles", test_several_roles},
    {"learning from a replay", test_replay},
    {"learning from transitions", test_transitions},
    {"learning from transitions of several roles", test_transitions_of_several_roles},
    {"tables of values", test_tables},
    {"tables of several roles", test_tables_of_several_roles},
    {"another seed gives other numbers", test_another_seed_differs},
    {"evaluation", test_evaluation},
    {"a failing rank ends all with its message", test_a_failing_rank_ends_all_with_its_message},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"the same bits on any number of ranks", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
