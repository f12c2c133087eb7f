"""A Schelling diagram from a file of `marl schelling --out`."""

import pathlib

from ..run import read_table
from ..shapes import Axis, Chart, Line


def schelling(path):
    """What an agent earns that cooperates, or does not, by how many of the others do. A Chart: marl.save."""
    table, lines = read_table(path), []
    for side, others, color in (("cooperator", -1, "#0072b2"), ("defector", 0, "#d55e00")):
        lines.append(Line(f"a {side}", table["cooperators"] + others, table[side], table[side + "_low"],
                          table[side + "_high"], color))
    return Chart(pathlib.Path(path).stem, "Schelling diagram", "Mean return of an episode; band: Student's 95 % interval.",
                 Axis("cooperators among the others", whole=True), Axis("return of an agent"), lines)
