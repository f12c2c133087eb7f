/* What metrics.csv, the progress line and an evaluation say about episodes. */
#include "marl/learn/trainer.h"
#include "tests/envs/run_folder.h"
#include "tests/toy_env.h"

enum { MAX_ROWS = 256, MAX_NAMES = 64 };
static const MarlEnvOps *const environments[] = {&toy_ops, NULL};
static const MarlRole chooses = {.name = "play",
                                 .obs_dim = 1,
                                 .action_kind = MARL_ACTION_DISCRETE,
                                 .act_dim = 1,
                                 .num_choices = 2};
static const MarlRole pushes = {.name = "play",
                                .obs_dim = 1,
                                .action_kind = MARL_ACTION_CONTINUOUS,
                                .act_dim = 1,
                                .act_low = -1,
                                .act_high = 1};
/* names that learners use, too */
static const char *const names[] = {"kl", "loss", "learning_rate", "length"};

/* Base first: the values of every row. */
typedef struct Watch {
  MarlTrainerWatch base;
  int rows, count;
  const char *name[MAX_NAMES];
  double value[MAX_ROWS][MAX_NAMES], so_far[MAX_ROWS][MAX_NAMES];
} Watch;
static Watch watch;

static void keep(MarlTrainerWatch *base, const MarlTrainerProgress *p) {
  Watch *w = (Watch *)base;
  CU_ASSERT_TRUE_FATAL(w->rows < MAX_ROWS && p->count <= MAX_NAMES);
  w->count = p->count;
  for (int i = 0; i < p->count; ++i) {
    w->name[i] = p->names[i], w->value[w->rows][i] = p->values[i];
    w->so_far[w->rows][i] = p->so_far[i];
  }
  ++w->rows;
}

static double of(double (*rows)[MAX_NAMES], int row, const char *name) {
  for (int i = 0; i < watch.count; ++i)
    if (strcmp(watch.name[i], name) == 0) return rows[row][i];
  printf("\n    no column %s", name);
  CU_FAIL("no such column");
  return (double)NAN;
}
static double value_of(int row, const char *name) {
  return of(watch.value, row, name);
}

typedef struct Run {
  MarlConfig *config;
  MarlTrainer *trainer;
} Run;

static Run train(const char *env, const char *learner, int updates, const char *folder) {
  char yaml[768];
  MarlError err;
  Run run = {NULL, NULL};
  snprintf(yaml, sizeof yaml,
           "run: {seed: 3, updates: %d, shards: 2}\nenv: {name: toy, %s}\nlearner: {%s}\n"
           "policy: {hidden: [], normalize_observations: false}\n",
           updates, env, learner);
  watch = (Watch){.base = {.progress = keep}};
  UNIT_OK(marl_config_parse(yaml, strlen(yaml), "test", &run.config, &err));
  UNIT_OK(marl_trainer_create(run.config, environments, folder, MPI_COMM_SELF, &run.trainer, &err));
  UNIT_OK(marl_trainer_run(run.trainer, &watch.base, &err));
  return run;
}

static void end(Run *run) {
  marl_trainer_destroy(&run->trainer);
  marl_config_destroy(&run->config);
}

/* One agent; an episode of x steps, each earning 1. Metric 0 is there in every second step only. */
static void look(Toy *toy, const MarlEnvIo *io) {
  io->obs[0] = 1, io->role[0] = 0, io->active[0] = 1;
  for (int m = 0; m < toy->base.spec.num_metrics; ++m) io->metrics[m] = (float)(m + 1);
  io->metrics[0] = toy->t % 2 == 0 ? NAN : (float)toy->t;
}
static void fixed_reset(Toy *toy, const MarlEnvIo *io) {
  toy->x = 10;
  look(toy, io);
}
static void random_reset(Toy *toy, const MarlEnvIo *io) { /* 1 or 99 steps */
  toy->x = marl_uniform(toy->key, 0) < 0.5 ? 1 : 99;
  look(toy, io);
}
static void parity_reset(Toy *toy, const MarlEnvIo *io) { /* 4 or 5 */
  toy->x = marl_uniform(toy->key, 0) < 0.5 ? 4 : 5;
  look(toy, io);
}
static void step(Toy *toy, const MarlEnvIo *io) {
  io->reward[0] = 1;
  io->terminated[0] = toy->t >= (int64_t)toy->x;
  look(toy, io);
}

