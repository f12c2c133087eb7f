#include "marl/learn/tabular_q.h"

static const float *row_of(const MarlTabularQ *q, int state) {
  return q->value + (size_t)state * (size_t)q->num_choices;
}

int marl_tabular_q_greedy(const MarlTabularQ *q, int state) {
  const float *row = row_of(q, state);
  int best = 0;
  for (int k = 1; k < q->num_choices; ++k)
    if (row[k] > row[best]) best = k;
  return best;
}

/* `word` scaled to 0 .. n - 1 */
static int scale(uint32_t word, int n) {
  return (int)(((uint64_t)word * (uint64_t)n) >> 32);
}

int marl_tabular_q_explore(const MarlTabularQ *q, int state, double epsilon, MarlKey key,
                           uint64_t index) {
  uint32_t words[4];
  marl_philox(key, index, words);
  if (((double)words[0] + 0.5) * 0x1p-32 < epsilon) return scale(words[1], q->num_choices);
  const float *row = row_of(q, state);
  const float best = row[marl_tabular_q_greedy(q, state)];
  int equals = 0;
  for (int k = 0; k < q->num_choices; ++k) equals += row[k] == best;
  int pick = scale(words[2], equals), choice = 0;
  while (row[choice] != best || pick-- > 0) ++choice;
  return choice;
}

void marl_tabular_q_learn(MarlTabularQ *q, int state, int choice, double reward, int next_state) {
  double target = reward;
  if (next_state != MARL_TABULAR_Q_END)
    target +=
        (double)q->discount * (double)row_of(q, next_state)[marl_tabular_q_greedy(q, next_state)];
  float *value = q->value + (size_t)state * (size_t)q->num_choices + choice;
  *value += q->rate * ((float)target - *value);
}
