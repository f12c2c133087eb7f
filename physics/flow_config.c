#include "physics/flow_config.h"

#include <assert.h>
#include <string.h>

#include "physics/forcing.h"

const char *const marl_forcing_directions[] = {"x", "y", "xy", NULL};
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
    {.key = "transform",
     .kind = MARL_OPTION_CHOICE,
     .fallback = "codelets",
     .choices = marl_transform_names,
     .help = "codelets: our own, faster, for passes of 16 to 3072 points by steps of two and three "
             "halves "
             "in the advection, FFTW for the others; fftw: for all. Equal up to round-off"},
};

static const MarlOption forcing_options[] = {
    {.key = "name",
     .kind = MARL_OPTION_TEXT,
     .fallback = "kolmogorov",
     .help = "forcing, see `marl list forcings`"},
    {.key = "wavenumber",
     .kind = MARL_OPTION_REAL,
     .fallback = "4",
     .min = 1e-9,
     .max = 1e6,
     .unit = "1/L",
     .help = "kf"},
};

static const MarlOption initial_options[] = {
    {.key = "name",
     .kind = MARL_OPTION_TEXT,
     .fallback = "random",
     .help = "initial vorticity, see `marl list initials`"},
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

/* The plugin that a section's name chooses; file:line of a name that there is not. */
static MarlCode choose(const MarlConfig *config, const MarlKind *kind, const MarlPlugin **out,
                       MarlError *err) {
  const char *section = kind->section;
  MarlError unknown;
  const MarlCode code = marl_kind_find(
      kind, marl_config_peek(config, section, "name", kind->fallback), out, &unknown);
  if (code == MARL_OK) return MARL_OK;
  return MARL_FAIL(err, code, "%s: %s", marl_config_origin(config, section, "name"),
                   unknown.message);
}

/* initial.file without initial.name is a field from that file. */
static MarlCode imply_file(MarlConfig *config, MarlError *err) {
  const char *file = marl_config_peek(config, "initial", "file", "");
  if (file[0] == '\0' || marl_config_peek(config, "initial", "name", NULL) != NULL) return MARL_OK;
  return marl_config_set(config, "initial.name=file", err);
}

static MarlCode find_plugin(MarlConfig *config, const char *section, const MarlPlugin **out,
                            MarlError *err) {
  *out = NULL;
  if (strcmp(section, "forcing") == 0) return choose(config, &marl_kind_forcings, out, err);
  if (strcmp(section, "initial") != 0) return MARL_OK;
  MARL_TRY(imply_file(config, err));
  return choose(config, &marl_kind_initials, out, err);
}

MarlCode marl_flow_section(MarlConfig *config, const char *name, const MarlSection **section,
                           MarlError *err) {
  size_t i = 0;
  while (i < NUM_SECTIONS && strcmp(sections[i].name, name) != 0) ++i;
  assert(i < NUM_SECTIONS);
  const MarlSection *ignored;
  const MarlPlugin *plugin;
  MARL_TRY(find_plugin(config, name, &plugin, err));
  const MarlOptionTable tables[] = {
      sections[i].table,
      {plugin != NULL ? plugin->options : NULL, plugin != NULL ? plugin->num_options : 0}};
  return marl_config_section(config, sections[i].name, tables, 2,
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
  p->transform = (MarlTransform)marl_section_choice(flow, "transform");
  return MARL_OK;
}

static bool has(const MarlSection *section, const char *key) {
  for (size_t i = 0; i < marl_section_size(section); ++i)
    if (strcmp(marl_section_option(section, i)->key, key) == 0) return true;
  return false;
}

/* Numbers that the forcing does not read are those of a flow without it. */
static double number(const MarlSection *section, const char *key, double otherwise) {
  return has(section, key) ? marl_section_real(section, key) : otherwise;
}

static MarlCode read_forcing(MarlConfig *config, const MarlSection *forcing, MarlForcing *f,
                             MarlError *err) {
  const MarlPlugin *plugin;
  MARL_TRY(find_plugin(config, "forcing", &plugin, err));
  const int direction = has(forcing, "direction") ? marl_section_choice(forcing, "direction") : 2;
  *f = (MarlForcing){.ops = (const MarlForcingOps *)plugin,
                     .in_x = direction != 1,
                     .in_y = direction != 0,
                     .wavenumber = marl_section_real(forcing, "wavenumber"),
                     .amplitude = number(forcing, "amplitude", 1),
                     .width = number(forcing, "width", 2),
                     .injection = number(forcing, "injection", 1)};
  return MARL_OK;
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
  MARL_TRY(read_forcing(config, forcing, &p.forcing, err));
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
  const MarlPlugin *plugin;
  MARL_TRY(marl_flow_section(config, "initial", &section, err));
  MARL_TRY(find_plugin(config, "initial", &plugin, err));
  MarlInitial in = {
      .ops = (const MarlInitialOps *)plugin,
      .options = section,
      .peak = number(section, "peak", 0),
      .key = marl_key(seed, MARL_STREAM_INIT),
      .waves = has(section, "waves") ? marl_section_int(section, "waves") : 0,
      .radius = number(section, "radius", 0),
      .speed = number(section, "speed", 0),
      .thickness = number(section, "thickness", 0),
  };
  if (plugin == &marl_initial_file.plugin) {
    in.file = marl_section_text(section, "file");
    in.dataset = marl_section_text(section, "dataset");
    in.sample = marl_section_int(section, "sample");
    if (in.file[0] == '\0' || in.dataset[0] == '\0')
      return MARL_FAIL(err, MARL_ECONFIG,
                       "%s: initial.name file needs initial.file and initial.dataset",
                       marl_config_origin(config, "initial", "name"));
  }
  *initial = in;
  return MARL_OK;
}
