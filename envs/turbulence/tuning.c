#include "envs/turbulence/tuning.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marl/core/comm.h"

static const char *const methods[] = {"brent", "grid", "nelder_mead", "cmaes", NULL};

static const MarlOption options[] = {
    {"closure", MARL_OPTION_TEXT, "leith", 0, 0, NULL, "closure",
     "NAME[:KEY=VALUE]... of the closure and its fixed options"},
    {"parameters", MARL_OPTION_TEXTS, "coefficient", 0, 0, NULL, "1", "options that are searched"},
    {"start", MARL_OPTION_REALS, "0.19", -1e9, 1e9, NULL, "1", "first estimate of each"},
    {"scale", MARL_OPTION_REALS, "0.08", 1e-12, 1e9, NULL, "1",
     "first step of each; brent, grid: half the interval"},
    {"method", MARL_OPTION_CHOICE, "brent", 0, 0, methods, "1",
     "brent or grid for one parameter, nelder_mead or cmaes for more"},
    {"evaluations", MARL_OPTION_INT, "20", 1, 1e6, NULL, "1",
     "candidates of a search; a generation that has begun is finished; grid: at most so many"},
    {"repeats", MARL_OPTION_INT, "3", 1, 1000, NULL, "1",
     "searches, each with draws and a start of its own: one search is one draw of the noise"},
    {"tolerance", MARL_OPTION_REAL, "0.02", 0, 1, NULL, "1",
     "stop when the search is this small, in units of scale"},
    {"kl_weight", MARL_OPTION_REAL, "0", 0, 1e6, NULL, "1",
     "weight of KL_trunc in the objective e_trunc + kl_weight KL_trunc"},
    {"spinup", MARL_OPTION_REAL, "25", 0, 1e6, NULL, "T", "time before the first sample"},
    {"time", MARL_OPTION_REAL, "50", 1e-3, 1e6, NULL, "T", "sampled time of each run"},
    {"judge_time", MARL_OPTION_REAL, "300", 1e-3, 1e6, NULL, "T",
     "sampled time of each run of the closing judgement, in place of evaluate.time: a closure that "
     "is best over 50 may blow up after 250"},
    {"lanes", MARL_OPTION_CHOICE, "off", 0, 0, marl_lanes_names, "1",
     "as evaluate.lanes, which is the judgement's, but for the runs of the search"},
    {"seed", MARL_OPTION_INT, "1", 0, 1e15, NULL, "1", "of the search"},
};
const MarlOptionTable marl_tune_options = {options, sizeof options / sizeof options[0]};

static MarlCode set_real(MarlSection *section, const char *key, double value, MarlError *err) {
  char text[32];
  snprintf(text, sizeof text, "%.17g", value);
  return marl_section_set(section, key, text, "tune", err);
}

/* Section "evaluate" again, whole. */
static MarlCode copy_section(const MarlSection *evaluate, MarlSection **out, MarlError *err) {
  MARL_TRY(marl_section_create("evaluate", &marl_evaluate_options, 1, out, err));
  for (size_t i = 0; i < marl_section_size(evaluate); ++i)
    MARL_TRY(marl_section_set(*out, marl_section_option(evaluate, i)->key,
                              marl_section_canonical(evaluate, i), "evaluate", err));
  return MARL_OK;
}

/* The scoreboards of a generation (on training fields and shorter) and of the results. */
static MarlCode prepare_runs(MarlTuning *tuning, const MarlSection *evaluate, MarlError *err) {
  MARL_TRY(copy_section(evaluate, &tuning->runs, err));
  MARL_TRY(marl_section_set(tuning->runs, "fields", "training", "tune", err));
  MARL_TRY(set_real(tuning->runs, "spinup", marl_section_real(tuning->tune, "spinup"), err));
  MARL_TRY(set_real(tuning->runs, "time", marl_section_real(tuning->tune, "time"), err));
  const int lanes = marl_section_choice(tuning->tune, "lanes");
  MARL_TRY(marl_section_set(tuning->runs, "lanes", marl_lanes_names[lanes], "tune", err));
  MARL_TRY(copy_section(evaluate, &tuning->judgement, err));
  return set_real(tuning->judgement, "time", marl_section_real(tuning->tune, "judge_time"), err);
}

