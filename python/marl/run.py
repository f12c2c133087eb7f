"""A run folder, or a file of one, opened: what it is, how it was made, and its numbers as xarray."""

import csv
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
    "simulate": "simulation",
    "reference": "reference",
    "lattice": "lattice",
    "tune": "tuning",
}


class RunError(ValueError):
    """What is wrong with a run folder, and what to do."""


def number(text):
    try:
        return float(text)
    except ValueError:
        return text


def read_table(path):
    """A CSV file of ours as {column: array}: of numbers where all are, of text else. A row that is
    still being written is left out."""
    with pathlib.Path(path).open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
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
            blocks.append(json.loads(line))
        except ValueError:
            continue
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
        if not path.exists():
            raise RunError(f"{self.path}: no config.yaml, so this is no run folder of marl")
        loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
        return {key: value for key, value in (loaded or {}).items() if isinstance(value, dict)}

    def _kind(self):
        for block in self.provenance:
            words = block.get("command", [])
            if len(words) > 1 and words[1] in COMMANDS:
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

    def dataset(self, name):
        """An HDF5 file of the run, in memory."""
        try:
            with xr.open_dataset(self.path / name, engine="h5netcdf", phony_dims="sort") as file:
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
        files = sorted(self.path.glob("fields_*.h5"))
        if not files:
            return None
        return xr.concat([self.dataset(file.name) for file in files], dim="time")


def open_run(path):
    """The run in the folder `path`. Raises RunError, whose text says what is wrong."""
    return Run(os.fspath(path))
