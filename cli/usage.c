#include "cli/usage.h"

void marl_usage_program(FILE *out) {
  fputs("usage: marl COMMAND [ARGUMENTS]\n\ncommands:\n", out);
  for (const MarlCommand *const *c = marl_command_table; *c != NULL; ++c)
    fprintf(out, "  %-10s %s\n", (*c)->name, (*c)->summary);
  fputs(
      "\n'marl help COMMAND' tells more about one; 'marl --version' prints the version.\n"
      "Exit codes: 0 done, 1 failed, 2 the command line or a configuration is wrong, 3 another\n"
      "program holds the run folder, 75 stopped by a signal and to be continued.\n",
      out);
}

void marl_usage_command(FILE *out, const MarlCommand *command) {
  fprintf(out, "usage: marl %s %s%s\n\n%s.\n", command->name, command->usage,
          command->flags != NULL ? " [FLAGS]" : "", command->summary);
  if (command->details != NULL) fprintf(out, "\n%s\n", command->details);
  if (command->changeable != NULL) {
    fputs("\nwhat may change on --resume (all else is refused):\n ", out);
    for (const char *const *c = command->changeable; *c != NULL; ++c) fprintf(out, " %s", *c);
    fputs("\n", out);
  }
  if (command->flags == NULL) return;
  fputs("\nflags:\n", out);
  for (const MarlFlag *const *f = command->flags; *f != NULL; ++f) {
    char left[64];
    snprintf(left, sizeof left, "%s%s%s", (*f)->name, (*f)->value != NULL ? " " : "",
             (*f)->value != NULL ? (*f)->value : "");
    fprintf(out, "  %-26s %s\n", left, (*f)->help);
  }
}
