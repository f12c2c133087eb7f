#include "cli/policy_header.h"

#include <ctype.h>
#include <math.h>

/* One role as it is written. */
typedef struct Writer {
  FILE *out;
  const MarlPolicyRole *role;
  char prefix[2 * MARL_POLICY_NAME_MAX]; /* of its identifiers */
} Writer;

/* One layer, for all roles. Weights [in, out], then biases [out], as in marl/nn/mlp.h. */
static const char layer_text[] =
    "static inline const float *%s_layer(const float *p, int in, int out, int activation,\n"
    "                                    const float *x, float *y) {\n"
    "  for (int j = 0; j < out; ++j) y[j] = p[in * out + j];\n"
    "  for (int i = 0; i < in; ++i)\n"
    "    for (int j = 0; j < out; ++j) y[j] += x[i] * p[i * out + j];\n"
    "  for (int j = 0; j < out && activation; ++j)\n"
    "    y[j] = activation == 1 ? tanhf(y[j]) : (y[j] > 0 ? y[j] : 0);\n"
    "  return p + in * out + out;\n"
    "}\n";

/* Hexadecimal: exact, whatever the locale of the compiler. */
static void write_rows(const Writer *w, const char *type, const char *what, int sets, size_t n,
                       double (*value)(const MarlPolicyRole *, int set, size_t i)) {
  fprintf(w->out, "static const %s %s_%s[%d][%zu] = {\n", type, w->prefix, what, sets, n);
  for (int set = 0; set < sets; ++set) {
    fputs("    {", w->out);
    for (size_t i = 0; i < n; ++i)
      fprintf(w->out, "%s%a%s,", i % 6 == 0 ? "\n     " : " ", value(w->role, set, i),
              type[0] == 'f' ? "f" : "");
    fputs("\n    },\n", w->out);
  }
  fputs("};\n", w->out);
}

static double parameter(const MarlPolicyRole *role, int set, size_t i) {
  return (double)role->params[(size_t)set * role->num_params + i];
}

/* As marl_normalizer_apply: nothing is known before two samples, and no deviation is below 1e-6. */
static double mean(const MarlPolicyRole *role, int set, size_t i) {
  const MarlNormalizer *n = role->normalizer[set];
  return n->count >= 2 ? n->mean[i] : 0;
}
static double scale(const MarlPolicyRole *role, int set, size_t i) {
  const MarlNormalizer *n = role->normalizer[set];
  return n->count >= 2 ? 1 / fmax(sqrt(n->m2[i] / n->count), 1e-6) : 1;
}

static int widest(const MarlMlpShape *shape) {
  int wide = shape->num_inputs > shape->num_outputs ? shape->num_inputs : shape->num_outputs;
  for (int l = 0; l < shape->num_hidden; ++l)
    if (shape->hidden[l] > wide) wide = shape->hidden[l];
  return wide;
}

static void write_input(const Writer *w) {
  const int dim = w->role->role.obs_dim;
  if (w->role->normalizer == NULL) {
    fprintf(w->out, "  for (int i = 0; i < %d; ++i) x[i] = obs[i];\n", dim);
    return;
  }
  fprintf(w->out,
          "  for (int i = 0; i < %d; ++i) {\n"
          "    const float z = (float)((obs[i] - %s_mean[set][i]) * %s_scale[set][i]);\n"
          "    x[i] = z > %d ? %d : (z < -%d ? -%d : z);\n"
          "  }\n",
          dim, w->prefix, w->prefix, MARL_POLICY_OBSERVATION_LIMIT, MARL_POLICY_OBSERVATION_LIMIT,
          MARL_POLICY_OBSERVATION_LIMIT, MARL_POLICY_OBSERVATION_LIMIT);
}

/* Layers go to and fro between x and y; returns where the output is. */
static char write_layers(const Writer *w, const char *name) {
  const MarlMlpShape *shape = &w->role->shape;
  int in = shape->num_inputs;
  char from = 'x', to = 'y';
  for (int l = 0; l <= shape->num_hidden; ++l) {
    const bool last = l == shape->num_hidden;
    const int out = last ? shape->num_outputs : shape->hidden[l];
    const int activation = last ? 0 : (shape->activation == MARL_TANH ? 1 : 2);
    fprintf(w->out, "  %s%s_layer(p, %d, %d, %d, %c, %c);\n", last ? "" : "p = ", name, in, out,
            activation, from, to);
    in = out;
    const char swap = from;
    from = to;
    to = swap;
  }
  return from;
}

