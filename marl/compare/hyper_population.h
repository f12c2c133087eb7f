/* Population-based training: settings that change while a population trains.
 *
 * Members train side by side for a round. Then each of the worst goes on from the state of one of the best,
 * drawn at random ("exploit", by truncation), with that one's settings, each of them raised or lowered
 * ("explore").
 *   M. Jaderberg et al., "Population based training of neural networks", arXiv:1711.09846, section 3 and
 *   appendix A.1: worst and best 20 % of the population, factors 1.2 and 0.8 (here 1.2 and 1 / 1.2).
 * Here members wait for each other at the end of a round, so that who follows whom is a function of seed and
 * scores alone; in the paper they do not wait. */
#ifndef MARL_COMPARE_HYPER_POPULATION_H
#define MARL_COMPARE_HYPER_POPULATION_H

#include "marl/compare/parameter_points.h"

typedef struct MarlHyperPopulation MarlHyperPopulation;

/* Member m begins with the settings of point m. `share` in (0, 1/2] of the members, one at least, are the
 * worst, and as many the best; `factor` > 1 as in marl_points_perturb. `points`, all ranges, is borrowed. */
MarlCode marl_hyper_population_create(const MarlPoints *points, int num_rounds, double share,
                                      double factor, uint64_t seed, MarlHyperPopulation **out,
                                      MarlError *err) MARL_NODISCARD;
void marl_hyper_population_destroy(MarlHyperPopulation **population); /* NULL inside is accepted */

/* Round `round` has ended with scores [members], the larger the better; NaN, worse than all numbers: nothing
 * is known of it; -infinity, worse still: there is no state to go on from, and the member is among the worst
 * however many they are. Of equal ones the lower member is the better. Settles the next round; false if
 * nobody has a state. */
bool marl_hyper_population_step(MarlHyperPopulation *population, int round, const double *scores);

/* In a round that is settled (the first is from the start): a setting's text; the member whose state at the
 * end of the round before this one begins with, -1 in the first; the member of the first round that its
 * state goes back to. */
const char *marl_hyper_population_value(const MarlHyperPopulation *population, int round,
                                        int member, int axis);
int marl_hyper_population_parent(const MarlHyperPopulation *population, int round, int member);
int marl_hyper_population_origin(const MarlHyperPopulation *population, int round, int member);

#endif
