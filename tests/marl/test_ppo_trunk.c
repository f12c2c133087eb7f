/* One trunk with two heads (learner.critic: shared): the gradient of both losses against PyTorch's, which
 * tools/make_torch_networks.py has computed in double and stored with its version and seed. */
#include "marl/learn/ppo.h"
#include "tests/marl/torch_reference.h"

enum { ROWS = 12, TAIL = 4, CHOICES = 4 };

typedef struct Case {
  const char *name;
  int obs, image[3], memory;
  const char *policy[4][2], *learner[3][2];
  size_t steps, active[4];
} Case;

static const Case cases[] = {
    {.name = "dense",
     .obs = 5,
     .policy = {{"hidden", "8, 7"}},
     .learner = {{"critic_hidden", "6"}, {"trunk_hidden", "1"}},
     .steps = 1,
     .active = {ROWS}},
    {.name = "conv",
     .obs = 50 + TAIL,
     .image = {5, 5, 2},
     .policy = {{"hidden", "6"}, {"conv_channels", "3"}, {"activation", "relu"}},
     .learner = {{"critic_hidden", ""}},
     .steps = 1,
     .active = {ROWS}},
    {.name = "gru",
     .obs = 6,
     .memory = 5,
     .policy = {{"hidden", "8"}, {"recurrent", "gru"}, {"recurrent_units", "5"}},
     .learner = {{"critic_hidden", "4"}},
     .steps = 4,
     .active = {4, 4, 3, 1}},
    {.name = "conv_gru",
     .obs = 50 + TAIL,
     .image = {5, 5, 2},
     .memory = 4,
     .policy =
         {{"hidden", ""}, {"conv_channels", "3"}, {"activation", "relu"}, {"recurrent", "gru"}},
     .learner = {{"critic_hidden", ""}},
     .steps = 3,
     .active = {5, 4, 3}},
};

static void set(MarlSection *section, const char *key, const char *value) {
  MarlError err;
  if (key != NULL) UNIT_OK(marl_section_set(section, key, value, "test", &err));
}

/* A learner of ROWS agents, each with one decision; `critic` as in the configuration. */
static MarlCode create(const Case *c, const char *critic, const char *value_coefficient, Ppo **out,
                       MarlError *failure) {
  MarlError err;
  MarlSection *policy, *config;
  MarlLearner *learner = NULL;
  const MarlRole role = {.name = "choose",
                         .obs_dim = c->obs,
                         .action_kind = MARL_ACTION_DISCRETE,
                         .act_dim = 1,
                         .num_choices = CHOICES,
                         .image = {c->image[0], c->image[1], c->image[2]}};
  const MarlEnvSpec spec = {
      .num_agents = ROWS, .num_roles = 1, .roles = &role, .obs_dim = c->obs, .act_dim = 1};
  const MarlOptionTable options = {marl_learner_ppo.options, marl_learner_ppo.num_options};
  UNIT_OK(marl_section_create("policy", &marl_policy_options, 1, &policy, &err));
  UNIT_OK(marl_section_create("learner", &options, 1, &config, &err));
  set(policy, "normalize_observations", "false");
  for (size_t i = 0; i < 4; ++i) set(policy, c->policy[i][0], c->policy[i][1]);
  if (c->memory == 4) set(policy, "recurrent_units", "4");
  set(config, "horizon", "1");
  set(config, "normalize_value", "false");
  set(config, "entropy_coefficient", "0.05");
  set(config, "value_coefficient", value_coefficient);
  set(config, "critic", critic);
  for (size_t i = 0; i < 3 && strcmp(critic, "own") != 0; ++i)
    set(config, c->learner[i][0], c->learner[i][1]);
  const MarlLearnerInit init = {.env = &spec,
                                .policy = policy,
                                .num_envs = 1,
                                .num_shards = 1,
                                .own_shards = 1,
                                .num_updates = 1,
                                .comm = MPI_COMM_SELF};
  const MarlCode code = marl_learner_ppo.create(config, &init, &learner, failure);
  marl_section_destroy(&config);
  marl_section_destroy(&policy);
  *out = (Ppo *)learner;
  return code;
}

static Ppo *make(const Case *c, const char *critic, const char *value_coefficient) {
  MarlError err;
  Ppo *ppo;
  UNIT_OK(create(c, critic, value_coefficient, &ppo, &err));
  return ppo;
}

static void copy_floats(MarlStore *file, const Case *c, const char *what, size_t count, float *to) {
  float *from = torch_read(file, c->name, what, MARL_F32, count);
  memcpy(to, from, count * sizeof *to);
  free(from);
}

