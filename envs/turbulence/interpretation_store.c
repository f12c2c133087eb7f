#include <string.h>

#include "envs/turbulence/interpretation.h"

MarlCode marl_interpretation_save(const MarlInterpretation *interpretation, int number,
                                  MarlStore *to, MarlError *err) {
  const size_t size = interpretation->run_size;
  const MarlArray array = {.type = MARL_F64, .rank = 2, .shape = {0, size}};
  return marl_store_append(to, "interpretation", &array, 1,
                           interpretation->run + (size_t)number * size, err);
}

MarlCode marl_interpretation_load(MarlInterpretation *interpretation, int number, MarlStore *from,
                                  MarlError *err) {
  const size_t size = interpretation->run_size;
  return marl_store_read(from, "interpretation", MARL_F64, size,
                         interpretation->run + (size_t)number * size, err);
}

void marl_interpretation_forget(MarlInterpretation *interpretation, int number) {
  const size_t size = interpretation->run_size;
  memset(interpretation->run + (size_t)number * size, 0, size * sizeof *interpretation->run);
}
