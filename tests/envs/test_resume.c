/* ctest: label=verification timeout=120 */
#define _POSIX_C_SOURCE 200809L /* mkdtemp, kill */
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "tests/envs/run_folder.h"
#include "tests/envs/training.h"

static const char *const yaml =
    "run: {seed: 4, updates: 40, shards: 2, checkpoint_every: 1, keep: 3}\n"
    "env: {name: matrix_game, game: stag_hunt, rounds: 7, num_envs: 32}\n"
    "learner: {horizon: 32}\n"
    "policy: {sharing: independent}\n";
static const char last_checkpoint[] = "checkpoint_000040.h5";

/* What a job script does: go on from what is there, which may be nothing. */
static int child(const char *folder) {
  MarlError err = {.message = ""};
  MarlConfig *config;
  MarlTrainer *trainer;
  MarlCode code = marl_config_parse(yaml, strlen(yaml), "test", &config, &err);
  if (code == MARL_OK)
    code = marl_trainer_create(config, marl_env_table, folder, MPI_COMM_SELF, &trainer, &err);
  if (code == MARL_OK) code = marl_trainer_resume(trainer, NULL, &err);
  if (code == MARL_OK) code = marl_trainer_run(trainer, NULL, &err);
  if (code != MARL_OK) printf("\n    child: %s", err.message);
  return code == MARL_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Start this program again as a child; kill it after `delay` seconds, never if negative. Returns
 * true when it came to its end. */
static bool run_child(const char *folder, double delay) {
  const pid_t pid = fork();
  CU_ASSERT_FATAL(pid >= 0);
  if (pid == 0) {
    execl("/proc/self/exe", "test_resume", "child", folder, (char *)NULL);
    _exit(127);
  }
  if (delay >= 0) {
    const struct timespec wait = {(time_t)delay, (long)((delay - (double)(time_t)delay) * 1e9)};
    nanosleep(&wait, NULL);
    kill(pid, SIGKILL);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  if (WIFEXITED(status)) CU_ASSERT_EQUAL(WEXITSTATUS(status), EXIT_SUCCESS);
  return WIFEXITED(status);
}

static void test_killed_at_any_moment(void) {
  enum { MOST_KILLS = 8 };
  RunFolder whole = run_folder_make(), killed = run_folder_make();
  const double begin = MPI_Wtime();
  CU_ASSERT_TRUE_FATAL(run_child(whole.path, -1));
  const double length = MPI_Wtime() - begin;
  const MarlKey key = marl_key(11, MARL_STREAM_SEARCH);
  int kills = 0;
  for (; kills < MOST_KILLS; ++kills)
    if (run_child(killed.path, 0.6 * length * marl_uniform(key, (uint64_t)kills))) break;
  while (!run_child(killed.path, -1)) continue;
  printf("\n    %d kills ", kills);
  run_folder_same_file(&whole, &killed, last_checkpoint);
  run_folder_same_file(&whole, &killed, "metrics.csv");
  run_folder_remove(&whole);
  run_folder_remove(&killed);
}

/* SIGTERM in the command line: stop at the next step, in the middle of a rollout and of episodes. */
typedef struct Stopper {
  MarlTrainerWatch base;
  int steps_left;
} Stopper;

static bool out_of_steps(MarlTrainerWatch *watch) {
  return --((Stopper *)watch)->steps_left <= 0;
}

static void stop_and_resume(const char *text, const char *checkpoint, int steps) {
  MarlError err;
  RunFolder whole = run_folder_make(), stopped = run_folder_make();
  Training t = training_begin(text, whole.path, MPI_COMM_SELF);
  UNIT_OK(marl_trainer_run(t.trainer, NULL, &err));
  training_end(&t);
  for (bool finished = false, first = true; !finished; first = false) {
    Stopper stopper = {{.stop = out_of_steps}, steps};
    t = training_begin(text, stopped.path, MPI_COMM_SELF);
    if (!first) UNIT_OK(marl_trainer_resume(t.trainer, NULL, &err));
    UNIT_OK(marl_trainer_run(t.trainer, &stopper.base, &err));
    finished = marl_trainer_finished(t.trainer);
    training_end(&t);
  }
  run_folder_same_file(&whole, &stopped, checkpoint);
  run_folder_same_file(&whole, &stopped, "metrics.csv");
  run_folder_remove(&whole);
  run_folder_remove(&stopped);
}

static void test_stopped_in_mid_rollout(void) {
  stop_and_resume(
      "run: {updates: 4, shards: 2}\nenv: {name: lqr, num_envs: 4, max_steps: 9}\n"
      "learner: {horizon: 16}\n",
      "checkpoint_000004.h5", 7);
}

/* Stops lie within generations and between them. */
static void test_stopped_in_mid_generation(void) {
  static const char *const names[] = {"cmaes", "eki"};
  for (size_t i = 0; i < 2; ++i) {
    char text[512];
    snprintf(text, sizeof text,
             "run: {updates: 4, shards: 2}\nenv: {name: lqr, num_envs: 8, max_steps: 9}\n"
             "learner: {name: %s, horizon: 12, settle: 2}\n"
             "policy: {hidden: [4], normalize_observations: false}\n",
             names[i]);
    stop_and_resume(text, "checkpoint_000004.h5", 7);
  }
}

/* Stops lie in the first collection, between updates, and after the oldest steps have gone. */
static void test_stopped_with_a_replay(void) {
  stop_and_resume(
      "run: {updates: 12, shards: 2}\nenv: {name: lqr, num_envs: 4, max_steps: 9}\n"
      "learner: {name: vracer, interval: 5, gradient_steps: 2, minibatch: 16, replay_size: 320,\n"
      "  replay_start: 80}\n",
      "checkpoint_000012.h5", 7);
}

/* Stops lie before the first update, between copies of the target network, and after the oldest
 * transitions have gone. */
static void test_stopped_with_transitions(void) {
  stop_and_resume(
      "run: {updates: 12, shards: 2}\nenv: {name: cartpole, num_envs: 4}\n"
      "learner: {name: dqn, interval: 5, gradient_steps: 2, minibatch: 16, replay_size: 160,\n"
      "  replay_start: 80, target_interval: 5, epsilon_steps: 100}\n",
      "checkpoint_000012.h5", 7);
}

static void test_stopped_with_transitions_of_roles(void) {
  stop_and_resume(
      "run: {updates: 4, shards: 1, replicas: 2}\nenv: {name: dilemma, num_envs: 2}\n"
      "learner: {name: dqn, interval: 30, minibatch: 16, replay_start: 60}\n"
      "policy: {hidden: [16], sharing: independent}\n",
      "checkpoint_000004.h5", 31);
}

static void test_stopped_between_roles(void) {
  stop_and_resume(
      "run: {updates: 3, shards: 1, replicas: 2}\nenv: {name: dilemma, num_envs: 2}\n"
      "learner: {horizon: 40}\npolicy: {hidden: [16], sharing: independent}\n",
      "checkpoint_000003.h5", 31);
}

static CU_TestInfo tests[] = {
    {"killed at any moment and resumed, the files are the same", test_killed_at_any_moment},
    {"stopped in mid-rollout and resumed, the files are the same", test_stopped_in_mid_rollout},
    {"stopped in mid-generation and resumed, the files are the same",
     test_stopped_in_mid_generation},
    {"stopped with a replay and resumed, the files are the same", test_stopped_with_a_replay},
    {"stopped with transitions and resumed, the files are the same", test_stopped_with_transitions},
    {"stopped with transitions of several roles and resumed, the files are the same",
     test_stopped_with_transitions_of_roles},
    {"stopped between roles and resumed, the files are the same", test_stopped_between_roles},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"learn/resume", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};

int main(int argc, char **argv) {
  if (argc == 3 && strcmp(argv[1], "child") == 0) {
    MPI_Init(&argc, &argv);
    const int result = child(argv[2]);
    MPI_Finalize();
    return result;
  }
  return unit_main(argc, argv, suites);
}
