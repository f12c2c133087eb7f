#define _POSIX_C_SOURCE 200809L /* strdup, strtok_r */
#include "marl/compare/parameter_points.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marl/compare/sobol.h"
#include "marl/core/rng.h"
#include "marl/core/value.h"

const char *const marl_sampler_names[] = {"product", "random", "sobol", NULL};

enum { MAX_AXES = MARL_SOBOL_DIMENSIONS, MAX_POINTS = 1000000 };

typedef struct Axis {
  char *text, *key; /* owned: the entry, which its parts point into */
  int num_values;
  const char **values; /* [num_values], owned */
  bool is_range, log, whole;
  double low, high;
} Axis;

struct MarlPoints {
  const char *section; /* of the configuration, for messages */
  MarlSampler sampler;
  uint64_t seed;
  int count, num_axes;
  int *kept; /* [count] numbers of points that a condition left, owned; NULL: all */
  Axis axes[MAX_AXES];
};

/* "0.1..0.5" */
static bool read_range(const char *word, Axis *axis) {
  char low[MARL_POINT_TEXT];
  const char *dots = strstr(word, "..");
  if (dots == NULL || dots - word >= MARL_POINT_TEXT) return false;
  snprintf(low, sizeof low, "%.*s", (int)(dots - word), word);
  return marl_number_parse(low, &axis->low) && marl_number_parse(dots + 2, &axis->high);
}

static MarlCode check_range(const char *section, const Axis *axis, const char *entry,
                            MarlError *err) {
  if (axis->num_values != 1 || !(axis->low < axis->high))
    return MARL_FAIL(err, MARL_ECONFIG,
                     "%s.over: '%.80s': expected one range 'low..high' with low < high, or "
                     "'low..high log'",
                     section, entry);
  if (axis->log && !(axis->low > 0))
    return MARL_FAIL(err, MARL_ECONFIG, "%s.over: '%.80s': a logarithmic range begins above 0",
                     section, entry);
  return MARL_OK;
}

static MarlCode read_axis(const char *section, const char *entry, Axis *axis, MarlError *err) {
  char *rest = NULL;
  axis->text = strdup(entry);
  axis->values = calloc(strlen(entry) + 1, sizeof *axis->values);
  if (axis->text == NULL || axis->values == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "%s: no memory for its points", section);
  axis->key = strtok_r(axis->text, " =", &rest);
  if (axis->key != NULL) rest += strspn(rest, " ="); /* values may have a '=': fine(amount=14) */
  for (char *word = strtok_r(NULL, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
    if (strlen(word) >= MARL_POINT_TEXT)
      return MARL_FAIL(err, MARL_ECONFIG, "%s.over: too long: '%.80s'", section, word);
    for (char *c = strchr(word, ';'); c != NULL; c = strchr(c, ';')) *c = ',';
    axis->is_range = axis->is_range || read_range(word, axis);
    if (axis->is_range && axis->num_values == 1 && strcmp(word, "log") == 0)
      axis->log = true;
    else
      axis->values[axis->num_values++] = word;
  }
  if (axis->key == NULL || strchr(axis->key, '.') == NULL || strchr(entry, '=') == NULL ||
      axis->num_values == 0)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "%s.over: '%.80s'; expected 'section.key = value value ...' or "
                     "'section.key = low..high'",
                     section, entry);
  return axis->is_range ? check_range(section, axis, entry, err) : MARL_OK;
}

/* A product's own number; with a range it has none. */
static MarlCode count_product(MarlPoints *p, MarlError *err) {
  p->count = 1;
  for (int a = 0; a < p->num_axes; ++a) {
    if (p->axes[a].is_range)
      return MARL_FAIL(err, MARL_ECONFIG,
                       "%s.over: %s has a range: --set %s.sampler=sobol (or random) and --set "
                       "%s.points=N, or list its values",
                       p->section, p->axes[a].key, p->section, p->section);
    if (p->axes[a].num_values > MAX_POINTS / p->count)
      return MARL_FAIL(err, MARL_ECONFIG, "%s.over: more than %d combinations", p->section,
                       MAX_POINTS);
    p->count *= p->axes[a].num_values;
  }
  return MARL_OK;
}

