/* Rewards of a closure, one number for all agents, from the enstrophy spectrum alone (and, if
 * asked, the density of vorticity)
 *
 * eps is the running mean of the spectrum with time constant reward_window (bias corrected, so
 * that the first samples count fully; 0: the spectrum of now), eps_ref the target, K = N/2.
 *   inverse_log_error  1 / || log eps - log eps_ref ||_2          (arXiv:2312.00907, its figure)
 *   weighted_error     1 / || k (eps - eps_ref) ||_2^2            (the authors' public code)
 *   log_likelihood     -1/(2 K) sum_k ((log eps - log eps_ref) / s_k)^2, s_k the reference's
 *                      standard deviation of eps(k) over its mean (Novati et al. 2021)
 *   episode_log_error  0 until the last action of the episode, then -|| log eps - log eps_ref ||_2
 *                      of the mean over the episode
 * minus reward_pdf KL(reference || density), the density averaged likewise. Spectrum, spread and
 * density of the reference are those of one field (reward_target.h). */
#ifndef MARL_ENVS_TURBULENCE_REWARD_H
#define MARL_ENVS_TURBULENCE_REWARD_H

#include "envs/turbulence/params.h"
#include "envs/turbulence/score.h"

typedef struct MarlReward {
  MarlRewardKind kind;
  MarlScoreTarget *score;
  int num_k, num_bins, n;
  double gain; /* of the running means: time between samples over the window, at most 1 */
  double pdf_weight;
  double *target;    /* [num_k] eps_ref */
  double *deviation; /* [num_k] s_k */
  double *density;   /* [num_bins] of the same field of the reference, T */
  double *state;     /* [num_state], all below: what a restart needs */
  size_t num_state;
  double *samples;                     /* [2] of the running means and of the episode */
  double *running;                     /* [num_k] sum with weights (1 - gain)^age */
  double *episode;                     /* [num_k] sum */
  double *running_bins, *episode_bins; /* [num_bins] */
  double *mean, *mean_bins;            /* [num_k], [num_bins] scratch */
} MarlReward;

/* MARL_ECONFIG if the reference lacks what the parameters ask for; the message says what. */
MarlCode marl_reward_create(const MarlTurbulenceParams *params, const MarlReference *reference,
                            MarlReward **out, MarlError *err) MARL_NODISCARD;
void marl_reward_destroy(MarlReward **reward);

/* Forget the past: a new episode. */
void marl_reward_begin(MarlReward *reward);
/* Count a sample: spectrum [num_k], vorticity [n, n] (not read when the density has no weight and
 * may then be NULL), and return the reward. `last`: of the episode. */
double marl_reward_add(MarlReward *reward, const double *spectrum, const double *vorticity,
                       bool last);

/* Of the episode's mean so far: log spectrum error, and KL (0 without a weight). */
double marl_reward_episode_error(const MarlReward *reward);
double marl_reward_episode_kl(const MarlReward *reward);

MarlCode marl_reward_save(const MarlReward *reward, MarlStore *to, MarlError *err) MARL_NODISCARD;
MarlCode marl_reward_load(MarlReward *reward, MarlStore *from, MarlError *err) MARL_NODISCARD;

#endif
