#!/usr/bin/env python3
"""How a flow answers to four constants, from many short runs as lanes (docs/closures_suite.md).

  surfaces.py OUT FLOW... [--points M] [--seed S] [--around FILE]

For each FLOW (configs/closure/suite/FLOW.yaml) M vectors of coefficients C_2, C_4, C_6, C_r of the action set
leith_biharmonic_k6_rim are held constant in runs from training fields; OUT/FLOW.npz gets, or is extended by,
  coefficients [M, 4], e_trunc [M] (NaN: blew up), features [M, 4] (means of flow_regime),
  log_ratio [M, K] (log of the mean enstrophy spectrum over the reference's, truncated), shape [M, K] (the log of
  the spectrum), drag [M] (the flow's own).
Vectors are points of a Sobol sequence in C_2, the damping at the cut D = C_2 + pi^2 C_4 + pi^4 C_6, the share of
C_4 in what C_4 and C_6 add, and C_r; with --around they are drawn about the coefficients that FILE (npz of
flow -> vector) has for the flow. Held-out fields and flows are not touched."""
import argparse
import os
import pathlib

import h5py
import numpy as np
import yaml
from scipy.stats import qmc

import marl

INTERVAL = 0.1  # time units an action is held: as the policy's
LOW, HIGH = np.array([-0.0065, 0.005, -0.2, 0.0]), np.array([-0.0015, 0.02, 0.9, 0.16])
RUNS = {32: (64, 8, 20), 48: (64, 6, 15), 64: (48, 5, 12), 96: (32, 3, 8)}  # by N: vectors, spin-up, time
STEP = {96: 1e-3}  # a longer step than the flow's configuration has, where that saves most


def coefficients(points):
    """C_2, C_4, C_6, C_r of points (C_2, D, share, C_r)."""
    c2, total, share, rim = np.asarray(points).T
    added = total - c2
    return np.stack([c2, share * added / np.pi**2, (1 - share) * added / np.pi**4, rim], axis=1)


def points(c):
    """The inverse of coefficients()."""
    c2, c4, c6, rim = np.asarray(c, float).T
    added = np.pi**2 * c4 + np.pi**4 * c6
    return np.stack([c2, c2 + added, np.pi**2 * c4 / added, rim], axis=1)


def design(count, seed, around=None, reach=0.25):
    unit = qmc.Sobol(4, scramble=True, seed=seed).random(count)
    if around is None:
        return coefficients(LOW + (HIGH - LOW) * unit)
    at = points(around[None])[0] + reach * (HIGH - LOW) * (2 * unit - 1)
    return coefficients(np.clip(at, LOW - [0.003, 0.005, 0.2, 0], HIGH + [0.002, 0.01, 0.2, 0.2]))


def flow(name):
    return yaml.safe_load(pathlib.Path(f"configs/closure/suite/{name}.yaml").read_text())["evaluate"]


def run(e, c, time, spinup, seed):
    """e_trunc, features and log ratios of runs with the coefficients c [M, 4]."""
    n = int(e["resolution"])
    dt = STEP.get(n, float(e["dt"]))
    steps = round((time + spinup) / INTERVAL)
    env = marl.vector_env(
        "turbulence", num_envs=len(c), seed=seed, reference=e["reference"], resolution=n, dt=dt, lanes="float",
        agents=1, action="leith_biharmonic_k6_rim", action_center=[0, 0, 0, 0], action_scale=[1, 1, 1, 1],
        action_interval=round(INTERVAL / dt), observation=["log_spectrum", "flow_regime"],
        reward="episode_error_order", reward_after=spinup, max_steps=steps + 1, blow_up_reward=-3)
    std = list(env.metric_names).index("std_ratio")
    kept, alive = n // 2, np.ones(len(c), bool)
    spectrum, features, counted, ratio = np.zeros((len(c), kept)), np.zeros((len(c), 4)), 0, np.ones(len(c))
    for t in range(steps):
        env.act[...] = c[:, None, :]
        env.step()
        alive &= ~env.terminated[:, 0].astype(bool)
        if (t + 1) * INTERVAL <= spinup + 1e-9:
            continue
        seen = np.array(env.obs[:, 0, :], float)
        spectrum += np.exp(seen[:, :kept])
        features += seen[:, kept:]
        counted += 1
        ratio = np.array(env.metrics[:, std], float)
    reference = marl_spectra(e["reference"], n)
    variance = ratio**2 * reference[1]
    les = spectrum / counted * variance[:, None] / (2 * kept)  # log_spectrum is log(2 K eps/<w^2>)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_ratio = np.log(les / reference[0])
    log_ratio[~alive] = np.nan
    features = features / counted
    features[~alive] = np.nan
    return np.sqrt((log_ratio**2).sum(axis=1)), features, log_ratio


def marl_spectra(path, n):
    """The truncated enstrophy spectrum [n/2] and the variance of the whole field."""
    with h5py.File(path) as file:
        whole = file["spectrum/enstrophy"][...]
        return file[f"spectrum_n{n}/enstrophy_truncated"][...], 2 * whole[0] + 4 * whole[1:].sum()


def drag(path):
    with h5py.File(path) as file:
        return float(file.attrs["linear_drag"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("flow", nargs="+")
    parser.add_argument("--points", type=int, help="as in RUNS")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--around", type=pathlib.Path)
    parser.add_argument("--reach", type=float, default=0.25)
    a = parser.parse_args()
    a.out.mkdir(parents=True, exist_ok=True)
    for name in a.flow:
        around = np.load(a.around)[name] if a.around else None
        e = flow(name)
        count, spinup, time = RUNS[int(e["resolution"])]
        c = design(a.points or count, a.seed, around, a.reach)
        error, features, log_ratio = run(e, c, time, spinup, a.seed)
        log_reference = np.log(marl_spectra(e["reference"], int(e["resolution"]))[0])
        new = {"coefficients": c, "e_trunc": error, "features": features, "log_ratio": log_ratio,
               "shape": log_ratio + log_reference, "drag": np.full(len(c), drag(e["reference"]))}
        path = a.out / f"{name}.npz"
        if path.exists():
            old = np.load(path)
            new = {key: np.concatenate([old[key], new[key]]) for key in new}
        np.savez_compressed(path, **{k: v.astype(np.float32) for k, v in new.items()})
        best = np.nanargmin(error)
        print(f"{name}: {np.isnan(error).sum()} of {len(c)} blew up, best e_trunc {error[best]:.3f} at",
              " ".join(f"{x:.5g}" for x in c[best]), flush=True)


if __name__ == "__main__":
    main()
