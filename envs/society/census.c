#include "envs/society/census.h"

const char *const marl_strategy_class_names[MARL_NUM_STRATEGY_CLASSES] = {
    MARL_STRATEGY_CLASS_NAMES};

MarlStrategyClass marl_strategy_class(int answer[2][2]) {
  /* bits: after (C, C), (C, D), (D, C), (D, D) of (partner, own); 1 defects */
  const int code = answer[0][0] << 3 | answer[0][1] << 2 | answer[1][0] << 1 | answer[1][1];
  switch (code) {
    case 0x0:
      return MARL_CLASS_ALLC;
    case 0xf:
      return MARL_CLASS_ALLD;
    case 0x3:
      return MARL_CLASS_TFT;
    case 0x6:
      return MARL_CLASS_WSLS;
    default:
      return MARL_CLASS_OTHER;
  }
}
