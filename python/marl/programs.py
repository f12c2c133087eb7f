"""The commands of the program from Python: marl.simulate, marl.train, marl.compare, marl.evaluate.

They start `marl`, show its progress as it comes, and open the run when it ends. An interrupt (Ctrl-C, the
stop button of a notebook) lets the program write a checkpoint; the run is opened as far as it came, and
resume= goes on from there."""

from __future__ import annotations

import ctypes
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

import yaml

from .library import MarlError, candidates
from .run import Run, open_run
from .settings import flat, resolve

STOPPED = 75  # the program's exit code after a signal, MARL_EXIT_INTERRUPTED


def program() -> str:
    """The program `marl`: MARL_PROGRAM, the one beside the library, or that of the PATH."""
    if os.environ.get("MARL_PROGRAM"):
        return os.environ["MARL_PROGRAM"]
    for place in candidates():
        for path in (place.parent / "marl", *(folder / "bin" / "marl" for folder in place.parents[:3])):
            if path.is_file() and os.access(path, os.X_OK):
                return str(path)
    found = shutil.which("marl")
    if found is None:
        raise MarlError("the program marl is not on the PATH: build it with `./run build` in the sources, or let "
                        "MARL_PROGRAM name the file")
    return found


def free_folder(name):
    """runs/NAME, or the first runs/NAME-2, -3, ... that is free: a run never overwrites another."""
    folder, number = pathlib.Path("runs") / name, 1
    while folder.exists():
        number += 1
        folder = pathlib.Path("runs") / f"{name}-{number}"
    return folder


_C = ctypes.CDLL(None)


def _die_with_parent():
    _C.prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG: a notebook that is gone leaves no run behind


def _follow(words, progress):
    """Run the program to its end; (exit code, standard output, what it said last on standard error)."""
    # the environment of the start of Python: MPI, if it runs in this process, has changed the real one
    # a session of its own, so that the terminal's Ctrl-C is ours to hand on: a second one would end it at once
    last, ended = "", False
    with tempfile.TemporaryFile("w+", errors="replace") as out, subprocess.Popen(
            [program(), *words], stdout=out, stderr=subprocess.PIPE, text=True, errors="replace", env=dict(os.environ),
            start_new_session=True, preexec_fn=_die_with_parent) as child:  # noqa: PLW1509 - one system call
        while not ended:
            try:
                for line in child.stderr:
                    last = line.rstrip() or last
                    if progress:
                        print(line, end="", file=sys.stderr, flush=True)
                child.wait()
                ended = True
            except KeyboardInterrupt:
                child.send_signal(signal.SIGINT)
        out.seek(0)
        return child.returncode, out.read(), last


def _perform(command, config, settings, out, resume, ranks, progress, name=None, flags=()):
    words = [command]
    path, on_top = resolve(config, settings)
    with tempfile.TemporaryDirectory() as scratch:
        if resume is not None:
            words += ["--resume", os.fspath(resume)]
        elif path is None and on_top and not flags:
            key, value = next(iter(on_top.items()))  # a file with one key: the program wants one
            section, _, inner = key.partition(".")
            path = pathlib.Path(scratch) / "notebook.yaml"
            path.write_text(yaml.safe_dump({section: {inner: _value(value)}}))
        if path is not None and resume is None:
            words.insert(1, str(path))
        words += [*flags]
        for key, value in on_top.items():
            words += ["--set", f"{key}={value}"]
        folder = pathlib.Path(resume or out or free_folder(name or (path.stem if path else command)))
        if resume is None:
            words += ["--out", str(folder)]
        if ranks is not None:
            words += ["-n", str(ranks)]
        code, _, last = _follow(words, progress)
    if code == STOPPED:
        if progress:
            print(f"stopped; marl.{command}(resume={str(folder)!r}) goes on", file=sys.stderr)
    elif code != 0:
        raise MarlError(last.removeprefix("marl: ") or f"marl {command} ended with exit code {code}", code)
    return open_run(folder)


def _value(text):
    return yaml.safe_load(text) if text else ""


