#include "cli/policy_code.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

/* cmake/embed.cmake makes them of cli/templates */
extern const char marl_template_policy_h[], marl_template_policy_f90[], marl_template_policy_py[];

static const char *text_of(MarlLanguage language) {
  static const char *const texts[] = {[MARL_IN_C] = marl_template_policy_h,
                                      [MARL_IN_FORTRAN] = marl_template_policy_f90,
                                      [MARL_IN_NUMPY] = marl_template_policy_py};
  return texts[language];
}

MarlCode marl_policy_code_check(const MarlPolicyCode *code, MarlError *err) {
  const char *kind, *name;
  MarlTemplate *t;
  for (int r = 0; r < code->policy->num_roles; ++r) {
    const MarlPolicyRole *role = &code->policy->roles[r];
    if (role->table == NULL && role->memory == 0) continue;
    return MARL_FAIL(err, MARL_ECONFIG,
                     "%s: role '%s' is a %s: it is not written as code, only as a file (--out)",
                     code->origin, role->name,
                     role->table != NULL ? "table" : "network that remembers");
  }
  if (code->closure == NULL) return MARL_OK;
  MARL_TRY(marl_template_create(text_of(code->language), &t, err));
  const bool known = marl_closure_code_known(code->closure, t, &kind, &name);
  marl_template_destroy(&t);
  if (known) return MARL_OK;
  return MARL_FAIL(err, MARL_ECONFIG,
                   "%s: the %s '%s' is of a program of your own, and marl knows no code of it",
                   code->origin, kind, name);
}

typedef struct Role {
  const MarlPolicyCode *code;
  const MarlPolicyRole *role;
  MarlTemplate *t;
  char name[2 * MARL_POLICY_NAME_MAX];
  size_t num_network; /* parameters of its network, without deviations */
} Role;

static double parameter(const void *context, size_t i) {
  const Role *r = context;
  const size_t n = r->num_network;
  return (double)r->role->params[i / n * r->role->num_params + i % n];
}

/* As marl_normalizer_apply: nothing is known before two samples, and no deviation is below 1e-6. */
static double mean(const void *context, size_t i) {
  const MarlPolicyRole *role = ((const Role *)context)->role;
  const size_t dim = (size_t)role->role.obs_dim;
  const MarlNormalizer *n = role->normalizer[i / dim];
  return n->count >= 2 ? n->mean[i % dim] : 0;
}

static double scale(const void *context, size_t i) {
  const MarlPolicyRole *role = ((const Role *)context)->role;
  const size_t dim = (size_t)role->role.obs_dim;
  const MarlNormalizer *n = role->normalizer[i / dim];
  return n->count >= 2 ? 1 / fmax(sqrt(n->m2[i % dim] / n->count), 1e-6) : 1;
}

/* Layers as they follow each other: from one of two arrays to the other. */
typedef struct Layers {
  const Role *role;
  FILE *out;
  int number; /* written so far */
  int widest; /* numbers between two of them */
} Layers;

static char array_of(int number) {
  return number % 2 == 0 ? 'x' : 'y';
}

static void widen(Layers *s, int count) {
  if (count > s->widest) s->widest = count;
}

static int activation_of(MarlActivation activation) {
  return activation == MARL_TANH ? 1 : 2;
}

/* Layer `l` of the convolutions of an image that becomes the next one's. */
static void write_convolution(Layers *s, int l, MarlConvShape *image) {
  const Role *r = s->role;
  const MarlConvLayer *layer = &image->layer[l];
  const char from = array_of(s->number), to = array_of(s->number + 1);
  char shape[160];
  snprintf(shape, sizeof shape, "%d, %d, %d, %d, %d, %d, %d, %d, %d", image->rows, image->cols,
           image->channels, layer->kernel, layer->channels, layer->stride, layer->padding,
           image->tail, activation_of(image->activation));
  switch (r->code->language) {
    case MARL_IN_C:
      fprintf(s->out, "  p = %s_convolve(p, %s, %c, %c);\n", r->code->name, shape, from, to);
      break;
    case MARL_IN_FORTRAN:
      fprintf(s->out, "    call %s_convolve(%s_params(at, set), %s, %c, %c)\n    at = at + %d\n",
              r->code->name, r->name, shape, from, to,
              (layer->kernel * layer->kernel * image->channels + 1) * layer->channels);
      break;
    case MARL_IN_NUMPY:
      fprintf(s->out, "    p, x = _convolve(p, %s, x)\n", shape);
      break;
  }
  image->rows = (image->rows + 2 * layer->padding - layer->kernel) / layer->stride + 1;
  image->cols = (image->cols + 2 * layer->padding - layer->kernel) / layer->stride + 1;
  image->channels = layer->channels;
  s->number += 1;
  widen(s, image->rows * image->cols * image->channels + image->tail);
}

