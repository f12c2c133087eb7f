#define _POSIX_C_SOURCE 200809L /* access */
#include "cli/arguments.h"
#include "cli/change_plugins.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/shipped.h"
#include "marl/core/comm.h"
#include "marl/core/nearest.h"
#include "marl/core/option.h"

const MarlFlag marl_flag_set = {"--set", "SECTION.KEY=VALUE", "override one option; may repeat"};
const MarlFlag marl_flag_out = {"--out", "DIR", "folder of the run's files"};
const MarlFlag marl_flag_resume = {"--resume", "DIR", "continue the run of that folder"};
const MarlFlag marl_flag_continue = {"--continue", NULL,
                                     "with --out DIR: begin, or continue what is there"};
const MarlFlag marl_flag_for = {"--for", "COMMAND", "the command that will read it"};
const MarlFlag marl_flag_quiet = {"--quiet", NULL, "no progress on the terminal"};
const MarlFlag marl_flag_ranks = {
    "-n", "RANKS", "run on that many MPI ranks, of this machine or of the job's nodes"};

static MarlCode unknown_flag(const char *name, const MarlFlag *const *flags, MarlError *err) {
  const char *known[MARL_MAX_ARGUMENTS] = {"--help"};
  size_t count = 1;
  for (; flags != NULL && flags[count - 1] != NULL; ++count) known[count] = flags[count - 1]->name;
  return marl_fail_unknown(err, "flag", name, known, count);
}

/* The flag of the first `length` characters of `argument`, or NULL. */
static const MarlFlag *find(const MarlFlag *const *flags, const char *argument, size_t length) {
  for (; flags != NULL && *flags != NULL; ++flags) {
    if (strlen((*flags)->name) == length && strncmp((*flags)->name, argument, length) == 0)
      return *flags;
  }
  return NULL;
}

/* A flag at argv[*at]; moves *at over its value. */
static MarlCode parse_flag(const MarlFlag *const *flags, int *at, MarlArguments *out,
                           MarlError *err) {
  const char *argument = out->argv[*at];
  const char *equals = strchr(argument, '=');
  const size_t length = equals != NULL ? (size_t)(equals - argument) : strlen(argument);
  const MarlFlag *flag = find(flags, argument, length);
  if (flag == NULL) return unknown_flag(argument, flags, err);
  const char *value = NULL;
  if (flag->value == NULL) {
    if (equals != NULL) return MARL_FAIL(err, MARL_ECONFIG, "flag %s takes no value", flag->name);
  } else if (equals != NULL) {
    value = equals + 1;
  } else {
    if (*at + 1 >= out->argc)
      return MARL_FAIL(err, MARL_ECONFIG, "flag %s needs a value: %s %s", flag->name, flag->name,
                       flag->value);
    value = out->argv[++*at];
  }
  out->given[out->num_given].flag = flag;
  out->given[out->num_given++].value = value;
  return MARL_OK;
}

MarlCode marl_arguments_parse(int argc, char **argv, int first, const MarlFlag *const *flags,
                              MarlArguments *out, MarlError *err) {
  *out = (MarlArguments){.program = argv[0], .argc = argc, .argv = argv};
  if (argc - first > MARL_MAX_ARGUMENTS)
    return MARL_FAIL(err, MARL_ECONFIG, "more than %d arguments", (int)MARL_MAX_ARGUMENTS);
  bool flags_end = false;
  for (int i = first; i < argc; ++i) {
    if (!flags_end && strcmp(argv[i], "--") == 0)
      flags_end = true;
    else if (!flags_end && (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0))
      out->help = true;
    else if (!flags_end && argv[i][0] == '-' && argv[i][1] != '\0')
      MARL_TRY(parse_flag(flags, &i, out, err));
    else
      out->positional[out->num_positional++] = argv[i];
  }
  return MARL_OK;
}

bool marl_arguments_has(const MarlArguments *arguments, const MarlFlag *flag) {
  for (int i = 0; i < arguments->num_given; ++i) {
    if (arguments->given[i].flag == flag) return true;
  }
  return false;
}

