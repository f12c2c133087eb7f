"""Runs of marl, read and drawn: open a run folder, plot it, make a page of it.

    import marl
    run = marl.open("runs/closure")
    run.metrics                     # xarray.Dataset [update, replica]
    marl.plot(run, "figures")       # figures for a paper
    marl.report([run], "index.html")
    marl.collect([run], "table.csv")
"""

import importlib

__version__ = "0.2.0"

# name: (module, name in it); loaded when it is asked for, so that reading needs no drawing library. No module has the
# name of what is here: its first import would take that name's place.
_PARTS = {
    "Run": ("run", "Run"),
    "RunError": ("run", "RunError"),
    "open": ("run", "open_run"),  # as in xarray.open_dataset
    "sections": ("figures", "sections"),
    "plot": ("paper", "plot"),
    "save": ("paper", "save"),
    "schelling": ("figures.schelling", "schelling"),
    "report": ("page", "report"),
    "collect": ("table", "collect"),
    "Law": ("power_law", "Law"),
    "predict": ("power_law", "predict"),
    "moderators": ("moderation", "moderators"),
    "render": ("film", "render"),
    "serve": ("view", "serve"),
    "tensorboard": ("events", "convert"),
    # the engine itself, from libmarl
    "MarlError": ("library", "MarlError"),
    "environments": ("engine", "environments"),
    "VectorEnv": ("engine", "VectorEnv"),
    "vector_env": ("engine", "vector_env"),
    "parallel_env": ("pettingzoo_env", "parallel_env"),
    "gym_vec": ("gymnasium_env", "gym_vec"),
    "gym_env": ("gymnasium_env", "gym_env"),
    "sb3_vec": ("stable_baselines", "sb3_vec"),
    "Policy": ("policy", "Policy"),
    "load_policy": ("policy", "load_policy"),
    "simulate": ("programs", "simulate"),
    "train": ("programs", "train"),
    "compare": ("programs", "compare"),
    "evaluate": ("programs", "evaluate"),
    "player": ("own_env", "player"),
}

__all__ = list(_PARTS)


def __getattr__(name):
    if name not in _PARTS:
        raise AttributeError(f"module 'marl' has no attribute '{name}'")
    module, inner = _PARTS[name]
    value = getattr(importlib.import_module(f".{module}", __name__), inner)
    globals()[name] = value
    return value
