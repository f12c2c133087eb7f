#include "envs/society/graph.h"

#include <stdlib.h>

#include "marl/core/rng.h"

const char *const marl_graph_names[] = {"complete",    "caveman",    "lattice",
                                        "small_world", "scale_free", NULL};

/* Edges while a graph is built: pairs (low, high), each once. */
typedef struct Edges {
  size_t count;
  int (*pair)[2]; /* [most], owned */
  int *degree;    /* [N], borrowed */
} Edges;

static void add(Edges *edges, int i, int j) {
  edges->pair[edges->count][0] = i < j ? i : j;
  edges->pair[edges->count++][1] = i < j ? j : i;
  ++edges->degree[i];
  ++edges->degree[j];
}

static bool has(const Edges *edges, int i, int j) {
  const int low = i < j ? i : j, high = i < j ? j : i;
  for (size_t e = 0; e < edges->count; ++e)
    if (edges->pair[e][0] == low && edges->pair[e][1] == high) return true;
  return false;
}

static void add_caveman(const MarlGraphParams *p, Edges *edges) {
  const int n = p->num_agents, size = p->community;
  for (int low = 0; low < n; low += size) {
    for (int i = low; i < low + size; ++i)
      for (int j = i + 1; j < low + size; ++j)
        if (i != low || j != low + 1) add(edges, i, j); /* the edge low - low + 1 is turned */
    add(edges, low, (low + n - 1) % n);
  }
}

static int side_of(int num_agents) {
  int side = 1;
  while (side * side < num_agents) ++side;
  return side;
}

static void add_lattice(const MarlGraphParams *p, Edges *edges) {
  const int side = side_of(p->num_agents);
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      add(edges, y * side + x, y * side + (x + 1) % side);
      add(edges, y * side + x, (y + 1) % side * side + x);
    }
  }
}

/* Edge i - i + k of the ring keeps i; with probability `rewiring` its other end is drawn anew. */
static void add_small_world(const MarlGraphParams *p, Edges *edges) {
  const int n = p->num_agents;
  const MarlKey key = marl_key_fold(marl_key(p->seed, MARL_STREAM_INIT), MARL_GRAPH_SMALL_WORLD);
  for (int k = 1; k <= p->neighbors / 2; ++k)
    for (int i = 0; i < n; ++i) add(edges, i, (i + k) % n);
  const size_t total = edges->count;
  uint64_t draw = total;
  for (size_t e = 0; e < total; ++e) {
    const int keep = (int)(e % (size_t)n), far = (keep + (int)(e / (size_t)n) + 1) % n;
    if (marl_uniform(key, e) >= p->rewiring || edges->degree[keep] >= n - 1) continue;
    int to = far;
    while (to == keep || has(edges, keep, to)) to = (int)marl_below(key, draw++, (uint64_t)n);
    --edges->degree[far];
    ++edges->degree[to];
    edges->pair[e][0] = keep < to ? keep : to;
    edges->pair[e][1] = keep < to ? to : keep;
  }
}

/* Agent i links to m = neighbors / 2 earlier ones, drawn by degree: an end of a random edge. */
static void add_scale_free(const MarlGraphParams *p, Edges *edges) {
  const int m = p->neighbors / 2;
  const MarlKey key = marl_key_fold(marl_key(p->seed, MARL_STREAM_INIT), MARL_GRAPH_SCALE_FREE);
  uint64_t draw = 0;
  for (int i = 0; i <= m; ++i)
    for (int j = 0; j < i; ++j) add(edges, i, j);
  for (int i = m + 1; i < p->num_agents; ++i) {
    const size_t before = edges->count;
    while (edges->count < before + (size_t)m) {
      const uint64_t end = marl_below(key, draw++, 2 * before);
      const int to = edges->pair[end / 2][end % 2];
      bool linked = false;
      for (size_t e = before; e < edges->count; ++e) linked = linked || edges->pair[e][0] == to;
      if (!linked) add(edges, i, to);
    }
  }
}

static MarlCode check(const MarlGraphParams *p, MarlError *err) {
  const int n = p->num_agents;
  if (p->kind == MARL_GRAPH_CAVEMAN &&
      (p->community < 3 || n % p->community != 0 || n / p->community < 2))
    return MARL_FAIL(err, MARL_ECONFIG,
                     "graph: caveman needs at least two communities of at least 3 agents that "
                     "divide num_agents: num_agents = %d, community = %d",
                     n, p->community);
  if (p->kind == MARL_GRAPH_LATTICE && (n < 9 || side_of(n) * side_of(n) != n))
    return MARL_FAIL(err, MARL_ECONFIG,
                     "graph: a lattice needs num_agents = 9, 16, 25, ..., a square; not %d", n);
  const bool random = p->kind == MARL_GRAPH_SMALL_WORLD || p->kind == MARL_GRAPH_SCALE_FREE;
  if (random && (p->neighbors < 2 || p->neighbors % 2 != 0 || p->neighbors >= n - 1))
    return MARL_FAIL(err, MARL_ECONFIG,
                     "graph: neighbors = %d must be even and below num_agents - 1 = %d",
                     p->neighbors, n - 1);
  return MARL_OK;
}

