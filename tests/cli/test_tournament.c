/* `marl tournament`: a round robin with totals that are known by hand, and ratings. */
#include <math.h>

#include "marl/core/store.h"
#include "marl/learn/elo.h"
#include "tests/cli/program.h"

enum { FIXED = 5, MAX = 8, EPISODES = 20 };

static Program p;

static int begin(void) {
  return program_begin(&p);
}

static int end(void) {
  return program_end(&p);
}

/* The world of all tests, and a short training in it against TFT; the first of them. */
static void a_policy_is_trained(void) {
  program_write(&p, "world.yaml",
                "run: {seed: 1}\n"
                "env: {name: matrix_game, game: prisoners_dilemma, rounds: 50}\n");
  program_write(&p, "learn.yaml",
                "run: {seed: 1, updates: 40, shards: 2}\n"
                "env: {name: matrix_game, rounds: 50, num_envs: 16, policies: [learner, TFT]}\n"
                "learner: {name: tabular_q}\n");
  CU_ASSERT_EQUAL_FATAL(program_run(&p, "marl train learn.yaml --out learned --quiet"), 0);
}

typedef struct Found {
  int players;
  double score[MAX], elo[MAX], elo_low[MAX], elo_high[MAX];
  double mean[MAX][MAX], low[MAX][MAX], high[MAX][MAX], wins[MAX][MAX];
} Found;

/* NAME.csv and NAME_pairs.csv. */
static Found found(const char *name, int players) {
  char file[PROGRAM_PATH], text[PROGRAM_TEXT];
  Found f = {.players = players};
  snprintf(file, sizeof file, "%s.csv", name);
  program_read(&p, file, text);
  const char *line = text;
  for (int i = 0; i < players; ++i) {
    double low, high;
    line = strchr(line, '\n') + 1;
    CU_ASSERT_EQUAL_FATAL(sscanf(line, "%*[^,],%lf,%lf,%lf,%lf,%lf,%lf", &f.score[i], &low, &high,
                                 &f.elo[i], &f.elo_low[i], &f.elo_high[i]),
                          6);
  }
  snprintf(file, sizeof file, "%s_pairs.csv", name);
  program_read(&p, file, text);
  line = text;
  for (int i = 0; i < players; ++i)
    for (int j = 0; j < players; ++j) {
      line = strchr(line, '\n') + 1;
      CU_ASSERT_EQUAL_FATAL(sscanf(line, "%*[^,],%*[^,],%lf,%lf,%lf,%lf", &f.mean[i][j],
                                   &f.low[i][j], &f.high[i][j], &f.wins[i][j]),
                            4);
    }
  return f;
}

/* T, R, P, S = 5, 3, 1, 0, 50 rounds, no noise. */
static void fixed_strategies_earn_what_the_rules_say(void) {
  static const double hand[FIXED][FIXED] = {
      {150, 49, 150, 150, 150}, /* TFT: S, then P, against AllD */
      {54, 50, 250, 150, 54},   /* AllD: T, then P; WSLS cooperates every other round */
      {150, 0, 150, 150, 150},  /* AllC */
      {150, 25, 150, 150, 150}, /* WSLS: S, P, S, P .. */
      {150, 49, 150, 150, 150}, /* grim */
  };
  CU_ASSERT_EQUAL(program_run(&p,
                              "marl tournament world.yaml --players TFT,AllD,AllC,WSLS,grim "
                              "--episodes 3 --out fixed"),
                  0);
  const Found f = found("fixed", FIXED);
  MarlError err;
  MarlStore *store;
  char path[2 * PROGRAM_PATH];
  double stored[FIXED * FIXED];
  snprintf(path, sizeof path, "%s/fixed.h5", p.folder);
  UNIT_OK(marl_store_open(path, &store, &err));
  UNIT_OK(marl_store_read(store, "mean_return", MARL_F64, FIXED * FIXED, stored, &err));
  marl_store_close(&store);
  for (int i = 0; i < FIXED; ++i) {
    double sum = 0;
    for (int j = 0; j < FIXED; ++j) {
      UNIT_NEAR(f.mean[i][j], hand[i][j], 0); /* sums of small whole numbers */
      UNIT_NEAR(f.low[i][j], hand[i][j], 0);
      UNIT_NEAR(stored[i * FIXED + j], hand[i][j], 0);
      UNIT_NEAR(f.wins[i][j], hand[i][j] > hand[j][i] ? 1 : hand[i][j] < hand[j][i] ? 0 : 0.5, 0);
      sum += hand[i][j];
    }
    UNIT_NEAR(f.score[i], sum / FIXED, 1e-12 * sum); /* round-off */
  }
}

