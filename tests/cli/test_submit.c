/* ctest: timeout=120 */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
/* marl submit: the script that it writes, and what it refuses. Real jobs: tests/cluster. */
#include "tests/cli/program.h"

static Program p;

static const char small[] =
    "run: {updates: 4, shards: 2}\n"
    "env: {name: lqr, num_envs: 2}\n"
    "learner: {name: ppo, horizon: 16, anneal: false}\n"
    "policy: {hidden: [8]}\n";

/* Run by a shell as the job that it is, but for the scheduler, it does the run; a name with a quote and a
 * blank is a name. */
static void the_script_does_the_run(void) {
  program_write(&p, "a 'small' one.yaml", small);
  PROGRAM_SAYS(
      &p,
      "marl submit \"a 'small' one.yaml\" --trial 0 --set run.seed=5 --out \"it's\" --print "
      ">job.sh && SLURM_NTASKS=2 sh job.sh >/dev/null && SLURM_NTASKS=1 sh job.sh && "
      "grep -c '\"ranks\": 2' \"it's/provenance.jsonl\" && grep 'seed: 5' \"it's/config.yaml\"",
      0, "1\n  seed: 5");
  CU_ASSERT_PTR_NOT_NULL(strstr(p.out, "it's\n")); /* done already: it ends at once, with code 0 */
}

/* A trial of a run of a second needs a quarter of an hour and two minutes at most; what is said on the
 * command line stands; sbatch reads what is written. */
static void what_is_asked_for_comes_from_the_trial_or_the_command_line(void) {
  program_write(&p, "small.yaml", small);
  PROGRAM_SAYS(&p, "marl submit small.yaml --print | grep -E 'time=|ntasks=|mem|trial'", 0,
               "did 100 % of the whole");
  CU_ASSERT(strstr(p.out, "--time=00:16:00\n") != NULL ||
            strstr(p.out, "--time=00:17:00\n") != NULL);
  CU_ASSERT_PTR_NOT_NULL(strstr(p.out, "--ntasks=2\n")); /* as many as shards */
  CU_ASSERT_PTR_NOT_NULL(strstr(p.out, "--mem-per-cpu="));
  PROGRAM_SAYS(
      &p,
      "marl submit small.yaml --trial 0 --print --time 2-0 --memory 77 --nodes 3 --ranks 6 "
      "--set run.shards=6 --set env.num_envs=6 --partition long | grep '^#SBATCH' | head -n 6",
      0,
      "#SBATCH --job-name=small\n#SBATCH --nodes=3\n#SBATCH --ntasks=6\n#SBATCH --time=2-0\n"
      "#SBATCH --mem-per-cpu=77M\n#SBATCH --partition=long\n");
  PROGRAM_SAYS(&p, "marl submit small.yaml --trial 0 --print | grep time=", 0, "24:00:00");
}

/* The jobs of an array, one after the other in any order, make the table that one job makes. */
static void an_array_does_the_sweep(void) {
  program_write(&p, "small.yaml", small);
  program_write(&p, "many.yaml", small);
  PROGRAM_SAYS(
      &p,
      "echo 'sweep: {over: [\"learner.gamma = 0.8 0.9 0.99\"]}' >>many.yaml; "
      "marl submit many.yaml --trial 0 --array 2 --out two --print >job.sh; "
      "grep -e array= -e ntasks job.sh; for k in 2 1; do SLURM_ARRAY_TASK_ID=$k SLURM_NTASKS=1 sh "
      "job.sh || exit 1; done; marl sweep many.yaml --quiet --out one && cmp one/sweep.csv "
      "two/sweep.csv && echo same",
      0, "--ntasks=1\n#SBATCH --array=1-2\n");
  CU_ASSERT_PTR_NOT_NULL(strstr(p.out, "same"));
  PROGRAM_SAYS(&p, "marl submit small.yaml --trial 0 --array 2 --print", 2,
               "`marl train` is one job");
}

