#include "cli/program.h"

int main(int argc, char **argv) {
  return marl_main(argc, argv);
}
