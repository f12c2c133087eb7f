/* The points of a sweep: values of some keys of a configuration, all combinations of lists or points in
 * a box of ranges. */
#ifndef MARL_COMPARE_PARAMETER_POINTS_H
#define MARL_COMPARE_PARAMETER_POINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "marl/core/error.h"

typedef enum MarlSampler {
  MARL_SAMPLER_PRODUCT, /* every combination; the first key varies slowest */
  MARL_SAMPLER_RANDOM,
  MARL_SAMPLER_SOBOL, /* marl/compare/sobol.h, shifted bit by bit by the seed */
} MarlSampler;

/* Names of the samplers, NULL-terminated, in that order. */
extern const char *const marl_sampler_names[];

enum { MARL_POINT_TEXT = 128 };

typedef struct MarlPoints MarlPoints;

/* Entries "section.key = value value ..." or "section.key = low..high", with a last word `log` if equal
 * ratios are equally likely; ';' stands for the comma of a list. A range needs a sampler; among the values
 * of a list a sampler takes each with the same chance. `number` points of a sampler: the first of more are
 * the same; a product has its own number. `section`, a static string, is whose options `over`, `points` and
 * `sampler` are. MARL_ECONFIG says which entry is wrong. */
MarlCode marl_points_create(const char *section, const char *const *entries, size_t count,
                            MarlSampler sampler, int number, uint64_t seed, MarlPoints **out,
                            MarlError *err) MARL_NODISCARD;
void marl_points_destroy(MarlPoints **points); /* NULL inside is accepted */

int marl_points_count(const MarlPoints *points);
int marl_points_axes(const MarlPoints *points);
const char *marl_points_key(const MarlPoints *points, int axis); /* "learner.gamma" */
/* The key takes whole numbers: those of its range, both ends among them, are equally likely. MARL_ECONFIG
 * if there is none. */
MarlCode marl_points_make_whole(MarlPoints *points, int axis, MarlError *err) MARL_NODISCARD;
/* Only points of a sampler or product whose product of the named keys is above or below a number:
 * "section.key * section.key > 1". A sampler goes on until it has its number. Nothing where `where` is
 * empty. After make_whole. MARL_ECONFIG says what is wrong with it. */
MarlCode marl_points_keep(MarlPoints *points, const char *where, MarlError *err) MARL_NODISCARD;
/* The text of a point's value; a range's has six digits. */
void marl_points_value(const MarlPoints *points, int point, int axis, char text[MARL_POINT_TEXT]);

/* The ends of a range; false, and nothing set, if the key has a list. */
bool marl_points_range(const MarlPoints *points, int axis, double *low, double *high);
/* A value of a range, changed: times `factor` > 1 if the range is logarithmic, else plus half of factor - 1
 * times its width; `down`: divided, minus. What leaves the range becomes its end. Text as above. */
void marl_points_perturb(const MarlPoints *points, int axis, double factor, bool down,
                         char text[MARL_POINT_TEXT]);

#endif
