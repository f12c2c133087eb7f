/* Values of actions, a row for each observation that was ever seen and each parameter set.
 *
 * A state is an observation as it is, bit for bit (-0 is 0): environments whose observations take
 * finitely many values have finitely many states, numbered in the order in which they first came.
 * What was never seen has the initial value for every action. */
#ifndef MARL_LEARN_TABLE_H
#define MARL_LEARN_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "marl/core/rng.h"
#include "marl/core/store.h"

typedef struct MarlTableShape {
  size_t obs_dim; /* O */
  int num_sets, num_choices;
  double initial;    /* of every value */
  size_t max_states; /* a table of more is an error: its observations are no states */
} MarlTableShape;

typedef struct MarlTable {
  MarlTableShape shape;
  size_t num_states, room; /* known; that fit */
  float *obs;              /* [room, O] */
  double *value;           /* [room, num_sets, num_choices] */
  double *unknown;         /* [num_choices] of a state that was never seen */
  uint32_t *slot;          /* [num_slots] number of a state + 1, 0: free; open addressing */
  size_t num_slots;        /* a power of two, at least twice the room */
} MarlTable;

MarlCode marl_table_create(const MarlTableShape *shape, MarlTable **out,
                           MarlError *err) MARL_NODISCARD;
void marl_table_destroy(MarlTable **table); /* NULL inside is accepted */

/* Values [num_choices] of obs [O] for a parameter set; read only where it was never seen. */
const double *marl_table_values(const MarlTable *table, const float *obs, int set);
/* The same to be changed: a state that was never seen becomes one. Pointers into the table that were
 * taken before do not hold after it. MARL_ECONFIG beyond max_states. */
MarlCode marl_table_learn(MarlTable *table, const float *obs, int set, double **values,
                          MarlError *err) MARL_NODISCARD;

/* Values of set `to` become those of set `from` of another table with as many numbers and choices. What
 * that one never saw has equal values in both: it decides alike. */
MarlCode marl_table_copy_set(MarlTable *table, int to, const MarlTable *other, int from,
                             MarlError *err) MARL_NODISCARD;

/* Choices whose `mask` [num_choices] is 1; NULL: any. The first of the best; or uniform with
 * probability epsilon, else one of the best, each as likely as the others. */
int marl_table_greedy(const double *values, int num_choices, const uint8_t *mask);
int marl_table_draw(const double *values, int num_choices, const uint8_t *mask, double epsilon,
                    MarlKey key);

/* Observations and values; load replaces what the table knows by those of one of the same shape. */
MarlCode marl_table_save(const MarlTable *table, MarlStore *to, MarlError *err) MARL_NODISCARD;
MarlCode marl_table_load(MarlTable *table, MarlStore *from, MarlError *err) MARL_NODISCARD;

#endif
