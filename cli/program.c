#include "cli/program.h"

#include <ctype.h>
#include <mpi.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/launch.h"
#include "cli/usage.h"
#include "marl/core/build_info.h"
#include "marl/core/comm.h"
#include "marl/run/exit_code.h"

/* One line, whatever bytes the user's texts have brought into it. */
static void print_error(const MarlError *err) {
  fputs("marl: ", stderr);
  for (const char *c = err->message; *c != '\0'; ++c)
    fputc(iscntrl((unsigned char)*c) ? '?' : *c, stderr);
  fputc('\n', stderr);
}

static MarlCode check_count(const MarlCommand *command, int count, MarlError *err) {
  if (count >= command->min_positional && count <= command->max_positional) return MARL_OK;
  return MARL_FAIL(
      err, MARL_ECONFIG, "%s: usage: marl %s %s; see 'marl help %s'",
      count < command->min_positional ? "an argument is missing" : "there is an argument too many",
      command->name, command->usage, command->name);
}

static MarlCode read_command_line(int argc, char **argv, const MarlCommand **command,
                                  MarlArguments *arguments, int *ranks, MarlError *err) {
  *ranks = 0;
  MARL_TRY(marl_command_find(argv[1], command, err));
  MARL_TRY(marl_arguments_parse(argc, argv, 2, (*command)->flags, arguments, err));
  if (arguments->help) return MARL_OK;
  MARL_TRY(check_count(*command, arguments->num_positional, err));
  return marl_arguments_int(arguments, &marl_flag_ranks, 1, 1 << 20, 0, ranks, err);
}

static MarlCode run(const MarlCommand *command, const MarlArguments *arguments, MPI_Comm comm,
                    MarlError *err) {
  if (!arguments->help) return command->run(arguments, comm, err);
  if (marl_comm_rank(comm) == 0) marl_usage_command(stdout, command);
  return MARL_OK;
}

/* The command on all ranks, and what it has to say at its end; the exit code. */
static int run_and_report(const MarlCommand *command, const MarlArguments *arguments, MPI_Comm comm,
                          MarlCode code, MarlError *err) {
  if (code == MARL_OK) code = run(command, arguments, comm, err);
  code = marl_comm_agree(comm, code, err);
  if (code == MARL_OK && (fflush(stdout) != 0 || ferror(stdout)))
    code = MARL_FAIL(err, MARL_EIO, "cannot write to the standard output");
  if (code != MARL_OK && marl_comm_rank(comm) == 0) print_error(err);
  return (int)marl_exit_code(code);
}

/* `marl`, `marl --help`, `marl --version`; -1 if it is none of them */
static int answer_about_program(int argc, char **argv) {
  if (argc < 2) {
    marl_usage_program(stderr);
    return MARL_EXIT_MISTAKE;
  }
  if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
    marl_usage_program(stdout);
    return MARL_EXIT_DONE;
  }
  if (strcmp(argv[1], "--version") == 0) {
    printf("marl %s (%s, %s)\n", marl_build_version(), marl_build_commit(), marl_build_compiler());
    return MARL_EXIT_DONE;
  }
  return -1;
}

int marl_main(int argc, char **argv) {
  const int answered = answer_about_program(argc, argv);
  if (answered >= 0) return fflush(stdout) == 0 ? answered : MARL_EXIT_FAILED;

  static MarlArguments arguments; /* large, and lives as long as the program */
  const MarlCommand *command = NULL;
  MarlError err = {.code = MARL_OK};
  int ranks;
  MarlCode code = read_command_line(argc, argv, &command, &arguments, &ranks, &err);
  if (!marl_is_launched() && (code != MARL_OK || ranks > 0)) {
    int launched_code = MARL_EXIT_DONE;
    if (code == MARL_OK) code = marl_launch(&arguments, ranks, &launched_code, &err);
    if (code == MARL_OK) return launched_code;
    print_error(&err); /* there is no other rank to agree with */
    return (int)marl_exit_code(code);
  }
  if (!marl_is_launched() && (command->alone || arguments.help))
    return run_and_report(command, &arguments, MPI_COMM_NULL, code, &err);
  if (!marl_is_launched() && (code = marl_prepare_alone(&err)) != MARL_OK) {
    if (marl_is_first_task()) print_error(&err);
    return (int)marl_exit_code(code);
  }
  MPI_Init(&argc, &argv);
  const int exit_code = run_and_report(command, &arguments, MPI_COMM_WORLD, code, &err);
  MPI_Finalize();
  return marl_rank_exit_code(exit_code);
}
