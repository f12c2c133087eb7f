"""What learned closures do where: coefficients given the local flow, and maps of them."""

import numpy as np

from .. import names
from ..shapes import Axis, Chart, Line, Maps, Section

CONDITIONS = ("strain", "vorticity", "okubo_weiss", "small_scales")
CAPTION = "Line: mean where the flow is so; band: one standard deviation. Bins without a point are left out."


def label(data, row):
    return str(data.attrs.get(f"row_{row}", data["row"].values[row]))


def given(run, data, row, condition):
    """A chart a coefficient: coefficients differ by orders of magnitude."""
    axis = Axis(str(data[condition].attrs.get("long_name", condition)))
    charts = []
    for c in range(data.sizes["coefficient"]):
        mean = data[f"mean_given_{condition}"].values[row, c]
        deviation = data[f"deviation_given_{condition}"].values[row, c]
        there = data[f"share_given_{condition}"].values[row] > 0
        if not np.isfinite(mean[there]).any() or not mean[there].any():
            continue
        line = Line(f"C_{c + 1}", data[condition].values[there], mean[there], (mean - deviation)[there],
                    (mean + deviation)[there], names.PALETTE[c])
        charts.append(Chart(f"{run.name}_{row}_C{c + 1}_{condition}", f"{label(data, row)}: C_{c + 1} given {condition}",
                            CAPTION, axis, Axis(f"C_{c + 1}"), [line]))
    return charts


def maps(run, data, row):
    box = (0.0, float(data["x"].values[-1]), 0.0, float(data["y"].values[-1]))
    out = [Maps(f"{run.name}_{row}_vorticity", f"{label(data, row)}: vorticity", "The field that the maps below are of.",
                ["vorticity"], [data["vorticity_map"].values[row]], "vorticity [1/T]", box)]
    for c in range(data.sizes["coefficient"]):
        field = data["coefficient_map"].values[row, c]
        if np.isfinite(field).all() and np.ptp(field) > 0:
            out.append(Maps(f"{run.name}_{row}_C{c + 1}_map", f"{label(data, row)}: C_{c + 1}",
                            f"About its mean, {field.mean():.4g}.", [f"C_{c + 1} - mean"], [field - field.mean()],
                            f"C_{c + 1} - mean", box))
    return out


def sections(runs):
    out = []
    for run in runs:
        if not run.has("interpretation.h5"):
            continue
        data = run.dataset("interpretation.h5")
        items = []
        for row in range(data.sizes["row"]):
            for condition in CONDITIONS:
                items += given(run, data, row, condition)
            items += maps(run, data, row)
        out.append(Section(f"What the closures do where: {run.name}", items))
    return out
