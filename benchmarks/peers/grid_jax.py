#!/usr/bin/env python3
"""Training on a grid world beside the same training in JAX as well arranged as we know how, on one core, in turn.

    pip install jax && cmake --build build/release --target marl_program
    env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE taskset -c 0 benchmarks/peers/grid_jax.py [ROUNDS [CASE]]

Proximal policy optimization with the field's settings (SocialJax's, arXiv:2503.14576): convolutions, one trunk with
two heads, generalized advantages, clipped ratios and values, advantages normalised by minibatch, one gradient norm,
Adam. The peer has no world: what its agents see are bits that lie ready, rewards are drawn once, no episode ends; so
it is flattered by all that a world costs. Whatever makes it faster is allowed, and the fastest of these is what counts:
rollout and minibatches in one compiled lax.scan each, as SocialJax has them (of 32 steps and four minibatches, as
in loops XLA's convolutions on a processor are many times slower), or compiled calls in a loop of Python; gradients of
a minibatch at once, or summed over blocks of rows that stay in the cache (of SocialJax's network those of 32 are the
fastest; a whole minibatch takes twice as long and minutes to compile). Ours is `marl train` of the configuration, user time of some updates less that of one.

Prints key=value lines: environment steps a second of processor time.
"""
import os

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TAIL, CLIP, LAMBDA, MAX_NORM = 4, 0.2, 0.95, 0.5

# image, convolutions (kernel, channels, padding), trunk, heads, environments, agents, steps, minibatches
CASES = {
    "socialjax": dict(config="benchmarks/grid_socialjax.yaml", more=[], image=(11, 11, 19),
                      convs=[(5, 32, 2), (3, 32, 1), (3, 32, 1)], trunk=[64], heads=[64], actions=9, envs=8,
                      agents=7, horizon=128, minibatches=2, blocks=(128, 32)),
    "small": dict(config="configs/grid/cleanup_small_trunk.yaml", more=["run.replicas=1"], image=(7, 7, 5),
                  convs=[(3, 16, 0), (3, 16, 0)], trunk=[32], heads=[], actions=9, envs=32, agents=4,
                  horizon=128, minibatches=8, blocks=(2048, 512, 128)),
}
EPOCHS = 2


def make(case, rng):
    """(weights, bias) of convolutions, trunk, policy's head, critic's head."""
    rows, cols, channels = case["image"]
    layers = []

    def add(*shape):
        weights = rng.normal(size=shape) / np.sqrt(np.prod(shape[:-1]))
        layers.append((jnp.asarray(weights, jnp.float32), jnp.zeros(shape[-1], jnp.float32)))

    for kernel, out, padding in case["convs"]:
        add(kernel, kernel, channels, out)
        rows, cols, channels = rows + 2 * padding - kernel + 1, cols + 2 * padding - kernel + 1, out
    width = rows * cols * channels + TAIL
    for out in case["trunk"]:
        add(width, out)
        width = out
    for outputs in (case["actions"], 1):
        inside = width
        for out in [*case["heads"], outputs]:
            add(inside, out)
            inside = out
    return layers


def forward(case, params, image, tail):
    """Logits and values of windows [rows, ...]."""
    left, x = iter(params), image
    for _, _, padding in case["convs"]:
        weights, bias = next(left)
        x = jax.lax.conv_general_dilated(x, weights, (1, 1), [(padding, padding)] * 2,
                                         dimension_numbers=("NHWC", "HWIO", "NHWC"))
        x = jax.nn.relu(x + bias)
    x = jnp.concatenate([x.reshape(x.shape[0], -1), tail], 1)
    for _ in case["trunk"]:
        weights, bias = next(left)
        x = jax.nn.relu(x @ weights + bias)
    out = []
    for _ in range(2):
        y = x
        for _ in case["heads"]:
            weights, bias = next(left)
            y = jax.nn.relu(y @ weights + bias)
        weights, bias = next(left)
        out.append(y @ weights + bias)
    return out[0], out[1][:, 0]