static void a_mistake_is_told_before_anything_is_submitted(void) {
  program_write(&p, "small.yaml", small);
  PROGRAM_SAYS(&p, "marl submit small.yaml --print --set env.nam=lqr", 2, "did you mean 'name'?");
  /* seen only when it is built: the trial's sentence */
  PROGRAM_SAYS(&p, "marl submit small.yaml --print --set env.num_envs=3", 2, "not a multiple");
  PROGRAM_SAYS(&p, "marl submit small.yaml --print --nodes 3", 2,
               "--ranks 2 are fewer than --nodes 3");
  PROGRAM_SAYS(&p,
               "PATH=/nowhere; marl submit small.yaml --trial 0 2>&1 | { read -r a; read -r b; "
               "echo \"$b\"; }",
               0, "sbatch did not take the job");
}

/* A line #SBATCH is one line of words, whatever a folder is called. */
static void no_name_becomes_a_command_of_the_job(void) {
  program_write(&p, "small.yaml", small);
  PROGRAM_SAYS(
      &p,
      "marl submit small.yaml --trial 0 --print --out \"$(printf 'runs/a b\\ntouch c/')\" | "
      "grep job-name",
      0, "--job-name=a_b_touch_c\n");
  PROGRAM_SAYS(&p,
               "marl submit small.yaml --trial 0 --print --out \"$(printf 'a b\\ntouch')\" | "
               "grep -v '^#' | head -n 1 | cut -c 1",
               0, "'\n");
  PROGRAM_SAYS(&p, "marl submit small.yaml --trial 0 --print --partition 'a b'", 2, "--partition");
  PROGRAM_SAYS(&p, "marl submit small.yaml --trial 0 --print --time \"$(printf '1\\ntouch x')\"", 2,
               "--time");
  PROGRAM_SAYS(&p, "marl submit small.yaml --trial 0 --print --ranks 3", 2, "run.shards, 2");
  PROGRAM_SAYS(&p, "marl submit small.yaml --trial 0 --print --for theory", 2, "--continue");
}

/* A trial is longer than the patience of who started it: nothing of it stays. */
static void a_trial_that_is_stopped_leaves_nothing(void) {
  program_write(&p, "small.yaml", small);
  PROGRAM_SAYS(
      &p,
      "mkdir trials && { TMPDIR=$PWD/trials timeout -s TERM 1 \"$MARL\" submit small.yaml --print "
      "--set run.updates=10000000 >script; code=$?; ls trials | wc -l; wc -c <script; "
      "pgrep -f \"$PWD/trials\" | wc -l; test $code = 124; }",
      0, "0\n0\n0\n");
}

static void shipped_scripts_name_good_configurations(void) {
  const char *source = getenv("MARL_SOURCE");
  char line[PROGRAM_COMMAND];
  CU_ASSERT_PTR_NOT_NULL_FATAL(source);
  snprintf(
      line, sizeof line,
      "for script in '%s'/configs/cluster/*; do sh -n \"$script\" || exit 1\n"
      "marl config --check $(grep -v '^#' \"$script\" | grep -o 'configs/[a-z0-9_/]*\\.yaml') "
      "$(grep -o -e '--set [a-z._]*=[0-9][0-9]*' \"$script\") >/dev/null || { echo $script >&2; "
      "exit 2; }"
      "\ndone; echo good",
      source);
  PROGRAM_SAYS(&p, line, 0, "good");
}

static int begin(void) {
  return program_begin(&p);
}

static int end(void) {
  return program_end(&p);
}

static CU_TestInfo tests[] = {
    {"the script does the run", the_script_does_the_run},
    {"what is asked for comes from the trial or the command line",
     what_is_asked_for_comes_from_the_trial_or_the_command_line},
    {"an array does the sweep", an_array_does_the_sweep},
    {"a mistake is told before anything is submitted",
     a_mistake_is_told_before_anything_is_submitted},
    {"no name becomes a command of the job", no_name_becomes_a_command_of_the_job},
    {"a trial that is stopped leaves nothing", a_trial_that_is_stopped_leaves_nothing},
    {"shipped scripts name good configurations", shipped_scripts_name_good_configurations},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"submit", begin, end, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
