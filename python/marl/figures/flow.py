"""Simulations and references: budgets over time, spectra, density, fields."""

import numpy as np

from .. import names
from ..shapes import Axis, Chart, Line, Maps, Section

SPECTRA = (("energy", "energy spectrum", "L²/T²", -3.0), ("enstrophy", "enstrophy spectrum", "1/T²", -1.0))


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
        charts.append(Chart(f"series_{key}", names.title(key), "", Axis("time", "T"),
                            Axis(names.title(key), names.unit(key)), lines))
    return charts


def statistics_of(run):
    for name in ("statistics.h5", "reference.h5"):
        if run.has(name):
            return run.dataset(name)
    return None


def spectrum_chart(tables, key, title, unit, exponent):
    colors = names.colors([run.name for run, _ in tables])
    lines = []
    for run, table in tables:
        if key not in table or "wavenumber" not in table[key].dims:
            continue
        error = table[key + "_error"].values if key + "_error" in table else np.nan
        y = table[key].values
        lines.append(Line(run.name, table["wavenumber"].values, y, y - 1.96 * error, y + 1.96 * error,
                          colors[run.name]))
    if not lines:
        return []
    k, y = lines[0].x, lines[0].y
    at = len(k) // 4
    slope = (exponent, k[at], k[3 * at], 2.0 * y[at]) if at > 0 and y[at] > 0 else None
    return [Chart(f"spectrum_{key}", title.capitalize(),
                  f"Band: mean ± 1.96 standard errors, from the correlation time. Thin line: slope {exponent:g}.",
                  Axis("wavenumber k", "2π/L", log=True), Axis(title, unit, log=True), lines, slope)]


def density_chart(tables):
    colors = names.colors([run.name for run, _ in tables])
    lines = [Line(run.name, table["vorticity"].values, table["density"].values, color=colors[run.name])
             for run, table in tables if "density" in table]
    return [Chart("density", "Density of vorticity", "", Axis("vorticity", "1/T"), Axis("density", "T", log=True),
                  lines)] if lines else []


def field_maps(run):
    fields = run.fields()
    if fields is None or "vorticity" not in fields:
        return []
    at = np.unique(np.linspace(0, fields.sizes["time"] - 1, 4).astype(int))
    box = (0.0, float(fields["x"].values[-1]), 0.0, float(fields["y"].values[-1]))
    return [Maps(f"{run.name}_fields", f"Vorticity of {run.name}", "One color scale for all, that of the first.",
                 [f"t = {float(fields['time'].values[i]):g}" for i in at],
                 [fields["vorticity"].values[i] for i in at], "vorticity [1/T]", box)]


def sections(runs):
    tables = [(run, table) for run in runs if (table := statistics_of(run)) is not None]
    statistics = []
    if tables:
        for key, title, unit, exponent in SPECTRA:
            statistics += spectrum_chart(tables, key, title, unit, exponent)
        statistics += density_chart(tables)
    maps = [item for run in runs for item in field_maps(run)]
    return [Section("Fields", maps), Section("Statistics of the flow", statistics),
            Section("Over time", series_charts(runs))]
