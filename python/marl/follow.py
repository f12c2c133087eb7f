"""Tables of a run as they grow: rows are read once, as soon as they are whole."""

import csv
import io
import os
import pathlib

from .run import number, read_provenance

# of each kind: (file, the column that counts, the column that tells curves apart)
LIVE = {
    "training": ("metrics.csv", "agent_steps", "replica"),
    "simulation": ("series.csv", "step", None),
    "reference": ("series.csv", "step", None),
    "lattice": ("series.csv", "step", None),
    "tuning": ("tune.csv", None, None),
}


def is_running(folder):
    """Does a program hold the folder? Its lock says "released" once it has ended."""
    locks = sorted(pathlib.Path(folder).glob(".lock-*"), key=lambda path: int(path.suffix[6:] or 0)
                   if path.suffix[6:].isdigit() else 0)
    try:
        return bool(locks) and not locks[-1].read_text(errors="replace").startswith("released")
    except OSError:
        return False


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
    has one curve only."""

    def __init__(self, run):
        self.run = run
        name, self.step, self.curve = LIVE.get(run.kind, (None, None, None))
        self.tail = Tail(run.path / name) if name else None
        self._count = 0

    def new(self):
        out = []
        for row in self.tail.rows() if self.tail else []:
            self._count += 1
            step = int(row[self.step]) if self.step else self._count
            curve = int(row[self.curve]) if self.curve else 0
            out += [(curve, step, key, value) for key, value in row.items()
                    if key not in (self.step, self.curve) and isinstance(value, float)]
        return out


def sessions(run):
    """Dates at which the program began to work on it."""
    record = run.path / "provenance.jsonl"
    return [block["date"] for block in read_provenance(record) if "date" in block] if record.exists() else []
