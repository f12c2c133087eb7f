/* One synchronous step of imitation: payoffs of own rows and the two beside them, which need kinds
 * up to three rows away, then everybody looks at one neighbor. */
#include <math.h>

#include "envs/lattice/lattice_internal.h"

enum { C = MARL_LATTICE_C, D = MARL_LATTICE_D, P = MARL_LATTICE_P, IP = MARL_LATTICE_IP };
enum { WORDS = 4 * MARL_PHILOX_LANES, OUTER = 2 }; /* OUTER: rows of counts beyond the own ones */

static int action_of(int kind) {
  return kind == D ? MARL_DEFECT : MARL_COOPERATE;
}

/* Sites at one row's left, right, above and below. */
typedef struct Cross {
  const uint8_t *above, *row, *below;
  int left, x, right;
} Cross;

static int sum_cross(const Cross *c) {
  return c->above[c->x] + c->below[c->x] + c->row[c->left] + c->row[c->right];
}

static void pay_row(MarlLattice *l, int r) {
  const MarlLatticeParams *p = &l->params;
  const int side = p->side;
  const uint8_t *kind = marl_lattice_row(l->now, l->halo, r, side);
  const uint8_t *defectors = marl_lattice_row(l->defectors, OUTER, r, side);
  const uint8_t *protectors = marl_lattice_row(l->protectors, OUTER, r, side);
  float *payoff = l->payoff + (ptrdiff_t)(r + 1) * side;
  const float fine = (float)(p->fine * p->punish), cost = (float)(p->cost * p->punish);
  const bool own_row = r >= 0 && r < l->rows;
  for (int x = 0; x < side; ++x) {
    const int left = x == 0 ? side - 1 : x - 1, right = x == side - 1 ? 0 : x + 1;
    const int own = kind[x], act = action_of(own), d = defectors[x];
    const int others[4] = {kind[x - side], kind[x + side], kind[left], kind[right]};
    int given = 0, received = 0;
    if (own == P) given = d;
    if (own == IP) /* every defector that a neighbor has beside it; itself is none */
      given = sum_cross(&(Cross){defectors - side, defectors, defectors + side, left, x, right});
    if (own == D) {
      for (int i = 0; i < 4; ++i) received += others[i] == P;
      received +=
          sum_cross(&(Cross){protectors - side, protectors, protectors + side, left, x, right});
    }
    payoff[x] = (float)(MARL_LATTICE_NEIGHBORS - d) * p->game.payoff[act][C] +
                (float)d * p->game.payoff[act][D] - (float)given * cost - (float)received * fine;
    if (!own_row) continue;
    ++l->counts.kinds[own];
    l->counts.pairs[act][MARL_COOPERATE] += MARL_LATTICE_NEIGHBORS - d;
    l->counts.pairs[act][MARL_DEFECT] += d;
    l->counts.fine_chances += given;
  }
}

/* 30 bits of the word decide, two say which neighbor is looked at. */
static void imitate_row(MarlLattice *l, MarlKey key, int r) {
  const int side = l->params.side;
  const float scale = (float)(1.0 / l->params.temperature);
  const uint8_t *kind = marl_lattice_row(l->now, l->halo, r, side);
  const float *payoff = l->payoff + (ptrdiff_t)(r + 1) * side;
  uint8_t *next = marl_lattice_row(l->next, l->halo, r, side);
  const uint64_t row = (uint64_t)(l->first_row + r) * (uint64_t)l->chunks;
  for (int x = 0; x < side; ++x) {
    if (x % WORDS == 0)
      marl_philox_lanes(key, (row + (uint64_t)(x / WORDS)) * MARL_PHILOX_LANES, l->choose);
    const uint32_t word = l->choose[x % WORDS];
    const int at[4] = {x - side, x + side, x == 0 ? side - 1 : x - 1, x == side - 1 ? 0 : x + 1};
    const int other = at[word & 3u];
    next[x] = kind[x];
    if (kind[other] == kind[x]) continue;
    const float gain = scale * (payoff[other] - payoff[x]);
    const float uniform = ((float)(word >> 8) + 0.5f) * 0x1p-24f;
    if (uniform * (1.0f + expf(-gain)) < 1.0f) next[x] = kind[other];
  }
}

void marl_lattice_imitate_step(MarlLattice *l) {
  const int side = l->params.side;
  const MarlKey key = marl_lattice_step_key(l);
  for (int r = -OUTER; r < l->rows + OUTER; ++r) {
    const uint8_t *row = marl_lattice_row(l->now, l->halo, r, side);
    marl_lattice_count_neighbors(row - side, row, row + side, side, D,
                                 marl_lattice_row(l->defectors, OUTER, r, side));
    marl_lattice_count_neighbors(row - side, row, row + side, side, IP,
                                 marl_lattice_row(l->protectors, OUTER, r, side));
  }
  for (int r = -1; r <= l->rows; ++r) pay_row(l, r);
  for (int r = 0; r < l->rows; ++r) imitate_row(l, key, r);
}
