/* Exact results: what a topic of envs/theory_table.h computes from a configuration. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/theory_output.h"
#include "envs/theory_table.h"
#include "marl/core/comm.h"

enum { MAX_ASSIGNMENT = 128, MAX_TOPICS = 64 };

static const MarlFlag flag_out = {"--out", "NAME", "write NAME.csv and NAME.h5 too"};
static const MarlFlag *const flags[] = {&marl_flag_set, &flag_out, NULL};

static const MarlOption topic_option[] = {
    {"topic", MARL_OPTION_TEXT, "stationary", 0, 0, NULL, "1",
     "what to compute: `marl list theory`"},
};

static MarlCode read_section(MarlConfig *config, const MarlTopicOps **topic,
                             const MarlSection **section, MarlError *err) {
  const MarlPlugin *plugin;
  MARL_TRY(marl_kind_find(&marl_kind_topics,
                          marl_config_peek(config, "theory", "topic", topic_option->fallback),
                          &plugin, err));
  *topic = (const MarlTopicOps *)plugin;
  const MarlOptionTable tables[] = {{topic_option, 1}, {plugin->options, plugin->num_options}};
  return marl_config_section(config, "theory", tables, 2, section, err);
}

static MarlCode claim(MarlConfig *config, MarlError *err) {
  const MarlTopicOps *topic;
  const MarlSection *section;
  return read_section(config, &topic, &section, err);
}

static MarlCode write(const MarlTopicTable *table, const MarlTopicOps *topic,
                      const MarlConfig *config, const char *path, MarlError *err) {
  MarlProvenance provenance;
  MARL_TRY(marl_theory_write_csv(table, path, err));
  MarlCode code = marl_provenance_init(&provenance, "theory", 0, config, NULL, err);
  if (code == MARL_OK)
    code = marl_theory_write_store(table, &topic->plugin, &provenance, path, err);
  marl_provenance_clear(&provenance);
  return code;
}

static MarlCode compute(const MarlArguments *arguments, MarlConfig *config, bool is_root,
                        MarlError *err) {
  const MarlTopicOps *topic;
  const MarlSection *section;
  MARL_TRY(read_section(config, &topic, &section, err));
  MARL_TRY(marl_config_finish(config, err));
  if (!is_root) return MARL_OK;
  MarlTopicTable table = {.num_rows = 0};
  MarlCode code = topic->compute(section, &table, err);
  const char *path = marl_arguments_value(arguments, &flag_out);
  if (code == MARL_OK) marl_theory_print(stdout, &table);
  if (code == MARL_OK && path != NULL) code = write(&table, topic, config, path, err);
  marl_topic_table_clear(&table);
  return code;
}

/* A first argument that is no topic is a configuration that names one. */
static MarlCode run(const MarlArguments *arguments, MPI_Comm comm, MarlError *err) {
  const char *first = arguments->positional[0], *path = arguments->positional[1];
  const bool is_topic = marl_kind_find(&marl_kind_topics, first, NULL, NULL) == MARL_OK;
  const bool is_file = !is_topic && strpbrk(first, "./") != NULL;
  MarlConfig *config = NULL;
  if (arguments->num_positional < 2) path = NULL;
  if (is_file && path != NULL)
    return MARL_FAIL(err, MARL_ECONFIG, "one configuration, please: '%s' and '%s'", first, path);
  if (!is_topic && !is_file) return marl_kind_find(&marl_kind_topics, first, NULL, err);
  MARL_TRY(marl_arguments_config(arguments, is_file ? first : path, comm, &config, err));
  MarlCode code = MARL_OK;
  char assignment[MAX_ASSIGNMENT];
  if (is_topic) {
    (void)snprintf(assignment, sizeof assignment, "theory.topic=%s", first);
    code = marl_config_set(config, assignment, err);
  }
  if (code == MARL_OK) code = compute(arguments, config, marl_comm_rank(comm) == 0, err);
  code = marl_comm_agree(comm, code, err);
  marl_config_destroy(&config);
  return code;
}

static MarlCode check(MarlConfig *config, MPI_Comm comm, MarlError *err) {
  const MarlTopicOps *topic;
  const MarlSection *section;
  (void)comm;
  MARL_TRY(read_section(config, &topic, &section, err));
  MarlTopicTable table = {.num_rows = 0};
  const MarlCode code = topic->compute(section, &table, err);
  marl_topic_table_clear(&table);
  return code;
}

const MarlCommand marl_command_theory = {
    .name = "theory",
    .usage = "TOPIC [CONFIG] | CONFIG",
    .summary = "Print exact results on games, strategies and norms",
    .details =
        "TOPIC is a name of `marl list theory`, whose options are in section theory of CONFIG:\n"
        "  marl theory memory_one --set theory.noise=.001 \\\n"
        "    --set 'theory.strategies=TFT, WSLS, extort_3: .846 .5 .269 0 1'\n"
        "  marl theory fixation --set theory.strategies=TFT,AllD --set theory.rounds=20\n"
        "  marl theory punishment --set theory.second_order=true\n"
        "Nothing is simulated: `marl compare` with population evolution, fixation or tournament\n"
        "measures the same. --out NAME writes the table as NAME.csv and NAME.h5.",
    .min_positional = 1,
    .max_positional = 2,
    .flags = flags,
    .run = run,
    .claim = claim,
    .check = check,
    .marker = "theory",
};
