"""A society as a graph: who fined whom, and how much each cooperates."""

import numpy as np
from matplotlib.patches import FancyArrowPatch

MOST_AGENTS = 40  # more are no graph that one can read: their matrices are drawn
PANELS = {"met", "cooperated", "fined"}


def fits(frame):
    return {panel.name for panel in frame.panels} >= PANELS and frame.panels[0].values.shape[0] <= MOST_AGENTS


def matrix(frame, name):
    """[who, whom]"""
    return next(panel.values for panel in frame.panels if panel.name == name).astype(float)


def scale(frames):
    """The largest fine between two in all frames."""
    return max(max(float(matrix(frame, "fined").max()) for frame in frames), 1e-9)


def places(count):
    angle = np.pi / 2 - 2 * np.pi * np.arange(count) / count
    return np.column_stack([np.cos(angle), np.sin(angle)])


def draw(figure, frame, largest):
    met, cooperated, fined = (matrix(frame, name) for name in ("met", "cooperated", "fined"))
    moves = met.sum(axis=1)
    share = np.divide(cooperated.sum(axis=1), moves, out=np.full(len(moves), np.nan), where=moves > 0)
    at = places(len(moves))
    ax = figure.subplots()
    known = np.isfinite(share)  # who has not moved yet is gray
    for who, whom in zip(*np.nonzero(fined)):
        width = 0.5 + 3.5 * fined[who, whom] / largest
        ax.add_patch(FancyArrowPatch(at[who], at[whom], arrowstyle="-|>", mutation_scale=8 + 2 * width, linewidth=width,
                                     color="#d55e00", alpha=0.8, shrinkA=11, shrinkB=13,
                                     connectionstyle="arc3,rad=0.15"))
    ax.scatter(*at[~known].T, s=320, c="#bbbbbb", edgecolors="black", linewidths=0.8, zorder=3)
    dots = ax.scatter(*at[known].T, s=320, c=share[known], cmap="cividis", vmin=0, vmax=1, edgecolors="black",
                      linewidths=0.8, zorder=3)
    for agent, (x, y) in enumerate(at):
        ax.annotate(str(agent), (1.2 * x, 1.2 * y), ha="center", va="center")
    ax.set(xlim=(-1.4, 1.4), ylim=(-1.4, 1.4), aspect="equal")
    ax.set_axis_off()
    figure.colorbar(dots, ax=ax, shrink=0.7, label="share of moves that cooperate")
    figure.suptitle(f"{frame.clock} {frame.at:.6g}: arrows from who fines to whom, {fined.sum():.4g} in all",
                    fontsize="medium")
