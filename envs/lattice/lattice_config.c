#include "envs/lattice/lattice_config.h"

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
      MARL_GAME_OPTIONS("donation"),                                                            \
      {"fine", MARL_OPTION_REAL, "1", 0, 1e6, NULL, "reward", "taken from a fined defector"}, { \
    "cost", MARL_OPTION_REAL, "0.5", 0, 1e6, NULL, "reward", "what giving a fine costs"         \
  }

const MarlOption marl_lattice_env_options[MARL_LATTICE_NUM_ENV_OPTIONS] = {
    COMMON_OPTIONS,
    {"punish", MARL_OPTION_REAL, "0.5", 0, 1, NULL, "1",
     "probability that a cooperator fines a neighbor that defects"},
    {"initial", MARL_OPTION_REAL, "0.5", 0, 1, NULL, "1", "share of cooperators at the start"},
};
const MarlOption marl_lattice_learner_options[MARL_LATTICE_NUM_LEARNER_OPTIONS] = {
    {"learning_rate", MARL_OPTION_REAL, "0.1", 0, 1, NULL, "1", "step of the values"},
    {"gamma", MARL_OPTION_REAL, "0.9", 0, 0.999999, NULL, "1", "discount of a step to the next"},
    {"epsilon", MARL_OPTION_REAL, "0.01", 0, 1, NULL, "1", "share of random actions"},
    {"preference", MARL_OPTION_REAL, "0", -1e6, 1e6, NULL, "reward",
     "value of an agent's initial action at the start, in every state; others start at 0"},
};
const MarlOption marl_imitation_env_options[MARL_IMITATION_NUM_ENV_OPTIONS] = {
    COMMON_OPTIONS,
    {"initial", MARL_OPTION_REALS, "0.3333333333, 0.3333333333, 0.3333333334, 0", 0, 1, NULL, "1",
     "shares at the start of C, D, P (fines its neighbors) and IP (fines its neighbors' "
     "neighbors)"},
    {"temperature", MARL_OPTION_REAL, "0.1", 1e-6, 1e9, NULL, "reward",
     "noise of imitation: probability 1 / (1 + exp(-gain / temperature))"},
};

static MarlCode read_common(const MarlSection *env, MarlLatticeParams *out, MarlError *err) {
  *out = (MarlLatticeParams){.side = marl_section_int(env, "side"),
                             .fine = marl_section_real(env, "fine"),
                             .cost = marl_section_real(env, "cost")};
  return marl_game_read_table(env, &out->game, err);
}

static MarlCode read_learners(const MarlSection *env, const MarlSection *learner,
                              MarlLatticeParams *out, MarlError *err) {
  MARL_TRY(read_common(env, out, err));
  const double share = marl_section_real(env, "initial");
  out->update = MARL_LATTICE_LEARN;
  out->punish = marl_section_real(env, "punish");
  out->initial[MARL_LATTICE_C] = share;
  out->initial[MARL_LATTICE_D] = 1.0 - share;
  out->learning_rate = marl_section_real(learner, "learning_rate");
  out->gamma = marl_section_real(learner, "gamma");
  out->epsilon = marl_section_real(learner, "epsilon");
  out->preference = marl_section_real(learner, "preference");
  return MARL_OK;
}

static MarlCode read_imitators(const MarlSection *env, MarlLatticeParams *out, MarlError *err) {
  MARL_TRY(read_common(env, out, err));
  size_t count;
  const double *initial = marl_section_reals(env, "initial", &count);
  if (count != MARL_NUM_LATTICE_KINDS)
    return MARL_FAIL(err, MARL_ECONFIG, "env.initial: %zu shares; expected four: C, D, P, IP",
                     count);
  for (int k = 0; k < MARL_NUM_LATTICE_KINDS; ++k) out->initial[k] = initial[k];
  out->update = MARL_LATTICE_IMITATE;
  out->punish = 1.0;
  out->temperature = marl_section_real(env, "temperature");
  return MARL_OK;
}

MarlCode marl_lattice_read(MarlLatticeUpdate update, const MarlSection *env,
                           const MarlSection *learner, MarlLatticeParams *out, MarlError *err) {
  if (update == MARL_LATTICE_LEARN)
    MARL_TRY(read_learners(env, learner, out, err));
  else
    MARL_TRY(read_imitators(env, out, err));
  return marl_lattice_check(out, err);
}

const char *const marl_lattice_metric_names[MARL_LATTICE_NUM_METRICS] = {
    "cooperation", "welfare", "gross_welfare", "fines",   "alike",
    "share_c",     "share_d", "share_p",       "share_ip"};

int marl_lattice_num_metrics(MarlLatticeUpdate update) {
  return update == MARL_LATTICE_LEARN ? MARL_LATTICE_NUM_COMMON : MARL_LATTICE_NUM_METRICS;
}

void marl_lattice_metrics(const MarlLatticeParams *params, const MarlLatticeCounts *counts,
                          double *metrics) {
  const bool learn = params->update == MARL_LATTICE_LEARN;
  const double sites = (double)counts->sites;
  const int64_t alike = counts->pairs[0][0] + counts->pairs[1][1];
  metrics[MARL_LATTICE_COOPERATION] = marl_lattice_cooperation(counts);
  metrics[MARL_LATTICE_WELFARE] = marl_lattice_welfare(params, counts);
  metrics[MARL_LATTICE_GROSS_WELFARE] = marl_lattice_gross_welfare(params, counts);
  metrics[MARL_LATTICE_FINES] = (double)(learn ? counts->fines : counts->fine_chances) / sites;
  metrics[MARL_LATTICE_ALIKE] = (double)alike / (MARL_LATTICE_NEIGHBORS * sites);
  for (int k = 0; k < MARL_NUM_LATTICE_KINDS && !learn; ++k)
    metrics[MARL_LATTICE_NUM_COMMON + k] = (double)counts->kinds[k] / sites;
}
