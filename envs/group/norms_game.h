/* Axelrod's norms and metanorms games (American Political Science Review 80, 1986).
 *
 * Each player has a boldness B and a vengefulness V of three bits, in sevenths. A generation gives
 * every player `chances` chances to defect, each with a probability S ~ U(0, 1) of being seen by
 * any other player: it defects if S < B, gains 3 and costs everybody else 1. Who sees it punishes
 * with probability V: the defector loses 9, the punisher 2. Metanorm: who saw and did not punish is
 * seen by every third player with the same S, and punished at the same prices with that player's V.
 *
 * Next generation: two offspring for a score of at least one (sample) standard deviation above the mean,
 * none for one more than one below, else one; then random players are added or removed until the
 * population has its size, and every bit flips with a small probability. */
#ifndef MARL_ENVS_GROUP_NORMS_GAME_H
#define MARL_ENVS_GROUP_NORMS_GAME_H

#include <stdbool.h>
#include <stdint.h>

#include "marl/core/option.h"
#include "marl/core/rng.h"

enum { MARL_NORMS_MAX_PLAYERS = 256, MARL_NORMS_TRAIT_BITS = 3, MARL_NORMS_TRAIT_MAX = 7 };

typedef struct MarlNormsRules {
  int num_players, chances;
  bool metanorm;
  double temptation, hurt;        /* 3 to the defector, -1 to each other player */
  double punishment, enforcement; /* -9 to the punished, -2 to the punisher */
  double mutation;                /* probability that a bit flips */
} MarlNormsRules;

typedef enum MarlNormsMetric {
  MARL_NORMS_COOPERATION,     /* share of chances that nobody took */
  MARL_NORMS_BOLDNESS,        /* mean, of 1 */
  MARL_NORMS_VENGEFULNESS,    /* mean, of 1 */
  MARL_NORMS_WELFARE,         /* mean score of a player */
  MARL_NORMS_PUNISHMENTS,     /* of defectors, a defection */
  MARL_NORMS_METAPUNISHMENTS, /* of those who did not punish, a defection */
  MARL_NORMS_ESTABLISHED,     /* 1: mean B <= 2/7 and mean V >= 5/7 */
  MARL_NORMS_COLLAPSED,       /* 1: mean B >= 6/7 and mean V <= 1/7 */
  MARL_NORMS_NUM_METRICS,
} MarlNormsMetric;

extern const char *const marl_norms_metric_names[MARL_NORMS_NUM_METRICS];

enum { MARL_NORMS_NUM_OPTIONS = 9 }; /* with cycles: generations of a run */
extern const MarlOption marl_norms_options[MARL_NORMS_NUM_OPTIONS];
void marl_norms_rules_read(const MarlSection *config, MarlNormsRules *rules);

/* Plain: a game of any size up to the maximum is one value. */
typedef struct MarlNormsGame {
  MarlNormsRules rules;
  MarlKey key;
  int64_t generation;
  uint8_t boldness[MARL_NORMS_MAX_PLAYERS], vengefulness[MARL_NORMS_MAX_PLAYERS]; /* 0 .. 7 */
  double score[MARL_NORMS_MAX_PLAYERS]; /* of the generation in progress */
} MarlNormsGame;

/* Traits of the first generation are uniform. */
void marl_norms_game_begin(const MarlNormsRules *rules, MarlKey key, MarlNormsGame *game);
/* One generation; the metrics are of the players before it reproduces. */
/* Ratios are apart in metrics and whole, or values if whole is NULL (marl/core/ratio.h). */
void marl_norms_game_generation(MarlNormsGame *game, double metrics[MARL_NORMS_NUM_METRICS],
                                double *whole);

#endif
