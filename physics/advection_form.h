/* The forms in which the advection is computed; physics/advection.h has the formulas. */
#ifndef MARL_PHYSICS_ADVECTION_FORM_H
#define MARL_PHYSICS_ADVECTION_FORM_H

typedef enum MarlAdvectionForm {
  MARL_ADVECTION_BASDEVANT,      /* curl div(u u), half the work */
  MARL_ADVECTION_SKEW_SYMMETRIC, /* [div(u w) + u.grad w] / 2: stable where products are aliased */
} MarlAdvectionForm;

#endif
