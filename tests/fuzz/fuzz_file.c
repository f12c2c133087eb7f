#define _POSIX_C_SOURCE 200809L /* mkstemp, mkdtemp */
#include <dirent.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"

FuzzFile fuzz_file_open(const uint8_t *data, size_t size) {
  FuzzFile file = {"/dev/shm/marl_fuzz_XXXXXX"};
  const int descriptor = mkstemp(file.path);
  if (descriptor < 0) abort();
  for (size_t done = 0; done < size;) {
    const ssize_t put = write(descriptor, data + done, size - done);
    if (put <= 0) abort();
    done += (size_t)put;
  }
  close(descriptor);
  return file;
}

void fuzz_file_close(FuzzFile *file) {
  unlink(file->path);
}

FuzzFolder fuzz_folder_open(const uint8_t *data, size_t size) {
  FuzzFolder folder = {"/dev/shm/marl_fuzz_XXXXXX"};
  char path[128];
  if (mkdtemp(folder.path) == NULL) abort();
  snprintf(path, sizeof path, "%s/checkpoint_000002.h5", folder.path);
  FILE *file = fopen(path, "wb");
  if (file == NULL || fwrite(data, 1, size, file) != size || fclose(file) != 0) abort();
  return folder;
}

void fuzz_folder_close(FuzzFolder *folder) {
  DIR *directory = opendir(folder->path);
  for (const struct dirent *entry; directory != NULL && (entry = readdir(directory)) != NULL;) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder->path, entry->d_name);
    unlink(path);
  }
  if (directory != NULL) closedir(directory);
  rmdir(folder->path);
}

void fuzz_begin(void) {
  int begun;
  MPI_Initialized(&begun);
  if (!begun) MPI_Init(NULL, NULL);
}
