/* The section `follow`, and what follows from it. */
#include <math.h>

#include "envs/turbulence/follow.h"
#include "physics/flow_config.h"
#include "physics/flow_setup.h"

static const MarlOption options[] = {
    {.key = "changes",
     .kind = MARL_OPTION_TEXTS,
     .fallback = "",
     .unit = "",
     .help = "TIME:SECTION.KEY=VALUE[:SECTION.KEY=VALUE]... of sections flow and forcing"},
    {.key = "members",
     .kind = MARL_OPTION_INT,
     .fallback = "8",
     .min = 2,
     .max = 10000,
     .unit = "",
     .help = "direct simulations, and LES of each closure"},
    {.key = "resolution",
     .kind = MARL_OPTION_INT,
     .fallback = "32",
     .min = 8,
     .max = 2 * MARL_FOLLOW_MOST_K,
     .unit = "",
     .help = "grid points a side of the LES, which is padded"},
    {.key = "dt",
     .kind = MARL_OPTION_REAL,
     .fallback = "2e-3",
     .min = 1e-6,
     .max = 1,
     .unit = "T",
     .help = "time step of the LES"},
    {.key = "sample_every",
     .kind = MARL_OPTION_REAL,
     .fallback = "0.25",
     .min = 1e-6,
     .max = 1e6,
     .unit = "T",
     .help = "time between samples"},
    {.key = "window",
     .kind = MARL_OPTION_REAL,
     .fallback = "5",
     .min = 1e-6,
     .max = 1e6,
     .unit = "T",
     .help = "time over which spectra are averaged before they are compared"},
    {.key = "strips",
     .kind = MARL_OPTION_INT,
     .fallback = "0",
     .min = 0,
     .max = 64,
     .unit = "",
     .help = "regions along x, the first around x = 0; 0: the whole box alone"},
    {.key = "closures",
     .kind = MARL_OPTION_TEXTS,
     .fallback = "none,smagorinsky,leith,dynamic_leith,jansen_held",
     .unit = "closure",
     .help = "what is judged: NAME[:KEY=VALUE]..., keys of that closure, or label"},
};
const MarlOptionTable marl_follow_options = {options, sizeof options / sizeof options[0]};

static MarlCode check(const MarlFollowPlan *plan, const MarlSection *section, MarlError *err) {
  const int n = plan->les.phase[0].nx;
  if (plan->direct.phase[0].nx != plan->direct.phase[0].ny || n % 2 != 0)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "follow: the box has to be square, and follow.resolution %d even", n);
  if (2 * marl_grid_kept(plan->direct.phase[0].nx, plan->direct.phase[0].dealias) < n)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "%s: an LES of %d points keeps more wavenumbers than the direct simulation "
                     "(grid.n %d)",
                     marl_section_origin(section, "resolution"), n, plan->direct.phase[0].nx);
  if (plan->strips > 0 && n % plan->strips != 0)
    return MARL_FAIL(err, MARL_ECONFIG, "%s: %d strips do not divide %d points",
                     marl_section_origin(section, "strips"), plan->strips, n);
  if (fabs(plan->window / plan->every - nearbyint(plan->window / plan->every)) > 1e-6)
    return MARL_FAIL(err, MARL_ECONFIG, "%s: a window of %g is no multiple of sample_every %g",
                     marl_section_origin(section, "window"), plan->window, plan->every);
  if (plan->num_windows < 1)
    return MARL_FAIL(err, MARL_ECONFIG, "time.end %g leaves no window of %g", plan->end,
                     plan->window);
  return MARL_OK;
}

/* The flow of the direct simulation on the grid of the LES, by its scheme. */
static MarlSolverParams coarse(MarlSolverParams flow, int n, double dt) {
  flow.nx = flow.ny = n;
  flow.dealias = MARL_DEALIAS_PADDING;
  flow.integrator = MARL_IFAB2;
  flow.dt = dt;
  flow.cfl = 0;
  return flow;
}

MarlCode marl_follow_plan(MarlConfig *config, MarlFollowPlan *out, const MarlSection **section,
                          MarlError *err) {
  const MarlSection *time, *follow;
  uint64_t seed;
  size_t count;
  MARL_TRY(marl_config_section(config, "follow", &marl_follow_options, 1, &follow, err));
  const char *const *changes = marl_section_texts(follow, "changes", &count);
  MARL_TRY(marl_setup_seed(config, &seed, err));
  *out = (MarlFollowPlan){.members = marl_section_int(follow, "members"),
                          .strips = marl_section_int(follow, "strips"),
                          .every = marl_section_real(follow, "sample_every"),
                          .window = marl_section_real(follow, "window")};
  MARL_TRY(marl_changing_flow_read(config, changes, count, seed, &out->direct, err));
  MARL_TRY(marl_flow_claim(config, err));
  MARL_TRY(marl_initial_from_config(config, seed, &out->initial, err));
  MARL_TRY(marl_flow_section(config, "time", &time, err));
  out->spinup = marl_section_real(time, "spinup");
  out->end = marl_section_real(time, "end");
  out->num_windows = (int)floor(out->end / out->window + 1e-6);
  const int n = marl_section_int(follow, "resolution");
  out->num_k = n / 2;
  out->les = out->direct;
  for (int p = 0; p < out->les.num_phases; ++p)
    out->les.phase[p] = coarse(out->direct.phase[p], n, marl_section_real(follow, "dt"));
  *section = follow;
  return check(out, follow, err);
}

int marl_follow_regions(const MarlFollowPlan *plan) {
  return 1 + plan->strips;
}

size_t marl_follow_size(const MarlFollowPlan *plan) {
  return (size_t)plan->num_windows * (size_t)marl_follow_regions(plan) * (size_t)plan->num_k;
}
