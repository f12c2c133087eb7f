/* What the templates of cli/templates ask of a closure. */
#include <string.h>

#include "cli/policy_code.h"

static const char *const dampings[] = {[MARL_DAMPING_LAPLACIAN] = "nu_e",
                                       [MARL_DAMPING_BIHARMONIC] = "nu_4",
                                       [MARL_DAMPING_TRIHARMONIC] = "nu_6",
                                       [MARL_DAMPING_CUTOFF] = "nu_c",
                                       [MARL_DAMPING_RIM] = "nu_r"};

/* powers of k^2; 0 and -1: the dampings of the edge and of the rim */
static const int powers[] = {[MARL_DAMPING_LAPLACIAN] = 1,
                             [MARL_DAMPING_BIHARMONIC] = 2,
                             [MARL_DAMPING_TRIHARMONIC] = 3,
                             [MARL_DAMPING_CUTOFF] = 0,
                             [MARL_DAMPING_RIM] = -1};

/* Blocks that look at strain, and at third derivatives of the streamfunction */
static const char *const strain_blocks[] = {"velocity_gradient", "okubo_weiss", NULL};
static const char *const mean_strain_blocks[] = {"flow_regime", NULL};
static const char *const third_blocks[] = {"second_derivative_invariants",
                                           "second_derivative_public_code", NULL};

static bool has_block(const MarlTurbulenceParams *params, const char *const *names) {
  for (; *names != NULL; ++names)
    for (int b = 0; b < params->num_observations; ++b)
      if (strcmp(params->observation[b]->name, *names) == 0) return true;
  return false;
}

bool marl_closure_code_known(const MarlClosureDescription *closure, MarlTemplate *t,
                             const char **kind, const char **name) {
  const MarlTurbulenceParams *params = &closure->params;
  char key[128];
  *kind = "observation block";
  for (int b = 0; b < params->num_observations; ++b) {
    *name = params->observation[b]->name;
    snprintf(key, sizeof key, "observation.%s", *name);
    if (!marl_template_asks(t, key)) return false;
  }
  *kind = "action set";
  *name = params->action->name;
  snprintf(key, sizeof key, "action.%s", *name);
  return marl_template_asks(t, key);
}

static void set_list(const MarlPolicyCode *code, MarlTemplate *t, const char *key,
                     MarlCodeType type, size_t n, MarlCodeValue value, const void *context) {
  marl_code_list(marl_template_open(t, key), code->language, type, n, value, context);
}

static void set_double(const MarlPolicyCode *code, MarlTemplate *t, const char *key, double value) {
  marl_code_number(marl_template_open(t, key), code->language, MARL_CODE_DOUBLE, value);
}

static void set_observations(const MarlTurbulenceParams *params, MarlTemplate *t) {
  char key[128];
  bool local = false;
  for (int b = 0; b < params->num_observations; ++b) {
    snprintf(key, sizeof key, "observation.%s", params->observation[b]->name);
    marl_template_set(t, key, "1");
    local = local || !params->observation[b]->same_for_all;
  }
  const bool strain = has_block(params, strain_blocks), third = has_block(params, third_blocks);
  const bool fields = strain || has_block(params, mean_strain_blocks);
  const int first_third = fields ? 5 : 2; /* behind w_x, w_y and those of the strain */
  marl_template_set(t, "local", "%s", local ? "1" : "");
  marl_template_set(t, "strain", "%s", strain ? "1" : "");
  marl_template_set(t, "strain_fields", "%s", fields ? "1" : "");
  marl_template_set(t, "third", "%s", "");
  if (third) marl_template_set(t, "third", "%d", first_third);
  marl_template_set(t, "num_fields", "%d", third ? first_third + 4 : first_third);
}

static void set_actions(const MarlPolicyCode *code, MarlTemplate *t) {
  static const char *const yes[] = {"1", ".true.", "True"}, *const no[] = {"0", ".false.", "False"};
  const MarlTurbulenceParams *params = &code->closure->params;
  const size_t count = (size_t)params->num_coefficients;
  char key[128];
  snprintf(key, sizeof key, "action.%s", params->action->name);
  marl_template_set(t, key, "1");
  marl_template_set(t, "coefficients", "%zu", count);
  set_list(code, t, "center", MARL_CODE_DOUBLE, count, marl_code_double, params->center);
  set_list(code, t, "action_scale", MARL_CODE_DOUBLE, count, marl_code_double, params->scale);
  FILE *out = marl_template_open(t, "any_sign");
  for (size_t c = 0; c < count; ++c)
    fprintf(out, "%s%s", c > 0 ? ", " : "",
            (params->action->term[c].any_sign ? yes : no)[code->language]);
  out = marl_template_open(t, "power");
  for (size_t c = 0; c < count; ++c)
    fprintf(out, "%s%d", c > 0 ? ", " : "", powers[params->action->term[c].damping]);
  out = marl_template_open(t, "coefficient_names");
  for (size_t c = 0; c < count; ++c)
    fprintf(out, "%s%s", c > 0 ? ", " : "", dampings[params->action->term[c].damping]);
}

static int largest_factor(int n) {
  int largest = 1;
  for (int p = 2; n > 1; ++p)
    for (; n % p == 0; n /= p) largest = p;
  return largest;
}

void marl_closure_code_values(const MarlPolicyCode *code, MarlTemplate *t) {
  const MarlClosureDescription *closure = code->closure;
  const MarlTurbulenceParams *params = &closure->params;
  const int n = params->n, factor = largest_factor(3 * n); /* a padded transform has 3, too */
  char name[2 * MARL_CODE_NAME];
  marl_template_set(t, "n", "%d", n);
  marl_template_set(t, "last", "%d", n - 1);
  marl_template_set(t, "kept", "%d", closure->kept);
  marl_template_set(t, "agents", "%d", params->agents);
  marl_template_set(t, "interval", "%d", params->interval);
  marl_template_set(t, "most_factor", "%d", factor);
  set_double(code, t, "dt", params->dt);
  set_double(code, t, "length", closure->length);
  set_double(code, t, "viscosity", closure->reference->viscosity);
  set_double(code, t, "beta", closure->reference->beta);
  set_list(code, t, "band_target", MARL_CODE_DOUBLE, MARL_OBSERVATION_BANDS, marl_code_double,
           closure->band_target);
  set_list(code, t, "band_edges", MARL_CODE_INT, MARL_OBSERVATION_BANDS + 1, marl_code_int,
           closure->band_edge);
  snprintf(name, sizeof name, "%s_weight", code->name);
  const MarlCodeArray weight = {MARL_CODE_DOUBLE, name, 1, (size_t)n, 0, true};
  marl_code_array(marl_template_open(t, "weight"), code->language, &weight, marl_code_double,
                  closure->weight);
  set_observations(params, t);
  set_actions(code, t);
}
