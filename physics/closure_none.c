/* No model: PI = 0, the resolved scales alone. */
#include <stdlib.h>

#include "physics/closure_field.h"
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

static MarlDamping damping(const MarlClosure *closure, const MarlFlowScales *scales) {
  (void)closure;
  (void)scales;
  return (MarlDamping){0};
}

const MarlClosureOps marl_closure_none = {
    .name = "none",
    .summary = "no sub-grid model",
    .source = "-",
    .create = create,
    .destroy = destroy,
    .damping = damping,
    .evaluate = marl_closure_evaluate_scales,
};
