/* ctest: label=verification timeout=180 */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
#include "tests/cli/program.h"

static Program p;

static const char small[] =
    "env: {name: dilemma, cycles: 0}\npolicy: {hidden: [16], sharing: independent}\n"
    "learner: {name: ppo, horizon: 50, anneal: false}\n"
    "compare:\n  cycles: 40\n  mechanisms: [none, DP-S, TPP]\n  visibility: [hidden]\n"
    "  learners: [ppo, tabular_q]\n  seeds: 3\n  tail: 20\n  window: 20\n  curve_every: 10\n";

static int begin(void) {
  return program_begin(&p);
}

static int end(void) {
  return program_end(&p);
}

static void same_files(const char *a, const char *b) {
  char line[PROGRAM_COMMAND];
  snprintf(line, sizeof line,
           "for file in summary.csv pairs.csv runs.csv survival.csv compare.h5; do\n"
           "  cmp %s/$file %s/$file || exit 1\ndone\necho same",
           a, b);
  PROGRAM_SAYS(&p, line, 0, "same");
}

static void one_two_and_four_ranks_write_the_same_files(void) {
  program_write(&p, "small.yaml", small);
  PROGRAM_SAYS(&p, "marl compare small.yaml --out one --quiet", 0, "");
  PROGRAM_SAYS(&p, "marl compare small.yaml --out two --quiet -n 2", 0, "");
  PROGRAM_SAYS(&p, "marl compare small.yaml --out four --quiet -n 4", 0, "");
  same_files("one", "two");
  same_files("one", "four");
  PROGRAM_SAYS(&p, "test ! -e one/jobs && echo clean", 0, "clean");
}

static void a_killed_comparison_goes_on_to_the_same_files(void) {
  program_write(&p, "small.yaml", small);
  PROGRAM_SAYS(&p, "marl compare small.yaml --out whole --quiet", 0, "");
  /* killed when the runs of one cell, and hardly of all, are there */
  PROGRAM_SAYS(&p,
               "$MARL compare small.yaml --out part --quiet & pid=$!\n"
               "while [ ! -e part/jobs/cell_000000_rank_000000.h5 ]; do sleep 0.01; done\n"
               "kill -9 $pid; wait $pid; echo killed",
               0, "killed");
  PROGRAM_SAYS(&p, "marl compare --resume part --quiet", 0, "");
  same_files("whole", "part");
}

/* Two cells of one long run each, stopped in the middle of one. */
static void an_interrupted_run_goes_on_where_it_stood(void) {
  program_write(&p, "long.yaml",
                "env: {name: dilemma, cycles: 0}\nlearner: {name: reinforce, anneal: false}\n"
                "policy: {sharing: independent}\n"
                "compare:\n  cycles: 600\n  mechanisms: [DP, TPP]\n  visibility: [hidden]\n"
                "  seeds: 1\n  tail: 100\n");
  PROGRAM_SAYS(&p, "marl compare long.yaml --out unbroken --quiet", 0, "");
  PROGRAM_SAYS(&p,
               "$MARL compare long.yaml --out broken --quiet & pid=$!\n"
               "while [ ! -e broken/jobs ]; do sleep 0.01; done; sleep 0.2\n"
               "kill -TERM $pid; wait $pid; ls broken/jobs",
               0, "run_00000");
  PROGRAM_SAYS(&p, "marl compare --resume broken --quiet -n 2", 0, "");
  same_files("unbroken", "broken");
  CU_ASSERT_FALSE(program_exists(&p, "broken/jobs"));
}

static void few_runs_say_what_they_cannot_say(void) {
  program_write(
      &p, "few.yaml",
      "env: {cycles: 10, strategies: [AllC, AllD, TFT], rounds: 20}\n"
      "compare: {population: tournament, seeds: 1, tail: 5, window: 5, curve_every: 5,\n"
      "  cells: ['quiet: env.noise=0', 'noisy: env.noise=0.1 env.strategies=AllC;TFT']}\n");
  PROGRAM_SAYS(&p, "marl compare few.yaml --out one_run --quiet", 0, "no interval");
  PROGRAM_SAYS(&p, "marl compare few.yaml --out two_runs --quiet --set compare.seeds=2", 0,
               "2 runs are too few");
  /* who does not play is absent, not 0 */
  PROGRAM_SAYS(&p, "head -1 two_runs/runs.csv", 0, "score_allc,score_alld,score_tft,time");
  PROGRAM_SAYS(&p, "marl compare few.yaml --out two_runs_again | grep noisy", 0, "         -");
  /* strategies with a memory of one round have an exact value beside the measured one */
  PROGRAM_SAYS(&p, "marl compare few.yaml --out two_runs_exact --quiet", 0, "exact:");
}

