#include "envs/dilemma/graph.h"

#include <stdlib.h>

const char *const marl_graph_names[] = {"complete", "caveman", NULL};

/* Is there an edge i - j of the connected caveman graph? */
static bool caveman_edge(int num_agents, int community, int i, int j) {
  const int low = i < j ? i : j, high = i < j ? j : i;
  if (low == 0 && high == num_agents - 1) return true; /* the ring closes */
  if (high % community == 0 && low == high - 1) return true;
  if (low % community == 0 && high == low + 1) return false; /* the edge that was turned */
  return low / community == high / community;
}

static bool edge(MarlGraphKind kind, int num_agents, int community, int i, int j) {
  if (i == j) return false;
  return kind == MARL_GRAPH_COMPLETE || caveman_edge(num_agents, community, i, j);
}

MarlCode marl_graph_create(MarlGraphKind kind, int num_agents, int community, MarlGraph *out,
                           MarlError *err) {
  *out = (MarlGraph){.num_agents = num_agents};
  if (kind == MARL_GRAPH_CAVEMAN &&
      (community < 3 || num_agents % community != 0 || num_agents / community < 2))
    return MARL_FAIL(err, MARL_ECONFIG,
                     "graph: caveman needs at least two communities of at least 3 agents that "
                     "divide num_agents: num_agents = %d, community = %d",
                     num_agents, community);
  const size_t n = (size_t)num_agents;
  out->degree = calloc(n, sizeof *out->degree);
  out->neighbor = calloc(n * (n - 1), sizeof *out->neighbor);
  if (out->degree == NULL || out->neighbor == NULL) {
    marl_graph_clear(out);
    return MARL_FAIL(err, MARL_EMEMORY, "graph: no memory for %d agents", num_agents);
  }
  for (int i = 0; i < num_agents; ++i) {
    int *row = out->neighbor + (size_t)i * (n - 1);
    for (int j = 0; j < num_agents; ++j)
      if (edge(kind, num_agents, community, i, j)) row[out->degree[i]++] = j;
    if (out->degree[i] > out->max_degree) out->max_degree = out->degree[i];
  }
  return MARL_OK;
}

void marl_graph_clear(MarlGraph *graph) {
  free(graph->degree);
  free(graph->neighbor);
  *graph = (MarlGraph){0};
}

bool marl_graph_linked(const MarlGraph *graph, int from, int to) {
  const int *row = graph->neighbor + (size_t)from * (size_t)(graph->num_agents - 1);
  for (int i = 0; i < graph->degree[from]; ++i)
    if (row[i] == to) return true;
  return false;
}
