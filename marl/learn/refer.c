#include "marl/learn/refer.h"

float marl_refer_bound(double cutoff, double anneal, int64_t step) {
  return (float)(1 + cutoff / (1 + anneal * (double)step));
}

double marl_refer_beta(double beta, double far_share, double target, double rate) {
  return (1 - rate) * beta + (far_share > target ? 0 : rate);
}
