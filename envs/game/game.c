#include "envs/game/game.h"

#include <assert.h>

MarlGame marl_game_make(double reward, double sucker, double temptation, double punishment) {
  return (MarlGame){
      .payoff = {{(float)reward, (float)sucker}, {(float)temptation, (float)punishment}},
  };
}

MarlGame marl_game_named(const char *name) {
  const MarlPlugin *plugin = NULL;
  const MarlCode code = marl_kind_find(&marl_kind_games, name, &plugin, NULL);
  assert(code == MARL_OK);
  return code == MARL_OK ? ((const MarlGameOps *)plugin)->game : (MarlGame){.alternating = false};
}

MarlCode marl_game_read(const MarlSection *config, MarlGame *out, MarlError *err) {
  size_t count;
  const MarlPlugin *plugin;
  const double *p = marl_section_reals(config, "payoff", &count);
  MARL_TRY(marl_section_plugin(config, "game", &marl_kind_games, &plugin, err));
  *out = ((const MarlGameOps *)plugin)->game;
  if (count == 0) return MARL_OK;
  if (count != 4 || out->alternating)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "%s.payoff: %zu numbers; expected four, R, S, T, P, of a game with a table",
                     marl_section_name(config), count);
  *out = marl_game_make(p[0], p[1], p[2], p[3]);
  return MARL_OK;
}

MarlCode marl_game_read_table(const MarlSection *config, MarlGame *out, MarlError *err) {
  MARL_TRY(marl_game_read(config, out, err));
  if (!out->alternating) return MARL_OK;
  return MARL_FAIL(err, MARL_ECONFIG, "%s.game: %s has no table: its players move in turn",
                   marl_section_name(config), marl_section_text(config, "game"));
}