static void write_layer(Layers *s, int in, int count, bool last) {
  const Role *r = s->role;
  const int activation = last ? 0 : activation_of(r->role->shape.activation);
  const char from = array_of(s->number), to = array_of(s->number + 1);
  const char *end = last ? "" : "\n";
  FILE *out = s->out;
  switch (r->code->language) {
    case MARL_IN_C:
      fprintf(out, "  %s%s_layer(p, %d, %d, %d, %c, %c);%s", last ? "" : "p = ", r->code->name, in,
              count, activation, from, to, end);
      break;
    case MARL_IN_FORTRAN:
      fprintf(out, "    call %s_layer(%s_params(at, set), %d, %d, %d, %c, %c)%s", r->code->name,
              r->name, in, count, activation, from, to, end);
      if (!last) fprintf(out, "    at = at + %d%s", (in + 1) * count, end);
      break;
    case MARL_IN_NUMPY:
      fprintf(out, "    p, x = _layer(p, %d, %d, %d, x)%s", in, count, activation, end);
      break;
  }
  s->number += 1;
  widen(s, count);
}

static void set_layers(const Role *r) {
  const MarlMlpShape *shape = &r->role->shape;
  MarlConvShape image = r->role->conv;
  Layers layers = {r, marl_template_open(r->t, "layers"), 0, r->role->role.obs_dim};
  int in = r->role->role.obs_dim;
  for (int l = 0; l < image.num_layers; ++l) write_convolution(&layers, l, &image);
  if (image.num_layers > 0) in = marl_conv_num_outputs(&r->role->conv);
  for (int l = 0; l <= shape->num_hidden; ++l) {
    const bool last = l == shape->num_hidden;
    const int count = last ? shape->num_outputs : shape->hidden[l];
    write_layer(&layers, in, count, last);
    in = count;
  }
  marl_template_set(r->t, "out", "%c", array_of(layers.number));
  marl_template_set(r->t, "widest", "%d", layers.widest);
}

static void set_arrays(const Role *r) {
  const MarlLanguage language = r->code->language;
  const size_t dim = (size_t)r->role->role.obs_dim;
  char name[2 * MARL_POLICY_NAME_MAX + 8];
  MarlCodeArray array = {MARL_CODE_FLOAT, name, r->role->num_sets, r->num_network, 1, false};
  snprintf(name, sizeof name, "%s_params", r->name);
  marl_code_array(marl_template_open(r->t, "params"), language, &array, parameter, r);
  marl_template_set(r->t, "normalized", "%s", r->role->normalizer != NULL ? "1" : "");
  if (r->role->normalizer == NULL) return;
  array.type = MARL_CODE_DOUBLE;
  array.n = dim;
  snprintf(name, sizeof name, "%s_mean", r->name);
  marl_code_array(marl_template_open(r->t, "mean"), language, &array, mean, r);
  snprintf(name, sizeof name, "%s_scale", r->name);
  marl_code_array(marl_template_open(r->t, "scale"), language, &array, scale, r);
}

static void set_number(MarlTemplate *t, const char *key, MarlLanguage language, MarlCodeType type,
                       double value) {
  marl_code_number(marl_template_open(t, key), language, type, value);
}

