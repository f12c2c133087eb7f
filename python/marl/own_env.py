"""An environment written in Python, stepped by the C learners: marl.train(env, config).

It is registered with the library as the environment "python". Each of env.num_envs has an instance of its
own. An episode is a function of its seed and of the actions: that is what a checkpoint keeps of it (the seed,
and the actions since), and a run that resumes plays them again."""

import copy
import ctypes
import itertools
import os
import pathlib
import signal
import struct
import sys
import time

import numpy as np

from . import library as c
from .library import MarlError, library
from .own_spaces import Deed, Sight, role_names
from .programs import free_folder
from .run import open_run
from .settings import as_c, resolve, shipped_text

NAME = "python"
MOST_TRIED = 10000  # steps of the episode that looks for a time limit
SHOWN = 10.0  # seconds between lines of progress


class _Single:
    """A Gymnasium environment as one of a single agent."""

    possible_agents = ("agent",)

    def __init__(self, env):
        self.env, self.agents = env, []

    def observation_space(self, agent):
        return self.env.observation_space

    def action_space(self, agent):
        return self.env.action_space

    def reset(self, seed=None):
        observation, info = self.env.reset(seed=seed)
        self.agents = ["agent"]
        return {"agent": observation}, {"agent": info}

    def step(self, actions):
        observation, reward, terminated, truncated, info = self.env.step(actions["agent"])
        if terminated or truncated:
            self.agents = []
        return tuple({"agent": value} for value in (observation, reward, terminated, truncated, info))


def _is_single(env):
    return not hasattr(env, "possible_agents")


class OwnEnv:
    """What the library has to know of an environment: its agents, their roles (those of the same spaces have the
    same), and its time limit."""

    def __init__(self, env, max_steps=None):
        made = not hasattr(env, "reset") or isinstance(env, type)
        self._source, self._made = env, made
        probe = self.make()
        self.agents = list(probe.possible_agents)
        _, infos = probe.reset(seed=0)
        self.sight = {agent: Sight(probe.observation_space(agent), agent, "action_mask" in infos.get(agent, {}))
                      for agent in self.agents}
        self.deed = {agent: Deed(probe.action_space(agent), agent) for agent in self.agents}
        self.groups = self._group()
        self.names = role_names(self.groups)
        self.role = {agent: number for number, group in enumerate(self.groups) for agent in group}
        self.max_steps = self._time_limit(probe) if max_steps is None else int(max_steps)
        kind = type(probe.env if isinstance(probe, _Single) else probe)
        inner = getattr(probe.env if isinstance(probe, _Single) else probe, "unwrapped", None)
        kind = kind if inner is None else type(inner)
        self.class_name = f"{kind.__module__}.{kind.__qualname__}"

    def make(self):
        env = self._source() if self._made else copy.deepcopy(self._source)
        if not hasattr(env, "reset") or not hasattr(env, "step"):
            raise ValueError(f"{env!r} is no environment: expected a ParallelEnv of PettingZoo or an Env of Gymnasium")
        return _Single(env) if _is_single(env) else env

    def _group(self):
        groups = {}
        for agent in self.agents:
            key = (self.sight[agent].size, self.sight[agent].masked, self.deed[agent].key)
            groups.setdefault(key, []).append(agent)
        return list(groups.values())

    def _time_limit(self, probe):
        """Steps after which it says truncated: as it declares, or as an episode of random actions shows; 0: none."""
        spec = getattr(getattr(probe, "env", None), "spec", None)
        if spec is not None and spec.max_episode_steps:
            return int(spec.max_episode_steps)
        random = np.random.default_rng(0)
        observations, infos = probe.reset(seed=0)
        for step in range(1, MOST_TRIED + 1):
            actions = {agent: self._random(agent, observations[agent], infos.get(agent, {}), random)
                       for agent in probe.agents}
            observations, _, terminated, truncated, infos = probe.step(actions)
            if any(truncated.values()) and not any(terminated[agent] for agent, cut in truncated.items() if cut):
                return step
            if not probe.agents:
                return 0
        return 0

    def _random(self, agent, observation, info, random):
        deed, mask = self.deed[agent], None
        if self.sight[agent].masked:
            mask = np.asarray(self.sight[agent].mask(observation, info))
        if not deed.choices:
            return deed.action(random.uniform(-1, 1, deed.size).astype(np.float32))
        first = np.cumsum((0, *deed.choices[:-1]))
        return deed.action(np.array([random.choice(np.flatnonzero(np.ones(n) if mask is None else mask[at:at + n]))
                                     for at, n in zip(first, deed.choices)], np.float32))


