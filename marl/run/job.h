/* One loop runs whatever has a run folder: a flow, a reference, a lattice, a search, an evaluation, a
 * training.
 *
 * A job says how it is read from a configuration, made, begun, advanced by a short stretch, saved and
 * ended; the loop does the rest: the folder and its lock, what may change on resume, the newest
 * checkpoint that can be read, checkpoints by the job's own count and by the clock, signals. Where a
 * stretch ends and when a checkpoint is written changes nothing that is computed.
 *
 * Extend a job base first. Operations are collective over job->comm unless it says otherwise. */
#ifndef MARL_RUN_JOB_H
#define MARL_RUN_JOB_H

#include "marl/run/picture.h"

typedef struct MarlJob MarlJob;

enum { MARL_JOB_WHERE = 64, MARL_JOB_PARTS = 6 };

/* Where a job's time went: seconds of this rank's clock. */
typedef struct MarlJobPart {
  const char *name; /* "environments", static */
  double seconds;
} MarlJobPart;

typedef struct MarlJobOps {
  const char *command;           /* "simulate" */
  const char *const *changeable; /* "section.key" of what may change on resume, NULL-terminated */

  /* Claim and check the configuration (marl_config_finish too); sets job->seed, and by the end of
   * begin() keep and minutes, if the job has checkpoints. */
  MarlCode (*read)(MarlJob *job, MarlConfig *config, MarlError *err);
  /* Make everything that can be refused. No folder is there yet: job->folder says which it will be
   * and whether the run resumes. NULL there: only a check (marl_job_check), which may leave out what
   * takes long. */
  MarlCode (*build)(MarlJob *job, MarlError *err);
  void (*clear)(MarlJob *job); /* after a failed read or build too */

  /* The folder is locked and the state, if there is one, loaded (`found`): start from the beginning,
   * or take up what lies outside of checkpoints. */
  MarlCode (*begin)(MarlJob *job, bool found, MarlError *err);
  /* One stretch, of a second or so. *due, false before: the job's own count asks for a checkpoint. A
   * job that cannot stop between two stretches looks at signals itself and returns MARL_ESTOPPED. */
  MarlCode (*advance)(MarlJob *job, bool *due, MarlError *err);
  bool (*finished)(const MarlJob *job);
  /* How far it came, "at time 3.5", for the person who stopped it. Rank-local. */
  void (*where)(const MarlJob *job, char text[MARL_JOB_WHERE]);
  /* A line of progress to job->folder->log, after each stretch; or NULL. */
  void (*report)(MarlJob *job);
  /* What advance() spent its time on, messages between ranks apart; the number of parts. NULL: it
   * is one part, "computing". Rank-local. */
  int (*profile)(const MarlJob *job, MarlJobPart parts[MARL_JOB_PARTS]);
  /* Begin `picture` and add what there is to see now; of rank 0 it is written, as `frame.h5`. Changes
   * nothing that is computed. NULL: nothing is to be seen. */
  MarlCode (*look)(MarlJob *job, MarlPicture *picture, MarlError *err);
  /* Results, when all is done or (`whole` false) the run stops or has failed for now; or NULL. */
  MarlCode (*finish)(MarlJob *job, bool whole, MarlError *err);

  /* Checkpoints; save NULL: the job keeps what is done by itself. `to` is an open file on rank 0,
   * NULL elsewhere, and so is `from`, unless each_rank_loads. */
  int64_t (*number)(const MarlJob *job); /* of the next one: anything that rises during the run */
  MarlCode (*save)(MarlJob *job, MarlStore *to, MarlError *err);
  MarlCode (*load)(MarlJob *job, MarlStore *from, MarlError *err);
  bool each_rank_loads;
  bool saves_the_start; /* so that a run that is killed early keeps its start */
} MarlJobOps;

struct MarlJob {
  const MarlJobOps *ops;
  MPI_Comm comm;
  MarlRunFolder *folder; /* the loop's */
  int64_t seed;          /* of the folder's default name and of the files' provenance */
  int keep;              /* checkpoint files */
  double minutes;        /* between two checkpoints by the clock; 0: none */
  double frame_seconds;  /* between two frames by the clock; 0: none */
  MarlCode failure;      /* of advance(), for finish(); MARL_OK after a signal */
  bool asked_to_stop;    /* set by advance(), on all ranks: as if a signal had come */
  bool heard; /* the caller listens to signals already (interrupt.h): one of several jobs */
  double began, writing; /* the loop's: when, and seconds spent on checkpoints and results since */
};

/* Read, build, run until done: the whole life of a job but its configuration. MARL_ESTOPPED after a
 * signal, with the command that continues; everything is saved then. */
MarlCode marl_job_run(MarlJob *job, MarlConfig *config, const char *config_path,
                      const MarlRunRequest *request, MarlError *err) MARL_NODISCARD;

/* Files that the claimed sections name are read by rank 0 and sent to all (marl/core/store_shared.h), from
 * share to unshare; marl_job_run does it for its own. For who runs many jobs with one configuration. share
 * is collective. */
MarlCode marl_job_share(const MarlConfig *config, MPI_Comm comm, MarlError *err) MARL_NODISCARD;
void marl_job_unshare(const MarlConfig *config);

/* Everything that marl_job_run would refuse of the configuration; writes nothing. */
MarlCode marl_job_check(MarlJob *job, MarlConfig *config, MarlError *err) MARL_NODISCARD;

/* The option `frame_seconds` of whatever section a job reads it from. */
#define MARL_JOB_FRAME_OPTION                                                                 \
  {                                                                                           \
    .key = "frame_seconds", .kind = MARL_OPTION_REAL, .fallback = "10", .min = 0, .max = 1e6, \
    .unit = "s",                                                                              \
    .help =                                                                                   \
        "time of the clock between two pictures of the run, frame.h5 for `marl view`, which " \
        "take a fiftieth of the run's time at most; 0: none"                                  \
  }

/* The loop alone, for a job that is built and a folder that is the caller's (a path without a lock
 * will do); `found` as for begin(). On a stop *stopped becomes true and the code is MARL_OK. */
MarlCode marl_job_follow(MarlJob *job, bool found, bool *stopped, MarlError *err) MARL_NODISCARD;

#endif