static void set_action(const Role *r) {
  static const char *const legal[] = {"", ", legal", ", legal=None"};
  const MarlRole *role = &r->role->role;
  const bool discrete = role->action_kind == MARL_ACTION_DISCRETE;
  const MarlLanguage language = r->code->language;
  marl_template_set(r->t, "discrete", "%s", discrete ? "1" : "");
  marl_template_set(r->t, "masked", "%s", r->role->masked ? "1" : "");
  marl_template_set(r->t, "legal", "%s", r->role->masked ? legal[language] : "");
  marl_template_set(r->t, "squashed", "%s", !discrete && r->role->squashed ? "1" : "");
  marl_template_set(r->t, "clipped", "%s", !discrete && !r->role->squashed ? "1" : "");
  if (discrete) {
    marl_template_set(r->t, "logits", "%d", r->role->shape.num_outputs);
    marl_code_list(marl_template_open(r->t, "choices"), language, MARL_CODE_INT,
                   (size_t)role->act_dim, marl_code_int, r->role->choices);
    return;
  }
  const double low = (double)role->act_low, high = (double)role->act_high;
  set_number(r->t, "mid", language, MARL_CODE_FLOAT, (double)(float)(0.5 * (low + high)));
  set_number(r->t, "half", language, MARL_CODE_FLOAT, (double)(float)(0.5 * (high - low)));
}

static void set_role(Role *r) {
  const MarlPolicyRole *role = r->role;
  snprintf(r->name, sizeof r->name, "%s_%.30s", r->code->name, role->name);
  for (char *c = r->name; *c != '\0'; ++c)
    if (!isalnum((unsigned char)*c)) *c = '_';
  const MarlNetworkShape network = {.dense = role->shape, .conv = role->conv};
  r->num_network = marl_network_num_params(&network);
  marl_template_set(r->t, "role", "%s", r->name);
  marl_template_set(r->t, "sets", "%d", role->num_sets);
  marl_template_set(r->t, "last_set", "%d", role->num_sets - 1);
  marl_template_set(r->t, "num_params", "%zu", r->num_network);
  marl_template_set(r->t, "obs", "%d", role->role.obs_dim);
  marl_template_set(r->t, "act", "%d", role->role.act_dim);
  marl_template_set(r->t, "limit", "%d", MARL_POLICY_OBSERVATION_LIMIT);
  set_arrays(r);
  set_layers(r);
  set_action(r);
}

static void write_roles(const MarlPolicyCode *code, MarlTemplate *t, const char *piece, FILE *out) {
  for (int r = 0; r < code->policy->num_roles; ++r) {
    Role role = {.code = code, .role = &code->policy->roles[r], .t = t};
    set_role(&role);
    marl_template_expand(t, piece, out);
  }
}

/* The closure's piece calls the function of its role: the values of that role are set last. */
static void set_closure_role(const MarlPolicyCode *code, MarlTemplate *t) {
  Role role = {.code = code, .role = &code->policy->roles[code->closure->role], .t = t};
  set_role(&role);
}

static bool has_convolutions(const MarlPolicy *policy) {
  for (int r = 0; r < policy->num_roles; ++r)
    if (policy->roles[r].conv.num_layers > 0) return true;
  return false;
}

MarlCode marl_policy_code_write(FILE *out, const MarlPolicyCode *code, MarlError *err) {
  MarlTemplate *t;
  MARL_TRY(marl_policy_code_check(code, err));
  MARL_TRY(marl_template_create(text_of(code->language), &t, err));
  FILE *title = marl_template_open(t, "title");
  fputs(code->closure != NULL ? "The learned closure of " : "The policy of ", title);
  for (const char *c = code->origin; *c != '\0'; ++c)
    fputc(strchr("\\\"*\n", *c) == NULL ? *c : '_', title);
  marl_template_set(t, "name", "%s", code->name);
  marl_code_comment(marl_template_open(t, "manual"), code->language, code->manual);
  marl_template_set(t, "closure", "%s", code->closure != NULL ? "1" : "");
  marl_template_set(t, "convolution", "%s", has_convolutions(code->policy) ? "1" : "");
  if (code->closure != NULL) marl_closure_code_values(code, t);
  marl_template_expand(t, "head", out);
  write_roles(code, t, "role_data", out);
  if (code->closure != NULL) set_closure_role(code, t);
  if (code->closure != NULL) marl_template_expand(t, "closure_data", out);
  marl_template_expand(t, "contains", out);
  write_roles(code, t, "role", out);
  if (code->closure != NULL) set_closure_role(code, t);
  if (code->closure != NULL) marl_template_expand(t, "closure", out);
  marl_template_expand(t, "tail", out);
  const MarlCode result = marl_template_error(t, err);
  marl_template_destroy(&t);
  return result;
}