/* The choices are the same in both games of a pair; who wins a penny is told by the seat. */
static void a_game_that_favors_a_seat_favors_nobody(void) {
  CU_ASSERT_EQUAL(program_run(&p,
                              "marl tournament world.yaml --set env.game=matching_pennies "
                              "--players AllC,AllD --episodes 2 --out pennies"),
                  0);
  const Found f = found("pennies", 2);
  UNIT_NEAR(f.mean[0][1], 0, 0);
  UNIT_NEAR(f.wins[0][1], 0.5, 0);
  UNIT_NEAR(f.elo[0], 0, 1e-9); /* convergence of the ratings */
}

static void ratings_are_the_maximum_of_the_likelihood(void) {
  enum { PLAYERS = 5 };
  char line[PROGRAM_COMMAND];
  snprintf(line, sizeof line,
           "marl tournament world.yaml --players random:0.7,random:0.5,TFT,GTFT,AllC "
           "--episodes %d --out rated && marl tournament world.yaml --players AllC,AllD "
           "--episodes %d --out sure",
           EPISODES, EPISODES);
  CU_ASSERT_EQUAL(program_run(&p, line), 0);
  const Found f = found("rated", PLAYERS), sure = found("sure", 2);
  double mean = 0;
  for (int i = 0; i < PLAYERS; ++i) {
    double slope = 0; /* of the logarithm of the likelihood, one drawn game added to each pair */
    for (int j = 0; j < PLAYERS; ++j)
      if (j != i)
        slope += EPISODES * f.wins[i][j] + 0.5 -
                 (EPISODES + 1) / (1 + pow(10, (f.elo[j] - f.elo[i]) / 400));
    UNIT_NEAR(slope, 0, 1e-8); /* convergence of 1e-12 times games and passes */
    CU_ASSERT_TRUE(f.elo_low[i] <= f.elo[i] && f.elo[i] <= f.elo_high[i]);
    CU_ASSERT_TRUE(f.elo_low[i] < f.elo_high[i]);
    mean += f.elo[i] / PLAYERS;
  }
  UNIT_NEAR(mean, 0, 1e-9);
  /* two players: the closed form, finite where one of them has won every game */
  UNIT_NEAR(sure.elo[1] - sure.elo[0], 400 * log10((EPISODES + 0.5) / 0.5), 1e-7);
  UNIT_NEAR(sure.elo_high[1], sure.elo_low[1], 0); /* every episode was the same */
}

/* n games, half of them won: a count of deviation sqrt(n) / 2, and the slope of the closed form. */
static void bootstrap_intervals_have_the_width_of_a_count(void) {
  enum { GAMES = 400 };
  static double won[GAMES][2][2];
  MarlError err;
  MarlInterval interval[2];
  for (int e = 0; e < GAMES; ++e) won[e][e % 2][1 - e % 2] = 1;
  UNIT_OK(marl_elo_intervals(2, GAMES, &won[0][0][0], marl_key(3, MARL_STREAM_BOOTSTRAP), interval,
                             &err));
  const double slope = 200 / log(10) * 2 / (GAMES / 2 + 0.5);
  const double half = 1.96 * sqrt(GAMES) / 2 * slope;
  /* a 2.5 % quantile of 999 samples has a deviation of 4.3 % of it: four of them */
  UNIT_NEAR(interval[0].high, half, 0.175 * half);
  UNIT_NEAR(interval[0].low, -half, 0.175 * half);
  UNIT_NEAR(interval[1].high, -interval[0].low, 1e-9);
}

static void the_order_of_players_permutes_the_table(void) {
  CU_ASSERT_EQUAL(
      program_run(&p,
                  "marl tournament world.yaml --episodes 5 --sample --out one --players "
                  "TFT,random:0.4,GTFT,mine=./learned,random:0.8 && "
                  "marl tournament world.yaml --episodes 5 --sample --out two --players "
                  "random:0.8,mine=./learned,TFT,GTFT,random:0.4 && "
                  "for f in one one_pairs two two_pairs; do sort $f.csv > $f; done && "
                  "cmp one two && cmp one_pairs two_pairs && ! cmp -s one.csv two.csv"),
      0);
  CU_ASSERT_EQUAL(program_run(&p,
                              "marl tournament world.yaml --episodes 5 --sample --out again "
                              "--set run.seed=2 --players "
                              "TFT,random:0.4,GTFT,mine=./learned,random:0.8 && "
                              "! cmp -s again_pairs.csv one_pairs.csv"),
                  0);
}

