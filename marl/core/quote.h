/* Text of the user's (labels, names, paths) as data in files that other programs read. */
#ifndef MARL_CORE_QUOTE_H
#define MARL_CORE_QUOTE_H

#include <stdio.h>

/* A field of a CSV file (RFC 4180): in quotes, with quotes doubled, where it needs them. */
void marl_write_csv_field(FILE *file, const char *text);
/* A string of JSON, which is one of YAML too. */
void marl_write_json_text(FILE *file, const char *text);

#endif
