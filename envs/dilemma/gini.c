#include "envs/dilemma/gini.h"

double marl_gini(const double *income, int n) {
  double least = income[0], sum = 0.0, difference = 0.0;
  for (int i = 1; i < n; ++i) least = income[i] < least ? income[i] : least;
  for (int i = 0; i < n; ++i) {
    sum += income[i] - least;
    for (int j = 0; j < i; ++j)
      difference += income[i] > income[j] ? income[i] - income[j] : income[j] - income[i];
  }
  return sum > 0.0 ? difference / (n * sum) : 0.0;
}
