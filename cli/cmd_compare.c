#include <stdio.h>
#include <stdlib.h>

#include "cli/command.h"
#include "cli/compare_jobs.h"
#include "cli/compare_table.h"
#include "cli/run_request.h"
#include "envs/env_table.h"
#include "envs/population_table.h"
#include "marl/compare/report.h"
#include "marl/core/comm.h"
#include "marl/run/folder.h"
#include "marl/run/interrupt.h"

typedef MarlCompareWork Work;

static MarlCode write_store(const Work *work, MarlError *err) {
  MarlStore *store;
  MARL_TRY(marl_run_folder_create(work->folder, "compare.h5", &store, err));
  const MarlCode code = marl_comparison_write_curves(work->comparison, work->results, store, err);
  return marl_store_end_file(&store, code, err);
}

/* Of the followed metric, for people. */
static MarlCode report_tests(const Work *work, MarlError *err) {
  const MarlComparison *c = work->comparison;
  MarlPairTest *tests = calloc((size_t)c->num_pairs + 1, sizeof *tests);
  if (tests == NULL) return MARL_FAIL(err, MARL_EMEMORY, "compare: no memory for tests");
  MarlCode code = marl_comparison_test(c, work->results, c->followed, tests, err);
  if (code == MARL_OK) code = marl_comparison_write_forest(c, tests, work->folder->path, err);
  if (code == MARL_OK) marl_compare_table_print_tests(c, tests);
  free(tests);
  return code;
}

static bool stop_requested(MarlComparisonWatch *watch) {
  (void)watch;
  return marl_interrupt_requested();
}

/* Rank 0. *stopped: a signal came before the tables were whole. */
static MarlCode report(const Work *work, bool *stopped, MarlError *err) {
  const MarlComparison *c = work->comparison;
  const MarlComparisonResults *results = work->results;
  const char *path = work->folder->path;
  MarlComparisonWatch watch = {stop_requested};
  MARL_TRY(marl_run_folder_check(work->folder, err));
  MARL_TRY(marl_comparison_write_pairs(c, results, path, &watch, stopped, err));
  if (*stopped) return MARL_OK;
  MARL_TRY(marl_comparison_write_tables(c, results, path, err));
  MARL_TRY(marl_comparison_write_sweep(c, results, path, err));
  MARL_TRY(write_store(work, err));
  MARL_TRY(marl_compare_table_print(c, results, err));
  MARL_TRY(report_tests(work, err));
  marl_log_note(
      work->folder->log,
      "tables: %s/{summary,pairs,forest,runs,survival}.csv; for xarray: %s/compare.h5; to look at: "
      "marl report %s",
      path, path, path);
  MARL_TRY(marl_run_folder_check(work->folder, err));
  marl_compare_jobs_remove(work->folder);
  return MARL_OK;
}

static MarlCode perform(const Work *work, MarlError *err) {
  bool stopped = false;
  MARL_TRY(marl_compare_jobs_do(work, &stopped, err));
  if (!stopped) {
    MarlCode code = MARL_OK;
    if (marl_comm_rank(work->comm) == 0) code = report(work, &stopped, err);
    MARL_TRY(marl_comm_agree(work->comm, code, err));
  }
  int any = stopped ? 1 : 0;
  MPI_Bcast(&any, 1, MPI_INT, 0, work->comm);
  if (any == 0) return MARL_OK;
  return marl_run_folder_stopped(work->folder, "compare", "between two cycles", err);
}

/* what the report alone asks may be asked anew */
static const char *const changeable[] = {"compare.checkpoint_minutes", "compare.control",
                                         "compare.all_pairs", NULL};

static MarlCode compare(const MarlArguments *arguments, const char *path, MarlConfig *config,
                        const MarlComparison *comparison, MPI_Comm comm, MarlError *err) {
  MarlRunFolder folder = {.log = NULL};
  MarlComparisonResults results;
  const MarlRunStart start = {marl_run_request(arguments), config, path, (int64_t)comparison->seed,
                              changeable};
  MARL_TRY(marl_comparison_results_create(comparison, &results, err));
  MarlCode code = marl_run_folder_begin(&start, comm, &folder, err);
  if (code == MARL_OK) code = marl_run_folder_accept(&start, comm, &folder, err);
  if (code == MARL_OK && marl_run_folder_is_done(&folder, "jobs", "compare.h5", comm)) {
    marl_log_note(folder.log, "compared already: %s/summary.csv", folder.path);
  } else if (code == MARL_OK) {
    marl_interrupt_listen();
    const Work work = {comparison, &results, &folder, comm};
    code = marl_run_folder_cause(&folder, comm, perform(&work, err), err);
  }
  marl_run_folder_end(&folder, code, err);
  marl_comparison_results_clear(&results);
  return code;
}

static MarlCode run(const MarlArguments *arguments, MPI_Comm comm, MarlError *err) {
  const char *path = arguments->num_positional > 0 ? arguments->positional[0] : NULL;
  MarlConfig *config;
  MarlComparison comparison = {.num_cells = 0};
  MARL_TRY(marl_run_config(arguments, path, comm, &config, err));
  MarlCode code =
      marl_comparison_read(config, marl_population_table, marl_env_table, &comparison, err);
  if (code == MARL_OK) code = marl_config_finish(config, err);
  if (code == MARL_OK) code = compare(arguments, path, config, &comparison, comm, err);
  marl_comparison_clear(&comparison);
  marl_config_destroy(&config);
  return code;
}

/* Everything that the command would refuse is refused here too. */
static MarlCode claim(MarlConfig *config, MarlError *err) {
  MarlComparison comparison;
  MARL_TRY(marl_comparison_read(config, marl_population_table, marl_env_table, &comparison, err));
  marl_comparison_clear(&comparison);
  return MARL_OK;
}

static const MarlFlag *const flags[] = {&marl_flag_set,
                                        &marl_flag_out,
                                        &marl_flag_resume,
                                        &marl_flag_continue,
                                        &marl_flag_quiet,
                                        &marl_flag_ranks,
                                        NULL};

static const char *const examples[] = {"env.name=dilemma", "compare.cycles=2000",
                                       "learner.anneal=false", NULL};

const MarlCommand marl_command_compare = {
    .name = "compare",
    .usage = "[CONFIG]",
    .summary =
        "Compare populations in social dilemmas over many seeds, with tests of their differences",
    .details =
        "A population is an environment with a learner (env.name, learner.name, as in `marl "
        "train`),\n"
        "or a kernel, compare.population (`marl list populations`). Every combination of the\n"
        "environment's lists (of dilemma: compare.mechanisms, compare.visibility), of\n"
        "compare.learners, of the labelled overrides of compare.cells and of the numbers of\n"
        "compare.sweep is run compare.seeds times. Prints a table; writes summary.csv, pairs.csv,\n"
        "runs.csv, survival.csv, forest.csv, compare.h5 and, of a sweep, sweep.csv to DIR, which "
        "`marl "
        "report`\n"
        "draws. The same seed gives the same files on any number of ranks; --resume DIR goes on\n"
        "after any interruption, in the middle of a run.",
    .min_positional = 0,
    .max_positional = 1,
    .flags = flags,
    .run = run,
    .claim = claim,
    .changeable = changeable,
    .examples = examples,
    .marker = "compare",
};
