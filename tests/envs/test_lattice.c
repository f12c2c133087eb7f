/* ctest: ranks=1,2,4 */
#include "envs/lattice/lattice.h"

#include "tests/unit.h"

enum { C = MARL_LATTICE_C, D = MARL_LATTICE_D };

/* A donation game, b = 3 and c = 1, of learners. */
static MarlLatticeParams learners(int side) {
  return (MarlLatticeParams){.side = side,
                             .game = marl_game_make(2, -1, 3, 0),
                             .update = MARL_LATTICE_LEARN,
                             .punish = 0.5,
                             .fine = 1,
                             .cost = 0.5,
                             .initial = {0.5, 0.5, 0, 0},
                             .learning_rate = 0.1,
                             .gamma = 0.9,
                             .epsilon = 0.02};
}

static MarlLattice *make(const MarlLatticeParams *params, MPI_Comm comm) {
  MarlError err;
  MarlLattice *lattice = NULL;
  UNIT_OK(marl_lattice_create(params, marl_key(1, MARL_STREAM_ENV), comm, &lattice, &err));
  return lattice;
}

static MarlLatticeCounts run(MarlLattice *lattice, int steps) {
  MarlError err;
  MarlLatticeCounts counts = {0};
  UNIT_OK(marl_lattice_run(lattice, steps, &counts, &err));
  return counts;
}

/* The same lattice on all ranks together and on each alone: actions, values, payoffs, sums. */
static void compare_with_alone(const MarlLatticeParams *params) {
  MarlLattice *shared = make(params, MPI_COMM_WORLD), *alone = make(params, MPI_COMM_SELF);
  MarlLatticeCounts of_shared = {0}, of_alone = {0};
  for (int part = 0; part < 3; ++part) { /* a run may be cut anywhere */
    of_shared = run(shared, 10 + part);
    of_alone = run(alone, 10 + part);
    UNIT_BITS_EQUAL(&of_shared, &of_alone, sizeof of_shared);
  }
  int first, rows, zero, all;
  const uint8_t *own = marl_lattice_kinds(shared, &first, &rows);
  const uint8_t *every = marl_lattice_kinds(alone, &zero, &all);
  const size_t side = (size_t)params->side, at = (size_t)first * side, n = (size_t)rows * side;
  CU_ASSERT(zero == 0 && all == params->side);
  UNIT_BITS_EQUAL(own, every + at, n);
  UNIT_BITS_EQUAL(marl_lattice_payoffs(shared), marl_lattice_payoffs(alone) + at,
                  n * sizeof(float));
  if (params->update == MARL_LATTICE_LEARN)
    UNIT_BITS_EQUAL(marl_lattice_table(shared, first, 0), marl_lattice_table(alone, first, 0),
                    n * MARL_LATTICE_STATES * 2 * sizeof(float));
  marl_lattice_destroy(&shared);
  marl_lattice_destroy(&alone);
}

/* 45 is no multiple of the 32 sites of a draw, nor of 2 or 4 ranks. */
static void test_any_number_of_ranks_gives_the_same_bits(void) {
  const MarlLatticeParams learn = learners(45);
  MarlLatticeParams imitate = learn;
  imitate.update = MARL_LATTICE_IMITATE;
  imitate.temperature = 0.1;
  for (int k = 0; k < MARL_NUM_LATTICE_KINDS; ++k) imitate.initial[k] = 0.25;
  compare_with_alone(&learn);
  compare_with_alone(&imitate);
}

/* Every rank alone from here on. */
static float *values(MarlLattice *lattice, int site) {
  return marl_lattice_table(lattice, site / 4, site % 4);
}

/* Learning off, greedy tables that hold a pattern, fines certain (p = 1). With b = 3, c = 1, fine 1
 * and cost 0.5 by hand:
 *     C D D D     payoffs: (0,0) has one neighbor C, (3,0): 2 - 3 - 3 x 0.5 = -2.5
 *     D D D D     (0,1): neighbors (0,0) C, (1,1) D, (3,1) D, (0,2) D: 3 - 1 = 2
 *     D D D D     (2,0): neighbors (3,0) C: 2; (3,0) as (0,0): -2.5
 *     C D D D     (1,1): no C: 0 */
