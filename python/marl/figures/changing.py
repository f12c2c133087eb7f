"""Closures on a flow that changes (`marl follow`): their errors over time, in each region of the box."""

import numpy as np

from .. import names
from ..shapes import Axis, Chart, Line, Section


def lines_of(table, region):
    """A line a closure through the middles of the windows, with its standard errors as a band."""
    closures = list(dict.fromkeys(map(str, table["closure"])))
    lines = []
    for number, closure in enumerate(closures):
        rows = (table["closure"].astype(str) == closure) & (table["region"].astype(str) == region)
        error, spread = table["error"][rows], table["standard_error"][rows]
        lines.append(Line(closure, (table["start"][rows] + table["end"][rows]) / 2, error,
                          np.maximum(error - spread, 0), error + spread, names.PALETTE[number % len(names.PALETTE)],
                          dashed=closure == "a perfect closure"))
    return lines


def sections(runs):
    out = []
    for run in runs:
        if not run.has("windows.csv"):
            continue
        table = run.table("windows.csv")
        changes = ", ".join(map(str, run.option("follow.changes", [])))
        caption = f"Mean over a window of time; band: one standard error over the members. Changes: {changes}."
        items = [Chart(f"{run.name}_{region.replace(' ', '_')}", f"Error over time, {region}", caption, Axis("time", "T"),
                       Axis(names.TITLES["e_trunc"]), lines_of(table, region))
                 for region in dict.fromkeys(map(str, table["region"]))]
        out.append(Section(f"A flow that changes: {run.name}", items))
    return out
