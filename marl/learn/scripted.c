#include "marl/learn/scripted.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marl/core/nearest.h"

/* An entry of the list, "restrained:5*3". */
typedef struct Entry {
  const MarlScripted *policy; /* NULL: learner */
  double number;
  long count;
} Entry;

static MarlCode wrong(const char *word, const char *why, MarlError *err) {
  return MARL_FAIL(err, MARL_ECONFIG, "env.policies: '%.60s' %s", word, why);
}

static MarlCode find(const char *name, const MarlScripted *scripted, size_t count,
                     const MarlScripted **out, MarlError *err) {
  const char *names[MARL_MAX_SCRIPTED + 1] = {"learner"};
  *out = NULL;
  if (strcmp(name, names[0]) == 0) return MARL_OK;
  for (size_t i = 0; i < count && i < MARL_MAX_SCRIPTED; ++i) {
    if (strcmp(name, scripted[i].name) == 0) *out = &scripted[i];
    names[1 + i] = scripted[i].name;
  }
  if (*out != NULL) return MARL_OK;
  return marl_fail_unknown(err, "policy (env.policies)", name, names, 1 + count);
}

static MarlCode read_entry(const char *word, const MarlScripted *scripted, size_t num_scripted,
                           Entry *out, MarlError *err) {
  char name[MARL_POLICY_NAME];
  const size_t length = strcspn(word, ":*");
  char *end = (char *)word + length;
  *out = (Entry){.count = 1};
  snprintf(name, sizeof name, "%.*s", (int)length, word);
  MARL_TRY(find(name, scripted, num_scripted, &out->policy, err));
  const bool numbered = out->policy != NULL && out->policy->low < out->policy->high;
  if (numbered) out->number = out->policy->number;
  if (*end == ':') {
    const char *number = end + 1;
    if (!numbered) return wrong(word, "has a number, and the policy knows none", err);
    out->number = strtod(number, &end);
    const MarlScripted *p = out->policy;
    const bool inside = out->number >= p->low && out->number <= p->high;
    if (end == number || !(inside || out->number == p->number) ||
        (p->whole && out->number != floor(out->number)))
      return MARL_FAIL(err, MARL_ECONFIG,
                       "env.policies: '%.60s': expected a %snumber in [%g, %g] behind the colon",
                       word, p->whole ? "whole " : "", p->low, p->high);
  }
  if (*end == '*') {
    const char *count = end + 1;
    out->count = strtol(count, &end, 10);
    if (end == count || out->count < 1) return wrong(word, "has no count of agents behind *", err);
  }
  return *end == '\0' ? MARL_OK : wrong(word, "is not name, name:number or name*count", err);
}

/* "restrained_5" */
static void name_kind(MarlScriptedKind *kind) {
  const MarlScripted *p = kind->policy;
  if (p->low < p->high && kind->number != p->number)
    snprintf(kind->name, sizeof kind->name, "%.16s_%g", p->name, kind->number);
  else
    snprintf(kind->name, sizeof kind->name, "%s", p->name);
  for (char *c = kind->name; *c != '\0'; ++c)
    *c = isalnum((unsigned char)*c) ? (char)tolower((unsigned char)*c) : '_';
}

static MarlCode kind_of(MarlPlayers *players, const Entry *entry, uint8_t *out, MarlError *err) {
  int k = 0;
  *out = MARL_LEARNER;
  if (entry->policy == NULL) return MARL_OK;
  while (k < players->num_kinds &&
         (players->kind[k].policy != entry->policy || players->kind[k].number != entry->number))
    ++k;
  if (k == MARL_MAX_SCRIPTED)
    return MARL_FAIL(err, MARL_ECONFIG, "env.policies: more than %d different ones",
                     MARL_MAX_SCRIPTED);
  if (k == players->num_kinds) {
    players->kind[k] = (MarlScriptedKind){.policy = entry->policy, .number = entry->number};
    name_kind(&players->kind[k]);
    for (int i = 0; i < k; ++i)
      if (strcmp(players->kind[i].name, players->kind[k].name) == 0)
        return MARL_FAIL(err, MARL_ECONFIG,
                         "env.policies: %.15g and %.15g are both '%s' in what is measured; numbers "
                         "differ in their first six digits",
                         players->kind[i].number, entry->number, players->kind[k].name);
    ++players->num_kinds;
  }
  *out = (uint8_t)k;
  return MARL_OK;
}

