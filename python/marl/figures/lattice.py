"""Lattices: shares over time, and who stands where after the last step."""

import numpy as np

from .. import names
from ..shapes import Axis, Chart, Line, Maps, Section

# of files of 0.2.0, which do not say it
KINDS = ["cooperates", "defects", "fines its neighbors", "fines for its neighbors"]
MOST_POINTS = 512  # a side of the picture; beyond, every so many agents


def thinned(field):
    every = -(-max(field.shape) // MOST_POINTS)
    return field[::every, ::every], every


def kinds_of(variable):
    """What the numbers in a pattern mean."""
    said = variable.attrs.get("kinds")
    return str(said).split(",") if said else KINDS


def pattern(run):
    if not run.has("pattern.h5"):
        return []
    kind = run.dataset("pattern.h5")["kind"]
    field, every = thinned(kind.values)
    caption = "After the last step." + (f" One agent in {every} is shown, in each direction." if every > 1 else "")
    return [Maps(f"{run.name}_pattern", f"The lattice of {run.name}", caption, [run.name], [field.astype(float)],
                 "agent", (0.0, 1.0, 0.0, 1.0), kinds_of(kind))]


def sections(runs):
    tables = [(run, run.table("series.csv")) for run in runs if run.has("series.csv")]
    colors = names.colors([run.name for run, _ in tables])
    charts = []
    for key in dict.fromkeys(key for _, table in tables for key in table if key != "step"):
        lines = [Line(run.name, table["step"], table[key], color=colors[run.name]) for run, table in tables
                 if key in table and np.isfinite(table[key]).any()]
        charts.append(Chart(f"lattice_{key}", names.title(key), "", Axis("steps of everybody"),
                            Axis(names.title(key), names.unit(key)), lines))
    return [Section("Lattices", charts), Section("Patterns", [item for run in runs for item in pattern(run)])]
