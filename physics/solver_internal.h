/* Inside of the solver, shared by solver*.c and integrator_*.c and nobody else. */
#ifndef MARL_PHYSICS_SOLVER_INTERNAL_H
#define MARL_PHYSICS_SOLVER_INTERNAL_H

#include <stdbool.h>

#include "physics/advection.h"
#include "physics/column_lanes.h"
#include "physics/products.h"
#include "physics/solver.h"

enum { MARL_SOLVER_CHECK_EVERY = 10, MARL_NUM_FLOW_FIELDS = 7 };

/* The scheme of one time step. */
typedef struct MarlIntegratorOps {
  const char *name;
  double cfl_limit; /* of dt max(|u|/dx + |v|/dy): beyond it the scheme is certainly unstable */
  int num_arrays;   /* spectral work arrays beside the vorticity */
  int num_memory;   /* the first of them that a restart needs */
  bool has_factors; /* decay, and rotation if there is beta */
  /* The state is checked; s->dt is the step to take. Collective. */
  MarlCode (*step)(MarlSolver *s, MarlError *err);
} MarlIntegratorOps;

/* by MarlIntegrator */
extern const MarlIntegratorOps marl_integrator_ifab2, marl_integrator_ab2cn, marl_integrator_ifrk4;

struct MarlSolver {
  MarlSolverParams params;
  const MarlIntegratorOps *integrator;
  MarlGrid *grid;
  MarlFft *fft;      /* of every mode, for closures and callers */
  MarlFft *kept_fft; /* of the kept columns, for the fields of the view */
  MarlAdvection *advection;
  MarlClosure *closure; /* borrowed, may be NULL */
  int noise_modes;

  MarlComplex *w_hat;      /* [nk_local, ny] */
  MarlComplex *work[3];    /* [nk_local, ny] each, integrator->num_arrays of them */
  bool velocities_current; /* the advection, or the lanes, hold those of w_hat */
  bool has_memory;         /* work[0 .. num_memory-1] hold older tendencies */
  double time, dt, speed;  /* speed: the largest |u|/dx + |v|/dy at the last check */
  double chosen_dt;        /* cfl > 0: of the last check; a step that lands on a time is shorter */
  int64_t steps;
  /* fixed steps: time = clock_time + (steps - clock_steps) clock_dt, not a sum of rounded steps */
  double clock_time, clock_dt;
  int64_t clock_steps;

  /* linear factors of ifab2, or of ifrk4 in work[2], and what they were made for */
  double *decay;         /* [kept columns, ny] */
  MarlComplex *rotation; /* [kept columns, ny]; NULL without beta */
  double factor_dt;
  MarlDamping factor_damping;

  /* The flow with its columns as lanes, made when first needed (solver_lanes.c). Between calls w_hat and
   * work[0] are the flow whoever steps it. */
  MarlColumnLanes *lanes;
  bool in_lanes;     /* they step it, not the advection */
  bool lanes_ahead;  /* of w_hat and work[0] */
  bool lane_factors; /* they have the factors of now */

  /* the view and the closure's answer; arrays are allocated when first needed */
  MarlFlow flow;
  MarlComplex *psi_hat;
  double *field[MARL_NUM_FLOW_FIELDS];
  MarlSubgrid subgrid;
  MarlComplex *tau11_hat, *tau12_hat; /* where the advection cannot fold it */
  MarlProducts *products;             /* of a stress of points that is padded, else NULL */
};

/* Ask the closure about vorticity w_hat, unless the products do; without one the answer is zero.
 * Collective. */
MarlCode marl_solver_evaluate(MarlSolver *s, const MarlComplex *w_hat, MarlError *err);
/* The closure's stress is asked for inside the products, point by point. */
bool marl_solver_has_points(const MarlSolver *s);
/* Viscosity and the closure's uniform damping */
MarlDamping marl_solver_damping(const MarlSolver *s);
/* At the start of a step on the check's cadence: `speed` is the largest |u|/dx + |v|/dy, INFINITY if
 * not finite. MARL_ENUMERIC when the flow is not finite or dt too large; with cfl > 0 this is also where
 * dt changes. Collective. */
MarlCode marl_solver_check(MarlSolver *s, double speed, MarlError *err);
/* dt of this step and the time after it: an adaptive step ends at `landing` where it would pass it,
 * and is half of the way where one more would be a sliver. */
double marl_solver_choose_dt(MarlSolver *s, double landing);
/* A flow that broke down after the last check must not leave a call unnoticed. Collective. */
MarlCode marl_solver_check_finite(const MarlSolver *s, MarlError *err);
/* Decay and rotation of ifab2 for s->dt and marl_solver_damping(s). Only when these are others than last
 * time, for many closures have no damping that is uniform: returns whether. */
bool marl_ifab2_factors(MarlSolver *s);
/* Products of the current velocities and the closure's stress. Collective. */
void marl_solver_products(MarlSolver *s, double *speed);
/* N_hat of own column i gets the forcing and the closure's stress, unless that was folded. */
void marl_solver_complete_column(const MarlSolver *s, int i, MarlComplex *n_hat);

/* Steps by lanes. Can they do it? Whatever the closure is by now. */
bool marl_solver_by_lanes(const MarlSolver *s);
/* Vorticity, memory and forcing into lanes, if velocities_current is false. Collective. */
MarlCode marl_solver_lanes_begin(MarlSolver *s, MarlError *err);
void marl_solver_lanes_products(MarlSolver *s, double *speed);
/* A step of ifab2 from the products to the next velocities. Collective. */
void marl_solver_lanes_advance(MarlSolver *s);
/* What they are ahead, into w_hat and work[0]. */
void marl_solver_lanes_store(MarlSolver *s);

/* The two runs of kept ky of a column: [first, first + count) */
typedef struct MarlRun {
  int first, count;
} MarlRun;
void marl_solver_runs(const MarlSolver *s, MarlRun runs[2]);

#endif
