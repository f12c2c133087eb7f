/* A whole training of the turbulence environment, and where its time goes.
 *
 *   bench_closure_training [CONFIG [SETTING...]]    from the root of the source tree
 *   mpirun -n 2 bench_closure_training [CONFIG]     the same on two ranks
 *
 * CONFIG is benchmarks/closure_training_ppo.yaml unless given, a SETTING replaces one of its values
 * (run.updates=20). The first update warms up. An
 * agent-step is one decision of one agent; shares are of rank 0's elapsed time: flow (the LES with
 * its closure, observations and rewards), policy (choosing actions), update (gradients), and
 * communication, which is the time in messages, waiting included, and is not counted in the others. */
#include <mpi.h>

#include "benchmarks/bench.h"
#include "envs/env_table.h"
#include "marl/learn/trainer.h"

enum { WARM_UP = 1 };

/* Where a training stands. */
typedef struct Mark {
  MarlTrainerProfile profile;
  double elapsed, cpu;
  int64_t agent_steps;
} Mark;

typedef struct Stopwatch {
  MarlTrainerWatch base;
  const MarlTrainer *trainer;
  Mark first, last;
  int updates; /* after the warm-up */
} Stopwatch;

static void note_time(MarlTrainerWatch *watch, const MarlTrainerProgress *progress) {
  Stopwatch *stopwatch = (Stopwatch *)watch;
  stopwatch->last = (Mark){.profile = marl_trainer_profile(stopwatch->trainer),
                           .elapsed = bench_seconds(),
                           .cpu = bench_clock(CLOCK_PROCESS_CPUTIME_ID),
                           .agent_steps = progress->agent_steps};
  if (progress->update <= WARM_UP) stopwatch->first = stopwatch->last;
  stopwatch->updates = (int)progress->update - WARM_UP;
}

/* The configuration with some of its values replaced. */
static MarlCode load(const char *path, int count, char **settings, MarlConfig **out,
                     MarlError *err) {
  MARL_TRY(marl_config_load(path, out, err));
  for (int i = 0; i < count; ++i) MARL_TRY(marl_config_set(*out, settings[i], err));
  return MARL_OK;
}

static MarlCode run(MarlConfig *config, Stopwatch *stopwatch, MarlError *err) {
  MarlTrainer *trainer = NULL;
  MARL_TRY(marl_trainer_create(config, marl_env_table, NULL, MPI_COMM_WORLD, &trainer, err));
  stopwatch->trainer = trainer;
  const MarlCode code = marl_trainer_run(trainer, &stopwatch->base, err);
  marl_trainer_destroy(&trainer);
  return code;
}

static void print_result(const char *path, const Stopwatch *stopwatch, int ranks) {
  const Mark *a = &stopwatch->first, *b = &stopwatch->last;
  const double seconds = b->elapsed - a->elapsed;
  const double steps = (double)(b->agent_steps - a->agent_steps);
  const double flow = b->profile.environments - a->profile.environments;
  const double policy = b->profile.act - a->profile.act + b->profile.observe - a->profile.observe;
  const double update = b->profile.update - a->profile.update;
  const double messages = b->profile.communication - a->profile.communication;
  bench_begin("closure_training");
  printf(" peer=none config=%s ranks=%d updates=%d agent_steps=%.0f seconds=%.3f", path, ranks,
         stopwatch->updates, steps, seconds);
  printf(" agent_steps_per_s=%.0f agent_steps_per_cpu_s=%.0f", steps / seconds,
         steps / (b->cpu - a->cpu));
  printf(" flow=%.3f policy=%.3f update=%.3f communication=%.3f", flow / seconds, policy / seconds,
         update / seconds, messages / seconds);
  bench_end();
}

int main(int argc, char **argv) {
  MPI_Init(&argc, &argv);
  const char *path = argc > 1 ? argv[1] : "benchmarks/closure_training_ppo.yaml";
  int rank, ranks;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  MarlError err = {.message = ""};
  MarlConfig *config = NULL;
  Stopwatch stopwatch = {.base = {.progress = note_time}};
  MarlCode code = load(path, argc - 2, argv + 2, &config, &err);
  if (code == MARL_OK) code = run(config, &stopwatch, &err);
  if (code != MARL_OK) fprintf(stderr, "bench_closure_training: %s\n", err.message);
  if (code == MARL_OK && rank == 0 && stopwatch.updates > 0) print_result(path, &stopwatch, ranks);
  marl_config_destroy(&config);
  MPI_Finalize();
  return code == MARL_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
