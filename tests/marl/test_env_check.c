/* An environment that keeps its contract passes; each way to break it is found and named. */
#include "marl/learn/env_check.h"
#include "tests/toy_env.h"
#include "tests/unit.h"

enum { AGENTS = 2, PLAY = 0, JUDGE = 1, ROLES = 2, WIDE = 3, STEPS = 40 };
static const MarlRole roles[ROLES] = {
    {.name = "play",
     .obs_dim = 3,
     .action_kind = MARL_ACTION_DISCRETE,
     .act_dim = 1,
     .num_choices = 3},
    {.name = "judge",
     .obs_dim = 2,
     .action_kind = MARL_ACTION_CONTINUOUS,
     .act_dim = 2,
     .act_low = -1,
     .act_high = 2},
};
static const char *const names[] = {"kl", "rate"};
static const MarlEnvSpec clean_spec = {.num_agents = AGENTS,
                                       .num_roles = ROLES,
                                       .roles = roles,
                                       .obs_dim = WIDE,
                                       .act_dim = 2,
                                       .state_dim = 1,
                                       .num_metrics = 2,
                                       .metrics = names};

static void (*fault)(Toy *toy, const MarlEnvIo *io); /* after a clean step or reset; NULL: none */

/* Agents play and judge in turn, one starting with each; agent 0 leaves after 7 steps, agent 1 after
 * 11. x is random and driven by the actions. */
static void write_rows(Toy *toy, const MarlEnvIo *io) {
  for (int a = 0; a < AGENTS; ++a) {
    io->role[a] = (uint8_t)((toy->t + a) % ROLES);
    io->active[a] = 1;
    for (int i = 0; i < WIDE; ++i) io->obs[a * WIDE + i] = (float)(toy->x + a + i);
    if (io->terminated != NULL) io->terminated[a] = toy->t >= 7 + 4 * a;
  }
  io->state[0] = (float)toy->x;
  io->metrics[1] = NAN; /* nothing to measure is allowed */
  if (fault != NULL) fault(toy, io);
}

static void clean_reset(Toy *toy, const MarlEnvIo *io) {
  toy->x = marl_normal(toy->key, 0);
  io->metrics[0] = 0;
  write_rows(toy, io);
}

static void clean_step(Toy *toy, const MarlEnvIo *io) {
  for (int a = 0; a < AGENTS; ++a) {
    if (toy->t > 7 + 4 * a) continue; /* it has left */
    const bool plays = (toy->t - 1 + a) % ROLES == PLAY;
    toy->x += (double)io->act[a * 2] + 0.1 * marl_normal(toy->key, (uint64_t)toy->t);
    io->reward[a * ROLES + (plays ? PLAY : JUDGE)] = (float)toy->x;
  }
  io->metrics[0] += 1;
  write_rows(toy, io);
}

static MarlCode check(const MarlEnvOps *ops, MarlEnvCheckReport *report, MarlError *err) {
  toy_reset = clean_reset;
  toy_step = clean_step;
  return marl_env_check(ops, NULL, 5, STEPS, report, err);
}

static void test_a_clean_environment_passes(void) {
  MarlError err;
  MarlEnvCheckReport report;
  toy_spec = clean_spec;
  fault = NULL;
  UNIT_OK(check(&toy_ops, &report, &err));
  CU_ASSERT_EQUAL(report.num_notes, 0);
  CU_ASSERT_TRUE(report.steps > 10 * STEPS && report.episodes > 10 * STEPS / 11 / 2);
}

static int shared; /* what instances must not have */

