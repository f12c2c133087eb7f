#include "envs/lattice/lattice.h"

#include "tests/unit.h"

enum { C = MARL_LATTICE_C, D = MARL_LATTICE_D, P = MARL_LATTICE_P, IP = MARL_LATTICE_IP };

static MarlLatticeParams imitators(int side) {
  return (MarlLatticeParams){.side = side,
                             .game = marl_game_make(1, 0, 1.05, 0),
                             .update = MARL_LATTICE_IMITATE,
                             .punish = 1,
                             .fine = 0.3,
                             .cost = 0.1,
                             .initial = {0.25, 0.25, 0.25, 0.25},
                             .temperature = 0.1};
}

static MarlLattice *make(const MarlLatticeParams *params) {
  MarlError err;
  MarlLattice *lattice = NULL;
  UNIT_OK(marl_lattice_create(params, marl_key(1, MARL_STREAM_ENV), MPI_COMM_SELF, &lattice, &err));
  return lattice;
}

static MarlLatticeCounts run(MarlLattice *lattice, int steps) {
  MarlError err;
  MarlLatticeCounts counts = {0};
  UNIT_OK(marl_lattice_run(lattice, steps, &counts, &err));
  return counts;
}

static int neighbor(int side, int site, int i) {
  static const int dx[] = {1, -1, 0, 0}, dy[] = {0, 0, 1, -1};
  const int x = (site % side + dx[i] + side) % side, y = (site / side + dy[i] + side) % side;
  return y * side + x;
}

/* Fines as the words say: every punisher goes to whom it fines. */
static void payoffs_by_words(const MarlLatticeParams *p, const uint8_t *kind, double *payoff) {
  const int side = p->side, sites = side * side;
  for (int a = 0; a < sites; ++a) {
    payoff[a] = 0;
    for (int i = 0; i < 4; ++i) {
      const int b = neighbor(side, a, i);
      payoff[a] += (double)p->game.payoff[kind[a] == D][kind[b] == D];
    }
  }
  for (int a = 0; a < sites; ++a)
    for (int i = 0; i < 4; ++i) {
      const int b = neighbor(side, a, i);
      if (kind[a] == P && kind[b] == D) {
        payoff[a] -= p->cost;
        payoff[b] -= p->fine;
      }
      for (int j = 0; kind[a] == IP && j < 4; ++j) {
        const int c = neighbor(side, b, j);
        if (c == a || kind[c] != D) continue;
        payoff[a] -= p->cost;
        payoff[c] -= p->fine;
      }
    }
}

static void test_payoffs_are_what_the_words_say(void) {
  enum { SIDE = 9 };
  const MarlLatticeParams p = imitators(SIDE);
  MarlLattice *lattice = make(&p);
  for (int step = 0; step < 5; ++step) {
    uint8_t kind[SIDE * SIDE];
    double expected[SIDE * SIDE], sum = 0;
    int first, rows;
    memcpy(kind, marl_lattice_kinds(lattice, &first, &rows), sizeof kind);
    payoffs_by_words(&p, kind, expected);
    const MarlLatticeCounts counts = run(lattice, 1);
    for (int a = 0; a < SIDE * SIDE; ++a) {
      UNIT_NEAR((double)marl_lattice_payoffs(lattice)[a], expected[a], 1e-5); /* float sums */
      sum += expected[a];
    }
    UNIT_NEAR(marl_lattice_welfare(&p, &counts), sum / (SIDE * SIDE), 1e-6);
  }
  marl_lattice_destroy(&lattice);
}

/* Expected fines are half of all when half happen, and the kinds begin in their shares: 160,000 sites,
 * five binomial deviations are at most 0.0062. */
