/* One synchronous step of the learners: who was fined, what everybody earned, what it learns and
 * what it does next, row by row, so that a row's tables are read once. */
#include <math.h>
#include <string.h>

#include "envs/lattice/lattice_internal.h"

enum { C = MARL_LATTICE_C, D = MARL_LATTICE_D, ROW_TABLE = MARL_LATTICE_STATES * 2 };

/* Draws of a site: 30 bits against epsilon and two coins, and 16 bits for each of two edges. */
enum { DRAW_SHIFT = 2, DRAW_ONE = 1 << 30, EDGE_ONE = 1 << 16 };

/* Words of row `row`: choose [x] and edge [x]. One call of Philox serves 32 sites. */
static void draw_row(const MarlLattice *l, MarlKey key, int row, uint32_t *choose, uint32_t *edge) {
  const int side = l->params.side;
  const int global = (l->first_row + row + side) % side;
  for (int c = 0; c < l->chunks; ++c) {
    uint32_t word[2 * LATTICE_CHUNK];
    const uint64_t chunk = (uint64_t)global * (uint64_t)l->chunks + (uint64_t)c;
    marl_philox_lanes(key, chunk * MARL_PHILOX_LANES, word);
    if (choose != NULL) memcpy(choose + c * LATTICE_CHUNK, word, LATTICE_CHUNK * sizeof *word);
    memcpy(edge + c * LATTICE_CHUNK, word + LATTICE_CHUNK, LATTICE_CHUNK * sizeof *word);
  }
}

/* fines[x] = fines over the four edges of x: an edge between unlike neighbors fires with chance
 * 2^-16 `chance`. Low halves of edge words are to the right, high halves down. */
static void count_fines(const uint8_t *above, const uint8_t *row, const uint8_t *below,
                        const uint32_t *edge_above, const uint32_t *edge, int side, uint32_t chance,
                        uint8_t *restrict fines) {
  for (int x = 0; x < side; ++x) {
    const int up = (above[x] != row[x]) & (edge_above[x] >> 16 < chance);
    const int down = (below[x] != row[x]) & (edge[x] >> 16 < chance);
    fines[x] = (uint8_t)(up + down);
  }
  for (int x = 0; x < side - 1; ++x) {
    const int right = (row[x + 1] != row[x]) & ((edge[x] & 0xffffu) < chance);
    fines[x] = (uint8_t)(fines[x] + right);
  }
  for (int x = 1; x < side; ++x) {
    const int left = (row[x - 1] != row[x]) & ((edge[x - 1] & 0xffffu) < chance);
    fines[x] = (uint8_t)(fines[x] + left);
  }
  const int around = (row[0] != row[side - 1]) & ((edge[side - 1] & 0xffffu) < chance);
  fines[0] = (uint8_t)(fines[0] + around);
  fines[side - 1] = (uint8_t)(fines[side - 1] + around);
}

/* What a row earned. */
static void pay_row(const MarlLatticeParams *p, const uint8_t *row, const uint8_t *cooperators,
                    const uint8_t *fines, float *restrict payoff) {
  const float cc = p->game.payoff[C][C], cd = p->game.payoff[C][D];
  const float dc = p->game.payoff[D][C], dd = p->game.payoff[D][D];
  const float fine = (float)p->fine, cost = (float)p->cost;
  for (int x = 0; x < p->side; ++x) {
    const float k = (float)cooperators[x], rest = (float)(MARL_LATTICE_NEIGHBORS - cooperators[x]);
    const float events = (float)fines[x];
    const float as_c = k * cc + rest * cd - events * cost;
    const float as_d = k * dc + rest * dd - events * fine;
    payoff[x] = row[x] == C ? as_c : as_d;
  }
}