/* One list of numbers, one for each parameter. */
static MarlCode read_list(const MarlTuning *tuning, const char *key, const double **out,
                          MarlError *err) {
  size_t count = 0;
  *out = marl_section_reals(tuning->tune, key, &count);
  if (count != (size_t)tuning->dim)
    return MARL_FAIL(err, MARL_ECONFIG, "tune.%s has %zu values for %d parameters", key, count,
                     tuning->dim);
  return MARL_OK;
}

/* The search of repeat r: its own key, and from the second one on its own start. */
MarlCode marl_tuning_begin_search(MarlTuning *tuning, int r, MarlError *err) {
  const double *start = NULL, *scale = NULL;
  const MarlSearchOps *ops = NULL;
  const char *method = methods[marl_section_choice(tuning->tune, "method")];
  const MarlKey key =
      marl_key((uint64_t)marl_section_int64(tuning->tune, "seed"), MARL_STREAM_SEARCH);
  const MarlKey own = marl_key_fold(key, (uint64_t)r);
  double from[MARL_TUNING_MAX_PARAMETERS];
  MARL_TRY(read_list(tuning, "start", &start, err));
  MARL_TRY(read_list(tuning, "scale", &scale, err));
  for (int i = 0; i < tuning->dim; ++i)
    from[i] = start[i] + (r > 0 ? scale[i] * (marl_uniform(own, (uint64_t)i) - 0.5) : 0);
  const MarlSearchParams params = {
      .dim = tuning->dim,
      .start = from,
      .scale = scale,
      .population = strcmp(method, "grid") == 0 ? tuning->max_evaluations : 0,
      .tolerance = marl_section_real(tuning->tune, "tolerance"),
      .key = r > 0 ? own : key};
  MARL_TRY(marl_search_find(method, &ops, err));
  if (tuning->dim > 1 && strcmp(method, "brent") == 0)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "tune.method = brent searches one parameter; use "
                     "nelder_mead or cmaes for %d",
                     tuning->dim);
  if (tuning->search != NULL) marl_search_destroy(&tuning->search);
  return marl_search_create(ops, &params, &tuning->search, err);
}

/* Every parameter must be a real option of the closure. */
static MarlCode check_parameters(const MarlTuning *tuning, MarlError *err) {
  MarlScoreRow row = {.closure = NULL};
  char text[MARL_TUNING_SPECIFICATION];
  const double *start = NULL;
  MARL_TRY(read_list(tuning, "start", &start, err));
  marl_tuning_specification(tuning, start, text);
  const MarlCode code = marl_closure_parse(text, &row, err);
  marl_section_destroy(&row.options);
  return code;
}

static MarlCode allocate(MarlTuning *tuning, MarlError *err) {
  const size_t points = (size_t)tuning->search->max_points;
  const size_t repeats = (size_t)tuning->repeats;
  const size_t all = repeats * ((size_t)tuning->max_evaluations + points);
  tuning->points = calloc(points * (size_t)(tuning->dim + 1), sizeof *tuning->points);
  tuning->estimates = calloc(repeats * (size_t)tuning->dim, sizeof *tuning->estimates);
  tuning->candidates = calloc(all, sizeof *tuning->candidates);
  if (tuning->points == NULL || tuning->estimates == NULL || tuning->candidates == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "no memory for %zu candidates", all);
  tuning->values = tuning->points + points * (size_t)tuning->dim;
  return MARL_OK;
}