static void nan_reward(Toy *toy, const MarlEnvIo *io) {
  if (io->reward != NULL && toy->t == 3) io->reward[1 * ROLES + JUDGE] = NAN;
}
static void infinite_obs(Toy *toy, const MarlEnvIo *io) {
  if (toy->t == 2) io->obs[WIDE + 1] = INFINITY;
}
static void nan_state(Toy *toy, const MarlEnvIo *io) {
  if (toy->t == 4) io->state[0] = NAN;
}
static void infinite_metric(Toy *toy, const MarlEnvIo *io) {
  if (toy->t == 4) io->metrics[0] = INFINITY;
}
static void unknown_role(Toy *toy, const MarlEnvIo *io) {
  if (toy->t == 5) io->role[0] = ROLES;
}
static void ghost_earns(Toy *toy, const MarlEnvIo *io) {
  if (io->reward != NULL && toy->t == 9) io->reward[PLAY] = 1;
}
static void half_active(Toy *toy, const MarlEnvIo *io) {
  if (toy->t == 1) io->active[1] = 2;
}
static void half_terminated(Toy *toy, const MarlEnvIo *io) {
  if (toy->t == 1 && io->terminated != NULL) io->terminated[1] = 7;
}
static void writes_beyond(Toy *toy, const MarlEnvIo *io) {
  if (toy->t == 1) io->obs[AGENTS * WIDE] = 0;
}
static void writes_before(Toy *toy, const MarlEnvIo *io) {
  if (toy->t == 1) io->metrics[-1] = 0;
}
static void instances_share(Toy *toy, const MarlEnvIo *io) {
  (void)toy;
  io->obs[0] += 1e-3f * (float)(++shared % 100);
}
static void remembers_episodes(Toy *toy, const MarlEnvIo *io) {
  toy->base.index += 1; /* never reset, never saved */
  io->state[0] += 1e-3f * (float)toy->base.index;
}
static void ignores_the_seed(Toy *toy, const MarlEnvIo *io) {
  toy->x = 0;
  for (int i = 0; i < AGENTS * WIDE; ++i) io->obs[i] = 0;
  io->state[0] = 0;
  for (int i = 0; io->reward != NULL && i < AGENTS * ROLES; ++i) io->reward[i] = 0;
}

static void test_each_broken_promise_is_named(void) {
  static const struct {
    void (*fault)(Toy *toy, const MarlEnvIo *io);
    const char *words;
  } broken[] = {
      {nan_reward, "the reward of agent 1 in role 'judge' is nan (episode 1, step 3)"},
      {infinite_obs, "observation 1 of agent 1 in role 'judge' is inf (episode 1, step 2)"},
      {nan_state, "component 0 of the state is nan"},
      {infinite_metric, "the metric 'kl' is inf"},
      {unknown_role, "agent 0 is to decide in role 2, there are roles 0 .. 1"},
      {ghost_earns, "agent 0 has terminated and goes on earning, 1 in role 'play'"},
      {half_active, "active of agent 1 is 2, not 0 or 1"},
      {half_terminated, "terminated of agent 1 is 7, not 0 or 1"},
      {writes_beyond, "writes outside its rows, near obs"},
      {writes_before, "writes outside its rows, near terminated"},
      {instances_share, "the observations differ between two instances with the same seed"},
      {remembers_episodes, "the state differ in an instance that was used before its reset"},
  };
  MarlError err;
  MarlEnvCheckReport report;
  toy_spec = clean_spec;
  for (size_t i = 0; i < sizeof broken / sizeof broken[0]; ++i) {
    fault = broken[i].fault;
    shared = 0;
    const MarlCode code = check(&toy_ops, &report, &err);
    CU_ASSERT_NOT_EQUAL(code, MARL_OK);
    if (code == MARL_OK || strstr(err.message, broken[i].words) == NULL)
      printf("\n    fault %zu: '%s'", i, code == MARL_OK ? "found nothing" : err.message);
    CU_ASSERT_TRUE(code != MARL_OK && strstr(err.message, broken[i].words) != NULL);
  }
}

/* x is missing from the file: the same until it is used after a load. */
static MarlCode save_too_little(const MarlEnv *env, MarlStore *to, MarlError *err) {
  Toy copy = *(const Toy *)env;
  copy.x = 0;
  return toy_ops.save(&copy.base, to, err);
}

/* Leaves observation 2 of role play as it was, when there is one. */
static void forgetful_step(Toy *toy, const MarlEnvIo *io) {
  float held[AGENTS];
  for (int a = 0; a < AGENTS; ++a) held[a] = io->obs[a * WIDE + 2];
  clean_step(toy, io);
  for (int a = 0; a < AGENTS; ++a) io->obs[a * WIDE + 2] = held[a];
}