static void count_row(MarlLatticeCounts *counts, const uint8_t *row, const uint8_t *cooperators,
                      const uint8_t *fines, int side) {
  int64_t c = 0, with_c = 0, cc = 0, events = 0;
  for (int x = 0; x < side; ++x) {
    const int own = row[x] == C;
    c += own;
    with_c += cooperators[x];
    cc += own ? cooperators[x] : 0;
    events += own ? fines[x] : 0;
  }
  counts->kinds[C] += c;
  counts->kinds[D] += side - c;
  counts->pairs[C][C] += cc;
  counts->pairs[C][D] += MARL_LATTICE_NEIGHBORS * c - cc;
  counts->pairs[D][C] += with_c - cc;
  counts->pairs[D][D] += MARL_LATTICE_NEIGHBORS * (side - c) - (with_c - cc);
  counts->fines += events;
  counts->fine_chances += MARL_LATTICE_NEIGHBORS * c - cc;
}

/* Every agent of a row learns from its last action and chooses the next. */
static void learn_row(const MarlLattice *l, const uint8_t *restrict row,
                      const float *restrict payoff, uint8_t *restrict state, float *restrict table,
                      uint8_t *restrict next) {
  const float rate = (float)l->params.learning_rate, gamma = (float)l->params.gamma;
  const uint32_t explore = (uint32_t)lround(l->params.epsilon * DRAW_ONE);
  for (int x = 0; x < l->params.side; ++x, table += ROW_TABLE) {
    const int after = (MARL_LATTICE_NEIGHBORS + 1) * row[x] + l->cooperators[x];
    float *const value = &table[2 * state[x] + row[x]];
    const float *const then = &table[2 * after];
    const float best = then[C] > then[D] ? then[C] : then[D];
    *value += rate * (payoff[x] + gamma * best - *value);
    const uint32_t word = l->choose[x];
    const unsigned coin = word & 1u, tie = word >> 1 & 1u;
    const unsigned unequal = then[C] > then[D] ? C : D;
    const unsigned greedy = then[C] == then[D] ? tie : unequal;
    next[x] = (uint8_t)(word >> DRAW_SHIFT < explore ? coin : greedy);
    state[x] = (uint8_t)after;
  }
}

void marl_lattice_learn_step(MarlLattice *l) {
  const int side = l->params.side;
  const MarlKey key = marl_lattice_step_key(l);
  const uint32_t chance = (uint32_t)lround(l->params.punish * EDGE_ONE);
  uint32_t *edge_above = l->edge, *edge = l->edge + (ptrdiff_t)l->chunks * LATTICE_CHUNK;
  draw_row(l, key, -1, NULL, edge_above);
  for (int r = 0; r < l->rows; ++r) {
    const uint8_t *row = marl_lattice_row(l->now, l->halo, r, side);
    const uint8_t *above = row - side, *below = row + side;
    float *payoff = l->payoff + (ptrdiff_t)(r + 1) * side;
    draw_row(l, key, r, l->choose, edge);
    marl_lattice_count_neighbors(above, row, below, side, C, l->cooperators);
    count_fines(above, row, below, edge_above, edge, side, chance, l->fines);
    pay_row(&l->params, row, l->cooperators, l->fines, payoff);
    count_row(&l->counts, row, l->cooperators, l->fines, side);
    learn_row(l, row, payoff, l->state + (ptrdiff_t)r * side,
              l->table + (ptrdiff_t)r * side * ROW_TABLE,
              marl_lattice_row(l->next, l->halo, r, side));
    uint32_t *const swap = edge_above;
    edge_above = edge;
    edge = swap;
  }
}

void marl_lattice_learn_begin(MarlLattice *l) {
  const int side = l->params.side;
  for (int r = 0; r < l->rows; ++r) {
    const uint8_t *row = marl_lattice_row(l->now, l->halo, r, side);
    marl_lattice_count_neighbors(row - side, row, row + side, side, C, l->cooperators);
    for (int x = 0; x < side; ++x) {
      const size_t site = (size_t)r * (size_t)side + (size_t)x;
      l->state[site] = (uint8_t)((MARL_LATTICE_NEIGHBORS + 1) * row[x] + l->cooperators[x]);
      for (int s = 0; s < MARL_LATTICE_STATES; ++s)
        l->table[site * ROW_TABLE + (size_t)(2 * s + row[x])] = (float)l->params.preference;
    }
  }
}
