/* The topics of `marl theory` against published values. */
#include <string.h>

#include "envs/theory_table.h"
#include "tests/unit.h"

static void compute(const char *topic, const char *const *settings, MarlTopicTable *out) {
  MarlError err;
  MarlSection *section;
  const MarlPlugin *plugin = NULL;
  UNIT_OK(marl_kind_find(&marl_kind_topics, topic, &plugin, &err));
  const MarlOptionTable table = {plugin->options, plugin->num_options};
  UNIT_OK(marl_section_create("theory", &table, 1, &section, &err));
  for (; *settings != NULL; settings += 2)
    UNIT_OK(marl_section_set(section, settings[0], settings[1], "test", &err));
  *out = (MarlTopicTable){.num_rows = 0};
  UNIT_OK(((const MarlTopicOps *)plugin)->compute(section, out, &err));
  marl_section_destroy(&section);
}

static double at(const MarlTopicTable *t, const char *row, const char *column) {
  for (size_t r = 0; r < t->num_rows; ++r)
    for (size_t c = 0; c < t->num_columns; ++c)
      if (strcmp(t->label[r], row) == 0 && strcmp(t->columns[c], column) == 0)
        return t->value[r * t->num_columns + c];
  return NAN;
}

/* Table 1 of Sigmund et al. 2010: four printed digits. */
static void test_peer_punishers_have_the_published_shares(void) {
  static const char *const rows[] = {"contributor", "defector", "loner", "peer_punisher"};
  static const double published[] = {.0266, .0271, .0641, .8822};
  MarlTopicTable t;
  compute("punishment", (const char *const[]){NULL}, &t);
  for (int i = 0; i < 4; ++i)
    UNIT_NEAR(at(&t, rows[i], "share_rare_mutation"), published[i], 5.1e-5);
  marl_topic_table_clear(&t);
}

/* Stable cooperative norms of each class (acts toward good by good, bad by good, good by bad), as
 * Ohtsuki, Iwasa and Nowak 2009 count them with b = 3, c = 1, beta = .7, alpha = .3. */
static void test_norms_are_as_many_as_published(void) {
  static const char *const classes[] = {"CDC", "CPC", "CDD", "CPD", "CDP", "CPP"};
  static const double published[] = {32, 16, 128, 64, 64, 32};
  MarlTopicTable t;
  compute("norms", (const char *const[]){NULL}, &t);
  for (int k = 0; k < 6; ++k) {
    double sum = 0.0;
    for (const char *last = "CDP"; *last != '\0'; ++last) {
      char row[8];
      snprintf(row, sizeof row, "%s%c", classes[k], *last);
      const double count = at(&t, row, "stable_and_cooperative");
      sum += isnan(count) ? 0.0 : count;
    }
    UNIT_NEAR(sum, published[k], 0);
  }
  marl_topic_table_clear(&t);
}

/* Ohtsuki and Iwasa 2004: all eight are stable and cooperate, and so they tell C to good is good and
 * D to good is bad whoever acts; image scoring is not. */
static void test_the_leading_eight_are_stable(void) {
  MarlTopicTable t;
  compute("leading_eight",
          (const char *const[]){"benefit", "1", "cost", ".1", "assessment_error", ".01", NULL}, &t);
  for (int i = 1; i <= 8; ++i) {
    const char row[] = {'L', (char)('0' + i), '\0'};
    CU_ASSERT(at(&t, row, "stable") == 1 && at(&t, row, "cooperation") > 0.98);
    CU_ASSERT(at(&t, row, "ggc") == 1 && at(&t, row, "bgc") == 1);
    CU_ASSERT(at(&t, row, "ggd") == 0 && at(&t, row, "bgd") == 0 && at(&t, row, "gbd") == 1);
  }
  UNIT_NEAR(at(&t, "image_scoring", "stable"), 0, 0);
  marl_topic_table_clear(&t);
}

/* Press and Dyson 2012: the extortioner's surplus over P = 1 is three times its co-player's. */
static void test_an_extortioner_gets_three_times_the_surplus(void) {
  static const char *const rows[] = {"extort against random", "extort against GTFT",
                                     "extort against some"};
  static const char strategies[] =
      "random, GTFT, some: 0.9 0.2 0.8 0.3 1, "
      "extort: 0.84615384615384615 0.5 0.26923076923076923 0 1";
  MarlTopicTable t;
  compute(
      "memory_one",
      (const char *const[]){"strategies", strategies, "payoff", "3, 0, 5, 1", "noise", "0", NULL},
      &t);
  for (int i = 0; i < 3; ++i)
    UNIT_NEAR(at(&t, rows[i], "payoff") - 1, 3 * (at(&t, rows[i], "others_payoff") - 1), 1e-10);
  marl_topic_table_clear(&t);
}

/* The time that a fixation takes is the same for a kind among the others as the other way round
 * (Taylor, Iwasa and Nowak 2006), though the probabilities differ by orders of magnitude. */
static void test_fixations_take_as_long_in_either_direction(void) {
  MarlTopicTable t;
  compute("fixation",
          (const char *const[]){"strategies", "AllC, AllD, TFT", "payoff", "3, 0, 5, 1", "noise",
                                "0", "rounds", "10", "population", "40", "selection", ".1", NULL},
          &t);
  UNIT_NEAR(
      at(&t, "TFT among AllD", "time_of_fixation") / at(&t, "AllD among TFT", "time_of_fixation"),
      1, 1e-10); /* round-off of sums of 40 x 40 terms */
  /* TFT is selected for: R of 10 rounds against P, invasion barrier below 1/3 (Nowak et al. 2004) */
  CU_ASSERT(at(&t, "TFT among AllD", "relative_to_neutral") > 1);
  CU_ASSERT(at(&t, "AllD among TFT", "relative_to_neutral") < 1);
  UNIT_NEAR(at(&t, "AllC among TFT", "fixation"), 1.0 / 40, 1e-12); /* nobody can tell them apart */
  marl_topic_table_clear(&t);
}

/* The whole chain tends to that of fixations, and a matrix says the same as the strategies that have
 * it: one round of AllC and AllD is the prisoner's dilemma itself. */
static void test_a_matrix_is_as_good_as_strategies(void) {
  MarlTopicTable a, b;
  compute("stationary",
          (const char *const[]){"strategies", "AllC, AllD", "payoff", "3, 0, 5, 1", "noise", "0",
                                "population", "30", "selection", ".1", "mutation", "1e-7", NULL},
          &a);
  compute("stationary",
          (const char *const[]){"strategies", "doves, hawks", "matrix", "3, 0, 5, 1", "population",
                                "30", "selection", ".1", "mutation", "1e-7", NULL},
          &b);
  UNIT_NEAR(at(&a, "AllD", "share"), at(&b, "hawks", "share"), 1e-12);
  UNIT_NEAR(at(&a, "AllD", "share"), at(&a, "AllD", "share_rare_mutation"), 1e-4);
  marl_topic_table_clear(&a);
  marl_topic_table_clear(&b);
}

static CU_TestInfo tests[] = {
    {"peer punishers have the published shares", test_peer_punishers_have_the_published_shares},
    {"norms are as many as published", test_norms_are_as_many_as_published},
    {"the leading eight are stable", test_the_leading_eight_are_stable},
    {"an extortioner gets three times the surplus",
     test_an_extortioner_gets_three_times_the_surplus},
    {"fixations take as long in either direction", test_fixations_take_as_long_in_either_direction},
    {"a matrix is as good as strategies", test_a_matrix_is_as_good_as_strategies},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"topics of theory", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
