#define _POSIX_C_SOURCE 200809L /* open_memstream */
#include "cli/template.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_VALUES = 96, KEY_SIZE = 64, MAX_DEPTH = 8 };

typedef struct Value {
  char key[KEY_SIZE];
  char *text; /* malloc'd */
  size_t size;
} Value;

struct MarlTemplate {
  const char *text;
  int count;
  Value value[MAX_VALUES];
  FILE *open; /* writes value[opened] */
  int opened;
  bool no_memory;
  char unknown[KEY_SIZE]; /* the first key without a value that was asked for */
};

MarlCode marl_template_create(const char *text, MarlTemplate **out, MarlError *err) {
  MarlTemplate *made = calloc(1, sizeof *made);
  if (made == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a template");
  made->text = text;
  *out = made;
  return MARL_OK;
}

static void end_value(MarlTemplate *t) {
  if (t->open == NULL) return;
  if (fclose(t->open) != 0) t->no_memory = true;
  t->open = NULL;
}

void marl_template_destroy(MarlTemplate **template) {
  MarlTemplate *t = *template;
  if (t == NULL) return;
  end_value(t);
  for (int i = 0; i < t->count; ++i) free(t->value[i].text);
  free(t);
  *template = NULL;
}

static Value *find(const MarlTemplate *t, const char *key, size_t length) {
  for (int i = 0; i < t->count; ++i)
    if (strlen(t->value[i].key) == length && strncmp(t->value[i].key, key, length) == 0)
      return (Value *)&t->value[i];
  return NULL;
}

FILE *marl_template_open(MarlTemplate *t, const char *key) {
  end_value(t);
  Value *value = find(t, key, strlen(key));
  if (value == NULL && t->count < MAX_VALUES) {
    value = &t->value[t->count++];
    snprintf(value->key, sizeof value->key, "%s", key);
  }
  if (value != NULL) {
    free(value->text);
    value->text = NULL;
    t->open = open_memstream(&value->text, &value->size);
  }
  t->no_memory = t->no_memory || t->open == NULL;
  return t->open != NULL ? t->open : stderr; /* of no memory is told at the end */
}

void marl_template_set(MarlTemplate *t, const char *key, const char *format, ...) {
  va_list arguments;
  FILE *out = marl_template_open(t, key);
  va_start(arguments, format);
  if (t->open != NULL) vfprintf(out, format, arguments);
  va_end(arguments);
  end_value(t);
}

/* Length of a line, without its end */
static size_t line_of(const char *at) {
  return strcspn(at, "\n");
}

static const char *next_line(const char *at) {
  at += line_of(at);
  return *at == '\n' ? at + 1 : at;
}

/* What stands behind `word` in a line that begins with it, else NULL */
static const char *behind(const char *line, const char *word, size_t *length) {
  const size_t n = strlen(word);
  if (strncmp(line, word, n) != 0) return NULL;
  *length = line_of(line) - n;
  return line + n;
}

bool marl_template_asks(const MarlTemplate *t, const char *key) {
  size_t length;
  for (const char *line = t->text; *line != '\0'; line = next_line(line)) {
    const char *asked = behind(line, "@if ", &length);
    if (asked != NULL && length == strlen(key) && strncmp(asked, key, length) == 0) return true;
  }
  return false;
}

/* A line with its values; a "@" that begins no key is itself. */
static void write_line(MarlTemplate *t, const char *line, FILE *out) {
  const char *end = line + line_of(line);
  for (; line < end; ++line) {
    const size_t length =
        *line == '@' ? strspn(line + 1, "abcdefghijklmnopqrstuvwxyz0123456789_.") : 0;
    if (length == 0 || line[1 + length] != '@') {
      fputc(*line, out);
      continue;
    }
    const Value *value = find(t, line + 1, length);
    if (value != NULL && value->text != NULL)
      fputs(value->text, out);
    else if (t->unknown[0] == '\0')
      snprintf(t->unknown, sizeof t->unknown, "%.*s", (int)length, line + 1);
    line += 1 + length;
  }
  fputc('\n', out);
}

void marl_template_expand(MarlTemplate *t, const char *piece, FILE *out) {
  bool inside = false, shown[MAX_DEPTH + 1] = {true};
  int depth = 0;
  size_t length;
  end_value(t);
  for (const char *line = t->text; *line != '\0'; line = next_line(line)) {
    const char *word = behind(line, "@piece ", &length);
    if (word != NULL) {
      inside = length == strlen(piece) && strncmp(word, piece, length) == 0;
      continue;
    }
    if (!inside) continue;
    if ((word = behind(line, "@if ", &length)) != NULL && depth < MAX_DEPTH) {
      const Value *value = find(t, word, length);
      ++depth;
      shown[depth] = shown[depth - 1] && value != NULL && value->size > 0;
    } else if (behind(line, "@else", &length) != NULL && depth > 0) {
      shown[depth] = shown[depth - 1] && !shown[depth];
    } else if (behind(line, "@end", &length) != NULL && depth > 0) {
      --depth;
    } else if (shown[depth]) {
      write_line(t, line, out);
    }
  }
}

MarlCode marl_template_error(const MarlTemplate *t, MarlError *err) {
  if (t->no_memory) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a text");
  if (t->unknown[0] == '\0') return MARL_OK;
  return MARL_FAIL(err, MARL_EARG, "a template asks for '%s', which has no value", t->unknown);
}
