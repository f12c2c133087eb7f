#include "marl/nn/mlp.h"
#include "tests/unit.h"

enum { SETS = 5, MAX_ROWS = 600 };

static const MarlMlpShape shape = {7, 3, 2, {24, 40}, MARL_TANH};

typedef struct Arrays {
  float *params, *params_grad, *input, *input_grad, *output, *output_grad;
} Arrays;

static float *floats(size_t n) {
  float *x = calloc(n, sizeof *x);
  CU_ASSERT_FATAL(x != NULL);
  return x;
}

/* The same numbers for set p of a row count, however many sets there are. */
static Arrays arrays(int first_set, int num_sets, size_t rows) {
  const size_t params = marl_mlp_num_params(&shape), sets = (size_t)num_sets;
  Arrays a = {floats(sets * params),   floats(sets * params),   floats(sets * rows * 7),
              floats(sets * rows * 7), floats(sets * rows * 3), floats(sets * rows * 3)};
  for (int p = 0; p < num_sets; ++p) {
    const MarlKey key = marl_key((uint64_t)(first_set + p), MARL_STREAM_INIT);
    marl_mlp_init(&shape, key, 1, a.params + (size_t)p * params);
    marl_normal_fill(marl_key_fold(key, 50), 0, rows * 7, a.input + (size_t)p * rows * 7);
    marl_normal_fill(marl_key_fold(key, 51), 0, rows * 3, a.output_grad + (size_t)p * rows * 3);
  }
  return a;
}

static void release(Arrays *a) {
  free(a->params);
  free(a->params_grad);
  free(a->input);
  free(a->input_grad);
  free(a->output);
  free(a->output_grad);
}

static void run(MarlMlp *mlp, int num_sets, size_t rows, Arrays *a) {
  marl_mlp_forward(mlp, num_sets, rows, a->params, a->input, a->output);
  marl_mlp_backward(mlp, num_sets, rows, a->params, a->input, a->output_grad, a->params_grad,
                    a->input_grad);
}

/* Replicas and populations rest on this: what a set computes does not depend on its neighbours. */
static void a_set_in_a_bank_has_the_bits_it_has_alone(void) {
  static const size_t row_counts[] = {1, 2, 7, 32, 33, 129, MAX_ROWS};
  MarlError err;
  MarlMlp *bank, *alone;
  UNIT_OK(marl_mlp_create(&shape, SETS, MAX_ROWS, &bank, &err));
  UNIT_OK(marl_mlp_create(&shape, 1, MAX_ROWS, &alone, &err));
  const size_t params = marl_mlp_num_params(&shape);
  for (size_t n = 0; n < sizeof row_counts / sizeof *row_counts; ++n) {
    const size_t rows = row_counts[n];
    Arrays together = arrays(0, SETS, rows);
    run(bank, SETS, rows, &together);
    for (int p = 0; p < SETS; ++p) {
      Arrays one = arrays(p, 1, rows);
      run(alone, 1, rows, &one);
      const size_t at = (size_t)p;
      UNIT_BITS_EQUAL(together.output + at * rows * 3, one.output, rows * 3 * sizeof(float));
      UNIT_BITS_EQUAL(together.params_grad + at * params, one.params_grad, params * sizeof(float));
      UNIT_BITS_EQUAL(together.input_grad + at * rows * 7, one.input_grad,
                      rows * 7 * sizeof(float));
      release(&one);
    }
    release(&together);
  }
  marl_mlp_destroy(&bank);
  marl_mlp_destroy(&alone);
}

/* Arrays that start at any float give the same bits: a resumed run allocates elsewhere. */
static void results_do_not_depend_on_alignment(void) {
  enum { ROWS = 300 };
  MarlError err;
  MarlMlp *mlp;
  UNIT_OK(marl_mlp_create(&shape, 1, ROWS, &mlp, &err));
  const size_t params = marl_mlp_num_params(&shape);
  Arrays a = arrays(0, 1, ROWS);
  run(mlp, 1, ROWS, &a);
  for (size_t shift = 1; shift < 16; ++shift) {
    Arrays b = arrays(0, 1, ROWS + 3); /* room to shift */
    float *moved_params = floats(params + 16), *moved_grad = floats(params + 16);
    memcpy(moved_params + shift, a.params, params * sizeof(float));
    memcpy(b.input + shift, a.input, ROWS * 7 * sizeof(float));
    marl_mlp_forward(mlp, 1, ROWS, moved_params + shift, b.input + shift, b.output + shift % 9);
    marl_mlp_backward(mlp, 1, ROWS, moved_params + shift, b.input + shift, a.output_grad,
                      moved_grad + shift, NULL);
    UNIT_BITS_EQUAL(b.output + shift % 9, a.output, ROWS * 3 * sizeof(float));
    UNIT_BITS_EQUAL(moved_grad + shift, a.params_grad, params * sizeof(float));
    free(moved_params);
    free(moved_grad);
    release(&b);
  }
  release(&a);
  marl_mlp_destroy(&mlp);
}

/* Fewer rows than the network has room for, as at the end of an epoch. */
static void room_for_more_rows_changes_nothing(void) {
  MarlError err;
  MarlMlp *wide, *tight;
  UNIT_OK(marl_mlp_create(&shape, SETS, MAX_ROWS, &wide, &err));
  UNIT_OK(marl_mlp_create(&shape, 2, 20, &tight, &err));
  Arrays a = arrays(0, 2, 20), b = arrays(0, 2, 20);
  run(wide, 2, 20, &a);
  run(tight, 2, 20, &b);
  UNIT_BITS_EQUAL(a.output, b.output, 2 * 20 * 3 * sizeof(float));
  UNIT_BITS_EQUAL(a.params_grad, b.params_grad, 2 * marl_mlp_num_params(&shape) * sizeof(float));
  release(&a);
  release(&b);
  marl_mlp_destroy(&wide);
  marl_mlp_destroy(&tight);
}

/* Columns (or rows, where there are fewer) of each layer are orthogonal and as long as the gain;
 * storing in single precision leaves 2^-24 a product, sums of at most 40. */
static void initial_weights_are_orthogonal(void) {
  const size_t widths[4] = {7, 24, 40, 3};
  const double gains[3] = {5.0 / 3, 5.0 / 3, 0.5};
  float *params = floats(marl_mlp_num_params(&shape)), *w = params;
  marl_mlp_init(&shape, marl_key(1, MARL_STREAM_INIT), 0.5f, params);
  for (int l = 0; l < 3; ++l) {
    const size_t in = widths[l], out = widths[l + 1], few = in < out ? in : out;
    const size_t step = in < out ? 1 : out, next = in < out ? out : 1;
    for (size_t a = 0; a < few; ++a)
      for (size_t b = 0; b < few; ++b) {
        double dot = 0;
        for (size_t e = 0; e < in + out - few; ++e)
          dot += (double)w[a * next + e * step] * w[b * next + e * step];
        UNIT_NEAR(dot, a == b ? gains[l] * gains[l] : 0, 40 * 0x1p-24 * gains[l] * gains[l]);
      }
    for (size_t j = 0; j < out; ++j) CU_ASSERT(w[in * out + j] == 0);
    w += (in + 1) * out;
  }
  free(params);
}

static CU_TestInfo tests[] = {
    {"a set in a bank has the bits it has alone", a_set_in_a_bank_has_the_bits_it_has_alone},
    {"results do not depend on alignment", results_do_not_depend_on_alignment},
    {"room for more rows changes nothing", room_for_more_rows_changes_nothing},
    {"initial weights are orthogonal", initial_weights_are_orthogonal},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"mlp_bank", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
