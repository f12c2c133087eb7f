#include <stdio.h>

int main(void) {
  puts("marl 0.1.0");
  return 0;
}
