#define _POSIX_C_SOURCE 200809L /* open_memstream */
#include "cli/policy_manual.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "envs/env_table.h"
#include "marl/core/build_info.h"

/* The lines of a formula, each behind four blanks */
static void write_indented(FILE *out, const char *text) {
  for (size_t length; text[0] != '\0'; text += length + (text[length] == '\n')) {
    length = strcspn(text, "\n");
    fprintf(out, "    %.*s\n", (int)length, text);
  }
}

static void write_flow(FILE *out, const MarlClosureDescription *closure) {
  const MarlReference *reference = closure->reference;
  const MarlForcing *forcing = &reference->forcing;
  const MarlTurbulenceParams *params = &closure->params;
  fprintf(
      out,
      "THE FLOW it was trained in; L and T are the units of length and time\n"
      "  w_t + u.grad w + beta v = nu lap w - mu w - f - PI, u = psi_y, v = -psi_x, w = -lap psi\n"
      "  nu = %.9g L^2/T, mu = %.9g 1/T, beta = %.9g 1/(L T), periodic box of side %.9g L\n"
      "  forcing %s, wavenumber %.9g 1/L",
      reference->viscosity, reference->linear_drag, reference->beta, closure->length,
      forcing->ops != NULL ? forcing->ops->name : "none", forcing->wavenumber);
  if (forcing->ops != NULL && forcing->ops->add != NULL)
    fprintf(out, ", amplitude %.9g L/T^2", forcing->amplitude);
  if (forcing->ops != NULL && forcing->ops->in_noise != NULL)
    fprintf(out, ", width %.9g 1/L, injection %.9g L^2/T^3", forcing->width, forcing->injection);
  fprintf(
      out,
      "\n  reference %s\n"
      "  LES of %d x %d points, dealias: %s: wave indices |k| < %d, resolved scale Delta = %.9g "
      "L\n\n",
      reference->path, params->n, params->n, marl_dealias_names[params->dealias], closure->kept,
      closure->delta);
}

static void write_observations(FILE *out, const MarlClosureDescription *closure,
                               const MarlPolicyRole *role) {
  const MarlTurbulenceParams *params = &closure->params;
  const MarlNormalizer *normalizer = role->normalizer != NULL ? role->normalizer[0] : NULL;
  fprintf(
      out,
      "AGENTS: %d x %d, agent (j, i) on grid point (x, y) = (i, j) %d; one policy for all\n\n"
      "OBSERVATIONS, %d numbers without a unit in this order; <.> is the mean over the domain, G "
      "= <|grad w|^2>^(1/2)\n",
      params->agents, params->agents, params->n / params->agents, role->role.obs_dim);
  for (int b = 0, column = 0; b < params->num_observations; ++b) {
    const MarlObservationOps *block = params->observation[b];
    const int columns = marl_observation_columns(block, closure->kept);
    fprintf(out, "  %d .. %d: %s, %s\n", column, column + columns - 1, block->name, block->summary);
    if (block->formula != NULL) write_indented(out, block->formula);
    column += columns;
  }
  if (normalizer == NULL || normalizer->count < 2) {
    fputs("  They enter the network as they are.\n\n", out);
    return;
  }
  fprintf(out,
          "  What enters the network is (number - mean) scale, cut at +-%d; the means of the "
          "training\n  and the scales, 1 / deviation, are below.\n\n",
          MARL_POLICY_OBSERVATION_LIMIT);
}

