"""What a figure says, apart from how it is drawn: paper.py draws it with matplotlib, page.py with bokeh."""

from dataclasses import dataclass, field

import numpy as np


@dataclass
class Axis:
    label: str
    unit: str = ""
    log: bool = False
    low: float | None = None
    high: float | None = None
    whole: bool = False  # counts: ticks are whole numbers

    @property
    def text(self):
        return f"{self.label} [{self.unit}]" if self.unit else self.label


@dataclass
class Line:
    label: str
    x: np.ndarray
    y: np.ndarray
    low: np.ndarray | None = None  # a band; what it is, the figure's caption says
    high: np.ndarray | None = None
    color: str = "#0072b2"
    dashed: bool = False
    dots: bool = False  # points that no line joins

    def finite(self, log_x=False, log_y=False):
        """Only what can be drawn: numbers, above zero on a logarithmic axis."""
        x, y = np.asarray(self.x, float), np.asarray(self.y, float)
        keep = np.isfinite(x) & np.isfinite(y)
        if log_x:
            keep &= x > 0
        if log_y:
            keep &= y > 0
        low = None if self.low is None else np.asarray(self.low, float)[keep]
        high = None if self.high is None else np.asarray(self.high, float)[keep]
        if low is not None and log_y:
            low = np.where(low > 0, low, y[keep])
        return Line(self.label, x[keep], y[keep], low, high, self.color, self.dashed, self.dots)


@dataclass
class Chart:
    name: str  # of its file
    title: str
    caption: str
    x: Axis
    y: Axis
    lines: list
    slope: tuple | None = None  # (exponent, x0, x1, y0): a guide y = y0 (x/x0)^exponent

    def drawn(self):
        """The lines as they can be drawn; those without a point are left out."""
        lines = [line.finite(self.x.log, self.y.log) for line in self.lines]
        return [line for line in lines if len(line.x)]


@dataclass
class Maps:
    name: str
    title: str
    caption: str
    labels: list
    fields: list  # of [y, x]
    quantity: str
    extent: tuple = (0.0, 1.0, 0.0, 1.0)  # x0, x1, y0, y1
    kinds: list | None = None  # names of the integers in the fields; None: numbers, either side of 0

    @property
    def limit(self):
        """One scale for all fields: what 99.5 % of the first one lies within."""
        first = np.abs(self.fields[0][np.isfinite(self.fields[0])])
        return (float(np.quantile(first, 0.995)) or float(first.max()) or 1.0) if first.size else 1.0


@dataclass
class Interval:
    label: str
    mean: float
    low: float
    high: float
    note: str = ""
    color: str = "#0072b2"


@dataclass
class Forest:
    name: str
    title: str
    caption: str
    x: Axis
    rows: list  # of Interval


def label(value):
    return value if isinstance(value, str) else f"{value:g}"


@dataclass
class Heat:
    name: str
    title: str
    caption: str
    x: Axis
    y: Axis
    columns: list  # values along x, in order: numbers, or names
    rows: list
    values: np.ndarray  # [row, column]
    quantity: str
    logarithmic: bool = False  # colors by the logarithm: ratios, all of them positive

    @property
    def limits(self):
        """Of the color scale: the smallest and largest value."""
        seen = self.values[np.isfinite(self.values) & ((self.values > 0) | (not self.logarithmic))]
        low, high = (float(seen.min()), float(seen.max())) if seen.size else (1.0, 1.0)
        if high > low:
            return low, high
        return (low / 1.5, high * 1.5) if self.logarithmic else (low - 0.5, high + 0.5)

    @property
    def column_labels(self):
        return [label(value) for value in self.columns]

    @property
    def row_labels(self):
        return [label(value) for value in self.rows]


@dataclass
class Table:
    name: str
    title: str
    head: list
    rows: list  # of lists of text


@dataclass
class Section:
    title: str
    items: list = field(default_factory=list)
