"""Environments for Stable-Baselines3: marl.sb3_vec("turbulence", 4) as the env of PPO("MlpPolicy", env)."""

import numpy as np
from stable_baselines3.common.vec_env import VecEnv

from .gymnasium_env import gym_vec, one_role


class BaselinesEnv(VecEnv):
    """The sub-environments of marl.gym_vec, one an agent, as Stable-Baselines3 has them: the last observation of
    an episode is in infos[i]["terminal_observation"], and "TimeLimit.truncated" says that time was up."""

    def __init__(self, name=None, num_envs=1, config=None, **options):
        self._env = gym_vec(name, num_envs, config, copy=True, **options)
        one_role(self._env.envs, "Stable-Baselines3")
        self.render_mode = None
        super().__init__(self._env.num_envs, self._env.single_observation_space, self._env.single_action_space)
        self._actions, self._returns = None, np.zeros(self.num_envs)
        self._lengths = np.zeros(self.num_envs, int)
        self._next_seed = None

    def seed(self, seed=None):
        """All sub-environments draw by their number under one seed."""
        self._next_seed = seed
        return [seed] * self.num_envs

    def reset(self):
        observations, _ = self._env.reset(seed=self._next_seed)
        self._next_seed = None
        self._returns[:], self._lengths[:] = 0, 0
        return observations

    def step_async(self, actions):
        self._actions = actions

    def step_wait(self):
        observations, rewards, terminated, truncated, found = self._env.step(self._actions)
        self._returns += rewards
        self._lengths += 1
        ended = terminated | truncated
        infos = [{} for _ in range(self.num_envs)]
        for i in np.flatnonzero(ended):
            infos[i] = {"terminal_observation": found["final_obs"][i],
                        "TimeLimit.truncated": bool(truncated[i] and not terminated[i]),
                        "episode": {"r": self._returns[i], "l": int(self._lengths[i]), "t": 0.0}}
        self._returns[ended], self._lengths[ended] = 0, 0
        return observations, rewards, ended, infos

    def close(self):
        """Nothing is open: memory goes with the last array of it."""

    def get_attr(self, attr_name, indices=None):
        return [getattr(self._env, attr_name, getattr(self, attr_name, None))] * len(self._indices(indices))

    def set_attr(self, attr_name, value, indices=None):
        raise NotImplementedError("sub-environments are agents of one environment: they have no attributes of their own")

    def env_method(self, method_name, *arguments, indices=None, **keywords):
        raise NotImplementedError("sub-environments are agents of one environment: they have no methods of their own")

    def env_is_wrapped(self, wrapper_class, indices=None):
        return [False] * len(self._indices(indices))

    def _indices(self, indices):
        return range(self.num_envs) if indices is None else np.atleast_1d(indices)


def sb3_vec(name=None, num_envs=1, config=None, **options):
    """`num_envs` copies of an environment of `marl list envs` as a VecEnv of Stable-Baselines3, each of whose agents
    is a sub-environment (marl.gym_vec)."""
    return BaselinesEnv(name, num_envs, config, **options)
