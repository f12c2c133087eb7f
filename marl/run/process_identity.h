/* Which process this is, as lines of text that another one can check, on this machine or not. */
#ifndef MARL_RUN_PROCESS_IDENTITY_H
#define MARL_RUN_PROCESS_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>

/* Of the scheduler that started the program: a job, the same after it was requeued, and how often that
 * was. "" and 0: none. */
typedef struct MarlRunClaim {
  char job[96]; /* "slurm:cluster:123" */
  int restarts;
} MarlRunClaim;

typedef enum MarlLiving {
  MARL_PROCESS_ALIVE,
  MARL_PROCESS_GONE,
  MARL_PROCESS_UNKNOWN, /* of another machine or container: only its signs of life can tell */
} MarlLiving;

/* Sixteen random hexadecimal digits. */
void marl_process_token(char token[17]);
/* "host=...\nboot=...\nspace=...\npid=...\nbegan=...\ndate=...\njob=...\nrestarts=...\ntoken=...\n" of
 * this process. */
void marl_process_print(const MarlRunClaim *claim, const char token[17], char *text, size_t size);

/* Was `text` written by an earlier start of the job that claims now? */
bool marl_process_is_earlier_start(const char *text, const MarlRunClaim *claim);

MarlLiving marl_process_living(const char *text);
/* Of this machine: is it there, and more than an exit code that waits for its parent? False where there is no /proc. */
bool marl_process_runs(long pid);
/* "process 123 of node7, which began 2026-01-31T12:00:00Z" */
void marl_process_describe(const char *text, char out[160]);

#endif
