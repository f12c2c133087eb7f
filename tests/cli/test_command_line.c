/* ctest: timeout=300 */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
#include "tests/cli/program.h"

static Program p;

static void the_program_explains_itself(void) {
  PROGRAM_SAYS(&p, "marl --help", 0, "usage: marl COMMAND");
  PROGRAM_SAYS(&p, "marl help", 0, "list ");
  PROGRAM_SAYS(&p, "marl help config", 0, "usage: marl config");
  PROGRAM_SAYS(&p, "marl config --help", 0, "--resolved");
  PROGRAM_SAYS(&p, "marl --version", 0, "marl 0.");
  CU_ASSERT_EQUAL(program_run(&p, "marl"), 2);
  CU_ASSERT_PTR_NOT_NULL(strstr(p.err, "usage: marl COMMAND"));
}

static void a_wrong_command_line_ends_with_2_and_a_remedy(void) {
  PROGRAM_SAYS(&p, "marl lst", 2, "marl: no command 'lst'; did you mean 'list'?");
  PROGRAM_SAYS(&p, "marl ''", 2, "marl: no command ''");
  PROGRAM_SAYS(&p, "marl help trian", 2, "no command 'trian'");
  PROGRAM_SAYS(&p, "marl help a b", 2, "an argument too many");
  PROGRAM_SAYS(&p, "marl list env", 2, "no list of 'env'; did you mean 'envs'?");
  PROGRAM_SAYS(&p, "marl list envs lqrr", 2, "no environment 'lqrr'; did you mean 'lqr'?");
  PROGRAM_SAYS(&p, "marl list --markdwn", 2, "no flag '--markdwn'; did you mean '--markdown'?");
  PROGRAM_SAYS(&p, "marl list --markdown=yes", 2, "flag --markdown takes no value");
  PROGRAM_SAYS(&p, "marl config --for", 2, "flag --for needs a value: --for COMMAND");
  PROGRAM_SAYS(&p, "marl config", 2, "say one of --check FILE");
  PROGRAM_SAYS(&p, "marl config --check", 2, "a FILE is missing");
  PROGRAM_SAYS(&p, "marl config --check a.yaml --for list", 2, "a.yaml");
  PROGRAM_SAYS(&p, "marl config --defaults --for list", 2, "this command reads no configuration");
  PROGRAM_SAYS(&p, "marl $(seq 400)", 2, "no command '1'");
  PROGRAM_SAYS(&p, "marl list $(seq 400)", 2, "more than 256 arguments");
}

static void a_command_without_its_arguments_says_what_is_missing(void) {
  PROGRAM_SAYS(&p, "marl train", 2, "a CONFIG file is missing");
  PROGRAM_SAYS(&p, "marl evaluate", 2, "nothing to judge");
  PROGRAM_SAYS(&p, "marl tune", 2, "a CONFIG file is missing");
  PROGRAM_SAYS(&p, "marl compare", 2, "a CONFIG file is missing");
  PROGRAM_SAYS(&p, "marl simulate", 2, "a CONFIG file is missing");
  PROGRAM_SAYS(&p, "marl reference", 2, "a CONFIG file is missing");
  PROGRAM_SAYS(&p, "marl export", 2, "an argument is missing");
}

/* one line whatever bytes the command line brings */
static void control_characters_do_not_reach_the_terminal(void) {
  PROGRAM_SAYS(&p, "marl \"$(printf 'a\\nb\\033[31m')\"", 2, "no command 'a?b?[31m'");
}

static void lists_come_from_the_tables(void) {
  PROGRAM_SAYS(&p, "marl list envs", 0, "lqr ");
  PROGRAM_SAYS(&p, "marl list envs lqr", 0, "num_agents = 2");
  PROGRAM_SAYS(&p, "marl list", 0, "Closures");
}

/* bash itself completes "marl li" and "marl list cl" with the script */
static void bash_completes_commands(void) {
  if (system("command -v bash >/dev/null") != 0) {
    printf("skipped: no bash");
    return;
  }
  program_write(&p, "complete.bash",
                "COMP_WORDS=(marl li); COMP_CWORD=1; _marl; echo \"${COMPREPLY[*]}\"\n"
                "COMP_WORDS=(marl list cl); COMP_CWORD=2; _marl; echo \"${COMPREPLY[*]}\"\n"
                "COMP_WORDS=(marl config --re); COMP_CWORD=2; _marl; echo \"${COMPREPLY[*]}\"\n");
  PROGRAM_SAYS(&p, "marl help --completion >c; cat complete.bash >>c; bash c", 0,
               "list\nclosures\n--resolved\n");
}

static void a_full_disk_is_noticed(void) {
  PROGRAM_SAYS(&p, "marl list >/dev/full", 1, "cannot write to the standard output");
}

static void ranks_print_an_error_once(void) {
  char line[PROGRAM_COMMAND];
  snprintf(line, sizeof line, "mpirun -n 2 '%s' lst", getenv("MARL_PROGRAM"));
  CU_ASSERT_EQUAL(program_run(&p, line), 2);
  const char *first = strstr(p.err, "marl: no command 'lst'");
  CU_ASSERT_PTR_NOT_NULL_FATAL(first);
  CU_ASSERT_PTR_NULL(strstr(first + 1, "marl: no command 'lst'"));
}

static int begin(void) {
  return program_begin(&p);
}
static int end(void) {
  return program_end(&p);
}

static CU_TestInfo tests[] = {
    {"the program explains itself", the_program_explains_itself},
    {"a wrong command line ends with 2 and a remedy",
     a_wrong_command_line_ends_with_2_and_a_remedy},
    {"a command without its arguments says what is missing",
     a_command_without_its_arguments_says_what_is_missing},
    {"control characters do not reach the terminal", control_characters_do_not_reach_the_terminal},
    {"lists come from the tables", lists_come_from_the_tables},
    {"bash completes commands", bash_completes_commands},
    {"a full disk is noticed", a_full_disk_is_noticed},
    {"ranks print an error once", ranks_print_an_error_once},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"command line", begin, end, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
