#include <sys/stat.h>

#include "envs/env_table.h"
#include "envs/turbulence/closures.h"
#include "envs/turbulence/observation.h"
#include "marl/learn/policy.h"
#include "marl/learn/trainer.h"
#include "tests/envs/reference_case.h"
#include "tests/envs/turbulence_names.h"

enum { INTERVAL = 4, ACTIONS = 5, AGENTS = 16, ACT = 2 };

/* A run folder of one update, its configuration, and the reference that it was trained on. */
typedef struct Run {
  char folder[64], text[1024];
  const char *reference;
} Run;

static void write_text(const char *folder, const char *name, const char *text) {
  char path[128];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "w");
  CU_ASSERT_FATAL(file != NULL);
  fputs(text, file);
  fclose(file);
}

static Run train(void) {
  MarlError err;
  Run run = {.reference = case_reference()};
  snprintf(run.folder, sizeof run.folder, "closure_learned_%ld", (long)getpid());
  CU_ASSERT_FATAL(mkdir(run.folder, 0777) == 0);
  snprintf(run.text, sizeof run.text,
           "run: {updates: 1, shards: 1}\n"
           "env: {name: turbulence, num_envs: 1, reference: %s, resolution: 16, dt: 2e-3,\n"
           "      action_interval: %d, max_steps: 100}\n"
           "learner: {name: ppo, horizon: 8, minibatches: 1}\n"
           "policy: {hidden: [8]}\n",
           run.reference, INTERVAL);
  MarlConfig *config = NULL;
  MarlTrainer *trainer = NULL;
  UNIT_OK(marl_config_parse(run.text, strlen(run.text), "test", &config, &err));
  UNIT_OK(marl_trainer_create(config, marl_env_table, run.folder, MPI_COMM_SELF, &trainer, &err));
  UNIT_OK(marl_trainer_run(trainer, NULL, &err));
  marl_trainer_destroy(&trainer);
  marl_config_destroy(&config);
  write_text(run.folder, "config.yaml", run.text);
  return run;
}

static void end(const Run *run) {
  char command[128];
  snprintf(command, sizeof command, "rm -r '%s'", run->folder);
  CU_ASSERT(system(command) == 0);
  unlink(run->reference);
}

static MarlSection *closure_section(const char *policy) {
  MarlError err;
  MarlSection *section = NULL;
  const MarlOptionTable table = {marl_closure_learned.options, marl_closure_learned.num_options};
  UNIT_OK(marl_section_create("closure", &table, 1, &section, &err));
  UNIT_OK(marl_section_set(section, "policy", policy, "test", &err));
  return section;
}

/* A solver with the learned closure of `section`, which is destroyed, at initial field `field`. */
static MarlSolver *start_with(const Run *run, MarlSection *section, int field,
                              MarlClosure **closure) {
  MarlError err;
  MarlReference *reference = NULL;
  MarlSolver *solver = NULL;
  _Alignas(64) double w[CASE_N * CASE_N];
  UNIT_OK(marl_reference_read(run->reference, &reference, &err));
  MarlSolverParams params;
  UNIT_OK(marl_les_params(reference, CASE_N, 2e-3, MARL_DEALIAS_PADDING, &params, &err));
  UNIT_OK(marl_solver_create(&params, MPI_COMM_SELF, &solver, &err));
  UNIT_OK(marl_reference_initial(reference, CASE_N, field, w, &err));
  UNIT_OK(marl_solver_set_vorticity(solver, w, &err));
  UNIT_OK(marl_closure_learned.create(marl_solver_grid(solver), section, closure, &err));
  marl_solver_set_closure(solver, *closure);
  marl_section_destroy(&section);
  marl_reference_destroy(&reference);
  return solver;
}

static MarlSolver *start(const Run *run, int field, MarlClosure **closure) {
  return start_with(run, closure_section(run->folder), field, closure);
}

