/* Who can meet whom: neighbor lists of N agents, each in index order. */
#ifndef MARL_ENVS_SOCIETY_GRAPH_H
#define MARL_ENVS_SOCIETY_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "marl/core/error.h"

typedef enum MarlGraphKind {
  MARL_GRAPH_COMPLETE,
  MARL_GRAPH_CAVEMAN,     /* connected caveman graph, Watts 1999 */
  MARL_GRAPH_LATTICE,     /* periodic square, four neighbors */
  MARL_GRAPH_SMALL_WORLD, /* ring with rewired edges, Watts and Strogatz 1998 */
  MARL_GRAPH_SCALE_FREE,  /* preferential attachment, Barabasi and Albert 1999 */
} MarlGraphKind;

/* Names for the option `graph`, NULL-terminated, in the order of MarlGraphKind. */
extern const char *const marl_graph_names[];

typedef struct MarlGraphParams {
  MarlGraphKind kind;
  int num_agents;  /* N */
  int community;   /* agents of a caveman community, divides N; >= 3, at least two of them */
  int neighbors;   /* of an agent on the ring, even; twice the edges that a new agent of the
                      scale-free graph brings */
  double rewiring; /* probability that an edge of the ring gets another end */
  uint64_t seed;   /* of the random graphs */
} MarlGraphParams;

typedef struct MarlGraph {
  int num_agents; /* N */
  int max_degree; /* of any agent */
  int *degree;    /* [N], owned */
  size_t *first;  /* [N] where an agent's neighbors begin, owned; NULL: the complete graph, */
  int *neighbor;  /* whose lists are not stored; [sum of degrees], in index order for each agent */
} MarlGraph;

/* Caveman: communities complete except for one edge each, which is turned to the previous
 * community. Lattice: N is a square of at least 3 x 3. MARL_ECONFIG when a number does not fit. */
MarlCode marl_graph_create(const MarlGraphParams *params, MarlGraph *out,
                           MarlError *err) MARL_NODISCARD;
void marl_graph_clear(MarlGraph *graph);

int marl_graph_neighbor(const MarlGraph *graph, int agent, int k); /* 0 <= k < degree[agent] */
bool marl_graph_linked(const MarlGraph *graph, int from, int to);

#endif
