"""Environments for PettingZoo: marl.parallel_env("dilemma")."""

from __future__ import annotations

import copy
import os

import numpy as np
from gymnasium import spaces
from pettingzoo import ParallelEnv as Base

from .engine import VectorEnv
from .spaces import AgentSpaces, check_mode


class ParallelEnv(Base):
    """One environment as PettingZoo's ParallelEnv.

    Agents are agent_0, agent_1, ... They stay in `agents` until they have terminated or time is up,
    as PettingZoo asks: one that does not decide at a step sees zeros, may only take choice 0 where
    there is a mask, and what it does is ignored; infos[agent]["role"] is then None. Its reward is the
    sum over its roles; infos[agent]["rewards"] has them one by one where there are several.
    An illegal choice raises MarlError and changes nothing. `metrics` has the environment's own figures.
    """

    def __init__(self, name: str | None = None, config: str | os.PathLike | dict | None = None,
                 render_mode: str | None = None, **options):
        self._frame = None
        self._envs = VectorEnv(name, 1, None, config, **options)
        self._spaces = AgentSpaces(self._envs.roles, hasattr(self._envs, "mask"))
        modes = ["ansi", "human", *(["rgb_array"] if self._envs.shows else [])]
        self.metadata = {"name": f"marl_{self._envs.name}", "render_modes": modes, "is_parallelizable": True}
        check_mode(render_mode, modes, self._envs.name)
        self.render_mode = render_mode
        self.possible_agents = [f"agent_{a}" for a in range(self._envs.num_agents)]
        self.agents = []
        self.observation_spaces = {agent: _copy(self._spaces.observation) for agent in self.possible_agents}
        self.action_spaces = {agent: _copy(self._spaces.action) for agent in self.possible_agents}
        if hasattr(self._envs, "state"):
            self.state_space = spaces.Box(-np.inf, np.inf, self._envs.state.shape[1:], np.float32)
        self._number = {agent: a for a, agent in enumerate(self.possible_agents)}
        self._last = None

    def observation_space(self, agent: str) -> spaces.Space:
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> spaces.Space:
        return self.action_spaces[agent]

    def reset(self, seed: int | None = None, options: dict | None = None) -> tuple[dict, dict]:
        """A new episode; with a seed the first one of `marl train` under run.seed = seed."""
        self._envs.reset(seed)
        self.agents = list(self.possible_agents)
        self._take(final=False)
        self._look()
        return self._observations(self.agents), self._infos(self.agents)

    def step(self, actions: dict) -> tuple[dict, dict, dict, dict, dict]:
        """actions {agent: action} of at least those that decide now."""
        if not self.agents:
            raise ValueError("the episode has ended: call reset()")
        envs, live = self._envs, self.agents
        for agent in live:
            a = self._number[agent]
            if not envs.active[0, a]:
                continue
            if agent not in actions:
                raise ValueError(f"{agent} decides in role '{envs.roles[envs.role[0, a]].name}' and has no action")
            self._spaces.act(actions[agent], envs.role[0, a], envs.act[0, a])
        envs.step()
        rewards = envs.reward[0].sum(axis=1, dtype=np.float64)
        terminated, truncated = envs.terminated[0].astype(bool), envs.truncated[0].astype(bool)
        over = bool((terminated | truncated).all())
        self._take(over)
        if not over:  # else the next episode has begun: the picture stays that before the last step
            self._look()
        result = (self._observations(live),
                  {agent: float(rewards[self._number[agent]]) for agent in live},
                  {agent: bool(terminated[self._number[agent]]) for agent in live},
                  {agent: bool(truncated[self._number[agent]]) for agent in live},
                  self._infos(live, envs.reward[0]))
        self.agents = [agent for agent in live
                       if not (terminated[self._number[agent]] or truncated[self._number[agent]])]
        if self.render_mode == "human":
            self.render()
        return result

    def _take(self, final):
        """What agents see now; of an ended episode how it ended, for the next has begun in its place."""
        envs, prefix = self._envs, "final_" if final else ""

        def part(name):
            return getattr(envs, prefix + name)[0].copy() if hasattr(envs, name) else None

        self._role, self._active = part("role"), part("active").astype(bool)
        self._state, self._metrics = part("state"), part("metrics")
        self._rewards = envs.reward[0].sum(axis=1)
        self._seen = self._spaces.observe(part("obs"), self._role, self._active, part("mask"))

    def _look(self):
        if self.render_mode == "rgb_array":
            self._frame = self._envs.look()

    def _observations(self, agents):
        return {agent: self._seen[self._number[agent]] for agent in agents}

    def _infos(self, agents, rewards=None):
        infos = {}
        for agent in agents:
            a = self._number[agent]
            info = {"role": self._envs.roles[self._role[a]].name if self._active[a] else None}
            if self._spaces.masked:
                info["action_mask"] = self._seen[a]["action_mask"]
            if rewards is not None and len(self._envs.roles) > 1:
                info["rewards"] = {role.name: float(value) for role, value in zip(self._envs.roles, rewards[a])}
            infos[agent] = info
        return infos

    @property
    def metrics(self) -> dict[str, float]:
        """{name: value} of the episode, or of the one that has just ended; NaN where there is none yet."""
        return dict(zip(self._envs.metric_names, map(float, [] if self._metrics is None else self._metrics)))

    def state(self) -> np.ndarray:
        """The global state for a centralized critic, of environments that have one."""
        if self._state is None:
            raise NotImplementedError(f"environment '{self._envs.name}' has no global state")
        return self._state

    def render(self) -> str | np.ndarray | None:
        """Who decides in which role, and what everybody has just earned: a text, printed in mode human. In mode
        rgb_array the picture that `marl render` draws, [y, x, 3]; at the end of an episode that before its last
        step."""
        if self.render_mode == "rgb_array":
            from .film import image

            return image(self._frame)
        lines = [f"{self._envs.name}, step {int(self._envs.steps[0])}"]
        for agent, a in self._number.items():
            role = self._envs.roles[self._role[a]].name if self._active[a] else "-"
            lines.append(f"  {agent:<10} {role:<12} {self._rewards[a]:>12.6g}")
        lines += [f"  {name:<23} {value:>12.6g}" for name, value in self.metrics.items()]
        text = "\n".join(lines)
        if self.render_mode == "human":
            print(text)
            return None
        return text

    def close(self):
        """Nothing is open: memory goes with the last array of it."""


def _copy(space):
    """A space of its own, so that each agent's has its own random numbers."""
    return copy.deepcopy(space)


def parallel_env(name: str | None = None, config: str | os.PathLike | dict | None = None,
                 render_mode: str | None = None, **options) -> ParallelEnv:
    """An environment of `marl list envs` as a ParallelEnv of PettingZoo; `options` are its own, `config` a
    configuration file (a shipped one by name) or a dictionary."""
    return ParallelEnv(name, config, render_mode, **options)
