#!/usr/bin/env python3
"""One map from what a flow shows to coefficients, fitted on how many flows answer (docs/closures_suite.md).

  fit.py SURFACES [--hidden H] [--ridge R] [--features NAME,...] [--leave-one-out] [--start FILE]

SURFACES is a folder of surfaces.py. For each flow the log ratio of spectra at every wavenumber, and the features,
are quadratic in the coefficients (ridge, weights 1/(0.4 + e)^2); e_trunc of coefficients is the norm of the first.
The map C = M(f), linear or with hidden units, is applied where it closes on itself, C = M(f(C)), and minimizes the
mean over flows of log sqrt(e^2 + FLOOR^2) + RIDGE |weights|^2, with the exact gradient. Printed: that mean, own optima, best single constants, the best constants in
Jansen and Held's ratio, and with --leave-one-out each flow by the map of all others."""
import argparse
import pathlib

import numpy as np
from scipy.optimize import minimize

CENTER = np.array([-0.0038, 0.0008, 8e-5, 0.12])  # of the quadratics, and what is of order one
SCALE = np.array([0.004, 0.0008, 1e-4, 0.12])
FLOOR = 0.06   # about the sampling error of references and of runs
RIDGE = 0.005
REGIME = ["mean_wavenumber", "viscosity", "cascade", "beta"]  # the block flow_regime, in its order
SHAPE = ["log_wavenumber", "size", "slope"]  # the block flow_shape


# Standard deviation in time, within a flow, of what fluctuates (kf6, 120 time units)
SWING = {"mean_wavenumber": 0.11, "cascade": 0.46, "log_wavenumber": 0.05, "slope": 0.15}


def quadratic(x):
    """[.., 4] -> [.., 15]"""
    pairs = [x[..., i] * x[..., j] for i in range(4) for j in range(i, 4)]
    return np.stack([np.ones(x.shape[:-1])] + [x[..., i] for i in range(4)] + pairs, axis=-1)


class Flows:
    """The quadratics of all flows, [flow, 15, wavenumber] and [flow, 15, feature]."""

    def __init__(self, folder, features, names=None):
        paths = sorted(p for p in pathlib.Path(folder).glob("*.npz") if names is None or p.stem in names)
        self.names = [p.stem for p in paths]
        data = [np.load(p) for p in paths]
        most = max(d["log_ratio"].shape[1] for d in data)
        self.ratio = np.zeros((len(paths), 15, most))
        self.feature = np.zeros((len(paths), 15, len(features)))
        self.low, self.high = np.zeros((2, len(paths), 4))
        self.seen = []
        self.swing = np.array([SWING.get(name, 0) for name in features])
        for i, d in enumerate(data):
            ok = np.isfinite(d["e_trunc"])
            x = (d["coefficients"][ok] - CENTER) / SCALE
            weight = 1 / (0.4 + d["e_trunc"][ok])**2
            basis = quadratic(x)
            gram = basis.T @ (weight[:, None] * basis)
            gram += 1e-4 * np.trace(gram) / 15 * np.eye(15)
            kept = d["log_ratio"].shape[1]
            self.ratio[i, :, :kept] = np.linalg.solve(gram, basis.T @ (weight[:, None] * d["log_ratio"][ok]))
            shown = columns(d, ok, features)
            self.feature[i] = np.linalg.solve(gram, basis.T @ (weight[:, None] * shown))
            self.low[i], self.high[i] = x.min(0), x.max(0)
            best = np.argsort(d["e_trunc"][ok])[:5]
            self.seen.append(x[best])

    def take(self, chosen):
        part = object.__new__(Flows)
        part.swing = self.swing
        part.names = [self.names[i] for i in chosen]
        part.ratio, part.feature = self.ratio[chosen], self.feature[chosen]
        part.low, part.high, part.seen = self.low[chosen], self.high[chosen], [self.seen[i] for i in chosen]
        return part

    def error(self, x):
        """e_trunc [flow] at x [flow, 4] (scaled coefficients)."""
        return np.sqrt((np.einsum("fb,fbk->fk", quadratic(x), self.ratio)**2).sum(1))

    def shown(self, x):
        return np.einsum("fb,fbn->fn", quadratic(x), self.feature)

    def beyond(self, x):
        """How far x is outside of what was run: the quadratics know nothing there."""
        return (np.maximum(0, self.low - x)**2 + np.maximum(0, x - self.high)**2).sum(1)

    def loss(self, x):
        return 0.5 * np.log(self.error(x)**2 + FLOOR**2) + self.beyond(x)


