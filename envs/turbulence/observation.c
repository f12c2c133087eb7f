#include "envs/turbulence/observation.h"

#include <math.h>
#include <stdlib.h>

#include "physics/spectrum.h"

const double marl_observation_least = 1e-30;

/* Bands of the kept wavenumbers, as parts of the cutoff: 0-1, 2-3, 4-5, 6-8, 9-11, 12-15 at n = 32, padded. */
static const double band_edges[MARL_OBSERVATION_BANDS + 1] = {
    0, 2.0 / 16, 4.0 / 16, 6.0 / 16, 9.0 / 16, 12.0 / 16, 1};

int marl_observation_band_begin(int band, int num_k) {
  return (int)ceil(band_edges[band] * num_k - 1e-9);
}

void marl_observation_bands(const double *spectrum, int num_k,
                            double bands[MARL_OBSERVATION_BANDS]) {
  for (int b = 0; b < MARL_OBSERVATION_BANDS; ++b) {
    bands[b] = marl_observation_least;
    for (int k = marl_observation_band_begin(b, num_k);
         k < marl_observation_band_begin(b + 1, num_k); ++k)
      bands[b] += (k == 0 ? 1 : 2) * spectrum[k];
  }
}

int marl_observation_columns(const MarlObservationOps *block, int kept) {
  return block->num_columns > 0 ? block->num_columns : kept;
}

static int columns_of(const MarlObserver *observer, const MarlObservationOps *block) {
  return marl_observation_columns(block, observer->grid->kept_x);
}

/* Number of a derivative among the observer's fields, where it is added if it is not there. */
static int number_of(MarlObserver *observer, MarlObservedField look) {
  int f = 0;
  for (; f < observer->num_fields; ++f) {
    const MarlObservedField *known = &observer->looks_at[f];
    if (known->of == look.of && known->px == look.px && known->py == look.py) return f;
  }
  observer->looks_at[observer->num_fields++] = look;
  return f;
}

static void take_blocks(MarlObserver *observer, const MarlTurbulenceParams *params) {
  number_of(observer, (MarlObservedField){MARL_OF_VORTICITY, 1, 0});
  number_of(observer, (MarlObservedField){MARL_OF_VORTICITY, 0, 1});
  observer->num_blocks = params->num_observations;
  for (int b = 0; b < observer->num_blocks; ++b) {
    const MarlObservationOps *block = observer->block[b] = params->observation[b];
    observer->dim += columns_of(observer, block);
    for (int f = 0; f < block->num_fields; ++f) number_of(observer, block->field[f]);
  }
}

bool marl_observation_needs_target(const MarlTurbulenceParams *params) {
  for (int b = 0; b < params->num_observations; ++b)
    if (params->observation[b]->needs_target) return true;
  return false;
}

