#include "marl/run/picture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void marl_picture_clear(MarlPicture *picture) {
  for (int p = 0; p < picture->num_panels; ++p) free(picture->panel[p].values);
  picture->num_panels = 0;
}

void marl_picture_begin(MarlPicture *picture, const char *clock, double at, int most_panels) {
  marl_picture_clear(picture);
  picture->clock = clock;
  picture->at = at;
  picture->most_panels = most_panels < MARL_PICTURE_PANELS ? most_panels : MARL_PICTURE_PANELS;
}

static int in_blocks(int points, int block) {
  return (points + block - 1) / block;
}

/* The smallest blocks with which a panel of elements of `width` bytes keeps to its share. */
static int block_of(const MarlPicture *picture, int rows, int columns, size_t width) {
  const size_t share = MARL_PICTURE_BYTES / (size_t)picture->most_panels;
  int block = 1;
  while ((size_t)in_blocks(rows, block) * (size_t)in_blocks(columns, block) * width > share)
    ++block;
  return block;
}

static MarlCode add(MarlPicture *picture, const char *name, int rows, int columns, size_t width,
                    MarlPanel **out, MarlError *err) {
  if (picture->num_panels >= picture->most_panels || rows < 1 || columns < 1)
    return MARL_FAIL(err, MARL_EARG, "picture: no place for '%s', %d x %d, in %d panels", name,
                     rows, columns, picture->most_panels);
  MarlPanel *panel = &picture->panel[picture->num_panels];
  const int block = block_of(picture, rows, columns, width);
  *panel = (MarlPanel){.unit = "1",
                       .rows = in_blocks(rows, block),
                       .columns = in_blocks(columns, block),
                       .block = block};
  snprintf(panel->name, sizeof panel->name, "%s", name);
  panel->values = calloc((size_t)panel->rows * (size_t)panel->columns, width);
  if (panel->values == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a picture");
  ++picture->num_panels;
  *out = panel;
  return MARL_OK;
}

/* Blocks at the upper edges may be of fewer points. */
static float block_mean(const double *values, int rows, int columns, int block, int r, int c) {
  const int r1 = (r + 1) * block < rows ? (r + 1) * block : rows;
  const int c1 = (c + 1) * block < columns ? (c + 1) * block : columns;
  double sum = 0;
  for (int i = r * block; i < r1; ++i)
    for (int j = c * block; j < c1; ++j) sum += values[(size_t)i * (size_t)columns + (size_t)j];
  return (float)(sum / ((double)(r1 - r * block) * (c1 - c * block)));
}

MarlCode marl_picture_numbers(MarlPicture *picture, const char *name, const char *unit, int rows,
                              int columns, const double *values, MarlError *err) {
  MarlPanel *panel;
  MARL_TRY(add(picture, name, rows, columns, sizeof(float), &panel, err));
  panel->unit = unit;
  float *to = panel->values;
  for (int r = 0; r < panel->rows; ++r)
    for (int c = 0; c < panel->columns; ++c)
      *to++ = block_mean(values, rows, columns, panel->block, r, c);
  return MARL_OK;
}

MarlCode marl_picture_kinds(MarlPicture *picture, const char *name, const char *const *kinds,
                            int num_kinds, int rows, int columns, const uint8_t *values,
                            MarlError *err) {
  MarlPanel *panel;
  MARL_TRY(add(picture, name, rows, columns, 1, &panel, err));
  panel->kinds = kinds;
  panel->num_kinds = num_kinds;
  uint8_t *to = panel->values;
  for (int r = 0; r < panel->rows; ++r)
    for (int c = 0; c < panel->columns; ++c)
      *to++ = values[(size_t)(r * panel->block) * (size_t)columns + (size_t)(c * panel->block)];
  return MARL_OK;
}

/* "C,D,P,IP" as an attribute of the panel. */
static MarlCode describe(const MarlPanel *panel, int place, MarlStore *to, MarlError *err) {
  char text[512] = "";
  size_t used = 0;
  for (int k = 0; k < panel->num_kinds && used < sizeof text; ++k)
    used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", k > 0 ? "," : "",
                             panel->kinds[k]);
  MARL_TRY(marl_store_set_int(to, panel->name, "block", panel->block, err));
  MARL_TRY(marl_store_set_int(to, panel->name, "place", place, err));
  return panel->kinds != NULL ? marl_store_set_text(to, panel->name, "kinds", text, err) : MARL_OK;
}

static MarlCode fill(const MarlPicture *picture, MarlStore *to, MarlError *err) {
  MARL_TRY(marl_store_set_text(to, NULL, "clock", picture->clock, err));
  MARL_TRY(marl_store_set_real(to, NULL, "at", picture->at, err));
  for (int p = 0; p < picture->num_panels; ++p) {
    const MarlPanel *panel = &picture->panel[p];
    const MarlArray array = {.type = panel->kinds != NULL ? MARL_U8 : MARL_F32,
                             .rank = 2,
                             .shape = {(size_t)panel->rows, (size_t)panel->columns},
                             .units = panel->unit,
                             .long_name = panel->name};
    MARL_TRY(marl_store_write(to, panel->name, &array, panel->values, err));
    MARL_TRY(describe(panel, p, to, err));
  }
  return MARL_OK;
}

MarlCode marl_picture_write(const MarlPicture *picture, const MarlRunFolder *folder,
                            const char *name, MarlError *err) {
  MarlStore *store;
  MARL_TRY(marl_run_folder_create(folder, name, &store, err));
  return marl_store_end_file(&store, fill(picture, store, err), err);
}

MarlCode marl_picture_append(const MarlPicture *picture, MarlStore *to, MarlError *err) {
  const bool first = !marl_store_has(to, "at");
  const MarlArray instant = {.type = MARL_F64, .rank = 1, .long_name = picture->clock};
  if (first) MARL_TRY(marl_store_set_text(to, NULL, "clock", picture->clock, err));
  MARL_TRY(marl_store_append(to, "at", &instant, 1, &picture->at, err));
  for (int p = 0; p < picture->num_panels; ++p) {
    const MarlPanel *panel = &picture->panel[p];
    const MarlArray array = {.type = panel->kinds != NULL ? MARL_U8 : MARL_F32,
                             .rank = 3,
                             .shape = {0, (size_t)panel->rows, (size_t)panel->columns},
                             .units = panel->unit,
                             .long_name = panel->name};
    MARL_TRY(marl_store_append(to, panel->name, &array, 1, panel->values, err));
    if (first) MARL_TRY(describe(panel, p, to, err));
  }
  return MARL_OK;
}
