/* ctest: timeout=120 */
/* marl export of a policy with convolutions: code in C, Fortran and Python chooses what the engine chooses. */
#include "marl/learn/policy.h"
#include "tests/cli/program.h"

static Program p;

#define SETS 4
#define ROWS 20
#define CHOICES 80 /* a set's rows after the other's */
#define WORDS(x) #x
#define TEXT(x) WORDS(x)
enum { TAIL = 4 };

/* Bits of an image, and numbers behind it. */
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

/* Programs that know the exported code alone: they read a size and observations, and print a choice a line. */
static const struct {
  const char *language, *needs, *file, *text, *line;
} programs[] = {
    {"C", "true", "main.c",
     "#include \"seen.h\"\n#include <stdio.h>\n"
     "int main(void) {\n  static float obs[4096], act[1];\n  int size;\n"
     "  if (scanf(\"%d\", &size) != 1 || size > 4096) return 1;\n"
     "  for (int row = 0; row < " TEXT(
         CHOICES) "; ++row) {\n"
                  "    for (int i = 0; i < size; ++i)\n      if (scanf(\"%f\", &obs[i]) != 1) "
                  "return 1;\n"
                  "    seen_act(row / " TEXT(
                      ROWS) ", obs, act);\n    printf(\"%g\\n\", (double)act[0]);\n  }\n"
                            "  return 0;\n}\n",
     "cc -std=c11 -O1 -Wall -Wextra -Wpedantic -Wshadow -Werror main.c -o seen_c -lm && "
     "./seen_c <obs.txt"},
    {"Fortran", "command -v gfortran >/dev/null", "main.f90",
     "program main\n  use seen\n  integer :: row, size\n"
     "  real(real32), allocatable :: obs(:)\n  real(real32) :: act(1)\n"
     "  read *, size\n  allocate(obs(size))\n"
     "  do row = 0, " TEXT(CHOICES) " - 1\n    read *, obs\n"
                                    "    call seen_act(row/" TEXT(
                                        ROWS) " + 1, obs, act)\n    print *, act(1)\n  end do\n"
                                              "end program\n",
     "gfortran -O1 -std=f2008 -Wall -Wextra -Werror seen.f90 main.f90 -o seen_f && "
     "./seen_f <obs.txt"},
    {"NumPy", "python3 -c 'import numpy' 2>/dev/null", "main.py",
     "import sys, numpy, seen\nsize, *numbers = map(float, sys.stdin.read().split())\n"
     "obs = numpy.array(numbers, numpy.float32).reshape(-1, " TEXT(
         ROWS) ", int(size))\n"
               "for group, rows in enumerate(obs):\n    print(*seen.seen_act(group, "
               "rows).ravel())\n",
     "python3 main.py <obs.txt"},
};

static void expect(size_t which, const float *expected) {
  program_write(&p, programs[which].file, programs[which].text);
  if (program_run(&p, programs[which].line) != 0)
    printf("\n    %s: %s", programs[which].language, p.err);
  CU_ASSERT_EQUAL_FATAL(p.code, 0);
  char *at = p.out;
  int wrong = 0;
  for (int i = 0; i < CHOICES; ++i) wrong += strtof(at, &at) != expected[i];
  if (wrong > 0)
    printf("\n    %s: %d of %d choices differ", programs[which].language, wrong, CHOICES);
  CU_ASSERT_EQUAL(wrong, 0);
}

static void code_in_three_languages_chooses_as_the_engine(void) {
  MarlPolicy *policy = train();
  const int size = policy->roles[0].role.obs_dim;
  float *obs = calloc((size_t)size, sizeof *obs), expected[CHOICES];
  char path[2 * PROGRAM_PATH];
  snprintf(path, sizeof path, "%s/obs.txt", p.folder);
  FILE *file = fopen(path, "w");
  bool differ = false;
  CU_ASSERT_EQUAL_FATAL(policy->roles[0].num_sets, SETS);
  CU_ASSERT_EQUAL_FATAL(policy->roles[0].conv.tail, TAIL);
  CU_ASSERT_FATAL(obs != NULL && file != NULL);
  fprintf(file, "%d\n", size);
  for (int i = 0; i < CHOICES; ++i) {
    for (int j = 0; j < size; ++j) obs[j] = observation(i % ROWS, j, size);
    for (int j = 0; j < size; ++j) fprintf(file, "%g ", (double)obs[j]);
    fprintf(file, "\n");
    marl_policy_act(policy, 0, i / ROWS, 1, obs, NULL, &expected[i]);
    differ = differ || expected[i] != expected[i - i % ROWS];
  }
  CU_ASSERT_EQUAL(fclose(file), 0);
  CU_ASSERT(differ); /* within a set, by what is seen */
  for (size_t k = 0; k < sizeof programs / sizeof *programs; ++k)
    if (system(programs[k].needs) == 0)
      expect(k, expected);
    else
      printf("no %s: skipped ", programs[k].language);
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
