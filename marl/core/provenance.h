/* Where a result comes from: attributes of the root of every file that we write, and lines of the
 * record of a run folder (marl/run/record.h).
 *
 * The attributes are those facts that are the same whatever the number of ranks and after any kill
 * and resume, as the results are: two runs of the same configuration on one machine give the same
 * bytes, and `cmp` says so. What differs between two sessions of the same run (date, host, ranks,
 * command line) is in the folder's record. `marl info` prints both. */
#ifndef MARL_CORE_PROVENANCE_H
#define MARL_CORE_PROVENANCE_H

#include <stdio.h>

#include "marl/core/config.h"
#include "marl/core/store.h"

typedef struct MarlProvenance {
  const char *command; /* "train", in the file "marl train"; borrowed */
  int64_t seed;
  char *configuration; /* resolved, YAML; owned */
} MarlProvenance;

/* `folder` is where the result goes: relative names of files in the configuration are relative to it,
 * as in its config.yaml; NULL: absolute. The caller clears it, after a failure too. */
MarlCode marl_provenance_init(MarlProvenance *provenance, const char *command, int64_t seed,
                              const MarlConfig *config, const char *folder,
                              MarlError *err) MARL_NODISCARD;
void marl_provenance_clear(MarlProvenance *provenance);

/* The keys of the attributes, in the order in which a person reads them, NULL-terminated:
 * command, version, commit, compiler, libraries, machine (processor and BLAS kernel), seed,
 * configuration. */
extern const char *const marl_provenance_keys[];

/* As attributes of an open file. NULL: a program of its own that says nothing of its run; what this
 * library is and runs on is written still. */
MarlCode marl_provenance_write(const MarlProvenance *provenance, MarlStore *to,
                               MarlError *err) MARL_NODISCARD;

/* What bits depend on (commit, compiler, libraries, machine) and is another here than where an open file was
 * written, as words for people: "machine (X, here Y)"; "" if it is all the same, or not in the file. */
enum { MARL_PROVENANCE_UNLIKE = 2048 };
void marl_provenance_unlike(MarlStore *from, char text[MARL_PROVENANCE_UNLIKE]);

/* A session as one line of JSON: event, date (UTC), command line, ranks, host and the above but the
 * configuration. */
void marl_provenance_print_session(FILE *out, const char *event, int argc, char *const *argv,
                                   int ranks);

/* The date now, UTC, "2026-01-31T12:00:00Z". No result depends on it. */
enum { MARL_DATE_SIZE = 32 };
void marl_date_now(char date[MARL_DATE_SIZE]);

#endif
