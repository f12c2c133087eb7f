/* Small training runs whose state is full of indices: what a forged checkpoint would attack. */
#ifndef MARL_TESTS_FUZZ_TASKS_H
#define MARL_TESTS_FUZZ_TASKS_H

#include <stdio.h>

static const char *const hostile_tasks[] = {
    "env: {name: dilemma, num_envs: 2, num_agents: 4, cycles: 3, rounds: 2, mechanism: "
    "TPPDP-S+metanorm+graduated(fines=0.5;1;2)+adaptive}\n"
    "learner: {name: ppo, horizon: 16}\npolicy: {hidden: [4]}\n",
    "env: {name: dilemma, num_envs: 2, num_agents: 4, cycles: 3, rounds: 2, mechanism: DP-S, "
    "reputation: norm}\n"
    "learner: {name: dqn, replay_size: 64, replay_start: 8, minibatch: 8, interval: 16}\n"
    "policy: {hidden: [4]}\n",
    "env: {name: public_goods, num_envs: 2}\n"
    "learner: {name: dqn, replay_size: 64, replay_start: 8, minibatch: 8, interval: 16}\n"
    "policy: {hidden: [4]}\n",
    "env: {name: commons, num_envs: 2}\n"
    "learner: {name: ppo, horizon: 16}\npolicy: {hidden: [4]}\n",
    "env: {name: matrix_game, num_envs: 2, rounds: 5}\n"
    "learner: {name: reinforce, horizon: 16}\npolicy: {hidden: [4]}\n",
    "env: {name: pendulum, num_envs: 2}\n"
    "learner: {name: vracer, replay_size: 256, replay_start: 16, minibatch: 8, gradient_steps: 1}\n"
    "policy: {hidden: [4]}\n",
    "env: {name: lqr, num_envs: 4}\nlearner: {name: cmaes}\n"
    "policy: {hidden: [], sharing: shared, normalize_observations: false}\n",
    "env: {name: lqr, num_envs: 4}\nlearner: {name: eki}\n"
    "policy: {hidden: [], sharing: shared, normalize_observations: false}\n",
};
enum { HOSTILE_TASKS = sizeof hostile_tasks / sizeof hostile_tasks[0], HOSTILE_YAML = 1024 };

static inline void hostile_yaml(int task, int updates, char yaml[HOSTILE_YAML]) {
  snprintf(yaml, HOSTILE_YAML,
           "run: {seed: 1, updates: %d, shards: 2, checkpoint_every: 1, keep: 9}\n%s", updates,
           hostile_tasks[task]);
}

#endif
