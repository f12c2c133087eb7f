"""What a larger run will give, from smaller ones: a power law with offset and a bootstrap interval."""

import math

import numpy as np

from .table import rows_of

EXPONENTS = np.round(np.arange(-2.0, 4.01, 0.05), 2)  # of x^-c; 0 stands for the logarithm
LEVEL = 0.90
FEWEST = 4  # sizes: the law has three constants


def shape(x, c):
    """x^-c, or log x; x is relative to the smallest size."""
    return np.log(x) if c == 0 else x**-c


class Sizes:
    """The sizes of some runs, ready to have laws fitted to any outcomes of theirs."""

    def __init__(self, x):
        self.unit = x.min()
        shapes = np.array([shape(x / self.unit, c) for c in EXPONENTS])
        self.means = shapes.mean(axis=1)
        self.deviations = shapes - self.means[:, None]
        self.squares = np.sum(self.deviations**2, axis=1)


class Law:
    """y = a + b x^-c by least squares over runs; c from a grid, a and b exact for each. x: their sizes, or
    Sizes where many are fitted."""

    def __init__(self, x, y):
        sizes = x if isinstance(x, Sizes) else Sizes(x)
        y = np.asarray(y, float)
        slopes = sizes.deviations @ (y - y.mean()) / sizes.squares
        best = int(np.argmax(slopes**2 * sizes.squares))  # the part of the variance that it takes away
        self.unit, self.c, self.b = sizes.unit, float(EXPONENTS[best]), float(slopes[best])
        self.a = float(y.mean() - self.b * sizes.means[best])
        self.error = float(np.sum((y - y.mean() - self.b * sizes.deviations[best]) ** 2))

    def __call__(self, x):
        return self.a + self.b * shape(np.asarray(x, float) / self.unit, self.c)

    def __str__(self):
        term = f"log(x / {self.unit:g})" if self.c == 0 else f"(x / {self.unit:g})^{-self.c:g}"
        return f"{self.a:.4g} {'-' if self.b < 0 else '+'} {abs(self.b):.3g} {term}"


def groups(x, y):
    return {size: y[x == size] for size in np.unique(x)}


def deviation_in(values):
    """Pooled standard deviation of runs about the mean of their size."""
    squares = sum(float(np.sum((v - v.mean()) ** 2)) for v in values)
    degrees = sum(len(v) - 1 for v in values)
    return math.sqrt(squares / degrees) if degrees > 0 else math.nan


def predict(x, y, at, runs=1, draws=2000, seed=1):
    """(prediction, low, high) of the mean of `runs` runs of size `at`: 90 % of bootstrap draws, in which the
    runs of each size are drawn anew (their deviations from its mean, times sqrt(n / (n - 1))), the law is
    fitted, and the noise of that mean, that of the largest size known, is added. On numbers that do follow a
    law it holds the truth some 86 times in 100. What it leaves out: that the law may end where the sizes do."""
    sizes = groups(x, y)
    if len(sizes) < FEWEST:
        raise ValueError(f"{len(sizes)} sizes; a law of three constants needs {FEWEST} at least")
    if min(len(v) for v in sizes.values()) < 3:
        raise ValueError("fewer than 3 runs of a size: nothing tells how much runs differ")
    rng = np.random.default_rng(seed)
    apart = {size: (v - v.mean()) * math.sqrt(len(v) / (len(v) - 1)) for size, v in sizes.items()}
    largest = apart[max(sizes)]
    ready = Sizes(np.concatenate([np.full(len(v), size) for size, v in sizes.items()]))
    drawn = np.array([Law(ready, np.concatenate([sizes[s].mean() + rng.choice(v, len(v))
                                                     for s, v in apart.items()]))(at)
                      + rng.choice(largest, runs).mean() for _ in range(draws)])
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(Law(x, y)(at)), float(low), float(high)


