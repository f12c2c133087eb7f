#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marl/learn/group_transfer.h"
#include "marl/learn/plain_array.h"
#include "marl/learn/policy_internal.h"
#include "marl/run/checkpoint.h"

enum { WIDEST = 1 << 16 }; /* a layer */

/* Integer attributes that describe a role; the same list writes and reads. */
typedef struct RoleField {
  const char *key;
  int *value;
} RoleField;
enum { NUM_ROLE_FIELDS = 8 };

static void list_role_fields(MarlPolicyRole *role, int *kind, int *squashed, int *activation,
                             RoleField fields[NUM_ROLE_FIELDS]) {
  const RoleField list[NUM_ROLE_FIELDS] = {
      {"obs_dim", &role->role.obs_dim},
      {"act_dim", &role->role.act_dim},
      {"num_choices", &role->role.num_choices},
      {"discrete", kind},
      {"squashed", squashed},
      {"relu", activation},
      {"num_sets", &role->num_sets},
      {"num_hidden", &role->shape.num_hidden},
  };
  memcpy(fields, list, sizeof list);
}

static MarlCode transfer_normalizers(const MarlPolicyRole *role, MarlStore *group, bool write,
                                     MarlError *err) {
  for (int set = 0; role->normalizer != NULL && set < role->num_sets; ++set) {
    MarlStore *child;
    MARL_TRY(marl_group_begin(group, "normalizer", set, write, &child, err));
    const MarlCode code = write ? marl_normalizer_save(role->normalizer[set], child, err)
                                : marl_normalizer_load(role->normalizer[set], child, err);
    marl_store_close(&child);
    if (code != MARL_OK) return code;
  }
  return MARL_OK;
}

static MarlCode save_role(const MarlPolicyRole *role, MarlStore *to, MarlError *err) {
  MarlPolicyRole copy = *role;
  int discrete = role->role.action_kind == MARL_ACTION_DISCRETE;
  int squashed = role->squashed, relu = role->shape.activation == MARL_RELU;
  RoleField fields[NUM_ROLE_FIELDS];
  list_role_fields(&copy, &discrete, &squashed, &relu, fields);
  for (int i = 0; i < NUM_ROLE_FIELDS; ++i)
    MARL_TRY(marl_store_set_int(to, NULL, fields[i].key, *fields[i].value, err));
  MARL_TRY(marl_store_set_text(to, NULL, "name", role->name, err));
  MARL_TRY(marl_store_set_real(to, NULL, "act_low", (double)role->role.act_low, err));
  MARL_TRY(marl_store_set_real(to, NULL, "act_high", (double)role->role.act_high, err));
  if (role->std_scale > 0)
    MARL_TRY(marl_plain_write(to, "std_scale", MARL_F32, 1, &role->std_scale, err));
  if (role->memory > 0) MARL_TRY(marl_plain_write(to, "memory", MARL_I32, 1, &role->memory, err));
  MARL_TRY(marl_policy_save_conv(&role->conv, to, err));
  const uint8_t masked = role->masked;
  if (masked) MARL_TRY(marl_plain_write(to, "masked", MARL_U8, 1, &masked, err));
  if (discrete && role->role.act_dim > 1)
    MARL_TRY(
        marl_plain_write(to, "choices", MARL_I32, (size_t)role->role.act_dim, role->choices, err));
  if (role->values) MARL_TRY(marl_plain_write(to, "epsilon", MARL_F32, 1, &role->epsilon, err));
  if (role->values && role->frozen_epsilon != 0)
    MARL_TRY(marl_plain_write(to, "frozen_epsilon", MARL_F32, 1, &role->frozen_epsilon, err));
  if (role->table != NULL) return marl_policy_transfer_table(role, to, true, err);
  MARL_TRY(marl_plain_write(to, "hidden", MARL_I32, (size_t)role->shape.num_hidden,
                            role->shape.hidden, err));
  const MarlArray array = {
      .type = MARL_F32, .rank = 2, .shape = {(size_t)role->num_sets, role->num_params}};
  MARL_TRY(marl_store_write(to, "params", &array, role->params, err));
  return transfer_normalizers(role, to, true, err);
}

