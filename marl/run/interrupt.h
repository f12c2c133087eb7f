/* SIGTERM, SIGINT, SIGUSR1, SIGXCPU and SIGHUP ask a run to write a checkpoint and end with exit code
 * MARL_EXIT_INTERRUPTED; batch systems send them before time is up. A second SIGINT ends the program
 * at once. A SIGHUP that is ignored (nohup) stays so. */
#ifndef MARL_RUN_INTERRUPT_H
#define MARL_RUN_INTERRUPT_H

#include <signal.h>
#include <stdbool.h>

void marl_interrupt_listen(void);           /* from now on; what came before is over */
void marl_interrupt_signals(sigset_t *set); /* those that it listens to */
bool marl_interrupt_requested(void);        /* on this rank: agree before acting on it */

#endif
