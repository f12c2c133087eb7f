#include "cli/completion.h"

#include "cli/command.h"
#include "cli/listing.h"
#include "cli/shipped.h"

static void print_commands(FILE *out) {
  for (const MarlCommand *const *c = marl_command_table; *c != NULL; ++c)
    fprintf(out, " %s", (*c)->name);
}

static void print_name(void *out, const char *name, const char *path) {
  (void)path;
  fprintf((FILE *)out, " %s", name);
}

static void print_option(void *out, const MarlSection *section, const MarlOption *option) {
  if (out != NULL) fprintf((FILE *)out, " %s.%s=", marl_section_name(section), option->key);
}

/* One branch of the script's case over commands: its flags and the words of --set. */
static MarlCode print_command(FILE *out, const MarlCommand *command, MarlError *err) {
  if (out != NULL) {
    fprintf(out, "    %s)\n      flags='--help", command->name);
    for (const MarlFlag *const *f = command->flags; f != NULL && *f != NULL; ++f)
      fprintf(out, " %s", (*f)->name);
    fputs("'\n      options='", out);
  }
  MARL_TRY(marl_command_visit_options(command, print_option, out, err));
  if (out != NULL) fputs("' ;;\n", out);
  return MARL_OK;
}

MarlCode marl_completion(FILE *out, MarlError *err) {
  if (out != NULL) {
    fputs(
        "# bash completion of marl: . <(marl help --completion)\n"
        "_marl() {\n"
        "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
        "  local commands flags options\n  commands='",
        out);
    print_commands(out);
    fputs("'\n  case ${COMP_WORDS[1]} in\n", out);
  }
  for (const MarlCommand *const *c = marl_command_table; *c != NULL; ++c)
    MARL_TRY(print_command(out, *c, err));
  if (out == NULL) return MARL_OK;
  fputs("  esac\n  COMPREPLY=()\n  local configs='", out);
  marl_shipped_configs(print_name, out);
  fputs("'\n  local kinds=' configs", out);
  for (size_t k = 0; marl_kinds[k] != NULL; ++k) fprintf(out, " %s", marl_kinds[k]->name);
  fputs(
      "'\n"
      "  if [ \"$COMP_CWORD\" = 1 ] || [ \"$before\" = help ] || [ \"$before\" = --for ]; then\n"
      "    COMPREPLY=($(compgen -W \"$commands\" -- \"$word\"))\n"
      "  elif [ \"$before\" = list ]; then\n"
      "    COMPREPLY=($(compgen -W \"$kinds $flags\" -- \"$word\"))\n"
      "  elif [ \"$before\" = --set ]; then\n"
      "    compopt -o nospace\n"
      "    COMPREPLY=($(compgen -W \"$options\" -- \"$word\"))\n"
      "  elif [[ $word == -* ]]; then\n"
      "    COMPREPLY=($(compgen -W \"$flags\" -- \"$word\"))\n"
      "  elif [ \"$COMP_CWORD\" = 2 ] && [ -n \"$options\" ]; then\n"
      "    mapfile -t COMPREPLY < <(compgen -W \"$configs\" -- \"$word\"; compgen -f -- "
      "\"$word\")\n"
      "  fi\n"
      "}\n"
      "complete -o default -F _marl marl\n",
      out);
  return MARL_OK;
}
