/* The society as an environment for the shared core: roles select, play and punish.
 *
 * One environment step is one phase of marl_population. When a phase calls the same judge twice it
 * decides in two steps, about the selector first, and is paid for the first verdict in between; the
 * phase is applied when all its decisions are made, so that nobody sees another's verdict before
 * giving its own. Roles that the rules do not use do not exist. Rewards are those of credit.h, as
 * they become known. Metrics state payoffs, of the cycles that have ended.
 * With env.transitions: published they are given (published.h); with env.pairings_end what is decided in
 * the last round of a pairing ends: the selection, both players' last moves, the verdicts of the round.
 * An episode is `cycles` cycles from a fresh start: scores 0, last actions unknown; it terminates. */
#include <stdlib.h>
#include <string.h>

#include "envs/society/census.h"
#include "envs/society/credit.h"
#include "envs/society/dilemma.h"
#include "envs/society/ledger.h"
#include "envs/society/population_scripted.h"
#include "envs/society/published.h"

enum { WAITING, ASKED, MADE };
enum { NUM_PAID = sizeof(MarlCredit) / sizeof(float) };

typedef struct DilemmaEnv {
  MarlEnv base;
  MarlRole roles[MARL_NUM_DILEMMA_ROLES];
  int role_number[MARL_NUM_DILEMMA_ROLES]; /* in roles[], -1 if the rules do not use it */
  MarlPopulation *population;
  size_t num_slots;  /* max(N, MARL_MAX_JUDGES) */
  int *choice;       /* [num_slots] decisions of this phase so far */
  uint8_t *progress; /* [num_slots] WAITING, ASKED or MADE */
  MarlCredit credit;
  MarlPublished published; /* if the rules say so */
  MarlLedger ledger;       /* for pictures */
  MarlTally past;          /* totals of the episode's cycles that have ended */
  bool cycle_ended; /* by the last step; then the population's totals are those of that cycle */
} DilemmaEnv;

static void destroy(MarlEnv *base) {
  DilemmaEnv *env = (DilemmaEnv *)base;
  if (env == NULL) return;
  marl_population_destroy(&env->population);
  marl_published_clear(&env->published);
  marl_tally_clear(&env->past);
  marl_ledger_clear(&env->ledger);
  free(env->choice);
  free(env->progress);
  free(env);
}

static bool uses(const MarlDilemmaRules *rules, MarlDilemmaRole role) {
  if (role == MARL_ROLE_SELECT) return rules->matching == MARL_MATCHING_SELECT;
  return role != MARL_ROLE_PUNISH || marl_mechanisms_decide(&rules->mechanisms);
}

/* Widest observation and most choices over agents: where degrees differ on a graph, some choices are
 * masked (but not in transitions that the environment gives: see population.h). */
static void describe_roles(DilemmaEnv *env) {
  int most = 0;
  bool differ = false;
  const MarlPopulation *population = env->population;
  MarlEnvSpec *spec = &env->base.spec;
  for (int r = 0; r < MARL_NUM_DILEMMA_ROLES; ++r) {
    const MarlDilemmaRole kind = (MarlDilemmaRole)r;
    env->role_number[r] = -1;
    if (!uses(&population->rules, kind)) continue;
    MarlRole *role = &env->roles[spec->num_roles];
    *role = (MarlRole){
        .name = marl_dilemma_role_names[r], .action_kind = MARL_ACTION_DISCRETE, .act_dim = 1};
    for (int i = 0; i < population->rules.num_agents; ++i) {
      const int width = marl_population_obs_dim(population, kind, i);
      const int choices = marl_population_num_choices(population, kind, i);
      if (width > role->obs_dim) role->obs_dim = width;
      differ = differ || (i > 0 && choices != role->num_choices);
      if (choices > role->num_choices) role->num_choices = choices;
    }
    if (role->num_choices > most) most = role->num_choices;
    if (role->obs_dim > spec->obs_dim) spec->obs_dim = role->obs_dim;
    env->role_number[r] = spec->num_roles++;
  }
  spec->roles = env->roles;
  if (differ && !population->rules.published) spec->mask_dim = most;
}

