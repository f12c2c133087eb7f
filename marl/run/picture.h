/* What a run looks like: up to four small arrays, for people who watch (`marl view`, `marl render`).
 *
 * A simulation, an environment, a lattice adds its arrays; what is too large becomes smaller here, so
 * that a frame is under 100 kB however large the run: numbers by the mean of blocks of points, kinds
 * (integers with names) by the first point of each block, which invents none.
 * No result depends on a picture. Rank-local. */
#ifndef MARL_RUN_PICTURE_H
#define MARL_RUN_PICTURE_H

#include <stdint.h>

#include "marl/run/folder.h"

enum {
  MARL_PICTURE_PANELS = 5,
  MARL_PICTURE_BYTES = 80000, /* of all panels together; a file has its provenance beside them */
  MARL_PICTURE_NAME = 48,
};

typedef struct MarlPanel {
  char name[MARL_PICTURE_NAME];
  const char *unit;         /* static; "1" if none */
  const char *const *kinds; /* [num_kinds] names of the integers, static; NULL: numbers */
  int num_kinds;
  int rows, columns, block; /* as it is shown; points of the original a side of each */
  void *values;             /* [rows, columns] float, of kinds uint8_t; row 0 is the lowest */
} MarlPanel;

typedef struct MarlPicture {
  const char *clock; /* "time", "update", "cycle": what `at` counts; static */
  double at;
  int num_panels, most_panels;
  MarlPanel panel[MARL_PICTURE_PANELS];
} MarlPicture;

/* A picture without panels, of at most `most_panels` that share the bytes; free what it had. */
void marl_picture_begin(MarlPicture *picture, const char *clock, double at, int most_panels);
void marl_picture_clear(MarlPicture *picture); /* a zeroed one is accepted */

/* Add a panel of values [rows, columns]. MARL_EARG where there are too many. */
MarlCode marl_picture_numbers(MarlPicture *picture, const char *name, const char *unit, int rows,
                              int columns, const double *values, MarlError *err) MARL_NODISCARD;
MarlCode marl_picture_kinds(MarlPicture *picture, const char *name, const char *const *kinds,
                            int num_kinds, int rows, int columns, const uint8_t *values,
                            MarlError *err) MARL_NODISCARD;

/* As folder/name, a file of its own (root attributes `clock` and `at`, a dataset a panel). Rank 0. */
MarlCode marl_picture_write(const MarlPicture *picture, const MarlRunFolder *folder,
                            const char *name, MarlError *err) MARL_NODISCARD;
/* As the next frame of `to`: dataset `at` [frame], panels [frame, rows, columns]; the first one
 * makes them, all have its panels. */
MarlCode marl_picture_append(const MarlPicture *picture, MarlStore *to,
                             MarlError *err) MARL_NODISCARD;

#endif
