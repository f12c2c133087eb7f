#include <stdlib.h>

#include "marl/core/comm.h"
#include "marl/learn/trainer_internal.h"
#include "marl/run/job.h"

static const MarlOption run_options[] = {
    {"seed", MARL_OPTION_INT, "1", 0, 9007199254740992.0, NULL, "1",
     "everything random follows from it"},
    {"updates", MARL_OPTION_INT, "100", 1, 1e12, NULL, "updates", "length of the run"},
    {"shards", MARL_OPTION_INT, "4", 1, 65536, NULL, "1",
     "parts the work is split into, at least as many as ranks; results depend on it, not on ranks"},
    {"replicas", MARL_OPTION_INT, "1", 1, 65536, NULL, "1",
     "independent repetitions that train side by side"},
    {"first_replica", MARL_OPTION_INT, "0", 0, 1e9, NULL, "1",
     "number of the first repetition: a repetition can be run again alone"},
    {"checkpoint_every", MARL_OPTION_INT, "100", 1, 1e12, NULL, "updates",
     "updates between checkpoints"},
    {"checkpoint_minutes", MARL_OPTION_REAL, "30", 0, 1e6, NULL, "min",
     "checkpoints by the clock, beside those by updates; 0: none"},
    {"keep", MARL_OPTION_INT, "2", 1, 1e9, NULL, "1",
     "checkpoint files that are kept, at least the newest: a run goes on from it, and it is what "
     "was "
     "learned"},
    MARL_JOB_FRAME_OPTION,
};
const MarlOptionTable marl_run_options = {run_options, sizeof run_options / sizeof run_options[0]};

static const MarlOption env_options[] = {
    {"name", MARL_OPTION_TEXT, "", 0, 0, NULL, "1", "environment, see `marl list envs`"},
    {"num_envs", MARL_OPTION_INT, "8", 1, 1e9, NULL, "1",
     "environments that run side by side, a multiple of run.shards"},
    {"common_reward", MARL_OPTION_REAL, "0", 0, 1, NULL, "1",
     "w: an agent learns from (1 - w) of its own reward and w of the mean of all that live"},
};
const MarlOptionTable marl_env_common_options = {env_options,
                                                 sizeof env_options / sizeof env_options[0]};

static const MarlOption learner_options[] = {
    {"name", MARL_OPTION_TEXT, "ppo", 0, 0, NULL, "1", "learner, see `marl list learners`"},
};
const MarlOptionTable marl_learner_common_options = {
    learner_options, sizeof learner_options / sizeof learner_options[0]};

MarlCode marl_trainer_claim(MarlConfig *config, const MarlEnvOps *const *env_table,
                            MarlTrainerSections *out, MarlError *err) {
  const char *env_name = marl_config_peek(config, "env", "name", NULL);
  if (env_name == NULL)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "the configuration names no environment: set env.name (`marl list envs`)");
  const char *learner_name = marl_config_peek(config, "learner", "name", "ppo");
  MARL_TRY(marl_env_find(env_table, env_name, &out->env_ops, err));
  MARL_TRY(marl_learner_find(learner_name, &out->learner_ops, err));
  const MarlOptionTable env[] = {marl_env_common_options,
                                 {out->env_ops->options, out->env_ops->num_options}};
  const MarlOptionTable learner[] = {marl_learner_common_options,
                                     {out->learner_ops->options, out->learner_ops->num_options}};
  MARL_TRY(marl_config_section(config, "run", &marl_run_options, 1, &out->run, err));
  MARL_TRY(marl_config_section(config, "env", env, 2, &out->env, err));
  MARL_TRY(marl_config_section(config, "learner", learner, 2, &out->learner, err));
  MARL_TRY(marl_config_prefer(config, "learner",
                              marl_learner_preset(out->learner_ops, out->learner), "learner.preset",
                              err));
  return marl_config_section(config, "policy", &marl_policy_options, 1, &out->policy, err);
}

MarlCode marl_trainer_read_run(MarlTrainer *trainer, MarlError *err) {
  const MarlSection *run = trainer->sections.run;
  trainer->seed = (uint64_t)marl_section_int64(run, "seed");
  trainer->num_updates = marl_section_int64(run, "updates");
  trainer->num_shards = marl_section_int(run, "shards");
  trainer->num_replicas = marl_section_int(run, "replicas");
  trainer->first_replica = marl_section_int(run, "first_replica");
  trainer->checkpoint_every = marl_section_int64(run, "checkpoint_every");
  trainer->checkpoint_minutes = marl_section_real(run, "checkpoint_minutes");
  trainer->keep = marl_section_int(run, "keep");
  trainer->frame_seconds = marl_section_real(run, "frame_seconds");
  const int num_envs = marl_section_int(trainer->sections.env, "num_envs");
  if (trainer->num_shards < trainer->size)
    return MARL_FAIL(
        err, MARL_ECONFIG,
        "%s: run.shards = %d is less than the %d ranks; use fewer ranks or more shards",
        marl_config_origin(trainer->config, "run", "shards"), trainer->num_shards, trainer->size);
  if (num_envs % trainer->num_shards != 0)
    return MARL_FAIL(
        err, MARL_ECONFIG, "%s: env.num_envs = %d is not a multiple of run.shards = %d",
        marl_config_origin(trainer->config, "env", "num_envs"), num_envs, trainer->num_shards);
  trainer->envs_per_shard = num_envs / trainer->num_shards;
  marl_comm_shards(trainer->comm, trainer->num_shards, &trainer->first_shard, &trainer->own_shards);
  return MARL_OK;
}
