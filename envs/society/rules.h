/* The rules of a society: one struct of independent axes, read from one option table. */
#ifndef MARL_ENVS_SOCIETY_RULES_H
#define MARL_ENVS_SOCIETY_RULES_H

#include "envs/game/intrinsic.h"
#include "envs/society/graph.h"
#include "envs/society/mechanism.h"
#include "envs/society/norm.h"
#include "envs/society/reputation.h"

/* What a selector sees of its candidates. */
typedef enum MarlSelectView {
  MARL_SELECT_VIEW_REPUTATION,
  MARL_SELECT_VIEW_LAST_ACTION,
  MARL_SELECT_VIEW_NOTHING,
} MarlSelectView;

enum { MARL_MAX_CANDIDATES = 1024 };

typedef struct MarlDilemmaRules {
  int num_agents; /* N >= 3 with third parties or selection, else >= 2 */
  int rounds;     /* K rounds a pairing */
  int cycles;     /* of an episode, 0: without end; in each, every agent is the selector once */
  MarlGame game;
  MarlMatching matching;
  int candidates;        /* to choose from; 0: all neighbors */
  bool rematch;          /* a drawn partner stays for one round only */
  MarlGraphParams graph; /* num_agents is N */
  MarlMechanismList mechanisms;
  MarlPrices prices;
  MarlIntrinsic intrinsic; /* of the two players of a round, see sentiment.h */
  MarlReputationSource reputation;
  bool individual_reputation;
  MarlNorm norm; /* of reputation: norm */
  double assessment_error;
  MarlSelectView select_view;
  bool play_sees_reputation;
  bool punish_sees_reputation;
  bool published;    /* transitions of the public code, see published.h */
  bool pairings_end; /* what is decided in the last round of a pairing has no future */
  bool scaled;       /* observations in [-1, 1] instead of raw codes and scores */
} MarlDilemmaRules;

/* Choices of options, NULL-terminated. */
extern const char *const marl_matching_names[];
extern const char *const marl_select_view_names[];
extern const char *const marl_visibility_names[];

enum { MARL_DILEMMA_NUM_OPTIONS = 36 };
extern const MarlOption marl_dilemma_options[MARL_DILEMMA_NUM_OPTIONS];

/* Rounds of all pairings of a cycle if none ends early; a move of an alternating game counts as a
 * round. */
int64_t marl_dilemma_rounds_a_cycle(const MarlDilemmaRules *rules);

/* env.mechanism = `text`: its mechanisms, and what a combination among them says: who meets, whether
 * scores are kept, costly_just_reward where it is named costly, and, where `visibility` (an index into
 * marl_visibility_names) is 0, published, whether players see reputations. Other visibilities set both
 * switches. */
MarlCode marl_dilemma_rules_use(MarlDilemmaRules *rules, const char *text,
                                double costly_just_reward, int visibility,
                                MarlError *err) MARL_NODISCARD;

/* The published welfare leaves out the rewards of direct punishers where third parties punish too. */
bool marl_dilemma_omits_direct(const MarlDilemmaRules *rules);

/* MARL_ECONFIG when axes contradict each other. */
MarlCode marl_dilemma_rules_read(const MarlSection *config, MarlDilemmaRules *rules,
                                 MarlError *err) MARL_NODISCARD;
MarlCode marl_dilemma_rules_check(const MarlDilemmaRules *rules, MarlError *err) MARL_NODISCARD;

#endif
