/* What the files of the games share: options, and how an environment is made of a game. */
#ifndef MARL_ENVS_GRID_GAME_H
#define MARL_ENVS_GRID_GAME_H

#include "envs/grid/world.h"
#include "marl/learn/env.h"

/* Lines of an option table: map and number of agents are the game's defaults. */
#define MARL_GRID_OPTIONS(shipped_map, agents)                                                       \
  {                                                                                                  \
      "map",       MARL_OPTION_TEXT,                                                                 \
      shipped_map, 0,                                                                                \
      0,           NULL,                                                                             \
      "file",      "text file of the map, docs/grid.md"},                                            \
      {"num_agents", MARL_OPTION_INT, agents, 2, MARL_GRID_MAX_AGENTS, NULL, "agents", "agents"},    \
      {"dynamics", MARL_OPTION_CHOICE,       "meltingpot", 0,                                        \
       0,          marl_grid_dynamics_names, "1",          "whose rules of moving, beams and time"}, \
      {"socialjax_quirks",                                                                           \
       MARL_OPTION_BOOL,                                                                             \
       "false",                                                                                      \
       0,                                                                                            \
       0,                                                                                            \
       NULL,                                                                                         \
       "1",                                                                                          \
       "socialjax: with the faults of the published program that change the world"},                 \
      {"episode_steps",                                                                              \
       MARL_OPTION_INT,                                                                              \
       "1000",                                                                                       \
       1,                                                                                            \
       1e8,                                                                                          \
       NULL,                                                                                         \
       "steps",                                                                                      \
       "length of an episode, at least"},                                                            \
      {"end_probability",                                                                            \
       MARL_OPTION_REAL,                                                                             \
       "0",                                                                                          \
       0,                                                                                            \
       1,                                                                                            \
       NULL,                                                                                         \
       "1",                                                                                          \
       "chance that an episode of that length ends, asked every end_every steps; 0: it ends"},       \
      {"end_every", MARL_OPTION_INT, "100", 1, 1e6, NULL, "steps", "see end_probability"},           \
      {"view_ahead", MARL_OPTION_INT, "9", 0, MARL_GRID_ROOM, NULL, "cells", "an agent's view"},     \
      {"view_behind", MARL_OPTION_INT, "1", 0, MARL_GRID_ROOM, NULL, "cells", "an agent's view"},    \
      {"view_side",                                                                                  \
       MARL_OPTION_INT,                                                                              \
       "5",                                                                                          \
       0,                                                                                            \
       MARL_GRID_ROOM,                                                                               \
       NULL,                                                                                         \
       "cells",                                                                                      \
       "an agent's view, to each side"},                                                             \
      {"see_heading",                                                                                \
       MARL_OPTION_BOOL,                                                                             \
       "true",                                                                                       \
       0,                                                                                            \
       0,                                                                                            \
       NULL,                                                                                         \
       "1",                                                                                          \
       "four planes: where others look, relative to the viewer"},                                    \
      {"see_beams", MARL_OPTION_BOOL, "true", 0, 0, NULL, "1", "a plane for each kind of beam"},     \
      {"see_identity",                                                                               \
       MARL_OPTION_BOOL,                                                                             \
       "false",                                                                                      \
       0,                                                                                            \
       0,                                                                                            \
       NULL,                                                                                         \
       "1",                                                                                          \
       "a plane for each other agent, beginning with the next by number"},                           \
      {"see_record",                                                                                 \
       MARL_OPTION_BOOL,                                                                             \
       "false",                                                                                      \
       0,                                                                                            \
       0,                                                                                            \
       NULL,                                                                                         \
       "1",                                                                                          \
       "a plane: what each agent has done for the others, docs/grid.md"},                            \
      {"global_state",                                                                               \
       MARL_OPTION_BOOL,                                                                             \
       "false",                                                                                      \
       0,                                                                                            \
       0,                                                                                            \
       NULL,                                                                                         \
       "1",                                                                                          \
       "the whole map for a central critic (learner.critic: central), docs/grid.md"},                \
      {"record_steps",                                                                               \
       MARL_OPTION_INT,                                                                              \
       "100",                                                                                        \
       1,                                                                                            \
       1e6,                                                                                          \
       NULL,                                                                                         \
       "steps",                                                                                      \
       "a contribution in the record fades with this time constant"},                                \
      MARL_POLICIES_OPTION(                                                                          \
          "random, eater, own_color, restrained:N, cleaner, turn_taker or punisher:S"),              \
      {"jitter", MARL_OPTION_REAL,                                                                   \
       "0",      0,                                                                                  \
       1,        NULL,                                                                               \
       "1",      "chance that a scripted policy moves at random instead"},                           \
      {"self_interest",                                                                              \
       MARL_OPTION_REAL,                                                                             \
       "1",                                                                                          \
       0,                                                                                            \
       1,                                                                                            \
       NULL,                                                                                         \
       "1",                                                                                          \
       "s: learned from s of the own reward and (1 - s) of the mean of the others'"},                \
      MARL_INTRINSIC_OPTIONS

