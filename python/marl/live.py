"""What the live page knows of runs, read from their files as they grow: curves, a picture, a line."""

import math
import re
import time

import numpy as np

from . import names
from .follow import LIVE, Curves, is_running
from .frames import last_frame, png
from .run import RunError, distinct, reading

MOST_POINTS = 300  # of a curve on the page
MOST_CHARTS = 24
LEAST_SECONDS = 0.5  # between two looks at the files, however many ask
LOG_TAIL = 8192  # bytes of log.txt that are read
COUNTERS = ("update", "time", "step", "dt", "episodes")
FIRST = ("return_", "env/")  # what one trains for comes first


def rank(name):
    return next((i for i, start in enumerate(FIRST) if name.startswith(start)), len(FIRST))


def last_progress(folder):
    """(share done, figures) of the last line of progress in log.txt, else None."""
    try:
        with (folder / "log.txt").open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - LOG_TAIL))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return None
    found = re.findall(r'^progress="(.*?)" done=(\S+) total=(\S+) figures="(.*)"$', text, re.MULTILINE)
    if not found:
        return None
    label, done, total, figures = found[-1]
    try:
        share = float(done) / float(total)
    except (ValueError, ZeroDivisionError):
        return None
    return (min(max(share, 0.0), 1.0), f"{label}: {figures}") if math.isfinite(share) else None


class Watched:
    """One run."""

    def __init__(self, run):
        self.run = run
        self.curves = Curves(run, shown=True)
        self.points = {}  # name: {curve: ([steps], [values])}
        self.reached = {}  # curve: the last step of it that was read
        self._thinned = {}  # name: what curve() has made of the points
        self.frame = None
        self.pictures = []  # bytes of PNG, one a panel
        self._stamp = None

    def _take_curves(self):
        for curve, step, name, value in self.curves.new():
            self.reached[curve] = step
            self._thinned.clear()
            if name in COUNTERS or not math.isfinite(value):
                continue
            steps, values = self.points.setdefault(name, {}).setdefault(curve, ([], []))
            while steps and step <= steps[-1]:  # a run that resumed begins anew from there
                steps.pop()
                values.pop()
            steps.append(step)
            values.append(value)

    def _take_frame(self):
        stamps = [path.stat().st_mtime_ns for path in (self.run.path / "frame.h5", self.run.path) if path.exists()]
        if stamps == self._stamp:
            return
        try:
            self.frame = last_frame(self.run)
        except (RunError, OSError):
            return  # it is being written, or is none: what was there stays
        self._stamp = stamps
        self.pictures = [] if self.frame is None else [png(panel) for panel in self.frame.panels]

    def look(self):
        with reading(self.run):
            self._take_curves()
            self._take_frame()

    def curve(self, name):
        """(x, y), at each step the mean over the replicas that have a value there, thinned; as far as all
        replicas have come."""
        if name not in self._thinned:
            self._thinned[name] = self._curve(list(self.points.get(name, {}).values()))
        return self._thinned[name]

    def _curve(self, parts):
        if not parts:
            return [], []
        x, of = np.unique(np.concatenate([steps for steps, _ in parts]), return_inverse=True)
        y = np.bincount(of, np.concatenate([values for _, values in parts])) / np.bincount(of)
        length = np.searchsorted(x, min(self.reached.values()), "right")
        pick = np.unique(np.linspace(0, length - 1, min(length, MOST_POINTS)).astype(int)) if length else []
        return [float(f"{v:.12g}") for v in x[pick]], [float(f"{v:.6g}") for v in y[pick]]


class Live:
    """Several runs, side by side. `state()` is what the page asks for again and again."""

    def __init__(self, runs):
        self.watched = [Watched(run) for run in distinct(runs)]
        self._looked = -math.inf
        self.look()

    def look(self):
        if time.monotonic() - self._looked < LEAST_SECONDS:
            return
        for watched in self.watched:
            watched.look()
        self._looked = time.monotonic()

    def charts(self):
        """Names of the curves, what one trains for first."""
        found = list(dict.fromkeys(name for watched in self.watched for name in watched.points))
        return sorted(found, key=rank)[:MOST_CHARTS]

    def layout(self):
        """What the page is made of; it is made anew when this changes."""
        return [self.charts(), [[(p.name, p.kinds) for p in w.frame.panels] if w.frame else [] for w in self.watched]]

    def picture(self, run, panel):
        """PNG of a panel; IndexError where there is none."""
        if run < 0 or panel < 0:
            raise IndexError(panel)
        return self.watched[run].pictures[panel]

    def _run_state(self, watched):
        progress = last_progress(watched.run.path)
        frame = watched.frame
        panels = [{"low": f"{p.low:.3g}", "high": f"{p.high:.3g}"} for p in frame.panels] if frame else []
        return {"running": is_running(watched.run.path),
                "share": None if progress is None else round(progress[0], 4),
                "line": "" if progress is None else progress[1],
                "at": None if frame is None else f"{frame.clock} {frame.at:.6g}",
                "stamp": str(watched._stamp), "panels": panels}

    def state(self):
        self.look()
        lines = {}
        for c, name in enumerate(self.charts()):
            for r, watched in enumerate(self.watched):
                x, y = watched.curve(name)
                lines[f"line_{c}_{r}"] = {"x": x, "y": y}
        return {"layout": self.layout(), "runs": [self._run_state(w) for w in self.watched], "lines": lines}


def step_label(runs):
    columns = {LIVE[run.kind][2] for run in runs if run.kind in LIVE}
    return names.with_unit(columns.pop()) if len(columns) == 1 and None not in columns else "steps"
