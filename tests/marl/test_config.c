#define _POSIX_C_SOURCE 200809L /* mkstemp */
#include "marl/core/config.h"

#include <unistd.h>

#include "tests/unit.h"

static const MarlOption run_options[] = {
    {"seed", MARL_OPTION_INT, "1", 0, 1e9, NULL, "1", "seed"},
    {"out", MARL_OPTION_TEXT, "", 0, 0, NULL, "", "folder"},
};
static const MarlOption env_options[] = {
    {"name", MARL_OPTION_TEXT, "lqr", 0, 0, NULL, "", "environment"},
    {"gain", MARL_OPTION_REAL, "0.5", -10, 10, NULL, "1/T", "feedback: u = -K x # not a comment"},
    {"hidden", MARL_OPTION_INTS, "[64]", 1, 999, NULL, "1", "widths"},
    {"blocks", MARL_OPTION_TEXTS, "[a, b]", 0, 0, NULL, "", "words"},
    {"learn", MARL_OPTION_BOOL, "true", 0, 0, NULL, "", "learn"},
};
static const MarlOptionTable run_table = {run_options, 2}, env_table = {env_options, 5};

static const char good[] =
    "# a configuration\n"
    "run:\n"
    "  seed: 7\n"
    "  out: 'it''s \"here\"'\n"
    "env:\n"
    "  name: lqr   # comment\n"
    "  gain: -2.5e-1\n"
    "  hidden: [32, 16]\n"
    "  blocks:\n"
    "    - strain\n"
    "    - \"spectrum\"\n";

static MarlCode parse(const char *text, MarlConfig **config, MarlError *err) {
  return marl_config_parse(text, strlen(text), "f.yaml", config, err);
}

static MarlCode claim(MarlConfig *config, const MarlSection **run, const MarlSection **env,
                      MarlError *err) {
  MARL_TRY(marl_config_section(config, "run", &run_table, 1, run, err));
  MARL_TRY(marl_config_section(config, "env", &env_table, 1, env, err));
  return marl_config_finish(config, err);
}

/* Parse and claim, and expect the words in the message. */
static void refuse(const char *text, const char *words) {
  MarlError err = {.code = MARL_OK};
  MarlConfig *config = NULL;
  const MarlSection *run, *env;
  MarlCode code = parse(text, &config, &err);
  if (code == MARL_OK) code = claim(config, &run, &env, &err);
  UNIT_ERROR(code, MARL_ECONFIG, words);
  marl_config_destroy(&config);
}

static void sections_are_read(void) {
  MarlError err;
  MarlConfig *config;
  const MarlSection *run, *env;
  size_t count;
  UNIT_OK(parse(good, &config, &err));
  CU_ASSERT_STRING_EQUAL(marl_config_peek(config, "env", "name", "x"), "lqr");
  CU_ASSERT_STRING_EQUAL(marl_config_peek(config, "env", "learn", "x"), "x");
  CU_ASSERT_STRING_EQUAL(marl_config_origin(config, "env", "gain"), "f.yaml:7");
  CU_ASSERT_STRING_EQUAL(marl_config_origin(config, "env", "learn"), "default");
  CU_ASSERT(marl_config_has_section(config, "env") && !marl_config_has_section(config, "grid"));
  UNIT_OK(claim(config, &run, &env, &err));
  CU_ASSERT_EQUAL(marl_section_int(run, "seed"), 7);
  CU_ASSERT_STRING_EQUAL(marl_section_text(run, "out"), "it's \"here\"");
  CU_ASSERT_EQUAL(marl_section_real(env, "gain"), -0.25);
  CU_ASSERT_EQUAL(marl_section_ints(env, "hidden", &count)[1], 16);
  CU_ASSERT_STRING_EQUAL(marl_section_texts(env, "blocks", &count)[1], "spectrum");
  const MarlSection *again;
  UNIT_OK(marl_config_section(config, "run", NULL, 0, &again, &err));
  CU_ASSERT_PTR_EQUAL(again, run);
  marl_config_destroy(&config);
  CU_ASSERT_PTR_NULL(config);
}

