#include "marl/learn/sides.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marl/learn/decider.h"
#include "marl/learn/scripted.h"

enum { MAX_LIST = MARL_SIDES_MAX_AGENTS * (MARL_POLICY_NAME + 2) };
static const int64_t most_steps = 10000000;

/* One episode under way. */
typedef struct Episode {
  const MarlSidesWorld *world;
  const MarlSide *side; /* [2] */
  const uint8_t *of;    /* [A] */
  const MarlEnvSpec *spec;
  MarlVecEnv *vec;
  MarlBatch *batch;
  MarlDecider decider[2]; /* of trained sides */
  float *act;             /* [A, U] of one side */
} Episode;

MarlCode marl_sides_agents(const MarlSidesWorld *world, int *num_agents, MarlError *err) {
  MarlEnv *env;
  MARL_TRY(marl_env_check_ops(world->ops, err));
  MARL_TRY(marl_env_create(world->ops, world->config, 0, MPI_COMM_SELF, &env, err));
  *num_agents = env->spec.num_agents;
  marl_env_destroy(env);
  if (*num_agents <= MARL_SIDES_MAX_AGENTS) return MARL_OK;
  return MARL_FAIL(err, MARL_ECONFIG, "%d agents; two sides have at most %d", *num_agents,
                   MARL_SIDES_MAX_AGENTS);
}

/* A side that nobody would play is a mistake: its agents would stand still and be measured. */
static MarlCode check_side(const MarlSidesWorld *world, const MarlSide *side, MarlError *err) {
  if (side->scripted == NULL) return MARL_OK;
  if (world->ops->num_scripted == 0)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "'%.60s': environment '%s' has no scripted policies; expected the path of a "
                     "run or of an exported policy, with a / or .h5 in it",
                     side->scripted, world->ops->name);
  if (strcmp(side->scripted, "learner") != 0) return MARL_OK;
  return MARL_FAIL(err, MARL_ECONFIG,
                   "'learner' plays by no policy here; expected a scripted one or a RUN");
}

/* The section with `policies` as this episode deals them. */
static MarlCode deal(const Episode *e, int num_agents, MarlSection **out, MarlError *err) {
  const MarlSidesWorld *world = e->world;
  char list[MAX_LIST] = "";
  for (int s = 0; s < 2; ++s) MARL_TRY(check_side(world, &e->side[s], err));
  MARL_TRY(marl_section_copy(world->config, out, err));
  if (world->ops->num_scripted == 0) return MARL_OK;
  for (int a = 0; a < num_agents; ++a) {
    const char *name = e->side[e->of[a]].scripted;
    const size_t used = strlen(list);
    snprintf(list + used, sizeof list - used, "%s%s", a > 0 ? ", " : "",
             name != NULL ? name : "learner");
  }
  return marl_section_set(*out, "policies", list, "two sides", err);
}

static MarlCode prepare(Episode *e, int number, int num_agents, MarlError *err) {
  const MarlSidesWorld *world = e->world;
  MarlSection *config = NULL;
  MarlCode code = deal(e, num_agents, &config, err);
  if (code == MARL_OK)
    code = marl_vec_env_create(world->ops, config, 1, number,
                               marl_key_fold(world->key, MARL_STREAM_ENV), MPI_COMM_SELF, &e->vec,
                               err);
  marl_section_destroy(&config);
  MARL_TRY(code);
  e->spec = marl_vec_env_spec(e->vec);
  e->batch = marl_vec_env_batch(e->vec);
  e->act = calloc((size_t)num_agents * (size_t)e->spec->act_dim, sizeof *e->act);
  if (e->act == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for an episode");
  for (int s = 0; s < 2; ++s) {
    const MarlPolicy *policy = e->side[s].policy;
    if (policy == NULL) continue;
    MARL_TRY(marl_policy_check_env(policy, e->spec, world->ops->name, err));
    MARL_TRY(marl_decider_create(policy, e->spec, 1, &e->decider[s], err));
  }
  return marl_vec_env_reset(e->vec, err);
}

/* Both trained sides are asked about all; each agent has the answer of its own. */
static void decide(Episode *e, int number, int64_t step) {
  const size_t width = (size_t)e->spec->act_dim, count = (size_t)e->spec->num_agents;
  const MarlKey key =
      marl_key_fold(marl_key_fold(e->world->key, MARL_STREAM_POLICY), (uint64_t)step);
  bool asked = false;
  for (int s = 0; s < 2; ++s) {
    if (e->side[s].policy == NULL) continue;
    if (asked) memcpy(e->act, e->batch->act, count * width * sizeof *e->act);
    marl_decider_act(&e->decider[s], e->batch, e->world->greedy ? NULL : &key, number);
    for (size_t a = 0; asked && a < count; ++a)
      if (e->of[a] != s)
        memcpy(e->batch->act + a * width, e->act + a * width, width * sizeof *e->act);
    asked = true;
  }
}

static MarlCode play(Episode *e, int number, double *earned, MarlError *err) {
  const int agents = e->spec->num_agents, roles = e->spec->num_roles;
  double weight = 1.0;
  for (int64_t step = 0; step < most_steps; ++step) {
    decide(e, number, step);
    MARL_TRY(marl_vec_env_step(e->vec, err));
    for (int i = 0; i < agents * roles; ++i)
      earned[i / roles] += weight * (double)e->batch->reward[i];
    weight *= e->world->discount;
    if (e->batch->episode_ended[0]) return MARL_OK;
  }
  return MARL_FAIL(err, MARL_ENUMERIC,
                   "an episode of '%s' has not ended after %lld steps; give the environment a time "
                   "limit",
                   e->world->ops->name, (long long)most_steps);
}

MarlCode marl_sides_play(const MarlSidesWorld *world, const MarlSide side[2], int num_agents,
                         const uint8_t *of, int number, double *earned, MarlError *err) {
  Episode e = {.world = world, .side = side, .of = of};
  memset(earned, 0, (size_t)num_agents * sizeof *earned);
  MarlCode code = prepare(&e, number, num_agents, err);
  if (code == MARL_OK) code = play(&e, number, earned, err);
  for (int s = 0; s < 2; ++s) marl_decider_clear(&e.decider[s]);
  marl_vec_env_destroy(&e.vec);
  free(e.act);
  return code;
}
