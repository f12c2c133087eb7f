/* ctest: timeout=300 */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
#include "tests/cli/program.h"

static Program p;

static const char small[] =
    "run:\n"
    "  seed: 3\n"
    "  updates: 4\n"
    "  shards: 2\n"
    "env:\n"
    "  name: lqr\n"
    "  num_envs: 2\n"
    "learner:\n"
    "  name: ppo\n"
    "  horizon: 16\n"
    "  anneal: false\n" /* a schedule would depend on the length of the run */
    "policy:\n"
    "  hidden: [8]\n";

static void a_run_fills_its_folder(void) {
  static char text[PROGRAM_TEXT];
  PROGRAM_SAYS(&p, "marl train small.yaml", 0, "runs/small-3\n");
  program_read(&p, "runs/small-3/config.yaml", text);
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "\n  horizon: 16  # "));
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "\n  gamma: ")); /* with every default */
  program_read(&p, "runs/small-3/provenance.jsonl", text);
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"commit\": \""));
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"train\", \"small.yaml\"]"));
  CU_ASSERT(program_exists(&p, "runs/small-3/metrics.csv"));
  CU_ASSERT(program_exists(&p, "runs/small-3/checkpoint_000004.h5"));
  CU_ASSERT(program_exists(&p, "runs/small-3/log.txt"));
  PROGRAM_SAYS(&p, "marl config --check runs/small-3/config.yaml", 0,
               "good configuration of marl train");
}

static void a_run_is_never_overwritten(void) {
  PROGRAM_SAYS(&p, "marl train small.yaml --out a --quiet", 0, "a\n");
  PROGRAM_SAYS(&p, "marl train small.yaml --out a", 2,
               "the folder 'a' holds a run already; continue it with --resume a");
  PROGRAM_SAYS(&p, "marl train small.yaml --out a --resume a", 2, "leave --out away");
  PROGRAM_SAYS(&p, "marl train small.yaml --out small.yaml", 2, "'small.yaml' is not a folder");
  PROGRAM_SAYS(&p, "marl train small.yaml --out ''", 2, "is no name of a folder");
}

/* The same configuration gives the same files when it is resumed, and on two ranks. */
static void runs_continue_and_do_not_depend_on_ranks(void) {
  PROGRAM_SAYS(&p, "marl train small.yaml --out whole --quiet", 0, "whole\n");
  PROGRAM_SAYS(&p, "marl train small.yaml --out part --set run.updates=2 --quiet", 0, "part\n");
  PROGRAM_SAYS(&p, "marl train --resume part --set run.updates=4 --quiet -n 2", 0, "part\n");
  PROGRAM_SAYS(&p, "marl train small.yaml --out two --quiet -n=2", 0, "two\n");
  PROGRAM_SAYS(&p, "cmp whole/checkpoint_000004.h5 two/checkpoint_000004.h5 && echo same", 0,
               "same");
  PROGRAM_SAYS(&p, "cmp whole/metrics.csv two/metrics.csv && echo same", 0, "same");
  PROGRAM_SAYS(&p, "cmp whole/config.yaml part/config.yaml && echo same", 0, "same");
  /* checkpoints by the clock (here after each update) change nothing that is computed */
  PROGRAM_SAYS(&p,
               "marl train small.yaml --out clock --quiet --set run.checkpoint_minutes=1e-9 "
               "--set run.checkpoint_every=100 --set run.keep=10",
               0, "clock\n");
  CU_ASSERT(program_exists(&p, "clock/checkpoint_000002.h5"));
  PROGRAM_SAYS(&p, "cmp whole/metrics.csv clock/metrics.csv && echo same", 0, "same");
  PROGRAM_SAYS(&p, "grep -c '\"event\": \"' part/provenance.jsonl", 0, "2"); /* started, resumed */
  PROGRAM_SAYS(&p, "grep -c '\"ranks\": 2' part/provenance.jsonl", 0, "1");
}

/* What does not belong to the run is refused and changes nothing. */
static void a_wrong_resume_leaves_the_run_as_it_was(void) {
  PROGRAM_SAYS(&p, "marl train small.yaml --out b --quiet && cp -r b before", 0, "b\n");
  PROGRAM_SAYS(&p, "marl train --resume b --set run.seed=4 --quiet", 2, "seed");
  PROGRAM_SAYS(
      &p,
      "cmp b/config.yaml before/config.yaml && cmp b/metrics.csv before/metrics.csv && echo same",
      0, "same");
  PROGRAM_SAYS(&p, "marl train --resume nowhere", 2, "nowhere/config.yaml");
  PROGRAM_SAYS(&p, "marl train small.yaml --resume nowhere", 2, "there is no such run folder");
  PROGRAM_SAYS(&p, "rm b/checkpoint* b/latest; marl train --resume b --quiet", 0, "b\n");
  PROGRAM_SAYS(&p, "cmp b/checkpoint_000004.h5 before/checkpoint_000004.h5 && echo same", 0,
               "same");
  PROGRAM_SAYS(&p, "cmp b/metrics.csv before/metrics.csv && echo same", 0, "same");
}

