/* ctest: label=slow timeout=240 */
/* The tutorial as a stranger meets it: marl is installed into an empty prefix, the program of
 * docs/tutorial is copied elsewhere, built against the prefix and run. */
#include "docs/tutorial/cartpole.c"
#include "tests/cli/program.h"

static Program p;
static char build[PROGRAM_COMMAND / 4], source[PROGRAM_COMMAND / 4], cmake[PROGRAM_COMMAND / 4];

static int begin(void) {
  const char *from[] = {getenv("MARL_BUILD"), getenv("MARL_SOURCE"), getenv("CMAKE")};
  char *to[] = {build, source, cmake};
  for (int i = 0; i < 3; ++i) {
    if (from[i] == NULL) return 1;
    snprintf(to[i], sizeof build, "%s", from[i]);
  }
  return program_begin(&p);
}

static int end(void) {
  return program_end(&p);
}

/* Run a shell line in the scratch folder; what it says is printed if it fails. */
static void run(const char *line) {
  const int code = program_run(&p, line);
  if (code != 0) printf("\n    %s: exit code %d\n%s%s", line, code, p.out, p.err);
  CU_ASSERT_EQUAL_FATAL(code, 0);
}

static void an_installation_is_complete_and_can_be_moved(void) {
  char line[PROGRAM_COMMAND];
  snprintf(line, sizeof line,
           "'%s' --install '%s' --prefix $PWD/elsewhere && mv elsewhere prefix && "
           "prefix/bin/marl --version",
           cmake, build);
  run(line);
  CU_ASSERT_PTR_NOT_NULL(strstr(p.out, "marl 0."));
  run("ls prefix/share/marl/configs prefix/share/marl/tutorial/cartpole.c prefix/share/doc/marl");
}

static void every_installed_header_compiles_alone(void) {
  run("export PKG_CONFIG_PATH=$PWD/prefix/lib/pkgconfig\n"
      "cd prefix/include/marl && for header in $(find . -name '*.h'); do\n"
      "  echo \"#include \\\"${header#./}\\\"\" >../../header.c\n"
      "  cc -std=c11 -Wall -Wextra -Wpedantic -Werror -fsyntax-only $(pkg-config --cflags marl) "
      "../../header.c || exit 1\n"
      "done");
}

static double mean_return(void) {
  static const char words[] = "mean return ";
  const char *at = strstr(p.out, words);
  CU_ASSERT_PTR_NOT_NULL_FATAL(at);
  return strtod(at + sizeof words - 1, NULL);
}

/* 475 of 500 is where Gymnasium calls CartPole-v1 solved. */
static void cartpole_is_solved_through_the_cmake_package(void) {
  char line[PROGRAM_COMMAND];
  snprintf(line, sizeof line,
           "cp -r '%s/docs/tutorial' tutorial && cd tutorial && '%s' -B build "
           "-DCMAKE_PREFIX_PATH=$PWD/../prefix && '%s' --build build",
           source, cmake, cmake);
  run(line);
  run("cd tutorial && build/train check cartpole.yaml");
  CU_ASSERT_PTR_NOT_NULL(strstr(p.out, "the environment keeps its contract"));
  run("cd tutorial && build/train cartpole.yaml");
  CU_ASSERT(mean_return() >= 475);
  CU_ASSERT_PTR_NOT_NULL(strstr(p.out, "over 100 greedy episodes"));
}

static void the_same_program_builds_through_pkg_config(void) {
  run("export PKG_CONFIG_PATH=$PWD/prefix/lib/pkgconfig && cd tutorial && "
      "cc -O2 train.c cartpole.c -o train $(pkg-config --cflags --libs marl) "
      "-Wl,-rpath,$PWD/../prefix/lib && "
      "sed 's/updates: .*/updates: 2/' cartpole.yaml >short.yaml && ./train short.yaml");
  CU_ASSERT(mean_return() > 0);
}

static void a_mistake_in_the_configuration_is_explained(void) {
  PROGRAM_SAYS(&p,
               "cd tutorial && sed 's/num_envs/num_env/' cartpole.yaml >bad.yaml && "
               "build/train bad.yaml",
               1, "bad.yaml:6: section 'env' has no option 'num_env'");
}

/* States after ten steps and at the fall, from Gymnasium 1.4.0's CartPole-v1; the formulas are
 * the same but for the order of operations, so they agree to round-off grown over ten steps. */
static void cart_moves_as_in_gymnasium(void) {
  CartPole cart = {.state = {0.01, -0.02, 0.03, 0.04}};
  float act, obs[4], reward;
  uint8_t role, active, terminated;
  const MarlEnvIo io = {.act = &act,
                        .obs = obs,
                        .role = &role,
                        .active = &active,
                        .reward = &reward,
                        .terminated = &terminated};
  MarlError err;
  const float actions[] = {1, 0, 1, 1, 0, 0, 1, 0, 1, 1};
  const double after[] = {0.033008390428920745, 0.36765098601918744, 0.0038214652462337543,
                          -0.4882037724625794};
  for (int t = 0; t < 10; ++t) {
    act = actions[t];
    UNIT_OK(cartpole_env.step(&cart.base, &io, &err));
    CU_ASSERT(terminated == 0 && reward == 1);
  }
  for (int i = 0; i < 4; ++i) UNIT_NEAR(cart.state[i], after[i], 1e-14);

  const double fallen[] = {0.18148412486073115, 1.9330643896994748, -0.2235691808247548,
                           -2.984082745435586};
  cart = (CartPole){.state = {0.01, -0.02, 0.03, 0.04}};
  act = 1;
  int steps = 0;
  do {
    UNIT_OK(cartpole_env.step(&cart.base, &io, &err));
    ++steps;
  } while (terminated == 0);
  CU_ASSERT(steps == 10 && reward == 1);
  for (int i = 0; i < 4; ++i) UNIT_NEAR(cart.state[i], fallen[i], 1e-13);
}

static CU_TestInfo tests[] = {
    {"cart moves as in Gymnasium", cart_moves_as_in_gymnasium},
    {"an installation is complete and can be moved", an_installation_is_complete_and_can_be_moved},
    {"every installed header compiles alone", every_installed_header_compiles_alone},
    {"CartPole is solved through the CMake package", cartpole_is_solved_through_the_cmake_package},
    {"the same program builds through pkg-config", the_same_program_builds_through_pkg_config},
    {"a mistake in the configuration is explained", a_mistake_in_the_configuration_is_explained},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"tutorial", begin, end, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
