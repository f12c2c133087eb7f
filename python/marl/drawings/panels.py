"""Arrays beside one another, as they are: a flow with the coefficients of its closure, a lattice, a grid."""

import matplotlib
import numpy as np
from matplotlib.patches import Patch

from .. import names
from ..frames import color_map


def fits(frame):
    return bool(frame.panels)


def scale(frames):
    """{panel: (low, high)}, one for all frames."""
    out = {}
    for at, panel in enumerate(frames[-1].panels):
        stack = [frame.panels[at] for frame in frames[:: max(1, len(frames) // 50)]]
        high = max(p.limit for p in stack) or 1.0
        out[panel.name] = (-high if min(p.low for p in stack) < 0 else 0.0, high)
        if panel.kinds is not None:
            out[panel.name] = (panel.low, panel.high)
    return out


def draw_panel(ax, panel, limits, figure):
    low, high = limits
    shown = matplotlib.colormaps["RdBu_r" if low < 0 else "viridis"] if panel.kinds is None else color_map(panel)
    image = ax.imshow(np.asarray(panel.values, float), origin="lower", cmap=shown, vmin=low, vmax=high,
                      interpolation="nearest")
    ax.set_title(panel.title, fontsize="small", parse_math=False)
    ax.set_xticks([])
    ax.set_yticks([])
    if panel.kinds is None:
        figure.colorbar(image, ax=ax, shrink=0.8)
        return
    keys = [Patch(color=color, label=kind) for kind, color in zip(panel.kinds, names.kind_colors(panel.kinds))]
    ax.legend(handles=keys, loc="upper center", bbox_to_anchor=(0.5, -0.02), ncols=4, frameon=False, fontsize="small")


def draw(figure, frame, scales):
    first, *others = frame.panels
    figure.suptitle(f"{frame.clock} {frame.at:.6g}", fontsize="medium")
    if not others:
        draw_panel(figure.subplots(), first, scales[first.name], figure)
        return
    left, right = figure.subfigures(1, 2, width_ratios=[1.4, 1.0])
    draw_panel(left.subplots(), first, scales[first.name], left)
    for ax, panel in zip(right.subplots(len(others), 1, squeeze=False).flat, others):
        draw_panel(ax, panel, scales[panel.name], right)
