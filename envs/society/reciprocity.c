#include "envs/society/reciprocity.h"

#include <stdlib.h>
#include <string.h>

#include "marl/learn/plain_array.h"

enum { ACT = 0, JUDGE = 1, NUM_STATES = 4, VALUES = 2 * NUM_STATES * 2 };

const char *const marl_reciprocity_metric_names[MARL_NUM_RECIPROCITY_METRICS] = {
    "cooperation",       "cooperating_acts", "good_names",   "share_alld",   "share_discriminator",
    "share_paradoxical", "share_allc",       "share_norm_0", "share_norm_3", "share_norm_9"};

/* A decision, and what the same agent saw at its next one. */
typedef struct Transition {
  int agent, kind, state, choice;
  double reward;
  int next_kind, next_state;
} Transition;

struct MarlReciprocity {
  MarlReciprocityRules rules;
  MarlKey key, episode_key;
  int64_t episode;
  uint64_t draw;       /* of the episode */
  bool frozen;         /* nobody explores or learns */
  double *value;       /* [N, 2, NUM_STATES, 2], owned */
  uint8_t *name;       /* [N] */
  Transition *pending; /* [N] the last decision of each, kind -1 before the first; owned */
  Transition *memory;  /* [num_slots] of the episode, owned */
  size_t num_remembered, num_slots;
  uint32_t *order; /* [num_slots] scratch; owned */
  double payoff;   /* sums of the episode */
  int64_t acts, cooperations, names, good;
};

double *marl_reciprocity_value(MarlReciprocity *r, int agent, int judging, int state) {
  return r->value + ((agent * 2 + judging) * NUM_STATES + state) * 2;
}

static double uniform(MarlReciprocity *r) {
  return marl_uniform(r->episode_key, r->draw++);
}

static int below(MarlReciprocity *r, int n) {
  return (int)marl_below(r->episode_key, r->draw++, (uint64_t)n);
}

static bool is_seed(const MarlReciprocity *r, int agent) {
  return agent < r->rules.num_seeds;
}

static int greedy_choice(const double q[2]) {
  return q[1] > q[0];
}

/* Seeds cooperate with the good: choice = the other's name. */
static int choose(MarlReciprocity *r, int agent, int kind, int state) {
  if (kind == ACT && is_seed(r, agent)) return state % 2;
  if (!r->frozen && uniform(r) < r->rules.epsilon) return below(r, 2);
  const double *q = marl_reciprocity_value(r, agent, kind, state);
  return q[0] == q[1] ? below(r, 2) : greedy_choice(q); /* nothing is known at first */
}

static void learn(MarlReciprocity *r, const Transition *t) {
  double *q = &marl_reciprocity_value(r, t->agent, t->kind, t->state)[t->choice];
  double target = t->reward;
  if (r->rules.gamma > 0.0) {
    const double *next = marl_reciprocity_value(r, t->agent, t->next_kind, t->next_state);
    target += r->rules.gamma * next[greedy_choice(next)];
  }
  *q += r->rules.learning_rate * (target - *q);
}

/* The agent is about to decide in (kind, state): its decision before is complete. */
static void complete(MarlReciprocity *r, int agent, int kind, int state) {
  Transition *t = &r->pending[agent];
  if (t->kind < 0 || r->frozen) return;
  t->next_kind = kind, t->next_state = state;
  if (!r->rules.shuffled)
    learn(r, t);
  else
    r->memory[r->num_remembered++] = *t;
  t->kind = -1;
}

static int decide(MarlReciprocity *r, int agent, int kind, int state) {
  complete(r, agent, kind, state);
  const int choice = choose(r, agent, kind, state);
  r->pending[agent] = (Transition){agent, kind, state, choice, 0.0, 0, 0};
  return choice;
}

static int state_of(const MarlReciprocity *r, int own, int other) {
  return r->rules.own_name ? 2 * own + other : other;
}

static double payoff_of(const MarlReciprocity *r, int own, int other) {
  return other * r->rules.benefit - own * r->rules.cost;
}

