#define _POSIX_C_SOURCE 200809L /* getline */
#include "cli/sweep_score.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_COLUMNS = 512 };

/* Splits a line at its commas, in place; the number of parts. */
static size_t split(char *line, const char *parts[MAX_COLUMNS]) {
  size_t count = 0;
  line[strcspn(line, "\n")] = '\0';
  for (char *at = line; at != NULL && count < MAX_COLUMNS; ++count) {
    char *comma = strchr(at, ',');
    if (comma != NULL) *comma = '\0';
    parts[count] = at;
    at = comma != NULL ? comma + 1 : NULL;
  }
  return count;
}

static MarlCode find_column(char *header, const char *column, const char *path, size_t *out,
                            MarlError *err) {
  const char *names[MAX_COLUMNS];
  const size_t count = split(header, names);
  for (*out = 0; *out < count; ++*out)
    if (column[0] != '\0' ? strcmp(names[*out], column) == 0
                          : strncmp(names[*out], "return_", 7) == 0)
      return MARL_OK;
  return MARL_FAIL(err, MARL_ECONFIG,
                   "sweep.score: %s has no column '%.60s'; its first line names them", path,
                   column[0] != '\0' ? column : "return_...");
}

MarlCode marl_sweep_score(const char *path, const char *column, int64_t upto, int64_t tail,
                          double *score, int64_t *last, MarlError *err) {
  FILE *file = fopen(path, "r");
  if (file == NULL) return MARL_FAIL(err, MARL_EIO, "%s cannot be read: %s", path, strerror(errno));
  char *line = NULL;
  size_t room = 0, at = 0;
  int64_t known = 0;
  double sum = 0;
  MarlCode code = MARL_OK;
  *last = -1;
  for (bool header = true; code == MARL_OK && getline(&line, &room, file) > 0; header = false) {
    const char *parts[MAX_COLUMNS];
    if (strchr(line, '\n') == NULL) break; /* cut off by a kill */
    if (header) {
      code = find_column(line, column, path, &at, err);
      continue;
    }
    const size_t count = split(line, parts);
    *last = strtoll(parts[0], NULL, 10);
    if (*last > upto || *last <= upto - tail || at >= count || parts[at][0] == '\0') continue;
    sum += strtod(parts[at], NULL);
    ++known;
  }
  free(line);
  (void)fclose(file);
  *score = known > 0 ? sum / (double)known : (double)NAN;
  return code;
}
