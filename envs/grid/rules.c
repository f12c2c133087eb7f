#include "envs/grid/rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marl/core/nearest.h"

const char *const marl_grid_dynamics_names[] = {"meltingpot", "socialjax", NULL};

/* as MarlGridPolicy */
static const char *const policy_names[] = {"learner",    "random",  "eater",     "own_color",
                                           "restrained", "cleaner", "turn_taker"};
enum { NUM_POLICIES = sizeof policy_names / sizeof *policy_names };

/* "restrained:5*3": the policy, its number and how many agents have it. */
static MarlCode read_policy(const char *text, MarlGridPolicy *policy, int *restraint, int *times,
                            MarlError *err) {
  char name[32] = "";
  const size_t length = strcspn(text, ":*");
  int used = 0;
  *times = 1;
  *restraint = 0;
  snprintf(name, sizeof name, "%.*s", (int)length, text);
  int p = 0;
  while (p < NUM_POLICIES && strcmp(policy_names[p], name) != 0) ++p;
  if (p == NUM_POLICIES) return marl_fail_unknown(err, "policy", name, policy_names, NUM_POLICIES);
  *policy = (MarlGridPolicy)p;
  const char *rest = text + length;
  if (*rest == ':' && p == MARL_GRID_RESTRAINED) {
    if (sscanf(rest, ":%2d%n", restraint, &used) != 1 || *restraint < 1 || *restraint > 12)
      return MARL_FAIL(err, MARL_ECONFIG, "env.policies: '%s'; 1 to 12 neighbors behind the colon",
                       text);
    rest += used;
  }
  if (*rest == '*') {
    if (sscanf(rest, "*%2d%n", times, &used) != 1 || *times < 1)
      return MARL_FAIL(err, MARL_ECONFIG, "env.policies: '%s'; a number of agents behind the star",
                       text);
    rest += used;
  }
  if (*rest != '\0')
    return MARL_FAIL(err, MARL_ECONFIG, "env.policies: '%s'; expected NAME, restrained:N or NAME*K",
                     text);
  if (p == MARL_GRID_RESTRAINED && *restraint == 0)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "env.policies: '%s'; say how many apples it wants nearby: restrained:4", text);
  return MARL_OK;
}

static MarlCode read_policies(const MarlSection *config, MarlGridRules *rules, MarlError *err) {
  size_t count;
  const char *const *texts = marl_section_texts(config, "policies", &count);
  int filled = 0;
  bool learners = false;
  for (size_t i = 0; i < count; ++i) {
    MarlGridPolicy policy = MARL_GRID_LEARNER;
    int restraint = 0, times = 0;
    MARL_TRY(read_policy(texts[i], &policy, &restraint, &times, err));
    if (count == 1 && strchr(texts[0], '*') == NULL) times = rules->num_agents;
    for (int k = 0; k < times; ++k, ++filled) {
      if (filled >= rules->num_agents) continue; /* counted, and told below */
      rules->policy[filled] = policy;
      rules->restraint[filled] = restraint;
    }
    learners |= policy == MARL_GRID_LEARNER;
  }
  if (filled != rules->num_agents)
    return MARL_FAIL(err, MARL_ECONFIG, "env.policies: %d for %d agents (env.num_agents)", filled,
                     rules->num_agents);
  rules->shuffle_policies = marl_section_bool(config, "shuffle_policies");
  rules->jitter = marl_section_real(config, "jitter");
  if (rules->shuffle_policies && learners)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "env.shuffle_policies: an agent that learns keeps its number; scripted "
                     "policies only");
  return MARL_OK;
}

static MarlCode read_zap(const MarlSection *config, MarlGridRules *rules, MarlError *err) {
  rules->zap = (MarlGridBeam){.on = marl_section_bool(config, "zap"),
                              .length = marl_section_int(config, "zap_length"),
                              .radius = marl_section_int(config, "zap_radius"),
                              .cooldown = marl_section_int(config, "zap_cooldown")};
  rules->zap_removal = marl_section_int(config, "zap_removal");
  rules->zap_cost = marl_section_real(config, "zap_cost");
  rules->hit_cost = marl_section_real(config, "hit_cost");
  rules->hit_fine = marl_section_real(config, "hit_fine");
  if (rules->dynamics == MARL_GRID_SOCIALJAX && rules->zap_removal > 0)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "env.zap_removal = %d; with env.dynamics = socialjax nobody is away: -1 or 0",
                     rules->zap_removal);
  return MARL_OK;
}

void marl_grid_default_zap(MarlGridRules *rules, int cooldown, int removal) {
  if (rules->zap.cooldown < 0) rules->zap.cooldown = cooldown;
  if (rules->zap_removal < 0) rules->zap_removal = removal;
}

static MarlCode check_cells(const MarlSection *config, const MarlGridRules *rules, MarlError *err) {
  const MarlGridMap *map = &rules->map;
  const char *path = marl_section_text(config, "map");
  const int needed = rules->num_agents - map->num_first;
  if (map->num_spawn < (needed > 1 ? needed : 1))
    return MARL_FAIL(err, MARL_ECONFIG,
                     "%s: %d cells of spawn and %d of first_spawn for %d agents (env.num_agents)",
                     path, map->num_spawn, map->num_first, rules->num_agents);
  if (map->num_sites == 0)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "%s: nothing can grow: no cell is a site of apples, coins "
                     "or ore",
                     path);
  return MARL_OK;
}

