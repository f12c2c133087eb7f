/* What the command line says of a run (marl/run/folder.h). */
#ifndef MARL_CLI_RUN_REQUEST_H
#define MARL_CLI_RUN_REQUEST_H

#include "cli/arguments.h"
#include "marl/run/job.h"

MarlRunRequest marl_run_request(const MarlArguments *arguments);

/* The configuration of this command line: of the file `config_path`, or, if a run is to be continued
 * and config_path is NULL, the one of its folder. Collective. The caller destroys *config. */
MarlCode marl_run_config(const MarlArguments *arguments, const char *config_path, MPI_Comm comm,
                         MarlConfig **config, MarlError *err) MARL_NODISCARD;

/* A command that is a job: its configuration (the first positional argument), then the loop. */
MarlCode marl_run_job(const MarlArguments *arguments, MarlJob *job, MarlError *err) MARL_NODISCARD;

#endif
