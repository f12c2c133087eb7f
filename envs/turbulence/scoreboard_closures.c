#include "envs/turbulence/scoreboard_closures.h"

#include <stdio.h>
#include <string.h>

#include "envs/turbulence/closures.h"
#include "envs/turbulence/trained_policy.h"
#include "marl/learn/trainer.h"

enum { MAX_SPECIFICATION = 1024 };

/* One KEY=VALUE of a specification. */
static MarlCode parse_setting(char *part, const char *specification, MarlScoreRow *row,
                              MarlError *err) {
  char *equals = strchr(part, '=');
  if (equals == NULL)
    return MARL_FAIL(err, MARL_ECONFIG, "closure '%s': expected KEY=VALUE instead of '%s'",
                     specification, part);
  *equals = '\0';
  if (strcmp(part, "label") == 0) {
    snprintf(row->label, sizeof row->label, "%s", equals + 1);
    return MARL_OK;
  }
  return marl_section_set(row->options, part, equals + 1, specification, err);
}

MarlCode marl_closure_parse(const char *specification, MarlScoreRow *row, MarlError *err) {
  char text[MAX_SPECIFICATION];
  if (snprintf(text, sizeof text, "%s", specification) >= (int)sizeof text)
    return MARL_FAIL(err, MARL_ECONFIG, "closure '%.60s...' is too long", specification);
  snprintf(row->label, sizeof row->label, "%s", specification);
  char *rest = strchr(text, ':');
  if (rest != NULL) *rest++ = '\0';
  MARL_TRY(marl_all_closures_find(text, &row->closure, err));
  const MarlOptionTable table = {row->closure->options, row->closure->num_options};
  MARL_TRY(marl_section_create("closure", &table, 1, &row->options, err));
  while (rest != NULL) {
    char *part = rest;
    rest = strchr(part, ':');
    if (rest != NULL) *rest++ = '\0';
    MARL_TRY(parse_setting(part, specification, row, err));
  }
  return MARL_OK;
}

/* A policy that is not told otherwise sees the flow beside the reference that it is judged by. */
static MarlCode look_at(MarlScoreRow *row, const char *reference, MarlError *err) {
  if (row->closure != &marl_closure_learned ||
      marl_section_text(row->options, "reference")[0] != '\0')
    return MARL_OK;
  return marl_section_set(row->options, "reference", reference, "the evaluation", err);
}

MarlCode marl_scoreboard_count_replicas(const char *run, int *count, MarlError *err) {
  MarlConfig *config;
  const MarlSection *section;
  MARL_TRY(marl_trained_policy_config(run, &config, err));
  const MarlCode code = marl_config_section(config, "run", &marl_run_options, 1, &section, err);
  if (code == MARL_OK) *count = marl_section_int(section, "replicas");
  marl_config_destroy(&config);
  return code;
}

/* The policy of a replica as a closure. */
static MarlCode fill_learned(const char *run, int replica, int replicas, MarlScoreRow *row,
                             MarlError *err) {
  const MarlOptionTable table = {marl_closure_learned.options, marl_closure_learned.num_options};
  char number[16];
  row->closure = &marl_closure_learned;
  snprintf(number, sizeof number, "%d", replica);
  snprintf(row->label, sizeof row->label, "learned%s%s", replicas > 1 ? "_" : "",
           replicas > 1 ? number : "");
  MARL_TRY(marl_section_create("closure", &table, 1, &row->options, err));
  MARL_TRY(marl_section_set(row->options, "policy", run, "evaluate.run", err));
  return marl_section_set(row->options, "replica", number, "evaluate.run", err);
}

MarlCode marl_evaluate_inherit(MarlConfig *config, MarlError *err) {
  static const char *const keys[] = {"reference", "resolution", "dt", "dealias", "advection"};
  for (size_t i = 0; i < sizeof keys / sizeof *keys; ++i)
    MARL_TRY(marl_config_inherit(config, "evaluate", "env", keys[i], err));
  return MARL_OK;
}

MarlCode marl_scoreboard_fill_closures(MarlScoreboard *board, const char *const *closures,
                                       const char *run, int replicas, MarlError *err) {
  const int given = board->num_closures - replicas;
  for (int c = 0; c < board->num_closures; ++c) {
    MarlScoreRow *row = &board->rows[c];
    MARL_TRY(c < given ? marl_closure_parse(closures[c], row, err)
                       : fill_learned(run, c - given, replicas, row, err));
    MARL_TRY(look_at(row, board->reference->path, err));
  }
  return MARL_OK;
}