MarlCode marl_policy_save(const MarlPolicy *policy, MarlStore *to, MarlError *err) {
  MARL_TRY(marl_store_set_int(to, NULL, "num_agents", policy->num_agents, err));
  MARL_TRY(marl_store_set_int(to, NULL, "num_roles", policy->num_roles, err));
  MARL_TRY(marl_store_set_int(to, NULL, "shared", policy->shared, err));
  if (!policy->shared && policy->num_sets < policy->num_agents)
    MARL_TRY(
        marl_plain_write(to, "groups", MARL_I32, (size_t)policy->num_agents, policy->set, err));
  if (policy->frozen != NULL)
    MARL_TRY(
        marl_plain_write(to, "frozen", MARL_U8, (size_t)policy->num_sets, policy->frozen, err));
  for (int r = 0; r < policy->num_roles; ++r) {
    MarlStore *group;
    MARL_TRY(marl_group_begin(to, "role", r, true, &group, err));
    const MarlCode code = save_role(&policy->roles[r], group, err);
    marl_store_close(&group);
    if (code != MARL_OK) return code;
  }
  return MARL_OK;
}

static MarlCode get_int(MarlStore *from, const char *key, int low, int high, int *out,
                        MarlError *err) {
  int64_t value = 0;
  MARL_TRY(marl_store_get_int(from, NULL, key, &value, err));
  if (value < low || value > high)
    return MARL_FAIL(err, MARL_EIO, "%s: policy %s = %lld is impossible: not a policy of marl",
                     marl_store_path(from), key, (long long)value);
  *out = (int)value;
  return MARL_OK;
}

static bool is_possible(const MarlPolicyRole *role, bool discrete) {
  enum { MOST_COMPONENTS = 4096 };
  const MarlRole *r = &role->role;
  if (discrete && r->act_dim > MOST_COMPONENTS) return false;
  return role->shape.num_hidden <= MARL_MLP_MAX_HIDDEN && role->num_sets >= 1 && r->obs_dim >= 1 &&
         r->act_dim >= 1 && (!discrete || r->act_dim > 1 || r->num_choices >= 2);
}

/* The array of parameters has the shape that the description asks for: before memory of that shape
 * is allocated. */
static MarlCode check_params(const MarlPolicyRole *role, MarlStore *from, MarlError *err) {
  MARL_TRY(marl_store_check_within(from, "hidden", MARL_I32, (size_t)role->shape.num_hidden, 1,
                                   WIDEST, role->shape.hidden, err));
  int rank;
  size_t shape[MARL_STORE_MAX_RANK] = {0};
  MARL_TRY(marl_store_shape(from, "params", &rank, shape, err));
  if (rank == 2 && shape[0] == (size_t)role->num_sets && shape[1] == marl_policy_num_params(role))
    return MARL_OK;
  return MARL_FAIL(err, MARL_EIO,
                   "%s: its parameters are not those of %d networks of the shape it describes",
                   marl_store_path(from), role->num_sets);
}

/* Choices of each component, of roles with several; else num_choices. */
static MarlCode load_choices(MarlPolicyRole *role, MarlStore *from, MarlError *err) {
  enum { MOST = 1 << 16 };
  MARL_TRY(marl_policy_own_choices(role, err));
  if (role->role.action_kind != MARL_ACTION_DISCRETE || role->role.act_dim == 1) return MARL_OK;
  return marl_store_read_within(from, "choices", MARL_I32, (size_t)role->role.act_dim, 2, MOST,
                                role->choices, err);
}

