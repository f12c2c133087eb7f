#!/usr/bin/env python3
"""The result files and the figure of docs/human_yardstick.md, from a run of configs/dilemma/human_yardstick.yaml.

    docs/human_yardstick.py RUN     # needs numpy and matplotlib

RUN/runs.csv (a row a run) and RUN/points.csv (a row a condition) become
    data/human_yardstick.csv             a condition a row: its parameters, and means over its runs by variant
    data/human_yardstick_effects.csv     the effect on welfare and contributions over conditions
    data/human_yardstick_moderators.csv  what goes with the effect on welfare: standardized coefficients
    figures/human_yardstick.svg
The effect of a variant is its welfare over that without punishment, minus one, of a condition's means."""

import csv
import pathlib
import sys

import numpy as np

DOCS = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent / "python"))

from marl.moderation import moderators  # noqa: E402

VARIANTS = ("learned", "rule")
HUMANS = (-44.0, 43.0)  # per cent of efficiency, the abstract's least and most
PARAMETERS = {  # column of points.csv: (name, number of a value)
    "env.group_size": ("group size", float),
    "env.periods": ("rounds", float),
    "env.levels": ("all or nothing", lambda text: float(text.count(",") == 1)),
    "env.mpcr": ("return (MPCR)", float),
    "env.show_outcomes": ("outcomes of peers shown", lambda text: float(text == "true")),
    "env.show_actors": ("actors shown", lambda text: float(text == "true")),
    "env.show_horizon": ("horizon known", lambda text: float(text == "true")),
    "env.incentive_cost": ("cost of a point", float),
    "env.punishment_impact": ("impact of punishment", float),
    "env.reward": ("reward stage", lambda text: float(text == "learned")),
    "env.reward_impact": ("impact of reward", float),
}
MEANS = ("welfare", "cooperation", "efficiency", "punishment_rate", "just_share")


def rows_of(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def write(name, head, rows):
    with open(DOCS / "data" / name, "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([head, *rows])


def mean_of(runs, column):
    """Over the runs in which it happened; NaN in none."""
    values = [float(run[column]) for run in runs if run.get(column, "nan") not in ("", "nan")]
    return float(np.mean(values)) if values else float("nan")


def conditions(folder):
    """{point: (parameters [11], {variant: {metric: mean}})} in the points' order."""
    points, runs = rows_of(folder / "points.csv"), rows_of(folder / "runs.csv")
    found = {}
    for point in points:
        parameters = [number(point[key]) for key, (_, number) in PARAMETERS.items()]
        of_point = [run for run in runs if run["point"] == point["point"]]
        found[point["point"]] = (parameters, {
            cell: {m: mean_of([run for run in of_point if run["cells"] == cell], m) for m in MEANS}
            for cell in ("none", *VARIANTS)})
    return found


def effects_of(table, variant):
    """Relative change of welfare, in per cent [condition]."""
    return np.array([100 * (means[variant]["welfare"] / means["none"]["welfare"] - 1)
                     for _, means in table.values()])


def quantile_row(values):
    return [f"{v:.1f}" for v in np.quantile(values, [0, 0.25, 0.5, 0.75, 1])]


def write_effects(table):
    head = ["punishment", "outcome", "least", "quarter", "median", "three quarters", "most", "raised in", "of"]
    rows = []
    for variant in VARIANTS:
        change = np.array([100 * (means[variant]["cooperation"] - means["none"]["cooperation"])
                           for _, means in table.values()])
        for metric, name in (("punishment_rate", "verdicts with points, %"),
                             ("just_share", "of these points, to who gave less, %")):
            values = np.array([100 * means[variant][metric] for _, means in table.values()])
            values = values[np.isfinite(values)]
            rows.append([variant, name, *quantile_row(values), "", len(values)])
        for name, values in (("welfare, %", effects_of(table, variant)), ("contributions, points of %", change)):
            rows.append([variant, name, *quantile_row(values), int((values > 0).sum()), len(values)])
    write("human_yardstick_effects.csv", head, rows)


def write_moderators(table):
    """The parameters of a condition of which all vary, for both variants; returns them for the figure."""
    x = np.array([parameters for parameters, _ in table.values()])
    fits = {variant: moderators(x, effects_of(table, variant)) for variant in VARIANTS}
    rows = []
    for i, (name, _) in enumerate(PARAMETERS.values()):
        rows.append([name, *(f"{fits[v][0][i]:.2f} [{fits[v][1][i]:.2f}, {fits[v][2][i]:.2f}]" for v in VARIANTS)])
    rows.append(["part of the variance (R2)", *(f"{fits[v][3]:.2f}" for v in VARIANTS)])
    write("human_yardstick_moderators.csv", ["parameter", *VARIANTS], rows)
    return fits


def draw(table, fits):
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.hashsalt": "marl", "font.size": 8})
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.6), layout="constrained")
    colors = {"learned": "#0072b2", "rule": "#d55e00"}
    left.axhspan(*HUMANS, color="#999999", alpha=0.2, lw=0, label="people, least to most (abstract)")
    for variant in VARIANTS:
        values = np.sort(effects_of(table, variant))
        left.plot(np.arange(1, len(values) + 1), values, ".-", ms=3, lw=0.8, color=colors[variant], label=variant)
    left.axhline(0, color="black", lw=0.6)
    left.set_yscale("symlog", linthresh=50)
    left.set_xlabel("condition, by its effect")
    left.set_ylabel("welfare with over without punishment, change in %")
    left.legend(frameon=False, loc="upper left")
    names = [name for name, _ in PARAMETERS.values()]
    for k, variant in enumerate(VARIANTS):
        best, low, high, _ = fits[variant]
        at = np.arange(len(names)) + 0.3 * k - 0.15
        right.errorbar(best, at, xerr=[best - low, high - best], fmt="o", ms=3, lw=0.8, color=colors[variant],
                       label=variant)
    right.axvline(0, color="black", lw=0.6)
    right.set_yticks(range(len(names)), names)
    right.invert_yaxis()
    right.set_xlabel("standardized coefficient, 95 % bootstrap interval")
    right.legend(frameon=False)
    figure.savefig(DOCS / "figures" / "human_yardstick.svg", metadata={"Date": None})


def main(folder):
    table = conditions(pathlib.Path(folder))
    head = ["point", *(key.split(".")[1] for key in PARAMETERS),
            *(f"{cell}_{m}" for cell in ("none", *VARIANTS) for m in MEANS)]
    write("human_yardstick.csv", head, [
        [point, *(f"{p:.6g}" for p in parameters), *(f"{means[cell][m]:.6g}" for cell in means for m in MEANS)]
        for point, (parameters, means) in table.items()])
    write_effects(table)
    draw(table, write_moderators(table))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