class _Instance:
    """One of the environments, between the library's rows and its own dictionaries."""

    def __init__(self, own):
        self.own, self.env, self.seed, self.taken = own, own.make(), 0, []

    def reset(self, seed, rows):
        self.seed, self.taken = seed, []
        observations, infos = self.env.reset(seed=seed)
        self._show(observations, infos, rows)

    def step(self, act, rows):
        own, env = self.own, self.env
        self.taken.append(act.copy())
        live = list(env.agents)
        number = {agent: a for a, agent in enumerate(own.agents)}
        actions = {agent: own.deed[agent].action(act[number[agent]]) for agent in live}
        observations, rewards, terminated, truncated, infos = env.step(actions)
        for agent in live:
            rows["reward"][number[agent], own.role[agent]] = rewards.get(agent, 0)
            rows["terminated"][number[agent]] = bool(terminated.get(agent, False))
            if truncated.get(agent, False) and not terminated.get(agent, False) and len(self.taken) != own.max_steps:
                limit = f"{own.max_steps} steps" if own.max_steps else "none"
                raise ValueError(f"{agent} was truncated at step {len(self.taken)}, and the time limit is {limit}: pass "
                                 "max_steps, or let the environment terminate what has no future")
        self._show(observations, infos, rows)

    def _show(self, observations, infos, rows):
        rows["active"][:] = 0
        # an agent whose time is up would have decided next: the learner values what it saw
        over = not self.env.agents or len(self.taken) == self.own.max_steps > 0
        for a, agent in enumerate(self.own.agents):
            if agent not in observations:
                if agent in self.env.agents:
                    raise ValueError(f"{agent} is among the agents and has no observation")
                continue
            sight, rows["role"][a] = self.own.sight[agent], self.own.role[agent]
            rows["active"][a] = over or agent in self.env.agents
            rows["obs"][a, :sight.size] = sight.vector(observations[agent])
            if sight.masked:
                legal = np.asarray(sight.mask(observations[agent], infos.get(agent, {})), np.uint8)
                if legal.shape != (sum(self.own.deed[agent].choices),):
                    raise ValueError(f"the mask of {agent} has shape {legal.shape}, expected "
                                     f"({sum(self.own.deed[agent].choices)},)")
                rows["mask"][a, :len(legal)] = legal

    def saved(self):
        acts = np.array(self.taken, np.float32)
        return struct.pack("<II", self.seed, len(self.taken)) + acts.tobytes()

    def load(self, data, shape):
        seed, count = struct.unpack_from("<II", data)
        acts = np.frombuffer(data, np.float32, offset=8).reshape(count, *shape)
        own, self.seed, self.taken = self.own, seed, [act.copy() for act in acts]
        self.env.reset(seed=seed)
        for act in acts:
            self.env.step({agent: own.deed[agent].action(act[own.agents.index(agent)]) for agent in self.env.agents})


