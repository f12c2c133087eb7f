/* A reference file of a flow. */
#include "physics/reference.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_begin();
  FuzzFile file = fuzz_file_open(data, size);
  MarlReference *reference;
  MarlError err;
  if (marl_reference_read(file.path, &reference, &err) == MARL_OK)
    marl_reference_destroy(&reference);
  fuzz_file_close(&file);
  return 0;
}
