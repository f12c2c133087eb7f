/* Schelling diagrams: what a cooperator and a defector earn among so many cooperators. */
#include "cli/command.h"
#include "cli/side_arguments.h"
#include "cli/theory_output.h"
#include "marl/core/comm.h"
#include "marl/learn/schelling.h"

static const MarlFlag flag_cooperator = {
    "--cooperator", "POLICY", "who cooperates: a policy of env.policies, or RUN (required)"};
static const MarlFlag flag_defector = {"--defector", "POLICY", "who does not (required)"};
static const MarlFlag flag_out = {"--out", "NAME", "write NAME.csv and NAME.h5 too"};
static const MarlFlag *const flags[] = {
    &flag_cooperator,  &flag_defector, &marl_flag_episodes, &marl_flag_discount,
    &marl_flag_sample, &flag_out,      &marl_flag_set,      NULL};

static const MarlPlugin diagram = {
    .name = "schelling",
    .summary = "returns of a cooperator and a defector by the number of cooperators",
    .source = "Schelling 1973; Hughes et al. 2018, arXiv:1803.08884",
};
static const char *const columns[] = {"cooperator", "cooperator_low", "cooperator_high",
                                      "defector",   "defector_low",   "defector_high",
                                      "total",      "total_low",      "total_high"};
enum { NUM_COLUMNS = sizeof columns / sizeof *columns };
static const char *const units[NUM_COLUMNS] = {"reward", "reward", "reward", "reward", "reward",
                                               "reward", "reward", "reward", "reward"};

static MarlCode read_side(const MarlArguments *arguments, const MarlFlag *flag, MarlSide *out,
                          MarlPolicy **owned, MarlError *err) {
  const char *text = marl_arguments_value(arguments, flag);
  if (text == NULL)
    return MARL_FAIL(err, MARL_ECONFIG, "%s is missing: a policy of env.policies, or RUN",
                     flag->name);
  return marl_side_open(text, out, owned, err);
}

static MarlCode fill(const MarlSchellingTask *task, MarlTopicTable *table, MarlError *err) {
  int num_agents;
  MARL_TRY(marl_sides_agents(&task->world, &num_agents, err));
  for (int k = 0; k <= num_agents; ++k) {
    MarlSchellingPoint point;
    double *row;
    MARL_TRY(marl_schelling_point(task, num_agents, k, &point, err));
    MARL_TRY(marl_topic_row(table, &row, err, "%d", k));
    for (int s = 0; s < 2; ++s) {
      row[3 * s] = point.mean[s];
      row[3 * s + 1] = point.interval[s].low;
      row[3 * s + 2] = point.interval[s].high;
    }
    row[6] = point.total;
    row[7] = point.total_interval.low;
    row[8] = point.total_interval.high;
  }
  return MARL_OK;
}

static MarlCode write(const MarlTopicTable *table, const MarlConfig *config, int64_t seed,
                      const char *path, MarlError *err) {
  MarlProvenance provenance;
  MARL_TRY(marl_theory_write_csv(table, path, err));
  MarlCode code = marl_provenance_init(&provenance, "schelling", seed, config, NULL, err);
  if (code == MARL_OK) code = marl_theory_write_store(table, &diagram, &provenance, path, err);
  marl_provenance_clear(&provenance);
  return code;
}

static MarlCode compute(const MarlArguments *arguments, MarlConfig *config, MarlError *err) {
  MarlPolicy *owned[2] = {NULL, NULL};
  MarlSchellingTask task = {.episodes = 0};
  int64_t seed;
  MARL_TRY(marl_sides_read(arguments, config, &task.world, &task.episodes, &seed, err));
  MarlTopicTable table = {
      .rows_are = "cooperators", .columns = columns, .units = units, .num_columns = NUM_COLUMNS};
  MarlCode code = read_side(arguments, &flag_cooperator, &task.side[0], &owned[0], err);
  if (code == MARL_OK) code = read_side(arguments, &flag_defector, &task.side[1], &owned[1], err);
  if (code == MARL_OK) code = fill(&task, &table, err);
  const char *path = marl_arguments_value(arguments, &flag_out);
  if (code == MARL_OK) marl_theory_print(stdout, &table);
  if (code == MARL_OK && path != NULL) code = write(&table, config, seed, path, err);
  marl_topic_table_clear(&table);
  for (int s = 0; s < 2; ++s) marl_policy_destroy(&owned[s]);
  return code;
}

static MarlCode run(const MarlArguments *arguments, MPI_Comm comm, MarlError *err) {
  return marl_sides_run(arguments, comm, compute, err);
}

const MarlCommand marl_command_schelling = {
    .name = "schelling",
    .usage = "CONFIG",
    .summary = "Print what cooperators and defectors earn by the number of cooperators",
    .details =
        "The environment is that of CONFIG (sections run and env; a RUN/config.yaml will do). A "
        "POLICY\n"
        "is one that the environment plays by itself (`marl help` of env.policies, restrained:5), "
        "or a\n"
        "trained one: a run folder or an exported file, with a / or .h5 in its name, which does "
        "not\n"
        "learn. For 0 to all agents as cooperators the return of one agent of each side and of "
        "all\n"
        "together, means over episodes with Student's 95 % intervals. Who cooperates is drawn in "
        "every\n"
        "episode, and all points have the same worlds. Rewards are the environment's, whatever\n"
        "env.common_reward says.\n"
        "  marl schelling configs/grid/cleanup_small_common.yaml --cooperator turn_taker \\\n"
        "    --defector eater",
    .min_positional = 1,
    .max_positional = 1,
    .flags = flags,
    .run = run,
};
