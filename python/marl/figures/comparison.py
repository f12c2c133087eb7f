"""Populations beside one another: curves over cycles, means with their tests, sweeps, strategies."""

import numpy as np

from .. import names
from ..shapes import Axis, Chart, Forest, Heat, Interval, Line, Section, Table

CURVES = "Line: mean of {n} seeds; band: the middle 80 % of them."
MOST_LINES = 12


def load(run):
    data = run.dataset("compare.h5")
    return data, [str(cell) for cell in data["cell"].values]


def followed(run):
    """The metric that the comparison is about: the first of its summary."""
    return str(run.table("summary.csv")["metric"][0])


def seeds_band(values):
    """(mean, 10 %, 90 %) over the first axis; nothing where no seed has a value."""
    seen = np.isfinite(values).any(axis=0)
    out = np.full((3, values.shape[1]), np.nan)
    if seen.any():
        part = values[:, seen]
        out[:, seen] = np.nanmean(part, axis=0), *np.nanquantile(part, (0.1, 0.9), axis=0)
    return out


def curve_chart(run, data, cells, metric):
    short, colors = names.short(cells), names.colors(cells)
    lines = []
    for i, cell in enumerate(cells[:MOST_LINES]):
        mean, low, high = seeds_band(data[metric].values[i])
        lines.append(Line(short[cell], data["cycle"].values, mean, low, high, colors[cell]))
    caption = CURVES.format(n=data.sizes["seed"])
    if len(cells) > MOST_LINES:
        caption += f" The first {MOST_LINES} of {len(cells)} cells."
    return Chart(f"{run.name}_{metric}", names.title(metric), caption, Axis("cycles"),
                 Axis(names.title(metric), names.unit(metric)), lines)


def crossed(run, data, cells, metric):
    """A comparison over several axes at a glance: the first axis down, the others along."""
    parts = [names.short(cells)[cell].split("/") for cell in cells]
    if len(parts[0]) < 2 or run.has("sweep.csv"):
        return []
    where = [(part[0], "/".join(part[1:])) for part in parts]
    rows, columns = (list(dict.fromkeys(side)) for side in zip(*where))
    if len(rows) < 2 or len(columns) < 2 or len(rows) * len(columns) != len(cells):
        return []
    summary = run.table("summary.csv")
    mean = {str(cell): m for cell, name, m in zip(summary["cell"], summary["metric"], summary["mean"])
            if name == metric}
    values = np.full((len(rows), len(columns)), np.nan)
    for cell, (row, column) in zip(cells, where):
        values[len(rows) - 1 - rows.index(row), columns.index(column)] = mean.get(cell, np.nan)
    caption = f"Mean of {data.sizes['seed']} seeds at the end of the runs."
    return [Heat(f"{run.name}_crossed_{metric}", f"{names.title(metric)}, every cell", caption, Axis(""), Axis(""),
                 columns, rows[::-1], values, names.title(metric))]


def tests_of(run, metric):
    """{cell: its adjusted p against the control} where a comparison has one control."""
    if not run.has("pairs.csv"):
        return {}
    pairs = run.table("pairs.csv")
    control = run.option("compare.control")
    if not control or not len(pairs.get("metric", ())):
        return {}
    rows = zip(pairs["metric"], pairs["a"], pairs["b"], pairs["p_holm"])
    return {str(b if a == control else a): p for m, a, b, p in rows if m == metric and control in (a, b)}


def forest(run, metric):
    summary = run.table("summary.csv")
    keep = [i for i, name in enumerate(summary["metric"]) if name == metric]
    cells = [str(summary["cell"][i]) for i in keep]
    short, colors, tests = names.short(cells), names.colors(cells), tests_of(run, metric)
    rows = []
    for i, cell in zip(keep, cells):
        low, high = summary["share_low"][i], summary["share_high"][i]
        if not np.isfinite(low):
            low, high = summary["mean_low"][i], summary["mean_high"][i]
        note = f"p = {tests[cell]:.2g}" if cell in tests else ""
        rows.append(Interval(short[cell], summary["mean"][i], low, high, note, colors[cell]))
    caption = "Mean over seeds with its 95 % interval (that of a share where the metric is one)."
    if tests:
        caption += " p: exact Mann-Whitney against the control, Holm's correction."
    return Forest(f"{run.name}_forest_{metric}", f"{names.title(metric)}, end of the runs", caption,
                  Axis(names.title(metric), names.unit(metric)), rows)


