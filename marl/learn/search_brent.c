/* Brent's minimisation on an interval (Algorithms for Minimization without Derivatives, 1973,
 * procedure localmin), turned inside out so that the caller evaluates. */
#include <math.h>

#include "marl/learn/search.h"

typedef struct Brent {
  double a, b;         /* interval that holds the minimum */
  double x, w, v;      /* best, second best, previous second best point */
  double fx, fw, fv;   /* their values */
  double step, before; /* last step and the one before it */
  double next;         /* point to evaluate */
  double scale;        /* of the variable */
  double tolerance;    /* smallest step */
  double evaluations;  /* told so far */
} Brent;

static const double GOLDEN = 0.3819660112501051; /* (3 - sqrt 5) / 2 */

static Brent *brent(const MarlSearch *search) {
  return (Brent *)search->state;
}

static MarlCode create(const MarlSearchParams *params, MarlSearch **out, MarlError *err) {
  extern const MarlSearchOps marl_search_brent;
  if (params->dim != 1)
    return MARL_FAIL(err, MARL_EARG, "brent searches one variable, not %d: use cmaes", params->dim);
  MARL_TRY(marl_search_allocate(&marl_search_brent, params, 1, sizeof(Brent) / sizeof(double), out,
                                err));
  Brent *s = brent(*out);
  s->scale = params->scale[0];
  s->tolerance = s->scale * (params->tolerance > 0 ? params->tolerance : 1e-8);
  s->a = params->start[0] - s->scale;
  s->b = params->start[0] + s->scale;
  s->x = s->w = s->v = s->next = s->a + GOLDEN * (s->b - s->a);
  return MARL_OK;
}

/* Parabola through (x, w, v) if its minimum is inside and the steps shrink, else golden section. */
static void choose_next(Brent *s) {
  const double middle = 0.5 * (s->a + s->b);
  const double tolerance = s->tolerance;
  double p = 0, q = 0, r = 0;
  if (fabs(s->before) > tolerance) {
    r = (s->x - s->w) * (s->fx - s->fv);
    q = (s->x - s->v) * (s->fx - s->fw);
    p = (s->x - s->v) * q - (s->x - s->w) * r;
    q = 2 * (q - r);
    if (q > 0) p = -p;
    q = fabs(q);
    r = s->before;
    s->before = s->step;
  }
  if (fabs(p) < fabs(0.5 * q * r) && p > q * (s->a - s->x) && p < q * (s->b - s->x)) {
    s->step = p / q;
    const double u = s->x + s->step;
    if (u - s->a < 2 * tolerance || s->b - u < 2 * tolerance)
      s->step = s->x < middle ? tolerance : -tolerance;
  } else {
    s->before = s->x < middle ? s->b - s->x : s->a - s->x;
    s->step = GOLDEN * s->before;
  }
  s->next = s->x + (fabs(s->step) >= tolerance ? s->step : copysign(tolerance, s->step));
}

static void tell(MarlSearch *search, const double *values) {
  Brent *s = brent(search);
  const double u = s->next, fu = isnan(values[0]) ? HUGE_VAL : values[0];
  if (s->evaluations == 0) {
    s->fx = s->fw = s->fv = fu;
  } else if (fu <= s->fx) {
    if (u < s->x)
      s->b = s->x;
    else
      s->a = s->x;
    s->v = s->w, s->fv = s->fw;
    s->w = s->x, s->fw = s->fx;
    s->x = u, s->fx = fu;
  } else {
    if (u < s->x)
      s->a = u;
    else
      s->b = u;
    if (fu <= s->fw || s->w == s->x) {
      s->v = s->w, s->fv = s->fw;
      s->w = u, s->fw = fu;
    } else if (fu <= s->fv || s->v == s->x || s->v == s->w) {
      s->v = u, s->fv = fu;
    }
  }
  s->evaluations += 1;
  choose_next(s);
}

static int ask(MarlSearch *search, double *points) {
  points[0] = brent(search)->next;
  return 1;
}

static void estimate(const MarlSearch *search, double *point) {
  point[0] = brent(search)->x;
}

static double spread(const MarlSearch *search) {
  const Brent *s = brent(search);
  return (s->b - s->a) / (2 * s->scale);
}

const MarlSearchOps marl_search_brent = {
    .name = "brent",
    .summary = "parabolic interpolation and golden section, one variable",
    .source = "Brent 1973, Algorithms for Minimization without Derivatives, ch. 5",
    .create = create,
    .ask = ask,
    .tell = tell,
    .estimate = estimate,
    .spread = spread,
};
