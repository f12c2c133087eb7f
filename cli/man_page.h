/* The manual page marl(1), from the tables of commands, flags and options. */
#ifndef MARL_CLI_MAN_PAGE_H
#define MARL_CLI_MAN_PAGE_H

#include <stdio.h>

#include "marl/core/error.h"

/* Writes for man; NULL: only checks the tables. */
MarlCode marl_man_page(FILE *out, MarlError *err) MARL_NODISCARD;

#endif
