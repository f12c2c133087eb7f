"""Environments in a batch, as the C learners see them: arrays that are views of the library's own memory."""

from __future__ import annotations

import ctypes
import dataclasses
import json
import math
import os

import numpy as np

from .library import library
from .settings import as_c, resolve, shipped_text


@dataclasses.dataclass(frozen=True)
class Role:
    """One kind of decision: what an agent then sees and what it may do."""

    name: str
    obs_dim: int
    discrete: bool
    act_dim: int
    choices: tuple[int, ...]  # of each component of a discrete action
    low: float  # of a continuous action, in each component
    high: float


def roles_of(description):
    known = {field.name for field in dataclasses.fields(Role)}
    return tuple(Role(**{key: tuple(value) if key == "choices" else value
                         for key, value in role.items() if key in known}) for role in description["roles"])


class _Handle:
    """Keeps the C object; arrays keep the handle, so that none outlives its memory."""

    def __init__(self, create, destroy, *arguments):
        pointer = ctypes.c_void_p()
        create(*arguments, ctypes.byref(pointer))
        self.pointer = pointer
        library().own(self, destroy, pointer)


def _view(handle, address, shape, dtype, writable):
    count = math.prod(shape)
    if count == 0:
        return np.empty(shape, dtype)
    memory = (ctypes.c_char * (count * np.dtype(dtype).itemsize)).from_address(address)
    memory.handle = handle
    array = np.frombuffer(memory, dtype).reshape(shape)
    array.flags.writeable = writable
    return array


def environments() -> dict[str, dict]:
    """{name: description} of every environment of the library, as `marl list envs` prints them: summary,
    source, and its options with default, unit and help."""
    text = ctypes.c_void_p()
    library().list_envs(ctypes.byref(text))
    found = json.loads(ctypes.string_at(text))
    library().free(text)
    return {env["name"]: env for env in found}


class VectorEnv:
    """`num_envs` environments that step together, with no copy between them and the caller.

    Write `act`, call `step()`, read the others: NumPy views, [environment, agent, ...], of the memory
    that the C learners use (MarlBatch in marl/learn/vec_env.h says what each is). They change with the
    next step; copy what you keep. An episode that ends is followed by the next one within the step:
    `final_obs` and its like then have how it ended. Arrays that an environment has no use for (`mask`,
    `state`, `ended`) are absent.

    name      an environment of `marl.environments()`
    num_envs  environments; default: what the configuration says, else 8
    seed      the episodes are those of `marl train` with this run.seed
    config    a configuration file (a shipped one by name), or a dictionary
    options   of the environment: `help(...)` is `marl list envs NAME`
    """

    act: np.ndarray
    obs: np.ndarray
    reward: np.ndarray
    terminated: np.ndarray
    truncated: np.ndarray
    active: np.ndarray
    role: np.ndarray

    def __init__(self, name: str | None = None, num_envs: int | None = None, seed: int | None = None,
                 config: str | os.PathLike | dict | None = None, **options):
        settings = {f"env.{key}": value for key, value in options.items()}
        for key, value in (("env.name", name), ("env.num_envs", num_envs), ("run.seed", seed)):
            if value is not None:
                settings[key] = value
        path, settings = resolve(config, settings)
        self._library = library()
        self._handle = _Handle(self._library.envs_create, self._library.envs_destroy,
                               None if path is None else str(path).encode(), shipped_text(), len(settings),
                               as_c(settings))
        described = json.loads(self._library.envs_describe(self._handle.pointer))
        self.name = described["name"]
        self.num_envs = described["num_envs"]
        self.num_agents = described["num_agents"]
        self.max_steps = described["max_steps"]
        self.seed = described["seed"]
        self.shows = described["shows"]  # has look() something to show?
        self.roles = roles_of(described)
        self.metric_names = tuple(described["metrics"])
        self.arrays = tuple(array["name"] for array in described["arrays"])
        for array in described["arrays"]:
            view = _view(self._handle, array["address"], array["shape"], array["type"], array["name"] == "act")
            setattr(self, array["name"], view)
        self._begun = False
        self._take_step, self._pointer = self._library.envs_step, self._handle.pointer

    def reset(self, seed: int | None = None, evaluation: bool = False) -> None:
        """New episodes in all environments. With a seed they are numbered from the first again, as in a new
        VectorEnv; with `evaluation` they are those of `marl evaluate`, which no training has seen."""
        if seed is not None or evaluation:
            self.seed = self.seed if seed is None else int(seed)
            self._library.envs_seed(self._handle.pointer, self.seed, int(evaluation))
        fresh = seed is not None or evaluation or not self._begun
        self._library.envs_reset(self._handle.pointer, int(not fresh))
        self._begun = True

    def step(self) -> None:
        """All environments take the actions in `act`. MarlError if one is no choice or outside of its box;
        nothing has changed then."""
        self._take_step(self._pointer)

    def look(self, env: int = 0):
        """What environment `env` looks like now: a Frame of `panels`, arrays with names, units or kinds, as
        `marl view` and `marl render` draw them. MarlError where there is nothing to be seen (`shows` is False)."""
        from .frames import Frame, Panel

        text = ctypes.c_void_p()
        self._library.envs_look(self._handle.pointer, env, ctypes.byref(text))
        seen = json.loads(ctypes.string_at(text))
        self._library.free(text)
        panels = [Panel(panel["name"], panel["unit"], _view(
            self._handle, panel["address"], (panel["rows"], panel["columns"]),
            np.uint8 if panel["kinds"] else np.float32, False).copy(), panel["kinds"] or None)
            for panel in seen["panels"]]
        return Frame(seen["clock"], seen["at"], panels)

    def __repr__(self):
        return f"<marl.VectorEnv {self.name}: {self.num_envs} environments of {self.num_agents} agents>"


def vector_env(name: str | None = None, num_envs: int | None = None, seed: int | None = None,
               config: str | os.PathLike | dict | None = None, **options) -> VectorEnv:
    """A VectorEnv that has begun its first episodes."""
    env = VectorEnv(name, num_envs, seed, config, **options)
    env.reset()
    return env
