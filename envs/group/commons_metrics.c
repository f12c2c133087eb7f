/* What a commons reports, and its state to and from a store. */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "envs/game/gini.h"
#include "envs/group/commons.h"
#include "marl/core/ratio.h"

const char *const marl_commons_metric_names[MARL_COMMONS_NUM_METRICS] = {
    "survival", "survived", "gain",          "efficiency",      "over_use",  "equality",
    "gini",     "welfare",  "gross_welfare", "punishment_rate", "just_share"};

void marl_commons_metrics(const MarlCommons *commons, double metrics[MARL_COMMONS_NUM_METRICS],
                          double *whole) {
  const MarlCommonsRules *r = &commons->rules;
  const int n = r->num_agents;
  double taken = 0.0, paid = 0.0, scratch[MARL_COMMONS_MAX_AGENTS];
  for (int i = 0; i < n; ++i) {
    taken += commons->total_taken[i];
    paid += commons->total_payoff[i];
  }
  const double lasting =
      r->scenario == MARL_COMMONS_TRASH ? r->inflow : floor(r->capacity * (1.0 - 1.0 / r->growth));
  metrics[MARL_COMMONS_SURVIVAL] = (double)commons->month / r->months;
  metrics[MARL_COMMONS_SURVIVED] = commons->month == r->months;
  metrics[MARL_COMMONS_GAIN] = taken / n;
  metrics[MARL_COMMONS_EFFICIENCY] = lasting > 0.0 ? fmin(1.0, taken / (lasting * r->months)) : 1.0;
  metrics[MARL_COMMONS_WELFARE] = paid / n;
  metrics[MARL_COMMONS_GROSS_WELFARE] = commons->gross / n;
  marl_ratio(commons->beyond, commons->decisions, MARL_COMMONS_OVER_USE, metrics, whole);
  marl_ratio(commons->punished, commons->verdicts, MARL_COMMONS_PUNISHMENT_RATE, metrics, whole);
  marl_ratio(commons->just, commons->given, MARL_COMMONS_JUST_SHARE, metrics, whole);
  const double unequal = marl_gini(commons->total_taken, n, scratch);
  const double gini = marl_gini(commons->total_payoff, n, scratch);
  marl_ratio(isnan(unequal) ? 0.0 : 1.0 - unequal, !isnan(unequal), MARL_COMMONS_EQUALITY, metrics,
             whole);
  marl_ratio(isnan(gini) ? 0.0 : gini, !isnan(gini), MARL_COMMONS_GINI, metrics, whole);
}

/* The members between the rules and the end, as bytes: one program writes and reads them. */
enum { STATE = offsetof(MarlCommons, key) };

/* Of a pool: sums over all agents stay whole numbers. */
enum { MOST_UNITS = INT32_MAX / (2 * MARL_COMMONS_MAX_AGENTS) };

MarlCode marl_commons_save(const MarlCommons *commons, MarlStore *to, MarlError *err) {
  const size_t size = sizeof *commons - STATE;
  const MarlArray bytes = {.type = MARL_U8, .rank = 1, .shape = {size}};
  return marl_store_write(to, "commons", &bytes, (const char *)commons + STATE, err);
}

MarlCode marl_commons_load(MarlCommons *commons, MarlStore *from, MarlError *err) {
  MARL_TRY(marl_store_read(from, "commons", MARL_U8, sizeof *commons - STATE,
                           (char *)commons + STATE, err));
  const MarlCommonsRules *r = &commons->rules;
  const int agents = MARL_COMMONS_MAX_AGENTS;
  const struct {
    const char *what;
    const int32_t *at;
    int count, high;
  } limits[] = {
      {"commons: month", &commons->month, 1, r->months},
      {"commons: phase", &commons->phase, 1, r->num_agents - 1},
      {"commons: pool", &commons->pool, 1, MOST_UNITS},
      {"commons: threshold", &commons->threshold, 1, MOST_UNITS},
      {"commons: over", &commons->over, 1, 1},
      {"commons: taken", commons->taken, agents, MOST_UNITS},
      {"commons: points", commons->points, agents * agents, r->points.max},
  };
  for (size_t i = 0; i < sizeof limits / sizeof limits[0]; ++i)
    MARL_TRY(marl_store_check_within(from, limits[i].what, MARL_I32, (size_t)limits[i].count, 0,
                                     limits[i].high, limits[i].at, err));
  return MARL_OK;
}
