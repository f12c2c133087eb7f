"""From runs to what there is to see of them: a module a kind of run."""

from ..run import RunError, distinct, reading
from ..shapes import Section
from . import changing, comparison, evaluation, flow, lattice, suite, sweep, training
from .setup import differences, setup

# in the order of a page: results before how they came about
OF_KIND = {
    "suite": suite.sections,
    "evaluation": evaluation.sections,
    "changing flow": changing.sections,
    "comparison": comparison.sections,
    "sweep": sweep.sections,
    "lattice": lattice.sections,
    "simulation": flow.sections,
    "reference": flow.sections,
    "tuning": training.tuning,
    "training": training.sections,
}


def sections(runs):
    """Everything to show of these runs: those of one kind side by side. [Section]"""
    out, runs = [], distinct(runs)
    for kind, make in OF_KIND.items():
        same = [run for run in runs if run.kind == kind]
        if same:
            with reading(*same):
                out.extend(section for section in make(same) if section.items)
    if len(runs) > 1:
        out.append(Section("What differs between the runs", [differences(runs)]))
    out.extend(setup(run) for run in runs)
    return out


__all__ = ["RunError", "sections"]
