#define _POSIX_C_SOURCE 200809L /* open_memstream */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "envs/binding/internal.h"
#include "envs/env_table.h"
#include "marl/core/quote.h"

static MarlCode begin(FILE **file, char **text, size_t *size, MarlError *err) {
  *text = NULL;
  *file = open_memstream(text, size);
  if (*file == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a description");
  return MARL_OK;
}

static MarlCode end(FILE *file, char **text, MarlError *err) {
  if (fclose(file) == 0) return MARL_OK;
  free(*text);
  *text = NULL;
  return MARL_FAIL(err, MARL_EMEMORY, "no memory for a description");
}

static void write_texts(FILE *file, int count, const char *const *texts) {
  fputc('[', file);
  for (int i = 0; i < count; ++i) {
    if (i > 0) fputc(',', file);
    marl_write_json_text(file, texts[i]);
  }
  fputc(']', file);
}

/* A role without its closing brace. */
static void begin_role(FILE *file, const MarlRole *role) {
  const bool discrete = role->action_kind == MARL_ACTION_DISCRETE;
  fputs("{\"name\":", file);
  marl_write_json_text(file, role->name);
  fprintf(file, ",\"obs_dim\":%d,\"discrete\":%s,\"act_dim\":%d,\"choices\":[", role->obs_dim,
          discrete ? "true" : "false", role->act_dim);
  for (int i = 0; discrete && i < role->act_dim; ++i)
    fprintf(file, "%s%d", i > 0 ? "," : "", marl_role_choices(role, i));
  fprintf(file, "],\"low\":%.9g,\"high\":%.9g", discrete ? 0.0 : (double)role->act_low,
          discrete ? 0.0 : (double)role->act_high);
}

typedef struct Array {
  const char *name, *type;
  const void *data; /* NULL: there is none */
  int shape[3];     /* -1 behind the last */
} Array;

static void write_arrays(FILE *file, const MarlVecEnv *vec, const MarlBatch *b) {
  const MarlEnvSpec *s = marl_vec_env_spec(vec);
  const int e = b->num_envs, a = b->num_agents, o = s->obs_dim, m = s->mask_dim, n = s->num_metrics;
  const Array arrays[] = {
      {"act", "float32", b->act, {e, a, s->act_dim}},
      {"obs", "float32", b->obs, {e, a, o}},
      {"final_obs", "float32", b->final_obs, {e, a, o}},
      {"mask", "uint8", b->mask, {e, a, m}},
      {"final_mask", "uint8", b->final_mask, {e, a, m}},
      {"state", "float32", b->state, {e, s->state_dim, -1}},
      {"final_state", "float32", b->final_state, {e, s->state_dim, -1}},
      {"role", "uint8", b->role, {e, a, -1}},
      {"final_role", "uint8", b->final_role, {e, a, -1}},
      {"active", "uint8", b->active, {e, a, -1}},
      {"final_active", "uint8", b->final_active, {e, a, -1}},
      {"reward", "float32", b->reward, {e, a, s->num_roles}},
      {"terminated", "uint8", b->terminated, {e, a, -1}},
      {"truncated", "uint8", b->truncated, {e, a, -1}},
      {"gone", "uint8", b->gone, {e, a, -1}},
      {"ended", "uint8", b->ended, {e, a, s->num_roles}},
      {"metrics", "float32", b->metrics, {e, n, -1}},
      {"final_metrics", "float32", b->final_metrics, {e, n, -1}},
      {"cycle_ended", "uint8", b->cycle_ended, {e, -1, -1}},
      {"cycle_metrics", "float64", b->cycle_metrics, {e, n, -1}},
      {"cycle_whole", "float64", b->cycle_whole, {e, n, -1}},
      {"steps", "int32", marl_vec_env_steps(vec), {e, -1, -1}},
  };
  const char *comma = "";
  for (size_t i = 0; i < sizeof arrays / sizeof *arrays; ++i) {
    if (arrays[i].data == NULL) continue;
    fprintf(file, "%s{\"name\":\"%s\",\"type\":\"%s\",\"address\":%" PRIuPTR ",\"shape\":[", comma,
            arrays[i].name, arrays[i].type, (uintptr_t)arrays[i].data);
    for (int k = 0; k < 3 && arrays[i].shape[k] >= 0; ++k)
      fprintf(file, "%s%d", k > 0 ? "," : "", arrays[i].shape[k]);
    fputs("]}", file);
    comma = ",";
  }
}

MarlCode marl_binding_describe_envs(const MarlBindingEnvs *envs, char **json, MarlError *err) {
  FILE *file;
  size_t size;
  const MarlEnvSpec *s = marl_vec_env_spec(envs->vec);
  MARL_TRY(begin(&file, json, &size, err));
  fputs("{\"name\":", file);
  marl_write_json_text(file, envs->sections.env_ops->name);
  fprintf(file,
          ",\"num_envs\":%d,\"num_agents\":%d,\"max_steps\":%d,\"ends_decisions\":%s,"
          "\"max_transitions\":%d,\"seed\":%" PRId64 ",\"shows\":%s,\"roles\":[",
          marl_section_int(envs->sections.env, "num_envs"), s->num_agents, s->max_steps,
          s->ends_decisions ? "true" : "false", s->max_transitions,
          marl_section_int64(envs->sections.run, "seed"),
          envs->sections.env_ops->look != NULL ? "true" : "false");
  for (int r = 0; r < s->num_roles; ++r) {
    if (r > 0) fputc(',', file);
    begin_role(file, &s->roles[r]);
    fputc('}', file);
  }
  fputs("],\"metrics\":", file);
  write_texts(file, s->num_metrics, s->metrics);
  fputs(",\"arrays\":[", file);
  write_arrays(file, envs->vec, marl_vec_env_batch(envs->vec));
  fputs("]}", file);
  return end(file, json, err);
}

MarlCode marl_binding_describe_picture(const MarlPicture *picture, char **json, MarlError *err) {
  FILE *file;
  size_t size;
  MARL_TRY(begin(&file, json, &size, err));
  fprintf(file, "{\"clock\":\"%s\",\"at\":%.9g,\"panels\":[", picture->clock, picture->at);
  for (int i = 0; i < picture->num_panels; ++i) {
    const MarlPanel *panel = &picture->panel[i];
    fputs(i > 0 ? ",{\"name\":" : "{\"name\":", file);
    marl_write_json_text(file, panel->name);
    fputs(",\"unit\":", file);
    marl_write_json_text(file, panel->unit);
    fputs(",\"kinds\":", file);
    write_texts(file, panel->kinds != NULL ? panel->num_kinds : 0, panel->kinds);
    fprintf(file, ",\"rows\":%d,\"columns\":%d,\"address\":%" PRIuPTR "}", panel->rows,
            panel->columns, (uintptr_t)panel->values);
  }
  fputs("]}", file);
  return end(file, json, err);
}

MarlCode marl_binding_describe_policy(const MarlPolicy *policy, char **json, MarlError *err) {
  FILE *file;
  size_t size;
  MARL_TRY(begin(&file, json, &size, err));
  fprintf(file, "{\"num_agents\":%d,\"num_sets\":%d,\"set\":", policy->num_agents,
          policy->num_sets);
  if (policy->set == NULL) fputs("null", file);
  for (int a = 0; policy->set != NULL && a < policy->num_agents; ++a)
    fprintf(file, "%c%d", a > 0 ? ',' : '[', policy->set[a]);
  fprintf(file, "%s,\"roles\":[", policy->set == NULL ? "" : "]");
  for (int r = 0; r < policy->num_roles; ++r) {
    if (r > 0) fputc(',', file);
    begin_role(file, &policy->roles[r].role);
    fprintf(file, ",\"memory\":%d}", policy->roles[r].memory);
  }
  fputs("]}", file);
  return end(file, json, err);
}

static void write_option(FILE *file, const MarlOption *option) {
  static const char *const kinds[] = {[MARL_OPTION_BOOL] = "bool",
                                      [MARL_OPTION_INT] = "int",
                                      [MARL_OPTION_REAL] = "float",
                                      [MARL_OPTION_CHOICE] = "choice",
                                      [MARL_OPTION_TEXT] = "str",
                                      [MARL_OPTION_INTS] = "list of int",
                                      [MARL_OPTION_REALS] = "list of float",
                                      [MARL_OPTION_TEXTS] = "list of str"};
  int choices = 0;
  while (option->choices != NULL && option->choices[choices] != NULL) ++choices;
  fputs("{\"key\":", file);
  marl_write_json_text(file, option->key);
  fprintf(file, ",\"kind\":\"%s\",\"default\":", kinds[option->kind]);
  marl_write_json_text(file, option->fallback != NULL ? option->fallback : "");
  fputs(",\"unit\":", file);
  marl_write_json_text(file, option->unit != NULL ? option->unit : "1");
  fputs(",\"help\":", file);
  marl_write_json_text(file, option->help != NULL ? option->help : "");
  fputs(",\"choices\":", file);
  write_texts(file, choices, option->choices);
  fputc('}', file);
}

int marl_binding_list_envs(char **json, char *message) {
  MarlError err;
  FILE *file;
  size_t size;
  MarlCode code = begin(&file, json, &size, &err);
  if (code != MARL_OK) return marl_binding_answer(code, &err, message);
  fputc('[', file);
  const MarlPlugin *p;
  for (size_t i = 0; (p = marl_kind_at(&marl_kind_all_envs, i)) != NULL; ++i) {
    fputs(i > 0 ? ",{\"name\":" : "{\"name\":", file);
    marl_write_json_text(file, p->name);
    fputs(",\"summary\":", file);
    marl_write_json_text(file, p->summary);
    fputs(",\"source\":", file);
    marl_write_json_text(file, p->source != NULL ? p->source : "");
    fputs(",\"options\":[", file);
    for (size_t k = 0; k < p->num_options; ++k) {
      if (k > 0) fputc(',', file);
      write_option(file, &p->options[k]);
    }
    fputs("]}", file);
  }
  fputc(']', file);
  return marl_binding_answer(end(file, json, &err), &err, message);
}
