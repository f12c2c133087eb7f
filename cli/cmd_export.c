#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/policy_header.h"
#include "marl/core/comm.h"
#include "marl/learn/policy.h"
#include "marl/run/checkpoint.h"
#include "marl/run/record.h"

static const MarlFlag flag_out = {"--out", "NAME", "write NAME.h5 and NAME.h (policy)"};
static const MarlFlag flag_replica = {"--replica", "NUMBER", "which replica of the run (0)"};
static const MarlFlag *const flags[] = {&flag_out, &flag_replica, NULL};

/* The run's record as it is, so that the file says for itself when and where the policy was trained;
 * a RUN that is a file has none. */
static MarlCode attach_sessions(const char *run, MarlStore *to, MarlError *err) {
  char path[MARL_MAX_PATH], *text;
  size_t size;
  MARL_TRY(marl_run_record_path(run, "provenance.jsonl", path, err));
  if (marl_config_read(path, &text, &size, NULL) != MARL_OK) return MARL_OK;
  const MarlCode code = marl_store_set_text(to, NULL, "sessions", text, err);
  free(text);
  return code;
}

/* Seed and configuration of the checkpoint that the policy is of. */
static MarlCode write_provenance(const char *run, MarlStore *to, MarlError *err) {
  MarlStore *from;
  MarlProvenance provenance = {.command = "export"};
  MARL_TRY(marl_checkpoint_open(run, &from, err));
  MarlCode code = MARL_OK;
  if (marl_store_get_int(from, NULL, "seed", &provenance.seed, NULL) == MARL_OK &&
      marl_store_get_text(from, NULL, "configuration", &provenance.configuration, NULL) == MARL_OK)
    code = marl_provenance_write(&provenance, to, err);
  marl_provenance_clear(&provenance);
  marl_store_close(&from);
  return code != MARL_OK ? code : attach_sessions(run, to, err);
}

static MarlCode write_store(const MarlPolicy *policy, const char *run, const char *path,
                            MarlError *err) {
  MarlStore *store;
  MARL_TRY(marl_policy_export(policy, path, &store, err));
  MarlCode code = marl_store_set_text(store, NULL, "source", run, err);
  if (code == MARL_OK) code = write_provenance(run, store, err);
  return marl_store_end_file(&store, code, err);
}

static MarlCode write_header(const MarlPolicy *policy, const char *run, const char *name,
                             const char *path, MarlError *err) {
  char identifier[64];
  const char *slash = strrchr(name, '/');
  const char *last = slash == NULL ? name : slash + 1;
  snprintf(identifier, sizeof identifier, "%s%.50s",
           isalpha((unsigned char)last[0]) ? "" : "policy_", last);
  for (char *c = identifier; *c != '\0'; ++c)
    if (!isalnum((unsigned char)*c)) *c = '_';
  FILE *out = fopen(path, "w");
  if (out == NULL)
    return MARL_FAIL(err, MARL_EIO, "%s: cannot create the file: %s", path, strerror(errno));
  marl_policy_header(out, policy, identifier, run);
  const bool written = ferror(out) == 0;
  if (fclose(out) == 0 && written) return MARL_OK;
  const int why = errno;
  remove(path);
  return MARL_FAIL(err, MARL_EIO, "%s: cannot write the file: %s", path, strerror(why));
}

static MarlCode run_export(const MarlArguments *arguments, MPI_Comm comm, MarlError *err) {
  int replica;
  MARL_TRY(marl_arguments_int(arguments, &flag_replica, 0, 65535, 0, &replica, err));
  if (marl_comm_rank(comm) != 0) return MARL_OK;
  const char *run = arguments->positional[0];
  const char *name = marl_arguments_value(arguments, &flag_out);
  if (name == NULL) name = "policy";
  char store[MARL_MAX_PATH], header[MARL_MAX_PATH];
  if (snprintf(store, sizeof store, "%s.h5", name) >= (int)sizeof store)
    return MARL_FAIL(err, MARL_ECONFIG, "--out is longer than %d characters", MARL_MAX_PATH);
  snprintf(header, sizeof header, "%s.h", name);
  MarlPolicy *policy;
  MARL_TRY(marl_policy_open(run, replica, &policy, err));
  MarlCode code = write_store(policy, run, store, err);
  const bool networks = policy->roles[0].table == NULL && policy->roles[0].memory == 0;
  if (code == MARL_OK && networks) code = write_header(policy, run, name, header, err);
  marl_policy_destroy(&policy);
  if (code == MARL_OK) printf("%s\n%s%s", store, networks ? header : "", networks ? "\n" : "");
  return code;
}

const MarlCommand marl_command_export = {
    .name = "export",
    .usage = "RUN",
    .summary = "Write a trained policy as a small file and as a C header",
    .details =
        "RUN is a run folder (its newest checkpoint) or a checkpoint file.\n"
        "NAME.h5 holds the policy alone with the run's configuration and provenance; wherever a\n"
        "policy is asked for (closure.policy, marl_policy_open) it stands for the run.\n"
        "NAME.h is a C header without dependencies: a function for each role from the raw\n"
        "observation to the mean or most probable action; a policy of tables, or one that\n"
        "remembers, has none.",
    .min_positional = 1,
    .max_positional = 1,
    .flags = flags,
    .alone = true,
    .run = run_export,
};
