/* What the learners of a society learn from, written down: scripted choices through protocol.h. */
#ifndef MARL_TESTS_SOCIETY_BOOK_H
#define MARL_TESTS_SOCIETY_BOOK_H

#include "envs/society/society.h"
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
  MarlDilemmaLearners base;
  const MarlPopulation *population;
  Stream stream[MAX_AGENTS][ROLES];
} Book;

/* The choice number `decision` of an agent in a role. */
static inline int script(int agent, int role, int decision, int choices) {
  const MarlKey key = marl_key_fold(marl_key(4, MARL_STREAM_POLICY), (uint64_t)(8 * agent + role));
  return (int)marl_below(key, (uint64_t)decision, (uint64_t)choices);
}

static inline int choose(MarlDilemmaLearners *base, int agent, MarlDilemmaRole role,
                         const float *obs) {
  Book *book = (Book *)base;
  (void)obs;
  return script(agent, (int)role, book->stream[agent][role].decisions++,
                marl_population_num_choices(book->population, role, agent));
}

static inline void learn(MarlDilemmaLearners *base, int agent, MarlDilemmaRole role,
                         const MarlDilemmaTransition *t) {
  Book *book = (Book *)base;
  Stream *s = &book->stream[agent][role];
  const int dim = marl_population_obs_dim(book->population, role, agent);
  CU_ASSERT_FATAL(s->count < MOST && dim <= WIDE);
  Learned *l = &s->learned[s->count++];
  *l = (Learned){.reward = t->reward, .choice = t->choice, .end = t->end};
  memcpy(l->obs, t->obs, (size_t)dim * sizeof *l->obs);
  if (!t->end) memcpy(l->next, t->next_obs, (size_t)dim * sizeof *l->next);
}

/* `cycles` cycles by the protocol; what stays open at the end is kept. */
static inline void by_protocol(const MarlDilemmaRules *rules, MarlKey key, bool terminal_pairings,
                               Book *book) {
  MarlError err;
  MarlPopulation *population = NULL;
  MarlProtocol protocol;
  UNIT_OK(marl_population_create(rules, &population, &err));
  marl_population_reset(population, key);
  UNIT_OK(marl_protocol_create(population, MARL_TRANSITIONS_NEXT_DECISION, terminal_pairings,
                               &protocol, &err));
  memset(book, 0, sizeof *book);
  book->base = (MarlDilemmaLearners){choose, learn};
  book->population = population;
  while (population->cycle < rules->cycles) marl_protocol_phase(&protocol, &book->base);
  for (int i = 0; i < rules->num_agents; ++i)
    for (int r = 0; r < ROLES; ++r) {
      const MarlOpenDecision *d = &protocol.decision[i * ROLES + r];
      Stream *s = &book->stream[i][r];
      s->is_open = d->open;
      if (!d->open) continue;
      s->open = (Learned){.reward = d->reward, .choice = d->choice, .end = true};
      const int dim = marl_population_obs_dim(population, (MarlDilemmaRole)r, i);
      memcpy(s->open.obs, d->obs, (size_t)dim * sizeof(float));
    }
  book->population = NULL;
  marl_protocol_clear(&protocol);
  marl_population_destroy(&population);
}

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

#endif
