/* Sub-grid closures for the filtered two-dimensional vorticity equation
 *
 *   w_t + u.grad w + beta v = nu lap w - mu w - f - PI,   u = psi_y, v = -psi_x, w = -lap psi
 *
 * A closure supplies PI [1/T^2] in one or more of three forms, all at the sign above:
 * - a deviatoric stress tau [L^2/T^2] with PI = curl(div tau):
 *     PI_hat = kx ky (tau11 - tau22)^ + (ky^2 - kx^2) tau12^, tau22 = -tau11.
 *   An eddy viscosity has tau = -2 nu_e S, that is tau11 = -2 nu_e u_x, tau12 = -nu_e (v_x + u_y).
 *   The solver folds it into the products of the advection (no forward transform more). A stress
 *   that depends on strain and vorticity gradient at its own point alone is better given as a
 *   function of points: it is then evaluated row by row in cache, without fields in memory, and at
 *   the points of padded products where those of the advection are padded.
 * - a linear damping with uniform coefficients (damping.h), PI_hat = D w_hat: the scheme treats it
 *   as it treats nu, exactly or implicitly. Negative nu_e: backscatter.
 * - a spectral tendency, added to the right-hand side: -PI_hat.
 * A positive eddy viscosity dissipates enstrophy: <w PI> > 0 (a test asserts it).
 *
 * To add one: physics/closure_<name>.c, a line in physics/closure_table.c, and a
 * test in tests/physics/test_closure_<name>.c against an analytic field. */
#ifndef MARL_PHYSICS_CLOSURE_H
#define MARL_PHYSICS_CLOSURE_H

#include <stdbool.h>

#include "marl/core/plugin.h"
#include "marl/core/store.h"
#include "marl/run/picture.h"
#include "physics/damping.h"
#include "physics/fft.h"
#include "physics/grid.h"

typedef struct MarlClosure MarlClosure;
typedef struct MarlClosureOps MarlClosureOps;

/* Which members of MarlFlow a closure reads. The solver fills only those. */
typedef enum MarlFlowNeed {
  MARL_NEED_VELOCITY = 1 << 0,       /* u, v */
  MARL_NEED_STRAIN = 1 << 1,         /* s11, s12 */
  MARL_NEED_VORTICITY = 1 << 2,      /* w */
  MARL_NEED_GRAD_VORTICITY = 1 << 3, /* wx, wy */
} MarlFlowNeed;

/* Read-only view of the resolved flow, valid during one evaluate(). */
typedef struct MarlFlow {
  const MarlGrid *grid;
  MarlFft *fft;               /* for a closure's own transforms */
  double time;                /* T */
  int64_t step;               /* steps taken; a learned closure acts every n of them */
  double viscosity;           /* nu of the flow itself, L^2/T */
  double beta;                /* of the flow itself, 1/(L T) */
  const MarlComplex *w_hat;   /* [nk_local, ny]  vorticity, 1/T; always present */
  const MarlComplex *psi_hat; /* [nk_local, ny]  streamfunction, L^2/T; always present */
  const double *u, *v;        /* [ny_local, nx]  L/T     */
  const double *s11, *s12;    /* [ny_local, nx]  1/T; s11 = u_x, s12 = (u_y + v_x)/2, s22 = -s11 */
  const double *w;            /* [ny_local, nx]  1/T     */
  const double *wx, *wy;      /* [ny_local, nx]  1/(L T) */
} MarlFlow;

/* What evaluate() fills in. Zeroed by the solver before the call. */
typedef struct MarlSubgrid {
  MarlDamping uniform;   /* nu_e, nu_4, nu_6, nu_c of the uniform part */
  bool has_stress;       /* set true after filling tau11 and tau12 everywhere */
  double *tau11, *tau12; /* [ny_local, nx]  L^2/T^2, unset on entry */
  bool has_tendency;     /* set true after filling tendency everywhere */
  MarlComplex *tendency; /* [nk_local, ny]  -PI_hat, 1/T^2, unset on entry */
} MarlSubgrid;

/* A few points of the flow, (x, y) pairs; what the closure does not need is NULL. */
enum { MARL_MAX_POINTS = 256 };
typedef struct MarlPoints {
  int n;                  /* 1 .. MARL_MAX_POINTS */
  const double *strain;   /* [n, 2] s12, -s11, 1/T: the order that transforms give */
  const double *gradient; /* [n, 2] w_y, -w_x, 1/(L T) */
} MarlPoints;

