"""The figures of a page, by bokeh: hover for values, zoom, click a legend entry to hide its line."""

import numpy as np
from bokeh.models import (ColorBar, ColumnDataSource, FixedTicker, HoverTool, LinearColorMapper, LogColorMapper,
                          Span)
from bokeh.palettes import Viridis256
from bokeh.plotting import figure

from . import names
from .shapes import Chart, Forest, Heat, Maps

INK = "#000000"  # what is black on paper
TOOLS = "pan,wheel_zoom,box_zoom,reset,save"
MOST_POINTS = 2000  # of a line; more are thinned, and the caption says so


def red_blue():
    import matplotlib  # its RdBu_r, as in the figures for a paper

    return [matplotlib.colors.to_hex(matplotlib.colormaps["RdBu_r"](i / 255)) for i in range(256)]


def base(name, x, y, **options):
    options = {"height": 380, "sizing_mode": "stretch_width", "tools": TOOLS, "background_fill_alpha": 0,
               "border_fill_alpha": 0, **options}
    plot = figure(x_axis_label=x, y_axis_label=y, name=name, **options)
    plot.toolbar.logo = None
    return plot


def thin(line):
    every = -(-len(line.x) // MOST_POINTS)
    if every == 1:
        return line
    pick = slice(None, None, every)
    bands = [None if band is None else band[pick] for band in (line.low, line.high)]
    return type(line)(line.label, line.x[pick], line.y[pick], *bands, line.color, line.dashed, line.dots)


def limits(axis):
    return {key: value for key, value in (("start", axis.low), ("end", axis.high)) if value is not None}


def chart(shape):
    plot = base(shape.title, shape.x.text, shape.y.text, x_axis_type="log" if shape.x.log else "linear",
                y_axis_type="log" if shape.y.log else "linear")
    plot.x_range.update(**limits(shape.x))
    plot.y_range.update(**limits(shape.y))
    renderers = []
    for line in map(thin, shape.drawn()):
        source = ColumnDataSource({"x": line.x, "y": line.y, "label": [line.label] * len(line.x)})
        if line.low is not None:
            whole = np.isfinite(line.low) & np.isfinite(line.high)
            plot.varea(line.x[whole], line.low[whole], line.high[whole], color=line.color, alpha=0.18,
                       legend_label=line.label)
        if line.dots:
            renderers.append(plot.scatter("x", "y", source=source, color=line.color, size=7, alpha=0.8,
                                          legend_label=line.label))
            continue
        drawn = plot.line("x", "y", source=source, color=line.color, line_width=2,
                          line_dash="dashed" if line.dashed else "solid", legend_label=line.label)
        if line.color == INK:
            drawn.glyph.tags = ["ink"]  # page.py paints it in the reader's scheme
        renderers.append(drawn)
    if shape.slope is not None:
        exponent, x0, x1, y0 = shape.slope
        plot.line([x0, x1], [y0, y0 * (x1 / x0) ** exponent], color="gray", line_width=1)
    plot.add_tools(HoverTool(renderers=renderers,
                             tooltips=[("", "@label"), (shape.x.label, "@x{0.[0000]}"), (shape.y.label, "@y{0.[00000]}")]))
    if len(shape.lines) < 2:  # the title says what a line alone is
        plot.legend.visible = False
    elif plot.legend:
        plot.legend.click_policy = "hide"
        plot.legend.background_fill_alpha = 0.4
        legend = plot.legend[0]  # beside the curves, never over them
        legend.orientation, legend.ncols, legend.spacing, legend.border_line_color = "horizontal", 4, 15, None
        plot.add_layout(legend, "above")
    return [plot]


def maps(shape):
    x0, x1, y0, y1 = shape.extent
    if shape.kinds is None:
        mapper = LinearColorMapper(palette=red_blue(), low=-shape.limit, high=shape.limit)
    else:
        mapper = LinearColorMapper(palette=names.kind_colors(shape.kinds), low=-0.5, high=len(shape.kinds) - 0.5)
    plots, side = [], {1: 400, 2: 300}.get(len(shape.fields), 220)
    for label, field in zip(shape.labels, shape.fields):
        plot = base(label, None, None, sizing_mode="fixed", width=side + 10, height=side + 53, title=label,
                    x_range=(x0, x1), y_range=(y0, y1))  # with title and tools
        plot.title.text_font_size = "11px"
        plot.axis.visible = plot.grid.visible = False
        image = plot.image([field.astype(np.float32)], x=x0, y=y0, dw=x1 - x0, dh=y1 - y0, color_mapper=mapper)
        plot.add_tools(HoverTool(renderers=[image], tooltips=[(shape.quantity, "@image{0.[000]}")]))
        plot.toolbar_location = "below"
        plots.append(plot)
    bar = base("scale", None, None, sizing_mode="fixed", width=110 if shape.kinds is None else 190, height=side + 30, tools="", toolbar_location=None,
               x_range=(0, 1), y_range=(0, 1), outline_line_color=None)
    bar.axis.visible = bar.grid.visible = False
    bar.scatter([0], [0], alpha=0)  # a plot without anything in it is reported as a mistake
    kinds = {} if shape.kinds is None else {"major_label_overrides": dict(enumerate(shape.kinds)),
                                            "ticker": FixedTicker(ticks=list(range(len(shape.kinds))))}
    bar.add_layout(ColorBar(color_mapper=mapper, title=shape.quantity, background_fill_alpha=0, **kinds), "left")
    return [*plots, bar]


def forest(shape):
    labels = [f"{i + 1}. {row.label}" for i, row in enumerate(shape.rows)]  # a range of labels has each once
    plot = base(shape.title, shape.x.text, None, height=70 + 26 * len(labels), y_range=labels[::-1])
    data = {"label": labels, "mean": [r.mean for r in shape.rows], "low": [r.low for r in shape.rows],
            "high": [r.high for r in shape.rows], "note": [r.note for r in shape.rows],
            "color": [r.color for r in shape.rows]}
    source = ColumnDataSource(data)
    plot.segment("low", "label", "high", "label", source=source, color="color", line_width=2)
    points = plot.scatter("mean", "label", source=source, color="color", size=9)
    plot.add_tools(HoverTool(renderers=[points], tooltips=[("", "@label"), ("mean", "@mean{0.[0000]}"),
                                                           ("95 %", "@low{0.[0000]} to @high{0.[0000]}"),
                                                           ("", "@note")]))
    plot.x_range.update(**limits(shape.x))
    if shape.x.low is None and shape.x.high is None:
        plot.add_layout(Span(location=0, dimension="height", line_color="gray", line_width=0.5))
    return [plot]


def heat(shape):
    columns, rows = shape.column_labels, shape.row_labels
    plot = base(shape.title, shape.x.text, shape.y.text, x_range=columns, y_range=rows)
    grid = [(c, r, float(shape.values[j, i])) for j, r in enumerate(rows) for i, c in enumerate(columns)]
    source = ColumnDataSource({"x": [g[0] for g in grid], "y": [g[1] for g in grid], "value": [g[2] for g in grid]})
    low, high = shape.limits
    of_colors = LogColorMapper if shape.logarithmic else LinearColorMapper
    mapper = of_colors(palette=Viridis256, low=low, high=high, nan_color="#00000000")
    cells = plot.rect("x", "y", 1, 1, source=source, line_color=None,
                      fill_color={"field": "value", "transform": mapper})
    plot.add_tools(HoverTool(renderers=[cells], tooltips=[(shape.x.label, "@x"), (shape.y.label, "@y"),
                                                          (shape.quantity, "@value{0.[0000]}")]))
    plot.add_layout(ColorBar(color_mapper=mapper, background_fill_alpha=0), "right")
    if max(len(name) for name in columns) > 6:
        plot.xaxis.major_label_orientation = 0.8
    return [plot]


MAKE = {Chart: chart, Maps: maps, Forest: forest, Heat: heat}


def plots(shape):
    """The bokeh figures of one shape, in order."""
    return MAKE[type(shape)](shape)
