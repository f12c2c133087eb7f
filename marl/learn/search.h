/* Direct search: minimise a function of a few variables from its values alone
 *
 *   while (spread > tolerance) { count = ask(points); values = f(points); tell(values); }
 *
 * Who evaluates the points, and on which rank, is the caller's business: the sequence of points
 * is a function of (params, values told) and of nothing else. A NaN value counts as +infinity.
 *
 * Methods:
 * - cmaes: covariance matrix adaptation evolution strategy, (mu/mu_w, lambda) with rank-one and
 *   rank-mu updates (Hansen, "The CMA evolution strategy: a tutorial", arXiv:1604.00772, with
 *   positive weights only). For noisy values and up to some hundred variables.
 * - nelder_mead: simplex method (Nelder and Mead 1965; coefficients 1, 2, 1/2, 1/2). Its best vertex
 *   is not drawn again, so that under noise a lucky value stays: for values without noise.
 * - brent: parabolic interpolation and golden section on an interval (Brent 1973, ch. 5);
 *   one variable.
 * - grid: every point of a regular grid over start +- scale, all at once. For one variable, or two,
 *   when the whole shape of a noisy function is wanted. */
#ifndef MARL_LEARN_SEARCH_H
#define MARL_LEARN_SEARCH_H

#include <stdbool.h>
#include <stddef.h>

#include "marl/core/error.h"
#include "marl/core/rng.h"
#include "marl/core/store.h"

typedef struct MarlSearch MarlSearch;
typedef struct MarlSearchOps MarlSearchOps;

typedef struct MarlSearchParams {
  int dim;             /* number of variables */
  const double *start; /* [dim] first estimate; brent: middle of the interval */
  const double *scale; /* [dim] > 0: first standard deviation (cmaes), edge of the first simplex
                          (nelder_mead), half the interval (brent, grid) */
  int population;      /* cmaes: lambda, 0 for 4 + floor(3 ln dim); grid: at most so many points;
                          others ignore it */
  double tolerance;    /* brent: smallest step, in units of scale; 0 for 1e-8 */
  MarlKey key;         /* of the draws of cmaes */
} MarlSearchParams;

/* All state that changes is one run of doubles, so that saving is the same for every method. */
struct MarlSearch {
  const MarlSearchOps *ops;
  int dim;
  int max_points; /* ask() never gives more */
  MarlKey key;
  size_t num_state;
  double *state; /* [num_state], owned */
};

struct MarlSearchOps {
  const char *name;
  const char *summary;
  const char *source;
  MarlCode (*create)(const MarlSearchParams *params, MarlSearch **out, MarlError *err);
  int (*ask)(MarlSearch *search, double *points);
  void (*tell)(MarlSearch *search, const double *values);
  void (*estimate)(const MarlSearch *search, double *point);
  double (*spread)(const MarlSearch *search);
  /* Of a state that was read: may it be used? NULL: any may. */
  bool (*valid)(const MarlSearch *search);
};

extern const MarlSearchOps *const marl_search_table[]; /* NULL-terminated */

/* MARL_ECONFIG, with the known names and the nearest one, when there is no such method. */
MarlCode marl_search_find(const char *name, const MarlSearchOps **out,
                          MarlError *err) MARL_NODISCARD;

/* MARL_EARG if the method cannot do with params->dim variables. Nothing of params is kept. */
MarlCode marl_search_create(const MarlSearchOps *ops, const MarlSearchParams *params,
                            MarlSearch **out, MarlError *err) MARL_NODISCARD;
void marl_search_destroy(MarlSearch **search);

/* The points to evaluate next, into points [max_points, dim]; returns how many. Asking again
 * before tell() gives the same points. */
int marl_search_ask(MarlSearch *search, double *points);
/* The values [count] of the points of the last ask(), in their order. */
void marl_search_tell(MarlSearch *search, const double *values);

/* The method's estimate of the minimum: the mean of cmaes (better than its best sample when the
 * values are noisy), the best vertex of nelder_mead, the best point of brent and grid. point [dim]. */
void marl_search_estimate(const MarlSearch *search, double *point);
/* Size of the region still searched, in units of `scale`. */
double marl_search_spread(const MarlSearch *search);

MarlCode marl_search_save(const MarlSearch *search, MarlStore *to, MarlError *err) MARL_NODISCARD;
/* Into a search created with the same params. */
MarlCode marl_search_load(MarlSearch *search, MarlStore *from, MarlError *err) MARL_NODISCARD;

/* For a method's create(): a zeroed object with room for num_state doubles. */
MarlCode marl_search_allocate(const MarlSearchOps *ops, const MarlSearchParams *params,
                              int max_points, size_t num_state, MarlSearch **out,
                              MarlError *err) MARL_NODISCARD;

#endif
