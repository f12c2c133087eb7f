#define _POSIX_C_SOURCE 200809L /* open_memstream, strdup */
#include "marl/core/value.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marl/core/nearest.h"
#include "marl/core/utf8.h"

enum { MAX_QUOTED = 80, MAX_CHOICES = 64, MAX_ENTRIES = 4096 };

/* a whole number beyond 2^53 is not exact in a double */
static const double largest_int = 0x1p53;

bool marl_option_is_list(const MarlOption *option) {
  return option->kind == MARL_OPTION_INTS || option->kind == MARL_OPTION_REALS ||
         option->kind == MARL_OPTION_TEXTS;
}

static bool is_whole(const MarlOption *option) {
  return option->kind == MARL_OPTION_INT || option->kind == MARL_OPTION_INTS;
}

static MarlCode no_memory(const char *where, MarlError *err) {
  return MARL_FAIL(err, MARL_EMEMORY, "%s: out of memory", where);
}

void marl_number_print(double value, char text[MARL_NUMBER_SIZE]) {
  for (int digits = 15; digits <= 17; ++digits) {
    snprintf(text, MARL_NUMBER_SIZE, "%.*g", digits, value);
    if (strtod(text, NULL) == value) return;
  }
}

/* "[0, 1]"; "(0, inf)" where the table's ends stand for an open or infinite range. */
static void print_range(const MarlOption *o, char *text, size_t size) {
  char low[MARL_NUMBER_SIZE], high[MARL_NUMBER_SIZE];
  const bool unbounded_low = o->min<-1e200, unbounded_high = o->max> 1e200;
  const bool positive = o->min > 0 && o->min < 1e-200;
  marl_number_print(positive ? 0 : o->min, low);
  marl_number_print(o->max, high);
  snprintf(text, size, "%s%s, %s%s", unbounded_low || positive ? "(" : "[",
           unbounded_low ? "-inf" : low, unbounded_high ? "inf" : high, unbounded_high ? ")" : "]");
}

const char *marl_option_unit(const MarlOption *o) {
  return o->unit == NULL || strcmp(o->unit, "1") == 0 ? "" : o->unit;
}

const char *marl_option_default(const MarlOption *o) {
  return o->fallback[0] != '\0' ? o->fallback : "''";
}

void marl_option_accepts(const MarlOption *o, char text[MARL_ACCEPTS_SIZE]) {
  static const char *const noun[] = {
      [MARL_OPTION_BOOL] = "true or false",
      [MARL_OPTION_INT] = "whole number",
      [MARL_OPTION_REAL] = "number",
      [MARL_OPTION_CHOICE] = "one of",
      [MARL_OPTION_TEXT] = "text",
      [MARL_OPTION_INTS] = "list of whole numbers",
      [MARL_OPTION_REALS] = "list of numbers",
      [MARL_OPTION_TEXTS] = "list of words",
  };
  const bool named = o->kind == MARL_OPTION_TEXTS && o->max > o->min; /* role_values.h */
  size_t used = (size_t)snprintf(text, MARL_ACCEPTS_SIZE, "%s",
                                 named ? "number, or list of role=number," : noun[o->kind]);
  if (o->kind == MARL_OPTION_CHOICE) {
    for (const char *const *c = o->choices; *c != NULL && used < MARL_ACCEPTS_SIZE; ++c) {
      used += (size_t)snprintf(text + used, MARL_ACCEPTS_SIZE - used, "%s %s",
                               c == o->choices ? "" : ",", *c);
    }
  } else if (o->kind != MARL_OPTION_BOOL && o->kind != MARL_OPTION_TEXT &&
             (o->kind != MARL_OPTION_TEXTS || named)) {
    char range[2 * MARL_NUMBER_SIZE + 8];
    print_range(o, range, sizeof range);
    snprintf(text + used, MARL_ACCEPTS_SIZE - used, " in %s", range);
  }
}

