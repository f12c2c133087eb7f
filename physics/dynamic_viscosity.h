/* What the dynamic closures share: an eddy viscosity nu_e = C Delta^p r with a coefficient from the
 * Germano identity in vorticity form (germano.h), for the domain or for every point. A closure
 * names p and the rate r of the flow. */
#ifndef MARL_PHYSICS_DYNAMIC_VISCOSITY_H
#define MARL_PHYSICS_DYNAMIC_VISCOSITY_H

#include "physics/closure.h"
#include "physics/germano.h"

typedef struct MarlDynamicModel {
  int power;                                                /* p of Delta */
  void (*rate)(const MarlFlow *flow, double *out);          /* r, [ny_local, nx] */
  double (*mean)(const MarlFlow *flow, const double *rate); /* r of the uniform form; collective */
  const MarlClosureOps *uniform, *local;
} MarlDynamicModel;

typedef struct MarlDynamicViscosity {
  MarlClosure base;
  const MarlDynamicModel *model;
  double delta; /* L */
  double *rate; /* [ny_local, nx], owned */
  MarlGermano germano;
} MarlDynamicViscosity;

enum { MARL_DYNAMIC_NUM_OPTIONS = 1 };
extern const MarlOption marl_dynamic_options[MARL_DYNAMIC_NUM_OPTIONS];

MarlCode marl_dynamic_create(const MarlDynamicModel *model, const MarlGrid *grid,
                             const MarlSection *config, MarlClosure **out,
                             MarlError *err) MARL_NODISCARD;
/* Members of MarlClosureOps. */
void marl_dynamic_destroy(MarlClosure *closure);
MarlCode marl_dynamic_evaluate_uniform(MarlClosure *closure, const MarlFlow *flow, MarlSubgrid *out,
                                       MarlError *err);
MarlCode marl_dynamic_evaluate_local(MarlClosure *closure, const MarlFlow *flow, MarlSubgrid *out,
                                     MarlError *err);

#endif