/* Of 66 pairs of twelve cells three can be tested: those of the three in which somebody punishes. */
static void tests_that_cannot_be_made_hide_none_that_can(void) {
  program_write(&p, "absent.yaml",
                "env: {name: public_goods, num_agents: 4, periods: 2}\nlearner: {name: tabular_q}\n"
                "policy: {sharing: independent}\n"
                "compare:\n  cycles: 2\n  seeds: 2\n  tail: 2\n  window: 2\n  curve_every: 2\n"
                "  greedy_cycles: 1\n  followed: points\n  all_pairs: true\n  cells:\n"
                "    - 'a: env.mpcr=0.30'\n    - 'b: env.mpcr=0.31'\n    - 'c: env.mpcr=0.32'\n"
                "    - 'd: env.mpcr=0.33'\n    - 'e: env.mpcr=0.34'\n    - 'f: env.mpcr=0.35'\n"
                "    - 'g: env.mpcr=0.36'\n    - 'h: env.mpcr=0.37'\n    - 'i: env.mpcr=0.38'\n"
                "    - 'u: env.punishment=fixed'\n    - 'v: env.punishment=fixed env.mpcr=0.3'\n"
                "    - 'w: env.punishment=fixed env.mpcr=0.35'\n");
  PROGRAM_SAYS(&p, "marl compare absent.yaml --out absent --quiet >table; grep -A 3 '^a - b' table",
               0, "Holm over 3 pairs\nu - v");
  PROGRAM_SAYS(&p, "grep -c '^[uv] - [vw] ' table; grep clearest table", 0,
               "3\nthe 40 clearest; all 66");
}

static void labelled_cells_and_sweeps_cross(void) {
  program_write(
      &p, "crossed.yaml",
      "env: {name: dilemma, cycles: 10}\n"
      "learner: {name: dqn, preset: paper, epsilon_end: [play=0.01, punish=0.2]}\n"
      "policy: {sharing: independent}\n"
      "compare:\n  seeds: 1\n  tail: 5\n  window: 5\n"
      "  curve_every: 5\n  cells: ['none: env.mechanism=custom', 'DP: env.mechanism=direct', x,\n"
      "          'short: env.rounds=2', 'long: env.payoff=3;0;4;1']\n"
      "  sweep: [env.fine = 0 3, 'learner.epsilon_end#2 = 0 0.2']\n");
  PROGRAM_SAYS(&p, "marl compare crossed.yaml --out crossed --quiet", 0,
               "DP/long/fine=3/epsilon_end#2=0.2");
  /* 2 x 2 cells x 2 x 2 points and the head; two rounds a pairing have a fifth of the payoff */
  PROGRAM_SAYS(&p, "wc -l <crossed/sweep.csv", 0, "17");
  PROGRAM_SAYS(&p, "head -1 crossed/runs.csv", 0, "cell,cells,cells_2,fine,epsilon_end#2,replica,");
  PROGRAM_SAYS(&p, "grep -c ',3,0.2,' crossed/runs.csv", 0, "4");
}

/* Five Sobol points in three keys, crossed with two cells: whole numbers where the key takes such, only points
 * that the condition holds for, in every cell the values of its point; more points begin with the same ones. */