/* strtod alone would take "inf", "0x1p3" and leading space. */
bool marl_number_parse(const char *text, double *out) {
  if (text[0] == '\0' || strspn(text, "0123456789+-.eE") != strlen(text)) return false;
  char *end;
  errno = 0;
  *out = strtod(text, &end);
  return end != text && *end == '\0' && errno == 0 && isfinite(*out);
}

static MarlCode parse_entry(const MarlOption *o, const char *where, const char *text, double *out,
                            MarlError *err) {
  char accepts[MARL_ACCEPTS_SIZE];
  marl_option_accepts(o, accepts);
  if (!marl_number_parse(text, out))
    return MARL_FAIL(err, MARL_ECONFIG, "%s = '%.*s' is not a %snumber; expected a %s", where,
                     MAX_QUOTED, text, is_whole(o) ? "whole " : "", accepts);
  if (is_whole(o) && *out != floor(*out))
    return MARL_FAIL(err, MARL_ECONFIG, "%s = %.*s is not a whole number; expected a %s", where,
                     MAX_QUOTED, text, accepts);
  const bool too_large = (o->kind == MARL_OPTION_INT && fabs(*out) > largest_int) ||
                         (o->kind == MARL_OPTION_INTS && (*out < INT_MIN || *out > INT_MAX));
  if (too_large || *out < o->min || *out > o->max) {
    char range[2 * MARL_NUMBER_SIZE + 8];
    print_range(o, range, sizeof range);
    const char *unit = marl_option_unit(o);
    return MARL_FAIL(err, MARL_ECONFIG, "%s = %.*s is outside %s%s%s: %s", where, MAX_QUOTED, text,
                     range, unit[0] != '\0' ? " " : "", unit, o->help);
  }
  return MARL_OK;
}

static MarlCode parse_number_value(const MarlOption *o, const char *where, const char *text,
                                   MarlValue *value, MarlError *err) {
  MARL_TRY(parse_entry(o, where, text, &value->real, err));
  char number[MARL_NUMBER_SIZE];
  marl_number_print(value->real, number);
  value->text = strdup(number);
  return value->text == NULL ? no_memory(where, err) : MARL_OK;
}

static MarlCode parse_word_value(const MarlOption *o, const char *where, const char *text,
                                 MarlValue *value, MarlError *err) {
  static const char *const flags[] = {"false", "true", NULL};
  const char *const *choices = o->kind == MARL_OPTION_BOOL ? flags : o->choices;
  size_t count = 0;
  while (choices[count] != NULL && strcmp(choices[count], text) != 0) ++count;
  if (choices[count] != NULL) {
    value->choice = (int)count;
    value->real = (double)count;
    value->text = strdup(text);
    return value->text == NULL ? no_memory(where, err) : MARL_OK;
  }
  const char *nearest = marl_nearest(text, choices, count);
  char accepts[MARL_ACCEPTS_SIZE];
  marl_option_accepts(o, accepts);
  return MARL_FAIL(err, MARL_ECONFIG, "%s = '%.*s' is not %s%s%s%s", where, MAX_QUOTED, text,
                   accepts, nearest ? "; did you mean '" : "", nearest ? nearest : "",
                   nearest ? "'?" : "");
}

static MarlCode parse_text_value(const char *where, const char *text, MarlValue *value,
                                 MarlError *err) {
  if (!marl_utf8_is_text(text))
    return MARL_FAIL(err, MARL_ECONFIG, "%s holds bytes that are not UTF-8 text", where);
  value->text = strdup(text);
  return value->text == NULL ? no_memory(where, err) : MARL_OK;
}

