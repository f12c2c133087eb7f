#include "envs/game/game.h"

#define SOURCE(text) .source = text
#define TABLE(R, S, T, P) \
  .formula = "R, S, T, P = " #R ", " #S ", " #T ", " #P, .game = {.payoff = {{R, S}, {T, P}}}

/* clang-format off */
/* one line a game */
static const MarlGameOps games[] = {
    {.name = "prisoners_dilemma", .summary = "defecting is better whatever the other does", SOURCE("Axelrod 1984; Dasgupta and Musolesi 2025, arXiv:2301.08278"), TABLE(3, 0, 4, 1)},
    {.name = "stag_hunt", .summary = "both like to do what the other does, cooperating best", SOURCE("Skyrms 2004"), TABLE(4, 0, 3, 2)},
    {.name = "chicken", .summary = "both like to do what the other does not", SOURCE("Maynard Smith 1982"), TABLE(3, 1, 4, 0)},
    {.name = "snowdrift", .summary = "a benefit of 4 to both, a cost of 2 that cooperators share", SOURCE("Hauert and Doebeli 2004, Nature 428, 643"), TABLE(3, 2, 4, 0)},
    {.name = "donation", .summary = "cooperating costs 1 and gives the other 3", SOURCE("Nowak and Sigmund 1998, Nature 393, 573"), TABLE(2, -1, 3, 0)},
    {.name = "harmony", .summary = "cooperating is better whatever the other does", TABLE(4, 2, 3, 1)},
    {.name = "centipede", .summary = "players move in turn until one defects; cooperating costs 1 and gives the other 5", SOURCE("Dasgupta and Musolesi 2025, arXiv:2301.08278"), .game = {.alternating = true, .cost = 1, .gift = 5}},
};
/* clang-format on */

static const MarlPlugin *shipped(size_t i) {
  return i < sizeof games / sizeof *games ? &games[i].plugin : NULL;
}

MarlKind marl_kind_games = {.name = "games",
                            .title = "Two-person games",
                            .noun = "game",
                            .section = "env",
                            .key = "env.game",
                            .fallback = "prisoners_dilemma",
                            .no_options = true,
                            .shipped = shipped};

MarlCode marl_register_game(const MarlGameOps *ops, MarlError *err) {
  return marl_kind_register(&marl_kind_games, &ops->plugin, err);
}
