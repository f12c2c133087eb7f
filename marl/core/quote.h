/* Text of the user's (labels, names, paths) as data in files that other programs read. */
#ifndef MARL_CORE_QUOTE_H
#define MARL_CORE_QUOTE_H

#include <stdio.h>

/* A field of a CSV file (RFC 4180): in quotes, with quotes doubled, where it needs them. */
void marl_write_csv_field(FILE *file, const char *text);
/* A string constant of gnuplot in single quotes, the only kind in which gnuplot runs no backquotes
 * and expands no escapes. A single quote is doubled; control characters, which would end the
 * command, become spaces. */
void marl_write_gnuplot_string(FILE *file, const char *text);
/* First line of a script whose figures go to "figures.'name'": beside the script, unless
 * `gnuplot -e "figures='FOLDER/'"` says where. */
void marl_write_gnuplot_start(FILE *file);
/* A string of JSON, which is one of YAML too. */
void marl_write_json_text(FILE *file, const char *text);
/* A comment of a data file, "# text": one line whatever the text holds. */
void marl_write_comment(FILE *file, const char *text);

#endif
