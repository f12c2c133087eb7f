/* A grid world: boards, agents, and what they have earned in this episode. Plain data and functions;
 * env_grid.c makes an environment of it. */
#ifndef MARL_ENVS_GRID_WORLD_H
#define MARL_ENVS_GRID_WORLD_H

#include "envs/grid/draws.h"
#include "envs/grid/rules.h"

typedef struct MarlGridAgent {
  int32_t row, col, heading;
  int32_t away;     /* steps until it comes back; 0: it is on the map */
  int32_t zap_wait; /* steps until the beam is ready */
  int32_t tool_wait;
  int32_t sent;   /* away from its cell: 1 + steps; 0: it stays. socialjax: at the next step */
  int32_t frozen; /* steps in which it can do nothing */
  int32_t mark;   /* steps on the map for which it bears the mark of a hit */
} MarlGridAgent;

/* Of one agent in this episode. */
typedef struct MarlGridTally {
  double earned;       /* raw reward */
  double meals;        /* steps with a positive reward, */
  double meal_time;    /* and the sum of their times, from 0 */
  double away;         /* steps */
  double tool_steps;   /* steps in which it fired the tool */
  double worked;       /* dirt cleaned, ore hit */
  double zaps, hits;   /* shots fired, agents hit */
  double items, alien; /* items taken; of those, coins of another's color */
  double trace;        /* inequity aversion: decaying rewards */
  double record;    /* contributions, those of the last record_steps steps about (marl_grid_note) */
  double low_steps; /* steps on the map with a record below the mean of all */
  double hits_low;  /* agents hit whose record was that low, */
  double hits_by_low; /* and hits while its own was */
  double paid, fined; /* for shots and hits; in fines */
} MarlGridTally;

struct MarlGridWorld {
  const MarlGridRules *rules; /* borrowed */
  MarlKey key;                /* of the episode */
  int step;                   /* steps taken */
  int num_dirt;
  MarlGridAgent agent[MARL_GRID_MAX_AGENTS];
  MarlGridTally tally[MARL_GRID_MAX_AGENTS];
  double state[MARL_GRID_MAX_AGENTS][MARL_GRID_MAX_STATES]; /* of the mechanisms, marl_grid_state */
  double reward[MARL_GRID_MAX_AGENTS];                      /* raw, of the last step */
  double contributed[MARL_GRID_MAX_AGENTS]; /* to its record (marl_grid_note), in this step */
  int num_tools;                            /* agents that fired the tool in the last step, */
  uint8_t used_tool[MARL_GRID_MAX_AGENTS];  /* and which */
  uint8_t low[MARL_GRID_MAX_AGENTS];        /* record below the mean of all, before this step */
  int32_t partial_at[MARL_GRID_MAX_SIDE * MARL_GRID_MAX_SIDE]; /* mining: step of the first hit */
  uint8_t partial_by[MARL_GRID_MAX_SIDE * MARL_GRID_MAX_SIDE];
  MarlGridDraws draws;
  MarlGridBoard board[MARL_GRID_NUM_BOARDS];
  int num_lit; /* cells of the beam boards, to be put out */
  struct {
    uint8_t kind, row, col;
  } lit[2 * MARL_GRID_MAX_SIDE * MARL_GRID_MAX_SIDE];
};

/* Rows and columns of a step in a direction. */
static inline int marl_grid_down(int heading) {
  return (heading == 0) - (heading == 2);
}
static inline int marl_grid_right(int heading) {
  return (heading == 1) - (heading == 3);
}

static inline void marl_grid_put(MarlGridWorld *world, MarlGridKind kind, int row, int col) {
  marl_grid_flip(&world->board[kind], &world->rules->map, row, col);
}
static inline bool marl_grid_is(const MarlGridWorld *world, MarlGridKind kind, int row, int col) {
  return marl_grid_at(&world->board[kind], row, col);
}
/* Outside of the map or a wall. */
static inline bool marl_grid_blocked(const MarlGridRules *rules, int row, int col) {
  return marl_grid_at(&rules->scenery[0], row, col);
}
/* Rewards agent i in this step. */
static inline void marl_grid_pay(MarlGridWorld *world, int agent, double reward) {
  world->reward[agent] += reward;
}

