#!/usr/bin/env python3
"""The JAX peer of bench_network: forward and gradient of the networks of grid worlds, jitted, one thread.

    pip install jax && taskset -c 0 benchmarks/peers/network_jax.py

The same networks, 512 windows of bits a call, images [row, column, channel] as XLA's convolutions on a
processor like them. One call is the value and the gradient of sum(output^2) / 2 by all parameters, so one
forward and one backward pass without the gradient of the input, compiled before it is timed. Nothing of a training loop is
around it: no loop that the compiler nests, no reset, no environment. Prints key=value lines: processor time a row.
"""
import os

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"

import statistics
import time

import jax
import jax.numpy as jnp
import numpy as np

ROWS, TAIL, ROUNDS = 512, 4, 15
NETWORKS = {
    "small_7x7x5": ((7, 7, 5), [(3, 16, 0), (3, 16, 0)], [32], 9),
    "small_11x11x12": ((11, 11, 12), [(3, 16, 0), (3, 16, 0)], [32], 9),
    "socialjax_11x11x19": ((11, 11, 19), [(5, 32, 2), (3, 32, 1), (3, 32, 1)], [64], 10),
    "dense_605+4": ((11, 11, 5), [], [128, 128], 9),
}


def make(image, convs, hidden, outputs, rng):
    """Parameters as a list of (weights, bias)."""
    rows, cols, channels = image
    params = []
    for kernel, out, padding in convs:
        shape = (kernel, kernel, channels, out)
        params.append((rng.normal(size=shape) / np.sqrt(np.prod(shape[:3])), np.zeros(out)))
        rows, cols, channels = rows + 2 * padding - kernel + 1, cols + 2 * padding - kernel + 1, out
    width = rows * cols * channels + TAIL
    for out in [*hidden, outputs]:
        params.append((rng.normal(size=(width, out)) / np.sqrt(width), np.zeros(out)))
        width = out
    return jax.tree.map(lambda x: jnp.asarray(x, jnp.float32), params)


def loss(params, image, tail, convs):
    x = image
    for (weights, bias), (_, _, padding) in zip(params, convs):
        x = jax.lax.conv_general_dilated(x, weights, (1, 1), [(padding, padding)] * 2,
                                         dimension_numbers=("NHWC", "HWIO", "NHWC"))
        x = jax.nn.relu(x + bias)
    x = jnp.concatenate([x.reshape(ROWS, -1), tail], 1)
    for i, (weights, bias) in enumerate(params[len(convs):]):
        x = x @ weights + bias
        if i + 1 < len(params) - len(convs):
            x = jax.nn.relu(x)
    return 0.5 * (x * x).sum()


def main():
    rng = np.random.default_rng(1)
    for name, (image, convs, hidden, outputs) in NETWORKS.items():
        params = make(image, convs, hidden, outputs, rng)
        planes = image[2]
        plane, chance = rng.integers(planes, size=(ROWS, *image[:2])), rng.random((ROWS, *image[:2], 1))
        window = np.eye(planes)[plane] * (chance < 0.6)
        window = np.maximum(window, np.eye(planes)[(plane + 1) % planes] * (chance < 0.1))
        window, tail = jnp.asarray(window, jnp.float32), jnp.zeros((ROWS, TAIL), jnp.float32)
        step = jax.jit(lambda p, x, t, convs=convs: jax.value_and_grad(loss)(p, x, t, convs))
        for _ in range(2):
            jax.block_until_ready(step(params, window, tail))
        times = []
        for _ in range(ROUNDS):
            start = time.process_time()
            jax.block_until_ready(step(params, window, tail))
            times.append(time.process_time() - start)
        print(f"bench=network peer=jax jax={jax.__version__} net={name} rows={ROWS} "
              f"microseconds_a_row={statistics.median(times) / ROWS * 1e6:.2f} "
              f"fastest={min(times) / ROWS * 1e6:.2f}", flush=True)


if __name__ == "__main__":
    main()