static MarlCode fill(const char *const *words, size_t num_words, const MarlScripted *scripted,
                     size_t num_scripted, int num_agents, MarlPlayers *out, MarlError *err) {
  long at = 0;
  for (size_t i = 0; i < num_words; ++i) {
    Entry entry;
    uint8_t kind;
    MARL_TRY(read_entry(words[i], scripted, num_scripted, &entry, err));
    if (num_words == 1 && strchr(words[i], '*') == NULL) entry.count = num_agents;
    if (entry.count > num_agents - at) entry.count = num_agents - at + 1; /* too many */
    MARL_TRY(kind_of(out, &entry, &kind, err));
    for (long k = 0; k < entry.count && at + k < num_agents; ++k) out->of[at + k] = kind;
    at += entry.count;
  }
  if (at != num_agents)
    return MARL_FAIL(
        err, MARL_ECONFIG,
        "env.policies: %s entries than the %d agents; expected one for all of them, or "
        "one for each, where learner*3 stands for three",
        at < num_agents ? "fewer" : "more", num_agents);
  for (int a = 0; a < num_agents; ++a)
    if (out->of[a] != MARL_LEARNER)
      ++out->kind[out->of[a]].num_agents;
    else
      ++out->num_learners;
  return MARL_OK;
}

MarlCode marl_players_read(const MarlSection *config, const MarlScripted *scripted,
                           size_t num_scripted, int num_agents, MarlPlayers **out, MarlError *err) {
  size_t num_words;
  const char *const *words = marl_section_texts(config, "policies", &num_words);
  *out = calloc(1, sizeof **out + (size_t)num_agents);
  if (*out == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory for %d players", num_agents);
  const MarlCode code = fill(words, num_words, scripted, num_scripted, num_agents, *out, err);
  if (code == MARL_OK && (*out)->num_kinds > 0) return MARL_OK;
  free(*out);
  *out = NULL;
  return code;
}

const MarlScriptedKind *marl_scripted_kind(const MarlEnvSpec *spec, int agent) {
  const MarlPlayers *players = spec->players;
  return players == NULL || players->of[agent] == MARL_LEARNER ? NULL
                                                               : &players->kind[players->of[agent]];
}

/* Who plays is an option that users set by a policy's name. */
static MarlCode check_scripted(const MarlEnvOps *ops, MarlError *err) {
  bool there = false;
  for (size_t i = 0; i < ops->num_options; ++i)
    there = there || strcmp(ops->options[i].key, "policies") == 0;
  if (ops->num_scripted > MARL_MAX_SCRIPTED)
    return MARL_FAIL(err, MARL_EARG, "environment '%s' has %zu scripted policies; at most %d",
                     ops->name, ops->num_scripted, MARL_MAX_SCRIPTED);
  if (there || ops->num_scripted == 0) return MARL_OK;
  return MARL_FAIL(err, MARL_EARG,
                   "environment '%s' has scripted policies and no option to choose them: put "
                   "MARL_POLICIES_OPTION into its table (marl/learn/scripted.h)",
                   ops->name);
}

MarlCode marl_env_create(const MarlEnvOps *ops, const MarlSection *config, int index, MPI_Comm comm,
                         MarlEnv **out, MarlError *err) {
  MarlEnv *env;
  MarlPlayers *players = NULL;
  *out = NULL;
  MARL_TRY(check_scripted(ops, err));
  MARL_TRY(ops->create(config, comm, &env, err));
  env->ops = ops;
  env->index = index;
  MarlCode code = marl_env_check_spec(ops, &env->spec, err);
  if (code == MARL_OK && ops->num_scripted > 0)
    code = marl_players_read(config, ops->scripted, ops->num_scripted, env->spec.num_agents,
                             &players, err);
  env->spec.players = players;
  if (code == MARL_OK)
    *out = env;
  else
    marl_env_destroy(env);
  return code;
}

void marl_env_destroy(MarlEnv *env) {
  if (env == NULL) return;
  free((void *)env->spec.players);
  env->ops->destroy(env);
}
