#include "envs/turbulence/closures.h"
#include "envs/turbulence/observation.h"
#include "envs/turbulence/reward.h"
#include "envs/turbulence/turbulence.h"
#include "marl/learn/vec_env.h"
#include "physics/closure_table.h"
#include "tests/envs/reference_case.h"
#include "tests/envs/turbulence_names.h"

enum { MAX_ROWS = 16, MAX_OBS = 64, MAX_ACT = 3 };
typedef struct Rows {
  float act[MAX_ROWS * MAX_ACT], obs[MAX_ROWS * MAX_OBS], reward[MAX_ROWS], metrics[16];
  uint8_t role[MAX_ROWS], active[MAX_ROWS], terminated[MAX_ROWS];
} Rows;

static MarlSection *section(const char *const *settings) {
  MarlError err;
  MarlSection *made = NULL;
  const MarlOptionTable table = {marl_turbulence_options, MARL_TURBULENCE_OPTIONS};
  UNIT_OK(marl_section_create("env", &table, 1, &made, &err));
  UNIT_OK(marl_section_set(made, "reference", case_reference(), "test", &err));
  UNIT_OK(marl_section_set(made, "resolution", "16", "test", &err));
  UNIT_OK(marl_section_set(made, "dt", "2e-3", "test", &err));
  for (; settings != NULL && settings[0] != NULL; settings += 2)
    UNIT_OK(marl_section_set(made, settings[0], settings[1], "test", &err));
  return made;
}

static MarlEnv *make(const char *const *settings) {
  MarlError err;
  MarlEnv *env = NULL;
  MarlSection *config = section(settings);
  UNIT_OK(marl_env_turbulence.create(config, MPI_COMM_SELF, &env, &err));
  unlink(marl_section_text(config, "reference"));
  marl_section_destroy(&config);
  CU_ASSERT_FATAL(env->spec.num_agents <= MAX_ROWS && env->spec.obs_dim <= MAX_OBS);
  return env;
}

static MarlEnvIo io_of(Rows *rows) {
  return (MarlEnvIo){.act = rows->act,
                     .obs = rows->obs,
                     .role = rows->role,
                     .active = rows->active,
                     .reward = rows->reward,
                     .terminated = rows->terminated,
                     .metrics = rows->metrics};
}

static void advance(MarlEnv *env, Rows *rows, int steps, uint64_t seed) {
  MarlError err;
  const MarlEnvIo io = io_of(rows);
  const MarlKey key = marl_key(seed, MARL_STREAM_POLICY);
  for (int t = 0; t < steps; ++t) {
    for (int i = 0; i < env->spec.num_agents * env->spec.act_dim; ++i)
      rows->act[i] = (float)(2 * marl_uniform(key, (uint64_t)(t * 64 + i)) - 1);
    UNIT_OK(env->ops->step(env, &io, &err));
  }
}

/* One agent that acts at each step is the solver with the closure of free constants: the same
 * numbers but for the order of a few products. Round-off grows by the chaos of 20 steps little. */
