/* ctest: label=verification timeout=180 */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
/* marl suite: closures on several flows, each beside the yardstick of the flow. */
#include "tests/cli/small_reference.h"

static Program p;

#define EVALUATE                                                                         \
  "evaluate: {reference: r/reference.h5, resolution: 16, dt: 2e-3, spinup: 1, time: 2, " \
  "sample_every: 0.1,\n"

static void write_flows(void) {
  program_write(&p, "a.yaml",
                EVALUATE "  block: 1, closures: [\"leith:coefficient=0.2:label=own\"]}\n");
  program_write(&p, "b.yaml",
                EVALUATE "  block: 1, closures: [\"leith:coefficient=0.1:label=own\"]}\n");
  program_write(&p, "c.yaml", EVALUATE "  block: 1}\n");
  small_reference_make(&p);
}

/* On flow a the closure that is judged is the yardstick itself: its ratio is 1, to the last digit that is
 * written; on b it is that of the two errors, which `marl evaluate` by itself gives too. */
static void errors_are_relative_to_the_yardstick_of_the_flow(void) {
  write_flows();
  PROGRAM_SAYS(
      &p,
      "rm -rf s e; marl suite a.yaml b.yaml --closures leith:coefficient=0.2:label=mine --out s "
      "--quiet >said || exit 1\n"
      "marl evaluate b.yaml --closures leith:coefficient=0.1,leith:coefficient=0.2 --out e --quiet "
      ">/dev/null || exit 2\n"
      "grep -q '^geometric mean' said || exit 3\n"
      "awk -F, '$1 == \"a\" && $2 == \"mine\" { exit $5 != 1 }' s/suite.csv || exit 4\n"
      "want=$(awk -F, 'NR == 2 { own = $4 } NR == 3 { printf \"%.5f\", $4 / own }' e/scores.csv)\n"
      "got=$(awk -F, '$1 == \"b\" && $2 == \"mine\" { printf \"%.5f\", $5 }' s/suite.csv)\n"
      "[ \"$want\" = \"$got\" ] || { echo \"$want $got\"; exit 5; }\n"
      "mean=$(awk '/^geometric mean/ { print $3 }' said)\n"
      "[ \"$mean\" = \"$(awk -v r=$got 'BEGIN { printf \"%.2f\", sqrt(r) }')\" ] && echo same",
      0, "same");
}

/* What was finished is kept: nothing runs again, and the table is the same. */
static void a_suite_goes_on_where_it_was_stopped(void) {
  write_flows();
  PROGRAM_SAYS(
      &p,
      "rm -rf s; marl suite a.yaml --closures none --out s --quiet >/dev/null || exit 1\n"
      "before=$(cat s/a/scores.csv)\n"
      "marl suite a.yaml b.yaml --closures none --out s --quiet >/dev/null || exit 2\n"
      "[ \"$before\" = \"$(cat s/a/scores.csv)\" ] && [ $(wc -l <s/suite.csv) = 5 ] && echo same",
      0, "same");
}

/* Two flows or two closures of one name cannot be told apart; a yardstick that blew up measures nothing,
 * and a closure that did has no ratio, in the table and in its mean. */
static void what_cannot_be_compared_is_said(void) {
  write_flows();
  PROGRAM_SAYS(&p, "mkdir -p x; cp a.yaml x; marl suite a.yaml x/a.yaml --out n", 2,
               "two flows are called 'a'");
  PROGRAM_SAYS(&p, "marl suite a.yaml --closures none:label=own --out deep/n --quiet", 2,
               "two closures are called 'own'");
  PROGRAM_SAYS(
      &p,
      "sed -i '2,$s/^own,\\(.*\\),[0-9]*\\(,[^,]*,[^,]*,[^,]*\\)$/own,\\1,1\\2/' s/b/scores.csv\n"
      "head -n 1 s/b/scores.csv | grep -q 'blow_ups,first_blow_up,steps_per_second,cost$' "
      "|| exit 3\n"
      "marl suite a.yaml b.yaml --closures none --out s --quiet | tr -s ' '",
      0, "b blew up nan+-nan");
}

static void a_flow_without_a_yardstick_is_refused(void) {
  write_flows();
  PROGRAM_SAYS(&p, "marl suite c.yaml --closures none --out n", 2, "names no yardstick");
}

static const char policy[] =
    "run: {seed: 1, updates: 1, shards: 1}\n"
    "env: {name: turbulence, num_envs: 8, agents: 1, resolution: 32, dt: 4e-3, action_interval: "
    "5,\n"
    "  reference: DATA/re1k_kf4.h5, more_references: [DATA/re1k_kf4.h5], max_steps: 1,\n"
    "  action: leith_biharmonic_k6_cutoff, observation: flow_regime, reward: episode_error_order}\n"
    "learner: {name: cmaes, population: 4, horizon: 1, restart: true}\n"
    "policy: {hidden: [], action: clipped, normalize_observations: false}\n";

/* Trained on 32 and 64 points it runs on 48 without being asked; trained on 32 alone it does not. No file of
 * the training is read: its references are gone. */
static void a_policy_of_several_sizes_runs_on_any_grid_without_a_reference(void) {
  program_write(&p, "policy.yaml", policy);
  PROGRAM_SAYS(
      &p,
      "rm -rf d one two sim; mkdir d; cp \"$MARL_SOURCE\"/configs/reference/data/re1k_kf4.h5 d\n"
      "sed -i s,DATA,$PWD/d,g policy.yaml\n"
      "marl train policy.yaml --out two --quiet --set env.more_resolutions=64 || exit 1\n"
      "marl train policy.yaml --out one --quiet || exit 2\n"
      "marl train policy.yaml --out steps --quiet --set env.more_resolutions=64 "
      "--set env.more_dts=2e-3 || exit 5\n"
      "rm -r d\n"
      "go() { marl simulate \"$MARL_SOURCE/configs/flow/forced_turbulence.yaml\" --out sim --quiet "
      "--set grid.n=48 --set time.spinup=0 --set time.end=0.2 --set time.dt=5e-3 --set "
      "closure.name=learned "
      "--set closure.policy=$1; }\n"
      "go one 2>err && exit 3\n"
      "grep -q 'closure.transfer=true' err || { cat err; exit 4; }\n"
      "go steps 2>err && exit 6\n"
      "grep -q 'closure.interval, that time over' err || { cat err; exit 7; }\n"
      "go two 2>/dev/null && echo runs",
      0, "runs");
}

static int begin(void) {
  return program_begin(&p);
}
static int end(void) {
  return program_end(&p);
}
static CU_TestInfo tests[] = {
    {"errors are relative to the yardstick of the flow",
     errors_are_relative_to_the_yardstick_of_the_flow},
    {"a suite goes on where it was stopped", a_suite_goes_on_where_it_was_stopped},
    {"what cannot be compared is said", what_cannot_be_compared_is_said},
    {"a flow without a yardstick is refused", a_flow_without_a_yardstick_is_refused},
    {"a policy of several sizes runs on any grid without a reference",
     a_policy_of_several_sizes_runs_on_any_grid_without_a_reference},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"marl suite", begin, end, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
