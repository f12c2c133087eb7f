"""Closures beside their reference: spectra, densities, rare events, fields, scores."""

import numpy as np

from .. import names
from ..shapes import Axis, Chart, Forest, Interval, Line, Maps, Section, Table
from . import interpretation

COLUMNS = ("e_trunc", "e_log", "KL", "KL_trunc", "std", "kurtosis", "P3", "P4", "u_rms", "drift", "blow_ups")
WAVENUMBER = Axis("wavenumber k", "2π/L", log=True)


def load(run):
    scores = run.dataset("scores.h5")
    return scores, [str(name) for name in scores["closure"].values]


def label(closure):
    return names.title(closure)


def lines(scores, closures, y, x, low=None, high=None):
    colors = names.colors(closures)
    out = []
    for i, closure in enumerate(closures):
        rows = [None if name is None or name not in scores else scores[name].values[i] for name in (low, high)]
        out.append(Line(label(closure), scores[x].values, scores[y].values[i], *rows, colors[closure],
                        dashed=closure.startswith("reference,")))
    return out


def slope_guide(spectrum):
    """k^-1, the slope of the enstrophy spectrum in the direct cascade (Kraichnan 1967)."""
    k = spectrum[-1].x[1:]
    y = spectrum[-1].y[1:]
    inertial = k[(k > 0.25 * k[-1]) & (k < 0.9 * k[-1])]
    if len(inertial) < 3:
        return None
    return (-1.0, inertial[0], inertial[-1], 2.0 * float(np.interp(inertial[0], k, y)))


def charts(run, scores, closures):
    spectra = lines(scores, closures, "enstrophy_spectrum", "wavenumber")
    density = lines(scores, closures, "vorticity_density", "vorticity")
    # normalized over the axis that is shown: what lies beyond is in no figure
    sigma = np.abs(scores["vorticity"].values[scores["vorticity_density"].values[-1] > 1e-6]).max(initial=1.0)
    items = [
        Chart(f"{run.name}_spectra", "Enstrophy spectrum",
              "Mean over fields of the run; black (white on a dark page): the reference, gray dashes: the reference cut to "
              "this grid, the most that it can hold. Thin line: slope -1.",
              WAVENUMBER, Axis("enstrophy spectrum", "1/T²", log=True), spectra, slope_guide(spectra)),
        Chart(f"{run.name}_density", "Density of vorticity",
              "Empty bins have no point on a logarithmic axis.",
              Axis("vorticity", "1/T", low=-sigma, high=sigma), Axis("density", "T", log=True, low=1e-6), density),
    ]
    if "return_period" in scores:
        periods = lines(scores, closures, "return_period", "level", "return_period_low", "return_period_high")
        items.append(Chart(f"{run.name}_return_periods", "Return periods of max |vorticity|",
                           "Mean time between events above the level; band: 95 % interval. A line ends where a run "
                           "is too short to say.",
                           Axis("level of max |vorticity| over the reference's standard deviation"),
                           Axis("return period", "T", log=True), periods))
    return items


def maps(run, scores, closures):
    fields = [scores["snapshot"].values[i] for i in range(len(closures))]
    keep = [i for i, f in enumerate(fields) if np.isfinite(f).any() and f.any()]
    keep.sort(key=lambda i: not closures[i].startswith("reference"))  # what it should look like comes first
    box = (0.0, float(scores["x"].values[-1]), 0.0, float(scores["y"].values[-1]))
    return Maps(f"{run.name}_snapshots", "Vorticity, last field", "One color scale for all, that of the first.",
                [label(closures[i]) for i in keep], [fields[i] for i in keep], "vorticity [1/T]", box)


def errors(run, scores, closures):
    """The error of the spectrum of each, the one number that a reader looks for first."""
    column = next((c for c in ("e_trunc", "e_log") if c in scores and np.isfinite(scores[c].values).any()), None)
    if column is None:
        return []
    colors = names.colors(closures)
    rows = []
    for i, closure in enumerate(closures):
        value = float(scores[column].values[i])
        error = float(scores[column + "_error"].values[i]) if column + "_error" in scores else np.nan
        if np.isfinite(value) and not closure.startswith("reference"):
            rows.append(Interval(label(closure), value, value - 1.96 * error, value + 1.96 * error, "", colors[closure]))
    rows.sort(key=lambda row: row.mean)
    return [Forest(f"{run.name}_errors", "Error of the enstrophy spectrum, the best first",
                   "Distance of the logarithms of the spectra of the run and of the reference cut to this grid, with "
                   "mean ± 1.96 standard errors." if column == "e_trunc" else
                   "Distance of the logarithms of the spectra of the run and of the full reference, with mean ± 1.96 "
                   "standard errors.", Axis(names.title(column), low=0.0), rows)] if rows else []


def with_error(scores, column, i):
    value = float(scores[column].values[i])
    error = float(scores[column + "_error"].values[i]) if column + "_error" in scores else np.nan
    if not np.isfinite(value):
        return "-"
    return f"{value:.3g} ± {error:.1g}" if np.isfinite(error) and error > 0 else f"{value:.3g}"


def table(run, scores, closures):
    columns = [column for column in COLUMNS if column in scores]
    rows = [[label(closure), *(with_error(scores, column, i) for column in columns)]
            for i, closure in enumerate(closures)]
    return Table(f"{run.name}_scores", "Scores, with standard errors", ["closure", *columns], rows)


def sections(runs):
    out = []
    for run in runs:
        if not run.has("scores.h5"):
            continue
        scores, closures = load(run)
        items = [*errors(run, scores, closures), table(run, scores, closures), *charts(run, scores, closures),
                 maps(run, scores, closures)]
        out.append(Section(f"Closures: {run.name}", items))
    return out + interpretation.sections(runs)