static void a_constant_action_is_the_closure_of_free_constants(void) {
  MarlError err;
  static const char *const settings[] = {
      "agents", "1", "action_interval", "1", "action_center", "-0.004,0.003", NULL};
  MarlEnv *env = make(settings);
  Rows rows = {0};
  const MarlEnvIo io = io_of(&rows);
  const MarlKey key = marl_key(1, MARL_STREAM_ENV);
  UNIT_OK(env->ops->reset(env, key, &io, &err));

  MarlReference *reference = NULL;
  const char *path = case_reference();
  UNIT_OK(marl_reference_read(path, &reference, &err));
  MarlSolverParams params;
  UNIT_OK(marl_les_params(reference, CASE_N, 2e-3, MARL_DEALIAS_PADDING, &params, &err));
  MarlSolver *solver = NULL;
  UNIT_OK(marl_solver_create(&params, MPI_COMM_SELF, &solver, &err));
  _Alignas(64) double w[CASE_N * CASE_N];
  double spectrum[CASE_K];
  const int training = marl_reference_num_training(reference, CASE_N);
  UNIT_OK(marl_reference_initial(reference, CASE_N, (int)marl_below(key, 0, (uint64_t)training), w,
                                 &err));
  unlink(path);
  UNIT_OK(marl_solver_set_vorticity(solver, w, &err));
  const MarlOptionTable table = {marl_closure_free_constants.options,
                                 marl_closure_free_constants.num_options};
  MarlSection *constants = NULL;
  MarlClosure *closure = NULL;
  UNIT_OK(marl_section_create("closure", &table, 1, &constants, &err));
  UNIT_OK(marl_section_set(constants, "laplacian", "-0.004", "test", &err));
  UNIT_OK(marl_section_set(constants, "biharmonic", "0.003", "test", &err));
  UNIT_OK(marl_closure_free_constants.create(marl_solver_grid(solver), constants, &closure, &err));
  marl_solver_set_closure(solver, closure);

  memset(rows.act, 0, sizeof rows.act);
  for (int t = 0; t < 20; ++t) UNIT_OK(env->ops->step(env, &io, &err));
  UNIT_OK(marl_solver_step(solver, 20, &err));
  MarlTurbulenceParams shape = {.n = CASE_N, .agents = 1, .num_coefficients = 2};
  agents_see(&shape, "band_ratios");
  case_spectrum(spectrum);
  MarlObserver *observer = NULL;
  UNIT_OK(marl_observer_create(&shape, marl_solver_grid(solver), spectrum, &observer, &err));
  marl_observer_look(observer, marl_solver_flow(solver, 0));
  float obs[MARL_OBSERVATION_BANDS];
  marl_observer_write(observer, marl_solver_flow(solver, 0), obs);
  for (int b = 0; b < MARL_OBSERVATION_BANDS; ++b)
    UNIT_NEAR(rows.obs[env->spec.obs_dim - MARL_OBSERVATION_BANDS + b], obs[b], 1e-6);
  marl_observer_destroy(&observer);
  closure->ops->destroy(closure);
  marl_section_destroy(&constants);
  marl_solver_destroy(&solver);
  marl_reference_destroy(&reference);
  env->ops->destroy(env);
}

static void a_saved_episode_continues_bit_for_bit(void) {
  MarlError err;
  static const char *const settings[] = {"reward_pdf", "1", NULL};
  MarlEnv *whole = make(settings), *resumed = make(settings);
  Rows a = {0}, b = {0};
  const MarlEnvIo io_a = io_of(&a), io_b = io_of(&b);
  UNIT_OK(whole->ops->reset(whole, marl_key(1, MARL_STREAM_ENV), &io_a, &err));
  UNIT_OK(resumed->ops->reset(resumed, marl_key(2, MARL_STREAM_ENV), &io_b, &err));
  advance(whole, &a, 3, 1);
  MarlStore *store = NULL, *from = NULL;
  void *bytes = NULL;
  size_t size = 0;
  UNIT_OK(marl_store_create_memory(&store, &err));
  UNIT_OK(whole->ops->save(whole, store, &err));
  UNIT_OK(marl_store_image(store, &bytes, &size, &err));
  UNIT_OK(marl_store_open_image(bytes, size, &from, &err));
  UNIT_OK(resumed->ops->load(resumed, from, &err));
  b = a; /* the rows belong to the batch, which saves them itself */
  advance(whole, &a, 3, 2);
  advance(resumed, &b, 3, 2);
  UNIT_BITS_EQUAL(a.obs, b.obs, sizeof a.obs);
  UNIT_BITS_EQUAL(a.reward, b.reward, sizeof a.reward);
  UNIT_BITS_EQUAL(a.metrics, b.metrics, sizeof a.metrics);
  marl_store_close(&store), marl_store_close(&from);
  free(bytes);
  whole->ops->destroy(whole), resumed->ops->destroy(resumed);
}

