/* Text files, under their name when they are whole, with errors that name them. */
#ifndef MARL_RUN_TEXT_FILE_H
#define MARL_RUN_TEXT_FILE_H

#include <stdio.h>

#include "marl/core/error.h"

/* Of a run folder. */
MarlCode marl_text_open(const char *folder, const char *name, FILE **out,
                        MarlError *err) MARL_NODISCARD;
/* MARL_EIO when anything could not be written. NULL file: nothing. */
MarlCode marl_text_close(FILE *file, const char *folder, const char *name,
                         MarlError *err) MARL_NODISCARD;

/* Of a name that the user gives: what stands there already and is no plain file (/dev/stdout, a link) is
 * written to as it is. */
MarlCode marl_text_begin(const char *path, FILE **out, MarlError *err) MARL_NODISCARD;
/* `code` is how the writing went. What is not whole is removed; an earlier file of its name stays. */
MarlCode marl_text_end(FILE *file, const char *path, MarlCode code, MarlError *err) MARL_NODISCARD;

#endif
