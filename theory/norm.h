/* Social norms of indirect reciprocity with public reputations, good or bad, and three actions:
 * cooperate (the donor pays c, the recipient gets b), defect, punish (the donor pays alpha, the
 * recipient loses beta). A norm is an assessment rule (what a donor becomes) and an action rule
 * (what a donor does), both by the reputations of donor and recipient. Assessments err with
 * probability mu.
 *
 * Ohtsuki and Iwasa 2004, 2006 (the leading eight); Ohtsuki, Iwasa, Nowak 2009 (costly
 * punishment). Donor acts depend on public information only, so a norm is stable against every
 * other action rule when no single deviation pays (the one-shot deviation principle). */
#ifndef MARL_THEORY_NORM_H
#define MARL_THEORY_NORM_H

#include <stdbool.h>
#include <stdint.h>

enum { MARL_BAD = 0, MARL_GOOD = 1 };
enum { MARL_DONOR_COOPERATES, MARL_DONOR_DEFECTS, MARL_DONOR_PUNISHES, MARL_NUM_DONOR_ACTIONS };

typedef struct MarlNorm {
  uint8_t assess[2][2][MARL_NUM_DONOR_ACTIONS]; /* [donor, recipient, action] -> MARL_GOOD or BAD */
  uint8_t act[2][2];                            /* [donor, recipient] -> action */
} MarlNorm;

typedef struct MarlDonation {
  double benefit, cost;    /* b, c of cooperation */
  double harm, harm_cost;  /* beta, alpha of punishment */
  double assessment_error; /* mu */
  int num_actions;         /* 2: nobody can punish; 3 */
} MarlDonation;

/* From its twelve bits: assessments in the order (donor, recipient, action) BBD BBC BGD BGC GBD GBC
 * GGD GGC, 1 is good, then acts BB BG GB GG, 1 is cooperation. Punishing is bad. */
MarlNorm marl_norm_from_bits(const uint8_t bits[12]);
/* The leading eight in Ohtsuki and Iwasa's order, index 0 .. 7. */
MarlNorm marl_norm_leading_eight(int index);
/* Third-order image scoring: cooperators are good, defectors bad; donors discriminate. */
MarlNorm marl_norm_image_scoring(void);

/* Share of good agents where everybody follows the norm. */
double marl_norm_good_share(const MarlNorm *norm, const MarlDonation *donation);
/* Share of acts that cooperate then. */
double marl_norm_cooperation(const MarlNorm *norm, double good_share);
/* Is every deviation from the action rule strictly worse? */
bool marl_norm_is_stable(const MarlNorm *norm, const MarlDonation *donation);

#endif