def loss(case, params, b):
    """Sum over rows; the caller knows how many they are."""
    logits, value = forward(case, params, b["image"], b["tail"])
    log_p = jax.nn.log_softmax(logits)
    ratio = jnp.exp(jnp.take_along_axis(log_p, b["action"][:, None], 1)[:, 0] - b["log_prob"])
    policy = -jnp.minimum(ratio * b["advantage"], jnp.clip(ratio, 1 - CLIP, 1 + CLIP) * b["advantage"])
    clipped = b["value"] + jnp.clip(value - b["value"], -CLIP, CLIP)
    error = jnp.maximum((value - b["target"]) ** 2, (clipped - b["target"]) ** 2)
    entropy = -(jnp.exp(log_p) * log_p).sum(1)
    return (policy + 0.25 * error - 0.01 * entropy).sum()


def normalise(b):
    a = b["advantage"]
    return dict(b, advantage=(a - a.mean()) / (a.std() + 1e-8))


def add_gradient(case, params, grad, b, rows):
    """Of the listed rows of a minibatch."""
    g = jax.grad(partial(loss, case))(params, jax.tree.map(lambda x: x[rows], b))
    return jax.tree.map(jnp.add, grad, g)


def descend(rows, state, grad):
    """One step of Adam from a sum over rows."""
    params, m, v, t = state
    grad = jax.tree.map(lambda x: x / rows, grad)
    norm = jnp.sqrt(sum((x * x).sum() for x in jax.tree.leaves(grad)))
    grad = jax.tree.map(lambda x: x * jnp.minimum(1, MAX_NORM / (norm + 1e-6)), grad)
    t = t + 1
    m = jax.tree.map(lambda x, g: 0.9 * x + 0.1 * g, m, grad)
    v = jax.tree.map(lambda x, g: 0.999 * x + 0.001 * g * g, v, grad)
    params = jax.tree.map(
        lambda x, m, v: x - 5e-4 * (m / (1 - 0.9 ** t)) / (jnp.sqrt(v / (1 - 0.999 ** t)) + 1e-5),
        params, m, v)
    return params, m, v, t


def step(case, state, b):
    """One step from a minibatch at once."""
    return descend(b["action"].shape[0], state, jax.grad(partial(loss, case))(state[0], normalise(b)))


