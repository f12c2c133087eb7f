/* Vorticity fields as files: fields_<step>.h5 with dimensions time (1), y, x. One file a time, so
 * that each is whole and a resumed run writes the same ones again; xarray joins them
 * (open_mfdataset("fields_*.h5")). */
#ifndef MARL_CLI_FLOW_FIELDS_H
#define MARL_CLI_FLOW_FIELDS_H

#include "physics/solver.h"

/* Collective; rank 0 gathers and writes. */
MarlCode marl_flow_fields_write(MarlSolver *solver, const char *folder,
                                MarlError *err) MARL_NODISCARD;

#endif