static void mistakes_are_refused_with_their_line(void) {
  refuse("run:\n  sed: 1\n", "f.yaml:2: section 'run' has no option 'sed'; did you mean 'seed'?");
  refuse("run:\n  seed: 1\nenw:\n  name: x\n", "f.yaml:3: no section 'enw'; did you mean 'env'?");
  refuse("run:\n  seed: 12x\n", "f.yaml:2: run.seed = '12x' is not a whole number");
  refuse("run:\n  seed: -1\n", "f.yaml:2: run.seed = -1 is outside [0, 1000000000]");
  refuse("run:\n  seed: 1\n  seed: 2\n", "f.yaml:3: run.seed was set before, at f.yaml:2");
  refuse("run:\n  seed: 1\nrun:\n", "f.yaml:3: section 'run' was there before, at f.yaml:1");
  refuse("run:\n  seed: [1, 2]\n", "f.yaml:2: run.seed = [1, 2] is a list; expected one value");
  refuse("run:\n  seed:\n    deep: 1\n", "run.seed is nested too deep");
  refuse("env:\n  hidden: [[1]]\n", "env.hidden is nested too deep");
  refuse("env:\n  hidden: [{a: 1}]\n", "env.hidden is nested too deep");
  refuse("run:\n  seed:\n", "f.yaml:2: run.seed has no value");
  refuse("run:\n  out: ~\n", "f.yaml:2: run.out has no value");
  refuse("run: 3\n", "f.yaml:1: 'run' must be a section");
  refuse("- run\n", "f.yaml:1: expected sections");
  refuse("just words\n", "f.yaml:1: expected sections");
  refuse("? [a]\n: 1\n", "expected the name of a section");
  refuse("run:\n  ? {a: b}\n  : 1\n", "expected the name of a key");
  refuse("run:\n  'a b': 1\n", "'a b' is no name of a key");
  refuse("run:\n  out: \"a\\0b\"\n", "NUL");
  refuse("env:\n  blocks: ['a,b']\n", "cannot be in a list");
}

static void yaml_beyond_two_levels_is_refused(void) {
  refuse("", "f.yaml: the file is empty");
  refuse("# nothing\n\n", "f.yaml: the file is empty");
  refuse("---\n...\n", "the file is empty");
  refuse("run: &a\n  seed: 1\n", "f.yaml:1: anchors");
  refuse("run:\n  seed: &a 1\nenv:\n  gain: *a\n", "f.yaml:2: anchors");
  refuse("run:\n  seed: *a\n", "anchors (&), aliases (*)");
  refuse("run:\n  seed: !!int 1\n", "tags (!)");
  refuse("run:\n\tseed: 1\n", "f.yaml:2: a tab indents this line; use spaces");
  refuse("run:\n  seed: 1\n---\nrun:\n  seed: 2\n", "f.yaml:3: a second document begins");
  refuse("run:\n  seed: 'open\n", "f.yaml:");
  refuse("run: {seed: 1\n", "f.yaml:");
  refuse("run:\n  seed: 1\n out: x\n", "f.yaml:3:");
  refuse("run:\n  out: \xff\xfe\n", "f.yaml:2:");
  refuse("run:\n  out: a\x01z\n", "f.yaml:2:");
}

static void the_command_line_wins(void) {
  MarlError err;
  MarlConfig *config;
  const MarlSection *run, *env;
  UNIT_OK(parse(good, &config, &err));
  UNIT_OK(marl_config_set(config, "run.seed=8", &err));
  UNIT_OK(marl_config_set(config, "run.seed=9", &err));
  UNIT_OK(marl_config_set(config, "run.out=a=b.c", &err));
  UNIT_OK(marl_config_set(config, "env.learn=false", &err));
  UNIT_OK(claim(config, &run, &env, &err));
  CU_ASSERT_EQUAL(marl_section_int(run, "seed"), 9);
  CU_ASSERT_STRING_EQUAL(marl_section_text(run, "out"), "a=b.c");
  CU_ASSERT_FALSE(marl_section_bool(env, "learn"));
  UNIT_ERROR(marl_config_set(config, "run.seed=1", &err), MARL_EARG, "after it was claimed");
  marl_config_destroy(&config);

  UNIT_OK(marl_config_create(&config, &err));
  static const char *const bad[] = {"", "seed=1", "run.seed", "=1", ".seed=1", "run.=1", "run=1.5"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i)
    UNIT_ERROR(marl_config_set(config, bad[i], &err), MARL_ECONFIG, "expected section.key=value");
  UNIT_OK(marl_config_set(config, "grid.n=1", &err));
  UNIT_ERROR(claim(config, &run, &env, &err), MARL_ECONFIG, "--set: no section 'grid'");
  marl_config_destroy(&config);
}

