#include "envs/turbulence/reward.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "physics/fft.h"
#include "physics/spectrum.h"

/* What a flow that keeps wavenumbers below `kept` has of a field: a 1-D spectrum sums over the other
 * wavenumber, too. */
static void cut(const MarlGrid *grid, int kept, MarlComplex *hat) {
  for (int i = 0; i < grid->nk_local; ++i)
    for (int j = 0; j < grid->ny; ++j) {
      const int row = j <= grid->ny / 2 ? j : grid->ny - j;
      if (i >= kept || row >= kept) hat[(size_t)i * (size_t)grid->ny + (size_t)j] = 0;
    }
}

/* Mean spectrum of the first `samples` training fields. */
static MarlCode target_from_fields(const MarlTurbulenceParams *params,
                                   const MarlReference *reference, double *target, MarlError *err) {
  const int known = marl_reference_num_training(reference, params->n);
  if (params->samples > known)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "env.samples = %d, but %s has %d training fields of %d x %d", params->samples,
                     reference->path, known, params->n, params->n);
  const int num_k = marl_grid_kept(params->n, params->dealias);
  MarlGrid *grid = NULL;
  MarlFft *fft = NULL;
  double *w = NULL, *spectrum = calloc((size_t)params->n, sizeof *spectrum);
  MarlComplex *hat = NULL;
  MarlCode code = marl_grid_create(params->n, params->n, reference->domain_length,
                                   reference->domain_length, MPI_COMM_SELF, &grid, err);
  if (code == MARL_OK) code = marl_fft_create(grid, &fft, err);
  if (code == MARL_OK) {
    w = marl_fft_alloc_physical(grid);
    hat = marl_fft_alloc_spectral(grid);
    if (w == NULL || hat == NULL || spectrum == NULL)
      code = MARL_FAIL(err, MARL_EMEMORY, "no memory for the target spectrum");
  }
  for (int s = 0; s < params->samples && code == MARL_OK; ++s) {
    code = marl_reference_initial(reference, params->n, s, w, err);
    if (code != MARL_OK) break;
    marl_fft_forward(fft, w, hat);
    cut(grid, num_k, hat);
    marl_spectrum(grid, hat, spectrum);
    for (int k = 0; k < num_k; ++k) target[k] += spectrum[k] / params->samples;
  }
  free(spectrum);
  marl_fft_free(w), marl_fft_free(hat);
  marl_fft_destroy(&fft);
  marl_grid_destroy(&grid);
  return code;
}

/* The stored spectrum that is the target, and whose deviations normalise. */
static MarlCode choose_spectrum(const MarlTurbulenceParams *params, const MarlReference *reference,
                                const MarlReferenceSpectrum **out, MarlError *err) {
  const int size = 2 * marl_grid_kept(params->n, params->dealias);
  const MarlReferenceSize *cut_to = marl_reference_size(reference, size);
  *out = &reference->enstrophy;
  if (params->target == MARL_TARGET_FULL) return MARL_OK;
  const bool truncated = params->target == MARL_TARGET_TRUNCATED;
  if (cut_to != NULL) *out = truncated ? &cut_to->enstrophy_truncated : &cut_to->enstrophy_filtered;
  if (cut_to == NULL || (*out)->mean == NULL)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "%s has no spectrum of the %s field at %d x %d, which is what env.dealias=%s "
                     "keeps of %d x %d points; set env.target=full or env.samples",
                     reference->path, truncated ? "truncated" : "filtered", size, size,
                     marl_dealias_names[params->dealias], params->n, params->n);
  return MARL_OK;
}

static MarlCode fill_target(const MarlTurbulenceParams *params, const MarlReference *reference,
                            MarlReward *made, MarlError *err) {
  const MarlReferenceSpectrum *spectrum = &reference->enstrophy;
  if (params->samples > 0) {
    MARL_TRY(target_from_fields(params, reference, made->target, err));
  } else {
    MARL_TRY(choose_spectrum(params, reference, &spectrum, err));
    memcpy(made->target, spectrum->mean, (size_t)made->num_k * sizeof(double));
  }
  if (made->kind != MARL_REWARD_LOG_LIKELIHOOD) return MARL_OK;
  if (spectrum->deviation == NULL)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "%s has no standard deviations of the spectrum, which the reward "
                     "log_likelihood needs",
                     reference->path);
  for (int k = 0; k < made->num_k; ++k)
    made->deviation[k] = spectrum->deviation[k] / spectrum->mean[k];
  return MARL_OK;
}

