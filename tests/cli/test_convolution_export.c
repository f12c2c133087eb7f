/* ctest: timeout=120 */
/* marl export of a policy with convolutions: code in C, Fortran and Python chooses what the engine chooses. */
#include "marl/learn/policy.h"
#include "tests/cli/program.h"

static Program p;

enum { SETS = 4, ROWS = 20, CHOICES = SETS * ROWS, TAIL = 4 };

/* Bits of an image, and numbers behind it; in every language by whole numbers. */
static float observation(int row, int i, int size) {
  if (i >= size - TAIL) return 0.25F * (float)((row + i) % 5);
  return (i * i * 7 + i * 3 + row * 13) % 5 < 2 ? 1 : 0;
}

/* A kernel that is moved by two, a border of zeros, channels that fill no vector, and a set for each agent. */
static MarlPolicy *train(void) {
  CU_ASSERT_EQUAL_FATAL(
      program_run(&p,
                  "marl train grid/cleanup_small_conv --out seen --quiet --set run.updates=2 "
                  "--set env.num_envs=4 --set run.shards=2 --set learner.horizon=16 "
                  "--set policy.sharing=independent --set 'policy.conv_channels=[5, 18]' "
                  "--set 'policy.conv_stride=[2, 1]' --set 'policy.conv_padding=[1, 0]' && "
                  "marl export seen --c seen.h --fortran seen.f90 --numpy seen.py --out seen"),
      0);
  MarlError err;
  MarlPolicy *policy = NULL;
  char path[2 * PROGRAM_PATH];
  snprintf(path, sizeof path, "%s/seen.h5", p.folder);
  UNIT_OK(marl_policy_open(path, 0, &policy, &err));
  return policy;
}

static void expect(const char *language, const char *line, const float *expected) {
  if (program_run(&p, line) != 0) printf("\n    %s: %s", language, p.err);
  CU_ASSERT_EQUAL_FATAL(p.code, 0);
  char *at = p.out;
  int wrong = 0;
  for (int i = 0; i < CHOICES; ++i) wrong += strtof(at, &at) != expected[i];
  if (wrong > 0) printf("\n    %s: %d of %d choices differ", language, wrong, CHOICES);
  CU_ASSERT_EQUAL(wrong, 0);
}

static void write_c(int size) {
  char text[PROGRAM_COMMAND];
  snprintf(text, sizeof text,
           "#include \"seen.h\"\n#include <stdio.h>\n"
           "int main(void) {\n  float obs[%d], act[1];\n  const int size = %d;\n"
           "  for (int set = 0; set < %d; ++set)\n    for (int row = 0; row < %d; ++row) {\n"
           "      for (int i = 0; i < size; ++i)\n"
           "        obs[i] = i >= size - 4 ? 0.25f * (float)((row + i) %% 5)\n"
           "                 : (i * i * 7 + i * 3 + row * 13) %% 5 < 2 ? 1 : 0;\n"
           "      seen_act(set, obs, act);\n      printf(\"%%g\\n\", (double)act[0]);\n    }\n"
           "  return 0;\n}\n",
           size, size, SETS, ROWS);
  program_write(&p, "main.c", text);
}

static void write_fortran(int size) {
  char text[PROGRAM_COMMAND];
  snprintf(text, sizeof text,
           "program main\n  use seen\n  integer :: set, row, i\n"
           "  real(real32) :: obs(0:%d), act(1)\n"
           "  do set = 1, %d\n    do row = 0, %d\n      do i = 0, %d\n"
           "        obs(i) = merge(1.0, 0.0, mod(i*i*7 + i*3 + row*13, 5) < 2)\n"
           "        if (i >= %d) obs(i) = 0.25*real(mod(row + i, 5))\n      end do\n"
           "      call seen_act(set, obs, act)\n      print *, act(1)\n    end do\n  end do\nend "
           "program\n",
           size - 1, SETS, ROWS - 1, size - 1, size - TAIL);
  program_write(&p, "main.f90", text);
}

static void write_python(int size) {
  char text[PROGRAM_COMMAND];
  snprintf(text, sizeof text,
           "import numpy, seen\nsize = %d\n"
           "for group in range(%d):\n"
           "    obs = numpy.array([[0.25 * ((row + i) %% 5) if i >= size - 4 else\n"
           "                        (i * i * 7 + i * 3 + row * 13) %% 5 < 2 for i in range(size)]\n"
           "                       for row in range(%d)], numpy.float32)\n"
           "    print(*seen.seen_act(group, obs).ravel())\n",
           size, SETS, ROWS);
  program_write(&p, "main.py", text);
}

static bool has(const char *command) {
  return system(command) == 0;
}

static void code_in_three_languages_chooses_as_the_engine(void) {
  MarlPolicy *policy = train();
  const int size = policy->roles[0].role.obs_dim;
  float *obs = calloc((size_t)size, sizeof *obs), expected[CHOICES];
  bool differ = false;
  CU_ASSERT_EQUAL_FATAL(policy->roles[0].num_sets, SETS);
  CU_ASSERT_EQUAL_FATAL(policy->roles[0].conv.tail, TAIL);
  for (int i = 0; i < CHOICES; ++i) {
    for (int j = 0; j < size; ++j) obs[j] = observation(i % ROWS, j, size);
    marl_policy_act(policy, 0, i / ROWS, 1, obs, NULL, &expected[i]);
    differ = differ || expected[i] != expected[i - i % ROWS];
  }
  CU_ASSERT(differ); /* within a set, by what is seen */
  write_c(size);
  expect("C",
         "cc -std=c11 -O1 -Wall -Wextra -Wpedantic -Wshadow -Werror main.c -o seen_c -lm && "
         "./seen_c",
         expected);
  write_fortran(size);
  if (has("command -v gfortran >/dev/null"))
    expect("Fortran",
           "gfortran -O1 -std=f2008 -Wall -Wextra -Werror seen.f90 main.f90 -o seen_f && ./seen_f",
           expected);
  else
    printf("no gfortran: skipped ");
  write_python(size);
  if (has("python3 -c 'import numpy' 2>/dev/null"))
    expect("NumPy", "python3 main.py", expected);
  else
    printf("no NumPy: skipped ");
  free(obs);
  marl_policy_destroy(&policy);
}

static int begin(void) {
  return program_begin(&p);
}

static int end(void) {
  return program_end(&p);
}

static CU_TestInfo tests[] = {
    {"code in three languages chooses as the engine",
     code_in_three_languages_chooses_as_the_engine},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"convolution export", begin, end, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
