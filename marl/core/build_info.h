/* What this library and the program were built from. */
#ifndef MARL_CORE_BUILD_INFO_H
#define MARL_CORE_BUILD_INFO_H

const char *marl_build_version(void);  /* "0.2.0" */
const char *marl_build_commit(void);   /* "a1b2c3d4e5f6", "...-dirty", or "unknown" outside git */
const char *marl_build_compiler(void); /* "GNU 12.2.0 -O3 ..." */
const char *marl_build_mpiexec(void);  /* path of the MPI launcher */
const char *marl_build_source(void);   /* folder of the sources that it was built from */
const char *marl_build_data(void);     /* "share": data below the prefix of an installation */

#endif
