#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/command.h"
#include "cli/shipped.h"
#include "marl/core/comm.h"
#include "marl/core/path.h"
#include "marl/core/quote.h"
#include "marl/core/store.h"
#include "marl/run/checkpoint.h"
#include "marl/run/record.h"

/* The answer is YAML, so that programs can read it too. */

static bool is_folder(const char *path) {
  struct stat info;
  return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* May it stand as it is, below an indentation? The first blank and control bytes would be read otherwise. */
static bool is_plain(const char *text) {
  if (strchr(text, '\n') == NULL || *text == ' ') return false;
  for (const char *c = text; *c != '\0'; ++c)
    if ((unsigned char)*c < ' ' && *c != '\n') return false;
  return true;
}

static void print_text(const char *indent, const char *key, const char *text) {
  if (!is_plain(text)) {
    printf("%s%s: ", indent, key);
    marl_write_json_text(stdout, text);
    putchar('\n');
    return;
  }
  printf("%s%s: |\n", indent, key);
  for (const char *line = text; *line != '\0';) {
    const int length = (int)strcspn(line, "\n");
    printf("%s  %.*s\n", indent, length, line);
    line += length + (line[length] == '\n');
  }
}

/* An attribute of any kind that this program writes; others are passed over. */
static void print_attribute(MarlStore *store, const char *of, const char *indent, const char *key) {
  char *text;
  double number;
  if (marl_store_get_text(store, of, key, &text, NULL) == MARL_OK) {
    print_text(indent, key, text);
    free(text);
  } else if (marl_store_get_real(store, of, key, &number, NULL) == MARL_OK) {
    printf("%s%s: %.17g\n", indent, key, number);
  }
}

static bool is_of_provenance(const char *key) {
  for (const char *const *known = marl_provenance_keys; *known != NULL; ++known)
    if (strcmp(*known, key) == 0) return true;
  return false;
}

static MarlCode print_attributes(MarlStore *store, const char *indent, MarlError *err) {
  char **names;
  size_t count;
  MARL_TRY(marl_store_attributes(store, &names, &count, err));
  for (size_t i = 0; i < count; ++i)
    if (!is_of_provenance(names[i])) print_attribute(store, NULL, indent, names[i]);
  free(names);
  return MARL_OK;
}

/* "name: [rows, columns]", or the names of a group. */
static MarlCode print_child(MarlStore *store, const char *name, MarlError *err) {
  size_t shape[MARL_STORE_MAX_RANK];
  int rank = 0;
  MarlStore *group;
  if (marl_store_group_open(store, name, &group, NULL) == MARL_OK) {
    char **names;
    size_t count;
    const MarlCode code = marl_store_children(group, &names, &count, err);
    printf("  %s: {", name);
    for (size_t i = 0; i < count; ++i) printf("%s%s", i > 0 ? ", " : "", names[i]);
    printf("}\n");
    free(names);
    marl_store_close(&group);
    return code;
  }
  if (marl_store_shape(store, name, &rank, shape, NULL) != MARL_OK) rank = 0;
  printf("  %s: [", name);
  for (int d = 0; d < rank; ++d) printf("%s%zu", d > 0 ? ", " : "", shape[d]);
  printf("]\n");
  return MARL_OK;
}

static MarlCode print_content(MarlStore *store, MarlError *err) {
  char **names;
  size_t count;
  MarlCode code = MARL_OK;
  MARL_TRY(marl_store_children(store, &names, &count, err));
  printf("content:\n");
  for (size_t i = 0; i < count && code == MARL_OK; ++i) code = print_child(store, names[i], err);
  free(names);
  return code;
}

/* What the policy of replica 0 says of its roles. */
static MarlCode print_policy(MarlStore *store, MarlError *err) {
  static const char path[] = "replica_0/learner/policy";
  MarlStore *policy, *role;
  MarlCode code = MARL_OK;
  if (!marl_store_has(store, path)) return MARL_OK;
  MARL_TRY(marl_store_group_open(store, path, &policy, err));
  printf("policy:\n");
  code = print_attributes(policy, "  ", err);
  for (int r = 0; code == MARL_OK; ++r) {
    char name[32];
    snprintf(name, sizeof name, "role_%d", r);
    if (!marl_store_has(policy, name)) break;
    code = marl_store_group_open(policy, name, &role, err);
    if (code != MARL_OK) break;
    printf("  %s:\n", name);
    code = print_attributes(role, "    ", err);
    marl_store_close(&role);
  }
  marl_store_close(&policy);
  return code;
}

/* The lines of the folder's record: JSON, and so YAML. */
static void print_sessions(const char *folder) {
  char path[MARL_MAX_PATH], *line = NULL;
  size_t size = 0;
  if (marl_run_record_path(folder, "provenance.jsonl", path, NULL) != MARL_OK) return;
  FILE *file = fopen(path, "r");
  if (file == NULL) return;
  printf("sessions:\n");
  while (getline(&line, &size, file) > 0) printf("  - %s", line);
  free(line);
  (void)fclose(file);
}

static MarlCode print_file(MarlStore *store, const char *path, MarlError *err) {
  print_text("", "file", path);
  for (const char *const *key = marl_provenance_keys; *key != NULL; ++key)
    print_attribute(store, NULL, "", *key);
  MARL_TRY(print_attributes(store, "", err));
  MARL_TRY(print_policy(store, err));
  return print_content(store, err);
}

static MarlCode about_file(const char *path, MarlError *err) {
  MarlStore *store;
  MARL_TRY(marl_store_open(path, &store, err));
  const MarlCode code = print_file(store, path, err);
  marl_store_close(&store);
  char *folder = marl_path_folder(path);
  if (code == MARL_OK && folder != NULL) print_sessions(folder);
  free(folder);
  return code;
}

static MarlCode about_run(const char *folder, MarlError *err) {
  char path[MARL_MAX_PATH], *text;
  size_t size, count;
  int64_t *numbers;
  MARL_TRY(marl_run_record_path(folder, "config.yaml", path, err));
  if (marl_config_read(path, &text, &size, NULL) != MARL_OK)
    return MARL_FAIL(err, MARL_ECONFIG, "'%s' holds no run: there is no %s", folder, path);
  MarlCode code = marl_checkpoint_list(folder, &numbers, &count, err);
  if (code == MARL_OK) {
    print_text("", "run", folder);
    print_sessions(folder);
    printf("checkpoints: [");
    for (size_t i = 0; i < count; ++i)
      printf("%scheckpoint_%06lld.h5", i > 0 ? ", " : "", (long long)numbers[i]);
    printf("]\n");
    print_text("", "configuration", text);
    free(numbers);
  }
  free(text);
  return code;
}

static MarlCode run(const MarlArguments *arguments, MPI_Comm comm, MarlError *err) {
  char room[MARL_SHIPPED_SIZE];
  if (marl_comm_rank(comm) != 0) return MARL_OK;
  const char *path = marl_shipped_file(arguments->positional[0], room);
  return is_folder(path) ? about_run(path, err) : about_file(path, err);
}

const MarlCommand marl_command_info = {
    .name = "info",
    .usage = "FILE | RUN",
    .summary = "Say where a file or a run comes from and what it holds",
    .details =
        "FILE is any HDF5 file of this program: command, version, commit, compiler, libraries,\n"
        "machine, seed and whole configuration, then what else it says of itself and what it "
        "holds;\n"
        "of a policy its roles. RUN is a run folder: each session with its date, host, ranks and\n"
        "command line, the checkpoints, the configuration. The answer is YAML. A file has what is\n"
        "the same however often and on how many ranks the run is done (so that `cmp` compares\n"
        "results); the sessions are in the folder's provenance.jsonl, and are printed for a file "
        "in\n"
        "it too.",
    .min_positional = 1,
    .max_positional = 1,
    .alone = true,
    .run = run,
};
