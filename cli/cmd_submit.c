#define _POSIX_C_SOURCE 200809L /* popen, fileno */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/calibration.h"
#include "cli/command.h"
#include "cli/shipped.h"
#include "marl/core/comm.h"
#include "marl/core/path.h"

static const MarlFlag flag_nodes = {"--nodes", "N", "machines (1)"};
static const MarlFlag flag_tasks = {"--ranks", "K",
                                    "MPI ranks of a job (4, at most run.shards; 1 in an array)"};
static const MarlFlag flag_time = {"--time", "TIME", "limit, as sbatch takes it (from the trial)"};
static const MarlFlag flag_memory = {"--memory", "MIB", "for each rank (from the trial)"};
static const MarlFlag flag_partition = {"--partition", "NAME", "of the cluster"};
static const MarlFlag flag_trial = {"--trial", "SECONDS", "length of the trial run (20; 0: none)"};
static const MarlFlag flag_array = {"--array", "N",
                                    "of a sweep: N jobs that share its trainings, instead of one"};
static const MarlFlag flag_print = {"--print", NULL, "print the script, submit nothing"};
static const MarlFlag *const flags[] = {
    &marl_flag_for, &marl_flag_set,  &marl_flag_out, &flag_nodes, &flag_tasks, &flag_time,
    &flag_memory,   &flag_partition, &flag_trial,    &flag_array, &flag_print, NULL};

enum {
  TEXT = 4096,
  LONGEST = 24 * 60
}; /* minutes that are asked for at most; a job goes on in the next */

typedef struct Submission {
  const MarlArguments *arguments;
  const MarlCommand *reader;
  const char *path;
  char program[MARL_SHIPPED_SIZE], out[TEXT], time[64];
  int nodes, ranks, memory; /* memory: MiB a rank, 0 unknown */
  int array;                /* jobs; 0: one, and no array */
  MarlCalibration trial;    /* share 0: nothing known */
} Submission;

/* In single quotes, which a shell leaves as they are. */
static void print_quoted(FILE *to, const char *text) {
  fputc('\'', to);
  for (; *text != '\0'; ++text) {
    if (*text == '\'')
      fputs("'\\''", to);
    else
      fputc(*text, to);
  }
  fputc('\'', to);
}

/* A line "#SBATCH --key=value" ends at a blank, and a new line would be a command of the job. */
static MarlCode check_word(const MarlArguments *arguments, const MarlFlag *flag, MarlError *err) {
  const char *value = marl_arguments_value(arguments, flag);
  for (const char *c = value; c != NULL && *c != '\0'; ++c)
    if (*c <= ' ' || *c == '#' || *c == 0x7f)
      return MARL_FAIL(err, MARL_ECONFIG, "%s '%.80s': expected a word without blanks or '#'",
                       flag->name, value);
  return MARL_OK;
}

/* Of a configuration that is claimed: what the command's option says, else a number beyond any cluster. */
static int most_ranks(const MarlCommand *reader, const MarlConfig *config) {
  for (size_t i = 0; reader->most_ranks != NULL && i < marl_config_num_claimed(config); ++i) {
    const MarlSection *section = marl_config_claimed(config, i);
    const char *name = marl_section_name(section);
    const size_t length = strlen(name);
    if (strncmp(reader->most_ranks, name, length) == 0 && reader->most_ranks[length] == '.')
      return marl_section_int(section, reader->most_ranks + length + 1);
  }
  return 1 << 20;
}

/* "runs/NAME", and what the flags say. */
static MarlCode read_flags(Submission *s, const MarlConfig *config, MarlError *err) {
  const MarlArguments *a = s->arguments;
  const char *out = marl_arguments_value(a, &marl_flag_out);
  const char *time = marl_arguments_value(a, &flag_time);
  int length;
  const char *name = marl_path_stem(s->path, &length);
  const int most = most_ranks(s->reader, config);
  MARL_TRY(marl_arguments_int(a, &flag_array, 1, 1 << 20, 0, &s->array, err));
  if (s->array > 0 && strcmp(s->reader->name, "sweep") != 0)
    return MARL_FAIL(err, MARL_ECONFIG, "--array is of a sweep; `marl %s` is one job",
                     s->reader->name);
  const int usual = s->array > 0 ? 1 : (most < 4 ? most : 4);
  MARL_TRY(marl_arguments_int(a, &flag_nodes, 1, 1 << 16, 1, &s->nodes, err));
  MARL_TRY(marl_arguments_int(a, &flag_tasks, 1, 1 << 20, usual, &s->ranks, err));
  MARL_TRY(marl_arguments_int(a, &flag_memory, 1, 1 << 24, 0, &s->memory, err));
  MARL_TRY(check_word(a, &flag_time, err));
  MARL_TRY(check_word(a, &flag_partition, err));
  snprintf(s->time, sizeof s->time, "%s", time != NULL ? time : "");
  const int size = out != NULL ? snprintf(s->out, TEXT, "%s", out)
                               : snprintf(s->out, TEXT, "runs/%.*s", length, name);
  if (size >= TEXT) return MARL_FAIL(err, MARL_ECONFIG, "the name of the run folder is too long");
  if (s->ranks > most)
    return MARL_FAIL(err, MARL_ECONFIG, "--ranks %d are more than %s, %d", s->ranks,
                     s->reader->most_ranks, most);
  if (s->ranks >= s->nodes) return MARL_OK;
  return MARL_FAIL(err, MARL_ECONFIG, "--ranks %d are fewer than --nodes %d", s->ranks, s->nodes);
}