def columns(d, ok, features):
    """What a policy sees in each run [run, feature]."""
    regime = d["features"][ok].astype(float)
    known = {name: regime[:, i] for i, name in enumerate(REGIME)}
    kept = d["log_ratio"].shape[1]
    known["size"] = np.full(ok.sum(), np.log2(kept / 16))
    shape, k = np.exp(d["shape"][ok].astype(float)), np.arange(kept)
    high, low = (k >= kept / 2) & (k < 3 * kept / 4), (k >= kept / 4) & (k < kept / 2)
    weight = np.where(k == 0, 1, 2)
    total, bent = (weight * shape).sum(1), 2 * (weight * k**2 * shape).sum(1)
    known["log_wavenumber"] = np.log((np.pi / kept)**2 * bent / total)  # of Delta^2 G^2/<w^2>
    known["slope"] = np.log(shape[:, high].sum(1) / shape[:, low].sum(1))
    known["drag"] = 4 + np.log(d["drag"][ok] / np.sqrt(2 * total))
    return np.stack([known[name] for name in features], axis=1)


def clip(x):
    """C_6 and C_r are not negative."""
    least = np.array([-np.inf, -np.inf, -CENTER[2] / SCALE[2], -CENTER[3] / SCALE[3]])
    return np.maximum(x, least)


class Map:
    """C(f) = b + W f + V tanh(U f + c), hidden units none or some; parameters in one vector."""

    def __init__(self, inputs, hidden):
        self.inputs, self.hidden = inputs, hidden
        self.shapes = [(4,), (4, inputs)] if hidden == 0 else [(4,), (hidden, inputs), (hidden,), (4, hidden)]
        self.size = sum(int(np.prod(shape)) for shape in self.shapes)

    def start(self, center, rng):
        parts = [center] + [0.3 * rng.standard_normal(shape) for shape in self.shapes[1:]]
        return np.concatenate([p.ravel() for p in parts])

    def parts(self, v):
        out, at = [], 0
        for shape in self.shapes:
            out.append(v[at:at + int(np.prod(shape))].reshape(shape))
            at += int(np.prod(shape))
        return out

    def __call__(self, v, f):
        """x [flow, 4] and its derivative by f [flow, 4, input]"""
        if self.hidden == 0:
            b, w = self.parts(v)
            return b + f @ w.T, np.broadcast_to(w, (len(f), *w.shape))
        b, u, c, w = self.parts(v)
        h = np.tanh(f @ u.T + c)
        return b + h @ w.T, np.einsum("oh,fh,hi->foi", w, 1 - h**2, u)

    def pull(self, v, f, g):
        """The derivative by the parameters of sum g [flow, 4] x"""
        if self.hidden == 0:
            return np.concatenate([g.sum(0), (g.T @ f).ravel()])
        b, u, c, w = self.parts(v)
        h = np.tanh(f @ u.T + c)
        inner = (g @ w) * (1 - h**2)
        return np.concatenate([g.sum(0), (inner.T @ f).ravel(), inner.sum(0), (g.T @ h).ravel()])


LEAST = np.array([-np.inf, -np.inf, -CENTER[2] / SCALE[2], -CENTER[3] / SCALE[3]])  # C_6 and C_r are not negative


def closed(flows, policy, v):
    """x [flow, 4] with x = policy(f(x)), and what is shown there."""
    x = np.clip(np.zeros((len(flows.names), 4)), flows.low, flows.high)
    for _ in range(12):
        f = flows.shown(np.clip(x, flows.low, flows.high))
        x = 0.3 * x + 0.7 * clip(policy(v, f)[0])
    return x, f


def gradient(x):
    """d quadratic(x) / dx [flow, 15, 4]"""
    out = np.zeros((len(x), 15, 4))
    for i in range(4):
        out[:, 1 + i, i] = 1
    at = 5
    for i in range(4):
        for j in range(i, 4):
            out[:, at, i] += x[:, j]
            out[:, at, j] += x[:, i]
            at += 1
    return out


