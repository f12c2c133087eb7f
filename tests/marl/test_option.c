#include "marl/core/option.h"

#include <float.h>
#include <limits.h>

#include "marl/core/value.h"
#include "tests/unit.h"

static const char *const activations[] = {"tanh", "relu", NULL};
static const MarlOption options[] = {
    {"learn", MARL_OPTION_BOOL, "true", 0, 0, NULL, "1", "whether to learn"},
    {"num_envs", MARL_OPTION_INT, "8", 1, 1e6, NULL, "1", "environments"},
    {"seed", MARL_OPTION_INT, "1", 0, 0x1p53, NULL, "1", "seed"},
    {"gamma", MARL_OPTION_REAL, "0.99", 0, 1, NULL, "1", "discount (once lambda, squared)"},
    {"rate", MARL_OPTION_REAL, "3e-4", DBL_MIN, INFINITY, NULL, "1/T", "rate"},
    {"activation", MARL_OPTION_CHOICE, "tanh", 0, 0, activations, "1", "activation"},
    {"name", MARL_OPTION_TEXT, "", 0, 0, NULL, "", "any text"},
    {"hidden", MARL_OPTION_INTS, "[64, 64]", 1, 4096, NULL, "1", "widths"},
    {"prices", MARL_OPTION_REALS, "1,2.5", -10, 10, NULL, "1", "prices"},
    {"blocks", MARL_OPTION_TEXTS, "[a, b]", 0, 0, NULL, "1", "words"},
};
enum { NUM_OPTIONS = sizeof options / sizeof *options };
static const MarlOptionTable table = {options, NUM_OPTIONS};

static MarlSection *section_with_defaults(void) {
  MarlError err;
  MarlSection *s;
  UNIT_OK(marl_section_create("env", &table, 1, &s, &err));
  return s;
}

static void a_new_section_holds_its_fallbacks(void) {
  MarlSection *s = section_with_defaults();
  size_t count;
  CU_ASSERT(marl_section_bool(s, "learn"));
  CU_ASSERT_EQUAL(marl_section_int(s, "num_envs"), 8);
  CU_ASSERT_EQUAL(marl_section_real(s, "gamma"), 0.99);
  CU_ASSERT_EQUAL(marl_section_choice(s, "activation"), 0);
  CU_ASSERT_STRING_EQUAL(marl_section_text(s, "activation"), "tanh");
  CU_ASSERT_STRING_EQUAL(marl_section_text(s, "name"), "");
  const int *hidden = marl_section_ints(s, "hidden", &count);
  CU_ASSERT(count == 2 && hidden[0] == 64 && hidden[1] == 64);
  const double *prices = marl_section_reals(s, "prices", &count);
  CU_ASSERT(count == 2 && prices[0] == 1 && prices[1] == 2.5);
  const char *const *blocks = marl_section_texts(s, "blocks", &count);
  CU_ASSERT(count == 2 && strcmp(blocks[0], "a") == 0 && strcmp(blocks[1], "b") == 0);
  marl_section_destroy(&s);
  CU_ASSERT_PTR_NULL(s);
}

static void values_are_set_from_text(void) {
  MarlError err;
  MarlSection *s = section_with_defaults();
  size_t count;
  UNIT_OK(marl_section_set(s, "learn", "false", "t", &err));
  UNIT_OK(marl_section_set(s, "num_envs", "1e6", "t", &err));
  UNIT_OK(marl_section_set(s, "seed", "9007199254740991", "t", &err));
  UNIT_OK(marl_section_set(s, "gamma", "1", "t", &err));
  UNIT_OK(marl_section_set(s, "activation", "relu", "t", &err));
  UNIT_OK(marl_section_set(s, "hidden", "32", "t", &err));
  UNIT_OK(marl_section_set(s, "prices", "[]", "t", &err));
  CU_ASSERT_FALSE(marl_section_bool(s, "learn"));
  CU_ASSERT_EQUAL(marl_section_int(s, "num_envs"), 1000000);
  CU_ASSERT_EQUAL(marl_section_int64(s, "seed"), INT64_C(9007199254740991));
  CU_ASSERT_EQUAL(marl_section_choice(s, "activation"), 1);
  CU_ASSERT_EQUAL(marl_section_ints(s, "hidden", &count)[0], 32);
  CU_ASSERT_EQUAL(count, 1);
  marl_section_reals(s, "prices", &count);
  CU_ASSERT_EQUAL(count, 0);
  marl_section_destroy(&s);
}

static void half_a_number_is_a_mistake(void) {
  MarlError err;
  MarlSection *s = section_with_defaults();
  static const char *const bad[] = {"",      " 1",   "1 ",  "1e",  "12x",   "0.5.1",
                                    "1_000", "0x10", "inf", "nan", "1e400", "--1",
                                    "e5",    ".",    "+",   "1,5", "one",   "1e-400"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i) {
    UNIT_ERROR(marl_section_set(s, "gamma", bad[i], "f.yaml:3", &err), MARL_ECONFIG,
               "f.yaml:3: env.gamma = '");
    UNIT_ERROR(marl_section_set(s, "num_envs", bad[i], "f.yaml:3", &err), MARL_ECONFIG,
               "is not a whole number");
  }
  UNIT_ERROR(marl_section_set(s, "num_envs", "1.5", "f", &err), MARL_ECONFIG, "not a whole number");
  UNIT_ERROR(marl_section_set(s, "num_envs", "1e-3", "f", &err), MARL_ECONFIG,
             "not a whole number");
  CU_ASSERT_EQUAL(marl_section_real(s, "gamma"), 0.99); /* a mistake changes nothing */
  marl_section_destroy(&s);
}

