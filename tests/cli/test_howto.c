/* ctest: timeout=600 */
/* docs/howto: every command of every page runs, in short forms that the pages themselves give, and says what
 * the page says. */
#include "tests/cli/program.h"

static Program p;

static int begin(void) {
  char line[PROGRAM_COMMAND];
  if (getenv("MARL_BUILD") == NULL || getenv("CMAKE") == NULL || program_begin(&p) != 0) return 1;
  /* where the pages say that marl is installed */
  snprintf(line, sizeof line, "'%s' --install '%s' --prefix '%s/marl' >/dev/null", getenv("CMAKE"),
           getenv("MARL_BUILD"), p.folder);
  return system(line);
}

static int end(void) {
  return program_end(&p);
}

static void follow(const char *page) {
  char line[PROGRAM_COMMAND];
  snprintf(line, sizeof line,
           "mkdir %s && cd %s && export HOME='%s' MARL MARL_PYTHON=\"$(command -v python3)\" && "
           "sh \"$MARL_SOURCE/docs/howto/try.sh\" \"$MARL_SOURCE/docs/howto/%s.md\"",
           page, page, p.folder, page);
  const int code = program_run(&p, line);
  if (code == 77) printf("%s ", p.out);
  if (code != 0 && code != 77) printf("\n    %s%s", p.out, p.err);
  CU_ASSERT(code == 0 || code == 77);
}

static void initial_field(void) {
  follow("initial_field");
}
static void reference(void) {
  follow("reference");
}
static void figure(void) {
  follow("figure");
}
static void mechanism(void) {
  follow("mechanism");
}
static void payoffs(void) {
  follow("payoffs");
}
static void collect(void) {
  follow("collect");
}
static void sweep(void) {
  follow("sweep");
}
static void fortran(void) {
  follow("fortran");
}
static void environment(void) {
  follow("environment");
}
static void xarray(void) {
  follow("xarray");
}
static void errors(void) {
  follow("errors");
}

/* A page that nobody runs, or that nothing leads to, is not there. */
static void every_page_is_run_and_found(void) {
  if (program_run(&p,
                  "cd \"$MARL_SOURCE/docs/howto\" && for page in *.md; do\n"
                  "  [ $page = README.md ] && continue\n"
                  "  grep -q \"($page)\" README.md || { echo \"README.md: no $page\"; exit 1; }\n"
                  "  grep -q \"follow(.${page%.md}.)\" \"$MARL_SOURCE/tests/cli/test_howto.c\" || "
                  "{ echo \"not run: $page\"; exit 1; }\ndone") != 0)
    printf("\n    %s", p.out);
  CU_ASSERT_EQUAL(p.code, 0);
}

static CU_TestInfo tests[] = {
    {"a field of one's own", initial_field},
    {"a reference of one's own", reference},
    {"three closures and a figure", figure},
    {"a mechanism of one's own", mechanism},
    {"other payoffs", payoffs},
    {"many runs in one table", collect},
    {"many settings of a training", sweep},
    {"a policy into Fortran", fortran},
    {"an environment of one's own", environment},
    {"everything in xarray", xarray},
    {"error messages", errors},
    {"every page is run and found", every_page_is_run_and_found},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"how to", begin, end, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