def slope_of_loss(flows, x):
    """Loss [flow] and its derivative by x [flow, 4]."""
    r = np.einsum("fb,fbk->fk", quadratic(x), flows.ratio)
    square = (r**2).sum(1)
    outside = np.maximum(0, x - flows.high) - np.maximum(0, flows.low - x)
    by_x = np.einsum("fk,fbk,fbi->fi", r, flows.ratio, gradient(x)) / (square + FLOOR**2)[:, None] + 2 * outside
    return 0.5 * np.log(square + FLOOR**2) + (outside**2).sum(1), by_x


def fit(flows, policy, v, ridge=RIDGE, iterations=300):
    count = len(flows.names)
    swings = np.random.default_rng(7).standard_normal((4, len(flows.swing)))
    swings = np.concatenate([swings, -swings]) * flows.swing

    def value(v):
        x, f = closed(flows, policy, v)
        slope = gradient(x)
        loss, by_x = slope_of_loss(flows, x)
        raw, jacobian = policy(v, f)
        free = (raw > LEAST).astype(float)  # no slope where it is clipped
        inside = ((x > flows.low) & (x < flows.high)).astype(float)
        shown = np.einsum("fbn,fbi,fi->fni", flows.feature, slope, inside)
        loop = np.eye(4) - np.einsum("fo,foi,fij->foj", free, jacobian, shown)
        pulled = np.linalg.solve(np.swapaxes(loop, 1, 2), by_x[:, :, None])[:, :, 0] * free
        penalty = ridge * (v[4:]**2).sum()
        grad = policy.pull(v, f, pulled) / count
        grad[4:] += 2 * ridge * v[4:]
        total = loss.mean()
        for swing in swings if flows.swing.any() else []:  # what is shown fluctuates, and coefficients with it
            raw, _ = policy(v, f + swing)
            loss, by_x = slope_of_loss(flows, clip(raw))
            grad += policy.pull(v, f + swing, by_x * (raw > LEAST)) / count / len(swings)
            total += loss.mean() / len(swings)
        return total + penalty, grad
    found = minimize(value, v, jac=True, method="L-BFGS-B", options={"maxiter": iterations})
    return found.x, found.fun


def fit_best(flows, policy, center, ridge, tries, iterations=300):
    rng = np.random.default_rng(1)
    found = [fit(flows, policy, policy.start(center, rng), ridge, iterations) for _ in range(tries)]
    return min(found, key=lambda t: t[1])[0]


def own(flows):
    """The best constants of each flow, [flow, 4]."""
    found = []
    for i in range(len(flows.names)):
        one = flows.take([i])
        tries = [minimize(lambda v: one.loss(clip(v[None]))[0], s, method="BFGS") for s in one.seen[0]]
        found.append(clip(min(tries, key=lambda t: t.fun).x[None])[0])
    return np.array(found)


def single(flows):
    """The best constants for all."""
    best = None
    for start in (np.zeros(4), np.array([0.0, 0, 0, -0.5]), np.array([0, -0.5, 0.3, -0.5])):
        t = minimize(lambda v: flows.loss(clip(np.tile(v, (len(flows.names), 1)))).mean(), start, method="BFGS")
        best = t if best is None or t.fun < best.fun else best
    return clip(best.x[None])[0]


def ratio_constants(flows, wavenumber):
    """Jansen and Held's ratio C_2 = c Delta^2 G^2/<w^2>: (c/SCALE[0], x_4, x_6, x_r); `wavenumber` is the column of
    mean_wavenumber."""
    def at(v):
        x = np.tile(v, (len(flows.names), 1))
        for _ in range(6):
            seen = np.clip(flows.shown(np.clip(x, flows.low, flows.high))[:, wavenumber], -0.999, 0.999)
            c2 = v[0] * np.exp(0.95 + 0.3 * np.arctanh(seen))
            x = np.concatenate([((c2 * SCALE[0] - CENTER[0]) / SCALE[0])[:, None],
                                np.tile(v[1:], (len(flows.names), 1))], axis=1)
        return clip(x)
    best = None
    for start in (np.array([-0.5, 0, 0, -0.5]), np.array([-0.4, 0.1, -0.2, 0])):
        t = minimize(lambda v: flows.loss(at(v)).mean(), start, method="BFGS")
        best = t if best is None or t.fun < best.fun else best
    return best.x, at(best.x)


