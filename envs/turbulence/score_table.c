/* The columns of a table of scores that come with marl, each a function of the means. */
#include <math.h>
#include <string.h>

#include "envs/turbulence/score.h"

/* || log a - log b ||_2; NaN where one of them is not known. */
static double log_error(const MarlScoreTarget *target, const double *a, const double *b) {
  if (a == NULL || b == NULL) return (double)NAN;
  double sum = 0;
  for (int k = 0; k < target->num_k; ++k) sum += pow(log(a[k]) - log(b[k]), 2);
  return sqrt(sum);
}

static double e_log(const MarlScoreTarget *target, const MarlScoreMeans *means) {
  return log_error(target, means->spectrum, target->spectrum);
}
static double e_trunc(const MarlScoreTarget *target, const MarlScoreMeans *means) {
  return log_error(target, means->spectrum, target->truncated);
}
static double rms_log(const MarlScoreTarget *target, const MarlScoreMeans *means) {
  return e_log(target, means) / sqrt(target->num_k);
}
static double deviation(const MarlScoreTarget *target, const MarlScoreMeans *means) {
  (void)target;
  return means->deviation;
}
static double kurtosis(const MarlScoreTarget *target, const MarlScoreMeans *means) {
  (void)target;
  return means->kurtosis;
}
static double p2(const MarlScoreTarget *target, const MarlScoreMeans *means) {
  (void)target;
  return means->tail[0];
}
static double p3(const MarlScoreTarget *target, const MarlScoreMeans *means) {
  (void)target;
  return means->tail[1];
}
static double p4(const MarlScoreTarget *target, const MarlScoreMeans *means) {
  (void)target;
  return means->tail[2];
}

/* A divergence over bins that do not fit says nothing. */
static bool comparable(const MarlScoreTarget *target, const MarlScoreMeans *means) {
  return means->density != NULL && target->bins_fit;
}
static double kl(const MarlScoreTarget *target, const MarlScoreMeans *means) {
  if (!comparable(target, means)) return (double)NAN;
  return marl_score_kl(target->num_bins, target->width, target->sigma, target->density,
                       means->density);
}
static double js(const MarlScoreTarget *target, const MarlScoreMeans *means) {
  if (!comparable(target, means)) return (double)NAN;
  return marl_score_js(target->num_bins, target->width, target->density, means->density);
}
static double kl_trunc(const MarlScoreTarget *target, const MarlScoreMeans *means) {
  if (!comparable(target, means) || target->density_truncated == NULL) return (double)NAN;
  return marl_score_kl(target->num_bins, target->width, target->sigma, target->density_truncated,
                       means->density);
}
static double u_rms(const MarlScoreTarget *target, const MarlScoreMeans *means) {
  (void)target;
  return sqrt(2 * means->energy);
}
static double energy_flux(const MarlScoreTarget *target, const MarlScoreMeans *means) {
  (void)target;
  return means->energy_flux;
}
static double enstrophy_flux(const MarlScoreTarget *target, const MarlScoreMeans *means) {
  (void)target;
  return means->enstrophy_flux;
}

#define COLUMN(label, of, what, how, function) \
  { .name = label, .unit = of, .summary = what, .formula = how, .value = function }
static const MarlScoreOps columns[] = {
    COLUMN("e_log", "1", "log spectrum error against the full field",
           "|| log eps - log eps_ref ||_2 over k = 0 .. K-1, eps_ref of the full field", e_log),
    COLUMN("e_trunc", "1", "log spectrum error against the truncated field",
           "the same, eps_ref of the field cut to the LES's wavenumbers", e_trunc),
    COLUMN("rms_log", "1", "root mean square log spectrum error", "e_log / K^(1/2)", rms_log),
    COLUMN("std", "1/T", "standard deviation of vorticity", "<w^2>^(1/2)", deviation),
    COLUMN("kurtosis", "1", "kurtosis of vorticity", "<w^4> / <w^2>^2", kurtosis),
    COLUMN("P2", "1", "P(|w| > 2 sigma)", "sigma of the reference", p2),
    COLUMN("P3", "1", "P(|w| > 3 sigma)", "sigma of the reference", p3),
    COLUMN("P4", "1", "P(|w| > 4 sigma)", "sigma of the reference", p4),
    COLUMN("KL", "1", "KL(reference || LES) of the vorticity density",
           "sum p log(p/q) dw over bins with p sigma > 1e-6, q sigma at least 1e-7", kl),
    COLUMN("JS", "1", "Jensen-Shannon divergence of the vorticity densities",
           "over all bins, natural logarithm", js),
    COLUMN("KL_trunc", "1", "KL(truncated reference || LES)", "as KL", kl_trunc),
    COLUMN("u_rms", "L/T", "root mean square velocity", "<u^2 + v^2>^(1/2)", u_rms),
    COLUMN("energy_flux", "L^2/T^3", "energy that the closure removes", "<psi PI>", energy_flux),
    COLUMN("enstrophy_flux", "1/T^3", "enstrophy that the closure removes", "<w PI>",
           enstrophy_flux),
};
enum { OWN = sizeof columns / sizeof columns[0] };

/* one line a column of a file of its own: envs/turbulence/score_<name>.c */
#define TABLE(ENTRY)

#define DECLARE(name) extern const MarlScoreOps marl_score_##name;
#define POINTER(name) &marl_score_##name.plugin,
TABLE(DECLARE)
static const MarlPlugin *const others[] = {TABLE(POINTER) NULL};

static const MarlPlugin *shipped(size_t i) {
  return i < OWN ? &columns[i].plugin : others[i - OWN];
}

MarlKind marl_kind_scores = {.name = "scores",
                             .title = "Columns of scores",
                             .noun = "score",
                             .section = "evaluate",
                             .no_options = true,
                             .shipped = shipped};

MarlCode marl_register_score(const MarlScoreOps *ops, MarlError *err) {
  if (marl_score_count() == MARL_MAX_SCORES)
    return MARL_FAIL(err, MARL_EARG, "no room for a column of scores beside %d", MARL_MAX_SCORES);
  return marl_kind_register(&marl_kind_scores, &ops->plugin, err);
}

int marl_score_count(void) {
  int count = 0;
  while (marl_kind_at(&marl_kind_scores, (size_t)count) != NULL) ++count;
  return count;
}

const MarlScoreOps *marl_score_column(int column) {
  return (const MarlScoreOps *)marl_kind_at(&marl_kind_scores, (size_t)column);
}

int marl_score_find(const char *name) {
  const MarlPlugin *plugin;
  for (int c = 0; (plugin = marl_kind_at(&marl_kind_scores, (size_t)c)) != NULL; ++c)
    if (strcmp(plugin->name, name) == 0) return c;
  return -1;
}