/* The environment's last observation when the run's policy acts at its means. */
static int play(const Run *run, MarlKey key, float *obs, int *field) {
  MarlError err;
  char text[256];
  MarlConfig *config = NULL;
  MarlTrainerSections sections;
  MarlEnv *env = NULL;
  MarlPolicy *policy = NULL;
  snprintf(text, sizeof text, "%s/config.yaml", run->folder);
  UNIT_OK(marl_config_load(text, &config, &err));
  UNIT_OK(marl_trainer_claim(config, marl_env_table, &sections, &err));
  UNIT_OK(sections.env_ops->create(sections.env, MPI_COMM_SELF, &env, &err));
  UNIT_OK(marl_policy_open(run->folder, 0, &policy, &err));
  float act[AGENTS * ACT], reward[AGENTS], metrics[16];
  uint8_t role[AGENTS], active[AGENTS], terminated[AGENTS];
  const MarlEnvIo io = {.act = act,
                        .obs = obs,
                        .role = role,
                        .active = active,
                        .reward = reward,
                        .terminated = terminated,
                        .metrics = metrics};
  UNIT_OK(env->ops->reset(env, key, &io, &err));
  for (int t = 0; t < ACTIONS; ++t) {
    marl_policy_act(policy, 0, 0, AGENTS, obs, NULL, act);
    UNIT_OK(env->ops->step(env, &io, &err));
  }
  const int dim = env->spec.obs_dim;
  *field = (int)marl_below(key, 0, CASE_FIELDS - 1); /* two of three fields are for training */
  env->ops->destroy(env);
  marl_policy_destroy(&policy);
  marl_config_destroy(&config);
  return dim;
}

/* What was trained is what is used: the same flow, bit for bit, in the environment under the
 * policy and in a solver with the closure. */
static void the_closure_repeats_the_environment_bit_for_bit(void) {
  MarlError err;
  const Run run = train();
  float expected[AGENTS * 64], got[AGENTS * 64];
  int field = 0;
  const int dim = play(&run, marl_key(5, MARL_STREAM_ENV), expected, &field);
  MarlClosure *closure = NULL;
  MarlSolver *solver = start(&run, field, &closure);
  UNIT_OK(marl_solver_step(solver, ACTIONS * INTERVAL, &err));
  double spectrum[CASE_K];
  case_spectrum(spectrum);
  MarlTurbulenceParams shape = {.n = CASE_N, .agents = 4, .num_coefficients = ACT};
  agents_see(&shape, "velocity_gradient,okubo_weiss,band_ratios");
  MarlObserver *observer = NULL;
  UNIT_OK(marl_observer_create(&shape, marl_solver_grid(solver), spectrum, &observer, &err));
  CU_ASSERT_FATAL(observer->dim == dim);
  const MarlFlow *flow = marl_solver_flow(solver, 0);
  marl_observer_look(observer, flow);
  marl_observer_write(observer, flow, got);
  UNIT_BITS_EQUAL(got, expected, (size_t)(AGENTS * dim) * sizeof *got);
  marl_observer_destroy(&observer);
  marl_solver_destroy(&solver);
  closure->ops->destroy(closure);
  end(&run);
}

/* Saved between two actions, the coefficients in force come back. */
static void a_saved_flow_continues_bit_for_bit(void) {
  MarlError err;
  const Run run = train();
  MarlClosure *closure[2] = {NULL, NULL};
  MarlSolver *whole = start(&run, 0, &closure[0]), *resumed = start(&run, 1, &closure[1]);
  UNIT_OK(marl_solver_step(whole, INTERVAL + 1, &err));
  MarlStore *store = NULL, *from = NULL;
  void *bytes = NULL;
  size_t size = 0;
  UNIT_OK(marl_store_create_memory(&store, &err));
  UNIT_OK(marl_solver_save(whole, store, &err));
  UNIT_OK(closure[0]->ops->save(closure[0], store, &err));
  UNIT_OK(marl_store_image(store, &bytes, &size, &err));
  UNIT_OK(marl_store_open_image(bytes, size, &from, &err));
  UNIT_OK(marl_solver_load(resumed, from, &err));
  UNIT_OK(closure[1]->ops->load(closure[1], from, &err));
  UNIT_OK(marl_solver_step(whole, 2 * INTERVAL, &err));
  UNIT_OK(marl_solver_step(resumed, 2 * INTERVAL, &err));
  UNIT_BITS_EQUAL(marl_solver_w_hat(whole), marl_solver_w_hat(resumed),
                  marl_solver_grid(whole)->num_spectral * sizeof(MarlComplex));
  marl_store_close(&store), marl_store_close(&from);
  free(bytes);
  marl_solver_destroy(&whole), marl_solver_destroy(&resumed);
  for (int i = 0; i < 2; ++i) closure[i]->ops->destroy(closure[i]);
  end(&run);
}

