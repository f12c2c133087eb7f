/* Two-person games with two actions, cooperate and defect.
 *
 *              other C   other D
 *   own C         R         S
 *   own D         T         P
 *
 * Prisoner's dilemma T > R > P > S with 2R > T + S: Axelrod 1984; 3, 0, 4, 1 as in Dasgupta and
 * Musolesi 2025, arXiv:2301.08278. Stag hunt and chicken: Skyrms 2004; Maynard Smith 1982.
 * Donation: cooperate pays c for the other to get b. */
#ifndef MARL_ENVS_GAME_GAME_H
#define MARL_ENVS_GAME_GAME_H

#include "marl/core/option.h"

enum { MARL_COOPERATE = 0, MARL_DEFECT = 1, MARL_NUM_ACTIONS = 2, MARL_UNKNOWN_ACTION = 2 };

/* The centipede-like game of Dasgupta and Musolesi 2025 is no table: in each of the K rounds the
 * selector and then its partner moves; cooperating pays cost and gives the other gift, defecting
 * ends the pairing at once. */
typedef struct MarlGame {
  bool alternating;
  float cost, gift;                                 /* of an alternating game */
  float payoff[MARL_NUM_ACTIONS][MARL_NUM_ACTIONS]; /* [own action, other's action] */
} MarlGame;

/* Names for the option `game`, NULL-terminated, in the order of marl_game_named. */
extern const char *const marl_game_names[];
/* The same and the centipede. */
extern const char *const marl_society_game_names[];

/* The game of marl_game_names[index], index as marl_section_choice returns it. */
MarlGame marl_game_named(int index);
/* From R, S, T, P. */
MarlGame marl_game_make(double reward, double sucker, double temptation, double punishment);
/* Of a section with the keys `game`, a choice of marl_game_names, and `payoff`, a list of R, S, T, P
 * that replaces the named game's own unless it is empty. */
MarlCode marl_game_read(const MarlSection *config, MarlGame *out, MarlError *err) MARL_NODISCARD;

#endif
