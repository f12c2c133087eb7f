#include "marl/learn/table.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 16 };

static size_t values_of_state(const MarlTable *t) {
  return (size_t)t->shape.num_sets * (size_t)t->shape.num_choices;
}

static MarlCode no_memory(const MarlTable *t, MarlError *err) {
  return MARL_FAIL(err, MARL_EMEMORY, "out of memory for the values of %zu states, %zu a state",
                   t->num_states, values_of_state(t));
}

MarlCode marl_table_create(const MarlTableShape *shape, MarlTable **out, MarlError *err) {
  *out = NULL;
  MarlTable *t = calloc(1, sizeof *t);
  if (t == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory for a table");
  t->shape = *shape;
  t->num_slots = 2 * FIRST_ROOM;
  t->slot = calloc(t->num_slots, sizeof *t->slot);
  t->unknown = calloc((size_t)shape->num_choices, sizeof *t->unknown);
  if (t->slot == NULL || t->unknown == NULL) {
    marl_table_destroy(&t);
    return MARL_FAIL(err, MARL_EMEMORY, "out of memory for a table");
  }
  for (int k = 0; k < shape->num_choices; ++k) t->unknown[k] = shape->initial;
  *out = t;
  return MARL_OK;
}

void marl_table_destroy(MarlTable **table) {
  MarlTable *t = *table;
  if (t == NULL) return;
  free(t->obs);
  free(t->value);
  free(t->unknown);
  free(t->slot);
  free(t);
  *table = NULL;
}

/* The bits of an observation's component; -0 and 0 are the same state. */
static uint32_t bits_of(float x) {
  const float plain = x + 0.0f;
  uint32_t bits;
  memcpy(&bits, &plain, sizeof bits);
  return bits;
}

/* The slot of a state, or the free one where it belongs. Fowler, Noll and Vo's hash over words. */
static size_t slot_of(const MarlTable *t, const float *obs) {
  const size_t dim = t->shape.obs_dim;
  uint64_t hash = 14695981039346656037u;
  for (size_t i = 0; i < dim; ++i) hash = (hash ^ bits_of(obs[i])) * 1099511628211u;
  size_t at = (size_t)(hash ^ hash >> 32) & (t->num_slots - 1);
  for (; t->slot[at] != 0; at = (at + 1) & (t->num_slots - 1)) {
    const float *known = t->obs + (t->slot[at] - 1) * dim;
    size_t i = 0;
    while (i < dim && known[i] == obs[i]) ++i;
    if (i == dim) break;
  }
  return at;
}

const double *marl_table_values(const MarlTable *table, const float *obs, int set) {
  const uint32_t number = table->slot[slot_of(table, obs)];
  if (number == 0) return table->unknown;
  return table->value + (number - 1) * values_of_state(table) +
         (size_t)set * (size_t)table->shape.num_choices;
}

/* Room for twice as many states. */
static MarlCode grow(MarlTable *t, MarlError *err) {
  const size_t room = t->room == 0 ? FIRST_ROOM : 2 * t->room, dim = t->shape.obs_dim;
  float *obs = realloc(t->obs, room * dim * sizeof *obs);
  if (obs != NULL) t->obs = obs;
  double *value = realloc(t->value, room * values_of_state(t) * sizeof *value);
  if (value != NULL) t->value = value;
  uint32_t *slot = calloc(2 * room, sizeof *slot);
  if (obs == NULL || value == NULL || slot == NULL) {
    free(slot);
    return no_memory(t, err);
  }
  free(t->slot);
  t->slot = slot;
  t->num_slots = 2 * room;
  t->room = room;
  for (size_t s = 0; s < t->num_states; ++s)
    t->slot[slot_of(t, t->obs + s * dim)] = (uint32_t)s + 1;
  return MARL_OK;
}

/* `slot` is free and the state's own unless the table grows. */
static MarlCode add_state(MarlTable *t, const float *obs, size_t slot, MarlError *err) {
  const size_t dim = t->shape.obs_dim, values = values_of_state(t);
  if (t->num_states >= t->shape.max_states)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "a table has learner.max_states = %zu states and there are more: a learner of "
                     "tables needs observations that come again, bit for bit; let the environment "
                     "show less, or use a learner with networks",
                     t->shape.max_states);
  if (t->num_states == t->room) {
    MARL_TRY(grow(t, err));
    slot = slot_of(t, obs);
  }
  const size_t state = t->num_states++;
  memcpy(t->obs + state * dim, obs, dim * sizeof *obs);
  for (size_t i = 0; i < values; ++i) t->value[state * values + i] = t->shape.initial;
  t->slot[slot] = (uint32_t)state + 1;
  return MARL_OK;
}

MarlCode marl_table_learn(MarlTable *table, const float *obs, int set, double **values,
                          MarlError *err) {
  const size_t slot = slot_of(table, obs);
  size_t state = table->slot[slot];
  if (state == 0) {
    MARL_TRY(add_state(table, obs, slot, err));
    state = table->num_states;
  }
  *values = table->value + (state - 1) * values_of_state(table) +
            (size_t)set * (size_t)table->shape.num_choices;
  return MARL_OK;
}

