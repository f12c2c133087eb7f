#!/usr/bin/env python3
"""What the map of fit.py says (docs/closures_suite.md).

  interpret.py SURFACES CONFIG FIGURE

CONFIG is the configuration with the map as policy.start. Printed: the formulas linear in one to four features, the
same for all coefficients, that are nearest to the map on the flows of SURFACES and about them, and e_trunc over own
constants of the map, of each formula, and of the last with its numbers fitted to the surfaces as the map's were.
FIGURE: coefficients over the plane of the mean wavenumber and the viscosity, the flows in it coloured by their own
optimum; cascade and slope are what the flows have there (least squares), beta is zero and N = 64."""
import itertools
import pathlib
import sys

import matplotlib
import numpy as np
import yaml
from scipy.optimize import minimize

import fit
from inputs import REGIME, SHAPE

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

FEATURES = REGIME + SHAPE


class Formula:
    """x = v [4, 1 + terms] (1, features)"""

    def __init__(self, terms):
        self.terms = terms

    def __call__(self, v, f):
        v = np.reshape(v, (4, -1))
        return v[:, 0] + f[..., self.terms] @ v[:, 1:].T, None


def the_map(config):
    policy = yaml.safe_load(pathlib.Path(config).read_text())["policy"]
    hidden, v = policy["hidden"][0], np.array(policy["start"])
    inputs = len(FEATURES)
    u, c, w, b = np.split(v, np.cumsum([inputs * hidden, hidden, 4 * hidden]))
    w, b = fit.REACH * w.reshape(hidden, 4).T, fit.REACH * b
    return fit.Map(inputs, hidden), np.concatenate([b, u.reshape(inputs, hidden).T.ravel(), c, w.ravel()])


def nearest(f, x, terms):
    basis = np.concatenate([np.ones((len(f), 1)), f[:, terms]], axis=1)
    return np.linalg.lstsq(basis, x, rcond=None)[0].T


def figure(path, flows, policy, v, x_own, shown):
    column = {name: FEATURES.index(name) for name in FEATURES}
    wavenumber, viscosity = np.meshgrid(np.linspace(-1.3, 1.5, 60), np.linspace(0, 0.95, 60))

    def terms(a, b):
        return np.stack([np.ones_like(a), a, b, a * a, a * b, b * b], axis=-1)
    basis = terms(shown[:, column["log_wavenumber"]], shown[:, column["viscosity"]])
    f = np.zeros(wavenumber.shape + (len(FEATURES),))
    for name, low, high in (("cascade", -2, 2), ("slope", -3, 1)):
        there = np.linalg.lstsq(basis, shown[:, column[name]], rcond=None)[0]
        f[..., column[name]] = np.clip(terms(wavenumber, viscosity) @ there, low, high)
    f[..., column["mean_wavenumber"]] = np.tanh((wavenumber - 0.95) / 0.3)
    f[..., column["log_wavenumber"]], f[..., column["viscosity"]], f[..., column["size"]] = wavenumber, viscosity, 1
    c = fit.CENTER + fit.SCALE * fit.clip(policy(v, f)[0])
    own = fit.CENTER + fit.SCALE * x_own
    beta = shown[:, column["beta"]] > 0.02
    fig, axes = plt.subplots(1, 4, figsize=(13, 3.4), sharey=True, layout="constrained")
    for i, (ax, name, unit) in enumerate(zip(axes, ("C_2", "C_4", "C_6", "C_r"), (1e3, 1e3, 1e4, 1))):
        low, high = np.percentile(np.r_[c[..., i].ravel(), own[:, i]] * unit, [2, 98])
        drawn = ax.pcolormesh(wavenumber, viscosity, c[..., i] * unit, vmin=low, vmax=high, shading="auto",
                              rasterized=True)
        for some, mark in ((~beta, "o"), (beta, "s")):
            ax.scatter(shown[some, column["log_wavenumber"]], shown[some, column["viscosity"]], c=own[some, i] * unit,
                       vmin=low, vmax=high, marker=mark, edgecolor="white", linewidth=0.8, s=34,
                       label="beta > 0" if mark == "s" else "beta = 0")
        fig.colorbar(drawn, ax=ax, label=("" if unit == 1 else f"$10^{int(np.log10(unit))}$ ") + f"${name}$")
        ax.set_xlabel(r"$\log(\Delta^2 G^2 / \langle w^2 \rangle)$")
    axes[0].set_ylabel(r"$\nu^* / (\nu^* + .004)$")
    axes[0].legend(loc="lower left", fontsize=7, facecolor="0.75")
    fig.savefig(path)


def main(surfaces, config, path):
    flows = fit.Flows(surfaces, FEATURES)
    x_own = fit.own(flows)
    least = fit.mean(flows.error(x_own))
    policy, v = the_map(config)
    x, shown = fit.closed(flows, policy, v)
    print(f"map: {fit.mean(flows.error(x)) / least:.3f} over own")
    jitter = 1.5 * np.array([fit.JITTER[name] for name in FEATURES])
    moved = (shown + jitter * np.random.default_rng(3).standard_normal((16,) + shown.shape)).reshape(-1, len(FEATURES))
    target = fit.clip(policy(v, moved)[0])
    for count in (1, 2, 3, 4):
        ways = [list(terms) for terms in itertools.combinations(range(len(FEATURES)), count)]
        away = [((Formula(t)(nearest(moved, target, t), moved)[0] - target)**2).sum() for t in ways]
        terms = ways[int(np.argmin(away))]
        rule, w = Formula(terms), nearest(moved, target, terms)
        told = 1 - min(away) / ((target - target.mean(0))**2).sum()
        ratio = fit.mean(flows.error(fit.closed(flows, rule, w)[0])) / least
        print(f"{', '.join(FEATURES[t] for t in terms)}: {told:.2f} of the variance, {ratio:.3f} over own")
    found = minimize(lambda w: flows.loss(fit.closed(flows, rule, w)[0])[0].mean(), w.ravel(), method="BFGS")
    print(f"the last, fitted to the surfaces: {fit.mean(flows.error(fit.closed(flows, rule, found.x)[0])) / least:.3f}")
    for label, numbers in (("of the map", w), ("of the surfaces", found.x.reshape(4, -1))):
        print(label, "(C_2, C_4, C_6, C_r; 1 and the features)")
        print(np.array2string(np.c_[fit.CENTER, np.zeros((4, count))] + fit.SCALE[:, None] * numbers, precision=3))
    figure(path, flows, policy, v, x_own, shown)


if __name__ == "__main__":
    main(*sys.argv[1:])
