#include "marl/learn/env.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "marl/core/nearest.h"

enum { MAX_NAMES = 128 };

MarlKind marl_kind_envs = {.name = "envs",
                           .title = "Environments",
                           .noun = "environment",
                           .section = "env",
                           .key = "env.name"};

/* Environment `i` of the table, then of the registered ones; NULL behind the last. */
static const MarlEnvOps *at(const MarlEnvOps *const *table, size_t i) {
  size_t count = 0;
  while (table[count] != NULL) ++count;
  if (i < count) return table[i];
  return (const MarlEnvOps *)marl_kind_at(&marl_kind_envs, i - count);
}

int marl_role_choices(const MarlRole *role, int component) {
  return role->choices == NULL ? role->num_choices : role->choices[component];
}

int marl_role_num_logits(const MarlRole *role) {
  int sum = 0;
  for (int i = 0; i < role->act_dim; ++i) sum += marl_role_choices(role, i);
  return sum;
}

MarlCode marl_env_find(const MarlEnvOps *const *table, const char *name, const MarlEnvOps **out,
                       MarlError *err) {
  const char *names[MAX_NAMES] = {NULL};
  size_t count = 0;
  for (const MarlEnvOps *ops; count < MAX_NAMES && (ops = at(table, count)) != NULL; ++count) {
    names[count] = ops->name;
    if (strcmp(ops->name, name) == 0) {
      *out = ops;
      return MARL_OK;
    }
  }
  return marl_fail_unknown(err, "environment", name, names, count);
}

static bool has_yardstick(const MarlEnvOps *ops) {
  if (ops->yardstick == NULL) return true;
  for (size_t i = 0; i < ops->num_options; ++i)
    if (strcmp(ops->options[i].key, ops->yardstick) == 0)
      return ops->options[i].kind == MARL_OPTION_REAL;
  return false;
}

MarlCode marl_env_check_ops(const MarlEnvOps *ops, MarlError *err) {
  if (ops->name == NULL) return MARL_FAIL(err, MARL_EARG, "an environment has no name");
  const struct {
    const char *name;
    bool missing;
  } members[] = {
      {"create", ops->create == NULL},
      {"destroy", ops->destroy == NULL},
      {"reset", ops->reset == NULL},
      {"step", ops->step == NULL},
      {"save", ops->save == NULL},
      {"load", ops->load == NULL},
      {"the REAL option that is its yardstick", !has_yardstick(ops)},
      {"options", ops->options == NULL && ops->num_options > 0},
      {"measures", ops->measures == NULL && ops->num_measures > 0},
      {"probe's ask", ops->probe != NULL && ops->probe->ask == NULL},
      {"probe's answer", ops->probe != NULL && ops->probe->answer == NULL},
  };
  for (size_t i = 0; i < sizeof members / sizeof members[0]; ++i)
    if (members[i].missing)
      return MARL_FAIL(err, MARL_EARG,
                       "environment '%s' has no %s: every member of MarlEnvOps is needed, save and "
                       "load for checkpoints (marl/learn/env.h)",
                       ops->name, members[i].name);
  return MARL_OK;
}

/* The name of something numbered must be there, and none before it may be the same. */
static MarlCode check_name(const MarlEnvOps *ops, const char *what, int number, const char *name,
                           const char *earlier, MarlError *err) {
  if (name == NULL || name[0] == '\0')
    return MARL_FAIL(err, MARL_EARG, "environment '%s': %s %d has no name", ops->name, what,
                     number);
  if (strlen(name) >= MARL_ENV_NAME_MAX || strpbrk(name, ",\"\n\r") != NULL)
    return MARL_FAIL(
        err, MARL_EARG,
        "environment '%s': the name of %s %d, '%s', must be shorter than %d characters, "
        "without comma, quote and end of line",
        ops->name, what, number, name, MARL_ENV_NAME_MAX);
  if (earlier != NULL && strcmp(earlier, name) == 0)
    return MARL_FAIL(err, MARL_EARG,
                     "environment '%s': two have the same name, '%s': %s %d and one "
                     "before it",
                     ops->name, name, what, number);
  return MARL_OK;
}

