/* The state of groups in mid-episode, to and from a store. */
#include "envs/group/contribution_groups.h"

static MarlArray row(MarlType type, size_t count) {
  return (MarlArray){.type = type, .rank = 1, .shape = {count}};
}

MarlCode marl_contribution_groups_save(const MarlContributionGroups *groups, MarlStore *to,
                                       MarlError *err) {
  const size_t n = (size_t)groups->rules.num_agents;
  const size_t pairs = n * (size_t)groups->rules.game.group_size;
  const int32_t at[2] = {groups->period, groups->phase};
  const MarlArray two = row(MARL_I32, 2), key = row(MARL_U32, 2),
                  sums = row(MARL_F64, MARL_CONTRIBUTION_NUM_METRICS);
  const MarlArray ints = row(MARL_I32, n), points = row(MARL_I32, pairs), reals = row(MARL_F64, n);
  MARL_TRY(marl_store_write(to, "at", &two, at, err));
  MARL_TRY(marl_store_write(to, "key", &key, groups->key.k, err));
  MARL_TRY(marl_store_write(to, "seat", &ints, groups->seat, err));
  MARL_TRY(marl_store_write(to, "level", &ints, groups->level, err));
  MARL_TRY(marl_store_write(to, "points", &points, groups->points, err));
  MARL_TRY(marl_store_write(to, "last_points", &points, groups->last_points, err));
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
  int32_t at[2];
  MARL_TRY(marl_store_read(from, "at", MARL_I32, 2, at, err));
  MARL_TRY(marl_store_read(from, "key", MARL_U32, 2, groups->key.k, err));
  MARL_TRY(marl_store_read_within(from, "seat", MARL_I32, n, 0, (int64_t)n - 1, groups->seat, err));
  MARL_TRY(marl_store_read_within(from, "level", MARL_I32, n, 0, groups->rules.num_levels - 1,
                                  groups->level, err));
  MARL_TRY(marl_store_read_within(from, "points", MARL_I32, pairs, 0, groups->rules.points.max,
                                  groups->points, err));
  MARL_TRY(marl_store_read_within(from, "last_points", MARL_I32, pairs, 0, groups->rules.points.max,
                                  groups->last_points, err));
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
                                   groups->rules.game.group_size - 1, &at[1], err));
  groups->period = at[0];
  groups->phase = at[1];
  for (int i = 0; i < groups->rules.num_agents; ++i) groups->member[groups->seat[i]] = i;
  return MARL_OK;
}
