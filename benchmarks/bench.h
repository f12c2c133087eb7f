/* Timing for the benchmarks: candidates take turns, so that a noisy moment of the machine hits
 * all of them, and a line of key=value pairs says what was measured, where and with what.
 *
 *   BenchTask tasks[] = {{ours, &problem}, {theirs, &problem}};
 *   bench_race(2, tasks, 1.0);
 *   bench_begin("mlp");
 *   printf(" rows=%d ratio=%.3f", rows, tasks[1].median / tasks[0].median);
 *   bench_end();
 */
#ifndef MARL_BENCHMARKS_BENCH_H
#define MARL_BENCHMARKS_BENCH_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BENCH_MAX_ROUNDS = 1001 };

typedef struct BenchTask {
  void (*run)(void *context);
  void *context;
  /* seconds of one run, set by bench_race; cpu_... is of processor time, which does not count
   * what other programs take on a busy machine (but what their use of the caches costs does: the
   * fastest round is then the better measure) */
  double median, min, cpu_median, cpu_min;
  int rounds;
} BenchTask;

static inline double bench_clock(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static inline double bench_seconds(void) {
  return bench_clock(CLOCK_MONOTONIC);
}

static inline int bench_compare(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Seconds of one run, as the mean of `inner` runs: elapsed, and of this process. */
static inline double bench_once(const BenchTask *task, int inner, double *cpu) {
  const double start = bench_seconds(), cpu_start = bench_clock(CLOCK_PROCESS_CPUTIME_ID);
  for (int i = 0; i < inner; ++i) task->run(task->context);
  *cpu = (bench_clock(CLOCK_PROCESS_CPUTIME_ID) - cpu_start) / inner;
  return (bench_seconds() - start) / inner;
}

static inline double bench_median(double *times, int count) {
  qsort(times, (size_t)count, sizeof *times, bench_compare);
  return times[count / 2];
}

/* Each task runs twice to warm up, then in rounds of at least a millisecond a task, in turn, until
 * `seconds` a task have passed (at least five rounds). */
static inline void bench_race(int num_tasks, BenchTask *tasks, double seconds) {
  const size_t size = (size_t)num_tasks * BENCH_MAX_ROUNDS;
  double *times = malloc(2 * size * sizeof *times), *cpu = times + size;
  if (times == NULL) exit(EXIT_FAILURE);
  int inner = 1;
  for (int t = 0; t < num_tasks; ++t) {
    double once;
    bench_once(&tasks[t], 1, &once);
    bench_once(&tasks[t], 1, &once);
    if (once < 1e-3 && (int)(1e-3 / once) + 1 > inner) inner = (int)(1e-3 / once) + 1;
  }
  int rounds = 0;
  const double end = bench_seconds() + seconds * num_tasks;
  while (rounds < BENCH_MAX_ROUNDS && (rounds < 5 || bench_seconds() < end)) {
    for (int t = 0; t < num_tasks; ++t) {
      const int at = t * BENCH_MAX_ROUNDS + rounds;
      times[at] = bench_once(&tasks[t], inner, &cpu[at]);
    }
    ++rounds;
  }
  for (int t = 0; t < num_tasks; ++t) {
    double *own = times + t * BENCH_MAX_ROUNDS;
    tasks[t].median = bench_median(own, rounds);
    tasks[t].min = own[0];
    tasks[t].cpu_median = bench_median(cpu + t * BENCH_MAX_ROUNDS, rounds);
    tasks[t].cpu_min = cpu[t * BENCH_MAX_ROUNDS]; /* sorted by now */
    tasks[t].rounds = rounds;
  }
  free(times);
}

/* The processor's name with its spaces as underscores. */
static inline void bench_machine(char *name, size_t size) {
  snprintf(name, size, "unknown");
  FILE *file = fopen("/proc/cpuinfo", "r");
  if (file == NULL) return;
  char line[256];
  while (fgets(line, sizeof line, file) != NULL)
    if (strncmp(line, "model name", 10) == 0 && strchr(line, ':') != NULL) {
      snprintf(name, size, "%s", strchr(line, ':') + 2);
      name[strcspn(name, "\n")] = '\0';
      break;
    }
  fclose(file);
  for (char *c = name; *c != '\0'; ++c)
    if (*c == ' ') *c = '_';
}

static inline void bench_begin(const char *name) {
  printf("bench=%s", name);
}

/* The commit is what the caller put into MARL_COMMIT. */
static inline void bench_end(void) {
  char machine[128];
  bench_machine(machine, sizeof machine);
  const char *commit = getenv("MARL_COMMIT");
#if defined(__clang__)
  printf(" compiler=clang-%d.%d", __clang_major__, __clang_minor__);
#else
  printf(" compiler=gcc-%d.%d", __GNUC__, __GNUC_MINOR__);
#endif
  printf(" machine=%s commit=%s\n", machine, commit == NULL ? "unknown" : commit);
  fflush(stdout);
}

#endif
