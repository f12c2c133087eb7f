#include "envs/group/norms_game.h"

#include <math.h>
#include <string.h>

#include "marl/core/ratio.h"

const char *const marl_norms_metric_names[MARL_NORMS_NUM_METRICS] = {
    "cooperation", "boldness",        "vengefulness", "welfare",
    "punishments", "metapunishments", "established",  "collapsed"};

const MarlOption marl_norms_options[MARL_NORMS_NUM_OPTIONS] = {
    {"num_agents", MARL_OPTION_INT, "20", 3, MARL_NORMS_MAX_PLAYERS, NULL, "agents", "players"},
    {"chances", MARL_OPTION_INT, "4", 1, 1000, NULL, "1", "chances to defect a generation"},
    {"temptation", MARL_OPTION_REAL, "3", -1e6, 1e6, NULL, "reward", "to a defector"},
    {"hurt", MARL_OPTION_REAL, "-1", -1e6, 1e6, NULL, "reward", "to each other player"},
    {"punishment", MARL_OPTION_REAL, "-9", -1e6, 1e6, NULL, "reward", "to who is punished"},
    {"enforcement", MARL_OPTION_REAL, "-2", -1e6, 1e6, NULL, "reward", "to who punishes"},
    {"mutation", MARL_OPTION_REAL, "0.01", 0, 1, NULL, "1", "probability that a bit flips"},
    {"metanorm", MARL_OPTION_BOOL, "true", 0, 0, NULL, "1",
     "who sees a defection and does not punish it can be punished"},
    {"cycles", MARL_OPTION_INT, "1000", 1, 1e9, NULL, "generations", "generations of a run"},
};

void marl_norms_rules_read(const MarlSection *config, MarlNormsRules *rules) {
  *rules = (MarlNormsRules){
      .num_players = marl_section_int(config, "num_agents"),
      .chances = marl_section_int(config, "chances"),
      .metanorm = marl_section_bool(config, "metanorm"),
      .temptation = marl_section_real(config, "temptation"),
      .hurt = marl_section_real(config, "hurt"),
      .punishment = marl_section_real(config, "punishment"),
      .enforcement = marl_section_real(config, "enforcement"),
      .mutation = marl_section_real(config, "mutation"),
  };
}

/* Uniform numbers in the order of use, four from a Philox block. */
typedef struct Draws {
  MarlKey key;
  uint64_t used;
  uint32_t word[4];
} Draws;

static double draw(Draws *d) {
  if (d->used % 4 == 0) marl_philox(d->key, d->used / 4, d->word);
  return ((double)d->word[d->used++ % 4] + 0.5) * 0x1p-32;
}

static int draw_below(Draws *d, int n) {
  return (int)(draw(d) * n);
}

static Draws draws_of(const MarlNormsGame *game) {
  return (Draws){.key = marl_key_fold(game->key, (uint64_t)game->generation)};
}

void marl_norms_game_begin(const MarlNormsRules *rules, MarlKey key, MarlNormsGame *game) {
  *game = (MarlNormsGame){.rules = *rules, .key = key};
  Draws d = draws_of(game);
  for (int i = 0; i < rules->num_players; ++i) {
    game->boldness[i] = (uint8_t)draw_below(&d, MARL_NORMS_TRAIT_MAX + 1);
    game->vengefulness[i] = (uint8_t)draw_below(&d, MARL_NORMS_TRAIT_MAX + 1);
  }
  game->generation = 1;
}

typedef struct Counts {
  int64_t defections, punishments, metapunishments;
} Counts;

static bool punishes(const MarlNormsGame *game, Draws *d, int player) {
  return draw(d) * MARL_NORMS_TRAIT_MAX < game->vengefulness[player];
}

static void judge_bystander(MarlNormsGame *game, Draws *d, int defector, int bystander, double seen,
                            Counts *counts) {
  const MarlNormsRules *r = &game->rules;
  for (int third = 0; third < r->num_players; ++third) {
    if (third == defector || third == bystander) continue;
    if (draw(d) >= seen || !punishes(game, d, third)) continue;
    game->score[bystander] += r->punishment;
    game->score[third] += r->enforcement;
    ++counts->metapunishments;
  }
}

static void defect(MarlNormsGame *game, Draws *d, int defector, double seen, Counts *counts) {
  const MarlNormsRules *r = &game->rules;
  ++counts->defections;
  game->score[defector] += r->temptation;
  for (int other = 0; other < r->num_players; ++other)
    if (other != defector) game->score[other] += r->hurt;
  for (int other = 0; other < r->num_players; ++other) {
    if (other == defector || draw(d) >= seen) continue;
    if (punishes(game, d, other)) {
      game->score[defector] += r->punishment;
      game->score[other] += r->enforcement;
      ++counts->punishments;
    } else if (r->metanorm) {
      judge_bystander(game, d, defector, other, seen, counts);
    }
  }
}

