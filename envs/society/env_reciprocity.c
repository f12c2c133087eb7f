/* Indirect reciprocity with good and bad names (reciprocity.h) as an environment.
 *
 * A step is an encounter of two agents, both in role act: by the other's name, and with
 * env.own_name by its own too, each chooses 0 not to give, or 1 to pay c so that the other gets b.
 * Bottom up the encounter goes on with two steps of a third agent in role judge: by what an agent did
 * and whom it met it names the one, then the other, 0 bad or 1 good. Seeds never decide in role act.
 *
 * A payoff is earned in both streams of its agent: judging earns nothing by itself, and what it
 * brings is what its agent gets until it judges again. (The kernel's judge looks at the value of its
 * next decision of any kind; so learned norms may differ between the two.)
 * The population lives on; env.encounters of them are a cycle. */
#include <stdlib.h>
#include <string.h>

#include "envs/society/dilemma.h"
#include "envs/society/reciprocity.h"
#include "marl/core/ratio.h"
#include "marl/learn/plain_array.h"

enum { ACT, JUDGE, NUM_ROLES };
enum { OWN, OTHER, OBS }; /* names that an actor sees; of a judge: act, and whom it was for */
enum { METRICS = MARL_RECIPROCITY_ALLD, RULES = 4 };

/* Plain: written and read as it is. */
typedef struct Encounter {
  int32_t number;    /* of the cycle */
  int32_t agent[2];  /* who meets */
  int32_t before[2]; /* their names when they met */
  int32_t act[2];
  int32_t judge, named; /* bottom up: who names, and how many it has named */
} Encounter;

typedef struct Reciprocity {
  MarlEnv base;
  MarlRole roles[NUM_ROLES];
  MarlReciprocityRules rules;
  MarlKey key;
  int64_t draw;
  Encounter now;
  uint8_t *name;                  /* [N], owned */
  double payoff, cooperate, good; /* sums of the cycle; of two acts and two names an encounter */
  bool ended;                     /* the last step has ended a cycle, whose sums these are */
} Reciprocity;

static double uniform(Reciprocity *r) {
  return marl_uniform(r->key, (uint64_t)r->draw++);
}

static int below(Reciprocity *r, int n) {
  return (int)marl_below(r->key, (uint64_t)r->draw++, (uint64_t)n);
}

static void destroy(MarlEnv *base) {
  Reciprocity *r = (Reciprocity *)base;
  if (r == NULL) return;
  free(r->name);
  free(r);
}

static MarlCode create(const MarlSection *config, MPI_Comm comm, MarlEnv **out, MarlError *err) {
  (void)comm; /* serial */
  Reciprocity *r = calloc(1, sizeof *r);
  if (r == NULL) return MARL_FAIL(err, MARL_EMEMORY, "reciprocity: no memory");
  MarlCode code = marl_reciprocity_rules_read(config, &r->rules, err);
  if (code == MARL_OK) r->name = calloc((size_t)r->rules.num_agents, sizeof *r->name);
  if (code == MARL_OK && r->name == NULL)
    code =
        MARL_FAIL(err, MARL_EMEMORY, "reciprocity: no memory for %d agents", r->rules.num_agents);
  if (code != MARL_OK) {
    destroy(&r->base);
    return code;
  }
  for (int role = 0; role < NUM_ROLES; ++role)
    r->roles[role] = (MarlRole){.name = role == ACT ? "act" : "judge",
                                .obs_dim = OBS,
                                .action_kind = MARL_ACTION_DISCRETE,
                                .act_dim = 1,
                                .num_choices = 2};
  r->base.spec = (MarlEnvSpec){.num_agents = r->rules.num_agents,
                               .num_roles = r->rules.bottom_up ? 2 : 1,
                               .roles = r->roles,
                               .obs_dim = OBS,
                               .act_dim = 1,
                               .max_steps = marl_section_int(config, "max_steps"),
                               .lists_touched = true,
                               .num_metrics = METRICS,
                               .metrics = marl_reciprocity_metric_names};
  *out = &r->base;
  return MARL_OK;
}

static void meet(Reciprocity *r) {
  const int n = r->rules.num_agents, a = below(r, n), b = (a + 1 + below(r, n - 1)) % n;
  r->now = (Encounter){
      .number = r->now.number, .agent = {a, b}, .before = {r->name[a], r->name[b]}, .judge = -1};
}

static void measure(const Reciprocity *r, double *metrics, double *whole) {
  const double acts = 2.0 * r->now.number;
  marl_ratio(r->payoff, acts * (r->rules.benefit - r->rules.cost), MARL_RECIPROCITY_COOPERATION,
             metrics, whole);
  marl_ratio(r->cooperate, acts, MARL_RECIPROCITY_ACTS, metrics, whole);
  marl_ratio(r->good, acts, MARL_RECIPROCITY_GOOD, metrics, whole);
}

