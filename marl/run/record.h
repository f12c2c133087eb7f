/* What a run folder says of its run: config.yaml, earlier ones as config-<n>.yaml, and
 * provenance.jsonl, a line of JSON for each session: when, where, on how many ranks, by which command
 * and program (marl/core/provenance.h). Serial: rank 0. */
#ifndef MARL_RUN_RECORD_H
#define MARL_RUN_RECORD_H

#include <stdbool.h>

#include "marl/core/error.h"
#include "marl/run/lock.h"

enum { MARL_MAX_PATH = 4096 };

/* How a run is asked for: what a command line says of it. All is borrowed. */
typedef struct MarlRunRequest {
  const char *command;      /* "train" */
  const char *resume, *out; /* folders, or NULL */
  bool either;              /* begin in `out`, or continue what is there */
  bool quiet;               /* no progress on the terminal */
  MarlRunClaim claim;       /* the scheduler's job, if one started the program */
  int argc;
  char *const *argv; /* the whole command line, for the record */
} MarlRunRequest;

MarlCode marl_run_record_path(const char *folder, const char *name, char path[MARL_MAX_PATH],
                              MarlError *err) MARL_NODISCARD;

/* Make the folder and those above it. */
MarlCode marl_run_record_make(const char *folder, MarlError *err) MARL_NODISCARD;
/* MARL_ECONFIG if the folder holds a run, or a file that a run could overwrite. One that does not
 * exist, or that a kill left before its config.yaml, is free. */
MarlCode marl_run_record_refuse_used(const char *folder, MarlError *err) MARL_NODISCARD;
MarlCode marl_run_record_require(const char *folder, MarlError *err) MARL_NODISCARD;
/* A file that a session appends to becomes a copy of itself: whoever still has it open writes into one
 * that is in no folder any more. One that is not there is none. */
MarlCode marl_run_record_renew(const char *path, MarlError *err) MARL_NODISCARD;

/* The resolved configuration and a line of provenance.jsonl. A configuration that was there before and
 * differs is kept under the next free name config-<n>.yaml. */
MarlCode marl_run_record_write(const char *folder, const MarlRunRequest *request,
                               const char *configuration, bool resumed, int ranks,
                               MarlError *err) MARL_NODISCARD;

#endif