class _Plugin:
    """The environment "python" of this process: its callbacks, and the OwnEnv that is trained now."""

    def __init__(self):
        self.instances, self.numbers, self.problem, self.own = {}, itertools.count(), None, None
        self.kept = {}  # what the library borrows
        self.bound = c.BoundEnv(name=NAME.encode(), summary=b"an environment written in Python")
        for name, kind in (("create", c.CREATE), ("destroy", c.DESTROY), ("reset", c.RESET), ("step", c.STEP),
                           ("save", c.SAVE), ("load", c.LOAD)):
            call = getattr(self, "_" + name)
            setattr(self.bound, name, kind(call if name == "destroy" else self._guarded(call)))
        library().env_register(ctypes.byref(self.bound))

    def _guarded(self, call):
        def guarded(*arguments):
            try:
                call(*arguments[:-1])
            except BaseException as problem:  # noqa: BLE001 - nothing may pass through C
                self.problem = problem
                text = f"{type(problem).__name__}: {problem}".encode(errors="replace")[:c.MESSAGE - 1]
                ctypes.memmove(arguments[-1], text + b"\0", len(text) + 1)
                return 1
            return 0

        return guarded

    def define(self, own):
        """The numbers and names of the environments that are made from now on."""
        sizes = [max(own.sight[agent].size for agent in group) for group in own.groups]
        deeds = [own.deed[group[0]] for group in own.groups]
        wide = max(deed.size for deed in deeds)
        choices = [list(deed.choices) + [0] * (wide - len(deed.choices)) for deed in deeds]
        masked = any(own.sight[agent].masked for agent in own.agents)
        self.own, self.problem = own, None
        self.shape = {"obs": max(sizes), "act": wide,
                      "mask": max((sum(deed.choices) for deed in deeds), default=0) if masked else 0}
        self._borrow("role_names", ctypes.c_char_p, [name.encode() for name in own.names])
        self._borrow("role_obs_dim", ctypes.c_int, sizes)
        self._borrow("role_discrete", ctypes.c_int, [int(bool(deed.choices)) for deed in deeds])
        self._borrow("role_act_dim", ctypes.c_int, [deed.size for deed in deeds])
        self._borrow("role_choices", ctypes.c_int, list(itertools.chain(*choices)))
        self.bound.num_agents, self.bound.num_roles = len(own.agents), len(own.groups)
        self.bound.obs_dim, self.bound.act_dim = self.shape["obs"], wide
        self.bound.mask_dim, self.bound.max_steps = self.shape["mask"], own.max_steps

    def _borrow(self, field, kind, values):
        self.kept[field] = (kind * len(values))(*values)
        setattr(self.bound, field, ctypes.cast(self.kept[field], ctypes.POINTER(kind)))

    def _rows(self, obs, role, active, mask, reward=None, terminated=None):
        agents, roles = self.bound.num_agents, self.bound.num_roles

        def array(pointer, *shape):
            return np.ctypeslib.as_array(pointer, shape) if pointer else None

        return {"obs": array(obs, agents, self.shape["obs"]), "role": array(role, agents),
                "active": array(active, agents), "mask": array(mask, agents, self.shape["mask"]),
                "reward": array(reward, agents, roles), "terminated": array(terminated, agents)}

    def _create(self, number):
        number[0] = next(self.numbers)
        self.instances[number[0]] = _Instance(self.own)

    def _destroy(self, number):
        close = getattr(self.instances.pop(number).env, "close", None)
        if close is not None:
            close()

    def _reset(self, number, seed, obs, role, active, mask, metrics):
        rows = self._rows(obs, role, active, mask)
        rows["obs"][:] = 0
        self.instances[number].reset(seed, rows)

    def _step(self, number, act, obs, role, active, mask, reward, terminated, metrics):
        acts = np.ctypeslib.as_array(act, (self.bound.num_agents, self.shape["act"]))
        self.instances[number].step(acts, self._rows(obs, role, active, mask, reward, terminated))

    def _save(self, number, data, size):
        self.kept["saved"] = ctypes.create_string_buffer(self.instances[number].saved())
        data[0] = ctypes.addressof(self.kept["saved"])
        size[0] = len(self.kept["saved"]) - 1

    def _load(self, number, data, size):
        self.instances[number].load(ctypes.string_at(data, size), (self.bound.num_agents, self.shape["act"]))


