#include "envs/society/published.h"

#include <stdlib.h>
#include <string.h>

#include "marl/core/arena.h"
#include "marl/learn/plain_array.h"

enum { PAIR_VIEW = 4 }; /* widest observation of players and judges */

static size_t num_agents(const MarlPublished *p) {
  return (size_t)p->population->rules.num_agents;
}

static size_t lay_out(MarlPublished *p, char *block) {
  size_t n = 0;
  p->select_obs = marl_carve(block, &n, num_agents(p) * p->wide, sizeof *p->select_obs);
  p->play_obs = marl_carve(block, &n, num_agents(p) * PAIR_VIEW, sizeof *p->play_obs);
  p->judge_obs = marl_carve(block, &n, MARL_MAX_JUDGES * PAIR_VIEW, sizeof *p->judge_obs);
  p->selected = marl_carve(block, &n, num_agents(p), sizeof *p->selected);
  return n;
}

MarlCode marl_published_create(const MarlPopulation *population, size_t wide, MarlPublished *out,
                               MarlError *err) {
  *out = (MarlPublished){.population = population};
  if (population->rules.matching == MARL_MATCHING_SELECT) out->wide = wide;
  const size_t size = lay_out(out, NULL);
  out->memory = marl_arena_alloc(size);
  if (out->memory == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "dilemma: no memory for the views of %zu agents",
                     num_agents(out));
  memset(out->memory, 0, size);
  lay_out(out, out->memory);
  return MARL_OK;
}

void marl_published_clear(MarlPublished *published) {
  free(published->memory);
  *published = (MarlPublished){.memory = NULL};
}

void marl_published_decide(MarlPublished *p, const int *choices) {
  const MarlPopulation *population = p->population;
  const int pending = marl_population_pending(population);
  for (int i = 0; i < pending; ++i) {
    const size_t agent = (size_t)marl_population_decider(population, i);
    float *obs = p->play_obs + agent * PAIR_VIEW;
    if (population->phase == MARL_ROLE_SELECT) {
      obs = p->select_obs + agent * p->wide;
      p->selected[agent] = choices[i];
    } else if (population->phase == MARL_ROLE_PUNISH) {
      obs = p->judge_obs + ((size_t)population->now.num_decided + (size_t)i) * PAIR_VIEW;
    }
    marl_population_observe(population, i, obs);
  }
}

/* The next transition of io, with both views zero. */
static MarlTransition *next(const MarlEnvIo *io, int obs_dim) {
  MarlTransition *t = &io->transition[(*io->num_transitions)++];
  memset(t->obs, 0, (size_t)obs_dim * sizeof *t->obs);
  memset(t->next_obs, 0, (size_t)obs_dim * sizeof *t->next_obs);
  return t;
}

static void set(MarlTransition *t, int agent, int role, int choice, float reward, bool terminal) {
  t->agent = agent, t->role = role, t->choice = choice;
  t->reward = reward;
  t->terminal = terminal;
}

void marl_published_give(const MarlPublished *p, const int *role_number, int obs_dim,
                         const MarlEnvIo *io) {
  const MarlPopulation *population = p->population;
  const MarlRound *round = &population->finished;
  const bool pairing_ends = population->rules.pairings_end && round->last;
  const bool ends = pairing_ends || round->terminal;
  const bool alternating = population->rules.game.alternating;
  const int selector = round->player[0];
  if (role_number[MARL_ROLE_SELECT] >= 0 && (!alternating || round->last)) {
    MarlTransition *t = next(io, obs_dim);
    set(t, selector, role_number[MARL_ROLE_SELECT], p->selected[selector], round->utility[0],
        pairing_ends);
    memcpy(t->obs, p->select_obs + (size_t)selector * p->wide, p->wide * sizeof *t->obs);
    marl_population_observe_select(population, selector, t->next_obs);
  }
  for (int side = 0; side < 2; ++side) {
    if (!round->moved[side]) continue;
    const int agent = round->player[side];
    const size_t width = (size_t)marl_population_obs_dim(population, MARL_ROLE_PLAY, agent);
    MarlTransition *t = next(io, obs_dim);
    set(t, agent, role_number[MARL_ROLE_PLAY], round->action[side], round->utility[side], ends);
    memcpy(t->obs, p->play_obs + (size_t)agent * PAIR_VIEW, width * sizeof *t->obs);
    marl_population_observe_play(population, agent, round->player[1 - side], t->next_obs);
  }
  for (int i = 0; i < round->num_judges; ++i) {
    const MarlJudge *judge = &round->judge[i];
    const size_t width =
        (size_t)marl_population_obs_dim(population, MARL_ROLE_PUNISH, judge->agent);
    MarlTransition *t = next(io, obs_dim);
    set(t, judge->agent, role_number[MARL_ROLE_PUNISH], judge->decision, judge->utility, ends);
    memcpy(t->obs, p->judge_obs + (size_t)i * PAIR_VIEW, width * sizeof *t->obs);
    marl_population_observe_punish(population, round, i, t->next_obs);
  }
}

static MarlCode transfer(MarlPublished *p, MarlStore *store, bool write, MarlError *err) {
  const size_t n = num_agents(p);
  const MarlPlainArray arrays[] = {
      {"select_obs", MARL_F32, n * p->wide, p->select_obs},
      {"play_obs", MARL_F32, n * PAIR_VIEW, p->play_obs},
      {"judge_obs", MARL_F32, MARL_MAX_JUDGES * PAIR_VIEW, p->judge_obs},
      {"selected", MARL_I32, n, p->selected},
  };
  return marl_plain_transfer(store, arrays, sizeof arrays / sizeof *arrays, write, err);
}

MarlCode marl_published_save(const MarlPublished *published, MarlStore *to, MarlError *err) {
  MarlPublished view = *published; /* the same arrays; nothing is changed when writing */
  return transfer(&view, to, true, err);
}

MarlCode marl_published_load(MarlPublished *published, MarlStore *from, MarlError *err) {
  MARL_TRY(transfer(published, from, false, err));
  const MarlPopulation *population = published->population;
  for (int i = 0; published->wide > 0 && i < population->rules.num_agents; ++i)
    MARL_TRY(marl_store_check_within(from, "selected", MARL_I32, 1, 0, (int64_t)published->wide - 1,
                                     &published->selected[i], err));
  return MARL_OK;
}
