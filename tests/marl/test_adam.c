#include "marl/nn/adam.h"
#include "tests/marl/torch_reference.h"

enum { N = 24, STEPS = 50 };

/* A group of the reference file; close the group, then the file. */
static MarlStore *reference(const char *group, MarlStore **file) {
  MarlError err;
  MarlStore *child = NULL;
  *file = torch_open("torch_adam.h5");
  UNIT_OK(marl_store_group_open(*file, group, &child, &err));
  return child;
}

static double attribute(MarlStore *store, const char *key) {
  MarlError err;
  double value = 0;
  UNIT_OK(marl_store_get_real(store, NULL, key, &value, &err));
  return value;
}

/* The reference is exact (double). A step moves a parameter by at most about 4 learning rates and
 * each of its dozen operations rounds once, so a step adds at most 12 eps 4 lr; storing the
 * parameter adds half an ulp of at most 4. */
static void compare(const char *group) {
  MarlError err;
  MarlStore *file, *store = reference(group, &file);
  const double rate = attribute(store, "learning_rate");
  const MarlAdamParams options = {attribute(store, "beta1"), attribute(store, "beta2"),
                                  attribute(store, "epsilon"), attribute(store, "weight_decay")};
  static float grad[STEPS][N], params[N];
  static double expected[STEPS + 1][N];
  UNIT_OK(marl_store_read(store, "grad", MARL_F32, STEPS * N, grad, &err));
  UNIT_OK(marl_store_read(store, "params", MARL_F64, (STEPS + 1) * N, expected, &err));
  marl_store_close(&store);
  marl_store_close(&file);
  MarlAdam *adam;
  UNIT_OK(marl_adam_create(&options, 1, N, &adam, &err));
  for (int i = 0; i < N; ++i) params[i] = (float)expected[0][i];
  for (int t = 0; t < STEPS; ++t) {
    marl_adam_step(adam, 0, (float)rate, params, grad[t]);
    const double tolerance = (t + 1) * (12 * 0x1p-24 * 4 * rate + 0x1p-23);
    for (int i = 0; i < N; ++i) UNIT_NEAR(params[i], expected[t + 1][i], tolerance);
  }
  marl_adam_destroy(&adam);
}

static void fifty_steps_match_pytorch(void) {
  compare("plain");
}
static void weight_decay_matches_pytorch(void) {
  compare("decay");
}

/* Norm and gradient: a few roundings of numbers of order 10 and 1. */
static void compare_clip(const char *group) {
  MarlError err;
  MarlStore *file, *store = reference(group, &file);
  float grad[100];
  double expected[100];
  UNIT_OK(marl_store_read(store, "grad", MARL_F32, 100, grad, &err));
  UNIT_OK(marl_store_read(store, "clipped", MARL_F64, 100, expected, &err));
  const double norm = marl_clip_norm(100, (float)attribute(store, "max_norm"), grad);
  UNIT_NEAR(norm, attribute(store, "norm"), 16 * 0x1p-23);
  for (int i = 0; i < 100; ++i) UNIT_NEAR(grad[i], expected[i], 4 * 0x1p-23);
  marl_store_close(&store);
  marl_store_close(&file);
}

static void clipping_matches_pytorch(void) {
  compare_clip("clip");
  compare_clip("keep");
  float broken[3] = {1, NAN, 2};
  CU_ASSERT(isnan(marl_clip_norm(3, 0.5f, broken)));
  CU_ASSERT(broken[0] == 1 && broken[2] == 2);
}

static const MarlAdamParams defaults = {0.9, 0.999, 1e-8, 0};

/* Two sets with different step counts are two optimizers of one set each, bit for bit. */
static void sets_do_not_see_each_other(void) {
  MarlError err;
  MarlAdam *bank, *alone;
  UNIT_OK(marl_adam_create(&defaults, 2, N, &bank, &err));
  UNIT_OK(marl_adam_create(&defaults, 1, N, &alone, &err));
  float a[N], b[N], c[N], grad[N];
  for (int i = 0; i < N; ++i) a[i] = b[i] = c[i] = grad[i] = 0.1f * (float)(i + 1);
  for (int t = 0; t < 3; ++t) {
    marl_adam_step(bank, 0, 1e-2f, a, grad);
    if (t == 1) marl_adam_step(bank, 1, 1e-2f, b, grad);
    marl_adam_step(alone, 0, 1e-2f, c, grad);
  }
  UNIT_BITS_EQUAL(a, c, sizeof a);
  CU_ASSERT_EQUAL(bank->steps[0], 3);
  CU_ASSERT_EQUAL(bank->steps[1], 1);
  CU_ASSERT(memcmp(a, b, sizeof a) != 0);
  marl_adam_destroy(&bank);
  marl_adam_destroy(&alone);
}

static void a_loaded_optimizer_continues_with_the_same_bits(void) {
  MarlError err;
  MarlAdam *first, *second;
  UNIT_OK(marl_adam_create(&defaults, 2, N, &first, &err));
  UNIT_OK(marl_adam_create(&defaults, 2, N, &second, &err));
  float a[N], b[N], grad[N];
  for (int i = 0; i < N; ++i) a[i] = grad[i] = 0.1f * (float)(i + 1);
  for (int t = 0; t < 5; ++t) marl_adam_step(first, 1, 1e-2f, a, grad);
  MarlStore *store, *image;
  void *bytes;
  size_t size;
  UNIT_OK(marl_store_create_memory(&store, &err));
  UNIT_OK(marl_adam_save(first, store, &err));
  UNIT_OK(marl_store_image(store, &bytes, &size, &err));
  UNIT_OK(marl_store_open_image(bytes, size, &image, &err));
  UNIT_OK(marl_adam_load(second, image, &err));
  memcpy(b, a, sizeof b);
  marl_adam_step(first, 1, 1e-2f, a, grad);
  marl_adam_step(second, 1, 1e-2f, b, grad);
  UNIT_BITS_EQUAL(a, b, sizeof a);
  CU_ASSERT_EQUAL(second->steps[1], 6);
  marl_store_close(&store);
  marl_store_close(&image);
  free(bytes);
  marl_adam_destroy(&first);
  marl_adam_destroy(&second);
}

static CU_TestInfo tests[] = {
    {"fifty steps match PyTorch's numbers", fifty_steps_match_pytorch},
    {"weight decay matches PyTorch's numbers", weight_decay_matches_pytorch},
    {"clipping the norm matches PyTorch's numbers", clipping_matches_pytorch},
    {"parameter sets do not see each other", sets_do_not_see_each_other},
    {"a loaded optimizer continues with the same bits",
     a_loaded_optimizer_continues_with_the_same_bits},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"adam", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
