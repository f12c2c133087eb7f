#include "marl/learn/env_check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marl/learn/env_check_walk.h"

/* Two fillings of rows that may hold anything: neither is a flag, a role, or a number that an
 * environment would write by chance. */
enum { FILLING = 0x6b, OTHER_FILLING = 0x95 };

typedef struct Check {
  const MarlEnvOps *ops;
  const MarlSection *config;
  uint64_t seed;
  int steps;
  MarlTracePoint *trace; /* [steps + 1] of an instance alone */
  MarlEnvCheckReport *report;
} Check;

static MarlCode create(const Check *c, int index, uint64_t seed, uint8_t filling, MarlWalker **out,
                       MarlError *err) {
  return marl_walker_create(c->ops, c->config, index, seed, filling, out, err);
}

static void note(MarlEnvCheckReport *report, const char *format, ...) MARL_PRINTF(2, 3);
static void note(MarlEnvCheckReport *report, const char *format, ...) {
  if (report->num_notes == MARL_ENV_CHECK_NOTES) return;
  va_list args;
  va_start(args, format);
  vsnprintf(report->note[report->num_notes++], sizeof report->note[0], format, args);
  va_end(args);
}

/* The part in which two points differ, -1 if they do not. */
static int difference(const MarlTracePoint *a, const MarlTracePoint *b) {
  if (a->episode != b->episode || a->step != b->step) return MARL_TRACE_FLAGS;
  for (int i = 0; i < MARL_TRACE_PARTS; ++i)
    if (a->part[i] != b->part[i]) return i;
  return -1;
}

/* `point` is what the alone instance showed after `step` steps? `where` says what is special here. */
static MarlCode compare(const Check *c, int step, const MarlTracePoint *point, const char *where,
                        MarlError *err) {
  static const char *const parts[] = {"ends or who decides",
                                      "roles",
                                      "observations",
                                      "legal choices",
                                      "rewards",
                                      "state",
                                      "metrics"};
  _Static_assert(sizeof parts / sizeof parts[0] == MARL_TRACE_PARTS, "a name for each part");
  const int part = difference(&c->trace[step], point);
  if (part < 0) return MARL_OK;
  return MARL_FAIL(err, MARL_EARG,
                   "environment '%s': the %s differ %s, first in step %d of episode %lld: all that "
                   "follows must be a function of options, key and actions",
                   c->ops->name, parts[part], where, c->trace[step].step,
                   (long long)c->trace[step].episode);
}

static void count(const Check *c, const MarlWalker *w) {
  c->report->steps += w->taken;
  c->report->episodes += w->ended;
}

/* Steps from + 1 .. c->steps of a walker that stands at `from`, against the trace. */
static MarlCode follow(const Check *c, MarlWalker *w, int from, const char *where, MarlError *err) {
  MarlTracePoint point;
  for (int t = from; t < c->steps; ++t) {
    MARL_TRY(marl_walker_step(w, &point, err));
    MARL_TRY(compare(c, t + 1, &point, where, err));
  }
  return MARL_OK;
}

static MarlCode begin_and_follow(const Check *c, MarlWalker *w, const char *where, MarlError *err) {
  MarlTracePoint point;
  MARL_TRY(marl_walker_begin(w, &point, err));
  MARL_TRY(compare(c, 0, &point, where, err));
  return follow(c, w, 0, where, err);
}

static MarlCode advance(MarlWalker *w, int steps, MarlError *err) {
  MarlTracePoint point;
  MARL_TRY(marl_walker_begin(w, &point, err));
  for (int t = 0; t < steps; ++t) MARL_TRY(marl_walker_step(w, &point, err));
  return MARL_OK;
}

/* The walk that all others are held against. */
static MarlCode walk_alone(const Check *c, MarlWalker **w, MarlError *err) {
  MARL_TRY(create(c, 0, c->seed, FILLING, &w[0], err));
  MARL_TRY(marl_walker_begin(w[0], &c->trace[0], err));
  for (int t = 0; t < c->steps; ++t) MARL_TRY(marl_walker_step(w[0], &c->trace[t + 1], err));
  if (w[0]->ended == 0)
    note(c->report, "no episode has ended in %d steps%s", c->steps,
         w[0]->env->spec.max_steps == 0 ? ", and there is no time limit: can one end?" : "");
  if (!w[0]->decided) note(c->report, "no agent was to decide in %d steps", c->steps);
  if (!w[0]->earned) note(c->report, "every reward was 0 in %d steps", c->steps);
  return MARL_OK;
}

static MarlCode walk_again(const Check *c, MarlWalker **w, MarlError *err) {
  MARL_TRY(create(c, 0, c->seed, FILLING, &w[0], err));
  MARL_TRY(begin_and_follow(c, w[0], "between two instances with the same seed", err));
  MARL_TRY(create(c, 0, c->seed, OTHER_FILLING, &w[1], err));
  return begin_and_follow(
      c, w[1], "with what the rows held before (is something read or left unwritten?)", err);
}

