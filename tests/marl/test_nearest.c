#include "marl/core/nearest.h"

#include "tests/unit.h"

static const char *const known[] = {"leith", "smagorinsky", "dynamic_leith", "none"};

static void a_typing_mistake_finds_its_word(void) {
  CU_ASSERT_STRING_EQUAL(marl_nearest("leth", known, 4), "leith");
  CU_ASSERT_STRING_EQUAL(marl_nearest("Smagorinski", known, 4), "smagorinsky");
  CU_ASSERT_STRING_EQUAL(marl_nearest("dynamic-leith", known, 4), "dynamic_leith");
  CU_ASSERT_STRING_EQUAL(marl_nearest("none", known, 4), "none");
}

/* further than a third of the longer word, rounded up */
static void another_word_finds_none(void) {
  CU_ASSERT_PTR_NULL(marl_nearest("turbulence", known, 4));
  CU_ASSERT_PTR_NULL(marl_nearest("le", known, 4)); /* 3 letters away, 5 / 3 rounds up to 2 */
  CU_ASSERT_PTR_NULL(marl_nearest("", known, 4));
  CU_ASSERT_PTR_NULL(marl_nearest("leith", known, 0));
  char lengthy[300];
  memset(lengthy, 'a', sizeof lengthy - 1);
  lengthy[sizeof lengthy - 1] = '\0';
  CU_ASSERT_PTR_NULL(marl_nearest(lengthy, known, 4));
}

static void an_unknown_name_lists_the_known_ones(void) {
  MarlError err;
  UNIT_ERROR(marl_fail_unknown(&err, "closure", "leth", known, 4), MARL_ECONFIG,
             "no closure 'leth'; did you mean 'leith'? known: leith, smagorinsky, dynamic_leith, "
             "none");
  UNIT_ERROR(marl_fail_unknown(&err, "closure", "xyz", known, 4), MARL_ECONFIG,
             "no closure 'xyz'; known: leith");
}

static void a_long_list_is_cut_not_overrun(void) {
  MarlError err;
  const char *many[100];
  for (size_t i = 0; i < 100; ++i) many[i] = "a_rather_long_name_of_a_plugin";
  UNIT_ERROR(marl_fail_unknown(&err, "closure", "xyz", many, 100), MARL_ECONFIG, "a_rather_long");
  CU_ASSERT(strlen(err.message) < sizeof err.message);
}

static CU_TestInfo tests[] = {
    {"a typing mistake finds its word", a_typing_mistake_finds_its_word},
    {"another word finds none", another_word_finds_none},
    {"an unknown name lists the known ones", an_unknown_name_lists_the_known_ones},
    {"a long list is cut, not overrun", a_long_list_is_cut_not_overrun},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"nearest", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