const char *marl_arguments_value(const MarlArguments *arguments, const MarlFlag *flag) {
  const char *value = NULL;
  for (int i = 0; i < arguments->num_given; ++i) {
    if (arguments->given[i].flag == flag) value = arguments->given[i].value;
  }
  return value;
}

MarlCode marl_arguments_name(const char *name, const char *ending, char path[MARL_MAX_PATH],
                             MarlError *err) {
  if (snprintf(path, MARL_MAX_PATH, "%s%s", name, ending) < MARL_MAX_PATH) return MARL_OK;
  return MARL_FAIL(err, MARL_ECONFIG, "--out is longer than %d characters", MARL_MAX_PATH);
}

MarlCode marl_arguments_int(const MarlArguments *arguments, const MarlFlag *flag, int min, int max,
                            int fallback, int *out, MarlError *err) {
  *out = fallback;
  const char *text = marl_arguments_value(arguments, flag);
  if (text == NULL) return MARL_OK;
  char *end;
  const long value = strtol(text, &end, 10);
  if (end == text || *end != '\0' || value < min || value > max)
    return MARL_FAIL(err, MARL_ECONFIG, "%s %.40s: expected a whole number from %d to %d",
                     flag->name, text, min, max);
  *out = (int)value;
  return MARL_OK;
}

/* Rank 0's file on every rank; the caller frees *text. */
static MarlCode share_file(const char *path, MPI_Comm comm, char **text, size_t *size,
                           MarlError *err) {
  *text = NULL;
  *size = 0;
  MarlCode code = MARL_OK;
  const bool is_root = marl_comm_rank(comm) == 0;
  if (is_root && access(path, F_OK) != 0 && errno == ENOENT)
    code = marl_shipped_no_config(path, err);
  else if (is_root)
    code = marl_config_read(path, text, size, err);
  MARL_TRY(marl_comm_agree(comm, code, err));
  uint64_t shared = *size;
  if (comm == MPI_COMM_NULL) return MARL_OK; /* MPI has not begun: nobody to share with */
  MPI_Bcast(&shared, 1, MPI_UINT64_T, 0, comm);
  *size = (size_t)shared;
  if (!is_root) {
    *text = malloc(*size + 1);
    if (*text == NULL) code = MARL_FAIL(err, MARL_EMEMORY, "out of memory for '%s'", path);
  }
  code = marl_comm_agree(comm, code, err);
  if (code == MARL_OK)
    MPI_Bcast(*text, (int)*size, MPI_CHAR, 0, comm); /* at most 1 MiB, marl_config_read */
  return code;
}

MarlCode marl_arguments_config(const MarlArguments *arguments, const char *path, MPI_Comm comm,
                               MarlConfig **out, MarlError *err) {
  *out = NULL;
  MarlCode code;
  char folder[MARL_SHIPPED_SIZE], room[MARL_SHIPPED_SIZE];
  if (path == NULL) {
    code = marl_config_create(out, err);
  } else {
    char *text;
    size_t size;
    path = marl_shipped_config(path, room);
    code = share_file(path, comm, &text, &size, err);
    if (code == MARL_OK) code = marl_config_parse(text, size, path, out, err);
    free(text);
  }
  const char *settings[MARL_MAX_ARGUMENTS];
  int count = 0;
  for (int i = 0; i < arguments->num_given; ++i)
    if (arguments->given[i].flag == &marl_flag_set) settings[count++] = arguments->given[i].value;
  if (code == MARL_OK) marl_change_plugins(settings, count, comm, *out);
  if (code == MARL_OK && marl_shipped_folder(folder))
    code = marl_config_set_shipped(*out, folder, err);
  for (int i = 0; code == MARL_OK && i < count; ++i) code = marl_config_set(*out, settings[i], err);
  if (code != MARL_OK) marl_config_destroy(out);
  return code;
}