static void a_blow_up_terminates_with_the_stated_reward(void) {
  MarlError err;
  static const char *const settings[] = {
      "action", "leith", "action_center", "-10", "action_scale", "0", "blow_up_reward", "-7", NULL};
  MarlEnv *env = make(settings);
  Rows rows = {0};
  const MarlEnvIo io = io_of(&rows);
  UNIT_OK(env->ops->reset(env, marl_key(1, MARL_STREAM_ENV), &io, &err));
  int t = 0;
  do UNIT_OK(env->ops->step(env, &io, &err));
  while (!rows.terminated[0] && ++t < 1000);
  CU_ASSERT(t < 1000);
  for (int a = 0; a < env->spec.num_agents; ++a) {
    CU_ASSERT(rows.terminated[a] == 1);
    UNIT_NEAR(rows.reward[a], -7, 0);
    for (int i = 0; i < env->spec.obs_dim; ++i)
      CU_ASSERT(isfinite(rows.obs[a * env->spec.obs_dim + i]));
  }
  env->ops->destroy(env);
}

static void a_time_limit_truncates(void) {
  MarlError err;
  static const char *const settings[] = {"max_steps", "3", NULL};
  MarlSection *config = section(settings);
  MarlVecEnv *vec = NULL;
  UNIT_OK(marl_vec_env_create(&marl_env_turbulence, config, 2, 0, marl_key(1, MARL_STREAM_ENV),
                              MPI_COMM_SELF, &vec, &err));
  unlink(marl_section_text(config, "reference"));
  UNIT_OK(marl_vec_env_reset(vec, &err));
  const MarlBatch *batch = marl_vec_env_batch(vec);
  for (int t = 1; t <= 3; ++t) {
    UNIT_OK(marl_vec_env_step(vec, &err));
    CU_ASSERT(batch->truncated[0] == (t == 3));
    CU_ASSERT(batch->terminated[0] == 0);
  }
  marl_vec_env_destroy(&vec);
  marl_section_destroy(&config);
}

static void mistakes_are_explained(void) {
  MarlError err;
  MarlEnv *env = NULL;
  static const struct {
    const char *key, *value, *words;
  } wrong[] = {
      {"observation", "velocity_gradients", "velocity_gradient"},
      {"observation", "okubo_weis",
       "test: env.observation: no observation block 'okubo_weis'; did you mean"},
      {"action", "leit", "test: env.action: no action set 'leit'; did you mean 'leith'"},
      {"reward", "loglikelihood", "did you mean 'log_likelihood'"},
      {"interpolation", "linear", "no interpolation 'linear'; did you mean 'bilinear'"},
      {"action_center", "1,2,3", "2 coefficients"},
      {"agents", "5", "do not divide"},
      {"target", "filtered", "no spectrum of the filtered field"},
      {"samples", "50", "training fields"},
      {"resolution", "32", "no training fields of 32"},
      {"dt", "0.5", "dt = 0.5 is too long a step"},
  };
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; ++i) {
    const char *const settings[] = {wrong[i].key, wrong[i].value, NULL};
    MarlSection *config = section(settings);
    UNIT_ERROR(marl_env_turbulence.create(config, MPI_COMM_SELF, &env, &err), MARL_ECONFIG,
               wrong[i].words);
    unlink(marl_section_text(config, "reference"));
    marl_section_destroy(&config);
  }
}

/* Rewards of two samples computed by hand; spectra twice and half of the target. */
static double reward_of(const char *name, const char *window, double factor1, double factor2) {
  MarlError err;
  const char *const settings[] = {"reward", name, "reward_window", window, "max_steps", "2", NULL};
  MarlSection *config = section(settings);
  MarlTurbulenceParams params;
  MarlReference *reference = NULL;
  MarlReward *reward = NULL;
  UNIT_OK(marl_turbulence_params(config, &params, &err));
  UNIT_OK(marl_reference_read(params.reference, &reference, &err));
  UNIT_OK(marl_reward_create(&params, reference, &reward, &err));
  unlink(params.reference);
  double spectrum[CASE_K], a[CASE_K], b[CASE_K];
  case_spectrum(spectrum);
  for (int k = 0; k < CASE_K; ++k) a[k] = factor1 * spectrum[k], b[k] = factor2 * spectrum[k];
  marl_reward_begin(reward);
  (void)marl_reward_add(reward, a, NULL, false);
  const double value = marl_reward_add(reward, b, NULL, true);
  marl_reward_destroy(&reward);
  marl_reference_destroy(&reference);
  marl_section_destroy(&config);
  return value;
}

