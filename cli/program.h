/* The program `marl` as a function, for programs that bring plugins of their own:
 *
 *   int main(int argc, char **argv) {
 *     MarlError err;
 *     if (marl_register_closure(&my_closure, &err) != MARL_OK) return 1;
 *     return marl_main(argc, argv);
 *   }
 *
 * is `marl` with one closure more: simulate, train, evaluate, compare, list and all other commands know it.
 * docs/plugins.md tells more. Link with libmarl_cli and libmarl (CMake: marl::marl_cli). */
#ifndef MARL_CLI_PROGRAM_H
#define MARL_CLI_PROGRAM_H

/* Answers the command line; starts and ends MPI. The exit code of the program. */
int marl_main(int argc, char **argv);

#endif
