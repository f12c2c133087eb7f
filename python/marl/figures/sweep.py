"""A sweep: the score of every training against each key that was swept, and the trainings by rank."""

import numpy as np

from .. import names
from ..shapes import Axis, Chart, Forest, Interval, Line, Section, Table

FIXED = ("run", "point", "seed", "updates", "ended", "score")
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


def sections(runs):
    out = []
    for run in runs:
        if not run.has("sweep.csv"):
            continue
        table = run.table("sweep.csv")
        keys = [name for name in table if name not in FIXED]
        items = [points_table(run, table, keys)]
        items += [chart(run, table, key) if table[key].dtype.kind == "f" else forest(run, table, key) for key in keys]
        out.append(Section(f"Sweep: {run.name}", items))
    return out
