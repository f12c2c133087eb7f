/* A flow that starts from a field in a file
 *
 * A dataset [y, x], or [sample, y, x] and then field `sample` of it, of an HDF5 (or netCDF-4) file.
 * Dimension scales tell its axes by name (x or lon or longitude, y or lat or latitude, with or
 * without digits behind: x64), in any order; without names the order above is taken. Coordinates tell its box, which
 * must be the flow's; without them its cells must have the shape of the flow's. scale_factor and
 * add_offset are applied; a field that holds its _FillValue or missing_value is refused. The field is
 * then cut or padded to the flow's modes, and its mean removed. */
#ifndef MARL_PHYSICS_INITIAL_FILE_H
#define MARL_PHYSICS_INITIAL_FILE_H

#include "physics/initial.h"

/* MARL_ECONFIG that names file and dataset if the field does not fit. Collective. */
MarlCode marl_initial_apply_file(const MarlInitial *initial, MarlSolver *solver,
                                 MarlError *err) MARL_NODISCARD;

#endif
