/* Text files of a comparison: opened in a folder, with errors that name them. */
#ifndef MARL_COMPARE_TEXT_FILE_H
#define MARL_COMPARE_TEXT_FILE_H

#include <stdio.h>

#include "marl/core/error.h"

MarlCode marl_text_open(const char *folder, const char *name, FILE **out,
                        MarlError *err) MARL_NODISCARD;
/* MARL_EIO when anything could not be written. NULL file: nothing. */
MarlCode marl_text_close(FILE *file, const char *folder, const char *name,
                         MarlError *err) MARL_NODISCARD;

#endif
