#include "physics/flow_setup.h"

#include <math.h>

static const MarlOption run_options[] = {
    {.key = "seed",
     .kind = MARL_OPTION_INT,
     .fallback = "1",
     .min = 0,
     .max = 9007199254740992.0,
     .unit = "1",
     .help = "seed of random initial fields and of stochastic forcing"},
};
const MarlOptionTable marl_flow_run_options = {run_options,
                                               sizeof run_options / sizeof run_options[0]};

static const MarlOption statistics_options[] = {
    {.key = "pdf_range",
     .kind = MARL_OPTION_REAL,
     .fallback = "80",
     .min = 1e-9,
     .max = 1e12,
     .unit = "1/T",
     .help = "bins of the vorticity histogram cover [-pdf_range, pdf_range)"},
    {.key = "pdf_bins",
     .kind = MARL_OPTION_INT,
     .fallback = "400",
     .min = 2,
     .max = 1e6,
     .unit = "1",
     .help = "number of bins"},
    {.key = "block",
     .kind = MARL_OPTION_REAL,
     .fallback = "10",
     .min = 1e-9,
     .max = 1e12,
     .unit = "T",
     .help = "length of the blocks that give standard errors; several correlation times"},
    {.key = "sizes",
     .kind = MARL_OPTION_INTS,
     .fallback = "[16, 32, 64, 128, 256]",
     .min = 4,
     .max = 65536,
     .unit = "points",
     .help = "also of the field cut (and Gaussian-filtered) to these sizes, where the grid is "
             "larger"},
};
const MarlOptionTable marl_flow_statistics_options = {
    statistics_options, sizeof statistics_options / sizeof statistics_options[0]};

MarlCode marl_setup_seed(MarlConfig *config, uint64_t *seed, MarlError *err) {
  const MarlSection *run;
  MARL_TRY(marl_config_section(config, "run", &marl_flow_run_options, 1, &run, err));
  *seed = (uint64_t)marl_section_int64(run, "seed");
  return MARL_OK;
}

static const MarlOption closure_options[] = {
    {.key = "name",
     .kind = MARL_OPTION_TEXT,
     .fallback = "none",
     .help = "sub-grid closure; `marl list closures` names them"},
};

MarlCode marl_setup_closure(MarlConfig *config, const MarlKind *closures,
                            const MarlClosureOps **ops, const MarlSection **section,
                            MarlError *err) {
  const char *name = marl_config_peek(config, "closure", "name", "none");
  const MarlPlugin *found = NULL;
  MarlError unknown;
  if (marl_kind_find(closures, name, &found, &unknown) != MARL_OK)
    return MARL_FAIL(err, MARL_ECONFIG, "%s: %s", marl_config_origin(config, "closure", "name"),
                     unknown.message);
  *ops = (const MarlClosureOps *)found;
  const MarlOptionTable tables[] = {{closure_options, 1}, {(*ops)->options, (*ops)->num_options}};
  return marl_config_section(config, "closure", tables, 2, section, err);
}

MarlCode marl_setup_ints(const MarlSection *section, const char *key, int max, int *out, int *count,
                         MarlError *err) {
  size_t given;
  const int *values = marl_section_ints(section, key, &given);
  if (given > (size_t)max)
    return MARL_FAIL(err, MARL_ECONFIG, "%s.%s lists %zu numbers, at most %d are taken",
                     marl_section_name(section), key, given, max);
  *count = (int)given;
  for (size_t i = 0; i < given; ++i) out[i] = values[i];
  return MARL_OK;
}

MarlCode marl_setup_statistics(MarlConfig *config, int n, double sample_every,
                               MarlStatisticsParams *out, MarlError *err) {
  const MarlSection *section;
  MARL_TRY(
      marl_config_section(config, "statistics", &marl_flow_statistics_options, 1, &section, err));
  *out = (MarlStatisticsParams){.pdf_range = marl_section_real(section, "pdf_range"),
                                .pdf_bins = marl_section_int(section, "pdf_bins")};
  out->block = (int)fmax(1.0, round(marl_section_real(section, "block") / sample_every));
  int count;
  MARL_TRY(marl_setup_ints(section, "sizes", MARL_STATISTICS_MAX_SIZES, out->sizes, &count, err));
  for (int i = 0; i < count; ++i)
    if (out->sizes[i] < n) out->sizes[out->num_sizes++] = out->sizes[i];
  return MARL_OK;
}

MarlCode marl_setup_start(const MarlInitial *initial, MarlSolver *solver, MarlLog *log,
                          MarlError *err) {
  char note[MARL_INITIAL_NOTE] = "";
  MarlInitial noted = *initial;
  noted.note = note;
  MARL_TRY(marl_initial_apply(&noted, solver, err));
  if (note[0] != '\0') marl_log_note(log, "%s", note);
  return MARL_OK;
}

void marl_setup_warn_of_bins(const MarlStatistics *statistics, MarlLog *log) {
  if (statistics == NULL || marl_statistics_count(statistics) == 0 ||
      marl_statistics_bins_fit(statistics))
    return;
  const MarlHistogram *bins = marl_statistics_vorticity(statistics);
  const double deviation = marl_histogram_deviation(bins);
  marl_log_note(
      log,
      "warning: %d bins on +-%g do not fit a vorticity of standard deviation %.3g: tail_* "
      "that they cannot tell are NaN; set statistics.pdf_range to some %.2g",
      bins->bins, bins->range, deviation, 12 * deviation);
}

void marl_setup_take_dt(MarlSolver *solver, MarlLog *log) {
  const double before = marl_solver_dt(solver);
  if (!marl_solver_take_dt(solver)) return;
  marl_log_note(log,
                "from time %g on time.dt is %g, it was %g: the first step is one without older "
                "tendencies",
                marl_solver_time(solver), marl_solver_dt(solver), before);
}

bool marl_setup_affordable(const MarlSolverParams *flow) {
  const double most = 512.0 * 512.0;
  return (double)flow->nx * (double)flow->ny <= most;
}
