#include "envs/control/control.h"
#include "marl/learn/vec_env.h"
#include "tests/unit.h"

static MarlVecEnv *make(const char *dt, uint64_t seed) {
  MarlError err;
  MarlSection *config = NULL;
  MarlVecEnv *vec = NULL;
  const MarlOptionTable table = {marl_env_pendulum.options, marl_env_pendulum.num_options};
  UNIT_OK(marl_section_create("env", &table, 1, &config, &err));
  UNIT_OK(marl_section_set(config, "dt", dt, "test", &err));
  UNIT_OK(marl_section_set(config, "max_steps", "100000", "test", &err));
  UNIT_OK(marl_vec_env_create(&marl_env_pendulum, config, 1, 0, marl_key(seed, MARL_STREAM_ENV),
                              MPI_COMM_SELF, &vec, &err));
  UNIT_OK(marl_vec_env_reset(vec, &err));
  marl_section_destroy(&config);
  return vec;
}

static double angle_of(const MarlBatch *batch) {
  return atan2((double)batch->obs[1], (double)batch->obs[0]);
}

/* 1/2 th'^2 + 3 g/(2 l) cos th, which th'' = 3 g/(2 l) sin th keeps. */
static double energy(const MarlBatch *batch) {
  const double speed = (double)batch->obs[2];
  return 0.5 * speed * speed + 15 * (double)batch->obs[0];
}

/* Largest change of energy over two seconds without torque. */
static double drift(const char *dt, int steps) {
  MarlError err;
  MarlVecEnv *vec = make(dt, 4);
  MarlBatch *batch = marl_vec_env_batch(vec);
  const double start = energy(batch);
  double most = 0;
  for (int t = 0; t < steps; ++t) {
    batch->act[0] = 0;
    UNIT_OK(marl_vec_env_step(vec, &err));
    CU_ASSERT_TRUE(fabs((double)batch->obs[2]) < 8); /* the speed limit plays no part */
    most = fmax(most, fabs(energy(batch) - start));
  }
  marl_vec_env_destroy(&vec);
  return most;
}

static void test_energy_is_kept_to_first_order(void) {
  const double coarse = drift("0.004", 500), middle = drift("0.002", 1000);
  const double fine = drift("0.001", 2000);
  printf("\n    %.4f %.4f %.4f ", coarse, middle, fine);
  /* symplectic Euler is of order one; the next order and single-precision observations stay below
   * a tenth at these steps */
  UNIT_NEAR(log2(coarse / middle), 1, 0.1);
  UNIT_NEAR(log2(middle / fine), 1, 0.1);
}

/* One step from whatever the reset gave, with torques inside and beyond the limit. */
static void test_a_step_by_hand(void) {
  MarlError err;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    MarlVecEnv *vec = make("0.05", seed);
    MarlBatch *batch = marl_vec_env_batch(vec);
    const double th = angle_of(batch), speed = (double)batch->obs[2];
    CU_ASSERT_TRUE(fabs(speed) <= 1);
    batch->act[0] = seed % 2 == 0 ? 1.5f : -7;
    const double u = seed % 2 == 0 ? 1.5 : -2;
    UNIT_OK(marl_vec_env_step(vec, &err));
    const double after = speed + 0.05 * (15 * sin(th) + 3 * u);
    /* observations are in single precision: 1e-6 of numbers up to ten */
    UNIT_NEAR(batch->reward[0], -(th * th + 0.1 * speed * speed + 0.001 * u * u), 1e-5);
    UNIT_NEAR(batch->obs[2], after, 1e-5);
    UNIT_NEAR(batch->obs[0], cos(th + 0.05 * after), 1e-5);
    CU_ASSERT_FALSE(batch->terminated[0]);
    marl_vec_env_destroy(&vec);
  }
}

/* Hanging still is the worst there is: -pi^2 a step; friction is missing, so feedback stills it. */
static void test_hanging_costs_pi_squared(void) {
  MarlError err;
  MarlVecEnv *vec = make("0.05", 2);
  MarlBatch *batch = marl_vec_env_batch(vec);
  for (int t = 0; t < 2000; ++t) {
    batch->act[0] = -0.5f * batch->obs[2];
    UNIT_OK(marl_vec_env_step(vec, &err));
  }
  UNIT_NEAR(batch->obs[0], -1, 1e-4);
  UNIT_NEAR(batch->reward[0], -acos(-1) * acos(-1), 1e-2); /* 2 pi times the angle left, 1e-3 */
  marl_vec_env_destroy(&vec);
}

static CU_TestInfo tests[] = {
    {"energy is kept to first order without torque", test_energy_is_kept_to_first_order},
    {"one step equals the formulas", test_a_step_by_hand},
    {"hanging still costs pi squared a step", test_hanging_costs_pi_squared},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"envs/pendulum", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
