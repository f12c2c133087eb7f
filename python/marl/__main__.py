"""marl report, marl plot, marl collect: the commands of the program that draw and gather."""

import argparse
import sys

from . import collect, plot, report
from .paper import FORMATS
from .run import RunError, open_run


def arguments(words):
    parser = argparse.ArgumentParser(prog="marl", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    page = commands.add_parser("report", help="one self-contained page about runs, side by side")
    page.add_argument("--out", metavar="FILE", help="the page; default RUN/report.html of the first run")
    page.add_argument("--title")
    figures = commands.add_parser("plot", help="the figures of runs, fit for a paper")
    figures.add_argument("--out", metavar="DIR", help="their folder; default RUN/figures of the first run")
    figures.add_argument("--format", default="svg", help=f"a list of {', '.join(FORMATS)}; default svg")
    figures.add_argument("--width", type=float, default=5.0, help="inches; default 5")
    figures.add_argument("--font", default="DejaVu Sans", help="a font family; default DejaVu Sans")
    figures.add_argument("--only", metavar="PART", help="only figures whose name has this in it")
    gather = commands.add_parser("collect", help="many runs as one table")
    gather.add_argument("--out", metavar="FILE", required=True, help="a .csv or .h5 file")
    for command in (page, figures, gather):
        command.add_argument("runs", nargs="+", metavar="RUN")
    return parser.parse_args(words)


def perform(given):
    runs = [open_run(path) for path in given.runs]
    if given.command == "report":
        print(report(runs, given.out or runs[0].path / "report.html", given.title))
    elif given.command == "plot":
        formats = given.format.split(",")
        wrong = [name for name in formats if name not in FORMATS]
        if wrong:
            raise RunError(f"--format {wrong[0]}: expected one of {', '.join(FORMATS)}")
        for path in plot(runs, given.out or runs[0].path / "figures", formats, given.width, given.font, given.only):
            print(path)
    else:
        collect(runs, given.out)
        print(given.out)


def main(words=None):
    try:
        perform(arguments(words))
    except (RunError, OSError) as problem:
        print(f"marl: {problem}", file=sys.stderr)
        return 2 if isinstance(problem, RunError) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
