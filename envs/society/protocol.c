#include "envs/society/protocol.h"

#include <stdlib.h>
#include <string.h>

#include "marl/core/arena.h"
#include "marl/learn/plain_array.h"

enum { PAIR_VIEW = MARL_MAX_PAIR_VIEW };

/* Floats that decision d's observation has room for. */
static size_t row_width(const MarlProtocol *p, size_t d) {
  const size_t n = (size_t)p->population->rules.num_agents;
  if (d % MARL_NUM_DILEMMA_ROLES != MARL_ROLE_SELECT) return PAIR_VIEW;
  if (p->population->rules.matching != MARL_MATCHING_SELECT) return 0;
  return n > PAIR_VIEW ? n : PAIR_VIEW;
}

static size_t carve_all(MarlProtocol *p, char *block) {
  const size_t n = (size_t)p->population->rules.num_agents;
  const size_t pending = n > MARL_MAX_JUDGES ? n : MARL_MAX_JUDGES;
  const size_t wide = n > PAIR_VIEW ? n : PAIR_VIEW;
  size_t at = 0;
  p->decision = marl_carve(block, &at, n * MARL_NUM_DILEMMA_ROLES, sizeof *p->decision);
  p->choice = marl_carve(block, &at, pending, sizeof *p->choice);
  p->judge_obs = marl_carve(block, &at, (size_t)MARL_MAX_JUDGES * PAIR_VIEW, sizeof(float));
  p->obs = marl_carve(block, &at, wide, sizeof(float));
  for (size_t d = 0; d < n * MARL_NUM_DILEMMA_ROLES; ++d) {
    float *row = marl_carve(block, &at, row_width(p, d), sizeof(float));
    if (block != NULL) p->decision[d].obs = row;
  }
  return at;
}

MarlCode marl_protocol_create(MarlPopulation *population, MarlTransitionRule rule,
                              bool terminal_pairings, MarlProtocol *out, MarlError *err) {
  *out = (MarlProtocol){
      .rule = rule, .terminal_pairings = terminal_pairings, .population = population};
  const size_t size = carve_all(out, NULL);
  out->memory = marl_arena_alloc(size);
  if (out->memory == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "society: no memory for %d agents",
                     population->rules.num_agents);
  memset(out->memory, 0, size);
  carve_all(out, out->memory);
  return MARL_OK;
}

void marl_protocol_clear(MarlProtocol *protocol) {
  free(protocol->memory);
  *protocol = (MarlProtocol){.memory = NULL};
}

static MarlOpenDecision *decision_of(const MarlProtocol *p, int agent, MarlDilemmaRole role) {
  return &p->decision[agent * MARL_NUM_DILEMMA_ROLES + (int)role];
}

static void copy_view(const MarlProtocol *p, int agent, MarlDilemmaRole role, float *to) {
  memcpy(to, p->obs, (size_t)marl_population_obs_dim(p->population, role, agent) * sizeof *to);
}

/* The transition of an open decision, which leads to protocol->obs. */
static void complete(const MarlProtocol *p, MarlDilemmaLearners *learners, int agent,
                     MarlDilemmaRole role, bool end) {
  MarlOpenDecision *d = decision_of(p, agent, role);
  if (!d->open) return;
  d->open = false;
  learners->learn(learners, agent, role,
                  &(MarlDilemmaTransition){d->obs, d->choice, d->reward, p->obs, end});
}

static void earn(const MarlProtocol *p, const MarlDue *due) {
  decision_of(p, due->agent, due->role)->reward += due->reward;
}

/* The verdict of this phase that the decider of pending verdict `later` has given already. */
static void pay_before_asking_again(MarlProtocol *p, int later) {
  const int agent = marl_population_decider(p->population, later);
  for (int i = 0; i < later; ++i) {
    if (marl_population_decider(p->population, i) != agent) continue;
    const MarlDue due = marl_credit_verdict(&p->credit, p->population, i, p->choice[i]);
    earn(p, &due);
  }
}

