/* ctest: timeout=200 */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
/* marl sweep with sweep.exploit_every: population-based training. */
#include "tests/cli/program.h"
#include "tests/cli/same_sweep.h"

static Program p;

static const char population[] =
    "run: {updates: 16, shards: 2, checkpoint_every: 2, keep: 1, seed: 3}\n"
    "env: {name: lqr, num_envs: 4, max_steps: 4}\n"
    "learner: {name: ppo, horizon: 8, epochs: 1, minibatches: 1}\n"
    "policy: {hidden: []}\n"
    "sweep:\n"
    "  over: ['learner.learning_rate = 1e-4..1e-1 log', 'learner.gamma = 0.8..0.99']\n"
    "  sampler: random\n"
    "  points: 6\n"
    "  exploit_every: 4\n"
    "  exploit_share: 0.34\n"
    "  tail: 4\n";

/* Of four rounds of six, on one rank, on two, killed three times, and begun with half of the updates where
 * the rate does not follow their number. */
static void a_population_has_the_same_bits_on_any_ranks_and_after_any_kill(void) {
  static const char line[] = "marl sweep population.yaml --quiet --out ";
  char text[PROGRAM_COMMAND];
  program_write(&p, "population.yaml", population);
  snprintf(text, sizeof text, "%s pop && wc -l <pop/sweep.csv", line);
  PROGRAM_SAYS(&p, text, 0, "25");
  snprintf(text, sizeof text, "%s pop2 -n 2 && " SAME "same pop pop2 && echo same", line);
  PROGRAM_SAYS(&p, text, 0, "same");
  snprintf(
      text, sizeof text,
      "for i in 1 2 3; do \"$MARL\" sweep population.yaml --quiet --out popcut --continue & "
      "k=$!; sleep 0.$i; kill -9 $k; wait $k; done 2>/dev/null; %s popcut --continue -n 2 && " SAME
      "same pop popcut && echo same",
      line);
  PROGRAM_SAYS(&p, text, 0, "same");
  snprintf(text, sizeof text,
           "%s half_way --set learner.anneal=false --set run.updates=8 && %s half_way --continue "
           "--set learner.anneal=false && %s at_once --set learner.anneal=false && " SAME
           "same half_way at_once && echo same",
           line, line, line);
  PROGRAM_SAYS(&p, text, 0, "same");
}

/* Round r + 1 of who follows has the numbers of `marl train` that goes on from the last checkpoint of whom it
 * follows, with the changed settings: one that is followed by itself shows it, as its settings stay. */
static void a_round_goes_on_from_the_parents_state(void) {
  PROGRAM_SAYS(
      &p,
      "set -- $(awk -F, '$4 == 1 && $5 == $2 { print $2, $3, $6, $7; exit }' pop/sweep.csv) && "
      "sed '/^sweep/,$d' population.yaml >plain.yaml && rm -rf alone && "
      "marl train plain.yaml --quiet --out alone --set run.updates=8 --set run.seed=$2 "
      "--set learner.anneal_updates=16 --set learner.learning_rate=$3 --set learner.gamma=$4 && "
      "sed -n 6,9p alone/metrics.csv >a && sed 1d pop/runs/point_000$1_round_0001/metrics.csv | "
      "cmp - a && echo same",
      0, "same");
  /* and of those who follow another the first update differs from the parent's only in what it learned:
   * their counters go on */
  PROGRAM_SAYS(&p,
               "set -- $(awk -F, '$4 == 1 && $5 != $2 { print $2; exit }' pop/sweep.csv) && "
               "cut -d, -f1,3 pop/runs/point_000$1_round_0001/metrics.csv | head -n 2 | tail -n 1",
               0, "5,");
}

/* A last checkpoint that is damaged is told: an older one would make another run. */
static void a_parent_that_cannot_be_read_ends_the_sweep(void) {
  PROGRAM_SAYS(&p,
               "cp -r pop torn && rm -r torn/sweep.csv torn/runs/*_round_0003 && "
               "for f in torn/runs/*_round_0002/checkpoint_000012.h5; do "
               "printf x | dd of=$f bs=1 seek=3000 conv=notrunc 2>/dev/null; done; "
               "marl sweep --resume torn --quiet",
               1, "checkpoint_000012.h5");
}

static void mistakes_are_told_before_anything_is_written(void) {
  static const struct {
    const char *set, *words;
  } bad[] = {
      {"sweep.seeds=2", "sweep.seeds"},
      {"sweep.exploit_every=3 --set sweep.tail=3", "a multiple of sweep.exploit_every"},
      {"sweep.exploit_every=2", "the updates of a round"},
      {"sweep.halving=2", "leave sweep.halving away"},
      {"'sweep.where=learner.gamma > 0.5'", "a population leaves the points"},
      {"'sweep.over=learner.gamma = 0.9 0.99'", "has a list"},
      {"'sweep.over=env.a = 0.1..0.5'", "env.a does not change"},
      {"'sweep.over=learner.horizon = 4..8'", "learner.horizon does not change"},
      {"'sweep.over=learner.gamma = 0.5..1.5'", "expected within 0 to 1"},
  };
  char text[PROGRAM_COMMAND];
  for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i) {
    snprintf(text, sizeof text,
             "marl sweep population.yaml --quiet --out none --set %s || { c=$?; test ! -e none && "
             "exit $c; }",
             bad[i].set);
    PROGRAM_SAYS(&p, text, 2, bad[i].words);
  }
  PROGRAM_SAYS(&p, "marl sweep population.yaml --out none --continue --part 1/2", 2,
               "populations need all scores");
  PROGRAM_SAYS(&p, "marl sweep --resume pop --quiet --set sweep.tail=2", 2, "sweep.tail");
}

static int begin(void) {
  return program_begin(&p);
}

static int end(void) {
  return program_end(&p);
}

static CU_TestInfo tests[] = {
    {"a population has the same bits on any ranks and after any kill",
     a_population_has_the_same_bits_on_any_ranks_and_after_any_kill},
    {"a round goes on from the parent's state", a_round_goes_on_from_the_parents_state},
    {"a parent that cannot be read ends the sweep", a_parent_that_cannot_be_read_ends_the_sweep},
    {"mistakes are told before anything is written", mistakes_are_told_before_anything_is_written},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"population", begin, end, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
