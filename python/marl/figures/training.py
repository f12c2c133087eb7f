"""Learning curves: of a training over its replicas, of a tuning over its candidates."""

import numpy as np

from .. import names
from ..shapes import Axis, Chart, Line, Section, Table
from ..statistics import interval_of_mean

BAND = "Line: mean over {n} replicas; band: 95 % interval of that mean (Student)."
SINGLE = "One replica, so there is no band."


def curve(run, metric, label, color):
    """Mean and interval over replicas, against the decisions of all agents."""
    dataset = run.metrics
    if metric not in dataset:
        return None
    values = dataset[metric].values
    x = dataset["agent_steps"].mean("replica").values if "agent_steps" in dataset else dataset["update"].values
    mean, low, high = interval_of_mean(values, axis=1)
    band = values.shape[1] > 1
    return Line(label, x, mean, low if band else None, high if band else None, color)


def caption(runs):
    counts = {run.metrics.sizes.get("replica", 0) for run in runs}
    return SINGLE if counts == {1} else BAND.format(n=" or ".join(str(n) for n in sorted(counts)))


def metrics_of(runs):
    """Returns first, then what the environment measures, then how the learner fares."""
    columns = [name for run in runs for name in run.metrics.data_vars]
    columns = list(dict.fromkeys(columns))
    groups = (("return", "Returns", [c for c in columns if c.startswith("return_")]),
              ("env", "Measured in the environment", [c for c in columns if c.startswith("env/")]),
              ("learner", "The learner", [c for c in columns if c.startswith("learner/")]))
    return [(title, group) for _, title, group in groups if group]


def yardstick(runs, metric, lines):
    """The error of the best constants, where a closure's training says it."""
    known = {run.option("env.best_constants") or 0 for run in runs} - {0}
    if metric != "env/log_spectrum_error" or not lines or len(known) != 1:
        return []
    ends = [min(line.x[0] for line in lines), max(line.x[-1] for line in lines)]
    return [Line("best constants", np.array(ends), np.full(2, float(known.pop())), color="#7f7f7f", dashed=True)]


def sections(runs):
    runs = [run for run in runs if run.has("metrics.csv")]
    colors = names.colors([run.name for run in runs])
    out = []
    for title, metrics in metrics_of(runs):
        charts = []
        for metric in metrics:
            lines = [curve(run, metric, run.name, colors[run.name]) for run in runs]
            lines = [line for line in lines if line is not None and np.isfinite(line.y).any()]
            lines += yardstick(runs, metric, lines)
            if lines:
                charts.append(Chart(metric.replace("/", "_"), names.title(metric), caption(runs),
                                    Axis(names.title("agent_steps")),
                                    Axis(names.title(metric), names.unit(metric)), lines))
        out.append(Section(title, charts))
    return out


def tuning(runs):
    """Candidates in the order in which they were tried."""
    items = []
    for run in runs:
        table = run.table("tune.csv") if run.has("tune.csv") else {}
        head = list(table)
        rows = [[f"{v:.6g}" if isinstance(v, float) else str(v) for v in row] for row in zip(*table.values())]
        items.append(Table(f"{run.name}_candidates", f"Candidates of {run.name}", head, rows))
        if "objective" in table:
            number = np.arange(1, len(table["objective"]) + 1)
            lines = [Line("objective", number, table["objective"]),
                     Line("best so far", number, np.fmin.accumulate(table["objective"]), dashed=True,
                          color=names.PALETTE[1])]
            items.append(Chart(f"{run.name}_objective", f"Search of {run.name}", "", Axis("candidate"),
                               Axis("objective", log=bool((table["objective"] > 0).all())), lines))
    return [Section("Tuning", items)]
