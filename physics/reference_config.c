#include "physics/flow_config.h"
#include "physics/flow_fields.h"
#include "physics/flow_setup.h"
#include "physics/reference_job.h"

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
    MARL_JOB_FRAME_OPTION,
};
static const MarlOptionTable output_table = {output_options,
                                             sizeof output_options / sizeof output_options[0]};

static MarlCode claim_output(MarlConfig *config, const MarlSection **section, MarlError *err) {
  const MarlOptionTable tables[] = {output_table, marl_flow_fields_options};
  return marl_config_section(config, "output", tables, 2, section, err);
}

MarlCode marl_reference_claim(MarlConfig *config, MarlError *err) {
  uint64_t seed;
  MARL_TRY(marl_setup_seed(config, &seed, err));
  MARL_TRY(marl_flow_claim(config, err));
  const MarlSection *section;
  MARL_TRY(
      marl_config_section(config, "statistics", &marl_flow_statistics_options, 1, &section, err));
  MARL_TRY(claim_output(config, &section, err));
  return marl_config_section(config, "reference", &reference_table, 1, &section, err);
}

MarlCode marl_reference_plan(MarlConfig *config, MarlReferencePlan *plan, MarlError *err) {
  const MarlSection *time, *output, *reference;
  MarlReferenceRunParams *params = &plan->params;
  *plan = (MarlReferencePlan){.seed = 0};
  MARL_TRY(marl_reference_claim(config, err));
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
  plan->frame_seconds = marl_section_real(output, "frame_seconds");
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
