/* Parameters in place of drawn ones: numbers of the configuration, or those of another policy. */
#include <stdio.h>
#include <string.h>

#include "marl/learn/policy_internal.h"

MarlCode marl_policy_take_numbers(const MarlSection *config, const MarlPolicyRole *role,
                                  size_t count, float *params, MarlError *err) {
  size_t given = 0;
  const double *start = marl_section_reals(config, "start", &given);
  if (given == 0) return MARL_OK;
  if (given != count)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "policy.start has %zu numbers; the networks of role %s have %zu weights",
                     given, role->name, count);
  for (size_t i = 0; i < count; ++i) params[i] = (float)start[i];
  return MARL_OK;
}

enum { ROOM = 160 };

/* obs 249, tanh 64 x 64, 9 outputs */
static void describe(const MarlPolicyRole *role, char out[ROOM]) {
  if (role->table != NULL) {
    snprintf(out, ROOM, "a table of %d observations and %d choices", role->role.obs_dim,
             role->role.num_choices);
    return;
  }
  int at = snprintf(out, ROOM, "%d observations", role->role.obs_dim);
  if (role->conv.num_layers > 0)
    at += snprintf(out + at, (size_t)(ROOM - at), ", %d convolutions", role->conv.num_layers);
  for (int l = 0; l < role->shape.num_hidden && at < ROOM; ++l)
    at += snprintf(out + at, (size_t)(ROOM - at), "%s%d", l == 0 ? ", hidden " : " ",
                   role->shape.hidden[l]);
  if (at < ROOM && role->memory > 0)
    at += snprintf(out + at, (size_t)(ROOM - at), ", memory %d", role->memory);
  if (at < ROOM)
    snprintf(out + at, (size_t)(ROOM - at), ", %d outputs, %zu parameters", role->shape.num_outputs,
             role->num_params);
}

/* What must agree for the parameters of one role to serve another; NULL: nothing differs. */
static const char *difference(const MarlPolicyRole *a, const MarlPolicyRole *b) {
  const bool discrete = a->role.action_kind == MARL_ACTION_DISCRETE;
  if ((a->table == NULL) != (b->table == NULL) || a->values != b->values) return "kind";
  if (a->role.obs_dim != b->role.obs_dim) return "observations";
  if (a->role.action_kind != b->role.action_kind || a->role.act_dim != b->role.act_dim ||
      a->squashed != b->squashed)
    return "actions";
  for (int i = 0; i < a->role.act_dim && discrete; ++i)
    if (a->choices[i] != b->choices[i]) return "choices";
  if (!discrete && (a->role.act_low != b->role.act_low || a->role.act_high != b->role.act_high))
    return "boxes of actions";
  if (a->num_params != b->num_params || a->memory != b->memory ||
      memcmp(&a->conv, &b->conv, sizeof a->conv) != 0 ||
      a->shape.num_hidden != b->shape.num_hidden || a->shape.activation != b->shape.activation ||
      memcmp(a->shape.hidden, b->shape.hidden, sizeof(int) * (size_t)a->shape.num_hidden) != 0)
    return "networks";
  if (a->std_scale != b->std_scale) return "initial_std";
  return (a->normalizer == NULL) == (b->normalizer == NULL) ? NULL : "normalize_observations";
}

/* Parameters and normalizer, or values, of set `from` of another policy's role become those of `to`. */
static MarlCode copy_set(MarlPolicyRole *role, int to, const MarlPolicyRole *other, int from,
                         MarlError *err) {
  const size_t n = role->num_params;
  if (role->table != NULL) return marl_table_copy_set(role->table, to, other->table, from, err);
  memcpy(role->params + (size_t)to * n, other->params + (size_t)from * n, n * sizeof(float));
  if (role->normalizer != NULL)
    marl_normalizer_merge(role->normalizer[to], other->normalizer[from]); /* from nothing: a copy */
  return MARL_OK;
}

MarlCode marl_policy_take_set(MarlPolicy *policy, int set, const MarlPolicySource *source,
                              MarlError *err) {
  const MarlPolicy *other = source->policy;
  int agent = 0;
  while (marl_policy_set(policy, agent) != set) ++agent;
  if (other->num_roles != policy->num_roles ||
      (other->set != NULL && other->num_agents != policy->num_agents))
    return MARL_FAIL(err, MARL_ECONFIG,
                     "%s: %s was trained with other roles or another number of agents",
                     source->option, source->path);
  for (int r = 0; r < policy->num_roles; ++r) {
    MarlPolicyRole *role = &policy->roles[r];
    const char *what = difference(role, &other->roles[r]);
    if (what != NULL) {
      char here[ROOM], there[ROOM];
      describe(role, here);
      describe(&other->roles[r], there);
      return MARL_FAIL(
          err, MARL_ECONFIG,
          "%s: the %s of role '%s' in %s are not those of this run (%s; here %s): take "
          "its env and policy options, `marl info` shows them",
          source->option, what, role->name, source->path, there, here);
    }
    MARL_TRY(copy_set(role, set, &other->roles[r], marl_policy_set(other, agent), err));
  }
  return MARL_OK;
}

bool marl_policy_starts_elsewhere(const MarlSection *config) {
  size_t numbers, files;
  (void)marl_section_reals(config, "start", &numbers);
  (void)marl_section_texts(config, "start_from", &files);
  return numbers > 0 || files > 0;
}

MarlCode marl_policy_start_from(const MarlSection *config, int replica, MarlPolicy *policy,
                                MarlError *err) {
  size_t numbers, count;
  (void)marl_section_reals(config, "start", &numbers);
  const char *const *files = marl_section_texts(config, "start_from", &count);
  if (count == 0) return MARL_OK;
  if (numbers > 0)
    return MARL_FAIL(
        err, MARL_ECONFIG,
        "policy.start, weights, and policy.start_from, a policy that has some, exclude "
        "each other");
  MarlPolicySource source = {.path = files[(size_t)replica % count], .option = "policy.start_from"};
  MarlPolicy *other;
  MARL_TRY(marl_policy_open(source.path, 0, &other, err));
  source.policy = other;
  MarlCode code = MARL_OK;
  for (int set = 0; set < policy->num_sets && code == MARL_OK; ++set)
    if (marl_policy_learns(policy, set)) code = marl_policy_take_set(policy, set, &source, err);
  marl_policy_destroy(&other);
  return code;
}
