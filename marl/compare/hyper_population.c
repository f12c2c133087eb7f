#include "marl/compare/hyper_population.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "marl/core/rng.h"

struct MarlHyperPopulation {
  const MarlPoints *points; /* borrowed */
  int num_members, num_axes, num_rounds, num_moved;
  double factor;
  uint64_t seed;
  char (*values)[MARL_POINT_TEXT]; /* [rounds, members, axes], owned */
  int *parent, *origin;            /* [rounds, members], owned */
  int *order;                      /* [members] scratch: the best first; owned */
};

MarlCode marl_hyper_population_create(const MarlPoints *points, int num_rounds, double share,
                                      double factor, uint64_t seed, MarlHyperPopulation **out,
                                      MarlError *err) {
  const int members = marl_points_count(points), axes = marl_points_axes(points);
  const size_t places = (size_t)num_rounds * (size_t)members;
  MarlHyperPopulation *p = calloc(1, sizeof *p);
  *out = p;
  if (p == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a population of settings");
  p->points = points;
  p->num_members = members, p->num_axes = axes, p->num_rounds = num_rounds;
  p->num_moved = (int)floor(share * members);
  if (p->num_moved < 1) p->num_moved = 1;
  p->factor = factor, p->seed = seed;
  p->values = calloc(places * (size_t)axes, sizeof *p->values);
  p->parent = calloc(places, sizeof *p->parent);
  p->origin = calloc(places, sizeof *p->origin);
  p->order = calloc((size_t)members, sizeof *p->order);
  if (p->values == NULL || p->parent == NULL || p->origin == NULL || p->order == NULL) {
    marl_hyper_population_destroy(out);
    return MARL_FAIL(err, MARL_EMEMORY, "no memory for a population of settings");
  }
  for (int m = 0; m < members; ++m) {
    p->parent[m] = -1, p->origin[m] = m;
    for (int a = 0; a < axes; ++a) marl_points_value(points, m, a, p->values[m * axes + a]);
  }
  return MARL_OK;
}

void marl_hyper_population_destroy(MarlHyperPopulation **population) {
  MarlHyperPopulation *p = *population;
  if (p == NULL) return;
  free(p->values);
  free(p->parent);
  free(p->origin);
  free(p->order);
  free(p);
  *population = NULL;
}

static bool has_state(double score) {
  return isnan(score) || score > -(double)INFINITY;
}

static bool is_better(double a, double b) {
  if (isnan(a)) return !has_state(b);
  return isnan(b) ? has_state(a) : a > b;
}

/* order: the best first. Insertion keeps the lower member of equal ones before the other. */
static void sort_members(MarlHyperPopulation *p, const double *scores) {
  for (int m = 0; m < p->num_members; ++m) {
    int at = m;
    for (; at > 0 && is_better(scores[m], scores[p->order[at - 1]]); --at)
      p->order[at] = p->order[at - 1];
    p->order[at] = m;
  }
}

static char (*values_of(const MarlHyperPopulation *p, int round, int member))[MARL_POINT_TEXT] {
  return p->values +
         ((size_t)round * (size_t)p->num_members + (size_t)member) * (size_t)p->num_axes;
}

/* The member's place in the next round: on from `from`, with its settings. */
static void follow(MarlHyperPopulation *p, int round, int member, int from) {
  const size_t here = (size_t)(round + 1) * (size_t)p->num_members + (size_t)member;
  p->parent[here] = from;
  p->origin[here] = p->origin[(size_t)round * (size_t)p->num_members + (size_t)from];
  memcpy(values_of(p, round + 1, member), values_of(p, round, from),
         (size_t)p->num_axes * sizeof *p->values);
}

bool marl_hyper_population_step(MarlHyperPopulation *p, int round, const double *scores) {
  const MarlKey key = marl_key_fold(marl_key(p->seed, MARL_STREAM_EXPLOIT), (uint64_t)round);
  int num_best = 0;
  if (round + 1 >= p->num_rounds) return true;
  sort_members(p, scores);
  while (num_best < p->num_moved && has_state(scores[p->order[num_best]])) ++num_best;
  if (num_best == 0) return false;
  for (int at = 0; at < p->num_members; ++at) {
    const int member = p->order[at];
    const MarlKey own = marl_key_fold(key, (uint64_t)member);
    const bool moves = at >= p->num_members - p->num_moved || !has_state(scores[member]);
    follow(p, round, member, moves ? p->order[marl_below(own, 0, (uint64_t)num_best)] : member);
    for (int a = 0; a < p->num_axes && moves; ++a)
      marl_points_perturb(p->points, a, p->factor, marl_below(own, 1 + (uint64_t)a, 2) == 0,
                          values_of(p, round + 1, member)[a]);
  }
  return true;
}

const char *marl_hyper_population_value(const MarlHyperPopulation *p, int round, int member,
                                        int axis) {
  return values_of(p, round, member)[axis];
}

int marl_hyper_population_parent(const MarlHyperPopulation *p, int round, int member) {
  return p->parent[(size_t)round * (size_t)p->num_members + (size_t)member];
}

int marl_hyper_population_origin(const MarlHyperPopulation *p, int round, int member) {
  return p->origin[(size_t)round * (size_t)p->num_members + (size_t)member];
}