static size_t most_edges(const MarlGraphParams *p) {
  const size_t n = (size_t)p->num_agents;
  switch (p->kind) {
    case MARL_GRAPH_CAVEMAN:
      return n * (size_t)p->community;
    case MARL_GRAPH_LATTICE:
      return 2 * n;
    default:
      return n * (size_t)p->neighbors;
  }
}

static void add_all(const MarlGraphParams *p, Edges *edges) {
  switch (p->kind) {
    case MARL_GRAPH_CAVEMAN:
      add_caveman(p, edges);
      return;
    case MARL_GRAPH_LATTICE:
      add_lattice(p, edges);
      return;
    case MARL_GRAPH_SMALL_WORLD:
      add_small_world(p, edges);
      return;
    case MARL_GRAPH_SCALE_FREE:
      add_scale_free(p, edges);
      return;
    default: /* the complete graph needs no list */
      return;
  }
}

static int ascending(const void *a, const void *b) {
  const int x = *(const int *)a, y = *(const int *)b;
  return (x > y) - (x < y);
}

/* Neighbor lists of the edges, each in index order. */
static void list_neighbors(const Edges *edges, MarlGraph *out) {
  const int n = out->num_agents;
  size_t total = 0;
  for (int i = 0; i < n; ++i) {
    out->first[i] = total;
    total += (size_t)out->degree[i];
    if (out->degree[i] > out->max_degree) out->max_degree = out->degree[i];
    out->degree[i] = 0;
  }
  for (size_t e = 0; e < edges->count; ++e) {
    const int i = edges->pair[e][0], j = edges->pair[e][1];
    out->neighbor[out->first[i] + (size_t)out->degree[i]++] = j;
    out->neighbor[out->first[j] + (size_t)out->degree[j]++] = i;
  }
  for (int i = 0; i < n; ++i)
    qsort(out->neighbor + out->first[i], (size_t)out->degree[i], sizeof *out->neighbor, ascending);
}

static MarlCode create_complete(MarlGraph *out, MarlError *err) {
  out->degree = calloc((size_t)out->num_agents, sizeof *out->degree);
  if (out->degree == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "graph: no memory for %d agents", out->num_agents);
  out->max_degree = out->num_agents - 1;
  for (int i = 0; i < out->num_agents; ++i) out->degree[i] = out->max_degree;
  return MARL_OK;
}

MarlCode marl_graph_create(const MarlGraphParams *params, MarlGraph *out, MarlError *err) {
  *out = (MarlGraph){.num_agents = params->num_agents};
  MARL_TRY(check(params, err));
  if (params->kind == MARL_GRAPH_COMPLETE) return create_complete(out, err);
  const size_t n = (size_t)params->num_agents, most = most_edges(params);
  out->degree = calloc(n, sizeof *out->degree);
  out->first = calloc(n, sizeof *out->first);
  out->neighbor = calloc(2 * most, sizeof *out->neighbor);
  Edges edges = {.pair = calloc(most, sizeof *edges.pair), .degree = out->degree};
  MarlCode code = MARL_OK;
  if (out->degree == NULL || out->first == NULL || out->neighbor == NULL || edges.pair == NULL)
    code = MARL_FAIL(err, MARL_EMEMORY, "graph: no memory for %zu agents", n);
  if (code == MARL_OK) {
    add_all(params, &edges);
    list_neighbors(&edges, out);
  } else {
    marl_graph_clear(out);
  }
  free(edges.pair);
  return code;
}

void marl_graph_clear(MarlGraph *graph) {
  free(graph->degree);
  free(graph->first);
  free(graph->neighbor);
  *graph = (MarlGraph){0};
}

int marl_graph_neighbor(const MarlGraph *graph, int agent, int k) {
  if (graph->neighbor == NULL) return k < agent ? k : k + 1;
  return graph->neighbor[graph->first[agent] + (size_t)k];
}

bool marl_graph_linked(const MarlGraph *graph, int from, int to) {
  if (graph->neighbor == NULL) return from != to;
  return bsearch(&to, graph->neighbor + graph->first[from], (size_t)graph->degree[from], sizeof to,
                 ascending) != NULL;
}
