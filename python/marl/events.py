"""Curves of runs as TensorBoard's event files, by tensorboardX; live, if asked to follow."""

import datetime
import math
import os
import time

import yaml

from .follow import Curves, is_running, sessions
from .run import reading


def seconds_of(date):
    return datetime.datetime.strptime(date, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc).timestamp()


class Events:
    """RUN/tensorboard, made anew: a folder for each replica where there are several.

    metrics.csv has no clock, so that the same run gives the same bytes. Rows that are there already get
    times spread evenly between the first start and the last change; what comes later, when it was seen.
    """

    def __init__(self, run, folder=None):
        from tensorboardX import SummaryWriter

        self._make = SummaryWriter
        self.run = run
        self.folder = folder or run.path / "tensorboard"
        for old in self.folder.glob("**/events.out.tfevents.*"):
            old.unlink()
        self.curves = Curves(run)
        self.writers = {}
        self.count = 0
        self.replicas = int(run.option("run.replicas", 1) or 1)

    def _writer(self, curve):
        if curve not in self.writers:
            folder = self.folder / f"replica_{curve}" if self.replicas > 1 else self.folder
            self.writers[curve] = self._make(str(folder), flush_secs=5)
            text = yaml.safe_dump(self.run.configuration, sort_keys=False, allow_unicode=True)
            # indented text is code: nothing in it is markup
            indented = "\n".join("    " + line for line in text.splitlines())
            self.writers[curve].add_text("configuration", indented, walltime=self._spread(0, 1))
        return self.writers[curve]

    def _spread(self, i, count):
        began = sessions(self.run)
        last = os.path.getmtime(self.curves.tail.path) if self.curves.tail.path.exists() else time.time()
        first = min(seconds_of(began[0]), last) if began else last
        return first + (last - first) * (i + 1) / count

    def add_new(self):
        """Writes what has come; the number of values."""
        with reading(self.run):
            rows = self.curves.new()
        first = self.count == 0
        for i, (curve, step, name, value) in enumerate(rows):
            when = self._spread(i, len(rows)) if first else time.time()
            if math.isfinite(value):  # absent is no value
                self._writer(curve).add_scalar(name, value, step, walltime=when)
                self.count += 1
        for writer in self.writers.values():
            writer.flush()
        return len(rows)

    def close(self):
        for writer in self.writers.values():
            writer.close()


def convert(runs, follow=False, every=5.0, say=print):
    """Event files of the runs, in RUN/tensorboard; `follow`: until the programs that make them end."""
    all_events = [Events(run) for run in runs]
    for events in all_events:
        if events.curves.tail is None:
            say(f"{events.run.path}: a {events.run.kind} has no curves while it runs; see marl report")
    all_events = [events for events in all_events if events.curves.tail is not None]
    try:
        while all_events:
            running = follow and any(is_running(events.run.path) for events in all_events)
            for events in all_events:
                events.add_new()
            if not running:
                break
            time.sleep(every)
    except KeyboardInterrupt:
        pass
    finally:
        for events in all_events:
            events.close()
    return [events.folder for events in all_events if events.count]
