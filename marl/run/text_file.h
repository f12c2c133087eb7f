/* Text files of a run folder: under their name when they are whole, with errors that name them. */
#ifndef MARL_RUN_TEXT_FILE_H
#define MARL_RUN_TEXT_FILE_H

#include <stdio.h>

#include "marl/core/error.h"

MarlCode marl_text_open(const char *folder, const char *name, FILE **out,
                        MarlError *err) MARL_NODISCARD;
/* MARL_EIO when anything could not be written. NULL file: nothing. */
MarlCode marl_text_close(FILE *file, const char *folder, const char *name,
                         MarlError *err) MARL_NODISCARD;

#endif