static void test_what_is_not_saved_or_not_written_is_found(void) {
  MarlError err;
  MarlEnvCheckReport report;
  MarlEnvOps ops = toy_ops;
  toy_spec = clean_spec;
  fault = NULL;
  ops.save = save_too_little;
  UNIT_ERROR(check(&ops, &report, &err), MARL_EARG, "after save and load into a new instance");
  toy_reset = clean_reset;
  toy_step = forgetful_step;
  UNIT_ERROR(marl_env_check(&toy_ops, NULL, 5, STEPS, &report, &err), MARL_EARG,
             "with what the rows held before");
}

/* Who plays sees an image of two numbers and one number behind it. */
static float seen, seen_at_reset;
static void image_of_bits(Toy *toy, const MarlEnvIo *io) {
  for (int a = 0; a < AGENTS; ++a) {
    float *obs = io->obs + a * WIDE;
    if (io->role[a] != PLAY) continue;
    obs[0] = (float)(toy->t % 2);
    obs[1] = a == 1 && toy->t == 3 ? seen : a == 0 && toy->t == 0 ? seen_at_reset : 1;
  }
}

static void test_an_image_said_to_be_of_bits_is(void) {
  MarlRole pictures[ROLES] = {roles[PLAY], roles[JUDGE]};
  MarlError err;
  MarlEnvCheckReport report;
  memcpy(pictures[PLAY].image, (int[]){1, 2, 1}, sizeof pictures[PLAY].image);
  pictures[PLAY].image_is_bits = true;
  toy_spec = clean_spec;
  toy_spec.roles = pictures;
  fault = image_of_bits;
  seen = 0, seen_at_reset = 1; /* the number behind the image and what a judge sees may be any */
  UNIT_OK(check(&toy_ops, &report, &err));
  seen = 0.5f;
  UNIT_ERROR(check(&toy_ops, &report, &err), MARL_EARG,
             "observation 1 of agent 1 in role 'play' is 0.5, and its image is to be of 0 and 1");
  pictures[PLAY].image_is_bits = false;
  UNIT_OK(check(&toy_ops, &report, &err));
  pictures[PLAY].image_is_bits = true;
  seen = -0.0f; /* comes back as 0, which is another number to the last bit */
  UNIT_ERROR(check(&toy_ops, &report, &err), MARL_EARG, "is -0, and its image");
  seen = 0, seen_at_reset = 2;
  UNIT_ERROR(check(&toy_ops, &report, &err), MARL_EARG, "is 2, and its image");
}

static void test_nothing_random_is_a_note(void) {
  MarlError err;
  MarlEnvCheckReport report;
  toy_spec = clean_spec;
  fault = ignores_the_seed;
  UNIT_OK(check(&toy_ops, &report, &err));
  CU_ASSERT_EQUAL_FATAL(report.num_notes, 2); /* and nothing is earned */
  CU_ASSERT_PTR_NOT_NULL(strstr(report.note[0], "every reward was 0"));
  CU_ASSERT_PTR_NOT_NULL(strstr(report.note[1], "nothing depends on the seed"));
}

static void test_what_is_missing_is_named(void) {
  static const char *const nameless[] = {"kl", NULL}, *const twins[] = {"kl", "kl"};
  MarlError err;
  MarlEnvCheckReport report;
  fault = NULL;
  MarlEnvOps ops = toy_ops;
  toy_spec = clean_spec;
  ops.save = NULL;
  UNIT_ERROR(check(&ops, &report, &err), MARL_EARG, "environment 'toy' has no save");
  toy_spec.metrics = NULL;
  UNIT_ERROR(check(&toy_ops, &report, &err), MARL_EARG, "spec.metrics, their names, NULL");
  toy_spec.metrics = nameless;
  UNIT_ERROR(check(&toy_ops, &report, &err), MARL_EARG, "metric 1 has no name");
  toy_spec.metrics = twins;
  UNIT_ERROR(check(&toy_ops, &report, &err), MARL_EARG, "two have the same name, 'kl'");
  MarlRole pictures[ROLES] = {roles[PLAY], roles[JUDGE]}; /* 2 x 2 x 1 are more than 3 numbers */
  memcpy(pictures[PLAY].image, (int[]){2, 2, 1}, sizeof pictures[PLAY].image);
  toy_spec = clean_spec;
  toy_spec.roles = pictures;
  UNIT_ERROR(check(&toy_ops, &report, &err), MARL_EARG, "an image of 2 x 2 x 1");
}