/* A file of the policy as `marl export` writes it, with `text` as the configuration. */
static void export_policy(const Run *run, const char *path, const char *text) {
  MarlError err;
  MarlPolicy *policy = NULL;
  MarlStore *store = NULL;
  UNIT_OK(marl_policy_open(run->folder, 0, &policy, &err));
  UNIT_OK(marl_policy_export(policy, path, &store, &err));
  UNIT_OK(marl_store_set_text(store, NULL, "config", text, &err));
  UNIT_OK(marl_store_commit(&store, &err));
  marl_policy_destroy(&policy);
}

/* The same flow under the run's policy with `option` set and under the exported one, which has
 * `text` as its configuration and no config.yaml beside it. */
static void same_flow(const Run *run, const char *option, const char *value, const char *text) {
  MarlError err;
  char path[64];
  MarlClosure *closure[2] = {NULL, NULL};
  snprintf(path, sizeof path, "exported_%ld.h5", (long)getpid());
  export_policy(run, path, text);
  MarlSection *section = closure_section(run->folder);
  UNIT_OK(marl_section_set(section, option, value, "test", &err));
  MarlSolver *a = start_with(run, section, 0, &closure[0]);
  MarlSolver *b = start_with(run, closure_section(path), 0, &closure[1]);
  UNIT_OK(marl_solver_step(a, 3 * INTERVAL, &err));
  UNIT_OK(marl_solver_step(b, 3 * INTERVAL, &err));
  UNIT_BITS_EQUAL(marl_solver_w_hat(a), marl_solver_w_hat(b),
                  marl_solver_grid(a)->num_spectral * sizeof(MarlComplex));
  marl_solver_destroy(&a), marl_solver_destroy(&b);
  for (int i = 0; i < 2; ++i) closure[i]->ops->destroy(closure[i]);
  unlink(path);
}

static void an_exported_policy_needs_no_other_file(void) {
  const Run run = train();
  same_flow(&run, "replica", "0", run.text);
  end(&run);
}

/* The option is what the configuration of the training would have said. */
static void an_action_is_held_as_long_as_the_option_says(void) {
  const Run run = train();
  char text[1024], *at = NULL;
  snprintf(text, sizeof text, "%s", run.text);
  at = strstr(text, "action_interval: 4");
  CU_ASSERT_FATAL(at != NULL);
  at[strlen("action_interval: ")] = '3';
  same_flow(&run, "interval", "3", text);
  end(&run);
}

static void mistakes_are_explained(void) {
  MarlError err;
  MarlGrid *grid = NULL;
  MarlClosure *closure = NULL;
  UNIT_OK(marl_grid_create(CASE_N, CASE_N, 6.283185307179586, 6.283185307179586, MPI_COMM_SELF,
                           &grid, &err));
  MarlSection *section = closure_section("");
  UNIT_ERROR(marl_closure_learned.create(grid, section, &closure, &err), MARL_ECONFIG,
             "closure.policy=RUN");
  marl_section_destroy(&section);
  section = closure_section("no/such/run");
  UNIT_ERROR(marl_closure_learned.create(grid, section, &closure, &err), MARL_ECONFIG,
             "no such run folder");
  marl_section_destroy(&section);
  marl_grid_destroy(&grid);
}

static CU_TestInfo tests[] = {
    {"the closure repeats the environment bit for bit",
     the_closure_repeats_the_environment_bit_for_bit},
    {"a saved flow continues bit for bit", a_saved_flow_continues_bit_for_bit},
    {"an exported policy needs no other file", an_exported_policy_needs_no_other_file},
    {"an action is held as long as the option says", an_action_is_held_as_long_as_the_option_says},
    {"mistakes are explained", mistakes_are_explained},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"closure_learned", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
