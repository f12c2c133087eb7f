#include "cli/compare_table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Wide enough for the name and for a number. */
static int column_width(const char *name) {
  const int length = (int)strlen(name);
  return length > 9 ? length : 9;
}

/* A dash for what is absent. */
static void print_number(int width, int digits, double value) {
  if (isnan(value))
    printf(" %*s", width, "-");
  else
    printf(" %*.*g", width, digits, value);
}

static void print_head(const MarlComparison *c, int cell_width) {
  printf("%-*s %15.15s [95 %% CI]", cell_width, "cell", c->metric_name[c->followed]);
  for (int t = 0; t < c->num_columns; ++t) {
    const char *name = c->metric_name[c->columns[t]];
    printf(" %*s", column_width(name), name);
  }
  printf(" %7s %8s\n", "time", "reached");
}

static void print_followed(const MarlCellSummary *s) {
  const MarlInterval interval = marl_cell_interval(s);
  if (isnan(s->mean))
    printf(" %8s %17s", "-", "");
  else if (isnan(interval.low))
    printf(" %8.3f %17s", s->mean, "[no interval]");
  else
    printf(" %8.3f [%6.3f,%7.3f]", s->mean, interval.low, interval.high);
}

static MarlCode print_row(const MarlComparison *c, const MarlComparisonResults *results, int cell,
                          int cell_width, MarlError *err) {
  const int time = marl_comparison_time(c);
  MarlCellSummary s;
  printf("%-*s", cell_width, c->cells[cell].name);
  MARL_TRY(marl_comparison_summarize(c, results, cell, c->followed, &s, err));
  print_followed(&s);
  for (int t = 0; t < c->num_columns; ++t) {
    MARL_TRY(marl_comparison_summarize(c, results, cell, c->columns[t], &s, err));
    print_number(column_width(c->metric_name[c->columns[t]]), 4, s.mean);
  }
  MARL_TRY(marl_comparison_summarize(c, results, cell, time, &s, err));
  char longer[16];
  snprintf(longer, sizeof longer, ">%d", c->cycles);
  if (isinf(s.median))
    printf(" %7s", longer);
  else
    printf(" %7.0f", s.median);
  printf(" %5d/%d\n", s.runs, c->num_seeds);
  return MARL_OK;
}

/* What theory says of the row above; nothing where it says nothing. */
static MarlCode print_exact(const MarlComparison *c, int cell, int cell_width, double *exact,
                            MarlError *err) {
  bool any = false;
  MARL_TRY(marl_comparison_exact(c, cell, exact, err));
  for (int m = 0; m < c->num_metrics; ++m) any = any || !isnan(exact[m]);
  if (!any) return MARL_OK;
  printf("%*s", cell_width, "exact:");
  print_number(8, 3, exact[c->followed]);
  printf("%18s", "");
  for (int t = 0; t < c->num_columns; ++t)
    print_number(column_width(c->metric_name[c->columns[t]]), 4, exact[c->columns[t]]);
  printf("\n");
  return MARL_OK;
}

/* What the numbers of this table are, and what they cannot say. */
static void print_notes(const MarlComparison *c) {
  const int n = c->num_seeds;
  const char *followed = c->metric_name[c->followed];
  printf(
      "metrics: pooled over the last %d of %d cycles, mean of %d runs; totals per cycle, all "
      "agents; -: did not happen; greedy: without exploration; time: median cycles until the "
      "%d-cycle mean of %s reaches %g, over all runs; reached: runs that do\n",
      c->tail, c->cycles, n, c->window, followed, c->threshold);
  if (n < 2)
    printf("one run has no interval and no test: more with --set compare.seeds=N\n");
  else if (marl_comparison_follows_share(c))
    printf(
        "interval: of shares of any distribution; %d runs that agree leave room for "
        "%.0f %% of another kind\n",
        n, 100.0 * (1.0 - pow(0.025, 1.0 / n)));
  else
    printf("interval: Student's, for runs that are about normal\n");
  const double least = marl_comparison_least_p(c);
  if (n >= 2 && c->num_pairs > 0 && least > 0.05)
    printf(
        "%d runs are too few: after Holm's correction over %d pairs no difference can have a p "
        "below %.2g; take more runs, or name one cell, or a value of an axis, as compare.control\n",
        n, c->num_pairs, least);
}

