#include "envs/society/reputation.h"

#include "envs/game/game.h"
#include "envs/game/price.h"

const char *const marl_reputation_names[] = {"none", "play", "punish", "play_punish", "norm", NULL};

enum {
  GAIN_COOPERATE = 1,
  GAIN_DEFECT = -1,
  GAIN_JUST = 2,
  GAIN_UNJUST = -3,
  GAIN_PERSECUTOR = -5, /* in the punished player's own view */
  GAIN_AVENGER = 5,     /* in the view of the player who suffered the defection */
};

size_t marl_reputation_size(int num_agents, bool individual) {
  const size_t n = (size_t)num_agents;
  return individual ? n * n : n;
}

int32_t marl_reputation_of(const MarlReputation *reputation, int viewer, int whom) {
  return reputation->individual ? reputation->score[viewer * reputation->num_agents + whom]
                                : reputation->score[whom];
}

/* Everybody (public), or everybody else (individual), thinks `gain` more of `actor`. */
static void credit(MarlReputation *reputation, int actor, int gain) {
  if (!reputation->individual) {
    reputation->score[actor] += gain;
    return;
  }
  for (int viewer = 0; viewer < reputation->num_agents; ++viewer)
    if (viewer != actor) reputation->score[viewer * reputation->num_agents + actor] += gain;
}

void marl_reputation_reset(MarlReputation *reputation) {
  const size_t size = marl_reputation_size(reputation->num_agents, reputation->individual);
  const int32_t at_first = reputation->source == MARL_REPUTATION_NORM ? MARL_GOOD : 0;
  for (size_t i = 0; i < size; ++i) reputation->score[i] = at_first;
}

void marl_reputation_assess(MarlReputation *reputation, const int player[2], const int action[2],
                            const bool moved[2], MarlKey key, uint64_t first) {
  if (reputation->source != MARL_REPUTATION_NORM) return;
  const int viewers = reputation->individual ? reputation->num_agents : 1;
  for (int viewer = 0; viewer < viewers; ++viewer) {
    int32_t *view = reputation->score + (size_t)viewer * (size_t)reputation->num_agents;
    const int32_t before[2] = {view[player[0]], view[player[1]]};
    for (int side = 0; side < 2; ++side) {
      if (!moved[side]) continue;
      const int act = action[side] == MARL_COOPERATE ? MARL_DONOR_COOPERATES : MARL_DONOR_DEFECTS;
      const uint64_t draw = (2 * first + (uint64_t)side) * (uint64_t)viewers + (uint64_t)viewer;
      const bool wrong = marl_uniform(key, draw) < reputation->assessment_error;
      const int name = reputation->norm.assess[before[side]][before[1 - side]][act];
      view[player[side]] = wrong ? 1 - name : name;
    }
  }
}

void marl_reputation_played(MarlReputation *reputation, int actor, int action) {
  if (reputation->source == MARL_REPUTATION_PLAY ||
      reputation->source == MARL_REPUTATION_PLAY_PUNISH)
    credit(reputation, actor, action == MARL_COOPERATE ? GAIN_COOPERATE : GAIN_DEFECT);
}

void marl_reputation_judged(MarlReputation *reputation, int judge, int decision, int judged,
                            int action, int partner) {
  if (reputation->source != MARL_REPUTATION_PUNISH &&
      reputation->source != MARL_REPUTATION_PLAY_PUNISH)
    return;
  if (decision == MARL_FORGIVE) return;
  const bool just = action == MARL_DEFECT;
  credit(reputation, judge, just ? GAIN_JUST : GAIN_UNJUST);
  if (!reputation->individual) return;
  reputation->score[judged * reputation->num_agents + judge] += GAIN_PERSECUTOR;
  if (just && partner != judge)
    reputation->score[partner * reputation->num_agents + judge] += GAIN_AVENGER;
}
