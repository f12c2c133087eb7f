/* What the fuzz targets share. Each is one function from bytes to a reader; libFuzzer makes the
 * bytes. A reader may refuse them, in words; it may not crash, hang or leak. */
#ifndef MARL_TESTS_FUZZ_H
#define MARL_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The bytes as a file in memory; fuzz_file_close removes it. */
typedef struct FuzzFile {
  char path[64];
} FuzzFile;
FuzzFile fuzz_file_open(const uint8_t *data, size_t size);
void fuzz_file_close(FuzzFile *file);

/* The same as the newest checkpoint of a run folder. */
typedef struct FuzzFolder {
  char path[64];
} FuzzFolder;
FuzzFolder fuzz_folder_open(const uint8_t *data, size_t size);
void fuzz_folder_close(FuzzFolder *folder);

/* MPI, which the readers' communicators need; once a process. */
void fuzz_begin(void);

#endif
