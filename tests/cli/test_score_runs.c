/* ctest: label=verification timeout=180 */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
/* marl evaluate and marl tune: stopped, killed at any moment and resumed they leave the same files. */
#include "tests/cli/small_reference.h"

static Program p;

static const char evaluate[] =
    "evaluate: {reference: r/reference.h5, closures: [none, leith, smagorinsky], resolution: 16,\n"
    "  dt: 1e-3, spinup: 1, time: 2, sample_every: 0.1, block: 1}\n";
static const char tune[] =
    "evaluate: {reference: r/reference.h5, resolution: 16, dt: 1e-3, spinup: 1, sample_every: "
    "0.1,\n"
    "  block: 1}\n"
    "tune: {evaluations: 3, repeats: 2, spinup: 0.5, time: 2, judge_time: 2}\n";

static void write_configs(void) {
  program_write(&p, "evaluate.yaml", evaluate);
  program_write(&p, "tune.yaml", tune);
  small_reference_make(&p);
}

/* All but the speed of this machine, which is a column of its own. */
#define WITHOUT_SPEED                                                                             \
  "plain() { awk -F, 'NR == 1 { for (i = 1; i <= NF; ++i) if ($i ~ /steps_per_second/) s = i }\n" \
  "  { $s = \"\"; print }' $1; }\n"

/* Whole in a; in b stopped by a signal on two ranks and killed on one, each time when a further run
 * is there, so that the end is done by several programs. */
static void stop_kill_and_resume(const char *command, const char *compare) {
  char line[PROGRAM_COMMAND];
  write_configs();
  snprintf(
      line, sizeof line,
      WITHOUT_SPEED
      "parts() { ls b/parts 2>/dev/null; }\n"
      "rm -rf a b; marl %s %s.yaml --out a --quiet >said || exit 1\n"
      "go() {\n"
      "  \"$MARL\" %s %s.yaml --out b --continue --quiet $2 2>err >/dev/null & pid=$!\n"
      "  before=$(parts)\n"
      "  while [ \"$(parts)\" = \"$before\" ] && kill -0 $pid 2>/dev/null; do sleep 0.02; done\n"
      "  kill -$1 $pid; wait $pid; }\n"
      "go TERM '-n 2'; [ $? = 75 ] || exit 2\n"
      "grep -q 'continue with: marl %s --resume b' err || exit 3\n"
      "go KILL; go KILL\n"
      "marl %s --resume b --quiet >said_b || exit 4\n"
      "for file in %s; do plain a/$file >x; plain b/$file | cmp - x || exit 5; done\n"
      "[ -e b/parts ] && exit 6\n"
      "cp -r b before && marl %s --resume b --quiet || exit 7\n"
      "cmp b/scores.csv before/scores.csv && rm -r before && echo same",
      command, command, command, command, command, command, compare, command);
  PROGRAM_SAYS(&p, line, 0, "same");
}

static void a_killed_evaluation_leaves_the_same_files(void) {
  stop_kill_and_resume("evaluate", "scores.csv");
}

static void a_killed_tuning_leaves_the_same_files(void) {
  stop_kill_and_resume("tune", "tune.csv scores.csv");
}

/* The searches that are there stay, further ones come. */
static void a_tuning_is_prolonged(void) {
  write_configs();
  PROGRAM_SAYS(&p,
               "rm -rf a b; marl tune tune.yaml --out a --quiet >said || exit 1\n"
               "marl tune tune.yaml --out b --quiet --set tune.repeats=1 >said || exit 2\n"
               "marl tune --resume b --quiet --set tune.repeats=2 >said || exit 3\n"
               "cmp a/tune.csv b/tune.csv && echo same",
               0, "same");
  PROGRAM_SAYS(&p, "marl tune --resume b --quiet --set tune.repeats=1", 2,
               "has done 2 searches, tune.repeats is 1");
}

/* What the flags said is recorded: it cannot change on the way, and --resume needs no flag. */
static void what_is_judged_cannot_change(void) {
  write_configs();
  PROGRAM_SAYS(&p,
               "marl evaluate --closures none --against r/reference.h5 --out f --quiet"
               " --set evaluate.resolution=16 --set evaluate.spinup=0 --set evaluate.time=1"
               " --set evaluate.block=0.5 >said && marl evaluate --resume f --quiet &&"
               " grep -c 'evaluated already' f/log.txt",
               0, "1\n");
  PROGRAM_SAYS(&p, "marl evaluate --resume f --closures leith --quiet", 2,
               "the run was made with evaluate.closures = [none], the configuration says [leith]");
  PROGRAM_SAYS(&p, "marl tune --resume b --quiet --set tune.seed=5", 2,
               "the run was made with tune.seed = 1, the configuration says 5");
}

/* A name in a configuration is relative to it, in the run folder too: the whole tree may move, and
 * the commands may run from anywhere. Shipped data are found from anywhere under their own name. */
