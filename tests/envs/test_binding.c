/* What another language steps is what the trainer steps: the same bits from the same configuration. */
#include "envs/binding/binding.h"
#include "envs/env_table.h"
#include "marl/learn/replica.h"
#include "marl/learn/trainer.h"
#include "tests/envs/reference_case.h"
#include "tests/unit.h"

enum { STEPS = 40, MOST_SETTINGS = 12 };

typedef struct Case {
  MarlBindingSetting settings[MOST_SETTINGS];
  size_t count;
  char *file; /* of turbulence */
} Case;

static void set(Case *c, const char *section, const char *key, const char *text) {
  c->settings[c->count++] = (MarlBindingSetting){section, key, text};
}

static Case case_of(const char *name) {
  Case c = {.count = 0};
  set(&c, "env", "name", name);
  set(&c, "env", "num_envs", "3");
  set(&c, "run", "shards", "1");
  set(&c, "run", "seed", "9");
  set(&c, "run", "first_replica", "2");
  if (strcmp(name, "turbulence") == 0) {
    c.file = strdup(case_reference());
    set(&c, "env", "reference", c.file);
    set(&c, "env", "resolution", "16");
    set(&c, "env", "dt", "2e-3");
    set(&c, "env", "max_steps", "7");
  }
  return c;
}

/* The address of an array in the description; and its size, E times what `width` says, is the caller's. */
static void *array_of(const MarlBindingEnvs *envs, const char *name) {
  char wanted[64];
  unsigned long long address = 0;
  snprintf(wanted, sizeof wanted, "{\"name\":\"%s\",\"type\":", name);
  const char *at = strstr(marl_binding_envs_describe(envs), wanted);
  CU_ASSERT_PTR_NOT_NULL_FATAL(at);
  CU_ASSERT_EQUAL_FATAL(sscanf(strstr(at, "\"address\""), "\"address\":%llu", &address), 1);
  return (void *)(uintptr_t)address; /* NOLINT(performance-no-int-to-ptr) */
}

/* Some legal action of every agent that decides, another one in each step. */
static void choose(const MarlEnvSpec *s, MarlBatch *b, int step) {
  for (int row = 0; row < b->num_envs * b->num_agents; ++row) {
    const MarlRole *role = &s->roles[b->active[row] ? b->role[row] : 0];
    const uint8_t *mask = b->mask != NULL ? b->mask + (ptrdiff_t)row * s->mask_dim : NULL;
    for (int i = 0; i < role->act_dim; ++i) {
      float *act = &b->act[row * s->act_dim + i];
      const int n = marl_role_choices(role, i);
      *act = role->act_low + (role->act_high - role->act_low) * (float)((row + step) % 5) / 4;
      if (role->action_kind == MARL_ACTION_CONTINUOUS) continue;
      int choice = (row + step) % n;
      while (b->active[row] && mask != NULL && !mask[choice]) choice = (choice + 1) % n;
      *act = (float)choice;
      if (mask != NULL) mask += n;
    }
  }
}

/* The replica that `marl train` would step with this configuration. */
static void begin_training(const Case *c, MarlConfig **config, MarlReplica *replica) {
  MarlError err;
  MarlTrainerSections s;
  UNIT_OK(marl_config_create(config, &err));
  UNIT_OK(marl_config_set_shipped(*config, getenv("MARL_SOURCE"), &err)); /* maps */
  for (size_t i = 0; i < c->count; ++i)
    UNIT_OK(marl_config_assign(*config, c->settings[i].section, c->settings[i].key,
                               c->settings[i].text, &err));
  UNIT_OK(marl_trainer_claim(*config, marl_env_table, &s, &err));
  const MarlLearnerOps *learner;
  UNIT_OK(marl_learner_find("ppo", &learner, &err));
  const MarlReplicaInit init = {.env_ops = s.env_ops,
                                .learner_ops = learner,
                                .env = s.env,
                                .learner = s.learner,
                                .policy = s.policy,
                                .seed = (uint64_t)marl_section_int64(s.run, "seed"),
                                .number = marl_section_int(s.run, "first_replica"),
                                .num_shards = 1,
                                .own_shards = 1,
                                .num_updates = 1,
                                .comm = MPI_COMM_SELF};
  UNIT_OK(marl_replica_create(&init, replica, &err));
}