static MarlCode walk_used(const Check *c, MarlWalker **w, MarlError *err) {
  MARL_TRY(create(c, 0, c->seed + 1, FILLING, &w[0], err));
  MARL_TRY(create(c, 0, c->seed, FILLING, &w[1], err));
  MARL_TRY(advance(w[0], c->steps / 2 + 1, err));
  w[0]->key = w[1]->key;
  return begin_and_follow(c, w[0], "in an instance that was used before its reset", err);
}

/* Others with other keys take their steps between those of the one that is compared. */
static MarlCode walk_in_turn(const Check *c, MarlWalker **w, MarlError *err) {
  MarlTracePoint point, other;
  for (int i = 0; i < 3; ++i) MARL_TRY(create(c, i, c->seed, FILLING, &w[i], err));
  for (int t = 0; t <= c->steps; ++t)
    for (int i = 2; i >= 0; --i) {
      MarlTracePoint *seen = i == 0 ? &point : &other;
      MARL_TRY(t == 0 ? marl_walker_begin(w[i], seen, err) : marl_walker_step(w[i], seen, err));
      if (i == 0) MARL_TRY(compare(c, t, &point, "when other instances are stepped in turn", err));
    }
  return MARL_OK;
}

static MarlCode save_at(const Check *c, int step, MarlWalker **w, MarlError *err) {
  for (int i = 0; i < 3; ++i) MARL_TRY(create(c, 0, c->seed, FILLING, &w[i], err));
  MARL_TRY(advance(w[0], step, err));
  MARL_TRY(advance(w[1], c->steps / 3, err)); /* in the middle of something else */
  MARL_TRY(marl_walker_copy(w[0], w[1], err));
  MARL_TRY(marl_walker_copy(w[0], w[2], err));
  MARL_TRY(follow(c, w[2], step, "after save and load into a new instance", err));
  MARL_TRY(follow(c, w[1], step, "after save and load into an instance that was used", err));
  return follow(c, w[0], step, "in the instance that was saved", err);
}

/* Right after a reset, in the first steps, in the middle of the walk, and before its end. */
static MarlCode walk_saved(const Check *c, MarlWalker **w, MarlError *err) {
  const int at[] = {0, 1, 2, 3, c->steps / 2, c->steps - 1};
  for (size_t i = 0; i < sizeof at / sizeof at[0]; ++i) {
    const MarlCode code = save_at(c, at[i], w, err);
    for (int k = 0; k < 3; ++k) {
      if (w[k] != NULL) count(c, w[k]);
      marl_walker_destroy(&w[k]);
    }
    if (code != MARL_OK) return code;
  }
  return MARL_OK;
}

static MarlCode walk_other_seeds(const Check *c, MarlWalker **w, MarlError *err) {
  enum { SEEDS = 3 };
  MarlTracePoint point;
  bool differs = false;
  for (int i = 0; i < SEEDS && !differs; ++i) {
    MARL_TRY(create(c, 0, c->seed + 1 + (uint64_t)i, FILLING, &w[i], err));
    MARL_TRY(marl_walker_begin(w[i], &point, err));
    differs = difference(&c->trace[0], &point) >= 0;
    for (int t = 0; t < c->steps && !differs; ++t) {
      MARL_TRY(marl_walker_step(w[i], &point, err));
      differs = difference(&c->trace[t + 1], &point) >= 0;
    }
  }
  if (!differs) note(c->report, "nothing depends on the seed; that is right if nothing is random");
  return MARL_OK;
}

MarlCode marl_env_check(const MarlEnvOps *ops, const MarlSection *config, uint64_t seed, int steps,
                        MarlEnvCheckReport *report, MarlError *err) {
  static MarlCode (*const walks[])(const Check *, MarlWalker **, MarlError *) = {
      walk_alone, walk_again, walk_used, walk_in_turn, walk_saved, walk_other_seeds};
  enum { MOST_WALKERS = 3 };
  *report = (MarlEnvCheckReport){0};
  MARL_TRY(marl_env_check_ops(ops, err));
  if (steps < 4) return MARL_FAIL(err, MARL_EARG, "a check needs at least 4 steps, not %d", steps);
  Check c = {ops, config, seed, steps, calloc((size_t)steps + 1, sizeof *c.trace), report};
  if (c.trace == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory for %d steps", steps);
  MarlCode code = MARL_OK;
  for (size_t i = 0; i < sizeof walks / sizeof walks[0] && code == MARL_OK; ++i) {
    MarlWalker *w[MOST_WALKERS] = {NULL};
    code = walks[i](&c, w, err);
    for (int k = 0; k < MOST_WALKERS; ++k) {
      if (w[k] != NULL) count(&c, w[k]);
      marl_walker_destroy(&w[k]);
    }
  }
  free(c.trace);
  return code;
}
