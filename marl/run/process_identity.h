/* Which process this is, as lines of text that another one can check, on this machine or not. */
#ifndef MARL_RUN_PROCESS_IDENTITY_H
#define MARL_RUN_PROCESS_IDENTITY_H

#include <stddef.h>

typedef enum MarlLiving {
  MARL_PROCESS_ALIVE,
  MARL_PROCESS_GONE,
  MARL_PROCESS_UNKNOWN, /* of another machine or container: only its signs of life can tell */
} MarlLiving;

/* "host=...\nboot=...\nspace=...\npid=...\nbegan=...\ndate=...\ntoken=...\n" of this process; the
 * token is random. */
void marl_process_print(char *text, size_t size);

MarlLiving marl_process_living(const char *text);
/* "process 123 of node7, which began 2026-01-31T12:00:00Z" */
void marl_process_describe(const char *text, char out[160]);

#endif
