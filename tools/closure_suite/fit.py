#!/usr/bin/env python3
"""One map from what a flow shows to coefficients, fitted on how many flows answer (docs/closures_suite.md).

  fit.py SURFACES [--hidden H] [--members M] [--ridge R] [--jitter J] [--features NAME,...] [--left-out K] [--start FILE]

SURFACES is a folder of surfaces.py. For each flow the log ratio of spectra at every wavenumber, and the features,
are quadratic in the coefficients (ridge, weights 1/(0.4 + e)^2); e_trunc of coefficients is the norm of the first.
The map C = M(f) with hidden units is applied where it closes on itself, C = M(f(C)), cut to what the action can
give, and minimizes the mean over flows of log sqrt(e^2 + FLOOR^2), there and, with the same weight, at features
moved by JITTER, + RIDGE |weights|^2, with the exact gradient. The better M of 2 M such maps, of other random starts,
are averaged: one network with all their hidden units. Printed: own optima, best single constants, the best constants
in Jansen and Held's ratio, the map, and with --left-out K each flow by a map of the others, in K parts; flows of one
reference are left out together."""
import argparse
import pathlib

import numpy as np
import yaml
from scipy.optimize import minimize

from inputs import REGIME, SHAPE, columns

CENTER = np.array([-0.0038, 0.0008, 8e-5, 0.12])  # env.action_center
SCALE = np.array([0.004, 0.0008, 1e-4, 0.12])     # of order one
REACH = 3.0   # env.action_scale is REACH SCALE: wider than what any flow asks for
FLOOR = 0.1   # of e_trunc: errors of references, of short runs and of the quadratics
# What the map has to bear. mean_wavenumber, cascade, log_wavenumber and slope fluctuate within a flow, with standard
# deviations of .11, .46, .05 and .15 on kf6; the others do not: there it is what makes the map smooth between flows
JITTER = {"mean_wavenumber": 0.15, "viscosity": 0.07, "cascade": 0.5, "beta": 0.05, "log_wavenumber": 0.1, "size": 0.15,
          "slope": 0.12}
MOST = np.full(4, REACH)
LEAST = np.maximum(-MOST, [-REACH, -REACH, *(-CENTER / SCALE)[2:]])  # C_6 and C_r are not negative
PAIRS = np.triu_indices(4)
SLOPES = np.zeros((15, 4, 4))  # d quadratic / dx = [1 at the linear terms] + SLOPES x
for row, (first, second) in enumerate(zip(*PAIRS)):
    SLOPES[5 + row, first, second] += 1
    SLOPES[5 + row, second, first] += 1


def quadratic(x):
    """[.., 4] -> [.., 15]"""
    return np.concatenate([np.ones(x.shape[:-1] + (1,)), x, x[..., PAIRS[0]] * x[..., PAIRS[1]]], axis=-1)


def gradient(x):
    """[.., 4] -> [.., 15, 4]"""
    return np.eye(15, 4, -1) + np.einsum("bij,...j->...bi", SLOPES, x)


def clip(x):
    return np.clip(x, LEAST, MOST)


def reference(name):
    path = pathlib.Path(f"configs/closure/suite/{name}.yaml")
    return yaml.safe_load(path.read_text())["evaluate"]["reference"]


class Flows:
    """The quadratics of all flows: of e_trunc^2 as a Gram matrix [flow, 15, 15], of features [flow, 15, feature]."""

    def __init__(self, folder, features, names=None):
        paths = sorted(p for p in pathlib.Path(folder).glob("*.npz") if names is None or p.stem in names)
        self.names = np.array([p.stem for p in paths])
        self.references = np.array([reference(name) for name in self.names])
        self.gram, self.feature, self.low, self.high, self.best = [], [], [], [], []
        for path in paths:
            d = np.load(path)
            ok = np.isfinite(d["e_trunc"])
            x = (d["coefficients"][ok] - CENTER) / SCALE
            weighted = quadratic(x) / (0.4 + d["e_trunc"][ok])[:, None]**2
            normal = weighted.T @ quadratic(x)
            normal += 1e-4 * np.trace(normal) / 15 * np.eye(15)
            ratio = np.linalg.solve(normal, weighted.T @ d["log_ratio"][ok])
            self.gram.append(ratio @ ratio.T)
            self.feature.append(np.linalg.solve(normal, weighted.T @ columns(d, ok, features)))
            self.low.append(x.min(0))
            self.high.append(x.max(0))
            self.best.append(x[np.argsort(d["e_trunc"][ok])[:5]])
        for key in ("gram", "feature", "low", "high", "best"):
            setattr(self, key, np.array(getattr(self, key)))

    def take(self, chosen):
        part = object.__new__(Flows)
        part.__dict__ = {key: value[chosen] for key, value in self.__dict__.items()}
        return part

    def square(self, x):
        """e_trunc^2 and half its derivative by the quadratic, of x [.., flow, 4]."""
        q = quadratic(x)
        pulled = np.matmul(self.gram, q[..., None])[..., 0]
        return np.maximum((q * pulled).sum(-1), 0), pulled

    def error(self, x):
        return np.sqrt(self.square(x)[0])

    def shown(self, x):
        inside = np.clip(x, self.low, self.high)  # of what was run: the quadratics know nothing beyond
        return np.matmul(quadratic(inside)[..., None, :], self.feature)[..., 0, :]

    def loss(self, x):
        """Of x [.., flow, 4], and its derivative."""
        square, pulled = self.square(x)
        outside = np.maximum(0, x - self.high) - np.maximum(0, self.low - x)
        by_x = np.matmul(pulled[..., None, :], gradient(x))[..., 0, :] / (square + FLOOR**2)[..., None]
        return 0.5 * np.log(square + FLOOR**2) + (outside**2).sum(-1), by_x + 2 * outside


