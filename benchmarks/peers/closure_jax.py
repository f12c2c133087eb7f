#!/usr/bin/env python3
"""The JAX peer of bench_closure_training: the same training loop, jitted whole, one thread.

    pip install jax numpy && benchmarks/peers/closure_jax.py [--updates 3] [--flows 16] [--precision double]

closure_torch.py says what is trained; here one compiled function is an update: lax.scan over 64
actions, in each of which lax.scan over 10 steps of all flows as one batch, then lax.scan over the
4 x 8 minibatches of PPO with gradients by jax.grad and Adam. Flows in double or single precision
(--precision float), networks always in single. Nothing leaves the compiled function between updates.
Prints one key=value line: agent-steps per second of elapsed and of processor time; `flow` is the
share of the time of the same rollout without the update, measured by itself.
With --check the enstrophy of the first flow after 100 steps at the center of the actions.
"""
import argparse
import math
import os
import time

# One thread, before XLA starts, and one processor (flow_jax.py says why).
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

N, AGENTS, INTERVAL, DT, HORIZON, EPOCHS, MINIBATCHES = 32, 4, 10, 5e-4, 64, 4, 8
NU, MU, KF, GAMMA, LAMBDA, CLIP = 1 / 20000, 0.1, 4, 0.995, 0.95, 0.2
CENTER, SCALE, BANDS = (-0.0045, 0.0022), (0.004, 0.0015), 6
OBS, ACT, HALF_LOG_TWO_PI = 3 + BANDS, 2, 0.9189385332046727
EDGES = np.array([0, 2, 4, 6, 9, 12, N // 2])
DELTA = 2 * math.pi / N


def make_flows(count, real):
    """step(w, old, rest, scale, keep), coefficients(w, act), observe(w), start: flows [count, N, N/2+1]."""
    cplx = jnp.complex128 if real == jnp.float64 else jnp.complex64
    half, m = N // 2, 3 * N // 2
    kx = np.fft.rfftfreq(N, 1 / N)[None, :]
    ky = np.fft.fftfreq(N, 1 / N)[:, None]
    k2 = kx**2 + ky**2
    kept = ((kx < half) & (np.abs(ky) < half)).astype(float)
    inverse = kept / np.where(k2 > 0, k2, 1)
    tables = {
        "velocity": np.stack([1j * ky * inverse, -1j * kx * inverse]),
        "gradient": np.stack([1j * kx * kept, 1j * ky * kept]),
        "local": np.stack([-kx * ky * inverse, kx**2 * inverse, kept]) + 0j,
    }
    s11, s12 = -kx * ky * inverse, 0.5 * (kx**2 - ky**2) * inverse
    tables["strain"] = np.stack([s11, s12, k2 * s11, k2 * s12]) + 0j
    force = np.zeros((N, half + 1), complex)
    force[0, KF] = force[KF, 0] = force[N - KF, 0] = 0.5 * KF * N * N
    tables["force"] = force
    t = {name: jnp.asarray(value, cplx) for name, value in tables.items()}
    curl = jnp.asarray(np.stack([kx * ky * kept, (ky**2 - kx**2) * kept]), real)
    power = jnp.asarray(k2, real)
    spacing = N // AGENTS
    distance = (np.arange(N)[:, None] - spacing * np.arange(AGENTS)[None, :]) / spacing
    wrapped = (distance + AGENTS / 2) % AGENTS - AGENTS / 2
    weight = jnp.asarray(np.clip(1 - np.abs(wrapped), 0, None), real)
    center, spread = jnp.asarray(CENTER, real), jnp.asarray(SCALE, real)
    unit_power = jnp.asarray([DELTA**3, DELTA**5], real)

    def inverse_transform(hat, n):
        return jnp.fft.irfft2(hat, s=(n, n))

    def coefficients(w, act):
        """What is held for INTERVAL steps: -2 (nu - mean), and the implicit factors."""
        value = center + spread * act.astype(real)
        value = value.at[..., 1].set(jnp.maximum(value[..., 1], 0))
        lattice = value.reshape(count, AGENTS, AGENTS, ACT).transpose(0, 3, 1, 2)
        field = weight @ lattice @ weight.T
        grad = inverse_transform(t["gradient"] * w[:, None], N)
        rms = jnp.sqrt(jnp.square(grad).sum(1).mean((1, 2)))
        field = field * (rms[:, None] * unit_power)[..., None, None]
        mean = field.mean((2, 3), keepdims=True)
        damping = power * (NU + mean[:, 0] + power * mean[:, 1])
        return -2 * (field - mean), 1 / (1 + DT * MU + 0.5 * DT * damping), 1 - 0.5 * DT * damping

    def widen(hat):
        top = jnp.pad(hat[:, :, :half, :half], ((0, 0), (0, 0), (0, m - half), (0, m // 2 + 1 - half)))
        low = jnp.pad(hat[:, :, half + 1:, :half],
                      ((0, 0), (0, 0), (m - half + 1, 0), (0, m // 2 + 1 - half)))
        return top + low

    def narrow(wide):
        rows = jnp.concatenate([wide[:, :, :half, :half], jnp.zeros_like(wide[:, :, :1, :half]),
                                wide[:, :, m - half + 1:, :half]], 2)
        return jnp.pad(rows, ((0, 0), (0, 0), (0, 0), (0, 1)))

    def step(w, old, held):
        rest, scale, keep = held
        fields = inverse_transform(widen(t["velocity"] * w[:, None]), m) * ((m / N) ** 2)
        u, v = fields[:, 0], fields[:, 1]
        wide = jnp.fft.rfft2(jnp.stack([u * u - v * v, u * v], 1)) * ((N / m) ** 2)
        products = narrow(wide)
        strain = inverse_transform(t["strain"] * w[:, None], N)
        stress = jnp.fft.rfft2(rest[:, :1] * strain[:, :2] + rest[:, 1:] * strain[:, 2:])
        now = curl[0] * (products[:, 0] + 2 * stress[:, 0]) + \
            curl[1] * (products[:, 1] + stress[:, 1]) + t["force"]
        old = now if old is None else old
        new = scale * (keep * w - (1.5 * DT) * now + (0.5 * DT) * old)
        return new.at[:, 0, 0].set(0), now

    def spectrum(w):
        energy = jnp.square(jnp.abs(w)) * (0.5 / N**4)
        along_x = energy.sum(1)[:, :half]
        both = energy[:, :, 0] + 2 * energy[:, :, 1:half].sum(2)
        return 0.5 * (along_x + both[:, :half])

    k = np.arange(half)
    target = 2 / (1 + k / 4)**3
    bands = jnp.asarray([target[a:b].sum() for a, b in zip(EDGES[:-1], EDGES[1:])], real)

    def observe(w):
        s11, v_x, vorticity = jnp.moveaxis(inverse_transform(t["local"] * w[:, None], N), 1, 0)
        every = N // AGENTS
        s11, v_x, vorticity = (f[:, ::every, ::every] for f in (s11, v_x, vorticity))
        s = spectrum(w)
        rms = jnp.sqrt(2 * (s[:, 0] + 2 * s[:, 1:].sum(1)))[:, None, None]
        s12 = 0.5 * (2 * v_x - vorticity)
        strain2 = 4 * (jnp.square(s11) + jnp.square(s12))
        upper = jnp.cumsum(s, 1)[:, EDGES[1:] - 1]
        lower = jnp.concatenate([jnp.zeros((count, 1), real), upper[:, :-1]], 1)
        local = [jnp.sqrt(strain2) / rms - 1, jnp.abs(vorticity) / rms - 1,
                 (strain2 - vorticity**2) / (strain2 + vorticity**2 + rms * rms)]
        ratios = jnp.broadcast_to(jnp.log((upper - lower) / bands)[:, None, :],
                                  (count, AGENTS * AGENTS, BANDS))
        obs = jnp.concatenate([jnp.stack([f.reshape(count, -1) for f in local], 2), ratios], 2)
        return obs.astype(jnp.float32).reshape(-1, OBS), s

    rng = np.random.default_rng(1)
    x = np.arange(N) * (2 * math.pi / N)
    phase = rng.random((count, 1, 1)) * 6
    w = 4 * np.cos(3 * x)[None, None, :] * np.cos(2 * x + phase).reshape(count, 1, N) + \
        6 * np.sin(5 * x[None, None, :] + phase) * np.sin(4 * x)[None, :, None]
    w += 0.1 * rng.standard_normal((count, N, N))  # no band is empty
    start = jnp.asarray(np.fft.rfft2(w) * kept, cplx)
    return step, coefficients, observe, start, jnp.asarray(target, real)


def network(rng, outputs):
    sizes = [OBS, 128, 128, outputs]
    return [(jnp.asarray(rng.uniform(-1, 1, (a, b)) / math.sqrt(a), jnp.float32),
             jnp.zeros(b, jnp.float32)) for a, b in zip(sizes[:-1], sizes[1:])]


def forward(layers, x):
    for weight, bias in layers[:-1]:
        x = jnp.tanh(x @ weight + bias)
    return x @ layers[-1][0] + layers[-1][1]


def log_probability(params, mean, x):
    z = (x - mean) * jnp.exp(-params["log_std"])
    return (-0.5 * z * z - params["log_std"] - HALF_LOG_TWO_PI).sum(-1)


def loss(params, batch):
    obs, x, old, advantage, target = batch
    ratio = jnp.exp(log_probability(params, forward(params["policy"], obs), x) - old)
    clipped = jnp.clip(ratio, 1 - CLIP, 1 + CLIP)
    policy = -jnp.minimum(ratio * advantage, clipped * advantage).mean()
    return policy + 0.5 * jnp.square(forward(params["value"], obs)[:, 0] - target).mean()


def adam(params, moments, gradient):
    """Clipped to a norm of .5, rate 3e-4."""
    count = moments["count"] + 1
    norm = jnp.sqrt(sum(jnp.square(g).sum() for g in jax.tree_util.tree_leaves(gradient)))
    gradient = jax.tree_util.tree_map(lambda g: g * jnp.minimum(1, 0.5 / (norm + 1e-6)), gradient)
    tree = jax.tree_util.tree_map
    first = tree(lambda a, g: 0.9 * a + 0.1 * g, moments["first"], gradient)
    second = tree(lambda a, g: 0.999 * a + 0.001 * g * g, moments["second"], gradient)
    rate = 3e-4 * jnp.sqrt(1 - 0.999**count) / (1 - 0.9**count)
    params = tree(lambda p, a, b: p - rate * a / (jnp.sqrt(b) + 1e-5), params, first, second)
    return params, {"first": first, "second": second, "count": count}


def make_training(count, real):
    step, coefficients, observe, start, target = make_flows(count, real)
    rows, keep = count * AGENTS * AGENTS, 1 - INTERVAL * DT

    def normalize(norm, obs):
        deviation = jnp.sqrt(jnp.maximum(norm["square"] - norm["mean"]**2, 1e-4))
        return jnp.clip((obs - norm["mean"]) / deviation, -10, 10)

    def act(params, flow, _):
        key, draw = jax.random.split(flow["key"])
        obs, norm = flow["obs"], flow["norm"]
        seen = normalize(norm, obs)
        mean = forward(params["policy"], seen)
        x = mean + jnp.exp(params["log_std"]) * jax.random.normal(draw, mean.shape, jnp.float32)
        held = coefficients(flow["w"], jnp.tanh(x).reshape(count, -1, ACT))
        (w, old), _ = lax.scan(lambda s, _: (step(*s, held), None), (flow["w"], flow["old"]), None,
                               length=INTERVAL)
        after, spectrum = observe(w)
        running, samples = keep * flow["running"] + spectrum, keep * flow["samples"] + 1
        error = jnp.log(running / (samples * target))
        reward = jnp.repeat((-0.5 * jnp.square(error).mean(1)).astype(jnp.float32), AGENTS**2)
        share = 1 / (norm["count"] + 1)
        norm = {"count": norm["count"] + 1,
                "mean": norm["mean"] + share * (obs.mean(0) - norm["mean"]),
                "square": norm["square"] + share * (jnp.square(obs).mean(0) - norm["square"])}
        out = (seen, x, log_probability(params, mean, x), forward(params["value"], seen)[:, 0], reward)
        return {"w": w, "old": old, "obs": after, "running": running, "samples": samples,
                "norm": norm, "key": key}, out

    def collect(params, flow):
        flow, out = lax.scan(lambda s, _: act(params, s, _), flow, None, length=HORIZON)
        last = forward(params["value"], normalize(flow["norm"], flow["obs"]))[:, 0]
        return flow, out, last

    def update(params, moments, flow):
        flow, (obs, x, old, values, reward), last = collect(params, flow)
        following = jnp.concatenate([values[1:], last[None]])
        delta = reward + GAMMA * following - values

        def back(running, d):
            running = d + GAMMA * LAMBDA * running
            return running, running

        _, advantage = lax.scan(back, jnp.zeros(rows, jnp.float32), delta, reverse=True)
        total = HORIZON * rows
        goal = (advantage + values).reshape(total)
        advantage = advantage.reshape(total)
        advantage = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
        data = (obs.reshape(total, OBS), x.reshape(total, ACT), old.reshape(total), advantage, goal)
        key, draw = jax.random.split(flow["key"])
        order = jnp.concatenate([jax.random.permutation(k, total).reshape(MINIBATCHES, -1)
                                 for k in jax.random.split(draw, EPOCHS)])

        def descend(state, index):
            gradient = jax.grad(loss)(state[0], tuple(d[index] for d in data))
            return adam(*state, gradient), None

        (params, moments), _ = lax.scan(descend, (params, moments), order)
        return params, moments, dict(flow, key=key)

    rng = np.random.default_rng(2)
    params = {"policy": network(rng, ACT), "value": network(rng, 1),
              "log_std": jnp.full(ACT, math.log(0.3), jnp.float32)}
    zeros = jax.tree_util.tree_map(jnp.zeros_like, params)
    moments = {"first": zeros, "second": zeros, "count": jnp.float32(0)}
    held = coefficients(start, jnp.zeros((count, AGENTS**2, ACT), jnp.float32))
    _, now = step(start, None, held)
    flow = {"w": start, "old": now, "obs": observe(start)[0], "key": jax.random.PRNGKey(1),
            "running": jnp.zeros((count, N // 2), real), "samples": jnp.asarray(0.0, real),
            "norm": {"count": jnp.float32(0), "mean": jnp.zeros(OBS, jnp.float32),
                     "square": jnp.ones(OBS, jnp.float32)}}
    return update, collect, step, held, params, moments, flow


def check(step, held, flow):
    loop = jax.jit(lambda s: lax.fori_loop(0, 100, lambda _, s: step(*s, held), s))
    w = np.fft.irfft2(np.asarray(loop((flow["w"], flow["old"]))[0][0]), s=(N, N))
    print(f"enstrophy={0.5 * (w * w).mean():.15g}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--updates", type=int, default=3)
    parser.add_argument("--flows", type=int, default=16)
    parser.add_argument("--precision", choices=["double", "float"], default="double")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    jax.config.update("jax_enable_x64", options.precision == "double")
    real = jnp.float64 if options.precision == "double" else jnp.float32
    update, collect, step, held, params, moments, flow = make_training(options.flows, real)
    if options.check:
        check(step, held, flow)
        return
    update, collect = jax.jit(update), jax.jit(collect)
    state = jax.block_until_ready(update(params, moments, flow))  # compiles
    jax.block_until_ready(collect(state[0], state[2]))
    begin = time.process_time()
    jax.block_until_ready(collect(state[0], state[2]))
    rollout = time.process_time() - begin
    start, cpu = time.perf_counter(), time.process_time()
    for _ in range(options.updates):
        state = jax.block_until_ready(update(*state))
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    steps = options.updates * HORIZON * options.flows * AGENTS**2
    assert bool(jnp.isfinite(state[2]["w"]).all())
    print(f"bench=closure_training peer=jax jax={jax.__version__} precision={options.precision}"
          f" flows={options.flows} updates={options.updates} agent_steps={steps}"
          f" seconds={seconds:.3f} agent_steps_per_s={steps / seconds:.0f}"
          f" agent_steps_per_cpu_s={steps / cpu:.0f} flow={rollout * options.updates / cpu:.3f}")


if __name__ == "__main__":
    main()
