/* ctest: label=verification timeout=180 */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
/* Whatever file this program writes says by itself where it comes from. */
#include "marl/core/config.h"
#include "marl/core/provenance.h"
#include "tests/cli/program.h"

static Program p;

static const char flow[] =
    "run: {seed: 7}\n"
    "grid: {n: 32}\n"
    "flow: {reynolds: 2000}\n"
    "time: {dt: 4e-3, spinup: 1, end: 4}\n"
    "statistics: {sizes: [16]}\n"
    "output: {fields_every: 2, series_every: 0.5, statistics_every: 0.5}\n";
static const char reference[] =
    "run: {seed: 7}\n"
    "grid: {n: 32}\n"
    "flow: {reynolds: 2000}\n"
    "time: {dt: 4e-3, spinup: 1, end: 4}\n"
    "statistics: {sizes: [16]}\n"
    "output: {statistics_every: 0.5}\n"
    "reference: {initial_sizes: [16], initial_samples: 4, held_out: 2}\n";
static const char evaluate[] =
    "evaluate: {reference: r/reference.h5, closures: [none], resolution: 16, dt: 1e-3, seed: 7,\n"
    "  spinup: 0.2, time: 0.4, sample_every: 0.1, block: 0.2}\n";
static const char tune[] =
    "evaluate: {reference: r/reference.h5, resolution: 16, dt: 1e-3, spinup: 0.2,\n"
    "  sample_every: 0.1, block: 0.2}\n"
    "tune: {evaluations: 3, repeats: 1, spinup: 0.2, time: 0.4, judge_time: 0.4, seed: 7}\n";
static const char train[] =
    "run: {updates: 1, shards: 2, seed: 7}\n"
    "env: {name: lqr, num_envs: 4}\nlearner: {anneal: false}\n";
static const char lattice[] =
    "run: {seed: 7}\nlattice: {update: learn}\nenv: {side: 8, cycles: 2, steps: 20}\n";
/* One run of each command that has files, in folders of one letter. */
static void make_files(void) {
  char line[PROGRAM_COMMAND];
  program_write(&p, "flow.yaml", flow);
  program_write(&p, "reference.yaml", reference);
  program_write(&p, "evaluate.yaml", evaluate);
  program_write(&p, "tune.yaml", tune);
  program_write(&p, "train.yaml", train);
  program_write(&p, "lattice.yaml", lattice);
  snprintf(line, sizeof line,
           "{ marl train train.yaml --out t && marl export t --out policy &&\n"
           "marl simulate flow.yaml --out s && marl reference reference.yaml --out r &&\n"
           "marl evaluate evaluate.yaml --out e && marl tune tune.yaml --out u &&\n"
           "marl lattice lattice.yaml --out l && marl compare %s/configs/dilemma/caveman.yaml\\\n"
           " --out c --set run.seed=7 --set env.cycles=40 --set compare.seeds=1 --set "
           "compare.tail=20\\\n"
           " --set compare.window=20 --set compare.curve_every=10; } >said 2>&1 || { cat said >&2; "
           "exit 1; }",
           getenv("MARL_SOURCE"));
  PROGRAM_SAYS(&p, line, 0, "");
}

static int begin(void) {
  return program_begin(&p);
}

static int end(void) {
  return program_end(&p);
}

/* Everything but configuration and seed, which are read as what they are. */
static void says_where_it_comes_from(MarlStore *file, const char *command) {
  MarlError err;
  MarlConfig *config = NULL;
  int64_t seed = -1;
  for (const char *const *key = marl_provenance_keys; *key != NULL; ++key) {
    char *text = NULL;
    if (strcmp(*key, "seed") == 0) continue;
    UNIT_OK(marl_store_get_text(file, NULL, *key, &text, &err));
    CU_ASSERT(strlen(text) > 3);
    if (strcmp(*key, "command") == 0) CU_ASSERT_STRING_EQUAL(text, command);
    if (strcmp(*key, "configuration") == 0) {
      UNIT_OK(marl_config_parse(text, strlen(text), "file", &config, &err));
      CU_ASSERT_PTR_NOT_NULL(strstr(text, "\n  seed: 7  # "));
    }
    free(text);
  }
  UNIT_OK(marl_store_get_int(file, NULL, "seed", &seed, &err));
  CU_ASSERT_EQUAL(seed, 7);
  marl_config_destroy(&config);
}

static void every_kind_of_file_says_where_it_comes_from(void) {
  make_files();
  static const struct {
    const char *file, *command;
  } files[] = {
      {"t/checkpoint_000001.h5", "marl train"},
      {"policy.h5", "marl export"},
      {"s/series.h5", "marl simulate"},
      {"s/statistics.h5", "marl simulate"},
      {"s/fields_0000000500.h5", "marl simulate"},
      {"r/reference.h5", "marl reference"},
      {"e/scores.h5", "marl evaluate"},
      {"l/pattern.h5", "marl lattice"},
      {"l/checkpoint_000002.h5", "marl lattice"},
      {"c/compare.h5", "marl compare"},
      {"s/checkpoint_001000.h5", "marl simulate"},
      {"u/checkpoint_000003.h5", "marl tune"},
      {"r/checkpoint_000008.h5", "marl reference"},
  };
  for (size_t i = 0; i < sizeof files / sizeof *files; ++i) {
    char path[2 * PROGRAM_PATH];
    MarlError err;
    MarlStore *file = NULL;
    snprintf(path, sizeof path, "%s/%s", p.folder, files[i].file);
    UNIT_OK(marl_store_open(path, &file, &err));
    if (file == NULL) continue;
    says_where_it_comes_from(file, files[i].command);
    marl_store_close(&file);
  }
}

static void no_file_is_without(void) {
  PROGRAM_SAYS(&p,
               "for file in $(find . -name '*.h5'); do\n"
               "  marl info $file >info || exit 1\n"
               "  for key in command version commit compiler libraries machine seed configuration\n"
               "  do grep -q \"^$key: \" info || { echo $file lacks $key; exit 1; }; done\n"
               "done; echo all",
               0, "all\n");
}

static void info_tells_of_the_sessions_too(void) {
  PROGRAM_SAYS(&p, "marl train --resume t --set run.updates=2 --quiet -n 2", 0, "t\n");
  PROGRAM_SAYS(&p, "marl info t | grep -c '\"event\": \"\\(started\\|resumed\\)\"'", 0, "2\n");
  PROGRAM_SAYS(&p, "marl info t/checkpoint_000002.h5 | grep '\"ranks\": 2'", 0, "\"host\": \"");
  PROGRAM_SAYS(&p, "marl info policy.h5", 0, "\n  role_0:\n");
  PROGRAM_SAYS(&p, "marl info policy.h5", 0, "sessions: |\n  {\"event\": \"started\"");
  PROGRAM_SAYS(&p, "marl info said", 1, "said: cannot open the file");
  PROGRAM_SAYS(&p, "mkdir none; marl info none", 2, "'none' holds no run");
}

static CU_TestInfo tests[] = {
    {"every kind of file says where it comes from", every_kind_of_file_says_where_it_comes_from},
    {"no file is without", no_file_is_without},
    {"info tells of the sessions too", info_tells_of_the_sessions_too},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"provenance", begin, end, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
