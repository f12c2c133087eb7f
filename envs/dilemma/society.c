#include "envs/dilemma/society.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct MarlSociety {
  MarlPopulation *population;
  bool terminal_pairings;
  size_t width;       /* widest observation of any role */
  size_t num_pending; /* most decisions of a phase */
  MarlDqn **learner;  /* [N, MARL_NUM_DILEMMA_ROLES], NULL where the rules have no such role */
  int *choice;        /* [num_pending] */
  int *selected;      /* [N] this cycle's choices */
  float *select_obs;  /* [N, width] of this cycle's choices */
  float *play_obs;    /* [2, width] of this round */
  float *judge_obs;   /* [MARL_MAX_JUDGES, width] of this round */
  float *obs;         /* [width] scratch: next state */
};

const char *const marl_society_metric_names[MARL_NUM_SOCIETY_METRICS] = {MARL_DILEMMA_METRIC_NAMES,
                                                                         MARL_STRATEGY_CLASS_NAMES};

/* Most transitions that one agent can make in a role in one cycle. */
static int64_t most_transitions(const MarlDilemmaRules *rules, int role) {
  const int64_t all = marl_dilemma_rounds_a_cycle(rules);
  return role == MARL_ROLE_SELECT ? rules->rounds
         : role == MARL_ROLE_PLAY ? all
                                  : (rules->metanorm ? 4 : 2) * all;
}

static bool uses(const MarlDilemmaRules *rules, int role) {
  if (role == MARL_ROLE_SELECT) return rules->matching == MARL_MATCHING_SELECT;
  return role == MARL_ROLE_PLAY || marl_punisher_decides(rules->punishment);
}

static MarlCode create_learners(MarlSociety *society, const MarlProfile *profile, MarlKey key,
                                MarlError *err) {
  const MarlPopulation *population = society->population;
  const MarlDilemmaRules *rules = &population->rules;
  for (int i = 0; i < rules->num_agents; ++i) {
    for (int r = 0; r < MARL_NUM_DILEMMA_ROLES; ++r) {
      if (!uses(rules, r)) continue;
      const MarlDilemmaRole role = (MarlDilemmaRole)r;
      MarlDqnParams params = profile->role[r];
      const int64_t most = most_transitions(rules, r) * rules->cycles;
      if (most < params.capacity) params.capacity = (int)most;
      if (params.capacity < params.warmup) params.capacity = params.warmup;
      const MarlKey own = marl_key_fold(marl_key_fold(key, (uint64_t)i), (uint64_t)r);
      MARL_TRY(marl_dqn_create(&params, marl_population_obs_dim(population, role, i),
                               marl_population_num_choices(population, role, i), own,
                               &society->learner[i * MARL_NUM_DILEMMA_ROLES + r], err));
    }
  }
  return MARL_OK;
}

static MarlCode lay_out(MarlSociety *society, MarlError *err) {
  const size_t n = (size_t)society->population->rules.num_agents;
  society->num_pending = n > MARL_MAX_JUDGES ? n : MARL_MAX_JUDGES;
  society->width = n > 4 ? n : 4;
  society->learner = calloc(n * MARL_NUM_DILEMMA_ROLES, sizeof(MarlDqn *));
  society->choice = calloc(society->num_pending + n, sizeof *society->choice);
  society->select_obs =
      calloc((n + 2 + MARL_MAX_JUDGES + 1) * society->width, sizeof *society->select_obs);
  if (society->learner == NULL || society->choice == NULL || society->select_obs == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "society: no memory for %zu agents", n);
  society->selected = society->choice + society->num_pending;
  society->play_obs = society->select_obs + n * society->width;
  society->judge_obs = society->play_obs + 2 * society->width;
  society->obs = society->judge_obs + MARL_MAX_JUDGES * society->width;
  return MARL_OK;
}