def simulate(config: str | os.PathLike | dict | None = None, *, settings: dict | None = None, out: str | os.PathLike | None = None,
             resume: str | os.PathLike | None = None, ranks: int | None = None, progress: bool = True) -> Run:
    """`marl simulate`: a flow, as a Run.

    config    a configuration file (a shipped one by name: "flow/forced_turbulence"), or a dictionary
    settings  {"section.key": value} on top of it
    out       the run folder; default runs/NAME, or the first free runs/NAME-2, ...
    resume    a run folder that is to go on, in place of config
    ranks     MPI ranks; the numbers do not depend on it
    progress  show the program's own lines
    """
    return _perform("simulate", config, settings, out, resume, ranks, progress)


def compare(config: str | os.PathLike | dict | None = None, *, settings: dict | None = None, out: str | os.PathLike | None = None,
            resume: str | os.PathLike | None = None, ranks: int | None = None, progress: bool = True) -> Run:
    """`marl compare`: mechanisms, games, learners side by side, as a Run; arguments as of simulate."""
    return _perform("compare", config, settings, out, resume, ranks, progress)


def train(what=None, config: str | os.PathLike | dict | None = None, *, settings: dict | None = None, out: str | os.PathLike | None = None,
          resume: str | os.PathLike | None = None, ranks: int | None = None, progress: bool = True,
          max_steps: int | None = None) -> Run:
    """`marl train`: agents, as a Run.

    marl.train(config) trains those of an environment of the library; arguments as of simulate.

    marl.train(env, config) trains those of an environment of your own with the library's learners, in this
    process (with ranks=n and out= in n that mpirun has started, with the same bits): `env` is a ParallelEnv of PettingZoo, an Env of Gymnasium, or a function that makes
    one. An instance is copied for each of env.num_envs. `max_steps` is its time limit, where it has one that
    cannot be found (docs/python.md). It is as slow as `env`: every step is taken in Python.
    """
    if what is None or isinstance(what, (str, os.PathLike, dict)):
        if config is not None or max_steps is not None:
            raise MarlError("marl.train(env, config, max_steps=...) is for an environment of your own; for one of the "
                            "library put them into the configuration")
        return _perform("train", what, settings, out, resume, ranks, progress)
    from .own_env import train_own

    return train_own(what, config, settings, out, resume, ranks, progress, max_steps)


def evaluate(what: str | os.PathLike | dict | None = None, *, settings: dict | None = None,
             closures: str | list[str] | None = None, against: str | os.PathLike | None = None,
             episodes: int | None = None, sample: bool = False, out: str | os.PathLike | None = None,
             resume: str | os.PathLike | None = None, ranks: int | None = None,
             progress: bool = True) -> Run | dict[str, tuple[float, float]]:
    """`marl evaluate`.

    Of a run folder of a training (but of turbulence): {figure: (mean, standard error)} of its policy, as the
    program prints them, over `episodes`; of several replicas the last is over their means. Of a configuration
    with a section `evaluate`, of a trained closure, or of `closures` ("none,leith:coefficient=0.3"): their
    scores against the reference, as a Run. Other arguments as of simulate.
    """
    flags = []
    if closures is not None:
        flags += ["--closures", closures if isinstance(closures, str) else ",".join(closures)]
    if against is not None:
        flags += ["--against", os.fspath(against)]
    folder = what if what is not None and not isinstance(what, dict) and os.path.isdir(what) else None
    if folder is None:
        return _perform("evaluate", what, settings, out, resume, ranks, progress, flags=flags)
    run = open_run(folder)
    if run.option("env.name") == "turbulence":
        return _perform("evaluate", None, settings, out, resume, ranks, progress, f"{run.name}-evaluation",
                        [str(folder), *flags])
    words = ["evaluate", str(folder), *(["--episodes", str(episodes)] if episodes else []),
             *(["--sample"] if sample else []), *(["-n", str(ranks)] if ranks is not None else [])]
    for key, value in flat(settings).items():
        words += ["--set", f"{key}={value}"]
    code, text, last = _follow(words, progress)
    if code != 0:
        raise MarlError(last.removeprefix("marl: ") or f"marl evaluate ended with exit code {code}", code)
    return {name: (float(mean), float(error))
            for name, mean, error in re.findall(r"^  (\S+) +(\S+) \+- (\S+)$", text, re.MULTILINE)}
