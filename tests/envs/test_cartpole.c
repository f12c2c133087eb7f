#include "envs/control/control.h"
#include "marl/learn/vec_env.h"
#include "tests/unit.h"

enum { LEFT = 0, RIGHT = 1 };
/* kg, kg, m, m/s^2, N: cart and pole, pole, half the pole's length, gravity, push */
static const double M = 1.1, m = 0.1, l = 0.5, g = 9.8, F = 10;

/* One cart outside of any batch: nothing ends its episode, so that it may fall as far as it likes. */
typedef struct Cart {
  MarlEnv *env;
  float act, obs[4], reward;
  uint8_t role, active, terminated;
} Cart;

static Cart make(double dt) {
  MarlError err;
  char text[32];
  MarlSection *config = NULL;
  Cart cart = {.env = NULL};
  const MarlOptionTable table = {marl_env_cartpole.options, marl_env_cartpole.num_options};
  snprintf(text, sizeof text, "%.17g", dt);
  UNIT_OK(marl_section_create("env", &table, 1, &config, &err));
  UNIT_OK(marl_section_set(config, "dt", text, "test", &err));
  UNIT_OK(marl_env_cartpole.create(config, MPI_COMM_SELF, &cart.env, &err));
  marl_section_destroy(&config);
  return cart;
}

static void place(Cart *cart, const double state[4]) {
  MarlError err;
  MarlStore *to, *from;
  void *bytes;
  size_t size;
  const MarlArray array = {.type = MARL_F64, .rank = 1, .shape = {4}};
  UNIT_OK(marl_store_create_memory(&to, &err));
  UNIT_OK(marl_store_write(to, "state", &array, state, &err));
  UNIT_OK(marl_store_image(to, &bytes, &size, &err));
  marl_store_close(&to);
  UNIT_OK(marl_store_open_image(bytes, size, &from, &err));
  UNIT_OK(marl_env_cartpole.load(cart->env, from, &err));
  marl_store_close(&from);
  free(bytes);
}

/* The state in double precision, as a checkpoint has it. */
static void where(const Cart *cart, double state[4]) {
  MarlError err;
  MarlStore *to, *from;
  void *bytes;
  size_t size;
  UNIT_OK(marl_store_create_memory(&to, &err));
  UNIT_OK(marl_env_cartpole.save(cart->env, to, &err));
  UNIT_OK(marl_store_image(to, &bytes, &size, &err));
  marl_store_close(&to);
  UNIT_OK(marl_store_open_image(bytes, size, &from, &err));
  UNIT_OK(marl_store_read(from, "state", MARL_F64, 4, state, &err));
  marl_store_close(&from);
  free(bytes);
}

static void push(Cart *cart, int choice) {
  MarlError err;
  cart->act = (float)choice;
  const MarlEnvIo io = {.act = &cart->act,
                        .obs = cart->obs,
                        .role = &cart->role,
                        .active = &cart->active,
                        .reward = &cart->reward,
                        .terminated = &cart->terminated};
  UNIT_OK(marl_env_cartpole.step(cart->env, &io, &err));
}

/* The cart after `seconds` of one push that begin in `state`. */
static void ride(double dt, double seconds, int choice, const double from[4], double to[4]) {
  Cart cart = make(dt);
  place(&cart, from);
  for (long t = lround(seconds / dt); t > 0; --t) push(&cart, choice);
  where(&cart, to);
  marl_env_cartpole.destroy(cart.env);
}

/* Cart and a uniform pole that turns about its end: 1/2 M x'^2 + m l x' th' cos th +
 * 1/2 4/3 m l^2 th'^2 + m g l cos th; a push changes it by F dx. */
static double energy(const double s[4]) {
  return 0.5 * M * s[1] * s[1] + m * l * s[1] * s[3] * cos(s[2]) +
         0.5 * 4 / 3 * m * l * l * s[3] * s[3] + m * g * l * cos(s[2]);
}