/* A job starts or goes on, whichever is due, on ranks. */
static MarlCode check_command(const MarlCommand *command, MarlError *err) {
  for (const MarlFlag *const *flag = command->flags; flag != NULL && *flag != NULL; ++flag)
    if (*flag == &marl_flag_continue) return MARL_OK;
  return MARL_FAIL(err, MARL_ECONFIG,
                   "marl %s has no run folder that a job could continue (--continue)",
                   command->name);
}

static void print_job_name(const char *path, FILE *to) {
  enum { LONGEST_NAME = 60 };
  int length;
  const char *name = marl_path_name(path, &length);
  for (int i = 0; i < length && i < LONGEST_NAME; ++i)
    fputc(isalnum((unsigned char)name[i]) || strchr("._-", name[i]) != NULL ? name[i] : '_', to);
}

/* The command that the job runs, as arguments without --out. */
static int fill_arguments(const Submission *s, char **argv) {
  int argc = 0;
  argv[argc++] = (char *)s->program;
  argv[argc++] = (char *)s->reader->name;
  argv[argc++] = (char *)s->path;
  for (int i = 0; i < s->arguments->num_given; ++i) {
    if (s->arguments->given[i].flag != &marl_flag_set) continue;
    argv[argc++] = (char *)marl_flag_set.name;
    argv[argc++] = (char *)s->arguments->given[i].value;
  }
  return argc;
}

/* Half as much again as the trial, on ranks of which a third is lost; a quarter of an hour for what a
 * trial does not see. */
static int minutes_needed(const Submission *s) {
  if (!(s->trial.share > 0)) return LONGEST;
  const double alone = s->trial.seconds / s->trial.share / 60;
  const double ranks = s->ranks > 1 ? 0.67 * s->ranks : 1, jobs = s->array > 0 ? s->array : 1;
  const double minutes = ceil(1.5 * alone / (ranks * jobs)) + 15;
  return minutes < LONGEST ? (int)minutes : LONGEST;
}

static MarlCode try_run(Submission *s, MarlError *err) {
  char *argv[2 * MARL_MAX_ARGUMENTS + 4] = {NULL};
  int seconds;
  MARL_TRY(marl_arguments_int(s->arguments, &flag_trial, 0, 3600, 20, &seconds, err));
  const int argc = fill_arguments(s, argv);
  if (seconds > 0) MARL_TRY(marl_calibrate(argv, argc, seconds, &s->trial, err));
  const int minutes = minutes_needed(s);
  if (s->time[0] == '\0')
    snprintf(s->time, sizeof s->time, "%02d:%02d:00", minutes / 60, minutes % 60);
  if (s->memory == 0 && s->trial.memory > 0) s->memory = (int)(1.5 * s->trial.memory) + 100;
  return MARL_OK;
}

