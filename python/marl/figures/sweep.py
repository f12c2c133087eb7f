"""A sweep: the score of every training against each key that was swept, and the trainings by rank."""

import numpy as np

from .. import names
from ..shapes import Axis, Chart, Forest, Interval, Line, Section, Table

FIXED = ("run", "point", "seed", "round", "parent", "updates", "ended", "score")
MOST_BEST = 30  # points of the table


def score_name(run):
    return names.title(run.option("sweep.score") or "return") + " at the end"


def is_logarithmic(run, key):
    return any(entry.split("=")[0].strip() == key and entry.split()[-1] == "log"
               for entry in run.option("sweep.over") or [])


def lengths(table):
    """{label: rows} of trainings of one length: the rungs of a halving."""
    updates = np.unique(table["updates"])
    if len(updates) == 1:
        return {"a training": np.ones(len(table["updates"]), bool)}
    return {f"{count:.0f} updates": table["updates"] == count for count in updates}


def chart(run, table, key):
    colors = names.PALETTE
    lines = [Line(label, table[key][rows], table["score"][rows], color=colors[i % len(colors)], dots=True)
             for i, (label, rows) in enumerate(lengths(table).items())]
    return Chart(f"{run.name}_{key}", f"Score against {key}", "A dot is a training.",
                 Axis(key, log=is_logarithmic(run, key)), Axis(score_name(run)), lines)


def forest(run, table, key):
    """Of a key whose values are no numbers."""
    rows = []
    for value in dict.fromkeys(str(v) for v in table[key]):
        scores = table["score"][np.array([str(v) == value for v in table[key]])]
        scores = scores[np.isfinite(scores)]
        if len(scores):
            rows.append(Interval(value, np.mean(scores), np.min(scores), np.max(scores)))
    return Forest(f"{run.name}_{key}", f"Score against {key}", "Mean over all trainings with a value; bar: the least and "
                  "the largest.", Axis(score_name(run)), rows)


def points_table(run, table, keys):
    """The points by their mean score, the best first; of a halving those that were trained longest."""
    points = {}
    for i, point in enumerate(table["point"]):
        points.setdefault(int(point), []).append(i)
    sign = -1 if run.option("sweep.best", "largest") == "largest" else 1
    means = {point: float(np.mean(table["score"][rows])) for point, rows in points.items()}
    order = sorted(points, key=lambda p: (np.isnan(means[p]),
                                          -table["updates"][points[p][0]] if len(lengths(table)) > 1 else 0, sign * means[p]))
    rows = []
    for point in order[:MOST_BEST]:
        scores, first = table["score"][points[point]], points[point][0]
        spread = f"{scores.min():.4g} to {scores.max():.4g}" if len(scores) > 1 else ""
        values = [f"{table[key][first]:.6g}" if table[key].dtype.kind == "f" else str(table[key][first]) for key in keys]
        rows.append([str(point), *values, f"{table['updates'][first]:.0f}", f"{means[point]:.6g}", spread])
    title = "Points, the best first" if len(order) <= MOST_BEST else f"The best {MOST_BEST} of {len(order)} points"
    return Table(f"{run.name}_points", title, ["point", *keys, "updates", "mean score", "over seeds"], rows)


def rounds_of(table):
    """[(updates, rows)] of a population's rounds."""
    return [(table["updates"][rows][0], rows) for rows in (table["round"] == r for r in np.unique(table["round"]))]


def population(run, table, keys):
    """A population: its last round by score, its scores and each of its settings over the rounds."""
    rounds = rounds_of(table)
    updates = np.array([count for count, _ in rounds])
    last = {name: values[rounds[-1][1]] for name, values in table.items()}
    best_of = np.nanmax if run.option("sweep.best", "largest") == "largest" else np.nanmin
    known = [table["score"][rows] if np.isfinite(table["score"][rows]).any() else np.array([np.nan]) for _, rows in rounds]
    lines = [Line("all", table["updates"], table["score"], color=names.PALETTE[1], dots=True),
             Line("the best", updates, np.array([best_of(scores) if np.isfinite(scores).any() else np.nan
                                                 for scores in known]), color=names.PALETTE[0])]
    out = [points_table(run, last, keys),
           Chart(f"{run.name}_rounds", "Scores over the rounds", "A dot is a member at the end of a round.", Axis("updates"),
                 Axis(score_name(run)), lines)]
    for key in keys:
        medians = np.array([np.median(table[key][rows]) for _, rows in rounds])
        out.append(Chart(f"{run.name}_{key}", f"{key} over the rounds", "A dot is a member; line: their median.",
                         Axis("updates"), Axis(key, log=is_logarithmic(run, key)),
                         [Line("all", table["updates"], table[key], color=names.PALETTE[1], dots=True),
                          Line("median", updates, medians, color=names.PALETTE[0])]))
    return out


def sections(runs):
    out = []
    for run in runs:
        if not run.has("sweep.csv"):
            continue
        table = run.table("sweep.csv")
        keys = [name for name in table if name not in FIXED]
        if "round" in table:
            out.append(Section(f"Population: {run.name}", population(run, table, keys)))
            continue
        items = [points_table(run, table, keys)]
        items += [chart(run, table, key) if table[key].dtype.kind == "f" else forest(run, table, key) for key in keys]
        out.append(Section(f"Sweep: {run.name}", items))
    return out
