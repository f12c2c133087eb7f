/* What the agents of a society learn from, written down: choices through the vector environment, read
 * as the interface says (marl/learn/env.h). */
#ifndef MARL_TESTS_SOCIETY_BOOK_H
#define MARL_TESTS_SOCIETY_BOOK_H

#include "envs/env_table.h"
#include "envs/society/population.h"
#include "marl/learn/vec_env.h"
#include "tests/unit.h"

enum { MAX_AGENTS = 8, WIDE = 8, MOST = 4000, ROLES = MARL_NUM_DILEMMA_ROLES };

typedef struct Learned {
  float obs[WIDE], next[WIDE];
  float reward;
  int choice;
  bool end;
} Learned;

/* What one agent learns from in one role, in order; `open` is not complete. */
typedef struct Stream {
  Learned learned[MOST], open;
  bool is_open;
  int count, decisions;
} Stream;

typedef struct Book {
  Stream stream[MAX_AGENTS][ROLES];
} Book;

static inline MarlSection *section(const char *const *settings) {
  MarlError err;
  MarlSection *config = NULL;
  const MarlOptionTable table = {marl_dilemma_options, MARL_DILEMMA_NUM_OPTIONS};
  UNIT_OK(marl_section_create("env", &table, 1, &config, &err));
  for (; settings[0] != NULL; settings += 2)
    UNIT_OK(marl_section_set(config, settings[0], settings[1], "test", &err));
  return config;
}

static inline MarlKey key_of(int number) {
  return marl_key_fold(marl_key(9, MARL_STREAM_ENV), (uint64_t)number);
}

static inline void read_settings(const char *const *settings, MarlDilemmaRules *rules) {
  MarlError err;
  MarlSection *config = section(settings);
  UNIT_OK(marl_dilemma_rules_read(config, rules, &err));
  marl_section_destroy(&config);
}

/* One society that has begun. */
static inline MarlVecEnv *society(const char *const *settings, MarlKey key) {
  MarlError err;
  const MarlEnvOps *ops = NULL;
  MarlVecEnv *vec = NULL;
  MarlSection *config = section(settings);
  UNIT_OK(marl_env_find(marl_env_table, "dilemma", &ops, &err));
  UNIT_OK(marl_vec_env_create(ops, config, 1, 0, key, MPI_COMM_SELF, &vec, &err));
  UNIT_OK(marl_vec_env_reset(vec, &err));
  marl_section_destroy(&config);
  CU_ASSERT_FATAL(marl_vec_env_spec(vec)->num_agents <= MAX_AGENTS &&
                  marl_vec_env_spec(vec)->obs_dim <= WIDE);
  return vec;
}

/* The role of the environment, as the population counts them. */
static inline int role_of(const MarlEnvSpec *spec, int number) {
  int role = 0;
  while (strcmp(marl_dilemma_role_names[role], spec->roles[number].name) != 0) ++role;
  return role;
}

/* The choice number `decision` of an agent in a role. */
static inline int script(int agent, int role, int decision, int choices) {
  const MarlKey key = marl_key_fold(marl_key(4, MARL_STREAM_POLICY), (uint64_t)(8 * agent + role));
  return (int)marl_below(key, (uint64_t)decision, (uint64_t)choices);
}

/* Scripted actions of those who decide. */
static inline void act(const MarlEnvSpec *spec, const MarlBatch *b, const Book *book) {
  for (int i = 0; i < spec->num_agents; ++i) {
    if (!b->active[i]) continue;
    const int role = role_of(spec, b->role[i]);
    int choices = spec->roles[b->role[i]].num_choices; /* legal ones come first */
    const uint8_t *mask = b->mask == NULL ? NULL : b->mask + (ptrdiff_t)i * spec->mask_dim;
    while (mask != NULL && !mask[choices - 1]) --choices;
    b->act[i] = (float)script(i, role, book->stream[i][role].decisions, choices);
  }
}

static inline void complete(Stream *s, const float *next, int dim) {
  if (!s->is_open) return;
  CU_ASSERT_FATAL(s->count < MOST);
  s->open.end = next == NULL;
  if (next != NULL) memcpy(s->open.next, next, (size_t)dim * sizeof *next);
  s->learned[s->count++] = s->open;
  s->is_open = false;
}

/* Decisions with the actions that are in the batch: each completes the one before it, unless the
 * environment says what does. */
static inline void note_decisions(const MarlEnvSpec *spec, const MarlBatch *b, Book *book) {
  for (int i = 0; i < spec->num_agents; ++i) {
    if (!b->active[i]) continue;
    Stream *s = &book->stream[i][role_of(spec, b->role[i])];
    const float *obs = b->obs + (ptrdiff_t)i * spec->obs_dim;
    const int dim = spec->roles[b->role[i]].obs_dim;
    ++s->decisions;
    if (b->num_transitions != NULL) continue; /* they are given */
    complete(s, obs, dim);
    s->open = (Learned){.choice = (int)b->act[i]};
    memcpy(s->open.obs, obs, (size_t)dim * sizeof *obs);
    s->is_open = true;
  }
}

/* Rewards of the step, decisions that it ended, transitions that it gave. */
static inline void note_step(const MarlEnvSpec *spec, const MarlBatch *b, Book *book) {
  for (int i = 0; i < spec->num_agents; ++i)
    for (int r = 0; r < spec->num_roles; ++r) {
      Stream *s = &book->stream[i][role_of(spec, r)];
      s->open.reward += b->reward[i * spec->num_roles + r];
      if (b->ended != NULL && b->ended[i * spec->num_roles + r]) complete(s, NULL, 0);
    }
  for (int k = 0; b->num_transitions != NULL && k < b->num_transitions[0]; ++k) {
    const MarlTransition *t = &b->transition[k];
    const int dim = spec->roles[t->role].obs_dim;
    Stream *s = &book->stream[t->agent][role_of(spec, t->role)];
    CU_ASSERT_FATAL(s->count < MOST);
    Learned *l = &s->learned[s->count++];
    *l = (Learned){.reward = t->reward, .choice = t->choice, .end = t->terminal};
    memcpy(l->obs, t->obs, (size_t)dim * sizeof *l->obs);
    if (!t->terminal) memcpy(l->next, t->next_obs, (size_t)dim * sizeof *l->next);
  }
}

/* A whole episode, scripted; what stays open at its end is kept. */
static inline void by_script(const char *const *settings, MarlKey key, Book *book) {
  MarlError err;
  MarlVecEnv *vec = society(settings, key);
  const MarlEnvSpec *spec = marl_vec_env_spec(vec);
  MarlBatch *b = marl_vec_env_batch(vec);
  memset(book, 0, sizeof *book);
  do {
    act(spec, b, book);
    note_decisions(spec, b, book);
    UNIT_OK(marl_vec_env_step(vec, &err));
    note_step(spec, b, book);
  } while (!b->terminated[0]);
  marl_vec_env_destroy(&vec);
}

#endif