static void refuse(const char *text, const char *words) {
  program_write(&p, "bad.yaml", text);
  PROGRAM_SAYS(&p, "marl train bad.yaml --out bad", 2, words);
  CU_ASSERT_FALSE(program_exists(&p, "bad")); /* nothing half-written */
}

static void a_bad_configuration_leaves_nothing_behind(void) {
  refuse("", "marl: bad.yaml: the file is empty");
  refuse("run:\n  seed: 1\n", "names no environment");
  refuse("env:\n  name: lqrr\n", "no environment 'lqrr'; did you mean 'lqr'?");
  refuse("env:\n  name: lqr\nlearner:\n  gama: 0.9\n",
         "bad.yaml:4: section 'learner' has no option 'gama'; did you mean 'gamma'?");
  refuse("env:\n  name: lqr\nlearner:\n  gamma: 0.5.1\n",
         "bad.yaml:4: learner.gamma = '0.5.1' is not a number");
  refuse("env:\n  name: lqr\nrun:\n  seed: 1e\n", "bad.yaml:4: run.seed = '1e' is not a whole");
  refuse("env:\n  name: lqr\nlerner:\n  name: ppo\n",
         "bad.yaml:3: no section 'lerner'; did you mean 'learner'?");
  refuse("env:\n\tname: lqr\n", "bad.yaml:2: a tab indents this line");
  refuse("env:\n  name: lqr\n  num_envs: 3\nrun:\n  shards: 2\n", "not a multiple");
  PROGRAM_SAYS(&p, "marl train", 2, "a CONFIG file is missing");
  PROGRAM_SAYS(&p, "marl train absent.yaml", 2, "cannot open the configuration 'absent.yaml'");
  PROGRAM_SAYS(&p, "marl train .", 2, "cannot read the configuration '.'");
  PROGRAM_SAYS(&p, "marl train small.yaml --set env.name", 2, "expected section.key=value");
  PROGRAM_SAYS(&p, "marl train small.yaml -n 0", 2, "-n 0: expected a whole number from 1");
  PROGRAM_SAYS(&p, "marl train small.yaml -n 2x", 2, "-n 2x: expected a whole number from 1");
}

/* The last line of progress: 100 %, the time it took, then figures. */
static void progress_and_log_begin_with_the_return(void) {
  PROGRAM_SAYS(
      &p,
      "marl train small.yaml --out shown 2>&1 | grep -E '100 %.*  return_control -[0-9.e+]+ "
      " env/cost [0-9.e+]+  episodes' && echo shown",
      0, "shown");
  PROGRAM_SAYS(&p, "grep 'done=[0-9]* total=[0-9]* figures=\"return_control -' shown/log.txt", 0,
               "progress=\"training\"");
}

/* Every replica is judged, and is what it is alone. */
static void an_evaluation_judges_every_replica(void) {
  PROGRAM_SAYS(&p,
               "marl train small.yaml --out three --set run.replicas=3 --quiet && "
               "marl train small.yaml --out last --set run.first_replica=2 --quiet && "
               "marl evaluate three --episodes 5 >three.txt && "
               "marl evaluate last --episodes 5 >last.txt && grep -c '5 episodes' three.txt",
               0, "3\n");
  PROGRAM_SAYS(&p,
               "sed -n '/^replica 2/,/^mean/p' three.txt | grep return_control >of_three && "
               "grep return_control last.txt >alone && cmp of_three alone && echo same",
               0, "same");
  PROGRAM_SAYS(&p,
               "awk '/return_control/ { x[++n] = $2 } END { print n, "
               "sqrt((x[4] - (x[1] + x[2] + x[3]) / 3) ^ 2) < 1e-4 * sqrt(x[4] ^ 2) }' three.txt",
               0, "4 1\n");
}

static void an_environment_is_checked_by_name_or_as_configured(void) {
  PROGRAM_SAYS(&p, "marl check lqr --steps 50", 0, "lqr keeps the contract of an environment");
  PROGRAM_SAYS(&p, "marl check small.yaml", 0, "keeps the contract of an environment");
  PROGRAM_SAYS(&p, "marl check matrix_game --set env.max_steps=3", 0, "depends on the seed");
  PROGRAM_SAYS(&p, "marl check lqrr", 2, "no environment 'lqrr'; did you mean 'lqr'?");
  PROGRAM_SAYS(&p, "marl check lqr --set env.q=x", 2, "env.q = 'x' is not a number");
}

static void a_folder_that_cannot_be_made_is_named(void) {
  PROGRAM_SAYS(&p, "marl train small.yaml --out /proc/a/b", 1, "cannot make the folder '/proc/a'");
}

/* A signal: a checkpoint, exit code 75, and the rest of the run gives the bits of the
 * whole. The signal comes once the run has a row of metrics, wherever that finds it. */
