#include "cli/interpretation_table.h"

void marl_interpretation_print(FILE *out, const MarlInterpretation *interpretation) {
  for (int r = 0; r < interpretation->num_rows; ++r) {
    const MarlInterpretedRow *row = &interpretation->rows[r];
    if (row->num_coefficients == 0) continue;
    fprintf(out, "%s: backscatter (C_1 < 0) at %.1f %% of the points, %.1f %% of the energy\n",
            row->label, 100 * row->backscatter_points, 100 * row->backscatter_energy);
    for (int c = 0; c < row->num_coefficients; ++c)
      fprintf(out, "  C_%d: mean %.4g, standard deviation %.2g in time, %.2g in space\n", c + 1,
              row->overall[c], row->in_time[c], row->in_space[c]);
  }
}
