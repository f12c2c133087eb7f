/* Metrics that are ratios, such as the just among all punishments: carried as numerator and
 * denominator until they are reported, so that what is pooled is what happened. */
#ifndef MARL_CORE_RATIO_H
#define MARL_CORE_RATIO_H

/* Metric `at` of `metrics` is part / whole, both >= 0. With `wholes` the two are kept apart, 0 and 0
 * where nothing happened; without (NULL) metrics[at] is the ratio, NaN where nothing happened. */
void marl_ratio(double part, double whole, int at, double *metrics, double *wholes);

#endif
