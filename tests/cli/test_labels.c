/* ctest: label=verification timeout=180 */
/* A label is data: in every table it is what the user wrote, and runs nothing. (Figures and pages:
 * python/tests.) */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
#include "marl/core/quote.h"
#include "tests/cli/program.h"

static Program p;

static int begin(void) {
  return program_begin(&p);
}

static int end(void) {
  return program_end(&p);
}

/* Each would do something if it reached a shell or a plotting program as text of a command. */
#define BACKTICK "x`touch hacked`"
#define QUOTE "a'; pw=system('touch hacked') #"
#define DOUBLE_QUOTE "b\\\" . system(\\\"touch hacked\\\") #"
#define NEWLINE "c\\nsystem('touch hacked')"
#define ESCAPE "d\\\\n\\\\\\\\ %s %d"
#define MACRO "@e $(touch hacked)"
#define HARMLESS "don't fine"

static const char *const labels[] = {BACKTICK, QUOTE,    NEWLINE,     ESCAPE,
                                     MACRO,    HARMLESS, DOUBLE_QUOTE};
enum { LABELS = sizeof labels / sizeof labels[0] };

static void write_case(const char *name, size_t count, const char *head, const char *format,
                       const char *tail) {
  char text[PROGRAM_COMMAND];
  size_t at = (size_t)snprintf(text, sizeof text, "%s", head);
  for (size_t i = 0; i < count; ++i)
    at += (size_t)snprintf(text + at, sizeof text - at, format, i > 0 ? ", " : "", labels[i]);
  snprintf(text + at, sizeof text - at, "%s", tail);
  program_write(&p, name, text);
}

/* The harmless label stands in the table as it was written, and nothing was made that is not ours. */
static void written_and_nothing_ran(const char *table) {
  char line[PROGRAM_COMMAND];
  snprintf(line, sizeof line, "grep -cF \"don't fine\" %s", table);
  PROGRAM_SAYS(&p, line, 0, "");
  PROGRAM_SAYS(&p, "find . -name hacked; echo searched", 0, "searched");
  CU_ASSERT_STRING_EQUAL(p.out, "searched\n");
}

static void labels_of_a_comparison_are_data(void) {
  /* a cell refuses the double quote by name */
  write_case("cells.yaml", LABELS - 1,
             "env: {name: dilemma, cycles: 10}\nlearner: {name: tabular_q}\ncompare:\n  seeds: 2\n "
             " tail: 5\n  window: "
             "5\n  curve_every: 5\n"
             "  sweep: [env.fine = 0 3]\n  cells: [",
             "%s\"%s: env.mechanism=custom\"", "]\n");
  PROGRAM_SAYS(&p, "marl compare cells.yaml --out cells --quiet && echo ended", 0, "ended");
  written_and_nothing_ran("cells/runs.csv");
}

static void labels_of_closures_are_data(void) {
  char text[PROGRAM_COMMAND];
  snprintf(text, sizeof text,
           "evaluate:\n  reference: %s/configs/reference/data/re20k_kf4.h5\n  resolution: 32\n"
           "  spinup: 0\n  time: 0.4\n  block: 0.1\n  dt: 0.01\n  closures: [",
           getenv("MARL_SOURCE"));
  write_case("closures.yaml", LABELS, text, "%s\"leith:coefficient=0.3:label=%s\"", "]\n");
  PROGRAM_SAYS(&p, "marl evaluate closures.yaml --out closures --quiet >table && echo ended", 0,
               "ended");
  written_and_nothing_ran("closures/scores.csv");
}

static void written(void (*write)(FILE *, const char *), const char *text, const char *expected) {
  char got[256] = "";
  FILE *file = tmpfile();
  CU_ASSERT_PTR_NOT_NULL_FATAL(file);
  write(file, text);
  rewind(file);
  got[fread(got, 1, sizeof got - 1, file)] = '\0';
  (void)fclose(file);
  CU_ASSERT_STRING_EQUAL(got, expected);
}

static void a_field_of_a_table_is_one_field(void) {
  written(marl_write_csv_field, "plain text", "plain text");
  written(marl_write_csv_field, "a,b", "\"a,b\"");
  written(marl_write_csv_field, "say \"no\"", "\"say \"\"no\"\"\"");
  written(marl_write_csv_field, "two\nlines", "\"two\nlines\"");
}

static CU_TestInfo tests[] = {
    {"labels of a comparison are data", labels_of_a_comparison_are_data},
    {"labels of closures are data", labels_of_closures_are_data},
    {"a field of a table is one field", a_field_of_a_table_is_one_field},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"labels", begin, end, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
