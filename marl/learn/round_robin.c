#include "marl/learn/round_robin.h"

#include <stdlib.h>
#include <string.h>

/* Players below are numbered in the order of their names: a sum has the same bits in whatever order
 * they were given. */
typedef struct Record {
  const MarlRoundRobin *task;
  size_t count, episodes;
  int order[MARL_MAX_CONTESTANTS]; /* [count] as the caller numbers them */
  double *earned; /* [count, count, episodes] return of the first against the second */
  double *won;    /* [episodes, count, count] of one: both games of a pair together */
  double *scores; /* [episodes] of one player */
} Record;

static const MarlSide *side(const Record *r, size_t player) {
  return &r->task->player[r->order[player]].side;
}

static MarlCode sort_players(Record *r, MarlError *err) {
  const MarlContestant *player = r->task->player;
  for (int i = 0; i < (int)r->count; ++i) {
    int at = i;
    for (; at > 0 && strcmp(player[i].name, player[r->order[at - 1]].name) < 0; --at)
      r->order[at] = r->order[at - 1];
    r->order[at] = i;
    if (at > 0 && strcmp(player[i].name, player[r->order[at - 1]].name) == 0)
      return MARL_FAIL(err, MARL_ECONFIG, "player '%.200s' is there twice", player[i].name);
  }
  return MARL_OK;
}

static double half_win(double own, double its) {
  return own > its ? 0.5 : own < its ? 0.0 : 0.25;
}

/* Player i against j in episode e. */
static MarlCode meet(Record *r, size_t i, size_t j, size_t e, MarlError *err) {
  static const uint8_t seats[2][2] = {{0, 1}, {1, 0}};
  const MarlSide sides[2] = {*side(r, i), *side(r, j)};
  const size_t n = r->count;
  double *own = &r->earned[(i * n + j) * r->episodes + e];
  double *its = &r->earned[(j * n + i) * r->episodes + e];
  double sum[2] = {0, 0}, wins[2] = {0, 0};
  for (int game = 0; game < (i == j ? 1 : 2); ++game) {
    double earned[MARL_SIDES_MAX_AGENTS];
    MARL_TRY(marl_sides_play(&r->task->world, sides, 2, seats[game], (int)e, earned, err));
    const double one = earned[seats[game][0]], other = earned[seats[game][1]];
    sum[0] += one;
    sum[1] += other;
    wins[0] += half_win(one, other);
    wins[1] += half_win(other, one);
  }
  *own = (i == j ? sum[0] + sum[1] : sum[0]) / 2;
  *its = (i == j ? sum[0] + sum[1] : sum[1]) / 2;
  r->won[(e * n + i) * n + j] = i == j ? 0.5 : wins[0];
  r->won[(e * n + j) * n + i] = i == j ? 0.5 : wins[1];
  return MARL_OK;
}

static double mean_of(const double *x, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; ++i) sum += x[i];
  return sum / (double)n;
}

static void summarize_player(Record *r, size_t i, double *wins, MarlRoundRobinResult *out) {
  const size_t n = r->count;
  const int own = r->order[i];
  memset(r->scores, 0, r->episodes * sizeof *r->scores);
  for (size_t j = 0; j < n; ++j) {
    const int its = r->order[j];
    const double *earned = &r->earned[(i * n + j) * r->episodes];
    for (size_t e = 0; e < r->episodes; ++e) {
      r->scores[e] += earned[e] / (double)n;
      wins[i * n + j] += r->won[(e * n + i) * n + j];
    }
    out->mean[own][its] = mean_of(earned, r->episodes);
    out->interval[own][its] = marl_mean_interval(earned, r->episodes, 0.95);
    out->wins[own][its] = wins[i * n + j] / (double)r->episodes;
  }
  out->score[own] = mean_of(r->scores, r->episodes);
  out->score_interval[own] = marl_mean_interval(r->scores, r->episodes, 0.95);
}

static MarlCode summarize(Record *r, MarlRoundRobinResult *out, MarlError *err) {
  double wins[MARL_MAX_CONTESTANTS * MARL_MAX_CONTESTANTS] = {0}, elo[MARL_MAX_CONTESTANTS];
  MarlInterval interval[MARL_MAX_CONTESTANTS];
  const int n = (int)r->count;
  for (size_t i = 0; i < r->count; ++i) summarize_player(r, i, wins, out);
  marl_elo(n, wins, elo);
  MARL_TRY(marl_elo_intervals(n, (int)r->episodes, r->won,
                              marl_key_fold(r->task->world.key, MARL_STREAM_BOOTSTRAP), interval,
                              err));
  for (int i = 0; i < n; ++i) {
    out->elo[r->order[i]] = elo[i];
    out->elo_interval[r->order[i]] = interval[i];
  }
  return MARL_OK;
}

/* As the caller numbers the players. */
static void copy_returns(const Record *r) {
  const size_t n = r->count, size = r->episodes;
  for (size_t i = 0; i < n && r->task->returns != NULL; ++i)
    for (size_t j = 0; j < n; ++j)
      memcpy(&r->task->returns[((size_t)r->order[i] * n + (size_t)r->order[j]) * size],
             &r->earned[(i * n + j) * size], size * sizeof(double));
}

static MarlCode play_all(Record *r, MarlError *err) {
  for (size_t i = 0; i < r->count; ++i)
    for (size_t j = i; j < r->count; ++j)
      for (size_t e = 0; e < r->episodes; ++e) MARL_TRY(meet(r, i, j, e, err));
  return MARL_OK;
}

MarlCode marl_round_robin(const MarlRoundRobin *task, MarlRoundRobinResult *out, MarlError *err) {
  int num_agents;
  Record r = {.task = task, .count = (size_t)task->num_players, .episodes = (size_t)task->episodes};
  const size_t games = r.count * r.count * r.episodes;
  MARL_TRY(sort_players(&r, err));
  MARL_TRY(marl_sides_agents(&task->world, &num_agents, err));
  if (num_agents != 2)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "'%s' has %d agents here, and a tournament is between two (env.num_agents=2, "
                     "where there is "
                     "one)",
                     task->world.ops->name, num_agents);
  r.earned = calloc(games, sizeof *r.earned);
  r.won = calloc(games, sizeof *r.won);
  r.scores = calloc(r.episodes, sizeof *r.scores);
  MarlCode code = MARL_OK;
  if (r.earned == NULL || r.won == NULL || r.scores == NULL)
    code = MARL_FAIL(err, MARL_EMEMORY, "no memory for %zu games", games);
  if (code == MARL_OK) code = play_all(&r, err);
  if (code == MARL_OK) code = summarize(&r, out, err);
  if (code == MARL_OK) copy_returns(&r);
  memcpy(out->by_name, r.order, sizeof r.order);
  free(r.earned);
  free(r.won);
  free(r.scores);
  return code;
}
