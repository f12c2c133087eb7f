/* ctest: label=slow timeout=900 */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
/* The recipes of docs/recipes as a stranger follows them: added to a copy of the tree, which is built, and
 * compiled outside of it against an installed prefix. Both programs know every plugin in every command. */
#include "tests/cli/program.h"

static Program p;
static const char *source, *build, *cmake;

static int begin(void) {
  source = getenv("MARL_SOURCE");
  build = getenv("MARL_BUILD");
  cmake = getenv("CMAKE");
  return source == NULL || build == NULL || cmake == NULL || program_begin(&p) != 0;
}

static int end(void) {
  return program_end(&p);
}

/* A shell line that must succeed; what it says is printed if it does not. */
static void run(const char *line) {
  const int code = program_run(&p, line);
  if (code != 0) printf("\n    %s: exit code %d\n%s%s", line, code, p.out, p.err);
  CU_ASSERT_EQUAL_FATAL(code, 0);
}

/* A line for the program `marl` of one of the two ways, "$MINE" in it. */
static void with(const char *program, const char *line) {
  char all[PROGRAM_COMMAND];
  snprintf(all, sizeof all, "MINE=%s SOURCE='%s'\nset -e\n%s", program, source, line);
  run(all);
}

static void every_plugin_is_listed(const char *program) {
  with(program,
       "$MINE list closures | grep '^  biharmonic'\n"
       "$MINE list closures biharmonic | grep 'nu_4 = C Delta^4'\n"
       "$MINE list envs | grep '^  coin'\n"
       "$MINE list learners | grep '^  untrained'\n"
       "$MINE list observations | grep '^  signed_vorticity'\n"
       "$MINE list actions | grep '^  biharmonic'\n"
       "$MINE list rewards | grep '^  worst_wavenumber'\n"
       "$MINE list interpolations | grep '^  nearest'\n"
       "$MINE list forcings checkerboard | grep 'cos(kf x) cos(kf y)'\n"
       "$MINE list initials shielded_vortex | grep 'core = 0.3'\n"
       "$MINE list scores | grep '^  entropy'\n"
       "$MINE list populations | grep '^  voters'\n"
       "$MINE list mechanisms | grep '^  restitution'");
}

static void a_population_runs(const char *program) {
  /* in the mean over runs nothing changes; 40 runs of a share: within .25 of .7 */
  with(program,
       "cat >voters.yaml <<END\n"
       "env: {num_agents: 20, initial: 0.7}\n"
       "compare: {population: voters, cycles: 40, tail: 10, window: 5, seeds: 40}\n"
       "END\n"
       "rm -rf voters\n"
       "$MINE compare voters.yaml --quiet --out voters | grep 'exact: *0.7'\n"
       "awk -F, 'NR == 2 { exit !($4 > 0.45 && $4 < 0.95) }' voters/summary.csv");
}

static void every_plugin_runs(const char *program) {
  a_population_runs(program);
  /* the contract of environments, and one of learners: bits do not depend on the ranks */
  with(program,
       "$MINE check coin\n"
       "cat >coin.yaml <<END\n"
       "env: {name: coin, num_envs: 8, bias: 0.7}\n"
       "learner: {name: untrained, interval: 50}\n"
       "run: {updates: 4, shards: 2}\n"
       "END\n"
       "rm -rf one two ppo\n"
       "$MINE train coin.yaml --quiet --out one\n"
       "$MINE train coin.yaml --quiet --out two -n 2\n"
       "cmp one/metrics.csv two/metrics.csv\n"
       "$MINE train coin.yaml --quiet --out ppo --set learner.name=ppo --set run.updates=2");
  CU_ASSERT_PTR_NOT_NULL(strstr(p.err, "learner.interval, of untrained, left out"));
  with(program,
       "rm -rf flow\n"
       "$MINE simulate $SOURCE/configs/flow/forced_turbulence.yaml --quiet --out flow \\\n"
       "  --set grid.n=32 --set statistics.sizes=16 --set time.end=0.05 --set time.spinup=0 \\\n"
       "  --set output.statistics_every=0.01 --set closure.name=biharmonic \\\n"
       "  --set forcing.name=checkerboard --set initial.name=shielded_vortex \\\n"
       "  --set initial.strength=5\n"
       "grep 'coefficient: 0.01 ' flow/config.yaml\n"
       "grep 'core: 0.3 ' flow/config.yaml");
  with(program,
       "$MINE list mechanisms restitution | grep 'amount = 1'\n"
       "cat >society.yaml <<END\n"
       "env: {name: dilemma, num_agents: 4, rounds: 5, cycles: 20}\n"
       "learner: {name: tabular_q}\n"
       "compare:\n"
       "  cells: ['plain: env.mechanism=none', 'paid: env.mechanism=restitution(amount=3)']\n"
       "  seeds: 2\n"
       "  tail: 5\n"
       "  window: 10\n"
       "END\n"
       "rm -rf society\n"
       "$MINE compare society.yaml --quiet --out society\n"
       "grep paid society/*.csv");
  with(program,
       "rm -rf scores\n"
       "$MINE evaluate $SOURCE/configs/closure/evaluate_kf4_n32.yaml --quiet --out scores \\\n"
       "  --set evaluate.closures=biharmonic:coefficient=0.02 --set evaluate.spinup=0 \\\n"
       "  --set evaluate.time=0.5 --set evaluate.block=0.25\n"
       "head -n 1 scores/scores.csv | grep ',entropy,entropy_error'");
  with(program,
       "rm -rf les\n"
       "$MINE train $SOURCE/configs/demo/closure.yaml --quiet --out les --set run.updates=1 \\\n"
       "  --set env.num_envs=4 --set learner.horizon=4 --set env.max_steps=4 \\\n"
       "  --set env.action=biharmonic --set env.action_center= --set env.action_scale= \\\n"
       "  --set env.reward=worst_wavenumber --set env.reward_pdf=0 \\\n"
       "  --set env.interpolation=nearest --set env.observation=signed_vorticity,okubo_weiss\n"
       "tail -n 1 les/metrics.csv");
}

