/* The social norms of indirect reciprocity by their names; what a norm is and what it does to a
 * population: theory/norm.h. Norms are plugins: a line each in norm_table.c, or registered by a
 * program of its own. */
#ifndef MARL_ENVS_SOCIETY_NORM_H
#define MARL_ENVS_SOCIETY_NORM_H

#include "marl/core/plugin.h"
#include "theory/norm.h"

/* Bits of a norm, 1 is good:
 *   four of second order     D to bad, D to good, C to bad, C to good
 *   eight of third order     (donor, recipient, act) = BBD BBC BGD BGC GBD GBC GGD GGC
 *   twelve                   the same, then acts BB BG GB GG, 1 is cooperation
 * Donors of the first two cooperate with the good. Punishing is bad. */
typedef struct MarlNormOps {
  MARL_PLUGIN;
  const char *bits;
} MarlNormOps;

extern MarlKind marl_kind_norms;
MarlCode marl_register_norm(const MarlNormOps *ops, MarlError *err) MARL_NODISCARD;

/* A norm by name or by its bits. MARL_ECONFIG when it is neither. */
MarlCode marl_norm_parse(const char *text, MarlNorm *out, MarlError *err) MARL_NODISCARD;

#endif
