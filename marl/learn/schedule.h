/* The learning rate of a run: constant, or falling linearly to 0
 *
 *   rate(update) = learning_rate (1 - update / length)
 *
 * The length is learner.anneal_updates, or with 0 there run.updates. It belongs to the run: another
 * one on resume would make the rate jump and is refused. So a run that is to be prolonged later
 * begins with learner.anneal_updates, or without annealing. */
#ifndef MARL_LEARN_SCHEDULE_H
#define MARL_LEARN_SCHEDULE_H

#include "marl/core/option.h"
#include "marl/core/store.h"

typedef struct MarlSchedule {
  double rate;    /* of the first update */
  int64_t length; /* updates until it is 0; 0: constant */
} MarlSchedule;

/* Options learning_rate, anneal and anneal_updates of a learner's section. MARL_ECONFIG if the run is
 * longer than its schedule, so that it would go on at rate 0. */
MarlCode marl_schedule_read(const MarlSection *learner, int64_t num_updates, MarlSchedule *out,
                            MarlError *err) MARL_NODISCARD;
/* The same without the option learning_rate: of a rate 1, for a learner that has one for each role. */
MarlCode marl_schedule_read_length(const MarlSection *learner, int64_t num_updates,
                                   MarlSchedule *out, MarlError *err) MARL_NODISCARD;
float marl_schedule_rate(const MarlSchedule *schedule, int64_t update);

/* As the attribute "anneal_updates". Loading compares: MARL_ECONFIG if the run began with another. */
MarlCode marl_schedule_save(const MarlSchedule *schedule, MarlStore *to,
                            MarlError *err) MARL_NODISCARD;
MarlCode marl_schedule_check(const MarlSchedule *schedule, MarlStore *from,
                             MarlError *err) MARL_NODISCARD;

#endif
