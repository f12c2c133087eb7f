/* Numbers and comments in the languages that `marl export` writes. */
#ifndef MARL_CLI_CODE_TEXT_H
#define MARL_CLI_CODE_TEXT_H

#include <stdbool.h>
#include <stdio.h>

typedef enum MarlLanguage { MARL_IN_C, MARL_IN_FORTRAN, MARL_IN_NUMPY } MarlLanguage;

/* Number i of a list. */
typedef double (*MarlCodeValue)(const void *context, size_t i);
double marl_code_double(const void *context, size_t i); /* context: double [n] */
double marl_code_int(const void *context, size_t i);    /* context: int [n] */

typedef enum MarlCodeType { MARL_CODE_INT, MARL_CODE_FLOAT, MARL_CODE_DOUBLE } MarlCodeType;

/* One number such that the compiler reads the same bits. */
void marl_code_number(FILE *out, MarlLanguage language, MarlCodeType type, double value);

/* n numbers, separated by commas, on lines of a few. */
void marl_code_list(FILE *out, MarlLanguage language, MarlCodeType type, size_t n,
                    MarlCodeValue value, const void *context);
/* What stands between the braces of C, in the brackets of NumPy, or the DATA statements of Fortran, of
 * the array NAME [sets, n]; from `first` on in Fortran, whose sets are its last index unless `flat`. */
typedef struct MarlCodeArray {
  MarlCodeType type;
  const char *name;
  int sets;
  size_t n;
  int first; /* Fortran's lower bound */
  bool flat; /* one set, and no index for it */
} MarlCodeArray;
/* value(context, set * n + i) */
void marl_code_array(FILE *out, MarlLanguage language, const MarlCodeArray *array,
                     MarlCodeValue value, const void *context);

/* The lines of a text as lines of a comment, without what would end it. */
void marl_code_comment(FILE *out, MarlLanguage language, const char *text);

#endif
