/* ctest: timeout=120 */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
/* What is asked of a file server that many ranks share: counted by strace, every operation on a name. */
#include "tests/cli/program.h"

static Program p;

#define SMALL                                                                                      \
  "--set run.shards=4 --set env.num_envs=8 --set learner.horizon=10 --set env.max_steps=20 --set " \
  "run.frame_seconds=0 --set run.checkpoint_every=100 --set env.reward_pdf=0 --set "               \
  "learner.anneal=false --quiet "

/* Two ranks, each with a trace of its own; "rank N OPENS OF THE REFERENCE  NAMES IN THE RUN FOLDER". */
#define TRACED(command)                                                                   \
  "rm -f trace.*; mpirun -n 2 sh -c 'exec strace -f -qq -e trace=file -o "                \
  "trace.$OMPI_COMM_WORLD_RANK \"$MARL\" " command                                        \
  "' && for r in 0 1; do echo rank $r $(grep -c 'open.*re20k_kf4.h5' trace.$r) "          \
  "$(grep -c 'open.*checkpoint_[0-9]*.h5\"' trace.$r) $(grep -v exec trace.$r | grep -c " \
  "'\"out'); done"

static int number(int rank, int column) {
  char label[16];
  int values[3] = {-1, -1, -1};
  snprintf(label, sizeof label, "rank %d ", rank);
  const char *at = strstr(p.out, label);
  if (at != NULL) (void)sscanf(at + strlen(label), "%d %d %d", &values[0], &values[1], &values[2]);
  return values[column];
}

/* The reference of a training with four environments a rank is opened once, by rank 0, and so is the
 * checkpoint that it goes on from. A rank that writes nothing asks nothing of the run folder. */
static void one_rank_reads_for_all(void) {
  PROGRAM_SAYS(&p,
               "export MARL; " TRACED("train demo/closure --out out " SMALL "--set run.updates=2"),
               0, "rank 1");
  CU_ASSERT_EQUAL(number(0, 0), 1);
  CU_ASSERT_EQUAL(number(1, 0), 0);
  CU_ASSERT_EQUAL(number(1, 2), 0);
  PROGRAM_SAYS(&p, "export MARL; " TRACED("train --resume out --quiet --set run.updates=3"), 0,
               "rank 1");
  CU_ASSERT_EQUAL(number(0, 0), 1);
  CU_ASSERT_EQUAL(number(0, 1), 1);
  CU_ASSERT_EQUAL(number(1, 0), 0);
  CU_ASSERT_EQUAL(number(1, 1), 0);
}

/* Names that rank 0 uses in the run folder: a number for a run, one for a checkpoint, two a second for the
 * lock; none for an update, of which there may be thousands a second. A training of 400 updates that takes
 * T seconds needs no more than one of 4 with 2 T added (and 2 a touch of the lock, every 30 s). */
static void names_are_used_by_the_clock_and_not_by_the_update(void) {
  static const char line[] =
      "export MARL; began=$(date +%%s); "
      "printf 'run: {updates: %d, shards: 2, checkpoint_every: 1000, frame_seconds: 0}\\nenv: "
      "{name: lqr, "
      "num_envs: 2, max_steps: 4}\\nlearner: {name: ppo, horizon: 4, epochs: 1, minibatches: "
      "1}\\npolicy: "
      "{hidden: []}\\n' >lqr.yaml; rm -rf out; " TRACED(
          "train lqr.yaml --out out --quiet") "; echo seconds $(($(date +%%s) - began + 1))";
  char text[PROGRAM_COMMAND];
  int names[2], seconds = 0;
  for (int i = 0; i < 2; ++i) {
    snprintf(text, sizeof text, line, i == 0 ? 4 : 400);
    PROGRAM_SAYS(&p, text, 0, "rank 1");
    names[i] = number(0, 2);
    CU_ASSERT_EQUAL(number(1, 2), 0);
  }
  const char *at = strstr(p.out, "seconds ");
  if (at != NULL) (void)sscanf(at, "seconds %d", &seconds);
  CU_ASSERT(names[0] > 0 && names[0] <= 60);
  CU_ASSERT(names[1] <= names[0] + 3 * seconds);
}

/* A checkpoint that is too large for every rank to have it (above 64 MiB): rank 0 compares its checksum, and of
 * the others each reads its rows: half of the file here, and small chunks more than once. */
static void the_checksum_of_a_large_checkpoint_is_compared_once(void) {
  PROGRAM_SAYS(
      &p,
      "export MARL; printf 'run: {frame_seconds: 0}\nenv: {side: 960, steps: 1, cycles: "
      "1}\n' >large.yaml; marl lattice large.yaml --out large --quiet; rm -f trace.*; "
      "mpirun -n 2 sh -c 'exec strace -f -qq -e trace=read,pread64 -P "
      "large/checkpoint_000001.h5 -o trace.$OMPI_COMM_WORLD_RANK \"$MARL\" lattice --resume "
      "large --set env.cycles=2 --quiet'; size=$(stat -c %s large/checkpoint_000001.h5); "
      "for r in 0 1; do awk -v r=$r -v size=$size '{ sum += $NF } END { printf \"rank %d %d "
      "%d\\n\", r, size / 1048576, 100 * sum / size }' trace.$r; done",
      0, "rank 1");
  CU_ASSERT(number(0, 0) > 64);
  CU_ASSERT(number(0, 1) > 100);
  CU_ASSERT(number(1, 1) > 50 && number(1, 1) < 100);
}

static int begin(void) {
  return program_begin(&p);
}

static int end(void) {
  return program_end(&p);
}

static CU_TestInfo tests[] = {
    {"one rank reads for all", one_rank_reads_for_all},
    {"names are used by the clock and not by the update",
     names_are_used_by_the_clock_and_not_by_the_update},
    {"the checksum of a large checkpoint is compared once",
     the_checksum_of_a_large_checkpoint_is_compared_once},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"metadata", begin, end, NULL, NULL, tests}, CU_SUITE_INFO_NULL};

int main(int argc, char **argv) {
  /* where nothing may be traced, or strace is not installed */
  if (system("strace -qq -o /dev/null true 2>/dev/null") != 0) return UNIT_SKIP;
  return unit_main(argc, argv, suites);
}