def leave_one_out(flows, policy, v, ridge):
    """The scaled coefficients of each flow by the map of all others."""
    out = []
    for i in range(len(flows.names)):
        others = flows.take([j for j in range(len(flows.names)) if j != i])
        out.append(closed(flows.take([i]), policy, fit(others, policy, v, ridge, 100)[0])[0][0])
    return np.array(out)


def mean(e):
    return np.exp(np.log(np.sqrt(e**2 + FLOOR**2)).mean())


REACH = 1.25  # of an action, in SCALE: env.action_center is CENTER, env.action_scale REACH SCALE


def start(policy, v, features):
    """policy.start of what sees [flow_regime, flow_shape], zeros for what the map does not: layer by layer, weights
    [inputs, outputs], then biases."""
    parts = policy.parts(v)
    seen = np.zeros((len(parts[1]), len(REGIME + SHAPE)))
    for i, name in enumerate(features):
        seen[:, (REGIME + SHAPE).index(name)] = parts[1][:, i]
    parts[1] = seen
    if policy.hidden == 0:
        layers = [parts[1].T / REACH, parts[0] / REACH]
    else:
        b, u, c, w = parts
        layers = [u.T, c, w.T / REACH, b / REACH]
    return "  start: [" + ",".join(f"{x:.4g}" for part in layers for x in part.ravel()) + "]\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("surfaces", type=pathlib.Path)
    parser.add_argument("--features", default=",".join(REGIME + SHAPE))
    parser.add_argument("--ridge", type=float, default=RIDGE)
    parser.add_argument("--hidden", type=int, default=6)
    parser.add_argument("--swing", type=float, default=1.5, help="fluctuations that it must bear, in SWING")
    parser.add_argument("--tries", type=int, default=6)
    parser.add_argument("--leave-one-out", action="store_true")
    parser.add_argument("--flows", default=None)
    parser.add_argument("--start", type=pathlib.Path, help="write policy.start here")
    parser.add_argument("--save", type=pathlib.Path)
    a = parser.parse_args()
    features = a.features.split(",")
    flows = Flows(a.surfaces, features, a.flows.split(",") if a.flows else None)
    flows.swing = flows.swing * a.swing
    x_own, x_single = own(flows), single(flows)
    count = len(flows.names)
    policy = Map(len(features), a.hidden)
    v = fit_best(flows, policy, x_own.mean(0), a.ridge, a.tries)
    mapped, shown = closed(flows, policy, v)
    rows = {"own": x_own, "single": np.tile(x_single, (count, 1)), "map": mapped}
    if "mean_wavenumber" in features:
        c, rows["ratio"] = ratio_constants(flows, features.index("mean_wavenumber"))
        print("ratio constants", np.r_[c[0] * SCALE[0], CENTER[1:] + SCALE[1:] * c[1:]])
    if a.leave_one_out:
        rows["left out"] = leave_one_out(flows, policy, v, a.ridge)
    print("single constants", CENTER + SCALE * x_single)
    print(f"{'flow':14s}" + "".join(f"{name:>10s}" for name in rows))
    for i, name in enumerate(flows.names):
        print(f"{name:14s}" + "".join(f"{flows.error(x)[i]:10.3f}" for x in rows.values()),
              " ".join(f"{c:8.3g}" for c in CENTER + SCALE * mapped[i]),
              " ".join(f"{c:6.2f}" for c in shown[i]))
    print(f"{'mean':14s}" + "".join(f"{mean(flows.error(x)):10.3f}" for x in rows.values()))
    print("over own      " + "".join(f"{mean(flows.error(x)) / mean(flows.error(x_own)):10.3f}" for x in rows.values()))
    if a.start:
        a.start.write_text(start(policy, v, features))
    if a.save:
        np.savez(a.save, v=v, hidden=a.hidden, features=features, names=flows.names,
                 own=CENTER + SCALE * x_own, map=CENTER + SCALE * mapped, single=CENTER + SCALE * x_single)


if __name__ == "__main__":
    main()