/* Lines for games with a beam that hits agents. */
#define MARL_GRID_ZAP_OPTIONS                                                                     \
  {"mechanism",                                                                                   \
   MARL_OPTION_TEXT,                                                                              \
   "",                                                                                            \
   0,                                                                                             \
   0,                                                                                             \
   NULL,                                                                                          \
   "1",                                                                                           \
   "what becomes of who is hit: names of `marl list grid_mechanisms` joined by +, options in "    \
   "brackets; empty: as published, removal in meltingpot (Cleanup 50 steps, Harvest 4), "         \
   "teleport in socialjax; none: the beam is off"},                                               \
      {"zap_length",                                                                              \
       MARL_OPTION_INT,                                                                           \
       "3",                                                                                       \
       1,                                                                                         \
       MARL_GRID_MAX_BEAM,                                                                        \
       NULL,                                                                                      \
       "cells",                                                                                   \
       "meltingpot: reach of the zap beam"},                                                      \
      {"zap_radius",                                                                              \
       MARL_OPTION_INT,                                                                           \
       "1",                                                                                       \
       0,                                                                                         \
       MARL_GRID_MAX_BEAM,                                                                        \
       NULL,                                                                                      \
       "cells",                                                                                   \
       "meltingpot: rays of the zap beam to each side"},                                          \
      {"zap_cooldown",                                                                            \
       MARL_OPTION_INT,                                                                           \
       "-1",                                                                                      \
       -1,                                                                                        \
       1e6,                                                                                       \
       NULL,                                                                                      \
       "steps",                                                                                   \
       "meltingpot: steps after a zap without one; -1: the game's own (Cleanup 10, Harvest 2)"},  \
      {"zap_cost", MARL_OPTION_REAL,                                                              \
       "0",        0,                                                                             \
       1e6,        NULL,                                                                          \
       "reward",   "lost by who zaps, hit or not (Hughes et al. 2018: 1)"},                       \
      {"hit_cost", MARL_OPTION_REAL, "0", 0, 1e6, NULL, "reward", "lost by who zaps, for a hit"}, \
      {"mark_steps", MARL_OPTION_INT,                                                             \
       "50",         0,                                                                           \
       1e6,          NULL,                                                                        \
       "steps",      "on the map for which who was hit bears a mark"},                            \
  {                                                                                               \
    "see_mark", MARL_OPTION_BOOL, "false", 0, 0, NULL, "1", "a plane: who bears a mark"           \
  }

/* The environment of a game (env_grid.c). */
MarlCode marl_grid_env_create(const MarlSection *config, const MarlGridGame *game, MarlEnv **out,
                              MarlError *err) MARL_NODISCARD;
void marl_grid_env_destroy(MarlEnv *env);
MarlCode marl_grid_env_reset(MarlEnv *base, MarlKey key, const MarlEnvIo *io, MarlError *err);
MarlCode marl_grid_env_step(MarlEnv *base, const MarlEnvIo *io, MarlError *err);
MarlCode marl_grid_env_save(const MarlEnv *base, MarlStore *to, MarlError *err);
MarlCode marl_grid_env_load(MarlEnv *base, MarlStore *from, MarlError *err);
MarlCode marl_grid_env_look(const MarlEnv *base, MarlPicture *picture, MarlError *err);
extern const MarlMeasure marl_grid_env_measures[];
/* For tests and benchmarks; the world is one after a reset. */
MarlGridRules *marl_grid_env_rules(MarlEnv *env);
MarlGridWorld *marl_grid_env_world(MarlEnv *env);

enum { MARL_GRID_NUM_MEASURES = 3 };

/* The last lines of a game's file: its options are `options`, its game is `game_name`. */
#define MARL_GRID_ENV(game_name, says, from)                                                \
  static MarlCode create(const MarlSection *config, MPI_Comm comm, MarlEnv **out,           \
                         MarlError *err) {                                                  \
    (void)comm; /* serial */                                                                \
    return marl_grid_env_create(config, &game_name, out, err);                              \
  }                                                                                         \
  const MarlEnvOps marl_env_##game_name = {.name = #game_name,                              \
                                           .summary = says,                                 \
                                           .source = from,                                  \
                                           .options = options,                              \
                                           .num_options = sizeof options / sizeof *options, \
                                           .create = create,                                \
                                           .destroy = marl_grid_env_destroy,                \
                                           .reset = marl_grid_env_reset,                    \
                                           .step = marl_grid_env_step,                      \
                                           .save = marl_grid_env_save,                      \
                                           .load = marl_grid_env_load,                      \
                                           .look = marl_grid_env_look,                      \
                                           .measures = marl_grid_env_measures,              \
                                           .num_measures = MARL_GRID_NUM_MEASURES,          \
                                           .scripted = marl_grid_scripted_list,             \
                                           .num_scripted = MARL_GRID_NUM_SCRIPTED}

#endif
