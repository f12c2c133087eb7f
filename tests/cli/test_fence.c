/* ctest: label=verification timeout=300 */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
/* A job that was requeued takes its folder over at once; its earlier start, asleep meanwhile, writes
 * nothing more into it, whatever the command, the rank and the file. */
#include "tests/cli/program.h"

static Program p;

/* Each lasts a second or more. That the first start is caught before its end is asserted by its exit
 * code. */
static const struct {
  const char *command, *text, *sign; /* a file that shows that it has begun to write */
} runs[] = {
    {"train",
     "run: {updates: 600, shards: 2}\nenv: {name: lqr, num_envs: 2}\n"
     "learner: {name: ppo, horizon: 16, anneal: false}\npolicy: {hidden: [8]}\n",
     "latest"},
    {"simulate",
     "grid: {n: 16}\nflow: {reynolds: 200}\ntime: {dt: 4e-3, end: 80}\n"
     "output: {series_every: 0.1, fields_every: 10, checkpoint_every: 5}\n",
     "latest"},
    {"lattice", "run: {checkpoint_every: 100}\nenv: {side: 16, cycles: 600, steps: 100}\n",
     "latest"},
    {"compare",
     "env: {name: dilemma, cycles: 6000}\nlearner: {name: tabular_q}\n"
     "compare: {mechanisms: [none, DP], visibility: [hidden, published], seeds: 4}\n",
     "jobs/cell_000000_rank_000000.h5"},
};
enum { NUM_RUNS = sizeof runs / sizeof *runs };

static void write_configs(void) {
  for (size_t i = 0; i < NUM_RUNS; ++i) {
    char name[64];
    snprintf(name, sizeof name, "%s.yaml", runs[i].command);
    program_write(&p, name, runs[i].text);
  }
}

/* The first start is stopped in the middle; the second one, of the same job, does not wait and leaves
 * what an undisturbed run leaves; the first wakes up, ends with code 3 and a sentence, and no byte of
 * the folder is another one. What is not the run's result but its history is left out of the
 * comparison with the undisturbed run. */
static void asleep_and_requeued(size_t run, const char *ranks) {
  char line[PROGRAM_COMMAND];
  const char *command = runs[run].command;
  snprintf(
      line, sizeof line,
      "command=%s; out=${command}%s; rm -rf $out whole before; export SLURM_JOB_ID=7\n"
      "$MARL $command $command.yaml --out $out --continue --quiet %s >/dev/null 2>said & pid=$!\n"
      "while ! [ -s $out/%s ] && kill -0 $pid; do sleep 0.02; done\n"
      "sleepers() { pgrep -f -- \"^[^ ]*marl $command .*--out $out --continue\"; }\n"
      "trap 'kill -KILL $(sleepers) 2>/dev/null' EXIT\n"
      "kill -STOP $(sleepers)\n"
      "SLURM_RESTART_COUNT=1 $MARL $command $command.yaml --out $out --continue --quiet >/dev/null "
      "|| exit 4\n"
      "grep -q 'earlier start of this job, which was requeued: taken over' $out/log.txt || exit 5\n"
      "cp -r $out before\n"
      "kill -CONT $(sleepers); wait $pid; code=$?; [ $code = 3 ] || { echo code $code; cat said; "
      "exit 6; }\n"
      "diff -r $out before >&2 || exit 7\n"
      "[ $(wc -l <said) = 1 ] && grep -q 'another program' said || { cat said; exit 8; }\n"
      "$MARL $command $command.yaml --out whole --quiet >/dev/null\n"
      "diff -r -x 'log.txt' -x 'provenance.jsonl' -x '.lock*' $out whole && echo same",
      command, ranks[0] != '\0' ? "_two" : "", ranks, runs[run].sign);
  PROGRAM_SAYS(&p, line, 0, "same");
}

static void an_earlier_start_that_wakes_writes_nothing(void) {
  write_configs();
  for (size_t i = 0; i < NUM_RUNS; ++i) asleep_and_requeued(i, "");
}

/* Rank 1 writes files of its own, and asks for itself. */
static void the_other_ranks_of_an_earlier_start_write_nothing(void) {
  write_configs();
  asleep_and_requeued(3, "-n 2");
}

/* Only an earlier start of the same job is put aside: not a later one, not another job. */
static void another_job_or_a_later_start_is_not_put_aside(void) {
  write_configs();
  PROGRAM_SAYS(
      &p,
      "SLURM_JOB_ID=8 SLURM_RESTART_COUNT=2 $MARL train train.yaml --out held --quiet"
      " --set run.updates=1000000 >/dev/null 2>&1 & pid=$!\n"
      "while ! [ -s held/latest ] && kill -0 $pid; do sleep 0.02; done; kill -STOP $pid; cp -r "
      "held before_held\n"
      "again() { $MARL train train.yaml --out held --continue --quiet 2>/dev/null; echo $?; }\n"
      "(export SLURM_JOB_ID=8 SLURM_RESTART_COUNT=2; again)\n"
      "(export SLURM_JOB_ID=8 SLURM_RESTART_COUNT=1; again)\n"
      "(export SLURM_JOB_ID=9 SLURM_RESTART_COUNT=3; again)\n"
      "again; diff -r held before_held && echo same; kill -KILL $pid",
      0, "3\n3\n3\n3\nsame");
}

static int begin(void) {
  return program_begin(&p);
}

static int end(void) {
  return program_end(&p);
}

static CU_TestInfo tests[] = {
    {"an earlier start that wakes writes nothing", an_earlier_start_that_wakes_writes_nothing},
    {"the other ranks of an earlier start write nothing",
     the_other_ranks_of_an_earlier_start_write_nothing},
    {"another job or a later start is not put aside",
     another_job_or_a_later_start_is_not_put_aside},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"fence", begin, end, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
