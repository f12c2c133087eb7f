#include "envs/grid/view.h"

#include <math.h>
#include <string.h>

int marl_grid_view_planes(const MarlGridRules *rules) {
  return rules->num_planes + (rules->see_identity ? rules->num_agents - 1 : 0) + rules->see_mark +
         rules->see_record;
}

int marl_grid_view_size(const MarlGridRules *rules) {
  return marl_grid_view_rows(rules) * marl_grid_view_cols(rules) * marl_grid_view_planes(rules) +
         MARL_GRID_FACTS;
}

/* Where agent `other` is in the window of `agent`; false: not in it. */
static bool find_in_view(const MarlGridWorld *world, int agent, int other, int *row, int *col) {
  const MarlGridRules *rules = world->rules;
  const MarlGridAgent *a = &world->agent[agent], *b = &world->agent[other];
  int own_row, own_col, its_row, its_col;
  if (b->away > 0) return false;
  marl_grid_turned(&rules->map, a->heading, a->row, a->col, &own_row, &own_col);
  marl_grid_turned(&rules->map, a->heading, b->row, b->col, &its_row, &its_col);
  *row = its_row - own_row + rules->view_ahead;
  *col = its_col - own_col + rules->view_side;
  return *row >= 0 && *row < marl_grid_view_rows(rules) && *col >= 0 &&
         *col < marl_grid_view_cols(rules);
}

/* c / (|c| + record_steps / 10) of a record c, in (-1, 1): 1/2 for one contribution in ten steps. */
static float shown_record(const MarlGridWorld *world, int agent) {
  const double record = world->tally[agent].record;
  return (float)(record / (fabs(record) + world->rules->record_steps / 10));
}

/* Planes of single agents, the viewer first: identities, marks, records. */
static void show_agents(const MarlGridWorld *world, int agent, float *window) {
  const MarlGridRules *rules = world->rules;
  const int n = rules->num_agents, planes = marl_grid_view_planes(rules);
  for (int k = 0; k < n; ++k) {
    const int other = (agent + k) % n;
    int row, col;
    if (!find_in_view(world, agent, other, &row, &col)) continue;
    float *cell = window + (row * marl_grid_view_cols(rules) + col) * planes + rules->num_planes;
    if (rules->see_identity && k > 0) cell[k - 1] = 1.0f;
    if (rules->see_identity) cell += n - 1;
    if (rules->see_mark) *cell++ = world->agent[other].mark > 0 ? 1.0f : 0.0f;
    if (rules->see_record) *cell = shown_record(world, other);
  }
}

/* Share of a cooldown that is over. */
static float readiness(const MarlGridBeam *beam, const MarlGridAgent *a, int wait) {
  if (!beam->on || a->frozen > 0) return 0.0f;
  return 1.0f - (float)(wait > 0 ? wait - 1 : 0) / (float)(beam->cooldown > 0 ? beam->cooldown : 1);
}

void marl_grid_view(const MarlGridWorld *world, int agent, float *obs) {
  const MarlGridRules *rules = world->rules;
  const MarlGridAgent *a = &world->agent[agent];
  const int rows = marl_grid_view_rows(rules), cols = marl_grid_view_cols(rules);
  const int planes = marl_grid_view_planes(rules), size = marl_grid_view_size(rules);
  const int stride = marl_grid_view_stride(rules);
  uint64_t bits[MARL_GRID_MAX_PLANES * (2 * MARL_GRID_ROOM + 2)];
  memset(obs, 0, (size_t)size * sizeof *obs);
  float *facts = obs + size - MARL_GRID_FACTS;
  facts[0] = a->away > 0 ? 1.0f : 0.0f;
  if (a->away > 0) return;
  facts[1] = readiness(&rules->zap, a, a->zap_wait);
  facts[2] = readiness(&rules->tool, a, a->tool_wait);
  facts[3] = (float)(world->num_tools - (world->used_tool[agent] ? 1 : 0)) /
             (float)(rules->num_agents - 1);
  marl_grid_see(world, agent, bits);
  for (int p = 0; p < rules->num_planes; ++p)
    for (int r = 0; r < rows; ++r)
      for (uint64_t left = bits[p * stride + r]; left != 0; left &= left - 1)
        obs[(r * cols + __builtin_ctzll(left)) * planes + p] = 1.0f;
  if (planes > rules->num_planes) show_agents(world, agent, obs);
}

enum { PLACE = 4 }; /* numbers an agent in the state */

int marl_grid_see_all_size(const MarlGridRules *rules) {
  if (!rules->global_state) return 0;
  return rules->map.rows * rules->map.cols * (rules->game->num_planes + 1) +
         PLACE * rules->num_agents;
}

void marl_grid_see_all(const MarlGridWorld *world, float *state) {
  const MarlGridRules *rules = world->rules;
  const MarlGridMap *map = &rules->map;
  const int planes = rules->game->num_planes;
  for (int r = 0; r < map->rows; ++r)
    for (int c = 0; c < map->cols; ++c, state += planes + 1) {
      for (int p = 0; p < planes; ++p) {
        const int kind = (int)rules->game->planes[p].kind;
        const MarlGridBoard *board = kind >= MARL_GRID_OUTSIDE
                                         ? &rules->scenery[kind - MARL_GRID_OUTSIDE]
                                         : &world->board[kind];
        state[p] = marl_grid_at(board, r, c) ? 1.0f : 0.0f;
      }
      state[planes] = marl_grid_is(world, MARL_GRID_AGENT, r, c) ? 1.0f : 0.0f;
    }
  for (int i = 0; i < rules->num_agents; ++i, state += PLACE) {
    const MarlGridAgent *a = &world->agent[i];
    state[0] = (float)a->row / (float)(map->rows > 1 ? map->rows - 1 : 1);
    state[1] = (float)a->col / (float)(map->cols > 1 ? map->cols - 1 : 1);
    state[2] = (float)a->heading / 3.0f;
    state[3] = a->away > 0 ? 1.0f : 0.0f;
  }
}
