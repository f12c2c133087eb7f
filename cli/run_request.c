#include "cli/run_request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "marl/run/record.h"

/* Slurm counts the starts of a job that it requeues. */
static MarlRunClaim claim_of_scheduler(void) {
  MarlRunClaim claim = {.job = ""};
  const char *job = getenv("SLURM_JOB_ID"), *cluster = getenv("SLURM_CLUSTER_NAME");
  const char *restarts = getenv("SLURM_RESTART_COUNT");
  if (job == NULL) return claim;
  snprintf(claim.job, sizeof claim.job, "slurm:%.40s:%.40s", cluster != NULL ? cluster : "", job);
  claim.restarts = restarts != NULL ? (int)strtol(restarts, NULL, 10) : 0;
  return claim;
}

MarlRunRequest marl_run_request(const MarlArguments *arguments) {
  return (MarlRunRequest){
      .command = arguments->argv[1],
      .resume = marl_arguments_value(arguments, &marl_flag_resume),
      .out = marl_arguments_value(arguments, &marl_flag_out),
      .either = marl_arguments_has(arguments, &marl_flag_continue),
      .quiet = marl_arguments_has(arguments, &marl_flag_quiet),
      .claim = claim_of_scheduler(),
      .argc = arguments->argc,
      .argv = arguments->argv,
  };
}

MarlCode marl_run_config(const MarlArguments *arguments, const char *config_path, MPI_Comm comm,
                         MarlConfig **config, MarlError *err) {
  const MarlRunRequest request = marl_run_request(arguments);
  const char *run = NULL;
  char path[MARL_MAX_PATH];
  *config = NULL;
  MARL_TRY(marl_run_folder_to_continue(&request, comm, &run, err));
  if (config_path != NULL) return marl_arguments_config(arguments, config_path, comm, config, err);
  if (run == NULL)
    return MARL_FAIL(err, MARL_ECONFIG, "a CONFIG file is missing, or --resume DIR of a run");
  MARL_TRY(marl_run_record_path(run, "config.yaml", path, err));
  return marl_arguments_config(arguments, path, comm, config, err);
}

/* A configuration that is refused may be that of another command. */
static void name_reader(const char *command, const char *path, const MarlConfig *config,
                        MarlError *err) {
  const MarlCommand *own, *reader;
  if (err == NULL || path == NULL || marl_command_find(command, &own, NULL) != MARL_OK ||
      own->marker == NULL || marl_command_reader(NULL, config, &reader, NULL) != MARL_OK ||
      reader == own)
    return;
  const size_t used = strlen(err->message);
  snprintf(err->message + used, sizeof err->message - used,
           " (by its sections it is a configuration of marl %s)", reader->name);
}

MarlCode marl_run_job(const MarlArguments *arguments, MarlJob *job, MarlError *err) {
  const char *path = arguments->num_positional > 0 ? arguments->positional[0] : NULL;
  const MarlRunRequest request = marl_run_request(arguments);
  MarlConfig *config;
  MARL_TRY(marl_run_config(arguments, path, job->comm, &config, err));
  const MarlCode code = marl_job_run(job, config, path, &request, err);
  if (code == MARL_ECONFIG) name_reader(request.command, path, config, err);
  marl_config_destroy(&config);
  return code;
}