/* Splits "[a, b]" or "a,b" in place; entries are trimmed. */
static MarlCode split(const char *where, const char *text, MarlValue *value, MarlError *err) {
  value->word_text = strdup(text);
  value->words = malloc(MAX_ENTRIES * sizeof *value->words);
  if (value->word_text == NULL || value->words == NULL) return no_memory(where, err);
  char *at = value->word_text + strspn(value->word_text, " ");
  char *end = at + strlen(at);
  while (end > at && end[-1] == ' ') --end;
  const bool opened = *at == '[', closed = end > at && end[-1] == ']';
  if (opened != closed || (opened && end - at < 2))
    return MARL_FAIL(err, MARL_ECONFIG, "%s = '%.*s' has an unmatched bracket", where, MAX_QUOTED,
                     text);
  if (opened) ++at, --end;
  *end = '\0';
  if (at[strspn(at, " ")] == '\0') return MARL_OK; /* an empty list */
  for (char *next = at; next != NULL; at = next) {
    if (value->count == MAX_ENTRIES)
      return MARL_FAIL(err, MARL_ECONFIG, "%s has more than %d entries", where, (int)MAX_ENTRIES);
    next = strchr(at, ',');
    if (next != NULL) *next++ = '\0';
    at += strspn(at, " ");
    size_t length = strlen(at);
    while (length > 0 && at[length - 1] == ' ') at[--length] = '\0';
    if (length == 0 || strpbrk(at, "[]") != NULL)
      return MARL_FAIL(err, MARL_ECONFIG, "%s = '%.*s' is not a flat list such as [a, b]", where,
                       MAX_QUOTED, text);
    value->words[value->count++] = at;
  }
  return MARL_OK;
}

static MarlCode join(const MarlOption *o, const char *where, MarlValue *value, MarlError *err) {
  size_t size = 0;
  FILE *out = open_memstream(&value->text, &size);
  if (out == NULL) return no_memory(where, err);
  fputc('[', out);
  for (size_t i = 0; i < value->count; ++i) {
    char number[MARL_NUMBER_SIZE];
    if (o->kind != MARL_OPTION_TEXTS) marl_number_print(value->reals[i], number);
    fprintf(out, "%s%s", i > 0 ? ", " : "",
            o->kind == MARL_OPTION_TEXTS ? value->words[i] : number);
  }
  fputc(']', out);
  return fclose(out) != 0 ? no_memory(where, err) : MARL_OK;
}

static MarlCode parse_list_value(const MarlOption *o, const char *where, const char *text,
                                 MarlValue *value, MarlError *err) {
  if (!marl_utf8_is_text(text))
    return MARL_FAIL(err, MARL_ECONFIG, "%s holds bytes that are not UTF-8 text", where);
  MARL_TRY(split(where, text, value, err));
  value->reals = calloc(value->count + 1, sizeof *value->reals);
  value->ints = calloc(value->count + 1, sizeof *value->ints);
  if (value->reals == NULL || value->ints == NULL) return no_memory(where, err);
  for (size_t i = 0; o->kind != MARL_OPTION_TEXTS && i < value->count; ++i) {
    MARL_TRY(parse_entry(o, where, value->words[i], &value->reals[i], err));
    if (o->kind == MARL_OPTION_INTS) value->ints[i] = (int)value->reals[i];
  }
  return join(o, where, value, err);
}

MarlCode marl_value_parse(const MarlOption *option, const char *where, const char *text,
                          MarlValue *value, MarlError *err) {
  MarlValue parsed = {0};
  MarlCode code = MARL_OK;
  switch (option->kind) {
    case MARL_OPTION_BOOL:
    case MARL_OPTION_CHOICE:
      code = parse_word_value(option, where, text, &parsed, err);
      break;
    case MARL_OPTION_INT:
    case MARL_OPTION_REAL:
      code = parse_number_value(option, where, text, &parsed, err);
      break;
    case MARL_OPTION_TEXT:
      code = parse_text_value(where, text, &parsed, err);
      break;
    case MARL_OPTION_INTS:
    case MARL_OPTION_REALS:
    case MARL_OPTION_TEXTS:
      code = parse_list_value(option, where, text, &parsed, err);
      break;
  }
  if (code != MARL_OK) {
    marl_value_clear(&parsed);
    return code;
  }
  marl_value_clear(value);
  *value = parsed;
  return MARL_OK;
}

void marl_value_clear(MarlValue *value) {
  free(value->text);
  free(value->reals);
  free(value->ints);
  free(value->words);
  free(value->word_text);
  *value = (MarlValue){0};
}
