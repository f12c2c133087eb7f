/* A table of a run as it grows: a CSV file to which rows are appended, so that what is written is
 * proportional to the run and not to its square. A checkpoint keeps only how many rows there were and
 * their digest; a run that resumes cuts the file there. Serial: rank 0. */
#ifndef MARL_RUN_ROWS_H
#define MARL_RUN_ROWS_H

#include <stdio.h>

#include "marl/run/folder.h"

typedef struct MarlRunRows {
  char path[MARL_MAX_PATH];
  const MarlRunFolder *folder; /* borrowed by marl_run_rows_begin */
  double checked;              /* s, for marl_run_folder_check_often */
  const char *const *columns;  /* [num_columns], borrowed */
  size_t num_columns;
  int digits;      /* of a number that is not whole; 17: what is read is what was added */
  FILE *file;      /* NULL before marl_run_rows_begin */
  int64_t count;   /* rows so far */
  uint64_t digest; /* of their text */
} MarlRunRows;

/* Open folder/name, of which the first rows->count rows are kept; with none, the file begins anew with
 * its header. Either way it is a new file under the old name (lock.h). MARL_EIO if they are not there,
 * or not with rows->digest. */
MarlCode marl_run_rows_begin(MarlRunRows *rows, const MarlRunFolder *folder, const char *name,
                             MarlError *err) MARL_NODISCARD;
/* MARL_EBUSY if the folder is no longer this program's, which is asked once a second at most. */
MarlCode marl_run_rows_add(MarlRunRows *rows, const double *values, MarlError *err) MARL_NODISCARD;
/* Before a checkpoint that counts on them: the rows are on the disk. */
MarlCode marl_run_rows_secure(MarlRunRows *rows, MarlError *err) MARL_NODISCARD;
/* All rows, [count, num_columns]. */
MarlCode marl_run_rows_read(const MarlRunRows *rows, double *values, MarlError *err) MARL_NODISCARD;
void marl_run_rows_end(MarlRunRows *rows);

/* Count and digest as attributes "NAME_rows" and "NAME_digest" of a checkpoint. */
MarlCode marl_run_rows_save(const MarlRunRows *rows, const char *name, MarlStore *to,
                            MarlError *err) MARL_NODISCARD;
MarlCode marl_run_rows_load(MarlRunRows *rows, const char *name, MarlStore *from,
                            MarlError *err) MARL_NODISCARD;

#endif
