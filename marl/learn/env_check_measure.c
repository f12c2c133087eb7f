/* What an environment reports to comparisons, in a check: cycles and probes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "marl/learn/env_check_walk.h"

/* No number that an environment would write. */
static const double untouched = -8.25e77;

static size_t num_probed(const MarlEnvOps *ops) {
  return ops->probe != NULL ? (size_t)ops->probe->num_metrics : 0;
}

/* [A, Q] observations and answers. */
static size_t num_asked(const MarlWalker *w) {
  return w->ops->probe != NULL ? (size_t)(w->env->spec.num_agents * w->ops->probe->num_obs) : 0;
}

MarlCode marl_walker_measure_create(MarlWalker *w, MarlError *err) {
  const MarlEnvSpec *s = &w->env->spec;
  const size_t metrics = (size_t)s->num_metrics + num_probed(w->ops);
  const size_t asked = num_asked(w) * (size_t)(s->obs_dim + s->act_dim);
  w->measured = calloc(2 * metrics + 1, sizeof *w->measured);
  w->asked = calloc(asked + 1, sizeof *w->asked);
  if (w->measured != NULL && w->asked != NULL) return MARL_OK;
  return MARL_FAIL(err, MARL_EMEMORY, "out of memory to check an environment");
}

/* Ratios: finite, none of a negative whole, and none of nothing that is something. */
static MarlCode check_ratios(const MarlWalker *w, const char *what, int count,
                             const char *const *names, const double *part, const double *whole,
                             MarlError *err) {
  for (int m = 0; m < count; ++m) {
    if (part[m] == untouched || whole[m] == untouched)
      return MARL_FAIL(err, MARL_EARG, "environment '%s': %s leaves the metric '%s' unwritten",
                       w->ops->name, what, names[m]);
    if (!isfinite(part[m]) || !isfinite(whole[m]) || whole[m] < 0 ||
        (whole[m] == 0 && part[m] != 0))
      return MARL_FAIL(err, MARL_ENUMERIC,
                       "environment '%s': %s says that the metric '%s' is the ratio %g / %g; both "
                       "finite, the whole not negative, and both 0 if it is absent",
                       w->ops->name, what, names[m], part[m], whole[m]);
  }
  return MARL_OK;
}

static MarlCode see_cycle(MarlWalker *w, bool begun, uint64_t *hash, MarlError *err) {
  const int count = w->env->spec.num_metrics;
  double *part = w->measured, *whole = part + count;
  for (int m = 0; m < 2 * count; ++m) part[m] = untouched;
  const bool ended = w->ops->cycle(w->env, part, whole);
  marl_walker_digest(hash, &ended, sizeof ended);
  if (ended && begun)
    return MARL_FAIL(err, MARL_EARG, "environment '%s': a cycle has ended at the reset",
                     w->ops->name);
  if (ended) MARL_TRY(check_ratios(w, "cycle", count, w->env->spec.metrics, part, whole, err));
  for (int m = 0; m < 2 * count && !ended; ++m)
    if (part[m] != untouched)
      return MARL_FAIL(err, MARL_EARG,
                       "environment '%s': cycle writes metrics and says that none has ended",
                       w->ops->name);
  marl_walker_digest(hash, part, 2 * (size_t)count * sizeof *part);
  return MARL_OK;
}

/* Answers at an end of the range, then at the other. */
static void make_up_answers(const MarlWalker *w, const MarlRole *role, size_t rows, float *act) {
  const size_t wide = (size_t)w->env->spec.act_dim;
  for (size_t i = 0; i < rows * wide; ++i) {
    const bool high = (i + (size_t)w->taken) % 2 == 1;
    act[i] = role->action_kind == MARL_ACTION_CONTINUOUS
                 ? (high ? role->act_high : role->act_low)
                 : (float)(high ? role->num_choices - 1 : 0);
  }
}

static MarlCode see_probe(MarlWalker *w, uint64_t *hash, MarlError *err) {
  const MarlEnvProbe *probe = w->ops->probe;
  const MarlEnvSpec *s = &w->env->spec;
  const size_t rows = num_asked(w), size = rows * (size_t)s->obs_dim;
  const size_t count = num_probed(w->ops);
  double *part = w->measured + 2 * s->num_metrics, *whole = part + count;
  memset(w->asked, 0xff, size * sizeof *w->asked); /* NaN */
  const int role = probe->ask(w->env, w->asked);
  if (role < 0 || role >= s->num_roles)
    return MARL_FAIL(err, MARL_EARG, "environment '%s': the probe asks role %d of %d", w->ops->name,
                     role, s->num_roles);
  for (size_t i = 0; i < size; ++i)
    if (!isfinite(w->asked[i]))
      return MARL_FAIL(err, MARL_ENUMERIC,
                       "environment '%s': observation %zu of question %zu of the probe is %g",
                       w->ops->name, i % (size_t)s->obs_dim, i / (size_t)s->obs_dim,
                       (double)w->asked[i]);
  make_up_answers(w, &s->roles[role], rows, w->asked + size);
  for (size_t m = 0; m < 2 * count; ++m) part[m] = untouched;
  probe->answer(w->env, w->asked + size, part, whole);
  MARL_TRY(check_ratios(w, "the probe", probe->num_metrics, probe->metrics, part, whole, err));
  marl_walker_digest(hash, w->asked, size * sizeof *w->asked);
  marl_walker_digest(hash, part, 2 * count * sizeof *part);
  return MARL_OK;
}

MarlCode marl_walker_measure(MarlWalker *w, bool begun, uint64_t *hash, MarlError *err) {
  if (w->ops->cycle != NULL) MARL_TRY(see_cycle(w, begun, hash, err));
  return w->ops->probe != NULL ? see_probe(w, hash, err) : MARL_OK;
}