static MarlCode set_transitions(DilemmaEnv *env, MarlError *err) {
  const MarlDilemmaRules *rules = &env->population->rules;
  MarlEnvSpec *spec = &env->base.spec;
  spec->ends_decisions = rules->pairings_end && !rules->published;
  if (!rules->published) return MARL_OK;
  spec->max_transitions = MARL_MAX_PUBLISHED;
  const int select = env->role_number[MARL_ROLE_SELECT];
  const size_t wide = select >= 0 ? (size_t)env->roles[select].obs_dim : 0;
  return marl_published_create(env->population, wide, &env->published, err);
}

static MarlCode create(const MarlSection *config, MPI_Comm comm, MarlEnv **out, MarlError *err) {
  (void)comm; /* serial */
  MarlDilemmaRules rules;
  MARL_TRY(marl_dilemma_rules_read(config, &rules, err));
  DilemmaEnv *env = calloc(1, sizeof *env);
  if (env == NULL) return MARL_FAIL(err, MARL_EMEMORY, "dilemma: no memory");
  const size_t n = (size_t)rules.num_agents;
  env->num_slots = n > MARL_MAX_JUDGES ? n : MARL_MAX_JUDGES;
  env->choice = calloc(env->num_slots, sizeof *env->choice);
  env->progress = calloc(env->num_slots, sizeof *env->progress);
  MarlCode code = MARL_OK;
  if (env->choice == NULL || env->progress == NULL)
    code = MARL_FAIL(err, MARL_EMEMORY, "dilemma: no memory for %d agents", rules.num_agents);
  if (code == MARL_OK) code = marl_population_create(&rules, &env->population, err);
  if (code == MARL_OK) code = marl_tally_create(rules.num_agents, &env->past, err);
  if (code != MARL_OK) {
    destroy(&env->base);
    return code;
  }
  env->base.spec = (MarlEnvSpec){.num_agents = rules.num_agents,
                                 .act_dim = 1,
                                 .lists_touched = true,
                                 .num_metrics = MARL_NUM_DILEMMA_METRICS,
                                 .metrics = marl_dilemma_metric_names};
  describe_roles(env);
  code = set_transitions(env, err);
  if (code == MARL_OK)
    *out = &env->base;
  else
    destroy(&env->base);
  return code;
}

/* Ask every decider of the phase that has a decision left; the second of one agent waits. */
static void ask(DilemmaEnv *env, const MarlEnvIo *io) {
  const MarlPopulation *population = env->population;
  const MarlEnvSpec *spec = &env->base.spec;
  const int pending = marl_population_pending(population);
  for (int i = 0; i < pending; ++i) {
    const int agent = marl_population_decider(population, i);
    if (env->progress[i] == MADE || io->active[agent]) continue;
    env->progress[i] = ASKED;
    marl_touch(io, agent);
    io->active[agent] = 1;
    io->role[agent] = (uint8_t)env->role_number[population->phase];
    marl_population_observe(population, i, io->obs + (size_t)(agent * spec->obs_dim));
    const int choices = marl_population_num_choices(population, population->phase, agent);
    for (int c = choices; c < spec->mask_dim; ++c) io->mask[agent * spec->mask_dim + c] = 0;
  }
}

static void measure(const DilemmaEnv *env, const MarlTally *tally, double *metrics, double *whole) {
  const MarlDilemmaRules *rules = &env->population->rules;
  marl_tally_metrics(tally, marl_dilemma_rounds_a_cycle(rules), marl_dilemma_omits_direct(rules),
                     metrics, whole);
}

static void report(const DilemmaEnv *env, const MarlEnvIo *io) {
  double metrics[MARL_NUM_DILEMMA_METRICS];
  measure(env, &env->past, metrics, NULL);
  for (int i = 0; i < MARL_NUM_DILEMMA_METRICS; ++i) io->metrics[i] = (float)metrics[i];
}