static void test_welfare_and_shares_of_four_kinds(void) {
  enum { SIDE = 400 };
  MarlLatticeParams p = imitators(SIDE);
  static const double initial[] = {0.1, 0.4, 0.2, 0.3};
  memcpy(p.initial, initial, sizeof initial);
  p.punish = 0.5;
  MarlLattice *lattice = make(&p);
  const MarlLatticeCounts counts = run(lattice, 1);
  double sum = 0;
  for (int a = 0; a < SIDE * SIDE; ++a) sum += (double)marl_lattice_payoffs(lattice)[a];
  UNIT_NEAR(marl_lattice_welfare(&p, &counts), sum / (SIDE * SIDE), 1e-5); /* float payoffs */
  for (int k = 0; k < MARL_NUM_LATTICE_KINDS; ++k)
    UNIT_NEAR((double)counts.kinds[k] / (SIDE * SIDE), initial[k], 0.0062);
  marl_lattice_destroy(&lattice);
}

static void test_one_kind_alone_stays(void) {
  for (int k = 0; k < MARL_NUM_LATTICE_KINDS; ++k) {
    MarlLatticeParams p = imitators(12);
    for (int j = 0; j < MARL_NUM_LATTICE_KINDS; ++j) p.initial[j] = j == k;
    p.temperature = 100; /* noise does not invent strategies */
    MarlLattice *lattice = make(&p);
    const MarlLatticeCounts counts = run(lattice, 50);
    CU_ASSERT(counts.kinds[k] == counts.sites);
    UNIT_NEAR(marl_lattice_cooperation(&counts), k == D ? 0 : 1, 0);
    marl_lattice_destroy(&lattice);
  }
}

/* At a low temperature nobody takes over what earns less: exp(-0.05 / 1e-3) is nothing. In a weak
 * dilemma with T = 1.05 payoffs of unlike sites differ by at least 0.05 or not at all. */
static void test_cold_imitators_never_step_down(void) {
  enum { SIDE = 16 };
  MarlLatticeParams p = imitators(SIDE);
  p.initial[P] = p.initial[IP] = 0;
  p.initial[C] = p.initial[D] = 0.5;
  p.temperature = 1e-3;
  MarlLattice *lattice = make(&p);
  int changes = 0;
  for (int step = 0; step < 10; ++step) {
    uint8_t before[SIDE * SIDE];
    int first, rows;
    memcpy(before, marl_lattice_kinds(lattice, &first, &rows), sizeof before);
    run(lattice, 1);
    const uint8_t *after = marl_lattice_kinds(lattice, &first, &rows);
    const float *payoff = marl_lattice_payoffs(lattice);
    for (int a = 0; a < SIDE * SIDE; ++a) {
      if (after[a] == before[a]) continue;
      float best = -1e9f;
      for (int i = 0; i < 4; ++i) {
        const int b = neighbor(SIDE, a, i);
        if (before[b] == after[a] && payoff[b] > best) best = payoff[b];
      }
      CU_ASSERT(best > payoff[a] - 1e-5f);
      ++changes;
    }
  }
  CU_ASSERT(changes > 10);
  marl_lattice_destroy(&lattice);
}

/* At infinite temperature a change has chance 1/2 whatever the payoffs: shares are a martingale.
 * After 20 steps of 200^2 sites the share of C moves by its sampling noise, below
 * sqrt(20 x 1/4 / 40000) = 0.011 a standard deviation with clusters of twenty sites at most. */
static void test_hot_imitators_are_neutral(void) {
  MarlLatticeParams p = imitators(200);
  p.initial[P] = p.initial[IP] = 0;
  p.initial[C] = 0.3;
  p.initial[D] = 0.7;
  p.temperature = 1e9;
  MarlLattice *lattice = make(&p);
  run(lattice, 19);
  const MarlLatticeCounts counts = run(lattice, 1);
  UNIT_NEAR(marl_lattice_cooperation(&counts), 0.3, 0.04);
  marl_lattice_destroy(&lattice);
}

static CU_TestInfo tests[] = {
    {"payoffs are what the words say", test_payoffs_are_what_the_words_say},
    {"welfare and shares of four kinds", test_welfare_and_shares_of_four_kinds},
    {"one kind alone stays", test_one_kind_alone_stays},
    {"cold imitators never step down", test_cold_imitators_never_step_down},
    {"hot imitators are neutral", test_hot_imitators_are_neutral},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"imitators on a lattice", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
