#include "cli/gnuplot.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "marl/core/error.h"

enum { NOT_FOUND = 127, MAX_PATH = 4096 }; /* a shell's code for a command that does not exist */

#define PART "figures.part"

/* Moves what FOLDER/figures.part holds to FOLDER, or removes it, and the folder with it. */
static bool empty_part(const char *folder, const char *part, bool keep) {
  DIR *directory = opendir(part);
  bool good = directory != NULL;
  for (struct dirent *entry; directory != NULL && (entry = readdir(directory)) != NULL;) {
    char from[MAX_PATH], to[MAX_PATH];
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    if (snprintf(from, sizeof from, "%s/%s", part, entry->d_name) >= (int)sizeof from ||
        snprintf(to, sizeof to, "%s/%s", folder, entry->d_name) >= (int)sizeof to)
      good = false;
    else
      good = (keep ? rename(from, to) : unlink(from)) == 0 && good;
  }
  if (directory != NULL) closedir(directory);
  return rmdir(part) == 0 && good;
}

static MarlCode run(const char *folder, const char *script, int *exit_code, MarlError *err) {
  int status = 0;
  const pid_t child = fork();
  if (child < 0) return MARL_FAIL(err, MARL_EIO, "cannot start gnuplot: %s", strerror(errno));
  if (child == 0) {
    if (chdir(folder) == 0)
      execlp("gnuplot", "gnuplot", "-e", "figures='" PART "/'", script, (char *)NULL);
    _exit(NOT_FOUND);
  }
  if (waitpid(child, &status, 0) != child || !WIFEXITED(status))
    return MARL_FAIL(err, MARL_EIO, "gnuplot on %s/%s was interrupted", folder, script);
  *exit_code = WEXITSTATUS(status);
  return MARL_OK;
}

static MarlCode draw(const char *folder, const char *script, bool *found, MarlError *err) {
  char part[MAX_PATH];
  int exit_code = 0;
  if (snprintf(part, sizeof part, "%s/" PART, folder) >= (int)sizeof part)
    return MARL_FAIL(err, MARL_EIO, "the folder's name is too long: %.60s...", folder);
  if (mkdir(part, 0777) != 0 && errno != EEXIST)
    return MARL_FAIL(err, MARL_EIO, "cannot make %s: %s", part, strerror(errno));
  const MarlCode code = run(folder, script, &exit_code, err);
  const bool drawn = code == MARL_OK && exit_code == 0;
  const bool moved = empty_part(folder, part, drawn);
  *found = exit_code != NOT_FOUND;
  if (code != MARL_OK || !*found) return code;
  if (!drawn) return MARL_FAIL(err, MARL_EIO, "gnuplot cannot draw %s/%s", folder, script);
  if (!moved) return MARL_FAIL(err, MARL_EIO, "the figures in %s cannot be moved out of it", part);
  return MARL_OK;
}

bool marl_gnuplot(const char *folder, const char *script, MarlLog *log) {
  bool found = true;
  MarlError err;
  if (draw(folder, script, &found, &err) != MARL_OK) {
    marl_log_note(log, "no figures: %s", err.message);
    return false;
  }
  if (!found)
    marl_log_note(log, "no gnuplot here, no figures; elsewhere: cd %s && gnuplot %s", folder,
                  script);
  return found;
}
