#include "physics/flow_config.h"

#include <assert.h>
#include <string.h>

const char *const marl_forcing_names[] = {"none", "kolmogorov", "ring", NULL};
const char *const marl_forcing_directions[] = {"x", "y", "xy", NULL};
static const char *const initial_names[] = {
    "rest", "random", "taylor_green", "dipole", "shear_layer", "file", NULL};
static const char *const integrator_names[] = {"ifab2", "ab2cn", "ifrk4", NULL};

static const MarlOption grid_options[] = {
    {.key = "n",
     .kind = MARL_OPTION_INT,
     .fallback = "128",
     .min = 4,
     .max = 65536,
     .unit = "points",
     .help = "points along a side of a square grid, even"},
    {.key = "nx",
     .kind = MARL_OPTION_INT,
     .fallback = "0",
     .min = 0,
     .max = 65536,
     .unit = "points",
     .help = "points along x; 0: n"},
    {.key = "ny",
     .kind = MARL_OPTION_INT,
     .fallback = "0",
     .min = 0,
     .max = 65536,
     .unit = "points",
     .help = "points along y; 0: n"},
    {.key = "length",
     .kind = MARL_OPTION_REAL,
     .fallback = "6.283185307179586",
     .min = 1e-6,
     .max = 1e9,
     .unit = "L",
     .help = "length of the box along x; the cells are square, so along y it is length ny / nx"},
};

static const MarlOption flow_options[] = {
    {.key = "reynolds",
     .kind = MARL_OPTION_REAL,
     .fallback = "0",
     .min = 0,
     .max = 1e12,
     .unit = "1",
     .help = "1 / viscosity; give this or viscosity"},
    {.key = "viscosity",
     .kind = MARL_OPTION_REAL,
     .fallback = "-1",
     .min = -1,
     .max = 1e6,
     .unit = "L^2/T",
     .help = "kinematic viscosity, 0 for none; give this or reynolds; -1: by reynolds"},
    {.key = "linear_drag",
     .kind = MARL_OPTION_REAL,
     .fallback = "0.1",
     .min = 0,
     .max = 1e6,
     .unit = "1/T",
     .help = "coefficient of the drag -mu w"},
    {.key = "beta",
     .kind = MARL_OPTION_REAL,
     .fallback = "0",
     .min = -1e9,
     .max = 1e9,
     .unit = "1/(L T)",
     .help = "gradient of the Coriolis parameter along y"},
    {.key = "dealias",
     .kind = MARL_OPTION_CHOICE,
     .fallback = "padding",
     .choices = marl_dealias_names,
     .help = "padding takes products on a grid 3/2 finer and keeps |k| < n/2, two_thirds keeps |k| "
             "< n/3"},
    {.key = "advection",
     .kind = MARL_OPTION_CHOICE,
     .fallback = "basdevant",
     .choices = marl_advection_names,
     .help = "skew_symmetric: twice the work; with dealias none it is stable and conserves "
             "enstrophy"},
};

static const MarlOption forcing_options[] = {
    {.key = "name",
     .kind = MARL_OPTION_CHOICE,
     .fallback = "kolmogorov",
     .choices = marl_forcing_names,
     .help = "kolmogorov: kf [cos(kf x) + cos(kf y)], steady; ring: white noise around |k| = kf"},
    {.key = "wavenumber",
     .kind = MARL_OPTION_REAL,
     .fallback = "4",
     .min = 1e-9,
     .max = 1e6,
     .unit = "1/L",
     .help = "kf"},
    {.key = "amplitude",
     .kind = MARL_OPTION_REAL,
     .fallback = "1",
     .min = 0,
     .max = 1e9,
     .unit = "L/T^2",
     .help = "kolmogorov: factor of kf"},
    {.key = "direction",
     .kind = MARL_OPTION_CHOICE,
     .fallback = "xy",
     .choices = marl_forcing_directions,
     .help = "kolmogorov: waves along x, y or both"},
    {.key = "width",
     .kind = MARL_OPTION_REAL,
     .fallback = "2",
     .min = 0,
     .max = 1e6,
     .unit = "1/L",
     .help = "ring: full width in |k|"},
    {.key = "injection",
     .kind = MARL_OPTION_REAL,
     .fallback = "1",
     .min = 0,
     .max = 1e9,
     .unit = "L^2/T^3",
     .help = "ring: mean rate of energy injection"},
};