static void same(const MarlEnvSpec *s, const MarlBatch *b, const MarlBindingEnvs *envs) {
  const size_t rows = (size_t)b->num_envs * (size_t)b->num_agents, f = sizeof(float);
  CU_ASSERT_EQUAL(memcmp(array_of(envs, "active"), b->active, rows), 0);
  CU_ASSERT_EQUAL(memcmp(array_of(envs, "reward"), b->reward, rows * (size_t)s->num_roles * f), 0);
  CU_ASSERT_EQUAL(memcmp(array_of(envs, "terminated"), b->terminated, rows), 0);
  CU_ASSERT_EQUAL(memcmp(array_of(envs, "truncated"), b->truncated, rows), 0);
  const uint8_t *role = array_of(envs, "role");
  const float *obs = array_of(envs, "obs");
  for (size_t row = 0; row < rows; ++row) {
    if (!b->active[row]) continue; /* rows of agents that do not decide may hold anything */
    CU_ASSERT_EQUAL(role[row], b->role[row]);
    CU_ASSERT_EQUAL(memcmp(obs + row * (size_t)s->obs_dim, b->obs + row * (size_t)s->obs_dim,
                           (size_t)s->roles[role[row]].obs_dim * f),
                    0);
  }
}

static void every_environment_has_the_bits_of_the_trainer(void) {
  for (int i = 0; marl_env_table[i] != NULL; ++i) {
    Case c = case_of(marl_env_table[i]->name);
    char message[MARL_BINDING_MESSAGE] = "";
    MarlError err;
    MarlBindingEnvs *envs;
    MarlConfig *config;
    MarlReplica replica;
    begin_training(&c, &config, &replica);
    CU_ASSERT_EQUAL_FATAL(
        marl_binding_envs_create(NULL, getenv("MARL_SOURCE"), c.count, c.settings, &envs, message),
        0);
    CU_ASSERT_EQUAL(marl_binding_envs_reset(envs, 0, message), 0);
    MarlBatch *b = marl_vec_env_batch(replica.vec[0]);
    const MarlEnvSpec *s = marl_vec_env_spec(replica.vec[0]);
    const size_t size = (size_t)(b->num_envs * b->num_agents * s->act_dim) * sizeof(float);
    const int steps = c.file != NULL ? 9 : STEPS; /* beyond the end of an episode */
    for (int step = 0; step < steps; ++step) {
      same(s, b, envs);
      choose(s, b, step);
      memcpy(array_of(envs, "act"), b->act, size);
      UNIT_OK(marl_vec_env_step(replica.vec[0], &err));
      CU_ASSERT_EQUAL(marl_binding_envs_step(envs, message), 0);
    }
    same(s, b, envs);
    marl_binding_envs_destroy(envs);
    marl_replica_clear(&replica);
    marl_config_destroy(&config);
    if (c.file != NULL) unlink(c.file);
    free(c.file);
  }
}

/* Seeded again, it is as if it were new, whatever has been before. */
static void a_seed_begins_anew(void) {
  Case c = case_of("cartpole"), other = case_of("cartpole");
  MarlBindingEnvs *used, *fresh;
  other.settings[3].text = "4"; /* run.seed */
  CU_ASSERT_EQUAL(marl_binding_envs_create(NULL, NULL, other.count, other.settings, &used, NULL),
                  0);
  CU_ASSERT_EQUAL(marl_binding_envs_create(NULL, NULL, c.count, c.settings, &fresh, NULL), 0);
  for (int k = 0; k < 3; ++k) CU_ASSERT_EQUAL(marl_binding_envs_reset(used, 0, NULL), 0);
  marl_binding_envs_seed(used, 9, 0);
  CU_ASSERT_EQUAL(marl_binding_envs_reset(used, 0, NULL), 0);
  CU_ASSERT_EQUAL(marl_binding_envs_reset(fresh, 0, NULL), 0);
  const size_t size = 3 * 4 * sizeof(float);
  CU_ASSERT_EQUAL(memcmp(array_of(used, "obs"), array_of(fresh, "obs"), size), 0);
  marl_binding_envs_seed(used, 9, 1); /* those of an evaluation are others */
  CU_ASSERT_EQUAL(marl_binding_envs_reset(used, 0, NULL), 0);
  CU_ASSERT_NOT_EQUAL(memcmp(array_of(used, "obs"), array_of(fresh, "obs"), size), 0);
  marl_binding_envs_destroy(used);
  marl_binding_envs_destroy(fresh);
}