static MarlCode describe_role(MarlPolicyRole *role, MarlStore *from, MarlError *err) {
  enum { LARGEST = 1 << 24 };
  int discrete = 0, squashed = 0, relu = 0;
  RoleField fields[NUM_ROLE_FIELDS];
  list_role_fields(role, &discrete, &squashed, &relu, fields);
  for (int i = 0; i < NUM_ROLE_FIELDS; ++i)
    MARL_TRY(get_int(from, fields[i].key, 0, LARGEST, fields[i].value, err));
  const bool table = marl_store_has(from, "table");
  if (!is_possible(role, discrete) || (table && !discrete))
    return MARL_FAIL(err, MARL_EIO, "%s: not a policy of marl: its sizes contradict each other",
                     marl_store_path(from));
  double low = 0, high = 0;
  MARL_TRY(marl_store_get_real(from, NULL, "act_low", &low, err));
  MARL_TRY(marl_store_get_real(from, NULL, "act_high", &high, err));
  MARL_TRY(marl_store_check_finite(from, "act_low", MARL_F64, 1, &low, err));
  MARL_TRY(marl_store_check_finite(from, "act_high", MARL_F64, 1, &high, err));
  char *name = NULL;
  MARL_TRY(marl_store_get_text(from, NULL, "name", &name, err));
  snprintf(role->name, sizeof role->name, "%s", name);
  free(name);
  role->role.name = role->name;
  role->role.action_kind = discrete ? MARL_ACTION_DISCRETE : MARL_ACTION_CONTINUOUS;
  role->role.act_low = (float)low, role->role.act_high = (float)high;
  MARL_TRY(load_choices(role, from, err));
  role->squashed = squashed;
  if (marl_store_has(from, "std_scale")) {
    MARL_TRY(marl_plain_read(from, "std_scale", MARL_F32, 1, &role->std_scale, err));
    MARL_TRY(marl_store_check_finite(from, "std_scale", MARL_F32, 1, &role->std_scale, err));
  }
  role->values = marl_store_has(from, "epsilon");
  role->masked = marl_store_has(from, "masked");
  if (marl_store_has(from, "memory"))
    MARL_TRY(marl_store_read_within(from, "memory", MARL_I32, 1, 1, WIDEST, &role->memory, err));
  if (table) return MARL_OK;
  role->shape.num_inputs = role->role.obs_dim;
  role->shape.num_outputs = marl_policy_num_outputs(role);
  role->shape.activation = relu ? MARL_RELU : MARL_TANH;
  MARL_TRY(marl_policy_load_conv(role, from, err));
  MARL_TRY(marl_plain_read(from, "hidden", MARL_I32, (size_t)role->shape.num_hidden,
                           role->shape.hidden, err));
  return check_params(role, from, err);
}

static MarlCode restore_role(MarlPolicyRole *role, MarlStore *from, MarlError *err) {
  if (role->values) {
    MARL_TRY(marl_plain_read(from, "epsilon", MARL_F32, 1, &role->epsilon, err));
    MARL_TRY(marl_store_check_finite(from, "epsilon", MARL_F32, 1, &role->epsilon, err));
    if (marl_store_has(from, "frozen_epsilon")) {
      float *frozen = &role->frozen_epsilon;
      MARL_TRY(marl_plain_read(from, "frozen_epsilon", MARL_F32, 1, frozen, err));
      MARL_TRY(marl_store_check_finite(from, "frozen_epsilon", MARL_F32, 1, frozen, err));
    }
  }
  if (role->table != NULL) return marl_policy_transfer_table(role, from, false, err);
  const size_t count = (size_t)role->num_sets * role->num_params;
  MARL_TRY(marl_store_read(from, "params", MARL_F32, count, role->params, err));
  MARL_TRY(marl_store_check_finite(from, "params", MARL_F32, count, role->params, err));
  return transfer_normalizers(role, from, false, err);
}

static MarlCode load_role(MarlPolicyRole *role, MarlStore *from, MarlError *err) {
  MARL_TRY(describe_role(role, from, err));
  MARL_TRY(marl_store_has(from, "table")
               ? marl_policy_alloc_table(role, 0, UINT32_MAX, err)
               : marl_policy_alloc_role(role, marl_store_has(from, "normalizer_0"), err));
  return restore_role(role, from, err);
}

/* Apply load_role or restore_role to the group of each role. */
static MarlCode for_each_role(MarlPolicy *policy, MarlStore *from,
                              MarlCode (*visit)(MarlPolicyRole *, MarlStore *, MarlError *),
                              MarlError *err) {
  for (int r = 0; r < policy->num_roles; ++r) {
    MarlStore *group;
    MARL_TRY(marl_group_begin(from, "role", r, false, &group, err));
    const MarlCode code = visit(&policy->roles[r], group, err);
    marl_store_close(&group);
    if (code != MARL_OK) return code;
  }
  return MARL_OK;
}