MarlCode marl_society_create(const MarlDilemmaRules *rules, const MarlProfile *profile, MarlKey key,
                             MarlSociety **out, MarlError *err) {
  MarlDilemmaRules own = *rules;
  own.scaled = profile->scaled;
  MarlSociety *society = calloc(1, sizeof *society);
  if (society == NULL) return MARL_FAIL(err, MARL_EMEMORY, "society: no memory");
  society->terminal_pairings = profile->terminal_pairings;
  MarlCode code = marl_population_create(&own, &society->population, err);
  if (code == MARL_OK) code = lay_out(society, err);
  if (code == MARL_OK)
    code = create_learners(society, profile, marl_key_fold(key, MARL_STREAM_POLICY), err);
  if (code != MARL_OK) {
    marl_society_destroy(&society);
    return code;
  }
  marl_population_reset(society->population, marl_key_fold(key, MARL_STREAM_ENV));
  *out = society;
  return MARL_OK;
}

void marl_society_destroy(MarlSociety **society) {
  MarlSociety *s = *society;
  if (s == NULL) return;
  if (s->learner != NULL)
    for (int i = 0; i < s->population->rules.num_agents * MARL_NUM_DILEMMA_ROLES; ++i)
      marl_dqn_destroy(&s->learner[i]);
  marl_population_destroy(&s->population);
  free(s->learner);
  free(s->choice);
  free(s->select_obs);
  free(s);
  *society = NULL;
}

static MarlDqn *learner(const MarlSociety *society, int agent, MarlDilemmaRole role) {
  return society->learner[agent * MARL_NUM_DILEMMA_ROLES + (int)role];
}

/* Where the observation of pending decision `i` is kept until it is learned from. */
static float *observation(const MarlSociety *society, int i) {
  switch (society->population->phase) {
    case MARL_ROLE_SELECT:
      return society->select_obs + (size_t)i * society->width;
    case MARL_ROLE_PUNISH:
      return society->judge_obs +
             (size_t)(society->population->now.num_decided + i) * society->width;
    default:
      return society->play_obs +
             (size_t)marl_population_mover(society->population, i) * society->width;
  }
}

static void learn(const MarlSociety *society, int agent, MarlDilemmaRole role, const float *obs,
                  int choice, float reward, bool terminal) {
  MarlDqn *dqn = learner(society, agent, role);
  marl_dqn_store(dqn, obs, choice, reward, society->obs, terminal);
  (void)marl_dqn_learn(dqn); /* false during warm-up: there is nothing to do then */
}

/* All transitions of the round that has just ended, in the protocol's order. */
static void learn_round(const MarlSociety *society) {
  const MarlPopulation *population = society->population;
  const MarlRound *round = &population->finished;
  const int selector = round->player[0];
  const bool ends = society->terminal_pairings && round->last;
  const bool terminal = ends || round->terminal;
  /* the running reward of an alternating game is the selector's when the pairing ends */
  const bool alternating = population->rules.game.alternating;
  if (population->rules.matching == MARL_MATCHING_SELECT && (!alternating || round->last)) {
    marl_population_observe_select(population, selector, society->obs);
    learn(society, selector, MARL_ROLE_SELECT,
          society->select_obs + (size_t)selector * society->width, society->selected[selector],
          round->utility[0], ends);
  }
  for (int side = 0; side < 2; ++side) {
    if (!round->moved[side]) continue;
    marl_population_observe_play(population, round->player[side], round->player[1 - side],
                                 society->obs);
    learn(society, round->player[side], MARL_ROLE_PLAY,
          society->play_obs + (size_t)side * society->width, round->action[side],
          round->utility[side], terminal);
  }
  for (int i = 0; i < round->num_judges; ++i) {
    const MarlJudge *judge = &round->judge[i];
    marl_population_observe_punish(population, round, i, society->obs);
    learn(society, judge->agent, MARL_ROLE_PUNISH, society->judge_obs + (size_t)i * society->width,
          judge->decision, judge->utility, terminal);
  }
}