class Map:
    """C(f) = b + V tanh(U f + c); parameters in one vector."""

    def __init__(self, inputs, hidden):
        self.inputs, self.hidden = inputs, hidden
        self.shapes = [(4,), (hidden, inputs), (hidden,), (4, hidden)]

    def start(self, center, rng):
        return np.concatenate([center] + [0.3 * rng.standard_normal(shape).ravel() for shape in self.shapes[1:]])

    def parts(self, v):
        ends = np.cumsum([int(np.prod(shape)) for shape in self.shapes])
        return [part.reshape(shape) for part, shape in zip(np.split(v, ends[:-1]), self.shapes)]

    def __call__(self, v, f):
        """x [.., 4], and what pull() needs"""
        b, u, c, w = self.parts(v)
        h = np.tanh(f @ u.T + c)
        return b + h @ w.T, h

    def jacobian(self, v, h):
        """dx/df [flow, 4, input]"""
        _, u, _, w = self.parts(v)
        return (w * (1 - h**2)[:, None, :]) @ u

    def pull(self, v, f, h, g):
        """The derivative by the parameters of sum g [.., 4] x"""
        w = self.parts(v)[3]
        f, h, g = f.reshape(-1, self.inputs), h.reshape(-1, self.hidden), g.reshape(-1, 4)
        inner = (g @ w) * (1 - h**2)
        return np.concatenate([g.sum(0), (inner.T @ f).ravel(), inner.sum(0), (g.T @ h).ravel()])

    def average(self, vectors):
        """One map of all hidden units, and its parameters"""
        members = [self.parts(v) for v in vectors]
        b, u, c, w = (np.concatenate(part, axis=axis) for part, axis in zip(zip(*members), (0, 0, 0, 1)))
        b = b.reshape(-1, 4).mean(0)
        whole = np.concatenate([b, u.ravel(), c, w.ravel() / len(members)])
        return Map(self.inputs, self.hidden * len(members)), whole


def closed(flows, policy, v):
    """x [flow, 4] with x = policy(f(x)), and what is shown there."""
    x = np.clip(np.zeros((len(flows.names), 4)), flows.low, flows.high)
    for _ in range(12):
        f = flows.shown(x)
        x = 0.3 * x + 0.7 * clip(policy(v, f)[0])
    return x, f


def fit(flows, policy, v, ridge, jitter, iterations=120):
    moved = np.random.default_rng(7).standard_normal((4, 1, len(jitter))) * jitter
    moved = np.concatenate([moved, -moved])
    count = len(flows.names)

    def value(v):
        x, f = closed(flows, policy, v)
        loss, by_x = flows.loss(x)
        raw, h = policy(v, f)
        free = ((raw > LEAST) & (raw < MOST)).astype(float)  # no slope where it is cut
        inside = ((x > flows.low) & (x < flows.high)).astype(float)
        shown = np.matmul(np.swapaxes(flows.feature, 1, 2), gradient(x) * inside[:, None, :])
        loop = np.eye(4) - free[:, :, None] * np.matmul(policy.jacobian(v, h), shown)
        pulled = np.linalg.solve(np.swapaxes(loop, 1, 2), by_x[:, :, None])[:, :, 0] * free
        total, grad = loss.mean(), policy.pull(v, f, h, pulled) / count
        f = f + moved
        raw, h = policy(v, f)
        loss, by_x = flows.loss(clip(raw))
        total += loss.mean()
        grad += policy.pull(v, f, h, by_x * ((raw > LEAST) & (raw < MOST))) / loss.size
        grad[4:] += 2 * ridge * v[4:]
        return total + ridge * (v[4:]**2).sum(), grad
    return minimize(value, v, jac=True, method="L-BFGS-B", options={"maxiter": iterations})


def fitted(flows, policy, center, a, jitter):
    """The average of the better half of 2 a.members maps, and its parameters."""
    rng = np.random.default_rng(a.seed)
    found = [fit(flows, policy, policy.start(center, rng), a.ridge, jitter) for _ in range(2 * a.members)]
    return policy.average([t.x for t in sorted(found, key=lambda t: t.fun)[:a.members]])


def left_out(flows, policy, x_own, a, jitter):
    """The scaled coefficients of each flow by a map of flows of other references."""
    known = sorted(set(flows.references))
    part = dict(zip(known, np.random.default_rng(0).permutation(len(known)) % a.left_out))
    parts, out = np.array([part[r] for r in flows.references]), np.zeros_like(x_own)
    for i in range(a.left_out):
        others = fitted(flows.take(parts != i), policy, x_own[parts != i].mean(0), a, jitter)
        out[parts == i] = closed(flows.take(parts == i), *others)[0]
    return out