static void rewards_match_hand_computed_values(void) {
  const double round_off = 1e-12, root_k = sqrt(CASE_N / 2);
  UNIT_NEAR(reward_of("inverse_log_error", "0", 1, 2), 1 / (root_k * log(2)), round_off);
  UNIT_NEAR(reward_of("log_likelihood", "0", 1, 2), -0.5 * pow(log(2) / 0.25, 2), round_off);
  UNIT_NEAR(reward_of("episode_log_error", "0", 2, 4), -root_k * log(3), round_off);
  double spectrum[CASE_K], sum = 0;
  case_spectrum(spectrum);
  for (int k = 0; k < CASE_N / 2; ++k) sum += pow(k * spectrum[k], 2);
  UNIT_NEAR(reward_of("weighted_error", "0", 1, 2), 1 / sum, round_off);
  /* window of two actions (dt 2e-3, 10 steps each): gain 1/2, mean (1/2 + 4)/(1/2 + 1) */
  UNIT_NEAR(reward_of("inverse_log_error", "0.04", 1, 4), 1 / (root_k * log(3)), round_off);
}

/* Every closure of physics/ is offered, in its order, and the learned one. */
static void all_closures_are_listed(void) {
  const MarlKind *all = &marl_kind_all_closures;
  const MarlPlugin *plugin;
  size_t i = 0;
  for (; (plugin = marl_kind_at(&marl_kind_closures, i)) != NULL; ++i)
    CU_ASSERT(marl_kind_at(all, i) == plugin);
  CU_ASSERT(marl_kind_at(all, i) == &marl_closure_learned.plugin &&
            marl_kind_at(all, i + 1) == NULL);
}

enum { STEPS = 5 };

/* The observations of an environment of `settings` after a few steps as number `index`. */
static void watch(const char *const *settings, int index, Rows *rows) {
  MarlError err;
  MarlEnv *env = make(settings);
  env->index = index;
  *rows = (Rows){0};
  const MarlEnvIo io = io_of(rows);
  UNIT_OK(env->ops->reset(env, marl_key(4, MARL_STREAM_ENV), &io, &err));
  advance(env, rows, STEPS, 2);
  env->ops->destroy(env);
}

/* Environment i of a run on two flows is, bit for bit, one of flow i mod 2 alone. */
static void environments_are_dealt_over_the_flows_in_turn(void) {
  char other[64];
  snprintf(other, sizeof other, "reference_other_%ld.h5", (long)getpid());
  case_write_reference(other, 4e-3);
  const char *const both[] = {"more_references", other, NULL};
  const char *const second[] = {"reference", other, NULL};
  Rows alone[2], dealt;
  watch(NULL, 0, &alone[0]);
  watch(second, 0, &alone[1]);
  CU_ASSERT(memcmp(alone[0].obs, alone[1].obs, sizeof alone[0].obs) != 0);
  for (int index = 0; index < 4; ++index) {
    case_write_reference(other, 4e-3); /* make() removes the file that it was given */
    watch(both, index, &dealt);
    UNIT_BITS_EQUAL(dealt.obs, alone[index % 2].obs, sizeof dealt.obs);
    UNIT_BITS_EQUAL(dealt.reward, alone[index % 2].reward, sizeof dealt.reward);
  }
  unlink(other);
}

/* Flow 1 has a grid and a step of its own, and its actions are held for the time of those of flow 0: it is, bit
 * for bit, an environment with these alone. */
static void every_flow_has_a_grid_and_a_step_of_its_own(void) {
  char shipped[512];
  snprintf(shipped, sizeof shipped, "%s/configs/reference/data/re20k_kf4.h5",
           getenv("MARL_SOURCE"));
  const char *const both[] = {
      "more_references", shipped, "more_resolutions", "32", "more_dts", "1e-3", "observation",
      "flow_regime",     NULL};
  char copy[64], line[1024];
  snprintf(copy, sizeof copy, "reference_copy_%ld.h5", (long)getpid());
  snprintf(line, sizeof line, "cp '%s' %s", shipped, copy); /* make() removes what it was given */
  CU_ASSERT_EQUAL_FATAL(system(line), 0);
  const char *const alone[] = {"reference",       copy, "resolution",  "32",          "dt", "1e-3",
                               "action_interval", "20", "observation", "flow_regime", NULL};
  Rows dealt, by_itself;
  watch(both, 1, &dealt);
  watch(alone, 0, &by_itself);
  UNIT_BITS_EQUAL(dealt.obs, by_itself.obs, sizeof dealt.obs);
  UNIT_BITS_EQUAL(dealt.reward, by_itself.reward, sizeof dealt.reward);
  watch(both, 2, &dealt); /* the first flow again, as ever */
  watch((const char *const[]){"observation", "flow_regime", NULL}, 0, &by_itself);
  UNIT_BITS_EQUAL(dealt.obs, by_itself.obs, sizeof dealt.obs);
}

