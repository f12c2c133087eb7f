#include "envs/society/society.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marl/learn/group_transfer.h"

struct MarlSociety {
  MarlDilemmaLearners base;
  MarlPopulation *population;
  MarlProtocol protocol;
  MarlDqn **learner; /* [N, MARL_NUM_DILEMMA_ROLES], NULL where the rules have no such role */
};

#define NAME(symbol, name, is, part, whole) #name,
const char *const marl_society_metric_names[MARL_NUM_SOCIETY_METRICS] = {
    MARL_DILEMMA_METRICS(NAME) MARL_STRATEGY_CLASS_NAMES};

/* Most transitions that one agent can make in a role in one cycle. */
static int64_t most_transitions(const MarlDilemmaRules *rules, MarlTransitionRule rule, int role) {
  const int64_t all = marl_dilemma_rounds_a_cycle(rules);
  return role == MARL_ROLE_SELECT ? (rule == MARL_TRANSITIONS_PUBLISHED ? rules->rounds : 1)
         : role == MARL_ROLE_PLAY ? all
                                  : (marl_mechanisms_fine_judges(&rules->mechanisms) ? 4 : 2) * all;
}

static bool uses(const MarlDilemmaRules *rules, int role) {
  if (role == MARL_ROLE_SELECT) return rules->matching == MARL_MATCHING_SELECT;
  return role == MARL_ROLE_PLAY || marl_mechanisms_decide(&rules->mechanisms);
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
      const int64_t most = most_transitions(rules, profile->transitions, r) * rules->cycles;
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

static MarlDqn *learner(const MarlSociety *society, int agent, MarlDilemmaRole role) {
  return society->learner[agent * MARL_NUM_DILEMMA_ROLES + (int)role];
}

static int choose(MarlDilemmaLearners *base, int agent, MarlDilemmaRole role, const float *obs) {
  return marl_dqn_explore(learner((MarlSociety *)base, agent, role), obs);
}

static void learn(MarlDilemmaLearners *base, int agent, MarlDilemmaRole role,
                  const MarlDilemmaTransition *t) {
  MarlDqn *dqn = learner((MarlSociety *)base, agent, role);
  marl_dqn_store(dqn, t->obs, t->choice, t->reward, t->next_obs, t->end);
  (void)marl_dqn_learn(dqn); /* false during warm-up: there is nothing to do then */
}

MarlCode marl_society_create(const MarlDilemmaRules *rules, const MarlProfile *profile, MarlKey key,
                             MarlSociety **out, MarlError *err) {
  MARL_TRY(marl_profile_check(profile, rules, err));
  MarlDilemmaRules own = *rules;
  own.scaled = profile->scaled;
  MarlSociety *society = calloc(1, sizeof *society);
  if (society == NULL) return MARL_FAIL(err, MARL_EMEMORY, "society: no memory");
  society->base = (MarlDilemmaLearners){.choose = choose, .learn = learn};
  MarlCode code = marl_population_create(&own, &society->population, err);
  if (code == MARL_OK)
    code = marl_protocol_create(society->population, profile->transitions,
                                profile->terminal_pairings, &society->protocol, err);
  society->learner = calloc((size_t)own.num_agents * MARL_NUM_DILEMMA_ROLES, sizeof(MarlDqn *));
  if (code == MARL_OK && society->learner == NULL)
    code = MARL_FAIL(err, MARL_EMEMORY, "society: no memory for %d agents", own.num_agents);
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
  if (s->learner != NULL && s->population != NULL)
    for (int i = 0; i < s->population->rules.num_agents * MARL_NUM_DILEMMA_ROLES; ++i)
      marl_dqn_destroy(&s->learner[i]);
  marl_protocol_clear(&s->protocol);
  marl_population_destroy(&s->population);
  free(s->learner);
  free(s);
  *society = NULL;
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

static void tally_metrics(const MarlPopulation *population, double *metrics, double *whole) {
  const MarlDilemmaRules *rules = &population->rules;
  marl_tally_metrics(&population->tally, marl_dilemma_rounds_a_cycle(rules),
                     marl_dilemma_omits_direct(rules), metrics, whole);
}

void marl_society_cycle(MarlSociety *society, double metrics[MARL_NUM_SOCIETY_METRICS],
                        double *whole) {
  MarlPopulation *population = society->population;
  const int64_t cycle = population->cycle;
  const int n = population->rules.num_agents;
  marl_tally_clear_totals(&population->tally);
  while (population->cycle == cycle) marl_protocol_phase(&society->protocol, &society->base);
  tally_metrics(population, metrics, whole);
  double *shares = metrics + MARL_NUM_DILEMMA_METRICS;
  for (int c = 0; c < MARL_NUM_STRATEGY_CLASSES; ++c) shares[c] = 0.0;
  for (int i = 0; i < n; ++i) shares[classify(society, i)] += 1.0 / n;
}

MarlCode marl_society_greedy(const MarlSociety *society, int cycles,
                             double metrics[MARL_NUM_DILEMMA_METRICS], double *whole,
                             MarlError *err) {
  MarlPopulation *trial = NULL;
  MARL_TRY(marl_population_create(&society->population->rules, &trial, err));
  marl_population_copy(society->population, trial);
  marl_tally_clear_totals(&trial->tally);
  const int64_t end = trial->cycle + cycles;
  int *choice = society->protocol.choice; /* scratch between phases */
  float *obs = society->protocol.obs;
  while (trial->cycle < end) {
    const int pending = marl_population_pending(trial);
    for (int i = 0; i < pending; ++i) {
      const int agent = marl_population_decider(trial, i);
      marl_population_observe(trial, i, obs);
      choice[i] = marl_dqn_greedy(learner(society, agent, trial->phase), obs);
    }
    marl_population_apply(trial, choice);
  }
  tally_metrics(trial, metrics, whole);
  marl_population_destroy(&trial);
  return MARL_OK;
}

int64_t marl_society_learning_steps(const MarlSociety *society) {
  int64_t steps = 0;
  for (int i = 0; i < society->population->rules.num_agents * MARL_NUM_DILEMMA_ROLES; ++i)
    if (society->learner[i] != NULL) steps += marl_dqn_learning_steps(society->learner[i]);
  return steps;
}

MarlCode marl_society_save(const MarlSociety *society, MarlStore *to, MarlError *err) {
  MarlStore *group;
  MARL_TRY(marl_population_save(society->population, to, err));
  MARL_TRY(marl_protocol_save(&society->protocol, to, err));
  for (int i = 0; i < society->population->rules.num_agents * MARL_NUM_DILEMMA_ROLES; ++i) {
    if (society->learner[i] == NULL) continue;
    MARL_TRY(marl_group_begin(to, "learner", i, true, &group, err));
    const MarlCode code = marl_dqn_save(society->learner[i], group, err);
    marl_store_close(&group);
    MARL_TRY(code);
  }
  return MARL_OK;
}

MarlCode marl_society_load(MarlSociety *society, MarlStore *from, MarlError *err) {
  MarlStore *group;
  MARL_TRY(marl_population_load(society->population, from, err));
  MARL_TRY(marl_protocol_load(&society->protocol, from, err));
  for (int i = 0; i < society->population->rules.num_agents * MARL_NUM_DILEMMA_ROLES; ++i) {
    if (society->learner[i] == NULL) continue;
    MARL_TRY(marl_group_begin(from, "learner", i, false, &group, err));
    const MarlCode code = marl_dqn_load(society->learner[i], group, err);
    marl_store_close(&group);
    MARL_TRY(code);
  }
  return MARL_OK;
}
