/* ctest: label=unit ranks=1,2 timeout=120 */
#include "marl/learn/trainer.h"
#include "tests/envs/training.h"
#include "tests/toy_env.h"

enum { STEPS = 4 };
static const MarlEnvOps *const environments[] = {&toy_ops, NULL};
static const double reach = 100; /* half the width of actions: nothing is clipped */

/* Kind i sees (+-1, +-1) and earns its action plus an offset: the sum over the steps is linear in the weights. */
static double sign(int kind, int column) {
  return (kind >> column & 1) != 0 ? -1 : 1;
}
static double offset(int kind) {
  static const double offsets[] = {0.3, -1, 0.25, 2};
  return offsets[kind];
}

static int kind_of(const Toy *toy) {
  return toy->base.index % 4;
}

static void look(Toy *toy, const MarlEnvIo *io) {
  io->obs[0] = (float)sign(kind_of(toy), 0), io->obs[1] = (float)sign(kind_of(toy), 1);
  io->role[0] = 0, io->active[0] = 1;
}
static void step(Toy *toy, const MarlEnvIo *io) {
  io->reward[0] = io->act[0] + (float)offset(kind_of(toy));
  io->terminated[0] = false;
  look(toy, io);
}

/* The columns (+-1, +-1, 1) are orthogonal, so that weight j of the least squares to
 *   STEPS (reach (w . obs + b) + offset) = 1
 * is the mean over the kinds of its column times (1/STEPS - offset)/reach. Weights of .1 or so and three steps with
 * noise gamma: the prior's part is .1 (gamma/(.1 STEPS reach))^2/3 = 2e-7 at gamma = .1. Rewards of order 1 in single
 * precision, 4e-7 in a sum, correlate by chance with the residual, which is 50 gamma: 4e-6 x 50 deviations of the
 * ensemble, 2.5e-4, are 5e-8. (A much smaller gamma gains nothing: that part grows.) */
static void a_linear_problem_is_solved_by_least_squares(void) {
  static const MarlRole push = {.name = "push",
                                .obs_dim = 2,
                                .action_kind = MARL_ACTION_CONTINUOUS,
                                .act_dim = 1,
                                .act_low = -100,
                                .act_high = 100};
  static const char *const yaml =
      "run: {seed: 1, updates: 3, shards: 4}\n"
      "env: {name: toy, num_envs: 24}\n"
      "learner: {name: eki, population: 6, horizon: 4, sigma: 0.1, target: 1, noise: 0.1}\n"
      "policy: {hidden: [], action: clipped, normalize_observations: false}\n";
  toy_spec = (MarlEnvSpec){
      .num_agents = 1, .num_roles = 1, .roles = &push, .obs_dim = 2, .act_dim = 1, .num_kinds = 4};
  toy_reset = look, toy_step = step;
  MarlError err;
  Training t = {NULL, NULL};
  UNIT_OK(marl_config_parse(yaml, strlen(yaml), "test", &t.config, &err));
  UNIT_OK(marl_trainer_create(t.config, environments, NULL, MPI_COMM_SELF, &t.trainer, &err));
  UNIT_OK(marl_trainer_run(t.trainer, NULL, &err));
  const float *weights = marl_policy_params(marl_trainer_policy(t.trainer, 0), 0, 0);
  for (int j = 0; j < 3; ++j) {
    double best = 0;
    for (int kind = 0; kind < 4; ++kind)
      best += (j < 2 ? sign(kind, j) : 1) * (1.0 / STEPS - offset(kind)) / reach / 4;
    UNIT_NEAR((double)weights[j], best, 5e-7);
  }
  training_end(&t);
}

static const char *const brief =
    "run: {seed: 3, updates: %d, shards: 4}\n"
    "env: {name: lqr, num_envs: 8, num_agents: 4, max_steps: 4}\n"
    "learner: {name: eki, horizon: 12, settle: 2, population: 4}\n"
    "policy: {hidden: [4], action: clipped, normalize_observations: false}\n";

static void any_number_of_ranks_gives_the_same_bits(void) {
  MarlError err;
  char text[512];
  snprintf(text, sizeof text, brief, 3);
  Training shared = training_begin(text, NULL, MPI_COMM_WORLD);
  Training alone = training_begin(text, NULL, MPI_COMM_SELF);
  UNIT_OK(marl_trainer_run(shared.trainer, NULL, &err));
  UNIT_OK(marl_trainer_run(alone.trainer, NULL, &err));
  const MarlPolicy *a = marl_trainer_policy(shared.trainer, 0);
  UNIT_BITS_EQUAL(marl_policy_params(a, 0, 0),
                  marl_policy_params(marl_trainer_policy(alone.trainer, 0), 0, 0),
                  a->roles[0].num_params * sizeof(float));
  training_end(&shared), training_end(&alone);
}

static CU_TestInfo tests[] = {
    {"a linear problem is solved by least squares", a_linear_problem_is_solved_by_least_squares},
    {"any number of ranks gives the same bits", any_number_of_ranks_gives_the_same_bits},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"learner_eki", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
