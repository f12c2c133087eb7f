#!/usr/bin/env python3
"""Flows of the closure suite, drawn by a rule (docs/closures_suite.md).

  draw.py SET      writes configs/reference/SET<i>.yaml and configs/closure/suite/SET<i>.yaml

Point i of a scrambled Sobol sequence of six dimensions (scipy.stats.qmc.Sobol, seed of the set) is a flow:
  u0: forcing, Kolmogorov below 3/4, else noise around the wavenumber
  u1: N = 32, 48, 64, 96 by quarters
  u2: wavenumber of the forcing, uniform in its logarithm from 4 to min(24, 3 N/8), rounded
  u3: Reynolds number, uniform in its logarithm from 1,000 to 6,000, two digits
  u4: drag, uniform in its logarithm from .05 to .3, two digits
  u5: beta: 0 below one half, above it uniform from 0 to 20, rounded
The direct simulation has 256^2 points up to Re = 3,000, 320^2 above. Constants of a flow's own are tuned
later and written into its configuration; a flow that was drawn is never drawn again."""
import math
import sys

from scipy.stats import qmc

SETS = {  # seed, flows, sampled time of the reference, part of the suite
    "held": (2026, 8, 100, "held out"),
    "train": (17, 8, 100, "training"),
}
STEP = {32: "2e-3", 48: "1.25e-3", 64: "1e-3", 96: "6.25e-4"}


def two_digits(x):
    return float(f"{x:.2g}")


def flow(u):
    ring = u[0] >= 0.75
    n = (32, 48, 64, 96)[int(4 * u[1])]
    most = min(24, 3 * n / 8)
    wavenumber = round(4 * (most / 4) ** u[2])
    reynolds = two_digits(1000 * 6 ** u[3])
    drag = two_digits(0.05 * 6 ** u[4])
    beta = round(40 * (u[5] - 0.5)) if u[5] >= 0.5 else 0
    return {"ring": ring, "n": n, "k": wavenumber, "re": reynolds, "drag": drag, "beta": beta}


def words(f):
    kind = "noise around k" if f["ring"] else "k_f"
    return f"{kind} = {f['k']}, Re = {f['re']:.0f}, drag {f['drag']:g}, beta {f['beta']}"


def reference(name, i, f, sampled):
    forcing = f"  name: ring\n  wavenumber: {f['k']}\n  width: 2\n  injection: 0.4\n" if f["ring"] else (
        f"  name: kolmogorov\n  wavenumber: {f['k']}\n")
    points = 256 if f["re"] <= 3000 else 320
    return f"""# Reference of a flow of the suite that was drawn (tools/closure_suite/draw.py): {words(f)}
#   marl reference configs/reference/{name}.yaml --out runs/{name}
# makes runs/{name}/reference.h5; the one shipped is configs/reference/data/{name}.h5
run:
  seed: {i}
grid:
  n: {points}
flow:
  reynolds: {f['re']:.0f}
  linear_drag: {f['drag']:g}
  beta: {f['beta']}
  dealias: two_thirds
forcing:
{forcing}initial:
  name: random
integrator:
  name: ifrk4
  cfl: 1.2
time:
  dt: 5e-3
  spinup: 20
  end: {20 + sampled}
statistics:
  pdf_range: 60
  pdf_bins: 300
  block: 10
  sizes: [{f['n']}]
output:
  statistics_every: 0.1
  checkpoint_every: 20
reference:
  title: "{words(f)}"
  coarse_n: 128
  coarse_time: 80
  initial_sizes: [{f['n']}]
  initial_samples: 6
  held_out: 3
"""


def evaluation(name, part, f):
    return f"""# A flow of the suite, {part}, drawn (tools/closure_suite/draw.py): {words(f)}, N = {f['n']}
# The first closure is its yardstick, constants tuned on this flow.
#   marl suite configs/closure/suite/{name}.yaml --closures MINE
evaluate:
  reference: configs/reference/data/{name}.h5
  resolution: {f['n']}
  dt: {STEP[f['n']]}
  lanes: float
  spinup: 25
  time: 150
"""


def main(which):
    seed, count, sampled, part = SETS[which]
    points = qmc.Sobol(6, scramble=True, seed=seed).random_base2(int(math.log2(count)))
    for i, u in enumerate(points, 1):
        f, name = flow(u), f"{which}{i}"
        print(f"{name}: {words(f)}, N = {f['n']}")
        with open(f"configs/reference/{name}.yaml", "w") as out:
            out.write(reference(name, 100 * seed % 9973 + i, f, sampled))
        with open(f"configs/closure/suite/{name}.yaml", "w") as out:
            out.write(evaluation(name, part, f))


if __name__ == "__main__":
    main(sys.argv[1])
