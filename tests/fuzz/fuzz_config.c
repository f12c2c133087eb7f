/* The configuration reader: what it reads it writes so that it reads it again. */
#include <stdlib.h>
#include <string.h>

#include "envs/env_table.h"
#include "marl/core/config.h"
#include "tests/fuzz/fuzz.h"

static const MarlOption options[] = {
    {"seed", MARL_OPTION_INT, "1", -1e15, 1e15, NULL, "1", "whole"},
    {"rate", MARL_OPTION_REAL, "1e-3", -1e300, 1e300, NULL, "1", "real"},
    {"name", MARL_OPTION_TEXT, "lqr", 0, 0, NULL, "", "text"},
    {"learn", MARL_OPTION_BOOL, "true", 0, 0, NULL, "", "flag"},
    {"hidden", MARL_OPTION_INTS, "[64]", 1, 1e6, NULL, "1", "widths"},
    {"range", MARL_OPTION_REALS, "[0, 1e-9]", -1e300, 1e300, NULL, "1", "reals"},
    {"words", MARL_OPTION_TEXTS, "[a, b]", 0, 0, NULL, "", "words"},
};
static const MarlOptionTable table = {options, sizeof options / sizeof options[0]};

/* The resolved text of `bytes`, NULL if they are refused. */
static char *resolve(const char *bytes, size_t size) {
  MarlConfig *config;
  const MarlSection *section;
  char *text = NULL;
  if (marl_config_parse(bytes, size, "fuzz", &config, NULL) != MARL_OK) return NULL;
  if (marl_config_set(config, "run.seed=3", NULL) == MARL_OK &&
      marl_config_section(config, "run", &table, 1, &section, NULL) == MARL_OK &&
      marl_config_section(config, "env", &table, 1, &section, NULL) == MARL_OK &&
      marl_config_resolved(config, &text, NULL) != MARL_OK)
    text = NULL;
  (void)(marl_config_finish(config, NULL) == MARL_OK);
  marl_config_destroy(&config);
  return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *text = resolve((const char *)data, size);
  if (text == NULL) return 0;
  char *again = resolve(text, strlen(text));
  if (again == NULL || strcmp(again, text) != 0) abort();
  free(again);
  free(text);
  return 0;
}
