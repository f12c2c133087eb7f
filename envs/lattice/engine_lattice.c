/* Lattices as engines of `marl compare`: `lattice`, learners, and `imitation`. One run is one lattice
 * on one rank; a cycle is env.steps steps. */
#include <stdlib.h>

#include "envs/dilemma/engine.h"
#include "envs/lattice/lattice.h"

typedef struct LatticeEngine {
  MarlEngine base;
  MarlLattice *lattice;
  MarlLatticeParams params;
  int steps;
} LatticeEngine;

#define COMMON_OPTIONS                                                                          \
  {"cycles", MARL_OPTION_INT, "100", 1, 1e9, NULL, "cycles", "length of a run"},                \
      {"steps", MARL_OPTION_INT, "20", 1, 1e9, NULL, "steps", "steps of everybody in a cycle"}, \
      {"side",                                                                                  \
       MARL_OPTION_INT,                                                                         \
       "100",                                                                                   \
       4,                                                                                       \
       MARL_LATTICE_MAX_SIDE,                                                                   \
       NULL,                                                                                    \
       "agents",                                                                                \
       "side of the lattice, which is periodic"},                                               \
      {"game", MARL_OPTION_CHOICE, "donation", 0,                                               \
       0,      marl_game_names,    "1",        "the game with each of the four neighbors"},     \
      {"payoff", MARL_OPTION_REALS,                                                             \
       "",       -1e6,                                                                          \
       1e6,      NULL,                                                                          \
       "reward", "R, S, T, P in place of the named game's own; empty keeps them"},              \
      {"fine", MARL_OPTION_REAL, "1", 0, 1e6, NULL, "reward", "taken from a fined defector"}, { \
    "cost", MARL_OPTION_REAL, "0.5", 0, 1e6, NULL, "reward", "what giving a fine costs"         \
  }

static const MarlOption learner_env_options[] = {
    COMMON_OPTIONS,
    {"punish", MARL_OPTION_REAL, "0.5", 0, 1, NULL, "1",
     "probability that a cooperator fines a neighbor that defects"},
    {"initial", MARL_OPTION_REAL, "0.5", 0, 1, NULL, "1", "share of cooperators at the start"},
};
static const MarlOption learner_options[] = {
    {"learning_rate", MARL_OPTION_REAL, "0.1", 0, 1, NULL, "1", "step of the values"},
    {"gamma", MARL_OPTION_REAL, "0.9", 0, 0.999999, NULL, "1", "discount of a step to the next"},
    {"epsilon", MARL_OPTION_REAL, "0.01", 0, 1, NULL, "1", "share of random actions"},
    {"preference", MARL_OPTION_REAL, "0", -1e6, 1e6, NULL, "reward",
     "value of an agent's initial action at the start, in every state; others start at 0"},
};
static const MarlOption imitation_env_options[] = {
    COMMON_OPTIONS,
    {"initial", MARL_OPTION_REALS, "0.3333333333, 0.3333333333, 0.3333333334, 0", 0, 1, NULL, "1",
     "shares at the start of C, D, P (fines its neighbors) and IP (fines its neighbors' "
     "neighbors)"},
    {"temperature", MARL_OPTION_REAL, "0.1", 1e-6, 1e9, NULL, "reward",
     "noise of imitation: probability 1 / (1 + exp(-gain / temperature))"},
};

static MarlCode read_common(const MarlEngineConfig *config, MarlLatticeParams *out,
                            MarlError *err) {
  *out = (MarlLatticeParams){.side = marl_section_int(config->env, "side"),
                             .fine = marl_section_real(config->env, "fine"),
                             .cost = marl_section_real(config->env, "cost")};
  return marl_game_read(config->env, &out->game, err);
}

static MarlCode read_learners(const MarlEngineConfig *config, MarlLatticeParams *out,
                              MarlError *err) {
  MARL_TRY(read_common(config, out, err));
  const double share = marl_section_real(config->env, "initial");
  out->update = MARL_LATTICE_LEARN;
  out->punish = marl_section_real(config->env, "punish");
  out->initial[MARL_LATTICE_C] = share;
  out->initial[MARL_LATTICE_D] = 1.0 - share;
  out->learning_rate = marl_section_real(config->learner, "learning_rate");
  out->gamma = marl_section_real(config->learner, "gamma");
  out->epsilon = marl_section_real(config->learner, "epsilon");
  out->preference = marl_section_real(config->learner, "preference");
  return MARL_OK;
}

static MarlCode read_imitators(const MarlEngineConfig *config, MarlLatticeParams *out,
                               MarlError *err) {
  MARL_TRY(read_common(config, out, err));
  size_t count;
  const double *initial = marl_section_reals(config->env, "initial", &count);
  if (count != MARL_NUM_LATTICE_KINDS)
    return MARL_FAIL(err, MARL_ECONFIG, "env.initial: %zu shares; expected four: C, D, P, IP",
                     count);
  for (int k = 0; k < MARL_NUM_LATTICE_KINDS; ++k) out->initial[k] = initial[k];
  out->update = MARL_LATTICE_IMITATE;
  out->punish = 1.0;
  out->temperature = marl_section_real(config->env, "temperature");
  return MARL_OK;
}

static MarlCode check_learners(const MarlEngineConfig *config, MarlError *err) {
  MarlLatticeParams params;
  MARL_TRY(read_learners(config, &params, err));
  return marl_lattice_check(&params, err);
}

static MarlCode check_imitators(const MarlEngineConfig *config, MarlError *err) {
  MarlLatticeParams params;
  MARL_TRY(read_imitators(config, &params, err));
  return marl_lattice_check(&params, err);
}

