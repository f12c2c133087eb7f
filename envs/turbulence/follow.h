/* Closures on a flow that changes (physics/changing_flow.h), against an ensemble of direct simulations
 *
 * Member m of the ensemble is a direct simulation from its own random field, spun up in the first phase; its
 * field at time 0, cut to the grid of the LES, is where the LES of every closure starts. Both are sampled
 * at the same times, and samples are summed in windows of time and regions of the box:
 *
 *   region 0       the whole box: enstrophy spectrum over both directions (spectrum.h)
 *   region 1 .. R  strips of x as wide as lx/R, the first of them around x = 0: the mean over the points x of the
 *                  strip of s(ky) = 1/2 |w(x, ky)|^2, which sums to <w^2>/2 of the strip
 *
 * all of vorticity cut to the LES's wavenumbers. Every member is a key of its own: the numbers do not depend on
 * how many members or closures there are. */
#ifndef MARL_ENVS_TURBULENCE_FOLLOW_H
#define MARL_ENVS_TURBULENCE_FOLLOW_H

#include "envs/turbulence/scoreboard.h"
#include "physics/changing_flow.h"
#include "physics/initial.h"

extern const MarlOptionTable marl_follow_options; /* section "follow" */

enum { MARL_FOLLOW_MOST_K = 512 }; /* an LES of 1024 points */

typedef struct MarlFollowPlan {
  MarlChangingFlow direct, les; /* the same flow on two grids */
  MarlInitial initial;  /* of the direct simulations; texts are borrowed from the configuration */
  double spinup, end;   /* T: before time 0; of the last window */
  double every, window; /* T: between samples; a whole number of samples */
  int members, strips;  /* strips 0: the whole box alone */
  int num_windows, num_k;
} MarlFollowPlan;

/* Claims run, grid, flow, forcing, initial, integrator, time and follow. */
MarlCode marl_follow_plan(MarlConfig *config, MarlFollowPlan *out, const MarlSection **section,
                          MarlError *err) MARL_NODISCARD;

int marl_follow_regions(const MarlFollowPlan *plan); /* 1 + strips */
/* Doubles of one run: sums of spectra [num_windows, regions, num_k], means over the samples of the window. */
size_t marl_follow_size(const MarlFollowPlan *plan);

/* One direct simulation into spectra, and its field at time 0 cut to the LES's wavenumbers [n, n]. `stop` is
 * asked at each sample: true ends the run with MARL_ESTOPPED. Rank-local. */
MarlCode marl_follow_direct(const MarlFollowPlan *plan, int member, bool (*stop)(void),
                            double *spectra, double *start, MarlError *err) MARL_NODISCARD;
/* One LES from `start`. *blow_up becomes the time at which it blew up, NaN if it did not; windows from there
 * on are NaN. Rank-local. */
MarlCode marl_follow_les(const MarlFollowPlan *plan, const MarlScoreRow *closure, int member,
                         const double *start, bool (*stop)(void), double *spectra, double *blow_up,
                         MarlError *err) MARL_NODISCARD;

/* Spectra of the regions of vorticity coefficients on the grid of the LES, added to out [regions, num_k]. */
void marl_follow_regional(const MarlGrid *grid, const MarlComplex *w_hat, int strips, double *out);

/* Error of a closure in window v and region r: || log of the mean over members - the same of the direct
 * simulations ||_2 over k = 0 .. num_k-1, and its standard error by leaving out one member after the other
 * in both (NaN for a single one). direct, les [members, marl_follow_size]; les NULL: what a perfect closure would
 * score with so many independent members, from two parts of the ensemble, of h and M - h of its M members, times
 * sqrt(2 h (M - h))/M, which is 1/sqrt 2 for halves. Infinite where a member
 * blew up. */
void marl_follow_error(const MarlFollowPlan *plan, const double *direct, const double *les, int v,
                       int r, double *value, double *error);
/* Mean over the windows that lie in phase p altogether, likewise; NaN if there are none. */
void marl_follow_phase_error(const MarlFollowPlan *plan, const double *direct, const double *les,
                             int p, int r, double *value, double *error);

#endif