/* The most probable legal choice of each component; x has the logits. */
static void write_choices(const Writer *w, char from) {
  const MarlPolicyRole *role = w->role;
  fprintf(w->out, "  static const int choices[%d] = {", role->role.act_dim);
  for (int i = 0; i < role->role.act_dim; ++i)
    fprintf(w->out, "%s%d", i == 0 ? "" : ", ", role->choices[i]);
  fprintf(w->out,
          "};\n"
          "  for (int i = 0, at = 0; i < %d; at += choices[i++]) {\n"
          "    int best = -1;\n"
          "    for (int j = 0; j < choices[i]; ++j)\n"
          "      if (%s(best < 0 || %c[at + j] > %c[at + best])) best = j;\n"
          "    act[i] = (float)best;\n"
          "  }\n",
          role->role.act_dim, role->masked ? "(!legal || legal[at + j]) && " : "", from, from);
}

static void write_action(const Writer *w, char from) {
  const MarlRole *role = &w->role->role;
  if (role->action_kind == MARL_ACTION_DISCRETE) {
    write_choices(w, from);
    return;
  }
  const float mid = 0.5f * (role->act_low + role->act_high);
  const float half = 0.5f * (role->act_high - role->act_low);
  if (w->role->squashed)
    fprintf(w->out, "  for (int j = 0; j < %d; ++j) act[j] = %af + %af * tanhf(%c[j]);\n",
            role->act_dim, (double)mid, (double)half, from);
  else
    fprintf(w->out,
            "  for (int j = 0; j < %d; ++j)\n"
            "    act[j] = %af + %af * (%c[j] > 1 ? 1 : (%c[j] < -1 ? -1 : %c[j]));\n",
            role->act_dim, (double)mid, (double)half, from, from, from);
}

static void write_role(const Writer *w, const char *name) {
  const MarlPolicyRole *role = w->role;
  const size_t dim = (size_t)role->role.obs_dim;
  fputc('\n', w->out);
  write_rows(w, "float", "params", role->num_sets, marl_mlp_num_params(&role->shape), parameter);
  if (role->normalizer != NULL) {
    write_rows(w, "double", "mean", role->num_sets, dim, mean);
    write_rows(w, "double", "scale", role->num_sets, dim, scale);
  }
  fprintf(w->out,
          "/* act [%d] of obs [%d], parameter set 0 .. %d%s */\n"
          "static inline void %s(int set, const float *obs, %sfloat *act) {\n"
          "  float x[%d], y[%d];\n"
          "  const float *p = %s_params[set];\n",
          role->role.act_dim, role->role.obs_dim, role->num_sets - 1,
          role->masked ? "; legal: 1 for each choice that is, NULL: all are" : "", w->prefix,
          role->masked ? "const unsigned char *legal, " : "", widest(&role->shape),
          widest(&role->shape), w->prefix);
  write_input(w);
  write_action(w, write_layers(w, name));
  fputs("}\n", w->out);
}

void marl_policy_header(FILE *out, const MarlPolicy *policy, const char *name, const char *origin) {
  const char *sets = policy->shared ? "0 for all agents"
                     : policy->num_sets == policy->num_agents
                         ? "each agent's own number"
                         : "the number of the agent's group (policy.groups)";
  fprintf(out,
          "/* Policy of %s.\n"
          " * Written by marl export; needs nothing but the C library.\n"
          " * Parameter sets: %s; a role's function gives the %s action.\n"
          " */\n"
          "#ifndef %s_POLICY_H\n#define %s_POLICY_H\n\n#include <math.h>\n\n",
          origin, sets, "mean or most probable", name, name);
  fprintf(out, layer_text, name);
  for (int r = 0; r < policy->num_roles; ++r) {
    Writer w = {.out = out, .role = &policy->roles[r]};
    snprintf(w.prefix, sizeof w.prefix, "%.60s_%s", name, policy->roles[r].name);
    for (char *c = w.prefix; *c != '\0'; ++c)
      if (!isalnum((unsigned char)*c)) *c = '_';
    write_role(&w, name);
  }
  fputs("\n#endif\n", out);
}
