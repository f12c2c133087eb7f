/* Exact results on strategies of an iterated game, as topics of `marl theory`. */
#include <string.h>

#include "envs/iterated/exact.h"
#include "theory/topic_population.h"

enum { MAX = MARL_MAX_STRATEGIES };

#define GAME_OPTIONS                                                                               \
  {"strategies",                                                                                   \
   MARL_OPTION_TEXTS,                                                                              \
   "AllC, AllD, TFT, GTFT, WSLS",                                                                  \
   0,                                                                                              \
   0,                                                                                              \
   NULL,                                                                                           \
   "1",                                                                                            \
   "of AllC, AllD, TFT, GTFT, WSLS, random, or vectors of one's own: 'name: p_CC p_CD p_DC "       \
   "p_DD p_first'"},                                                                               \
      MARL_GAME_OPTIONS("prisoners_dilemma"), {"rounds", MARL_OPTION_INT,                          \
                                               "0",      0,                                        \
                                               1 << 24,  NULL,                                     \
                                               "rounds", "rounds of a match; 0: infinitely many"}, \
  {                                                                                                \
    "noise", MARL_OPTION_REAL, "0.01", 0, 0.5, NULL, "1", "share of moves that are flipped"        \
  }

#define MATRIX_OPTIONS                                                                   \
  {"matrix",                                                                             \
   MARL_OPTION_REALS,                                                                    \
   "",                                                                                   \
   -1e6,                                                                                 \
   1e6,                                                                                  \
   NULL,                                                                                 \
   "reward",                                                                             \
   "payoffs against each other, row by row, in place of an iterated game's; strategies " \
   "then are names of any kind"},                                                        \
      MARL_SELECTION_OPTIONS

static const MarlOption pair_options[] = {GAME_OPTIONS};
static const MarlOption fixation_options[] = {GAME_OPTIONS, MATRIX_OPTIONS};
static const MarlOption stationary_options[] = {GAME_OPTIONS, MATRIX_OPTIONS,
                                                MARL_MUTATION_OPTION("0.01")};

typedef struct Setup {
  MarlMatchRules rules;
  int num_strategies;
  const char *const *names; /* as the configuration has them */
  MarlStrategy strategy[MAX];
} Setup;

static MarlCode read_names(const MarlSection *s, Setup *out, MarlError *err) {
  size_t count;
  out->names = marl_section_texts(s, "strategies", &count);
  out->num_strategies = (int)count;
  if (count < 1 || count > MAX)
    return MARL_FAIL(err, MARL_ECONFIG, "theory.strategies: %zu of them; expected 1 .. %d", count,
                     MAX);
  for (size_t i = 0; i < count; ++i)
    for (size_t j = 0; j < i; ++j)
      if (strcmp(out->names[i], out->names[j]) == 0)
        return MARL_FAIL(err, MARL_ECONFIG, "theory.strategies: '%.60s' is named twice",
                         out->names[i]);
  return MARL_OK;
}

static MarlCode read_setup(const MarlSection *s, Setup *out, MarlError *err) {
  const MarlStrategyParams params = marl_strategy_defaults();
  MARL_TRY(read_names(s, out, err));
  MARL_TRY(marl_game_read_table(s, &out->rules.game, err));
  out->rules.rounds = marl_section_int(s, "rounds");
  out->rules.noise = marl_section_real(s, "noise");
  for (int i = 0; i < out->num_strategies; ++i)
    MARL_TRY(marl_strategy_make(out->names[i], &params, &out->rules.game, &out->strategy[i], err));
  return MARL_OK;
}

enum { PAYOFF, OTHERS_PAYOFF, CC, PAIR_COLUMNS = CC + MARL_NUM_JOINT_ACTIONS };
static const char *const pair_columns[] = {"payoff", "others_payoff", "cc", "cd", "dc", "dd"};
static const char *const pair_units[] = {"reward", "reward", "1", "1", "1", "1"};

static MarlCode compute_pairs(const MarlSection *section, MarlTopicTable *out, MarlError *err) {
  Setup s;
  MARL_TRY(read_setup(section, &s, err));
  *out = (MarlTopicTable){.rows_are = "pair",
                          .columns = pair_columns,
                          .units = pair_units,
                          .num_columns = PAIR_COLUMNS};
  for (int i = 0; i < s.num_strategies; ++i)
    for (int j = 0; j < s.num_strategies; ++j) {
      const MarlStrategy *const pair[2] = {&s.strategy[i], &s.strategy[j]};
      MarlExactPair exact;
      double *row;
      MARL_TRY(marl_topic_row(out, &row, err, "%s against %s", pair[0]->name, pair[1]->name));
      MARL_TRY(marl_exact_pair(&s.rules, pair, &exact, err));
      row[PAYOFF] = exact.payoff[0];
      row[OTHERS_PAYOFF] = exact.payoff[1];
      memcpy(&row[CC], exact.share, sizeof exact.share);
    }
  return MARL_OK;
}

