/* ctest: label=verification */
/* The shipped reference statistics: converged, consistent in themselves, and the same as those of
 * an independent 1024^2 DNS where its file is present beside the repository. */
#include "physics/reference.h"
#include "tests/unit.h"

static const char *const names[] = {"re20k_kf4", "re20k_kf4_beta20", "re20k_kf25"};
enum { NUM_FILES = sizeof names / sizeof names[0] };

static MarlError err;

static MarlReference *open_shipped(const char *name) {
  char path[512];
  MarlReference *reference;
  snprintf(path, sizeof path, "%s/configs/reference/data/%s.h5", getenv("MARL_SOURCE"), name);
  UNIT_OK(marl_reference_read(path, &reference, &err));
  return reference;
}

/* NULL, and a printed line, where the independent file is not. */
static MarlReference *open_independent(const char *name) {
  char path[512];
  MarlReference *reference;
  snprintf(path, sizeof path, "%s/../shared/data/%s.h5", getenv("MARL_SOURCE"), name);
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    printf("skipped, there is no %s ", path);
    return NULL;
  }
  fclose(file);
  UNIT_OK(marl_reference_read(path, &reference, &err));
  return reference;
}

static void spectra_are_converged(void) {
  for (size_t f = 0; f < NUM_FILES; ++f) {
    MarlReference *reference = open_shipped(names[f]);
    CU_ASSERT_PTR_NOT_NULL_FATAL(reference->enstrophy.error);
    // a standard error of 5 % below k = 64 is what scores of closures need
    for (int k = 0; k < 64; ++k)
      CU_ASSERT(reference->enstrophy.error[k] < 0.05 * reference->enstrophy.mean[k]);
    marl_reference_destroy(&reference);
  }
}

static void spectrum_and_density_describe_one_field(void) {
  for (size_t f = 0; f < NUM_FILES; ++f) {
    MarlReference *reference = open_shipped(names[f]);
    double enstrophy = -reference->enstrophy.mean[0], total = 0.0;
    for (int k = 0; k < reference->enstrophy.n; ++k) enstrophy += 2 * reference->enstrophy.mean[k];
    const double sigma = reference->pdf.deviation;
    UNIT_NEAR(enstrophy, 0.5 * sigma * sigma, 1e-10 * enstrophy);
    const double width = reference->pdf.vorticity[1] - reference->pdf.vorticity[0];
    for (int i = 0; i < reference->pdf.n; ++i) total += width * reference->pdf.density[i];
    // at most one value in a million beyond the bins
    UNIT_NEAR(total, 1.0, 1e-6);
    marl_reference_destroy(&reference);
  }
}

static void initial_fields_have_the_variance_of_the_cut_field(void) {
  MarlReference *reference = open_shipped("re20k_kf4");
  const MarlReferenceSize *cut = marl_reference_size(reference, 32);
  CU_ASSERT_PTR_NOT_NULL_FATAL(cut);
  const int samples = marl_reference_num_initial(reference, 32);
  CU_ASSERT(samples >= 8);
  CU_ASSERT(samples - marl_reference_num_training(reference, 32) == 3);
  double mean = 0.0;
  for (int s = 0; s < samples; ++s) {
    double w[32 * 32], square = 0.0;
    UNIT_OK(marl_reference_initial(reference, 32, s, w, &err));
    for (int i = 0; i < 32 * 32; ++i) square += w[i] * w[i] / (32 * 32);
    mean += square / samples;
  }
  // the enstrophy of a snapshot varies by 15 %: four standard errors of the mean of 8
  const double expected = cut->truncated.deviation * cut->truncated.deviation;
  UNIT_NEAR(mean, expected, 4 * 0.15 * expected / sqrt(samples));
  marl_reference_destroy(&reference);
}

/* The public spectra are means of about five snapshots: sqrt(sum of (std/mean)^2 / 5) over 16
 * wavenumbers, 0.37 without and 0.33 with beta, is how far in log such a mean is expected to be
 * from the truth; twice that is allowed. */
