/* CMA-ES on the weights of a policy: the direct-search control of the gradient learners
 *
 * A candidate (candidates.h) is worth its mean reward a step over its environments; after each generation the
 * policy is the mean of the search distribution (search.h; Hansen, arXiv:1604.00772). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "marl/learn/candidates.h"
#include "marl/learn/group_transfer.h"
#include "marl/learn/search.h"

typedef struct Cmaes {
  MarlCandidates candidates;
  MarlSearch *search;
  double *values; /* [population], to be minimized */
  double *mean;   /* [dim] of the search distribution */
} Cmaes;

static const MarlOption options[] = {MARL_CANDIDATES_OPTIONS};

static Cmaes *cmaes(MarlLearner *learner) {
  return (Cmaes *)learner;
}

static void destroy(MarlLearner *learner) {
  Cmaes *c = cmaes(learner);
  if (c == NULL) return;
  if (c->search != NULL) marl_search_destroy(&c->search);
  marl_candidates_clear(&c->candidates);
  free(c->values);
  free(c);
}

static MarlCode create_search(const MarlSection *config, const MarlLearnerInit *init, Cmaes *c,
                              MarlError *err) {
  const size_t dim = c->candidates.dim;
  double *start = malloc(2 * dim * sizeof *start);
  if (start == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for cmaes");
  const float *params = marl_policy_params(c->candidates.policy, 0, 0);
  for (size_t i = 0; i < dim; ++i) {
    start[i] = (double)params[i];
    start[dim + i] = marl_section_real(config, "sigma");
  }
  const MarlSearchParams search = {
      .dim = (int)dim,
      .start = start,
      .scale = start + dim,
      .population = c->candidates.population,
      .key = marl_key_fold(marl_key(init->seed, MARL_STREAM_SEARCH), (uint64_t)init->replica)};
  const MarlSearchOps *ops = NULL;
  MarlCode code = marl_search_find("cmaes", &ops, err);
  if (code == MARL_OK) code = marl_search_create(ops, &search, &c->search, err);
  free(start);
  return code;
}

static MarlCode build(const MarlSection *config, const MarlLearnerInit *init, Cmaes *c,
                      MarlError *err) {
  MARL_TRY(marl_candidates_init(config, init, "cmaes", &c->candidates, err));
  MARL_TRY(create_search(config, init, c, err));
  const size_t population = (size_t)c->candidates.population;
  c->values = calloc(population + c->candidates.dim, sizeof *c->values);
  if (c->values == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for cmaes");
  c->mean = c->values + population;
  marl_search_ask(c->search, c->candidates.points);
  return MARL_OK;
}

static MarlCode create(const MarlSection *config, const MarlLearnerInit *init, MarlLearner **out,
                       MarlError *err) {
  *out = NULL;
  Cmaes *c = calloc(1, sizeof *c);
  if (c == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for cmaes");
  const MarlCode code = build(config, init, c, err);
  if (code == MARL_OK)
    *out = &c->candidates.base;
  else
    destroy(&c->candidates.base);
  return code;
}

/* Values of the candidates from the returns of all environments, summed in their order. */
static void evaluate(Cmaes *c) {
  const MarlCandidates *tried = &c->candidates;
  memset(c->values, 0, (size_t)tried->population * sizeof *c->values);
  const double count = (double)tried->company * (tried->horizon - tried->settle);
  for (int g = 0; g < tried->population * tried->company; ++g)
    c->values[g / tried->company] -= tried->all[g] / count;
}

static MarlCode update(MarlLearner *learner, MarlStats *stats, MarlError *err) {
  Cmaes *c = cmaes(learner);
  bool over;
  MARL_TRY(marl_candidates_over(&c->candidates, &over, err));
  stats->updated = over;
  if (!over) return MARL_OK;
  evaluate(c);
  double best = c->values[0], mean = 0;
  for (int p = 0; p < c->candidates.population; ++p) {
    best = fmin(best, c->values[p]);
    mean += c->values[p] / c->candidates.population;
  }
  marl_search_tell(c->search, c->values);
  marl_search_estimate(c->search, c->mean);
  marl_candidates_adopt(&c->candidates, c->mean);
  marl_search_ask(c->search, c->candidates.points);
  marl_candidates_report(&c->candidates, -mean, -best, marl_search_spread(c->search), stats);
  return MARL_OK;
}

static MarlCode save(const MarlLearner *learner, MarlStore *to, MarlError *err) {
  const Cmaes *c = (const Cmaes *)learner;
  MarlStore *group = NULL;
  MARL_TRY(marl_candidates_save(&c->candidates, to, err));
  MARL_TRY(marl_group_begin(to, "search", -1, true, &group, err));
  const MarlCode code = marl_search_save(c->search, group, err);
  marl_store_close(&group);
  return code;
}

static MarlCode load(MarlLearner *learner, MarlStore *from, MarlError *err) {
  Cmaes *c = cmaes(learner);
  MarlStore *group = NULL;
  MARL_TRY(marl_candidates_load(&c->candidates, from, err));
  MARL_TRY(marl_group_begin(from, "search", -1, false, &group, err));
  const MarlCode code = marl_search_load(c->search, group, err);
  marl_store_close(&group);
  if (code == MARL_OK) marl_search_ask(c->search, c->candidates.points);
  return code;
}

const MarlLearnerOps marl_learner_cmaes = {
    .name = "cmaes",
    .summary = "CMA-ES on the weights of a shared policy: the direct-search control",
    .source = "Hansen 2016, arXiv:1604.00772",
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
