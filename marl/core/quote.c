#include "marl/core/quote.h"

#include <string.h>

enum { FIRST_PRINTABLE = 0x20, DELETE = 0x7f };

static void write_doubled(FILE *file, const char *text, char quote) {
  fputc(quote, file);
  for (; *text != '\0'; ++text) {
    if (*text == quote) fputc(quote, file);
    fputc(*text, file);
  }
  fputc(quote, file);
}

void marl_write_csv_field(FILE *file, const char *text) {
  if (strpbrk(text, ",\"\r\n") == NULL)
    fputs(text, file);
  else
    write_doubled(file, text, '"');
}

void marl_write_json_text(FILE *file, const char *text) {
  fputc('"', file);
  for (; *text != '\0'; ++text) {
    const unsigned char byte = (unsigned char)*text;
    if (byte == '"' || byte == '\\')
      fprintf(file, "\\%c", *text);
    else if (byte < FIRST_PRINTABLE || byte == DELETE)
      fprintf(file, "\\u%04x", byte);
    else
      fputc(*text, file);
  }
  fputc('"', file);
}
