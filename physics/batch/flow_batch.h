/* Many small flows stepped together, each a lane of one vector
 *
 *   marl_flow_batch_create(MARL_PRECISION_DOUBLE, &batch, err);
 *   marl_flow_batch_step(batch, solvers, count, n, codes, errors, err);
 *
 * is marl_solver_step(solvers[f], n) for each f, several times as fast where flows are small: same
 * equations, closures and forcings, per step equal to the solver's up to round-off. The solvers own their
 * flows before and after: fields, statistics, restart and views are theirs as ever, and one may be
 * stepped by the batch now and alone later.
 *
 * A flow's bits do not depend on the flows that it is stepped with, on their number or order, nor on how
 * n is split into calls; a flow that blows up ends with its error, and the others go on. The bits do
 * depend on whether the machine has fused multiply-add, by round-off, but not on the width of its
 * vectors.
 *
 * With MARL_PRECISION_FLOAT the flow is advanced in single precision, with twice as many lanes. A state
 * that was not advanced in float is rounded once. Trajectories part from those in double after some ten
 * turnover times, as they do under any change of round-off; no score of runs of 3 x 150 time units told
 * the two apart within its sampling error (benchmarks/RESULTS.md).
 *
 * Which flows: marl_flow_batch_alone says why a solver is stepped by marl_solver_step instead. */
#ifndef MARL_PHYSICS_BATCH_FLOW_BATCH_H
#define MARL_PHYSICS_BATCH_FLOW_BATCH_H

#include "physics/solver.h"

typedef enum MarlPrecision { MARL_PRECISION_DOUBLE, MARL_PRECISION_FLOAT } MarlPrecision;

typedef struct MarlFlowBatch MarlFlowBatch;

MarlCode marl_flow_batch_create(MarlPrecision precision, MarlFlowBatch **out,
                                MarlError *err) MARL_NODISCARD;
void marl_flow_batch_destroy(MarlFlowBatch **batch);

/* Lanes of the widest vector of this machine, and what kind it is of ("avx2"). A block of fewer flows is
 * one of narrower vectors, down to 128 bits; it takes as long as a whole one of those. */
int marl_flow_batch_lanes(const MarlFlowBatch *batch);
const char *marl_flow_batch_kind(const MarlFlowBatch *batch);

/* NULL where the solver, with the closure that it has now, is stepped as a lane; else a line on why not. */
const char *marl_flow_batch_alone(const MarlSolver *solver);

/* Can the two be lanes of one block? */
bool marl_flow_batch_together(const MarlSolver *a, const MarlSolver *b);
/* All lanes of a block take what the closure of any of them asks for: 0, 1 or 2 (a dynamic coefficient) is how much
 * that is. Where there are more flows than lanes, the dear ones are best together. */
int marl_flow_batch_cost(const MarlSolver *solver);

/* n steps of each of `count` different solvers. codes [count] and errors [count] (may be NULL) become
 * what marl_solver_step gives for each. Fails itself only for lack of memory; then what codes say holds
 * for no flow. Collective where a solver is. */
MarlCode marl_flow_batch_step(MarlFlowBatch *batch, MarlSolver *const *solvers, int count,
                              int64_t n, MarlCode *codes, MarlError *errors,
                              MarlError *err) MARL_NODISCARD;

#endif
