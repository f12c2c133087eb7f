#include "envs/turbulence/scoreboard_extremes.h"

#include <math.h>
#include <stdlib.h>

static const double FIRST_LEVEL = 2, LEVEL_STEP = 0.25; /* standard deviations */
static const double CONFIDENCE = 0.95;

void marl_scoreboard_plan_extremes(const MarlSection *section, MarlScoreboard *board) {
  const MarlLesPlan *plan = &board->plan;
  const double samples = marl_section_real(section, "maxima_over") / plan->every;
  const double sigma = board->reference->pdf.deviation;
  MarlExtremesPlan *extremes = &board->extremes;
  *extremes = (MarlExtremesPlan){.interval = plan->every,
                                 .stretch = (size_t)fmax(1, round(samples)),
                                 .first = FIRST_LEVEL * sigma,
                                 .step = LEVEL_STEP * sigma,
                                 .return_period = marl_section_real(section, "return_period"),
                                 .resamples = board->resamples,
                                 .confidence = CONFIDENCE,
                                 .key = board->key};
  const double stretch = plan->every * (double)extremes->stretch;
  extremes->group = (size_t)fmax(1, round(plan->block / stretch));
}

/* Every n-th value of a series of the reference, so that its interval is the evaluation's. */
static MarlCode reference_row(const MarlScoreboard *board, const MarlReferenceMaxima *maxima,
                              MarlScoreRow *row, MarlError *err) {
  const double ratio = board->plan.every / maxima->interval;
  const size_t stride = (size_t)fmax(1, round(ratio));
  const bool fits = maxima->n > 0 && fabs(ratio - (double)stride) < 1e-6 * ratio;
  const size_t length = fits ? (size_t)maxima->n / stride : 0;
  double *series = malloc((length + 1) * sizeof *series);
  if (series == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a series of maxima");
  for (size_t i = 0; i < length; ++i) series[i] = maxima->largest[i * stride];
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
  MarlExtremesPlan plan = board->extremes;
  plan.key = marl_key_fold(board->key, (uint64_t)c);
  return marl_extremes(maxima, (size_t)board->num_fields, marl_les_num_samples(&board->plan), &plan,
                       &board->rows[c].extremes, err);
}
