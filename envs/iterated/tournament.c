#include "envs/iterated/tournament.h"

enum { B = MARL_MATCH_BLOCK };

MarlCode marl_tournament_check(const MarlTournament *tournament, MarlError *err) {
  MARL_TRY(marl_match_rules_check(&tournament->rules, err));
  if (tournament->num_strategies < 1 || tournament->num_strategies > MARL_MAX_TOURNAMENT)
    return MARL_FAIL(err, MARL_ECONFIG, "a tournament of %d strategies; expected 1 .. %d",
                     tournament->num_strategies, MARL_MAX_TOURNAMENT);
  if (tournament->repetitions < 1)
    return MARL_FAIL(err, MARL_ECONFIG, "%d repetitions; expected at least 1",
                     tournament->repetitions);
  return MARL_OK;
}

static void play_pair(const MarlTournament *t, int i, int j, MarlKey key,
                      MarlTournamentResult *out) {
  const MarlStrategy *const pair[2] = {&t->strategy[i], &t->strategy[j]};
  const bool alike = t->rules.noise == 0.0 && marl_strategy_deterministic(pair[0]) &&
                     marl_strategy_deterministic(pair[1]);
  const int blocks = alike ? 1 : (t->repetitions + B - 1) / B;
  double payoff[2] = {0.0, 0.0}, cooperation[2] = {0.0, 0.0};
  for (int block = 0; block < blocks; ++block) {
    MarlMatchOutcome outcome[B];
    marl_match_block(&t->rules, pair, key, (uint64_t)block, NULL, outcome);
    for (int m = 0; m < B; ++m) {
      payoff[0] += outcome[m].payoff[0];
      payoff[1] += outcome[m].payoff[1];
      cooperation[0] += outcome[m].rounds[0][0] + outcome[m].rounds[0][1];
      cooperation[1] += outcome[m].rounds[0][0] + outcome[m].rounds[1][0];
    }
  }
  const double matches = (double)blocks * B, rounds = matches * t->rules.rounds;
  if (i == j) { /* the two sides are one strategy */
    payoff[0] = 0.5 * (payoff[0] + payoff[1]);
    cooperation[0] = 0.5 * (cooperation[0] + cooperation[1]);
  } else {
    out->payoff[j][i] = payoff[1] / matches;
    out->cooperation[j][i] = cooperation[1] / rounds;
  }
  out->payoff[i][j] = payoff[0] / matches;
  out->cooperation[i][j] = cooperation[0] / rounds;
}

void marl_tournament_run(const MarlTournament *tournament, MarlKey key, MarlTournamentResult *out) {
  for (int i = 0; i < tournament->num_strategies; ++i)
    for (int j = i; j < tournament->num_strategies; ++j)
      play_pair(tournament, i, j, marl_key_fold(marl_key_fold(key, (uint64_t)i), (uint64_t)j), out);
}

static double over_opponents(const MarlTournament *t, const double *row, int strategy) {
  const bool self = t->self_play || t->num_strategies == 1;
  double sum = 0.0;
  for (int j = 0; j < t->num_strategies; ++j) sum += j == strategy && !self ? 0.0 : row[j];
  return sum / (t->num_strategies - (self ? 0 : 1));
}

double marl_tournament_score(const MarlTournament *tournament, const MarlTournamentResult *result,
                             int strategy) {
  return over_opponents(tournament, result->payoff[strategy], strategy);
}

double marl_tournament_cooperation(const MarlTournament *tournament,
                                   const MarlTournamentResult *result, int strategy) {
  return over_opponents(tournament, result->cooperation[strategy], strategy);
}
