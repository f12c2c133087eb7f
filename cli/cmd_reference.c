#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/command.h"
#include "cli/flow_fields.h"
#include "cli/flow_setup.h"
#include "cli/run_request.h"
#include "marl/core/build_info.h"
#include "marl/core/comm.h"
#include "marl/run/folder.h"
#include "marl/run/interrupt.h"
#include "marl/run/saving.h"
#include "physics/flow_config.h"
#include "physics/reference_flow.h"
#include "physics/reference_run.h"
#include "physics/timeline.h"

static const char *const changeable[] = {"time.end",
                                         "time.dt",
                                         "output.fields_every",
                                         "output.checkpoint_every",
                                         "output.checkpoint_minutes",
                                         NULL};

static const MarlOption reference_options[] = {
    {.key = "title",
     .kind = MARL_OPTION_TEXT,
     .fallback = "Reference statistics of forced two-dimensional turbulence",
     .help = "title of the file"},
    {.key = "coarse_n",
     .kind = MARL_OPTION_INT,
     .fallback = "0",
     .min = 0,
     .max = 65536,
     .unit = "points",
     .help = "spin up on this grid first; 0: not"},
    {.key = "coarse_time",
     .kind = MARL_OPTION_REAL,
     .fallback = "100",
     .min = 0,
     .max = 1e9,
     .unit = "T",
     .help = "length of the spin-up on the coarse grid"},
    {.key = "initial_sizes",
     .kind = MARL_OPTION_INTS,
     .fallback = "[32, 64, 128]",
     .min = 4,
     .max = 65536,
     .unit = "points",
     .help = "sizes of the initial fields, spectrally truncated"},
    {.key = "initial_samples",
     .kind = MARL_OPTION_INT,
     .fallback = "8",
     .min = 1,
     .max = MARL_REFERENCE_MAX_SAMPLES,
     .unit = "1",
     .help = "how many of each size, spread over all of the sampled time"},
    {.key = "held_out",
     .kind = MARL_OPTION_INT,
     .fallback = "3",
     .min = 0,
     .max = MARL_REFERENCE_MAX_SAMPLES,
     .unit = "1",
     .help = "how many of them, the last, are for testing only"},
};
static const MarlOptionTable reference_table = {
    reference_options, sizeof reference_options / sizeof reference_options[0]};

static const MarlOption output_options[] = {
    {.key = "statistics_every",
     .kind = MARL_OPTION_REAL,
     .fallback = "0.1",
     .min = 1e-9,
     .max = 1e9,
     .unit = "T",
     .help = "time between two samples of the statistics"},
    {.key = "fields_every",
     .kind = MARL_OPTION_REAL,
     .fallback = "0",
     .min = 0,
     .max = 1e9,
     .unit = "T",
     .help = "time between two vorticity fields after the spin-up, taken with a sample; 0: none"},
    {.key = "checkpoint_every",
     .kind = MARL_OPTION_REAL,
     .fallback = "5",
     .min = 1e-9,
     .max = 1e9,
     .unit = "T",
     .help = "time between two checkpoints"},
    {.key = "checkpoint_minutes",
     .kind = MARL_OPTION_REAL,
     .fallback = "30",
     .min = 0,
     .max = 1e6,
     .unit = "min",
     .help = "checkpoints by the clock, beside those by time of the flow; 0: none"},
};
static const MarlOptionTable output_table = {output_options,
                                             sizeof output_options / sizeof output_options[0]};

static MarlCode claim_output(MarlConfig *config, const MarlSection **section, MarlError *err) {
  const MarlOptionTable tables[] = {output_table, marl_flow_fields_options};
  return marl_config_section(config, "output", tables, 2, section, err);
}

static MarlCode claim(MarlConfig *config, MarlError *err) {
  uint64_t seed;
  MARL_TRY(marl_setup_seed(config, &seed, err));
  MARL_TRY(marl_flow_claim(config, err));
  const MarlSection *section;
  MARL_TRY(
      marl_config_section(config, "statistics", &marl_flow_statistics_options, 1, &section, err));
  MARL_TRY(claim_output(config, &section, err));
  return marl_config_section(config, "reference", &reference_table, 1, &section, err);
}

/* Everything the run needs, from the configuration. */
typedef struct Plan {
  uint64_t seed;
  MarlReferenceRunParams params;
  MarlInitial initial;
  double fields_every, checkpoint_every, checkpoint_minutes;
  unsigned fields; /* MARL_FIELD_ bits */
  const char *title;
} Plan;

