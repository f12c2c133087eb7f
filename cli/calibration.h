/* What a run will need, from a few seconds of it on one rank. */
#ifndef MARL_CLI_CALIBRATION_H
#define MARL_CLI_CALIBRATION_H

#include "marl/core/error.h"

typedef struct MarlCalibration {
  double seconds; /* that it ran */
  double share; /* of the whole run that was done then, by its own progress; 0: it could not tell */
  double memory; /* of the process at its largest, MiB */
} MarlCalibration;

/* Runs argv (NULL-terminated, argv[0] the program) with `--out TEMPORARY --quiet` behind, for `seconds` at
 * most, and removes what it wrote. MARL_ECONFIG with its own sentence if it refuses its configuration. */
MarlCode marl_calibrate(char **argv, int argc, double seconds, MarlCalibration *out,
                        MarlError *err) MARL_NODISCARD;

#endif
