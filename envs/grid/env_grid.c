/* A grid world as an environment: one role, one choice a step. Scripted agents never decide: they see the
 * whole map, so that the world plays them. */
#include <stdlib.h>
#include <string.h>

#include "envs/grid/game.h"
#include "envs/grid/grid_store.h"
#include "envs/grid/look.h"
#include "envs/grid/measures.h"
#include "envs/grid/scripted.h"
#include "envs/grid/view.h"

/* An episode whose end is drawn is cut after this many times its least length. */
enum { LONGEST = 5 };

typedef struct GridEnv {
  MarlEnv base;
  MarlRole role;
  MarlGridRules rules;
  MarlGridWorld world;
} GridEnv;

static GridEnv *grid(MarlEnv *env) {
  return (GridEnv *)env;
}

MarlGridRules *marl_grid_env_rules(MarlEnv *env) {
  return &grid(env)->rules;
}

MarlGridWorld *marl_grid_env_world(MarlEnv *env) {
  return &grid(env)->world;
}

MarlCode marl_grid_env_create(const MarlSection *config, const MarlGridGame *game, MarlEnv **out,
                              MarlError *err) {
  GridEnv *env = calloc(1, sizeof *env);
  if (env == NULL) return MARL_FAIL(err, MARL_EMEMORY, "%s: no memory", game->name);
  MarlGridRules *rules = &env->rules;
  const MarlCode code = marl_grid_rules_read(config, game, rules, err);
  if (code != MARL_OK) {
    free(env);
    return code;
  }
  env->role = (MarlRole){.name = "act",
                         .obs_dim = marl_grid_view_size(rules),
                         .action_kind = MARL_ACTION_DISCRETE,
                         .act_dim = 1,
                         .num_choices = marl_grid_num_actions(rules),
                         .image = {marl_grid_view_rows(rules), marl_grid_view_cols(rules),
                                   marl_grid_view_planes(rules)},
                         .image_is_bits = !rules->see_record};
  env->base.spec =
      (MarlEnvSpec){.num_agents = rules->num_agents,
                    .num_roles = 1,
                    .roles = &env->role,
                    .obs_dim = env->role.obs_dim,
                    .act_dim = 1,
                    .state_dim = marl_grid_see_all_size(rules),
                    .max_steps = rules->episode_steps * (rules->end_probability > 0 ? LONGEST : 1),
                    .num_metrics = MARL_GRID_NUM_METRICS,
                    .metrics = marl_grid_metric_names};
  *out = &env->base;
  return MARL_OK;
}

void marl_grid_env_destroy(MarlEnv *env) {
  free(env);
}

static void ask(const GridEnv *env, const MarlEnvIo *io) {
  const size_t width = (size_t)env->base.spec.obs_dim;
  for (int i = 0; i < env->rules.num_agents; ++i) {
    io->role[i] = 0;
    io->active[i] = env->rules.policy[i] == MARL_GRID_LEARNER;
    if (io->active[i])
      marl_grid_view(&env->world, i, io->obs + (size_t)i * width);
    else
      memset(io->obs + (size_t)i * width, 0, width * sizeof *io->obs);
  }
  if (io->state != NULL) marl_grid_see_all(&env->world, io->state);
  marl_grid_measure(&env->world, io->metrics);
}

MarlCode marl_grid_env_reset(MarlEnv *base, MarlKey key, const MarlEnvIo *io, MarlError *err) {
  (void)err;
  GridEnv *env = grid(base);
  marl_grid_begin(&env->world, &env->rules, key);
  ask(env, io);
  return MARL_OK;
}

/* What the agents learn from: their own, mixed, or with inequity aversion or an orientation. */
static void pay(GridEnv *env, float *reward) {
  const MarlGridRules *rules = &env->rules;
  const int n = rules->num_agents;
  const double *raw = env->world.reward;
  double learned[MARL_GRID_MAX_AGENTS], traces[MARL_GRID_MAX_AGENTS], sum = 0;
  for (int i = 0; i < n; ++i) {
    sum += raw[i];
    traces[i] = env->world.tally[i].trace;
    learned[i] = raw[i];
  }
  if (marl_intrinsic_used(&rules->intrinsic))
    marl_intrinsic_utility(&rules->intrinsic, n, raw, traces, learned);
  for (int i = 0; i < n; ++i) {
    MarlGridTally *tally = &env->world.tally[i];
    tally->trace = rules->intrinsic.trace * tally->trace + raw[i];
    if (rules->self_interest < 1)
      learned[i] =
          rules->self_interest * raw[i] + (1 - rules->self_interest) * (sum - raw[i]) / (n - 1);
    reward[i] = (float)learned[i];
  }
}

/* Has an episode of random length ended? */
static bool ends(GridEnv *env) {
  const MarlGridRules *rules = &env->rules;
  const int over = env->world.step - rules->episode_steps;
  if (rules->end_probability == 0 || over < 0 || over % rules->end_every != 0) return false;
  return marl_grid_chance(&env->world.draws, rules->end_probability);
}

MarlCode marl_grid_env_step(MarlEnv *base, const MarlEnvIo *io, MarlError *err) {
  (void)err;
  GridEnv *env = grid(base);
  const int n = env->rules.num_agents;
  uint8_t number[MARL_GRID_MAX_AGENTS];
  marl_grid_players_begin(&env->world);
  for (int i = 0; i < n; ++i)
    number[i] =
        (uint8_t)(env->rules.policy[i] == MARL_GRID_LEARNER ? (int)io->act[i]
                                                            : marl_grid_scripted(&env->world, i));
  marl_grid_step(&env->world, number);
  pay(env, io->reward);
  if (ends(env)) memset(io->terminated, 1, (size_t)n);
  ask(env, io);
  return MARL_OK;
}

MarlCode marl_grid_env_save(const MarlEnv *base, MarlStore *to, MarlError *err) {
  return marl_grid_save(&((const GridEnv *)base)->world, to, err);
}

MarlCode marl_grid_env_load(MarlEnv *base, MarlStore *from, MarlError *err) {
  GridEnv *env = grid(base);
  return marl_grid_load(&env->world, &env->rules, from, err);
}

MarlCode marl_grid_env_look(const MarlEnv *base, MarlPicture *picture, MarlError *err) {
  return marl_grid_look(&((const GridEnv *)base)->world, picture, err);
}

const MarlMeasure marl_grid_env_measures[MARL_GRID_NUM_MEASURES] = {
    {"collected", MARL_MEASURE_FOLLOWED | MARL_MEASURE_COLUMN | MARL_MEASURE_GREEDY},
    {"equality", MARL_MEASURE_COLUMN},
    {"hits", MARL_MEASURE_COLUMN},
};