static void ask(const Reciprocity *r, const MarlEnvIo *io) {
  const Encounter *e = &r->now;
  double metrics[METRICS];
  if (e->judge >= 0) {
    float *obs = io->obs + (ptrdiff_t)e->judge * OBS;
    marl_touch(io, e->judge);
    io->active[e->judge] = 1;
    io->role[e->judge] = JUDGE;
    obs[0] = (float)e->act[e->named], obs[1] = (float)e->before[1 - e->named];
  } else {
    for (int i = 0; i < 2; ++i) {
      float *obs = io->obs + (ptrdiff_t)e->agent[i] * OBS;
      marl_touch(io, e->agent[i]);
      io->active[e->agent[i]] = e->agent[i] >= r->rules.num_seeds;
      io->role[e->agent[i]] = ACT;
      obs[OWN] = r->rules.own_name ? (float)e->before[i] : 0.0f;
      obs[OTHER] = (float)e->before[1 - i];
    }
  }
  measure(r, metrics, NULL);
  for (int m = 0; m < METRICS; ++m) io->metrics[m] = (float)metrics[m];
}

static MarlCode reset(MarlEnv *base, MarlKey key, const MarlEnvIo *io, MarlError *err) {
  (void)err;
  Reciprocity *r = (Reciprocity *)base;
  r->key = key;
  r->draw = 0;
  r->payoff = r->cooperate = r->good = 0.0;
  r->ended = false;
  r->now.number = 0;
  for (int i = 0; i < r->rules.num_agents; ++i) r->name[i] = (uint8_t)below(r, 2);
  meet(r);
  ask(r, io);
  return MARL_OK;
}

static void give(Reciprocity *r, const MarlEnvIo *io) {
  Encounter *e = &r->now;
  const int n = r->rules.num_agents, num_roles = r->base.spec.num_roles;
  for (int i = 0; i < 2; ++i)
    e->act[i] = e->agent[i] < r->rules.num_seeds ? e->before[1 - i] : (int)io->act[e->agent[i]];
  for (int i = 0; i < 2; ++i) {
    const double payoff = e->act[1 - i] * r->rules.benefit - e->act[i] * r->rules.cost;
    marl_touch(io, e->agent[i]);
    for (int role = 0; role < num_roles; ++role)
      io->reward[e->agent[i] * num_roles + role] = (float)payoff;
    r->payoff += payoff;
    r->cooperate += e->act[i];
  }
  while (r->rules.bottom_up && (e->judge < 0 || e->judge == e->agent[0] || e->judge == e->agent[1]))
    e->judge = below(r, n);
}

/* The next name of who is to be named; both hold from the end of the encounter. */
static void name_one(Reciprocity *r, int name) {
  Encounter *e = &r->now;
  if (uniform(r) < r->rules.assessment_error) name = 1 - name;
  r->name[e->agent[e->named++]] = (uint8_t)name;
  r->good += name;
}

static void judge_by_norm(Reciprocity *r) {
  const Encounter *e = &r->now;
  for (int i = 0; i < 2; ++i)
    name_one(r, r->rules.norm.assess[e->before[i]][e->before[1 - i]]
                                    [e->act[i] == 1 ? MARL_DONOR_COOPERATES : MARL_DONOR_DEFECTS]);
}

static MarlCode step(MarlEnv *base, const MarlEnvIo *io, MarlError *err) {
  (void)err;
  Reciprocity *r = (Reciprocity *)base;
  if (r->ended) {
    r->payoff = r->cooperate = r->good = 0.0;
    r->now.number = 0;
    r->ended = false;
  }
  if (r->now.judge >= 0)
    name_one(r, (int)io->act[r->now.judge]);
  else
    give(r, io);
  if (!r->rules.bottom_up) judge_by_norm(r);
  if (r->now.named == 2) {
    r->ended = ++r->now.number == r->rules.encounters;
    meet(r);
  }
  ask(r, io);
  return MARL_OK;
}

static bool cycle(const MarlEnv *base, double *metrics, double *whole) {
  const Reciprocity *r = (const Reciprocity *)base;
  if (r->ended) measure(r, metrics, whole);
  return r->ended;
}

/* What everybody would do: by the other's name, and its own. */
static int ask_about_acts(const MarlEnv *base, float *obs) {
  const Reciprocity *r = (const Reciprocity *)base;
  for (int i = 0; i < r->rules.num_agents; ++i)
    for (int own = 0; own < 2; ++own)
      for (int other = 0; other < 2; ++other) {
        *obs++ = r->rules.own_name ? (float)own : 0.0f;
        *obs++ = (float)other;
      }
  return ACT;
}

