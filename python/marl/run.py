"""A run folder, or a file of one, opened: what it is, how it was made, and its numbers as xarray."""

import contextlib
import copy
import csv
import io
import json
import os
import pathlib

import numpy as np
import xarray as xr
import yaml

# what the commands make
COMMANDS = {
    "train": "training",
    "evaluate": "evaluation",
    "compare": "comparison",
    "sweep": "sweep",
    "simulate": "simulation",
    "reference": "reference",
    "lattice": "lattice",
    "tune": "tuning",
    "follow": "changing flow",
}


class RunError(ValueError):
    """What is wrong with a run folder, and what to do."""


@contextlib.contextmanager
def reading(*runs):
    """What fails in here fails because a file of these runs is not as the program writes it: damaged, or
    edited. RunError says so, and has the cause."""
    try:
        yield
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as problem:
        if isinstance(problem, RunError):
            raise
        where = ", ".join(str(run.path) for run in runs)
        raise RunError(f"{where}: a file is not as the program writes it ({type(problem).__name__}: {problem})") from problem


def number(text):
    try:
        return float(text)
    except ValueError:
        return text


def read_table(path):
    """A CSV file of ours as {column: array}: of numbers where all are, of text else. A row that is
    still being written is left out."""
    text = pathlib.Path(path).read_text(encoding="utf-8", errors="replace")
    rows = list(csv.reader(io.StringIO(text[:text.rfind("\n") + 1])))
    if not rows:
        return {}
    head, rows = rows[0], [row for row in rows[1:] if len(row) == len(rows[0])]
    columns = {}
    for i, name in enumerate(head):
        values = [number(row[i]) if row[i] != "" else float("nan") for row in rows]
        whole = all(isinstance(value, float) for value in values)
        columns[name] = np.array(values if whole else [row[i] for row in rows])
    return columns


def read_provenance(path):
    """The lines of a provenance.jsonl, one for each start and end of the program; one that is still
    being written is left out."""
    blocks = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            block = json.loads(line)
        except ValueError:
            continue
        if isinstance(block, dict):
            blocks.append(block)
    return blocks


class Run:
    """One run folder.

    `kind` is one of COMMANDS' values, `configuration` {section: {key: value}}, `provenance` a list of
    dictionaries, one a start. Numbers: `metrics` (training), `dataset(name)` for an HDF5 file.
    """

    def __init__(self, path):
        self.path = pathlib.Path(path)
        if not self.path.is_dir():
            raise RunError(f"{path}: no such run folder" if not self.path.exists() else
                           f"{path}: a file; a run is the folder that it is in")
        self.name = self.path.resolve().name
        self.configuration = self._configuration()
        record = self.path / "provenance.jsonl"
        self.provenance = read_provenance(record) if record.exists() else []
        self.kind = self._kind()

    def _configuration(self):
        path = self.path / "config.yaml"
        if self.is_suite():
            return {}
        if not path.exists():
            raise RunError(f"{self.path}: no config.yaml, so this is no run folder of marl")
        try:
            loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError) as problem:
            raise RunError(f"{path} cannot be read: {problem}") from problem
        if not isinstance(loaded, dict):
            raise RunError(f"{path} has no sections, so this is no run folder of marl")
        return {key: value for key, value in loaded.items() if isinstance(value, dict)}

    def is_suite(self):
        """A folder of `marl suite`, which holds an evaluation for each flow."""
        return (self.path / "suite.csv").exists()

    def _kind(self):
        if self.is_suite():
            return "suite"
        for block in self.provenance:
            words = block.get("command", [])
            if isinstance(words, list) and len(words) > 1 and words[1] in list(COMMANDS):
                return COMMANDS[words[1]]
        raise RunError(f"{self.path}: provenance.jsonl does not say which command of marl made it")

    def option(self, name, default=None):
        """The value of "section.key"."""
        section, _, key = name.partition(".")
        return self.configuration.get(section, {}).get(key, default)

    def options(self):
        """{"section.key": value} of the whole configuration."""
        return {f"{section}.{key}": value
                for section, keys in self.configuration.items() for key, value in keys.items()}

    def has(self, name):
        return (self.path / name).exists()

    def table(self, name):
        return read_table(self.path / name)

    @property
    def metrics(self):
        """metrics.csv of a training as a Dataset [update, replica]."""
        columns = self.table("metrics.csv")
        if not columns or not len(columns["update"]):
            return xr.Dataset()
        updates, at = np.unique(columns["update"], return_inverse=True)
        replicas, of = np.unique(columns["replica"], return_inverse=True)
        dataset = xr.Dataset(coords={"update": updates.astype(int), "replica": replicas.astype(int)})
        for name, values in columns.items():
            if name in ("update", "replica") or values.dtype.kind != "f":
                continue
            grid = np.full((len(updates), len(replicas)), np.nan)
            grid[at, of] = values
            dataset[name] = (("update", "replica"), grid)
        return dataset

    def dataset(self, name, group=None):
        """An HDF5 file of the run, or a group of one ("spectrum" of statistics.h5), in memory."""
        try:
            with xr.open_dataset(self.path / name, group=group, engine="h5netcdf", phony_dims="sort") as file:
                return file.load()
        except (OSError, ValueError) as problem:
            raise RunError(f"{self.path / name} cannot be read: {problem}") from problem

    @property
    def results(self):
        """{name: Dataset} of all that the run has written: "metrics" of a training, each HDF5 file but
        checkpoints by its name (compare, scores, series, statistics, ...), snapshots together as "fields".
        What has a name (a cell, a closure, a metric) is a coordinate."""
        found = {}
        if self.has("metrics.csv"):
            found["metrics"] = self.metrics
        for file in sorted(self.path.glob("*.h5")):
            if not file.name.startswith(("checkpoint_", "fields_")):
                found[file.stem] = self.dataset(file.name)
        fields = self.fields()
        if fields is not None:
            found["fields"] = fields
        return found

    def __repr__(self):
        return f"<marl.Run {self.path}: {self.kind}>"

    def fields(self):
        """Snapshots of a simulation as one Dataset over time; None without any."""
        files = self.snapshots()
        return xr.concat([self.dataset(name) for name in files], dim="time") if files else None

    def snapshots(self, most=None):
        """Names of the files of snapshots in the order of time; `most`: so many at most, evenly over the run, its
        first and its last among them."""
        return some([file.name for file in sorted(self.path.glob("fields_*.h5"))], most)


def distinct(runs):
    """The same runs, each folder once and each with a name of its own: of folders of one name, such as a/run and
    b/run, as much of the path as tells them apart."""
    places = {run.path.resolve(): run for run in runs}
    depth = dict.fromkeys(places, 1)
    while True:
        name = {place: "/".join(place.parts[-depth[place]:]) for place in places}
        same = [place for place in places if list(name.values()).count(name[place]) > 1]
        if not same:
            break
        depth.update({place: depth[place] + 1 for place in same})
    out = [copy.copy(run) for run in places.values()]
    for run, one in zip(out, name.values()):
        run.name = one
    return out


def some(things, most):
    """At most so many of a list, evenly, the last and (of two or more) the first among them."""
    if most is None or len(things) <= most:
        return things
    last = len(things) - 1
    return [things[last]] if most == 1 else [things[round(i * last / (most - 1))] for i in range(most)]


def open_run(path):
    """The run in the folder `path`. Raises RunError, whose text says what is wrong."""
    return Run(os.fspath(path))
