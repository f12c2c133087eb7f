/* ctest: timeout=120 */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
/* marl config --check refuses whatever the command itself would refuse, with the same words. */
#include "tests/cli/program.h"

static Program p;

static void what_the_command_refuses_the_check_refuses(void) {
  static const char *const cases[][3] = {
      {"train", "env: {name: lqr, num_envs: 3}\nlearner: {name: ppo}\n", "not a multiple"},
      {"train", "env: {name: turbulence, reference: absent.h5}\nlearner: {name: ppo}\n",
       "absent.h5: cannot open the file"},
      {"train", "env: {name: lqr}\nrun: {updates: 9}\nlearner: {anneal_updates: 5}\n",
       "goes beyond learner.anneal_updates = 5"},
      {"simulate",
       "grid: {n: 16}\nflow: {reynolds: 100}\ntime: {spinup: 20, end: 10}\n"
       "output: {statistics_every: 1}\n",
       "none fall between time.spinup = 20 and time.end = 10"},
      {"simulate", "grid: {n: 16}\nflow: {reynolds: 100}\ninitial: {file: x.h5, dataset: w}\n",
       "x.h5: cannot open the file"},
      {"reference",
       "grid: {n: 16}\nflow: {reynolds: 100}\ntime: {spinup: 20, end: 10}\nreference: {}\n",
       "gives no sample"},
      {"evaluate", "evaluate: {closures: ['learned:policy=absent']}\n",
       "absent': no such run folder or file"},
      {"evaluate", "evaluate: {reference: absent.h5}\n", "absent.h5: cannot open the file"},
      {"tune", "tune: {closure: leith, parameters: [coeff]}\n", "has no option 'coeff'"},
      {"compare",
       "compare: {mechanisms: [DPP]}\nenv: {name: dilemma, cycles: 600}\nlearner: {name: "
       "tabular_q}\n",
       "did you mean 'DP'?"},
      {"compare",
       "compare: {seeds: 2}\nenv: {name: dilemma, cycles: 3}\nlearner: {name: tabular_q}\n",
       "shorter than compare.tail"},
      {"lattice", "env: {payoff: [1, 2, 3], side: 8}\nlattice: {}\n", "3 numbers; expected four"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    char line[PROGRAM_COMMAND];
    program_write(&p, "bad.yaml", cases[i][1]);
    /* missing files are code 1, mistakes 2: whatever the command says */
    snprintf(line, sizeof line,
             "marl %s bad.yaml --out bad --quiet 2>refused; code=$?; ls bad 2>/dev/null\n"
             "marl config --check bad.yaml --for %s 2>checked; [ $? = $code ] || exit 9\n"
             "cmp refused checked || exit 8\ncat checked",
             cases[i][0], cases[i][0]);
    PROGRAM_SAYS(&p, line, 0, cases[i][2]);
  }
}

static void a_configuration_of_another_command_is_named(void) {
  program_write(&p, "train.yaml", "env: {name: lqr}\nrun: {updates: 9}\nlearner: {name: ppo}\n");
  PROGRAM_SAYS(&p, "marl compare train.yaml", 2,
               "by its sections it is a configuration of marl train");
  PROGRAM_SAYS(&p, "marl simulate train.yaml", 2, "a configuration of marl train");
  program_write(&p, "compare.yaml", "compare: {seeds: 2}\nlearner: {name: tabular_q}\n");
  PROGRAM_SAYS(&p, "marl train compare.yaml", 2, "a configuration of marl compare");
  program_write(&p, "own.yaml", "env: {name: lqr}\nlearner: {name: ppo, gama: 1}\n");
  PROGRAM_SAYS(&p, "marl train own.yaml", 2, "did you mean 'gamma'?");
  CU_ASSERT(strstr(p.err, "by its sections") == NULL);
}

static int begin(void) {
  return program_begin(&p);
}

static int end(void) {
  return program_end(&p);
}

static CU_TestInfo tests[] = {
    {"what the command refuses the check refuses", what_the_command_refuses_the_check_refuses},
    {"a configuration of another command is named", a_configuration_of_another_command_is_named},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"marl config --check", begin, end, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