static MarlCode check_names(const MarlEnvOps *ops, const MarlEnvSpec *s, MarlError *err) {
  for (int r = 0; r < s->num_roles; ++r) {
    MARL_TRY(check_name(ops, "role", r, s->roles[r].name, NULL, err));
    for (int i = 0; i < r; ++i)
      MARL_TRY(check_name(ops, "role", r, s->roles[r].name, s->roles[i].name, err));
  }
  if (s->num_metrics > 0 && s->metrics == NULL)
    return MARL_FAIL(err, MARL_EARG,
                     "environment '%s': spec.num_metrics is %d and spec.metrics, their names, NULL",
                     ops->name, s->num_metrics);
  for (int m = 0; m < s->num_metrics; ++m) {
    MARL_TRY(check_name(ops, "metric", m, s->metrics[m], NULL, err));
    for (int i = 0; i < m; ++i)
      MARL_TRY(check_name(ops, "metric", m, s->metrics[m], s->metrics[i], err));
  }
  return MARL_OK;
}

static bool is_metric(const MarlEnvOps *ops, const MarlEnvSpec *s, const char *name) {
  for (int m = 0; m < s->num_metrics; ++m)
    if (strcmp(s->metrics[m], name) == 0) return true;
  for (int m = 0; ops->probe != NULL && m < ops->probe->num_metrics; ++m)
    if (strcmp(ops->probe->metrics[m], name) == 0) return true;
  return false;
}

static MarlCode check_measures(const MarlEnvOps *ops, const MarlEnvSpec *s, MarlError *err) {
  for (int p = 0; ops->probe != NULL && p < ops->probe->num_metrics; ++p)
    for (int m = 0; m <= s->num_metrics; ++m)
      MARL_TRY(check_name(ops, "metric of the probe", p, ops->probe->metrics[p],
                          m < s->num_metrics ? s->metrics[m] : NULL, err));
  for (size_t i = 0; i < ops->num_measures; ++i)
    if (!is_metric(ops, s, ops->measures[i].name))
      return MARL_FAIL(err, MARL_EARG, "environment '%s': a measure is of '%s', which is no metric",
                       ops->name, ops->measures[i].name);
  return MARL_OK;
}

static MarlCode check_role(const MarlEnvOps *ops, const MarlEnvSpec *s, const MarlRole *role,
                           MarlError *err) {
  const bool discrete = role->action_kind == MARL_ACTION_DISCRETE;
  const int *image = role->image;
  const bool flat = image[0] == 0 && image[1] == 0 && image[2] == 0;
  const double pixels = (double)image[0] * image[1] * image[2];
  if (!flat && (image[0] < 1 || image[1] < 1 || image[2] < 1 || pixels > role->obs_dim))
    return MARL_FAIL(err, MARL_EARG,
                     "environment '%s', role '%s': an image of %d x %d x %d in observations of %d "
                     "numbers",
                     ops->name, role->name, image[0], image[1], image[2], role->obs_dim);
  if (role->obs_dim < 1 || role->obs_dim > s->obs_dim || role->act_dim < 1 ||
      role->act_dim > s->act_dim)
    return MARL_FAIL(err, MARL_EARG,
                     "environment '%s', role '%s': obs_dim must be 1 .. %d, act_dim 1 .. %d",
                     ops->name, role->name, s->obs_dim, s->act_dim);
  const bool box =
      isfinite(role->act_low) && isfinite(role->act_high) && role->act_low < role->act_high;
  bool choices = role->choices == NULL || role->act_dim > 1;
  for (int i = 0; choices && i < role->act_dim; ++i) choices = marl_role_choices(role, i) >= 2;
  if (discrete ? !choices : !box)
    return MARL_FAIL(err, MARL_EARG, "environment '%s', role '%s': %s", ops->name, role->name,
                     discrete ? "a discrete action has at least 2 choices in each component"
                              : "act_low must be below act_high, both finite");
  if (discrete && s->mask_dim > 0 && marl_role_num_logits(role) > s->mask_dim)
    return MARL_FAIL(err, MARL_EARG, "environment '%s', role '%s': %d choices and mask_dim %d",
                     ops->name, role->name, marl_role_num_logits(role), s->mask_dim);
  return MARL_OK;
}

