/* What the agents of a flow see, from its vorticity and streamfunction coefficients
 *
 * An observation is a list of blocks. A block says which derivatives of the flow it looks at and turns
 * their values at an agent's grid node, and scales of the whole flow, into a few dimensionless numbers.
 * Rows are agents, y slowest; columns are the chosen blocks in the order of the table, whatever the order
 * in which they were named. Computed in double, stored as float here.
 *
 * To add a block: envs/turbulence/observation_<name>.c, a line in observation_table.c, a test; or
 * marl_register_observation from a program of your own (docs/plugins.md). */
#ifndef MARL_ENVS_TURBULENCE_OBSERVATION_H
#define MARL_ENVS_TURBULENCE_OBSERVATION_H

#include "envs/turbulence/params.h"
#include "marl/core/plugin.h"
#include "physics/closure.h"

typedef struct MarlObserver MarlObserver;

enum { MARL_OBSERVATION_BANDS = 6, MARL_OBSERVATION_FIELDS = 5 };

/* A derivative d^(px+py) / dx^px dy^py of the vorticity w or the streamfunction psi; u = psi_y, v = -psi_x,
 * w = -lap psi. */
typedef struct MarlObservedField {
  enum { MARL_OF_VORTICITY, MARL_OF_STREAMFUNCTION } of;
  int px, py;
} MarlObservedField;

struct MarlObservationOps {
  MARL_PLUGIN;       /* formula: one line a column; no options */
  int num_columns;   /* 0: one for each wavenumber that the flow keeps */
  bool same_for_all; /* the same numbers for every agent: written once */
  bool needs_target; /* reads band_target */
  int num_fields;    /* <= MARL_OBSERVATION_FIELDS */
  MarlObservedField field[MARL_OBSERVATION_FIELDS];
  /* Of a block that is the same for all: a function of the values of the fields at a point, of which write()
   * gets the mean over the grid's points as at[0]. NULL: at is of the first agent. */
  double (*averaged)(const double *at);
  /* Columns of one agent, from the values of the fields at its node, at [num_fields]. */
  void (*write)(const MarlObserver *observer, const double *at, float *row);
};

/* The least number that is divided by, or that a logarithm sees: an empty band is far off, not minus
 * infinity. */
extern const double marl_observation_least;

enum { MARL_OBSERVER_FIELDS = 2 + MARL_MAX_OBSERVATIONS * MARL_OBSERVATION_FIELDS };

struct MarlObserver {
  const MarlGrid *grid; /* borrowed */
  int num_blocks;
  const MarlObservationOps *block[MARL_MAX_OBSERVATIONS];
  int agents;                                 /* a side */
  int dim;                                    /* columns */
  double band_target[MARL_OBSERVATION_BANDS]; /* target enstrophy of each band, 1/T^2 */
  /* of the last marl_observer_look */
  double viscosity;     /* nu of the flow, L^2/T */
  double beta;          /* of the flow, 1/(L T) */
  double *spectrum;     /* [n/2] enstrophy */
  double enstrophy;     /* <w^2>/2 */
  double vorticity_rms; /* = <|S|^2>^(1/2), |S|^2 = 2 S_ij S_ij */
  double gradient_mean; /* <|grad w|> */
  double gradient_rms;  /* <|grad w|^2>^(1/2) */
  MarlComplex *hat;     /* [nk, n] */
  /* every derivative that any block looks at, once; w_x and w_y of the last look come first */
  int num_fields;
  MarlObservedField looks_at[MARL_OBSERVER_FIELDS];
  double *field[MARL_OBSERVER_FIELDS]; /* [n, n] */
};

int marl_observation_columns(const MarlObservationOps *block, int kept);

/* `target` [kept_x] is the spectrum that bands are compared with; not kept, and NULL where no block needs one
 * (marl_observation_needs_target). */
MarlCode marl_observer_create(const MarlTurbulenceParams *params, const MarlGrid *grid,
                              const double *target, MarlObserver **out,
                              MarlError *err) MARL_NODISCARD;
void marl_observer_destroy(MarlObserver **observer);

/* Does a block compare the flow with a reference? */
bool marl_observation_needs_target(const MarlTurbulenceParams *params);

/* Spectrum and scales of the flow. Only grid, fft, w_hat, psi_hat, viscosity and beta of `flow` are used. */
void marl_observer_look(MarlObserver *observer, const MarlFlow *flow);
/* Observations obs [agents^2, dim] of the flow last looked at. */
void marl_observer_write(MarlObserver *observer, const MarlFlow *flow, float *obs);

/* First wavenumber of a band, 0 .. MARL_OBSERVATION_BANDS, where num_k are kept; the last is num_k. */
int marl_observation_band_begin(int band, int num_k);
/* Sums of an enstrophy spectrum [num_k] over bands of the kept wavenumbers, 1/T^2. */
void marl_observation_bands(const double *spectrum, int num_k,
                            double bands[MARL_OBSERVATION_BANDS]);

/* The blocks by name (observation_table.c) and those that a program has registered. */
extern MarlKind marl_kind_observations;
MarlCode marl_register_observation(const MarlObservationOps *ops, MarlError *err) MARL_NODISCARD;

#endif