static void runs_and_data_move_together(void) {
  write_configs();
  program_write(&p, "relative.yaml",
                "evaluate: {reference: ../data/reference.h5, closures: [none], resolution: 16,\n"
                "  dt: 1e-3, spinup: 0, time: 0.5, sample_every: 0.1, block: 0.5}\n");
  PROGRAM_SAYS(&p,
               "rm -rf tree moved; mkdir -p tree/data tree/configs elsewhere\n"
               "cp r/reference.h5 tree/data && mv relative.yaml tree/configs\n"
               "cd elsewhere && marl evaluate ../tree/configs/relative.yaml --out ../tree/runs/e "
               "--quiet >said || exit 1\n"
               "grep -q 'reference: .*\\.\\./\\.\\./data/reference.h5' ../tree/runs/e/config.yaml "
               "|| exit 2\n"
               "mv ../tree ../moved; rm ../moved/runs/e/scores.*\n"
               "marl evaluate --resume ../moved/runs/e --quiet >said && head -n 1 said",
               0, "moved/data/reference.h5");
  PROGRAM_SAYS(&p, "marl config --resolved configs/closure/kf4_n32_cmaes.yaml | grep ' reference:'",
               0, "/configs/reference/data/re20k_kf4.h5");
}

/* RUN is a name, not a text to take apart; what the run does not say comes from its configuration, and
 * the evaluation goes on from its own folder. */
static void a_run_of_any_name_is_judged_on_its_own_flow(void) {
  write_configs();
  program_write(&p, "train.yaml",
                "run: {updates: 1, shards: 1, replicas: 2}\n"
                "env: {name: turbulence, reference: r/reference.h5, resolution: 16, dt: 2e-3,\n"
                "  agents: 2, num_envs: 1, action_interval: 2, max_steps: 4}\n"
                "learner: {horizon: 4, minibatches: 1}\n");
  PROGRAM_SAYS(&p,
               "rm -rf j 'a run:of=2,two'; marl train train.yaml --out 'a run:of=2,two' --quiet\n"
               "marl evaluate 'a run:of=2,two' --out j --quiet --set evaluate.closures=none"
               " --set evaluate.spinup=0 --set evaluate.time=0.4 --set evaluate.block=0.2"
               " --set evaluate.sample_every=0.1 >said || exit 1\n"
               "grep -q '^  dt: 0.002 ' j/config.yaml || exit 2\n"
               "cut -d, -f1 j/scores.csv | tr '\\n' ' '",
               0, "none learned_0 learned_1 ");
  PROGRAM_SAYS(&p,
               "cp j/scores.csv before; rm j/scores.*; marl evaluate --resume j --quiet >said\n"
               "cut -d, -f1-3 before >x; cut -d, -f1-3 j/scores.csv | cmp - x && echo same",
               0, "same");
  PROGRAM_SAYS(&p, "marl evaluate --resume j --set evaluate.dt=1e-3", 2,
               "was made with evaluate.dt = 0.002");
  /* a dot is part of the name, the slash of a completion is not */
  PROGRAM_SAYS(
      &p,
      "mv 'a run:of=2,two' re2.5 && marl evaluate re2.5/ --quiet --set evaluate.closures=none"
      " --set evaluate.spinup=0 --set evaluate.time=0.2 --set evaluate.block=0.1"
      " --set evaluate.sample_every=0.1 >said; ls runs",
      0, "re2.5-evaluation-1\n");
}

/* Two steps of 2e-3 in the training. What closure.interval leaves as it was is steps, and not time. */
static void actions_held_for_another_time_are_said(void) {
  write_configs();
  program_write(&p, "train.yaml",
                "run: {updates: 1, shards: 1}\n"
                "env: {name: turbulence, reference: r/reference.h5, resolution: 16, dt: 2e-3,\n"
                "  agents: 2, num_envs: 1, action_interval: 2, max_steps: 4}\n"
                "learner: {horizon: 4, minibatches: 1}\n");
  PROGRAM_SAYS(&p,
               "rm -rf h k; marl train train.yaml --out h --quiet || exit 1\n"
               "go() { rm -rf k; marl evaluate evaluate.yaml --out k --quiet --set evaluate.dt=$1 "
               "--set evaluate.closures=learned:policy=h$2 --set evaluate.spinup=0 "
               "--set evaluate.time=0.2 >said || exit 2; grep -c 'held for' k/log.txt; }\n"
               "go 2e-3; go 1e-3 :interval=4; go 1e-3; grep -o 'is held.*interval' k/log.txt",
               0,
               "0\n0\n1\nis held for 0.002 here and was for 0.004 in the training; "
               "closure.interval");
}

static int begin(void) {
  return program_begin(&p);
}

static int end(void) {
  return program_end(&p);
}

static CU_TestInfo tests[] = {
    {"a killed evaluation leaves the same files", a_killed_evaluation_leaves_the_same_files},
    {"a killed tuning leaves the same files", a_killed_tuning_leaves_the_same_files},
    {"a tuning is prolonged", a_tuning_is_prolonged},
    {"what is judged cannot change", what_is_judged_cannot_change},
    {"runs and data move together", runs_and_data_move_together},
    {"a run of any name is judged on its own flow", a_run_of_any_name_is_judged_on_its_own_flow},
    {"actions held for another time are said", actions_held_for_another_time_are_said},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"marl evaluate, marl tune", begin, end, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
