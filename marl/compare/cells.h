/* From lists of a configuration to the axes and cells of a comparison. */
#ifndef MARL_COMPARE_CELLS_H
#define MARL_COMPARE_CELLS_H

#include "marl/compare/comparison.h"

/* An axis without values, and a value more; `number` is of a swept axis, else "". */
MarlCode marl_axis_add(MarlComparison *comparison, const char *name, MarlAxis **out,
                       MarlError *err) MARL_NODISCARD;
MarlCode marl_axis_add_value(MarlAxis *axis, const char *label, const char *text,
                             const char *number, MarlError *err) MARL_NODISCARD;

/* One axis of values of `key`, "env.mechanism": an entry is "value", "value option=value ..." with
 * options of the key's section, or "label: value ..."; nothing when the list is empty. */
MarlCode marl_axis_add_list(MarlComparison *comparison, const char *name, const char *key,
                            const char *const *values, size_t count, MarlError *err) MARL_NODISCARD;
/* "label: section.key=value ..." entries; an entry "x" begins the next axis. */
MarlCode marl_axis_add_cells(MarlComparison *comparison, const char *const *entries, size_t count,
                             MarlError *err) MARL_NODISCARD;
/* points.c: one axis "point" whose values are points in many keys ("section.key = low..high" or
 * "section.key = value value ..." entries, parameter_points.h); `base` says which keys take whole numbers. Nothing when
 * the list is empty. */
MarlCode marl_axis_add_points(MarlComparison *comparison, const char *const *entries, size_t count,
                              const MarlSection *compare, const MarlComparisonBase *base,
                              MarlError *err) MARL_NODISCARD;
/* "section.key = number number ..." entries, an axis each. */
MarlCode marl_axis_add_sweep(MarlComparison *comparison, const char *const *entries, size_t count,
                             MarlError *err) MARL_NODISCARD;

/* The cells of all axes: copies of the sections with the axes' values set. Values with ';' are
 * lists; "section.key#2=value" sets the second entry of a list that is there. A cell that names
 * another environment begins with its defaults and what all environments know (env.num_envs); one
 * that names another learner has what the configuration says to its own learner, where the other has
 * that option and the cell does not set it: learner.gamma: 0 holds for all of compare.learners. */
MarlCode marl_comparison_make_cells(MarlComparison *comparison, const MarlComparisonBase *base,
                                    MarlError *err) MARL_NODISCARD;

/* metrics.c: what the cells measure, together; `followed`: a name in place of the population's own
 * choice, or "". Every cell is checked on the way. */
MarlCode marl_comparison_name_metrics(MarlComparison *comparison, const char *followed,
                                      MarlError *err) MARL_NODISCARD;

/* pairs.c: the pairs of cells that are tested; two names of one configuration are not. */
MarlCode marl_comparison_find_pairs(MarlComparison *comparison, MarlError *err) MARL_NODISCARD;

#endif
