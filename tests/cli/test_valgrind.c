/* ctest: label=slow timeout=1800 */
/* A short run of every command makes no invalid access: under valgrind, because libhdf5 and its
 * libraries are not instrumented by the sanitizers. (That each also survives a hardened malloc is
 * seen by the whole suite: tests/CMakeLists.txt sets MALLOC_PERTURB_.) */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
#include "tests/cli/program.h"

static Program p;

/* "checked ARGUMENTS...": the program under valgrind. */
static const char prelude[] =
    "checked() { valgrind -q --error-exitcode=99 --suppressions=openmpi.supp --log-file=%p.said "
    "\"$MARL\" \"$@\" >out 2>err || { echo \"marl $*:\"; cat err *.said; exit 1; }; }\n"
    "set -e\n";

static int begin(void) {
  return program_begin(&p);
}

/* Writes what the runs need; whether there is a valgrind that can run the program. */
static bool has_valgrind(void) {
  program_write(&p, "flow.yaml",
                "grid: {n: 32}\nflow: {reynolds: 2000}\ntime: {dt: 2e-3, spinup: 0.02, end: 0.06}\n"
                "statistics: {sizes: [16], block: 0.02}\n"
                "output: {fields_every: 0.04, statistics_every: 0.02, checkpoint_every: 0.04}\n");
  program_write(&p, "society.yaml",
                "env: {name: dilemma, observation: raw, transitions: published, cycles: 10}\n"
                "learner: {name: dqn, preset: paper}\n"
                "policy: {sharing: independent, hidden: [32], activation: relu}\n"
                "compare:\n  mechanisms: [none, TPP-S]\n "
                " visibility: [hidden]\n"
                "  seeds: 2\n  tail: 5\n  window: 5\n  curve_every: 5\n");
  program_write(&p, "tune.yaml",
                "evaluate: {reference: r/reference.h5, resolution: 16, dt: 1e-2}\n"
                "tune:\n  closure: leith\n  parameters: [coefficient]\n  start: [0.2]\n"
                "  scale: [0.1]\n  method: grid\n  evaluations: 2\n  repeats: 1\n  spinup: 0\n  "
                "time: 0.1\n  judge_time: 0.1\n");
  program_write(&p, "lattice.yaml",
                "lattice: {update: learn}\nenv: {side: 16, steps: 2, cycles: 4, game: donation}\n");
  /* OpenMPI's own file of what its start-up does on purpose; a binary with instructions that
   * valgrind does not know (AVX-512) cannot be checked */
  return program_run(&p,
                     "command -v valgrind >/dev/null || exit 1\n"
                     "cat /usr/share/openmpi/openmpi-valgrind.supp >openmpi.supp "
                     "2>/dev/null || : >openmpi.supp\n"
                     "valgrind -q \"$MARL\" list envs >/dev/null 2>&1") == 0;
}

static int end(void) {
  return program_end(&p);
}

static void no_invalid_access(const char *commands) {
  char line[PROGRAM_COMMAND];
  if (!has_valgrind()) {
    printf("skipped, no valgrind that runs this program ");
    return;
  }
  snprintf(line, sizeof line, "%sconfigs='%s/configs'\n%s\necho clean", prelude,
           getenv("MARL_SOURCE"), commands);
  program_run(&p, line);
  CU_ASSERT_EQUAL(p.code, 0);
  if (p.code != 0) printf("\n%s%s", p.out, p.err);
}

static void of_training_resuming_judging_and_exporting(void) {
  no_invalid_access(
      "checked train $configs/control/lqr.yaml --out lqr --set run.updates=2 --set "
      "learner.anneal_updates=3 --set "
      "env.num_envs=8\n"
      "checked train --resume lqr --set run.updates=3\n"
      "checked evaluate lqr --episodes 4\n"
      "checked export lqr --out policy");
}

static void of_value_learners(void) {
  no_invalid_access(
      "checked train $configs/control/cartpole.yaml --out dqn --set run.updates=4 --set "
      "learner.replay_start=32 --set learner.gradient_steps=2\n"
      "checked train $configs/control/pendulum.yaml --out vracer --set run.updates=4 --set "
      "learner.replay_start=32 --set learner.gradient_steps=2 --set learner.minibatch=16");
}

static void of_both_worlds(void) {
  no_invalid_access(
      "checked train $configs/closure/kf4_n32_cmaes.yaml --out cmaes --set run.updates=1 "
      "--set env.num_envs=4 --set learner.horizon=4 --set learner.settle=0 --set "
      "env.reference=$configs/reference/data/re20k_kf4.h5\n"
      "checked train $configs/dilemma/ppo.yaml --out society --set run.updates=1 "
      "--set run.replicas=1 --set env.num_envs=4 --set learner.horizon=20");
}

static void of_flows(void) {
  no_invalid_access(
      "checked simulate flow.yaml --out flow\n"
      "checked simulate --resume flow --set time.end=0.08\n"
      "checked reference flow.yaml --out r --set reference.initial_samples=2 --set "
      "reference.initial_sizes='[16]' --set reference.held_out=1\n"
      "checked evaluate --closures none,dynamic_leith --against r/reference.h5 --out scores "
      "--set evaluate.resolution=16 --set evaluate.spinup=0 --set evaluate.time=0.1 "
      "--set evaluate.block=0.05\n"
      "checked tune tune.yaml --out tuned");
}

static void of_comparisons_and_lattices(void) {
  no_invalid_access(
      "checked compare society.yaml --out compared\n"
      "checked lattice lattice.yaml --out lattice\n"
      "checked lattice --resume lattice --set env.cycles=6");
}

static CU_TestInfo tests[] = {
    {"of training, resuming, judging and exporting", of_training_resuming_judging_and_exporting},
    {"of value learners", of_value_learners},
    {"of both worlds", of_both_worlds},
    {"of flows", of_flows},
    {"of comparisons and lattices", of_comparisons_and_lattices},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"no invalid access", begin, end, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
