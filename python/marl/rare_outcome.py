"""How likely an outcome is at a size, from many cheap runs of other sizes: a logistic law with an interval."""

import math

import numpy as np

from .power_law import LEVEL

FEWEST = 3  # sizes: the law has two constants


def logistic(t):
    return 1 / (1 + np.exp(-np.clip(t, -700, 700)))


def fit(x, n, k, steps=100):
    """(a, b) of  log p / (1 - p) = a + b log x,  from k of n runs of each size x, by maximum likelihood with
    Jeffreys' prior (D. Firth, Biometrika 80, 1993), which has a maximum also where no run or every run of a size
    has the outcome. x is relative to its smallest."""
    design = np.stack([np.ones(len(x)), np.log(x / x.min())], axis=1)
    beta = np.zeros(2)
    for _ in range(steps):
        p = logistic(design @ beta)
        weight = n * p * (1 - p)
        information = design.T @ (weight[:, None] * design) + 1e-12 * np.eye(2)
        leverage = weight * np.sum(design * np.linalg.solve(information, design.T).T, axis=1)
        step = np.linalg.solve(information, design.T @ (k - n * p + leverage * (0.5 - p)))
        beta = beta + step * min(1.0, 2.0 / max(np.abs(step).max(), 1e-300))  # no wild first steps
        if np.abs(step).max() < 1e-10:
            break
    return beta


def probability(beta, x, at):
    return float(logistic(beta[0] + beta[1] * math.log(at / x.min())))


def predict(x, n, k, at, runs=None, draws=2000, seed=1):
    """(prediction, low, high) of the probability at size `at`, or with `runs` of the share of so many runs there:
    90 % of a parametric bootstrap. It knows nothing of a law that ends where the sizes end."""
    if len(x) < FEWEST:
        raise ValueError(f"{len(x)} sizes; a law of two constants needs {FEWEST} at least")
    beta, rng = fit(x, n, k), np.random.default_rng(seed)
    p = np.array([probability(beta, x, size) for size in x])
    drawn = np.array([probability(fit(x, n, rng.binomial(n.astype(int), p)), x, at) for _ in range(draws)])
    if runs is not None:
        drawn = rng.binomial(runs, drawn) / runs
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return probability(beta, x, at), float(low), float(high)


def deviance(n, k, p):
    def term(count, expected):
        return np.where(count > 0, count * np.log(np.maximum(count, 1e-300) / np.maximum(expected, 1e-300)), 0.0)

    return 2 * float(np.sum(term(k, n * p) + term(n - k, n * (1 - p))))


def lack_of_fit(x, n, k, draws=1000, seed=2):
    """Probability that counts drawn from the fitted law are as far from the law fitted to them as these are."""
    def distance(counts):
        beta = fit(x, n, counts)
        return deviance(n, counts, np.array([probability(beta, x, size) for size in x]))

    beta, rng = fit(x, n, k), np.random.default_rng(seed)
    p = np.array([probability(beta, x, size) for size in x])
    found = distance(k)
    return (1 + sum(distance(rng.binomial(n.astype(int), p)) >= found for _ in range(draws))) / (draws + 1)


def share_interval(n, k):
    """90 % of Beta(k + 1/2, n - k + 1/2) (Jeffreys): of p = sin^2 t, whose density sin^2k cos^2(n - k) has no
    infinite end."""
    t = (np.arange(200000) + 0.5) / 200000 * (math.pi / 2)
    density = 2 * k * np.log(np.sin(t)) + 2 * (n - k) * np.log(np.cos(t))
    below = np.cumsum(np.exp(density - density.max()))
    return tuple(float(np.sin(t[np.searchsorted(below / below[-1], q)]) ** 2)
                 for q in ((1 - LEVEL) / 2, (1 + LEVEL) / 2))


def report(x, y, event, words, at=None):
    """As text; event: which of y have the outcome. Without `at` the largest size is held out."""
    has = event(y)
    sizes = np.unique(x)
    n = np.array([np.sum(x == size) for size in sizes], float)
    k = np.array([np.sum(has[x == size]) for size in sizes], float)
    fitted = slice(None) if at is not None else slice(len(sizes) - 1)
    lines = [f"probability that {words}"]
    for size, runs, count in zip(sizes[fitted], n[fitted], k[fitted]):
        low, high = share_interval(runs, count)
        lines.append(f"  {size:>8g}  {count / runs:.4g} ({low:.2g} to {high:.2g}), {count:.0f} of {runs:.0f} runs")
    known = (sizes[fitted], n[fitted], k[fitted])
    beta, fits = fit(*known), lack_of_fit(*known)
    lines.append(f"law: log p / (1 - p) = {beta[0]:.4g} {'-' if beta[1] < 0 else '+'} {abs(beta[1]):.3g} log(x / "
                 f"{known[0].min():g}); p = {fits:.2g} that runs about such a law look like this"
                 + (": NO LAW OF THIS SHAPE HOLDS" if fits < 0.01 else ""))
    runs = None if at is not None else int(n[-1])
    value, low, high = predict(*known, at if at is not None else sizes[-1], runs)
    of = "it" if runs is None else f"the share in {runs} runs"
    lines.append(f"at {at if at is not None else sizes[-1]:g}: {value:.4g}, {100 * LEVEL:.0f} % interval of {of} "
                 f"{low:.4g} to {high:.4g}")
    if runs is not None:
        share = k[-1] / n[-1]
        lines.append(f"held out: {share:.4g}, {'within' if low <= share <= high else 'OUTSIDE of'} the interval")
    return "\n".join(lines)
