#include "marl/learn/search.h"

#include <stdlib.h>
#include <string.h>

#include "marl/core/nearest.h"

extern const MarlSearchOps marl_search_cmaes, marl_search_nelder_mead, marl_search_brent,
    marl_search_grid;

const MarlSearchOps *const marl_search_table[] = {
    &marl_search_cmaes, &marl_search_nelder_mead, &marl_search_brent, &marl_search_grid, NULL,
};

MarlCode marl_search_find(const char *name, const MarlSearchOps **out, MarlError *err) {
  enum { KNOWN = sizeof marl_search_table / sizeof marl_search_table[0] - 1 };
  const char *known[KNOWN];
  for (size_t i = 0; i < KNOWN; ++i) {
    known[i] = marl_search_table[i]->name;
    if (strcmp(known[i], name) == 0) {
      *out = marl_search_table[i];
      return MARL_OK;
    }
  }
  return marl_fail_unknown(err, "search method", name, known, KNOWN);
}

MarlCode marl_search_allocate(const MarlSearchOps *ops, const MarlSearchParams *params,
                              int max_points, size_t num_state, MarlSearch **out, MarlError *err) {
  MarlSearch *search = calloc(1, sizeof *search + num_state * sizeof(double));
  if (search == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "no memory for a search of %d variables", params->dim);
  search->ops = ops;
  search->dim = params->dim;
  search->max_points = max_points;
  search->key = params->key;
  search->num_state = num_state;
  search->state = (double *)(search + 1);
  *out = search;
  return MARL_OK;
}

MarlCode marl_search_create(const MarlSearchOps *ops, const MarlSearchParams *params,
                            MarlSearch **out, MarlError *err) {
  if (params->dim < 1) return MARL_FAIL(err, MARL_EARG, "a search needs at least one variable");
  for (int i = 0; i < params->dim; ++i)
    if (!(params->scale[i] > 0))
      return MARL_FAIL(err, MARL_EARG, "%s: scale of variable %d is %g, must be positive",
                       ops->name, i, params->scale[i]);
  return ops->create(params, out, err);
}

void marl_search_destroy(MarlSearch **search) {
  free(*search);
  *search = NULL;
}

int marl_search_ask(MarlSearch *search, double *points) {
  return search->ops->ask(search, points);
}

void marl_search_tell(MarlSearch *search, const double *values) {
  search->ops->tell(search, values);
}

void marl_search_estimate(const MarlSearch *search, double *point) {
  search->ops->estimate(search, point);
}

double marl_search_spread(const MarlSearch *search) {
  return search->ops->spread(search);
}

MarlCode marl_search_save(const MarlSearch *search, MarlStore *to, MarlError *err) {
  MARL_TRY(marl_store_set_text(to, NULL, "method", search->ops->name, err));
  const MarlArray array = {.type = MARL_F64, .rank = 1, .shape = {search->num_state}};
  return marl_store_write(to, "state", &array, search->state, err);
}

MarlCode marl_search_load(MarlSearch *search, MarlStore *from, MarlError *err) {
  char *method = NULL;
  MARL_TRY(marl_store_get_text(from, NULL, "method", &method, err));
  const int same = strcmp(method, search->ops->name) == 0;
  free(method);
  if (!same)
    return MARL_FAIL(err, MARL_EIO, "%s holds another search method than %s", marl_store_path(from),
                     search->ops->name);
  MARL_TRY(marl_store_read(from, "state", MARL_F64, search->num_state, search->state, err));
  if (search->ops->valid == NULL || search->ops->valid(search)) return MARL_OK;
  return MARL_FAIL(err, MARL_EIO, "%s holds an impossible state of %s: the file is damaged",
                   marl_store_path(from), search->ops->name);
}
