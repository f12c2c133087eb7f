"""Spaces of somebody else's environment as numbers for the C learners: observations as flat vectors, actions
as choices or as numbers in [-1, 1]."""

import re

import numpy as np
from gymnasium import spaces


class Sight:
    """An observation space: a vector of `size` numbers, and a mask where it has one."""

    def __init__(self, space, agent, masked_info):
        self.in_observation = isinstance(space, spaces.Dict) and set(space.spaces) == {"observation", "action_mask"}
        self.space = space["observation"] if self.in_observation else space
        self.masked = masked_info or self.in_observation
        try:
            self.size = spaces.flatdim(self.space)
        except (NotImplementedError, ValueError) as problem:
            raise ValueError(f"the observations of {agent}, {space}, have no fixed number of components: {problem}") \
                from None

    def vector(self, observation):
        seen = observation["observation"] if self.in_observation else observation
        return np.asarray(spaces.flatten(self.space, seen), np.float32)

    def mask(self, observation, info):
        return observation["action_mask"] if self.in_observation else info.get("action_mask")


class Deed:
    """An action space: `choices` of each component, or () and `size` numbers."""

    def __init__(self, space, agent):
        self.space, self.choices = space, ()
        if isinstance(space, spaces.Discrete):
            self.choices, self.start = (int(space.n),), int(space.start)
        elif isinstance(space, spaces.MultiDiscrete):
            self.choices, self.start = tuple(int(n) for n in space.nvec.reshape(-1)), np.asarray(space.start).reshape(-1)
        elif isinstance(space, spaces.MultiBinary):
            self.choices, self.start = (2,) * int(np.prod(space.shape)), 0
        elif not isinstance(space, spaces.Box):
            raise TypeError(f"the actions of {agent} are {space}: expected Discrete, MultiDiscrete, MultiBinary or Box")
        elif not space.is_bounded():
            raise ValueError(f"the actions of {agent} have no bounds: {space}; wrap it so that they have")
        self.size = len(self.choices) or int(np.prod(space.shape))

    @property
    def key(self):
        return self.choices, self.size

    def action(self, row):
        if isinstance(self.space, spaces.Discrete):
            return self.start + int(row[0])
        if self.choices:
            return (row.astype(self.space.dtype) + self.start).astype(self.space.dtype).reshape(self.space.shape)
        low, high = self.space.low.reshape(-1), self.space.high.reshape(-1)
        inside = low + 0.5 * (row[:self.size].astype(np.float64) + 1) * (high.astype(np.float64) - low)
        return np.clip(inside, low, high).astype(self.space.dtype).reshape(self.space.shape)


def role_names(groups):
    """A name for each group of agents: what their names have in common, or "act" if there is but one."""
    if len(groups) == 1:
        return ["act"]
    names = []
    for agents in groups:
        name = re.sub(r'[,"\s]+', "_", re.sub(r"_?\d+$", "", str(agents[0])))[:40] or "agent"
        names.append(name if name not in names else f"{name}_{len(names)}")
    return names