static bool cycle(const MarlEnv *base, double *metrics, double *whole) {
  const DilemmaEnv *env = (const DilemmaEnv *)base;
  if (!env->cycle_ended) return false;
  for (int m = 0; m < MARL_NUM_DILEMMA_METRICS; ++m) whole[m] = 1.0;
  measure(env, &env->population->tally, metrics, whole);
  return true;
}

static MarlCode reset(MarlEnv *base, MarlKey key, const MarlEnvIo *io, MarlError *err) {
  DilemmaEnv *env = (DilemmaEnv *)base;
  marl_population_reset(env->population, key);
  memset(env->progress, WAITING, env->num_slots);
  env->credit = (MarlCredit){.played = {0}};
  env->cycle_ended = false;
  marl_tally_reset(&env->past);
  MARL_TRY(marl_ledger_begin(base->spec.num_agents, &env->ledger, err));
  ask(env, io);
  report(env, io);
  return MARL_OK;
}

/* Take the actions of those asked; true when the phase has all its decisions. */
static bool collect(DilemmaEnv *env, const MarlEnvIo *io) {
  const int pending = marl_population_pending(env->population);
  bool complete = true;
  for (int i = 0; i < pending; ++i) {
    if (env->progress[i] == ASKED) {
      env->choice[i] = (int)io->act[marl_population_decider(env->population, i)];
      env->progress[i] = MADE;
    }
    complete = complete && env->progress[i] == MADE;
  }
  return complete;
}

static void give(const DilemmaEnv *env, const MarlEnvIo *io, const MarlDue *due) {
  const int number = env->role_number[due->role];
  marl_touch(io, due->agent);
  if (number >= 0) io->reward[due->agent * env->base.spec.num_roles + number] += due->reward;
}

/* Verdicts of those who are about to be asked for another one. */
static void pay_before_asking_again(DilemmaEnv *env, const MarlEnvIo *io) {
  const MarlPopulation *population = env->population;
  const int pending = marl_population_pending(population);
  for (int later = 0; later < pending; ++later)
    for (int i = 0; i < later; ++i) {
      if (env->progress[later] == MADE || env->progress[i] != MADE) continue;
      if (marl_population_decider(population, i) != marl_population_decider(population, later))
        continue;
      const MarlDue due = marl_credit_verdict(&env->credit, population, i, env->choice[i]);
      give(env, io, &due);
    }
}

static void end_decision(const DilemmaEnv *env, const MarlEnvIo *io, int agent,
                         MarlDilemmaRole role) {
  const int number = env->role_number[role];
  marl_touch(io, agent);
  if (number >= 0) io->ended[agent * env->base.spec.num_roles + number] = 1;
}

/* What has no future is decided in the last round of a pairing. */
static void end_pairing(const DilemmaEnv *env, const MarlEnvIo *io) {
  const MarlRound *round = &env->population->finished;
  if (!env->base.spec.ends_decisions || !round->last) return;
  end_decision(env, io, round->player[0], MARL_ROLE_SELECT);
  for (int side = 0; side < 2; ++side) end_decision(env, io, round->player[side], MARL_ROLE_PLAY);
  for (int i = 0; i < round->num_judges; ++i)
    end_decision(env, io, round->judge[i].agent, MARL_ROLE_PUNISH);
}

/* The phase has all its decisions. */
static void apply(DilemmaEnv *env, const MarlEnvIo *io) {
  MarlPopulation *population = env->population;
  const bool published = population->rules.published;
  MarlDue dues[MARL_MAX_DUES];
  if (published) marl_published_decide(&env->published, env->choice);
  const bool finished = marl_population_apply(population, env->choice);
  const int count = marl_credit_settle(&env->credit, population, finished, dues);
  for (int i = 0; i < count; ++i) give(env, io, &dues[i]);
  if (finished) end_pairing(env, io);
  if (finished) marl_ledger_add(&env->ledger, &population->finished);
  if (finished && published)
    marl_published_give(&env->published, env->role_number, env->base.spec.obs_dim, io);
}

