/* Steps of ifab2 whose columns are lanes (column_lanes.h): flows without a closure, in Basdevant's form. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "marl/core/comm.h"
#include "physics/closure_table.h"
#include "physics/column_lanes.h"
#include "physics/forcing.h"
#include "physics/solver_internal.h"

bool marl_solver_by_lanes(const MarlSolver *s) {
  const bool bare = s->closure == NULL || s->closure->ops == &marl_closure_none;
  return bare && s->integrator == &marl_integrator_ifab2 &&
         s->params.advection == MARL_ADVECTION_BASDEVANT &&
         s->grid->transform == MARL_TRANSFORM_CODELETS && marl_column_lanes_have(s->grid);
}

/* Modes of the steady forcing, found by adding it to nothing. */
static bool load_forcing(MarlSolver *s, MarlComplex *column) {
  MarlColumnLanes *l = s->lanes;
  const int ny = s->grid->ny, width = l->ops->lines->width, modes = 2 * l->kept - 1;
  free(l->force);
  l->force = NULL;
  for (int pass = 0; pass < 2; ++pass) {
    l->num_forces = 0;
    for (int c = 0; c < l->columns; ++c) {
      memset(column, 0, (size_t)ny * sizeof *column);
      marl_forcing_add(&s->params.forcing, s->grid, c, column);
      for (int j = 0; j < modes; ++j) {
        const MarlComplex f = column[j < l->kept ? j : ny + j - modes];
        if (creal(f) == 0 && cimag(f) == 0) continue;
        const int b = c / width;
        if (pass == 1)
          l->force[l->num_forces] = (MarlLaneForce){
              b, ((ptrdiff_t)b * modes + j) * 2 * width + c % width, creal(f), cimag(f)};
        ++l->num_forces;
      }
    }
    if (pass == 0) l->force = calloc((size_t)l->num_forces + 1, sizeof *l->force);
    if (l->force == NULL) return false;
  }
  return true;
}

static MarlCode load(MarlSolver *s, MarlError *err) {
  if (s->lanes != NULL && (s->lanes->rotation != NULL) != (s->rotation != NULL))
    marl_column_lanes_destroy(&s->lanes);
  if (s->lanes == NULL)
    MARL_TRY(marl_column_lanes_create(s->grid, s->rotation != NULL, NULL, &s->lanes, err));
  const MarlColumnLanes *l = s->lanes;
  const MarlCode code =
      load_forcing(s, s->advection->n_column)
          ? MARL_OK
          : MARL_FAIL(err, MARL_EMEMORY, "no memory for %d modes of a forcing", l->num_forces);
  MARL_TRY(marl_comm_agree(s->grid->comm, code, err));
  marl_column_lanes_load(l, s->w_hat, l->w);
  marl_column_lanes_load(l, s->work[0], l->old);
  s->lane_factors = false;
  for (int b = 0; b < l->blocks; ++b) l->ops->begin(l, b);
  marl_column_lanes_to_rows(l);
  return MARL_OK;
}

MarlCode marl_solver_lanes_begin(MarlSolver *s, MarlError *err) {
  if (!s->velocities_current) MARL_TRY(load(s, err));
  return MARL_OK;
}

void marl_solver_lanes_products(MarlSolver *s, double *speed) {
  const MarlGrid *grid = s->grid;
  MarlLineSpeed found = {.per_re = grid->nx / grid->lx, .per_im = grid->ny / grid->ly};
  s->lanes->ops->square(s->lanes, speed != NULL ? &found : NULL);
  if (speed != NULL) *speed = isfinite(found.sum) ? found.largest : INFINITY;
}

static void load_factors(MarlSolver *s) {
  const MarlColumnLanes *l = s->lanes;
  if (!marl_ifab2_factors(s) && s->lane_factors) return;
  marl_column_lanes_load_even(l, 1, s->decay, l->decay);
  if (l->rotation != NULL)
    marl_column_lanes_load_even(l, 2, (const double *)s->rotation, l->rotation);
  s->lane_factors = true;
}

/* Kicks of the columns of block b, found by kicking nothing. */
static void kick(MarlSolver *s, int b) {
  const MarlColumnLanes *l = s->lanes;
  const int ny = s->grid->ny, width = l->ops->lines->width, modes = 2 * l->kept - 1;
  MarlComplex *column = s->advection->n_column;
  for (int c = b * width; c < (b + 1) * width && c < l->columns; ++c) {
    memset(column, 0, (size_t)ny * sizeof *column);
    marl_forcing_kick(&s->params.forcing, s->grid, s->noise_modes, s->params.key, s->steps, s->dt,
                      c, column);
    double *w = l->w + (ptrdiff_t)b * modes * 2 * width + c % width;
    for (int j = 0; j < modes; ++j) {
      const double *by = (const double *)&column[j < l->kept ? j : ny + j - modes];
      w[2 * j * width] += by[0];
      w[(2 * j + 1) * width] += by[1];
    }
  }
}

void marl_solver_lanes_advance(MarlSolver *s) {
  MarlColumnLanes *l = s->lanes;
  const int width = l->ops->lines->width;
  const double newest = s->has_memory ? 1.5 * s->dt : s->dt;
  const double oldest = s->has_memory ? 0.5 * s->dt : 0;
  const bool noise = marl_forcing_has_noise(&s->params.forcing);
  load_factors(s);
  marl_column_lanes_to_columns(l);
  const MarlLaneForce *force = l->force, *end = force + l->num_forces;
  for (int b = 0; b < l->blocks; ++b) {
    l->ops->finish(l, b);
    for (; force < end && force->block == b; ++force) {
      l->now[force->at] += force->re;
      l->now[force->at + width] += force->im;
    }
    l->ops->update(l, b, newest, oldest);
    if (b == 0 && s->grid->k0 == 0) l->w[0] = l->w[width] = 0; /* no mean */
    if (noise) kick(s, b);
    l->ops->begin(l, b);
  }
  marl_column_lanes_to_rows(l);
  double *older = l->old;
  l->old = l->now;
  l->now = older;
  s->has_memory = true;
  s->lanes_ahead = true;
}

void marl_solver_lanes_store(MarlSolver *s) {
  if (!s->lanes_ahead) return;
  marl_column_lanes_store(s->lanes, s->lanes->w, s->w_hat);
  marl_column_lanes_store(s->lanes, s->lanes->old, s->work[0]);
  s->lanes_ahead = false;
}