static void a_signal_ends_a_run_that_can_continue(void) {
  static const char *const cases[][2] = {{"TERM", ""}, {"USR1", ""},     {"XCPU", ""},
                                         {"HUP", ""},  {"TERM", "-n 2"}, {"HUP", "-n 2"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    char line[PROGRAM_COMMAND];
    snprintf(line, sizeof line,
             "$MARL train small.yaml --out long --set run.updates=100000 --quiet %s & pid=$!\n"
             "while ! [ -s long/metrics.csv ]; do sleep 0.05; done\n"
             "kill -%s $pid; wait $pid 2>/dev/null; [ $? = 75 ] || exit 1\n"
             "update=$(tail -n 1 long/metrics.csv | cut -d, -f1)\n"
             "marl train --resume long --set run.updates=$((update + 2)) --quiet || exit 1\n"
             "marl train small.yaml --out once --set run.updates=$((update + 2)) --quiet\n"
             "last=checkpoint_$(printf %%06d $((update + 2))).h5\n"
             "cmp long/$last once/$last && cmp long/metrics.csv once/metrics.csv && echo same\n"
             "rm -r long once",
             cases[i][1], cases[i][0]);
    PROGRAM_SAYS(&p, line, 0, "same");
  }
}

/* The rate falls over a length that the run was begun with: a longer run has the rows of one that was
 * that long from the start, and what would make the rate jump is refused with the remedy. */
static void a_prolonged_training_keeps_its_schedule(void) {
  PROGRAM_SAYS(&p,
               "falls='--quiet --set learner.anneal=true'\n"
               "marl train small.yaml --out falls $falls || exit 1\n"
               "marl train small.yaml --out longer $falls --set run.updates=2"
               " --set learner.anneal_updates=4 || exit 2\n"
               "marl train --resume longer --quiet --set run.updates=4 || exit 3\n"
               "cmp falls/metrics.csv longer/metrics.csv && echo same",
               0, "same");
  PROGRAM_SAYS(&p, "marl train --resume falls --quiet --set run.updates=9", 2,
               "the run began with a learning rate that falls to 0 in 4 updates");
  PROGRAM_SAYS(&p, "marl train --resume longer --quiet --set run.updates=9", 2,
               "run.updates = 9 goes beyond learner.anneal_updates = 4");
}

/* OpenBLAS has kernels for older processors, which any x86-64 can run. */
static void another_kernel_on_resume_is_said(void) {
  if (program_run(&p,
                  "OPENBLAS_CORETYPE=Nehalem marl train small.yaml --out kind --quiet "
                  "--set run.updates=2 && marl info kind/checkpoint_000002.h5 | grep Nehalem") !=
      0) {
    printf("no BLAS with a kernel for Nehalem: skipped ");
    return;
  }
  PROGRAM_SAYS(&p, "cp -r kind other", 0, "");
  PROGRAM_SAYS(&p,
               "OPENBLAS_CORETYPE=Nehalem marl train --resume kind --quiet --set run.updates=4 && "
               "grep -c 'of another' kind/log.txt || echo none",
               0, "none");
  PROGRAM_SAYS(&p, "OPENBLAS_CORETYPE=Prescott marl train --resume other --set run.updates=4 2>&1",
               0, "the checkpoint is of another machine (");
  CU_ASSERT_PTR_NOT_NULL(strstr(p.out, "kernel Prescott): what follows may differ"));
}

static int begin(void) {
  if (program_begin(&p) != 0) return 1;
  char path[2 * PROGRAM_PATH];
  snprintf(path, sizeof path, "%s/small.yaml", p.folder);
  FILE *file = fopen(path, "w");
  if (file == NULL) return 1;
  fputs(small, file);
  return fclose(file);
}
static int end(void) {
  return program_end(&p);
}

static CU_TestInfo tests[] = {
    {"a run fills its folder", a_run_fills_its_folder},
    {"a run is never overwritten", a_run_is_never_overwritten},
    {"runs continue and do not depend on ranks", runs_continue_and_do_not_depend_on_ranks},
    {"a wrong resume leaves the run as it was", a_wrong_resume_leaves_the_run_as_it_was},
    {"a bad configuration leaves nothing behind", a_bad_configuration_leaves_nothing_behind},
    {"progress and log begin with the return", progress_and_log_begin_with_the_return},
    {"an evaluation judges every replica", an_evaluation_judges_every_replica},
    {"an environment is checked by name or as configured",
     an_environment_is_checked_by_name_or_as_configured},
    {"a folder that cannot be made is named", a_folder_that_cannot_be_made_is_named},
    {"a signal ends a run that can continue", a_signal_ends_a_run_that_can_continue},
    {"a prolonged training keeps its schedule", a_prolonged_training_keeps_its_schedule},
    {"another kernel on resume is said", another_kernel_on_resume_is_said},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"train", begin, end, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
