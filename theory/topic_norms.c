/* Norms of indirect reciprocity: how many are stable and cooperate, and the leading eight. */
#include <math.h>
#include <stdio.h>

#include "theory/norm.h"
#include "theory/topic.h"

enum { NUM_ASSESSMENTS = 4096, NUM_ACT_RULES = 81 };

#define DONATION_OPTIONS                                                                        \
  {"benefit", MARL_OPTION_REAL, "3", 0, 1e6, NULL, "reward", "b, what cooperation gives"},      \
      {"cost", MARL_OPTION_REAL, "1", 0, 1e6, NULL, "reward", "c, what cooperation costs"},     \
      {"harm", MARL_OPTION_REAL, "0.7", 0, 1e6, NULL, "reward", "beta, what punishment takes"}, \
      {"harm_cost", MARL_OPTION_REAL,                                                           \
       "0.3",       0,                                                                          \
       1e6,         NULL,                                                                       \
       "reward",    "alpha, what punishment costs"},                                            \
  {                                                                                             \
    "assessment_error", MARL_OPTION_REAL, "0.001", 1e-9, 0.499, NULL, "1",                      \
        "mu, share of assessments that are turned around"                                       \
  }

static const MarlOption norms_options[] = {
    DONATION_OPTIONS,
    {"least_cooperation", MARL_OPTION_REAL, "0.99", 0, 1, NULL, "1",
     "least share of acts that cooperate, of the norms that are counted"},
};
static const MarlOption eight_options[] = {
    DONATION_OPTIONS,
    {"punishment", MARL_OPTION_BOOL, "false", 0, 0, NULL, "1",
     "donors can punish too; in these norms nobody does"},
};

static MarlDonation read_donation(const MarlSection *s, int num_actions) {
  return (MarlDonation){.benefit = marl_section_real(s, "benefit"),
                        .cost = marl_section_real(s, "cost"),
                        .harm = marl_section_real(s, "harm"),
                        .harm_cost = marl_section_real(s, "harm_cost"),
                        .assessment_error = marl_section_real(s, "assessment_error"),
                        .num_actions = num_actions};
}

/* Norm number `assess` of 2^12 assessments with the acts number `act` of 3^4. */
static MarlNorm numbered(int assess, int act) {
  MarlNorm norm;
  for (int x = 0; x < 2; ++x)
    for (int y = 0; y < 2; ++y) {
      for (int a = 0; a < MARL_NUM_DONOR_ACTIONS; ++a, assess /= 2)
        norm.assess[x][y][a] = (uint8_t)(assess % 2);
      norm.act[x][y] = (uint8_t)(act % MARL_NUM_DONOR_ACTIONS);
      act /= MARL_NUM_DONOR_ACTIONS;
    }
  return norm;
}

enum { STABLE, COOPERATIVE, LEAST, MOST, NORMS_COLUMNS };
static const char *const norms_columns[] = {"stable", "stable_and_cooperative", "least_cooperation",
                                            "most_cooperation"};
static const char *const plain_units[] = {"1", "1", "1", "1", "1", "1", "1", "1",
                                          "1", "1", "1", "1", "1", "1", "1"};

/* All norms with one action rule. More than half of the agents are good: the other half of the norms
 * are these with the names turned around. */
static void count_rule(const MarlDonation *donation, int act, double least, double *row) {
  row[STABLE] = row[COOPERATIVE] = 0.0;
  for (int assess = 0; assess < NUM_ASSESSMENTS; ++assess) {
    const MarlNorm norm = numbered(assess, act);
    if (!marl_norm_is_stable(&norm, donation)) continue;
    const double good = marl_norm_good_share(&norm, donation);
    if (good < 0.5) continue;
    const double cooperation = marl_norm_cooperation(&norm, good);
    row[STABLE] += 1.0;
    row[COOPERATIVE] += cooperation >= least;
    row[LEAST] = fmin(row[LEAST], cooperation);
    row[MOST] = fmax(row[MOST], cooperation);
  }
}

