#include "envs/society/credit.h"

MarlDue marl_credit_verdict(MarlCredit *credit, const MarlPopulation *population, int decision,
                            int choice) {
  const int number = population->now.num_decided + decision;
  const MarlJudge *judge = &population->now.judge[number];
  const MarlEncounter encounter = marl_population_encounter(population);
  const float price = marl_encounter_price(&encounter, judge, choice);
  const MarlDue due = {judge->agent, MARL_ROLE_PUNISH, price - credit->judged[number]};
  credit->judged[number] = price;
  return due;
}

int marl_credit_settle(MarlCredit *credit, const MarlPopulation *population, bool finished,
                       MarlDue dues[MARL_MAX_DUES]) {
  /* before its moves a round has earned nothing */
  if (!finished && population->phase != MARL_ROLE_PUNISH) return 0;
  const MarlRound *round = finished ? &population->finished : &population->now;
  int count = 0;
  for (int side = 0; side < 2; ++side) {
    const float reward = round->utility[side] - credit->played[side];
    credit->played[side] = round->utility[side];
    dues[count++] = (MarlDue){round->player[side], MARL_ROLE_PLAY, reward};
    if (side == 0) dues[count++] = (MarlDue){round->player[side], MARL_ROLE_SELECT, reward};
  }
  for (int i = 0; i < round->num_decided; ++i) {
    const float reward = round->judge[i].utility - credit->judged[i];
    credit->judged[i] = round->judge[i].utility;
    dues[count++] = (MarlDue){round->judge[i].agent, MARL_ROLE_PUNISH, reward};
  }
  if (!finished) return count;
  const bool goes_on = population->rules.game.alternating && !round->last;
  const MarlCredit next = {
      .played = {goes_on ? credit->played[0] : 0.0f, goes_on ? credit->played[1] : 0.0f}};
  *credit = next;
  return count;
}
