#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/listing.h"
#include "cli/reference_manual.h"
#include "marl/core/comm.h"
#include "marl/core/nearest.h"
#include "marl/core/value.h"

static const MarlFlag flag_markdown = {"--markdown", NULL,
                                       "the whole manual of options, as docs/configuration.md"};
static const MarlFlag *const flags[] = {&flag_markdown, NULL};

static void print_options(const MarlListed *entry) {
  for (size_t i = 0; i < entry->num_options; ++i) {
    const MarlOption *o = &entry->options[i];
    char accepts[MARL_ACCEPTS_SIZE];
    marl_option_accepts(o, accepts);
    printf("      %s = %s\n          %s: %s\n", o->key, o->fallback[0] != '\0' ? o->fallback : "''",
           o->help, accepts);
  }
}

static void print_kind(const MarlKind *kind, bool with_options) {
  MarlListed entry;
  for (size_t i = 0; kind->entry(i, &entry); ++i) {
    printf("  %-22s %s\n", entry.name, entry.summary);
    if (entry.source != NULL) printf("  %-22s [%s]\n", "", entry.source);
    if (with_options) print_options(&entry);
  }
}

/* `marl list envs lqr`: one entry with its options */
static MarlCode print_entry(const MarlKind *kind, const char *name, bool print, MarlError *err) {
  const char *names[MARL_MAX_ARGUMENTS];
  MarlListed entry;
  size_t count = 0;
  for (; count < MARL_MAX_ARGUMENTS && kind->entry(count, &entry); ++count) {
    names[count] = entry.name;
    if (strcmp(entry.name, name) != 0) continue;
    if (print) printf("%s (%s)\n  %s\n", entry.name, kind->key, entry.summary);
    if (print && entry.source != NULL) printf("  [%s]\n", entry.source);
    if (print) print_options(&entry);
    return MARL_OK;
  }
  return marl_fail_unknown(err, kind->section, name, names, count);
}

static MarlCode run(const MarlArguments *arguments, MPI_Comm comm, MarlError *err) {
  const bool print = marl_comm_rank(comm) == 0;
  if (marl_arguments_has(arguments, &flag_markdown))
    return marl_reference_manual(print ? stdout : NULL, err);
  const MarlKind *kind = NULL;
  if (arguments->num_positional > 0) MARL_TRY(marl_kind_find(arguments->positional[0], &kind, err));
  if (arguments->num_positional > 1) return print_entry(kind, arguments->positional[1], print, err);
  if (!print) return MARL_OK;
  for (size_t i = 0; i < marl_num_kinds; ++i) {
    if (kind != NULL && kind != &marl_kinds[i]) continue;
    printf("%s (`marl list %s`; section %s):\n", marl_kinds[i].title, marl_kinds[i].name,
           marl_kinds[i].section);
    print_kind(&marl_kinds[i], kind != NULL);
  }
  return MARL_OK;
}

const MarlCommand marl_command_list = {
    .name = "list",
    .usage = "[envs | learners | closures | populations | mechanisms] [NAME]",
    .summary = "List what can be chosen by name, with sources and options",
    .max_positional = 2,
    .flags = flags,
    .run = run,
};
