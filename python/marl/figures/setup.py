"""How runs were made, and what differs between them."""

import shlex

from ..shapes import Section, Table


def text(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ", ".join(text(entry) for entry in value) + "]"
    return "" if value is None else str(value)


def differences(runs):
    """The options whose values differ; a dash where a run has no such option."""
    options = [run.options() for run in runs]
    keys = sorted({key for some in options for key in some})
    rows = []
    for key in keys:
        values = [text(some[key]) if key in some else "-" for some in options]
        if len(set(values)) > 1:
            rows.append([key, *values])
    return Table("differences", "Options that differ", ["option", *(run.name for run in runs)], rows)


def setup(run):
    """Provenance and the whole configuration."""
    columns = ("event", "date", "version", "commit", "machine", "ranks")
    starts = [[*(text(block.get(key)) for key in columns), shlex.join(block.get("command", []))]
              for block in run.provenance]
    options = [[key, text(value)] for key, value in run.options().items()]
    return Section(f"How it was made: {run.name}", [
        Table(f"{run.name}_provenance", "Starts of the program",
              [*columns, "command"], starts),
        Table(f"{run.name}_configuration", "Configuration", ["option", "value"], options),
    ])
