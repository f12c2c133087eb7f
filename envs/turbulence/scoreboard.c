#include "envs/turbulence/scoreboard.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "envs/turbulence/les_flow.h"
#include "envs/turbulence/scoreboard_closures.h"
#include "envs/turbulence/scoreboard_extremes.h"
#include "marl/run/job.h"

static const char *const field_names[] = {"held_out", "training", "all", NULL};
enum { FIELDS_HELD_OUT, FIELDS_TRAINING, FIELDS_ALL };

static const MarlOption options[] = {
    {"reference", MARL_OPTION_TEXT, "configs/reference/data/re20k_kf4.h5", 0, 0, NULL, "file",
     "reference statistics and initial fields; the flow is the one described there"},
    {"closures", MARL_OPTION_TEXTS,
     "none,smagorinsky,leith,dynamic_smagorinsky,dynamic_leith,jansen_held", 0, 0, NULL, "closure",
     "what is judged: NAME[:KEY=VALUE]..., keys of that closure, or label"},
    {"run", MARL_OPTION_TEXT, "", 0, 0, NULL, "path",
     "folder of a training: the policy of each of its replicas is judged too"},
    {"resolution", MARL_OPTION_INT, "32", 8, 4096, NULL, "1", "grid points a side of the LES"},
    {"dt", MARL_OPTION_REAL, "5e-4", 1e-6, 1, NULL, "T", "time step"},
    {"dealias", MARL_OPTION_CHOICE, "padding", 0, 0, marl_dealias_names, "1",
     "dealiasing of the LES"},
    {"advection", MARL_OPTION_CHOICE, "basdevant", 0, 0, marl_advection_names, "1",
     "form of the advection of the LES; skew_symmetric is stable without dealiasing"},
    {"lanes", MARL_OPTION_CHOICE, "off", 0, 0, marl_lanes_names, "1",
     "double, float: step the runs of a rank together, as lanes of vectors, several times as fast; "
     "other bits than off (round-off), the same on any number of ranks; a closure that has no form "
     "for lanes is run alone, as with off, and the log says so; a stop loses the runs under way, a "
     "vector full"},
    {"fields", MARL_OPTION_CHOICE, "held_out", 0, 0, field_names, "1",
     "initial fields to start from"},
    {"spinup", MARL_OPTION_REAL, "25", 0, 1e6, NULL, "T", "time before the first sample"},
    {"time", MARL_OPTION_REAL, "100", 1e-3, 1e6, NULL, "T",
     "sampled time of each run, in whole blocks"},
    {"sample_every", MARL_OPTION_REAL, "0.25", 1e-6, 1e6, NULL, "T",
     "time between samples, in whole steps"},
    {"block", MARL_OPTION_REAL, "2", 1e-3, 1e6, NULL, "T",
     "time over which samples are summed before their correlation is measured, in whole samples"},
    {"return_period", MARL_OPTION_REAL, "25", 1e-6, 1e9, NULL, "T",
     "of the level of max |w| in the table"},
    {"seed", MARL_OPTION_INT, "1", 0, 1e15, NULL, "1", "of the noise of a stochastic forcing"},
    MARL_JOB_FRAME_OPTION,
};
const MarlOptionTable marl_evaluate_options = {options, sizeof options / sizeof options[0]};

static MarlCode choose_fields(MarlScoreboard *board, int choice, MarlError *err) {
  const MarlReference *reference = board->reference;
  const int all = marl_reference_num_initial(reference, board->plan.n);
  const int training = marl_reference_num_training(reference, board->plan.n);
  board->first_field = choice == FIELDS_HELD_OUT ? training : 0;
  board->num_fields = (choice == FIELDS_TRAINING ? training : all) - board->first_field;
  if (board->num_fields < 1)
    return MARL_FAIL(err, MARL_ECONFIG, "%s has no %s initial fields of %d x %d", reference->path,
                     field_names[choice], board->plan.n, board->plan.n);
  return MARL_OK;
}

