/* The state of groups in mid-episode, to and from a store. */
#include "envs/group/contribution_groups.h"

static MarlArray row(MarlType type, size_t count) {
  return (MarlArray){.type = type, .rank = 1, .shape = {count}};
}

MarlCode marl_contribution_groups_save(const MarlContributionGroups *groups, MarlStore *to,
                                       MarlError *err) {
  const size_t n = (size_t)groups->rules.num_agents;
  const size_t pairs = n * (size_t)groups->rules.game.group_size;
  const int32_t at[3] = {groups->period, groups->phase, groups->played};
  const MarlArray three = row(MARL_I32, 3), key = row(MARL_U32, 2),
                  sums = row(MARL_F64, MARL_CONTRIBUTION_NUM_METRICS);
  const MarlArray ints = row(MARL_I32, n), points = row(MARL_I32, pairs), reals = row(MARL_F64, n);
  MARL_TRY(marl_store_write(to, "at", &three, at, err));
  MARL_TRY(marl_store_write(to, "key", &key, groups->key.k, err));
  MARL_TRY(marl_store_write(to, "seat", &ints, groups->seat, err));
  MARL_TRY(marl_store_write(to, "level", &ints, groups->level, err));
  MARL_TRY(marl_store_write(to, "points", &points, groups->points, err));
  MARL_TRY(marl_store_write(to, "last_points", &points, groups->last_points, err));
  MARL_TRY(marl_store_write(to, "gifts", &points, groups->gifts, err));
  MARL_TRY(marl_store_write(to, "last_gifts", &points, groups->last_gifts, err));
  MARL_TRY(marl_store_write(to, "last_payoff", &reals, groups->last_payoff, err));
  MARL_TRY(marl_store_write(to, "others_payoff", &reals, groups->others_payoff, err));
  MARL_TRY(marl_store_write(to, "others_points", &reals, groups->others_points, err));
  MARL_TRY(marl_store_write(to, "others_gifts", &reals, groups->others_gifts, err));
  MARL_TRY(marl_store_write(to, "first", &reals, groups->first, err));
  MARL_TRY(marl_store_write(to, "payoff", &reals, groups->payoff, err));
  MARL_TRY(marl_store_write(to, "utility", &reals, groups->utility, err));
  MARL_TRY(marl_store_write(to, "trace", &reals, groups->trace, err));
  MARL_TRY(marl_store_write(to, "others", &reals, groups->others, err));
  MARL_TRY(marl_store_write(to, "total", &reals, groups->total, err));
  return marl_store_write(to, "sums", &sums, groups->sums, err);
}

MarlCode marl_contribution_groups_load(MarlContributionGroups *groups, MarlStore *from,
                                       MarlError *err) {
  const size_t n = (size_t)groups->rules.num_agents;
  const size_t pairs = n * (size_t)groups->rules.game.group_size;
  int32_t at[3];
  MARL_TRY(marl_store_read(from, "at", MARL_I32, 3, at, err));
  MARL_TRY(marl_store_read(from, "key", MARL_U32, 2, groups->key.k, err));
  MARL_TRY(marl_store_read_within(from, "seat", MARL_I32, n, 0, (int64_t)n - 1, groups->seat, err));
  MARL_TRY(marl_store_read_within(from, "level", MARL_I32, n, 0, groups->rules.num_levels - 1,
                                  groups->level, err));
  MARL_TRY(marl_store_read_within(from, "points", MARL_I32, pairs, 0, groups->rules.points.max,
                                  groups->points, err));
  MARL_TRY(marl_store_read_within(from, "last_points", MARL_I32, pairs, 0, groups->rules.points.max,
                                  groups->last_points, err));
  MARL_TRY(marl_store_read_within(from, "gifts", MARL_I32, pairs, 0, groups->rules.points.max,
                                  groups->gifts, err));
  MARL_TRY(marl_store_read_within(from, "last_gifts", MARL_I32, pairs, 0, groups->rules.points.max,
                                  groups->last_gifts, err));
  MARL_TRY(marl_store_read(from, "last_payoff", MARL_F64, n, groups->last_payoff, err));
  MARL_TRY(marl_store_read(from, "others_payoff", MARL_F64, n, groups->others_payoff, err));
  MARL_TRY(marl_store_read(from, "others_points", MARL_F64, n, groups->others_points, err));
  MARL_TRY(marl_store_read(from, "others_gifts", MARL_F64, n, groups->others_gifts, err));
  MARL_TRY(marl_store_read(from, "first", MARL_F64, n, groups->first, err));
  MARL_TRY(marl_store_read(from, "payoff", MARL_F64, n, groups->payoff, err));
  MARL_TRY(marl_store_read(from, "utility", MARL_F64, n, groups->utility, err));
  MARL_TRY(marl_store_read(from, "trace", MARL_F64, n, groups->trace, err));
  MARL_TRY(marl_store_read(from, "others", MARL_F64, n, groups->others, err));
  MARL_TRY(marl_store_read(from, "total", MARL_F64, n, groups->total, err));
  MARL_TRY(
      marl_store_read(from, "sums", MARL_F64, MARL_CONTRIBUTION_NUM_METRICS, groups->sums, err));
  MARL_TRY(marl_store_check_within(from, "at: period", MARL_I32, 1, 0, INT32_MAX - 1, &at[0], err));
  MARL_TRY(marl_store_check_within(from, "at: phase", MARL_I32, 1, 0,
                                   marl_contribution_last_phase(&groups->rules), &at[1], err));
  MARL_TRY(marl_store_check_within(from, "at: played", MARL_I32, 1, 0, INT32_MAX - 1, &at[2], err));
  groups->played = at[2];
  groups->period = at[0];
  groups->phase = at[1];
  for (int i = 0; i < groups->rules.num_agents; ++i) groups->member[groups->seat[i]] = i;
  return MARL_OK;
}