MarlCode marl_table_copy_set(MarlTable *table, int to, const MarlTable *other, int from,
                             MarlError *err) {
  const size_t size = (size_t)table->shape.num_choices * sizeof(double);
  for (size_t s = 0; s < other->num_states; ++s) {
    const float *obs = other->obs + s * other->shape.obs_dim;
    double *values;
    MARL_TRY(marl_table_learn(table, obs, to, &values, err));
    memcpy(values, marl_table_values(other, obs, from), size);
  }
  return MARL_OK;
}

static bool is_legal(const uint8_t *mask, int choice) {
  return mask == NULL || mask[choice];
}

int marl_table_greedy(const double *values, int num_choices, const uint8_t *mask) {
  int best = -1;
  for (int k = 0; k < num_choices; ++k)
    if (is_legal(mask, k) && (best < 0 || values[k] > values[best])) best = k;
  return best;
}

int marl_table_draw(const double *values, int num_choices, const uint8_t *mask, double epsilon,
                    MarlKey key) {
  uint32_t word[4];
  marl_philox(key, 0, word);
  const bool uniform = ((double)word[0] + 0.5) * 0x1p-32 < epsilon;
  const double best = values[marl_table_greedy(values, num_choices, mask)];
  int candidates = 0;
  for (int k = 0; k < num_choices; ++k)
    candidates += is_legal(mask, k) && (uniform || values[k] == best);
  int left = (int)((uint64_t)word[uniform ? 1 : 2] * (uint64_t)candidates >> 32), choice = -1;
  while (left >= 0) {
    ++choice;
    left -= is_legal(mask, choice) && (uniform || values[choice] == best);
  }
  return choice;
}

MarlCode marl_table_save(const MarlTable *table, MarlStore *to, MarlError *err) {
  const MarlTable *t = table;
  const MarlTableShape *s = &t->shape;
  const MarlArray obs = {.type = MARL_F32, .rank = 2, .shape = {t->num_states, s->obs_dim}};
  const MarlArray value = {.type = MARL_F64,
                           .rank = 3,
                           .shape = {t->num_states, (size_t)s->num_sets, (size_t)s->num_choices}};
  MARL_TRY(marl_store_set_real(to, NULL, "initial_value", s->initial, err));
  MARL_TRY(marl_store_set_int(to, NULL, "num_states", (int64_t)t->num_states, err));
  if (t->num_states == 0) return MARL_OK;
  MARL_TRY(marl_store_write(to, "obs", &obs, t->obs, err));
  return marl_store_write(to, "value", &value, t->value, err);
}

static MarlCode read_states(MarlTable *t, MarlStore *from, size_t n, float *obs, double *value,
                            MarlError *err) {
  const size_t dim = t->shape.obs_dim, values = values_of_state(t);
  MARL_TRY(marl_store_read(from, "obs", MARL_F32, n * dim, obs, err));
  MARL_TRY(marl_store_check_finite(from, "obs", MARL_F32, n * dim, obs, err));
  MARL_TRY(marl_store_read(from, "value", MARL_F64, n * values, value, err));
  MARL_TRY(marl_store_check_finite(from, "value", MARL_F64, n * values, value, err));
  for (size_t s = 0; s < n; ++s) {
    const size_t slot = slot_of(t, obs + s * dim);
    if (t->slot[slot] != 0)
      return MARL_FAIL(err, MARL_EIO, "%s: a state is there twice: not a table of marl",
                       marl_store_path(from));
    MARL_TRY(add_state(t, obs + s * dim, slot, err));
  }
  memcpy(t->value, value, n * values * sizeof *value);
  return MARL_OK;
}

MarlCode marl_table_load(MarlTable *table, MarlStore *from, MarlError *err) {
  MarlTable *t = table;
  int64_t n;
  MARL_TRY(marl_store_get_real(from, NULL, "initial_value", &t->shape.initial, err));
  MARL_TRY(marl_store_check_finite(from, "initial_value", MARL_F64, 1, &t->shape.initial, err));
  MARL_TRY(marl_store_get_int(from, NULL, "num_states", &n, err));
  for (int k = 0; k < t->shape.num_choices; ++k) t->unknown[k] = t->shape.initial;
  memset(t->slot, 0, t->num_slots * sizeof *t->slot);
  t->num_states = 0;
  if (n == 0) return MARL_OK;
  int rank;
  size_t shape[MARL_STORE_MAX_RANK] = {0};
  MARL_TRY(marl_store_shape(from, "value", &rank, shape, err));
  if (rank != 3 || n < 0 || shape[0] != (size_t)n || n > UINT32_MAX ||
      shape[1] != (size_t)t->shape.num_sets || shape[2] != (size_t)t->shape.num_choices)
    return MARL_FAIL(err, MARL_EIO, "%s: not the values of %d choices of %d sets in %lld states",
                     marl_store_path(from), t->shape.num_choices, t->shape.num_sets, (long long)n);
  float *obs = malloc((size_t)n * t->shape.obs_dim * sizeof *obs);
  double *value = malloc((size_t)n * values_of_state(t) * sizeof *value);
  const MarlCode code = obs == NULL || value == NULL
                            ? no_memory(t, err)
                            : read_states(t, from, (size_t)n, obs, value, err);
  free(obs);
  free(value);
  return code;
}
