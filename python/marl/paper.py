"""Figures fit for a paper, by matplotlib: vector or 300 dpi, fonts as text, labels as they are."""

import pathlib

import matplotlib
import numpy as np
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure  # not pyplot's, whose backend is the user's
from matplotlib.ticker import MaxNLocator

from . import names
from .contrast import ink_on
from .figures import sections
from .shapes import Chart, Forest, Heat, Maps


def style(width, font):
    return {
        "figure.figsize": (width, 0.68 * width),
        "figure.dpi": 100,
        "savefig.dpi": 300,
        "font.family": font,
        "font.size": 8 if width < 5 else 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlesize": "medium",
        "legend.frameon": False,
        "svg.fonttype": "none",
        "svg.hashsalt": "marl",  # the same file from the same data
        "lines.linewidth": 1.4,
    }


def plain(text_object):
    text_object.set_parse_math(False)
    return text_object


def set_axes(ax, shape):
    plain(ax.set_xlabel(shape.x.text))
    plain(ax.set_ylabel(shape.y.text))
    if shape.x.log:
        ax.set_xscale("log")
    if shape.y.log:
        ax.set_yscale("log")
    if shape.x.whole:
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlim(shape.x.low, shape.x.high)
    ax.set_ylim(shape.y.low, shape.y.high)


def draw_chart(shape, width):
    lines = shape.drawn()
    figure = Figure()
    ax = figure.subplots()
    for line in lines:
        if line.dots:
            ax.plot(line.x, line.y, "o", color=line.color, markersize=3.5, alpha=0.8, label=line.label)
            continue
        ax.plot(line.x, line.y, color=line.color, linestyle="--" if line.dashed else "-", label=line.label)
        if line.low is not None:
            ax.fill_between(line.x, line.low, line.high, color=line.color, alpha=0.18, linewidth=0)
    if shape.slope is not None:
        exponent, x0, x1, y0 = shape.slope
        x = np.array([x0, x1])
        ax.plot(x, y0 * (x / x0) ** exponent, color="black", linewidth=0.7)
        ax.annotate(f"slope {exponent:g}", (x[1], y0 * (x[1] / x0) ** exponent), fontsize="small")
    set_axes(ax, shape)
    if len(shape.lines) > 1 and lines:  # one of several is named, too
        name_lines(ax, outside=len(lines) > 6)
    return figure


def name_lines(ax, outside):
    """A legend where it covers nothing: among the curves if there is room, else beside them."""
    legend = ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5)) if outside else ax.legend(loc="best")
    for text in legend.get_texts():
        plain(text)
    if not outside and covers(legend, ax):
        name_lines(ax, outside=True)


def covers(legend, ax):
    """Does it lie over a line or a band? (matplotlib's "best" does not look at bands, nor at whether it is good.)"""
    ax.figure.draw_without_rendering()  # places it
    box = legend.get_window_extent()
    lines = (line.get_path().transformed(line.get_transform()) for line in ax.get_lines())
    bands = (path.transformed(band.get_transform()) for band in ax.collections for path in band.get_paths())
    return any(p.intersects_bbox(box, filled=False) for p in lines) or any(p.intersects_bbox(box) for p in bands)


def bare(ax):
    """No axes: a field is periodic, and says nothing by its edge."""
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines[:].set_visible(False)


