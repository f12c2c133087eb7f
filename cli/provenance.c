#define _POSIX_C_SOURCE 200809L /* gmtime_r, uname */
#include "cli/provenance.h"

#include <fftw3.h>
#include <hdf5.h>
#include <mpi.h>
#include <stdbool.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "cli/build_info.h"

static void print_processor(FILE *out) {
  FILE *info = fopen("/proc/cpuinfo", "r");
  if (info == NULL) return;
  char line[256];
  while (fgets(line, sizeof line, info) != NULL) {
    const char *colon = strchr(line, ':');
    if (strncmp(line, "model name", 10) == 0 && colon != NULL) {
      fprintf(out, "processor=%s", colon + 2);
      break;
    }
  }
  (void)fclose(info);
}

static void print_libraries(FILE *out) {
  char mpi[MPI_MAX_LIBRARY_VERSION_STRING];
  int length = 0;
  unsigned major = 0, minor = 0, release = 0;
  MPI_Get_library_version(mpi, &length);
  mpi[strcspn(mpi, ",\n")] = '\0';
  H5get_libversion(&major, &minor, &release);
  fprintf(out, "libraries=%s, HDF5 %u.%u.%u, %s\n", mpi, major, minor, release, fftw_version);
}

void marl_provenance_print(FILE *out, int argc, char *const *argv, int ranks) {
  const time_t now = time(NULL);
  struct tm utc;
  char date[32] = "";
  if (gmtime_r(&now, &utc) != NULL) strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", &utc);
  struct utsname machine = {.sysname = ""};
  (void)uname(&machine);
  fprintf(out, "date=%s\nversion=%s\ncommit=%s\ncompiler=%s\n", date, marl_build_version(),
          marl_build_commit(), marl_build_compiler());
  print_libraries(out);
  fprintf(out, "machine=%s, %s %s, %ld processors\n", machine.nodename, machine.sysname,
          machine.machine, sysconf(_SC_NPROCESSORS_ONLN));
  print_processor(out);
  fprintf(out, "ranks=%d\ncommand=", ranks);
  for (int i = 0; i < argc; ++i) fprintf(out, "%s%s", i > 0 ? " " : "", argv[i]);
  fputc('\n', out);
}