static void nothing_is_stepped_before_an_episode_has_begun(void) {
  Case c = case_of("cartpole");
  MarlBindingEnvs *envs;
  char message[MARL_BINDING_MESSAGE] = "";
  CU_ASSERT_EQUAL(marl_binding_envs_create(NULL, NULL, c.count, c.settings, &envs, NULL), 0);
  CU_ASSERT_EQUAL(marl_binding_envs_step(envs, message), MARL_EARG);
  CU_ASSERT_PTR_NOT_NULL(strstr(message, "reset"));
  CU_ASSERT_EQUAL(marl_binding_envs_reset(envs, 1, NULL), 0); /* of what is under way: nothing */
  CU_ASSERT_EQUAL(marl_binding_envs_step(envs, message), MARL_EARG);
  CU_ASSERT_EQUAL(marl_binding_envs_reset(envs, 0, NULL), 0);
  CU_ASSERT_EQUAL(marl_binding_envs_step(envs, message), 0);
  marl_binding_envs_destroy(envs);
}

/* cartpole pushes left or right, pendulum's box is [-2, 2]. */
static void what_is_no_action_is_refused_and_changes_nothing(void) {
  static const struct {
    const char *name, *said;
    float act;
  } cases[] = {{"cartpole", "expected a choice of 0 to 1", 2},
               {"cartpole", "expected a choice of 0 to 1", 0.5f},
               {"cartpole", "expected a choice of 0 to 1", -1},
               {"cartpole", "expected a choice of 0 to 1", (float)NAN},
               {"pendulum", "expected a number in [", 1e9f},
               {"pendulum", "expected a number in [", (float)NAN}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    Case c = case_of(cases[i].name);
    MarlBindingEnvs *envs;
    char message[MARL_BINDING_MESSAGE] = "";
    CU_ASSERT_EQUAL(marl_binding_envs_create(NULL, NULL, c.count, c.settings, &envs, NULL), 0);
    CU_ASSERT_EQUAL(marl_binding_envs_reset(envs, 0, NULL), 0);
    ((float *)array_of(envs, "act"))[1] = cases[i].act;
    const float before = *(float *)array_of(envs, "obs");
    CU_ASSERT_EQUAL(marl_binding_envs_step(envs, message), MARL_EARG);
    CU_ASSERT_PTR_NOT_NULL(strstr(message, cases[i].said));
    CU_ASSERT_EQUAL(((int *)array_of(envs, "steps"))[0], 0);
    CU_ASSERT_EQUAL(*(float *)array_of(envs, "obs"), before);
    marl_binding_envs_destroy(envs);
  }
}

static void a_mistake_in_the_configuration_is_said(void) {
  Case c = case_of("cartpole");
  MarlBindingEnvs *envs;
  char message[MARL_BINDING_MESSAGE] = "";
  set(&c, "env", "max_stepz", "3");
  CU_ASSERT_EQUAL(marl_binding_envs_create(NULL, NULL, c.count, c.settings, &envs, message),
                  MARL_ECONFIG);
  CU_ASSERT_PTR_NULL(envs);
  CU_ASSERT_PTR_NOT_NULL(strstr(message, "max_steps"));
}

static CU_TestInfo tests[] = {
    {"every environment has the bits of the trainer",
     every_environment_has_the_bits_of_the_trainer},
    {"a seed begins anew", a_seed_begins_anew},
    {"nothing is stepped before an episode has begun",
     nothing_is_stepped_before_an_episode_has_begun},
    {"what is no action is refused and changes nothing",
     what_is_no_action_is_refused_and_changes_nothing},
    {"a mistake in the configuration is said", a_mistake_in_the_configuration_is_said},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"the library for other languages", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