static double energy_error(double dt) {
  const double from[4] = {0.3, -0.8, 0.4, 1.5}; /* far from upright: all terms count */
  double to[4];
  ride(dt, 0.8, RIGHT, from, to);
  return energy(to) - energy(from) - F * (to[0] - from[0]);
}

static void test_work_is_energy(void) {
  const double coarse = energy_error(4e-4), middle = energy_error(2e-4), fine = energy_error(1e-4);
  printf("\n    %.5f %.5f %.5f ", coarse, middle, fine);
  /* explicit Euler is of order one; its next order is dt times the fastest rate, 6/s, below 1 % */
  UNIT_NEAR(log2(coarse / middle), 1, 0.02);
  UNIT_NEAR(log2(middle / fine), 1, 0.02);
  /* what is left when the first order is taken out, against some joules of work */
  UNIT_NEAR(2 * fine - middle, 0, 1e-4);
}

/* Near upright th'' = lambda^2 th + (push), lambda^2 = g / (l (4/3 - m/M)): the difference of two
 * carts that are pushed alike grows with lambda, if it begins along the unstable direction. */
static void test_the_pole_falls_at_its_rate(void) {
  const double lambda = sqrt(g / (l * (4.0 / 3 - m / M))), small = 1e-7, seconds = 0.25;
  const double from[2][4] = {{0, 0, 0, 0}, {0, 0, small, lambda * small}};
  double rate[2];
  for (int i = 0; i < 2; ++i) {
    double to[2][4];
    const double dt = i == 0 ? 2e-5 : 1e-5;
    /* back and forth in one step each: the pole stays within 1e-4 of upright */
    for (int c = 0; c < 2; ++c) {
      Cart cart = make(dt);
      place(&cart, from[c]);
      for (long t = 0; t < lround(seconds / dt); ++t) push(&cart, t % 2 == 0 ? LEFT : RIGHT);
      where(&cart, to[c]);
      CU_ASSERT_TRUE(fabs(to[c][2]) < 1e-4);
      marl_env_cartpole.destroy(cart.env);
    }
    rate[i] = log((to[1][2] - to[0][2]) / small) / seconds;
  }
  printf("\n    %.6f %.6f, exactly %.6f ", rate[0], rate[1], lambda);
  /* Euler's rate is lambda - lambda^2 dt / 2: 8e-5 at the finer step, and halved with it; beyond
   * that nonlinearity, 1e-8, and round-off of differences of 1e-7, 1e-9 */
  UNIT_NEAR(rate[1], lambda, 1.1e-4);
  UNIT_NEAR(2 * rate[1] - rate[0], lambda, 1e-6);
}

/* Left and right are the same: minus the state and the other push give minus the state, in every
 * bit. */
static void test_left_mirrors_right(void) {
  const MarlKey key = marl_key(3, MARL_STREAM_SEARCH);
  Cart cart = make(0.02);
  for (uint64_t i = 0; i < 50; ++i) {
    double from[4], minus[4], right[4], left[4];
    for (uint64_t j = 0; j < 4; ++j) {
      from[j] = 0.4 * marl_normal(key, 4 * i + j);
      minus[j] = -from[j];
    }
    place(&cart, from);
    push(&cart, RIGHT);
    where(&cart, right);
    const bool fell = cart.terminated;
    place(&cart, minus);
    push(&cart, LEFT);
    where(&cart, left);
    CU_ASSERT_EQUAL(cart.terminated, fell);
    for (int j = 0; j < 4; ++j) CU_ASSERT_EQUAL(left[j], -right[j]);
  }
  marl_env_cartpole.destroy(cart.env);
}

/* A resting upright pole: the cart gains (F/M)(1 + 3/4 m/M + ...) exactly as the equations of motion
 * in matrix form say, [M, m l; m l, 4/3 m l^2] (x'', th'') = (F, 0); position after velocity. */
