/* Fields as files: vorticity, velocity (u, v) and stream function, as output.fields asks, fields_<step>.h5 with dimensions time (1), y, x. One file a time, so
 * that each is whole and a resumed run writes the same ones again; xarray joins them
 * (open_mfdataset("fields_*.h5")). */
#ifndef MARL_PHYSICS_FLOW_FIELDS_H
#define MARL_PHYSICS_FLOW_FIELDS_H

#include "marl/core/option.h"
#include "marl/run/picture.h"
#include "physics/solver.h"

enum {
  MARL_FIELD_VORTICITY = 1 << 0,
  MARL_FIELD_VELOCITY = 1 << 1,
  MARL_FIELD_STREAMFUNCTION = 1 << 2,
  MARL_FIELD_SINGLE = 1 << 3,     /* 32-bit numbers */
  MARL_FIELD_COMPRESSED = 1 << 4, /* without loss */
};

extern const MarlOptionTable marl_flow_fields_options; /* of section output */
/* Bits of the fields that the options name, and of how they are written. */
MarlCode marl_flow_fields_choice(const MarlSection *output, unsigned *fields,
                                 MarlError *err) MARL_NODISCARD;

/* Collective; rank 0 gathers and writes. */
MarlCode marl_flow_fields_write(MarlSolver *solver, unsigned fields, const MarlRunFolder *folder,
                                MarlError *err) MARL_NODISCARD;

/* The vorticity as a panel of a picture, on rank 0. Collective. */
MarlCode marl_flow_fields_look(MarlSolver *solver, MarlPicture *picture,
                               MarlError *err) MARL_NODISCARD;

#endif
