#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/policy_code.h"
#include "cli/policy_manual.h"
#include "cli/python.h"
#include "cli/shipped.h"
#include "envs/turbulence/trained_policy.h"
#include "marl/core/comm.h"
#include "marl/core/path.h"
#include "marl/learn/policy.h"
#include "marl/run/checkpoint.h"
#include "marl/run/record.h"
#include "marl/run/text_file.h"

static const MarlFlag flag_out = {"--out", "NAME",
                                  "write NAME.h5, and NAME.h unless a language is named (policy)"};
static const MarlFlag flag_c = {"--c", "FILE.h", "as a C header"};
static const MarlFlag flag_fortran = {"--fortran", "FILE.f90", "as a module of Fortran 2008"};
static const MarlFlag flag_numpy = {"--numpy", "FILE.py", "as a module of Python that needs NumPy"};
static const MarlFlag flag_onnx = {"--onnx", "FILE.onnx", "as a network of ONNX, from NAME.h5"};
static const MarlFlag flag_replica = {"--replica", "NUMBER", "which replica of the run (0)"};
static const MarlFlag flag_flow = {"--flow", "NUMBER",
                                   "of a closure that was trained on many flows that of which code "
                                   "is written: 0 is env.reference, n the "
                                   "n-th of env.more_references (0)"};
static const MarlFlag *const flags[] = {&flag_out,  &flag_c,       &flag_fortran, &flag_numpy,
                                        &flag_onnx, &flag_replica, &flag_flow,    NULL};

/* Where the code of each language goes. */
static const MarlFlag *const flag_of[] = {
    [MARL_IN_C] = &flag_c, [MARL_IN_FORTRAN] = &flag_fortran, [MARL_IN_NUMPY] = &flag_numpy};
enum { NUM_LANGUAGES = 3 };

typedef struct Export {
  const char *run;
  int flow; /* of those that a closure was trained on; -1: unsaid */
  MarlPolicy *policy;
  MarlClosureDescription room;
  const MarlClosureDescription *closure; /* &room, or NULL: the policy is of no closure */
  char *manual;
} Export;

/* The run's record as it is, so that the file says for itself when and where the policy was trained; a
 * file that was exported hands on its own. */
static MarlCode attach_sessions(const char *run, MarlStore *from, MarlStore *to, MarlError *err) {
  char path[MARL_MAX_PATH], *text;
  size_t size;
  if (marl_store_get_text(from, NULL, "sessions", &text, NULL) == MARL_OK) {
    const MarlCode code = marl_store_set_text(to, NULL, "sessions", text, err);
    free(text);
    return code;
  }
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
  if (code == MARL_OK) code = attach_sessions(run, from, to, err);
  marl_store_close(&from);
  return code;
}

/* How an action becomes coefficients, for programs that read the file. */
static MarlCode write_map(const MarlClosureDescription *closure, MarlStore *to, MarlError *err) {
  const MarlTurbulenceParams *params = &closure->params;
  const MarlArray array = {
      .type = MARL_F64, .rank = 1, .shape = {(size_t)params->num_coefficients}};
  double least[MARL_MAX_COEFFICIENTS];
  for (int c = 0; c < params->num_coefficients; ++c)
    least[c] = params->action->term[c].any_sign ? -HUGE_VAL : 0;
  MARL_TRY(marl_store_write(to, "coefficient_center", &array, params->center, err));
  MARL_TRY(marl_store_write(to, "coefficient_scale", &array, params->scale, err));
  return marl_store_write(to, "coefficient_least", &array, least, err);
}

static MarlCode write_store(const Export *e, const char *path, MarlError *err) {
  MarlStore *store;
  MARL_TRY(marl_policy_export(e->policy, path, &store, err));
  MarlCode code = marl_store_set_text(store, NULL, "source", e->run, err);
  if (code == MARL_OK) code = marl_store_set_text(store, NULL, "manual", e->manual, err);
  if (code == MARL_OK && e->closure != NULL) code = write_map(e->closure, store, err);
  if (code == MARL_OK) code = write_provenance(e->run, store, err);
  return marl_store_end_file(&store, code, err);
}

/* What every name in the code begins with: the file's own name, without folder and suffix. */
static void name_of(const char *path, char name[MARL_CODE_NAME]) {
  int length;
  const char *last = marl_path_stem(path, &length);
  snprintf(name, MARL_CODE_NAME, "%s%.*s", isalpha((unsigned char)last[0]) ? "" : "policy_", length,
           last);
  for (char *c = name; *c != '\0'; ++c)
    if (!isalnum((unsigned char)*c)) *c = '_';
}

static MarlCode write_code(const Export *e, MarlLanguage language, const char *path,
                           MarlError *err) {
  MarlPolicyCode code = {.language = language,
                         .policy = e->policy,
                         .closure = e->closure,
                         .origin = e->run,
                         .manual = e->manual};
  name_of(path, code.name);
  MARL_TRY(marl_policy_code_check(&code, err));
  FILE *out;
  MARL_TRY(marl_text_begin(path, &out, err));
  const MarlCode result = marl_text_end(out, path, marl_policy_code_write(out, &code, err), err);
  if (result == MARL_OK) printf("%s\n", path);
  return result;
}