static MarlCode check_rewards(const MarlGridRules *rules, MarlError *err) {
  if (rules->self_interest < 1 && marl_intrinsic_used(&rules->intrinsic))
    return MARL_FAIL(err, MARL_ECONFIG,
                     "env.self_interest = %g beside inequity aversion or social value orientation; "
                     "choose one",
                     rules->self_interest);
  return MARL_OK;
}

static MarlCode check_policies(const MarlGridRules *rules, MarlError *err) {
  const bool water = rules->map.num_water > 0 && rules->game->has_tool;
  for (int i = 0; i < rules->num_agents; ++i) {
    const MarlGridPolicy policy = rules->policy[i];
    const bool cleans = policy == MARL_GRID_CLEANER || policy == MARL_GRID_TURN_TAKER;
    if ((cleans && !water) || (policy == MARL_GRID_OWN_COLOR && !rules->game->has_colors))
      return MARL_FAIL(err, MARL_ECONFIG, "env.policies: %s has nothing to do in %s",
                       policy_names[policy], rules->game->name);
  }
  return MARL_OK;
}

static void show_plane(MarlGridRules *rules, const char *name, int kind) {
  rules->plane[rules->num_planes++] = (MarlGridPlane){name, (MarlGridKind)kind};
}

static void list_planes(MarlGridRules *rules) {
  const MarlGridGame *game = rules->game;
  show_plane(rules, "wall or outside", MARL_GRID_OUTSIDE);
  for (int p = 0; p < game->num_planes; ++p)
    if (game->planes[p].kind != MARL_GRID_RIVER || rules->map.num_river > 0)
      rules->plane[rules->num_planes++] = game->planes[p];
  show_plane(rules, "other agent", MARL_GRID_AGENT);
  static const char *const headings[] = {"other agent, same heading", "other agent, to the left",
                                         "other agent, opposite", "other agent, to the right"};
  for (int k = 0; k < 4 && rules->see_heading; ++k)
    show_plane(rules, headings[k], MARL_GRID_HEADING + k);
  if (rules->see_beams && rules->zap.on) show_plane(rules, "zap beam", MARL_GRID_ZAP);
  if (rules->see_beams && game->has_tool) show_plane(rules, "tool beam", MARL_GRID_TOOL);
}

/* Everything but the floor: what is around the map is outside as far as a view reaches. */
static void build_scenery(MarlGridRules *rules) {
  const MarlGridMap *map = &rules->map;
  MarlGridBoard *outside = &rules->scenery[0];
  MarlGridBoard *river = &rules->scenery[MARL_GRID_RIVER - MARL_GRID_OUTSIDE];
  memset(outside, 0xff, sizeof *outside);
  memset(river, 0, sizeof *river);
  for (int r = 0; r < map->rows; ++r)
    for (int c = 0; c < map->cols; ++c) {
      if (!(map->wall[r] >> c & 1)) marl_grid_flip(outside, map, r, c);
      if (map->river[r] >> c & 1) marl_grid_flip(river, map, r, c);
    }
}

MarlCode marl_grid_rules_read(const MarlSection *config, const MarlGridGame *game,
                              MarlGridRules *rules, MarlError *err) {
  memset(rules, 0, sizeof *rules);
  rules->game = game;
  rules->dynamics = (MarlGridDynamics)marl_section_choice(config, "dynamics");
  rules->quirks = marl_section_bool(config, "socialjax_quirks");
  rules->num_agents = marl_section_int(config, "num_agents");
  rules->episode_steps = marl_section_int(config, "episode_steps");
  rules->end_every = marl_section_int(config, "end_every");
  rules->end_probability = marl_section_real(config, "end_probability");
  rules->view_ahead = marl_section_int(config, "view_ahead");
  rules->view_behind = marl_section_int(config, "view_behind");
  rules->view_side = marl_section_int(config, "view_side");
  rules->see_heading = marl_section_bool(config, "see_heading");
  rules->see_beams = marl_section_bool(config, "see_beams");
  rules->see_identity = marl_section_bool(config, "see_identity");
  rules->self_interest = marl_section_real(config, "self_interest");
  marl_intrinsic_read(config, &rules->intrinsic);
  if (rules->quirks && rules->dynamics != MARL_GRID_SOCIALJAX)
    return MARL_FAIL(err, MARL_ECONFIG, "env.socialjax_quirks without env.dynamics = socialjax");
  MARL_TRY(read_policies(config, rules, err));
  MARL_TRY(marl_grid_map_read(marl_section_text(config, "map"), &rules->map, err));
  MARL_TRY(check_cells(config, rules, err));
  if (game->has_zap) MARL_TRY(read_zap(config, rules, err));
  MARL_TRY(game->read(config, rules, err));
  MARL_TRY(check_rewards(rules, err));
  MARL_TRY(check_policies(rules, err));
  list_planes(rules);
  build_scenery(rules);
  return MARL_OK;
}
