/* One episode of a trained policy as a file of pictures, which `marl render` draws. */
#include <stdio.h>

#include "cli/command.h"
#include "envs/env_table.h"
#include "marl/core/comm.h"
#include "marl/learn/film.h"
#include "marl/learn/trainer.h"
#include "marl/run/checkpoint.h"
#include "marl/run/record.h"

static const MarlFlag flag_out = {"--out", "FILE", "where it is written (RUN/episode.h5)"};
static const MarlFlag flag_replica = {"--replica", "NUMBER", "which replica of the run (0)"};
static const MarlFlag flag_every = {
    "--every", "STEPS", "steps between two pictures (each step, or each cycle of a society)"};
static const MarlFlag flag_frames = {"--frames", "NUMBER", "pictures at most (100)"};
static const MarlFlag flag_sample = {"--sample", NULL, "draw the policy's actions"};
static const MarlFlag *const flags[] = {&flag_out,    &flag_replica,  &flag_every, &flag_frames,
                                        &flag_sample, &marl_flag_set, NULL};

typedef struct Request {
  const char *run;
  char out[MARL_MAX_PATH];
  int replica;
  bool greedy;
  MarlFilm film;
} Request;

static MarlCode read_request(const MarlArguments *arguments, Request *out, MarlError *err) {
  const char *file = marl_arguments_value(arguments, &flag_out);
  int every;
  *out = (Request){.run = arguments->positional[0],
                   .greedy = !marl_arguments_has(arguments, &flag_sample)};
  MARL_TRY(marl_arguments_int(arguments, &flag_replica, 0, 65535, 0, &out->replica, err));
  MARL_TRY(marl_arguments_int(arguments, &flag_every, 1, 1000000000, 0, &every, err));
  MARL_TRY(marl_arguments_int(arguments, &flag_frames, 1, 100000, 100, &out->film.frames, err));
  out->film.every = every;
  if (file == NULL) return marl_run_record_path(out->run, "episode.h5", out->out, err);
  if (snprintf(out->out, sizeof out->out, "%s", file) >= (int)sizeof out->out)
    return MARL_FAIL(err, MARL_ECONFIG, "--out is longer than %d characters", MARL_MAX_PATH);
  return MARL_OK;
}

/* The episode is one that no training environment has seen, that of `marl evaluate`. */
static MarlCode write_episode(const Request *request, MarlConfig *config, MarlStore *to,
                              MarlError *err) {
  MarlTrainerSections sections;
  MarlPolicy *policy = NULL;
  MARL_TRY(marl_trainer_claim(config, marl_env_table, &sections, err));
  const uint64_t seed = (uint64_t)marl_section_int64(sections.run, "seed");
  const MarlEvaluationTask task = {
      .ops = sections.env_ops,
      .config = sections.env,
      .greedy = request->greedy,
      .key = marl_key_fold(marl_key(seed, MARL_STREAM_ENV), UINT64_MAX),
  };
  MARL_TRY(marl_policy_open(request->run, request->replica, &policy, err));
  const MarlCode code = marl_film_episode(policy, &task, request->film, to, err);
  marl_policy_destroy(&policy);
  return code;
}

static MarlCode write_file(const Request *request, MarlConfig *config, MarlError *err) {
  MarlTrainerSections sections;
  MarlProvenance provenance = {.command = "episode"};
  MarlStore *store = NULL;
  MARL_TRY(marl_trainer_claim(config, marl_env_table, &sections, err));
  MARL_TRY(marl_config_finish(config, err));
  MarlCode code = marl_provenance_init(&provenance, "episode",
                                       marl_section_int64(sections.run, "seed"), config, NULL, err);
  if (code == MARL_OK) code = marl_checkpoint_begin(request->out, &provenance, &store, err);
  marl_provenance_clear(&provenance);
  MARL_TRY(code);
  MARL_TRY(marl_store_end_file(&store, write_episode(request, config, store, err), err));
  printf("%s\n", request->out);
  return MARL_OK;
}

static MarlCode run(const MarlArguments *arguments, MPI_Comm comm, MarlError *err) {
  Request request;
  char path[MARL_MAX_PATH];
  MarlConfig *config = NULL;
  MARL_TRY(read_request(arguments, &request, err));
  MARL_TRY(marl_run_record_path(request.run, "config.yaml", path, err));
  MARL_TRY(marl_arguments_config(arguments, path, comm, &config, err));
  const MarlCode code = marl_comm_rank(comm) == 0 ? write_file(&request, config, err) : MARL_OK;
  marl_config_destroy(&config);
  return marl_comm_agree(comm, code, err);
}

const MarlCommand marl_command_episode = {
    .name = "episode",
    .usage = "RUN",
    .summary = "Play one episode with a trained policy and write what it looks like",
    .details =
        "RUN is a folder of `marl train` whose environment shows something: a flow with its\n"
        "coefficients, who fined whom, a grid. A file of HDF5 with up to four small arrays a "
        "frame,\n"
        "rewards and metrics; `marl render RUN` makes it and draws it.",
    .min_positional = 1,
    .max_positional = 1,
    .flags = flags,
    .run = run,
};