def shares_chart(run, data, cells):
    """The strategies of each cell over time."""
    shares = [name for name in data.data_vars if str(name).startswith("share_")]
    short = names.short(cells)
    charts = []
    for i, cell in enumerate(cells[:MOST_LINES]):
        colors = names.colors([str(name) for name in shares])
        lines = [Line(names.title(str(name)), data["cycle"].values, seeds_band(data[name].values[i])[0],
                      color=colors[str(name)]) for name in shares]
        charts.append(Chart(f"{run.name}_strategies_{i}", f"Strategies: {short[cell]}", "Mean over seeds.",
                            Axis("cycles"), Axis("share of agents", low=0.0, high=1.0), lines))
    return charts if shares else []


def swept(run):
    """The columns of sweep.csv that were swept: those before `runs`, after the cell's own."""
    head = list(run.table("sweep.csv"))
    return [name for name in head[1:head.index("runs")]]


def heats(run, metric):
    table, axes = run.table("sweep.csv"), swept(run)
    if len(axes) != 2 or table[axes[0]].dtype.kind != "f" or table[axes[1]].dtype.kind != "f":
        return []
    columns, rows = np.unique(table[axes[0]]), np.unique(table[axes[1]])
    groups = {}
    for i, cell in enumerate(table["cell"]):
        groups.setdefault(str(cell).split("/")[0], []).append(i)
    out = []
    for group, members in groups.items():
        values = np.full((len(rows), len(columns)), np.nan)
        for i in members:
            values[np.searchsorted(rows, table[axes[1]][i]), np.searchsorted(columns, table[axes[0]][i])] = \
                table[metric][i]
        out.append(Heat(f"{run.name}_sweep_{len(out)}", f"{names.title(metric)}: {group}", "Mean over seeds.",
                        Axis(axes[0]), Axis(axes[1]), list(columns), list(rows), values, names.title(metric)))
    return out


def tests_table(run):
    pairs = run.table("pairs.csv")
    if not len(pairs.get("metric", ())):
        return []
    rows = [[names.title(str(m)), str(a), str(b), f"{d:.3g} [{low:.3g}, {high:.3g}]", f"{p:.2g}", f"{holm:.2g}"]
            for m, a, b, d, low, high, p, holm in
            zip(pairs["metric"], pairs["a"], pairs["b"], pairs["difference"], pairs["difference_low"],
                pairs["difference_high"], pairs["p"], pairs["p_holm"])]
    return [Table(f"{run.name}_tests", "Differences, first minus second, with 95 % intervals",
                  ["metric", "first", "second", "difference", "p", "p (Holm)"], rows)]


def summary_table(run):
    summary = run.table("summary.csv")
    rows = [[str(cell), names.title(str(metric)), f"{mean:.4g}", f"{deviation:.3g}", f"{runs:.0f}"]
            for cell, metric, mean, deviation, runs in
            zip(summary["cell"], summary["metric"], summary["mean"], summary["standard_deviation"], summary["runs"])]
    return Table(f"{run.name}_summary", "Means over the end of the runs",
                 ["cell", "metric", "mean", "standard deviation", "runs"], rows)


def sections(runs):
    out = []
    for run in runs:
        if not run.has("compare.h5"):
            continue
        data, cells = load(run)
        metric = followed(run)
        others = [str(m) for m in data.data_vars if "seed" in data[m].dims and "cycle" in data[m].dims
                  and not str(m).startswith("share_") and m != metric]
        items = [*crossed(run, data, cells, metric), curve_chart(run, data, cells, metric), forest(run, metric)]
        if run.has("sweep.csv"):
            items += heats(run, metric)
        items += shares_chart(run, data, cells)
        items += [curve_chart(run, data, cells, m) for m in others if np.isfinite(data[m].values).any()]
        items += [summary_table(run), *tests_table(run)]
        out.append(Section(f"Populations: {run.name}", items))
    return out
