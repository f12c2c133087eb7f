#define _XOPEN_SOURCE 700 /* sigaction, SIGXCPU */
#include "marl/run/interrupt.h"

#include <stddef.h>

/* the only state that a signal handler can reach */
static volatile sig_atomic_t requested = 0;

static const int signals[] = {SIGTERM, SIGINT, SIGUSR1, SIGXCPU, SIGHUP};
enum { NUM_SIGNALS = sizeof signals / sizeof *signals };

static void request(int signal_number) {
  (void)signal_number;
  requested = 1;
}

void marl_interrupt_signals(sigset_t *set) {
  sigemptyset(set);
  for (int i = 0; i < NUM_SIGNALS; ++i) sigaddset(set, signals[i]);
}

void marl_interrupt_listen(void) {
  requested = 0;
  for (int i = 0; i < NUM_SIGNALS; ++i) {
    struct sigaction action = {.sa_handler = request, .sa_flags = SA_RESTART}, before;
    if (signals[i] == SIGINT) action.sa_flags = (int)(SA_RESTART | SA_RESETHAND);
    sigemptyset(&action.sa_mask);
    if (signals[i] == SIGHUP && sigaction(SIGHUP, NULL, &before) == 0 &&
        before.sa_handler == SIG_IGN)
      continue;
    sigaction(signals[i], &action, NULL);
  }
}

bool marl_interrupt_requested(void) {
  return requested != 0;
}