/* An environment of number 1 in mid-episode continues on the second flow after a restart. */
static void a_restart_keeps_the_flow_of_its_number(void) {
  MarlError err;
  char other[64];
  snprintf(other, sizeof other, "reference_other_%ld.h5", (long)getpid());
  case_write_reference(other, 4e-3);
  const char *const both[] = {"more_references", other, NULL};
  MarlEnv *first = make(both), *again = make(both);
  first->index = again->index = 1;
  Rows rows = {0}, restarted = {0};
  const MarlEnvIo io = io_of(&rows);
  UNIT_OK(first->ops->reset(first, marl_key(4, MARL_STREAM_ENV), &io, &err));
  advance(first, &rows, STEPS, 2);
  MarlStore *memory = NULL;
  UNIT_OK(marl_store_create_memory(&memory, &err));
  UNIT_OK(first->ops->save(first, memory, &err));
  UNIT_OK(again->ops->load(again, memory, &err));
  marl_store_close(&memory);
  advance(first, &rows, STEPS, 3);
  advance(again, &restarted, STEPS, 3);
  UNIT_BITS_EQUAL(restarted.obs, rows.obs, sizeof rows.obs);
  first->ops->destroy(first);
  again->ops->destroy(again);
  unlink(other);
}

#define MOVABLE                                                                     \
  "velocity_gradient,okubo_weiss,vorticity_gradient,second_derivative_public_code," \
  "band_ratios,dissipation"

/* Columns of all blocks but the log spectrum, whose number of wavenumbers is that of the grid. */
static void a_policy_moves_between_grids(void) {
  MarlError err;
  static const char *const seen[] = {MOVABLE, MOVABLE ",log_spectrum"};
  int dim[2][2];
  for (int size = 0; size < 2; ++size)
    for (int all = 0; all < 2; ++all) {
      const int n = 16 << size;
      MarlTurbulenceParams shape = {.n = n, .agents = 4};
      agents_see(&shape, seen[all]);
      double target[16];
      for (int k = 0; k < 16; ++k) target[k] = 1;
      MarlGrid *grid = NULL;
      MarlObserver *observer = NULL;
      UNIT_OK(marl_grid_create(n, n, 6.28, 6.28, MPI_COMM_SELF, &grid, &err));
      UNIT_OK(marl_observer_create(&shape, grid, target, &observer, &err));
      dim[size][all] = observer->dim;
      marl_observer_destroy(&observer);
      marl_grid_destroy(&grid);
    }
  CU_ASSERT(dim[0][0] == dim[1][0]);
  CU_ASSERT(dim[1][1] - dim[0][1] == 8);
}

static CU_TestInfo tests[] = {
    {"a constant action is the closure of free constants",
     a_constant_action_is_the_closure_of_free_constants},
    {"a saved episode continues bit for bit", a_saved_episode_continues_bit_for_bit},
    {"a blow-up terminates with the stated reward", a_blow_up_terminates_with_the_stated_reward},
    {"a time limit truncates", a_time_limit_truncates},
    {"mistakes are explained", mistakes_are_explained},
    {"rewards match hand-computed values", rewards_match_hand_computed_values},
    {"all closures are listed", all_closures_are_listed},
    {"environments are dealt over the flows in turn",
     environments_are_dealt_over_the_flows_in_turn},
    {"every flow has a grid and a step of its own", every_flow_has_a_grid_and_a_step_of_its_own},
    {"a restart keeps the flow of its number", a_restart_keeps_the_flow_of_its_number},
    {"a policy moves between grids", a_policy_moves_between_grids},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"turbulence_env", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
