/* One program at a time in a run folder: the file `.lock-<n>`.
 *
 * Each holder has the number after the one before it; who may have number n is decided by link(2),
 * which is atomic on local disks and on NFS (a reply that was lost shows in the count of links), or
 * by O_EXCL where there are no hard links. A lock says who holds it: host, boot, process and when
 * that began, a token. A holder that has ended leaves its lock with the word "released"; a lock
 * whose process is gone (seen on the same machine), or that has not been touched for
 * MARL_LOCK_STALE seconds of the file server's clock (seen from another), is taken over: the next
 * number, and the older file is removed.
 *
 * A scheduler knows more: of two starts of one job only the last is meant to run. A lock whose holder
 * is an earlier start of the job that asks is taken over at once, alive or not.
 *
 * The next number is the fence: a holder that was only asleep - a stopped job, a machine cut off from
 * its disk or from its scheduler - finds that its token is no longer in the newest lock and, as
 * marl_run_lease_check comes on every rank before whatever it writes, writes nothing more. Between that
 * check and the write lies a moment that no lock without the file server's help can close; so a file is
 * renamed into place whole, and one that is appended to is made anew by each holder (rows.c, folder.c):
 * what a sleeper had open is then in no folder.
 *
 * Serial: rank 0 holds; every rank checks. */
#ifndef MARL_RUN_LOCK_H
#define MARL_RUN_LOCK_H

#include <stdint.h>

#include "marl/core/error.h"
#include "marl/run/process_identity.h"

enum {
  MARL_LOCK_BEAT = 30,   /* s between two touches by the holder */
  MARL_LOCK_STALE = 300, /* s without one after which another machine may take over */
};

typedef struct MarlRunLock MarlRunLock;

/* What tells a holder's lock from any other: enough for a rank that does not hold it to check. Plain
 * bytes; number 0: there is nothing to hold. */
typedef struct MarlRunLease {
  int64_t number;
  char token[17];
} MarlRunLease;

/* MARL_EBUSY, with who holds it, if another program does: nothing in the folder is touched then.
 * `taken_over` becomes a sentence if a lock was left behind, else "". */
MarlCode marl_run_lock_acquire(const char *folder, const MarlRunClaim *claim, MarlRunLock **out,
                               char taken_over[256], MarlError *err) MARL_NODISCARD;
MarlRunLease marl_run_lock_lease(const MarlRunLock *lock);
/* Is it still the newest of the folder? MARL_EBUSY if not. Two files are opened, so that the server is
 * asked and not a cache. */
MarlCode marl_run_lease_check(const char *folder, const MarlRunLease *lease,
                              MarlError *err) MARL_NODISCARD;
void marl_run_lock_release(MarlRunLock **lock); /* NULL inside is accepted */

#endif
