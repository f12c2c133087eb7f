#!/usr/bin/env python3
"""The JAX peer of bench_flow: the same AB2/CN step, jitted by XLA, double precision, one thread.

    pip install jax numpy && benchmarks/peers/flow_jax.py [N...]

Basdevant's form with four real transforms, 2/3 rule, as flow_torch.py. Two variants: a step a call,
and a hundred steps in one compiled loop (lax.fori_loop), which spares the calls; the faster one is
the peer. Prints one key=value line a size: processor time of a step, the fastest of the rounds.
With --check the enstrophy after 100 steps, to compare with flow_torch.py --check.
"""
import argparse
import math
import os
import time

# One thread, before XLA starts, and one processor: XLA computes on a thread of its own, and the kernel
# books the time of a thread that runs beside another one late, which made short calls look 4 times
# faster than they are.
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

import jax
import jax.numpy as jnp
import numpy as np

LOOP = 100


def make_step(n):
    """step(w, old) -> (w, now), the spectral start, and dt; the first step has old = now."""
    dt, nu, mu, kf = 0.02 / n, 1 / 20000, 0.1, 4
    k = np.fft.fftfreq(n, 1 / n)
    kx, ky = np.fft.rfftfreq(n, 1 / n)[None, :], k[:, None]
    k2 = kx**2 + ky**2
    mask = ((kx < n / 3) & (np.abs(ky) < n / 3)).astype(float)
    inverse = 1 / np.where(k2 > 0, k2, 1)
    to_u, to_v = jnp.asarray(1j * ky * inverse), jnp.asarray(-1j * kx * inverse)
    of_a, of_b = jnp.asarray(kx * ky * mask), jnp.asarray((ky**2 - kx**2) * mask)
    half = 0.5 * dt * nu * k2
    scale, keep = jnp.asarray(1 / (1 + dt * mu + half)), jnp.asarray(1 - half)
    f = np.zeros((n, n // 2 + 1), complex)
    f[0, kf] = f[kf, 0] = f[n - kf, 0] = 0.5 * kf * n * n
    f = jnp.asarray(f)
    x = np.arange(n) * (2 * math.pi / n)
    w = 4 * np.cos(3 * x)[None, :] * np.cos(2 * x)[:, None] + np.sin(5 * x)[:, None]
    start = jnp.asarray(np.fft.rfft2(w) * mask)

    def tendency(w):
        u = jnp.fft.irfft2(to_u * w, s=(n, n))
        v = jnp.fft.irfft2(to_v * w, s=(n, n))
        return of_a * jnp.fft.rfft2(u * u - v * v) + of_b * jnp.fft.rfft2(u * v) + f

    def step(w, old):
        now = tendency(w)
        return scale * (keep * w - (1.5 * dt) * now + (0.5 * dt) * old), now

    return step, tendency, start, dt


def fastest(call, state, steps, seconds):
    """Processor and elapsed time of a step, of the fastest round of 0.1 s each."""
    state = jax.block_until_ready(call(*state))
    begin = time.monotonic()
    state = jax.block_until_ready(call(*state))
    inner = max(1, int(0.1 / (time.monotonic() - begin)))
    best, elapsed, rounds, end = math.inf, math.inf, 0, time.monotonic() + seconds
    while time.monotonic() < end or rounds < 3:
        begin, begin_elapsed = time.process_time(), time.monotonic()
        for _ in range(inner):
            state = call(*state)
        state = jax.block_until_ready(state)
        best = min(best, (time.process_time() - begin) / (steps * inner))
        elapsed = min(elapsed, (time.monotonic() - begin_elapsed) / (steps * inner))
        rounds += 1
    return best, elapsed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sizes", type=int, nargs="*", default=[32, 64, 128, 256, 512, 1024])
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    jax.config.update("jax_enable_x64", True)
    for n in arguments.sizes:
        step, tendency, start, dt = make_step(n)
        one = jax.jit(step)
        loop = jax.jit(lambda w, old: jax.lax.fori_loop(0, LOOP, lambda _, s: step(*s), (w, old)))
        state = (start, tendency(start))
        if arguments.check:
            w = np.fft.irfft2(np.asarray(loop(*state)[0]), s=(n, n))
            print(f"n={n} time={LOOP * dt:.17g} enstrophy={0.5 * (w * w).mean():.15g}")
            continue
        calls = fastest(one, state, 1, arguments.seconds)
        looped = fastest(loop, state, LOOP, arguments.seconds)
        best, elapsed = min(calls, looped)
        print(f"bench=flow_jax n={n} step_us={1e6 * best:.2f} elapsed_us={1e6 * elapsed:.2f}"
              f" call_us={1e6 * calls[0]:.2f} loop_us={1e6 * looped[0]:.2f}"
              f" jax={jax.__version__}", flush=True)


if __name__ == "__main__":
    main()
