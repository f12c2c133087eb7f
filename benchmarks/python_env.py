#!/usr/bin/env python3
"""A step of an environment from Python beside the same step in a C loop, and what PettingZoo's own rules cost.

    PYTHONPATH=python python3 benchmarks/python_env.py build/release/benchmarks/bench_env     from the root

Processor time; every way takes its turn in each of ROUNDS rounds, and the fastest round counts. All take the same
actions. The last line of each environment is an environment of PettingZoo that does nothing, with as many agents and
numbers: what dictionaries cost whoever uses them. Beside the cart and pole are Gymnasium's own, the same equations
in NumPy for all together (CartPoleVectorEnv) and one after the other (SyncVectorEnv).

    ... bench_env cartpole      that environment alone"""

import subprocess
import sys
import time

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from pettingzoo import ParallelEnv

import marl

ROUNDS = 5
# environment, how many together, steps a round, options
CASES = [
    ("turbulence", 4, 100, {"max_steps": 1000}),
    ("turbulence", 1, 300, {"max_steps": 1000}),
    ("dilemma", 64, 4000, {"num_agents": 5, "cycles": 1000}),
    ("dilemma", 1, 60000, {"num_agents": 5, "cycles": 1000}),
    ("cartpole", 64, 20000, {}),
]


class Nothing(ParallelEnv):
    """A ParallelEnv without a world: the dictionaries alone."""

    metadata = {"name": "nothing"}  # noqa: RUF012

    def __init__(self, agents, obs_dim):
        self.possible_agents = self.agents = [f"agent_{a}" for a in range(agents)]
        self.seen = np.zeros((agents, obs_dim), np.float32)
        self.space = spaces.Box(-1, 1, (obs_dim,), np.float32)

    def step(self, actions):
        for agent in self.agents:
            actions[agent]
        seen = self.seen.copy()
        return (dict(zip(self.agents, seen)), dict.fromkeys(self.agents, 0.0), dict.fromkeys(self.agents, False),
                dict.fromkeys(self.agents, False), {agent: {} for agent in self.agents})


def middle(role):
    return 0 if role.discrete else np.full(role.act_dim, 0.5 * (role.low + role.high), np.float32)


def clocked(step, steps):
    step()
    began = time.process_time()
    for _ in range(steps):
        step()
    return time.process_time() - began


def views(name, count, options):
    env = marl.vector_env(name, count, 1, **options)
    actions = np.zeros_like(env.act)
    actions[:] = middle(env.roles[0])

    def step():
        env.act[:] = actions
        env.step()
        return env.obs, env.reward

    return step


def gymnasium(name, count, options):
    env = marl.gym_vec(name, count, copy=False, **options)
    env.reset(seed=1)
    actions = np.zeros((env.num_envs, *env.single_action_space.shape), np.float32)
    return lambda: env.step(actions)


def peers(count, steps):
    """{what: seconds of a round} of Gymnasium's own carts and poles."""
    actions, found = np.zeros(count, np.int64), {}
    for what, mode in (("Gymnasium's own, NumPy", "vector_entry_point"), ("Gymnasium's own, one by one", "sync")):
        env = gym.make_vec("CartPole-v1", num_envs=count, vectorization_mode=mode)
        env.reset(seed=1)
        few = steps if mode != "sync" else steps // 20
        found[what] = lambda env=env, few=few: clocked(lambda: env.step(actions), few) * steps / few
    return found


def pettingzoo(name, options):
    env = marl.parallel_env(name, **options)
    env.reset(seed=1)
    role = env._envs.roles[0]
    actions = dict.fromkeys(env.possible_agents, middle(role))

    def step():
        if not env.agents:
            env.reset()
        env.step(actions)

    return step


def ways(name, count, steps, options):
    """{what: seconds of a round}"""
    words = [f"{key}={value}" for key, value in options.items()]
    found = {"C loop": lambda: float(subprocess.run([sys.argv[1], name, str(count), str(steps), *words], check=True,
                                                    capture_output=True, text=True).stdout)}
    step = views(name, count, options)
    found["VectorEnv"] = lambda: clocked(step, steps)
    try:
        vector = gymnasium(name, count, options)
        found["gym_vec, views"] = lambda: clocked(vector, steps)
    except ValueError:
        pass  # agents that do not decide at every step
    if name == "cartpole":
        found.update(peers(count, steps))
    if count == 1:
        one = pettingzoo(name, options)
        found["parallel_env"] = lambda: clocked(one, steps)
        env = marl.parallel_env(name, **options)
        nothing = Nothing(len(env.possible_agents), env._spaces.width)
        acts = dict.fromkeys(nothing.agents, 0)
        found["PettingZoo, no world"] = lambda: clocked(lambda: nothing.step(acts), steps)
    return found


def main():
    print("| environment | together | way | microseconds a step | of the C loop's speed |\n|---|---|---|---|---|")
    for name, count, steps, options in CASES:
        if name not in (sys.argv[2:] or [name]):
            continue
        found = ways(name, count, steps, options)
        best = dict.fromkeys(found, np.inf)
        for _ in range(ROUNDS):
            for what, run in found.items():
                best[what] = min(best[what], run())
        for what, seconds in best.items():
            speed = best["C loop"] / seconds
            print(f"| {name} | {count} | {what} | {1e6 * seconds / steps:.3g} | {100 * speed:.3g} % |", flush=True)


if __name__ == "__main__":
    main()