static void points_in_many_keys_cross_with_cells(void) {
  program_write(
      &p, "over.yaml",
      "env: {name: public_goods, num_agents: 0, matching: partners, observation: states}\n"
      "learner: {name: tabular_q}\npolicy: {sharing: independent}\n"
      "compare:\n  cycles: 4\n  tail: 2\n  window: 2\n  curve_every: 2\n  seeds: 2\n"
      "  cells: ['none: env.punishment=none', 'rule: env.punishment=fixed']\n"
      "  over: ['env.group_size = 2..5', 'env.mpcr = 0.1..0.7', 'env.levels = 0;20 0;5;20']\n"
      "  where: 'env.group_size * env.mpcr > 1'\n  points: 5\n");
  PROGRAM_SAYS(&p, "marl compare over.yaml --out over --quiet", 0, "rule/point_0004");
  PROGRAM_SAYS(&p, "head -1 over/points.csv", 0, "point,env.group_size,env.mpcr,env.levels");
  PROGRAM_SAYS(&p,
               "awk -F, 'NR > 1 && $2 == int($2) && $2 >= 2 && $2 <= 5 && $2 * $3 > 1' "
               "over/points.csv | wc -l",
               0, "5");
  PROGRAM_SAYS(&p, "head -1 over/runs.csv", 0, "cell,cells,point,replica,");
  /* an episode of ten periods has ten decisions of each of the point's agents; full contribution, half the time
   * or not, is n mpcr 20 an agent: welfare over efficiency says which n mpcr the cell had */
  PROGRAM_SAYS(
      &p,
      "head -1 over/runs.csv | tr , '\\n' | grep -n . >columns\n"
      "w=$(grep ':welfare$' columns | cut -d: -f1) e=$(grep ':efficiency$' columns | cut -d: -f1)\n"
      "awk -F, -v w=$w -v e=$e 'NR == FNR { full[$1] = $2 * $3 * 20; next }\n"
      "  FNR > 1 { d = $w / $e - full[$3]; if (d * d < 1e-6) ++same } END { print same }' "
      "over/points.csv over/runs.csv",
      0, "20");
  PROGRAM_SAYS(&p,
               "marl compare over.yaml --out more --quiet --set compare.points=7 >/dev/null 2>&1; "
               "head -6 more/points.csv | cmp - over/points.csv && echo same",
               0, "same");
  PROGRAM_SAYS(&p, "marl compare over.yaml --out bad --set compare.points=0", 2,
               "compare.points, their number, is not set");
  PROGRAM_SAYS(&p, "marl compare over.yaml --out bad --set 'compare.where=env.mpcr > 1'", 2,
               "holds for 0");
}

static void mistakes_are_named(void) {
  program_write(&p, "bad.yaml",
                "env: {name: dilemma, cycles: 600}\nlearner: {name: tabular_q}\ncompare: "
                "{mechanisms: [TTP]}\n");
  PROGRAM_SAYS(&p, "marl compare bad.yaml --out bad", 2, "did you mean 'TPP'");
  CU_ASSERT_FALSE(program_exists(&p, "bad"));
  program_write(&p, "bad.yaml",
                "env: {name: dilemma, cycles: 100}\nlearner: {name: tabular_q}\ncompare:\n  "
                "visibility: [seen]\n");
  PROGRAM_SAYS(&p, "marl compare bad.yaml --out bad", 2, "visibility");
  program_write(
      &p, "bad.yaml",
      "env: {name: dilemma, cycles: 10}\nlearner: {name: tabular_q}\ncompare: {seeds: 2}\n");
  PROGRAM_SAYS(
      &p, "marl compare bad.yaml --out bad", 2,
      "env.cycles = 10 is shorter than compare.tail = 500; a longer run, or --set compare.tail=3");
  program_write(&p, "bad.yaml",
                "env: {name: dilemma, cycles: 1000}\n"
                "learner: {name: dqn, anneal: false, gamma: [select=0.9]}\ncompare: {seeds: 2}\n");
  PROGRAM_SAYS(&p, "marl compare bad.yaml --out bad", 2, "no value for the role 'play'");
  program_write(&p, "bad.yaml", "env: {cycles: 1000}\ncompare: {population: tournment}\n");
  PROGRAM_SAYS(&p, "marl compare bad.yaml --out bad", 2, "did you mean 'tournament'");
  program_write(&p, "bad.yaml",
                "env: {name: dilemma, cycles: 1000}\nlearner: {name: tabular_q}\ncompare: {cells: "
                "['a: env.fin=3']}\n");
  PROGRAM_SAYS(&p, "marl compare bad.yaml --out bad", 2, "did you mean 'fine'");
  program_write(&p, "bad.yaml",
                "env: {name: dilemma, cycles: 1000}\nlearner: {name: dqn, anneal: false}\n"
                "compare: {sweep: ['learner.epsilon_end#3 = 0']}\n");
  PROGRAM_SAYS(&p, "marl compare bad.yaml --out bad", 2, "give the whole list");
}

static CU_TestInfo tests[] = {
    {"one, two and four ranks write the same files", one_two_and_four_ranks_write_the_same_files},
    {"a killed comparison goes on to the same files",
     a_killed_comparison_goes_on_to_the_same_files},
    {"an interrupted run goes on where it stood", an_interrupted_run_goes_on_where_it_stood},
    {"few runs say what they cannot say", few_runs_say_what_they_cannot_say},
    {"tests that cannot be made hide none that can", tests_that_cannot_be_made_hide_none_that_can},
    {"labelled cells and sweeps cross", labelled_cells_and_sweeps_cross},
    {"points in many keys cross with cells", points_in_many_keys_cross_with_cells},
    {"mistakes are named", mistakes_are_named},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"marl compare", begin, end, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