/* A run's own evaluation has TFT in the other seat, and the game is the same from both. */
static void a_trained_policy_plays_as_its_evaluation_says(void) {
  double own = 0, its = 0;
  CU_ASSERT_EQUAL(program_run(&p, "marl evaluate learned"), 0);
  const char *play = strstr(p.out, "return_play"), *tft = strstr(p.out, "return_tft");
  CU_ASSERT_FATAL(play != NULL && tft != NULL);
  CU_ASSERT_EQUAL(sscanf(play, "return_play %lf", &own) + sscanf(tft, "return_tft %lf", &its), 2);
  CU_ASSERT_EQUAL(program_run(&p,
                              "marl tournament world.yaml --players mine=./learned,TFT "
                              "--episodes 2 --out mine"),
                  0);
  const Found f = found("mine", 2);
  CU_ASSERT_TRUE(own > 0 && its > 0);
  UNIT_NEAR(f.mean[0][1], own, 0); /* whole numbers, printed whole */
  UNIT_NEAR(f.mean[1][0], its, 0);
}

/* One mutant that earns a[0][.] among N - 1 residents: 1 / (1 + sum_k prod_{m <= k} f_resident / f_mutant),
 * fitness exp(s payoff), mean payoffs against everybody else (Nowak et al. 2004; Traulsen et al. 2008). */
static double fixation(double a, double b, double c, double d, int size, double s) {
  double sum = 1, product = 1;
  for (int m = 1; m < size; ++m) {
    const double mutant = ((m - 1) * a + (size - m) * b) / (size - 1);
    const double resident = (m * c + (size - m - 1) * d) / (size - 1);
    product *= exp(s * (resident - mutant));
    sum += product;
  }
  return 1 / sum;
}

/* Three deterministic players, N = 20, s = 0.02: the closed formula, and the stationary shares of the chain
 * of fixations by a million steps of it (Fudenberg and Imhof 2006). */
static void a_population_of_players_is_what_theory_says(void) {
  enum { KINDS = 3, SIZE = 20 };
  static const double a[KINDS][KINDS] = {{150, 49, 150}, {54, 50, 250}, {150, 0, 150}};
  const double s = 0.02;
  char text[PROGRAM_TEXT];
  double rho[KINDS][KINDS] = {{0}}, share[KINDS] = {1, 0, 0};
  CU_ASSERT_EQUAL(program_run(&p,
                              "marl tournament world.yaml --players TFT,AllD,AllC --episodes 3 "
                              "--moran 20 --selection 0.02 --out born"),
                  0);
  program_read(&p, "born_fixation.csv", text);
  const char *line = text;
  for (int i = 0; i < KINDS; ++i)
    for (int j = 0; j < KINDS; ++j) {
      double found, low, high, relative;
      if (i == j) continue;
      rho[i][j] = fixation(a[i][i], a[i][j], a[j][i], a[j][j], SIZE, s);
      line = strchr(line, '\n') + 1;
      CU_ASSERT_EQUAL_FATAL(
          sscanf(line, "%*[^,],%*[^,],%lf,%lf,%lf,%lf", &found, &low, &high, &relative), 4);
      UNIT_NEAR(found, rho[i][j], 1e-10 * rho[i][j]); /* round-off of 20 exponentials */
      UNIT_NEAR(relative, SIZE * found, 1e-12 * relative);
      CU_ASSERT(low == found && high == found); /* nothing is drawn: no interval */
    }
  UNIT_NEAR(rho[0][2], 1.0 / SIZE, 1e-12); /* TFT and AllC pay each other the same: neutral */
  for (int step = 0; step < 1000000; ++step) {
    double next[KINDS];
    memcpy(next, share, sizeof next);
    for (int i = 0; i < KINDS; ++i) /* a mutant of kind i among residents of kind j */
      for (int j = 0; j < KINDS; ++j) {
        if (i == j) continue;
        next[i] += share[j] * rho[i][j] / (KINDS - 1);
        next[j] -= share[j] * rho[i][j] / (KINDS - 1);
      }
    memcpy(share, next, sizeof share);
  }
  program_read(&p, "born_shares.csv", text);
  line = text;
  for (int i = 0; i < KINDS; ++i) {
    double found;
    line = strchr(line, '\n') + 1;
    CU_ASSERT_EQUAL_FATAL(sscanf(line, "%*[^,],%lf", &found), 1);
    UNIT_NEAR(found, share[i], 1e-9); /* round-off of a million steps */
  }
  MarlError err;
  MarlStore *store;
  char path[2 * PROGRAM_PATH];
  double stored[KINDS];
  snprintf(path, sizeof path, "%s/born.h5", p.folder);
  UNIT_OK(marl_store_open(path, &store, &err));
  UNIT_OK(marl_store_read(store, "share", MARL_F64, KINDS, stored, &err));
  marl_store_close(&store);
  for (int i = 0; i < KINDS; ++i) UNIT_NEAR(stored[i], share[i], 1e-9);
}

