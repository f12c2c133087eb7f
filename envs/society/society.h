/* A society of deep Q-learners: one population whose agents own a network for each role.
 *
 * Each takes one learning step a transition (protocol.h: those of the profile). Everything of a
 * society is a function of its rules, profile and key, so that many of them (seeds, mechanisms)
 * can be spread over ranks in any way. One society fits the second-level cache; a batch of
 * replicas therefore runs one after the other. */
#ifndef MARL_ENVS_SOCIETY_SOCIETY_H
#define MARL_ENVS_SOCIETY_SOCIETY_H

#include "envs/society/census.h"
#include "envs/society/population.h"
#include "envs/society/profile.h"

/* Of one cycle: the population's metrics, then shares of agents by strategy class. */
enum { MARL_NUM_SOCIETY_METRICS = MARL_NUM_DILEMMA_METRICS + MARL_NUM_STRATEGY_CLASSES };
extern const char *const marl_society_metric_names[MARL_NUM_SOCIETY_METRICS];

typedef struct MarlSociety MarlSociety;

/* rules->cycles is the length of the run that memory is reserved for. */
MarlCode marl_society_create(const MarlDilemmaRules *rules, const MarlProfile *profile, MarlKey key,
                             MarlSociety **out, MarlError *err) MARL_NODISCARD;
void marl_society_destroy(MarlSociety **society);

/* One cycle with exploration and learning. Ratios are apart in metrics and whole, or values if
 * whole is NULL (marl/core/ratio.h). */
void marl_society_cycle(MarlSociety *society, double metrics[MARL_NUM_SOCIETY_METRICS],
                        double *whole);

/* `cycles` more cycles in which everybody is greedy and nobody learns, played on a copy. */
MarlCode marl_society_greedy(const MarlSociety *society, int cycles,
                             double metrics[MARL_NUM_DILEMMA_METRICS], double *whole,
                             MarlError *err) MARL_NODISCARD;

/* Between two cycles, bit for bit; loaded into a society of the same rules, profile and key. */
MarlCode marl_society_save(const MarlSociety *society, MarlStore *to,
                           MarlError *err) MARL_NODISCARD;
MarlCode marl_society_load(MarlSociety *society, MarlStore *from, MarlError *err) MARL_NODISCARD;

int64_t marl_society_learning_steps(const MarlSociety *society); /* of all networks */

#endif
