"""marl report, plot, collect, predict, render, view, tensorboard, export --onnx: commands of the program, drawn and gathered."""

import argparse
import os
import pathlib
import sys

FORMATS = ("svg", "pdf", "png")


def page_arguments(commands):
    page = commands.add_parser("report", help="one self-contained page about runs, side by side")
    page.add_argument("--out", metavar="FILE", help="the page; default RUN/report.html of the first run")
    page.add_argument("--title")
    return page


def figure_arguments(commands):
    figures = commands.add_parser("plot", help="the figures of runs, fit for a paper")
    figures.add_argument("--out", metavar="DIR", help="their folder; default RUN/figures of the first run")
    figures.add_argument("--format", default="svg", help=f"a list of {', '.join(FORMATS)}; default svg")
    figures.add_argument("--width", type=float, default=5.0, help="inches; default 5")
    figures.add_argument("--font", default="DejaVu Sans", help="a font family; default DejaVu Sans")
    figures.add_argument("--only", metavar="PART", help="only figures whose name has this in it")
    return figures


def collect_arguments(commands):
    gather = commands.add_parser("collect", help="many runs as one table")
    gather.add_argument("--out", metavar="FILE", required=True, help="a .csv or .h5 file")
    return gather


def tensorboard_arguments(commands):
    events = commands.add_parser("tensorboard", help="curves as TensorBoard's event files, in RUN/tensorboard")
    events.add_argument("--follow", action="store_true", help="go on until the runs end")
    return events


def view_arguments(commands):
    live = commands.add_parser("view", help="a live page about runs, served on this machine alone")
    live.add_argument("--port", type=int, default=0, help="default: one that is free")
    live.add_argument("--host", default="127.0.0.1", help="address to listen at; default 127.0.0.1, this machine alone")
    return live


def check_view(given):
    if not 0 <= given.port <= 65535:
        raise ValueError(f"--port {given.port}: expected 0 to 65535")


def render_arguments(commands):
    film = commands.add_parser("render", help="a run as a film: an episode of a policy, a flow, a lattice")
    film.add_argument("--out", metavar="PATH", help="the GIF, RUN/render.gif, or the folder of PNG files, RUN/render")
    film.add_argument("--format", default="gif", choices=("gif", "png"), help="gif, or png: a sequence of files")
    film.add_argument("--frames", type=int, default=100, help="at most; default 100")
    film.add_argument("--rate", type=float, default=10.0, help="frames a second; default 10")
    film.add_argument("--width", type=float, default=6.0, help="inches of 100 pixels; default 6")
    return film


def check_render(given):
    if len(given.runs) != 1:
        raise ValueError("render: one run, please")
    for name, value, low, high in (("frames", given.frames, 1, 100000), ("rate", given.rate, 0.01, 50),
                                   ("width", given.width, 1, 40)):
        if not low <= value <= high:
            raise ValueError(f"--{name} {value:g}: expected {low:g} to {high:g}")


def perform_render(given, runs):
    from .film import render

    for path in render(runs[0], given.out, given.format, given.frames, given.rate, given.width):
        print(path)


def check_nothing(given):
    pass


def check_plot(given):
    for name in given.format.split(","):
        if name not in FORMATS:
            raise ValueError(f"--format {name}: expected one of {', '.join(FORMATS)}")
    if not 1 <= given.width <= 40:
        raise ValueError(f"--width {given.width:g}: expected 1 to 40 inches")


def check_collect(given):
    if pathlib.Path(given.out).suffix not in (".csv", ".h5"):
        raise ValueError(f"--out {given.out}: expected a name that ends in .csv or .h5")


def predict_arguments(commands):
    law = commands.add_parser("predict", help="what a larger run will give, from smaller ones")
    law.add_argument("--against", metavar="KEY", required=True, help="the size: a key or a column of numbers")
    law.add_argument("--outcome", metavar="METRIC", required=True, help="a column of runs.csv, sweep.csv or of `collect`")
    law.add_argument("--at", type=float, metavar="SIZE", help="what to predict; default: the largest, held out")
    law.add_argument("--above", type=float, metavar="X", help="how likely a METRIC above X is, from many cheap runs")
    law.add_argument("--below", type=float, metavar="X", help="likewise below X")
    return law


def check_predict(given):
    if given.at is not None and not given.at > 0:
        raise ValueError(f"--at {given.at:g}: expected a size above 0")
    if given.above is not None and given.below is not None:
        raise ValueError("--above and --below: expected one of them")


def perform_predict(given, runs):
    from .power_law import report as predicted

    print(predicted(runs, given.against, given.outcome, given.at, given.above, given.below))


def perform_report(given, runs):
    from . import report

    print(report(runs, given.out or runs[0].path / "report.html", given.title))


def perform_plot(given, runs):
    from . import plot

    folder = given.out or runs[0].path / "figures"
    for path in plot(runs, folder, given.format.split(","), given.width, given.font, given.only):
        print(path)


def perform_collect(given, runs):
    from . import collect

    collect(runs, given.out)
    print(given.out)


def perform_tensorboard(given, runs):
    from .events import convert

    for folder in convert(runs, given.follow, say=lambda words: print(f"marl: {words}", file=sys.stderr)):
        print(folder)


def perform_view(given, runs):
    from .view import view

    view(runs, given.port, given.host)


# name: its arguments, what is wrong with them, what it does
COMMANDS = {
    "report": (page_arguments, check_nothing, perform_report),
    "plot": (figure_arguments, check_plot, perform_plot),
    "collect": (collect_arguments, check_collect, perform_collect),
    "predict": (predict_arguments, check_predict, perform_predict),
    "render": (render_arguments, check_render, perform_render),
    "view": (view_arguments, check_view, perform_view),
    "tensorboard": (tensorboard_arguments, check_nothing, perform_tensorboard),
}


def arguments(words):
    parser = argparse.ArgumentParser(prog="marl", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for add, _, _ in COMMANDS.values():
        add(commands).add_argument("runs", nargs="+", metavar="RUN")
    network = commands.add_parser("export", help="an exported policy (NAME.h5) as a network of ONNX")
    network.add_argument("policy", metavar="NAME.h5")
    network.add_argument("--onnx", metavar="FILE", required=True)
    return parser.parse_args(words)


def perform(given):
    from .run import open_run

    if given.command == "export":
        from .onnx_export import export_onnx

        print(*export_onnx(given.policy, given.onnx), sep="\n")
        return
    _, check, command = COMMANDS[given.command]
    check(given)
    command(given, [open_run(path) for path in given.runs])


def main(words=None):
    given = arguments(words)
    try:
        perform(given)
    except ModuleNotFoundError as missing:
        here = "onnx" if missing.name == "onnx" else pathlib.Path(__file__).resolve().parents[1]
        print(f"marl: Python ({sys.executable}) has no {missing.name}: `pip install {here}` in an environment that "
              f"MARL_PYTHON names, or in the sources `./run python`", file=sys.stderr)
        return 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # a reader who has seen enough
    except (OSError, ValueError) as problem:
        print(f"marl: {problem}", file=sys.stderr)
        return 2 if isinstance(problem, ValueError) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
