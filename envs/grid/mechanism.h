/* Mechanisms: what becomes of an agent that a zap beam hits.
 *
 * env.mechanism is a list of names with options in brackets, as in a society of pairs:
 * `fine(amount=14)`, `fine(amount=5)+removal(steps=20)`. All of the list act on a hit, in the order of
 * mechanism_table.c. `none` alone takes the beam away: its action then does nothing. The shooter's prices
 * (env.zap_cost a shot, env.hit_cost a hit) are the same under each, and every hit leaves a mark of
 * env.mark_steps steps, which others see with env.see_mark. Where no mechanism of the list asks for hits
 * the beam is off, too: a pool punishes without.
 *
 * To add one: a file with `const MarlGridMechanismOps marl_grid_mechanism_<name>`, and a line in the table;
 * a program of its own registers it (marl_register_grid_mechanism). */
#ifndef MARL_ENVS_GRID_MECHANISM_H
#define MARL_ENVS_GRID_MECHANISM_H

#include "marl/core/plugin.h"

enum { MARL_GRID_MAX_MECHANISMS = 4, MARL_GRID_MECHANISM_VALUES = 8, MARL_GRID_MAX_STATES = 8 };

struct MarlGridRules;
struct MarlGridWorld;
typedef struct MarlGridMechanism MarlGridMechanism;

typedef struct MarlGridMechanismOps {
  MARL_PLUGIN; /* options: numbers */

  bool no_beam; /* the beam is off; no other mechanism beside it */
  int num_states; /* numbers that it keeps of each agent, 0 when an episode begins and saved with it */
  /* MARL_ECONFIG if the rules do not go with it. NULL: all do. */
  MarlCode (*check)(const MarlGridMechanism *own, const struct MarlGridRules *rules,
                    MarlError *err);
  /* `target` is hit by `shooter`; `marked`: it bore a mark already. It may pay (marl_grid_fine), send
   * away or freeze the target (world.h), and take its mark. NULL: it does without a beam. */
  void (*hit)(const MarlGridMechanism *own, struct MarlGridWorld *world, int shooter, int target,
              bool marked);
  /* What hit_cost is multiplied by for such a hit. NULL: 1. */
  double (*weigh)(const MarlGridMechanism *own, const struct MarlGridWorld *world, int target);
  /* When all have moved and shot; world->reward is that of the step. NULL: nothing. */
  void (*after_step)(const MarlGridMechanism *own, struct MarlGridWorld *world);
} MarlGridMechanismOps;

/* One mechanism of a world. */
struct MarlGridMechanism {
  const MarlGridMechanismOps *ops;
  double value[MARL_GRID_MECHANISM_VALUES]; /* of its options, in their order */
  int first_state;                          /* of its numbers in the world's (marl_grid_state) */
};

typedef struct MarlGridMechanismList {
  int count, num_states;
  MarlGridMechanism of[MARL_GRID_MAX_MECHANISMS];
} MarlGridMechanismList;

extern MarlKind marl_kind_grid_mechanisms;
MarlCode marl_register_grid_mechanism(const MarlGridMechanismOps *ops,
                                      MarlError *err) MARL_NODISCARD;

/* The list that `text` names. MARL_ECONFIG. */
MarlCode marl_grid_mechanisms_parse(const char *text, MarlGridMechanismList *out,
                                    MarlError *err) MARL_NODISCARD;
/* What its mechanisms say of the rules, and of each other. */
MarlCode marl_grid_mechanisms_check(const MarlGridMechanismList *list,
                                    const struct MarlGridRules *rules,
                                    MarlError *err) MARL_NODISCARD;

#endif