MarlCode marl_reward_create(const MarlTurbulenceParams *params, const MarlReference *reference,
                            MarlReward **out, MarlError *err) {
  MarlReward *made = calloc(1, sizeof *made);
  if (made == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a reward");
  const int kept = marl_grid_kept(params->n, params->dealias);
  MarlCode code = marl_score_target_create(reference, params->n, kept, &made->score, err);
  if (code != MARL_OK) goto fail;
  const size_t k = (size_t)made->score->num_k, bins = (size_t)made->score->num_bins;
  made->kind = params->reward;
  made->n = params->n;
  made->num_k = (int)k, made->num_bins = (int)bins;
  const double between = params->dt * params->interval;
  made->gain = params->reward_window > between ? between / params->reward_window : 1;
  made->pdf_weight = params->reward_pdf;
  made->num_state = 2 + 2 * k + 2 * bins;
  made->state = calloc(made->num_state + 3 * k + bins, sizeof(double));
  if (made->state == NULL) {
    code = MARL_FAIL(err, MARL_EMEMORY, "no memory for a reward");
    goto fail;
  }
  made->samples = made->state;
  made->running = made->state + 2;
  made->episode = made->running + k;
  made->running_bins = made->episode + k;
  made->episode_bins = made->running_bins + bins;
  made->mean = made->state + made->num_state;
  made->target = made->mean + k;
  made->deviation = made->target + k;
  made->mean_bins = made->deviation + k;
  const bool cut = params->target != MARL_TARGET_FULL && made->score->density_truncated != NULL;
  made->density = cut ? made->score->density_truncated : made->score->density;
  code = fill_target(params, reference, made, err);
  if (code != MARL_OK) goto fail;
  *out = made;
  return MARL_OK;
fail:
  marl_reward_destroy(&made);
  return code;
}

void marl_reward_destroy(MarlReward **reward) {
  if (*reward == NULL) return;
  if ((*reward)->score != NULL) marl_score_target_destroy(&(*reward)->score);
  free((*reward)->state);
  free(*reward);
  *reward = NULL;
}

void marl_reward_begin(MarlReward *reward) {
  memset(reward->state, 0, reward->num_state * sizeof(double));
}

static void count_density(MarlReward *reward, const double *vorticity) {
  const MarlScoreTarget *score = reward->score;
  const size_t points = (size_t)reward->n * (size_t)reward->n;
  const double unit = 1 / ((double)points * score->width);
  for (int b = 0; b < reward->num_bins; ++b) reward->running_bins[b] *= 1 - reward->gain;
  for (size_t i = 0; i < points; ++i) {
    const double bin = floor((vorticity[i] - score->first_edge) / score->width);
    if (bin < 0 || bin >= reward->num_bins) continue;
    reward->running_bins[(size_t)bin] += unit;
    reward->episode_bins[(size_t)bin] += unit;
  }
}

static double kl_of(const MarlReward *reward, const double *bins, double samples) {
  for (int b = 0; b < reward->num_bins; ++b) reward->mean_bins[b] = bins[b] / samples;
  return marl_score_kl(reward->num_bins, reward->score->width, reward->score->sigma,
                       reward->density, reward->mean_bins);
}

static double log_likelihood(const MarlReward *reward, const double *eps) {
  double sum = 0;
  for (int k = 0; k < reward->num_k; ++k)
    sum += pow(log(eps[k] / reward->target[k]) / reward->deviation[k], 2);
  return -0.5 * sum / reward->num_k;
}

static double weighted_error(const MarlReward *reward, const double *eps) {
  double sum = 0;
  for (int k = 0; k < reward->num_k; ++k) sum += pow(k * (eps[k] - reward->target[k]), 2);
  return 1 / sum;
}

static double value_of(const MarlReward *reward, const double *eps) {
  switch (reward->kind) {
    case MARL_REWARD_INVERSE_LOG_ERROR:
      return 1 / marl_score_log_distance(reward->num_k, eps, reward->target);
    case MARL_REWARD_WEIGHTED_ERROR:
      return weighted_error(reward, eps);
    case MARL_REWARD_LOG_LIKELIHOOD:
      return log_likelihood(reward, eps);
    case MARL_REWARD_EPISODE_LOG_ERROR:
      break;
  }
  return 0;
}

double marl_reward_add(MarlReward *reward, const double *spectrum, const double *vorticity,
                       bool last) {
  const double keep = 1 - reward->gain;
  reward->samples[0] = keep * reward->samples[0] + 1;
  reward->samples[1] += 1;
  for (int k = 0; k < reward->num_k; ++k) {
    reward->running[k] = keep * reward->running[k] + spectrum[k];
    reward->episode[k] += spectrum[k];
    reward->mean[k] = reward->running[k] / reward->samples[0];
  }
  if (reward->pdf_weight > 0) count_density(reward, vorticity);
  if (reward->kind == MARL_REWARD_EPISODE_LOG_ERROR)
    return last ? -marl_reward_episode_error(reward) -
                      reward->pdf_weight * marl_reward_episode_kl(reward)
                : 0;
  double value = value_of(reward, reward->mean);
  if (reward->pdf_weight > 0)
    value -= reward->pdf_weight * kl_of(reward, reward->running_bins, reward->samples[0]);
  return value;
}

double marl_reward_episode_error(const MarlReward *reward) {
  if (reward->samples[1] == 0) return 0;
  for (int k = 0; k < reward->num_k; ++k) reward->mean[k] = reward->episode[k] / reward->samples[1];
  return marl_score_log_distance(reward->num_k, reward->mean, reward->target);
}

double marl_reward_episode_kl(const MarlReward *reward) {
  if (reward->samples[1] == 0 || reward->pdf_weight == 0) return 0;
  return kl_of(reward, reward->episode_bins, reward->samples[1]);
}

MarlCode marl_reward_save(const MarlReward *reward, MarlStore *to, MarlError *err) {
  const MarlArray array = {.type = MARL_F64, .rank = 1, .shape = {reward->num_state}};
  return marl_store_write(to, "reward", &array, reward->state, err);
}

MarlCode marl_reward_load(MarlReward *reward, MarlStore *from, MarlError *err) {
  return marl_store_read(from, "reward", MARL_F64, reward->num_state, reward->state, err);
}