/* One of the comparisons that were asked for. */
static void print_test(const MarlComparison *c, int pair, const MarlPairTest *t, int width) {
  printf("%-*s - %-*s", width, c->cells[c->pairs[pair].a].name, width,
         c->cells[c->pairs[pair].b].name);
  if (isnan(t->difference))
    printf(" %8s %17s", "-", "");
  else
    printf(" %8.3f [%6.3f,%7.3f]", t->difference, t->interval.low, t->interval.high);
  printf(" %8.2g %8.2g%s\n", t->p, t->p_holm, t->p_holm < 0.05 ? " *" : "");
}

enum { FEW = 40 };

/* A test that could not be made, NaN, is the least clear. */
static bool is_clearer(const MarlPairTest *a, const MarlPairTest *b) {
  return a->p < b->p || (isnan(b->p) && !isnan(a->p));
}

/* All of a few tests as they are; of many the clearest, that one first. How many. */
static int choose(const MarlPairTest *tests, int count, int chosen[FEW]) {
  int kept = 0;
  for (int i = 0; i < count; ++i) {
    int at = kept < FEW ? kept++ : FEW;
    for (; at > 0 && count > FEW && is_clearer(&tests[i], &tests[chosen[at - 1]]); --at)
      if (at < FEW) chosen[at] = chosen[at - 1];
    if (at < FEW) chosen[at] = i;
  }
  return kept;
}

void marl_compare_table_print_tests(const MarlComparison *comparison, const MarlPairTest *tests) {
  const MarlComparison *c = comparison;
  int width = 1, made = 0, chosen[FEW];
  if (c->num_pairs == 0 || c->num_seeds < 2) return;
  for (int i = 0; i < c->num_pairs; ++i) {
    const int a = (int)strlen(c->cells[c->pairs[i].a].name);
    const int b = (int)strlen(c->cells[c->pairs[i].b].name);
    width = a > width ? a : width, width = b > width ? b : width;
    made += !isnan(tests[i].p);
  }
  printf("\n%-*s difference of %s [95 %% CI], p (Mann-Whitney), p after Holm over %d pairs\n",
         2 * width + 3, "a - b", c->metric_name[c->followed], made);
  const int shown = choose(tests, c->num_pairs, chosen);
  for (int k = 0; k < shown; ++k) print_test(c, chosen[k], &tests[chosen[k]], width);
  if (shown < c->num_pairs)
    printf("the %d clearest; all %d: pairs.csv, forest.csv\n", shown, c->num_pairs);
}

MarlCode marl_compare_table_print(const MarlComparison *comparison,
                                  const MarlComparisonResults *results, MarlError *err) {
  const MarlComparison *c = comparison;
  int width = 20;
  for (int cell = 0; cell < c->num_cells; ++cell) {
    const int length = (int)strlen(c->cells[cell].name);
    width = length > width ? length : width;
  }
  print_head(c, width);
  double *exact = calloc((size_t)c->num_metrics, sizeof *exact);
  if (exact == NULL) return MARL_FAIL(err, MARL_EMEMORY, "compare: no memory for metrics");
  MarlCode code = MARL_OK;
  for (int cell = 0; cell < c->num_cells && code == MARL_OK; ++cell) {
    code = print_row(c, results, cell, width, err);
    if (code == MARL_OK) code = print_exact(c, cell, width, exact, err);
  }
  free(exact);
  if (code == MARL_OK) print_notes(c);
  return code;
}
