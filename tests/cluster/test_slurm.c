/* ctest: label=cluster timeout=1500 */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
/* Jobs on a real Slurm cluster (tools/slurm_cluster.sh): whatever befalls one, its result has the bytes of
 * an undisturbed run on one rank. Skipped, saying why, where such a cluster cannot be started. */
#include "tests/cli/program.h"

static Program p;

/* In a folder that all nodes share: a run, its undisturbed result, its job, and words for scenarios. */
static const char words[] =
    "cd \"$SLURM_CLUSTER\" && mkdir work && cd work || exit 9\n"
    "export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1\n"
    "export OMPI_MCA_mpi_yield_when_idle=1\n"
    "cat >small.yaml <<END\n"
    "run: {updates: 2500, shards: 2, checkpoint_every: 10, keep: 2}\n"
    "env: {name: lqr, num_envs: 2}\n"
    "learner: {name: ppo, horizon: 16, anneal: false}\n"
    "policy: {hidden: [8]}\n"
    "END\n"
    "\"$MARL\" train small.yaml --out whole --quiet >/dev/null || exit 8\n"
    "job() { \"$MARL\" submit small.yaml --out run --trial 0 --time 5 --memory 300 --print \"$@\" "
    ">job.sh; }\n"
    "until_begun() { while ! [ -s run/latest ]; do sleep 0.1; done; }\n"
    /* a job that was requeued waits for two minutes, unless it is told not to; not in the second of its
     * requeue, in which the node takes it for the one that was killed */
    "job=1\n"
    "until_ended() { until scontrol show job $job >state; grep -Eq 'JobState=(COMPLETED|FAILED)' "
    "state; do\n"
    "  grep -q JobState=PENDING state && sleep 2 && scontrol update jobid=$job "
    "starttime=now 2>/dev/null\n"
    "  sleep 0.3; done; }\n"
    "same() { last=$(cat whole/latest); for f in metrics.csv latest $last; do\n"
    "  cmp whole/$f run/$f >&2 || { cat *.out >&2; exit 7; }; done; echo same; }\n"
    "sessions() { grep -c '^{\"event' run/provenance.jsonl; }\n";

static void on_cluster(const char *scenario, const char *expected) {
  static char text[PROGRAM_TEXT];
  char line[PROGRAM_COMMAND];
  snprintf(text, sizeof text, "%s%s", words, scenario);
  program_write(&p, "scenario", text);
  snprintf(line, sizeof line,
           "export MARL; timeout 400 '%s/tools/slurm_cluster.sh' 2 sh ./scenario",
           getenv("MARL_SOURCE"));
  program_run(&p, line);
  const bool good = p.code == 0 && strcmp(p.out, expected) == 0;
  if (!good)
    printf("\n%s\n    exit code %d, out \"%s\", err \"%s\"; expected \"%s\"", scenario, p.code,
           p.out, p.err, expected);
  CU_ASSERT(good);
}

static void a_job_over_two_nodes_has_the_bits_of_one_rank(void) {
  on_cluster(
      "job --nodes 2 --ranks 2 && sbatch job.sh >/dev/null; until_ended; same\n"
      "grep -o '\"ranks\": 2' run/provenance.jsonl; mv run run_n\n"
      "srun --mpi=pmix -N2 -n2 \"$MARL\" train small.yaml --out run --quiet >/dev/null && same\n"
      "grep -o '\"ranks\": 2' run/provenance.jsonl\n",
      "same\n\"ranks\": 2\nsame\n\"ranks\": 2\n");
}

static void a_preempted_job_goes_on(void) {
  on_cluster(
      "job --ranks 2 --nodes 2 && sbatch job.sh >/dev/null; until_begun\n"
      "sbatch -p urgent -N2 --exclusive --wrap true >/dev/null\n"
      "until_ended; same; sessions\n",
      "same\n2\n");
}

/* By Slurm's own clock, which ticks in half minutes: of a limit of two minutes the signal that --signal asks for
 * two minutes before is due at the first tick. The run is held meanwhile, so that it is not done by then. */
static void a_job_that_nears_its_time_limit_saves_and_goes_on(void) {
  on_cluster(
      "job --ranks 1 --time 2 && sbatch job.sh >/dev/null; until_begun\n"
      "run=$(sed -n 's/^pid=//p' run/.lock-*); kill -STOP $run\n"
      "until grep -q '^ShdPnd:.*[2367abef]..$' /proc/$run/status; do sleep 0.2; done\n" /* USR1, 10 */
      "kill -CONT $run; until_ended; same; [ $(sessions) -ge 2 ] && echo went on\n"
      "grep -o 'stopped by a signal' *.out | uniq\n",
      "same\nwent on\nstopped by a signal\n");
}

/* The controller takes the node for lost and starts the job on another one, while the first start goes
 * on, as its disk is there: it may not write any more, and says so. */
static void a_node_that_is_cut_off_cannot_write_into_its_jobs_folder(void) {
  on_cluster(
      "job --ranks 1 && sbatch job.sh >/dev/null; until_begun\n"
      "slurm_node cut 1; first=$(sed -n 's/^pid=//p' run/.lock-*); kill -STOP $first\n"
      "scontrol update nodename=n1 state=down reason=cut; until_ended; same; sessions\n"
      "kill -CONT $first; while kill -0 $first 2>/dev/null; do sleep 0.1; done; same\n"
      "grep -ho 'earlier start of this job, which was requeued' run/log.txt\n"
      "slurm_node mend 1; grep -hc 'another program' *.out\n",
      "same\n2\nsame\nearlier start of this job, which was requeued\n1\n");
}