static MarlCode read_axes(MarlPoints *p, const char *const *entries, size_t count, MarlError *err) {
  if (count == 0 || count > MAX_AXES)
    return MARL_FAIL(err, MARL_ECONFIG, "%s.over has %zu entries; expected 1 to %d", p->section,
                     count, MAX_AXES);
  for (size_t i = 0; i < count; ++i) {
    Axis *axis = &p->axes[p->num_axes++];
    MARL_TRY(read_axis(p->section, entries[i], axis, err));
    for (size_t j = 0; j < i; ++j)
      if (strcmp(p->axes[j].key, axis->key) == 0)
        return MARL_FAIL(err, MARL_ECONFIG, "%s.over: %s is there twice", p->section, axis->key);
  }
  return MARL_OK;
}

MarlCode marl_points_create(const char *section, const char *const *entries, size_t count,
                            MarlSampler sampler, int number, uint64_t seed, MarlPoints **out,
                            MarlError *err) {
  MarlPoints *p = calloc(1, sizeof *p);
  *out = p;
  if (p == NULL) return MARL_FAIL(err, MARL_EMEMORY, "%s: no memory for its points", section);
  p->section = section;
  p->sampler = sampler;
  p->seed = seed;
  p->count = number;
  MarlCode code = read_axes(p, entries, count, err);
  if (code == MARL_OK && sampler == MARL_SAMPLER_PRODUCT) {
    code = count_product(p, err);
    if (code == MARL_OK && number != 0)
      code = MARL_FAIL(err, MARL_ECONFIG,
                       "%s.points = %d: a product has all of its %d combinations; --set "
                       "%s.points=0, or another %s.sampler",
                       section, number, p->count, section, section);
  } else if (code == MARL_OK && number == 0) {
    code = MARL_FAIL(err, MARL_ECONFIG, "%s.points, their number, is not set", section);
  }
  if (code != MARL_OK) marl_points_destroy(out);
  return code;
}

void marl_points_destroy(MarlPoints **points) {
  if (*points == NULL) return;
  for (int a = 0; a < (*points)->num_axes; ++a) {
    free((*points)->axes[a].text);
    free((*points)->axes[a].values);
  }
  free((*points)->kept);
  free(*points);
  *points = NULL;
}

int marl_points_count(const MarlPoints *points) {
  return points->count;
}

int marl_points_axes(const MarlPoints *points) {
  return points->num_axes;
}

const char *marl_points_key(const MarlPoints *points, int axis) {
  return points->axes[axis].key;
}

MarlCode marl_points_make_whole(MarlPoints *points, int axis, MarlError *err) {
  Axis *own = &points->axes[axis];
  own->whole = own->is_range;
  if (!own->is_range || ceil(own->low) <= floor(own->high)) return MARL_OK;
  return MARL_FAIL(err, MARL_ECONFIG, "%s.over: no whole number between %g and %g for %s",
                   points->section, own->low, own->high, own->key);
}

/* In [0, 1). The shift keeps the balance of Sobol's points: it permutes the 2^k parts of a coordinate. */
static double coordinate(const MarlPoints *p, int point, int axis) {
  const MarlKey key = marl_key_fold(marl_key(p->seed, MARL_STREAM_SWEEP), (uint64_t)axis);
  uint32_t word[4];
  if (p->sampler == MARL_SAMPLER_RANDOM) return marl_uniform(key, (uint64_t)point);
  marl_philox(key, 0, word);
  return (marl_sobol(axis, (uint32_t)point) ^ word[0]) * 0x1p-32;
}

/* u in [0, 1) of [low, high]. */
static double in_range(const Axis *axis, double u) {
  const double low = axis->low, high = axis->high;
  if (axis->whole) {
    const double first = ceil(low), parts = floor(high) - first + 1;
    const double at = axis->log ? first * pow((floor(high) + 1) / first, u) : first + u * parts;
    return fmin(floor(at), floor(high));
  }
  return axis->log ? low * pow(high / low, u) : low + u * (high - low);
}

static void print_value(const Axis *axis, double value, char text[MARL_POINT_TEXT]) {
  snprintf(text, MARL_POINT_TEXT, axis->whole ? "%.17g" : "%.6g", value);
}

