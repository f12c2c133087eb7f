#include "marl/compare/run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A ratio: sums of numerators and denominators. */
typedef struct Ratio {
  double part, whole;
} Ratio;

static double value_of(Ratio ratio) {
  return ratio.whole > 0.0 ? ratio.part / ratio.whole : (double)NAN;
}

static void add(Ratio *to, double part, double whole) {
  to->part += part, to->whole += whole;
}

/* A running sum that does not drift (Neumaier 1974): exact for whole numbers, and within an ulp of
 * the sum of the window for others, however long the run. */
typedef struct Sum {
  double sum, lost;
} Sum;

static void add_to_sum(Sum *s, double x) {
  const double total = s->sum + x;
  s->lost += fabs(s->sum) >= fabs(x) ? (s->sum - total) + x : (x - total) + s->sum;
  s->sum = total;
}

/* Everything but the population and the curve. */
typedef struct Counts {
  int64_t cycle;        /* played */
  int64_t reached;      /* cycles played when the threshold was met, 0 before */
  int64_t seen;         /* cycles of the tail in which the followed metric was there */
  double mean, squares; /* of it over them (Welford 1962) */
  Sum part, whole;      /* of the window */
} Counts;

struct MarlComparisonRun {
  const MarlComparison *comparison;
  int job;
  MarlSection *env; /* of this run where it differs from its cell's; NULL */
  MarlPopulationState *population;
  Counts counts;
  Ratio *window;           /* [window] of the followed metric, a ring */
  Ratio *tail, *point;     /* [num_measured] sums so far */
  double *metrics, *whole; /* [num_measured] of a cycle */
  double *own, *own_whole; /* [num_own] of a cycle, as the population numbers them */
  float *curve;            /* [num_points, num_measured] */
};

/* Cell names, not numbers, enter the key: a run is the same in any comparison that holds it. */
static MarlKey job_key(const MarlComparison *comparison, int job) {
  const MarlComparisonCell *cell = &comparison->cells[job / comparison->num_seeds];
  const MarlKey key = marl_key_fold_text(marl_key(comparison->seed, MARL_STREAM_ENV), cell->name);
  return marl_key_fold(key, (uint64_t)(job % comparison->num_seeds));
}

static size_t curve_size(const MarlComparison *c) {
  return (size_t)c->num_points * (size_t)c->num_measured;
}

static MarlCode lay_out(MarlComparisonRun *run, MarlError *err) {
  const MarlComparison *c = run->comparison;
  const size_t count = (size_t)c->num_measured, window = (size_t)c->window;
  run->window = calloc(window + 2 * count, sizeof *run->window);
  run->metrics = calloc(4 * count, sizeof *run->metrics);
  run->curve = calloc(curve_size(c), sizeof *run->curve);
  if (run->window == NULL || run->metrics == NULL || run->curve == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "comparison: no memory for %d cycles", c->cycles);
  run->tail = run->window + window;
  run->point = run->tail + count;
  run->whole = run->metrics + count;
  run->own = run->whole + count;
  run->own_whole = run->own + count;
  return MARL_OK;
}

static const MarlComparisonCell *cell_of(const MarlComparisonRun *run) {
  return &run->comparison->cells[run->job / run->comparison->num_seeds];
}

/* What an environment says is a seed of each run, such as that of a graph. */
static MarlCode vary_seed(MarlComparisonRun *run, MarlPopulationConfig *config, MarlError *err) {
  const char *key = config->env_ops != NULL ? config->env_ops->seed_per_run : NULL;
  char text[32];
  if (key == NULL || !run->comparison->vary_seeds) return MARL_OK;
  MARL_TRY(marl_section_copy(config->env, &run->env, err));
  snprintf(text, sizeof text, "%lld",
           (long long)marl_section_int64(run->env, key) + config->replica);
  config->env = run->env;
  return marl_section_set(run->env, key, text, "compare", err);
}

MarlCode marl_comparison_run_create(const MarlComparison *comparison, int job,
                                    MarlComparisonRun **out, MarlError *err) {
  const MarlComparisonCell *cell = &comparison->cells[job / comparison->num_seeds];
  MarlPopulationConfig config = marl_comparison_config(cell, job % comparison->num_seeds);
  *out = NULL;
  MarlComparisonRun *run = calloc(1, sizeof *run);
  if (run == NULL) return MARL_FAIL(err, MARL_EMEMORY, "comparison: no memory");
  run->comparison = comparison;
  run->job = job;
  MarlCode code = lay_out(run, err);
  if (code == MARL_OK) code = vary_seed(run, &config, err);
  if (code == MARL_OK)
    code = comparison->population->create(&config, job_key(comparison, job), &run->population, err);
  if (code != MARL_OK)
    marl_comparison_run_destroy(&run);
  else
    *out = run;
  return code;
}

