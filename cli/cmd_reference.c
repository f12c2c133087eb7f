#include <stdio.h>

#include "cli/command.h"
#include "cli/run_request.h"
#include "marl/core/comm.h"
#include "physics/reference_flow.h"
#include "physics/reference_job.h"

static const MarlFlag flag_describe = {
    "--describe", "FILE", "only write the flow of CONFIG into FILE, a reference that lacks it"};

/* The flow of the configuration into a file of another version or program. */
static MarlCode describe(const MarlArguments *arguments, const char *file, MPI_Comm comm,
                         MarlError *err) {
  const char *path = arguments->num_positional > 0 ? arguments->positional[0] : NULL;
  MarlConfig *config;
  MarlReferencePlan plan;
  MARL_TRY(marl_run_config(arguments, path, comm, &config, err));
  MarlCode code = marl_reference_plan(config, &plan, err);
  if (code == MARL_OK && marl_comm_rank(comm) == 0) {
    code = marl_reference_describe(file, &plan.params.flow, err);
    if (code == MARL_OK) printf("%s: says what flow it is of\n", file);
  }
  marl_config_destroy(&config);
  return marl_comm_agree(comm, code, err);
}

static MarlCode run(const MarlArguments *arguments, MPI_Comm comm, MarlError *err) {
  const char *file = marl_arguments_value(arguments, &flag_describe);
  if (file != NULL) return describe(arguments, file, comm, err);
  MarlReferenceJob job;
  marl_reference_job_init(&job, comm);
  return marl_run_job(arguments, &job.base, err);
}

static MarlCode check(MarlConfig *config, MPI_Comm comm, MarlError *err) {
  MarlReferenceJob job;
  marl_reference_job_init(&job, comm);
  return marl_job_check(&job.base, config, err);
}

static const char *const examples[] = {"flow.reynolds=20000", NULL};

static const MarlFlag *const flags[] = {
    &marl_flag_set,      &marl_flag_out,   &marl_flag_resume, &flag_describe,
    &marl_flag_continue, &marl_flag_quiet, &marl_flag_ranks,  NULL};

const MarlCommand marl_command_reference = {
    .name = "reference",
    .usage = "[CONFIG]",
    .summary = "Run a high-resolution flow and write its statistics as a reference file",
    .details =
        "Spins the flow up (on a coarse grid first, if reference.coarse_n says so), samples it "
        "from\n"
        "time.spinup to time.end and writes DIR/reference.h5: spectra, probability density, the "
        "same\n"
        "of the field cut and filtered to LES sizes, and initial fields. --resume DIR goes on "
        "after\n"
        "any interruption and gives the same file; a run that has ended is prolonged by\n"
        "  marl reference --resume DIR --set time.end=LATER\n"
        "and gives the file of a run that was that long from the start. --set time.end=NOW ends a\n"
        "run early. The file says what flow it is of (physics/reference_flow.h), from which every "
        "LES\n"
        "against it is made. One that does not, of an older version or another program, gets it "
        "by\n"
        "  marl reference CONFIG --describe FILE\n"
        "unless CONFIG contradicts what the file does say; all else in it stays as it is.",
    .min_positional = 0,
    .max_positional = 1,
    .flags = flags,
    .run = run,
    .claim = marl_reference_claim,
    .check = check,
    .changeable = marl_reference_changeable,
    .examples = examples,
    .marker = "reference",
};
