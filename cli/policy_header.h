/* A policy as one C header that needs nothing but the C library: constants, and for each role a
 * function from raw observation to the mean action or the most probable choice. */
#ifndef MARL_CLI_POLICY_HEADER_H
#define MARL_CLI_POLICY_HEADER_H

#include <stdio.h>

#include "marl/learn/policy.h"

/* `name` begins every identifier; `origin` goes into the first comment. */
void marl_policy_header(FILE *out, const MarlPolicy *policy, const char *name, const char *origin);

#endif