static MarlCode count_norms(const MarlSection *section, MarlTopicTable *out, MarlError *err) {
  static const char letters[] = "CDP";
  const MarlDonation donation = read_donation(section, MARL_NUM_DONOR_ACTIONS);
  const double least = marl_section_real(section, "least_cooperation");
  *out = (MarlTopicTable){.rows_are = "acts",
                          .columns = norms_columns,
                          .units = plain_units,
                          .num_columns = NORMS_COLUMNS};
  double *row;
  for (int act = 0; act < NUM_ACT_RULES; ++act) {
    const MarlNorm n = numbered(0, act);
    double found[NORMS_COLUMNS] = {0, 0, NAN, NAN};
    count_rule(&donation, act, least, found);
    if (found[STABLE] == 0.0) continue;
    MARL_TRY(marl_topic_row(out, &row, err, "%c%c%c%c", letters[n.act[1][1]], letters[n.act[1][0]],
                            letters[n.act[0][1]], letters[n.act[0][0]]));
    for (int c = 0; c < NORMS_COLUMNS; ++c) row[c] = found[c];
  }
  snprintf(out->note, sizeof out->note,
           "acts: of good to good, good to bad, bad to good, bad to bad (C cooperate, D defect, P "
           "punish); of %d norms, those in which more than half are good",
           NUM_ASSESSMENTS * NUM_ACT_RULES);
  return MARL_OK;
}

const MarlTopicOps marl_topic_norms = {
    .name = "norms",
    .summary = "how many norms with costly punishment are stable and cooperate, by their acts",
    .source = "Ohtsuki, Iwasa and Nowak 2009",
    .formula =
        "of all norms of public reputation (assessment by donor, recipient and act; acts by "
        "donor and recipient),\n"
        "those in which no single deviation from the action rule pays",
    .options = norms_options,
    .num_options = sizeof norms_options / sizeof *norms_options,
    .compute = count_norms,
};

enum { GOOD, COOPERATION, IS_STABLE, FIRST_BIT, EIGHT_COLUMNS = FIRST_BIT + 12 };
static const char *const eight_columns[] = {
    "good_share", "cooperation", "stable", "bbd",    "bbc",    "bgd",    "bgc",   "gbd",
    "gbc",        "ggd",         "ggc",    "act_bb", "act_bg", "act_gb", "act_gg"};

static void describe(const MarlNorm *norm, const MarlDonation *donation, double *row) {
  row[GOOD] = marl_norm_good_share(norm, donation);
  row[COOPERATION] = marl_norm_cooperation(norm, row[GOOD]);
  row[IS_STABLE] = marl_norm_is_stable(norm, donation);
  for (int x = 0; x < 2; ++x)
    for (int y = 0; y < 2; ++y) {
      const int pair = 2 * x + y;
      row[FIRST_BIT + 2 * pair] = norm->assess[x][y][MARL_DONOR_DEFECTS];
      row[FIRST_BIT + 2 * pair + 1] = norm->assess[x][y][MARL_DONOR_COOPERATES];
      row[FIRST_BIT + 8 + pair] = norm->act[x][y] == MARL_DONOR_COOPERATES;
    }
}

static MarlCode list_eight(const MarlSection *section, MarlTopicTable *out, MarlError *err) {
  const MarlDonation donation =
      read_donation(section, marl_section_bool(section, "punishment") ? 3 : 2);
  *out = (MarlTopicTable){.rows_are = "norm",
                          .columns = eight_columns,
                          .units = plain_units,
                          .num_columns = EIGHT_COLUMNS};
  double *row;
  for (int i = 0; i < 8; ++i) {
    const MarlNorm norm = marl_norm_leading_eight(i);
    MARL_TRY(marl_topic_row(out, &row, err, "L%d", i + 1));
    describe(&norm, &donation, row);
  }
  const MarlNorm scoring = marl_norm_image_scoring();
  MARL_TRY(marl_topic_row(out, &row, err, "image_scoring"));
  describe(&scoring, &donation, row);
  snprintf(
      out->note, sizeof out->note,
      "bbd .. ggc: what a donor becomes, 1 good, by its own name, the recipient's and its act; "
      "act_bb .. act_gg: 1 if it cooperates");
  return MARL_OK;
}

const MarlTopicOps marl_topic_leading_eight = {
    .name = "leading_eight",
    .summary = "the leading eight norms and image scoring: cooperation and stability",
    .source = "Ohtsuki and Iwasa 2004, 2006",
    .options = eight_options,
    .num_options = sizeof eight_options / sizeof *eight_options,
    .compute = list_eight,
};
