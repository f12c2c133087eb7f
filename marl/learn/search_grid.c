/* Every point of a regular grid over start +- scale, its ends included, in one generation. */
#include <math.h>

#include "marl/learn/search.h"

/* Layout of the state: head, then start [dim], scale [dim]. */
typedef struct Head {
  double side;  /* points along each variable */
  double count; /* side^dim */
  double best;  /* number of the best point */
  double told;  /* 0 or 1 */
} Head;

static Head *head(const MarlSearch *search) {
  return (Head *)search->state;
}

static double *start_of(const MarlSearch *search) {
  return search->state + sizeof(Head) / sizeof(double);
}

/* The last variable varies fastest. */
static void point_of(const MarlSearch *search, int number, double *point) {
  const double *start = start_of(search), *scale = start + search->dim;
  const int side = (int)head(search)->side;
  for (int i = search->dim - 1; i >= 0; --i) {
    point[i] = start[i] + scale[i] * (2.0 * (number % side) / (side - 1) - 1.0);
    number /= side;
  }
}

static MarlCode create(const MarlSearchParams *params, MarlSearch **out, MarlError *err) {
  extern const MarlSearchOps marl_search_grid;
  const int dim = params->dim;
  // the root rounded down, whatever the last bit of pow
  const double side = floor(pow(params->population, 1.0 / dim) + 1e-9), count = pow(side, dim);
  if (side < 2)
    return MARL_FAIL(err, MARL_ECONFIG, "a grid over %d variables needs %.0f points, not %d", dim,
                     pow(2, dim), params->population);
  const size_t num_state = sizeof(Head) / sizeof(double) + 2 * (size_t)dim;
  MARL_TRY(marl_search_allocate(&marl_search_grid, params, (int)count, num_state, out, err));
  *head(*out) = (Head){.side = side, .count = count};
  double *start = start_of(*out);
  for (int i = 0; i < dim; ++i) start[i] = params->start[i], start[dim + i] = params->scale[i];
  return MARL_OK;
}

static bool valid(const MarlSearch *search) {
  const Head *h = head(search);
  return h->side >= 2 && h->side <= search->max_points && h->count == search->max_points &&
         h->best >= 0 && h->best < h->count;
}

static int ask(MarlSearch *search, double *points) {
  const int count = (int)head(search)->count;
  for (int p = 0; p < count; ++p) point_of(search, p, points + p * search->dim);
  return count;
}

static void tell(MarlSearch *search, const double *values) {
  Head *h = head(search);
  int best = 0;
  for (int p = 1; p < (int)h->count; ++p)
    if (values[p] < values[best] || isnan(values[best])) best = p;
  h->best = best;
  h->told = 1;
}

static void estimate(const MarlSearch *search, double *point) {
  point_of(search, (int)head(search)->best, point);
}

static double spread(const MarlSearch *search) {
  return head(search)->told > 0 ? 0.0 : 1.0;
}

const MarlSearchOps marl_search_grid = {
    .name = "grid",
    .summary = "every point of a regular grid, all at once",
    .source = "",
    .create = create,
    .ask = ask,
    .tell = tell,
    .estimate = estimate,
    .spread = spread,
    .valid = valid,
};