def own(flows):
    """The best constants of each flow, [flow, 4]."""
    def best(one):
        def value(x):
            loss, by_x = one.loss(x[None])
            return loss[0], by_x[0]
        tries = [minimize(value, s, jac=True, method="L-BFGS-B", bounds=list(zip(LEAST, MOST))) for s in one.best[0]]
        return min(tries, key=lambda t: t.fun).x
    return np.array([best(flows.take([i])) for i in range(len(flows.names))])


def for_all(flows, coefficients, starts):
    """The v of `coefficients(v)` [flow, 4] that is best in the mean."""
    tries = [minimize(lambda v: flows.loss(coefficients(v))[0].mean(), np.array(s), method="BFGS") for s in starts]
    return min(tries, key=lambda t: t.fun).x


def single(flows):
    def same(v):
        return np.tile(clip(v), (len(flows.names), 1))
    return same(for_all(flows, same, ([0, 0, 0, 0], [0, 0, 0, -0.5], [0, -0.5, 0.3, -0.5])))


def jansen_held_ratio(flows, column):
    """C_2 = c Delta^2 G^2/<w^2>: (c, C_4, C_6, C_r), and what they are on each flow; `column` is log_wavenumber."""
    def at(v):
        x = np.tile(clip(v), (len(flows.names), 1))
        for _ in range(6):
            c2 = v[0] * SCALE[0] * np.exp(np.clip(flows.shown(x)[:, column], -1.5, 2))
            x[:, 0] = np.clip((c2 - CENTER[0]) / SCALE[0], LEAST[0], MOST[0])
        return x
    v = for_all(flows, at, ([-0.5, 0, 0, -0.5], [-0.4, 0.1, -0.2, 0]))
    return np.r_[v[0] * SCALE[0], (CENTER + SCALE * clip(v))[1:]], at(v)


def mean(e):
    return np.exp(np.log(np.sqrt(e**2 + FLOOR**2)).mean())


def start(policy, v, features):
    """policy.start of what sees [flow_regime, flow_shape], zeros for what the map does not: layer by layer, weights
    [inputs, outputs], then biases."""
    b, u, c, w = policy.parts(v)
    seen = np.zeros((policy.hidden, len(REGIME + SHAPE)))
    seen[:, [(REGIME + SHAPE).index(name) for name in features]] = u
    layers = [seen.T, c, w.T / REACH, b / REACH]
    return "  start: [" + ",".join(f"{x:.5g}" for part in layers for x in part.ravel()) + "]\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("surfaces", type=pathlib.Path)
    parser.add_argument("--features", default=",".join(REGIME + SHAPE))
    parser.add_argument("--hidden", type=int, default=10)
    parser.add_argument("--members", type=int, default=4)
    parser.add_argument("--ridge", type=float, default=0.002)
    parser.add_argument("--jitter", type=float, default=1.5, help="what the map has to bear, in JITTER")
    parser.add_argument("--seed", type=int, default=1, help="of the random starts")
    parser.add_argument("--left-out", type=int, default=0, help="leave flows out in so many parts")
    parser.add_argument("--flows", default=None)
    parser.add_argument("--start", type=pathlib.Path, help="write policy.start here")
    a = parser.parse_args()
    features = a.features.split(",")
    jitter = a.jitter * np.array([JITTER[name] for name in features])
    flows = Flows(a.surfaces, features, a.flows.split(",") if a.flows else None)
    x_own, policy = own(flows), Map(len(features), a.hidden)
    whole, v = fitted(flows, policy, x_own.mean(0), a, jitter)
    mapped, shown = closed(flows, whole, v)
    rows = {"own": x_own, "single": single(flows)}
    print("single constants", CENTER + SCALE * rows["single"][0])
    if "log_wavenumber" in features:
        constants, rows["ratio"] = jansen_held_ratio(flows, features.index("log_wavenumber"))
        print("constants in Jansen and Held's ratio", constants)
    rows["map"] = mapped
    if a.left_out:
        rows["left out"] = left_out(flows, policy, x_own, a, jitter)
    print(f"{'flow':14s}" + "".join(f"{name:>10s}" for name in rows))
    for i, name in enumerate(flows.names):
        print(f"{name:14s}" + "".join(f"{flows.error(x)[i]:10.3f}" for x in rows.values()),
              " ".join(f"{c:8.3g}" for c in CENTER + SCALE * mapped[i]), " ".join(f"{c:6.2f}" for c in shown[i]))
    drawn = np.array([name.startswith(("held", "train", "more")) for name in flows.names])
    for label, some in (("all", drawn | True), ("drawn", drawn)):
        print(f"{label:14s}" + "".join(f"{mean(flows.error(x)[some]) / mean(flows.error(x_own)[some]):10.3f}"
                                       for x in rows.values()), "over own,", some.sum(), "flows")
    if a.start:
        a.start.write_text(start(whole, v, features))


if __name__ == "__main__":
    main()
