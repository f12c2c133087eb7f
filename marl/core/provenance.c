#define _POSIX_C_SOURCE 200809L /* gmtime_r, uname, clock_gettime */
#include "marl/core/provenance.h"

#include <cblas.h>
#include <fftw3.h>
#include <hdf5.h>
#include <mpi.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "marl/core/build_info.h"
#include "marl/core/path.h"
#include "marl/core/quote.h"

enum { TEXT = 512 };

const char *const marl_provenance_keys[] = {"command",  "version",       "commit",
                                            "compiler", "libraries",     "machine",
                                            "seed",     "configuration", NULL};

void marl_date_now(char date[MARL_DATE_SIZE]) {
  struct timespec now;
  struct tm utc;
  date[0] = '\0';
  clock_gettime(CLOCK_REALTIME, &now);
  if (gmtime_r(&now.tv_sec, &utc) != NULL)
    strftime(date, MARL_DATE_SIZE, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

/* "model name : Intel(R) ..." of the first processor, and the BLAS kernel that it gets. */
static void describe_machine(char text[TEXT]) {
  char line[256], model[256] = "unknown processor";
  FILE *info = fopen("/proc/cpuinfo", "r");
  while (info != NULL && fgets(line, sizeof line, info) != NULL) {
    const char *colon = strchr(line, ':');
    if (strncmp(line, "model name", 10) != 0 || colon == NULL) continue;
    snprintf(model, sizeof model, "%.*s", (int)strcspn(colon + 2, "\n"), colon + 2);
    break;
  }
  if (info != NULL) (void)fclose(info);
#ifdef OPENBLAS_VERSION
  snprintf(text, TEXT, "%s, BLAS kernel %s", model, openblas_get_corename());
#else
  snprintf(text, TEXT, "%s", model);
#endif
}

static void describe_libraries(char text[TEXT]) {
  char mpi[MPI_MAX_LIBRARY_VERSION_STRING], blas[64] = "BLAS";
  int length = 0;
  unsigned major = 0, minor = 0, release = 0;
  MPI_Get_library_version(mpi, &length);
  mpi[strcspn(mpi, ",\n")] = '\0';
  H5get_libversion(&major, &minor, &release);
#ifdef OPENBLAS_VERSION
  const char *config = openblas_get_config(); /* "OpenBLAS 0.3.26 NO_LAPACKE DYNAMIC_ARCH ..." */
  size_t size = strcspn(config, " ");
  size += config[size] == ' ' ? 1 + strcspn(config + size + 1, " ") : 0;
  snprintf(blas, sizeof blas, "%.*s", (int)size, config);
#endif
  snprintf(text, TEXT, "%.200s, HDF5 %u.%u.%u, %.80s, %s", mpi, major, minor, release, fftw_version,
           blas);
}

MarlCode marl_provenance_init(MarlProvenance *provenance, const char *command, int64_t seed,
                              const MarlConfig *config, const char *folder, MarlError *err) {
  *provenance = (MarlProvenance){.command = command, .seed = seed};
  if (folder == NULL) return marl_config_resolved(config, &provenance->configuration, err);
  char *place = marl_path_absolute(folder);
  if (place == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory for a path");
  const MarlCode code = marl_config_resolved_in(config, place, &provenance->configuration, err);
  free(place);
  return code;
}

void marl_provenance_clear(MarlProvenance *provenance) {
  free(provenance->configuration);
  provenance->configuration = NULL;
}

MarlCode marl_provenance_write(const MarlProvenance *provenance, MarlStore *to, MarlError *err) {
  char libraries[TEXT], machine[TEXT], command[TEXT];
  describe_libraries(libraries);
  describe_machine(machine);
  if (provenance != NULL) snprintf(command, sizeof command, "marl %s", provenance->command);
  const char *const texts[] = {provenance != NULL ? command : NULL,
                               marl_build_version(),
                               marl_build_commit(),
                               marl_build_compiler(),
                               libraries,
                               machine,
                               NULL,
                               provenance != NULL ? provenance->configuration : NULL};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; ++i)
    if (texts[i] != NULL)
      MARL_TRY(marl_store_set_text(to, NULL, marl_provenance_keys[i], texts[i], err));
  return provenance != NULL ? marl_store_set_int(to, NULL, "seed", provenance->seed, err) : MARL_OK;
}

void marl_provenance_unlike(MarlStore *from, char text[MARL_PROVENANCE_UNLIKE]) {
  char libraries[TEXT], machine[TEXT];
  size_t used = 0;
  describe_libraries(libraries);
  describe_machine(machine);
  const char *const here[][2] = {{"commit", marl_build_commit()},
                                 {"compiler", marl_build_compiler()},
                                 {"libraries", libraries},
                                 {"machine", machine}};
  text[0] = '\0';
  for (size_t i = 0; i < sizeof here / sizeof *here; ++i) {
    char *there;
    if (marl_store_get_text(from, NULL, here[i][0], &there, NULL) != MARL_OK) continue;
    if (strcmp(there, here[i][1]) != 0 && used < MARL_PROVENANCE_UNLIKE)
      used += (size_t)snprintf(text + used, MARL_PROVENANCE_UNLIKE - used, "%s%s (%s, here %s)",
                               used > 0 ? ", " : "", here[i][0], there, here[i][1]);
    free(there);
  }
}

static void print_pair(FILE *out, const char *key, const char *text) {
  fprintf(out, ", \"%s\": ", key);
  marl_write_json_text(out, text);
}

void marl_provenance_print_session(FILE *out, const char *event, int argc, char *const *argv,
                                   int ranks) {
  char date[MARL_DATE_SIZE], libraries[TEXT], machine[TEXT], system[2 * TEXT];
  struct utsname host = {.sysname = ""};
  (void)uname(&host);
  marl_date_now(date);
  describe_libraries(libraries);
  describe_machine(machine);
  snprintf(system, sizeof system, "%.200s %.200s %.200s, %ld processors", host.sysname,
           host.release, host.machine, sysconf(_SC_NPROCESSORS_ONLN));
  fputs("{\"event\": ", out);
  marl_write_json_text(out, event);
  print_pair(out, "date", date);
  fputs(", \"command\": [", out);
  for (int i = 0; i < argc; ++i) {
    if (i > 0) fputs(", ", out);
    marl_write_json_text(out, argv[i]);
  }
  fprintf(out, "], \"ranks\": %d", ranks);
  print_pair(out, "host", host.nodename);
  print_pair(out, "system", system);
  print_pair(out, "machine", machine);
  print_pair(out, "version", marl_build_version());
  print_pair(out, "commit", marl_build_commit());
  print_pair(out, "compiler", marl_build_compiler());
  print_pair(out, "libraries", libraries);
  fputs("}\n", out);
}
