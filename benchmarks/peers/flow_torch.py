#!/usr/bin/env python3
"""The PyTorch peer of bench_flow: the same AB2/CN step by torch.fft, double precision, one thread.

    pip install torch numpy && benchmarks/peers/flow_torch.py [N...]

Basdevant's form with four real transforms (irfft2 of u and v, rfft2 of u^2 - v^2 and u v), 2/3
rule, Crank-Nicolson viscosity, implicit drag; every table is precomputed, no autograd.
Prints one key=value line a size: processor time of a step, the fastest of the rounds, as for a
busy machine. With --check the enstrophy after 100 steps, to compare with another code.
"""
import argparse
import math
import time

import torch


class Flow:
    def __init__(self, n):
        self.n, self.dt, nu, mu, kf = n, 0.02 / n, 1 / 20000, 0.1, 4
        k = torch.fft.fftfreq(n, 1 / n, dtype=torch.float64)
        kx, ky = torch.fft.rfftfreq(n, 1 / n, dtype=torch.float64)[None, :], k[:, None]
        k2 = kx**2 + ky**2
        mask = ((kx < n / 3) & (ky.abs() < n / 3)).double()
        inverse = 1 / torch.where(k2 > 0, k2, 1)
        self.to_u, self.to_v = 1j * ky * inverse, -1j * kx * inverse
        self.of_a, self.of_b = kx * ky * mask, (ky**2 - kx**2) * mask
        half = 0.5 * self.dt * nu * k2
        self.scale, self.keep = 1 / (1 + self.dt * mu + half), 1 - half
        f = torch.zeros(n, n // 2 + 1, dtype=torch.complex128)
        f[0, kf] = f[kf, 0] = f[n - kf, 0] = 0.5 * kf * n * n
        self.f = f
        x = torch.arange(n, dtype=torch.float64) * (2 * math.pi / n)
        w = 4 * torch.cos(3 * x)[None, :] * torch.cos(2 * x)[:, None] + torch.sin(5 * x)[:, None]
        self.w = torch.fft.rfft2(w) * mask
        self.old = None

    def step(self):
        size = (self.n, self.n)
        u = torch.fft.irfft2(self.to_u * self.w, s=size)
        v = torch.fft.irfft2(self.to_v * self.w, s=size)
        now = self.of_a * torch.fft.rfft2(u * u - v * v) + self.of_b * torch.fft.rfft2(u * v)
        now += self.f
        old = now if self.old is None else self.old
        self.w = self.scale * (self.keep * self.w - (1.5 * self.dt) * now + (0.5 * self.dt) * old)
        self.old = now

    def enstrophy(self):
        w = torch.fft.irfft2(self.w, s=(self.n, self.n))
        return 0.5 * float((w * w).mean())


def fastest(flow, seconds):
    flow.step()
    begin = time.thread_time()
    flow.step()
    inner = max(1, int(2e-3 / (time.thread_time() - begin)))
    best, end = math.inf, time.monotonic() + seconds
    while time.monotonic() < end or best == math.inf:
        begin = time.thread_time()
        for _ in range(inner):
            flow.step()
        best = min(best, (time.thread_time() - begin) / inner)
    return best


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sizes", type=int, nargs="*", default=[32, 64, 128, 256, 512, 1024])
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    with torch.inference_mode():
        for n in arguments.sizes:
            flow = Flow(n)
            if arguments.check:
                for _ in range(100):
                    flow.step()
                print(f"n={n} time={100 * flow.dt:.17g} enstrophy={flow.enstrophy():.15g}")
                continue
            print(f"bench=flow_torch n={n} step_us={1e6 * fastest(flow, arguments.seconds):.2f}"
                  f" torch={torch.__version__}", flush=True)


if __name__ == "__main__":
    main()
