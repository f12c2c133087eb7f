#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/listing.h"
#include "cli/man_page.h"
#include "cli/reference_manual.h"
#include "cli/shipped.h"
#include "marl/core/comm.h"
#include "marl/core/value.h"

static const MarlFlag flag_markdown = {"--markdown", NULL,
                                       "the whole manual of options, as docs/configuration.md"};
static const MarlFlag flag_man = {"--man", NULL, "the manual page marl(1), for man"};
static const MarlFlag *const flags[] = {&flag_markdown, &flag_man, NULL};

static void print_option(const char *section, const MarlOption *o) {
  char accepts[MARL_ACCEPTS_SIZE];
  marl_option_accepts(o, accepts);
  printf("      %s%s%s = %s\n          %s: %s\n", section, section[0] != '\0' ? "." : "", o->key,
         marl_option_default(o), o->help, accepts);
}

static void print_options(const MarlKind *kind, const MarlPlugin *plugin) {
  const MarlOption *option;
  const char *section;
  for (size_t i = 0; (option = marl_kind_option(kind, plugin, i, &section)) != NULL; ++i)
    print_option(section, option);
}

/* The lines of a text, each behind `indent` blanks. */
static void print_lines(const char *text, int indent) {
  for (size_t length; text[0] != '\0'; text += length + (text[length] == '\n')) {
    length = strcspn(text, "\n");
    printf("%*s%.*s\n", indent, "", (int)length, text);
  }
}

static void print_kind(const MarlKind *kind, bool with_options) {
  const MarlPlugin *plugin;
  for (size_t i = 0; (plugin = marl_kind_at(kind, i)) != NULL; ++i) {
    printf("  %-22s %s\n", plugin->name, plugin->summary);
    if (plugin->source != NULL) printf("  %-22s [%s]\n", "", plugin->source);
    if (with_options && plugin->formula != NULL) print_lines(plugin->formula, 6);
    if (with_options) print_options(kind, plugin);
  }
}

/* `marl list envs lqr`: one entry with its options */
static MarlCode print_entry(const MarlKind *kind, const char *name, bool print, MarlError *err) {
  const MarlPlugin *plugin;
  MARL_TRY(marl_kind_find(kind, name, &plugin, err));
  if (!print) return MARL_OK;
  printf("%s (%s)\n  %s\n", plugin->name, kind->key != NULL ? kind->key : kind->noun,
         plugin->summary);
  if (plugin->source != NULL) printf("  [%s]\n", plugin->source);
  if (plugin->formula != NULL) print_lines(plugin->formula, 2);
  print_options(kind, plugin);
  return MARL_OK;
}

/* The comment that a configuration begins with: its first line, or all of it. */
static void print_head(const char *path, bool whole) {
  char line[512];
  FILE *file = fopen(path, "r");
  if (file == NULL) return;
  for (int n = 0; fgets(line, sizeof line, file) != NULL && line[0] == '#'; ++n) {
    line[strcspn(line, "\n")] = '\0';
    if (n > 0 && !whole) break;
    printf("  %s\n", line + 1 + strspn(line + 1, " "));
  }
  if (ferror(file)) printf("  it cannot be read\n");
  fclose(file);
}

typedef struct Wanted {
  const char *name; /* NULL: all */
  bool found;
} Wanted;

static void print_config(void *context, const char *name, const char *path) {
  Wanted *wanted = context;
  if (wanted->name != NULL && strcmp(name, wanted->name) != 0) return;
  wanted->found = true;
  printf("%s\n", name);
  if (wanted->name != NULL) printf("  %s\n", path);
  print_head(path, wanted->name != NULL);
}

static MarlCode print_configs(const char *name, bool print, MarlError *err) {
  Wanted wanted = {.name = name};
  if (!print) return MARL_OK;
  marl_shipped_configs(print_config, &wanted);
  return wanted.found || name == NULL ? MARL_OK : marl_shipped_no_config(name, err);
}

static MarlCode run(const MarlArguments *arguments, MPI_Comm comm, MarlError *err) {
  const bool print = marl_comm_rank(comm) == 0;
  if (marl_arguments_has(arguments, &flag_markdown))
    return marl_reference_manual(print ? stdout : NULL, err);
  if (marl_arguments_has(arguments, &flag_man)) return marl_man_page(print ? stdout : NULL, err);
  const char *word = arguments->num_positional > 0 ? arguments->positional[0] : NULL;
  if (word != NULL && strcmp(word, "configs") == 0)
    return print_configs(arguments->num_positional > 1 ? arguments->positional[1] : NULL, print,
                         err);
  const MarlKind *kind = NULL;
  if (word != NULL) MARL_TRY(marl_kinds_find(word, &kind, err));
  if (arguments->num_positional > 1) return print_entry(kind, arguments->positional[1], print, err);
  if (!print) return MARL_OK;
  for (size_t i = 0; marl_kinds[i] != NULL; ++i) {
    if (kind != NULL && kind != marl_kinds[i]) continue;
    printf("%s (`marl list %s`; section %s):\n", marl_kinds[i]->title, marl_kinds[i]->name,
           marl_kinds[i]->section);
    print_kind(marl_kinds[i], kind != NULL);
  }
  if (kind == NULL)
    puts("Configurations (`marl list configs`): what `marl train NAME` finds from any folder");
  return MARL_OK;
}

const MarlCommand marl_command_list = {
    .name = "list",
    .usage = "[KIND] [NAME]",
    .summary = "List what can be chosen by name, with sources and options",
    .details =
        "KIND is a kind of plugins (marl list prints them), or configs: the configurations that\n"
        "are shipped. `marl list configs NAME` prints where one is and what it says of itself.",
    .max_positional = 2,
    .flags = flags,
    .alone = true,
    .run = run,
};
