/* One option's value, parsed from text and checked against its declaration.
 *
 * Numbers are strict: the whole text must be one finite decimal number, so that "12x", "1e",
 * "0.5.1", "1_000", "0x10" and "1e400" are mistakes and not surprises. */
#ifndef MARL_CORE_VALUE_H
#define MARL_CORE_VALUE_H

#include "marl/core/option.h"

typedef struct MarlValue {
  char *text;         /* canonical: numbers in the shortest form that reads back the same bits */
  double real;        /* BOOL (0, 1), INT, REAL */
  int choice;         /* CHOICE: index into choices */
  size_t count;       /* lists: number of entries */
  double *reals;      /* [count] REALS */
  int *ints;          /* [count] INTS */
  const char **words; /* [count] TEXTS, each points into word_text */
  char *word_text;
} MarlValue;

/* `where` ("les2d.yaml:12: env.num_envs") begins every message. On success the old content of
 * *value is released; on failure *value is as it was. */
MarlCode marl_value_parse(const MarlOption *option, const char *where, const char *text,
                          MarlValue *value, MarlError *err) MARL_NODISCARD;
void marl_value_clear(MarlValue *value);

/* A decimal number and nothing else. */
bool marl_number_parse(const char *text, double *out);

/* The shortest decimal number that strtod reads back as `value`. */
enum { MARL_NUMBER_SIZE = 32 };
void marl_number_print(double value, char text[MARL_NUMBER_SIZE]);

/* What an option accepts, in words: "whole number in [1, 64]", "one of tanh, relu". */
enum { MARL_ACCEPTS_SIZE = 256 };
void marl_option_accepts(const MarlOption *option, char text[MARL_ACCEPTS_SIZE]);

/* For people: its unit, "" where it has none; its default, '' where that is an empty text. */
const char *marl_option_unit(const MarlOption *option);
const char *marl_option_default(const MarlOption *option);

bool marl_option_is_list(const MarlOption *option);

#endif