/* The numbers that a mechanism keeps of an agent, [num_states]. */
static inline double *marl_grid_state(MarlGridWorld *world, const MarlGridMechanism *own,
                                      int agent) {
  return world->state[agent] + own->first_state;
}
/* Mean record of all agents. */
static inline double marl_grid_mean_record(const MarlGridWorld *world) {
  const int n = world->rules->num_agents;
  double sum = 0;
  for (int i = 0; i < n; ++i) sum += world->tally[i].record;
  return sum / n;
}

void marl_grid_begin(MarlGridWorld *world, const MarlGridRules *rules, MarlKey key);
/* number [num_agents], as the dynamics count. */
void marl_grid_step(MarlGridWorld *world, const uint8_t *number);

/* Parts of a step (world.c, beams.c, the dynamics). */
void marl_grid_turn(MarlGridWorld *world, int agent, int heading);
void marl_grid_place(MarlGridWorld *world, int agent, int row, int col);
void marl_grid_lift(MarlGridWorld *world, int agent);
bool marl_grid_spawn(MarlGridWorld *world, int agent);
void marl_grid_take(MarlGridWorld *world, int agent); /* what lies on its cell, if anything */
void marl_grid_eat(MarlGridWorld *world, int agent);  /* the apple there: reward 1 */
int marl_grid_agent_at(const MarlGridWorld *world, int row, int col); /* -1: nobody */
void marl_grid_light(MarlGridWorld *world, MarlGridKind kind, int row, int col);
void marl_grid_put_out(MarlGridWorld *world);
void marl_grid_hit(MarlGridWorld *world, int shooter, int target);
void marl_grid_charge(MarlGridWorld *world, int agent, double price); /* for punishing */
void marl_grid_fine(MarlGridWorld *world, int agent, double amount);  /* for being punished */
/* Off the map for so many steps when all have shot; 0: to a spawn cell. */
void marl_grid_send(MarlGridWorld *world, int agent, int steps);
/* Agent i has done something for the others, or against them (amount below 0). */
void marl_grid_note(MarlGridWorld *world, int agent, double amount);
void marl_grid_fire(MarlGridWorld *world, int agent, bool tool);
/* Whom a zap of meltingpot would hit if nobody moved, a bit an agent. */
unsigned marl_grid_targets(const MarlGridWorld *world, int agent);
void marl_grid_step_meltingpot(MarlGridWorld *world, const uint8_t *number);
void marl_grid_step_socialjax(MarlGridWorld *world, const uint8_t *number);

/* Items within distance 2 of a cell (Euclid): 12 neighbors. */
int marl_grid_neighbors(const MarlGridWorld *world, MarlGridKind kind, int row, int col);
/* Puts items on empty sites, each with the chance that belongs to its neighbors, or a fixed one. */
typedef struct MarlGridGrowth {
  MarlGridKind kind;
  const double *chance; /* [MARL_GRID_MAX_GROWTH] by neighbors, or NULL: */
  double fixed;
  int halvings; /* 2^-halvings is at least the largest chance */
  bool spare;   /* nothing grows under agents */
} MarlGridGrowth;
int marl_grid_halvings(double chance); /* the most for it, at most 31 */
void marl_grid_grow(MarlGridWorld *world, const MarlGridGrowth *growth);
int marl_grid_count(const MarlGridWorld *world, MarlGridKind kind);

/* The window of agent i, bits [num_planes, view stride]: bit c of a row is its column c. Rows beyond
 * the window's hold anything. */
void marl_grid_see(const MarlGridWorld *world, int agent, uint64_t *bits);

#endif
