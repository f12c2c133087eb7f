#include "cli/tune_table.h"

#include <math.h>

#include "marl/core/quote.h"

void marl_tune_print_header(FILE *csv) {
  fprintf(csv, "search,closure,objective,objective_error,e_trunc,KL_trunc\n");
}

const char *marl_tune_cell(const MarlCandidate *candidate, char cell[MARL_TUNE_CELL]) {
  if (isfinite(candidate->objective))
    snprintf(cell, MARL_TUNE_CELL, "%.4g +- %.2g", candidate->objective, candidate->error);
  else
    snprintf(cell, MARL_TUNE_CELL, "blew up");
  return cell;
}

void marl_tune_print_candidate(FILE *csv, const MarlTuning *tuning,
                               const MarlCandidate *candidate) {
  char text[MARL_TUNING_SPECIFICATION];
  marl_tuning_specification(tuning, candidate->point, text);
  fprintf(csv, "%d,", candidate->repeat + 1);
  marl_write_csv_field(csv, text);
  fprintf(csv, ",%.9g,%.9g,%.9g,%.9g\n", candidate->objective, candidate->error,
          candidate->spectrum_error, candidate->divergence);
}

void marl_tune_print_equals(FILE *out, const MarlTuning *tuning) {
  const MarlCandidate *best = marl_tuning_best(tuning);
  char text[MARL_TUNING_SPECIFICATION], cell[MARL_TUNE_CELL];
  marl_tuning_specification(tuning, best->point, text);
  fprintf(out, "best of %d candidates on training fields: %s, objective %s\n", tuning->evaluations,
          text, marl_tune_cell(best, cell));
  for (int i = 0; i < tuning->evaluations; ++i) {
    const MarlCandidate *other = &tuning->candidates[i];
    if (other == best || !isfinite(other->objective)) continue;
    if (other->objective - best->objective > 2 * hypot(other->error, best->error)) continue;
    marl_tuning_specification(tuning, other->point, text);
    fprintf(out, "  within two standard errors of it: %s, %s\n", text, marl_tune_cell(other, cell));
  }
}

void marl_tune_print_spread(FILE *out, const MarlTuning *tuning, const MarlScoreboard *board) {
  double sum = 0, squares = 0, least = HUGE_VAL;
  int count = 0, best = -1;
  fprintf(out, "objective of the results on held-out fields, %g time units each:\n",
          board->plan.block * board->plan.num_blocks);
  for (int r = 0; r < tuning->repeats; ++r) {
    const MarlScoreRow *row = &board->rows[r + 1];
    double terms[2];
    const double value =
        marl_tuning_objective(board->target, tuning->kl_weight, row->value, &terms[0], &terms[1]);
    const double error =
        marl_tuning_objective(board->target, tuning->kl_weight, row->error, &terms[0], &terms[1]);
    if (row->blow_ups > 0) {
      fprintf(out, "  search %d: blew up, first after %g\n", r + 1, row->first_blow_up);
      continue;
    }
    fprintf(out, "  search %d: %.4g +- %.2g\n", r + 1, value, error);
    sum += value, squares += value * value, ++count;
    if (value < least) least = value, best = r + 1;
  }
  if (count > 1)
    fprintf(out, "mean of %d searches %.4g, standard deviation between them %.2g\n", count,
            sum / count, sqrt(fmax(squares - sum * sum / count, 0) / (count - 1)));
  if (best < 0)
    fprintf(out, "no result survives the judgement: search over longer runs (tune.time)\n");
  else
    fprintf(out, "tuned on training fields, judged on held-out ones; first row: the start\n%s\n",
            board->rows[best].label);
}
