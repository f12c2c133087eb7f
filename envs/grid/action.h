/* What the numbers of actions mean.
 *
 *                                   meltingpot      socialjax
 *   stay                            0               6
 *   forward, back, left, right      1, 2, 3, 4      -
 *   right, left, down, up on the map  -             2, 3, 4, 5
 *   turn left, turn right           5, 6            0, 1
 *   zap beam; tool                  7; 8 (7 without a zap beam)
 *
 * Moves of meltingpot are relative to the heading, those of socialjax to the map. */
#ifndef MARL_ENVS_GRID_ACTION_H
#define MARL_ENVS_GRID_ACTION_H

#include "envs/grid/world.h"

enum { MARL_GRID_MOVES = 7 };

static inline int marl_grid_num_actions(const MarlGridRules *rules) {
  return MARL_GRID_MOVES + rules->game->has_zap + rules->game->has_tool;
}

/* The direction in which an agent of this heading moves, as a heading; -1: it does not. */
static inline int marl_grid_direction(const MarlGridRules *rules, int number, int heading) {
  static const int8_t turn[] = {-1, 0, 2, 1, 3, -1, -1, -1, -1};
  static const int8_t absolute[] = {-1, -1, 1, 3, 0, 2, -1, -1, -1};
  if (rules->dynamics == MARL_GRID_SOCIALJAX) return absolute[number];
  return turn[number] < 0 ? -1 : (heading + turn[number]) & 3;
}

/* What is added to the heading, mod 4. */
static inline int marl_grid_turning(const MarlGridRules *rules, int number) {
  const int left = rules->dynamics == MARL_GRID_SOCIALJAX ? 0 : 5;
  return number == left ? 1 : number == left + 1 ? 3 : 0;
}

static inline int marl_grid_stay(const MarlGridRules *rules) {
  return rules->dynamics == MARL_GRID_SOCIALJAX ? 6 : 0;
}

/* turn 1: to the left, 3: to the right */
static inline int marl_grid_turn_number(const MarlGridRules *rules, int turn) {
  return (rules->dynamics == MARL_GRID_SOCIALJAX ? 0 : 5) + (turn == 3);
}

static inline int marl_grid_move_number(const MarlGridRules *rules, int heading, int direction) {
  static const int8_t absolute[] = {4, 2, 5, 3}, relative[] = {1, 3, 2, 4};
  if (rules->dynamics == MARL_GRID_SOCIALJAX) return absolute[direction];
  return relative[(direction - heading) & 3];
}

static inline bool marl_grid_zaps(const MarlGridRules *rules, int number) {
  return number == MARL_GRID_MOVES && rules->game->has_zap;
}
static inline int marl_grid_tool_number(const MarlGridRules *rules) {
  return MARL_GRID_MOVES + rules->game->has_zap;
}
static inline bool marl_grid_uses_tool(const MarlGridRules *rules, int number) {
  return rules->game->has_tool && number == marl_grid_tool_number(rules);
}

#endif
