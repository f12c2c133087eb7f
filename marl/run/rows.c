#define _POSIX_C_SOURCE 200809L /* getline, ftruncate, fsync, fileno */
#include "marl/run/rows.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "marl/core/digest.h"

static const double whole_limit = 9007199254740992.0; /* 2^53: every whole number is exact below */

static MarlCode failed(const MarlRunRows *rows, MarlError *err) {
  return MARL_FAIL(err, MARL_EIO, "cannot write '%s': %s", rows->path, strerror(errno));
}

/* The digest of a digest and the next row. */
static uint64_t chain(uint64_t digest, const char *line, size_t size) {
  unsigned char before[MARL_DIGEST_BLOCK] = {0};
  MarlDigest d;
  for (int i = 0; i < 8; ++i) before[i] = (unsigned char)(digest >> 8 * i);
  marl_digest_begin(&d);
  marl_digest_add(&d, before, sizeof before);
  const size_t blocks = size / MARL_DIGEST_BLOCK * MARL_DIGEST_BLOCK;
  marl_digest_add(&d, line, blocks);
  return marl_digest_end(&d, line + blocks, size - blocks);
}

static MarlCode write_header(MarlRunRows *rows, MarlError *err) {
  if (remove(rows->path) != 0 && errno != ENOENT) return failed(rows, err);
  rows->file = fopen(rows->path, "w");
  rows->digest = 0;
  if (rows->file == NULL) return failed(rows, err);
  for (size_t c = 0; c < rows->num_columns; ++c)
    fprintf(rows->file, "%s%s", c > 0 ? "," : "", rows->columns[c]);
  fputc('\n', rows->file);
  return fflush(rows->file) == 0 ? MARL_OK : failed(rows, err);
}

/* The place behind the header and `count` whole rows; -1 if there are fewer. */
static long find_end(FILE *file, int64_t count, uint64_t *digest) {
  char *line = NULL;
  size_t room = 0;
  long end = -1;
  *digest = 0;
  for (int64_t row = -1; row < count; ++row) {
    const ssize_t size = getline(&line, &room, file);
    if (size < 1 || line[size - 1] != '\n') break;
    if (row >= 0) *digest = chain(*digest, line, (size_t)size);
    if (row + 1 == count) end = ftell(file);
  }
  free(line);
  return end;
}

/* Cut the file behind the rows that are kept, and go on from there. */
static MarlCode cut(MarlRunRows *rows, MarlError *err) {
  uint64_t digest = 0;
  MARL_TRY(marl_run_record_renew(rows->path, err));
  rows->file = fopen(rows->path, "r+");
  const long end = rows->file != NULL ? find_end(rows->file, rows->count, &digest) : -1;
  if (end < 0 || digest != rows->digest)
    return MARL_FAIL(err, MARL_EIO,
                     "%s: the first %lld rows are not those of the checkpoint: the file has been "
                     "changed, cut or lost",
                     rows->path, (long long)rows->count);
  if (ftruncate(fileno(rows->file), end) != 0 || fseek(rows->file, end, SEEK_SET) != 0)
    return failed(rows, err);
  return MARL_OK;
}

MarlCode marl_run_rows_begin(MarlRunRows *rows, const MarlRunFolder *folder, const char *name,
                             MarlError *err) {
  marl_run_rows_end(rows);
  rows->folder = folder;
  rows->checked = 0;
  MARL_TRY(marl_run_folder_file(folder, name, rows->path, err));
  return rows->count == 0 ? write_header(rows, err) : cut(rows, err);
}

/* One row as it is in the file, malloc'd. */
static char *print_row(const MarlRunRows *rows, const double *values, size_t *size) {
  enum { WIDEST = 32 };
  char *line = malloc(rows->num_columns * WIDEST + 2), *at = line;
  if (line == NULL) return NULL;
  for (size_t c = 0; c < rows->num_columns; ++c) {
    const bool whole = fabs(values[c]) < whole_limit && rint(values[c]) == values[c];
    if (c > 0) *at++ = ',';
    at += snprintf(at, WIDEST, "%.*g", whole ? 17 : rows->digits, values[c]);
  }
  *at++ = '\n';
  *size = (size_t)(at - line);
  return line;
}

MarlCode marl_run_rows_add(MarlRunRows *rows, const double *values, MarlError *err) {
  size_t size = 0;
  MARL_TRY(marl_run_folder_check_often(rows->folder, &rows->checked, err));
  char *line = print_row(rows, values, &size);
  if (line == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a row of '%s'", rows->path);
  const bool good = fwrite(line, 1, size, rows->file) == size && fflush(rows->file) == 0;
  if (good) rows->digest = chain(rows->digest, line, size);
  free(line);
  if (!good) return failed(rows, err);
  ++rows->count;
  return MARL_OK;
}

MarlCode marl_run_rows_secure(MarlRunRows *rows, MarlError *err) {
  if (rows->file == NULL || fsync(fileno(rows->file)) == 0 || errno == EINVAL) return MARL_OK;
  return failed(rows, err);
}

MarlCode marl_run_rows_read(const MarlRunRows *rows, double *values, MarlError *err) {
  char *line = NULL;
  size_t room = 0;
  FILE *file = fopen(rows->path, "r");
  int64_t row = -1; /* the header */
  for (; file != NULL && row < rows->count && getline(&line, &room, file) > 0; ++row) {
    char *at = line;
    for (size_t c = 0; row >= 0 && c < rows->num_columns; ++c) {
      values[(size_t)row * rows->num_columns + c] = strtod(at, &at);
      at += *at == ',';
    }
  }
  free(line);
  if (file != NULL) (void)fclose(file);
  if (row == rows->count) return MARL_OK;
  return MARL_FAIL(err, MARL_EIO, "%s: cannot read %lld rows", rows->path, (long long)rows->count);
}

void marl_run_rows_end(MarlRunRows *rows) {
  if (rows->file != NULL) (void)fclose(rows->file);
  rows->file = NULL;
}

enum { KEY = 64 };
static void name_keys(const char *name, char count[KEY], char digest[KEY]) {
  snprintf(count, KEY, "%.40s_rows", name);
  snprintf(digest, KEY, "%.40s_digest", name);
}

MarlCode marl_run_rows_save(const MarlRunRows *rows, const char *name, MarlStore *to,
                            MarlError *err) {
  char count[KEY], digest[KEY];
  name_keys(name, count, digest);
  MARL_TRY(marl_store_set_int(to, NULL, count, rows->count, err));
  return marl_store_set_int(to, NULL, digest, (int64_t)rows->digest, err);
}

MarlCode marl_run_rows_load(MarlRunRows *rows, const char *name, MarlStore *from, MarlError *err) {
  char key[KEY], digest[KEY];
  int64_t sum = 0;
  name_keys(name, key, digest);
  MARL_TRY(marl_store_get_int(from, NULL, key, &rows->count, err));
  MARL_TRY(marl_store_get_int(from, NULL, digest, &sum, err));
  MARL_TRY(marl_store_check_within(from, key, MARL_I64, 1, 0, INT64_MAX / 2, &rows->count, err));
  rows->digest = (uint64_t)sum;
  return MARL_OK;
}
