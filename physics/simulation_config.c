#include <math.h>

#include "physics/flow_config.h"
#include "physics/flow_fields.h"
#include "physics/flow_setup.h"
#include "physics/simulation.h"
#include "physics/timeline.h"

static const MarlOption output_options[] = {
    {.key = "fields_every",
     .kind = MARL_OPTION_REAL,
     .fallback = "0",
     .min = 0,
     .max = 1e9,
     .unit = "T",
     .help = "time between two vorticity fields; 0: none"},
    {.key = "series_every",
     .kind = MARL_OPTION_REAL,
     .fallback = "0.1",
     .min = 0,
     .max = 1e9,
     .unit = "T",
     .help = "time between two rows of energy, enstrophy and their budgets; 0: none"},
    {.key = "statistics_every",
     .kind = MARL_OPTION_REAL,
     .fallback = "0",
     .min = 0,
     .max = 1e9,
     .unit = "T",
     .help = "time between two samples of the statistics, after time.spinup; 0: none"},
    {.key = "checkpoint_every",
     .kind = MARL_OPTION_REAL,
     .fallback = "10",
     .min = 0,
     .max = 1e9,
     .unit = "T",
     .help = "time between two checkpoints; 0: at the end only"},
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

MarlCode marl_simulation_claim(MarlConfig *config, const MarlKind *closures, MarlError *err) {
  uint64_t seed;
  const MarlClosureOps *closure;
  const MarlSection *section;
  MARL_TRY(marl_setup_seed(config, &seed, err));
  MARL_TRY(marl_flow_claim(config, err));
  MARL_TRY(marl_setup_closure(config, closures, &closure, &section, err));
  MARL_TRY(
      marl_config_section(config, "statistics", &marl_flow_statistics_options, 1, &section, err));
  return claim_output(config, &section, err);
}

MarlCode marl_simulation_plan(MarlConfig *config, const MarlKind *closures,
                              MarlSimulationPlan *plan, MarlError *err) {
  const MarlSection *time, *output;
  *plan = (MarlSimulationPlan){.seed = 0};
  MARL_TRY(marl_simulation_claim(config, closures, err));
  MARL_TRY(marl_setup_seed(config, &plan->seed, err));
  MARL_TRY(marl_flow_params_from_config(config, plan->seed, &plan->flow, err));
  MARL_TRY(marl_initial_from_config(config, plan->seed, &plan->initial, err));
  MARL_TRY(marl_setup_closure(config, closures, &plan->closure, &plan->closure_options, err));
  MARL_TRY(marl_flow_section(config, "time", &time, err));
  MARL_TRY(claim_output(config, &output, err));
  plan->spinup = marl_section_real(time, "spinup");
  plan->end = marl_section_real(time, "end");
  MARL_TRY(marl_flow_fields_choice(output, &plan->fields, err));
  plan->fields_every = marl_section_real(output, "fields_every");
  plan->series_every = marl_section_real(output, "series_every");
  plan->statistics_every = marl_section_real(output, "statistics_every");
  plan->checkpoint_every = marl_section_real(output, "checkpoint_every");
  plan->checkpoint_minutes = marl_section_real(output, "checkpoint_minutes");
  plan->frame_seconds = marl_section_real(output, "frame_seconds");
  if (plan->statistics_every > 0.0)
    MARL_TRY(marl_setup_statistics(config, plan->flow.nx, plan->statistics_every, &plan->statistics,
                                   err));
  MARL_TRY(marl_config_finish(config, err));
  if (plan->statistics_every > 0.0 && marl_timeline_count(plan->end, plan->statistics_every) <=
                                          marl_timeline_count(plan->spinup, plan->statistics_every))
    return MARL_FAIL(err, MARL_ECONFIG,
                     "output.statistics_every = %g asks for statistics, but none fall between "
                     "time.spinup = %g and time.end = %g: lengthen the run or shorten its spin-up",
                     plan->statistics_every, plan->spinup, plan->end);
  return MARL_OK;
}