static MarlCode step(MarlEnv *base, const MarlEnvIo *io, MarlError *err) {
  (void)err;
  DilemmaEnv *env = (DilemmaEnv *)base;
  const int64_t before = env->population->cycle;
  if (env->cycle_ended) marl_tally_clear_totals(&env->population->tally);
  if (env->cycle_ended) marl_ledger_forget(&env->ledger);
  if (collect(env, io)) {
    memset(env->progress, WAITING, (size_t)marl_population_pending(env->population));
    apply(env, io);
  } else {
    pay_before_asking_again(env, io);
  }
  const int cycles = env->population->rules.cycles;
  if (cycles > 0 && env->population->cycle >= cycles)
    for (int a = 0; a < base->spec.num_agents; ++a) marl_touch(io, a), io->terminated[a] = 1;
  ask(env, io);
  env->cycle_ended = env->population->cycle > before;
  if (env->cycle_ended) marl_tally_add_totals(&env->population->tally, &env->past);
  if (env->cycle_ended) report(env, io);
  return MARL_OK;
}

static MarlCode save(const MarlEnv *base, MarlStore *to, MarlError *err) {
  const DilemmaEnv *env = (const DilemmaEnv *)base;
  const MarlArray slot = {.type = MARL_I32, .rank = 1, .shape = {env->num_slots}};
  const MarlArray flag = {.type = MARL_U8, .rank = 1, .shape = {env->num_slots}};
  const MarlArray paid = {.type = MARL_F32, .rank = 1, .shape = {NUM_PAID}};
  MARL_TRY(marl_store_write(to, "decided", &slot, env->choice, err));
  MARL_TRY(marl_store_write(to, "progress", &flag, env->progress, err));
  MARL_TRY(marl_store_write(to, "paid", &paid, &env->credit, err));
  MARL_TRY(marl_store_set_int(to, NULL, "cycle_ended", env->cycle_ended, err));
  MARL_TRY(marl_population_save(env->population, to, err));
  if (env->population->rules.published) MARL_TRY(marl_published_save(&env->published, to, err));
  MarlStore *past;
  MARL_TRY(marl_store_group_create(to, "past", &past, err));
  const MarlCode code = marl_tally_save(&env->past, past, err);
  marl_store_close(&past);
  return code;
}

static MarlCode look(const MarlEnv *base, MarlPicture *picture, MarlError *err) {
  return marl_ledger_look(&((const DilemmaEnv *)base)->ledger, picture, err);
}

static int most_choices(const MarlEnv *base) {
  int most = 0;
  for (int r = 0; r < base->spec.num_roles; ++r)
    if (base->spec.roles[r].num_choices > most) most = base->spec.roles[r].num_choices;
  return most;
}

static MarlCode load_past(DilemmaEnv *env, MarlStore *from, MarlError *err) {
  MarlStore *past;
  int64_t ended;
  MARL_TRY(marl_store_get_int(from, NULL, "cycle_ended", &ended, err));
  env->cycle_ended = ended != 0;
  MARL_TRY(marl_store_group_open(from, "past", &past, err));
  const MarlCode code = marl_tally_load(&env->past, past, err);
  marl_store_close(&past);
  return code;
}

static MarlCode load(MarlEnv *base, MarlStore *from, MarlError *err) {
  DilemmaEnv *env = (DilemmaEnv *)base;
  MARL_TRY(marl_store_read_within(from, "decided", MARL_I32, env->num_slots, 0,
                                  most_choices(base) - 1, env->choice, err));
  MARL_TRY(marl_store_read_within(from, "progress", MARL_U8, env->num_slots, WAITING, MADE,
                                  env->progress, err));
  MARL_TRY(marl_store_read(from, "paid", MARL_F32, NUM_PAID, &env->credit, err));
  MARL_TRY(marl_population_load(env->population, from, err));
  if (env->population->rules.published) MARL_TRY(marl_published_load(&env->published, from, err));
  MARL_TRY(load_past(env, from, err));
  MARL_TRY(marl_ledger_begin(base->spec.num_agents, &env->ledger, err));
  const int64_t phase = env->population->phase;
  if (env->role_number[phase] >= 0) return MARL_OK;
  return MARL_FAIL(err, MARL_EIO, "%s: the society waits for the role '%s', which it does not have",
                   marl_store_path(from), marl_dilemma_role_names[phase]);
}