static void end_pairing(const MarlProtocol *p, MarlDilemmaLearners *learners) {
  const MarlRound *round = &p->population->finished;
  complete(p, learners, round->player[0], MARL_ROLE_SELECT, true);
  for (int side = 0; side < 2; ++side)
    complete(p, learners, round->player[side], MARL_ROLE_PLAY, true);
  for (int i = 0; i < round->num_judges; ++i)
    complete(p, learners, round->judge[i].agent, MARL_ROLE_PUNISH, true);
}

static void decide_to_next_decision(MarlProtocol *p, MarlDilemmaLearners *learners) {
  MarlPopulation *population = p->population;
  const MarlDilemmaRole role = population->phase;
  const int pending = marl_population_pending(population);
  for (int i = 0; i < pending; ++i) {
    const int agent = marl_population_decider(population, i);
    MarlOpenDecision *d = decision_of(p, agent, role);
    if (role == MARL_ROLE_PUNISH) pay_before_asking_again(p, i);
    marl_population_observe(population, i, p->obs);
    complete(p, learners, agent, role, false);
    p->choice[i] = learners->choose(learners, agent, role, p->obs);
    d->open = true;
    d->choice = p->choice[i];
    d->reward = 0.0f;
    copy_view(p, agent, role, d->obs);
  }
  const bool finished = marl_population_apply(population, p->choice);
  MarlDue dues[MARL_MAX_DUES];
  const int count = marl_credit_settle(&p->credit, population, finished, dues);
  for (int i = 0; i < count; ++i) earn(p, &dues[i]);
  const bool ends = p->terminal_pairings && !population->rules.rematch;
  if (ends && finished && population->finished.last) end_pairing(p, learners);
}

/* The same decision again and again, after every round with the reward of the round. */
static void store(const MarlProtocol *p, MarlDilemmaLearners *learners, int agent,
                  MarlDilemmaRole role, float reward, bool end) {
  const MarlOpenDecision *d = decision_of(p, agent, role);
  learners->learn(learners, agent, role,
                  &(MarlDilemmaTransition){d->obs, d->choice, reward, p->obs, end});
}

/* All transitions of the round that has just ended, in the published order. */
static void learn_round(const MarlProtocol *p, MarlDilemmaLearners *learners) {
  const MarlPopulation *population = p->population;
  const MarlRound *round = &population->finished;
  const bool pairing_ends = p->terminal_pairings && round->last;
  const bool ends = pairing_ends || round->terminal;
  /* the running reward of an alternating game is the selector's when the pairing ends */
  const bool alternating = population->rules.game.alternating;
  if (population->rules.matching == MARL_MATCHING_SELECT && (!alternating || round->last)) {
    marl_population_observe_select(population, round->player[0], p->obs);
    store(p, learners, round->player[0], MARL_ROLE_SELECT, round->utility[0], pairing_ends);
  }
  for (int side = 0; side < 2; ++side) {
    if (!round->moved[side]) continue;
    marl_population_observe_play(population, round->player[side], round->player[1 - side], p->obs);
    store(p, learners, round->player[side], MARL_ROLE_PLAY, round->utility[side], ends);
  }
  for (int i = 0; i < round->num_judges; ++i) {
    const MarlJudge *judge = &round->judge[i];
    marl_population_observe_punish(population, round, i, p->obs);
    const float *obs = p->judge_obs + (size_t)i * PAIR_VIEW;
    learners->learn(learners, judge->agent, MARL_ROLE_PUNISH,
                    &(MarlDilemmaTransition){obs, judge->decision, judge->utility, p->obs, ends});
  }
}

static void decide_as_published(MarlProtocol *p, MarlDilemmaLearners *learners) {
  MarlPopulation *population = p->population;
  const MarlDilemmaRole role = population->phase;
  const int pending = marl_population_pending(population);
  for (int i = 0; i < pending; ++i) {
    const int agent = marl_population_decider(population, i);
    MarlOpenDecision *d = decision_of(p, agent, role);
    const size_t judge = (size_t)population->now.num_decided + (size_t)i;
    float *obs = role == MARL_ROLE_PUNISH ? p->judge_obs + judge * PAIR_VIEW : d->obs;
    marl_population_observe(population, i, obs);
    d->choice = p->choice[i] = learners->choose(learners, agent, role, obs);
  }
  if (marl_population_apply(population, p->choice)) learn_round(p, learners);
}

