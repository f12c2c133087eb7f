#include "physics/reference_flow.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marl/core/nearest.h"
#include "physics/flow_config.h"
#include "physics/forcing.h"

/* Numbers of the flow. `old`: files of format 1 have it, too. */
static const struct Number {
  const char *key, *unit;
  size_t offset; /* in MarlReference */
  bool old;
} numbers[] = {
    {"viscosity", "L^2/T", offsetof(MarlReference, viscosity), true},
    {"linear_drag", "1/T", offsetof(MarlReference, linear_drag), true},
    {"beta", "1/(L T)", offsetof(MarlReference, beta), true},
    {"domain_length", "L", offsetof(MarlReference, domain_length), true},
    {"domain_length_y", "L", offsetof(MarlReference, domain_length_y), false},
    {"forcing_wavenumber", "1/L", offsetof(MarlReference, forcing.wavenumber), true},
    {"forcing_amplitude", "L/T^2", offsetof(MarlReference, forcing.amplitude), false},
    {"forcing_width", "1/L", offsetof(MarlReference, forcing.width), false},
    {"forcing_injection", "L^2/T^3", offsetof(MarlReference, forcing.injection), false},
};
enum { NUMBERS = sizeof numbers / sizeof numbers[0], MAX_TEXT = 512 };

static double value_of(const MarlReference *flow, const struct Number *number) {
  double value;
  memcpy(&value, (const char *)flow + number->offset, sizeof value);
  return value;
}

/* The members of a reference that describe its flow. */
static MarlReference described(const MarlSolverParams *flow) {
  return (MarlReference){.reynolds = 1 / flow->viscosity,
                         .viscosity = flow->viscosity,
                         .linear_drag = flow->linear_drag,
                         .beta = flow->beta,
                         .domain_length = flow->lx,
                         .domain_length_y = flow->ly,
                         .forcing = flow->forcing};
}

/* In the order of marl_forcing_directions; a Kolmogorov forcing of no direction is none. */
static int direction_of(const MarlForcing *forcing) {
  return forcing->in_x && forcing->in_y ? 2 : forcing->in_y ? 1 : 0;
}

static const char *name_of(const MarlForcing *forcing) {
  const bool still = forcing->ops == NULL ||
                     (forcing->ops == &marl_forcing_kolmogorov && !forcing->in_x && !forcing->in_y);
  return still ? marl_forcing_none.name : forcing->ops->name;
}

MarlCode marl_reference_write_flow(const MarlSolverParams *params, MarlStore *to, MarlError *err) {
  const MarlReference flow = described(params);
  char units[MAX_TEXT] = "";
  MARL_TRY(marl_store_set_int(to, NULL, "reference_format", MARL_REFERENCE_FORMAT, err));
  MARL_TRY(marl_store_set_real(to, NULL, "reynolds", flow.reynolds, err));
  for (size_t i = 0; i < NUMBERS; ++i) {
    const size_t used = strlen(units);
    snprintf(units + used, sizeof units - used, "%s%s %s", i > 0 ? ", " : "", numbers[i].key,
             numbers[i].unit);
    MARL_TRY(marl_store_set_real(to, NULL, numbers[i].key, value_of(&flow, &numbers[i]), err));
  }
  MARL_TRY(marl_store_set_text(to, NULL, "forcing_name", name_of(&flow.forcing), err));
  MARL_TRY(marl_store_set_text(to, NULL, "forcing_direction",
                               marl_forcing_directions[direction_of(&flow.forcing)], err));
  return marl_store_set_text(to, NULL, "units", units, err);
}

/* Malloc'd text attribute `key`, or NULL where there is none. */
static char *text_of(MarlStore *from, const char *key) {
  char *text = NULL;
  return marl_store_get_text(from, NULL, key, &text, NULL) == MARL_OK ? text : NULL;
}

/* The forcing, or NULL where the file does not say. */
static MarlCode read_forcing(MarlStore *from, const MarlForcingOps **out, MarlError *err) {
  char *name = text_of(from, "forcing_name");
  *out = NULL;
  if (name == NULL) return MARL_OK;
  const MarlPlugin *found = NULL;
  MarlError unknown;
  MarlCode code = marl_kind_find(&marl_kind_forcings, name, &found, &unknown);
  if (code != MARL_OK)
    code = MARL_FAIL(err, MARL_EIO, "%s: forcing_name: %s", marl_store_path(from), unknown.message);
  *out = (const MarlForcingOps *)found;
  free(name);
  return code;
}

/* Index in marl_forcing_directions, or -1 where the file does not say. */
static MarlCode read_direction(MarlStore *from, int *out, MarlError *err) {
  char *name = text_of(from, "forcing_direction");
  *out = -1;
  if (name == NULL) return MARL_OK;
  size_t known = 0;
  for (; marl_forcing_directions[known] != NULL; ++known)
    if (strcmp(marl_forcing_directions[known], name) == 0) *out = (int)known;
  MarlCode code = MARL_OK;
  MarlError unknown;
  if (*out < 0 && marl_fail_unknown(&unknown, "forcing_direction", name, marl_forcing_directions,
                                    known) != MARL_OK)
    code = MARL_FAIL(err, MARL_EIO, "%s: %s", marl_store_path(from), unknown.message);
  free(name);
  return code;
}