/* The configuration says whether the policy is a closure's, and what it means. */
static MarlCode describe(Export *e, MarlError *err) {
  char folder[MARL_SHIPPED_SIZE];
  MarlConfig *config = NULL; /* a file may have none */
  MarlCode code = MARL_OK;
  int role;
  if (marl_trained_policy_config(e->run, &config, err) != MARL_OK) {
    if (marl_policy_find_role(e->policy, "coefficient", &role, NULL) == MARL_OK) return err->code;
    config = NULL; /* nothing but a closure needs it */
  }
  if (config != NULL && strcmp(marl_config_peek(config, "env", "name", ""), "turbulence") == 0) {
    const char *shipped = marl_shipped_folder(folder) ? folder : NULL;
    code =
        marl_closure_describe(e->run, e->policy, shipped, e->flow > 0 ? e->flow : 0, &e->room, err);
    if (code == MARL_OK) e->closure = &e->room;
    if (code == MARL_OK && e->flow < 0 && e->room.num_flows > 1)
      fprintf(stderr,
              "marl: note: of %d flows that it was trained on the code is for the first, %s at %d "
              "x %d points with "
              "dt = %g; --flow chooses another\n",
              e->room.num_flows, e->room.params.reference, e->room.params.n, e->room.params.n,
              e->room.params.dt);
  } else if (e->flow >= 0) {
    code = MARL_FAIL(err, MARL_ECONFIG, "--flow: %s is no closure of a flow", e->run);
  }
  if (code == MARL_OK) code = marl_policy_manual(e->policy, e->closure, config, &e->manual, err);
  marl_config_destroy(&config);
  return code;
}

/* The header that is written unasked: of policies that can be one. */
static MarlCode write_header(const Export *e, const char *path, MarlError *err) {
  const MarlPolicyCode code = {
      .language = MARL_IN_C, .policy = e->policy, .closure = e->closure, .origin = e->run};
  MarlError why;
  if (marl_policy_code_check(&code, &why) == MARL_OK) return write_code(e, MARL_IN_C, path, err);
  fprintf(stderr, "marl: note: no header: %s\n", why.message);
  return MARL_OK;
}

/* Leaves the name of the policy's file in `store`. */
static MarlCode write_all(const Export *e, const MarlArguments *arguments,
                          char store[MARL_MAX_PATH], MarlError *err) {
  const char *name = marl_arguments_value(arguments, &flag_out);
  const bool onnx = marl_arguments_has(arguments, &flag_onnx);
  char header[MARL_MAX_PATH];
  bool chosen = onnx;
  for (int l = 0; l < NUM_LANGUAGES; ++l)
    chosen = chosen || marl_arguments_has(arguments, flag_of[l]);
  const bool keep = name != NULL || !chosen || onnx;
  if (name == NULL) name = "policy";
  MARL_TRY(marl_arguments_name(name, ".h5", store, err));
  MARL_TRY(marl_arguments_name(name, ".h", header, err));
  if (keep) {
    MARL_TRY(write_store(e, store, err));
    printf("%s\n", store);
  }
  if (!chosen) return write_header(e, header, err);
  for (int l = 0; l < NUM_LANGUAGES; ++l) {
    const char *path = marl_arguments_value(arguments, flag_of[l]);
    if (path != NULL) MARL_TRY(write_code(e, (MarlLanguage)l, path, err));
  }
  return MARL_OK;
}

static MarlCode run_export(const MarlArguments *arguments, MPI_Comm comm, MarlError *err) {
  int replica, flow;
  MARL_TRY(marl_arguments_int(arguments, &flag_replica, 0, 65535, 0, &replica, err));
  MARL_TRY(marl_arguments_int(arguments, &flag_flow, 0, 65535, -1, &flow, err));
  if (marl_comm_rank(comm) != 0) return MARL_OK;
  char store[MARL_MAX_PATH], room[MARL_SHIPPED_SIZE];
  Export e = {.run = marl_shipped_file(arguments->positional[0], room), .flow = flow};
  MARL_TRY(marl_policy_open(e.run, replica, &e.policy, err));
  MarlCode code = describe(&e, err);
  if (code == MARL_OK) code = write_all(&e, arguments, store, err);
  if (e.closure != NULL) marl_closure_description_clear(&e.room);
  free(e.manual);
  marl_policy_destroy(&e.policy);
  const char *onnx = marl_arguments_value(arguments, &flag_onnx);
  if (code != MARL_OK || onnx == NULL) return code;
  const char *const words[] = {"export", store, "--onnx", onnx};
  return marl_python_become(4, words, err);
}

const MarlCommand marl_command_export = {
    .name = "export",
    .usage = "RUN",
    .summary = "Write a trained policy as a file, as C, Fortran, NumPy or ONNX",
    .details =
        "RUN is a run folder (its newest checkpoint), a checkpoint file or an exported policy.\n"
        "NAME.h5 holds the policy alone with the run's configuration and provenance; wherever a\n"
        "policy is asked for (closure.policy, marl_policy_open) it stands for the run.\n"
        "Code has no dependencies (NumPy's: NumPy), begins with a manual of what the policy sees\n"
        "and does, and has for each role a function from the raw observation to the mean or most\n"
        "probable action. A closure is whole: a second function takes the vorticity of the coarse\n"
        "grid and gives the coefficients on it. Names begin with the name of the file.\n"
        "Grid, step, interval, viscosity and beta are those of the flow that it was trained on; of "
        "several\n"
        "those of --flow.\n"
        "A policy of tables, or one that remembers, is written as NAME.h5 only.\n"
        "ONNX is written by the Python package in python/, which needs onnx for it.",
    .min_positional = 1,
    .max_positional = 1,
    .flags = flags,
    .alone = true,
    .run = run_export,
};
