/* What the dynamic closures share: an eddy viscosity nu_e = C Delta^p r with a coefficient by one of
 * three identities. `guan`: germano.h, for the domain or for every point. `germano_lilly`: least
 * squares of the stress (germano_lilly.h), `germano_lilly_vorticity`: of the vorticity equation
 * (germano.h), both for the domain, and 0 where they are negative. A closure names p and the rate r
 * of the flow. */
#ifndef MARL_PHYSICS_DYNAMIC_VISCOSITY_H
#define MARL_PHYSICS_DYNAMIC_VISCOSITY_H

#include "physics/closure.h"
#include "physics/germano.h"
#include "physics/germano_lilly.h"

typedef enum MarlIdentity {
  MARL_IDENTITY_GUAN,
  MARL_IDENTITY_GERMANO_LILLY,
  MARL_IDENTITY_GERMANO_LILLY_VORTICITY,
} MarlIdentity;

typedef struct MarlDynamicModel {
  int power;                                                /* p of Delta */
  void (*rate)(const MarlFlow *flow, double *out);          /* r, [ny_local, nx] */
  double (*mean)(const MarlFlow *flow, const double *rate); /* r of the uniform form; collective */
  const MarlClosureOps *ops;                                /* of the uniform form by `guan` */
} MarlDynamicModel;

typedef struct MarlDynamicViscosity {
  MarlClosure base;
  MarlClosureOps ops; /* the model's, as the form and the identity have them */
  const MarlDynamicModel *model;
  double delta; /* L */
  double *rate; /* [ny_local, nx], owned */
  MarlIdentity identity;
  MarlGermano germano;    /* empty under germano_lilly */
  MarlGermanoLilly lilly; /* empty under guan */
} MarlDynamicViscosity;

enum { MARL_DYNAMIC_NUM_OPTIONS = 2 };
extern const MarlOption marl_dynamic_options[MARL_DYNAMIC_NUM_OPTIONS];

MarlCode marl_dynamic_create(const MarlDynamicModel *model, const MarlGrid *grid,
                             const MarlSection *config, MarlClosure **out,
                             MarlError *err) MARL_NODISCARD;
/* Members of MarlClosureOps; those of other forms and identities are put in by marl_dynamic_create. */
void marl_dynamic_destroy(MarlClosure *closure);
MarlCode marl_dynamic_evaluate_uniform(MarlClosure *closure, const MarlFlow *flow, MarlSubgrid *out,
                                       MarlError *err);
/* Of the uniform form by `guan`, from its scales: MARL_SCALE_GRADIENT_MEAN or MARL_SCALE_VORTICITY, and
 * the dynamic one. */
MarlDamping marl_dynamic_damping(const MarlClosure *closure, const MarlFlowScales *scales);

#endif
