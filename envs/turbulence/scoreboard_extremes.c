#include "envs/turbulence/scoreboard_extremes.h"

#include <math.h>
#include <stdlib.h>

static const double FIRST_LEVEL = 2, LEVEL_STEP = 0.25; /* standard deviations */
static const double CONFIDENCE = 0.95;

void marl_scoreboard_plan_extremes(const MarlSection *section, MarlScoreboard *board) {
  const double sigma = board->reference->pdf.deviation;
  board->extremes = (MarlExtremesPlan){.interval = board->plan.every,
                                       .first = FIRST_LEVEL * sigma,
                                       .step = LEVEL_STEP * sigma,
                                       .return_period = marl_section_real(section, "return_period"),
                                       .confidence = CONFIDENCE};
}

/* A series of the reference at the evaluation's interval: the nearest sample to each of its times, at
 * most half a sample of the reference off. Nothing where the reference was sampled less often. */
static MarlCode reference_row(const MarlScoreboard *board, const MarlReferenceMaxima *maxima,
                              MarlScoreRow *row, MarlError *err) {
  const double ratio = board->plan.every / maxima->interval;
  const bool fits = maxima->n > 0 && ratio > 1 - 1e-6;
  const size_t length = fits ? (size_t)((maxima->n - 1) / ratio + 1e-6) + 1 : 0;
  double *series = malloc((length + 1) * sizeof *series);
  if (series == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a series of maxima");
  for (size_t i = 0; i < length; ++i) series[i] = maxima->largest[llround((double)i * ratio)];
  const MarlCode code = marl_extremes(series, 1, length, &board->extremes, &row->extremes, err);
  free(series);
  return code;
}

MarlCode marl_scoreboard_reference_extremes(MarlScoreboard *board, MarlError *err) {
  static const MarlReferenceMaxima none = {.interval = 1};
  const MarlReferenceSize *size = marl_reference_size(board->reference, 2 * board->target->num_k);
  MarlScoreRow *rows = &board->rows[board->num_closures];
  MARL_TRY(reference_row(board, size == NULL ? &none : &size->maxima_truncated, &rows[0], err));
  return reference_row(board, &board->reference->maxima, &rows[1], err);
}

MarlCode marl_scoreboard_row_extremes(MarlScoreboard *board, int c, const double *maxima,
                                      MarlError *err) {
  return marl_extremes(maxima, (size_t)board->num_fields, marl_les_num_samples(&board->plan),
                       &board->extremes, &board->rows[c].extremes, err);
}