static void a_job_ends_within_ten_seconds_of_a_killed_rank(void) {
  on_cluster(
      "sed -i 's/updates: [0-9]*/updates: 1000000/' small.yaml\n"
      "job --ranks 2 --nodes 2 && sbatch job.sh >/dev/null; until_begun\n"
      "holder=$(sed -n 's/^pid=//p' run/.lock-*)\n"
      "for rank in $(pgrep -f '^[^ ]*marl train .*--quiet$'); do\n"
      "  [ $rank = $holder ] || { kill -KILL $rank; break; }; done; began=$(date +%s)\n"
      "until_ended; [ $(($(date +%s) - began)) -le 10 ] && echo in time\n"
      "grep -c . *.out; grep -o 'a rank was killed by signal 9' *.out\n",
      "in time\n1\na rank was killed by signal 9\n");
}

static void a_restart_of_the_controller_does_no_harm(void) {
  on_cluster(
      "job --ranks 2 --nodes 2 && sbatch job.sh >/dev/null; until_begun\n"
      "slurm_node restart ctl; while ! squeue -h >/dev/null 2>&1; do sleep 0.2; done\n"
      "until_ended; same; sessions\n",
      "same\n1\n");
}

/* The disks of the nodes, not the one that they share: what is on them is a launcher's session. */
static void a_full_disk_of_a_node_does_no_harm(void) {
  on_cluster(
      "slurm_node enter 2 dd if=/dev/zero of=/var/tmp/fill bs=1M 2>/dev/null\n"
      "slurm_node enter 2 df --output=avail /var/tmp | tail -n 1\n"
      "job --nodes 2 --ranks 2 && sbatch job.sh >/dev/null; until_ended; same; sessions\n",
      "    0\nsame\n1\n");
}

/* A run whose folder is on its node's own disk, which gets full under way: the job fails with a sentence, and the
 * same job goes on when there is room. */
static void a_job_whose_disk_is_full_says_so_and_goes_on_when_there_is_room(void) {
  on_cluster(
      "job --ranks 1 --out /var/tmp/run && sbatch job.sh >/dev/null\n"
      "until slurm_node enter 1 test -s /var/tmp/run/latest; do sleep 0.1; done\n"
      "slurm_node enter 1 dd if=/dev/zero of=/var/tmp/fill bs=4k 2>/dev/null\n"
      "until_ended; grep -o JobState=FAILED state; grep -o 'No space left on device' *.out | uniq\n"
      "slurm_node enter 1 rm /var/tmp/fill; job=2\n"
      "sbatch job.sh >/dev/null; until_ended; slurm_node enter 1 cp -r /var/tmp/run \"$PWD/run\"\n"
      "same; sessions\n",
      "JobState=FAILED\nNo space left on device\nsame\n2\n");
}

/* Four tasks of an array share a sweep; one of them is preempted in between, by a signal and a requeue as at a
 * time limit. Whichever ends last writes the table. */
static void an_array_does_the_sweep_of_one_job(void) {
  on_cluster(
      "sed 's/updates: 2500/updates: 400/' small.yaml >many.yaml\n"
      "echo 'sweep: {over: [\"learner.gamma = 0.8 0.85 0.9 0.95 0.99\"]}' >>many.yaml\n"
      "\"$MARL\" sweep many.yaml --out one --quiet >/dev/null || exit 8\n"
      "\"$MARL\" submit many.yaml --array 4 --out array --trial 0 --time 5 --memory 100 >said\n"
      "until ls array/runs/*/latest >/dev/null 2>&1; do sleep 0.1; done\n"
      "scontrol requeue 1_2 2>/dev/null\n"
      "until [ -s array/sweep.csv ]; do\n"
      "  for task in $(squeue -h -r -t PENDING -o %i); do\n"
      "    scontrol update jobid=$task starttime=now 2>/dev/null; done; sleep 0.5; done\n"
      "cmp one/sweep.csv array/sweep.csv >&2 || exit 7\n"
      "for f in one/runs/*/metrics.csv; do cmp $f array/${f#one/} >&2 || exit 6; done\n"
      "ls array/runs | wc -l; grep -c . said\n",
      "5\n1\n");
}

static int begin(void) {
  return program_begin(&p);
}

static int end(void) {
  return program_end(&p);
}

static CU_TestInfo tests[] = {
    {"a job over two nodes has the bits of one rank",
     a_job_over_two_nodes_has_the_bits_of_one_rank},
    {"a preempted job goes on", a_preempted_job_goes_on},
    {"a job that nears its time limit saves and goes on",
     a_job_that_nears_its_time_limit_saves_and_goes_on},
    {"a node that is cut off cannot write into its job's folder",
     a_node_that_is_cut_off_cannot_write_into_its_jobs_folder},
    {"a job ends within ten seconds of a killed rank",
     a_job_ends_within_ten_seconds_of_a_killed_rank},
    {"a restart of the controller does no harm", a_restart_of_the_controller_does_no_harm},
    {"a full disk of a node does no harm", a_full_disk_of_a_node_does_no_harm},
    {"a job whose disk is full says so and goes on when there is room",
     a_job_whose_disk_is_full_says_so_and_goes_on_when_there_is_room},
    {"an array does the sweep of one job", an_array_does_the_sweep_of_one_job},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"slurm", begin, end, NULL, NULL, tests}, CU_SUITE_INFO_NULL};

int main(int argc, char **argv) {
  char command[PROGRAM_COMMAND];
  const char *source = getenv("MARL_SOURCE");
  snprintf(command, sizeof command, "'%s/tools/slurm_cluster.sh' --why-not",
           source != NULL ? source : ".");
  const int status = system(command);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return UNIT_SKIP;
  return unit_main(argc, argv, suites);
}
