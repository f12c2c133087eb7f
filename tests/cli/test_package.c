/* ctest: timeout=400 */
/* What leaves the tree: the Debian package, the installed program far from its sources, and the names of
 * shipped configurations. */
#include "tests/cli/program.h"

static Program p;

static int begin(void) {
  return getenv("MARL_BUILD") == NULL || getenv("CMAKE") == NULL || program_begin(&p) != 0;
}

static int end(void) {
  return program_end(&p);
}

static void run(const char *line) {
  if (program_run(&p, line) != 0) printf("\n    %s%s", p.out, p.err);
  CU_ASSERT_EQUAL_FATAL(p.code, 0);
}

/* cpack's script for this tree's own package refuses a build for one machine; here the content is asked. */
static void the_package_holds_what_an_installation_does(void) {
  char line[PROGRAM_COMMAND];
  if (program_run(&p, "command -v dpkg-deb && command -v dpkg-shlibdeps && command -v file") != 0) {
    printf("skipped, dpkg-dev or file is missing ");
    return;
  }
  snprintf(line, sizeof line,
           "cpack=$(dirname '%s')/cpack; here=$PWD; cd '%s' && \"$cpack\" -G DEB -B \"$here/deb\" "
           "-D CPACK_PRE_BUILD_SCRIPTS= -D CPACK_PACKAGING_INSTALL_PREFIX=/usr "
           "-D CPACK_STRIP_FILES=OFF >\"$here/log\" 2>&1 || { cat \"$here/log\"; exit 1; }",
           getenv("CMAKE"), getenv("MARL_BUILD"));
  run(line);
  run("dpkg-deb -c deb/marl_*.deb >content && dpkg-deb -I deb/marl_*.deb >about\n"
      "for file in bin/marl include/marl/marl/learn/trainer.h share/man/man1/marl.1 \\\n"
      "  share/bash-completion/completions/marl share/marl/configs/demo/closure.yaml \\\n"
      "  share/marl/configs/reference/data/re20k_kf4.h5 share/marl/export/les.c \\\n"
      "  share/marl/python/marl/__main__.py; do\n"
      "  grep -q \"\\./usr/$file$\" content || { echo \"no $file\"; exit 1; }\ndone\n"
      "for package in libopenmpi3 libfftw3-double3 libhdf5-openmpi libopenblas libyaml-0-2 "
      "openmpi-bin; do\n"
      "  grep -E '^ Depends:' about | grep -q \"$package\" || { cat about; exit 1; }\ndone");
}

/* It is refused in this very build, unless that is for every processor. */
static void a_build_for_one_processor_is_no_package(void) {
  char line[PROGRAM_COMMAND];
  snprintf(line, sizeof line, "grep -q '^MARL_ARCH:[A-Z]*=native$' '%s/CMakeCache.txt'",
           getenv("MARL_BUILD"));
  if (program_run(&p, line) != 0) return;
  snprintf(line, sizeof line, "'%s' -P '%s/portable.cmake' 2>said; test $? != 0 && cat said",
           getenv("CMAKE"), getenv("MARL_BUILD"));
  run(line);
  CU_ASSERT_PTR_NOT_NULL(strstr(p.out, "--preset package"));
}

static void the_installed_program_finds_its_data_from_anywhere(void) {
  char line[PROGRAM_COMMAND];
  snprintf(line, sizeof line, "'%s' --install '%s' --prefix $PWD/prefix >log", getenv("CMAKE"),
           getenv("MARL_BUILD"));
  run(line);
  run("mkdir far && mv prefix moved && cd far && ../moved/bin/marl train demo/closure --quiet "
      "--out run "
      "--set run.updates=1 --set env.num_envs=1 --set run.shards=1 --set learner.horizon=1 "
      "--set env.max_steps=1 && "
      "../moved/bin/marl evaluate run --out scores --quiet --set evaluate.spinup=0 --set "
      "evaluate.time=0.02 --set evaluate.block=0.01");
  PROGRAM_SAYS(&p, "moved/bin/marl list configs demo/closure", 0,
               "moved/share/marl/configs/demo/closure.yaml");
}

/* Precedence: the user's file of that very name, then shipped data. */
static void a_file_of_the_user_comes_before_a_shipped_name(void) {
  PROGRAM_SAYS(&p, "marl config --check control/lqr", 0, "marl train");
  PROGRAM_SAYS(&p, "marl config --check control/lqr.yaml", 0, "marl train");
  PROGRAM_SAYS(&p, "marl config --check configs/control/lqr.yaml", 0, "marl train");
  run("mkdir -p control/lqr"); /* a folder is no configuration */
  PROGRAM_SAYS(&p, "marl config --check control/lqr", 0, "marl train");
  run("rmdir control/lqr && echo 'grid: {m: 3}' >control/lqr");
  PROGRAM_SAYS(&p, "marl config --check control/lqr --for simulate", 2, "control/lqr:1");
  PROGRAM_SAYS(&p, "marl train demo/closur", 2, "did you mean 'demo/closure'?");
  PROGRAM_SAYS(&p, "marl list configs nothing/like/it", 2, "none of that name is shipped");
}

/* Every shipped configuration is listed, with what it says of itself. */
static void every_configuration_is_listed(void) {
  run("marl list configs | grep -v '^ ' | sort >listed\n"
      "(cd \"$MARL_SOURCE/configs\" && ls */*.yaml | sed 's/\\.yaml$//' | sort) >there\n"
      "diff listed there\n"
      "test $(marl list configs | grep -c '^  ') = $(wc -l <there)");
}

/* Commands and options of the tables, and nothing that man would stumble over. */
static void the_manual_page_has_every_command_and_option(void) {
  run("marl list --man >marl.1\n"
      "marl help | sed -n 's/^  \\([a-z]*\\) .*/\\1/p' | while read -r command; do\n"
      "  grep -q \"^.SS marl $command\" marl.1 || { echo no $command; exit 1; }\ndone\n"
      "grep -q '^.B run.updates: .fR100$' marl.1");
  if (program_run(&p, "command -v man") == 0)
    run("test -z \"$(LC_ALL=C.UTF-8 man --warnings -l marl.1 2>&1 >/dev/null)\"");
  run("marl help --completion >completion && bash -n completion && bash -c '. ./completion\n"
      "COMP_WORDS=(marl train demo/cl) COMP_CWORD=2; _marl; [ \"${COMPREPLY[0]}\" = demo/closure "
      "]\n"
      "COMP_WORDS=(marl export --fo) COMP_CWORD=2; _marl; [ \"${COMPREPLY[0]}\" = --fortran ]\n"
      "COMP_WORDS=(marl list confi) COMP_CWORD=2; _marl; [ \"${COMPREPLY[0]}\" = configs ]'");
}

static CU_TestInfo tests[] = {
    {"the package holds what an installation does", the_package_holds_what_an_installation_does},
    {"a build for one processor is no package", a_build_for_one_processor_is_no_package},
    {"the installed program finds its data from anywhere",
     the_installed_program_finds_its_data_from_anywhere},
    {"a file of the user comes before a shipped name",
     a_file_of_the_user_comes_before_a_shipped_name},
    {"every configuration is listed", every_configuration_is_listed},
    {"the manual page has every command and option", the_manual_page_has_every_command_and_option},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"package", begin, end, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
