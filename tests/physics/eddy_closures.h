/* Closures that only tests use: one eddy viscosity in each of the three forms of closure.h. */
#ifndef MARL_TESTS_PHYSICS_EDDY_CLOSURES_H
#define MARL_TESTS_PHYSICS_EDDY_CLOSURES_H

#include "tests/physics/flow_fields.h"

typedef struct EddyClosure {
  MarlClosure base;
  double viscosity; /* nu_e, L^2/T */
} EddyClosure;

/* tau = -2 nu_e S */
static inline MarlCode eddy_stress(MarlClosure *closure, const MarlFlow *flow, MarlSubgrid *out,
                                   MarlError *err) {
  (void)err;
  const double nu = ((EddyClosure *)closure)->viscosity;
  for (size_t i = 0; i < flow->grid->num_physical; ++i) {
    out->tau11[i] = -2 * nu * flow->s11[i];
    out->tau12[i] = -2 * nu * flow->s12[i];
  }
  out->has_stress = true;
  return MARL_OK;
}

/* -PI_hat = -nu_e k^2 w_hat */
static inline MarlCode eddy_tendency(MarlClosure *closure, const MarlFlow *flow, MarlSubgrid *out,
                                     MarlError *err) {
  (void)err;
  const double nu = ((EddyClosure *)closure)->viscosity;
  for (size_t i = 0; i < flow->grid->num_spectral; ++i)
    out->tendency[i] = -nu * flow->grid->k2[i] * flow->w_hat[i];
  out->has_tendency = true;
  return MARL_OK;
}

static inline MarlCode eddy_uniform(MarlClosure *closure, const MarlFlow *flow, MarlSubgrid *out,
                                    MarlError *err) {
  (void)err;
  (void)flow;
  out->uniform.viscosity = ((EddyClosure *)closure)->viscosity;
  return MARL_OK;
}

static const MarlClosureOps eddy_stress_ops = {
    .name = "eddy_stress", .needs = MARL_NEED_STRAIN, .stress = true, .evaluate = eddy_stress};
static const MarlClosureOps eddy_tendency_ops = {
    .name = "eddy_tendency", .tendency = true, .evaluate = eddy_tendency};
static const MarlClosureOps eddy_uniform_ops = {.name = "eddy_uniform", .evaluate = eddy_uniform};

#endif
