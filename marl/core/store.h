/* HDF5 files that xarray opens as they are, and that are never half-written.
 *
 * A MarlStore is a group of an open file. A file is written under a temporary name in its own
 * folder and takes its real name in marl_store_commit (flush, fsync, rename, fsync of the
 * folder): a reader sees the old file or the whole new one. Serial; rank 0 writes. */
#ifndef MARL_CORE_STORE_H
#define MARL_CORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "marl/core/error.h"

typedef struct MarlStore MarlStore;

typedef enum MarlType {
  MARL_F32,
  MARL_F64,
  MARL_I32,
  MARL_I64,
  MARL_U8,
  MARL_U32,
  MARL_U64,
} MarlType;

enum { MARL_STORE_MAX_RANK = 4 };

/* What a dataset is. For a plain array in a checkpoint `scales`, `units` and `long_name` are
 * NULL; for results each axis names the coordinate dataset of the same group or of a parent
 * ("time", "y", "../wavenumber") that is attached as its dimension scale. */
typedef struct MarlArray {
  MarlType type;
  int rank;                          /* 0 (scalar) .. MARL_STORE_MAX_RANK */
  size_t shape[MARL_STORE_MAX_RANK]; /* slowest first */
  const char *const *scales;         /* [rank] or NULL */
  const char *units;                 /* in the user's L and T ("L^2/T^2"), "1" if none, or NULL */
  const char *long_name;             /* or NULL */
} MarlArray;

/* Create PATH anew (temporary name until commit). */
MarlCode marl_store_create(const char *path, MarlStore **out, MarlError *err) MARL_NODISCARD;
/* For who holds the right to PATH (marl/run/lock.h): what another writer has under its temporary name
 * becomes nameless, and that writer cannot commit (MARL_EBUSY). */
void marl_store_put_aside(const char *path);
/* PATH again with the content that it has, to be changed or added to; likewise a new file. */
MarlCode marl_store_create_again(const char *path, MarlStore **out, MarlError *err) MARL_NODISCARD;
/* A file in memory only, to be sent as bytes (marl_store_image). */
MarlCode marl_store_create_memory(MarlStore **out, MarlError *err) MARL_NODISCARD;
/* Read only. MARL_EIO that names the file if it is absent, truncated or not HDF5. */
MarlCode marl_store_open(const char *path, MarlStore **out, MarlError *err) MARL_NODISCARD;
MarlCode marl_store_open_image(const void *bytes, size_t size, MarlStore **out,
                               MarlError *err) MARL_NODISCARD;

/* Write everything, fsync, take the real name, close. On failure (disk full, ...) the temporary
 * file is removed, what stood at the path stays, and the error says why. *store becomes NULL. */
MarlCode marl_store_commit(MarlStore **store, MarlError *err) MARL_NODISCARD;
/* How writing a file ends: committed if `code` says that filling it went well, else dropped and the
 * code handed on. */
MarlCode marl_store_end_file(MarlStore **store, MarlCode code, MarlError *err) MARL_NODISCARD;
/* Close a group or a file. A file that was being created and not committed is removed. */
void marl_store_close(MarlStore **store);

/* Malloc'd copy of a memory file's bytes. */
MarlCode marl_store_image(MarlStore *store, void **bytes, size_t *size,
                          MarlError *err) MARL_NODISCARD;

/* Child groups; "a/b" works. Close each with marl_store_close. */
MarlCode marl_store_group_create(MarlStore *store, const char *name, MarlStore **out,
                                 MarlError *err) MARL_NODISCARD;
MarlCode marl_store_group_open(MarlStore *store, const char *name, MarlStore **out,
                               MarlError *err) MARL_NODISCARD;
bool marl_store_has(MarlStore *store, const char *name);
/* Names of the group's attributes, or of what it holds, in alphabetical order; *names is malloc'd in
 * one piece, the caller frees it. */
MarlCode marl_store_attributes(MarlStore *store, char ***names, size_t *count,
                               MarlError *err) MARL_NODISCARD;
MarlCode marl_store_children(MarlStore *store, char ***names, size_t *count,
                             MarlError *err) MARL_NODISCARD;
/* Copy `from`'s whole content into a new group `name` of `to`. */
MarlCode marl_store_copy(MarlStore *from, MarlStore *to, const char *name,
                         MarlError *err) MARL_NODISCARD;

/* Write a dataset of this group. `data` is C-contiguous in array->shape. */
MarlCode marl_store_write(MarlStore *store, const char *name, const MarlArray *array,
                          const void *data, MarlError *err) MARL_NODISCARD;