/* U, mixed with the payoff of two of the agent's kind that meet under its own name. */
static double felt(MarlReciprocity *r, int agent, double payoff) {
  const double alpha = r->rules.introspection;
  if (alpha == 0.0 || r->frozen || is_seed(r, agent)) return payoff;
  const int state = state_of(r, r->name[agent], r->name[agent]);
  const int own = choose(r, agent, ACT, state), other = choose(r, agent, ACT, state);
  return (1.0 - alpha) * payoff + alpha * payoff_of(r, own, other);
}

static int new_name(MarlReciprocity *r, int judge, int own, int other, int act) {
  int name;
  if (r->rules.bottom_up)
    name = decide(r, judge, JUDGE, 2 * act + other);
  else
    name = r->rules.norm.assess[own][other][act == 1 ? MARL_DONOR_COOPERATES : MARL_DONOR_DEFECTS];
  if (uniform(r) < r->rules.assessment_error) name = 1 - name;
  ++r->names;
  r->good += name;
  return name;
}

static void encounter(MarlReciprocity *r) {
  const int n = r->rules.num_agents;
  const int a = below(r, n), b = (a + 1 + below(r, n - 1)) % n;
  const int agent[2] = {a, b}, before[2] = {r->name[a], r->name[b]};
  const bool after = r->rules.introspect_after;
  int act[2], name[2];
  double payoff[2];
  for (int i = 0; i < 2; ++i)
    act[i] = decide(r, agent[i], ACT, state_of(r, before[i], before[1 - i]));
  for (int i = 0; i < 2; ++i) {
    payoff[i] = payoff_of(r, act[i], act[1 - i]);
    r->payoff += payoff[i];
    ++r->acts;
    r->cooperations += act[i];
    if (!after) r->pending[agent[i]].reward = felt(r, agent[i], payoff[i]);
  }
  int judge = -1;
  while (r->rules.bottom_up && (judge < 0 || judge == a || judge == b)) judge = below(r, n);
  for (int i = 0; i < 2; ++i) name[i] = new_name(r, judge, before[i], before[1 - i], act[i]);
  for (int i = 0; i < 2; ++i) {
    r->name[agent[i]] = (uint8_t)name[i];
    if (after) r->pending[agent[i]].reward = felt(r, agent[i], payoff[i]);
    /* with no future, what comes next does not matter: learn at once */
    if (r->rules.gamma == 0.0) complete(r, agent[i], ACT, 0);
  }
}

static void learn_shuffled(MarlReciprocity *r) {
  if (r->num_remembered == 0) return;
  marl_permutation(marl_key_fold(r->episode_key, MARL_STREAM_SHUFFLE), (uint32_t)r->num_remembered,
                   r->order);
  for (size_t i = 0; i < r->num_remembered; ++i) learn(r, &r->memory[r->order[i]]);
  r->num_remembered = 0;
}

/* Greedy choices at the four states as bits, the first state highest. */
static int greedy_bits(MarlReciprocity *r, int agent, int kind, int num_states) {
  int bits = 0;
  for (int s = 0; s < num_states; ++s)
    bits = 2 * bits + greedy_choice(marl_reciprocity_value(r, agent, kind, s));
  return bits;
}

static void count_rules(MarlReciprocity *r, double *metrics) {
  const int n = r->rules.num_agents, learners = n - r->rules.num_seeds;
  for (int m = MARL_RECIPROCITY_ALLD; m < MARL_NUM_RECIPROCITY_METRICS; ++m) metrics[m] = 0.0;
  for (int i = r->rules.num_seeds; i < n; ++i) {
    const int two = greedy_bits(r, i, ACT, 2);
    const int rule = r->rules.own_name ? greedy_bits(r, i, ACT, 4) : 5 * two; /* 01 is 0101 */
    if (rule % 5 == 0) metrics[MARL_RECIPROCITY_ALLD + rule / 5] += 1.0 / learners;
  }
  for (int i = 0; r->rules.bottom_up && i < n; ++i) {
    const int norm = greedy_bits(r, i, JUDGE, 4);
    metrics[MARL_RECIPROCITY_NORM_0] += (norm == 0) / (double)n;
    metrics[MARL_RECIPROCITY_NORM_3] += (norm == 3) / (double)n;
    metrics[MARL_RECIPROCITY_NORM_9] += (norm == 9) / (double)n;
  }
}

