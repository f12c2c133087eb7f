#include "physics/solver.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "marl/core/arena.h"
#include "marl/core/comm.h"
#include "physics/forcing.h"
#include "physics/solver_internal.h"

const char *const marl_dealias_names[] = {"two_thirds", "padding", "none", NULL};
const char *const marl_advection_names[] = {"basdevant", "skew_symmetric", NULL};
const char *const marl_transform_names[] = {"codelets", "fftw", NULL};

static const MarlIntegratorOps *const integrators[] = {[MARL_IFAB2] = &marl_integrator_ifab2,
                                                       [MARL_AB2CN] = &marl_integrator_ab2cn,
                                                       [MARL_IFRK4] = &marl_integrator_ifrk4};

MarlSolverParams marl_solver_defaults(int n) {
  const double two_pi = 6.283185307179586476925286766559;
  return (MarlSolverParams){
      .nx = n,
      .ny = n,
      .lx = two_pi,
      .ly = two_pi,
      .viscosity = 1.0 / 20000,
      .linear_drag = 0.1,
      .forcing = {.ops = &marl_forcing_kolmogorov,
                  .wavenumber = 4,
                  .amplitude = 1,
                  .in_x = true,
                  .in_y = true},
      .dealias = MARL_DEALIAS_PADDING,
      .integrator = MARL_IFAB2,
      .dt = 5e-4,
      .key = marl_key(0, MARL_STREAM_FORCING),
  };
}

static MarlCode check_params(const MarlSolverParams *p, MarlError *err) {
  if (!(p->dt > 0)) return MARL_FAIL(err, MARL_ECONFIG, "time.dt %g must be positive", p->dt);
  if (p->viscosity < 0)
    return MARL_FAIL(err, MARL_ECONFIG, "flow.viscosity %g is negative", p->viscosity);
  if (p->cfl > 0 && p->integrator != MARL_IFRK4)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "integrator.cfl needs integrator.name: ifrk4; %s has a fixed step because its "
                     "extrapolation does",
                     integrators[p->integrator]->name);
  const double largest =
      marl_integrator_ifrk4.cfl_limit * (p->dealias == MARL_DEALIAS_TWO_THIRDS ? 1 : 2.0 / 3);
  if (p->cfl > largest)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "integrator.cfl %g is unstable with flow.dealias %s: take at most %.3g",
                     p->cfl, marl_dealias_names[p->dealias], largest);
  return MARL_OK;
}

static bool allocate_factors(MarlSolver *s) {
  const size_t count = (size_t)s->advection->pencil->columns * (size_t)s->grid->ny;
  s->decay = (double *)marl_arena_alloc(count * sizeof(double));
  if (s->params.beta != 0)
    s->rotation = (MarlComplex *)marl_arena_alloc(count * sizeof(MarlComplex));
  return count == 0 || (s->decay != NULL && (s->params.beta == 0 || s->rotation != NULL));
}

static MarlCode build(MarlSolver *s, MPI_Comm comm, MarlError *err) {
  const MarlSolverParams *p = &s->params;
  MARL_TRY(marl_grid_create_dealiased(p->nx, p->ny, p->lx, p->ly, p->dealias, comm, &s->grid, err));
  s->grid->transform = p->transform;
  MARL_TRY(marl_fft_create(s->grid, &s->fft, err));
  MARL_TRY(marl_advection_create(s->grid, p->advection, &s->advection, err));
  const int kept = s->grid->kept_x;
  MARL_TRY(marl_fft_create_kept(s->fft, kept, &s->kept_fft, err));
  MARL_TRY(marl_forcing_check(&p->forcing, s->grid, kept, s->grid->kept_y, &s->noise_modes, err));
  s->w_hat = marl_fft_alloc_spectral(s->grid);
  bool complete = s->w_hat != NULL;
  for (int i = 0; i < s->integrator->num_arrays; ++i) {
    s->work[i] = marl_fft_alloc_spectral(s->grid);
    complete = complete && s->work[i] != NULL;
  }
  if (s->integrator->has_factors) complete = complete && allocate_factors(s);
  return complete
             ? MARL_OK
             : MARL_FAIL(err, MARL_EMEMORY, "no memory for a flow on %d x %d points", p->nx, p->ny);
}