/* Scales of the whole flow that a uniform damping follows. */
typedef enum MarlFlowScale {
  MARL_SCALE_VORTICITY = 1 << 0,     /* <w^2> = <|S|^2> */
  MARL_SCALE_GRADIENT = 1 << 1,      /* <|grad w|^2> */
  MARL_SCALE_GRADIENT_MEAN = 1 << 2, /* <|grad w|> over the grid's points */
  /* C Delta^p of the identity of Guan et al. (germano.h), for one of two rates: */
  MARL_SCALE_DYNAMIC_STRAIN = 1 << 3,   /* |S|, p = 2 */
  MARL_SCALE_DYNAMIC_GRADIENT = 1 << 4, /* |grad w|, p = 3 */
} MarlFlowScale;
typedef struct MarlFlowScales {
  double vorticity;     /* 1/T^2 */
  double gradient;      /* 1/(L T)^2 */
  double gradient_mean; /* 1/(L T) */
  double dynamic;       /* L^p; of the one that was asked for */
} MarlFlowScales;

/* Coefficients that were set from outside and are held: the linear damping `uniform`, and the stress
 * tau = -2 sum_t nu_t L_t S of coefficients that vary, L of damping.h. */
typedef struct MarlHeldDamping {
  MarlDamping uniform;
  int num_terms;
  MarlDampingTerm term[MARL_DAMPING_TERMS];
  const double *field[MARL_DAMPING_TERMS]; /* nu_t [ny_local, nx], borrowed from the closure */
  int64_t steps;                           /* for so many steps from now */
} MarlHeldDamping;

/* Base of every closure; a concrete type has it as its first member. */
struct MarlClosure {
  const MarlClosureOps *ops;
};

struct MarlClosureOps {
  MARL_PLUGIN;
  unsigned needs; /* MarlFlowNeed bits */
  bool stress;    /* evaluate() may set has_stress */
  bool tendency;  /* evaluate() may set has_tendency */

  /* A stress made of STRAIN and GRAD_VORTICITY at the same point: adds 2 tau11, 2 tau12 to
   * sum [n, 2]. NULL if there is none; with it, evaluate is marl_closure_evaluate_points. */
  void (*point_stress)(const MarlClosure *closure, const MarlPoints *points, double *sum);

  /* Two more forms that evaluate() gives as well; NULL where it has another. Flows whose closure says one
   * of them, or has a point_stress, can be stepped as lanes of one vector (physics/batch/flow_batch.h).
   * Uniform damping that follows from the `scales` (MarlFlowScale bits) of the flow alone. */
  unsigned scales;
  MarlDamping (*damping)(const MarlClosure *closure, const MarlFlowScales *scales);
  /* Coefficients that are held; false: evaluate() is due before step number `step`. num_terms and term
   * are those of the closure for its life, and are set in either case. */
  bool (*held)(const MarlClosure *closure, int64_t step, MarlHeldDamping *out);

  /* The grid is borrowed until destroy. */
  MarlCode (*create)(const MarlGrid *grid, const MarlSection *config, MarlClosure **out,
                     MarlError *err);
  void (*destroy)(MarlClosure *closure);
  /* Called once a right-hand side. Collective over grid->comm. */
  MarlCode (*evaluate)(MarlClosure *closure, const MarlFlow *flow, MarlSubgrid *out,
                       MarlError *err);
  /* State beyond the configuration, for bit-exact restart; both NULL if there is none. */
  MarlCode (*save)(const MarlClosure *closure, MarlStore *to, MarlError *err);
  MarlCode (*load)(MarlClosure *closure, MarlStore *from, MarlError *err);
  /* Adds what there is to see of it beside the flow to a picture (`marl view`); NULL: nothing. */
  MarlCode (*look)(const MarlClosure *closure, MarlPicture *picture, MarlError *err);
};

/* The closures of this folder (closure_table.c) and those that a program has registered
 * (marl_register_closure of envs/turbulence/closures.h). */
extern MarlKind marl_kind_closures;

/* MARL_ECONFIG, with the known names and the nearest one, when there is no such closure. */
MarlCode marl_closure_find(const char *name, const MarlClosureOps **out,
                           MarlError *err) MARL_NODISCARD;

#endif