def map_grid(count):
    columns = min(count, 3 if count <= 6 else 4)
    return -(-count // columns), columns


def draw_maps(shape, width):
    rows, columns = map_grid(len(shape.fields))
    figure = Figure((width, width * rows / columns * 1.05 + 0.4), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False)
    for ax in axes.flat[len(shape.fields):]:
        ax.set_visible(False)
    if shape.kinds is None:
        options = {"cmap": "RdBu_r", "vmin": -shape.limit, "vmax": shape.limit}
    else:
        options = {"cmap": matplotlib.colors.ListedColormap(names.kind_colors(shape.kinds)), "vmin": -0.5,
                   "vmax": len(shape.kinds) - 0.5}
    for ax, label, field in zip(axes.flat, shape.labels, shape.fields):
        image = ax.imshow(field, origin="lower", extent=shape.extent, interpolation="nearest", **options)
        plain(ax.set_title(label))
        bare(ax)
    bar = figure.colorbar(image, ax=axes, shrink=0.8, extend="both" if shape.kinds is None else "neither")
    plain(bar.ax.yaxis.label)
    bar.set_label(shape.quantity)
    if shape.kinds is not None:
        bar.set_ticks(range(len(shape.kinds)), labels=shape.kinds)
    return figure


def draw_forest(shape, width):
    figure = Figure((width, 0.6 + 0.26 * len(shape.rows)))
    ax = figure.subplots()
    for at, row in enumerate(reversed(shape.rows)):
        if np.isfinite(row.low) and np.isfinite(row.high):
            ax.plot([row.low, row.high], [at, at], color=row.color)
        if np.isfinite(row.mean):
            ax.plot([row.mean], [at], "o", color=row.color, markersize=4)
        if row.note:
            plain(ax.annotate(row.note, (1.01, at), xycoords=("axes fraction", "data"), va="center",
                              fontsize="small", annotation_clip=False))
    ax.set_yticks(range(len(shape.rows)))
    for text in ax.set_yticklabels([row.label for row in reversed(shape.rows)]):
        plain(text)
    ax.set_ylim(-0.6, len(shape.rows) - 0.4)
    plain(ax.set_xlabel(shape.x.text))
    ax.grid(axis="x", linewidth=0.4)
    return figure


MOST_NUMBERS = 200  # in the cells of a heat map


def draw_heat(shape, width):
    columns, rows = shape.column_labels, shape.row_labels
    figure = Figure((width, max(0.62 * width, 1.2 + 0.22 * len(rows))))
    ax = figure.subplots()
    low, high = shape.limits
    norm = LogNorm(low, high) if shape.logarithmic else Normalize(low, high)
    image = ax.imshow(shape.values, origin="lower", aspect="auto", cmap="viridis", norm=norm)
    ax.spines[:].set_visible(False)
    ax.set_xticks(range(len(columns)), labels=columns)
    for text in ax.get_xticklabels():
        plain(text)
        if max(len(name) for name in columns) > 6:
            text.set(rotation=45, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(len(rows)), labels=rows)
    for text in ax.get_yticklabels():
        plain(text)
    if shape.values.size <= MOST_NUMBERS:
        digits = ".2f" if max(abs(low), abs(high)) < 10 else ".3g"
        for (row, column), value in np.ndenumerate(shape.values):
            if np.isfinite(value):
                ax.annotate(f"{value:{digits}}", (column, row), ha="center", va="center", fontsize="x-small",
                            color=ink_on(image.to_rgba(value)[:3]))
    plain(ax.set_xlabel(shape.x.text))
    plain(ax.set_ylabel(shape.y.text))
    bar = figure.colorbar(image)
    plain(bar.ax.yaxis.label)
    bar.set_label(shape.quantity)
    return figure


DRAW = {Chart: draw_chart, Maps: draw_maps, Forest: draw_forest, Heat: draw_heat}


def safe_name(name):
    return "".join(c if c.isalnum() or c in "-_." else "_" for c in name).strip(".") or "figure"


def free_name(name, taken):
    """The name, or with a number behind it where another figure has it."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    taken.add(free)
    return free


def save(shape, path, width=5.0, font="DejaVu Sans"):
    """One figure into `path`; its ending is the format."""
    with matplotlib.rc_context(style(width, font)):
        figure = DRAW[type(shape)](shape, width)
        figure.savefig(path, bbox_inches="tight", metadata={"Date": None} if str(path).endswith("svg") else None)


def plot(runs, folder, formats=("svg",), width=5.0, font="DejaVu Sans", only=None):
    """Every figure of these runs into `folder`, in each of `formats`. Returns the paths.

    `only`: a part of the figures' names; `width`: inches; `font`: a family.
    """
    runs = runs if isinstance(runs, (list, tuple)) else [runs]
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths, taken = [], set()
    for section in sections(runs):
        for item in section.items:
            if type(item) not in DRAW or (only is not None and only not in item.name):
                continue
            if isinstance(item, Chart) and not item.drawn():
                continue
            name = free_name(safe_name(item.name), taken)
            for ending in formats:
                paths.append(folder / f"{name}.{ending}")
                save(item, paths[-1], width, font)
    return paths