static void act_scripted(const MarlEnv *base, const MarlScriptedTurn *turn, float *act) {
  const DilemmaEnv *env = (const DilemmaEnv *)base;
  int role = 0;
  while (env->role_number[role] != turn->role) ++role;
  act[0] = (float)marl_population_script(env->population, (MarlDilemmaRole)role, turn);
}

static const MarlScripted scripted[] = {MARL_POPULATION_SCRIPTED(act_scripted)};

static int ask_about_play(const MarlEnv *base, float *obs) {
  const DilemmaEnv *env = (const DilemmaEnv *)base;
  marl_census_ask(env->population, base->spec.obs_dim, obs);
  return env->role_number[MARL_ROLE_PLAY];
}

static void classify(const MarlEnv *base, const float *act, double *metrics, double *whole) {
  marl_census_count(base->spec.num_agents, act, metrics, whole);
}

static const MarlEnvProbe probe = {.num_obs = MARL_CENSUS_MEMORIES,
                                   .num_metrics = MARL_NUM_STRATEGY_CLASSES,
                                   .metrics = marl_strategy_class_names,
                                   .ask = ask_about_play,
                                   .answer = classify};

/* MarlMeasure.is as the table of metrics writes it */
enum {
  NOTHING = 0,
  FOLLOWED = MARL_MEASURE_FOLLOWED,
  IN_UNIT = MARL_MEASURE_IN_UNIT,
  GREEDY = MARL_MEASURE_GREEDY,
  COLUMN = MARL_MEASURE_COLUMN,
  SHARE = MARL_MEASURE_IN_UNIT | MARL_MEASURE_SHARE,
};
#define MEASURE(symbol, name, is, part, whole) {#name, is},
const MarlMeasure marl_dilemma_measures[MARL_DILEMMA_NUM_MEASURES] = {
    MARL_DILEMMA_METRICS(MEASURE){"welfare", MARL_MEASURE_GREEDY_COLUMN},
    {"share_allc", SHARE},
    {"share_tft", SHARE},
    {"share_wsls", SHARE},
    {"share_other", SHARE},
    {"share_alld", SHARE},
};

#define NAMES(key, help) \
  { key, MARL_OPTION_TEXTS, "", 0, 0, NULL, "1", help }
static const MarlEnvAxis axes[] = {
    {NAMES("mechanisms", "values of env.mechanism to compare"), "env.mechanism"},
    {NAMES("visibility", "values of env.visibility to compare"), "env.visibility"},
};

const MarlEnvOps marl_env_dilemma = {
    .name = "dilemma",
    .summary = "a society in a two-person dilemma: selection, punishment, reputation",
    .source = "Dasgupta and Musolesi 2025, arXiv:2301.08278",
    .formula = marl_population_view,
    .options = marl_dilemma_options,
    .num_options = MARL_DILEMMA_NUM_OPTIONS,
    .create = create,
    .destroy = destroy,
    .reset = reset,
    .step = step,
    .save = save,
    .load = load,
    .cycle = cycle,
    .probe = &probe,
    .measures = marl_dilemma_measures,
    .num_measures = MARL_DILEMMA_NUM_MEASURES,
    .axes = axes,
    .num_axes = sizeof axes / sizeof *axes,
    .scripted = scripted,
    .num_scripted = sizeof scripted / sizeof *scripted,
    .seed_per_run = "graph_seed",
    .look = look,
};