MarlCode marl_solver_create(const MarlSolverParams *params, MPI_Comm comm, MarlSolver **out,
                            MarlError *err) {
  *out = NULL;
  MARL_TRY(check_params(params, err));
  MarlSolver *s = calloc(1, sizeof *s);
  if (s == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a solver");
  s->params = *params;
  s->integrator = integrators[params->integrator];
  s->dt = s->chosen_dt = s->clock_dt = params->dt;
  const MarlCode code = marl_comm_agree(comm, build(s, comm, err), err);
  if (code != MARL_OK)
    marl_solver_destroy(&s);
  else
    *out = s;
  return code;
}

void marl_solver_destroy(MarlSolver **solver) {
  MarlSolver *s = *solver;
  if (s == NULL) return;
  marl_fft_free(s->w_hat);
  for (int i = 0; i < 3; ++i) marl_fft_free(s->work[i]);
  marl_fft_free(s->decay);
  marl_fft_free(s->rotation);
  for (int i = 0; i < MARL_NUM_FLOW_FIELDS; ++i) marl_fft_free(s->field[i]);
  marl_fft_free(s->psi_hat);
  marl_fft_free(s->subgrid.tau11);
  marl_fft_free(s->subgrid.tau12);
  marl_fft_free(s->subgrid.tendency);
  marl_fft_free(s->tau11_hat);
  marl_fft_free(s->tau12_hat);
  marl_advection_destroy(&s->advection);
  marl_column_lanes_destroy(&s->lanes);
  marl_products_destroy(&s->products);
  marl_fft_destroy(&s->kept_fft);
  marl_fft_destroy(&s->fft);
  marl_grid_destroy(&s->grid);
  free(s);
  *solver = NULL;
}

void marl_solver_set_closure(MarlSolver *s, MarlClosure *closure) {
  s->closure = closure;
}

void marl_solver_set_key(MarlSolver *s, MarlKey key) {
  s->params.key = key;
}

MarlCode marl_solver_change_flow(MarlSolver *s, const MarlSolverParams *params, MarlError *err) {
  const MarlGrid *grid = s->grid;
  int noise_modes = 0;
  MARL_TRY(
      marl_forcing_check(&params->forcing, grid, grid->kept_x, grid->kept_y, &noise_modes, err));
  const bool turns = s->integrator->has_factors && params->beta != 0 && s->rotation == NULL;
  const size_t count = (size_t)s->advection->pencil->columns * (size_t)grid->ny;
  if (turns && count > 0 && (s->rotation = fftw_alloc_complex(count)) == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "no memory for the waves of beta");
  s->params.viscosity = params->viscosity;
  s->params.linear_drag = params->linear_drag;
  s->params.beta = params->beta;
  s->params.forcing = params->forcing;
  s->noise_modes = noise_modes;
  s->factor_dt = 0; /* the linear factors are another flow's */
  s->has_memory = false;
  s->velocities_current = false; /* lanes have the forcing of before */
  return MARL_OK;
}

const MarlGrid *marl_solver_grid(const MarlSolver *s) {
  return s->grid;
}
MarlFft *marl_solver_fft(MarlSolver *s) {
  return s->fft;
}
const MarlSolverParams *marl_solver_params(const MarlSolver *s) {
  return &s->params;
}
double marl_solver_time(const MarlSolver *s) {
  return s->time;
}
int64_t marl_solver_steps(const MarlSolver *s) {
  return s->steps;
}
double marl_solver_dt(const MarlSolver *s) {
  return s->dt;
}
const MarlComplex *marl_solver_w_hat(const MarlSolver *s) {
  return s->w_hat;
}

/* only kept modes, no mean */
static void cut(MarlSolver *s) {
  const int ny = s->grid->ny, kept_y = s->grid->kept_y;
  for (int i = 0; i < s->grid->nk_local; ++i) {
    MarlComplex *column = s->w_hat + (ptrdiff_t)i * ny;
    const bool cut_all = s->grid->k0 + i >= s->grid->kept_x;
    const int first = cut_all ? 0 : kept_y, last = cut_all ? ny : ny - kept_y + 1;
    for (int j = first; j < last; ++j) column[j] = 0;
    if (s->grid->k0 + i == 0) column[0] = 0;
  }
}

static void start_again(MarlSolver *s) {
  cut(s);
  s->time = 0;
  s->steps = 0;
  s->dt = s->chosen_dt = s->clock_dt = s->params.dt;
  s->clock_time = 0;
  s->clock_steps = 0;
  s->has_memory = false;
  s->velocities_current = false;
}

MarlCode marl_solver_set_w_hat(MarlSolver *s, const MarlComplex *w_hat, MarlError *err) {
  bool finite = true;
  for (size_t i = 0; i < s->grid->num_spectral; ++i)
    finite = finite && isfinite(creal(w_hat[i])) && isfinite(cimag(w_hat[i]));
  memmove(s->w_hat, w_hat, s->grid->num_spectral * sizeof *w_hat);
  start_again(s);
  const MarlCode code =
      finite ? MARL_OK : MARL_FAIL(err, MARL_ENUMERIC, "the initial vorticity is not finite");
  return marl_comm_agree(s->grid->comm, code, err);
}

MarlCode marl_solver_set_vorticity(MarlSolver *s, const double *w, MarlError *err) {
  marl_fft_forward(s->fft, w, s->w_hat);
  return marl_solver_set_w_hat(s, s->w_hat, err);
}

/* A CFL number so many times its limit, in a flow that was below it ten steps ago, is no longer a
 * matter of a somewhat smaller step. */
static const double BLOW_UP = 10;

MarlCode marl_solver_check(MarlSolver *s, double speed, MarlError *err) {
  MPI_Allreduce(MPI_IN_PLACE, &speed, 1, MPI_DOUBLE, MPI_MAX, s->grid->comm);
  const double limit = s->integrator->cfl_limit;
  if (!isfinite(speed))
    return MARL_FAIL(err, MARL_ENUMERIC,
                     "the flow is not finite at step %lld, time %g (dt %g, CFL %.3g when last "
                     "checked): lower time.dt, or weaken a closure that feeds energy",
                     (long long)s->steps, s->time, s->dt, s->dt * s->speed);
  s->speed = speed;
  if (s->params.cfl > 0) {
    s->chosen_dt = speed * s->params.dt > s->params.cfl ? s->params.cfl / speed : s->params.dt;
    return MARL_OK;
  }
  if (s->steps > 0 && s->dt * speed > BLOW_UP * limit)
    return MARL_FAIL(err, MARL_ENUMERIC,
                     "the flow blows up: the CFL number is %.3g at step %lld, time %g with dt %g: "
                     "lower time.dt, or weaken a closure that feeds energy",
                     s->dt * speed, (long long)s->steps, s->time, s->dt);
  if (s->dt * speed > limit)
    return MARL_FAIL(err, MARL_ENUMERIC,
                     "the CFL number is %.3g at step %lld, time %g with dt %g, %s is unstable "
                     "beyond %g: set time.dt below %.2g",
                     s->dt * speed, (long long)s->steps, s->time, s->dt, s->integrator->name, limit,
                     0.5 * limit / speed);
  return MARL_OK;
}

/* The advection holds the velocities of w_hat and what the closure reads with them. */
static MarlCode begin_step(MarlSolver *s, MarlError *err) {
  const bool lanes = marl_solver_by_lanes(s);
  if (lanes != s->in_lanes) s->velocities_current = false;
  s->in_lanes = lanes;
  if (lanes) return marl_solver_lanes_begin(s, err);
  const unsigned rows = marl_solver_has_points(s) ? s->closure->ops->needs : 0;
  if (s->advection->folds_points && rows != s->advection->rows) {
    MARL_TRY(marl_advection_provide(s->advection, rows, err));
    s->velocities_current = false;
  }
  if (!s->velocities_current) marl_advection_set(s->advection, s->w_hat);
  return MARL_OK;
}

MarlCode marl_solver_check_dt(MarlSolver *s, MarlError *err) {
  if (s->params.cfl > 0) return MARL_OK;
  const MarlFlow *flow = marl_solver_flow(s, MARL_NEED_VELOCITY);
  if (flow == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for the velocities of a flow");
  const MarlGrid *g = s->grid;
  double speed = 0;
  for (size_t i = 0; i < g->num_physical; ++i)
    speed = fmax(speed, fabs(flow->u[i]) * g->nx / g->lx + fabs(flow->v[i]) * g->ny / g->ly);
  MPI_Allreduce(MPI_IN_PLACE, &speed, 1, MPI_DOUBLE, MPI_MAX, g->comm);
  const double limit = s->integrator->cfl_limit;
  if (s->params.dt * speed <= limit) return MARL_OK;
  return MARL_FAIL(
      err, MARL_ECONFIG,
      "dt = %g is too long a step: the field it begins with has a CFL number of %.3g on "
      "%d x %d points, %s is unstable beyond %g; take at most %.2g",
      s->params.dt, s->params.dt * speed, g->nx, g->ny, s->integrator->name, limit,
      0.5 * limit / speed);
}

double marl_solver_choose_dt(MarlSolver *s, double landing) {
  if (s->params.cfl > 0) {
    const double left = landing - s->time, slack = 1e-9 * s->chosen_dt;
    s->dt = s->chosen_dt;
    if (left < 2 * s->chosen_dt) s->dt = left / 2;
    if (left <= s->chosen_dt + slack) {
      s->dt = left;
      return landing;
    }
    return s->time + s->dt;
  }
  if (s->dt < s->clock_dt || s->dt > s->clock_dt) { /* another step after a restart */
    s->clock_time = s->time;
    s->clock_steps = s->steps;
    s->clock_dt = s->dt;
  }
  return s->clock_time + (double)(s->steps + 1 - s->clock_steps) * s->clock_dt;
}

/* `landing` lies ahead */
static MarlCode one_step(MarlSolver *s, double landing, MarlError *err) {
  MARL_TRY(begin_step(s, err));
  s->velocities_current = false; /* until the step is whole */
  if (!s->in_lanes) MARL_TRY(marl_solver_evaluate(s, s->w_hat, err));
  double speed = 0;
  const bool due = s->steps % MARL_SOLVER_CHECK_EVERY == 0;
  if (s->in_lanes)
    marl_solver_lanes_products(s, due ? &speed : NULL);
  else
    marl_solver_products(s, due ? &speed : NULL);
  if (due) MARL_TRY(marl_solver_check(s, speed, err));
  const double after = marl_solver_choose_dt(s, landing);
  if (s->in_lanes)
    marl_solver_lanes_advance(s);
  else
    MARL_TRY(s->integrator->step(s, err));
  s->velocities_current = true;
  s->time = after;
  s->steps += 1;
  return MARL_OK;
}

/* In eight sums, so that they are a vector. Modes that are not kept are zero. */
static bool is_finite(const MarlSolver *s) {
  enum { LANES = 8 };
  const size_t count = 2 * (size_t)s->advection->pencil->columns * (size_t)s->grid->ny;
  const double *w = (const double *)s->w_hat;
  double sum[LANES] = {0}, total = 0;
  for (size_t i = 0; i + LANES <= count; i += LANES)
    for (size_t l = 0; l < LANES; ++l) sum[l] += fabs(w[i + l]);
  for (size_t i = count / LANES * LANES; i < count; ++i) total += fabs(w[i]);
  for (int l = 0; l < LANES; ++l) total += sum[l];
  return isfinite(total);
}

MarlCode marl_solver_check_finite(const MarlSolver *s, MarlError *err) {
  int bad = !is_finite(s);
  MPI_Allreduce(MPI_IN_PLACE, &bad, 1, MPI_INT, MPI_MAX, s->grid->comm);
  if (bad == 0) return MARL_OK;
  return MARL_FAIL(err, MARL_ENUMERIC,
                   "the flow is not finite at step %lld, time %g (dt %g, CFL %.3g when last "
                   "checked): lower time.dt, or weaken a closure that feeds energy",
                   (long long)s->steps, s->time, s->dt, s->dt * s->speed);
}

MarlCode marl_solver_step(MarlSolver *s, int64_t n, MarlError *err) {
  MarlCode code = MARL_OK;
  for (int64_t i = 0; i < n && code == MARL_OK; ++i) code = one_step(s, (double)INFINITY, err);
  marl_solver_lanes_store(s);
  return n > 0 && code == MARL_OK ? marl_solver_check_finite(s, err) : code;
}

MarlCode marl_solver_step_until(MarlSolver *s, double until, double landing, MarlError *err) {
  bool moved = false;
  MarlCode code = MARL_OK;
  for (; code == MARL_OK; moved = true) {
    /* above the rounding of a time, below any step */
    const double slack = 1e-6 * (s->params.cfl > 0 ? s->chosen_dt : s->params.dt);
    if (!(until - s->time > slack)) break;
    const bool ahead = landing - s->time > slack;
    code = one_step(s, ahead ? landing : (double)INFINITY, err);
  }
  marl_solver_lanes_store(s);
  return moved && code == MARL_OK ? marl_solver_check_finite(s, err) : code;
}