MarlCode marl_observer_create(const MarlTurbulenceParams *params, const MarlGrid *grid,
                              const double *target, MarlObserver **out, MarlError *err) {
  MarlObserver *made = calloc(1, sizeof *made);
  if (made == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for observations");
  made->grid = grid;
  made->agents = params->agents;
  take_blocks(made, params);
  if (target != NULL) marl_observation_bands(target, grid->kept_x, made->band_target);
  made->spectrum = calloc((size_t)grid->nx / 2, sizeof *made->spectrum);
  made->hat = marl_fft_alloc_spectral(grid);
  bool whole = made->spectrum != NULL && made->hat != NULL;
  for (int f = 0; f < made->num_fields; ++f) {
    made->field[f] = marl_fft_alloc_physical(grid);
    whole = whole && made->field[f] != NULL;
  }
  if (!whole) {
    marl_observer_destroy(&made);
    return MARL_FAIL(err, MARL_EMEMORY, "no memory for observations of %d x %d", grid->nx,
                     grid->ny);
  }
  *out = made;
  return MARL_OK;
}

void marl_observer_destroy(MarlObserver **observer) {
  MarlObserver *made = *observer;
  if (made == NULL) return;
  free(made->spectrum);
  marl_fft_free(made->hat);
  for (int f = 0; f < made->num_fields; ++f) marl_fft_free(made->field[f]);
  free(made);
  *observer = NULL;
}

/* field = real part of sum (i kx)^px (i ky)^py q_hat exp(i k.x). */
static void derivative(MarlObserver *observer, const MarlFlow *flow, const MarlComplex *q_hat,
                       int px, int py, double *field) {
  static const MarlComplex powers_of_i[] = {1, I, -1, -I};
  const MarlGrid *grid = observer->grid;
  const MarlComplex unit = powers_of_i[(px + py) % 4];
  for (int i = 0; i < grid->nk_local; ++i)
    for (int j = 0; j < grid->ny; ++j) {
      const size_t at = (size_t)i * (size_t)grid->ny + (size_t)j;
      double factor = 1;
      for (int p = 0; p < px; ++p) factor *= grid->kx[i];
      for (int p = 0; p < py; ++p) factor *= grid->ky[j];
      observer->hat[at] = unit * factor * q_hat[at];
    }
  marl_fft_inverse(flow->fft, observer->hat, field);
}

void marl_observer_look(MarlObserver *observer, const MarlFlow *flow) {
  const MarlGrid *grid = observer->grid;
  const size_t points = grid->num_physical;
  observer->viscosity = flow->viscosity;
  observer->beta = flow->beta;
  marl_spectrum(grid, flow->w_hat, observer->spectrum);
  derivative(observer, flow, flow->w_hat, 1, 0, observer->field[0]);
  derivative(observer, flow, flow->w_hat, 0, 1, observer->field[1]);
  double sum1 = 0, sum2 = 0;
  for (size_t i = 0; i < points; ++i) {
    const double x = observer->field[0][i], y = observer->field[1][i], square = x * x + y * y;
    sum1 += sqrt(square);
    sum2 += square;
  }
  observer->gradient_mean = sum1 / (double)points;
  observer->gradient_rms = sqrt(sum2 / (double)points);
  observer->enstrophy = observer->spectrum[0];
  for (int k = 1; k < grid->kept_x; ++k) observer->enstrophy += 2 * observer->spectrum[k];
  observer->vorticity_rms = sqrt(2 * observer->enstrophy);
}

/* Node of agent a in a field [n, n]. */
static size_t node(const MarlObserver *observer, int agent) {
  const int n = observer->grid->nx, spacing = n / observer->agents;
  return (size_t)(agent / observer->agents * spacing) * (size_t)n +
         (size_t)(agent % observer->agents * spacing);
}

/* Values of a block's fields at a point. */
static void read_fields(const MarlObserver *observer, const int *number, int num_fields, size_t i,
                        double *at) {
  for (int f = 0; f < num_fields; ++f) at[f] = observer->field[number[f]][i];
}

static double average(const MarlObserver *observer, const MarlObservationOps *block,
                      const int *number) {
  const size_t points = observer->grid->num_physical;
  double at[MARL_OBSERVATION_FIELDS], sum = 0;
  for (size_t i = 0; i < points; ++i) {
    read_fields(observer, number, block->num_fields, i, at);
    sum += block->averaged(at);
  }
  return sum / (double)points;
}

static void write_block(MarlObserver *observer, const MarlObservationOps *block, int column,
                        float *obs) {
  const int agents = observer->agents * observer->agents, columns = columns_of(observer, block);
  int number[MARL_OBSERVATION_FIELDS];
  double at[MARL_OBSERVATION_FIELDS];
  for (int f = 0; f < block->num_fields; ++f) number[f] = number_of(observer, block->field[f]);
  for (int a = 0; a < agents; ++a) {
    float *row = obs + (ptrdiff_t)a * observer->dim + column;
    if (block->same_for_all && a > 0) {
      for (int c = 0; c < columns; ++c) row[c] = obs[column + c];
      continue;
    }
    read_fields(observer, number, block->num_fields, node(observer, a), at);
    if (block->averaged != NULL) at[0] = average(observer, block, number);
    block->write(observer, at, row);
  }
}

void marl_observer_write(MarlObserver *observer, const MarlFlow *flow, float *obs) {
  for (int f = 2; f < observer->num_fields; ++f) {
    const MarlObservedField look = observer->looks_at[f];
    const MarlComplex *q_hat = look.of == MARL_OF_VORTICITY ? flow->w_hat : flow->psi_hat;
    derivative(observer, flow, q_hat, look.px, look.py, observer->field[f]);
  }
  for (int b = 0, column = 0; b < observer->num_blocks; ++b) {
    write_block(observer, observer->block[b], column, obs);
    column += columns_of(observer, observer->block[b]);
  }
}
