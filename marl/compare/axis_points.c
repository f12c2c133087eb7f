/* Cells at points of many keys at once: an axis of a comparison, and its table. */
#include <stdio.h>
#include <string.h>

#include "marl/compare/cells.h"
#include "marl/compare/parameter_points.h"
#include "marl/compare/report.h"
#include "marl/core/quote.h"
#include "marl/run/text_file.h"

/* Does a key of the sections take whole numbers? Unknown ones are refused when cells are made. */
static bool takes_whole_numbers(const MarlComparisonBase *base, const char *key) {
  const char *dot = strchr(key, '.');
  for (int s = 0; s < MARL_CELL_SECTIONS; ++s) {
    const MarlSection *section = base->section[s];
    if (section == NULL || strlen(marl_section_name(section)) != (size_t)(dot - key) ||
        strncmp(marl_section_name(section), key, (size_t)(dot - key)) != 0)
      continue;
    for (size_t i = 0; i < marl_section_size(section); ++i)
      if (strcmp(marl_section_option(section, i)->key, dot + 1) == 0)
        return marl_section_option(section, i)->kind == MARL_OPTION_INT;
  }
  return false;
}

static MarlCode add_point(const MarlPoints *points, int point, MarlAxis *axis, MarlError *err) {
  char label[MARL_AXIS_NAME], text[512], value[MARL_POINT_TEXT];
  size_t used = 0;
  snprintf(label, sizeof label, "point_%04d", point);
  for (int a = 0; a < marl_points_axes(points); ++a) {
    marl_points_value(points, point, a, value);
    used += (size_t)snprintf(text + used, sizeof text - used, "%s%s=%s", a > 0 ? " " : "",
                             marl_points_key(points, a), value);
    if (used >= sizeof text)
      return MARL_FAIL(err, MARL_ECONFIG, "compare.over: a point of all its keys is too long: %s",
                       text);
  }
  return marl_axis_add_value(axis, label, text, "", err);
}

MarlCode marl_axis_add_points(MarlComparison *comparison, const char *const *entries, size_t count,
                              const MarlSection *compare, const MarlComparisonBase *base,
                              MarlError *err) {
  MarlAxis *axis;
  if (count == 0) return MARL_OK;
  MARL_TRY(marl_points_create(
      "compare", entries, count, (MarlSampler)marl_section_choice(compare, "sampler"),
      marl_section_int(compare, "points"), comparison->seed, &comparison->points, err));
  for (int a = 0; a < marl_points_axes(comparison->points); ++a)
    if (takes_whole_numbers(base, marl_points_key(comparison->points, a)))
      MARL_TRY(marl_points_make_whole(comparison->points, a, err));
  MARL_TRY(marl_points_keep(comparison->points, marl_section_text(compare, "where"), err));
  MARL_TRY(marl_axis_add(comparison, "point", &axis, err));
  if (marl_points_count(comparison->points) > MARL_MAX_CELLS)
    return MARL_FAIL(err, MARL_ECONFIG, "compare.points: more than %d", MARL_MAX_CELLS);
  for (int p = 0; p < marl_points_count(comparison->points); ++p)
    MARL_TRY(add_point(comparison->points, p, axis, err));
  return MARL_OK;
}

static void write_rows(const MarlPoints *points, FILE *table) {
  char value[MARL_POINT_TEXT];
  fputs("point", table);
  for (int a = 0; a < marl_points_axes(points); ++a)
    fprintf(table, ",%s", marl_points_key(points, a));
  fputc('\n', table);
  for (int p = 0; p < marl_points_count(points); ++p) {
    fprintf(table, "point_%04d", p);
    for (int a = 0; a < marl_points_axes(points); ++a) {
      marl_points_value(points, p, a, value);
      fputc(',', table);
      marl_write_csv_field(table, value);
    }
    fputc('\n', table);
  }
}

MarlCode marl_comparison_write_points(const MarlComparison *comparison, const char *folder,
                                      MarlError *err) {
  if (comparison->points == NULL) return MARL_OK;
  FILE *table;
  MARL_TRY(marl_text_open(folder, "points.csv", &table, err));
  write_rows(comparison->points, table);
  return marl_text_close(table, folder, "points.csv", err);
}
