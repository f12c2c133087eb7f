#define _POSIX_C_SOURCE 200809L /* open_memstream */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "marl/core/config_internal.h"
#include "marl/core/value.h"

/* Words that mean something else to a YAML reader unless they are quoted. */
static bool is_plain(const char *text) {
  static const char *const special[] = {"null", "true", "false", "yes", "no",
                                        "on",   "off",  "y",     "n"};
  for (size_t i = 0; i < sizeof special / sizeof *special; ++i) {
    if (strcasecmp(text, special[i]) == 0) return false;
  }
  return text[0] != '\0' && text[0] != '-' && text[0] != '.' && (text[0] < '0' || text[0] > '9') &&
         strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_/.-") ==
             strlen(text);
}

static void write_text(FILE *out, const char *text) {
  if (is_plain(text)) {
    fputs(text, out);
    return;
  }
  fputc('"', out);
  for (const unsigned char *c = (const unsigned char *)text; *c != 0; ++c) {
    if (*c == '"' || *c == '\\')
      fprintf(out, "\\%c", *c);
    else if (*c < 0x20 || *c == 0x7f)
      fprintf(out, "\\x%02x", *c);
    else
      fputc(*c, out);
  }
  fputc('"', out);
}

/* YAML 1.1, which most readers speak, takes 1e-05 for a word: a mantissa has a point there. */
static void write_number(FILE *out, double value, bool whole) {
  char text[MARL_NUMBER_SIZE];
  if (whole) {
    fprintf(out, "%.0f", value);
    return;
  }
  marl_number_print(value, text);
  const char *exponent = strchr(text, 'e');
  if (exponent != NULL && strchr(text, '.') == NULL)
    fprintf(out, "%.*s.0%s", (int)(exponent - text), text, exponent);
  else
    fputs(text, out);
}

/* A text, or the name of a file as `folder` sees it (NULL: as it is). */
static void write_word(FILE *out, const MarlConfig *config, const MarlSection *section,
                       const MarlOption *option, const char *text, const char *folder) {
  char *name = NULL;
  if (folder != NULL && marl_option_names_file(option))
    name = marl_config_file_beside(config, section, option->key, text, folder);
  write_text(out, name != NULL ? name : text);
  free(name);
}

static void write_value(FILE *out, const MarlConfig *config, const MarlSection *section,
                        size_t index, const char *folder) {
  const MarlOption *option = marl_section_option(section, index);
  if (option->kind == MARL_OPTION_TEXTS) {
    size_t count;
    const char *const *words = marl_section_texts(section, option->key, &count);
    fputc('[', out);
    for (size_t i = 0; i < count; ++i) {
      if (i > 0) fputs(", ", out);
      write_word(out, config, section, option, words[i], folder);
    }
    fputc(']', out);
  } else if (option->kind == MARL_OPTION_REALS) {
    size_t count;
    const double *numbers = marl_section_reals(section, option->key, &count);
    fputc('[', out);
    for (size_t i = 0; i < count; ++i) {
      if (i > 0) fputs(", ", out);
      write_number(out, numbers[i], false);
    }
    fputc(']', out);
  } else if (option->kind == MARL_OPTION_REAL) {
    write_number(out, marl_section_real(section, option->key), false);
  } else if (option->kind == MARL_OPTION_INT) {
    write_number(out, (double)marl_section_int64(section, option->key), true);
  } else if (option->kind == MARL_OPTION_CHOICE) {
    write_text(out, marl_section_canonical(section, index));
  } else if (option->kind == MARL_OPTION_TEXT) {
    write_word(out, config, section, option, marl_section_canonical(section, index), folder);
  } else {
    fputs(marl_section_canonical(section, index), out);
  }
}

MarlCode marl_config_resolved(const MarlConfig *config, char **text, MarlError *err) {
  return marl_config_resolved_in(config, NULL, text, err);
}

MarlCode marl_config_resolved_in(const MarlConfig *config, const char *folder, char **text,
                                 MarlError *err) {
  *text = NULL;
  size_t size = 0;
  FILE *out = open_memstream(text, &size);
  if (out == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory for the configuration");
  for (size_t s = 0; s < marl_config_num_claimed(config); ++s) {
    const MarlSection *section = marl_config_claimed(config, s);
    const size_t num_options = marl_section_size(section);
    fprintf(out, "%s:%s\n", marl_section_name(section), num_options == 0 ? " {}" : "");
    for (size_t i = 0; i < num_options; ++i) {
      const MarlOption *option = marl_section_option(section, i);
      const bool bare = option->unit == NULL || option->unit[0] == '\0';
      fprintf(out, "  %s: ", option->key);
      write_value(out, config, section, i, folder);
      fprintf(out, "  # %s%s%s%s\n", option->help, bare ? "" : " [", bare ? "" : option->unit,
              bare ? "" : "]");
    }
  }
  if (fclose(out) != 0) {
    free(*text);
    *text = NULL;
    return MARL_FAIL(err, MARL_EMEMORY, "out of memory for the configuration");
  }
  return MARL_OK;
}
