/* The Python package in python/marl: what draws, gathers, and writes formats that have a library there. */
#ifndef MARL_CLI_PYTHON_H
#define MARL_CLI_PYTHON_H

#include "marl/core/error.h"

/* This process goes on as `python3 -m marl WORDS...` (MARL_PYTHON: another interpreter), with the package that
 * belongs to this program. Returns only if it cannot be started. What the package needs and has not, it says
 * itself. */
MarlCode marl_python_become(int count, const char *const *words, MarlError *err) MARL_NODISCARD;

#endif
