/* The simplex method of Nelder and Mead (Comput. J. 7, 1965), turned inside out: a phase says
 * which trial point the caller is evaluating. */
#include <math.h>
#include <string.h>

#include "marl/learn/search.h"

typedef enum Phase { START, REFLECT, EXPAND, CONTRACT, SHRINK } Phase;

/* Layout of the state: head, then vertices [dim+1, dim], values [dim+1], scale [dim],
 * reflected [dim], trial [dim]. Vertices are sorted, best first, except during START and SHRINK. */
typedef struct Head {
  double phase;
  double reflected_value;
} Head;

typedef struct Simplex {
  Head *head;
  double *vertex, *value, *scale, *reflected, *trial;
} Simplex;

static Simplex simplex(const MarlSearch *search) {
  const size_t n = (size_t)search->dim;
  Simplex s = {.head = (Head *)search->state};
  s.vertex = search->state + sizeof(Head) / sizeof(double);
  s.value = s.vertex + (n + 1) * n;
  s.scale = s.value + n + 1;
  s.reflected = s.scale + n;
  s.trial = s.reflected + n;
  return s;
}

static MarlCode create(const MarlSearchParams *params, MarlSearch **out, MarlError *err) {
  extern const MarlSearchOps marl_search_nelder_mead;
  const size_t n = (size_t)params->dim;
  const size_t num_state = sizeof(Head) / sizeof(double) + (n + 1) * n + (n + 1) + 3 * n;
  MARL_TRY(
      marl_search_allocate(&marl_search_nelder_mead, params, params->dim + 1, num_state, out, err));
  Simplex s = simplex(*out);
  s.head->phase = START;
  memcpy(s.scale, params->scale, n * sizeof(double));
  for (size_t i = 0; i <= n; ++i) {
    memcpy(s.vertex + i * n, params->start, n * sizeof(double));
    if (i > 0) s.vertex[i * n + i - 1] += params->scale[i - 1];
  }
  return MARL_OK;
}

/* Insertion sort: it keeps the order of equal values, so it is deterministic. */
static void sort_vertices(Simplex s, size_t n, double *spare) {
  for (size_t i = 1; i <= n; ++i) {
    const double value = s.value[i];
    memcpy(spare, s.vertex + i * n, n * sizeof(double));
    size_t j = i;
    for (; j > 0 && s.value[j - 1] > value; --j) {
      s.value[j] = s.value[j - 1];
      memcpy(s.vertex + j * n, s.vertex + (j - 1) * n, n * sizeof(double));
    }
    s.value[j] = value;
    memcpy(s.vertex + j * n, spare, n * sizeof(double));
  }
}

/* out = centroid of all vertices but the worst + t (worst - centroid). */
static void along(Simplex s, size_t n, double t, double *out) {
  for (size_t c = 0; c < n; ++c) {
    double centroid = 0;
    for (size_t i = 0; i < n; ++i) centroid += s.vertex[i * n + c] / (double)n;
    out[c] = centroid + t * (s.vertex[n * n + c] - centroid);
  }
}

static void begin_reflection(Simplex s, size_t n) {
  sort_vertices(s, n, s.trial);
  along(s, n, -1, s.reflected);
  memcpy(s.trial, s.reflected, n * sizeof(double));
  s.head->phase = REFLECT;
}

static void accept(Simplex s, size_t n, const double *point, double value) {
  memcpy(s.vertex + n * n, point, n * sizeof(double));
  s.value[n] = value;
  begin_reflection(s, n);
}

static void after_reflection(Simplex s, size_t n, double value) {
  s.head->reflected_value = value;
  if (value < s.value[0]) {
    along(s, n, -2, s.trial);
    s.head->phase = EXPAND;
  } else if (value < s.value[n - 1]) {
    accept(s, n, s.reflected, value);
  } else { /* outside if the reflected point is better than the worst, inside if not */
    along(s, n, value < s.value[n] ? -0.5 : 0.5, s.trial);
    s.head->phase = CONTRACT;
  }
}

static void after_contraction(Simplex s, size_t n, double value) {
  const double limit = fmin(s.head->reflected_value, s.value[n]);
  if (value < limit || (value == limit && isfinite(value))) {
    accept(s, n, s.trial, value);
    return;
  }
  for (size_t i = 1; i <= n; ++i)
    for (size_t c = 0; c < n; ++c) s.vertex[i * n + c] = 0.5 * (s.vertex[c] + s.vertex[i * n + c]);
  s.head->phase = SHRINK;
}

static int ask(MarlSearch *search, double *points) {
  const size_t n = (size_t)search->dim;
  const Simplex s = simplex(search);
  switch ((Phase)s.head->phase) {
    case START:
      memcpy(points, s.vertex, (n + 1) * n * sizeof(double));
      return search->dim + 1;
    case SHRINK:
      memcpy(points, s.vertex + n, n * n * sizeof(double));
      return search->dim;
    default:
      memcpy(points, s.trial, n * sizeof(double));
      return 1;
  }
}

static double finite_or_worst(double value) {
  return isnan(value) ? HUGE_VAL : value;
}

static void tell(MarlSearch *search, const double *values) {
  const size_t n = (size_t)search->dim;
  Simplex s = simplex(search);
  const double value = finite_or_worst(values[0]);
  switch ((Phase)s.head->phase) {
    case START:
      for (size_t i = 0; i <= n; ++i) s.value[i] = finite_or_worst(values[i]);
      begin_reflection(s, n);
      break;
    case REFLECT:
      after_reflection(s, n, value);
      break;
    case EXPAND:
      if (value < s.head->reflected_value)
        accept(s, n, s.trial, value);
      else
        accept(s, n, s.reflected, s.head->reflected_value);
      break;
    case CONTRACT:
      after_contraction(s, n, value);
      break;
    case SHRINK:
      for (size_t i = 1; i <= n; ++i) s.value[i] = finite_or_worst(values[i - 1]);
      begin_reflection(s, n);
      break;
  }
}

static void estimate(const MarlSearch *search, double *point) {
  memcpy(point, simplex(search).vertex, (size_t)search->dim * sizeof(double));
}

static double spread(const MarlSearch *search) {
  const size_t n = (size_t)search->dim;
  const Simplex s = simplex(search);
  double widest = 0;
  for (size_t i = 1; i <= n; ++i)
    for (size_t c = 0; c < n; ++c)
      widest = fmax(widest, fabs(s.vertex[i * n + c] - s.vertex[c]) / s.scale[c]);
  return widest;
}

const MarlSearchOps marl_search_nelder_mead = {
    .name = "nelder_mead",
    .summary = "simplex method, two to about ten variables",
    .source = "Nelder and Mead 1965",
    .create = create,
    .ask = ask,
    .tell = tell,
    .estimate = estimate,
    .spread = spread,
};
