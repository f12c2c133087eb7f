/* An episode of a policy as pictures, for `marl render`. */
#ifndef MARL_LEARN_FILM_H
#define MARL_LEARN_FILM_H

#include "marl/learn/evaluate.h"

/* Which pictures: the first is of the state that the episode begins with. */
typedef struct MarlFilm {
  int64_t
      every;  /* steps between two; 0: one at each step, or where the environment has cycles one at
                    the end of each */
  int frames; /* at most */
} MarlFilm;

/* The first episode of `task` (its number of episodes is not read) into `to`: frames as
 * marl_picture_append writes them, how many it may have (attribute most_frames), with metrics [frame, metric] and reward [frame], the mean over
 * agents of what they have earned since the frame before. MARL_ECONFIG if the environment shows
 * nothing. Serial. */
MarlCode marl_film_episode(const MarlPolicy *policy, const MarlEvaluationTask *task, MarlFilm film,
                           MarlStore *to, MarlError *err) MARL_NODISCARD;

#endif