MarlCode marl_env_check_spec(const MarlEnvOps *ops, const MarlEnvSpec *s, MarlError *err) {
  if (s->num_agents < 1 || s->num_roles < 1 || s->obs_dim < 1 || s->act_dim < 1 ||
      s->state_dim < 0 || s->mask_dim < 0 || s->max_steps < 0 || s->num_metrics < 0 ||
      s->max_transitions < 0)
    return MARL_FAIL(err, MARL_EARG,
                     "environment '%s': spec needs num_agents, num_roles, obs_dim, act_dim >= 1 "
                     "and state_dim, mask_dim, max_steps, num_metrics, max_transitions >= 0",
                     ops->name);
  if (s->num_roles > MARL_ENV_MAX_ROLES || s->roles == NULL)
    return MARL_FAIL(err, MARL_EARG, "environment '%s': spec.roles must list 1 .. %d roles",
                     ops->name, MARL_ENV_MAX_ROLES);
  MARL_TRY(check_names(ops, s, err));
  MARL_TRY(check_measures(ops, s, err));
  for (int r = 0; r < s->num_roles; ++r) MARL_TRY(check_role(ops, s, &s->roles[r], err));
  return MARL_OK;
}

/* Index of the first number that is not finite, -1 if all are. The first pass, without branches,
 * finds that there is nothing to find. */
static int first_not_finite(const float *x, int n) {
  const uint32_t exponent = 0x7f800000u;
  uint32_t bad = 0;
  for (int i = 0; i < n; ++i) {
    uint32_t bits;
    memcpy(&bits, &x[i], sizeof bits);
    bad |= (uint32_t)((bits & exponent) == exponent);
  }
  for (int i = 0; bad && i < n; ++i)
    if (!isfinite(x[i])) return i;
  return -1;
}

void marl_touch(const MarlEnvIo *io, int agent) {
  if (io->touched == NULL) return;
  int k = *io->num_touched;
  while (k > 0 && io->touched[k - 1] > agent) --k;
  if (k > 0 && io->touched[k - 1] == agent) return;
  memmove(io->touched + k + 1, io->touched + k, (size_t)(*io->num_touched - k) * sizeof(int));
  io->touched[k] = agent;
  ++*io->num_touched;
}

static MarlCode check_rewards_of(const MarlEnvOps *ops, const MarlEnvSpec *s, const MarlEnvIo *io,
                                 const uint8_t *gone, int first, int count, MarlError *err) {
  const int R = s->num_roles, bad = first_not_finite(io->reward + (ptrdiff_t)first * R, count * R);
  if (bad >= 0)
    return MARL_FAIL(err, MARL_ENUMERIC,
                     "environment '%s': the reward of agent %d in role '%s' is %g", ops->name,
                     first + bad / R, s->roles[bad % R].name, (double)io->reward[first * R + bad]);
  for (int a = first; gone != NULL && a < first + count; ++a)
    for (int r = 0; gone[a] && r < R; ++r)
      if (io->reward[a * R + r] != 0)
        return MARL_FAIL(
            err, MARL_EARG,
            "environment '%s': agent %d has terminated and goes on earning, %g in role "
            "'%s'; write 0, or terminate it when its rewards end",
            ops->name, a, (double)io->reward[a * R + r], s->roles[r].name);
  return MARL_OK;
}

static MarlCode check_rewards(const MarlEnvOps *ops, const MarlEnvSpec *s, const MarlEnvIo *io,
                              const uint8_t *gone, MarlError *err) {
  if (io->touched == NULL) return check_rewards_of(ops, s, io, gone, 0, s->num_agents, err);
  for (int k = 0; k < *io->num_touched; ++k)
    MARL_TRY(check_rewards_of(ops, s, io, gone, io->touched[k], 1, err));
  return MARL_OK;
}

static MarlCode check_role_of(const MarlEnvOps *ops, const MarlEnvSpec *s, const MarlEnvIo *io,
                              int agent, MarlError *err) {
  if (io->role[agent] < s->num_roles) return MARL_OK;
  return MARL_FAIL(err, MARL_EARG,
                   "environment '%s': agent %d is to decide in role %d, there are roles 0 .. %d",
                   ops->name, agent, io->role[agent], s->num_roles - 1);
}

static MarlCode check_obs(const MarlEnvOps *ops, const MarlEnvSpec *s, const MarlEnvIo *io,
                          int agent, MarlError *err) {
  const MarlRole *role = &s->roles[io->role[agent]];
  const float *obs = io->obs + (ptrdiff_t)agent * s->obs_dim;
  const int bad = first_not_finite(obs, role->obs_dim);
  if (bad < 0) return MARL_OK;
  return MARL_FAIL(err, MARL_ENUMERIC,
                   "environment '%s': observation %d of agent %d in role '%s' is %g", ops->name,
                   bad, agent, role->name, (double)obs[bad]);
}