static MarlCode read_plan(MarlConfig *config, Plan *plan, MarlError *err) {
  const MarlSection *time, *output, *reference;
  MarlReferenceRunParams *params = &plan->params;
  *plan = (Plan){.seed = 0};
  MARL_TRY(claim(config, err));
  MARL_TRY(marl_setup_seed(config, &plan->seed, err));
  MARL_TRY(marl_flow_params_from_config(config, plan->seed, &params->flow, err));
  MARL_TRY(marl_initial_from_config(config, plan->seed, &plan->initial, err));
  MARL_TRY(marl_flow_section(config, "time", &time, err));
  MARL_TRY(claim_output(config, &output, err));
  MARL_TRY(marl_config_section(config, "reference", &reference_table, 1, &reference, err));
  MARL_TRY(marl_flow_fields_choice(output, &plan->fields, err));
  plan->fields_every = marl_section_real(output, "fields_every");
  plan->checkpoint_every = marl_section_real(output, "checkpoint_every");
  plan->checkpoint_minutes = marl_section_real(output, "checkpoint_minutes");
  plan->title = marl_section_text(reference, "title");
  params->sample_every = marl_section_real(output, "statistics_every");
  params->spinup = marl_section_real(time, "spinup");
  params->sampling = marl_section_real(time, "end") - params->spinup;
  params->coarse_n = marl_section_int(reference, "coarse_n");
  params->coarse_time = params->coarse_n > 0 ? marl_section_real(reference, "coarse_time") : 0.0;
  params->initial_samples = marl_section_int(reference, "initial_samples");
  params->held_out = marl_section_int(reference, "held_out");
  MARL_TRY(marl_setup_ints(reference, "initial_sizes", MARL_REFERENCE_MAX_INITIAL,
                           params->initial_sizes, &params->num_initial_sizes, err));
  MARL_TRY(marl_setup_statistics(config, params->flow.nx, params->sample_every, &params->statistics,
                                 err));
  return marl_config_finish(config, err);
}

/* Samples that the run is long: numbers its checkpoints. */
static int64_t progress_of(const MarlReferenceRun *run, const Plan *plan) {
  return marl_timeline_count(marl_reference_run_time(run), plan->params.sample_every);
}

static MarlCode save(const MarlReferenceRun *run, const Plan *plan, const MarlRunFolder *folder,
                     MPI_Comm comm, MarlError *err) {
  MarlStore *store;
  MARL_TRY(marl_run_checkpoint_begin(folder, progress_of(run, plan), comm, &store, err));
  const MarlCode code = marl_reference_run_save(run, store, err);
  return marl_run_checkpoint_end(folder, progress_of(run, plan), MARL_KEPT_CHECKPOINTS, comm,
                                 &store, code, err);
}

static MarlCode load(void *state, MarlStore *from, MarlError *err) {
  return marl_reference_run_load(state, from, err);
}

static MarlCode fill_file(const MarlReferenceRun *run, const Plan *plan, MarlStore *store,
                          MarlError *err) {
  MARL_TRY(marl_reference_run_write(run, store, err));
  return marl_store_set_text(store, NULL, "title", plan->title, err);
}

static MarlCode write_file(const MarlReferenceRun *run, const Plan *plan,
                           const MarlRunFolder *folder, MarlError *err) {
  MarlStore *store;
  MARL_TRY(marl_run_folder_create(folder, "reference.h5", &store, err));
  MARL_TRY(marl_store_end_file(&store, fill_file(run, plan, store, err), err));
  marl_log_note(folder->log, "reference statistics: %s/reference.h5", folder->path);
  return MARL_OK;
}

/* Go on by one sampling interval, with the field that may be due after it. */
static MarlCode advance(MarlReferenceRun *run, const Plan *plan, const MarlRunFolder *folder,
                        MarlError *err) {
  const bool sampling = marl_reference_run_phase(run) == MARL_REFERENCE_SAMPLING;
  MarlSolver *solver = marl_reference_run_solver(run);
  const double before = marl_solver_time(solver);
  MARL_TRY(marl_reference_run_advance(run, err));
  if (!sampling || !marl_timeline_due(before, marl_solver_time(solver), plan->fields_every))
    return MARL_OK;
  return marl_flow_fields_write(solver, plan->fields, folder, err);
}

static MarlCode follow(MarlReferenceRun *run, const Plan *plan, const MarlRunFolder *folder,
                       MPI_Comm comm, MarlError *err) {
  static const char *const names[] = {"coarse spin-up", "spin-up", "sampling", "done"};
  const double end = marl_reference_run_end(run);
  MarlRunClock clock = {.minutes = plan->checkpoint_minutes};
  while (marl_reference_run_phase(run) != MARL_REFERENCE_DONE) {
    const double before = marl_reference_run_time(run);
    MARL_TRY(advance(run, plan, folder, err));
    const double now = marl_reference_run_time(run);
    const bool stop = marl_run_interrupted(comm);
    if (marl_run_clock_due(&clock, comm) || stop ||
        marl_timeline_due(before, now, plan->checkpoint_every) ||
        marl_reference_run_phase(run) == MARL_REFERENCE_DONE)
      MARL_TRY(save(run, plan, folder, comm, err));
    marl_log_progress(folder->log, names[marl_reference_run_phase(run)], now, end,
                      "time %.1f of %.1f, dt %.2g, samples %lld", now, end,
                      marl_solver_dt(marl_reference_run_solver(run)),
                      (long long)marl_statistics_count(marl_reference_run_statistics(run)));
    if (stop && marl_reference_run_phase(run) != MARL_REFERENCE_DONE) {
      char where[64];
      snprintf(where, sizeof where, "at time %g", now);
      return marl_run_folder_stopped(folder, "reference", where, err);
    }
  }
  marl_log_progress_end(folder->log);
  marl_setup_warn_of_bins(marl_reference_run_statistics(run), folder->log);
  return MARL_OK;
}

