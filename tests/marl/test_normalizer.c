#include "marl/nn/normalizer.h"

#include "marl/core/rng.h"
#include "tests/unit.h"

enum { ROWS = 5000, DIM = 40, STRIDE = 42 };

static float data[ROWS * STRIDE];

/* Column i: mean 10 i, standard deviation 1 + i / 10; the last two columns are not for us. */
static void fill(void) {
  marl_normal_fill(marl_key(21, MARL_STREAM_ENV), 0, ROWS * STRIDE, data);
  for (int r = 0; r < ROWS; ++r)
    for (int i = 0; i < STRIDE; ++i) {
      float *x = &data[r * STRIDE + i];
      *x = 10.0f * (float)i + (1 + 0.1f * (float)i) * *x;
    }
}

static MarlNormalizer *create(int dim) {
  MarlError err;
  MarlNormalizer *normalizer = NULL;
  UNIT_OK(marl_normalizer_create(dim, &normalizer, &err));
  return normalizer;
}

/* Mean and sum of squares in two passes; both sums of 5000 terms in double: the relative error is
 * below 5000 eps, with the means of up to 400 deviations in between, 1e-10 is plenty. */
static void compare_with_two_passes(const MarlNormalizer *n, const unsigned char *mask) {
  for (int i = 0; i < n->dim; ++i) {
    double count = 0, mean = 0, m2 = 0;
    for (int r = 0; r < ROWS; ++r)
      if (mask == NULL || mask[r]) {
        count += 1;
        mean += data[r * STRIDE + i];
      }
    mean /= count;
    for (int r = 0; r < ROWS; ++r)
      if (mask == NULL || mask[r]) m2 += pow(data[r * STRIDE + i] - mean, 2);
    CU_ASSERT(n->count == count);
    UNIT_NEAR(n->mean[i], mean, 1e-10 * (1 + fabs(mean)));
    UNIT_NEAR(n->m2[i], m2, 1e-10 * m2);
  }
}

static void running_moments_match_two_passes(void) {
  fill();
  MarlNormalizer *n = create(DIM);
  marl_normalizer_update(n, ROWS / 2, STRIDE, data, NULL);
  marl_normalizer_update(n, ROWS / 2, STRIDE, data + ROWS / 2 * STRIDE, NULL);
  compare_with_two_passes(n, NULL);
  marl_normalizer_destroy(&n);
}

static void masked_rows_do_not_count(void) {
  fill();
  static unsigned char mask[ROWS];
  for (int r = 0; r < ROWS; ++r) mask[r] = r % 3 == 0;
  MarlNormalizer *n = create(DIM);
  marl_normalizer_update(n, ROWS, STRIDE, data, mask);
  compare_with_two_passes(n, mask);
  marl_normalizer_destroy(&n);
}

/* Parts of unequal size, one of them empty, merged in their order: the moments of the whole; and
 * the same merge gives the same bits. */
static void merged_parts_are_the_whole(void) {
  fill();
  static const int end[4] = {7, 7, 3000, ROWS};
  MarlNormalizer *sum[2];
  for (int run = 0; run < 2; ++run) {
    sum[run] = create(DIM);
    int row = 0;
    for (int part = 0; part < 4; ++part) {
      MarlNormalizer *n = create(DIM);
      marl_normalizer_update(n, (size_t)(end[part] - row), STRIDE, data + row * STRIDE, NULL);
      marl_normalizer_merge(sum[run], n);
      marl_normalizer_destroy(&n);
      row = end[part];
    }
  }
  compare_with_two_passes(sum[0], NULL);
  UNIT_BITS_EQUAL(sum[0]->mean, sum[1]->mean, DIM * sizeof(double));
  UNIT_BITS_EQUAL(sum[0]->m2, sum[1]->m2, DIM * sizeof(double));
  marl_normalizer_destroy(&sum[0]);
  marl_normalizer_destroy(&sum[1]);
}

/* What comes out has mean 0 and variance 1 (single-precision rows: 2^-24 each, clip never met). */
static void applied_rows_are_standard(void) {
  fill();
  static float out[ROWS * DIM];
  MarlNormalizer *n = create(DIM);
  marl_normalizer_update(n, ROWS, STRIDE, data, NULL);
  marl_normalizer_apply(n, ROWS, STRIDE, data, 10, out);
  for (int i = 0; i < DIM; ++i) {
    double mean = 0, square = 0;
    for (int r = 0; r < ROWS; ++r) {
      mean += out[r * DIM + i] / (double)ROWS;
      square += (double)out[r * DIM + i] * out[r * DIM + i] / ROWS;
    }
    UNIT_NEAR(mean, 0, 1e-7);
    UNIT_NEAR(square, 1, 1e-6);
  }
  marl_normalizer_destroy(&n);
}

static void limits_and_few_samples(void) {
  MarlNormalizer *n = create(1);
  const float one[1] = {5}, x[4] = {5, 1000, -1000, NAN};
  float out[4];
  marl_normalizer_update(n, 1, 1, one, NULL);
  marl_normalizer_apply(n, 4, 1, x, 8, out); /* one sample: mean 0, std 1, clipped */
  CU_ASSERT(out[0] == 5 && out[1] == 8 && out[2] == -8 && isnan(out[3]));
  marl_normalizer_update(n, 1, 1, one, NULL);
  marl_normalizer_apply(n, 4, 1, x, 8, out); /* no spread: the least std, still finite */
  CU_ASSERT(out[0] == 0 && out[1] == 8 && out[2] == -8 && isnan(out[3]));
  marl_normalizer_destroy(&n);
  MarlError err;
  UNIT_ERROR(marl_normalizer_create(0, &n, &err), MARL_EARG, "1 component or more");
}

static void a_loaded_normalizer_is_the_saved_one(void) {
  fill();
  MarlError err;
  MarlStore *store, *image;
  void *bytes;
  size_t size;
  MarlNormalizer *a = create(DIM), *b = create(DIM);
  marl_normalizer_update(a, ROWS, STRIDE, data, NULL);
  UNIT_OK(marl_store_create_memory(&store, &err));
  UNIT_OK(marl_normalizer_save(a, store, &err));
  UNIT_OK(marl_store_image(store, &bytes, &size, &err));
  UNIT_OK(marl_store_open_image(bytes, size, &image, &err));
  UNIT_OK(marl_normalizer_load(b, image, &err));
  CU_ASSERT(a->count == b->count);
  UNIT_BITS_EQUAL(a->mean, b->mean, DIM * sizeof(double));
  UNIT_BITS_EQUAL(a->m2, b->m2, DIM * sizeof(double));
  marl_store_close(&store);
  marl_store_close(&image);
  free(bytes);
  marl_normalizer_destroy(&a);
  marl_normalizer_destroy(&b);
}

static CU_TestInfo tests[] = {
    {"running moments match two passes", running_moments_match_two_passes},
    {"masked rows do not count", masked_rows_do_not_count},
    {"merged parts are the whole", merged_parts_are_the_whole},
    {"applied rows have mean 0 and variance 1", applied_rows_are_standard},
    {"results are clipped; few samples change nothing", limits_and_few_samples},
    {"a loaded normalizer is the saved one", a_loaded_normalizer_is_the_saved_one},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"normalizer", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