/* The stored decisions; what agents remember begins with `start`, behind it what an own critic does, 0. */
static void fill(Ppo *ppo, MarlStore *file, const Case *c) {
  MarlRollout *rollout = ppo->shards[0].rollout;
  const size_t slot = marl_rollout_slot(rollout, 0);
  copy_floats(file, c, "policy", ppo->groups[0].policy_params,
              marl_policy_params(ppo->policy, 0, 0));
  copy_floats(file, c, "obs", ROWS * (size_t)c->obs, rollout->obs + slot * (size_t)c->obs);
  copy_floats(file, c, "action", ROWS, rollout->act + slot);
  copy_floats(file, c, "old_log_prob", ROWS, rollout->log_prob + slot);
  copy_floats(file, c, "advantage", ROWS, rollout->advantage + slot);
  copy_floats(file, c, "target", ROWS, rollout->value + slot);
  for (size_t row = 0; row < ROWS; ++row) /* the target is their sum */
    rollout->value[slot + row] -= rollout->advantage[slot + row];
  if (c->memory == 0) return;
  const size_t units = (size_t)c->memory;
  float *start = torch_read(file, c->name, "start", MARL_F32, c->active[0] * units);
  for (size_t row = 0; row < c->active[0]; ++row)
    memcpy(rollout->memory + (slot + row) * (size_t)ppo->remembered, start + row * units,
           units * sizeof *start);
  free(start);
}

/* The gradient of the mean over the decisions, [policy | critic | sums]. */
static float *gradient(Ppo *ppo, const Case *c) {
  uint32_t sample[ROWS];
  PpoGroup *group = &ppo->groups[0];
  float *grad = calloc(ppo->grad_size, sizeof *grad);
  const PpoSteps steps = {c->steps, c->active};
  group->advantage_scale = 1;
  for (size_t row = 0; row < ROWS; ++row)
    sample[row] = (uint32_t)marl_rollout_slot(ppo->shards[0].rollout, row);
  marl_ppo_add_gradient(ppo, group, ppo->shards[0].rollout, &steps, sample, ROWS, grad);
  return grad;
}

static void test_the_gradient_of_both_losses_is_pytorchs(void) {
  MarlStore *file = torch_open("torch_trunk.h5");
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    const Case *c = &cases[i];
    Ppo *ppo = make(c, "shared", "0.7");
    const size_t policy = ppo->groups[0].policy_params, critic = ppo->groups[0].critic_params;
    double *policy_grad = torch_read(file, c->name, "policy_grad", MARL_F64, policy);
    double *critic_grad = torch_read(file, c->name, "critic_grad", MARL_F64, critic);
    fill(ppo, file, c);
    copy_floats(file, c, "critic", critic, marl_critic_params(ppo->critic, 0, 0));
    float *grad = gradient(ppo, c);
    torch_near(c->name, "policy", policy, grad, policy_grad);
    torch_near(c->name, "critic", critic, grad + policy, critic_grad);
    free(grad);
    free(policy_grad);
    free(critic_grad);
    marl_learner_ppo.destroy(&ppo->base);
  }
  marl_store_close(&file);
}

/* Without weight the value says nothing to the trunk, and the policy's gradient is that beside a network of the
 * critic's own; rounding of sums over 12 rows in other blocks. */
static void test_detached_the_policy_has_the_gradient_that_it_has_alone(void) {
  MarlStore *file = torch_open("torch_trunk.h5");
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    const Case *c = &cases[i];
    float *grad[2];
    size_t policy = 0;
    for (int k = 0; k < 2; ++k) {
      Ppo *ppo = make(c, k == 0 ? "own" : "shared", k == 0 ? "0.7" : "0");
      policy = ppo->groups[0].policy_params;
      fill(ppo, file, c);
      grad[k] = gradient(ppo, c);
      marl_learner_ppo.destroy(&ppo->base);
    }
    for (size_t j = 0; j < policy; ++j) UNIT_NEAR(grad[0][j], grad[1][j], 1e-6);
    free(grad[0]);
    free(grad[1]);
  }
  marl_store_close(&file);
}

static void test_what_cannot_be_shared_is_refused(void) {
  static const struct {
    Case of;
    const char *critic, *words;
  } refused[] = {
      {{.obs = 5, .policy = {{"hidden", "8"}}, .learner = {{"trunk_hidden", "2"}}},
       "shared",
       "a trunk of 2 hidden layers of a network that has 1"},
      {{.obs = 5, .policy = {{"hidden", ""}}}, "shared", "a trunk needs a layer"},
      {{.obs = 5,
        .policy = {{"hidden", "8, 8"}, {"recurrent", "gru"}},
        .learner = {{"trunk_hidden", "1"}}},
       "shared",
       "a trunk ends behind the recurrent layer"},
      {{.obs = 5, .policy = {{"hidden", "8"}}, .learner = {{"trunk_hidden", "1"}}},
       "central",
       "learner.trunk_hidden is of learner.critic: shared"},
  };
  for (size_t i = 0; i < sizeof refused / sizeof *refused; ++i) {
    MarlError err;
    Ppo *ppo;
    UNIT_ERROR(create(&refused[i].of, refused[i].critic, "0.5", &ppo, &err), MARL_ECONFIG,
               refused[i].words);
  }
}

static CU_TestInfo tests[] = {
    {"the gradient of both losses is PyTorch's", test_the_gradient_of_both_losses_is_pytorchs},
    {"detached, the policy has the gradient that it has alone",
     test_detached_the_policy_has_the_gradient_that_it_has_alone},
    {"what cannot be shared is refused", test_what_cannot_be_shared_is_refused},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"one trunk with two heads", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
