#define _POSIX_C_SOURCE 200809L /* gethostname, readlink */
#include "marl/run/process_identity.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "marl/core/provenance.h"

enum { FIELD = 128 };

/* The value of a line "key=value", "" if there is none. */
static void get(const char *text, const char *key, char value[FIELD]) {
  const size_t length = strlen(key);
  value[0] = '\0';
  for (const char *line = text; line != NULL && *line != '\0';) {
    if (strncmp(line, key, length) == 0 && line[length] == '=') {
      snprintf(value, FIELD, "%.*s", (int)strcspn(line + length + 1, "\n"), line + length + 1);
      return;
    }
    line = strchr(line, '\n');
    if (line != NULL) ++line;
  }
}

static void first_line(const char *path, char line[FIELD]) {
  line[0] = '\0';
  FILE *file = fopen(path, "r");
  if (file == NULL) return;
  if (fgets(line, FIELD, file) == NULL) line[0] = '\0';
  line[strcspn(line, "\n")] = '\0';
  (void)fclose(file);
}

/* When a process began, in ticks since boot: field 22 of its stat, counted after the last ")" of
 * the program's name. "" where there is no /proc, no such process, or only its exit code is left
 * (a zombie, field 3). */
static void beginning_of(long pid, char began[FIELD]) {
  char path[64], stat[1024] = "";
  began[0] = '\0';
  snprintf(path, sizeof path, "/proc/%ld/stat", pid);
  FILE *file = fopen(path, "r");
  if (file == NULL) return;
  const size_t size = fread(stat, 1, sizeof stat - 1, file);
  (void)fclose(file);
  stat[size] = '\0';
  const char *at = strrchr(stat, ')');
  if (at == NULL || strncmp(at, ") Z", 3) == 0 || strncmp(at, ") X", 3) == 0) return;
  for (int field = 2; at != NULL && field < 22; ++field) at = strchr(at + 1, ' ');
  if (at != NULL) snprintf(began, FIELD, "%.*s", (int)strcspn(at + 1, " "), at + 1);
}

bool marl_process_runs(long pid) {
  char began[FIELD];
  beginning_of(pid, began);
  return began[0] != '\0';
}

typedef struct Machine {
  char host[FIELD], boot[FIELD], space[FIELD];
} Machine;

static void this_machine(Machine *machine) {
  if (gethostname(machine->host, FIELD) != 0) machine->host[0] = '\0';
  machine->host[FIELD - 1] = '\0';
  first_line("/proc/sys/kernel/random/boot_id", machine->boot);
  const ssize_t length = readlink("/proc/self/ns/pid", machine->space, FIELD - 1);
  machine->space[length > 0 ? length : 0] = '\0';
}

static uint64_t random_bits(void) {
  uint64_t bits = 0;
  FILE *file = fopen("/dev/urandom", "rb");
  const size_t got = file != NULL ? fread(&bits, sizeof bits, 1, file) : 0;
  if (file != NULL) (void)fclose(file);
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return got == 1 ? bits : (uint64_t)now.tv_nsec ^ (uint64_t)getpid() << 32;
}

void marl_process_token(char token[17]) {
  snprintf(token, 17, "%016" PRIx64, random_bits());
}

void marl_process_print(const MarlRunClaim *claim, const char token[17], char *text, size_t size) {
  Machine machine;
  char began[FIELD], date[MARL_DATE_SIZE];
  this_machine(&machine);
  beginning_of((long)getpid(), began);
  marl_date_now(date);
  snprintf(
      text, size,
      "host=%s\nboot=%s\nspace=%s\npid=%ld\nbegan=%s\ndate=%s\njob=%s\nrestarts=%d\ntoken=%s\n",
      machine.host, machine.boot, machine.space, (long)getpid(), began, date, claim->job,
      claim->restarts, token);
}

bool marl_process_is_earlier_start(const char *text, const MarlRunClaim *claim) {
  char job[FIELD], restarts[FIELD];
  get(text, "job", job);
  get(text, "restarts", restarts);
  return claim->job[0] != '\0' && strcmp(job, claim->job) == 0 &&
         strtol(restarts, NULL, 10) < claim->restarts;
}

MarlLiving marl_process_living(const char *text) {
  Machine machine;
  char host[FIELD], boot[FIELD], space[FIELD], pid[FIELD], began[FIELD], now[FIELD];
  this_machine(&machine);
  get(text, "host", host);
  get(text, "boot", boot);
  get(text, "space", space);
  get(text, "pid", pid);
  get(text, "began", began);
  const long number = strtol(pid, NULL, 10);
  /* another boot may be that of another machine of the same name */
  if (number <= 0 || strcmp(host, machine.host) != 0 || strcmp(boot, machine.boot) != 0 ||
      strcmp(space, machine.space) != 0)
    return MARL_PROCESS_UNKNOWN;
  const bool found = kill((pid_t)number, 0) == 0;
  if (!found && errno == ESRCH) return MARL_PROCESS_GONE;
  beginning_of(number, now);
  if (!found && now[0] == '\0') return MARL_PROCESS_UNKNOWN; /* another user's, in a hidden /proc */
  return strcmp(began, now) == 0 ? MARL_PROCESS_ALIVE : MARL_PROCESS_GONE;
}

void marl_process_describe(const char *text, char out[160]) {
  char host[FIELD], pid[FIELD], date[FIELD];
  get(text, "host", host);
  get(text, "pid", pid);
  get(text, "date", date);
  if (pid[0] == '\0')
    snprintf(out, 160, "a program that has just begun");
  else
    snprintf(out, 160, "process %.20s of %.64s, which began %.24s", pid, host, date);
}
