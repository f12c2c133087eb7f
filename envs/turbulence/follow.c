#include "envs/turbulence/follow.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "physics/spectrum.h"

/* 1/2 |w(x, ky)|^2 at point x, added to out [num_k]. */
static void add_point(const MarlGrid *grid, const MarlComplex *w_hat, double x, double scale,
                      double *out) {
  for (int j = 0; j < grid->ny / 2; ++j) {
    MarlComplex here = w_hat[j];
    for (int i = 1; i < grid->nx / 2; ++i) {
      const MarlComplex turn = CMPLX(cos(grid->kx[i] * x), sin(grid->kx[i] * x));
      const MarlComplex plus = w_hat[(ptrdiff_t)i * grid->ny + j];
      /* w(-kx, ky) = conj w(kx, -ky) */
      const MarlComplex minus = conj(w_hat[(ptrdiff_t)i * grid->ny + (grid->ny - j) % grid->ny]);
      here += turn * plus + conj(turn) * minus;
    }
    out[j] += 0.5 * scale * (creal(here) * creal(here) + cimag(here) * cimag(here));
  }
}

void marl_follow_regional(const MarlGrid *grid, const MarlComplex *w_hat, int strips, double *out) {
  const int n = grid->nx, num_k = n / 2;
  double whole[MARL_FOLLOW_MOST_K];
  marl_spectrum(grid, w_hat, whole);
  for (int k = 0; k < num_k; ++k) out[k] += whole[k];
  if (strips == 0) return;
  const int wide = n / strips;
  for (int x = 0; x < n; ++x) {
    const int strip = (x + wide / 2) / wide % strips;
    add_point(grid, w_hat, grid->lx * x / n, 1.0 / wide, out + (1 + strip) * num_k);
  }
}

/* A run under way. */
typedef struct Run {
  const MarlFollowPlan *plan;
  const MarlChangingFlow *flow;
  MarlSolver *solver;
  int phase;
  MarlGrid *cut;        /* the grid of the LES */
  MarlComplex *cut_hat; /* [n/2 + 1, n] */
} Run;

static MarlCode begin(Run *run, const MarlFollowPlan *plan, const MarlChangingFlow *flow,
                      int member, MarlError *err) {
  const MarlSolverParams *les = &plan->les.phase[0];
  MarlSolverParams first = flow->phase[0];
  first.key = marl_key_fold(first.key, (uint64_t)member);
  *run = (Run){.plan = plan, .flow = flow};
  MARL_TRY(marl_solver_create(&first, MPI_COMM_SELF, &run->solver, err));
  MARL_TRY(marl_grid_create(les->nx, les->ny, les->lx, les->ly, MPI_COMM_SELF, &run->cut, err));
  run->cut_hat = marl_fft_alloc_spectral(run->cut);
  return run->cut_hat != NULL ? MARL_OK : MARL_FAIL(err, MARL_EMEMORY, "no memory for a field");
}

static void end(Run *run) {
  marl_fft_free(run->cut_hat);
  marl_grid_destroy(&run->cut);
  marl_solver_destroy(&run->solver);
}

static void cut(Run *run) {
  marl_spectral_resize(marl_solver_grid(run->solver), marl_solver_w_hat(run->solver), run->cut,
                       run->cut_hat);
}

/* Sum s of window v is taken at times v window + every, ..., (v + 1) window. */
static MarlCode sample(Run *run, bool (*stop)(void), double *spectra, double *reached,
                       MarlError *err) {
  const MarlFollowPlan *plan = run->plan;
  const size_t size = (size_t)marl_follow_regions(plan) * (size_t)plan->num_k;
  const int samples = (int)llround(plan->window / plan->every);
  memset(spectra, 0, marl_follow_size(plan) * sizeof *spectra);
  for (int v = 0; v < plan->num_windows; ++v) {
    double *window = spectra + (size_t)v * size;
    for (int s = 1; s <= samples; ++s) {
      if (stop != NULL && stop()) return MARL_FAIL(err, MARL_ESTOPPED, "asked to stop");
      *reached = v * plan->window + s * plan->every;
      MARL_TRY(marl_changing_flow_step_until(run->flow, run->solver, &run->phase, *reached, err));
      cut(run);
      marl_follow_regional(run->cut, run->cut_hat, plan->strips, window);
    }
    for (size_t i = 0; i < size; ++i) window[i] /= samples;
  }
  return MARL_OK;
}

static MarlCode spin_up(Run *run, int member, bool (*stop)(void), double *start, MarlError *err) {
  const MarlFollowPlan *plan = run->plan;
  MarlInitial initial = plan->initial;
  initial.key = marl_key_fold(initial.key, (uint64_t)member);
  MARL_TRY(marl_initial_apply(&initial, run->solver, err));
  while (marl_solver_time(run->solver) < plan->spinup * (1 - 1e-9)) {
    if (stop != NULL && stop()) return MARL_FAIL(err, MARL_ESTOPPED, "asked to stop");
    const double next = fmin(marl_solver_time(run->solver) + plan->every, plan->spinup);
    MARL_TRY(marl_solver_step_until(run->solver, next, plan->spinup, err));
  }
  MARL_TRY(marl_solver_set_w_hat(run->solver, marl_solver_w_hat(run->solver), err)); /* time 0 */
  cut(run);
  MarlFft *fft = NULL;
  MARL_TRY(marl_fft_create(run->cut, &fft, err));
  marl_fft_inverse(fft, run->cut_hat, start);
  marl_fft_destroy(&fft);
  return MARL_OK;
}

MarlCode marl_follow_direct(const MarlFollowPlan *plan, int member, bool (*stop)(void),
                            double *spectra, double *start, MarlError *err) {
  Run run;
  double reached = 0;
  MarlCode code = begin(&run, plan, &plan->direct, member, err);
  if (code == MARL_OK) code = spin_up(&run, member, stop, start, err);
  if (code == MARL_OK) code = sample(&run, stop, spectra, &reached, err);
  end(&run);
  return code;
}

/* Windows of a run that blew up at time `reached`. */
static void forget_from(const MarlFollowPlan *plan, double reached, double *spectra) {
  const size_t size = (size_t)marl_follow_regions(plan) * (size_t)plan->num_k;
  for (int v = 0; v < plan->num_windows; ++v)
    if ((v + 1) * plan->window > reached - 0.5 * plan->every)
      for (size_t i = 0; i < size; ++i) spectra[(size_t)v * size + i] = (double)NAN;
}

MarlCode marl_follow_les(const MarlFollowPlan *plan, const MarlScoreRow *closure, int member,
                         const double *start, bool (*stop)(void), double *spectra, double *blow_up,
                         MarlError *err) {
  Run run;
  MarlClosure *made = NULL;
  MarlError failure;
  double reached = 0;
  *blow_up = (double)NAN;
  MarlCode code = begin(&run, plan, &plan->les, member, err);
  if (code == MARL_OK)
    code = closure->closure->create(marl_solver_grid(run.solver), closure->options, &made, err);
  if (code == MARL_OK) {
    marl_solver_set_closure(run.solver, made);
    code = marl_solver_set_vorticity(run.solver, start, err);
  }
  if (code == MARL_OK) {
    code = sample(&run, stop, spectra, &reached, &failure);
    if (code == MARL_ENUMERIC) {
      *blow_up = reached;
      forget_from(plan, reached, spectra);
      code = MARL_OK;
    } else if (code != MARL_OK && err != NULL) {
      *err = failure;
    }
  }
  end(&run);
  if (made != NULL) made->ops->destroy(made);
  return code;
}
