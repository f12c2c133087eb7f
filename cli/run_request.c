#include "cli/run_request.h"

#include "marl/run/record.h"

MarlRunRequest marl_run_request(const MarlArguments *arguments) {
  return (MarlRunRequest){
      .command = arguments->argv[1],
      .resume = marl_arguments_value(arguments, &marl_flag_resume),
      .out = marl_arguments_value(arguments, &marl_flag_out),
      .either = marl_arguments_has(arguments, &marl_flag_continue),
      .quiet = marl_arguments_has(arguments, &marl_flag_quiet),
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

MarlCode marl_run_job(const MarlArguments *arguments, MarlJob *job, MarlError *err) {
  const char *path = arguments->num_positional > 0 ? arguments->positional[0] : NULL;
  const MarlRunRequest request = marl_run_request(arguments);
  MarlConfig *config;
  MARL_TRY(marl_run_config(arguments, path, job->comm, &config, err));
  const MarlCode code = marl_job_run(job, config, path, &request, err);
  marl_config_destroy(&config);
  return code;
}