/* Flags, and a legal choice in each component. */
static MarlCode check_mask(const MarlEnvOps *ops, const MarlEnvSpec *s, const MarlEnvIo *io,
                           int agent, MarlError *err) {
  const MarlRole *role = &s->roles[io->role[agent]];
  if (s->mask_dim == 0 || role->action_kind != MARL_ACTION_DISCRETE) return MARL_OK;
  const uint8_t *mask = io->mask + (ptrdiff_t)agent * s->mask_dim;
  for (int i = 0; i < role->act_dim; ++i) {
    const int choices = marl_role_choices(role, i);
    bool flags = true, legal = false;
    for (int k = 0; k < choices; ++k) {
      flags = flags && mask[k] <= 1;
      legal = legal || mask[k] == 1;
    }
    if (!flags || !legal)
      return MARL_FAIL(err, MARL_EARG,
                       "environment '%s': component %d of agent %d in role '%s' has %s", ops->name,
                       i, agent, role->name,
                       flags ? "no legal choice" : "a mask of other numbers than 0 and 1");
    mask += choices;
  }
  return MARL_OK;
}

static MarlCode check_decisions(const MarlEnvOps *ops, const MarlEnvSpec *s, const MarlEnvIo *io,
                                const uint8_t *gone, MarlError *err) {
  const bool finite =
      io->touched == NULL && first_not_finite(io->obs, s->num_agents * s->obs_dim) < 0;
  for (int k = 0; k < marl_num_touched(s, io); ++k) {
    const int a = marl_touched_agent(io, k);
    const bool out = (io->terminated != NULL && io->terminated[a]) || (gone != NULL && gone[a]);
    if (!io->active[a] || out) continue;
    MARL_TRY(check_role_of(ops, s, io, a, err));
    if (!finite) MARL_TRY(check_obs(ops, s, io, a, err));
    MARL_TRY(check_mask(ops, s, io, a, err));
  }
  return MARL_OK;
}

MarlCode marl_env_check_rows(const MarlEnvOps *ops, const MarlEnvSpec *s, const MarlEnvIo *io,
                             const uint8_t *gone, MarlError *err) {
  if (io->reward != NULL) MARL_TRY(check_rewards(ops, s, io, gone, err));
  MARL_TRY(check_decisions(ops, s, io, gone, err));
  const int bad = s->state_dim > 0 ? first_not_finite(io->state, s->state_dim) : -1;
  if (bad >= 0)
    return MARL_FAIL(err, MARL_ENUMERIC, "environment '%s': component %d of the state is %g",
                     ops->name, bad, (double)io->state[bad]);
  for (int m = 0; m < s->num_metrics; ++m)
    if (isinf(io->metrics[m]))
      return MARL_FAIL(err, MARL_ENUMERIC, "environment '%s': the metric '%s' is %g", ops->name,
                       s->metrics[m], (double)io->metrics[m]);
  return MARL_OK;
}

MarlCode marl_env_check_choices(const MarlEnvOps *ops, const MarlEnvSpec *s, const MarlEnvIo *io,
                                MarlError *err) {
  for (int k = 0; s->mask_dim > 0 && k < marl_num_touched(s, io); ++k) {
    const int a = marl_touched_agent(io, k);
    if (!io->active[a] || s->roles[io->role[a]].action_kind != MARL_ACTION_DISCRETE) continue;
    const MarlRole *role = &s->roles[io->role[a]];
    const uint8_t *mask = io->mask + (ptrdiff_t)a * s->mask_dim;
    const float *act = io->act + (ptrdiff_t)a * s->act_dim;
    for (int i = 0; i < role->act_dim; mask += marl_role_choices(role, i), ++i)
      if (!(act[i] >= 0 && act[i] < (float)marl_role_choices(role, i)) || !mask[(int)act[i]])
        return MARL_FAIL(err, MARL_EARG,
                         "environment '%s': choice %g of agent %d in role '%s' (component %d) is "
                         "illegal: it is masked",
                         ops->name, (double)act[i], a, role->name, i);
  }
  return MARL_OK;
}
