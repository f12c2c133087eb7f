/* SIGTERM, SIGINT and SIGUSR1 ask a run to write a checkpoint and end with exit code 0; batch
 * systems send them before time is up. A second SIGINT ends the program at once. */
#ifndef MARL_CLI_INTERRUPT_H
#define MARL_CLI_INTERRUPT_H

#include <stdbool.h>

void marl_interrupt_listen(void);
bool marl_interrupt_requested(void); /* on this rank: agree before acting on it */

#endif
