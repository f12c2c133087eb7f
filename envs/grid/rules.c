#include "envs/grid/rules.h"

#include <stdlib.h>
#include <string.h>

const char *const marl_grid_dynamics_names[] = {"meltingpot", "socialjax", NULL};

/* as MarlGridPolicy, without the learner */
const MarlScripted marl_grid_scripted_list[MARL_GRID_NUM_SCRIPTED] = {
    {.name = "random", .summary = "draws from all actions"},
    {.name = "eater", .summary = "goes to the nearest item"},
    {.name = "own_color", .summary = "goes to the nearest coin of its own color"},
    {.name = "restrained",
     .summary = "goes to the nearest apple with at least so many apples within distance 2",
     .number = 4,
     .low = 1,
     .high = 12,
     .whole = true},
    {.name = "cleaner", .summary = "goes to the nearest dirt and cleans it"},
    {.name = "turn_taker", .summary = "cleans in every second stretch of 100 steps, else eats"},
    {.name = "punisher",
     .summary = "a turn taker that zaps whose record is below this share of the mean of all",
     .number = 0.25,
     .low = 0,
     .high = 1},
};

static MarlCode read_policies(const MarlSection *config, MarlGridRules *rules, MarlError *err) {
  MarlPlayers *players;
  MARL_TRY(marl_players_read(config, marl_grid_scripted_list, MARL_GRID_NUM_SCRIPTED,
                             rules->num_agents, &players, err));
  for (int i = 0; players != NULL && i < rules->num_agents; ++i) {
    if (players->of[i] == MARL_LEARNER) continue;
    const MarlScriptedKind *kind = &players->kind[players->of[i]];
    rules->policy[i] =
        (MarlGridPolicy)(MARL_GRID_RANDOM + (kind->policy - marl_grid_scripted_list));
    rules->restraint[i] = (int)kind->number;
    rules->lenience[i] = kind->number;
  }
  free(players);
  rules->jitter = marl_section_real(config, "jitter");
  return MARL_OK;
}

static MarlCode read_zap(const MarlSection *config, MarlGridRules *rules, MarlError *err) {
  const MarlGridGame *game = rules->game;
  const char *mechanism = marl_section_text(config, "mechanism");
  const int cooldown = marl_section_int(config, "zap_cooldown");
  if (mechanism[0] == '\0')
    mechanism = rules->dynamics == MARL_GRID_SOCIALJAX ? "teleport" : game->mechanism;
  rules->zap_cost = marl_section_real(config, "zap_cost");
  rules->hit_cost = marl_section_real(config, "hit_cost");
  rules->mark_steps = marl_section_int(config, "mark_steps");
  rules->see_mark = marl_section_bool(config, "see_mark");
  MARL_TRY(marl_grid_mechanisms_parse(mechanism, &rules->mechanisms, err));
  MARL_TRY(marl_grid_mechanisms_check(&rules->mechanisms, rules, err));
  bool on = false;
  for (int m = 0; m < rules->mechanisms.count; ++m)
    on = on || rules->mechanisms.of[m].ops->hit != NULL;
  rules->zap = (MarlGridBeam){.on = on,
                              .length = marl_section_int(config, "zap_length"),
                              .radius = marl_section_int(config, "zap_radius"),
                              .cooldown = cooldown >= 0 ? cooldown : game->zap_cooldown};
  return MARL_OK;
}

static MarlCode check_cells(const MarlSection *config, const MarlGridRules *rules, MarlError *err) {
  const MarlGridMap *map = &rules->map;
  const char *path = marl_section_text(config, "map");
  const int needed = rules->num_agents - map->num_first;
  if (map->num_spawn < (needed > 1 ? needed : 1))
    return MARL_FAIL(err, MARL_ECONFIG,
                     "%s: %d cells of spawn and %d of first_spawn for %d agents (env.num_agents)",
                     path, map->num_spawn, map->num_first, rules->num_agents);
  if (rules->dynamics == MARL_GRID_SOCIALJAX && map->num_spawn < rules->num_agents)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "%s: %d cells of spawn for %d agents, who may all be hit in one step "
                     "(env.dynamics = socialjax)",
                     path, map->num_spawn, rules->num_agents);
  if (map->num_sites == 0)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "%s: nothing can grow: no cell is a site of apples, coins "
                     "or ore",
                     path);
  return MARL_OK;
}

/* The beams of socialjax are what they are. What is not the default has been asked for. */
static MarlCode check_beams(const MarlSection *config, const MarlGridRules *rules, MarlError *err) {
  static const char *const ends[] = {"_length", "_radius", "_cooldown"};
  if (rules->dynamics != MARL_GRID_SOCIALJAX) return MARL_OK;
  for (size_t i = 0; i < marl_section_size(config); ++i) {
    const MarlOption *option = marl_section_option(config, i);
    const char *end = strrchr(option->key, '_');
    for (size_t e = 0; e < sizeof ends / sizeof *ends && end != NULL; ++e)
      if (strcmp(end, ends[e]) == 0 &&
          strcmp(marl_section_canonical(config, i), option->fallback) != 0)
        return MARL_FAIL(err, MARL_ECONFIG,
                         "%s: env.%s is of env.dynamics = meltingpot; the beams of socialjax have "
                         "four cells and no cooldown: leave it at %s",
                         marl_section_origin(config, option->key), option->key, option->fallback);
  }
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
    const bool cleans = policy == MARL_GRID_CLEANER || policy == MARL_GRID_TURN_TAKER ||
                        policy == MARL_GRID_PUNISHER;
    if (policy == MARL_GRID_PUNISHER && rules->dynamics == MARL_GRID_SOCIALJAX)
      return MARL_FAIL(err, MARL_ECONFIG,
                       "env.policies: punisher aims by the beams of env.dynamics = meltingpot");
    if ((cleans && !water) || (policy == MARL_GRID_OWN_COLOR && !rules->game->has_colors))
      return MARL_FAIL(err, MARL_ECONFIG, "env.policies: %s has nothing to do in %s",
                       marl_grid_scripted_list[policy - MARL_GRID_RANDOM].name, rules->game->name);
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
  if (rules->see_beams && game->has_zap) show_plane(rules, "zap beam", MARL_GRID_ZAP);
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
  rules->see_record = marl_section_bool(config, "see_record");
  rules->record_steps = marl_section_int(config, "record_steps");
  rules->global_state = marl_section_bool(config, "global_state");
  rules->self_interest = marl_section_real(config, "self_interest");
  marl_intrinsic_read(config, &rules->intrinsic);
  if (rules->quirks && rules->dynamics != MARL_GRID_SOCIALJAX)
    return MARL_FAIL(err, MARL_ECONFIG, "env.socialjax_quirks without env.dynamics = socialjax");
  MARL_TRY(read_policies(config, rules, err));
  MARL_TRY(marl_grid_map_read(marl_section_text(config, "map"), &rules->map, err));
  MARL_TRY(check_cells(config, rules, err));
  if (game->has_zap) MARL_TRY(read_zap(config, rules, err));
  MARL_TRY(game->read(config, rules, err));
  MARL_TRY(check_beams(config, rules, err));
  MARL_TRY(check_rewards(rules, err));
  MARL_TRY(check_policies(rules, err));
  list_planes(rules);
  build_scenery(rules);
  return MARL_OK;
}
