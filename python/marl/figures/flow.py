"""Simulations and references: budgets over time, spectra, density, fields."""

import numpy as np

from .. import names
from ..shapes import Axis, Chart, Line, Maps, Section

SPECTRA = (("energy", -3.0), ("enstrophy", -1.0))  # with slopes of the direct cascade (Kraichnan 1967)
FLUXES = ("energy_flux", "enstrophy_flux")
WAVENUMBER = Axis("wavenumber k", "2π/L", log=True)
MOST_FIELDS = 4


def series_charts(runs):
    tables = [(run, run.dataset("series.h5")) for run in runs if run.has("series.h5")]
    colors = names.colors([run.name for run, _ in tables])
    keys = list(dict.fromkeys(str(key) for _, table in tables for key in table.data_vars))
    charts = []
    for key in keys:
        if key in ("step", "dt"):
            continue
        lines = [Line(run.name, table["time"].values, table[key].values, color=colors[run.name])
                 for run, table in tables if key in table]
        axis = axis_of(next(table[key] for _, table in tables if key in table))
        charts.append(Chart(f"series_{key}", axis.label.capitalize(), "", Axis("time", "T"), axis, lines))
    return charts


def axis_of(variable, log=False):
    """What the file says that it is, and in which unit."""
    return Axis(variable.attrs.get("long_name", names.title(str(variable.name))),
                names.pretty_unit(variable.attrs.get("units", "")), log=log)


def tables_of(runs, group):
    """[(run, Dataset)] of a group of the statistics of those that have it."""
    out = []
    for run in runs:
        name = next((name for name in ("statistics.h5", "reference.h5") if run.has(name)), None)
        if name is not None:
            out.append((run, run.dataset(name, group)))
    return out


def over_wavenumbers(tables, key, log):
    """(lines with their bands, the axis) of what the runs have of it."""
    colors = names.colors([run.name for run, _ in tables])
    lines, axis = [], None
    for run, table in tables:
        if key not in table:
            continue
        axis = axis or axis_of(table[key], log)
        error = table[key + "_error"].values if key + "_error" in table else np.nan
        y = table[key].values
        lines.append(Line(run.name, table["wavenumber"].values, y, y - 1.96 * error, y + 1.96 * error,
                          colors[run.name]))
    return lines, axis


BAND = "Band: mean ± 1.96 standard errors, from the correlation time."


def spectrum_chart(tables, key, exponent):
    lines, axis = over_wavenumbers(tables, key, True)
    if not lines:
        return []
    k, y = lines[0].x, lines[0].y
    at = len(k) // 4
    slope = (exponent, k[at], k[3 * at], 2.0 * y[at]) if at > 0 and k[at] > 0 and y[at] > 0 else None
    return [Chart(f"spectrum_{key}", axis.label.capitalize(), f"{BAND} Thin line: slope {exponent:g}.", WAVENUMBER, axis,
                  lines, slope)]


def flux_chart(tables, key):
    lines, axis = over_wavenumbers(tables, key, False)
    return [Chart(key, axis.label.capitalize(), BAND, WAVENUMBER, axis, lines)] if lines else []


def density_chart(tables):
    colors = names.colors([run.name for run, _ in tables])
    lines = [Line(run.name, table["vorticity"].values, table["density"].values, color=colors[run.name])
             for run, table in tables if "density" in table]
    return [Chart("density", "Density of vorticity", "", Axis("vorticity", "1/T"), Axis("density", "T", log=True),
                  lines)] if lines else []


def field_maps(run):
    fields = [run.dataset(name).isel(time=-1) for name in run.snapshots(MOST_FIELDS)]
    fields = [field for field in fields if "vorticity" in field]
    if not fields:
        return []
    box = (0.0, float(fields[0]["x"].values[-1]), 0.0, float(fields[0]["y"].values[-1]))
    return [Maps(f"{run.name}_fields", f"Vorticity of {run.name}", "One color scale for all, that of the first.",
                 [f"t = {float(field['time']):g}" for field in fields],
                 [field["vorticity"].values for field in fields], "vorticity [1/T]", box)]


def sections(runs):
    spectra = tables_of(runs, "spectrum")
    statistics = [item for key, exponent in SPECTRA for item in spectrum_chart(spectra, key, exponent)]
    statistics += density_chart(tables_of(runs, "pdf"))
    statistics += [item for key in FLUXES for item in flux_chart(spectra, key)]
    maps = [item for run in runs for item in field_maps(run)]
    return [Section("Fields", maps), Section("Statistics of the flow", statistics),
            Section("Over time", series_charts(runs))]
