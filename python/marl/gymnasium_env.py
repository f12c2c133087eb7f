"""Environments for Gymnasium: marl.gym_vec("turbulence", num_envs=4), marl.gym_env("cartpole")."""

from __future__ import annotations

import os
from typing import ClassVar

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode
from gymnasium.vector import VectorEnv as Base
from gymnasium.vector.utils import batch_space

from .engine import VectorEnv
from .spaces import AgentSpaces, check_mode


def one_role(envs, whose):
    """Raises ValueError if agents decide in several roles, of which a learner for `whose` environments sees nothing."""
    if len(envs.roles) > 1:
        names = ", ".join(role.name for role in envs.roles)
        raise ValueError(f"environment '{envs.name}' as it is set has several roles ({names}), which {whose} does not "
                         "know: use marl.parallel_env or marl.gym_vec")


class GymVectorEnv(Base):
    """A vector environment whose sub-environments are the agents of `copies` environments, one after the
    other: agent a of environment e is number e * num_agents + a. So a policy that all agents share is
    trained by any learner for vector environments.

    Gymnasium knows no agent that waits: where one does not decide at a step, or
    ends before the others, the environment is refused at the step that shows it, unless `waiting`: then who
    decides is in infos["active"], a waiting agent sees zeros, has choice 0 only, what it does is ignored, and
    what it earns goes to its last decision; an agent that has ended waits for its environment's next episode.
    A learner has to leave the rows out in which `active` was False. An agent of several roles has the spaces of
    marl/spaces.py; its role is in infos["role"], its reward the sum over its roles, and infos["rewards"]
    [num_envs, roles] has the parts. Observations, rewards and ends are views of the library's memory unless
    `copy`: they change with the next step (where agents wait or have several roles they are copies). An
    episode that ends is followed by the next within the step (AutoresetMode.SAME_STEP): infos then has
    "final_obs" and "final_info". The action mask, where there is one, is in infos["action_mask"].
    """

    metadata: ClassVar = {"autoreset_mode": AutoresetMode.SAME_STEP, "render_modes": ["rgb_array"], "render_fps": 10}

    def __init__(self, name: str | None = None, copies: int = 1, config: str | os.PathLike | dict | None = None,
                 copy: bool = True, waiting: bool = False, render_mode: str | None = None, **options):
        self.envs = envs = VectorEnv(name, copies, None, config, **options)
        check_mode(render_mode, ["rgb_array"] if envs.shows else [], envs.name)
        self._spaces = shape = AgentSpaces(envs.roles, hasattr(envs, "mask"))
        self.num_envs = envs.num_envs * envs.num_agents
        self.single_observation_space, self.single_action_space = shape.vector, shape.action
        self.observation_space = batch_space(shape.vector, self.num_envs)
        self.action_space = batch_space(shape.action, self.num_envs)
        self.render_mode, self.spec, self._waiting = render_mode, None, waiting
        self._copy = copy or waiting or shape.several
        self._act = envs.act.reshape(self.num_envs, -1)
        self._obs = envs.obs.reshape(self.num_envs, -1)
        self._role = envs.role.reshape(self.num_envs)
        self._final = envs.final_obs.reshape(self.num_envs, -1)
        self._final_role = envs.final_role.reshape(self.num_envs)
        self._final_decides = envs.final_active.view(bool).reshape(self.num_envs)
        self._rewards = envs.reward.reshape(self.num_envs, -1)
        self._terminated = envs.terminated.view(bool).reshape(self.num_envs)
        self._truncated = envs.truncated.view(bool).reshape(self.num_envs)
        self._gone = envs.gone.view(bool).reshape(self.num_envs)
        self._decides = envs.active.view(bool).reshape(self.num_envs)
        self._mask = envs.mask.reshape(self.num_envs, -1).view(np.int8) if hasattr(envs, "mask") else None
        self._over = np.empty(self.num_envs, bool)

    def reset(self, *, seed=None, options=None):
        """New episodes; with a seed those of `marl train` under run.seed = seed. A list of seeds, one a
        sub-environment, cannot be: environments are numbered under one seed."""
        if seed is not None and not isinstance(seed, (int, np.integer)):
            raise ValueError("reset(seed=...) takes one number: sub-environments draw by their number under it")
        self.envs.reset(seed)
        self._check()
        return self._seen(), self._infos()

    def step(self, actions):
        self._spaces.act_all(actions, self._role, self._act)
        before = ~self._gone if self._waiting else None  # who ended earlier does not end once more
        self.envs.step()
        infos, ended = self._infos(), np.logical_or(self._terminated, self._truncated, out=self._over)
        terminated, truncated = self._out(self._terminated), self._out(self._truncated)
        if self._waiting:
            ended, terminated, truncated = ended & before, terminated & before, truncated & before
        if np.count_nonzero(ended):
            self._end(ended, infos)
        self._check()
        return self._seen(), self._earned(), terminated, truncated, infos

    def _end(self, ended, infos):
        at, agents = np.flatnonzero(ended), self.envs.num_agents
        whole = ended = ended.copy()
        if agents > 1:
            whole = ended & np.repeat(self._over.reshape(-1, agents).all(axis=1), agents)
        goes_on = at[~whole[at]]  # of an environment that goes on, what the agent saw last
        if self._spaces.several:
            seen = self._spaces.vectors(self._final[at], self._final_role[at], self._final_decides[at])
            seen[~whole[at]] = self._spaces.vectors(self._obs[goes_on], self._role[goes_on], self._decides[goes_on])
        else:
            seen = self._final[at]
            if self._waiting:
                seen[~whole[at]] = self._obs[goes_on]
        final = np.empty(self.num_envs, object)
        for i, row in zip(at.tolist(), seen):
            final[i] = row
        last = {name: np.repeat(self.envs.final_metrics[:, i], agents) for i, name in enumerate(self.envs.metric_names)}
        infos.update(final_obs=final, _final_obs=ended, final_info=last, _final_info=whole)

    def _check(self):
        if not self._waiting and (np.count_nonzero(self._decides) < self.num_envs or np.count_nonzero(self._gone)):
            self._refuse()

    def _seen(self):
        if self._spaces.several:
            return self._spaces.vectors(self._obs, self._role, self._decides)
        if not self._waiting:
            return self._out(self._obs)
        return np.where(self._decides[:, None], self._obs, np.float32(0))

    def _refuse(self):
        raise ValueError(f"environment '{self.envs.name}': not every agent decides at every step, which Gymnasium's "
                         "vector environments do not know: use marl.parallel_env, or waiting=True and "
                         "infos['active']")

    def _infos(self):
        infos = {"active": self._decides.copy()} if self._waiting else {}
        if self._spaces.several:
            infos.update(role=self._role.copy(), rewards=self._rewards.copy())
            if self._spaces.masked:
                infos["action_mask"] = self._spaces.legal(self._role, self._decides, self._mask)
        elif self._mask is not None:
            infos["action_mask"] = mask = self._out(self._mask)
            if self._waiting:
                mask[~self._decides] = self._spaces.nothing
        return infos

    def _earned(self):
        if self._spaces.several:
            return self._rewards.sum(axis=1, dtype=np.float64)
        return self._out(self._rewards[:, 0])

    def _out(self, array):
        return array.copy() if self._copy else array

    def render(self) -> tuple[np.ndarray, ...] | None:
        """The picture that `marl render` draws, [y, x, 3], an entry a sub-environment: agents of one environment
        have the same. Where an episode has just ended it is of the next one, as the observations are."""
        if self.render_mode is None:
            return None
        from .film import image

        pictures = [image(self.envs.look(env)) for env in range(self.envs.num_envs)]
        return tuple(picture for picture in pictures for _ in range(self.envs.num_agents))

    def close_extras(self, **kwargs):
        """Nothing is open: memory goes with the last array of it."""


