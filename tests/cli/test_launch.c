/* ctest: timeout=120 */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
/* How the program begins: alone, under -n, and among the variables of a scheduler. */
#include "tests/cli/program.h"

static Program p;

static const char small[] =
    "run: {updates: 2, shards: 2}\n"
    "env: {name: lqr, num_envs: 2}\n"
    "learner: {name: ppo, horizon: 16, anneal: false}\n"
    "policy: {hidden: [8]}\n";

/* What a shell has that srun --pty, or an interactive job, has opened on a node; as Slurm 22.05 sets it. */
#define INTERACTIVE_JOB                                                                          \
  "export SLURM_CLUSTER_NAME=c SLURM_CPUS_ON_NODE=1 SLURM_GTIDS=0 SLURM_JOBID=3 SLURM_JOB_ID=3 " \
  "'SLURM_JOB_CPUS_PER_NODE=1' SLURM_JOB_NODELIST=n1 SLURM_JOB_NUM_NODES=1 SLURM_LOCALID=0 "     \
  "SLURM_NNODES=1 SLURM_NODEID=0 SLURM_NODELIST=n1 SLURM_NPROCS=1 SLURM_NTASKS=1 "               \
  "SLURM_PROCID=0 SLURM_STEPID=0 SLURM_STEP_ID=0 SLURM_STEP_NODELIST=n1 "                        \
  "SLURM_STEP_NUM_NODES=1 SLURM_STEP_NUM_TASKS=1 SLURM_STEP_TASKS_PER_NODE=1 "                   \
  "SLURM_TASKS_PER_NODE=1 SLURM_SRUN_COMM_HOST=10.0.0.1 SLURM_SRUN_COMM_PORT=45535\n"

static void an_interactive_job_is_one_rank(void) {
  program_write(&p, "small.yaml", small);
  PROGRAM_SAYS(&p, INTERACTIVE_JOB "marl train small.yaml --out job --quiet", 0, "job\n");
  PROGRAM_SAYS(&p,
               "marl train small.yaml --out whole --quiet && cmp whole/metrics.csv "
               "job/metrics.csv && echo same",
               0, "same");
}

/* Several tasks of a plain srun would each be a whole run: one of them says so, none does anything. */
static void tasks_that_do_not_know_of_each_other_are_refused(void) {
  program_write(&p, "small.yaml", small);
  PROGRAM_SAYS(&p,
               INTERACTIVE_JOB "export SLURM_STEP_NUM_TASKS=4\nmarl train small.yaml --out tasks",
               2, "srun started 4 tasks that do not know of each other; say srun --mpi=pmix");
  program_run(&p, INTERACTIVE_JOB
              "export SLURM_STEP_NUM_TASKS=4 SLURM_PROCID=2\nmarl train small.yaml --out tasks");
  CU_ASSERT_EQUAL(p.code, 2);
  CU_ASSERT_STRING_EQUAL(p.err, "");
  CU_ASSERT_FALSE(program_exists(&p, "tasks"));
}

static void a_launcher_that_fails_is_told(void) {
  program_write(&p, "small.yaml", small);
  PROGRAM_SAYS(&p, "OMPI_MCA_plm=absent marl train small.yaml --out failed -n 2", 1,
               "failed before it had started the ranks");
  CU_ASSERT_FALSE(program_exists(&p, "failed"));
  /* a rank's own failure is its own sentence, and the program's code */
  PROGRAM_SAYS(&p, "marl train small.yaml --out /proc/none -n 2", 1, "/proc/none");
}

/* A launcher that takes no note of its dead is one that is stopped. Without the watch this waits for ever. */
static void a_launcher_that_does_not_notice_its_dead_is_ended(void) {
  program_write(&p, "small.yaml", small);
  PROGRAM_SAYS(
      &p,
      "\"$MARL\" train small.yaml --set run.updates=1000000000 --out unnoticed --quiet -n 2 &\n"
      "until [ -s unnoticed/metrics.csv ]; do sleep 0.1; done\n"
      "launcher=$(pgrep -P $!); kill -STOP $launcher; kill -KILL $(pgrep -P $launcher)\n"
      "wait $!",
      1, "all ranks have ended and");
}

/* One process: its own, which makes no folder but its run's: one that MPI would share with others at the
 * same time is a race. A daemon of MPI would take most of a second, and a core. */
static void one_rank_starts_no_daemon(void) {
  program_write(&p, "small.yaml", small);
  if (system("command -v strace >/dev/null 2>&1 && strace -o /dev/null true 2>/dev/null") != 0) {
    printf("(strace is not installed, or may not trace: skipped) ");
    return;
  }
  PROGRAM_SAYS(&p,
               "for line in help list 'help train' 'train small.yaml --out alone --quiet'; do\n"
               "  strace -f -e trace=execve,mkdir -o calls \"$MARL\" $line >/dev/null || exit 1\n"
               "  grep -c 'execve(' calls; grep 'mkdir(' calls | grep -v alone || true\ndone",
               0, "1\n1\n1\n1\n");
}

static int begin(void) {
  return program_begin(&p);
}

static int end(void) {
  return program_end(&p);
}

static CU_TestInfo tests[] = {
    {"an interactive job is one rank", an_interactive_job_is_one_rank},
    {"tasks that do not know of each other are refused",
     tasks_that_do_not_know_of_each_other_are_refused},
    {"a launcher that fails is told", a_launcher_that_fails_is_told},
    {"a launcher that does not notice its dead is ended",
     a_launcher_that_does_not_notice_its_dead_is_ended},
    {"one rank starts no daemon", one_rank_starts_no_daemon},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"launch", begin, end, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
