/* A closure of the tests, whose coefficients vary in space and are held: tau = -2 sum nu_t L_t S with all
 * five terms, set at random every seven steps. */
#ifndef MARL_TESTS_PHYSICS_VARYING_CLOSURE_H
#define MARL_TESTS_PHYSICS_VARYING_CLOSURE_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "marl/core/rng.h"
#include "physics/closure.h"

typedef struct Varying {
  MarlClosure base;
  const MarlGrid *grid;
  int64_t set_at; /* -1: never */
  double *nu, *strain[2];
} Varying;

static const MarlDampingTerm varying_terms[] = {MARL_DAMPING_LAPLACIAN, MARL_DAMPING_BIHARMONIC,
                                                MARL_DAMPING_TRIHARMONIC, MARL_DAMPING_CUTOFF,
                                                MARL_DAMPING_RIM};
static const double varying_size[] = {-2e-4, 1e-5, 1e-7, 0.05, 0.05};

static inline void held_now(const Varying *v, MarlHeldDamping *out) {
  *out = (MarlHeldDamping){.uniform = {1e-3, 1e-6, 1e-9, 0.1, 0.2}, .num_terms = 5, .steps = 0};
  for (int t = 0; t < 5; ++t) {
    out->term[t] = varying_terms[t];
    out->field[t] = v->nu + (size_t)t * v->grid->num_physical;
  }
}

static inline bool varying_held(const MarlClosure *closure, int64_t step, MarlHeldDamping *out) {
  const Varying *v = (const Varying *)closure;
  held_now(v, out);
  if (v->set_at < 0 || step >= v->set_at + 7) return false;
  out->steps = v->set_at + 7 - step;
  return true;
}

/* L s11, L s12 by their definition: derivatives of psi, mode by mode. */
static inline void strain_of(const Varying *v, const MarlFlow *flow, MarlDampingTerm term) {
  const MarlGrid *g = v->grid;
  MarlComplex *hat = marl_fft_alloc_spectral(g);
  for (int which = 0; which < 2; ++which) {
    for (int i = 0; i < g->nk_local; ++i)
      for (int j = 0; j < g->ny; ++j) {
        const size_t at = (size_t)i * (size_t)g->ny + (size_t)j;
        const double kx = g->kx[i], ky = g->ky[j], k2 = g->k2[at];
        const double edge = g->edge_x[i] + g->edge_y[j];
        const double rim = g->rim_x[i] + g->rim_y[j];
        const double all[] = {1, k2, k2 * k2, k2 > 0 ? edge / k2 : 0, k2 > 0 ? rim / k2 : 0};
        hat[at] =
            all[term] * (which == 0 ? -kx * ky : 0.5 * (kx * kx - ky * ky)) * flow->psi_hat[at];
      }
    marl_fft_inverse(flow->fft, hat, v->strain[which]);
  }
  marl_fft_free(hat);
}

static inline MarlCode varying_evaluate(MarlClosure *closure, const MarlFlow *flow,
                                        MarlSubgrid *out, MarlError *err) {
  Varying *v = (Varying *)closure;
  const size_t n = v->grid->num_physical;
  MarlHeldDamping held;
  (void)err;
  if (!varying_held(closure, flow->step, &held)) {
    v->set_at = flow->step;
    for (size_t i = 0; i < 5 * n; ++i)
      v->nu[i] = varying_size[i / n] * marl_normal(marl_key(3, MARL_STREAM_INIT),
                                                   (uint64_t)i + 8192 * (uint64_t)flow->step);
  }
  held_now(v, &held);
  out->uniform = held.uniform;
  memset(out->tau11, 0, n * sizeof(double));
  memset(out->tau12, 0, n * sizeof(double));
  for (int t = 0; t < 5; ++t) {
    strain_of(v, flow, held.term[t]);
    for (size_t i = 0; i < n; ++i) {
      out->tau11[i] -= 2 * held.field[t][i] * v->strain[0][i];
      out->tau12[i] -= 2 * held.field[t][i] * v->strain[1][i];
    }
  }
  out->has_stress = true;
  return MARL_OK;
}

static inline void varying_destroy(MarlClosure *closure) {
  Varying *v = (Varying *)closure;
  marl_fft_free(v->nu);
  marl_fft_free(v->strain[0]);
  marl_fft_free(v->strain[1]);
  free(v);
}

static const MarlClosureOps varying_ops = {.name = "varying",
                                           .stress = true,
                                           .held = varying_held,
                                           .destroy = varying_destroy,
                                           .evaluate = varying_evaluate};

static inline MarlClosure *varying_create(const MarlGrid *grid) {
  Varying *v = calloc(1, sizeof *v);
  v->base.ops = &varying_ops;
  v->grid = grid;
  v->set_at = -1;
  v->nu = calloc(5 * grid->num_physical, sizeof *v->nu);
  v->strain[0] = marl_fft_alloc_physical(grid);
  v->strain[1] = marl_fft_alloc_physical(grid);
  return &v->base;
}

#endif
