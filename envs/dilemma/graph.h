/* Who can meet whom: neighbor lists of N agents, each in index order. */
#ifndef MARL_ENVS_DILEMMA_GRAPH_H
#define MARL_ENVS_DILEMMA_GRAPH_H

#include <stdbool.h>

#include "marl/core/error.h"

typedef enum MarlGraphKind { MARL_GRAPH_COMPLETE, MARL_GRAPH_CAVEMAN } MarlGraphKind;

/* Names for the option `graph`, NULL-terminated, in the order of MarlGraphKind. */
extern const char *const marl_graph_names[];

typedef struct MarlGraph {
  int num_agents; /* N */
  int max_degree; /* of any agent */
  int *degree;    /* [N], owned */
  int *neighbor;  /* [N, N - 1], the first degree[i] of row i used; owned */
} MarlGraph;

/* Connected caveman graph (Watts 1999): communities of `community` agents, complete except for one
 * edge each, which is turned to the previous community. MARL_ECONFIG unless community divides N
 * and is at least 3 with at least 2 communities. The complete graph ignores `community`. */
MarlCode marl_graph_create(MarlGraphKind kind, int num_agents, int community, MarlGraph *out,
                           MarlError *err) MARL_NODISCARD;
void marl_graph_clear(MarlGraph *graph);

bool marl_graph_linked(const MarlGraph *graph, int from, int to);

#endif
