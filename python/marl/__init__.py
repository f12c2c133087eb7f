"""Runs of marl, read and drawn: open a run folder, plot it, make a page of it.

    import marl
    run = marl.open("runs/closure")
    run.metrics                     # xarray.Dataset [update, replica]
    marl.plot(run, "figures")       # figures for a paper
    marl.report([run], "index.html")
"""

from .collect import collect
from .figures import sections
from .page import report
from .paper import plot
from .run import Run, RunError
from .run import open_run as open  # as in xarray.open_dataset

__all__ = ["Run", "RunError", "collect", "open", "plot", "report", "sections"]
__version__ = "0.2.0"
