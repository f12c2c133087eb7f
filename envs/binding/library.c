#include <mpi.h>
#include <stdlib.h>
#include <string.h>

#include "envs/binding/internal.h"
#include "marl/core/build_info.h"

int marl_binding_answer(MarlCode code, const MarlError *err, char *message) {
  if (code != MARL_OK && message != NULL) memcpy(message, err->message, sizeof err->message);
  return (int)code;
}

_Static_assert(sizeof((MarlError){0}).message == MARL_BINDING_MESSAGE, "a message fits");

int marl_binding_begin(int *began, char *message) {
  MarlError err;
  MarlCode code = MARL_OK;
  int initialized = 0, finalized = 0;
  *began = 0;
  MPI_Initialized(&initialized);
  MPI_Finalized(&finalized);
  if (finalized)
    code = MARL_FAIL(&err, MARL_EMPI, "MPI has ended in this process and cannot begin again");
  else if (!initialized && MPI_Init(NULL, NULL) != MPI_SUCCESS)
    code = MARL_FAIL(&err, MARL_EMPI, "MPI_Init failed");
  else
    *began = !initialized;
  return marl_binding_answer(code, &err, message);
}

void marl_binding_end(void) {
  int finalized = 0;
  MPI_Finalized(&finalized);
  if (!finalized) MPI_Finalize();
}

MPI_Comm marl_binding_world(void) {
  return MPI_COMM_WORLD;
}

int marl_binding_ranks(void) {
  int size = 1;
  MPI_Comm_size(marl_binding_world(), &size);
  return size;
}

const char *marl_binding_version(void) {
  return marl_build_version();
}

const char *marl_binding_source(void) {
  return marl_build_source();
}

void marl_binding_free(void *memory) {
  free(memory);
}

MarlCode marl_binding_configure(const char *file, const char *shipped, size_t count,
                                const MarlBindingSetting *settings, MarlConfig **out,
                                MarlError *err) {
  MarlCode code = file != NULL ? marl_config_load(file, out, err) : marl_config_create(out, err);
  if (code != MARL_OK) return code;
  if (shipped != NULL) code = marl_config_set_shipped(*out, shipped, err);
  for (size_t i = 0; i < count && code == MARL_OK; ++i)
    code = marl_config_assign(*out, settings[i].section, settings[i].key, settings[i].text, err);
  if (code != MARL_OK) marl_config_destroy(out);
  return code;
}
