#include "envs/group/contribution_game.h"

#include <stddef.h>

const char *const marl_price_list_names[] = {"linear", "convex", "per_coin", NULL};

void marl_contribution_first_stage(const MarlContributionGame *game, const double *contribution,
                                   double *payoff) {
  double sum = 0.0;
  for (int i = 0; i < game->group_size; ++i) sum += contribution[i];
  for (int i = 0; i < game->group_size; ++i)
    payoff[i] = game->endowment - contribution[i] + game->mpcr * sum;
}

double marl_contribution_reward_of_points(const MarlContributionGame *game, int points, bool just) {
  static const double convex[MARL_CONVEX_MAX_POINTS + 1] = {0, 1, 2, 4, 6, 9, 12, 16, 20, 25, 30};
  if (game->price_list == MARL_PRICE_CONVEX) return -convex[points];
  return (just ? game->prices.just_reward : game->prices.unjust_reward) * points;
}

void marl_contribution_second_stage(const MarlContributionGame *game, const double *first,
                                    const int *points, double *payoff) {
  const int n = game->group_size;
  for (int i = 0; i < n; ++i) {
    int received = 0;
    double earned = 0.0;
    for (int j = 0; j < n; ++j) {
      received += points[j * n + i];
      earned += marl_contribution_reward_of_points(game, points[i * n + j], first[j] > first[i]);
    }
    if (game->price_list == MARL_PRICE_CONVEX) {
      const double left = 1.0 - game->point_share * received;
      payoff[i] = first[i] * (left > 0.0 ? left : 0.0) + earned;
    } else {
      payoff[i] = first[i] - game->prices.fine * received + earned;
    }
  }
}

void marl_contribution_reward_stage(const MarlContributionGame *game, const int *points,
                                    double *payoff) {
  const int n = game->group_size;
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) {
      payoff[i] -= game->reward_cost * points[i * n + j];
      payoff[j] += game->reward_value * points[i * n + j];
    }
}

double marl_contribution_full_payoff(const MarlContributionGame *game) {
  return game->group_size * game->mpcr * game->endowment;
}
