/* Which agents share a parameter set, and which sets learn. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "marl/learn/policy_internal.h"

enum { SHARED, INDEPENDENT, GROUPS };

static MarlCode wrong_groups(const char *why, const char *word, MarlError *err) {
  return MARL_FAIL(err, MARL_ECONFIG, "policy.groups: '%s' %s", word, why);
}

/* A word is a group, or group*count for so many agents in a row. */
static MarlCode read_word(const char *word, long num_agents, long *group, long *count,
                          MarlError *err) {
  char *end;
  *group = strtol(word, &end, 10);
  *count = 1;
  if (end == word || *group < 0 || *group >= num_agents)
    return wrong_groups("is no group: they are numbered 0, 1, ..., fewer than agents", word, err);
  if (*end == '*') {
    const char *number = end + 1;
    *count = strtol(number, &end, 10);
    if (end == number || *count < 1 || *count > num_agents)
      return wrong_groups("is not group*count, with a count of agents", word, err);
  }
  return *end == '\0' ? MARL_OK : wrong_groups("is neither a group nor group*count", word, err);
}

/* Every group from 0 to the last has an agent. */
static MarlCode check_groups(const int *set, int num_agents, MarlError *err) {
  int num_sets = 0, next = 0;
  for (int a = 0; a < num_agents; ++a) num_sets = set[a] >= num_sets ? set[a] + 1 : num_sets;
  for (int found = 1; found && next < num_sets; next += found) {
    found = 0;
    for (int a = 0; a < num_agents; ++a) found = found || set[a] == next;
  }
  if (next == num_sets) return MARL_OK;
  return MARL_FAIL(err, MARL_ECONFIG, "policy.groups: no agent is in group %d, and there is a %d",
                   next, num_sets - 1);
}

static MarlCode read_groups(const MarlSection *config, int num_agents, int *set, MarlError *err) {
  size_t num_words;
  const char *const *words = marl_section_texts(config, "groups", &num_words);
  long at = 0;
  for (size_t i = 0; i < num_words; ++i) {
    long group, count;
    MARL_TRY(read_word(words[i], num_agents, &group, &count, err));
    if (at + count > num_agents) at = LONG_MAX - num_agents; /* too many, and more to come */
    for (long k = 0; k < count && at < num_agents; ++k) set[at++] = (int)group;
  }
  if (at != num_agents)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "policy.sharing = groups needs the group of each of the %d agents in "
                     "policy.groups, which has %s; 0*10 stands for ten agents of group 0",
                     num_agents, at < num_agents ? "fewer" : "more");
  return check_groups(set, num_agents, err);
}

MarlCode marl_policy_read_sharing(const MarlSection *config, int num_agents, int **set,
                                  MarlError *err) {
  size_t num_words;
  const int sharing = marl_section_choice(config, "sharing");
  *set = NULL;
  marl_section_texts(config, "groups", &num_words);
  if (sharing != GROUPS && num_words > 0)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "policy.groups means nothing without policy.sharing = groups");
  if (sharing == SHARED) return MARL_OK;
  *set = calloc((size_t)num_agents, sizeof **set);
  if (*set == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory for a policy");
  for (int a = 0; a < num_agents; ++a) (*set)[a] = a;
  const MarlCode code = sharing == GROUPS ? read_groups(config, num_agents, *set, err) : MARL_OK;
  if (code != MARL_OK) {
    free(*set);
    *set = NULL;
  }
  return code;
}

int marl_policy_set(const MarlPolicy *policy, int agent) {
  return policy->set == NULL ? 0 : policy->set[agent];
}

bool marl_policy_learns(const MarlPolicy *policy, int set) {
  return policy->frozen == NULL || !policy->frozen[set];
}

void marl_policy_sort_rows(const MarlPolicy *policy, int num_envs, int num_agents, size_t *first,
                           uint32_t *rows) {
  const size_t A = (size_t)num_agents, n = (size_t)num_envs * A;
  const size_t sets = (size_t)policy->num_sets;
  memset(first, 0, (sets + 1) * sizeof *first);
  for (size_t row = 0; row < n; ++row) ++first[marl_policy_set(policy, (int)(row % A)) + 1];
  for (size_t s = 0; s < sets; ++s) first[s + 1] += first[s];
  for (size_t row = 0; row < n; ++row)
    rows[first[marl_policy_set(policy, (int)(row % A))]++] = (uint32_t)row;
  /* each start has moved to the next set's */
  memmove(first + 1, first, sets * sizeof *first);
  first[0] = 0;
}

MarlCode marl_policy_freeze(const MarlSection *config, MarlPolicy *policy, MarlError *err) {
  const char *run = marl_section_text(config, "frozen");
  size_t count;
  const int *sets = marl_section_ints(config, "frozen_sets", &count);
  if ((run[0] == '\0') != (count == 0))
    return MARL_FAIL(err, MARL_ECONFIG,
                     "policy.frozen, a run, and policy.frozen_sets, the groups or agents that have "
                     "their parameters from it, belong together");
  if (run[0] == '\0') return MARL_OK;
  policy->frozen = calloc((size_t)policy->num_sets, sizeof *policy->frozen);
  if (policy->frozen == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory for a policy");
  MarlPolicy *other;
  MARL_TRY(marl_policy_open(run, 0, &other, err));
  const MarlPolicySource source = {.policy = other, .path = run, .option = "policy.frozen"};
  MarlCode code = MARL_OK;
  for (size_t i = 0; i < count && code == MARL_OK; ++i) {
    if (sets[i] >= policy->num_sets)
      code = MARL_FAIL(err, MARL_ECONFIG,
                       "policy.frozen_sets has %d, there are 0 .. %d (policy.sharing)", sets[i],
                       policy->num_sets - 1);
    else
      code = marl_policy_take_set(policy, sets[i], &source, err);
    if (code == MARL_OK) policy->frozen[sets[i]] = 1;
  }
  for (int r = 0; r < policy->num_roles && code == MARL_OK; ++r)
    policy->roles[r].frozen_epsilon = other->roles[r].epsilon;
  marl_policy_destroy(&other);
  int learning = 0;
  for (int s = 0; s < policy->num_sets; ++s) learning += marl_policy_learns(policy, s);
  if (code == MARL_OK && learning == 0)
    code = MARL_FAIL(err, MARL_ECONFIG, "policy.frozen_sets leaves nobody who learns");
  return code;
}