class GymEnv(gymnasium.Env):
    """An environment of one agent with one role as Gymnasium's Env. Its episodes under
    reset(seed=s) are those of environment 0 of `marl train` with run.seed = s."""

    metadata: ClassVar = {"render_modes": ["rgb_array"], "render_fps": 10}

    def __init__(self, name: str | None = None, config: str | os.PathLike | dict | None = None,
                 render_mode: str | None = None, **options):
        self.render_mode, self._frame = render_mode, None
        self._envs = VectorEnv(name, 1, None, config, **options)
        one_role(self._envs, "Gymnasium's Env")
        self._spaces = AgentSpaces(self._envs.roles, hasattr(self._envs, "mask"))
        check_mode(render_mode, ["rgb_array"] if self._envs.shows else [], self._envs.name)
        if self._envs.num_agents > 1:
            raise ValueError(f"environment '{self._envs.name}' has {self._envs.num_agents} agents: use "
                             "marl.parallel_env, or marl.gym_vec for a policy that they share")
        self.observation_space, self.action_space = self._spaces.vector, self._spaces.action

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self._envs.reset(seed)
        self._look()
        return self._envs.obs[0, 0].copy(), self._infos()

    def _look(self):
        if self.render_mode is not None:
            self._frame = self._envs.look()

    def render(self) -> np.ndarray | None:
        """The picture that `marl render` draws, [y, x, 3]; at the end of an episode that before its last step."""
        if self.render_mode is None:
            return None
        from .film import image

        return image(self._frame)

    def step(self, action):
        envs = self._envs
        self._spaces.act(action, 0, envs.act[0, 0])
        envs.step()
        terminated, truncated = bool(envs.terminated[0, 0]), bool(envs.truncated[0, 0])
        seen = envs.final_obs if terminated or truncated else envs.obs
        if not (terminated or truncated):
            self._look()
        return seen[0, 0].copy(), float(envs.reward[0, 0, 0]), terminated, truncated, self._infos()

    def _infos(self):
        return {"action_mask": self._envs.mask[0, 0].view(np.int8).copy()} if hasattr(self._envs, "mask") else {}

    def action_masks(self) -> np.ndarray:
        """What MaskablePPO of sb3-contrib asks: the legal choices now."""
        if not hasattr(self._envs, "mask"):
            return np.ones(sum(self._envs.roles[0].choices), bool)
        return self._envs.mask[0, 0].astype(bool)


def gym_vec(name: str | None = None, num_envs: int = 1, config: str | os.PathLike | dict | None = None,
            copy: bool = True, waiting: bool = False, render_mode: str | None = None, **options) -> GymVectorEnv:
    """An environment of `marl list envs` as a VectorEnv of Gymnasium: `num_envs` copies of it, each of whose
    agents is a sub-environment. With copy=False observations, rewards and ends are views, which the next
    step overwrites; with waiting=True not every agent needs to decide at every step (GymVectorEnv); render_mode
    "rgb_array" where there is something to see."""
    return GymVectorEnv(name, num_envs, config, copy, waiting, render_mode, **options)


def gym_env(name: str | None = None, config: str | os.PathLike | dict | None = None, render_mode: str | None = None,
            **options) -> GymEnv:
    """An environment of one agent as an Env of Gymnasium; render_mode "rgb_array" where there is something to see."""
    return GymEnv(name, config, render_mode, **options)