/* Shares of learners that never cooperate, do so with the good, with the bad, always. */
static void classify(const MarlEnv *base, const float *act, double *metrics, double *whole) {
  const Reciprocity *r = (const Reciprocity *)base;
  for (int m = 0; m < RULES; ++m)
    metrics[m] = 0.0, whole[m] = r->rules.num_agents - r->rules.num_seeds;
  for (int i = r->rules.num_seeds; i < r->rules.num_agents; ++i) {
    const float *answer = act + (ptrdiff_t)i * 4;                   /* [own, other] */
    if (answer[0] != answer[2] || answer[1] != answer[3]) continue; /* a rule without a name */
    const int with_bad = (int)answer[0], with_good = (int)answer[1];
    ++metrics[2 * with_bad + with_good];
  }
}

static MarlCode transfer(Reciprocity *r, MarlStore *store, bool saving, MarlError *err) {
  double sums[] = {r->payoff, r->cooperate, r->good};
  uint8_t ended = r->ended;
  const MarlPlainArray arrays[] = {
      {"key", MARL_U32, 2, r->key.k},
      {"draw", MARL_I64, 1, &r->draw},
      {"encounter", MARL_I32, sizeof r->now / sizeof(int32_t), &r->now},
      {"name", MARL_U8, (size_t)r->rules.num_agents, r->name},
      {"sums", MARL_F64, sizeof sums / sizeof *sums, sums},
      {"ended", MARL_U8, 1, &ended},
  };
  MARL_TRY(marl_plain_transfer(store, arrays, sizeof arrays / sizeof *arrays, saving, err));
  r->payoff = sums[0], r->cooperate = sums[1], r->good = sums[2];
  r->ended = ended;
  return MARL_OK;
}

static MarlCode save(const MarlEnv *base, MarlStore *to, MarlError *err) {
  Reciprocity view = *(const Reciprocity *)base; /* nothing is changed when writing */
  return transfer(&view, to, true, err);
}

/* Loaded numbers become indices. */
static MarlCode load(MarlEnv *base, MarlStore *from, MarlError *err) {
  Reciprocity *r = (Reciprocity *)base;
  Encounter *e = &r->now;
  const int last = r->rules.num_agents - 1;
  MARL_TRY(transfer(r, from, false, err));
  MARL_TRY(marl_store_check_within(from, "encounter: agents", MARL_I32, 2, 0, last, e->agent, err));
  MARL_TRY(marl_store_check_within(from, "encounter: names", MARL_I32, 2, 0, 1, e->before, err));
  MARL_TRY(marl_store_check_within(from, "encounter: acts", MARL_I32, 2, 0, 1, e->act, err));
  MARL_TRY(
      marl_store_check_within(from, "encounter: judge", MARL_I32, 1, -1, last, &e->judge, err));
  MARL_TRY(marl_store_check_within(from, "encounter: named", MARL_I32, 1, 0, 1, &e->named, err));
  return marl_store_check_within(from, "name", MARL_U8, (size_t)r->rules.num_agents, 0, 1, r->name,
                                 err);
}

static const MarlEnvProbe probe = {.num_obs = 4,
                                   .num_metrics = RULES,
                                   .metrics = marl_reciprocity_metric_names + MARL_RECIPROCITY_ALLD,
                                   .ask = ask_about_acts,
                                   .answer = classify};

enum { SHARE = MARL_MEASURE_COLUMN | MARL_MEASURE_IN_UNIT | MARL_MEASURE_SHARE };
static const MarlMeasure measures[] = {
    {"cooperation", MARL_MEASURE_FOLLOWED | MARL_MEASURE_GREEDY | MARL_MEASURE_GREEDY_COLUMN},
    {"cooperating_acts", MARL_MEASURE_IN_UNIT},
    {"good_names", MARL_MEASURE_IN_UNIT},
    {"share_alld", SHARE},
    {"share_discriminator", SHARE},
    {"share_paradoxical", SHARE},
    {"share_allc", SHARE},
};

const MarlEnvOps marl_env_reciprocity = {
    .name = "reciprocity",
    .summary = "pairs who give by good and bad names, norms from above or from among them",
    .source = "Anastassacos, Garcia, Hailes and Musolesi 2021, arXiv:2102.07523",
    .formula =
        "agents see, in this order; a name is 0 bad, 1 good\n"
        "act: the own name (0 without own_name), the other's name\n"
        "judge: the act that is judged, the name before of whom it was for",
    .options = marl_reciprocity_options,
    .num_options = MARL_RECIPROCITY_ALL_OPTIONS - MARL_RECIPROCITY_OF_KERNEL,
    .create = create,
    .destroy = destroy,
    .reset = reset,
    .step = step,
    .save = save,
    .load = load,
    .cycle = cycle,
    .probe = &probe,
    .measures = measures,
    .num_measures = sizeof measures / sizeof *measures,
};