/* Resolved text of `text` with the assignments; the caller frees. */
static char *resolve(const char *text, const char *const *sets) {
  MarlError err;
  MarlConfig *config;
  const MarlSection *run, *env;
  char *resolved;
  UNIT_OK(parse(text, &config, &err));
  for (; *sets != NULL; ++sets) UNIT_OK(marl_config_set(config, *sets, &err));
  UNIT_OK(claim(config, &run, &env, &err));
  UNIT_OK(marl_config_resolved(config, &resolved, &err));
  marl_config_destroy(&config);
  return resolved;
}

static void the_resolved_configuration_reads_back_exactly(void) {
  static const char *const texts[] = {"run.out=null",      "run.out=yes",
                                      "run.out=",          "run.out=- a: b # c",
                                      "run.out=\"q\" \\n", "run.out= outer ",
                                      "run.out=tab\there", "run.out=line\nbreak",
                                      "run.out=[a, b]",    "run.out=\xc3\xa9t\xc3\xa9",
                                      "run.out=12",        "run.out=\x7f\x01"};
  static const char *const none[] = {NULL};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; ++i) {
    const char *sets[] = {texts[i], "env.gain=0.1000000000000000055", NULL};
    char *once = resolve(good, sets);
    char *twice = resolve(once, none);
    CU_ASSERT_STRING_EQUAL(once, twice);
    MarlError err;
    MarlConfig *config;
    const MarlSection *run, *env;
    UNIT_OK(parse(once, &config, &err));
    UNIT_OK(claim(config, &run, &env, &err));
    CU_ASSERT_STRING_EQUAL(marl_section_text(run, "out"), texts[i] + strlen("run.out="));
    CU_ASSERT_EQUAL(marl_section_real(env, "gain"), 0.1);
    marl_config_destroy(&config);
    free(once);
    free(twice);
  }
}

/* Every beginning of a good file, and the file with any one byte replaced, is read or refused
 * with a message; the sanitizers watch. */
static void damaged_files_are_read_or_refused(void) {
  static const char bytes[] = {'\0', '\t', '\n', ':', '[', '{', '&', '\'', '\xff', ' ', '-'};
  const size_t size = strlen(good);
  char text[sizeof good];
  int accepted = 0, refused = 0;
  for (size_t cut = 0; cut <= size; ++cut) {
    for (size_t b = 0; b <= sizeof bytes; ++b) {
      memcpy(text, good, sizeof good);
      size_t length = size;
      if (b == sizeof bytes)
        length = cut;
      else
        text[cut] = bytes[b];
      MarlError err = {.message = ""};
      MarlConfig *config = NULL;
      const MarlSection *run, *env;
      MarlCode code = marl_config_parse(text, length, "f.yaml", &config, &err);
      if (code == MARL_OK) code = claim(config, &run, &env, &err);
      CU_ASSERT(code == MARL_OK || (code == MARL_ECONFIG && err.message[0] != '\0'));
      *(code == MARL_OK ? &accepted : &refused) += 1;
      marl_config_destroy(&config);
    }
  }
  CU_ASSERT(accepted > 0 && refused > 0);
}

static void files_that_are_none_are_refused(void) {
  MarlError err;
  MarlConfig *config;
  UNIT_ERROR(marl_config_load("/nonexistent/a.yaml", &config, &err), MARL_ECONFIG,
             "cannot open the configuration '/nonexistent/a.yaml': No such file");
  UNIT_ERROR(marl_config_load("/", &config, &err), MARL_ECONFIG, "cannot read the configuration");
  UNIT_ERROR(marl_config_load("/dev/zero", &config, &err), MARL_ECONFIG, "larger than 1 MiB");
  CU_ASSERT_PTR_NULL(config);

  char path[] = "/tmp/marl_config_XXXXXX";
  const int fd = mkstemp(path);
  CU_ASSERT(fd >= 0 && write(fd, good, strlen(good)) == (ssize_t)strlen(good));
  close(fd);
  UNIT_OK(marl_config_load(path, &config, &err));
  CU_ASSERT_STRING_EQUAL(marl_config_peek(config, "run", "seed", ""), "7");
  marl_config_destroy(&config);
  remove(path);
}