static void explore_phase(MarlSociety *society) {
  MarlPopulation *population = society->population;
  const int pending = marl_population_pending(population);
  for (int i = 0; i < pending; ++i) {
    float *obs = observation(society, i);
    marl_population_observe(population, i, obs);
    const int agent = marl_population_decider(population, i);
    society->choice[i] = marl_dqn_explore(learner(society, agent, population->phase), obs);
  }
  if (population->phase == MARL_ROLE_SELECT)
    memcpy(society->selected, society->choice, (size_t)pending * sizeof *society->selected);
  if (marl_population_apply(population, society->choice)) learn_round(society);
}

/* Strategy of one agent: greedy answers with the reputations of today, the mean of the others'
 * standing for the partner's. */
static MarlStrategyClass classify(const MarlSociety *society, int agent) {
  MarlPopulation *population = society->population;
  const int n = population->rules.num_agents;
  float view[4], mean = 0.0f, own = 0.0f;
  const bool reputations = population->rules.play_sees_reputation;
  for (int j = 0; reputations && j < n; ++j) {
    if (j == agent) continue;
    marl_population_observe_play(population, agent, j, view);
    mean += view[2] / (float)(n - 1);
    own += view[3] / (float)(n - 1);
  }
  int answer[2][2];
  for (int partner = 0; partner < 2; ++partner) {
    for (int self = 0; self < 2; ++self) {
      const float obs[4] = {marl_action_view(&population->rules, partner),
                            marl_action_view(&population->rules, self), mean, own};
      answer[partner][self] = marl_dqn_greedy(learner(society, agent, MARL_ROLE_PLAY), obs);
    }
  }
  return marl_strategy_class(answer);
}

static void tally_metrics(const MarlPopulation *population, double *metrics) {
  const MarlDilemmaRules *rules = &population->rules;
  marl_tally_metrics(&population->tally, marl_dilemma_rounds_a_cycle(rules),
                     rules->punishment == MARL_PUNISHER_BOTH, metrics);
}

void marl_society_cycle(MarlSociety *society, double metrics[MARL_NUM_SOCIETY_METRICS]) {
  MarlPopulation *population = society->population;
  const int64_t cycle = population->cycle;
  const int n = population->rules.num_agents;
  marl_tally_clear_totals(&population->tally);
  while (population->cycle == cycle) explore_phase(society);
  tally_metrics(population, metrics);
  double *shares = metrics + MARL_NUM_DILEMMA_METRICS;
  for (int c = 0; c < MARL_NUM_STRATEGY_CLASSES; ++c) shares[c] = 0.0;
  for (int i = 0; i < n; ++i) shares[classify(society, i)] += 1.0 / n;
}

MarlCode marl_society_greedy(const MarlSociety *society, int cycles,
                             double metrics[MARL_NUM_DILEMMA_METRICS], MarlError *err) {
  MarlPopulation *trial = NULL;
  MARL_TRY(marl_population_create(&society->population->rules, &trial, err));
  marl_population_copy(society->population, trial);
  marl_tally_clear_totals(&trial->tally);
  const int64_t end = trial->cycle + cycles;
  while (trial->cycle < end) {
    const int pending = marl_population_pending(trial);
    for (int i = 0; i < pending; ++i) {
      const int agent = marl_population_decider(trial, i);
      marl_population_observe(trial, i, society->obs);
      society->choice[i] = marl_dqn_greedy(learner(society, agent, trial->phase), society->obs);
    }
    marl_population_apply(trial, society->choice);
  }
  tally_metrics(trial, metrics);
  marl_population_destroy(&trial);
  return MARL_OK;
}

int64_t marl_society_learning_steps(const MarlSociety *society) {
  int64_t steps = 0;
  for (int i = 0; i < society->population->rules.num_agents * MARL_NUM_DILEMMA_ROLES; ++i)
    if (society->learner[i] != NULL) steps += marl_dqn_learning_steps(society->learner[i]);
  return steps;
}