static void plan(const MarlRole *role, void (*reset)(Toy *, const MarlEnvIo *)) {
  toy_spec = (MarlEnvSpec){.num_agents = 1,
                           .num_roles = 1,
                           .roles = role,
                           .obs_dim = 1,
                           .act_dim = 1,
                           .num_metrics = 4,
                           .metrics = names};
  toy_reset = reset;
  toy_step = step;
}

static const char *const quick_ppo =
    "name: ppo, horizon: 5, epochs: 1, minibatches: 1, critic_hidden: []";

static void header_is_unique(const RunFolder *folder) {
  size_t size;
  char *text = run_folder_read(folder, "metrics.csv", &size);
  char *column[MAX_NAMES], *rest = strchr(text, '\n');
  CU_ASSERT_PTR_NOT_NULL_FATAL(rest);
  *rest = '\0';
  int count = 0;
  for (char *at = strtok(text, ","); at != NULL && count < MAX_NAMES; at = strtok(NULL, ","))
    column[count++] = at;
  for (int i = 0; i < count; ++i)
    for (int j = 0; j < i; ++j) {
      if (strcmp(column[i], column[j]) == 0) printf("\n    two columns %s", column[i]);
      CU_ASSERT_NOT_EQUAL(strcmp(column[i], column[j]), 0);
    }
  CU_ASSERT_EQUAL(count, watch.count + 3); /* update, replica and agent_steps before the figures */
  free(text);
}