/* YAML 1.1: a float has a point in its mantissa and a sign in its exponent; an integer has neither;
 * some words are no texts. PyYAML, yaml-cpp and R's yaml follow it. */
static void other_yaml_readers_see_the_same_types(void) {
  static const MarlOption options[] = {
      {"tiny", MARL_OPTION_REAL, "1e-05", 0, 1, NULL, "1", "h"},
      {"huge", MARL_OPTION_REAL, "-2.5e+300", -1e301, 1, NULL, "1", "h"},
      {"whole", MARL_OPTION_INT, "1000000000000000", 0, 1e16, NULL, "1", "h"},
      {"list", MARL_OPTION_REALS, "[1e-7, 2, 0.5]", 0, 9, NULL, "1", "h"},
      {"word", MARL_OPTION_TEXT, "Yes", 0, 0, NULL, "", "h"},
      {"number", MARL_OPTION_TEXT, "1e5", 0, 0, NULL, "", "h"},
      {"letter", MARL_OPTION_TEXT, "y", 0, 0, NULL, "", "h"},
  };
  static const char *const lines[] = {
      "  tiny: 1.0e-05 ",           "  huge: -2.5e+300 ", "  whole: 1000000000000000 ",
      "  list: [1.0e-07, 2, 0.5] ", "  word: \"Yes\" ",   "  number: \"1e5\" ",
      "  letter: \"y\" ",
  };
  const MarlOptionTable table = {options, sizeof options / sizeof *options};
  MarlError err;
  MarlConfig *config;
  const MarlSection *section;
  char *text;
  UNIT_OK(marl_config_create(&config, &err));
  UNIT_OK(marl_config_section(config, "s", &table, 1, &section, &err));
  UNIT_OK(marl_config_resolved(config, &text, &err));
  for (size_t i = 0; i < sizeof lines / sizeof *lines; ++i) {
    CU_ASSERT(strstr(text, lines[i]) != NULL);
  }
  free(text);
  marl_config_destroy(&config);
}

/* 100,000 keys: a reader that compares each with all before it takes minutes, beyond the time limit
 * of any test. */
static void a_long_file_is_read_in_linear_time(void) {
  enum { KEYS = 100000, LINE = 16 };
  MarlError err;
  MarlConfig *config = NULL;
  char *text = malloc(KEYS * LINE + LINE);
  CU_ASSERT_FATAL(text != NULL);
  int at = sprintf(text, "env:\n");
  for (int i = 0; i < KEYS; ++i) at += sprintf(text + at, "  k%06d: %d\n", i, i % 10);
  UNIT_OK(parse(text, &config, &err));
  CU_ASSERT_STRING_EQUAL(marl_config_peek(config, "env", "k099999", "none"), "9");
  CU_ASSERT_STRING_EQUAL(marl_config_origin(config, "env", "k012345"), "f.yaml:12347");
  UNIT_OK(marl_config_set(config, "env.k012345=8", &err));
  CU_ASSERT_STRING_EQUAL(marl_config_peek(config, "env", "k012345", "none"), "8");
  marl_config_destroy(&config);
  sprintf(text + at, "  k000000: 1\n");
  UNIT_ERROR(parse(text, &config, &err), MARL_ECONFIG, "set before, at f.yaml:2");
  free(text);
}

static CU_TestInfo tests[] = {
    {"sections are read", sections_are_read},
    {"mistakes are refused with their line", mistakes_are_refused_with_their_line},
    {"YAML beyond two levels is refused", yaml_beyond_two_levels_is_refused},
    {"the command line wins", the_command_line_wins},
    {"the resolved configuration reads back exactly",
     the_resolved_configuration_reads_back_exactly},
    {"other YAML readers see the same types", other_yaml_readers_see_the_same_types},
    {"a long file is read in linear time", a_long_file_is_read_in_linear_time},
    {"damaged files are read or refused", damaged_files_are_read_or_refused},
    {"files that are none are refused", files_that_are_none_are_refused},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"config", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
