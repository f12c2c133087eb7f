"""A trained policy, decided by the C program's own code: marl.load_policy("runs/a")(observation)."""

from __future__ import annotations

import ctypes
import json
import os

import numpy as np
from numpy.typing import ArrayLike

from .engine import Role, VectorEnv, _Handle, roles_of
from .library import library


class Policy:
    """What `marl train` has learned, or a file of `marl export`.

        policy = marl.load_policy("runs/cartpole")
        action = policy(observation)              # [O] -> a choice, or [U] numbers
        actions = policy(observations)            # [..., O] -> [...] or [..., U]

    Actions are the mean or the most probable ones, as `marl evaluate` takes them, by the same code in single
    precision; with `seed` they are drawn. The same rows together have the same bits; a row alone may differ
    from itself among others in the last digit, for BLAS sums in another order. Observations are as the
    environment wrote them: the policy normalizes them itself.
    """

    roles: tuple[Role, ...]

    def __init__(self, path: str | os.PathLike, replica: int = 0):
        self._library = library()
        self._handle = _Handle(self._library.policy_open, self._library.policy_destroy, os.fsencode(path),
                               replica)
        described = json.loads(self._library.policy_describe(self._handle.pointer))
        self.roles = roles_of(described)
        self.num_agents = described["num_agents"]
        self.num_sets = described["num_sets"]
        self.memory = tuple(role["memory"] for role in described["roles"])  # units that each role remembers with
        sets = described["set"]
        self.sets = np.array([0] * self.num_agents if sets is None else sets)  # the parameters of each agent
        self._shared = sets is None

    def role(self, name: str | int | None) -> int:
        """The number of a role, by name or number."""
        names = [role.name for role in self.roles]
        if name is None and len(names) == 1:
            return 0
        if name in names:
            return names.index(name)
        if isinstance(name, (int, np.integer)) and 0 <= name < len(names):
            return int(name)
        raise ValueError(f"role {name!r}: expected one of {', '.join(names)}")

    def _set(self, agent):
        if self._shared:
            return 0
        if agent is None:
            raise ValueError(f"the policy has {self.num_sets} parameter sets, for {self.num_agents} agents: say which "
                             "agent decides")
        if not 0 <= agent < self.num_agents:
            raise ValueError(f"agent {agent}: expected 0 to {self.num_agents - 1}")
        return int(self.sets[agent])

    def __call__(self, observation: ArrayLike, *, role: str | int | None = None, agent: int | None = None,
                 mask: ArrayLike | None = None, seed: int | None = None,
                 memory: np.ndarray | None = None) -> int | np.ndarray:
        """Actions for observations [..., O].

        role    which kind of decision, where there are several
        agent   who decides, where agents have parameters of their own
        mask    [..., logits] 1 = a legal choice; None: all are
        seed    None: the mean or the most probable action; a number: drawn with it
        memory  [..., M] float32 of a policy that remembers: 0 when an episode begins, changed in place by the
                decision; None: each observation begins an episode
        """
        number = self.role(role)
        kind = self.roles[number]
        seen = np.ascontiguousarray(observation, np.float32)
        if seen.ndim == 0 or seen.shape[-1] != kind.obs_dim:
            raise ValueError(f"observations of role '{kind.name}' have {kind.obs_dim} numbers, not shape {seen.shape}")
        lead = seen.shape[:-1]
        act = np.empty((*lead, kind.act_dim), np.float32)
        legal = None
        if mask is not None:
            legal = _rows(np.asarray(mask, np.uint8), (*lead, sum(kind.choices)), np.uint8, "mask")
            first = np.cumsum((0, *kind.choices[:-1]))
            if not kind.discrete or not all(legal[..., at:at + n].any(-1).all() for at, n in zip(first, kind.choices)):
                raise ValueError("mask: at least one choice of each component is legal")
        if memory is not None:
            if memory.dtype != np.float32 or not memory.flags.c_contiguous:
                raise ValueError("memory: expected a contiguous float32 array, which the decision changes")
            memory = _rows(memory, (*lead, self.memory[number]), np.float32, "memory")
        drawn = None if seed is None else ctypes.byref(ctypes.c_uint64(seed))
        self._library.policy_decide(self._handle.pointer, number, self._set(agent), act.size // kind.act_dim,
                                    seen.ctypes.data, None if legal is None else legal.ctypes.data, drawn,
                                    None if not self.memory[number] or memory is None else memory.ctypes.data,
                                    act.ctypes.data)
        if kind.discrete:
            act = act.astype(np.int64)
            return int(act[0]) if act.shape == (1,) else (act[..., 0] if kind.act_dim == 1 else act)
        return act

    def play(self, env: VectorEnv, seed: int | None = None) -> None:
        """Decide for every agent of a VectorEnv that is to decide: writes `env.act`. What a policy with memory
        remembers is kept, and forgotten where an episode ends. With `seed` actions are drawn: another number
        each step."""
        drawn = None if seed is None else ctypes.byref(ctypes.c_uint64(seed))
        self._library.policy_play(self._handle.pointer, env._handle.pointer, drawn)

    def __repr__(self):
        return f"<marl.Policy of {', '.join(role.name for role in self.roles)}: {self.num_sets} parameter sets>"


def _rows(array, shape, dtype, name):
    if array.shape != shape:
        raise ValueError(f"{name} has shape {array.shape}, expected {shape}")
    return np.ascontiguousarray(array, dtype)


def load_policy(path: str | os.PathLike, replica: int = 0) -> Policy:
    """The policy in a run folder (its newest checkpoint), a checkpoint or a file of `marl export`; `replica` of
    run.replicas."""
    return Policy(path, replica)