void marl_reciprocity_episode(MarlReciprocity *r, double metrics[MARL_NUM_RECIPROCITY_METRICS]) {
  const MarlReciprocityRules *rules = &r->rules;
  r->episode_key = marl_key_fold(r->key, (uint64_t)++r->episode);
  r->draw = 0;
  r->payoff = 0.0;
  r->acts = r->cooperations = r->names = r->good = 0;
  for (int k = 0; k < rules->encounters; ++k) encounter(r);
  learn_shuffled(r);
  metrics[MARL_RECIPROCITY_COOPERATION] =
      r->payoff / (double)r->acts / (rules->benefit - rules->cost);
  metrics[MARL_RECIPROCITY_ACTS] = (double)r->cooperations / (double)r->acts;
  metrics[MARL_RECIPROCITY_GOOD] = (double)r->good / (double)r->names;
  count_rules(r, metrics);
}

static MarlCode allocate(const MarlReciprocityRules *rules, MarlReciprocity **out, MarlError *err) {
  const size_t n = (size_t)rules->num_agents;
  MarlReciprocity *r = calloc(1, sizeof *r);
  if (r == NULL) return MARL_FAIL(err, MARL_EMEMORY, "reciprocity: no memory");
  r->rules = *rules;
  r->num_slots = 4 * (size_t)rules->encounters; /* two acts and two names each */
  r->value = calloc(n * VALUES, sizeof *r->value);
  r->name = calloc(n, sizeof *r->name);
  r->pending = calloc(n, sizeof *r->pending);
  r->memory = calloc(r->num_slots, sizeof *r->memory);
  r->order = calloc(r->num_slots, sizeof *r->order);
  *out = r;
  if (r->value != NULL && r->name != NULL && r->pending != NULL && r->memory != NULL &&
      r->order != NULL)
    return MARL_OK;
  marl_reciprocity_destroy(out);
  return MARL_FAIL(err, MARL_EMEMORY, "reciprocity: no memory for %zu agents", n);
}

MarlCode marl_reciprocity_create(const MarlReciprocityRules *rules, MarlKey key,
                                 MarlReciprocity **out, MarlError *err) {
  MARL_TRY(allocate(rules, out, err));
  MarlReciprocity *r = *out;
  r->key = key;
  r->episode_key = marl_key_fold(key, 0);
  for (int i = 0; i < rules->num_agents; ++i) {
    r->name[i] = (uint8_t)below(r, 2);
    r->pending[i].kind = -1;
  }
  return MARL_OK;
}

void marl_reciprocity_destroy(MarlReciprocity **reciprocity) {
  MarlReciprocity *r = *reciprocity;
  if (r == NULL) return;
  free(r->value);
  free(r->name);
  free(r->pending);
  free(r->memory);
  free(r->order);
  free(r);
  *reciprocity = NULL;
}

MarlCode marl_reciprocity_greedy(const MarlReciprocity *reciprocity, int episodes,
                                 double metrics[MARL_NUM_RECIPROCITY_METRICS], MarlError *err) {
  const size_t n = (size_t)reciprocity->rules.num_agents;
  MarlReciprocity *copy = NULL;
  MARL_TRY(allocate(&reciprocity->rules, &copy, err));
  copy->key = reciprocity->key;
  copy->episode = reciprocity->episode;
  copy->frozen = true;
  memcpy(copy->value, reciprocity->value, n * VALUES * sizeof *copy->value);
  memcpy(copy->name, reciprocity->name, n);
  memset(metrics, 0, MARL_NUM_RECIPROCITY_METRICS * sizeof *metrics);
  for (int e = 0; e < episodes; ++e) {
    double one[MARL_NUM_RECIPROCITY_METRICS];
    marl_reciprocity_episode(copy, one);
    for (int m = 0; m < MARL_NUM_RECIPROCITY_METRICS; ++m) metrics[m] += one[m] / episodes;
  }
  marl_reciprocity_destroy(&copy);
  return MARL_OK;
}