static const MarlOption initial_options[] = {
    {.key = "name",
     .kind = MARL_OPTION_CHOICE,
     .fallback = "random",
     .choices = initial_names,
     .help = "initial vorticity"},
    {.key = "peak",
     .kind = MARL_OPTION_REAL,
     .fallback = "10",
     .min = 1e-6,
     .max = 1e6,
     .unit = "1/L",
     .help = "random: k_p of E(k) ~ k^4 exp(-(k/k_p)^2)"},
    {.key = "waves",
     .kind = MARL_OPTION_INT,
     .fallback = "1",
     .min = 1,
     .max = 65536,
     .unit = "1",
     .help = "taylor_green: waves along each side"},
    {.key = "radius",
     .kind = MARL_OPTION_REAL,
     .fallback = "0.5",
     .min = 1e-9,
     .max = 1e9,
     .unit = "L",
     .help = "dipole: its radius"},
    {.key = "speed",
     .kind = MARL_OPTION_REAL,
     .fallback = "1",
     .min = -1e9,
     .max = 1e9,
     .unit = "L/T",
     .help = "dipole: its speed in an unbounded fluid"},
    {.key = "thickness",
     .kind = MARL_OPTION_REAL,
     .fallback = "0.2",
     .min = 1e-9,
     .max = 1e9,
     .unit = "L",
     .help = "shear_layer: thickness of the two layers"},
    {.key = "file",
     .kind = MARL_OPTION_TEXT,
     .fallback = "",
     .unit = "file",
     .help = "file: an HDF5 file with vorticity; implies name: file"},
    {.key = "dataset",
     .kind = MARL_OPTION_TEXT,
     .fallback = "",
     .help = "file: dataset [y, x] or [sample, y, x], for example initial/n64"},
    {.key = "sample",
     .kind = MARL_OPTION_INT,
     .fallback = "0",
     .min = 0,
     .max = 1e9,
     .unit = "1",
     .help = "file: index along the first axis, from 0"},
};

static const MarlOption integrator_options[] = {
    {.key = "name",
     .kind = MARL_OPTION_CHOICE,
     .fallback = "ifab2",
     .choices = integrator_names,
     .help =
         "ifab2: second order, exact linear terms; ab2cn: the scheme of Guan et al., whose beta "
         "adds energy; ifrk4: fourth order, exact linear terms"},
    {.key = "cfl",
     .kind = MARL_OPTION_REAL,
     .fallback = "0",
     .min = 0,
     .max = 1.35,
     .unit = "1",
     .help = "ifrk4: > 0 adapts dt to this CFL number, time.dt at most"},
};

static const MarlOption time_options[] = {
    {.key = "dt",
     .kind = MARL_OPTION_REAL,
     .fallback = "5e-4",
     .min = 1e-12,
     .max = 1e6,
     .unit = "T",
     .help = "time step, or the largest one if integrator.cfl > 0"},
    {.key = "end",
     .kind = MARL_OPTION_REAL,
     .fallback = "100",
     .min = 0,
     .max = 1e12,
     .unit = "T",
     .help = "end of the run"},
    {.key = "spinup",
     .kind = MARL_OPTION_REAL,
     .fallback = "0",
     .min = 0,
     .max = 1e12,
     .unit = "T",
     .help = "statistics start here"},
};

#define TABLE(options) \
  { options, sizeof options / sizeof options[0] }
static const struct {
  const char *name;
  MarlOptionTable table;
} sections[] = {
    {"grid", TABLE(grid_options)},
    {"flow", TABLE(flow_options)},
    {"forcing", TABLE(forcing_options)},
    {"initial", TABLE(initial_options)},
    {"integrator", TABLE(integrator_options)},
    {"time", TABLE(time_options)},
};
enum { NUM_SECTIONS = sizeof sections / sizeof sections[0] };

MarlCode marl_flow_section(MarlConfig *config, const char *name, const MarlSection **section,
                           MarlError *err) {
  size_t i = 0;
  while (i < NUM_SECTIONS && strcmp(sections[i].name, name) != 0) ++i;
  assert(i < NUM_SECTIONS);
  const MarlSection *ignored;
  return marl_config_section(config, sections[i].name, &sections[i].table, 1,
                             section != NULL ? section : &ignored, err);
}

MarlCode marl_flow_claim(MarlConfig *config, MarlError *err) {
  for (size_t i = 0; i < NUM_SECTIONS; ++i)
    MARL_TRY(marl_flow_section(config, sections[i].name, NULL, err));
  return MARL_OK;
}

