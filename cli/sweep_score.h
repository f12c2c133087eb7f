/* How good a training is: a column of its metrics.csv. */
#ifndef MARL_CLI_SWEEP_SCORE_H
#define MARL_CLI_SWEEP_SCORE_H

#include <stdint.h>

#include "marl/core/error.h"

/* The mean of `column` (""; the first that begins with return_) over replicas and over the updates
 * (upto - tail, upto]; NaN where no row has it. *last becomes the last update of the file, -1 without rows.
 * MARL_ECONFIG if there is no such column; MARL_EIO if the file cannot be read. */
MarlCode marl_sweep_score(const char *path, const char *column, int64_t upto, int64_t tail,
                          double *score, int64_t *last, MarlError *err) MARL_NODISCARD;

#endif