static void mistakes_name_place_value_and_remedy(void) {
  MarlError err;
  MarlSection *s = section_with_defaults();
  UNIT_ERROR(marl_section_set(s, "gamma", "1.5", "a.yaml:7", &err), MARL_ECONFIG,
             "a.yaml:7: env.gamma = 1.5 is outside [0, 1]");
  UNIT_ERROR(marl_section_set(s, "rate", "0", "--set", &err), MARL_ECONFIG,
             "--set: env.rate = 0 is outside (0, inf) 1/T");
  UNIT_ERROR(marl_section_set(s, "num_envs", "1000001", "a", &err), MARL_ECONFIG,
             "outside [1, 1000000]");
  UNIT_ERROR(marl_section_set(s, "seed", "1e17", "a", &err), MARL_ECONFIG, "outside");
  UNIT_ERROR(marl_section_set(s, "gama", "1", "a.yaml:7", &err), MARL_ECONFIG,
             "a.yaml:7: section 'env' has no option 'gama'; did you mean 'gamma'?");
  UNIT_ERROR(marl_section_set(s, "lambda", "1", "a.yaml:7", &err), MARL_ECONFIG,
             "a.yaml:7: section 'env' has no option 'lambda'; it is 'gamma' now: discount (once");
  UNIT_ERROR(marl_section_set(s, "lambd", "1", "a", &err), MARL_ECONFIG, "known: learn, num_envs");
  UNIT_ERROR(marl_section_set(s, "xyzzyx", "1", "a", &err), MARL_ECONFIG, "known: learn, num_envs");
  UNIT_ERROR(marl_section_set(s, "activation", "rleu", "a", &err), MARL_ECONFIG,
             "not one of tanh, relu; did you mean 'relu'?");
  UNIT_ERROR(marl_section_set(s, "learn", "yes", "a", &err), MARL_ECONFIG, "not true or false");
  UNIT_ERROR(marl_section_set(s, "name", "\xff", "a", &err), MARL_ECONFIG, "UTF-8");
  marl_section_destroy(&s);
}

static void lists_are_flat(void) {
  MarlError err;
  MarlSection *s = section_with_defaults();
  static const char *const bad[] = {"[64", "64]", "[[64]]", "64,,64", "[64, ]", ",", "[", "]"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i) {
    UNIT_ERROR(marl_section_set(s, "hidden", bad[i], "a", &err), MARL_ECONFIG, "a: env.hidden");
    UNIT_ERROR(marl_section_set(s, "blocks", bad[i], "a", &err), MARL_ECONFIG, "a: env.blocks");
  }
  UNIT_ERROR(marl_section_set(s, "hidden", "[64, 0]", "a", &err), MARL_ECONFIG,
             "= 0 is outside [1, 4096]");
  UNIT_ERROR(marl_section_set(s, "hidden", "[64, 6x]", "a", &err), MARL_ECONFIG, "'6x'");
  marl_section_destroy(&s);
}

static void a_key_of_two_tables_is_a_bug(void) {
  MarlError err;
  MarlSection *s;
  const MarlOptionTable twice[] = {table, table};
  UNIT_ERROR(marl_section_create("env", twice, 2, &s, &err), MARL_EARG, "declared twice");
  CU_ASSERT_PTR_NULL(s);
}

static void canonical_text_reads_back_the_same_bits(void) {
  MarlError err;
  MarlSection *s = section_with_defaults();
  static const char *const numbers[] = {"0.1",
                                        "1e-3",
                                        "3.3333333333333333e-1",
                                        "2.2250738585072014e-308",
                                        "1e300",
                                        "0.30000000000000004"};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; ++i) {
    UNIT_OK(marl_section_set(s, "rate", numbers[i], "a", &err));
    const double value = marl_section_real(s, "rate");
    char text[MARL_NUMBER_SIZE];
    marl_number_print(value, text);
    UNIT_OK(marl_section_set(s, "rate", text, "a", &err));
    const double again = marl_section_real(s, "rate");
    UNIT_BITS_EQUAL(&value, &again, sizeof value);
  }
  UNIT_OK(marl_section_set(s, "rate", "1e-1", "a", &err));
  CU_ASSERT_STRING_EQUAL(marl_section_canonical(s, 4), "0.1");
  UNIT_OK(marl_section_set(s, "hidden", " [ 1e2,7 ] ", "a", &err));
  CU_ASSERT_STRING_EQUAL(marl_section_canonical(s, 7), "[100, 7]");
  marl_section_destroy(&s);
}

static CU_TestInfo tests[] = {
    {"a new section holds its fallbacks", a_new_section_holds_its_fallbacks},
    {"values are set from text", values_are_set_from_text},
    {"half a number is a mistake", half_a_number_is_a_mistake},
    {"mistakes name place, value and remedy", mistakes_name_place_value_and_remedy},
    {"lists are flat", lists_are_flat},
    {"a key of two tables is a bug", a_key_of_two_tables_is_a_bug},
    {"canonical text reads back the same bits", canonical_text_reads_back_the_same_bits},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"option", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
