/* The folder that holds one run: config.yaml (resolved), meta.txt (what ran where), log.txt and
 * whatever the command adds. A run never overwrites another one.
 *
 * All functions are collective over comm; rank 0 touches the files. */
#ifndef MARL_CLI_RUN_FOLDER_H
#define MARL_CLI_RUN_FOLDER_H

#include "cli/arguments.h"
#include "marl/core/log.h"

enum { MARL_MAX_PATH = 4096 };

typedef struct MarlRunFolder {
  char path[MARL_MAX_PATH];
  bool resumed;
  MarlLog *log; /* owned; NULL on other ranks than 0: every log function takes that */
} MarlRunFolder;

/* The configuration of this command line: of the file `config_path`, or with --resume DIR and
 * config_path NULL the one in that folder. The caller destroys *config. */
MarlCode marl_run_folder_config(const MarlArguments *arguments, const char *config_path,
                                MPI_Comm comm, MarlConfig **config, MarlError *err) MARL_NODISCARD;

/* Call once the configuration is checked (marl_config_finish), so that a mistake leaves nothing
 * behind: choose, record and open_log below in one. */
MarlCode marl_run_folder_begin(const MarlArguments *arguments, const char *config_path,
                               int64_t seed, const MarlConfig *config, MPI_Comm comm,
                               MarlRunFolder *folder, MarlError *err) MARL_NODISCARD;

/* The folder is --resume DIR, or --out DIR, or runs/<name of config_path>-<seed>. Without --resume
 * it must be absent or empty (MARL_ECONFIG says so). Writes nothing. */
MarlCode marl_run_folder_choose(const MarlArguments *arguments, const char *config_path,
                                int64_t seed, MPI_Comm comm, MarlRunFolder *folder,
                                MarlError *err) MARL_NODISCARD;
/* Makes the folder and writes config.yaml and a paragraph of meta.txt. */
MarlCode marl_run_folder_record(const MarlRunFolder *folder, const MarlArguments *arguments,
                                const MarlConfig *config, MPI_Comm comm,
                                MarlError *err) MARL_NODISCARD;
MarlCode marl_run_folder_open_log(MarlRunFolder *folder, const MarlArguments *arguments,
                                  MPI_Comm comm, MarlError *err) MARL_NODISCARD;

void marl_run_folder_end(MarlRunFolder *folder);

#endif
