/* Texts with holes: the code that `marl export` writes (cli/templates).
 *
 * A template is pieces, each from a line "@piece NAME" on. In a piece "@KEY@" stands for a value, and lines
 * between "@if KEY" and "@end" (or "@else") are there where KEY has a value that is not empty; "@if" may
 * stand inside "@if". A value may have several lines. */
#ifndef MARL_CLI_TEMPLATE_H
#define MARL_CLI_TEMPLATE_H

#include <stdbool.h>
#include <stdio.h>

#include "marl/core/error.h"

typedef struct MarlTemplate MarlTemplate;

/* `text` is borrowed until destroy. */
MarlCode marl_template_create(const char *text, MarlTemplate **out, MarlError *err) MARL_NODISCARD;
void marl_template_destroy(MarlTemplate **template);

/* Gives KEY another value. */
void marl_template_set(MarlTemplate *template, const char *key, const char *format, ...)
    MARL_PRINTF(3, 4);
/* The same by writing: what goes to the stream until the next call of a function of this header. */
FILE *marl_template_open(MarlTemplate *template, const char *key);

/* Has it a line "@if KEY"? */
bool marl_template_asks(const MarlTemplate *template, const char *key);

/* Writes a piece; nothing if there is none of the name. */
void marl_template_expand(MarlTemplate *template, const char *piece, FILE *out);

/* MARL_EMEMORY, or MARL_EARG if a piece has asked for a value that nobody has set. */
MarlCode marl_template_error(const MarlTemplate *template, MarlError *err) MARL_NODISCARD;

#endif
