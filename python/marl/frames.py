"""Pictures of a run as numbers: what frame.h5 has while it runs, else the last field or pattern."""

import io
from dataclasses import dataclass

import h5py
import matplotlib
import numpy as np
from matplotlib import colors as mcolors
from matplotlib import image as mimage

from . import names
from .run import RunError

MOST_VALUES = 1 << 22  # of a panel that is read: far more than the program writes
MOST_POINTS = 1 << 28  # of a field that is read
MOST_SHOWN = 160  # points a side of a picture that is made here


@dataclass
class Panel:
    name: str
    unit: str
    values: np.ndarray  # [y, x], of kinds integers
    kinds: list | None = None

    @property
    def limit(self):
        """Numbers are shown within [-limit, limit] where they have both signs."""
        seen = np.abs(self.values[np.isfinite(self.values)])
        return float(np.quantile(seen, 0.995)) if seen.size else 0.0

    @property
    def low(self):
        if self.kinds is not None:
            return -0.5
        return -self.limit if (self.values < 0).any() else 0.0

    @property
    def high(self):
        return len(self.kinds) - 0.5 if self.kinds is not None else self.limit or 1.0

    @property
    def title(self):
        return names.title(self.name) + (f" [{self.unit}]" if self.unit not in ("", "1") else "")


@dataclass
class Frame:
    clock: str
    at: float
    panels: list


def color_map(panel):
    if panel.kinds is not None:
        return mcolors.ListedColormap(names.kind_colors(panel.kinds))
    return matplotlib.colormaps["RdBu_r" if panel.low < 0 else "viridis"]


def own_datasets(file, most=MOST_VALUES):
    """Datasets that are in this very file, of so many values at most: a link that leads elsewhere is none."""
    for name in file:
        if isinstance(file.get(name, getlink=True), h5py.HardLink):
            item = file[name]
            if isinstance(item, h5py.Dataset) and not item.external and item.size <= most:
                yield name, item


def in_order(datasets):
    """As the program added them."""
    return sorted(datasets, key=lambda item: int(item[1].attrs.get("place", 0)))


def text(value):
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def panel_of(name, data, values):
    kinds = text(data.attrs["kinds"]).split(",") if "kinds" in data.attrs else None
    return Panel(name, text(data.attrs.get("units", "1")), values, kinds)


def read_frame(path):
    """A file of one frame. Raises RunError."""
    try:
        with h5py.File(path, "r") as file:
            panels = [panel_of(name, data, data[()]) for name, data in in_order(own_datasets(file)) if data.ndim == 2]
            return Frame(text(file.attrs["clock"]), float(file.attrs["at"]), panels)
    except (OSError, KeyError, ValueError, RuntimeError) as problem:
        raise RunError(f"{path} is no frame: {problem}") from problem


def read_frames(path):
    """All frames of a file of many, as of `marl episode`. Raises RunError."""
    try:
        with h5py.File(path, "r") as file:
            clock, whole = text(file.attrs["clock"]), dict(own_datasets(file))
            at = whole["at"][()]
            stacks = [(name, data) for name, data in in_order(whole.items()) if data.ndim == 3]
            return [Frame(clock, float(at[i]), [panel_of(name, data, data[i]) for name, data in stacks])
                    for i in range(len(at))]
    except (OSError, KeyError, ValueError, RuntimeError) as problem:
        raise RunError(f"{path} has no frames: {problem}") from problem


def smaller(field):
    """Means of blocks, so that a picture is small."""
    block = -(-max(field.shape) // MOST_SHOWN)
    rows, columns = (n // block * block for n in field.shape)
    return field[:rows, :columns].reshape(rows // block, block, columns // block, block).mean((1, 3))


def snapshot(path):
    """The last fields of a file of a flow. Raises RunError."""
    try:
        with h5py.File(path, "r") as file:
            fields = dict(own_datasets(file, MOST_POINTS))
            panels = [Panel(name, text(fields[name].attrs.get("units", "1")), smaller(fields[name][-1]))
                      for name in ("vorticity", "streamfunction") if name in fields]
            return Frame("time", float(fields["time"][-1]), panels)
    except (OSError, KeyError, ValueError, RuntimeError) as problem:
        raise RunError(f"{path} has no fields of a flow: {problem}") from problem


def last_frame(run):
    """What there is to see of the run now; None if there is nothing."""
    if run.has("frame.h5"):
        return read_frame(run.path / "frame.h5")
    fields = sorted(run.path.glob("fields_*.h5"))
    if fields:
        return snapshot(fields[-1])
    if run.has("pattern.h5"):
        from .figures.lattice import kinds_of, thinned

        kind = run.dataset("pattern.h5")["kind"]
        return Frame("cycle", float(run.option("env.cycles", 0)),
                     [Panel("kind", "1", thinned(kind.values)[0], kinds_of(kind))])
    return None


def png(panel, low=None, high=None):
    """A pixel a value, row 0 below."""
    picture = io.BytesIO()
    mimage.imsave(picture, np.asarray(panel.values, float), cmap=color_map(panel), origin="lower", format="png",
                  vmin=panel.low if low is None else low, vmax=panel.high if high is None else high)
    return picture.getvalue()
