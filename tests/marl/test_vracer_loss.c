#include "marl/learn/refer.h"
#include "marl/learn/vracer.h"
#include "tests/unit.h"

/* Two observations, two action components, five hidden units: [mean mean | y y | V]. */
enum { OBS = 2, ACT = 2, HIDDEN = 5, OUT = 2 * ACT + 1, AGENTS = 12, STEPS = 3, ROWS = AGENTS };
enum { NET = (OBS + 1) * HIDDEN + (HIDDEN + 1) * OUT, SLOTS = STEPS * ROWS };
static const double std_scale = 0.4;

static const MarlRole role = {.name = "control",
                              .obs_dim = OBS,
                              .action_kind = MARL_ACTION_CONTINUOUS,
                              .act_dim = ACT,
                              .act_low = -1,
                              .act_high = 1};
static const MarlEnvSpec spec = {
    .num_agents = AGENTS, .num_roles = 1, .roles = &role, .obs_dim = OBS, .act_dim = ACT};

static MarlSection *section(const char *name, MarlOptionTable table, const char *const (*set)[2],
                            size_t count) {
  MarlError err;
  MarlSection *out = NULL;
  UNIT_OK(marl_section_create(name, &table, 1, &out, &err));
  for (size_t i = 0; i < count; ++i)
    UNIT_OK(marl_section_set(out, set[i][0], set[i][1], "test", &err));
  return out;
}

static Vracer *make_learner(void) {
  static const char *const policy_set[][2] = {
      {"hidden", "5"}, {"initial_std", "0.4"}, {"normalize_observations", "false"}};
  static const char *const set[][2] = {{"minibatch", "4"}, {"initial_beta", "0.6"}};
  MarlError err;
  const MarlOptionTable options = {marl_learner_vracer.options, marl_learner_vracer.num_options};
  MarlSection *policy = section("policy", marl_policy_options, policy_set, 3);
  MarlSection *config = section("learner", options, set, 2);
  const MarlLearnerInit init = {.env = &spec,
                                .policy = policy,
                                .num_envs = 1,
                                .num_shards = 1,
                                .own_shards = 1,
                                .num_updates = 1,
                                .seed = 3,
                                .comm = MPI_COMM_SELF};
  MarlLearner *learner = NULL;
  UNIT_OK(marl_learner_vracer.create(config, &init, &learner, &err));
  marl_section_destroy(&config);
  marl_section_destroy(&policy);
  return (Vracer *)learner;
}

/* Outputs of the network with double parameters. */
static void network(const double *params, const float *obs, double *out) {
  double hidden[HIDDEN];
  const double *bias = params + OBS * HIDDEN;
  for (int h = 0; h < HIDDEN; ++h) {
    double sum = bias[h];
    for (int i = 0; i < OBS; ++i) sum += (double)obs[i] * params[i * HIDDEN + h];
    hidden[h] = tanh(sum);
  }
  const double *weights = bias + HIDDEN;
  for (int j = 0; j < OUT; ++j) {
    out[j] = weights[HIDDEN * OUT + j];
    for (int h = 0; h < HIDDEN; ++h) out[j] += hidden[h] * weights[h * OUT + j];
  }
}

static double log_density(const double *out, const float *x) {
  double sum = 0;
  for (int j = 0; j < ACT; ++j) {
    const double std = std_scale * exp(asinh(out[ACT + j])), z = ((double)x[j] - out[j]) / std;
    sum += -0.5 * z * z - log(std) - 0.5 * log(2 * acos(-1));
  }
  return sum;
}

/* KL(mu || pi) of Gaussians. */
static double divergence(const double *out, const float *mean, const float *log_std) {
  double sum = 0;
  for (int j = 0; j < ACT; ++j) {
    const double std = std_scale * exp(asinh(out[ACT + j])), old = exp((double)log_std[j]);
    const double shift = out[j] - (double)mean[j];
    sum += log(std / old) + (old * old + shift * shift) / (2 * std * std) - 0.5;
  }
  return sum;
}

/* What the loss holds fixed. */
typedef struct Fixed {
  double advantage, target;
  bool near;
} Fixed;

static double total_loss(const Vracer *v, const double *params, Fixed *fixed, bool fix) {
  const MarlSequences *s = v->shards[0];
  double sum = 0;
  for (size_t i = 0; i < SLOTS; ++i) {
    if (s->end[i] == MARL_SEQUENCE_ABSENT) continue;
    double out[OUT];
    network(params, s->obs + i * OBS, out);
    const double V = out[OUT - 1];
    const double rho = exp(log_density(out, s->x + i * ACT) - (double)s->log_prob[i]);
    if (fix) {
      const double advantage = (double)s->target[i] - V;
      fixed[i] = (Fixed){advantage, V + fmin(rho, 1) * advantage,
                         rho < (double)v->bound && rho > 1 / (double)v->bound};
    }
    const double weight = !v->params.gate_value ? 1 : (fixed[i].near ? v->beta : 0);
    sum += weight * 0.5 * (V - fixed[i].target) * (V - fixed[i].target) +
           (1 - v->beta) * divergence(out, s->mean + i * ACT, s->log_std + i * ACT) -
           (fixed[i].near ? v->beta * rho * fixed[i].advantage : 0);
  }
  return sum / SLOTS;
}

