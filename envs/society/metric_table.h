/* The metrics of a society, one line each: symbol, name, what a comparison should know of it
 * (MarlMeasure.is, without the prefix), numerator and denominator. They are of a tally t and its sums s;
 * welfare is per cycle (N pairings of K rounds).
 *
 * cooperation: of plays. welfare: all rewards of all agents, payoffs - fines + prices; gross: payoffs
 * alone; published: without direct punishers' rewards where third parties punish too, as the published
 * curves. punishment_rate: of decisions; of a voluntary pool, who pays. just_share: of fines, those that
 * hit a defector, or who did not pay. Selections: of partners, those that in the cycle before cooperated
 * at least as often as they defected; that punished, justly at least as often as unjustly. gini: of the
 * agents' rewards (envs/game/gini.h). plays: of a pairing, 2 K or fewer where one can end it. */
#ifndef MARL_ENVS_SOCIETY_METRIC_TABLE_H
#define MARL_ENVS_SOCIETY_METRIC_TABLE_H

/* clang-format off */
#define MARL_DILEMMA_METRICS(ENTRY)                                                                          \
  ENTRY(COOPERATION, cooperation, FOLLOWED | IN_UNIT | GREEDY, t->cooperations, t->plays)                    \
  ENTRY(WELFARE, welfare, COLUMN | GREEDY, (s.outside + s.direct) * s.scale, 1)                              \
  ENTRY(GROSS_WELFARE, gross_welfare, NOTHING, t->payoffs * s.scale, 1)                                      \
  ENTRY(PUBLISHED_WELFARE, published_welfare, COLUMN, (s.outside + s.published_direct) * s.scale, 1)         \
  ENTRY(PUNISHMENT_RATE, punishment_rate, COLUMN | IN_UNIT | GREEDY, t->punishments, t->decisions)           \
  ENTRY(JUST_SHARE, just_share, COLUMN | IN_UNIT, t->just, t->fined)                                         \
  ENTRY(COOPERATOR_SELECTIONS, cooperator_selections, IN_UNIT, t->cooperators_selected, t->selections)       \
  ENTRY(JUST_PUNISHER_SELECTIONS, just_punisher_selections, IN_UNIT, t->just_punishers_selected, t->selections) \
  ENTRY(GINI, gini, NOTHING, s.gini, s.has_gini)                                                             \
  ENTRY(PLAYS, plays, NOTHING, (double)t->plays * s.scale / t->num_agents, 1)
/* clang-format on */

#define MARL_METRIC_SYMBOL(symbol, name, is, part, whole) MARL_METRIC_##symbol,
typedef enum MarlDilemmaMetric {
  MARL_DILEMMA_METRICS(MARL_METRIC_SYMBOL) MARL_NUM_DILEMMA_METRICS
} MarlDilemmaMetric;

#endif
