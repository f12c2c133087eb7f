/* Where a file is that a configuration names
 *
 * A relative name is looked for beside what names it (a configuration file's folder; the working
 * folder for the command line) and then among the data that the program ships. A default of the
 * program is looked for among the shipped data first. */
#ifndef MARL_CORE_PATH_H
#define MARL_CORE_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "marl/core/error.h"

typedef struct MarlPlaces {
  const char *beside;  /* folder; NULL: a default, which the shipped data answer first */
  const char *shipped; /* folder of the shipped data; NULL: none, a library's user may have the
                          working folder in its place */
} MarlPlaces;

/* The absolute name of `name`: of the first place that has it, else of where it was expected first.
 * "" stays "". Malloc'd; NULL if out of memory. */
char *marl_path_find(const MarlPlaces *places, const char *name);

/* The folder of a file's name, malloc'd: "a" of "a/b.yaml", "." of "b.yaml". */
char *marl_path_folder(const char *file);

/* The last part of a name, which points into it: "b.yaml" of "a/b.yaml", "b" of "a/b/", "" of "/". */
const char *marl_path_name(const char *path, int *length);
/* The same without its ending: "b" of "a/b.yaml", ".b" of ".b". */
const char *marl_path_stem(const char *path, int *length);

/* `path` as seen from `folder`: "../data/x.h5". Both absolute, without "." and "..". Malloc'd. */
char *marl_path_relative(const char *path, const char *folder);

/* The same file, absolute and without ".", ".." and links where it exists; malloc'd. */
char *marl_path_absolute(const char *path);

#endif
