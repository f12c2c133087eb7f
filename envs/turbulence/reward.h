/* Rewards of a closure, one number for all agents, from the enstrophy spectrum alone (and, if
 * asked, the density of vorticity)
 *
 * eps is the running mean of the spectrum with time constant reward_window (bias corrected, so
 * that the first samples count fully; 0: the spectrum of now), or the mean over the episode for rewards
 * that come at its end; eps_ref is the target, K the number of its wavenumbers. A reward is a function of
 * eps (`marl list rewards` prints them), minus reward_pdf KL(reference || density), the density averaged
 * likewise. Spectrum, spread and density of the reference are those of one field (reward_target.h).
 *
 * To add one: envs/turbulence/reward_<name>.c, a line in reward_table.c, a test; or marl_register_reward
 * from a program of your own (docs/plugins.md). */
#ifndef MARL_ENVS_TURBULENCE_REWARD_H
#define MARL_ENVS_TURBULENCE_REWARD_H

#include "envs/turbulence/params.h"
#include "envs/turbulence/score.h"
#include "marl/core/plugin.h"

typedef struct MarlReward {
  const MarlRewardOps *ops;
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

struct MarlRewardOps {
  MARL_PLUGIN;       /* no options */
  bool needs_spread; /* reads reward->deviation */
  bool at_end;       /* 0 until the last action of the episode */
  /* Of a mean spectrum eps [num_k], with num_k, target and deviation of the reward. */
  double (*value)(const MarlReward *reward, const double *eps);
};

extern const MarlRewardOps marl_reward_episode_log_error; /* needs nothing but a target */

/* The rewards by name (reward_table.c) and those that a program has registered. */
extern MarlKind marl_kind_rewards;
MarlCode marl_register_reward(const MarlRewardOps *ops, MarlError *err) MARL_NODISCARD;

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

/* Of the episode's mean so far, NaN before there is one: log spectrum error, and KL (0 without a weight). */
double marl_reward_episode_error(const MarlReward *reward);
double marl_reward_episode_kl(const MarlReward *reward);

MarlCode marl_reward_save(const MarlReward *reward, MarlStore *to, MarlError *err) MARL_NODISCARD;
MarlCode marl_reward_load(MarlReward *reward, MarlStore *from, MarlError *err) MARL_NODISCARD;

#endif
