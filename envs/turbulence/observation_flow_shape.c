#include <math.h>

#include "envs/turbulence/observation.h"

/* Wider than what any flow of the suite shows: a number beyond says no more than the bound. */
static const double scale_least = -1.5, scale_most = 2, size_most = 2, slope_least = -3,
                    slope_most = 1;

static double within(double x, double least, double most) {
  return fmax(least, fmin(most, x));
}

static void write(const MarlObserver *o, const double *at, float *row) {
  const double least = marl_observation_least, delta = marl_grid_delta(o->grid);
  const int kept = o->grid->kept_x;
  const double scale =
      log((delta * delta * o->gradient_rms * o->gradient_rms + least) / (2 * o->enstrophy + least));
  double low = least, high = least;
  (void)at;
  for (int k = 0; k < kept; ++k) {
    if (4 * k >= kept && 2 * k < kept) low += o->spectrum[k];
    if (2 * k >= kept && 4 * k < 3 * kept) high += o->spectrum[k];
  }
  row[0] = (float)within(scale, scale_least, scale_most);
  row[1] = (float)within(log2(kept / 16.0), 0, size_most);
  row[2] = (float)within(log(high / low), slope_least, slope_most);
}

const MarlObservationOps marl_observation_flow_shape = {
    .name = "flow_shape",
    .summary =
        "how near the cut is to the flow's own scales, without a reference, the same for all "
        "agents",
    .formula =
        "log(Delta^2 G^2/<w^2>), cut at -1.5 and 2, G = <|grad w|^2>^(1/2): the mean wavenumber, "
        "which\n"
        "flow_regime saturates\n"
        "log2(K/16), cut at 0 and 2, K wavenumbers kept: the size of the box in grid points\n"
        "log of the enstrophy spectrum's sum over K/2 <= k < 3K/4 over that of K/4 <= k < K/2, cut "
        "at\n"
        "-3 and 1: its slope",
    .num_columns = 3,
    .same_for_all = true,
    .write = write,
};