void marl_comparison_run_destroy(MarlComparisonRun **run) {
  MarlComparisonRun *r = *run;
  if (r == NULL) return;
  r->comparison->population->destroy(r->population);
  marl_section_destroy(&r->env);
  free(r->window);
  free(r->metrics);
  free(r->curve);
  free(r);
  *run = NULL;
}

const MarlSection *marl_comparison_run_env(const MarlComparisonRun *run) {
  return run->env != NULL ? run->env : cell_of(run)->section[0];
}

int64_t marl_comparison_run_cycles(const MarlComparisonRun *run) {
  return run->counts.cycle;
}

bool marl_comparison_run_over(const MarlComparisonRun *run) {
  return run->counts.cycle == run->comparison->cycles;
}

/* The threshold as written and its product with a count are rounded, and so are metrics that are no
 * counts: what is short of it by less than 2^-40 of itself has reached it. */
static bool reaches(const MarlComparison *c, double part, double whole) {
  const double needed = c->threshold * whole;
  return whole > 0.0 && part >= needed - 0x1p-40 * fabs(needed);
}

static void follow_threshold(MarlComparisonRun *run) {
  const MarlComparison *c = run->comparison;
  Counts *n = &run->counts;
  Ratio *oldest = &run->window[n->cycle % c->window];
  add_to_sum(&n->part, -oldest->part), add_to_sum(&n->whole, -oldest->whole);
  *oldest = (Ratio){run->metrics[c->followed], run->whole[c->followed]};
  add_to_sum(&n->part, oldest->part), add_to_sum(&n->whole, oldest->whole);
  if (n->reached == 0 && n->cycle + 1 >= c->window &&
      reaches(c, n->part.sum + n->part.lost, n->whole.sum + n->whole.lost))
    n->reached = n->cycle + 1;
}

static void follow_tail(MarlComparisonRun *run) {
  const MarlComparison *c = run->comparison;
  Counts *n = &run->counts;
  if (n->cycle < c->cycles - c->tail) return;
  for (int m = 0; m < c->num_measured; ++m) add(&run->tail[m], run->metrics[m], run->whole[m]);
  const int followed = c->followed;
  const double value = value_of((Ratio){run->metrics[followed], run->whole[followed]});
  if (isnan(value)) return;
  const double before = value - n->mean;
  n->mean += before / (double)++n->seen;
  n->squares += before * (value - n->mean);
}

static void follow_curve(MarlComparisonRun *run) {
  const MarlComparison *c = run->comparison;
  const int count = c->num_measured;
  const int64_t cycle = run->counts.cycle;
  float *row = run->curve + (cycle / c->curve_every) * count;
  for (int m = 0; m < count; ++m) add(&run->point[m], run->metrics[m], run->whole[m]);
  if ((cycle + 1) % c->curve_every != 0) return;
  for (int m = 0; m < count; ++m) {
    row[m] = (float)value_of(run->point[m]);
    run->point[m] = (Ratio){0.0, 0.0};
  }
}

/* Before the population writes what it knows. */
static void expect(MarlComparisonRun *run) {
  for (int m = 0; m < cell_of(run)->num_own; ++m) run->own_whole[m] = 1.0;
}

/* What the population wrote, under the comparison's numbers; the rest is absent. */
static void take(MarlComparisonRun *run) {
  const MarlComparisonCell *cell = cell_of(run);
  for (int m = 0; m < run->comparison->num_measured; ++m) run->metrics[m] = run->whole[m] = 0.0;
  for (int m = 0; m < cell->num_own; ++m) {
    run->metrics[cell->own[m]] = run->own[m];
    run->whole[cell->own[m]] = run->own_whole[m];
  }
}

MarlCode marl_comparison_run_cycle(MarlComparisonRun *run, MarlError *err) {
  const MarlPopulationOps *ops = run->comparison->population;
  expect(run);
  MARL_TRY(ops->cycle(run->population, run->own, run->own_whole, err));
  take(run);
  follow_threshold(run);
  follow_tail(run);
  follow_curve(run);
  ++run->counts.cycle;
  return MARL_OK;
}

MarlCode marl_comparison_run_finish(MarlComparisonRun *run, const MarlRunResult *result,
                                    MarlError *err) {
  const MarlComparison *c = run->comparison;
  const MarlPopulationOps *ops = c->population;
  const Counts *n = &run->counts;
  double *out = result->metrics;
  for (int m = 0; m < c->num_measured; ++m) *out++ = value_of(run->tail[m]);
  expect(run);
  if (ops->greedy != NULL && c->num_greedy > 0)
    MARL_TRY(ops->greedy(run->population, c->greedy_cycles, run->own, run->own_whole, err));
  else
    memset(run->own_whole, 0, (size_t)cell_of(run)->num_own * sizeof *run->own_whole);
  take(run);
  for (int g = 0; g < c->num_greedy; ++g)
    *out++ = value_of((Ratio){run->metrics[c->greedy[g]], run->whole[c->greedy[g]]});
  *out++ = n->reached > 0 ? (double)n->reached : (double)NAN;
  *out++ = n->reached > 0;
  *out++ = n->seen > 1 ? sqrt(n->squares / (double)(n->seen - 1)) : (double)NAN;
  memcpy(result->curve, run->curve, curve_size(c) * sizeof *run->curve);
  return MARL_OK;
}

