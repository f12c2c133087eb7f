#include "cli/code_text.h"

#include <string.h>

/* Fortran: a line has 132 characters, a statement 255 lines more */
enum { PER_LINE = 6, PER_LINE_FORTRAN = 3, PER_STATEMENT = 600 };

double marl_code_double(const void *context, size_t i) {
  return ((const double *)context)[i];
}

double marl_code_int(const void *context, size_t i) {
  return ((const int *)context)[i];
}

void marl_code_number(FILE *out, MarlLanguage language, MarlCodeType type, double value) {
  if (type == MARL_CODE_INT)
    fprintf(out, "%.0f", value);
  else if (language == MARL_IN_C)
    fprintf(out, "%a%s", value, type == MARL_CODE_FLOAT ? "f" : "");
  else if (language == MARL_IN_FORTRAN)
    fprintf(out, type == MARL_CODE_FLOAT ? "%.8e_real32" : "%.16e_real64", value);
  else
    fprintf(out, type == MARL_CODE_FLOAT ? "%.9g" : "%.17g", value);
}

/* A line of Fortran goes on in the next one only if it says so. */
static void write_run(FILE *out, MarlLanguage language, MarlCodeType type, size_t n,
                      MarlCodeValue value, const void *context, size_t from) {
  const size_t per_line = language == MARL_IN_FORTRAN ? PER_LINE_FORTRAN : PER_LINE;
  for (size_t i = 0; i < n; ++i) {
    if (i > 0) fputs(i % per_line == 0 ? "," : ", ", out);
    if (i > 0 && i % per_line == 0) fputs(language == MARL_IN_FORTRAN ? " &\n    " : "\n    ", out);
    marl_code_number(out, language, type, value(context, from + i));
  }
}

void marl_code_list(FILE *out, MarlLanguage language, MarlCodeType type, size_t n,
                    MarlCodeValue value, const void *context) {
  write_run(out, language, type, n, value, context, 0);
}

static void write_data(FILE *out, const MarlCodeArray *array, int set, MarlCodeValue value,
                       const void *context) {
  for (size_t at = 0; at < array->n; at += PER_STATEMENT) {
    const size_t left = array->n - at, n = left < PER_STATEMENT ? left : PER_STATEMENT;
    const int first = array->first + (int)at;
    fprintf(out, "%s  data %s(%d:%d", set > 0 || at > 0 ? "\n" : "", array->name, first,
            first + (int)n - 1);
    if (!array->flat) fprintf(out, ", %d", set + 1);
    fputs(") / &\n    ", out);
    write_run(out, MARL_IN_FORTRAN, array->type, n, value, context, (size_t)set * array->n + at);
    fputs("/", out);
  }
}

void marl_code_array(FILE *out, MarlLanguage language, const MarlCodeArray *array,
                     MarlCodeValue value, const void *context) {
  for (int set = 0; set < array->sets; ++set) {
    if (language == MARL_IN_FORTRAN) {
      write_data(out, array, set, value, context);
      continue;
    }
    const bool braces = language == MARL_IN_C && !array->flat;
    fputs(set > 0 ? ",\n    " : "\n    ", out);
    if (braces) fputs("{", out);
    write_run(out, language, array->type, array->n, value, context, (size_t)set * array->n);
    if (braces) fputs("}", out);
  }
}

void marl_code_comment(FILE *out, MarlLanguage language, const char *text) {
  static const char *const leader[] = {
      [MARL_IN_C] = " *", [MARL_IN_FORTRAN] = "!", [MARL_IN_NUMPY] = ""};
  for (const char *line = text; *line != '\0';) {
    const size_t length = strcspn(line, "\n");
    if (line != text) fputc('\n', out);
    fprintf(out, "%s%s", leader[language], length > 0 && language != MARL_IN_NUMPY ? " " : "");
    for (size_t i = 0; i < length; ++i) {
      const bool ends = line[i] == '*' && i + 1 < length && line[i + 1] == '/';
      const bool special = language == MARL_IN_NUMPY && (line[i] == '\\' || line[i] == '"');
      fputc(special ? '\'' : line[i], out);
      if (ends) fputc(' ', out);
    }
    line += length + (line[length] == '\n');
  }
}