MarlCode marl_tuning_create(const MarlSection *tune, const MarlSection *evaluate, MarlTuning **out,
                            MarlError *err) {
  MarlTuning *made = calloc(1, sizeof *made);
  if (made == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a search");
  size_t count = 0;
  made->tune = tune;
  marl_section_texts(tune, "parameters", &count);
  made->dim = (int)count;
  made->max_evaluations = marl_section_int(tune, "evaluations");
  made->repeats = marl_section_int(tune, "repeats");
  made->kl_weight = marl_section_real(tune, "kl_weight");
  MarlCode code = MARL_OK;
  if (count < 1 || count > MARL_TUNING_MAX_PARAMETERS)
    code = MARL_FAIL(err, MARL_ECONFIG, "tune.parameters has %zu names, from 1 to %d are searched",
                     count, MARL_TUNING_MAX_PARAMETERS);
  if (marl_section_text(evaluate, "run")[0] != '\0')
    code = MARL_FAIL(err, MARL_ECONFIG,
                     "evaluate.run is for `marl evaluate`; a tuning judges its closure alone");
  if (code == MARL_OK) code = marl_tuning_begin_search(made, 0, err);
  if (code == MARL_OK) code = check_parameters(made, err);
  if (code == MARL_OK) code = prepare_runs(made, evaluate, err);
  if (code == MARL_OK) code = allocate(made, err);
  if (code != MARL_OK) {
    marl_tuning_destroy(&made);
    return code;
  }
  *out = made;
  return MARL_OK;
}

void marl_tuning_destroy(MarlTuning **tuning) {
  if (*tuning == NULL) return;
  marl_section_destroy(&(*tuning)->runs);
  marl_section_destroy(&(*tuning)->judgement);
  if ((*tuning)->search != NULL) marl_search_destroy(&(*tuning)->search);
  free((*tuning)->points);
  free((*tuning)->estimates);
  free((*tuning)->candidates);
  free(*tuning);
  *tuning = NULL;
}

void marl_tuning_specification(const MarlTuning *tuning, const double *point,
                               char out[MARL_TUNING_SPECIFICATION]) {
  size_t count = 0;
  const char *const *names = marl_section_texts(tuning->tune, "parameters", &count);
  size_t used = (size_t)snprintf(out, MARL_TUNING_SPECIFICATION, "%s",
                                 marl_section_text(tuning->tune, "closure"));
  for (size_t i = 0; i < count && used < MARL_TUNING_SPECIFICATION; ++i)
    used += (size_t)snprintf(out + used, MARL_TUNING_SPECIFICATION - used, ":%s=%.6g", names[i],
                             point[i]);
}

double marl_tuning_objective(const MarlScoreTarget *target, double kl_weight,
                             const double score[MARL_MAX_SCORES], double *spectrum_error,
                             double *divergence) {
  *spectrum_error =
      score[target->truncated != NULL ? marl_score_find("e_trunc") : marl_score_find("e_log")];
  *divergence = score[target->density_truncated != NULL ? marl_score_find("KL_trunc")
                                                        : marl_score_find("KL")];
  return kl_weight > 0 ? *spectrum_error + kl_weight * *divergence : *spectrum_error;
}

MarlCode marl_tuning_check_target(const MarlTuning *tuning, const MarlScoreTarget *target,
                                  MarlError *err) {
  if (tuning->kl_weight == 0 || target->bins_fit) return MARL_OK;
  return MARL_FAIL(err, MARL_ECONFIG,
                   "%s = %g: the bins of the reference's density do not hold .999 of it, or are "
                   "wider than its standard deviation (statistics.pdf_range, pdf_bins), so that no "
                   "divergence is known; set it to 0",
                   marl_section_origin(tuning->tune, "kl_weight"), tuning->kl_weight);
}

/* What the board's rows say of the last generation; a candidate that blew up anywhere is infinitely
 * bad. */
static void read_objectives(MarlTuning *tuning, const MarlScoreboard *board, const bool *possible) {
  for (int p = 0, r = 0; p < tuning->count; ++p) {
    MarlCandidate *candidate = &tuning->candidates[tuning->evaluations + p];
    *candidate = (MarlCandidate){.objective = HUGE_VAL,
                                 .error = HUGE_VAL,
                                 .spectrum_error = HUGE_VAL,
                                 .divergence = HUGE_VAL,
                                 .repeat = tuning->repeat};
    memcpy(candidate->point, tuning->points + p * tuning->dim,
           (size_t)tuning->dim * sizeof *tuning->points);
    tuning->values[p] = HUGE_VAL;
    if (!possible[p]) continue;
    const MarlScoreRow *row = &board->rows[r++];
    if (row->blow_ups > 0) continue;
    double errors[2];
    candidate->error =
        marl_tuning_objective(board->target, tuning->kl_weight, row->error, &errors[0], &errors[1]);
    candidate->objective =
        marl_tuning_objective(board->target, tuning->kl_weight, row->value,
                              &candidate->spectrum_error, &candidate->divergence);
    tuning->values[p] = candidate->objective;
  }
}

/* Keep what a finished search found, and begin the next one. */
static MarlCode go_on(MarlTuning *tuning, MarlError *err) {
  const double tolerance = marl_section_real(tuning->tune, "tolerance");
  if (tuning->evaluations - tuning->first < tuning->max_evaluations &&
      marl_search_spread(tuning->search) > tolerance)
    return MARL_OK;
  marl_search_estimate(tuning->search, tuning->estimates + tuning->repeat * tuning->dim);
  tuning->first = tuning->evaluations;
  tuning->repeat += 1;
  return marl_tuning_finished(tuning) ? MARL_OK
                                      : marl_tuning_begin_search(tuning, tuning->repeat, err);
}

MarlCode marl_tuning_step(MarlTuning *tuning, MPI_Comm comm, MarlLesWatch *watch, MarlError *err) {
  enum { MAX_POINTS = 256 };

  char text[MAX_POINTS][MARL_TUNING_SPECIFICATION];
  const char *specifications[MAX_POINTS];
  bool possible[MAX_POINTS];
  int num_possible = 0;
  tuning->count = marl_search_ask(tuning->search, tuning->points);
  if (tuning->count > MAX_POINTS)
    return MARL_FAIL(err, MARL_EARG, "%d candidates a generation are too many", tuning->count);
  for (int p = 0; p < tuning->count; ++p) {
    MarlScoreRow row = {.closure = NULL};
    MarlError outside; /* of the range that the option allows: no candidate */
    marl_tuning_specification(tuning, tuning->points + p * tuning->dim, text[num_possible]);
    possible[p] = marl_closure_parse(text[num_possible], &row, &outside) == MARL_OK;
    marl_section_destroy(&row.options);
    if (possible[p]) specifications[num_possible] = text[num_possible], ++num_possible;
  }
  MarlScoreboard *board = NULL;
  MarlCode code = MARL_OK;
  if (num_possible > 0) {
    code = marl_scoreboard_create(tuning->runs, specifications, (size_t)num_possible, NULL, &board,
                                  err);
    code = marl_comm_agree(comm, code, err);
    if (code == MARL_OK) code = marl_scoreboard_run(board, comm, watch, err);
  }
  if (code == MARL_OK) {
    read_objectives(tuning, board, possible);
    marl_search_tell(tuning->search, tuning->values);
    tuning->evaluations += tuning->count;
    code = go_on(tuning, err);
  }
  marl_scoreboard_destroy(&board);
  return code;
}

bool marl_tuning_finished(const MarlTuning *tuning) {
  return tuning->repeat == tuning->repeats;
}

const MarlCandidate *marl_tuning_best(const MarlTuning *tuning) {
  const MarlCandidate *best = NULL;
  for (int i = 0; i < tuning->evaluations; ++i)
    if (isfinite(tuning->candidates[i].objective) &&
        (best == NULL || tuning->candidates[i].objective < best->objective))
      best = &tuning->candidates[i];
  return best;
}
