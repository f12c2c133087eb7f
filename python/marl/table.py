"""Many runs as one table: last values, the options that differ, where each came from."""

import csv
import os
import pathlib

import numpy as np

from .figures.setup import text
from .run import reading


ROWS = {"evaluation": "scores.csv", "sweep": "sweep.csv", "changing flow": "phases.csv"}  # files with a row a result


def last_values(run):
    """{column: number} of what the run ended with."""
    if run.kind == "training" and run.has("metrics.csv"):
        dataset = run.metrics
        return {name: float(np.nanmean(values)) for name, data in dataset.data_vars.items()
                if np.isfinite(values := data.values[-1]).any()}
    if run.kind == "lattice" and run.has("series.csv"):
        return {name: float(values[-1]) for name, values in run.table("series.csv").items() if len(values)}
    if run.kind in ("simulation", "reference") and run.has("series.h5"):
        series = run.dataset("series.h5")
        return {str(name): float(series[name].values[-1]) for name in series.data_vars}
    return {}


def rows_of(run):
    """One row, or one a cell of a comparison, a line of the files in ROWS."""
    with reading(run):
        return _rows_of(run)


def _rows_of(run):
    if run.kind == "comparison" and run.has("summary.csv"):
        summary = run.table("summary.csv")
        cells = {}
        for cell, metric, mean in zip(summary["cell"], summary["metric"], summary["mean"]):
            cells.setdefault(str(cell), {})[str(metric)] = float(mean)
        return [({"cell": cell}, values) for cell, values in cells.items()]
    file = ROWS.get(run.kind)
    if file is not None and run.has(file):
        table = run.table(file)
        labels = [name for name, values in table.items() if values.dtype.kind != "f"]
        # the column "run" is this table's own
        return [({"training" if name == "run" else name: str(table[name][i]) for name in labels},
                 {name: float(values[i]) for name, values in table.items() if values.dtype.kind == "f"})
                for i in range(len(table[labels[0]]))]
    return [({}, last_values(run))]


def collect(runs, path=None):
    """The table as a list of dictionaries; written as CSV or HDF5 where `path` says so.

    Columns: run, kind, seed, commit, the options that differ among runs of a kind, then the values.
    """
    options = [run.options() for run in runs]
    values = {}  # of an option, among runs of one kind
    for run, some in zip(runs, options):
        for key, value in some.items():
            values.setdefault((key, run.kind), set()).add(text(value))
    differ = sorted({key for (key, _), texts in values.items() if len(texts) > 1})
    table = []
    for run, some in zip(runs, options):
        commit = run.provenance[0].get("commit", "") if run.provenance else ""
        start = {"run": str(run.path), "kind": run.kind, "seed": text(run.option("run.seed")), "commit": commit,
                 **{key: text(some.get(key, "-")) for key in differ}}
        table += [{**start, **labels, **values} for labels, values in rows_of(run)]
    if path is not None:
        write(table, pathlib.Path(path))
    return table


def write(table, path):
    head = list(dict.fromkeys(key for row in table for key in row))
    part = path.with_name(path.name + ".part")
    if path.suffix in (".h5", ".nc"):
        import xarray as xr

        columns = {key.replace("/", "_"): ("row", [row.get(key, np.nan if number(table, key) else "") for row in table])
                   for key in head}
        xr.Dataset(columns).to_netcdf(part, engine="h5netcdf")
    else:
        with open(part, "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, head, restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(table)
    os.replace(part, path)


def number(table, key):
    return all(isinstance(row[key], float) for row in table if key in row)
