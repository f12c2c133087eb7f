#include "theory/norm.h"

#include <assert.h>
#include <math.h>

enum { C = MARL_DONOR_COOPERATES, D = MARL_DONOR_DEFECTS, P = MARL_DONOR_PUNISHES };

static const uint8_t tables[9][12] = {
    {0, 1, 0, 1, 1, 1, 0, 1, 1, 1, 0, 1}, {0, 1, 0, 1, 1, 0, 0, 1, 1, 1, 0, 1},
    {1, 1, 0, 1, 1, 1, 0, 1, 0, 1, 0, 1}, {1, 0, 0, 1, 1, 1, 0, 1, 0, 1, 0, 1},
    {1, 1, 0, 1, 1, 0, 0, 1, 0, 1, 0, 1}, {1, 0, 0, 1, 1, 0, 0, 1, 0, 1, 0, 1},
    {0, 0, 0, 1, 1, 1, 0, 1, 0, 1, 0, 1}, {0, 0, 0, 1, 1, 0, 0, 1, 0, 1, 0, 1},
    {0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1}, /* image scoring */
};

MarlNorm marl_norm_from_bits(const uint8_t bits[12]) {
  MarlNorm norm;
  for (int x = 0; x < 2; ++x) {
    for (int y = 0; y < 2; ++y) {
      const uint8_t *pair = bits + 2 * (2 * x + y);
      norm.assess[x][y][D] = pair[0];
      norm.assess[x][y][C] = pair[1];
      norm.assess[x][y][P] = MARL_BAD;
      norm.act[x][y] = bits[8 + 2 * x + y] != 0 ? C : D;
    }
  }
  return norm;
}

MarlNorm marl_norm_leading_eight(int index) {
  assert(index >= 0 && index < 8);
  return marl_norm_from_bits(tables[index]);
}

MarlNorm marl_norm_image_scoring(void) {
  return marl_norm_from_bits(tables[8]);
}

/* Probability to be good after `action`. */
static double good_after(const MarlNorm *norm, double error, int donor, int recipient, int action) {
  return norm->assess[donor][recipient][action] == MARL_GOOD ? 1.0 - error : error;
}

/* The same after the norm's own act. */
static double good_next(const MarlNorm *norm, double error, int donor, int recipient) {
  return good_after(norm, error, donor, recipient, norm->act[donor][recipient]);
}

/* Stable root of h = h^2 GG + h (1 - h) (GB + BG) + (1 - h)^2 BB. */
double marl_norm_good_share(const MarlNorm *norm, const MarlDonation *donation) {
  const double error = donation->assessment_error;
  const double gg = good_next(norm, error, MARL_GOOD, MARL_GOOD);
  const double gb = good_next(norm, error, MARL_GOOD, MARL_BAD);
  const double bg = good_next(norm, error, MARL_BAD, MARL_GOOD);
  const double bb = good_next(norm, error, MARL_BAD, MARL_BAD);
  const double c2 = gg - gb - bg + bb, c1 = gb + bg - 2.0 * bb - 1.0, c0 = bb;
  if (fabs(c2) < 1e-12) return -c0 / c1;
  return (-c1 - sqrt(c1 * c1 - 4.0 * c2 * c0)) / (2.0 * c2);
}

double marl_norm_cooperation(const MarlNorm *norm, double good_share) {
  double sum = 0.0;
  for (int x = 0; x < 2; ++x)
    for (int y = 0; y < 2; ++y)
      if (norm->act[x][y] == C)
        sum += (x == MARL_GOOD ? good_share : 1.0 - good_share) *
               (y == MARL_GOOD ? good_share : 1.0 - good_share);
  return sum;
}

/* More of `action` that a good recipient gets than a bad one, and that a good donor does. */
static double received(const MarlNorm *n, double h, int action) {
  return h * ((n->act[1][1] == action) - (n->act[1][0] == action)) +
         (1.0 - h) * ((n->act[0][1] == action) - (n->act[0][0] == action));
}

static double done(const MarlNorm *n, double h, int action) {
  return h * ((n->act[1][1] == action) - (n->act[0][1] == action)) +
         (1.0 - h) * ((n->act[1][0] == action) - (n->act[0][0] == action));
}

/* What a good name is worth: the difference of payoffs, discounted by how long it lasts. */
static double value_of_good_name(const MarlNorm *norm, const MarlDonation *d, double h) {
  const double error = d->assessment_error;
  const double gain = d->benefit * received(norm, h, C) - d->cost * done(norm, h, C) -
                      d->harm * received(norm, h, P) - d->harm_cost * done(norm, h, P);
  const double lasting = h * (good_next(norm, error, 1, 1) - good_next(norm, error, 0, 1)) +
                         (1.0 - h) * (good_next(norm, error, 1, 0) - good_next(norm, error, 0, 0));
  return gain / (1.0 - lasting);
}

bool marl_norm_is_stable(const MarlNorm *norm, const MarlDonation *d) {
  const double h = marl_norm_good_share(norm, d);
  const double value = value_of_good_name(norm, d, h);
  const double price[MARL_NUM_DONOR_ACTIONS] = {d->cost, 0.0, d->harm_cost};
  assert(d->num_actions <= MARL_NUM_DONOR_ACTIONS);
  for (int x = 0; x < 2; ++x) {
    for (int y = 0; y < 2; ++y) {
      const int own = norm->act[x][y];
      for (int other = 0; other < d->num_actions; ++other) {
        if (other == own) continue;
        const double name = good_after(norm, d->assessment_error, x, y, own) -
                            good_after(norm, d->assessment_error, x, y, other);
        if (!(name * value > price[own] - price[other])) return false;
      }
    }
  }
  return true;
}