static void test_columns_say_whose_they_are_and_no_two_are_the_same(void) {
  static const struct {
    const MarlRole *role;
    const char *learner;
  } cases[] = {
      {&chooses, "name: ppo, horizon: 5, critic_hidden: []"},
      {&chooses, "name: reinforce, horizon: 5, critic_hidden: []"},
      {&chooses, "name: dqn, replay_start: 64, minibatch: 8"},
      {&pushes, "name: vracer, replay_start: 64, replay_size: 128, minibatch: 4"},
      {&pushes, "name: cmaes, horizon: 5"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
    RunFolder folder = run_folder_make();
    plan(cases[i].role, fixed_reset);
    Run run = train("num_envs: 8", cases[i].learner, 2, folder.path);
    header_is_unique(&folder);
    for (int c = 0; c < watch.count; ++c) {
      const char *name = watch.name[c];
      const bool own = strncmp(name, "env/", 4) == 0 || strncmp(name, "learner/", 8) == 0;
      CU_ASSERT_TRUE(own || strcmp(name, "episodes") == 0 || strcmp(name, "length") == 0 ||
                     strcmp(name, "return_play") == 0);
    }
    (void)value_of(0, "env/kl");
    end(&run);
    run_folder_remove(&folder);
  }
}

/* Episodes of 10 steps, rows of 3: a value from the row in which the first one ends. */
static void test_every_row_has_a_return_once_an_episode_has_ended(void) {
  plan(&chooses, fixed_reset);
  Run run = train("num_envs: 4", "name: ppo, horizon: 3, epochs: 1, minibatches: 1", 20, NULL);
  for (int row = 0; row < watch.rows; ++row) {
    const double episodes = value_of(row, "episodes");
    const int before = 3 * row / 10, after = 3 * (row + 1) / 10; /* of one environment */
    UNIT_NEAR(episodes, 4 * (after - before), 0);
    const double value = value_of(row, "return_play");
    CU_ASSERT_TRUE(after == 0 ? isnan(value) : value == 10);
  }
  end(&run);
}

/* The same episodes: as long as none has ended, what they have come to after 3, 6, 9 steps; then the
 * value itself. */
static void test_there_is_something_to_see_before_an_episode_has_ended(void) {
  plan(&chooses, fixed_reset);
  Run run = train("num_envs: 4", "name: ppo, horizon: 3, epochs: 1, minibatches: 1", 20, NULL);
  for (int row = 0; row < watch.rows; ++row)
    UNIT_NEAR(of(watch.so_far, row, "return_play"), row < 3 ? 3 * (row + 1) : 10, 0);
  end(&run);
}

/* Episodes of 1 or 99 steps with the same probability. When a run ends after 50, no long one has: an
 * environment whose first is long, half of them, shows its 50 steps so far. Of what has ended alone
 * all are 1. When many have ended, the mean is that of an episode, 50. */
static void test_a_run_that_ends_does_not_prefer_short_episodes(void) {
  enum { ENVS = 512 };
  plan(&chooses, random_reset);
  Run run = train("num_envs: 512", quick_ppo, 10, NULL);
  /* four deviations of a share of one half among ENVS, times the difference */
  UNIT_NEAR(value_of(watch.rows - 1, "return_play"), 25.5, 4 * 0.5 * 49 / sqrt(ENVS));
  end(&run);
  run = train("num_envs: 512", quick_ppo, 160, NULL);
  UNIT_NEAR(value_of(watch.rows - 1, "return_play"), 50, 4 * 0.5 * 98 / sqrt(ENVS));
  UNIT_NEAR(value_of(watch.rows - 1, "length"), value_of(watch.rows - 1, "return_play"), 0);
  end(&run);
}

/* A generation of 15 steps ends in the middle of the second episode of 10, which counts nowhere. */
static void test_an_abandoned_episode_is_not_added_to_the_next(void) {
  plan(&pushes, fixed_reset);
  Run run = train("num_envs: 8", "name: cmaes, horizon: 15, restart: true", 4, NULL);
  for (int row = 0; row < watch.rows; ++row) {
    UNIT_NEAR(value_of(row, "episodes"), 8, 0);
    UNIT_NEAR(value_of(row, "length"), 10, 0);
    UNIT_NEAR(value_of(row, "return_play"), 10, 0);
  }
  end(&run);
}

/* Metric 0 is 5 after five steps and not there after four. */
static void test_a_metric_without_a_value_does_not_count(void) {
  MarlError err;
  MarlEvaluation result;
  plan(&chooses, parity_reset);
  Run run = train("num_envs: 16", quick_ppo, 20, NULL);
  UNIT_NEAR(value_of(watch.rows - 1, "env/kl"), 5, 0);
  CU_ASSERT_TRUE(value_of(watch.rows - 1, "length") < 5);
  UNIT_OK(marl_trainer_evaluate(run.trainer, 0, 50, true, &result, &err));
  UNIT_NEAR(result.mean[marl_evaluation_find(&result, "env/kl")], 5, 0);
  CU_ASSERT_TRUE(result.mean[marl_evaluation_find(&result, "length")] < 5);
  end(&run);
}

/* Agent 0 earns 1 in each of 2 steps and is out, agent 1 goes on until the fifth. */
static void pair_look(Toy *toy, const MarlEnvIo *io) {
  (void)toy;
  for (int a = 0; a < 2; ++a) io->obs[a] = 1, io->role[a] = 0, io->active[a] = 1;
}
static void pair_step(Toy *toy, const MarlEnvIo *io) {
  pair_look(toy, io);
  for (int a = 0; a < 2; ++a) {
    const int end_of = a == 0 ? 2 : 5;
    if (toy->t <= end_of) io->reward[a] = 1;
    io->terminated[a] = toy->t >= end_of;
  }
}
static void pair_step_that_pays_all(Toy *toy, const MarlEnvIo *io) {
  pair_step(toy, io);
  io->reward[0] = 1;
}

static void test_a_return_ends_with_its_agent(void) {
  MarlError err;
  MarlEvaluation result;
  plan(&chooses, pair_look);
  toy_spec.num_agents = 2, toy_spec.num_metrics = 0;
  toy_step = pair_step;
  Run run = train("num_envs: 4", quick_ppo, 3, NULL);
  UNIT_NEAR(value_of(watch.rows - 1, "return_play"), 3.5, 0);
  UNIT_OK(marl_trainer_evaluate(run.trainer, 0, 10, true, &result, &err));
  UNIT_NEAR(result.mean[marl_evaluation_find(&result, "return_play")], 3.5, 0);
  toy_step = pair_step_that_pays_all;
  UNIT_ERROR(marl_trainer_evaluate(run.trainer, 0, 10, true, &result, &err), MARL_EARG,
             "agent 0 has terminated and goes on earning");
  end(&run);
}

static CU_TestInfo tests[] = {
    {"columns say whose they are, no two are the same",
     test_columns_say_whose_they_are_and_no_two_are_the_same},
    {"every row has a return once an episode has ended",
     test_every_row_has_a_return_once_an_episode_has_ended},
    {"there is something to see before an episode has ended",
     test_there_is_something_to_see_before_an_episode_has_ended},
    {"a run that ends does not prefer short episodes",
     test_a_run_that_ends_does_not_prefer_short_episodes},
    {"an abandoned episode is not added to the next",
     test_an_abandoned_episode_is_not_added_to_the_next},
    {"a metric without a value does not count", test_a_metric_without_a_value_does_not_count},
    {"a return ends with its agent", test_a_return_ends_with_its_agent},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"learn/metrics", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