/* A pending decision as whole numbers: kind, state, choice. */
enum { PENDING = 3 };

MarlCode marl_reciprocity_save(const MarlReciprocity *reciprocity, MarlStore *to, MarlError *err) {
  const MarlReciprocity *r = reciprocity;
  const size_t n = (size_t)r->rules.num_agents;
  int32_t *pending = malloc(n * PENDING * sizeof *pending);
  double *reward = malloc(n * sizeof *reward);
  MarlCode code = MARL_OK;
  if (pending == NULL || reward == NULL)
    code = MARL_FAIL(err, MARL_EMEMORY, "reciprocity: no memory for %zu agents", n);
  for (size_t i = 0; code == MARL_OK && i < n; ++i) {
    const Transition *t = &r->pending[i];
    const int32_t row[PENDING] = {t->kind, t->kind < 0 ? 0 : t->state, t->kind < 0 ? 0 : t->choice};
    memcpy(pending + i * PENDING, row, sizeof row);
    reward[i] = t->kind < 0 ? 0.0 : t->reward;
  }
  if (code == MARL_OK) code = marl_store_set_int(to, NULL, "episode", r->episode, err);
  if (code == MARL_OK) code = marl_plain_write(to, "value", MARL_F64, n * VALUES, r->value, err);
  if (code == MARL_OK) code = marl_plain_write(to, "name", MARL_U8, n, r->name, err);
  if (code == MARL_OK) code = marl_plain_write(to, "pending", MARL_I32, n * PENDING, pending, err);
  if (code == MARL_OK) code = marl_plain_write(to, "reward", MARL_F64, n, reward, err);
  free(pending);
  free(reward);
  return code;
}

/* Loaded numbers become indices. */
static MarlCode take_pending(MarlReciprocity *r, const int32_t *pending, const double *reward,
                             const char *path, MarlError *err) {
  for (int i = 0; i < r->rules.num_agents; ++i) {
    const int32_t *p = pending + (ptrdiff_t)i * PENDING;
    if (r->name[i] > 1 || p[0] < -1 || p[0] > JUDGE || p[1] < 0 || p[1] >= NUM_STATES || p[2] < 0 ||
        p[2] > 1)
      return MARL_FAIL(err, MARL_EIO, "%s: agent %d has no state of a reciprocity run", path, i);
    r->pending[i] = (Transition){i, p[0], p[1], p[2], reward[i], 0, 0};
  }
  return MARL_OK;
}

MarlCode marl_reciprocity_load(MarlReciprocity *reciprocity, MarlStore *from, MarlError *err) {
  MarlReciprocity *r = reciprocity;
  const size_t n = (size_t)r->rules.num_agents;
  int32_t *pending = malloc(n * PENDING * sizeof *pending);
  double *reward = malloc(n * sizeof *reward);
  MarlCode code = MARL_OK;
  if (pending == NULL || reward == NULL)
    code = MARL_FAIL(err, MARL_EMEMORY, "reciprocity: no memory for %zu agents", n);
  if (code == MARL_OK) code = marl_store_get_int(from, NULL, "episode", &r->episode, err);
  if (code == MARL_OK) code = marl_plain_read(from, "value", MARL_F64, n * VALUES, r->value, err);
  if (code == MARL_OK) code = marl_plain_read(from, "name", MARL_U8, n, r->name, err);
  if (code == MARL_OK) code = marl_plain_read(from, "pending", MARL_I32, n * PENDING, pending, err);
  if (code == MARL_OK) code = marl_plain_read(from, "reward", MARL_F64, n, reward, err);
  if (code == MARL_OK) code = take_pending(r, pending, reward, marl_store_path(from), err);
  free(pending);
  free(reward);
  return code;
}
