/* A policy as code in another language: constants, and for each role a function from the raw observation to
 * the mean action or the most probable choice. A closure (envs/turbulence/closure_description.h) is whole: a
 * second function takes the vorticity and gives the coefficients on the grid. C needs nothing but the C
 * library, Fortran (2008) nothing, Python NumPy. */
#ifndef MARL_CLI_POLICY_CODE_H
#define MARL_CLI_POLICY_CODE_H

#include <stdio.h>

#include "cli/code_text.h"
#include "cli/template.h"
#include "envs/turbulence/closure_description.h"
#include "marl/learn/policy.h"

enum { MARL_CODE_NAME = 24 }; /* Fortran: names of at most 63 letters, with a role's */

typedef struct MarlPolicyCode {
  MarlLanguage language;
  const MarlPolicy *policy;
  const MarlClosureDescription *closure; /* NULL: it is none */
  char name[MARL_CODE_NAME];             /* every name begins with it */
  const char *origin;                    /* the run, for the head of the file */
  const char *manual;                    /* what the policy sees and does, marl_policy_manual */
} MarlPolicyCode;

/* MARL_ECONFIG if it cannot be written: tables, policies that remember, a closure whose observation or action
 * comes from a program of one's own. */
MarlCode marl_policy_code_check(const MarlPolicyCode *code, MarlError *err) MARL_NODISCARD;
MarlCode marl_policy_code_write(FILE *out, const MarlPolicyCode *code,
                                MarlError *err) MARL_NODISCARD;

/* The values of the closure's pieces (closure_code.c). */
void marl_closure_code_values(const MarlPolicyCode *code, MarlTemplate *t);
/* Which observation blocks and action set the template is asked for: false, with its kind and name, if it
 * knows one of them not. */
bool marl_closure_code_known(const MarlClosureDescription *closure, MarlTemplate *t,
                             const char **kind, const char **name);

#endif
