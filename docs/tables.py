#!/usr/bin/env python3
"""The tables of the pages in docs/, from the result files in docs/data.

    docs/tables.py          writes them
    docs/tables.py --check  says which page differs from its data, and exits with 1 (the test docs.tables)

A page marks a table with
    <!-- table KIND data/FILE [COLUMN ...] -->
    <!-- end -->
and what stands between is made anew. KIND:
    closures   a scores.csv of `marl evaluate`; columns as in its head (default: those below)
    societies  a summary.csv of `marl compare`; a column is a metric, NAME[:FORM][=HEAD]; FORM: interval
               (mean and its 95 % interval: of a share if it is one), median, count (of runs), each (run, in
               order, from the file's name with _runs); what all cells' names end in is left out; cells=A,B: these
               cells alone, by their whole names, _ for a space
    crossed    a summary.csv over several axes, the first down, the others along; a column is a metric, and
               each gets its row of means; * where Holm's p against the control is below 0.05 (a pairs.csv
               under the name of the file with _pairs)
    seeds      a file with cell, seed, steps and metrics; a column is a metric and a number of steps, NAME@STEPS:
               mean over seeds, and the lowest and the highest
    schelling  a file of `marl schelling`: means with their 95 % intervals; of several of them in one file, with
               columns before the first that say which; a column COOPERATORS keeps the rows of that number
    suite      a suite.csv of `marl suite`, of the flows that are named: e_trunc of the yardstick, then of each closure
               the ratio to it, and geometric means with their standard errors
    plain      a CSV file as it is
No number stands twice: what a page says in words about a table has no figure that the table has.
"""
import csv
import math
import pathlib
import re
import sys

DOCS = pathlib.Path(__file__).resolve().parent
MARK = re.compile(r"(<!-- table (\S+) (\S+)([^>]*?) ?-->\n)(.*?)(<!-- end -->)", re.S)
CLOSURES = "e_trunc e_log KL KL_trunc std kurtosis P3 P4 u_rms drift blow_ups"
HEADS = {"blow_ups": "blow-ups"}


def number(text):
    try:
        return float(text)
    except ValueError:
        return math.nan


def plain(value, decimals):
    """With so many decimals; below a hundredth as a power of ten."""
    if 0 < abs(value) < 0.01:
        exponent = math.floor(math.log10(abs(value)))
        return f"{value * 10.0**-exponent:.{max(0, decimals + exponent)}f}e{exponent}"
    return f"{value:.{max(0, decimals)}f}"


def with_error(value, error):
    """Digits to the error's first, or its second where the first is 1."""
    if math.isnan(value):
        return "-"
    if value == 0 and not error > 0:
        return "0"
    if not error > 0:
        return plain(value, 2 - math.floor(math.log10(abs(value))))
    decimals = -math.floor(math.log10(error))
    if f"{error:.1e}"[0] == "1":
        decimals += 1
    if abs(value) < 0.01:
        exponent = math.floor(math.log10(max(abs(value), error)))
        scale = 10.0**-exponent
        digits = max(0, decimals + exponent)
        return f"({value * scale:.{digits}f} ± {error * scale:.{digits}f})e{exponent}"
    return f"{value:.{max(0, decimals)}f} ± {error:.{max(0, decimals)}f}"


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def closures(path, columns):
    columns = columns or CLOSURES.split()
    rows = []
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            cells = [row["closure"]]
            for column in columns:
                value, error = number(row[column]), number(row.get(column + "_error", ""))
                if row["closure"].startswith("reference") and column in ("drift", "blow_ups"):
                    cells.append("")
                elif column == "blow_ups":
                    first = number(row["first_blow_up"])
                    cells.append(f"{value:.0f}" + (f" (first at {first:.0f})" if value > 0 else ""))
                elif column == "drift" and not math.isnan(value):
                    cells.append(f"{100 * value:+.0f} ± {100 * error:.0f} %")
                else:
                    cells.append(with_error(value, error))
            rows.append(cells)
    return table(["closure"] + [HEADS.get(c, c) for c in columns], rows)


def short_names(cells):
    """The cells without the parts in which all end."""
    parts = [cell.split("/") for cell in cells]
    while len(cells) > 1 and all(len(p) > 1 and p[-1] == parts[0][-1] for p in parts):
        parts = [p[:-1] for p in parts]
    return ["/".join(p) for p in parts]


def society_cell(row, form):
    if row is None:
        return "-"
    if form == "median":
        median = number(row["median"])
        return f"{median:.0f}" if math.isfinite(median) else "never" if math.isinf(median) else "-"
    if math.isnan(mean := number(row["mean"])):
        return "-"
    if form == "count":
        return f"{mean * int(row['runs']):.0f}/{row['runs']}"
    digits = 3 if abs(mean) < 10 else 1
    low, high = number(row["share_low"]), number(row["share_high"])
    if math.isnan(low):
        low, high = number(row["mean_low"]), number(row["mean_high"])
    interval = f" [{low:.{digits}f}, {high:.{digits}f}]" if form == "interval" and not math.isnan(low) else ""
    return f"{mean:.{digits}f}" + interval


def each_run(path):
    """(cell, metric) -> what its runs came to, as text."""
    path = path.with_name(path.stem + "_runs.csv")
    rows = list(csv.DictReader(path.open(newline=""))) if path.exists() else []

    def text(cell, metric):
        values = sorted(number(row[metric]) for row in rows if row["cell"] == cell)
        return ", ".join(f"{value:.3f}" for value in values)

    return text


