/* recipe: envs/iterated/population_voters.c, ENTRY(voters) in envs/population_table.c */
/* Population `voters`: the voter model (Clifford and Sudbury 1973). Nobody learns; agents copy each other
 * until all are alike. A cycle is as many copies as there are agents. */
#include <stdlib.h>

#include "marl/compare/population.h"
#include "marl/learn/plain_array.h"

static const MarlOption options[] = {
    {"num_agents", MARL_OPTION_INT, "100", 2, 1e6, NULL, "agents", "agents"},
    {"initial", MARL_OPTION_REAL, "0.5", 0, 1, NULL, "1", "share of opinion 1 at the start"},
    {"cycles", MARL_OPTION_INT, "100", 1, 1e9, NULL, "cycles", "length of a run"},
};

typedef struct Voters {
  MarlKey key;
  int64_t cycle;
  int num_agents;
  uint8_t opinion[];
} Voters;

static int first_of_one(const MarlSection *env) {
  const int n = marl_section_int(env, "num_agents");
  return (int)(marl_section_real(env, "initial") * n + 0.5);
}

static MarlCode check(const MarlPopulationConfig *config, MarlError *err) {
  (void)config, (void)err; /* any combination of values will do */
  return MARL_OK;
}

static MarlCode create(const MarlPopulationConfig *config, MarlKey key, MarlPopulationState **out,
                       MarlError *err) {
  const int n = marl_section_int(config->env, "num_agents"), ones = first_of_one(config->env);
  Voters *voters = calloc(1, sizeof *voters + (size_t)n);
  if (voters == NULL) return MARL_FAIL(err, MARL_EMEMORY, "voters: no memory for %d", n);
  voters->key = key;
  voters->num_agents = n;
  for (int i = 0; i < ones; ++i) voters->opinion[i] = 1;
  *out = (MarlPopulationState *)voters;
  return MARL_OK;
}

static void destroy(MarlPopulationState *state) {
  free(state);
}

/* Everything random is a function of the key and of the number of the cycle. */
static MarlCode cycle(MarlPopulationState *state, double *metrics, double *whole, MarlError *err) {
  Voters *voters = (Voters *)state;
  const uint64_t n = (uint64_t)voters->num_agents;
  const MarlKey key = marl_key_fold(voters->key, (uint64_t)voters->cycle++);
  double ones = 0;
  (void)err;
  for (uint64_t i = 0; i < n; ++i)
    voters->opinion[marl_below(key, 2 * i, n)] = voters->opinion[marl_below(key, 2 * i + 1, n)];
  for (uint64_t i = 0; i < n; ++i) ones += voters->opinion[i];
  metrics[0] = ones, whole[0] = (double)n; /* a ratio: numerator and denominator */
  metrics[1] = ones == 0 || ones == (double)n;
  return MARL_OK;
}

/* In the mean over runs the share stays what it was. */
static MarlCode exact(const MarlPopulationConfig *config, double *metrics, MarlError *err) {
  (void)err;
  metrics[0] = (double)first_of_one(config->env) / marl_section_int(config->env, "num_agents");
  return MARL_OK;
}

static MarlCode save(const MarlPopulationState *state, MarlStore *to, MarlError *err) {
  const Voters *voters = (const Voters *)state;
  MARL_TRY(marl_store_set_int(to, NULL, "cycle", voters->cycle, err));
  return marl_plain_write(to, "opinion", MARL_U8, (size_t)voters->num_agents, voters->opinion, err);
}

static MarlCode load(MarlPopulationState *state, MarlStore *from, MarlError *err) {
  Voters *voters = (Voters *)state;
  MARL_TRY(marl_store_get_int(from, NULL, "cycle", &voters->cycle, err));
  return marl_plain_read(from, "opinion", MARL_U8, (size_t)voters->num_agents, voters->opinion,
                         err);
}

static const char *const metrics[] = {"share", "consensus"};
static const MarlMeasure measures[] = {
    {"share", MARL_MEASURE_FOLLOWED | MARL_MEASURE_IN_UNIT},
    {"consensus", MARL_MEASURE_COLUMN | MARL_MEASURE_IN_UNIT},
};

const MarlPopulationOps marl_population_voters = {
    .name = "voters",
    .summary = "agents who copy each other's opinion until all are alike",
    .source = "Clifford and Sudbury 1973, Biometrika 60, 581",
    .options = options,
    .num_options = sizeof options / sizeof *options,
    .metrics = metrics,
    .num_metrics = sizeof metrics / sizeof *metrics,
    .measures = measures,
    .num_measures = sizeof measures / sizeof *measures,
    .check = check,
    .create = create,
    .destroy = destroy,
    .cycle = cycle,
    .exact = exact,
    .save = save,
    .load = load,
};