MarlCode marl_comparison_sign(const MarlComparison *comparison, int cell, MarlStore *to,
                              MarlError *err) {
  MARL_TRY(marl_store_set_text(to, NULL, "cell", comparison->cells[cell].name, err));
  return marl_store_set_int(to, NULL, "seed", (int64_t)comparison->seed, err);
}

MarlCode marl_comparison_check(const MarlComparison *comparison, int cell, MarlStore *from,
                               MarlError *err) {
  char *name;
  int64_t seed;
  MARL_TRY(marl_store_get_int(from, NULL, "seed", &seed, err));
  MARL_TRY(marl_store_get_text(from, NULL, "cell", &name, err));
  const bool same =
      strcmp(name, comparison->cells[cell].name) == 0 && seed == (int64_t)comparison->seed;
  free(name);
  if (same) return MARL_OK;
  return MARL_FAIL(err, MARL_EIO, "%s: of another comparison", marl_store_path(from));
}

/* Counts and sums as two plain arrays. */
enum { NUM_WHOLE = 3, NUM_REAL = 6 };

MarlCode marl_comparison_run_save(const MarlComparisonRun *run, MarlStore *to, MarlError *err) {
  const MarlComparison *c = run->comparison;
  const Counts *n = &run->counts;
  const size_t ratios = (size_t)c->window + 2 * (size_t)c->num_measured;
  const int64_t whole[NUM_WHOLE] = {n->cycle, n->reached, n->seen};
  const double real[NUM_REAL] = {n->mean,      n->squares,   n->part.sum,
                                 n->part.lost, n->whole.sum, n->whole.lost};
  const MarlArray counts = {.type = MARL_I64, .rank = 1, .shape = {NUM_WHOLE}};
  const MarlArray sums = {.type = MARL_F64, .rank = 1, .shape = {NUM_REAL}};
  const MarlArray pairs = {.type = MARL_F64, .rank = 2, .shape = {ratios, 2}};
  const MarlArray curve = {.type = MARL_F32, .rank = 1, .shape = {curve_size(c)}};
  MARL_TRY(marl_comparison_sign(c, run->job / c->num_seeds, to, err));
  MARL_TRY(marl_store_set_int(to, NULL, "replica", run->job % c->num_seeds, err));
  MARL_TRY(marl_store_write(to, "counts", &counts, whole, err));
  MARL_TRY(marl_store_write(to, "sums", &sums, real, err));
  MARL_TRY(marl_store_write(to, "ratios", &pairs, run->window, err));
  MARL_TRY(marl_store_write(to, "curve", &curve, run->curve, err));
  MarlStore *population;
  MARL_TRY(marl_store_group_create(to, "population", &population, err));
  const MarlCode code = c->population->save(run->population, population, err);
  marl_store_close(&population);
  return code;
}

MarlCode marl_comparison_run_load(MarlComparisonRun *run, MarlStore *from, MarlError *err) {
  const MarlComparison *c = run->comparison;
  const size_t ratios = (size_t)c->window + 2 * (size_t)c->num_measured;
  int64_t replica, whole[NUM_WHOLE];
  double real[NUM_REAL];
  MARL_TRY(marl_comparison_check(c, run->job / c->num_seeds, from, err));
  MARL_TRY(marl_store_get_int(from, NULL, "replica", &replica, err));
  MARL_TRY(marl_store_read(from, "counts", MARL_I64, NUM_WHOLE, whole, err));
  if (replica != run->job % c->num_seeds || whole[0] < 0 || whole[0] > c->cycles || whole[1] < 0 ||
      whole[1] > whole[0] || whole[2] < 0 || whole[2] > c->tail)
    return MARL_FAIL(err, MARL_EIO, "%s: no state of this run", marl_store_path(from));
  MARL_TRY(marl_store_read(from, "sums", MARL_F64, NUM_REAL, real, err));
  MARL_TRY(marl_store_read(from, "ratios", MARL_F64, 2 * ratios, run->window, err));
  MARL_TRY(marl_store_read(from, "curve", MARL_F32, curve_size(c), run->curve, err));
  MarlStore *population;
  MARL_TRY(marl_store_group_open(from, "population", &population, err));
  const MarlCode code = c->population->load(run->population, population, err);
  marl_store_close(&population);
  run->counts = (Counts){.cycle = whole[0],
                         .reached = whole[1],
                         .seen = whole[2],
                         .mean = real[0],
                         .squares = real[1],
                         .part = {real[2], real[3]},
                         .whole = {real[4], real[5]}};
  return code;
}
