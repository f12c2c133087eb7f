#include "cli/man_page.h"

#include "cli/command.h"
#include "marl/core/build_info.h"
#include "marl/core/value.h"

/* Text for man: "-" is a minus, a backslash itself, and no line begins with a control character. */
static void print_text(FILE *out, const char *text) {
  for (bool first = true; *text != '\0'; first = *text++ == '\n') {
    if (first && (*text == '.' || *text == '\'')) fputs("\\&", out);
    if (*text == '-' || *text == '\\') fputs(*text == '-' ? "\\-" : "\\e", out);
    if (*text != '-' && *text != '\\') fputc(*text, out);
  }
}

static void print_flag(FILE *out, const MarlFlag *flag) {
  fputs(".TP\n.B ", out);
  print_text(out, flag->name);
  if (flag->value != NULL) {
    fputs(" \\fI", out);
    print_text(out, flag->value);
    fputs("\\fR", out);
  }
  fputc('\n', out);
  print_text(out, flag->help);
  fputc('\n', out);
}

static void print_command(FILE *out, const MarlCommand *command) {
  fputs(".SS marl ", out);
  print_text(out, command->name);
  fputc(' ', out);
  print_text(out, command->usage != NULL ? command->usage : "");
  fputc('\n', out);
  print_text(out, command->summary);
  fputs(".\n", out);
  if (command->details != NULL) {
    fputs(".PP\n", out);
    print_text(out, command->details);
    fputc('\n', out);
  }
  for (const MarlFlag *const *f = command->flags; f != NULL && *f != NULL; ++f) print_flag(out, *f);
}

static void print_option(void *to, const MarlSection *section, const MarlOption *option) {
  char accepts[MARL_ACCEPTS_SIZE];
  FILE *out = to;
  if (out == NULL) return;
  marl_option_accepts(option, accepts);
  fputs(".TP\n.B ", out);
  print_text(out, marl_section_name(section));
  fputc('.', out);
  print_text(out, option->key);
  fputs(": \\fR", out);
  print_text(out, marl_option_default(option));
  fputc('\n', out);
  print_text(out, option->help);
  fputs(": ", out);
  print_text(out, accepts);
  if (marl_option_unit(option)[0] != '\0') fputs(", ", out);
  print_text(out, marl_option_unit(option));
  fputc('\n', out);
}

static MarlCode print_options(FILE *out, const MarlCommand *command, MarlError *err) {
  if (out != NULL) {
    fputs(".SS Configuration of marl ", out);
    print_text(out, command->name);
    fputc('\n', out);
  }
  return marl_command_visit_options(command, print_option, out, err);
}

static const char head[] =
    ".SH NAME\n"
    "marl \\- multi\\-agent reinforcement learning for social dilemmas and turbulence closures\n"
    ".SH SYNOPSIS\n"
    ".B marl\n.I COMMAND\n[\\fIARGUMENTS\\fR]\n"
    ".SH DESCRIPTION\n"
    "A configuration is a YAML file of two levels, sections and keys, or the name of a shipped "
    "one\n"
    "(\\fBmarl list configs\\fR): a file of that name comes first.\n"
    "\\fB\\-\\-set \\fISECTION.KEY=VALUE\\fR overrides an option.\n"
    "\\fBmarl list\\fR prints what can be chosen by name, with sources and options.\n"
    ".SH COMMANDS\n";

static const char tail[] =
    ".SH EXIT STATUS\n"
    "0 done, 1 failed, 2 the command line or a configuration is wrong, 3 another program holds "
    "the\n"
    "run folder, 75 stopped by a signal and to be continued.\n"
    ".SH ENVIRONMENT\n"
    ".TP\n.B MARL_PYTHON\nthe Python that draws pages and figures (python3)\n"
    ".TP\n.B OPENBLAS_NUM_THREADS\n1 where OpenBLAS is the threaded build: a rank is one thread\n";

MarlCode marl_man_page(FILE *out, MarlError *err) {
  if (out != NULL) {
    fprintf(out, ".TH MARL 1 \"\" \"marl %s\" \"User Commands\"\n", marl_build_version());
    fputs(head, out);
    for (const MarlCommand *const *c = marl_command_table; *c != NULL; ++c) print_command(out, *c);
    fputs(".SH CONFIGURATION\nWhat each option is where nothing is said, and what it accepts.\n",
          out);
  }
  for (const MarlCommand *const *c = marl_command_table; *c != NULL; ++c)
    if ((*c)->claim != NULL) MARL_TRY(print_options(out, *c, err));
  if (out != NULL) fputs(tail, out);
  return MARL_OK;
}