def societies(path, columns):
    cells, values, each = [], {}, each_run(path)
    only = [column[len("cells="):].split(",") for column in columns if column.startswith("cells=")]
    columns = [column for column in columns if not column.startswith("cells=")]
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            if row["cell"] not in cells:
                cells.append(row["cell"])
            values[row["cell"], row["metric"]] = row
    if only:
        named = {cell.replace(" ", "_"): cell for cell in cells}
        if missing := [cell for cell in only[0] if cell not in named]:
            sys.exit(f"docs/tables.py: {path.name} has no cell {', '.join(missing)}")
        cells = [named[cell] for cell in only[0]]
    specs = [(c.split("=")[0].partition(":"), c.partition("=")[2]) for c in columns]
    heads = [head.replace("_", " ") or name.replace("_", " ") for (name, _, _), head in specs]
    rows = [[short] + [each(cell, name) if form == "each" else society_cell(values.get((cell, name)), form)
                       for (name, _, form), _ in specs]
            for cell, short in zip(cells, cells if only else short_names(cells))]
    return table(["cell"] + heads, rows)


def different(path):
    """{(cell, metric)}: those that differ from their control."""
    with open(path.with_name(path.stem + "_pairs.csv"), newline="") as file:
        return {(row["a"], row["metric"]) for row in csv.DictReader(file) if number(row["p_holm"]) < 0.05}


def crossed(path, metrics):
    with open(path, newline="") as file:
        values = {(row["cell"], row["metric"]): row for row in csv.DictReader(file)}
    split = [cell.split("/", 1) for cell, _ in values]
    rows, columns = (list(dict.fromkeys(side)) for side in zip(*split))
    stars = different(path)
    lines = []
    for row in rows:
        for metric in metrics:
            line = [row] if len(metrics) == 1 else [row, metric.replace("_", " ")]
            for column in columns:
                cell = f"{row}/{column}", metric
                value = f"{number(values[cell]['mean']):.2f}" if cell in values else "-"
                line.append(value + ("*" if cell in stars else ""))
            lines.append(line)
    return table(["cell"] + ([""] if len(metrics) > 1 else []) + [column.replace("/", ", ") for column in columns], lines)


def seeds(path, columns):
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    lines = []
    for cell in dict.fromkeys(row["cell"] for row in rows):
        line = [cell]
        for metric, _, steps in (column.partition("@") for column in columns):
            values = [float(row[metric]) for row in rows if row["cell"] == cell and row["steps"] == steps]
            digits = 0 if max(values) >= 10 else 1 if max(values) > 1 else 2
            mean, low, high = sum(values) / len(values), min(values), max(values)
            line.append(f"{mean:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})")
        lines.append(line)
    heads = [f"{metric.replace('_', ' ')}, {round(int(steps) / 1000)} k" for metric, _, steps in (c.partition("@") for c in columns)]
    return table(["cell"] + heads, lines)


def schelling(path, columns):
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    sides = ("cooperator", "defector", "total")
    lead = list(rows[0])[:list(rows[0]).index("cooperator")]
    rows = [row for row in rows if not columns or row["cooperators"] in columns]

    def cell(row, side):
        mean, low, high = (number(row[side + end]) for end in ("", "_low", "_high"))
        digits = 1 if mean < 100 else 0
        return "-" if math.isnan(mean) else f"{mean:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"

    return table(lead + ["a cooperator", "a defector", "all"],
                 [[row[name] for name in lead] + [cell(row, side) for side in sides] for row in rows])


def suite(path, flows):
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    of_flow = {flow: [row for row in rows if row["flow"] == flow] for flow in flows}
    closures = [row["closure"] for row in of_flow[flows[0]][1:]]
    lines, logs = [], {closure: [] for closure in closures}
    for flow in flows:
        own, *others = of_flow[flow]
        line = [flow, with_error(number(own["e_trunc"]), number(own["e_trunc_error"]))]
        ratios = {row["closure"]: row for row in others}
        for closure in closures:
            row = ratios.get(closure)
            value, error = (number(row["relative"]), number(row["relative_error"])) if row else (math.nan, math.nan)
            line.append("blew up" if row and number(row["blow_ups"]) > 0 else with_error(value, error))
            logs[closure].append((math.log(value), error / value) if value > 0 else (math.nan, math.nan))
        lines.append(line)
    means = ["geometric mean", ""]
    for closure in closures:
        mean = math.exp(sum(log for log, _ in logs[closure]) / len(flows))
        means.append(with_error(mean, mean * math.sqrt(sum(error**2 for _, error in logs[closure])) / len(flows)))
    return table(["flow", "e_trunc of " + of_flow[flows[0]][0]["closure"], *closures], lines + [means])


def plain_rows(path, _):
    with open(path, newline="") as file:
        head, *rows = list(csv.reader(file))
    return table([name.replace("_", " ") for name in head], rows)


def made(page):
    kinds = {"closures": closures, "societies": societies, "crossed": crossed, "seeds": seeds, "schelling": schelling,
             "suite": suite,
             "plain": plain_rows}

    def replace(match):
        start, kind, path, columns, _, end = match.groups()
        return start + kinds[kind](DOCS / path, columns.split()) + end

    return MARK.sub(replace, page)


def main():
    check, stale = "--check" in sys.argv[1:], []
    for path in sorted(DOCS.glob("*.md")):
        page = path.read_text()
        if (new := made(page)) != page:
            stale.append(path.name)
            if not check:
                path.write_text(new)
    if check and stale:
        sys.exit("docs/tables.py: not what docs/data says, run it: " + ", ".join(stale))


if __name__ == "__main__":
    main()
