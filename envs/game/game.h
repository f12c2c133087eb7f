/* Two-person games with two actions, cooperate and defect.
 *
 *              other C   other D
 *   own C         R         S
 *   own D         T         P
 *
 * Games by name are plugins: a line each in game_table.c, or registered by a program of its own. */
#ifndef MARL_ENVS_GAME_GAME_H
#define MARL_ENVS_GAME_GAME_H

#include "marl/core/plugin.h"

enum { MARL_COOPERATE = 0, MARL_DEFECT = 1, MARL_NUM_ACTIONS = 2, MARL_UNKNOWN_ACTION = 2 };

/* The centipede-like game of Dasgupta and Musolesi 2025 is no table: in each of the K rounds the
 * selector and then its partner moves; cooperating pays cost and gives the other gift, defecting
 * ends the pairing at once. */
typedef struct MarlGame {
  bool alternating;
  float cost, gift;                                 /* of an alternating game */
  float payoff[MARL_NUM_ACTIONS][MARL_NUM_ACTIONS]; /* [own action, other's action] */
} MarlGame;

typedef struct MarlGameOps {
  MARL_PLUGIN;
  MarlGame game;
} MarlGameOps;

extern MarlKind marl_kind_games;
MarlCode marl_register_game(const MarlGameOps *ops, MarlError *err) MARL_NODISCARD;

/* From R, S, T, P. */
MarlGame marl_game_make(double reward, double sucker, double temptation, double punishment);
/* A name that is not known is a programming error (assert). */
MarlGame marl_game_named(const char *name);

/* Of a section with the options of MARL_GAME_OPTIONS. MARL_ECONFIG. */
MarlCode marl_game_read(const MarlSection *config, MarlGame *out, MarlError *err) MARL_NODISCARD;
/* The same where both players move at once: a game with a table. */
MarlCode marl_game_read_table(const MarlSection *config, MarlGame *out,
                              MarlError *err) MARL_NODISCARD;

/* The lines of an option table that an environment with such a game puts into its own. */
#define MARL_GAME_OPTIONS(fallback)                                     \
  {"game",   MARL_OPTION_TEXT,                                          \
   fallback, 0,                                                         \
   0,        NULL,                                                      \
   "1",      "the two-person game of a round, see `marl list games`"},  \
  {                                                                     \
    "payoff", MARL_OPTION_REALS, "", -1e6, 1e6, NULL, "reward",         \
        "R, S, T, P in place of the named game's own; empty keeps them" \
  }

#endif