void marl_protocol_phase(MarlProtocol *protocol, MarlDilemmaLearners *learners) {
  if (protocol->rule == MARL_TRANSITIONS_PUBLISHED)
    decide_as_published(protocol, learners);
  else
    decide_to_next_decision(protocol, learners);
}

/* The open decisions as plain arrays. */
typedef struct Packed {
  size_t decisions, floats;
  int32_t *choice; /* [decisions]; -1: not open */
  float *reward;   /* [decisions] */
  float *obs;      /* [floats] of all decisions, one after the other */
} Packed;

static MarlCode packed_create(const MarlProtocol *p, Packed *out, MarlError *err) {
  *out = (Packed){.decisions = (size_t)p->population->rules.num_agents * MARL_NUM_DILEMMA_ROLES};
  for (size_t d = 0; d < out->decisions; ++d) out->floats += row_width(p, d);
  out->choice = calloc(out->decisions + 1, sizeof *out->choice);
  out->reward = calloc(out->decisions + out->floats + 1, sizeof *out->reward);
  if (out->choice != NULL && out->reward != NULL) {
    out->obs = out->reward + out->decisions;
    return MARL_OK;
  }
  free(out->choice);
  free(out->reward);
  return MARL_FAIL(err, MARL_EMEMORY, "society: no memory for %zu decisions", out->decisions);
}

enum { NUM_CREDITS = sizeof(MarlCredit) / sizeof(float) };

static MarlCode transfer(MarlCredit *credit, const Packed *packed, MarlStore *store, bool write,
                         MarlError *err) {
  const MarlPlainArray arrays[] = {
      {"open_choice", MARL_I32, packed->decisions, packed->choice},
      {"open_reward", MARL_F32, packed->decisions, packed->reward},
      {"open_obs", MARL_F32, packed->floats, packed->obs},
      {"credit", MARL_F32, NUM_CREDITS, credit},
  };
  return marl_plain_transfer(store, arrays, sizeof arrays / sizeof *arrays, write, err);
}

MarlCode marl_protocol_save(const MarlProtocol *protocol, MarlStore *to, MarlError *err) {
  Packed packed;
  MarlCredit credit = protocol->credit;
  MARL_TRY(packed_create(protocol, &packed, err));
  float *at = packed.obs;
  for (size_t d = 0; d < packed.decisions; ++d) {
    const MarlOpenDecision *decision = &protocol->decision[d];
    const size_t width = row_width(protocol, d);
    packed.choice[d] = decision->open ? decision->choice : -1;
    packed.reward[d] = decision->reward;
    if (width > 0) memcpy(at, decision->obs, width * sizeof *at);
    at += width;
  }
  const MarlCode code = transfer(&credit, &packed, to, true, err);
  free(packed.choice);
  free(packed.reward);
  return code;
}

MarlCode marl_protocol_load(MarlProtocol *protocol, MarlStore *from, MarlError *err) {
  Packed packed;
  MARL_TRY(packed_create(protocol, &packed, err));
  MarlCode code = transfer(&protocol->credit, &packed, from, false, err);
  const float *at = packed.obs;
  for (size_t d = 0; code == MARL_OK && d < packed.decisions; ++d) {
    MarlOpenDecision *decision = &protocol->decision[d];
    const int agent = (int)(d / MARL_NUM_DILEMMA_ROLES);
    const MarlDilemmaRole role = (MarlDilemmaRole)(d % MARL_NUM_DILEMMA_ROLES);
    const size_t width = row_width(protocol, d);
    if (packed.choice[d] < -1 ||
        packed.choice[d] >= marl_population_num_choices(protocol->population, role, agent))
      code = MARL_FAIL(err, MARL_EIO, "%s: agent %d cannot have chosen %d", marl_store_path(from),
                       agent, packed.choice[d]);
    decision->open = packed.choice[d] >= 0;
    decision->choice = packed.choice[d];
    decision->reward = packed.reward[d];
    if (width > 0) memcpy(decision->obs, at, width * sizeof *at);
    at += width;
  }
  free(packed.choice);
  free(packed.reward);
  return code;
}
