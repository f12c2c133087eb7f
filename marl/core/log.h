/* Progress for a person and key=value lines for a program.
 *
 * On a terminal one line is rewritten in place; otherwise one plain line an interval, so that a
 * batch job's log stays readable. Only rank 0 of the caller holds a MarlLog that prints. */
#ifndef MARL_CORE_LOG_H
#define MARL_CORE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "marl/core/error.h"

typedef struct MarlLog MarlLog;

/* `path` is the key=value log file, appended to, or NULL; quiet prints no progress. */
MarlCode marl_log_create(const char *path, bool quiet, MarlLog **out,
                         MarlError *err) MARL_NODISCARD;
void marl_log_destroy(MarlLog **log); /* ends an open progress line */

/* One line "key=value key=value" to the file; printf style. NULL log: nothing. */
void marl_log_write(MarlLog *log, const char *fmt, ...) MARL_PRINTF(2, 3);
/* A sentence for the user, on a line of its own, and to the file. */
void marl_log_note(MarlLog *log, const char *fmt, ...) MARL_PRINTF(2, 3);
/* Progress of `label`: done of total units, and a short text of figures. Prints rate and ETA; the
 * file gets a line a minute and the last one. */
void marl_log_progress(MarlLog *log, const char *label, double done, double total, const char *fmt,
                       ...) MARL_PRINTF(5, 6);
void marl_log_progress_end(MarlLog *log);

/* Seconds of a monotonic clock, for rates and benchmarks only; no result depends on it. */
double marl_timer_seconds(void);

#endif
