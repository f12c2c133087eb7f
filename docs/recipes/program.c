/* `marl` with plugins of its own, outside of the tree: the recipes of this folder, unchanged, are compiled
 * beside this file against an installed marl (docs/plugins.md). A program of yours has the lines of the
 * kinds that it brings. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/program.h"
#include "envs/env_table.h"
#include "envs/game/game.h"
#include "envs/population_table.h"
#include "envs/society/mechanism.h"
#include "envs/society/norm.h"
#include "envs/turbulence/action.h"
#include "envs/turbulence/closures.h"
#include "envs/turbulence/reward.h"
#include "envs/turbulence/score.h"
#include "marl/learn/learner.h"
#include "physics/forcing.h"
#include "physics/initial.h"

extern const MarlEnvOps marl_env_coin;
extern const MarlLearnerOps marl_learner_untrained;
extern const MarlClosureOps marl_closure_biharmonic;
extern const MarlObservationOps marl_observation_signed_vorticity;
extern const MarlActionOps marl_action_biharmonic;
extern const MarlRewardOps marl_reward_worst_wavenumber;
extern const MarlInterpolationOps marl_interpolation_nearest;
extern const MarlForcingOps marl_forcing_checkerboard;
extern const MarlInitialOps marl_initial_shielded_vortex;
extern const MarlMechanismOps marl_mechanism_restitution;
extern const MarlScoreOps marl_score_entropy;
extern const MarlPopulationOps marl_population_voters;

/* A game is its payoffs and a norm its bits: they need no file. */
static const MarlGameOps routine = {.name = "routine",
                                    .summary = "both like to do what the other does, nothing else",
                                    .game = {.payoff = {{1, 0}, {0, 1}}}};
static const MarlNormOps severe = {.name = "severe",
                                   .summary = "bad is who cooperates with the bad, and nobody else",
                                   .bits = "1101"};

static MarlCode register_plugins(MarlError *err) {
  MARL_TRY(marl_register_env(&marl_env_coin, err));
  MARL_TRY(marl_register_learner(&marl_learner_untrained, err));
  MARL_TRY(marl_register_closure(&marl_closure_biharmonic, err));
  MARL_TRY(marl_register_observation(&marl_observation_signed_vorticity, err));
  MARL_TRY(marl_register_action(&marl_action_biharmonic, err));
  MARL_TRY(marl_register_reward(&marl_reward_worst_wavenumber, err));
  MARL_TRY(marl_register_interpolation(&marl_interpolation_nearest, err));
  MARL_TRY(marl_register_forcing(&marl_forcing_checkerboard, err));
  MARL_TRY(marl_register_initial(&marl_initial_shielded_vortex, err));
  MARL_TRY(marl_register_mechanism(&marl_mechanism_restitution, err));
  MARL_TRY(marl_register_population(&marl_population_voters, err));
  MARL_TRY(marl_register_game(&routine, err));
  MARL_TRY(marl_register_norm(&severe, err));
  return marl_register_score(&marl_score_entropy, err);
}

int main(int argc, char **argv) {
  MarlError err;
  if (register_plugins(&err) != MARL_OK) {
    fprintf(stderr, "%s: %s\n", argv[0], err.message);
    return EXIT_FAILURE;
  }
  return marl_main(argc, argv);
}
