#!/usr/bin/env python3
"""The LES of the public codes of arXiv:2312.00907, written again in numpy: a check of scores.

    pip install numpy scipy h5py
    benchmarks/peers/les_numpy.py REFERENCE.h5 [--closure leith|smagorinsky|jansen_held|none]
        [--cut-nyquist] [--spinup 15] [--time 30]

32 x 32 points, AB2/Crank-Nicolson with implicit drag, dt = 5e-4, the skew-symmetric form of the
advection without dealiasing, Delta = L/N; k_f = 4, Re = 20,000, mu = 0.1. All initial fields of the
reference run side by side. The public codes step the modes of k = N/2, too; --cut-nyquist leaves
them away, as `marl` does. Prints log(spectrum / reference) at k = 0 .. 15, e_log, the standard
deviation, the kurtosis and nu_e / nu. docs/validation.md has the results.
"""
import argparse

import h5py
import numpy as np
import scipy.fft as fft

N, DT, NU, MU, KF = 32, 5e-4, 1 / 20000, 0.1, 4
DELTA = 2 * np.pi / N
EVERY = 500  # steps between two samples


def viscosities(closure, w, gradient2):
    """nu_e and nu_4 of each flow."""
    mean = lambda q: q.mean(axis=(1, 2))[:, None, None]
    square = mean(w**2)
    if closure == "leith":
        return (0.17 * DELTA) ** 3 * mean(np.sqrt(gradient2)), 0
    if closure == "smagorinsky":
        return (0.17 * DELTA) ** 2 * np.sqrt(square), 0
    if closure == "jansen_held":
        nu4 = (0.25 * DELTA) ** 5 * np.sqrt(mean(gradient2))
        return -0.95 * nu4 * mean(gradient2) / square, nu4
    return 0 * square, 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("reference")
    parser.add_argument("--closure", default="leith")
    parser.add_argument("--cut-nyquist", action="store_true")
    parser.add_argument("--spinup", type=float, default=15)
    parser.add_argument("--time", type=float, default=30)
    options = parser.parse_args()
    with h5py.File(options.reference) as file:
        w_hat = fft.rfft2(file["initial/n32"][:].astype(float))
        target = file["spectrum/enstrophy"][: N // 2]

    kx = np.arange(N // 2 + 1.0)[None, None, :]
    ky = np.fft.fftfreq(N, 1 / N)[None, :, None]
    k2 = kx**2 + ky**2
    inverse = np.where(k2 > 0, 1 / np.where(k2 > 0, k2, 1), 0)
    dx, dy = 1j * kx * np.ones_like(k2), 1j * ky * np.ones_like(k2)
    x, y = np.meshgrid(np.arange(N) * DELTA, np.arange(N) * DELTA)
    forcing = fft.rfft2(KF * (np.cos(KF * x) + np.cos(KF * y)))[None]
    mask = np.ones_like(k2)
    mask[:, 0, 0] = 0
    if options.cut_nyquist:
        mask[:, N // 2, :] = mask[:, :, N // 2] = 0

    w_hat, older = w_hat * mask, None
    spectrum, square, fourth, count = np.zeros(N // 2), 0.0, 0.0, 0
    first = round(options.spinup / DT)
    for step in range(first + round(options.time / DT)):
        psi = w_hat * inverse
        u, v, w, wx, wy = fft.irfft2(
            np.stack([dy * psi, -dx * psi, w_hat, dx * w_hat, dy * w_hat]), s=(N, N))
        uw, vw, advection = fft.rfft2(np.stack([u * w, v * w, u * wx + v * wy]))
        newer = 0.5 * (dx * uw + dy * vw + advection)
        older = newer if older is None else older
        nu_e, nu4 = viscosities(options.closure, w, wx**2 + wy**2)
        half = 0.5 * DT * ((NU + nu_e) * k2 + nu4 * k2**2)
        w_hat = (w_hat * (1 - half) - DT * (1.5 * newer - 0.5 * older + forcing)) * mask / (
            1 + half + DT * MU)
        older = newer
        if step >= first and step % EVERY == 0:
            power = np.abs(fft.fft2(w)) ** 2 / 2 / N**4
            spectrum += 0.5 * (power.sum(1) + power.sum(2)).mean(0)[: N // 2]
            square, fourth, count = square + (w**2).mean(), fourth + (w**4).mean(), count + 1
    ratio = np.log(spectrum / count / target)
    print("log ratio:", " ".join(f"{r:.2f}" for r in ratio))
    print(f"e_log={np.sqrt((ratio**2).sum()):.3f} std={np.sqrt(square / count):.2f}"
          f" kurtosis={fourth / count / (square / count) ** 2:.2f} nu_e/nu={nu_e.mean() / NU:.1f}")


main()
