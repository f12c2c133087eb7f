/* No model: PI = 0, the resolved scales alone. */
#include <stdlib.h>

#include "physics/closure_table.h"

static MarlCode create(const MarlGrid *grid, const MarlSection *config, MarlClosure **out,
                       MarlError *err) {
  (void)grid;
  (void)config;
  *out = malloc(sizeof **out);
  if (*out == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a closure");
  (*out)->ops = &marl_closure_none;
  return MARL_OK;
}

static void destroy(MarlClosure *closure) {
  free(closure);
}

static MarlCode evaluate(MarlClosure *closure, const MarlFlow *flow, MarlSubgrid *out,
                         MarlError *err) {
  (void)closure;
  (void)flow;
  (void)out;
  (void)err;
  return MARL_OK;
}

const MarlClosureOps marl_closure_none = {
    .name = "none",
    .summary = "no sub-grid model",
    .source = "-",
    .create = create,
    .destroy = destroy,
    .evaluate = evaluate,
};
