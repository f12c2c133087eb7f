"""Closures over many flows: their errors beside those of each flow's own yardstick."""

import numpy as np

from .. import names
from ..shapes import Axis, Forest, Heat, Interval, Section

QUANTITY = "e_trunc over that of the flow's own yardstick"


def in_order(values):
    return list(dict.fromkeys(str(value) for value in values))


def heat(run, table, flows, closures):
    values = np.full((len(flows), len(closures)), np.nan)
    for flow, closure, relative in zip(table["flow"], table["closure"], table["relative"]):
        if closure in closures:
            values[flows.index(str(flow)), closures.index(str(closure))] = relative
    return Heat(f"{run.name}_suite", "Every closure on every flow", "One is as good as what is best on the flow itself.",
                Axis("closure"), Axis("flow"), closures, flows, values, QUANTITY, logarithmic=True)


def forest(run, table, closure, number):
    rows, color = [], names.PALETTE[number % len(names.PALETTE)]
    for i in np.flatnonzero(np.array([str(name) == closure for name in table["closure"]])):
        mean, error = table["relative"][i], table["relative_error"][i]
        rows.append(Interval(str(table["flow"][i]), mean, mean - 1.96 * error, mean + 1.96 * error, color=color))
    return Forest(f"{run.name}_closure_{number}", closure, "Bar: 95 % interval, of the yardstick's error too.",
                  Axis(QUANTITY), rows)


def sections(runs):
    out = []
    for run in runs:
        table = run.table("suite.csv")
        flows = in_order(table["flow"])
        yardsticks = {str(table["closure"][list(map(str, table["flow"])).index(flow)]) for flow in flows}
        closures = [name for name in in_order(table["closure"]) if name not in yardsticks]
        items = [heat(run, table, flows, closures)] if closures else []
        items += [forest(run, table, closure, number) for number, closure in enumerate(closures)]
        out.append(Section(f"Flows: {run.name}", items))
    return out