static void check_against_independent(const char *name) {
  MarlReference *independent = open_independent(name);
  if (independent == NULL) return;
  MarlReference *reference = open_shipped(name);
  double distance = 0.0, expected = 0.0;
  for (int k = 0; k < 16; ++k) {
    const double log_ratio = log(independent->enstrophy.mean[k] / reference->enstrophy.mean[k]);
    const double relative = reference->enstrophy.deviation[k] / reference->enstrophy.mean[k];
    distance += log_ratio * log_ratio;
    expected += relative * relative / 5;
  }
  CU_ASSERT(sqrt(distance) < 2 * sqrt(expected));
  // up to k = 64, where 512^2 resolves the flow as 1024^2 does, no wavenumber is off by more than
  // four standard errors of a five-snapshot mean plus 10 % (the bottleneck at the grid's end)
  for (int k = 0; k < 64; ++k) {
    const double mean = reference->enstrophy.mean[k];
    const double tolerance = 4 * reference->enstrophy.deviation[k] / sqrt(5) + 0.1 * mean;
    UNIT_NEAR(independent->enstrophy.mean[k], mean, tolerance);
  }
  // the standard deviation follows from the largest eddies: five snapshots give it to 8 %
  UNIT_NEAR(independent->pdf.deviation, reference->pdf.deviation, 0.16 * reference->pdf.deviation);
  marl_reference_destroy(&reference);
  marl_reference_destroy(&independent);
}

static void spectra_agree_with_an_independent_run(void) {
  check_against_independent("re20k_kf4");
  check_against_independent("re20k_kf4_beta20");
}

/* Ours are of (u^2 + v^2)/2; the public ones sum to twice the energy of the public fields. */
static void energy_spectra_are_of_half_the_square(void) {
  for (size_t f = 0; f < NUM_FILES; ++f) {
    MarlReference *reference = open_shipped(names[f]);
    CU_ASSERT(marl_reference_energy_fits(reference));
    marl_reference_destroy(&reference);
  }
  MarlReference *independent = open_independent("re20k_kf4");
  if (independent == NULL) return;
  CU_ASSERT_FALSE(marl_reference_energy_fits(independent));
  marl_reference_destroy(&independent);
}

/* The pile of enstrophy before the last wavenumber holds 0.2 % of all in the run at 1024^2; at 512^2,
 * whose last wavenumber is below that of dissipation, it held 1.3 %. */
static void the_extremes_case_is_resolved(void) {
  MarlReference *reference = open_shipped("re20k_kf25");
  CU_ASSERT_EQUAL(reference->dns_resolution, 1024);
  const int last = 341; /* below 1024/3 */
  double total = reference->enstrophy.mean[0], pile = 0.0;
  for (int k = 1; k <= last; ++k) {
    total += 2 * reference->enstrophy.mean[k];
    if (k > 0.9 * last) pile += 2 * reference->enstrophy.mean[k];
  }
  CU_ASSERT(pile < 0.005 * total);
  UNIT_NEAR(reference->enstrophy.mean[last + 1], 0.0, 0.0);
  // the extremes outlive a cut to 128 and are lost in one to 32
  const MarlReferenceSize *fine = marl_reference_size(reference, 128);
  const MarlReferenceSize *coarse = marl_reference_size(reference, 32);
  CU_ASSERT_PTR_NOT_NULL_FATAL(fine);
  CU_ASSERT_PTR_NOT_NULL_FATAL(coarse);
  CU_ASSERT(fine->truncated.kurtosis > reference->pdf.kurtosis);
  CU_ASSERT(coarse->truncated.kurtosis < 0.7 * reference->pdf.kurtosis);
  for (int size = 64; size <= 256; size *= 2)
    CU_ASSERT(marl_reference_num_initial(reference, size) >= 8);
  marl_reference_destroy(&reference);
}

/* Jets along x are bands in y: their enstrophy is at kx = 0, k = 0 of the spectrum along x. */
static void jets_lie_along_x(void) {
  MarlReference *reference = open_shipped("re20k_kf4_beta20");
  CU_ASSERT(reference->enstrophy_x.mean[0] > 3 * reference->enstrophy_y.mean[0]);
  marl_reference_destroy(&reference);
}

static CU_TestInfo tests[] = {
    {"spectra are converged", spectra_are_converged},
    {"spectrum and density describe one field", spectrum_and_density_describe_one_field},
    {"initial fields have the variance of the cut field",
     initial_fields_have_the_variance_of_the_cut_field},
    {"spectra agree with an independent run", spectra_agree_with_an_independent_run},
    {"energy spectra are of half the square", energy_spectra_are_of_half_the_square},
    {"the extremes case is resolved", the_extremes_case_is_resolved},
    {"jets lie along x", jets_lie_along_x},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"reference data", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
