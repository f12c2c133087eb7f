#include "marl/run/exit_code.h"

MarlExit marl_exit_code(MarlCode code) {
  if (code == MARL_OK) return MARL_EXIT_DONE;
  if (code == MARL_ECONFIG) return MARL_EXIT_MISTAKE;
  if (code == MARL_EBUSY) return MARL_EXIT_IN_USE;
  return code == MARL_ESTOPPED ? MARL_EXIT_INTERRUPTED : MARL_EXIT_FAILED;
}