static void test_a_step_by_hand(void) {
  const double still[4] = {0, 0, 0, 0}, determinant = M * 4 / 3 * m * l * l - m * l * m * l;
  double to[4];
  Cart cart = make(0.02);
  place(&cart, still);
  push(&cart, RIGHT);
  where(&cart, to);
  UNIT_NEAR(to[0], 0, 0); /* Euler: the old velocity moves the cart */
  UNIT_NEAR(to[2], 0, 0);
  UNIT_NEAR(to[1], 0.02 * F * 4 / 3 * m * l * l / determinant, 1e-15); /* round-off of .2 */
  UNIT_NEAR(to[3], -0.02 * F * m * l / determinant, 1e-15);
  UNIT_NEAR(cart.reward, 1, 0);
  CU_ASSERT_FALSE(cart.terminated);
  marl_env_cartpole.destroy(cart.env);
}

/* Over beyond 2.4 m or 12 degrees, on either side, after the step; that step still earns 1. */
static void test_where_it_is_over(void) {
  const double degree = acos(-1) / 180;
  const struct {
    double x, angle;
    bool over;
  } cases[] = {{2.3999, 0, false},           {2.4001, 0, true},
               {-2.3999, 0, false},          {-2.4001, 0, true},
               {0, 11.999 * degree, false},  {0, 12.001 * degree, true},
               {0, -11.999 * degree, false}, {0, -12.001 * degree, true}};
  Cart cart = make(0.02);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
    const double state[4] = {cases[i].x, 0, cases[i].angle, 0}; /* at rest: Euler leaves both */
    place(&cart, state);
    push(&cart, LEFT);
    CU_ASSERT_EQUAL(cart.terminated, cases[i].over);
    UNIT_NEAR(cart.reward, 1, 0);
  }
  marl_env_cartpole.destroy(cart.env);
}

/* Pushing one way drops the pole in about ten steps (Gym's documentation of CartPole); a
 * controller that pushes towards the falling side holds it until time is up, which truncates. */
static void test_episodes(void) {
  MarlError err;
  MarlVecEnv *vec = NULL;
  MarlSection *config = NULL;
  const MarlOptionTable table = {marl_env_cartpole.options, marl_env_cartpole.num_options};
  UNIT_OK(marl_section_create("env", &table, 1, &config, &err));
  UNIT_OK(marl_vec_env_create(&marl_env_cartpole, config, 1, 0, marl_key(1, MARL_STREAM_ENV),
                              MPI_COMM_SELF, &vec, &err));
  UNIT_OK(marl_vec_env_reset(vec, &err));
  MarlBatch *b = marl_vec_env_batch(vec);
  for (int i = 0; i < 4; ++i) CU_ASSERT_TRUE(fabsf(b->obs[i]) <= 0.05f);
  int steps = 0;
  do {
    b->act[0] = RIGHT;
    UNIT_OK(marl_vec_env_step(vec, &err));
    ++steps;
  } while (!b->terminated[0] && steps < 50);
  CU_ASSERT_TRUE(steps >= 8 && steps <= 11);
  CU_ASSERT_TRUE(b->final_obs[2] < -0.2f); /* it falls to the left */
  for (steps = 1;; ++steps) {
    b->act[0] = b->obs[2] + 0.5f * b->obs[3] + 0.02f * b->obs[0] + 0.05f * b->obs[1] > 0;
    UNIT_OK(marl_vec_env_step(vec, &err));
    if (b->terminated[0] || b->truncated[0]) break;
  }
  CU_ASSERT_EQUAL(steps, 500);
  CU_ASSERT_TRUE(b->truncated[0]);
  marl_vec_env_destroy(&vec);
  marl_section_destroy(&config);
}

static CU_TestInfo tests[] = {
    {"the energy that is gained is the work of the push", test_work_is_energy},
    {"near upright the pole falls at the linear rate", test_the_pole_falls_at_its_rate},
    {"left mirrors right in every bit", test_left_mirrors_right},
    {"one step equals the equations of motion", test_a_step_by_hand},
    {"over beyond 2.4 m or 12 degrees, not before", test_where_it_is_over},
    {"pushed one way it falls in ten steps, held it is cut at 500", test_episodes},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"envs/cartpole", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
