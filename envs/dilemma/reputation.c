#include "envs/dilemma/reputation.h"

#include "envs/dilemma/game.h"
#include "envs/dilemma/punishment.h"

const char *const marl_reputation_names[] = {"none", "play", "punish", "play_punish", NULL};

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
