"""Tables of a run as they grow: rows are read once, as soon as they are whole."""

import csv
import io
import math
import os
import pathlib
import socket
import time

from .run import number, read_provenance

# of each kind: (file, the column that counts, the one that a page shows it over, the one that tells curves apart)
LIVE = {
    "training": ("metrics.csv", "agent_steps", "agent_steps", "replica"),
    "simulation": ("series.csv", "step", "time", None),
    "reference": ("series.csv", "step", "time", None),
    "lattice": ("series.csv", "step", "step", None),
    "tuning": ("tune.csv", None, None, None),
}
STALE = 300  # MARL_LOCK_STALE: a holder touches its lock every 30 s


def fields_of(lock):
    return dict(line.split("=", 1) for line in lock.splitlines() if "=" in line)


def began(pid):
    """When a process of this machine began, in ticks since boot, as the lock has it; None: it is no more."""
    try:
        after = pathlib.Path(f"/proc/{int(pid)}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except (OSError, ValueError):
        return None
    return after[19] if len(after) > 19 and after[0] not in "ZX" else None


def this_machine():
    def read(get):
        try:
            return get()
        except OSError:
            return ""

    return {"host": socket.gethostname(),
            "boot": read(lambda: pathlib.Path("/proc/sys/kernel/random/boot_id").read_text().strip()),
            "space": read(lambda: os.readlink("/proc/self/ns/pid"))}


def is_running(folder):
    """Does a program hold the folder, as the program itself would judge (marl/run/lock.h)? Its lock says
    "released" once it has ended; one that was killed left a lock whose process is gone, if it was on this
    machine, or that nobody has touched for STALE seconds."""
    locks = [path for path in pathlib.Path(folder).glob(".lock-*") if path.name[6:].isdigit()]
    try:
        newest = max(locks, key=lambda path: int(path.name[6:]))
        text, touched = newest.read_text(errors="replace"), newest.stat().st_mtime
    except (OSError, ValueError):
        return False
    if text.startswith("released"):
        return False
    held = fields_of(text)
    if held.get("pid") and all(held.get(key) == value for key, value in this_machine().items()):
        return began(held["pid"]) == held.get("began")
    return time.time() - touched < STALE


class Tail:
    """The rows of a CSV file that have come since one last asked, as {column: value}.

    A file that has been cut, as by a run that resumes, is read anew: its rows come again.
    """

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.head = []
        self._at = 0  # bytes read, all of whole lines
        self._inode = None

    def _restart(self, status):
        self.head, self._at, self._inode = [], 0, status.st_ino

    def rows(self):
        try:
            with self.path.open("rb") as file:
                status = os.fstat(file.fileno())
                if status.st_ino != self._inode or status.st_size < self._at:
                    self._restart(status)
                file.seek(self._at)
                new = file.read()
        except FileNotFoundError:
            return []
        whole = new[:new.rfind(b"\n") + 1]
        self._at += len(whole)
        lines = list(csv.reader(io.StringIO(whole.decode("utf-8", "replace"))))
        if not self.head and lines:
            self.head, lines = lines[0], lines[1:]
        return [dict(zip(self.head, map(number, line))) for line in lines if len(line) == len(self.head)]


class Curves:
    """The curves of a run as they grow: `new()` gives [(curve, step, name, value)], curve 0 for what
    has one curve only. `shown`: over what a page shows them, as the time of a flow, else over whole numbers."""

    def __init__(self, run, shown=False):
        self.run, self.shown = run, shown
        name, step, over, self.curve = LIVE.get(run.kind, (None, None, None, None))
        self.step = over if shown else step
        self.tail = Tail(run.path / name) if name else None
        self._count = 0

    def _place(self, row):
        """(curve, step) of a row; None where it has none, which no file of the program's lacks."""
        step, curve = row.get(self.step, self._count), row.get(self.curve, 0)
        if not all(isinstance(value, (int, float)) and math.isfinite(value) for value in (step, curve)):
            return None
        return int(curve), step if self.shown else int(step)

    def new(self):
        out = []
        for row in self.tail.rows() if self.tail else []:
            self._count += 1
            place = self._place(row)
            if place is not None:
                out += [(*place, key, value) for key, value in row.items()
                        if key not in (self.step, self.curve) and isinstance(value, float)]
        return out


def sessions(run):
    """Dates at which the program began to work on it."""
    record = run.path / "provenance.jsonl"
    return [block["date"] for block in read_provenance(record) if "date" in block] if record.exists() else []
