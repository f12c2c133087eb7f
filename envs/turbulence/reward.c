#include "envs/turbulence/reward.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "envs/turbulence/reward_target.h"

/* The target, and whether it has all that the reward asks for. */
static MarlCode fill_target(const MarlTurbulenceParams *params, const MarlReference *reference,
                            MarlReward *made, MarlError *err) {
  bool spread, dense;
  MARL_TRY(marl_reward_target(params, reference, made->score, made->target, made->deviation,
                              made->density, &spread, &dense, err));
  if (made->ops->needs_spread && !spread)
    return MARL_FAIL(
        err, MARL_ECONFIG,
        "the reward %s needs standard deviations of the spectrum, which %s does not give",
        made->ops->name, params->samples > 0 ? "env.samples = 1" : reference->path);
  if (made->pdf_weight > 0 && !(dense && made->score->bins_fit))
    return MARL_FAIL(err, MARL_ECONFIG,
                     "env.reward_pdf needs a density of the target's field whose bins hold and "
                     "resolve it, which %s does not have at %d x %d",
                     reference->path, 2 * made->num_k, 2 * made->num_k);
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
  made->ops = params->reward;
  made->n = params->n;
  made->num_k = (int)k, made->num_bins = (int)bins;
  const double between = params->dt * params->interval;
  made->gain = params->reward_window > between ? between / params->reward_window : 1;
  made->pdf_weight = params->reward_pdf;
  made->num_state = 2 + 2 * k + 2 * bins;
  made->state = calloc(made->num_state + 3 * k + 2 * bins, sizeof(double));
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
  made->density = made->mean_bins + bins;
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

/* The mean over the episode, in the scratch. */
static const double *episode_mean(const MarlReward *reward) {
  for (int k = 0; k < reward->num_k; ++k) reward->mean[k] = reward->episode[k] / reward->samples[1];
  return reward->mean;
}

static double value_of_episode(const MarlReward *reward) {
  return reward->ops->value(reward, episode_mean(reward)) -
         reward->pdf_weight * marl_reward_episode_kl(reward);
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
  if (reward->ops->at_end) return last ? value_of_episode(reward) : 0;
  double value = reward->ops->value(reward, reward->mean);
  if (reward->pdf_weight > 0)
    value -= reward->pdf_weight * kl_of(reward, reward->running_bins, reward->samples[0]);
  return value;
}

double marl_reward_episode_error(const MarlReward *reward) {
  if (reward->samples[1] == 0) return (double)NAN;
  return marl_score_log_distance(reward->num_k, episode_mean(reward), reward->target);
}

double marl_reward_episode_kl(const MarlReward *reward) {
  if (reward->pdf_weight == 0) return 0;
  if (reward->samples[1] == 0) return (double)NAN;
  return kl_of(reward, reward->episode_bins, reward->samples[1]);
}

MarlCode marl_reward_save(const MarlReward *reward, MarlStore *to, MarlError *err) {
  const MarlArray array = {.type = MARL_F64, .rank = 1, .shape = {reward->num_state}};
  return marl_store_write(to, "reward", &array, reward->state, err);
}

MarlCode marl_reward_load(MarlReward *reward, MarlStore *from, MarlError *err) {
  return marl_store_read(from, "reward", MARL_F64, reward->num_state, reward->state, err);
}
