/* Lattices from a configuration: sections env and learner of the populations `lattice`, `imitation` and
 * of the command `marl lattice`. */
#ifndef MARL_ENVS_LATTICE_LATTICE_CONFIG_H
#define MARL_ENVS_LATTICE_LATTICE_CONFIG_H

#include "envs/lattice/lattice.h"

enum {
  MARL_LATTICE_NUM_ENV_OPTIONS = 9,
  MARL_LATTICE_NUM_LEARNER_OPTIONS = 4,
  MARL_IMITATION_NUM_ENV_OPTIONS = 9,
};
extern const MarlOption marl_lattice_env_options[MARL_LATTICE_NUM_ENV_OPTIONS];
extern const MarlOption marl_lattice_learner_options[MARL_LATTICE_NUM_LEARNER_OPTIONS];
extern const MarlOption marl_imitation_env_options[MARL_IMITATION_NUM_ENV_OPTIONS];

/* `learner` is not read when imitating. */
MarlCode marl_lattice_read(MarlLatticeUpdate update, const MarlSection *env,
                           const MarlSection *learner, MarlLatticeParams *out,
                           MarlError *err) MARL_NODISCARD;

/* Of one cycle, in the order of marl_lattice_metric_names; learners have the first
 * MARL_LATTICE_NUM_COMMON of them. */
enum {
  MARL_LATTICE_COOPERATION,
  MARL_LATTICE_WELFARE,
  MARL_LATTICE_GROSS_WELFARE,
  MARL_LATTICE_FINES, /* given, of an agent in a step */
  MARL_LATTICE_ALIKE, /* share of neighbors that act alike */
  MARL_LATTICE_NUM_COMMON,
  MARL_LATTICE_NUM_METRICS = MARL_LATTICE_NUM_COMMON + MARL_NUM_LATTICE_KINDS,
};
extern const char *const marl_lattice_metric_names[MARL_LATTICE_NUM_METRICS];
int marl_lattice_num_metrics(MarlLatticeUpdate update);
void marl_lattice_metrics(const MarlLatticeParams *params, const MarlLatticeCounts *counts,
                          double *metrics);

#endif