static void write_action(FILE *out, const MarlClosureDescription *closure) {
  const MarlTurbulenceParams *params = &closure->params;
  const MarlActionOps *action = params->action;
  fprintf(out, "ACTION of each agent, %d numbers a in [-1, 1]: %s, %s\n", params->num_coefficients,
          action->name, action->summary);
  if (action->formula != NULL) write_indented(out, action->formula);
  for (int c = 0; c < params->num_coefficients; ++c)
    fprintf(out, "  C_%d = %.9g + %.9g a_%d%s\n", c + 1, params->center[c], params->scale[c], c + 1,
            action->term[c].any_sign ? "" : ", 0 where that is negative");
  fprintf(out,
          "  The scales of the flow are those of the time of the action.\n"
          "  Between the agents: %s, %s\n",
          params->interpolation->name, params->interpolation->summary);
  if (params->interpolation->formula != NULL) write_indented(out, params->interpolation->formula);
  fputs("  A coefficient that may not be negative is 0 where the interpolation makes it so.\n",
        out);
  fprintf(
      out,
      "  Coefficients are held for %d steps of %.9g T, that is %.9g T.\n\n"
      "WHAT THEY DO: with strain S_11 = u_x = -S_22, S_12 = (u_y + v_x)/2\n"
      "  PI = curl(div tau), tau = -2 (nu_e - nu_4 lap + nu_6 lap^2 + nu_c E/k^2) S, in Fourier "
      "space\n"
      "  PI_hat = kx ky (tau_11 - tau_22)^ + (ky^2 - kx^2) tau_12^\n"
      "  E = (|kx|/k_c)^24 + (|ky|/k_c)^24, k_c = pi/Delta\n"
      "  Where a coefficient is the same everywhere, PI_hat = (nu_e k^2 + nu_4 k^4 + nu_6 k^6 + "
      "nu_c E) w_hat.\n"
      "  marl takes the mean of each coefficient so, exact in time, and only the rest as a "
      "stress.\n",
      params->interval, params->dt, params->interval * params->dt);
}

static void write_role(FILE *out, const MarlPolicyRole *role) {
  const MarlRole *r = &role->role;
  fprintf(out, "ROLE %s: of %d observations ", role->name, r->obs_dim);
  if (r->action_kind == MARL_ACTION_CONTINUOUS) {
    fprintf(out, "%d numbers in [%g, %g]\n", r->act_dim, (double)r->act_low, (double)r->act_high);
    return;
  }
  fprintf(out, "%d choice%s of", r->act_dim, r->act_dim == 1 ? "" : "s");
  for (int i = 0; i < r->act_dim; ++i) fprintf(out, "%s%d", i == 0 ? " " : ", ", role->choices[i]);
  fputs(role->masked ? ", of which some may be illegal\n" : "\n", out);
}

static void write_agents(FILE *out, const MarlPolicy *policy) {
  const char *sets = policy->shared ? "0 for all"
                     : policy->num_sets == policy->num_agents
                         ? "each agent's own number"
                         : "the number of the agent's group (policy.groups)";
  fprintf(out, "AGENTS: %d; parameter sets: %s\n", policy->num_agents, sets);
  for (int r = 0; r < policy->num_roles; ++r) write_role(out, &policy->roles[r]);
}

/* An option that the configuration has and that is not as the environment's own. */
static void write_option(FILE *out, const MarlConfig *config, const MarlOption *option) {
  const char *value = marl_config_peek(config, "env", option->key, NULL);
  if (value != NULL && strcmp(value, option->fallback) != 0)
    fprintf(out, "    %s: %s\n", option->key, value);
}

static void write_environment(FILE *out, const MarlConfig *config) {
  const MarlPlugin *env;
  const char *name = config != NULL ? marl_config_peek(config, "env", "name", "") : "";
  if (marl_kind_find(&marl_kind_all_envs, name, &env, NULL) != MARL_OK) {
    fputs("The file does not say of which environment it is.\n", out);
    return;
  }
  fprintf(out, "ENVIRONMENT %s: %s\n", env->name, env->summary);
  if (env->source != NULL) fprintf(out, "    %s\n", env->source);
  fputs("  OBSERVATIONS\n", out);
  if (env->formula != NULL) write_indented(out, env->formula);
  if (env->formula == NULL) fputs("    see the environment's source\n", out);
  fputs("  OPTIONS of section env that are not the defaults\n", out);
  for (size_t i = 0; i < env->num_options; ++i) write_option(out, config, &env->options[i]);
}

MarlCode marl_policy_manual(const MarlPolicy *policy, const MarlClosureDescription *closure,
                            const MarlConfig *config, char **text, MarlError *err) {
  size_t size;
  FILE *out = open_memstream(text, &size);
  if (out == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a text");
  fprintf(out,
          "Written by marl %s, commit %s. Functions give the mean or most probable action.\n\n",
          marl_build_version(), marl_build_commit());
  if (closure == NULL) {
    write_agents(out, policy);
    write_environment(out, config);
  } else {
    write_flow(out, closure);
    write_observations(out, closure, &policy->roles[closure->role]);
    write_action(out, closure);
  }
  if (fclose(out) == 0) return MARL_OK;
  free(*text);
  return MARL_FAIL(err, MARL_EMEMORY, "no memory for a text");
}