MarlCode marl_policy_restore(MarlPolicy *policy, MarlStore *from, MarlError *err) {
  return for_each_role(policy, from, restore_role, err);
}

/* The parameter set of each agent; NULL: shared. */
static MarlCode load_sets(MarlStore *from, int num_agents, bool shared, int **set, MarlError *err) {
  *set = NULL;
  if (shared) return MARL_OK;
  const size_t n = (size_t)num_agents;
  *set = malloc(n * sizeof **set);
  if (*set == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory for a policy");
  for (int a = 0; a < num_agents; ++a) (*set)[a] = a;
  const MarlCode code =
      marl_store_has(from, "groups")
          ? marl_store_read_within(from, "groups", MARL_I32, n, 0, num_agents - 1, *set, err)
          : MARL_OK;
  if (code != MARL_OK) {
    free(*set);
    *set = NULL;
  }
  return code;
}

/* Which sets did not learn: they explore as in the run that they are from. */
static MarlCode load_frozen(MarlPolicy *policy, MarlStore *from, MarlError *err) {
  if (!marl_store_has(from, "frozen")) return MARL_OK;
  policy->frozen = malloc((size_t)policy->num_sets);
  if (policy->frozen == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory for a policy");
  return marl_store_read_within(from, "frozen", MARL_U8, (size_t)policy->num_sets, 0, 1,
                                policy->frozen, err);
}

MarlCode marl_policy_load(MarlStore *from, MarlPolicy **out, MarlError *err) {
  *out = NULL;
  int num_agents = 0, num_roles = 0, shared = 0;
  MARL_TRY(get_int(from, "num_agents", 1, INT32_MAX, &num_agents, err));
  MARL_TRY(get_int(from, "num_roles", 1, MARL_POLICY_NAME_MAX, &num_roles, err));
  MARL_TRY(get_int(from, "shared", 0, 1, &shared, err));
  MarlPolicy *policy = NULL;
  int *set;
  MARL_TRY(load_sets(from, num_agents, shared, &set, err));
  MARL_TRY(marl_policy_alloc(num_agents, num_roles, set, &policy, err));
  MarlCode code = for_each_role(policy, from, load_role, err);
  if (code == MARL_OK) code = load_frozen(policy, from, err);
  for (int r = 0; r < num_roles && code == MARL_OK; ++r)
    if (policy->roles[r].num_sets != policy->num_sets)
      code = MARL_FAIL(err, MARL_EIO, "%s: %d networks for %d agents: not a policy of marl",
                       marl_store_path(from), policy->roles[r].num_sets, num_agents);
  if (code == MARL_OK) code = marl_policy_alloc_scratch(policy, err);
  if (code == MARL_OK)
    *out = policy;
  else
    marl_policy_destroy(&policy);
  return code;
}

static void group_name(char name[64], int replica) {
  snprintf(name, 64, "replica_%d/learner/policy", replica);
}

MarlCode marl_policy_export(const MarlPolicy *policy, const char *path, MarlStore **out,
                            MarlError *err) {
  char name[64];
  group_name(name, 0);
  MarlStore *group;
  MARL_TRY(marl_checkpoint_begin(path, NULL, out, err));
  MarlCode code = marl_store_group_create(*out, name, &group, err);
  if (code == MARL_OK) {
    code = marl_policy_save(policy, group, err);
    marl_store_close(&group);
  }
  if (code != MARL_OK) marl_store_close(out);
  return code;
}

MarlCode marl_policy_open(const char *path, int replica, MarlPolicy **out, MarlError *err) {
  *out = NULL;
  MarlStore *file, *group;
  char name[64];
  group_name(name, replica);
  MARL_TRY(marl_checkpoint_open(path, &file, err));
  MarlCode code = marl_store_group_open(file, name, &group, err);
  if (code == MARL_OK) {
    code = marl_policy_load(group, out, err);
    marl_store_close(&group);
  }
  marl_store_close(&file);
  return code;
}