static void read_grid(const MarlSection *grid, MarlSolverParams *p) {
  const int n = marl_section_int(grid, "n");
  p->nx = marl_section_int(grid, "nx") > 0 ? marl_section_int(grid, "nx") : n;
  p->ny = marl_section_int(grid, "ny") > 0 ? marl_section_int(grid, "ny") : n;
  p->lx = marl_section_real(grid, "length");
  p->ly = p->lx * p->ny / p->nx;
}

static MarlCode read_flow(MarlConfig *config, const MarlSection *flow, MarlSolverParams *p,
                          MarlError *err) {
  const double reynolds = marl_section_real(flow, "reynolds");
  const double viscosity = marl_section_real(flow, "viscosity");
  const bool by_reynolds = reynolds > 0;
  if (by_reynolds && viscosity > 0)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "%s: flow.reynolds and flow.viscosity are both set: keep one",
                     marl_config_origin(config, "flow", "viscosity"));
  if (!by_reynolds && viscosity < 0)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "flow: neither flow.reynolds nor flow.viscosity is set: give one");
  p->viscosity = by_reynolds ? 1 / reynolds : viscosity;
  p->linear_drag = marl_section_real(flow, "linear_drag");
  p->beta = marl_section_real(flow, "beta");
  p->dealias = (MarlDealias)marl_section_choice(flow, "dealias");
  p->advection = (MarlAdvectionForm)marl_section_choice(flow, "advection");
  return MARL_OK;
}

static void read_forcing(const MarlSection *forcing, MarlForcing *f) {
  const int direction = marl_section_choice(forcing, "direction");
  f->kind = (MarlForcingKind)marl_section_choice(forcing, "name");
  f->wavenumber = marl_section_real(forcing, "wavenumber");
  f->amplitude = marl_section_real(forcing, "amplitude");
  f->in_x = direction != 1;
  f->in_y = direction != 0;
  f->width = marl_section_real(forcing, "width");
  f->injection = marl_section_real(forcing, "injection");
}

MarlCode marl_flow_params_from_config(MarlConfig *config, uint64_t seed, MarlSolverParams *params,
                                      MarlError *err) {
  const MarlSection *grid, *flow, *forcing, *integrator, *times;
  MARL_TRY(marl_flow_section(config, "grid", &grid, err));
  MARL_TRY(marl_flow_section(config, "flow", &flow, err));
  MARL_TRY(marl_flow_section(config, "forcing", &forcing, err));
  MARL_TRY(marl_flow_section(config, "integrator", &integrator, err));
  MARL_TRY(marl_flow_section(config, "time", &times, err));
  MarlSolverParams p = {0};
  read_grid(grid, &p);
  MARL_TRY(read_flow(config, flow, &p, err));
  read_forcing(forcing, &p.forcing);
  p.integrator = (MarlIntegrator)marl_section_choice(integrator, "name");
  p.cfl = marl_section_real(integrator, "cfl");
  p.dt = marl_section_real(times, "dt");
  p.key = marl_key(seed, MARL_STREAM_FORCING);
  *params = p;
  return MARL_OK;
}

MarlCode marl_initial_from_config(MarlConfig *config, uint64_t seed, MarlInitial *initial,
                                  MarlError *err) {
  const MarlSection *section;
  MARL_TRY(marl_flow_section(config, "initial", &section, err));
  MarlInitial in = {
      .kind = (MarlInitialKind)marl_section_choice(section, "name"),
      .peak = marl_section_real(section, "peak"),
      .key = marl_key(seed, MARL_STREAM_INIT),
      .waves = marl_section_int(section, "waves"),
      .radius = marl_section_real(section, "radius"),
      .speed = marl_section_real(section, "speed"),
      .thickness = marl_section_real(section, "thickness"),
      .file = marl_section_text(section, "file"),
      .dataset = marl_section_text(section, "dataset"),
      .sample = marl_section_int(section, "sample"),
  };
  if (in.file[0] != '\0') in.kind = MARL_INITIAL_FILE;
  if (in.kind == MARL_INITIAL_FILE && (in.file[0] == '\0' || in.dataset[0] == '\0'))
    return MARL_FAIL(err, MARL_ECONFIG,
                     "%s: initial.name file needs initial.file and initial.dataset",
                     marl_config_origin(config, "initial", "name"));
  *initial = in;
  return MARL_OK;
}