static void recipes_work_in_a_copy_of_the_tree(void) {
  char line[PROGRAM_COMMAND];
  snprintf(
      line, sizeof line,
      "mkdir tree && cd '%s' && cp -r CMakeLists.txt cmake marl physics theory envs cli configs "
      "$OLDPWD/tree && cd $OLDPWD\n"
      "sh '%s'/docs/recipes/add.sh tree",
      source, source);
  run(line);
  CU_ASSERT_PTR_NOT_NULL(strstr(
      p.out, "physics/closure_biharmonic.c, ENTRY(biharmonic) in physics/closure_table.c\n"));
  /* without optimization, which nobody waits for */
  snprintf(line, sizeof line,
           "export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1\n"
           "launcher=$(command -v ccache || true)\n"
           "'%s' -S tree -B made -DCMAKE_BUILD_TYPE=None -DMARL_TESTS=OFF -DMARL_BENCHMARKS=OFF "
           "${launcher:+-DCMAKE_C_COMPILER_LAUNCHER=$launcher} >log && "
           "'%s' --build made -j 2 --target marl_program >log",
           cmake, cmake);
  run(line);
  every_plugin_is_listed("made/marl");
  every_plugin_runs("made/marl");
  /* plugins that are a line; the metric is what cooperation leaves */
  with("made/marl",
       "$MINE list norms mercy | grep 'only who defects on the bad'\n"
       "rm -rf lines\n"
       "$MINE compare society.yaml --quiet --out lines --set env.game=deadlock \\\n"
       "  --set env.reputation=norm --set env.norm=mercy\n"
       "awk -F, '$2 == \"cooperation\" { sum[$1] += $4 } $2 == \"defection\" { sum[$1] += $4; ++n "
       "}\n"
       "  END { for (c in sum) bad += (sum[c] - 1)^2 > 1e-12; exit n != 2 || bad }' "
       "lines/summary.csv");
  run("made/marl count");
  CU_ASSERT_PTR_NOT_NULL(strstr(p.out, "13 closures\n")); /* eleven, the learned one, and this */
}

static void the_same_files_work_outside_of_the_tree(void) {
  char line[PROGRAM_COMMAND];
  snprintf(
      line, sizeof line,
      "'%s' --install '%s' --prefix $PWD/prefix >log || exit 1\n"
      "export PKG_CONFIG_PATH=$PWD/prefix/lib/pkgconfig\n"
      "files=$(ls '%s'/docs/recipes/*.c | grep -v /cmd_)\n"
      "cc -O1 -Wall -Wextra -Werror $(pkg-config --cflags marl) $files -o mine -Lprefix/lib \\\n"
      "  -lmarl_cli $(pkg-config --libs marl) -Wl,-rpath,$PWD/prefix/lib",
      cmake, build, source);
  run(line);
  every_plugin_is_listed("./mine");
  every_plugin_runs("./mine");
  with("./mine",
       "$MINE list games | grep '^  routine'\n"
       "$MINE list norms | grep '^  severe'\n"
       "$MINE compare society.yaml --quiet --out other --set env.game=routine");
}

static CU_TestInfo tests[] = {
    {"recipes work in a copy of the tree", recipes_work_in_a_copy_of_the_tree},
    {"the same files work outside of the tree", the_same_files_work_outside_of_the_tree},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"recipes", begin, end, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
