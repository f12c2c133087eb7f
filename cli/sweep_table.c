/* sweep.csv, and what a configuration must be before a sweep begins. */
#include <math.h>
#include <stdio.h>

#include "cli/sweep_runs.h"
#include "envs/env_table.h"
#include "marl/core/comm.h"
#include "marl/core/quote.h"
#include "marl/learn/trainer_job.h"
#include "marl/run/text_file.h"

/* A training whose columns are known once it is built. Base first. */
typedef struct Candidate {
  MarlTrainerJob base;
  const char *score;
} Candidate;

MarlCode marl_sweep_check_score(const MarlTrainer *trainer, const char *score, MarlError *err) {
  if (score[0] == '\0') return MARL_OK; /* the first return */
  return marl_trainer_check_column(trainer, "sweep.score", score, err);
}

static MarlCode build_and_check(MarlJob *job, MarlError *err) {
  MARL_TRY(marl_trainer_job.build(job, err));
  const Candidate *own = (const Candidate *)job;
  return marl_sweep_check_score(own->base.trainer, own->score, err);
}

/* One that is built, the first, tells more than one that is read. */
static MarlCode check_run(const MarlSweepPlan *plan, int run, bool build, MarlError *err) {
  MarlConfig *config;
  MarlTrainerSections sections;
  Candidate job = {.score = plan->score};
  MarlJobOps ops = marl_trainer_job;
  MARL_TRY(marl_sweep_config(plan, run, 0, &config, err));
  marl_trainer_job_init(&job.base, marl_env_table, MPI_COMM_SELF);
  ops.build = build_and_check;
  job.base.base.ops = &ops;
  MarlCode code = build ? marl_job_check(&job.base.base, config, err)
                        : marl_trainer_claim(config, marl_env_table, &sections, err);
  if (code == MARL_OK && !build) code = marl_config_finish(config, err);
  marl_config_destroy(&config);
  return code;
}

MarlCode marl_sweep_check(const MarlSweepPlan *plan, MPI_Comm comm, MarlError *err) {
  const int points = plan->num_runs / plan->num_seeds, size = marl_comm_size(comm);
  MarlCode code = MARL_OK;
  for (int p = marl_comm_rank(comm); p < points && code == MARL_OK; p += size)
    code = check_run(plan, p * plan->num_seeds, p == 0, err);
  return marl_comm_agree(comm, code, err);
}

static void write_run(const MarlSweepWork *work, int run, int rung, FILE *table) {
  const MarlSweepPlan *plan = work->plan;
  const bool rounds = plan->population != NULL;
  const MarlSweepResult *result = &work->results[(rounds ? rung * plan->num_runs : 0) + run];
  char name[MARL_SWEEP_NAME], value[MARL_POINT_TEXT];
  marl_sweep_name(plan, run, rung, name);
  fprintf(table, "%s,%d,%lld", name, run / plan->num_seeds,
          (long long)marl_sweep_seed(plan, run, rung));
  if (rounds) {
    const int parent = marl_hyper_population_parent(plan->population, rung, run);
    fprintf(table, ",%d,", rung);
    if (parent >= 0) fprintf(table, "%d", parent);
  }
  for (int a = 0; a < marl_points_axes(plan->points); ++a) {
    marl_sweep_value(plan, run, rung, a, value);
    fputc(',', table);
    marl_write_csv_field(table, value);
  }
  fprintf(table, ",%lld,%s", (long long)result->updates, result->failed != 0 ? "failed" : "done");
  if (isfinite(result->score))
    fprintf(table, ",%.9g\n", result->score);
  else
    fputs(",\n", table);
}

MarlCode marl_sweep_write(const MarlSweepWork *work, MarlError *err) {
  const MarlSweepPlan *plan = work->plan;
  const int last = plan->num_rungs - 1;
  FILE *table = NULL;
  MarlCode code = marl_text_open(work->folder, "sweep.csv", &table, err);
  if (code == MARL_OK) {
    fprintf(table, "run,point,seed%s", plan->population != NULL ? ",round,parent" : "");
    for (int a = 0; a < marl_points_axes(plan->points); ++a)
      fprintf(table, ",%s", marl_points_key(plan->points, a));
    fputs(",updates,ended,score\n", table);
    for (int rung = plan->population != NULL ? 0 : last; rung <= last; ++rung)
      for (int run = 0; run < plan->num_runs; ++run) write_run(work, run, rung, table);
  }
  const MarlCode closed = marl_text_close(table, work->folder, "sweep.csv", err);
  return code != MARL_OK ? code : closed;
}
