/* From lists of a configuration to the axes and cells of a comparison. */
#ifndef MARL_COMPARE_CELLS_H
#define MARL_COMPARE_CELLS_H

#include "marl/compare/comparison.h"

/* One axis of named values of `key`; nothing when the list is empty. */
MarlCode marl_axis_add_list(MarlComparison *comparison, const char *name, const char *key,
                            const char *const *values, size_t count, MarlError *err) MARL_NODISCARD;
/* "label: section.key=value ..." entries; an entry "x" begins the next axis. */
MarlCode marl_axis_add_cells(MarlComparison *comparison, const char *const *entries, size_t count,
                             MarlError *err) MARL_NODISCARD;
/* "section.key = number number ..." entries, an axis each. */
MarlCode marl_axis_add_sweep(MarlComparison *comparison, const char *const *entries, size_t count,
                             MarlError *err) MARL_NODISCARD;

/* The cells of all axes: copies of the sections with the axes' values set. Values with ';' are
 * lists; "section.key#2=value" sets the second entry of a list that is there. */
MarlCode marl_comparison_make_cells(MarlComparison *comparison, const MarlSection *env,
                                    const MarlSection *learner, MarlError *err) MARL_NODISCARD;

#endif
