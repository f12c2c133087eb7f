#include "theory/population_chain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX = MARL_MAX_STRATEGIES };
static const double most_work = 5e9, most_numbers = 1 << 27; /* seconds; 1 GiB */

typedef struct Chain {
  const MarlPopulationGame *game;
  const MarlSelection *selection;
  double mutation;
  int kinds, size;
  size_t states, width; /* no move leads further than `width` states */
  double *rate;         /* [states][2 width + 1] to state i - width + column, no diagonal */
} Chain;

/* Ways to share `size` among `kinds`: C(size + kinds - 1, kinds - 1). */
static double ways(int kinds, int size) {
  double product = 1.0;
  for (int i = 1; i < kinds; ++i) product *= (double)(size + i) / i;
  return round(product);
}

/* Compositions in the order of the first count, then the second ...: how many come before. */
static size_t index_of(const Chain *c, const int *counts) {
  double before = 0.0;
  int rest = c->size;
  for (int i = 0; i < c->kinds - 1; ++i) {
    /* all whose count i is lower: sum_{v < counts[i]} of ways to share what is left then */
    before += ways(c->kinds - i, rest) - ways(c->kinds - i, rest - counts[i]);
    rest -= counts[i];
  }
  return (size_t)before;
}

/* The next composition in that order; false after the last. */
static bool next(const Chain *c, int *counts) {
  const int last = c->kinds - 1;
  int i = last - 1, tail = counts[last];
  while (i >= 0 && tail == 0) tail += counts[i--];
  if (i < 0) return false;
  ++counts[i];
  for (int j = i + 1; j < last; ++j) counts[j] = 0;
  counts[last] = tail - 1;
  return true;
}

static double *entry(const Chain *c, size_t from, size_t to) {
  return &c->rate[from * (2 * c->width + 1) + (to + c->width - from)];
}

bool marl_population_chain_fits(int num_strategies, int population_size) {
  if (num_strategies < 1 || num_strategies > MAX || population_size < 2) return false;
  const double states = ways(num_strategies, population_size);
  const double width = num_strategies > 1 ? ways(num_strategies - 1, population_size) : 1.0;
  return states * width * width <= most_work && states * (2.0 * width + 1.0) <= most_numbers;
}

/* Probability that one of kind `from` becomes one of kind `to` in a birth or look. */
static double move(const Chain *c, const int *counts, const double *payoff, const double *parent,
                   double total, int from, int to) {
  const double size = c->size, share = counts[from] / size;
  const double selected =
      c->selection->rule == MARL_SELECTION_MORAN
          ? share * parent[to] / total
          : share * counts[to] / (size - 1.0) *
                marl_selection_take_over(c->selection, payoff[from], payoff[to]);
  return c->mutation * share / c->kinds + (1.0 - c->mutation) * selected;
}

static MarlCode fill(const Chain *c, MarlError *err) {
  int counts[MAX] = {0};
  double payoff[MAX], parent[MAX];
  counts[c->kinds - 1] = c->size;
  size_t state = 0;
  do {
    c->game->payoffs(c->game, counts, payoff);
    const double total = marl_selection_parents(c->selection, c->kinds, counts, payoff, parent);
    for (int from = 0; from < c->kinds; ++from)
      for (int to = 0; to < c->kinds; ++to) {
        if (from == to || counts[from] == 0) continue;
        const double p = move(c, counts, payoff, parent, total, from, to);
        if (!(p > 0.0 && p <= 1.0))
          return MARL_FAIL(err, MARL_ENUMERIC,
                           "payoffs are not finite numbers, or a fitness is negative");
        --counts[from], ++counts[to];
        *entry(c, state, index_of(c, counts)) = p;
        ++counts[from], --counts[to];
      }
    ++state;
  } while (next(c, counts));
  return MARL_OK;
}

/* Gaussian elimination of states (Grassmann, Taksar, Heyman 1985) within the band. */
static void eliminate(const Chain *c) {
  for (size_t k = c->states - 1; k > 0; --k) {
    const size_t first = k > c->width ? k - c->width : 0;
    const double *row = entry(c, k, first);
    double out = 0.0;
    for (size_t j = 0; j < k - first; ++j) out += row[j];
    for (size_t i = first; i < k; ++i) {
      double *into = entry(c, i, k);
      if (*into == 0.0) continue;
      const double factor = *into /= out;
      double *other = entry(c, i, first);
      for (size_t j = 0; j < k - first; ++j)
        other[j] += factor * row[j]; /* the diagonal is nobody's */
    }
  }
}

/* log of the states' probabilities but for a common factor: they may be too small for a double, where
 * those behind them are not. Returns the largest. */
static double substitute(const Chain *c, double *log_share) {
  double most = log_share[0] = 0.0;
  for (size_t k = 1; k < c->states; ++k) {
    const size_t first = k > c->width ? k - c->width : 0;
    double top = -INFINITY, sum = 0.0;
    for (size_t i = first; i < k; ++i)
      if (*entry(c, i, k) > 0.0 && log_share[i] > top) top = log_share[i];
    for (size_t i = first; i < k; ++i) sum += *entry(c, i, k) * exp(log_share[i] - top);
    log_share[k] = top + log(sum);
    most = fmax(most, log_share[k]);
  }
  return most;
}

static void average(const Chain *c, const double *log_share, double most,
                    MarlPopulationMeans *out) {
  int counts[MAX] = {0};
  double total = 0.0;
  const double size = c->size;
  memset(out, 0, sizeof *out);
  for (size_t k = 0; k < c->states; ++k) total += exp(log_share[k] - most);
  counts[c->kinds - 1] = c->size;
  for (size_t k = 0; k < c->states; ++k, next(c, counts)) {
    const double p = exp(log_share[k] - most) / total;
    for (int i = 0; i < c->kinds; ++i) {
      out->share[i] += p * counts[i] / size;
      for (int j = 0; j < c->kinds; ++j)
        out->pair[i][j] += p * counts[i] * (counts[j] - (i == j)) / (size * (size - 1.0));
    }
  }
}

MarlCode marl_population_chain(const MarlPopulationGame *game, const MarlSelection *selection,
                               double mutation, MarlPopulationMeans *out, MarlError *err) {
  const int n = game->num_strategies, size = game->population_size;
  if (!(mutation > 0.0 && mutation <= 1.0))
    return MARL_FAIL(err, MARL_EARG, "mutation %g; expected above 0, up to 1", mutation);
  if (!marl_population_chain_fits(n, size))
    return MARL_FAIL(err, MARL_EARG, "%d kinds in a population of %d have too many states", n,
                     size);
  Chain c = {.game = game, .selection = selection, .mutation = mutation, .kinds = n, .size = size};
  c.states = (size_t)ways(n, size);
  c.width = n > 1 ? (size_t)ways(n - 1, size) : 1;
  c.rate = calloc(c.states * (2 * c.width + 1), sizeof *c.rate);
  double *log_share = calloc(c.states, sizeof *log_share);
  MarlCode code = MARL_OK;
  if (c.rate == NULL || log_share == NULL)
    code = MARL_FAIL(err, MARL_EMEMORY, "no memory for a chain of %zu states", c.states);
  if (code == MARL_OK) code = fill(&c, err);
  if (code == MARL_OK) {
    eliminate(&c);
    average(&c, log_share, substitute(&c, log_share), out);
  }
  free(c.rate);
  free(log_share);
  return code;
}