static void destroy(MarlEngine *base) {
  LatticeEngine *engine = (LatticeEngine *)base;
  if (engine == NULL) return;
  marl_lattice_destroy(&engine->lattice);
  free(engine);
}

static MarlCode create(const MarlEngineConfig *config, const MarlLatticeParams *params, MarlKey key,
                       MarlEngine **out, MarlError *err) {
  LatticeEngine *engine = calloc(1, sizeof *engine);
  if (engine == NULL) return MARL_FAIL(err, MARL_EMEMORY, "lattice: no memory");
  engine->params = *params;
  engine->steps = marl_section_int(config->env, "steps");
  const MarlCode code = marl_lattice_create(params, key, MPI_COMM_SELF, &engine->lattice, err);
  if (code != MARL_OK) {
    destroy(&engine->base);
    return code;
  }
  *out = &engine->base;
  return MARL_OK;
}

static MarlCode create_learners(const MarlEngineConfig *config, MarlKey key, MarlEngine **out,
                                MarlError *err) {
  MarlLatticeParams params;
  MARL_TRY(read_learners(config, &params, err));
  return create(config, &params, key, out, err);
}

static MarlCode create_imitators(const MarlEngineConfig *config, MarlKey key, MarlEngine **out,
                                 MarlError *err) {
  MarlLatticeParams params;
  MARL_TRY(read_imitators(config, &params, err));
  return create(config, &params, key, out, err);
}

enum {
  COOPERATION,
  WELFARE,
  GROSS_WELFARE,
  FINES,
  ALIKE,
  NUM_COMMON,
  SHARE = NUM_COMMON,
  NUM_IMITATION = NUM_COMMON + MARL_NUM_LATTICE_KINDS
};
static const char *const metrics[NUM_IMITATION] = {"cooperation", "welfare", "gross_welfare",
                                                   "fines",       "alike",   "share_c",
                                                   "share_d",     "share_p", "share_ip"};

static void common_metrics(const MarlLatticeParams *params, const MarlLatticeCounts *counts,
                           double *out) {
  const int64_t alike = counts->pairs[0][0] + counts->pairs[1][1];
  const int64_t fines = params->update == MARL_LATTICE_LEARN ? counts->fines : counts->fine_chances;
  out[COOPERATION] = marl_lattice_cooperation(counts);
  out[WELFARE] = marl_lattice_welfare(params, counts);
  out[GROSS_WELFARE] = marl_lattice_gross_welfare(params, counts);
  out[FINES] = (double)fines / (double)counts->sites;
  out[ALIKE] = (double)alike / (double)(MARL_LATTICE_NEIGHBORS * counts->sites);
}

/* A lattice on one rank has nobody to wait for: running it cannot fail. */
static void cycle_learners(MarlEngine *base, double *out) {
  LatticeEngine *engine = (LatticeEngine *)base;
  MarlLatticeCounts counts;
  if (marl_lattice_run(engine->lattice, engine->steps, &counts, NULL) == MARL_OK)
    common_metrics(&engine->params, &counts, out);
}

static void cycle_imitators(MarlEngine *base, double *out) {
  LatticeEngine *engine = (LatticeEngine *)base;
  MarlLatticeCounts counts;
  if (marl_lattice_run(engine->lattice, engine->steps, &counts, NULL) != MARL_OK) return;
  common_metrics(&engine->params, &counts, out);
  for (int k = 0; k < MARL_NUM_LATTICE_KINDS; ++k)
    out[SHARE + k] = (double)counts.kinds[k] / (double)counts.sites;
}

static MarlCode greedy(const MarlEngine *base, int cycles, double *out, MarlError *err) {
  const LatticeEngine *engine = (const LatticeEngine *)base;
  MarlLatticeCounts counts;
  MARL_TRY(marl_lattice_greedy(engine->lattice, cycles * engine->steps, &counts, err));
  common_metrics(&engine->params, &counts, out);
  return MARL_OK;
}

static const int greedy_metrics[] = {COOPERATION, WELFARE};
static const char *const learner_table[] = {"welfare", "gross_welfare", "greedy_cooperation",
                                            "fines", "alike"};
static const char *const imitation_table[] = {"welfare", "share_c", "share_d", "share_p",
                                              "share_ip"};

#define COUNT(array) (sizeof(array) / sizeof *(array))

const MarlEngineOps marl_engine_lattice = {
    .name = "lattice",
    .summary = "tabular Q-learners on a square lattice whose cooperators fine defectors",
    .source = "arXiv:2401.16073",
    .env_options = learner_env_options,
    .num_env_options = COUNT(learner_env_options),
    .learner_options = learner_options,
    .num_learner_options = COUNT(learner_options),
    .metrics = metrics,
    .num_metrics = NUM_COMMON,
    .followed = COOPERATION,
    .greedy_metrics = greedy_metrics,
    .num_greedy_metrics = COUNT(greedy_metrics),
    .table = learner_table,
    .num_table = COUNT(learner_table),
    .check = check_learners,
    .create = create_learners,
    .destroy = destroy,
    .cycle = cycle_learners,
    .greedy = greedy,
};

const MarlEngineOps marl_engine_imitation = {
    .name = "imitation",
    .summary = "imitation on a square lattice: cooperators, defectors, direct and indirect fines",
    .source = "Wen, He, Shen and Tanimoto, arXiv:2409.19880",
    .env_options = imitation_env_options,
    .num_env_options = COUNT(imitation_env_options),
    .metrics = metrics,
    .num_metrics = NUM_IMITATION,
    .followed = COOPERATION,
    .table = imitation_table,
    .num_table = COUNT(imitation_table),
    .check = check_imitators,
    .create = create_imitators,
    .destroy = destroy,
    .cycle = cycle_imitators,
};