static void print_header(const Submission *s, FILE *to) {
  const char *partition = marl_arguments_value(s->arguments, &flag_partition);
  fprintf(to, "#!/bin/sh\n# Written by marl submit.");
  if (s->trial.share > 0)
    fprintf(to, " A trial of %.0f s on one rank did %.3g %% of the whole, in %.0f MiB.",
            s->trial.seconds, 100 * s->trial.share, s->trial.memory);
  fputs("\n#SBATCH --job-name=", to);
  print_job_name(s->out, to);
  fprintf(to, "\n#SBATCH --nodes=%d\n#SBATCH --ntasks=%d\n", s->nodes, s->ranks);
  fprintf(to, "#SBATCH --time=%s\n", s->time);
  if (s->array > 0) fprintf(to, "#SBATCH --array=1-%d\n", s->array);
  if (s->memory > 0) fprintf(to, "#SBATCH --mem-per-cpu=%dM\n", s->memory);
  if (partition != NULL) fprintf(to, "#SBATCH --partition=%s\n", partition);
  fputs(
      "#SBATCH --output=%x-%j.out\n"
      "#SBATCH --open-mode=append      # a later start does not erase what an earlier one said\n"
      "#SBATCH --requeue               # after a preemption or a lost node: start it again\n"
      "#SBATCH --signal=B:USR1@120     # two minutes before the time limit: save\n",
      to);
}

static void print_script(const Submission *s, FILE *to) {
  char *argv[2 * MARL_MAX_ARGUMENTS + 4] = {NULL};
  const int argc = fill_arguments(s, argv);
  print_header(s, to);
  for (int i = 0; i < argc; ++i) {
    print_quoted(to, argv[i]);
    fputc(' ', to);
  }
  fputs("--out ", to);
  print_quoted(to, s->out);
  if (s->array > 0) fprintf(to, " --part \"$SLURM_ARRAY_TASK_ID/%d\"", s->array);
  fputs(
      " --continue --quiet -n \"$SLURM_NTASKS\" &\n"
      "run=$! again=\n"
      "trap 'again=yes; kill -USR1 $run' USR1\n"
      "wait $run; code=$?\n"
      "[ -n \"$again\" ] && [ $code -gt 128 ] && { wait $run; code=$?; } # the signal ended the "
      "wait\n"
      "[ -n \"$again\" ] && [ $code = 75 ] && exec scontrol requeue "
      "\"${SLURM_ARRAY_TASK_ID:+${SLURM_ARRAY_JOB_ID}_}${SLURM_ARRAY_TASK_ID:-$SLURM_JOB_ID}\"\n"
      "exit $code\n",
      to);
}

static MarlCode hand_to_slurm(const Submission *s, MarlError *err) {
  (void)signal(SIGPIPE, SIG_IGN); /* a sbatch that is not there takes nothing */
  FILE *sbatch = popen("sbatch", "w");
  if (sbatch == NULL) return MARL_FAIL(err, MARL_EIO, "cannot start sbatch: %s", strerror(errno));
  print_script(s, sbatch);
  const int status = pclose(sbatch);
  if (status == 0) return MARL_OK;
  return MARL_FAIL(err, MARL_EIO,
                   "sbatch did not take the job; --print shows the script, for a cluster without "
                   "Slurm or a script of one's own");
}

static MarlCode run(const MarlArguments *arguments, MPI_Comm comm, MarlError *err) {
  Submission s = {.arguments = arguments, .path = arguments->positional[0]};
  MarlConfig *config;
  if (marl_comm_rank(comm) != 0) return MARL_OK; /* one job, whoever starts this on ranks */
  marl_program_path(s.program);
  if (s.program[0] == '\0') snprintf(s.program, sizeof s.program, "%s", arguments->program);
  MARL_TRY(marl_arguments_config(arguments, s.path, MPI_COMM_NULL, &config, err));
  MarlCode code =
      marl_command_reader(marl_arguments_value(arguments, &marl_flag_for), config, &s.reader, err);
  if (code == MARL_OK) code = check_command(s.reader, err);
  if (code == MARL_OK) code = s.reader->claim(config, err);
  if (code == MARL_OK) code = marl_config_finish(config, err);
  if (code == MARL_OK) code = read_flags(&s, config, err);
  marl_config_destroy(&config);
  if (code == MARL_OK) code = try_run(&s, err);
  MARL_TRY(code);
  if (!marl_arguments_has(arguments, &flag_print)) return hand_to_slurm(&s, err);
  print_script(&s, stdout);
  return MARL_OK;
}

const MarlCommand marl_command_submit = {
    .name = "submit",
    .usage = "CONFIG",
    .summary = "Write a job for a Slurm cluster and submit it",
    .details =
        "Tries CONFIG for some seconds on one rank, writes a batch script with the time and "
        "memory\n"
        "that follow, and hands it to sbatch. The job saves before its time limit and goes on in\n"
        "another one until all is done, and so it does after a preemption or a lost node; the "
        "result\n"
        "is that of an undisturbed run, bit for bit. --print shows the script. docs/cluster.md.",
    .min_positional = 1,
    .max_positional = 1,
    .flags = flags,
    .alone = true,
    .run = run,
};
