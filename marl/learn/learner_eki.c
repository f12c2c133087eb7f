/* Ensemble Kalman inversion of the weights of a policy: the cheap control of the learners, which has no gradient and
 * no search distribution
 *
 * The members are candidates (candidates.h). What is inverted is the map from weights to the return of each
 * environment of a candidate, counted steps of one generation together; each ought to be `target`, and is known to
 * `noise` (kalman_inversion.h). The first ensemble is normal about the policy's first weights; with fewer members than
 * weights the search stays in what they span. After each step the policy is the ensemble's mean. */
#include <math.h>
#include <stdlib.h>

#include "marl/learn/candidates.h"
#include "marl/learn/kalman_inversion.h"
#include "marl/learn/plain_array.h"

typedef struct Eki {
  MarlCandidates candidates; /* its points are the members */
  double noise;
  double *target;  /* [company] */
  double *mean;    /* [dim] */
  double *scratch; /* marl_kalman_scratch */
} Eki;

static const MarlOption options[] = {
    MARL_CANDIDATES_OPTIONS,
    {"target", MARL_OPTION_REAL, "0", -1e12, 1e12, NULL, "reward",
     "what the rewards of an environment that count should sum to"},
    {"noise", MARL_OPTION_REAL, "1", 1e-12, 1e12, NULL, "reward",
     "standard deviation of that sum: the smaller, the longer are the steps"},
};

static Eki *eki(MarlLearner *learner) {
  return (Eki *)learner;
}

static void destroy(MarlLearner *learner) {
  Eki *e = eki(learner);
  if (e == NULL) return;
  marl_candidates_clear(&e->candidates);
  free(e->target);
  free(e);
}

static void draw(const MarlLearnerInit *init, double sigma, MarlCandidates *c) {
  const MarlKey key =
      marl_key_fold(marl_key(init->seed, MARL_STREAM_SEARCH), (uint64_t)init->replica);
  const float *params = marl_policy_params(c->policy, 0, 0);
  for (size_t i = 0; i < (size_t)c->population * c->dim; ++i)
    c->points[i] = (double)params[i % c->dim] + sigma * marl_normal(key, i);
}

static MarlCode build(const MarlSection *config, const MarlLearnerInit *init, Eki *e,
                      MarlError *err) {
  MarlCandidates *c = &e->candidates;
  MARL_TRY(marl_candidates_init(config, init, "eki", c, err));
  const size_t company = (size_t)c->company;
  e->noise = marl_section_real(config, "noise");
  e->target = calloc(company + c->dim + marl_kalman_scratch((size_t)c->population, company),
                     sizeof *e->target);
  if (e->target == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for eki");
  for (size_t i = 0; i < company; ++i) e->target[i] = marl_section_real(config, "target");
  e->mean = e->target + company;
  e->scratch = e->mean + c->dim;
  draw(init, marl_section_real(config, "sigma"), c);
  return MARL_OK;
}

static MarlCode create(const MarlSection *config, const MarlLearnerInit *init, MarlLearner **out,
                       MarlError *err) {
  *out = NULL;
  Eki *e = calloc(1, sizeof *e);
  if (e == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for eki");
  const MarlCode code = build(config, init, e, err);
  if (code == MARL_OK)
    *out = &e->candidates.base;
  else
    destroy(&e->candidates.base);
  return code;
}

/* The ensemble's mean, and the root of the mean square deviation of a weight from it. */
static double summarize(const MarlCandidates *c, double *mean) {
  double square = 0;
  const size_t members = (size_t)c->population;
  for (size_t i = 0; i < c->dim; ++i) {
    mean[i] = 0;
    for (size_t j = 0; j < members; ++j) mean[i] += c->points[j * c->dim + i] / (double)members;
    for (size_t j = 0; j < members; ++j) square += pow(c->points[j * c->dim + i] - mean[i], 2);
  }
  return sqrt(square / (double)((members - 1) * c->dim));
}

static MarlCode update(MarlLearner *learner, MarlStats *stats, MarlError *err) {
  Eki *e = eki(learner);
  MarlCandidates *c = &e->candidates;
  bool over;
  MARL_TRY(marl_candidates_over(c, &over, err));
  stats->updated = over;
  if (!over) return MARL_OK;
  const double count = (double)c->company * (c->horizon - c->settle);
  double mean = 0, best = -HUGE_VAL;
  for (int p = 0; p < c->population; ++p) {
    double value = 0;
    for (int i = 0; i < c->company; ++i) value += c->all[p * c->company + i] / count;
    mean += value / c->population;
    best = fmax(best, value);
  }
  marl_kalman_step((size_t)c->population, c->dim, (size_t)c->company, c->points, c->all, e->target,
                   e->noise, e->scratch);
  const double spread = summarize(c, e->mean);
  marl_candidates_adopt(c, e->mean);
  marl_candidates_report(c, mean, best, spread, stats);
  return MARL_OK;
}

static MarlCode save(const MarlLearner *learner, MarlStore *to, MarlError *err) {
  const MarlCandidates *c = (const MarlCandidates *)learner;
  MARL_TRY(marl_candidates_save(c, to, err));
  return marl_plain_write(to, "members", MARL_F64, (size_t)c->population * c->dim, c->points, err);
}

static MarlCode load(MarlLearner *learner, MarlStore *from, MarlError *err) {
  MarlCandidates *c = (MarlCandidates *)learner;
  MARL_TRY(marl_candidates_load(c, from, err));
  return marl_plain_read(from, "members", MARL_F64, (size_t)c->population * c->dim, c->points, err);
}

const MarlLearnerOps marl_learner_eki = {
    .name = "eki",
    .summary = "ensemble Kalman inversion of the weights of a shared policy, without gradients",
    .source = "Iglesias, Law and Stuart 2013, arXiv:1209.2736",
    .options = options,
    .num_options = sizeof options / sizeof options[0],
    .abilities = MARL_LEARNER_CONTINUOUS,
    .create = create,
    .destroy = destroy,
    .act = marl_candidates_act,
    .observe = marl_candidates_observe,
    .update = update,
    .policy = marl_candidates_policy,
    .company = marl_candidates_company,
    .save = save,
    .load = load,
    .save_shard = marl_candidates_save_shard,
    .load_shard = marl_candidates_load_shard,
};