static void test_payoffs_by_hand(void) {
  MarlLatticeParams p = learners(4);
  p.punish = 1;
  p.learning_rate = p.epsilon = 0;
  MarlLattice *lattice = make(&p, MPI_COMM_SELF);
  for (int site = 0; site < 16; ++site)
    for (int s = 0; s < MARL_LATTICE_STATES; ++s) {
      const bool cooperate = site == 0 || site == 12;
      values(lattice, site)[2 * s + C] = cooperate ? 1 : 0;
      values(lattice, site)[2 * s + D] = cooperate ? 0 : 1;
    }
  run(lattice, 1);
  const MarlLatticeCounts counts = run(lattice, 1);
  static const double expected[16] = {-2.5, 2, 0, 2, 2, 0, 0, 0, 2, 0, 0, 0, -2.5, 2, 0, 2};
  double sum = 0;
  for (int site = 0; site < 16; ++site) {
    UNIT_NEAR((double)marl_lattice_payoffs(lattice)[site], expected[site], 1e-6);
    sum += expected[site];
  }
  CU_ASSERT(counts.kinds[C] == 2 && counts.fines == 6 && counts.fine_chances == 6);
  CU_ASSERT(counts.pairs[C][C] == 2 && counts.pairs[C][D] == 6 && counts.pairs[D][C] == 6);
  UNIT_NEAR(marl_lattice_welfare(&p, &counts), sum / 16, 1e-12);
  UNIT_NEAR(marl_lattice_gross_welfare(&p, &counts), (sum + 9) / 16, 1e-12);
  marl_lattice_destroy(&lattice);
}

/* All C, then one step: r = 4 (b - c) = 8, the best value of the next state is the preference v. */
static void test_one_learning_step_is_the_formula(void) {
  MarlLatticeParams p = learners(4);
  p.initial[C] = 1;
  p.initial[D] = 0;
  p.preference = 5;
  p.epsilon = 0;
  MarlLattice *lattice = make(&p, MPI_COMM_SELF);
  run(lattice, 1);
  const float *q = values(lattice, 7);
  UNIT_NEAR((double)q[2 * 4 + C], 5 + 0.1 * (8 + 0.9 * 5 - 5), 1e-5); /* float rounding */
  UNIT_NEAR((double)q[2 * 4 + D], 0, 0);
  UNIT_NEAR((double)q[2 * 3 + C], 5, 0);
  /* the value of cooperating for ever is r / (1 - gamma) = 80; 0.99^2000 of the way is left */
  run(lattice, 2000);
  UNIT_NEAR((double)q[2 * 4 + C], 80, 1e-3);
  marl_lattice_destroy(&lattice);
}

/* Mean cooperation of 200 steps after 1,000. */
static double settled(const MarlLatticeParams *p) {
  MarlLattice *lattice = make(p, MPI_COMM_SELF);
  run(lattice, 1000);
  const MarlLatticeCounts counts = run(lattice, 200);
  marl_lattice_destroy(&lattice);
  return marl_lattice_cooperation(&counts);
}

/* With gamma = 0 and no punishment defecting is worth 4 c more in every state: what is left is half
 * of the exploration, 0.05. 200 x 400 draws: 4 sigma = 0.003; and a late first trial now and then.
 * With a certain fine of 5, cost 0, among cooperators defecting costs 4 x 5 and gains 4. */
static void test_limits_of_punishment(void) {
  MarlLatticeParams p = learners(20);
  p.gamma = 0;
  p.epsilon = 0.1;
  p.punish = 0;
  UNIT_NEAR(settled(&p), 0.05, 0.005);
  p.punish = 1;
  p.fine = 5;
  p.cost = 0;
  p.initial[C] = 1;
  p.initial[D] = 0;
  p.preference = 1;
  UNIT_NEAR(settled(&p), 0.95, 0.005);
}

/* Without exploration the society of certain fines cooperates fully, and looking at it leaves it as
 * it was, whichever of its two patterns is the one of now. */
static void test_greedy_looks_without_touching(void) {
  MarlLatticeParams p = learners(20);
  p.gamma = 0;
  p.punish = 1;
  p.fine = 5;
  p.initial[C] = 1;
  p.initial[D] = 0;
  p.preference = 1;
  MarlError err;
  MarlLattice *looked_at = make(&p, MPI_COMM_SELF), *twin = make(&p, MPI_COMM_SELF);
  for (int part = 0; part < 2; ++part) {
    MarlLatticeCounts counts;
    run(looked_at, 301);
    run(twin, 301);
    UNIT_OK(marl_lattice_greedy(looked_at, 5, &counts, &err));
    if (part == 1) CU_ASSERT(counts.kinds[D] < counts.sites / 100); /* first step: explorers' */
  }
  const MarlLatticeCounts a = run(looked_at, 10), b = run(twin, 10);
  UNIT_BITS_EQUAL(&a, &b, sizeof a);
  UNIT_BITS_EQUAL(marl_lattice_table(looked_at, 0, 0), marl_lattice_table(twin, 0, 0),
                  400 * MARL_LATTICE_STATES * 2 * sizeof(float));
  marl_lattice_destroy(&looked_at);
  marl_lattice_destroy(&twin);
}

/* A greedy look learns nothing: where C has the least lead over D, one lesson from being exploited
 * would turn it. */
