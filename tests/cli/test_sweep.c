/* ctest: timeout=200 */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
/* marl sweep: many trainings, whose table and policies are what each alone would give. */
#include "tests/cli/program.h"
#include "tests/cli/same_sweep.h"

static Program p;

static const char small[] =
    "run: {updates: 8, shards: 2, checkpoint_every: 8, seed: 3}\n"
    "env: {name: lqr, num_envs: 4, max_steps: 4}\n"
    "learner: {name: ppo, horizon: 8, epochs: 1, minibatches: 1}\n"
    "policy: {hidden: []}\n"
    "sweep:\n"
    "  over: ['learner.learning_rate = 1e-4..1e-2 log', 'learner.gamma = 0.9 0.99']\n"
    "  sampler: sobol\n"
    "  points: 6\n"
    "  seeds: 2\n"
    "  tail: 3\n";

#define ALONE "marl sweep small.yaml --quiet --out "

static void ranks_kills_and_parts_leave_the_same_bits(void) {
  program_write(&p, "small.yaml", small);
  PROGRAM_SAYS(&p, ALONE "one", 0, "best score");
  PROGRAM_SAYS(&p, "wc -l <one/sweep.csv", 0, "13");
  PROGRAM_SAYS(&p, ALONE "two -n 2 && " SAME "same one two && echo same", 0, "same");
  /* killed three times in its first second, then whole on two ranks */
  PROGRAM_SAYS(&p,
               "for i in 1 2 3; do \"$MARL\" sweep small.yaml --quiet --out cut --continue & k=$!; "
               "sleep 0.$i; kill -9 $k; wait $k; done 2>/dev/null; " ALONE
               "cut --continue -n 2 && " SAME "same one cut && echo same",
               0, "same");
  PROGRAM_SAYS(&p,
               ALONE "parts --continue --part 2/3 && " ALONE
                     "parts --continue --part 1/3 && ls parts/sweep.csv",
               2, "sweep.csv");
  PROGRAM_SAYS(&p, ALONE "parts --continue --part 3/3 && " SAME "same one parts && echo same", 0,
               "same");
}

/* A kill between the last checkpoint and `latest`, which names it, leaves no run without that name. */
static void the_name_of_the_last_checkpoint_is_written_in_the_end(void) {
  PROGRAM_SAYS(&p,
               "cp -r one named && rm named/sweep.csv named/runs/point_0002_seed_3/latest && "
               "marl sweep --resume named --quiet && " SAME "same one named && echo same",
               0, "same");
}

/* A training of a sweep is that of marl train, and goes on like one. */
static void a_run_is_that_of_train(void) {
  PROGRAM_SAYS(&p,
               "set -- $(grep point_0004_seed_4 one/sweep.csv | tr , ' ') && "
               "grep -v -e sweep -e over: -e sampler: -e points: -e seeds: -e tail: small.yaml "
               ">plain.yaml && "
               "marl train plain.yaml --quiet --out alone --set learner.learning_rate=$4 --set "
               "learner.gamma=$5 --set run.seed=$3 && "
               "cmp alone/metrics.csv one/runs/$1/metrics.csv && echo same",
               0, "same");
  PROGRAM_SAYS(&p, "marl train --resume one/runs/point_0001_seed_3 --quiet", 0,
               "point_0001_seed_3");
}

/* The mean of the last three rows of the column, by awk. */
static void the_score_is_the_mean_of_the_tail(void) {
  PROGRAM_SAYS(
      &p,
      "d=one/runs/point_0002_seed_4; want=$(awk -F, 'NR == 1 { for (i = 1; i <= NF; ++i) if "
      "($i ~ /^return_/ && !c) c = i } NR > 6 { s += $c } END { printf \"%.6g\", s / 3 }' "
      "$d/metrics.csv); got=$(grep point_0002_seed_4 one/sweep.csv | sed 's/.*,//'); "
      "awk -v a=$want -v b=$got 'BEGIN { print (a - b)^2 < 1e-10 * a * a ? \"same\" : a \" \" b }'",
      0, "same");
}

/* More points, seeds and updates add to what is there. */
static void a_sweep_is_prolonged(void) {
  PROGRAM_SAYS(&p,
               ALONE
               "two --continue --set sweep.points=7 --set sweep.seeds=3 && "
               "grep -c done two/sweep.csv && grep point_0005_seed_4 one/sweep.csv >a && "
               "grep point_0005_seed_4 two/sweep.csv | cmp - a && echo same",
               0, "21\nsame");
  PROGRAM_SAYS(&p, "marl sweep --resume two --quiet --set sweep.sampler=random", 2,
               "sweep.sampler");
}

/* Of 9 points 3 go on at 3 times the updates, and 1 at 9 times; the one that is left has the best mean of
 * its rung, and the bits of a training to the end. */
