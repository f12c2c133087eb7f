/* Where a tuning stands between two generations. */
#include <stdlib.h>
#include <string.h>

#include "envs/turbulence/tuning.h"

/* A candidate as a row: its point, then what came out, then its search. */
enum { OBJECTIVE = MARL_TUNING_MAX_PARAMETERS, ERROR, SPECTRUM, DIVERGENCE, REPEAT, COLUMNS };

static MarlCode append(MarlStore *to, const char *name, size_t columns, const double *row,
                       MarlError *err) {
  const MarlArray array = {.type = MARL_F64, .rank = 2, .shape = {0, columns}};
  return marl_store_append(to, name, &array, 1, row, err);
}

static MarlCode save_candidate(const MarlCandidate *candidate, MarlStore *to, MarlError *err) {
  double row[COLUMNS] = {0};
  memcpy(row, candidate->point, sizeof candidate->point);
  row[OBJECTIVE] = candidate->objective;
  row[ERROR] = candidate->error;
  row[SPECTRUM] = candidate->spectrum_error;
  row[DIVERGENCE] = candidate->divergence;
  row[REPEAT] = candidate->repeat;
  return append(to, "candidates", COLUMNS, row, err);
}

static MarlCandidate candidate_of(const double row[COLUMNS]) {
  MarlCandidate candidate = {.objective = row[OBJECTIVE],
                             .error = row[ERROR],
                             .spectrum_error = row[SPECTRUM],
                             .divergence = row[DIVERGENCE],
                             .repeat = row[REPEAT] > 0 ? (int)row[REPEAT] : 0};
  memcpy(candidate.point, row, sizeof candidate.point);
  return candidate;
}

MarlCode marl_tuning_save(const MarlTuning *tuning, MarlStore *to, MarlError *err) {
  const size_t dim = (size_t)tuning->dim;
  MarlStore *group;
  MARL_TRY(marl_store_set_int(to, NULL, "repeat", tuning->repeat, err));
  MARL_TRY(marl_store_set_int(to, NULL, "evaluations", tuning->evaluations, err));
  MARL_TRY(marl_store_set_int(to, NULL, "first", tuning->first, err));
  MARL_TRY(marl_store_set_int(to, NULL, "count", tuning->count, err));
  for (int r = 0; r < tuning->repeat; ++r)
    MARL_TRY(append(to, "estimates", dim, tuning->estimates + (size_t)r * dim, err));
  for (int i = 0; i < tuning->evaluations; ++i)
    MARL_TRY(save_candidate(&tuning->candidates[i], to, err));
  MARL_TRY(marl_store_group_create(to, "search", &group, err));
  const MarlCode code = marl_search_save(tuning->search, group, err);
  marl_store_close(&group);
  return code;
}

static MarlCode get_count(MarlStore *from, const char *key, int64_t max, int *out, MarlError *err) {
  int64_t value;
  MARL_TRY(marl_store_get_int(from, NULL, key, &value, err));
  if (value < 0 || value > max)
    return MARL_FAIL(err, MARL_EIO, "%s: '%s' is %lld, expected 0 to %lld", marl_store_path(from),
                     key, (long long)value, (long long)max);
  *out = (int)value;
  return MARL_OK;
}

static MarlCode load_candidates(MarlTuning *tuning, MarlStore *from, MarlError *err) {
  const size_t count = (size_t)tuning->evaluations;
  if (count == 0) return MARL_OK;
  double *rows = malloc(count * COLUMNS * sizeof *rows);
  if (rows == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for %zu candidates", count);
  const MarlCode code = marl_store_read(from, "candidates", MARL_F64, count * COLUMNS, rows, err);
  for (size_t i = 0; i < count && code == MARL_OK; ++i)
    tuning->candidates[i] = candidate_of(rows + i * COLUMNS);
  free(rows);
  return code;
}

/* Candidates that there is room for: marl_tuning_create. */
static int64_t room(const MarlTuning *tuning) {
  return (int64_t)tuning->repeats * ((int64_t)tuning->max_evaluations + tuning->search->max_points);
}

MarlCode marl_tuning_load(MarlTuning *tuning, MarlStore *from, MarlError *err) {
  const size_t dim = (size_t)tuning->dim;
  MarlStore *group;
  int repeat;
  MARL_TRY(get_count(from, "repeat", 1000, &repeat, err));
  if (repeat > tuning->repeats)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "%s has done %d searches, tune.repeats is %d: a tuning can be prolonged, not "
                     "shortened; give --set tune.repeats=%d or more",
                     marl_store_path(from), repeat, tuning->repeats, repeat);
  MARL_TRY(get_count(from, "evaluations", room(tuning), &tuning->evaluations, err));
  MARL_TRY(get_count(from, "first", tuning->evaluations, &tuning->first, err));
  MARL_TRY(get_count(from, "count", tuning->evaluations, &tuning->count, err));
  tuning->repeat = repeat;
  if (repeat > 0)
    MARL_TRY(
        marl_store_read(from, "estimates", MARL_F64, (size_t)repeat * dim, tuning->estimates, err));
  MARL_TRY(load_candidates(tuning, from, err));
  /* a finished tuning that is to be longer begins its next search */
  const bool between = tuning->first == tuning->evaluations;
  if (between && repeat < tuning->repeats) return marl_tuning_begin_search(tuning, repeat, err);
  MARL_TRY(marl_tuning_begin_search(tuning, between ? repeat - 1 : repeat, err));
  MARL_TRY(marl_store_group_open(from, "search", &group, err));
  const MarlCode code = marl_search_load(tuning->search, group, err);
  marl_store_close(&group);
  return code;
}