static void read_plan(const MarlSection *section, MarlScoreboard *board) {
  board->plan = (MarlLesPlan){
      .n = marl_section_int(section, "resolution"),
      .dt = marl_section_real(section, "dt"),
      .dealias = (MarlDealias)marl_section_choice(section, "dealias"),
      .advection = (MarlAdvectionForm)marl_section_choice(section, "advection"),
      .lanes = (MarlLanesChoice)marl_section_choice(section, "lanes"),
      .spinup = marl_section_real(section, "spinup"),
      .every = marl_section_real(section, "sample_every"),
      .block = marl_section_real(section, "block"),
  };
  marl_les_plan_time(&board->plan, marl_section_real(section, "time"));
  board->plan.key = marl_key((uint64_t)marl_section_int64(section, "seed"), MARL_STREAM_FORCING);
}

static MarlCode allocate_rows(MarlScoreboard *board, size_t num_closures, MarlError *err) {
  const size_t k = (size_t)board->target->num_k, bins = (size_t)board->target->num_bins;
  const size_t points = (size_t)board->plan.n * (size_t)board->plan.n;
  board->num_closures = (int)num_closures;
  board->num_rows = (int)num_closures + 2;
  const size_t rows = num_closures + 2, size = k + bins + points;
  board->rows = calloc(rows, sizeof *board->rows);
  board->memory = calloc(rows * size, sizeof *board->memory);
  if (board->rows == NULL || board->memory == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "no memory for %zu rows of scores", rows);
  for (size_t r = 0; r < rows; ++r) {
    board->rows[r].spectrum = board->memory + r * size;
    board->rows[r].density = board->rows[r].spectrum + k;
    board->rows[r].snapshot = board->rows[r].density + bins;
  }
  return MARL_OK;
}

/* The last two rows: the reference's truncated field and its full one. A field of the reference, to
 * look at beside the closures', is known truncated alone. */
static MarlCode fill_reference_rows(MarlScoreboard *board, MarlError *err) {
  const MarlScoreTarget *target = board->target;
  const int points = target->n * target->n;
  MarlScoreRow *truncated = &board->rows[board->num_closures], *whole = truncated + 1;
  for (int full = 0; full < 2; ++full) {
    MarlScoreRow *row = &board->rows[board->num_closures + full];
    const double *spectrum = full ? target->spectrum : target->truncated;
    const double *density = full ? target->density : target->density_truncated;
    snprintf(row->label, sizeof row->label, "%s", full ? "reference" : "reference, truncated");
    marl_score_reference(target, board->reference, !full, row->value);
    for (int i = 0; i < MARL_MAX_SCORES; ++i) row->error[i] = (double)NAN;
    row->first_blow_up = row->steps_per_second = row->max_vorticity = (double)NAN;
    for (int k = 0; k < target->num_k; ++k)
      row->spectrum[k] = spectrum == NULL ? (double)NAN : spectrum[k];
    for (int b = 0; b < target->num_bins; ++b)
      row->density[b] = density == NULL ? (double)NAN : density[b];
  }
  for (int i = 0; i < points; ++i) whole->snapshot[i] = (double)NAN;
  return marl_reference_initial(board->reference, target->n, board->first_field,
                                truncated->snapshot, err);
}

