/* Observations whose image is of bits are kept as bits: the same training, bit for bit, and after a restart in the
 * middle of a rollout; an environment whose image holds something else is told so. */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
#include "marl/learn/ppo.h"
#include "marl/learn/trainer_internal.h"
#include "tests/envs/run_folder.h"
#include "tests/toy_env.h"

/* 3 x 4 x 3 bits, more than a word of 32, and two numbers behind them. */
enum { IMAGE = 36, OBS = IMAGE + 2, AGENTS = 2, HORIZON = 6 };
static MarlRole role = {.name = "guess",
                        .obs_dim = OBS,
                        .action_kind = MARL_ACTION_DISCRETE,
                        .act_dim = 1,
                        .num_choices = 2,
                        .image = {3, 4, 3}};
static const MarlEnvSpec spec = {.num_agents = AGENTS,
                                 .num_roles = 1,
                                 .roles = &role,
                                 .obs_dim = OBS,
                                 .act_dim = 1,
                                 .max_steps = 9};
static float strange; /* stands where a bit should, from the fourth step on */

static void look(Toy *toy, const MarlEnvIo *io) {
  for (int a = 0; a < AGENTS; ++a) {
    const uint64_t at = (uint64_t)((toy->t * AGENTS + a) * OBS);
    for (int i = 0; i < OBS; ++i)
      io->obs[a * OBS + i] = i < IMAGE ? (float)marl_below(toy->key, at + (uint64_t)i, 2)
                                       : (float)marl_normal(toy->key, at + (uint64_t)i);
    if (strange != 0 && toy->t > 3) io->obs[a * OBS + IMAGE - 1] = strange;
    io->role[a] = 0, io->active[a] = (toy->t + a) % 4 != 3; /* so that decisions stay open */
  }
}

static void pay(Toy *toy, const MarlEnvIo *io) {
  for (int a = 0; a < AGENTS; ++a) io->reward[a] = io->act[a] * io->obs[a * OBS];
  look(toy, io);
}

static const MarlEnvOps *const table[] = {&toy_ops, NULL};

static MarlTrainer *begin(bool bits, const char *folder, MarlConfig **config) {
  MarlError err;
  MarlTrainer *trainer;
  static const char yaml[] =
      "run: {updates: 4, shards: 2}\nenv: {name: toy, num_envs: 4}\n"
      "learner: {name: ppo, horizon: 6, critic: shared, critic_hidden: []}\n"
      "policy: {hidden: [8], conv_channels: [3], normalize_observations: false}\n";
  toy_spec = spec;
  toy_reset = look;
  toy_step = pay;
  role.image_is_bits = bits;
  UNIT_OK(marl_config_parse(yaml, strlen(yaml), "test", config, &err));
  UNIT_OK(marl_trainer_create(*config, table, folder, MPI_COMM_SELF, &trainer, &err));
  return trainer;
}

static void end(MarlTrainer *trainer, MarlConfig *config) {
  marl_trainer_destroy(&trainer);
  marl_config_destroy(&config);
}

static void same(MarlTrainer *a, MarlTrainer *b) {
  const MarlPolicyRole *x = &marl_trainer_policy(a, 0)->roles[0];
  UNIT_BITS_EQUAL(x->params, marl_trainer_policy(b, 0)->roles[0].params,
                  x->num_params * sizeof(float));
}

typedef struct Scissors {
  MarlTrainerWatch base;
  int left;
} Scissors;
static bool cut(MarlTrainerWatch *watch) {
  return --((Scissors *)watch)->left == 0;
}

static void test_bits_are_the_same_training(void) {
  MarlError err;
  MarlConfig *config[3];
  strange = 0;
  MarlTrainer *numbers = begin(false, NULL, &config[0]);
  UNIT_OK(marl_trainer_run(numbers, NULL, &err));
  MarlTrainer *bits = begin(true, NULL, &config[1]);
  const Ppo *ppo = (const Ppo *)bits->replicas[0].base.learner;
  CU_ASSERT_EQUAL(ppo->shards[0].rollout->shape.bits, IMAGE);
  UNIT_OK(marl_trainer_run(bits, NULL, &err));
  same(numbers, bits);

  const RunFolder folder = run_folder_make();
  MarlTrainer *part = begin(true, folder.path, &config[2]);
  Scissors scissors = {{.stop = cut}, HORIZON + 4};
  UNIT_OK(marl_trainer_run(part, &scissors.base, &err));
  end(part, config[2]);
  part = begin(true, folder.path, &config[2]);
  UNIT_OK(marl_trainer_resume(part, NULL, &err));
  UNIT_OK(marl_trainer_run(part, NULL, &err));
  same(bits, part);
  end(numbers, config[0]);
  end(bits, config[1]);
  end(part, config[2]);
  run_folder_remove(&folder);
}

static void test_what_is_no_bit_is_told(void) {
  MarlError err;
  MarlConfig *config;
  strange = 0.5f;
  MarlTrainer *trainer = begin(true, NULL, &config);
  UNIT_ERROR(marl_trainer_run(trainer, NULL, &err), MARL_EARG,
             "role 'guess': the environment says that its image is of bits");
  end(trainer, config);
  strange = 0;
}

static CU_TestInfo tests[] = {
    {"bits are the same training", test_bits_are_the_same_training},
    {"what is no bit is told", test_what_is_no_bit_is_told},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"images of bits", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