static void halving_trains_the_best_further(void) {
  static const char line[] =
      " --set sweep.points=9 --set sweep.halving=3 --set run.updates=18 --set sweep.seeds=1 ";
  char text[PROGRAM_COMMAND];
  snprintf(text, sizeof text,
           ALONE "half %s && cut -d, -f6 half/sweep.csv | sort -n | uniq -c | tr -s ' \\n' ' '",
           line);
  PROGRAM_SAYS(&p, text, 0, "6 2 2 6 1 18");
  snprintf(text, sizeof text, ALONE "half2 -n 2 %s && " SAME "same half half2 && echo same", line);
  PROGRAM_SAYS(&p, text, 0, "same");
  snprintf(text, sizeof text,
           ALONE
           "whole %s --set sweep.halving=0 >/dev/null && best=$(grep ',18,done' half/sweep.csv | "
           "cut -d, -f1) "
           "&& cmp half/runs/$best/metrics.csv whole/runs/$best/metrics.csv && echo same",
           line);
  PROGRAM_SAYS(&p, text, 0, "same");
  /* what failed in a later rung was good in the earlier one: who goes on stays who went on */
  PROGRAM_SAYS(
      &p,
      "cp -r half late && echo 'error=\"x\"' >late/runs/$(grep ',18,done' half/sweep.csv | "
      "cut -d, -f1)/failed.txt && rm late/sweep.csv && marl sweep --resume late --quiet && "
      "cmp half/sweep.csv late/sweep.csv && echo same",
      0, "same");
  /* a schedule that is swept is the points' own */
  PROGRAM_SAYS(&p,
               ALONE
               "paced --set sweep.sampler=product --set sweep.points=0 --set sweep.halving=2 "
               "--set run.updates=4 --set sweep.seeds=1 "
               "--set 'sweep.over=learner.anneal_updates = 5 9' && "
               "grep -ho 'anneal_updates: [0-9]*' paced/runs/*/config.yaml | tr -s ' \n' ' '",
               0, "anneal_updates: 5 anneal_updates: 9");
}

/* x' = 2 x without a time limit leaves the numbers of a float: a run fails, not the sweep, and not twice. */
static void a_run_that_blows_up_is_told(void) {
  static const char line[] =
      "marl sweep small.yaml --out bad --continue --set sweep.sampler=product --set sweep.points=0 "
      "--set "
      "sweep.seeds=1 --set 'sweep.over=env.a = 0.5 2' --set env.max_steps=1000 --set "
      "run.updates=40 2>said; grep -c failed: said; grep point_0001 bad/sweep.csv";
  PROGRAM_SAYS(&p, line, 0, "1\npoint_0001_seed_3,1,3,2,40,failed,\n");
  PROGRAM_SAYS(&p, line, 0, "0\npoint_0001_seed_3,1,3,2,40,failed,\n");
}

static void mistakes_are_told_before_anything_is_written(void) {
  static const struct {
    const char *set, *words;
  } bad[] = {
      {"'sweep.over=learner.gama = 0.9 0.99'", "did you mean 'gamma'?"},
      {"'sweep.over=run.seed = 1 2'", "sweep.seeds"},
      {"'sweep.over=learner.name = ppo dqn'", "marl compare"},
      {"'sweep.over=learner.gamma = 0.9 2'", "learner.gamma"},
      {"sweep.halving=1", "expected 2 or more"},
      {"sweep.point=3", "did you mean 'points'?"},
      {"sweep.score=return_contrl", "did you mean 'return_control'?"},
      {"sweep.score=agent_step", "did you mean 'agent_steps'?"},
  };
  char text[PROGRAM_COMMAND];
  for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i) {
    snprintf(text, sizeof text,
             ALONE
             "none --set sweep.sampler=sobol --set sweep.points=2 --set %s || { c=$?; test ! -e "
             "none && exit $c; }",
             bad[i].set);
    PROGRAM_SAYS(&p, text, 2, bad[i].words);
  }
  /* what a learner reports is known with the first update, not only at the end */
  PROGRAM_SAYS(&p,
               ALONE
               "late_score --set sweep.score=learner/kll --set run.updates=1000000 || { c=$?; "
               "test $(wc -l <late_score/runs/point_0000_seed_3/metrics.csv) -le 3 && exit "
               "$c; }",
               2, "did you mean 'learner/kl'?");
  PROGRAM_SAYS(&p, ALONE "none --part 4/3", 2, "expected K/N");
  PROGRAM_SAYS(&p, ALONE "none --part 1/3", 2, "--continue");
}

static int begin(void) {
  return program_begin(&p);
}

static int end(void) {
  return program_end(&p);
}

static CU_TestInfo tests[] = {
    {"ranks, kills and parts leave the same bits", ranks_kills_and_parts_leave_the_same_bits},
    {"the name of the last checkpoint is written in the end",
     the_name_of_the_last_checkpoint_is_written_in_the_end},
    {"a run is that of train", a_run_is_that_of_train},
    {"the score is the mean of the tail", the_score_is_the_mean_of_the_tail},
    {"a sweep is prolonged", a_sweep_is_prolonged},
    {"halving trains the best further", halving_trains_the_best_further},
    {"a run that blows up is told", a_run_that_blows_up_is_told},
    {"mistakes are told before anything is written", mistakes_are_told_before_anything_is_written},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"sweep", begin, end, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
