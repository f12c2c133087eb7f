/* Temporary run folders and the bytes of their files. */
#ifndef MARL_TESTS_RUN_FOLDER_H
#define MARL_TESTS_RUN_FOLDER_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit.h"

typedef struct RunFolder {
  char path[64];
} RunFolder;

static inline RunFolder run_folder_make(void) {
  RunFolder folder = {"/tmp/marl_test_XXXXXX"};
  CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder.path));
  return folder;
}

static inline void run_folder_remove(const RunFolder *folder) {
  DIR *directory = opendir(folder->path);
  if (directory == NULL) return;
  for (const struct dirent *entry; (entry = readdir(directory)) != NULL;) {
    char file[512];
    snprintf(file, sizeof file, "%s/%s", folder->path, entry->d_name);
    unlink(file);
  }
  closedir(directory);
  rmdir(folder->path);
}

/* Malloc'd content of a file of the folder. */
static inline char *run_folder_read(const RunFolder *folder, const char *name, size_t *size) {
  char path[128];
  snprintf(path, sizeof path, "%s/%s", folder->path, name);
  FILE *file = fopen(path, "rb");
  if (file == NULL) printf("\n    no file %s", path);
  CU_ASSERT_PTR_NOT_NULL_FATAL(file);
  fseek(file, 0, SEEK_END);
  *size = (size_t)ftell(file);
  rewind(file);
  char *bytes = malloc(*size + 1);
  CU_ASSERT_EQUAL_FATAL(fread(bytes, 1, *size, file), *size);
  bytes[*size] = '\0';
  fclose(file);
  return bytes;
}

static inline void run_folder_same_file(const RunFolder *a, const RunFolder *b, const char *name) {
  size_t size_a, size_b;
  char *bytes_a = run_folder_read(a, name, &size_a), *bytes_b = run_folder_read(b, name, &size_b);
  if (size_a != size_b) printf("\n    %s has %zu and %zu bytes", name, size_a, size_b);
  CU_ASSERT_EQUAL(size_a, size_b);
  UNIT_BITS_EQUAL(bytes_a, bytes_b, size_a < size_b ? size_a : size_b);
  free(bytes_a);
  free(bytes_b);
}

static inline void run_folder_write(const RunFolder *folder, const char *name, const char *bytes,
                                    size_t size) {
  char path[128];
  snprintf(path, sizeof path, "%s/%s", folder->path, name);
  FILE *file = fopen(path, "wb");
  CU_ASSERT_PTR_NOT_NULL_FATAL(file);
  CU_ASSERT_EQUAL(fwrite(bytes, 1, size, file), size);
  fclose(file);
}

#endif