MarlCode marl_scoreboard_create(const MarlSection *section, const char *const *closures,
                                size_t num_closures, const char *run, MarlScoreboard **out,
                                MarlError *err) {
  int replicas = 0;
  if (run != NULL) MARL_TRY(marl_scoreboard_count_replicas(run, &replicas, err));
  MarlScoreboard *board = calloc(1, sizeof *board);
  if (board == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a scoreboard");
  read_plan(section, board);
  const char *path = marl_section_text(section, "reference");
  const MarlLesPlan *plan = &board->plan;
  MarlSolverParams flow;
  MarlCode code = marl_reference_read(path, &board->reference, err);
  if (code == MARL_OK) /* that the flow is known, before anything is run */
    code = marl_les_params(board->reference, plan->n, plan->dt, plan->dealias, &flow, err);
  if (code == MARL_OK)
    code = marl_score_target_create(board->reference, board->plan.n,
                                    marl_grid_kept(board->plan.n, board->plan.dealias),
                                    &board->target, err);
  if (code == MARL_OK) code = choose_fields(board, marl_section_choice(section, "fields"), err);
  if (code == MARL_OK) code = allocate_rows(board, num_closures + (size_t)replicas, err);
  if (code == MARL_OK) code = marl_scoreboard_fill_closures(board, closures, run, replicas, err);
  if (code != MARL_OK) {
    marl_scoreboard_destroy(&board);
    return code;
  }
  const MarlReference *reference = board->reference;
  /* the LES has one right-hand side a step */
  board->cost = pow((double)board->plan.n / reference->dns_resolution, 2) /
                (board->plan.dt * reference->evaluations_per_time);
  board->plan.reference = reference;
  board->plan.target = board->target;
  marl_scoreboard_plan_extremes(section, board);
  code = fill_reference_rows(board, err);
  if (code == MARL_OK) code = marl_scoreboard_reference_extremes(board, err);
  if (code != MARL_OK)
    marl_scoreboard_destroy(&board);
  else
    *out = board;
  return code;
}

void marl_scoreboard_destroy(MarlScoreboard **board) {
  MarlScoreboard *made = *board;
  if (made == NULL) return;
  for (int r = 0; r < made->num_rows && made->rows != NULL; ++r)
    marl_section_destroy(&made->rows[r].options);
  free(made->rows);
  free(made->memory);
  if (made->target != NULL) marl_score_target_destroy(&made->target);
  marl_reference_destroy(&made->reference);
  free(made);
  *board = NULL;
}

/* Room for the runs of a closure. */
typedef struct Room {
  double *blocks;  /* [num_fields, num_blocks, block_size] */
  size_t *lengths; /* [num_fields] */
} Room;

/* Standard deviation, and its error, of a half (0 or 1) of all runs. */
static MarlCode score_half(const MarlScoreboard *board, int half, const double *blocks,
                           const Room *room, double *value, double *error, MarlError *err) {
  double values[MARL_MAX_SCORES], errors[MARL_MAX_SCORES];
  const size_t size = board->target->block_size, all = (size_t)board->plan.num_blocks;
  const size_t count = all / 2, fields = (size_t)board->num_fields;
  const size_t first = half == 0 ? 0 : all - count;
  for (size_t f = 0; f < fields; ++f)
    memcpy(room->blocks + f * count * size, blocks + (f * all + first) * size,
           count * size * sizeof *blocks);
  const size_t kept = marl_les_compact(board->target, room->blocks, fields, count, room->lengths);
  marl_score_compute(board->target, room->blocks, kept, values);
  MARL_TRY(marl_score_errors(board->target, room->blocks, room->lengths, fields, errors, err));
  *value = values[marl_score_find("std")];
  *error = errors[marl_score_find("std")];
  return MARL_OK;
}

static MarlCode fill_drift(const MarlScoreboard *board, const double *blocks, const Room *room,
                           MarlScoreRow *row, MarlError *err) {
  double value[2], error[2];
  row->drift = row->drift_error = (double)NAN;
  if (board->plan.num_blocks < 2) return MARL_OK;
  for (int half = 0; half < 2; ++half)
    MARL_TRY(score_half(board, half, blocks, room, &value[half], &error[half], err));
  row->drift = value[1] / value[0] - 1;
  row->drift_error = hypot(error[0], error[1]) / value[0];
  return MARL_OK;
}

/* Figures of one closure from its runs' results and blocks (compacted in place). */
static MarlCode fill_row(const MarlScoreboard *board, int c, const MarlLesResult *results,
                         double *blocks, const Room *room, const double *last, MarlError *err) {
  const MarlScoreTarget *target = board->target;
  MarlScoreRow *row = &board->rows[c];
  double steps = 0, seconds = 0;
  row->first_blow_up = (double)NAN;
  for (int f = 0; f < board->num_fields; ++f) {
    const MarlLesResult *result = &results[f];
    steps += result->steps;
    seconds += result->seconds;
    row->max_vorticity = fmax(row->max_vorticity, result->max_vorticity);
    if (result->blew_up == 0) continue;
    row->blow_ups += 1;
    if (!(row->first_blow_up < result->time)) row->first_blow_up = result->time;
  }
  row->steps_per_second = steps / seconds;
  MARL_TRY(fill_drift(board, blocks, room, row, err));
  const size_t fields = (size_t)board->num_fields;
  const size_t count =
      marl_les_compact(target, blocks, fields, (size_t)board->plan.num_blocks, room->lengths);
  marl_score_compute(target, blocks, count, row->value);
  MARL_TRY(marl_score_errors(target, blocks, room->lengths, fields, row->error, err));
  marl_score_spectrum(target, blocks, count, row->spectrum);
  marl_score_density(target, blocks, count, row->density);
  memcpy(row->snapshot, last, (size_t)target->n * (size_t)target->n * sizeof *last);
  return MARL_OK;
}

/* Arrays for all jobs of a board; what could be allocated is the caller's to free. */
static MarlCode allocate_output(const MarlScoreboard *board, size_t jobs, MarlLesOutput *out,
                                MarlError *err) {
  const MarlLesPlan *plan = &board->plan;
  const size_t per_job = (size_t)plan->num_blocks * board->target->block_size;
  out->blocks = malloc(jobs * per_job * sizeof *out->blocks);
  out->results = calloc(jobs, sizeof *out->results);
  out->maxima = calloc(jobs, marl_les_num_samples(plan) * sizeof *out->maxima);
  out->last = malloc(jobs * (size_t)plan->n * (size_t)plan->n * sizeof *out->last);
  if (out->blocks == NULL || out->results == NULL || out->maxima == NULL || out->last == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "no memory for %zu runs", jobs);
  return MARL_OK;
}

static MarlCode fill_rows(MarlScoreboard *board, const MarlLesOutput *out, const Room *room,
                          MarlError *err) {
  const MarlLesPlan *plan = &board->plan;
  const size_t points = (size_t)plan->n * (size_t)plan->n;
  const size_t per_job = (size_t)plan->num_blocks * board->target->block_size;
  for (int c = 0; c < board->num_closures; ++c) {
    const size_t first = (size_t)c * (size_t)board->num_fields;
    MARL_TRY(fill_row(board, c, out->results + first, out->blocks + first * per_job, room,
                      out->last + first * points, err));
    MARL_TRY(marl_scoreboard_row_extremes(board, c,
                                          out->maxima + first * marl_les_num_samples(plan), err));
  }
  return MARL_OK;
}

static MarlLesJob job_of(const MarlScoreboard *board, int number) {
  const MarlScoreRow *row = &board->rows[number / board->num_fields];
  return (MarlLesJob){.closure = row->closure,
                      .options = row->options,
                      .sample = board->first_field + number % board->num_fields};
}

MarlCode marl_scoreboard_check(MarlScoreboard *board, MarlError *err) {
  for (int c = 0; c < board->num_closures; ++c) {
    const MarlLesJob job = job_of(board, c * board->num_fields);
    MarlLesRemarks *remarks = &board->rows[c].remarks;
    MARL_TRY(marl_les_check(&board->plan, &job, remarks, err));
    if (board->plan.lanes == MARL_LANES_OFF) remarks->alone = NULL;
  }
  return MARL_OK;
}

MarlCode marl_scoreboard_run(MarlScoreboard *board, MPI_Comm comm, MarlLesWatch *watch,
                             MarlError *err) {
  const int fields = board->num_fields, num_jobs = board->num_closures * fields;
  const size_t per_job = (size_t)board->plan.num_blocks * board->target->block_size;
  MarlLesJob *jobs = calloc((size_t)num_jobs, sizeof *jobs);
  MarlLesOutput out = {0};
  Room room = {.blocks = malloc((size_t)fields * per_job * sizeof *room.blocks),
               .lengths = malloc((size_t)fields * sizeof *room.lengths)};
  MarlCode code = allocate_output(board, (size_t)num_jobs, &out, err);
  if (code == MARL_OK && (jobs == NULL || room.blocks == NULL || room.lengths == NULL))
    code = MARL_FAIL(err, MARL_EMEMORY, "no memory for %d runs", num_jobs);
  for (int j = 0; j < num_jobs && code == MARL_OK; ++j) jobs[j] = job_of(board, j);
  if (code == MARL_OK) code = marl_les_run(&board->plan, jobs, num_jobs, comm, watch, &out, err);
  if (code == MARL_OK) code = fill_rows(board, &out, &room, err);
  free(jobs);
  free(out.blocks);
  free(out.results);
  free(out.maxima);
  free(out.last);
  free(room.blocks);
  free(room.lengths);
  return code;
}