static uint8_t mutate(const MarlNormsGame *game, Draws *d, uint8_t trait) {
  for (int bit = 0; bit < MARL_NORMS_TRAIT_BITS; ++bit)
    if (draw(d) < game->rules.mutation) trait = (uint8_t)(trait ^ (1u << bit));
  return trait;
}

/* parents[] of the next generation: by score, then trimmed or filled at random. */
static void choose_parents(const MarlNormsGame *game, Draws *d, int *parents) {
  const int n = game->rules.num_players;
  double mean = 0.0, variance = 0.0;
  for (int i = 0; i < n; ++i) mean += game->score[i] / n;
  for (int i = 0; i < n; ++i)
    variance += (game->score[i] - mean) * (game->score[i] - mean) / (n - 1);
  const double deviation = sqrt(variance);
  int pool[2 * MARL_NORMS_MAX_PLAYERS] = {0}, size = 0;
  for (int i = 0; i < n; ++i) {
    const double lead = game->score[i] - mean;
    if (lead < -deviation) continue;
    pool[size++] = i;
    if (deviation > 0.0 && lead >= deviation) pool[size++] = i;
  }
  while (size > n) pool[draw_below(d, size)] = pool[size - 1], --size;
  const int born = size;
  while (size < n) pool[size] = pool[draw_below(d, born)], ++size;
  memcpy(parents, pool, (size_t)n * sizeof *parents);
}

static void reproduce(MarlNormsGame *game, Draws *d) {
  int parents[MARL_NORMS_MAX_PLAYERS];
  uint8_t boldness[MARL_NORMS_MAX_PLAYERS], vengefulness[MARL_NORMS_MAX_PLAYERS];
  choose_parents(game, d, parents);
  for (int i = 0; i < game->rules.num_players; ++i) {
    boldness[i] = mutate(game, d, game->boldness[parents[i]]);
    vengefulness[i] = mutate(game, d, game->vengefulness[parents[i]]);
  }
  memcpy(game->boldness, boldness, (size_t)game->rules.num_players);
  memcpy(game->vengefulness, vengefulness, (size_t)game->rules.num_players);
}

static void measure(const MarlNormsGame *game, const Counts *counts, double *metrics,
                    double *whole) {
  const double n = game->rules.num_players;
  double boldness = 0.0, vengefulness = 0.0, score = 0.0;
  for (int i = 0; i < game->rules.num_players; ++i) {
    boldness += game->boldness[i];
    vengefulness += game->vengefulness[i];
    score += game->score[i];
  }
  const double defections = (double)counts->defections;
  metrics[MARL_NORMS_COOPERATION] = 1.0 - defections / (n * game->rules.chances);
  metrics[MARL_NORMS_BOLDNESS] = boldness / (n * MARL_NORMS_TRAIT_MAX);
  metrics[MARL_NORMS_VENGEFULNESS] = vengefulness / (n * MARL_NORMS_TRAIT_MAX);
  metrics[MARL_NORMS_WELFARE] = score / n;
  marl_ratio((double)counts->punishments, defections, MARL_NORMS_PUNISHMENTS, metrics, whole);
  marl_ratio((double)counts->metapunishments, defections, MARL_NORMS_METAPUNISHMENTS, metrics,
             whole);
  metrics[MARL_NORMS_ESTABLISHED] = boldness <= 2 * n && vengefulness >= 5 * n;
  metrics[MARL_NORMS_COLLAPSED] = boldness >= 6 * n && vengefulness <= n;
}

void marl_norms_game_generation(MarlNormsGame *game, double metrics[MARL_NORMS_NUM_METRICS],
                                double *whole) {
  const MarlNormsRules *r = &game->rules;
  Draws d = draws_of(game);
  Counts counts = {0, 0, 0};
  memset(game->score, 0, sizeof game->score);
  for (int i = 0; i < r->num_players; ++i)
    for (int chance = 0; chance < r->chances; ++chance) {
      const double seen = draw(&d);
      if (seen * MARL_NORMS_TRAIT_MAX < game->boldness[i]) defect(game, &d, i, seen, &counts);
    }
  measure(game, &counts, metrics, whole);
  reproduce(game, &d);
  ++game->generation;
}
