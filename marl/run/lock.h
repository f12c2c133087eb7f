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
 * That removal is the fence: a holder that was only asleep - a stopped job, a machine cut off from
 * its disk - finds its lock gone when it wakes and, as marl_run_lock_check comes before whatever it
 * writes, writes nothing more. Between that check and the write lies a moment that no lock without
 * the file server's help can close; what it protects (a checkpoint) is renamed into place whole.
 *
 * Serial: rank 0. */
#ifndef MARL_RUN_LOCK_H
#define MARL_RUN_LOCK_H

#include "marl/core/error.h"

enum {
  MARL_LOCK_BEAT = 30,   /* s between two touches by the holder */
  MARL_LOCK_STALE = 300, /* s without one after which another machine may take over */
};

typedef struct MarlRunLock MarlRunLock;

/* MARL_EBUSY, with who holds it, if another program does: nothing in the folder is touched then.
 * `taken_over` becomes a sentence if a lock was left behind, else "". */
MarlCode marl_run_lock_acquire(const char *folder, MarlRunLock **out, char taken_over[256],
                               MarlError *err) MARL_NODISCARD;
/* Does this program still hold it? MARL_EBUSY if not. Two system calls; NULL: nothing to hold. */
MarlCode marl_run_lock_check(const MarlRunLock *lock, MarlError *err) MARL_NODISCARD;
void marl_run_lock_release(MarlRunLock **lock); /* NULL inside is accepted */

#endif
