/* The flow that a reference file is of, as attributes of its root group
 *
 *   reference_format 2
 *   viscosity L^2/T  linear_drag 1/T  beta 1/(L T)  domain_length L (along x)  domain_length_y L
 *   forcing_name none|kolmogorov|ring  forcing_wavenumber 1/L
 *   forcing_amplitude L/T^2  forcing_direction x|y|xy  (kolmogorov)
 *   forcing_width 1/L  forcing_injection L^2/T^3       (ring)
 *   units: these units as a text;  reynolds = 1 / viscosity
 *
 * with the meaning of the options of sections flow, forcing and grid of a configuration
 * (flow_config.h, forcing.h). Files of format 1, and foreign ones, have some of them only: their
 * statistics are read, but their flow is not run (marl_reference_flow) until `marl reference CONFIG
 * --describe FILE` has written the rest. */
#ifndef MARL_PHYSICS_REFERENCE_FLOW_H
#define MARL_PHYSICS_REFERENCE_FLOW_H

#include "physics/reference.h"

enum { MARL_REFERENCE_FORMAT = 2 };

/* All attributes above. Serial. */
MarlCode marl_reference_write_flow(const MarlSolverParams *params, MarlStore *to,
                                   MarlError *err) MARL_NODISCARD;
/* Fill the members of `out` that describe the flow; what is missing is named in out->missing.
 * MARL_EIO if viscosity, linear_drag, beta, forcing_wavenumber or domain_length is missing, if a
 * name is unknown or the format is newer. */
MarlCode marl_reference_read_flow(MarlStore *from, MarlReference *out,
                                  MarlError *err) MARL_NODISCARD;

/* Write the file PATH again with the attributes of `flow` and all else as it was. MARL_ECONFIG, with
 * both values, if the file says otherwise of the flow already. Serial. */
MarlCode marl_reference_describe(const char *path, const MarlSolverParams *flow,
                                 MarlError *err) MARL_NODISCARD;

/* The flow of the reference on n x n points, all else as marl_solver_defaults. MARL_ECONFIG if the
 * file lacks some of it (the message says what, and what to do) or the box is not square. */
MarlCode marl_reference_flow(const MarlReference *reference, int n, MarlSolverParams *out,
                             MarlError *err) MARL_NODISCARD;

#endif