/* A trained policy is a kind like any other; what is drawn has an interval, and the order of the players
 * changes nothing. */
static void a_population_has_trained_players(void) {
  CU_ASSERT_EQUAL(
      program_run(&p,
                  "marl tournament world.yaml --episodes 5 --sample --moran 30 --out one --players "
                  "TFT,random:0.4,mine=./learned && marl tournament world.yaml --episodes 5 "
                  "--sample --moran 30 --out two --players mine=./learned,TFT,random:0.4 && "
                  "for f in one two; do sort ${f}_shares.csv >$f.a; sort ${f}_fixation.csv >$f.b; "
                  "done && cmp one.a two.a && cmp one.b two.b && "
                  "awk -F, 'NR > 1 { s += $2; if (!($3 <= $2 && $2 <= $4)) exit 1; w += $4 - $3 } "
                  "END { exit !(w > 0 && (s - 1)^2 < 1e-20) }' one_shares.csv"),
      0);
}

/* What a comparison or a sweep is about beside its world does not matter to who meets in it. */
static void the_world_may_be_that_of_a_comparison(void) {
  PROGRAM_SAYS(&p,
               "marl schelling grid/harvest_small --cooperator restrained:2 --defector eater "
               "--set env.episode_steps=20 --episodes 2",
               0, "cooperators");
  PROGRAM_SAYS(
      &p,
      "(cat world.yaml; printf 'sweep:\\n  axes: [\"learner.gamma: .5 .9\"]\\n') >swept.yaml && "
      "marl tournament world.yaml --players TFT,AllD --episodes 2 >one && "
      "marl tournament swept.yaml --players TFT,AllD --episodes 2 >other && cmp one other && "
      "echo "
      "same",
      0, "same");
}

static void mistakes_are_explained(void) {
  PROGRAM_SAYS(&p, "marl tournament world.yaml --players TFT,AllD --moran 1", 2, "--moran 1");
  PROGRAM_SAYS(&p, "marl tournament world.yaml --players TFT,AllD --selection 1", 2,
               "goes with --moran");
  PROGRAM_SAYS(&p, "marl tournament world.yaml --players TFT,AllD --moran 9 --selection -1", 2,
               "expected a number, 0 or more");
  PROGRAM_SAYS(&p, "marl tournament world.yaml", 2, "--players is missing");
  PROGRAM_SAYS(&p, "marl tournament world.yaml --players TFT", 2, "expected two or more");
  PROGRAM_SAYS(&p, "marl tournament world.yaml --players TFT,,AllD", 2, "a player without a name");
  PROGRAM_SAYS(&p, "marl tournament world.yaml --players TFT,AllD,TFT", 2, "'TFT' is there twice");
  PROGRAM_SAYS(&p, "marl tournament world.yaml --players TFT,TTF", 2, "did you mean");
  PROGRAM_SAYS(&p, "marl tournament world.yaml --players TFT,learner", 2, "plays by no policy");
  PROGRAM_SAYS(&p, "marl tournament world.yaml --players TFT,./nobody", 1, "./nobody");
  PROGRAM_SAYS(&p, "marl tournament $MARL_SOURCE/configs/control/cartpole.yaml --players a,b", 2,
               "between two");
  /* who would play no policy at all stood still, and was measured */
  PROGRAM_SAYS(
      &p, "marl schelling $MARL_SOURCE/configs/control/cartpole.yaml --cooperator a --defector b",
      2, "has no scripted policies");
}

static CU_TestInfo tests[] = {
    {"a policy is trained", a_policy_is_trained},
    {"fixed strategies earn what the rules say", fixed_strategies_earn_what_the_rules_say},
    {"a game that favors a seat favors nobody", a_game_that_favors_a_seat_favors_nobody},
    {"ratings are the maximum of the likelihood", ratings_are_the_maximum_of_the_likelihood},
    {"bootstrap intervals have the width of a count",
     bootstrap_intervals_have_the_width_of_a_count},
    {"the order of players permutes the table", the_order_of_players_permutes_the_table},
    {"a trained policy plays as its evaluation says",
     a_trained_policy_plays_as_its_evaluation_says},
    {"a population of players is what theory says", a_population_of_players_is_what_theory_says},
    {"a population has trained players", a_population_has_trained_players},
    {"the world may be that of a comparison", the_world_may_be_that_of_a_comparison},
    {"mistakes are explained", mistakes_are_explained},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"marl tournament", begin, end, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