void marl_points_value(const MarlPoints *p, int point, int axis, char text[MARL_POINT_TEXT]) {
  if (p->kept != NULL) point = p->kept[point];
  const Axis *own = &p->axes[axis];
  if (p->sampler == MARL_SAMPLER_PRODUCT) {
    for (int a = p->num_axes - 1; a > axis; --a) point /= p->axes[a].num_values;
    snprintf(text, MARL_POINT_TEXT, "%s", own->values[point % own->num_values]);
    return;
  }
  const double u = coordinate(p, point, axis);
  if (own->is_range)
    print_value(own, in_range(own, u), text);
  else
    snprintf(text, MARL_POINT_TEXT, "%s", own->values[(int)(u * own->num_values)]);
}

bool marl_points_range(const MarlPoints *points, int axis, double *low, double *high) {
  const Axis *own = &points->axes[axis];
  if (own->is_range) *low = own->low, *high = own->high;
  return own->is_range;
}

void marl_points_perturb(const MarlPoints *points, int axis, double factor, bool down,
                         char text[MARL_POINT_TEXT]) {
  const Axis *own = &points->axes[axis];
  const double step = (factor - 1) / 2 * (own->high - own->low);
  double value = strtod(text, NULL);
  if (own->log)
    value = down ? value / factor : value * factor;
  else
    value += down ? -step : step;
  if (own->whole) value = round(value);
  const double low = own->whole ? ceil(own->low) : own->low;
  const double high = own->whole ? floor(own->high) : own->high;
  print_value(own, fmin(fmax(value, low), high), text);
}

/* "a.x * b.y > 1": the axes of the product, the sign and the number. */
typedef struct Condition {
  int num_axes, axes[MAX_AXES];
  bool above;
  double bound;
} Condition;

static MarlCode read_condition(const MarlPoints *p, const char *where, Condition *out,
                               MarlError *err) {
  char text[512], *rest = NULL;
  bool told = false, number = false, key_next = true;
  *out = (Condition){.num_axes = 0};
  snprintf(text, sizeof text, "%s", where);
  for (char *word = strtok_r(text, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
    int axis = -1;
    for (int a = 0; a < p->num_axes; ++a)
      if (strcmp(p->axes[a].key, word) == 0) axis = a;
    if (told && !number && marl_number_parse(word, &out->bound)) {
      number = true;
    } else if (key_next && !told && axis >= 0 && out->num_axes < MAX_AXES) {
      out->axes[out->num_axes++] = axis;
      key_next = false;
    } else if (!key_next && !told && strcmp(word, "*") == 0) {
      key_next = true;
    } else if (!key_next && !told && (strcmp(word, ">") == 0 || strcmp(word, "<") == 0)) {
      out->above = word[0] == '>';
      told = true;
    } else {
      number = false;
      break;
    }
  }
  if (number) return MARL_OK;
  return MARL_FAIL(err, MARL_ECONFIG,
                   "%s.where: '%.80s'; expected 'KEY * KEY > NUMBER' (or <) with keys of %s.over",
                   p->section, where, p->section);
}

static bool holds(const MarlPoints *p, const Condition *c, int point) {
  char text[MARL_POINT_TEXT];
  double product = 1.0;
  for (int i = 0; i < c->num_axes; ++i) {
    marl_points_value(p, point, c->axes[i], text);
    product *= strtod(text, NULL);
  }
  return c->above ? product > c->bound : product < c->bound;
}

/* So rare a condition is rather one that never holds. */
enum { MOST_TRIES_A_POINT = 1000 };

MarlCode marl_points_keep(MarlPoints *points, const char *where, MarlError *err) {
  Condition condition;
  if (where[0] == '\0') return MARL_OK;
  MARL_TRY(read_condition(points, where, &condition, err));
  int *kept = calloc((size_t)points->count + 1, sizeof *kept), found = 0;
  if (kept == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "%s: no memory for its points", points->section);
  const bool product = points->sampler == MARL_SAMPLER_PRODUCT;
  const int64_t most = (int64_t)points->count * (product ? 1 : MOST_TRIES_A_POINT);
  for (int64_t i = 0; i < most && i <= INT32_MAX && found < points->count; ++i)
    if (holds(points, &condition, (int)i)) kept[found++] = (int)i;
  if (found < (product ? 1 : points->count)) {
    free(kept);
    return MARL_FAIL(err, MARL_ECONFIG, "%s.where: '%.80s' holds for %d of %lld points",
                     points->section, where, found, (long long)most);
  }
  points->kept = kept;
  points->count = found;
  return MARL_OK;
}
