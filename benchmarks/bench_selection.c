/* Growth of a society that chooses partners: processor time of a cycle at ten times the agents, with
 * candidates and third-party punishment on the complete graph.
 *
 *   bench_selection */
#include "bench.h"
#include "envs/society/population.h"

typedef struct Life {
  MarlPopulation *population;
  int *choice;
} Life;

static void one_cycle(void *context) {
  Life *life = context;
  MarlPopulation *p = life->population;
  const int64_t cycle = p->cycle;
  while (p->cycle == cycle) {
    const int pending = marl_population_pending(p);
    for (int i = 0; i < pending; ++i) {
      float obs[16];
      marl_population_observe(p, i, obs);
      life->choice[i] = obs[0] > obs[1];
    }
    marl_population_apply(p, life->choice);
  }
}

static Life make(int num_agents) {
  MarlDilemmaRules rules = {.num_agents = num_agents,
                            .rounds = 10,
                            .cycles = 1,
                            .game = marl_game_named("prisoners_dilemma"),
                            .matching = MARL_MATCHING_SELECT,
                            .candidates = 8,
                            .graph = {.num_agents = num_agents},
                            .prices = {.fine = 3, .just_reward = 2, .unjust_reward = -10},
                            .reputation = MARL_REPUTATION_PLAY_PUNISH,
                            .play_sees_reputation = true};
  const MarlCombination *none;
  Life life = {.choice = calloc((size_t)num_agents, sizeof *life.choice)};
  if (life.choice == NULL ||
      marl_mechanisms_parse("third_party", &rules.mechanisms, &none, NULL) != MARL_OK ||
      marl_population_create(&rules, &life.population, NULL) != MARL_OK)
    exit(1);
  return life;
}

int main(void) {
  Life thousand = make(1000), ten_thousand = make(10000);
  BenchTask tasks[] = {{.run = one_cycle, .context = &thousand},
                       {.run = one_cycle, .context = &ten_thousand}};
  bench_race(2, tasks, 2.0);
  bench_begin("selection");
  printf(" candidates=8 rounds=10 ms_1000=%.3f ms_10000=%.3f growth=%.2f", 1e3 * tasks[0].cpu_min,
         1e3 * tasks[1].cpu_min, tasks[1].cpu_min / tasks[0].cpu_min);
  bench_end();
  marl_population_destroy(&thousand.population);
  marl_population_destroy(&ten_thousand.population);
  free(thousand.choice), free(ten_thousand.choice);
  return 0;
}
