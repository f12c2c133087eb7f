#define _POSIX_C_SOURCE 200809L /* isatty, clock_gettime */
#include "marl/core/log.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MAX_LINE = 1024, BAR_WIDTH = 20 };

static const double terminal_interval = 0.1; /* s between rewrites: readable, and no load */
static const double plain_interval = 10.0;   /* s between lines where nobody watches */
static const double file_interval = 60.0;    /* s between lines of the file */
static const double kept_interval = 0.1;     /* s between figures that are kept for its last line */

struct MarlLog {
  FILE *file; /* NULL: none */
  bool quiet, is_terminal;
  bool line_open;       /* a line of the terminal is being rewritten */
  double began;         /* of the current label, s */
  double done_at_begin; /* a resumed run starts above 0 */
  double last_print;    /* s; negative: not yet */
  double last_write;    /* likewise, to the file */
  double last_kept;     /* likewise, figures in `unwritten` */
  char label[64];
  char
      unwritten[MAX_LINE + 256]; /* the last line of progress that the file has not got; "": none */
};

double marl_timer_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

MarlCode marl_log_create(const char *path, bool quiet, MarlLog **out, MarlError *err) {
  *out = NULL;
  MarlLog *log = calloc(1, sizeof *log);
  if (log == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory for the log");
  log->quiet = quiet;
  log->is_terminal = isatty(STDERR_FILENO) == 1;
  if (path != NULL) {
    log->file = fopen(path, "a");
    if (log->file == NULL) {
      free(log);
      return MARL_FAIL(err, MARL_EIO, "cannot write the log '%s': %s", path, strerror(errno));
    }
    (void)setvbuf(log->file, NULL, _IOLBF, 0); /* a killed run keeps its lines */
  }
  *out = log;
  return MARL_OK;
}

void marl_log_destroy(MarlLog **log) {
  if (*log == NULL) return;
  marl_log_progress_end(*log);
  if ((*log)->file != NULL) (void)fclose((*log)->file);
  free(*log);
  *log = NULL;
}

void marl_log_write(MarlLog *log, const char *fmt, ...) {
  if (log == NULL || log->file == NULL) return;
  va_list args;
  va_start(args, fmt);
  vfprintf(log->file, fmt, args);
  va_end(args);
  fputc('\n', log->file);
}

static void close_line(MarlLog *log) {
  if (log->line_open) fputc('\n', stderr);
  log->line_open = false;
}

void marl_log_note(MarlLog *log, const char *fmt, ...) {
  if (log == NULL) return;
  char text[MAX_LINE];
  va_list args;
  va_start(args, fmt);
  vsnprintf(text, sizeof text, fmt, args);
  va_end(args);
  marl_log_write(log, "note=\"%s\"", text);
  if (log->quiet) return;
  close_line(log);
  fprintf(stderr, "%s\n", text);
}

/* "12 s", "3:25 min", "2:07 h" */
static void print_duration(double seconds, char *text, size_t size) {
  const int whole = seconds < 3.6e8 ? (int)(seconds + 0.5) : 0;
  if (!(seconds >= 0 && seconds < 3.6e8))
    snprintf(text, size, "?");
  else if (whole < 60)
    snprintf(text, size, "%d s", whole);
  else if (whole < 3600)
    snprintf(text, size, "%d:%02d min", whole / 60, whole % 60);
  else
    snprintf(text, size, "%d:%02d h", whole / 3600, whole / 60 % 60);
}

static void print_bar(double share, char bar[BAR_WIDTH + 1]) {
  const int filled = (int)(share * BAR_WIDTH);
  for (int i = 0; i < BAR_WIDTH; ++i) bar[i] = '.';
  for (int i = 0; i < filled; ++i) bar[i] = '#';
  bar[BAR_WIDTH] = '\0';
}

static void write_progress(MarlLog *log) {
  if (log->unwritten[0] != '\0') marl_log_write(log, "%s", log->unwritten);
  log->unwritten[0] = '\0';
}

/* A new label starts a new clock. */
static void begin_label(MarlLog *log, const char *label, double done, double now) {
  if (strncmp(log->label, label, sizeof log->label - 1) == 0) return;
  close_line(log);
  write_progress(log);
  snprintf(log->label, sizeof log->label, "%s", label);
  log->began = now;
  log->done_at_begin = done;
  log->last_print = log->last_write = log->last_kept = -INFINITY;
}

/* Is a line due that comes every `interval` seconds, and when the work is done? */
static bool is_due(double now, double interval, bool finished, double *last) {
  if (!finished && now - *last < interval) return false;
  *last = now;
  return true;
}

static void print_progress(MarlLog *log, double now, double done, double total,
                           const char *figures) {
  char bar[BAR_WIDTH + 1], left[32];
  const bool finished = done >= total;
  const double share = total > 0 ? fmin(fmax(done / total, 0), 1) : 1;
  const double elapsed = now - log->began;
  const double rate = elapsed > 0 ? (done - log->done_at_begin) / elapsed : 0;
  print_bar(share, bar);
  print_duration(finished ? elapsed : (total - done) / rate, left, sizeof left);
  fprintf(stderr, "%s%s [%s] %3.0f %%", log->is_terminal ? "\r" : "", log->label, bar, 100 * share);
  if (rate > 0) fprintf(stderr, "  %.3g/s  %s %s", rate, finished ? "took" : "left", left);
  fprintf(stderr, "  %s%s", figures, log->is_terminal ? "\x1b[K" : "\n");
  fflush(stderr);
  log->line_open = log->is_terminal;
}

void marl_log_progress(MarlLog *log, const char *label, double done, double total, const char *fmt,
                       ...) {
  if (log == NULL) return;
  const double now = marl_timer_seconds();
  begin_label(log, label, done, now);
  const bool finished = done >= total;
  const bool print =
      !log->quiet && is_due(now, log->is_terminal ? terminal_interval : plain_interval, finished,
                            &log->last_print);
  const bool write = log->file != NULL && is_due(now, file_interval, finished, &log->last_write);
  const bool keep = log->file != NULL && is_due(now, kept_interval, finished, &log->last_kept);
  if (!print && !write && !keep) return;
  char figures[MAX_LINE];
  va_list args;
  va_start(args, fmt);
  vsnprintf(figures, sizeof figures, fmt, args);
  va_end(args);
  snprintf(log->unwritten, sizeof log->unwritten,
           "progress=\"%s\" done=%.12g total=%.12g figures=\"%s\"", log->label, done, total,
           figures);
  if (write) write_progress(log);
  if (print) print_progress(log, now, done, total, figures);
  if (finished) marl_log_progress_end(log);
}

void marl_log_progress_end(MarlLog *log) {
  if (log == NULL) return;
  close_line(log);
  write_progress(log);
  log->label[0] = '\0';
}