static MarlCode perform(MarlReferenceRun *run, const Plan *plan, const MarlRunStart *start,
                        const MarlRunFolder *folder, MPI_Comm comm, MarlError *err) {
  bool found = false;
  if (folder->resumed) MARL_TRY(marl_run_checkpoint_resume(folder, comm, load, run, &found, err));
  if (found) marl_setup_take_dt(marl_reference_run_solver(run), folder->log);
  MARL_TRY(marl_run_folder_accept(start, comm, folder, err));
  if (!found) {
    MARL_TRY(marl_setup_start(&plan->initial, marl_reference_run_solver(run), folder->log, err));
    // a run that is killed before its first checkpoint can be resumed as well
    MARL_TRY(save(run, plan, folder, comm, err));
  }
  MARL_TRY(follow(run, plan, folder, comm, err));
  MarlCode code = MARL_OK;
  if (marl_comm_rank(comm) == 0) code = write_file(run, plan, folder, err);
  return marl_comm_agree(comm, code, err);
}

/* All that can be refused is built before the folder is made, the initial field of a new run too. */
static MarlCode build(const Plan *plan, const MarlRunFolder *folder, MPI_Comm comm,
                      MarlReferenceRun **run, MarlError *err) {
  MARL_TRY(marl_reference_run_create(&plan->params, comm, run, err));
  if (folder->resumed) return MARL_OK;
  return marl_setup_start(&plan->initial, marl_reference_run_solver(*run), NULL, err);
}

static const MarlFlag flag_describe = {
    "--describe", "FILE", "only write the flow of CONFIG into FILE, a reference that lacks it"};

/* The flow of the configuration into a file of another version or program. */
static MarlCode describe(const char *file, const Plan *plan, MPI_Comm comm, MarlError *err) {
  MarlCode code = MARL_OK;
  if (marl_comm_rank(comm) == 0) {
    code = marl_reference_describe(file, &plan->params.flow, err);
    if (code == MARL_OK) printf("%s: says what flow it is of\n", file);
  }
  return marl_comm_agree(comm, code, err);
}

static MarlCode run(const MarlArguments *arguments, MPI_Comm comm, MarlError *err) {
  const char *file = marl_arguments_value(arguments, &flag_describe);
  const char *path = arguments->num_positional > 0 ? arguments->positional[0] : NULL;
  MarlConfig *config;
  Plan plan;
  MarlReferenceRun *reference = NULL;
  MarlRunFolder folder = {.log = NULL};
  MARL_TRY(marl_run_config(arguments, path, comm, &config, err));
  MarlCode code = read_plan(config, &plan, err);
  if (code == MARL_OK && file != NULL) {
    code = describe(file, &plan, comm, err);
    marl_config_destroy(&config);
    return code;
  }
  const MarlRunStart start = {marl_run_request(arguments), config, path, (int64_t)plan.seed,
                              changeable};
  if (code == MARL_OK) code = marl_run_folder_choose(&start, comm, &folder, err);
  if (code == MARL_OK) code = build(&plan, &folder, comm, &reference, err);
  if (code == MARL_OK) code = marl_run_folder_open(&start, comm, &folder, err);
  if (code == MARL_OK) {
    marl_interrupt_listen();
    code = perform(reference, &plan, &start, &folder, comm, err);
  }
  marl_reference_run_destroy(&reference);
  marl_run_folder_end(&folder, code, err);
  marl_config_destroy(&config);
  return code;
}

static MarlCode check(MarlConfig *config, MPI_Comm comm, MarlError *err) {
  Plan plan;
  MarlReferenceRun *run = NULL;
  MARL_TRY(read_plan(config, &plan, err));
  if (!marl_setup_affordable(&plan.params.flow)) return MARL_OK;
  MARL_TRY(marl_reference_run_create(&plan.params, comm, &run, err));
  const MarlCode code = marl_setup_start(&plan.initial, marl_reference_run_solver(run), NULL, err);
  marl_reference_run_destroy(&run);
  return code;
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
    .claim = claim,
    .check = check,
    .changeable = changeable,
    .examples = examples,
    .marker = "reference",
};
