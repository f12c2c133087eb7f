/* What is fixed for the life of a grid world: map, dynamics, beams, growth, what agents see. */
#ifndef MARL_ENVS_GRID_RULES_H
#define MARL_ENVS_GRID_RULES_H

#include "envs/game/intrinsic.h"
#include "envs/grid/board.h"
#include "envs/grid/mechanism.h"
#include "marl/core/option.h"
#include "marl/learn/scripted.h"

enum {
  MARL_GRID_MAX_AGENTS = 16,
  MARL_GRID_MAX_PLANES = 16,
  MARL_GRID_MAX_GROWTH = 13, /* of 0 .. 12 neighbors */
  MARL_GRID_MAX_BEAM = 8,
};

typedef enum MarlGridDynamics { MARL_GRID_MELTINGPOT, MARL_GRID_SOCIALJAX } MarlGridDynamics;

/* Boards of a world. What grows: apples; red and blue coins; iron, gold and gold that one has hit. */
typedef enum MarlGridKind {
  MARL_GRID_FIRST_ITEM,
  MARL_GRID_SECOND_ITEM,
  MARL_GRID_THIRD_ITEM,
  MARL_GRID_DIRT,
  MARL_GRID_CLEAN, /* water that is clean */
  MARL_GRID_AGENT,
  MARL_GRID_ZAP, /* where beams went in the last step */
  MARL_GRID_TOOL,
  MARL_GRID_HEADING,                         /* agents with headings 0 .. 3 */
  MARL_GRID_OUTSIDE = MARL_GRID_HEADING + 4, /* from here on those of the map, which never change */
  MARL_GRID_RIVER,
  MARL_GRID_NUM_KINDS,
  MARL_GRID_NUM_BOARDS = MARL_GRID_OUTSIDE,
} MarlGridKind;

typedef struct MarlGridPlane {
  const char *name;
  MarlGridKind kind; /* MARL_GRID_HEADING + k: others whose heading is k more than the viewer's */
} MarlGridPlane;

/* meltingpot: a middle ray of `length` cells and `radius` rays to each side that begin beside the
 * agent and are shorter by their distance. */
typedef struct MarlGridBeam {
  bool on;
  int length, radius;
  int cooldown; /* steps after a shot without one */
} MarlGridBeam;

/* Who decides for an agent (scripted.h): a learner, or the list of marl_grid_scripted. */
typedef enum MarlGridPolicy {
  MARL_GRID_LEARNER,
  MARL_GRID_RANDOM,
  MARL_GRID_EATER,
  MARL_GRID_OWN_COLOR,
  MARL_GRID_RESTRAINED,
  MARL_GRID_CLEANER,
  MARL_GRID_TURN_TAKER,
  MARL_GRID_PUNISHER,
  MARL_GRID_NUM_POLICIES,
} MarlGridPolicy;

typedef struct MarlGridWorld MarlGridWorld; /* world.h */
typedef struct MarlGridGame MarlGridGame;
typedef struct MarlGridRules MarlGridRules;

struct MarlGridRules {
  const MarlGridGame *game;
  MarlGridMap map;
  MarlGridBoard scenery[MARL_GRID_NUM_KINDS - MARL_GRID_OUTSIDE];
  MarlGridDynamics dynamics;
  bool quirks;
  int num_agents, episode_steps, end_every;
  double end_probability;

  int view_ahead, view_behind, view_side;
  bool see_heading, see_beams, see_identity, see_mark, see_record;
  bool global_state; /* for a central critic (view.h) */
  int num_planes;    /* bit planes; behind them those of single agents (view.h) */
  MarlGridPlane plane[MARL_GRID_MAX_PLANES];

  MarlGridBeam zap, tool;           /* the tool cleans or mines */
  double zap_cost, hit_cost;        /* to the shooter, of a shot and of a hit */
  MarlGridMechanismList mechanisms; /* what a hit does */
  int mark_steps;                   /* of the mark that it leaves */
  double record_steps;              /* over which contributions are remembered */

  double growth[MARL_GRID_MAX_GROWTH]; /* chance a step of an empty site, by its neighbors */
  double second_growth;                /* of blue coins, of gold */
  int halvings, second_halvings;       /* 2^-halvings is at least the largest of them */
  double dirt_probability, depletion, restoration;
  int dirt_begins; /* first step that may bring dirt, from 0 */

  double own_coin, other_coin, other_loss; /* coins */
  double iron, gold;                       /* mining */
  int gold_window;

  MarlIntrinsic intrinsic;
  double self_interest;
  double jitter;
  MarlGridPolicy policy[MARL_GRID_MAX_AGENTS];
  int restraint[MARL_GRID_MAX_AGENTS];   /* of MARL_GRID_RESTRAINED */
  double lenience[MARL_GRID_MAX_AGENTS]; /* of MARL_GRID_PUNISHER */
};

/* What a game adds; cleanup.c and its like. */
struct MarlGridGame {
  const char *name;
  bool has_zap, has_tool, has_colors;
  int zap_cooldown;      /* of meltingpot, where the option leaves it at -1, */
  const char *mechanism; /* and what a hit does there, where env.mechanism is empty */
  /* Reads its own options; the rules are filled but for scenery and planes. */
  MarlCode (*read)(const MarlSection *config, MarlGridRules *rules, MarlError *err);
  void (*grow)(MarlGridWorld *world);
  /* Agent i is on an item, which it takes. */
  void (*take)(MarlGridWorld *world, int agent);
  /* The tool's beam of an agent meets a cell; true: it stops there. */
  bool (*work)(MarlGridWorld *world, int agent, int row, int col);
  const MarlGridPlane
      *planes; /* [num_planes] of what the game has; agents, walls, beams are common */
  int num_planes;
  const char *const *looks; /* MARL_GRID_LOOKS, then the names of the planes, for pictures */
};

/* The first names of a game's `looks` (look.c). */
#define MARL_GRID_LOOKS "floor", "wall", "agent", "agent with a mark", "zap beam", "tool beam"

extern const char *const marl_grid_dynamics_names[];

enum { MARL_GRID_NUM_SCRIPTED = MARL_GRID_NUM_POLICIES - 1 };
/* Played by the environment: they see the whole map (scripted.h). */
extern const MarlScripted marl_grid_scripted_list[MARL_GRID_NUM_SCRIPTED];

/* From the options of game.h and the game's own. */
MarlCode marl_grid_rules_read(const MarlSection *config, const MarlGridGame *game,
                              MarlGridRules *rules, MarlError *err) MARL_NODISCARD;

/* Window of a view: rows from far ahead to behind, columns from left to right. */
static inline int marl_grid_view_rows(const MarlGridRules *rules) {
  return rules->view_ahead + 1 + rules->view_behind;
}
/* Rows of a window in memory: whole vectors. */
static inline int marl_grid_view_stride(const MarlGridRules *rules) {
  return (marl_grid_view_rows(rules) + 3) & ~3;
}
static inline int marl_grid_view_cols(const MarlGridRules *rules) {
  return 2 * rules->view_side + 1;
}

#endif
