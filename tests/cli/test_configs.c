/* ctest: label=slow timeout=300 */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
#include "tests/cli/program.h"

static Program p;

/* Every configuration that is shipped is good, and so is what it resolves to. Four at a time: the program
 * mostly waits for MPI to begin. */
static void every_shipped_configuration_is_good(void) {
  char line[PROGRAM_COMMAND];
  snprintf(
      line, sizeof line,
      "export MARL; cat >one.sh <<'END'\n"
      "$MARL config --resolved \"$1\" >once_$$.yaml && $MARL config --resolved once_$$.yaml\\\n"
      "  >twice_$$.yaml && cmp once_$$.yaml twice_$$.yaml && exit 0\n"
      "echo \"$1\" >&2; exit 1\n"
      "END\n"
      "find '%s/configs' -name '*.yaml' | sort | xargs -P 4 -n 1 sh one.sh && echo good",
      getenv("MARL_SOURCE"));
  PROGRAM_SAYS(&p, line, 0, "good\n");
}

/* docs/configuration.md is what the program prints. */
static void the_manual_is_up_to_date(void) {
  char line[PROGRAM_COMMAND];
  snprintf(line, sizeof line,
           "marl list --markdown >manual.md && diff '%s/docs/configuration.md' manual.md >diff ||\n"
           "  { echo 'run: marl list --markdown >docs/configuration.md' >&2; exit 1; }",
           getenv("MARL_SOURCE"));
  PROGRAM_SAYS(&p, line, 0, "");
}

/* What --defaults prints is a file to start from. */
static void the_defaults_are_a_good_configuration(void) {
  PROGRAM_SAYS(
      &p,
      "for command in $(marl help --completion | sed -n \"s/^  commands=' \\(.*\\)'/\\1/p\"); do\n"
      "  marl config --defaults --for $command >d.yaml 2>/dev/null || continue\n"
      "  marl config --check d.yaml --for $command || exit 1\n"
      "done",
      0, "d.yaml is a good configuration of marl train");
}

static int begin(void) {
  return program_begin(&p);
}
static int end(void) {
  return program_end(&p);
}

static CU_TestInfo tests[] = {
    {"every shipped configuration is good", every_shipped_configuration_is_good},
    {"the manual is up to date", the_manual_is_up_to_date},
    {"the defaults are a good configuration", the_defaults_are_a_good_configuration},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"configurations", begin, end, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
