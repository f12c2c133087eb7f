/* The last part of a file's name, as folders of runs and names in code are made of it. */
#include "marl/core/path.h"
#include "tests/unit.h"

static void test_the_last_part_is_whole_and_without_its_ending(void) {
  static const struct {
    const char *path, *name, *stem;
  } cases[] = {{"a/b.yaml", "b.yaml", "b"},
               {"b", "b", "b"},
               {"a/b/", "b", "b"},
               {"a/re2.5//", "re2.5", "re2"},
               {".b", ".b", ".b"},
               {"/a.b/c", "c", "c"},
               {"/", "", ""},
               {"", "", ""},
               {"a/b.c.d", "b.c.d", "b.c"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    int length;
    char found[16];
    const char *name = marl_path_name(cases[i].path, &length);
    snprintf(found, sizeof found, "%.*s", length, name);
    CU_ASSERT_STRING_EQUAL(found, cases[i].name);
    name = marl_path_stem(cases[i].path, &length);
    snprintf(found, sizeof found, "%.*s", length, name);
    CU_ASSERT_STRING_EQUAL(found, cases[i].stem);
  }
}

static CU_TestInfo tests[] = {
    {"the last part is whole and without its ending",
     test_the_last_part_is_whole_and_without_its_ending},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"path", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
