#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/policy_header.h"
#include "marl/core/comm.h"
#include "marl/learn/policy.h"

enum { MAX_PATH = 4096, MAX_TEXT = 1 << 20 };

static const MarlFlag flag_out = {"--out", "NAME", "write NAME.h5 and NAME.h (policy)"};
static const MarlFlag flag_replica = {"--replica", "NUMBER", "which replica of the run (0)"};
static const MarlFlag *const flags[] = {&flag_out, &flag_replica, NULL};

/* A text file of the run's folder as an attribute; a RUN that is a file has none. */
static MarlCode attach(const char *run, const char *file, const char *key, MarlStore *to,
                       MarlError *err) {
  char path[MAX_PATH];
  if (snprintf(path, sizeof path, "%s/%s", run, file) >= (int)sizeof path) return MARL_OK;
  FILE *in = fopen(path, "r");
  char *text = in == NULL ? NULL : malloc(MAX_TEXT);
  MarlCode code = MARL_OK;
  if (text != NULL) {
    text[fread(text, 1, MAX_TEXT - 1, in)] = '\0';
    code = marl_store_set_text(to, NULL, key, text, err);
  }
  free(text);
  if (in != NULL) (void)fclose(in);
  return code;
}

static MarlCode write_store(const MarlPolicy *policy, const char *run, const char *path,
                            MarlError *err) {
  MarlStore *store;
  MARL_TRY(marl_policy_export(policy, path, &store, err));
  MarlCode code = marl_store_set_text(store, NULL, "source", run, err);
  if (code == MARL_OK) code = attach(run, "config.yaml", "config", store, err);
  if (code == MARL_OK) code = attach(run, "meta.txt", "meta", store, err);
  if (code == MARL_OK) return marl_store_commit(&store, err);
  marl_store_close(&store);
  return code;
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
  char store[MAX_PATH], header[MAX_PATH];
  if (snprintf(store, sizeof store, "%s.h5", name) >= (int)sizeof store)
    return MARL_FAIL(err, MARL_ECONFIG, "--out is longer than %d characters", MAX_PATH);
  snprintf(header, sizeof header, "%s.h", name);
  MarlPolicy *policy;
  MARL_TRY(marl_policy_open(run, replica, &policy, err));
  MarlCode code = write_store(policy, run, store, err);
  const bool networks = policy->roles[0].table == NULL;
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
        "observation to the mean or most probable action; a policy of tables has none.",
    .min_positional = 1,
    .max_positional = 1,
    .flags = flags,
    .run = run_export,
};