/* A cycle is three steps and measures x. */
static double measured_whole;
static bool measures_early, writes_without_end;
static bool toy_cycle(const MarlEnv *env, double *metrics, double *whole) {
  const Toy *toy = (const Toy *)env;
  const bool ended = toy->t % 3 == 0 && (toy->t > 0 || measures_early);
  if (ended || writes_without_end) metrics[0] = toy->x, whole[0] = measured_whole;
  if (ended) metrics[1] = whole[1] = 0;
  return ended;
}
static int asked_role;
static float asked_value;
static int toy_ask(const MarlEnv *env, float *obs) {
  for (int i = 0; i < AGENTS * WIDE; ++i) obs[i] = asked_value + (float)((const Toy *)env)->x;
  return asked_role;
}
static void toy_answer(const MarlEnv *env, const float *act, double *metrics, double *whole) {
  (void)env;
  metrics[0] = (double)act[0], whole[0] = 1;
}

static void test_cycles_and_probes_keep_their_promises(void) {
  static const char *const probed[] = {"would"}, *const twin[] = {"kl"};
  MarlEnvProbe probe = {1, 1, probed, toy_ask, toy_answer};
  const MarlMeasure known[] = {{"would", MARL_MEASURE_COLUMN}, {"kl", MARL_MEASURE_GREEDY}};
  const MarlMeasure unknown[] = {{"wuold", MARL_MEASURE_COLUMN}};
  MarlError err;
  MarlEnvCheckReport report;
  MarlEnvOps ops = toy_ops;
  toy_spec = clean_spec;
  fault = NULL;
  measures_early = writes_without_end = false;
  measured_whole = 2, asked_role = PLAY, asked_value = 0;
  ops.cycle = toy_cycle, ops.probe = &probe, ops.measures = known, ops.num_measures = 2;
  UNIT_OK(check(&ops, &report, &err));
  measured_whole = -1;
  UNIT_ERROR(check(&ops, &report, &err), MARL_ENUMERIC, "cycle says that the metric 'kl' is");
  measured_whole = 0; /* of nothing, and not nothing */
  UNIT_ERROR(check(&ops, &report, &err), MARL_ENUMERIC, "both 0 if it is absent");
  measured_whole = 1, writes_without_end = true;
  UNIT_ERROR(check(&ops, &report, &err), MARL_EARG, "writes metrics and says that none has ended");
  writes_without_end = false, measures_early = true;
  UNIT_ERROR(check(&ops, &report, &err), MARL_EARG, "a cycle has ended at the reset");
  measures_early = false, asked_role = ROLES;
  UNIT_ERROR(check(&ops, &report, &err), MARL_EARG, "the probe asks role 2 of 2");
  asked_role = PLAY, asked_value = NAN;
  UNIT_ERROR(check(&ops, &report, &err), MARL_ENUMERIC, "question 0 of the probe is nan");
  probe.metrics = twin;
  UNIT_ERROR(check(&ops, &report, &err), MARL_EARG, "two have the same name, 'kl'");
  probe.metrics = probed, ops.measures = unknown, ops.num_measures = 1;
  UNIT_ERROR(check(&ops, &report, &err), MARL_EARG, "a measure is of 'wuold', which is no metric");
  ops.measures = NULL;
  UNIT_ERROR(check(&ops, &report, &err), MARL_EARG, "environment 'toy' has no measures");
}

static CU_TestInfo tests[] = {
    {"a clean environment passes", test_a_clean_environment_passes},
    {"each broken promise is named", test_each_broken_promise_is_named},
    {"what is not saved or not written is found", test_what_is_not_saved_or_not_written_is_found},
    {"nothing random is a note", test_nothing_random_is_a_note},
    {"what is missing is named", test_what_is_missing_is_named},
    {"an image said to be of bits is", test_an_image_said_to_be_of_bits_is},
    {"cycles and probes keep their promises", test_cycles_and_probes_keep_their_promises},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"learn/env_check", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
