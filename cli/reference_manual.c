#include "cli/reference_manual.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "cli/command.h"
#include "cli/listing.h"
#include "marl/core/config.h"
#include "marl/core/value.h"

enum { MAX_COMMANDS = 64 };

/* The configurations of all commands, every section claimed with its defaults. */
typedef struct Manual {
  FILE *out;
  size_t count;
  const MarlCommand *command[MAX_COMMANDS];
  MarlConfig *config[MAX_COMMANDS];
} Manual;

/* Text in a cell of a table. */
static void print_cell(FILE *out, const char *text) {
  for (; *text != '\0'; ++text) {
    if (*text == '|') fputc('\\', out);
    fputc(*text, out);
  }
}

/* section: before the key, where the table is of several; else "" */
static void print_option(FILE *out, const char *section, const MarlOption *o) {
  char accepts[MARL_ACCEPTS_SIZE];
  marl_option_accepts(o, accepts);
  fprintf(out, "| `%s%s%s` | ", section, section[0] != '\0' ? "." : "", o->key);
  print_cell(out, o->help);
  fputs(" | ", out);
  print_cell(out, accepts);
  const char *unit = marl_option_unit(o);
  fprintf(out, "%s%s | `%s` |\n", unit[0] != '\0' ? ", " : "", unit, marl_option_default(o));
}

static const char table_head[] =
    "| option | meaning | accepts | default |\n| --- | --- | --- | --- |\n";

/* Does one plugin of the section's kind declare it, and not the section itself? */
static bool is_of_plugin(const char *section, const MarlOption *option) {
  for (size_t k = 0; marl_kinds[k] != NULL; ++k) {
    const MarlPlugin *plugin;
    if (strcmp(marl_kinds[k]->section, section) != 0) continue;
    for (size_t i = 0; (plugin = marl_kind_at(marl_kinds[k], i)) != NULL; ++i)
      for (size_t j = 0; j < plugin->num_options; ++j)
        if (option == &plugin->options[j]) return true;
  }
  return false;
}

static bool is_same(const MarlSection *a, const MarlSection *b) {
  if (strcmp(marl_section_name(a), marl_section_name(b)) != 0) return false;
  const size_t size = marl_section_size(a);
  return size == marl_section_size(b) &&
         (size == 0 || marl_section_option(a, 0) == marl_section_option(b, 0));
}

/* Has an earlier command this very section? */
static bool is_printed(const Manual *m, size_t command, const MarlSection *section) {
  for (size_t c = 0; c < command; ++c) {
    for (size_t s = 0; s < marl_config_num_claimed(m->config[c]); ++s) {
      if (is_same(marl_config_claimed(m->config[c], s), section)) return true;
    }
  }
  return false;
}

static void print_section(FILE *out, const MarlSection *section) {
  fprintf(out, "\n### `%s`\n\n%s", marl_section_name(section), table_head);
  bool has_plugin_options = false;
  for (size_t i = 0; i < marl_section_size(section); ++i) {
    const MarlOption *option = marl_section_option(section, i);
    if (is_of_plugin(marl_section_name(section), option))
      has_plugin_options = true;
    else
      print_option(out, "", option);
  }
  if (has_plugin_options)
    fputs("\nMore options come with the chosen `name`; they are listed further below.\n", out);
}

static void print_command(const Manual *m, size_t index) {
  const MarlConfig *config = m->config[index];
  fprintf(m->out, "\n## `marl %s`\n\n%s.\n", m->command[index]->name, m->command[index]->summary);
  bool shared = false;
  for (size_t s = 0; s < marl_config_num_claimed(config); ++s) {
    const MarlSection *section = marl_config_claimed(config, s);
    if (!is_printed(m, index, section)) continue;
    fprintf(m->out, "%s`%s`",
            shared ? ", " : "Sections described above: ", marl_section_name(section));
    shared = true;
  }
  if (shared) fputs(".\n", m->out);
  for (size_t s = 0; s < marl_config_num_claimed(config); ++s) {
    const MarlSection *section = marl_config_claimed(config, s);
    if (!is_printed(m, index, section)) print_section(m->out, section);
  }
}

static void print_kind(FILE *out, const MarlKind *kind) {
  fprintf(out, "\n## %s\n\n", kind->title);
  if (kind->key != NULL) fprintf(out, "Chosen by `%s`.\n", kind->key);
  const MarlPlugin *plugin;
  for (size_t i = 0; (plugin = marl_kind_at(kind, i)) != NULL; ++i) {
    fprintf(out, "\n### `%s%s%s`\n\n%c%s.\n", kind->key != NULL ? kind->key : "",
            kind->key != NULL ? ": " : "", plugin->name, toupper((unsigned char)plugin->summary[0]),
            plugin->summary + 1);
    if (plugin->source != NULL && plugin->source[0] != '\0')
      fprintf(out, "Source: %s.\n", plugin->source);
    if (plugin->formula != NULL) fprintf(out, "\n```\n%s\n```\n", plugin->formula);
    const char *section;
    const MarlOption *option = marl_kind_option(kind, plugin, 0, &section);
    if (option != NULL) fprintf(out, "\n%s", table_head);
    for (size_t j = 0; (option = marl_kind_option(kind, plugin, j, &section)) != NULL; ++j)
      print_option(out, section, option);
  }
}

static const char introduction[] =
    "# Configuration\n\n"
    "This page is the output of `marl list --markdown`.\n\n"
    "A configuration is a YAML file of two levels: sections, and keys with a value or a flat "
    "list.\n"
    "`--set section.key=value` overrides it.\n"
    "`marl config --check FILE` checks a file, `--resolved` prints it with every default filled "
    "in, "
    "and `--defaults` prints a whole file to start from.\n"
    "An unknown section or key, half a number, a value out of range, an anchor, a tag or a third "
    "level is refused with file and line.\n";

MarlCode marl_reference_manual(FILE *out, MarlError *err) {
  Manual m = {.out = out};
  MarlCode code = MARL_OK;
  for (size_t c = 0; code == MARL_OK && marl_command_table[c] != NULL; ++c) {
    if (marl_command_table[c]->claim == NULL) continue;
    m.command[m.count] = marl_command_table[c];
    code = marl_config_create(&m.config[m.count], err);
    if (code == MARL_OK)
      code = marl_command_claim_example(marl_command_table[c], m.config[m.count++], err);
  }
  if (code == MARL_OK && out != NULL) {
    fputs(introduction, out);
    for (size_t i = 0; i < m.count; ++i) print_command(&m, i);
    for (size_t k = 0; marl_kinds[k] != NULL; ++k) print_kind(out, marl_kinds[k]);
  }
  for (size_t i = 0; i < m.count; ++i) marl_config_destroy(&m.config[i]);
  return code;
}