/* Behavior, actions and targets all over the place; ratios on both sides of the bound. */
static void fill(Vracer *v) {
  const MarlKey key = marl_key(9, MARL_STREAM_SEARCH);
  MarlSequences *s = v->shards[0];
  marl_normal_fill(marl_key_fold(key, 0), 0, NET, v->network);
  for (int i = 0; i < NET; ++i) v->network[i] *= 0.4f;
  marl_normal_fill(marl_key_fold(key, 1), 0, SLOTS * OBS, s->obs);
  marl_normal_fill(marl_key_fold(key, 2), 0, SLOTS * ACT, s->x);
  marl_normal_fill(marl_key_fold(key, 3), 0, SLOTS * ACT, s->mean);
  marl_normal_fill(marl_key_fold(key, 4), 0, SLOTS, s->target);
  for (size_t i = 0; i < SLOTS; ++i) {
    double log_prob = 0;
    for (size_t j = i * ACT; j < (i + 1) * ACT; ++j) {
      s->mean[j] *= 0.3f, s->x[j] *= 0.4f;
      s->log_std[j] = -0.8f + 0.02f * (float)(i % 10);
      const double z = (double)(s->x[j] - s->mean[j]) * exp(-(double)s->log_std[j]);
      log_prob += -0.5 * z * z - (double)s->log_std[j] - 0.5 * log(2 * acos(-1));
    }
    s->log_prob[i] = (float)log_prob;
    s->end[i] = i % 7 == 3 ? MARL_SEQUENCE_ABSENT : MARL_SEQUENCE_GOES_ON;
  }
  for (int t = 0; t < STEPS; ++t) marl_sequences_advance(s);
  v->bound = 2;
}

static void gradient_matches_differences(bool gate_value) {
  static float grad[NET + VRACER_NUM_SUMS];
  static Fixed fixed[SLOTS];
  static double params[NET];
  memset(grad, 0, sizeof grad);
  Vracer *v = make_learner();
  v->params.gate_value = gate_value;
  fill(v);
  uint32_t slots[SLOTS];
  for (uint32_t i = 0; i < SLOTS; ++i) slots[i] = i;
  marl_vracer_add_gradient(v, v->shards[0], SLOTS, slots, 1.0f / SLOTS, grad);
  for (int i = 0; i < NET; ++i) params[i] = (double)v->network[i];
  const double loss = total_loss(v, params, fixed, true);
  const float *sums = grad + NET;
  /* thirty single-precision terms of order one */
  UNIT_NEAR(
      sums[VRACER_VALUE_LOSS] + sums[VRACER_POLICY_LOSS] + (float)(1 - v->beta) * sums[VRACER_KL],
      loss, 3e-6);
  int near = 0;
  for (int i = 0; i < SLOTS; ++i) near += fixed[i].near;
  CU_ASSERT_TRUE(near > 5 && near < 25); /* both kinds are there */
  for (int i = 0; i < NET; ++i) {
    const double h = 1e-5, at = params[i];
    params[i] = at + h;
    const double up = total_loss(v, params, fixed, false);
    params[i] = at - h;
    const double down = total_loss(v, params, fixed, false);
    params[i] = at;
    /* differences are good to h^2; the rest is single precision of terms up to ten */
    UNIT_NEAR(grad[i], (up - down) / (2 * h), 1e-5);
  }
  marl_learner_vracer.destroy(&v->base);
}

static void test_gradient_matches_differences(void) {
  gradient_matches_differences(false);
}

/* As in the paper: far decisions teach V nothing, near ones with the weight beta. */
static void test_a_gated_value_gradient_matches_differences(void) {
  gradient_matches_differences(true);
}

/* The policy that is handed out acts as the network does. */
static void test_the_policy_is_the_network(void) {
  Vracer *v = make_learner();
  fill(v);
  marl_vracer_sync_policy(v);
  static double params[NET];
  for (int i = 0; i < NET; ++i) params[i] = (double)v->network[i];
  const float obs[OBS] = {0.3f, -1.1f};
  float act[ACT];
  double out[OUT];
  marl_policy_act(v->policy, 0, 0, 1, obs, NULL, act);
  network(params, obs, out);
  for (int j = 0; j < ACT; ++j) UNIT_NEAR(act[j], tanh(out[j]), 1e-6); /* single precision */
  /* drawn: 4000 draws know the deviation to 1/sqrt(8000) = 1.1 %; four of that */
  double square = 0;
  enum { DRAWS = 4000 };
  for (int i = 0; i < DRAWS; ++i) {
    const MarlKey key = marl_key_fold(marl_key(1, MARL_STREAM_POLICY), (uint64_t)i);
    float x;
    marl_policy_act(v->policy, 0, 0, 1, obs, &key, act);
    x = atanhf(act[0]) - (float)out[0];
    square += (double)(x * x) / DRAWS;
  }
  const double std = std_scale * exp(asinh(out[ACT]));
  UNIT_NEAR(sqrt(square) / std, 1, 0.045);
  marl_learner_vracer.destroy(&v->base);
}

static CU_TestInfo tests[] = {
    {"the gradient matches differences", test_gradient_matches_differences},
    {"so does a gradient whose value's part is gated",
     test_a_gated_value_gradient_matches_differences},
    {"the policy is the network without its value", test_the_policy_is_the_network},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"learn/vracer", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
