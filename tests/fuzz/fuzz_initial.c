/* A flow of 16 x 16 points that starts from a field of a file. */
#include <stdlib.h>

#include "physics/initial.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static MarlSolver *solver;
  MarlError err;
  fuzz_begin();
  if (solver == NULL) {
    const MarlSolverParams params = marl_solver_defaults(16);
    if (marl_solver_create(&params, MPI_COMM_SELF, &solver, &err) != MARL_OK) abort();
  }
  FuzzFile file = fuzz_file_open(data, size);
  char note[MARL_INITIAL_NOTE];
  const MarlInitial initial = {
      .ops = &marl_initial_file, .file = file.path, .dataset = "w", .sample = 1, .note = note};
  (void)(marl_initial_apply(&initial, solver, &err) == MARL_OK);
  fuzz_file_close(&file);
  return 0;
}