_plugins = []


def _plugin():
    if not _plugins:
        _plugins.append(_Plugin())
    return _plugins[0]


class _Progress:
    def __init__(self, shown):
        self.shown, self.began, self.last, self.first = shown, time.monotonic(), -SHOWN, None

    def tell(self, update, updates, count, names, values):
        now = time.monotonic()
        self.first = update if self.first is None else self.first
        if not self.shown or (update < updates and now - self.last < SHOWN):
            return
        self.last = now
        rate = (update - self.first) / max(now - self.began, 1e-9)
        figures = [f"{names[i].decode()} {values[i]:.4g}" for i in range(count)
                   if names[i].decode().startswith("return_") and values[i] == values[i]]
        print(f"training {update}/{updates} updates  {rate:.3g}/s  {'  '.join(figures)}", file=sys.stderr, flush=True)


LISTENED = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGXCPU, signal.SIGHUP)


def ranks_of(ranks, place):
    """On how many ranks: those that were asked for, else one. Raises MarlError where that is left open."""
    there = library().ranks()
    if ranks is None and there > 1:
        raise MarlError(f"this process is one of {there} MPI ranks: ranks={there} lets them train one run together, ranks=1 "
                        "each its own")
    if ranks not in (None, 1) and place is None:
        raise MarlError(f"ranks={ranks}: say out=, for every rank would look for a free folder by itself")
    return ranks or 1


def train_own(env, config, settings, out, resume, ranks, progress, max_steps):
    ranks = ranks_of(ranks, out or resume)
    plugin, own = _plugin(), OwnEnv(env, max_steps)
    plugin.define(own)
    path, on_top = resolve(config, settings)
    on_top = {"env.name": NAME, "env.class": own.class_name, **on_top}
    folder = pathlib.Path(resume or out or free_folder(own.class_name.rpartition(".")[2].lower()))
    words = [b"marl.train", b"train", own.class_name.encode()]
    watch = c.Watch(c.PROGRESS(_Progress(progress).tell), c.STOP(lambda: 0))
    before = {number: signal.getsignal(number) for number in LISTENED}
    place = os.fsencode(folder)
    try:
        library().train(None if path is None else str(path).encode(), shipped_text(), len(on_top), as_c(on_top),
                        None if resume else place, place if resume else None, ranks, len(words),
                        (ctypes.c_char_p * len(words))(*words), ctypes.byref(watch))
    except MarlError as stopped:
        if stopped.code != c.STOPPED:
            raise stopped from plugin.problem
        if progress:
            print(f"stopped; marl.train(env, resume={str(folder)!r}) goes on", file=sys.stderr)
    finally:
        for number, handler in before.items():
            if handler is not None:
                signal.signal(number, handler)
    return open_run(folder)


def player(policy, env):
    """A policy that marl.train(env) has made, in the environment's own words: a function of observations
    {agent: observation} that returns {agent: action}, or of one agent's observation for Gymnasium. Masks are
    those of the observations, or of `infos` as its second argument."""
    own = OwnEnv(env, max_steps=0)

    def decide(observation, infos, agent):
        sight = own.sight[agent]
        mask = np.asarray(sight.mask(observation, infos.get(agent, {})), np.uint8) if sight.masked else None
        chosen = policy(sight.vector(observation), role=own.role[agent], agent=own.agents.index(agent), mask=mask)
        return own.deed[agent].action(np.atleast_1d(np.asarray(chosen, np.float32)))

    def play(observations, infos=None):
        if own.agents == ["agent"]:
            return decide(observations, {"agent": infos or {}}, "agent")
        return {agent: decide(seen, infos or {}, agent) for agent, seen in observations.items()}

    return play
