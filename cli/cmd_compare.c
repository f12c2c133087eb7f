#include <stdlib.h>

#include "cli/command.h"
#include "cli/compare_jobs.h"
#include "cli/compare_table.h"
#include "cli/run_request.h"
#include "envs/env_table.h"
#include "envs/population_table.h"
#include "marl/core/comm.h"
#include "marl/run/job.h"

/* Base first. */
typedef struct CompareJob {
  MarlJob base;
  MarlComparison comparison;
  MarlComparisonResults results;
  bool was_done, done; /* by an earlier command; by now */
} CompareJob;

static MarlCode read(MarlJob *job, MarlConfig *config, MarlError *err) {
  MarlComparison *c = &((CompareJob *)job)->comparison;
  MARL_TRY(marl_comparison_read(config, marl_population_table, marl_env_table, c, err));
  job->seed = (int64_t)c->seed;
  return marl_config_finish(config, err);
}

static MarlCode build(MarlJob *job, MarlError *err) {
  CompareJob *c = (CompareJob *)job;
  return marl_comparison_results_create(&c->comparison, &c->results, err);
}

static void clear(MarlJob *job) {
  CompareJob *c = (CompareJob *)job;
  marl_comparison_results_clear(&c->results);
  marl_comparison_clear(&c->comparison);
}

static MarlCode begin(MarlJob *job, bool found, MarlError *err) {
  CompareJob *c = (CompareJob *)job;
  (void)found, (void)err;
  c->was_done = c->done = marl_run_folder_is_done(job->folder, "jobs", "compare.h5", job->comm);
  if (c->done)
    marl_log_note(job->folder->log, "compared already: %s/summary.csv", job->folder->path);
  return MARL_OK;
}

/* What was asked for, once all runs are there; then pairs.csv, the longest to make. */
static MarlCode advance(MarlJob *job, bool *due, MarlError *err) {
  CompareJob *c = (CompareJob *)job;
  const MarlCompareWork work = {&c->comparison, &c->results, job->folder, job->comm};
  MarlCode code = MARL_OK;
  (void)due;
  MARL_TRY(marl_compare_jobs_do(&work, err));
  if (marl_comm_rank(job->comm) == 0) {
    code = marl_run_folder_check(job->folder, err);
    if (code == MARL_OK)
      code = marl_comparison_write_pairs(&c->comparison, &c->results, job->folder->path, err);
  }
  c->done = true;
  return marl_comm_agree(job->comm, code, err);
}

static bool finished(const MarlJob *job) {
  return ((const CompareJob *)job)->done;
}

static void where(const MarlJob *job, char text[MARL_JOB_WHERE]) {
  (void)job;
  snprintf(text, MARL_JOB_WHERE, "between two cycles");
}

static MarlCode write_store(const CompareJob *c, MarlError *err) {
  MarlStore *store;
  MARL_TRY(marl_run_folder_create(c->base.folder, "compare.h5", &store, err));
  const MarlCode code = marl_comparison_write_curves(&c->comparison, &c->results, store, err);
  return marl_store_end_file(&store, code, err);
}

/* Of the followed metric, for people. */
static MarlCode report_tests(const CompareJob *job, MarlError *err) {
  const MarlComparison *c = &job->comparison;
  MarlPairTest *tests = calloc((size_t)c->num_pairs + 1, sizeof *tests);
  if (tests == NULL) return MARL_FAIL(err, MARL_EMEMORY, "compare: no memory for tests");
  MarlCode code = marl_comparison_test(c, &job->results, c->followed, tests, err);
  if (code == MARL_OK) code = marl_comparison_write_forest(c, tests, job->base.folder->path, err);
  if (code == MARL_OK) marl_compare_table_print_tests(c, tests);
  free(tests);
  return code;
}

static MarlCode write_report(const CompareJob *job, MarlError *err) {
  const MarlRunFolder *folder = job->base.folder;
  const char *path = folder->path;
  MARL_TRY(marl_comparison_write_tables(&job->comparison, &job->results, path, err));
  MARL_TRY(marl_comparison_write_points(&job->comparison, path, err));
  MARL_TRY(marl_comparison_write_sweep(&job->comparison, &job->results, path, err));
  MARL_TRY(write_store(job, err));
  MARL_TRY(marl_compare_table_print(&job->comparison, &job->results, err));
  MARL_TRY(report_tests(job, err));
  marl_log_note(
      folder->log,
      "tables: %s/{summary,pairs,forest,runs,survival}.csv; for xarray: %s/compare.h5; to look at: "
      "marl report %s",
      path, path, path);
  MARL_TRY(marl_run_folder_check(folder, err));
  marl_compare_jobs_remove(folder);
  return MARL_OK;
}

static MarlCode finish(MarlJob *job, bool whole, MarlError *err) {
  const CompareJob *c = (const CompareJob *)job;
  if (!whole || c->was_done) return MARL_OK;
  const MarlCode code = marl_comm_rank(job->comm) == 0 ? write_report(c, err) : MARL_OK;
  return marl_comm_agree(job->comm, code, err);
}

/* what the report alone asks may be asked anew */
static const char *const changeable[] = {"compare.checkpoint_minutes", "compare.control",
                                         "compare.all_pairs", NULL};

static const MarlJobOps ops = {.command = "compare",
                               .changeable = changeable,
                               .read = read,
                               .build = build,
                               .clear = clear,
                               .begin = begin,
                               .advance = advance,
                               .finished = finished,
                               .where = where,
                               .finish = finish};

static MarlCode run(const MarlArguments *arguments, MPI_Comm comm, MarlError *err) {
  CompareJob job = {.base = {.ops = &ops, .comm = comm}};
  return marl_run_job(arguments, &job.base, err);
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
