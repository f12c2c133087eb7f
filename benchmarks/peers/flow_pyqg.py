#!/usr/bin/env python3
"""The pyqg peer of bench_flow: a step of pyqg's barotropic model, double precision, one thread.

    pip install "numpy<2" "cython<3" "setuptools<70" wheel setuptools_scm pyfftw
    pip install --no-build-isolation pyqg && benchmarks/peers/flow_pyqg.py [N...]

(pyqg 0.7.2 does not build with Cython 3, which pip would take: kernel.pyx assigns doubles to int.)
The step is pyqg's own: AB3, five real transforms by FFTW, a spectral filter, linear drag; one
right-hand side as in bench_flow, but not the same numbers. Prints one key=value line a size:
processor time of a step, the fastest of the rounds.
"""
import argparse
import logging
import math
import time

import numpy as np
import pyqg


def fastest(model, seconds):
    model._step_forward()
    begin = time.process_time()
    model._step_forward()
    inner = max(1, int(5e-3 / max(time.process_time() - begin, 1e-6)))
    best, end = math.inf, time.monotonic() + seconds
    while time.monotonic() < end or best == math.inf:
        begin = time.process_time()
        for _ in range(inner):
            model._step_forward()
        best = min(best, (time.process_time() - begin) / inner)
    return best


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sizes", type=int, nargs="*", default=[32, 64, 128, 256, 512, 1024])
    parser.add_argument("--seconds", type=float, default=3.0)
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)
    for n in arguments.sizes:
        model = pyqg.BTModel(L=2 * np.pi, nx=n, beta=0.0, rd=0.0, H=1.0, rek=0.1, dt=0.02 / n,
                             tmax=1e9, twrite=10**9, taveint=1e9, tavestart=1e9, ntd=1)
        x, y = model.x, model.y
        model.set_q((4 * np.cos(3 * x) * np.cos(2 * y) + np.sin(5 * y))[np.newaxis])
        print(f"bench=flow_pyqg n={n} step_us={1e6 * fastest(model, arguments.seconds):.2f}"
              f" pyqg={pyqg.__version__}", flush=True)


if __name__ == "__main__":
    main()
