/* The social norms of indirect reciprocity by their names; what a norm is and what it does to a
 * population: theory/norm.h. */
#ifndef MARL_ENVS_SOCIETY_NORM_H
#define MARL_ENVS_SOCIETY_NORM_H

#include "marl/core/error.h"
#include "theory/norm.h"

/* A norm by name (image_scoring, standing, stern_judging, shunning, all_good, all_bad, L1 .. L8), or
 * by its bits, 1 is good: four of second order, D to bad, D to good, C to bad, C to good, whose
 * donors discriminate; or eight of third order, (donor, recipient, action) = BBD BBC BGD BGC GBD
 * GBC GGD GGC. Punishing is bad. MARL_ECONFIG when it is neither. */
MarlCode marl_norm_parse(const char *text, MarlNorm *out, MarlError *err) MARL_NODISCARD;

#endif