static void test_greedy_learns_nothing(void) {
  MarlLatticeParams p = learners(12);
  p.initial[C] = 1, p.initial[D] = 0;
  p.punish = 0;
  p.preference = 1;
  p.learning_rate = 1;
  p.game = marl_game_make(-5, -5, -5, -5);
  MarlError err;
  MarlLattice *lattice = make(&p, MPI_COMM_SELF);
  MarlLatticeCounts counts;
  UNIT_OK(marl_lattice_greedy(lattice, 20, &counts, &err));
  CU_ASSERT_EQUAL(counts.kinds[C], counts.sites);
  marl_lattice_destroy(&lattice);
}

/* An edge between C and D is one event for both ends, at any two neighbors: what the one side pays is
 * what the other loses. */
static void test_a_fine_has_two_ends(void) {
  MarlLatticeParams p = learners(13);
  p.game = marl_game_make(0, 0, 0, 0);
  p.fine = p.cost = 1;
  MarlLattice *lattice = make(&p, MPI_COMM_SELF);
  for (int step = 0; step < 20; ++step) {
    int first, rows;
    uint8_t kind[13 * 13];
    double paid[2] = {0, 0};
    memcpy(kind, marl_lattice_kinds(lattice, &first, &rows), sizeof kind);
    const MarlLatticeCounts counts = run(lattice, 1);
    for (int a = 0; a < 13 * 13; ++a)
      paid[kind[a] == D] -= (double)marl_lattice_payoffs(lattice)[a];
    CU_ASSERT(paid[0] > 0);
    UNIT_NEAR(paid[0], paid[1], 0);
    UNIT_NEAR(paid[0], (double)counts.fines, 0);
  }
  marl_lattice_destroy(&lattice);
}

/* All payoffs 0: every choice is a coin. 200 steps x 400 sites: 4 sigma = 0.0071. */
static void test_without_a_game_choices_are_coins(void) {
  MarlLatticeParams p = learners(20);
  p.game = marl_game_make(0, 0, 0, 0);
  p.punish = 0;
  UNIT_NEAR(settled(&p), 0.5, 0.0071);
}

/* Fines happen on a share `punish` of the chances: some 60,000 chances, 4 sigma = 0.008. */
static void test_fines_happen_with_their_probability(void) {
  MarlLatticeParams p = learners(20);
  p.punish = 0.3;
  p.epsilon = 1;
  MarlLattice *lattice = make(&p, MPI_COMM_SELF);
  const MarlLatticeCounts counts = run(lattice, 150);
  UNIT_NEAR((double)counts.fines / (double)counts.fine_chances, 0.3, 0.008);
  UNIT_NEAR((double)counts.fine_chances / (double)counts.sites, 1, 0.02); /* 4 x 1/4 */
  marl_lattice_destroy(&lattice);
}

static void test_a_million_agents_fit(void) {
  const MarlLatticeParams p = learners(1000);
  MarlLattice *lattice = make(&p, MPI_COMM_WORLD);
  const double all = (double)marl_lattice_bytes(lattice) * 1.05; /* halo rows of other ranks */
  int size;
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  CU_ASSERT(all * size < 4e9);
  const MarlLatticeCounts counts = run(lattice, 1);
  CU_ASSERT(counts.sites == 1000000);
  marl_lattice_destroy(&lattice);
}

static void test_wrong_values_are_named(void) {
  MarlError err;
  MarlLattice *lattice = NULL;
  const MarlKey key = marl_key(1, MARL_STREAM_ENV);
  MarlLatticeParams p = learners(3);
  UNIT_ERROR(marl_lattice_create(&p, key, MPI_COMM_SELF, &lattice, &err), MARL_ECONFIG, "side 3");
  p = learners(8);
  p.initial[D] = 0.4;
  UNIT_ERROR(marl_lattice_create(&p, key, MPI_COMM_SELF, &lattice, &err), MARL_ECONFIG, "0.9");
  p.initial[MARL_LATTICE_IP] = 0.1;
  UNIT_ERROR(marl_lattice_create(&p, key, MPI_COMM_SELF, &lattice, &err), MARL_ECONFIG, "IP");
}

static CU_TestInfo tests[] = {
    {"any number of ranks gives the same bits", test_any_number_of_ranks_gives_the_same_bits},
    {"payoffs by hand", test_payoffs_by_hand},
    {"one learning step is the formula", test_one_learning_step_is_the_formula},
    {"limits of punishment", test_limits_of_punishment},
    {"greedy learns nothing", test_greedy_learns_nothing},
    {"a fine has two ends", test_a_fine_has_two_ends},
    {"greedy looks without touching", test_greedy_looks_without_touching},
    {"without a game choices are coins", test_without_a_game_choices_are_coins},
    {"fines happen with their probability", test_fines_happen_with_their_probability},
    {"a million agents fit", test_a_million_agents_fit},
    {"wrong values are named", test_wrong_values_are_named},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"learners on a lattice", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