class Peer:
    def __init__(self, case, loops, block):
        rng = np.random.default_rng(1)
        rows, cols, planes = case["image"]
        self.case, self.loops, self.rows = case, loops, case["envs"] * case["agents"]
        self.block, self.size = block, self.rows * case["horizon"] // case["minibatches"]
        plane = rng.integers(planes, size=(case["horizon"] + 1, self.rows, rows, cols))
        chance = rng.random((*plane.shape, 1))
        window = np.eye(planes, dtype=np.float32)[plane] * (chance < 0.6)
        self.window = jnp.asarray(window, jnp.float32)
        self.tail = jnp.zeros((self.rows, TAIL), jnp.float32)
        self.reward = jnp.asarray(rng.normal(size=(case["horizon"], self.rows)), jnp.float32)
        params = make(case, rng)
        zeros = jax.tree.map(jnp.zeros_like, params)
        self.state, self.key, self.zeros = (params, zeros, zeros, jnp.float32(0)), jax.random.key(1), zeros
        self.act = jax.jit(self.act_once)
        self.roll = jax.jit(lambda p, w, k: jax.lax.scan(
            lambda _, x: (None, self.act_once(p, *x)), None,
            (w, jax.random.split(k, case["horizon"])))[1])
        self.normalise = jax.jit(lambda b, order: normalise(
            dict(b, advantage=b["advantage"][order]))["advantage"])
        self.add_gradient = jax.jit(partial(add_gradient, case))
        self.descend = jax.jit(partial(descend, self.size))
        self.scan = jax.jit(lambda s, b, orders: jax.lax.scan(
            lambda s, order: (step(case, s, jax.tree.map(lambda x: x[order], b)), None), s, orders)[0])
        self.advantages = jax.jit(self.advantages_of)
        self.split = jax.jit(lambda k: jax.random.split(k, case["horizon"]))
        self.stack = jax.jit(lambda parts: [jnp.stack(x) for x in zip(*parts)])

    def act_once(self, params, window, key):
        logits, value = forward(self.case, params, window, self.tail)
        action = jax.random.categorical(key, logits)
        log_p = jnp.take_along_axis(jax.nn.log_softmax(logits), action[:, None], 1)[:, 0]
        return action, log_p, value

    def advantages_of(self, value, last):
        def back(carry, x):
            reward, v = x
            a, following = carry
            a = reward + 0.99 * following - v + 0.99 * LAMBDA * a
            return (a, v), a
        return jax.lax.scan(back, (jnp.zeros_like(last), last), (self.reward, value), reverse=True)[1]

    def update(self):
        horizon, minibatches = self.case["horizon"], self.case["minibatches"]
        self.key, key = jax.random.split(self.key)
        params = self.state[0]
        if self.loops == "scan":
            action, log_p, value = self.roll(params, self.window[:-1], key)
        else:
            keys = self.split(key)
            action, log_p, value = self.stack([self.act(params, self.window[t], keys[t])
                                               for t in range(horizon)])
        last = self.act(params, self.window[horizon], key)[2]
        advantage = self.advantages(value, last)
        flat = lambda x: x.reshape(horizon * self.rows, *x.shape[2:])
        batch = dict(image=flat(self.window[:-1]), action=flat(action), log_prob=flat(log_p),
                     value=flat(value), advantage=flat(advantage), target=flat(advantage + value))
        batch["tail"] = jnp.zeros((horizon * self.rows, TAIL), jnp.float32)
        for epoch in range(EPOCHS):
            order = jax.random.permutation(jax.random.fold_in(key, epoch), horizon * self.rows)
            order = order.reshape(minibatches, -1)
            if self.loops == "scan":
                self.state = self.scan(self.state, batch, order)
            else:
                for rows in order:
                    a = batch["advantage"].at[rows].set(self.normalise(batch, rows))
                    grad = self.zeros
                    for at in range(0, self.size, self.block):
                        grad = self.add_gradient(self.state[0], grad, dict(batch, advantage=a),
                                                 rows[at:at + self.block])
                    self.state = self.descend(self.state, grad)
        jax.block_until_ready(self.state)

    def seconds(self):
        start = time.process_time()
        self.update()
        return time.process_time() - start


def ours(case, updates):
    """User time of `updates` updates less that of one."""
    def user(count):
        with tempfile.TemporaryDirectory() as folder:
            before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
            settings = [f"--set={s}" for s in [*case["more"], f"run.updates={count}"]]
            subprocess.run([f"{ROOT}/build/release/marl", "train", case["config"], *settings, "--quiet",
                            f"--out={folder}/run"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
            return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
    return (user(1 + updates) - user(1)) / updates


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    names = sys.argv[2:] or CASES
    for name in names:
        case = CASES[name]
        steps = case["envs"] * case["horizon"]
        peers = {f"calls_{block}": Peer(case, "calls", block) for block in case["blocks"]}
        short = dict(case, horizon=32, minibatches=4)
        peers["scan"] = Peer(short, "scan", short["envs"] * short["agents"] * 8)
        for key, peer in peers.items():
            start = time.process_time()
            peer.update()
            print(f"net={name} peer={key} seconds_to_compile_and_once={time.process_time() - start:.0f}", flush=True)
        times = {key: [] for key in [*peers, "marl"]}
        for number in range(rounds):
            for key, peer in peers.items():
                times[key].append(peer.seconds() * steps / (peer.case["envs"] * peer.case["horizon"]))
            times["marl"].append(ours(case, 2))
            print(f"round={number + 1} net={name} load={os.getloadavg()[0]:.0f}",
                  *(f"{key}={steps / t[-1]:.0f}" for key, t in times.items()), flush=True)
        for key, t in times.items():
            print(f"bench=grid_training net={name} peer={key} jax={jax.__version__} env_steps_a_second="
                  f"{steps / statistics.median(t):.0f} fastest={steps / min(t):.0f} rounds={rounds}", flush=True)


if __name__ == "__main__":
    main()