/* Write a coordinate: a rank-1 dataset that other datasets may name in `scales`. */
MarlCode marl_store_write_scale(MarlStore *store, const char *name, const MarlArray *array,
                                const void *data, MarlError *err) MARL_NODISCARD;

/* Write a coordinate whose values are `count` labels in UTF-8: ds.sel(cell="DP/hidden"). */
MarlCode marl_store_write_labels(MarlStore *store, const char *name, size_t count,
                                 const char *const *labels, const char *long_name,
                                 MarlError *err) MARL_NODISCARD;

/* Append `count` slabs along the unlimited first axis. The first call creates the dataset with
 * array->shape[1..] as the slab (array->shape[0] is ignored) and its scales; the coordinate of
 * the first axis must itself be written by append. Flushes nothing: call marl_store_flush.
 * What is appended carries HDF5's checksum: a damaged piece is MARL_EIO to whoever reads it. */
MarlCode marl_store_append(MarlStore *store, const char *name, const MarlArray *array, size_t count,
                           const void *data, MarlError *err) MARL_NODISCARD;
MarlCode marl_store_append_scale(MarlStore *store, const char *name, const MarlArray *array,
                                 size_t count, const void *data, MarlError *err) MARL_NODISCARD;
MarlCode marl_store_flush(MarlStore *store, MarlError *err) MARL_NODISCARD;

/* Shape of a dataset; MARL_EIO that names file and dataset if it is not there. */
MarlCode marl_store_shape(MarlStore *store, const char *name, int *rank,
                          size_t shape[MARL_STORE_MAX_RANK], MarlError *err) MARL_NODISCARD;
/* Path in the file of the first dimension scale attached to an axis of a dataset, malloc'd; *path is
 * NULL if there is none. The last part of the path is the name of the dimension. */
MarlCode marl_store_axis_scale(MarlStore *store, const char *name, int axis, char **path,
                               MarlError *err) MARL_NODISCARD;
/* Read a whole dataset of exactly `count` elements, converted to `type`. */
MarlCode marl_store_read(MarlStore *store, const char *name, MarlType type, size_t count,
                         void *data, MarlError *err) MARL_NODISCARD;
/* Read whole numbers of which none may lie outside [low, high]: what is read and then points into a
 * table. `type` is not F32 or F64. MARL_EIO with the name, the value and the range. */
MarlCode marl_store_read_within(MarlStore *store, const char *name, MarlType type, size_t count,
                                int64_t low, int64_t high, void *data,
                                MarlError *err) MARL_NODISCARD;
/* The same of values that are read already. */
MarlCode marl_store_check_within(MarlStore *store, const char *name, MarlType type, size_t count,
                                 int64_t low, int64_t high, const void *data,
                                 MarlError *err) MARL_NODISCARD;
/* MARL_EIO if one of the F32 or F64 is not finite. */
MarlCode marl_store_check_finite(MarlStore *store, const char *name, MarlType type, size_t count,
                                 const void *data, MarlError *err) MARL_NODISCARD;
/* Read slab `index` along the first axis ([shape[1..]] elements, `count` of them). */
MarlCode marl_store_read_slab(MarlStore *store, const char *name, size_t index, MarlType type,
                              size_t count, void *data, MarlError *err) MARL_NODISCARD;

/* Attributes of the group, or of dataset `of` when it is not NULL. */
MarlCode marl_store_set_text(MarlStore *store, const char *of, const char *key, const char *text,
                             MarlError *err) MARL_NODISCARD;
MarlCode marl_store_set_real(MarlStore *store, const char *of, const char *key, double value,
                             MarlError *err) MARL_NODISCARD;
MarlCode marl_store_set_int(MarlStore *store, const char *of, const char *key, int64_t value,
                            MarlError *err) MARL_NODISCARD;
/* Malloc'd text, caller frees. */
MarlCode marl_store_get_text(MarlStore *store, const char *of, const char *key, char **text,
                             MarlError *err) MARL_NODISCARD;
MarlCode marl_store_get_real(MarlStore *store, const char *of, const char *key, double *value,
                             MarlError *err) MARL_NODISCARD;
MarlCode marl_store_get_int(MarlStore *store, const char *of, const char *key, int64_t *value,
                            MarlError *err) MARL_NODISCARD;

/* The path the file was opened or will be committed under ("memory" if none). */
const char *marl_store_path(const MarlStore *store);

#endif
