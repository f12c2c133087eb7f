#include "marl/core/build_info.h"

#include "marl_build_info.h" /* written by cmake/build_info.cmake at each build */

const char *marl_build_version(void) {
  return MARL_BUILD_VERSION;
}
const char *marl_build_commit(void) {
  return MARL_BUILD_COMMIT;
}
const char *marl_build_compiler(void) {
  return MARL_BUILD_COMPILER;
}
const char *marl_build_mpiexec(void) {
  return MARL_BUILD_MPIEXEC;
}
const char *marl_build_source(void) {
  return MARL_BUILD_SOURCE;
}
const char *marl_build_data(void) {
  return MARL_BUILD_DATA;
}
