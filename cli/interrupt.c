#define _POSIX_C_SOURCE 200809L /* sigaction */
#include "cli/interrupt.h"

#include <signal.h>
#include <stddef.h>

/* the only state that a signal handler can reach */
static volatile sig_atomic_t requested = 0;

static void request(int signal_number) {
  (void)signal_number;
  requested = 1;
}

void marl_interrupt_listen(void) {
  struct sigaction action = {.sa_handler = request, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGUSR1, &action, NULL);
  action.sa_flags = (int)(SA_RESTART | SA_RESETHAND);
  sigaction(SIGINT, &action, NULL);
}

bool marl_interrupt_requested(void) {
  return requested != 0;
}