/* One more name in the list of what is missing. */
static void lacks(char missing[MAX_TEXT], const char *key) {
  const size_t used = strlen(missing);
  snprintf(missing + used, MAX_TEXT - used, "%s%s", used > 0 ? ", " : "", key);
}

static MarlCode read_names(MarlStore *from, MarlReference *out, char missing[MAX_TEXT],
                           MarlError *err) {
  int direction;
  MARL_TRY(read_forcing(from, &out->forcing.ops, err));
  MARL_TRY(read_direction(from, &direction, err));
  if (out->forcing.ops == NULL) lacks(missing, "forcing_name");
  if (direction < 0) lacks(missing, "forcing_direction");
  out->forcing.in_x = direction == 0 || direction == 2;
  out->forcing.in_y = direction == 1 || direction == 2;
  return MARL_OK;
}

MarlCode marl_reference_read_flow(MarlStore *from, MarlReference *out, MarlError *err) {
  char missing[MAX_TEXT] = "";
  MarlError absent;
  int64_t format = 1;
  if (marl_store_get_int(from, NULL, "reference_format", &format, &absent) == MARL_OK &&
      format > MARL_REFERENCE_FORMAT)
    return MARL_FAIL(err, MARL_EIO,
                     "%s is a reference file of format %lld; this program reads up to %d: take a "
                     "newer one",
                     marl_store_path(from), (long long)format, MARL_REFERENCE_FORMAT);
  for (size_t i = 0; i < NUMBERS; ++i) {
    double value = (double)NAN;
    const MarlCode code =
        marl_store_get_real(from, NULL, numbers[i].key, &value, numbers[i].old ? err : &absent);
    if (code != MARL_OK && numbers[i].old) return code;
    if (code != MARL_OK) lacks(missing, numbers[i].key);
    memcpy((char *)out + numbers[i].offset, &value, sizeof value);
  }
  MARL_TRY(read_names(from, out, missing, err));
  out->reynolds = 1 / out->viscosity;
  if (missing[0] == '\0') return MARL_OK;
  out->missing = strdup(missing);
  return out->missing != NULL
             ? MARL_OK
             : MARL_FAIL(err, MARL_EMEMORY, "%s: out of memory", marl_store_path(from));
}

/* What the file says of the flow is what is to be written. */
static MarlCode check_agreement(const MarlReference *file, const MarlReference *flow,
                                MarlError *err) {
  static const double slack = 1e-6; /* of files in single precision */
  for (size_t i = 0; i < NUMBERS; ++i) {
    const double old = value_of(file, &numbers[i]), new = value_of(flow, &numbers[i]);
    if (!isnan(old) && fabs(old - new) > slack * fmax(fabs(old), fabs(new)))
      return MARL_FAIL(err, MARL_ECONFIG, "%s says %s %.9g, the configuration %.9g", file->path,
                       numbers[i].key, old, new);
  }
  const bool says_name = file->missing == NULL || strstr(file->missing, "forcing_name") == NULL;
  if (says_name && strcmp(name_of(&file->forcing), name_of(&flow->forcing)) != 0)
    return MARL_FAIL(err, MARL_ECONFIG, "%s says forcing_name %s, the configuration %s", file->path,
                     name_of(&file->forcing), name_of(&flow->forcing));
  const bool says_way = file->missing == NULL || strstr(file->missing, "forcing_direction") == NULL;
  const int old = direction_of(&file->forcing), new = direction_of(&flow->forcing);
  if (says_way && old != new)
    return MARL_FAIL(err, MARL_ECONFIG, "%s says forcing_direction %s, the configuration %s",
                     file->path, marl_forcing_directions[old], marl_forcing_directions[new]);
  return MARL_OK;
}

static MarlCode write_again(const char *path, const MarlSolverParams *flow, MarlError *err) {
  MarlStore *store = NULL;
  MARL_TRY(marl_store_create_again(path, &store, err));
  MarlCode code = marl_reference_write_flow(flow, store, err);
  if (code == MARL_OK) code = marl_store_commit(&store, err);
  if (store != NULL) marl_store_close(&store);
  return code;
}

MarlCode marl_reference_describe(const char *path, const MarlSolverParams *flow, MarlError *err) {
  MarlReference *file = NULL;
  MARL_TRY(marl_reference_read(path, &file, err));
  const MarlReference wanted = described(flow);
  MarlCode code = check_agreement(file, &wanted, err);
  marl_reference_destroy(&file);
  return code != MARL_OK ? code : write_again(path, flow, err);
}

MarlCode marl_reference_flow(const MarlReference *reference, int n, MarlSolverParams *out,
                             MarlError *err) {
  if (reference->missing != NULL)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "%s does not say what flow it is of (%s): with the configuration of the run "
                     "that made it, `marl reference CONFIG --describe %s` writes that in",
                     reference->path, reference->missing, reference->path);
  if (fabs(reference->domain_length_y - reference->domain_length) > 1e-9 * reference->domain_length)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "%s is of a box %g x %g; closures are run in square ones only",
                     reference->path, reference->domain_length, reference->domain_length_y);
  *out = marl_solver_defaults(n);
  out->lx = out->ly = reference->domain_length;
  out->viscosity = reference->viscosity;
  out->linear_drag = reference->linear_drag;
  out->beta = reference->beta;
  out->forcing = reference->forcing;
  return MARL_OK;
}