def lack_of_fit(x, y, draws=2000, seed=2):
    """Probability that runs scattered about the fitted law as they do about their own means leave as large an
    error as is left: small where no law of this shape holds (a parametric bootstrap)."""
    order = np.argsort(x, kind="stable")
    x, y = x[order], y[order]
    ready, counts = Sizes(x), np.unique(x, return_counts=True)[1]
    law, noise = Law(ready, y), deviation_in(np.split(y, np.cumsum(counts)[:-1]))
    if not noise > 0:
        return math.nan

    def ratio(values, fitted):
        within = deviation_in(np.split(values, np.cumsum(counts)[:-1]))
        return fitted.error / within**2 if within > 0 else math.inf

    rng = np.random.default_rng(seed)
    found = ratio(y, law)
    count = 0
    for _ in range(draws):
        values = law(x) + rng.normal(0, noise, len(x))
        count += ratio(values, Law(ready, values)) >= found
    return (count + 1) / (draws + 1)


def runs_table(run):
    """{column: array} with a row a single run."""
    for name in ("runs.csv", "sweep.csv"):
        if run.has(name) and not (name == "sweep.csv" and run.kind == "comparison"):
            return run.table(name)
    rows = rows_of(run)
    options = {key: value for key, value in run.options().items() if isinstance(value, (int, float))}
    return {key: np.array([row[1].get(key, options.get(key, math.nan)) for row in rows])
            for key in {*options, *(key for row in rows for key in row[1])}}


def column(table, key):
    """Of "env.num_agents" that, or "num_agents"."""
    for name in (key, key.split(".")[-1]):
        if name in table and table[name].dtype.kind == "f":
            return np.asarray(table[name], float)
    raise ValueError(f"no numbers called '{key}' in these runs; there are: "
                     + ", ".join(sorted(name for name, v in table.items() if v.dtype.kind == "f")))


def gather(runs, against, outcome):
    """(x, y, how many runs have no outcome) over all runs. Who has none, such as the time of what did not happen, is no
    draw from the others: a size of which none has one is refused and not passed over."""
    pairs = [(column(table, against), column(table, outcome)) for table in map(runs_table, runs)]
    x, y = (np.concatenate(side) for side in zip(*pairs))
    known = np.isfinite(x) & np.isfinite(y)
    if not np.all(x[known] > 0):
        raise ValueError(f"{against}: a power law is of sizes above 0")
    unknown = sorted(set(x[np.isfinite(x)]) - set(x[known]))
    if unknown:
        raise ValueError(f"{outcome}: no run of {against} = {unknown[0]:g} has one, and nothing of it is known; leave "
                         "those runs out")
    return x[known], y[known], int(np.sum(~known))


def describe(x, y, at, truth=None):
    lines = [f"  {size:>8g}  {v.mean():.4g} +- {v.std(ddof=1) / math.sqrt(len(v)):.2g} in {len(v)} runs"
             for size, v in groups(x, y).items()]
    runs = 1 if truth is None else len(truth)
    value, low, high = predict(x, y, at, runs)
    fits = lack_of_fit(x, y)
    lines.append(f"law: y = {Law(x, y)}; p = {fits:.2g} that runs about such a law look like this"
                 + (": NO LAW OF THIS SHAPE HOLDS" if fits < 0.01 else ""))
    of = "a run" if truth is None else f"the mean of {runs} runs"
    lines.append(f"at {at:g}: {value:.4g}, {100 * LEVEL:.0f} % interval of {of} {low:.4g} to {high:.4g}")
    if truth is not None:
        inside = low <= truth.mean() <= high
        lines.append(f"held out: {truth.mean():.4g}, {'within' if inside else 'OUTSIDE of'} the interval")
    return "\n".join(lines)


def report(runs, against, outcome, at=None, above=None, below=None):
    """As text. Without `at` the largest size is held out and predicted from the others. With `above` or `below` it
    is how likely an outcome is on that side of a number."""
    x, y, lost = gather(runs, against, outcome)
    if above is not None or below is not None:
        from . import rare_outcome

        side = f"above {above:g}" if above is not None else f"below {below:g}"
        return rare_outcome.report(x, y, (lambda v: v > above) if above is not None else (lambda v: v < below),
                                   f"{outcome} is {side}, against {against}"
                                   + (f"; {lost} runs have none and are left out" if lost else ""), at)
    head = f"{outcome} against {against}" + (f"; {lost} runs have none and are left out: means are of who has one"
                                             if lost else "")
    if at is not None:
        return f"{head}\n{describe(x, y, at)}"
    out = x == x.max()
    return f"{head}\n{describe(x[~out], y[~out], x.max(), y[out])}"
