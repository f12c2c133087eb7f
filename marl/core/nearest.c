#include "marl/core/nearest.h"

#include <stdio.h>
#include <string.h>

enum { MAX_WORD = 64 };

/* Levenshtein distance; longer words than MAX_WORD are nobody's typing mistake. */
static size_t edit_distance(const char *a, const char *b) {
  const size_t n = strlen(a), m = strlen(b);
  if (n >= MAX_WORD || m >= MAX_WORD) return MAX_WORD;
  size_t row[MAX_WORD + 1];
  for (size_t j = 0; j <= m; ++j) row[j] = j;
  for (size_t i = 1; i <= n; ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= m; ++j) {
      const size_t substitute = diagonal + (a[i - 1] != b[j - 1]);
      const size_t insert = row[j - 1] + 1, remove = row[j] + 1;
      diagonal = row[j];
      row[j] = substitute < insert ? substitute : insert;
      if (remove < row[j]) row[j] = remove;
    }
  }
  return row[m];
}

const char *marl_nearest(const char *word, const char *const *candidates, size_t num_candidates) {
  const char *best = NULL;
  size_t best_distance = MAX_WORD;
  for (size_t i = 0; i < num_candidates; ++i) {
    const size_t distance = edit_distance(word, candidates[i]);
    const size_t n = strlen(word), m = strlen(candidates[i]);
    const size_t limit = ((n > m ? n : m) + 2) / 3;
    if (distance <= limit && distance < best_distance) {
      best_distance = distance;
      best = candidates[i];
    }
  }
  return best;
}

MarlCode marl_fail_unknown(MarlError *err, const char *kind, const char *name,
                           const char *const *known, size_t num_known) {
  char list[384] = "";
  for (size_t i = 0, used = 0; i < num_known && used < sizeof list; ++i) {
    used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "", known[i]);
  }
  const char *nearest = marl_nearest(name, known, num_known);
  if (nearest == NULL)
    return MARL_FAIL(err, MARL_ECONFIG, "no %s '%s'; known: %s", kind, name, list);
  return MARL_FAIL(err, MARL_ECONFIG, "no %s '%s'; did you mean '%s'? known: %s", kind, name,
                   nearest, list);
}