const MarlTopicOps marl_topic_memory_one = {
    .name = "memory_one",
    .summary = "exact payoffs a round of pairs of memory-one strategies, with noise",
    .source = "Nowak and Sigmund 1990; Press and Dyson 2012",
    .formula =
        "a match is a Markov chain over CC, CD, DC, DD (own action first): shares of time "
        "and payoffs",
    .options = pair_options,
    .num_options = sizeof pair_options / sizeof *pair_options,
    .compute = compute_pairs,
};

static MarlCode fill_exact(const Setup *s, MarlMatrixGame *game, MarlError *err) {
  for (int i = 0; i < s->num_strategies; ++i)
    for (int j = 0; j < s->num_strategies; ++j) {
      const MarlStrategy *const pair[2] = {&s->strategy[i], &s->strategy[j]};
      MarlExactPair exact;
      MARL_TRY(marl_exact_pair(&s->rules, pair, &exact, err));
      game->payoff[i][j] = exact.payoff[0];
    }
  return MARL_OK;
}

/* names [MAX] of the strategies without their vectors; borrowed from *setup */
static MarlCode read_game(const MarlSection *section, Setup *setup, MarlMatrixGame *game,
                          const char **names, MarlError *err) {
  size_t count;
  const double *matrix = marl_section_reals(section, "matrix", &count);
  MARL_TRY(count > 0 ? read_names(section, setup, err) : read_setup(section, setup, err));
  const int n = setup->num_strategies;
  marl_matrix_game_init(n, marl_section_int(section, "population"), game);
  for (int i = 0; i < n; ++i) names[i] = count > 0 ? setup->names[i] : setup->strategy[i].name;
  if (count == 0) return fill_exact(setup, game, err);
  if (count != (size_t)n * (size_t)n)
    return MARL_FAIL(err, MARL_ECONFIG, "theory.matrix: %zu payoffs of %d strategies; expected %d",
                     count, n, n * n);
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) game->payoff[i][j] = matrix[i * n + j];
  return MARL_OK;
}

static MarlCode compute_fixation(const MarlSection *section, MarlTopicTable *out, MarlError *err) {
  Setup setup;
  MarlMatrixGame game;
  MarlSelection selection;
  const char *names[MAX];
  MARL_TRY(read_game(section, &setup, &game, names, err));
  MARL_TRY(marl_selection_read(section, &selection, err));
  return marl_topic_fixation(&game.base, &selection, names, out, err);
}

static MarlCode compute_stationary(const MarlSection *section, MarlTopicTable *out,
                                   MarlError *err) {
  Setup setup;
  MarlMatrixGame game;
  MarlSelection selection;
  const char *names[MAX];
  MARL_TRY(read_game(section, &setup, &game, names, err));
  MARL_TRY(marl_selection_read(section, &selection, err));
  return marl_topic_stationary(&game.base, &selection, marl_section_real(section, "mutation"),
                               names, out, err);
}

const MarlTopicOps marl_topic_fixation_probabilities = {
    .name = "fixation",
    .summary = "probabilities and times that one mutant takes over a population",
    .source = "Nowak, Sasaki, Taylor and Fudenberg 2004; Antal and Scheuring 2006",
    .formula = "rho = 1 / (1 + sum_k prod_{m <= k} T-(m) / T+(m)), in logarithms",
    .options = fixation_options,
    .num_options = sizeof fixation_options / sizeof *fixation_options,
    .compute = compute_fixation,
};

const MarlTopicOps marl_topic_stationary_shares = {
    .name = "stationary",
    .summary = "who is there in the long run of births, deaths and mutations",
    .source = "Fudenberg and Imhof 2006; Imhof, Fudenberg and Nowak 2005",
    .formula =
        "share_rare_mutation: chain of fixations; share: chain of the whole population, where "
        "it is small enough",
    .options = stationary_options,
    .num_options = sizeof stationary_options / sizeof *stationary_options,
    .compute = compute_stationary,
};
