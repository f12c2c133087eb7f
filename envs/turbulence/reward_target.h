/* What a reward compares with: mean and spread of the enstrophy spectrum, and the density, of one
 * field of the reference (env.target), over all of its run or over env.samples training fields
 *
 * From n fields: eps_ref their mean, s_k their standard deviation (n - 1) over it, the density their
 * histogram; each field cut to what the LES keeps, and for `filtered` filtered by the Gaussian of
 * width 2 L / N first, as the reference's own statistics are (reference.h). */
#ifndef MARL_ENVS_TURBULENCE_REWARD_TARGET_H
#define MARL_ENVS_TURBULENCE_REWARD_TARGET_H

#include "envs/turbulence/params.h"
#include "envs/turbulence/score.h"

/* Fills spectrum [num_k] and, where it is known, deviation [num_k] = s_k (else *spread is false) and
 * density [num_bins] (else *dense is false). MARL_ECONFIG if the reference has no such field. */
MarlCode marl_reward_target(const MarlTurbulenceParams *params, const MarlReference *reference,
                            const MarlScoreTarget *score, double *spectrum, double *deviation,
                            double *density, bool *spread, bool *dense,
                            MarlError *err) MARL_NODISCARD;

#endif
