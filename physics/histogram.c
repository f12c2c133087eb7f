#include "physics/histogram.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "physics/in_turn.h"

MarlCode marl_histogram_init(MarlHistogram *histogram, double range, int bins, MarlError *err) {
  *histogram = (MarlHistogram){.range = range, .bins = bins};
  if (!(range > 0.0) || bins < 2)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "a histogram of %d bins on +-%g: choose at least 2 bins and a positive range",
                     bins, range);
  const size_t size = (size_t)bins + 2;
  histogram->counts = calloc(2 * size, sizeof *histogram->counts);
  if (histogram->counts == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "no memory for a histogram of %d bins", bins);
  histogram->fresh = histogram->counts + size;
  return MARL_OK;
}

void marl_histogram_clear(MarlHistogram *histogram) {
  free(histogram->counts);
  *histogram = (MarlHistogram){.range = 0.0};
}

void marl_histogram_add(MarlHistogram *histogram, MPI_Comm comm, size_t n, const double *values) {
  const int size = histogram->bins + 2;
  const double scale = histogram->bins / (2.0 * histogram->range);
  double sums[MARL_HISTOGRAM_MOMENTS] = {0.0};
  int64_t count = (int64_t)n;
  memset(histogram->fresh, 0, (size_t)size * sizeof *histogram->fresh);
  for (size_t i = 0; i < n; ++i) {
    const double q = values[i];
    const double at = (q + histogram->range) * scale;
    // 0 holds the values below, bins + 1 the ones above
    const int bin = at < 0.0 ? 0 : at < histogram->bins ? 1 + (int)at : size - 1;
    ++histogram->fresh[bin];
  }
  marl_in_turn_begin(comm, MARL_HISTOGRAM_MOMENTS, sums);
  for (size_t i = 0; i < n; ++i) {
    const double q = values[i];
    sums[0] += q;
    sums[1] += q * q;
    sums[2] += q * q * q;
    sums[3] += q * q * q * q;
  }
  marl_in_turn_end(comm, MARL_HISTOGRAM_MOMENTS, sums);
  MPI_Allreduce(MPI_IN_PLACE, histogram->fresh, size, MPI_INT64_T, MPI_SUM, comm);
  MPI_Allreduce(MPI_IN_PLACE, &count, 1, MPI_INT64_T, MPI_SUM, comm);
  for (int bin = 0; bin < size; ++bin) histogram->counts[bin] += histogram->fresh[bin];
  for (int m = 0; m < MARL_HISTOGRAM_MOMENTS; ++m) histogram->sums[m] += sums[m];
  histogram->total += count;
}

static double bin_width(const MarlHistogram *histogram) {
  return 2.0 * histogram->range / histogram->bins;
}

double marl_histogram_center(const MarlHistogram *histogram, int bin) {
  return -histogram->range + (bin + 0.5) * bin_width(histogram);
}

double marl_histogram_density(const MarlHistogram *histogram, int bin) {
  if (histogram->total == 0) return 0.0;
  return (double)histogram->counts[bin + 1] / ((double)histogram->total * bin_width(histogram));
}

/* <q^power> */
static double raw_moment(const MarlHistogram *histogram, int power) {
  return histogram->total == 0 ? 0.0 : histogram->sums[power - 1] / (double)histogram->total;
}

double marl_histogram_deviation(const MarlHistogram *histogram) {
  const double mean = raw_moment(histogram, 1);
  return sqrt(fmax(raw_moment(histogram, 2) - mean * mean, 0.0));
}

double marl_histogram_skewness(const MarlHistogram *histogram) {
  const double mean = raw_moment(histogram, 1), deviation = marl_histogram_deviation(histogram);
  if (deviation == 0.0) return 0.0;
  const double third =
      raw_moment(histogram, 3) - 3.0 * mean * raw_moment(histogram, 2) + 2.0 * mean * mean * mean;
  return third / (deviation * deviation * deviation);
}

double marl_histogram_kurtosis(const MarlHistogram *histogram) {
  const double mean = raw_moment(histogram, 1), deviation = marl_histogram_deviation(histogram);
  if (deviation == 0.0) return 0.0;
  const double square = mean * mean;
  const double fourth = raw_moment(histogram, 4) - 4.0 * mean * raw_moment(histogram, 3) +
                        6.0 * square * raw_moment(histogram, 2) - 3.0 * square * square;
  return fourth / (deviation * deviation * deviation * deviation);
}

bool marl_histogram_fits(const MarlHistogram *histogram, double threshold) {
  const int64_t outside = histogram->counts[0] + histogram->counts[histogram->bins + 1];
  return (outside == 0 || threshold <= histogram->range) &&
         4 * bin_width(histogram) <= marl_histogram_deviation(histogram);
}

double marl_histogram_tail(const MarlHistogram *histogram, double threshold) {
  if (histogram->total == 0) return 0.0;
  if (!marl_histogram_fits(histogram, threshold)) return (double)NAN;
  const double width = bin_width(histogram);
  double tail = (double)(histogram->counts[0] + histogram->counts[histogram->bins + 1]);
  for (int bin = 0; bin < histogram->bins; ++bin) {
    const double low = -histogram->range + bin * width, high = low + width;
    const double above = (high - fmin(fmax(threshold, low), high)) / width;
    const double below = (fmax(fmin(-threshold, high), low) - low) / width;
    tail += (above + below) * (double)histogram->counts[bin + 1];
  }
  return tail / (double)histogram->total;
}

MarlCode marl_histogram_save(const MarlHistogram *histogram, MarlStore *to, MarlError *err) {
  const size_t size = (size_t)histogram->bins + 2;
  const MarlArray counts = {.type = MARL_I64, .rank = 1, .shape = {size}};
  const MarlArray total = {.type = MARL_I64};
  const MarlArray range = {.type = MARL_F64};
  const MarlArray sums = {.type = MARL_F64, .rank = 1, .shape = {MARL_HISTOGRAM_MOMENTS}};
  MARL_TRY(marl_store_write(to, "range", &range, &histogram->range, err));
  MARL_TRY(marl_store_write(to, "counts", &counts, histogram->counts, err));
  MARL_TRY(marl_store_write(to, "total", &total, &histogram->total, err));
  return marl_store_write(to, "sums", &sums, histogram->sums, err);
}

MarlCode marl_histogram_load(MarlHistogram *histogram, MarlStore *from, MarlError *err) {
  const size_t size = (size_t)histogram->bins + 2;
  size_t shape[MARL_STORE_MAX_RANK];
  int rank;
  double range;
  MARL_TRY(marl_store_shape(from, "counts", &rank, shape, err));
  MARL_TRY(marl_store_read(from, "range", MARL_F64, 1, &range, err));
  if (rank != 1 || shape[0] != size || range < histogram->range || range > histogram->range)
    return MARL_FAIL(err, MARL_EIO,
                     "%s: the stored histogram has %zu bins on +-%g, this run %d on +-%g; restore "
                     "pdf_bins and pdf_range or start anew",
                     marl_store_path(from), shape[0] - 2, range, histogram->bins, histogram->range);
  MARL_TRY(marl_store_read(from, "counts", MARL_I64, size, histogram->counts, err));
  MARL_TRY(marl_store_read(from, "total", MARL_I64, 1, &histogram->total, err));
  return marl_store_read(from, "sums", MARL_F64, MARL_HISTOGRAM_MOMENTS, histogram->sums, err);
}
