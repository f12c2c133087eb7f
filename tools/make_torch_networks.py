#!/usr/bin/env python3
"""Write the PyTorch numbers that tests/marl/test_torch_networks.c and test_ppo_trunk.c compare with.

    pip install torch h5py && tools/make_torch_networks.py tests/data

Networks of dense layers, convolutions and a gated recurrent unit, and their gradients, computed in
double from parameters and inputs that are exact in single precision. One group a network:
params, input, start, weight as the engine reads them (float32), and of the loss sum weight * output
the output and the gradient of params (float64), in the engine's order.

torch_trunk.h5: networks with a second head of a state value, and the gradient of both losses of proximal policy
optimization, with the decisions they are of (obs, action, old_log_prob, advantage, target).
"""
import os
import sys

import h5py
import numpy as np
import torch
from torch.nn.functional import conv2d

torch.set_default_dtype(torch.float64)
SEED, ROWS, OUTPUTS, TAIL = 20261130, 12, 3, 4


def single(x):
    return x.float().double()


class Network:
    """Layers by their definition in the engine's order of parameters (marl/nn/network.h)."""

    def __init__(self, image, convs, inputs, hidden, units, act, outputs=OUTPUTS):
        self.image, self.convs, self.units, self.act = image, convs, units, act
        self.params = []
        channels = image[2] if image else 0
        rows, cols = image[:2] if image else (0, 0)
        for kernel, out, stride, padding in convs:
            self.add(kernel, kernel, channels, out, scale=kernel * kernel * channels)
            self.add(out)
            rows, cols = ((n + 2 * padding - kernel) // stride + 1 for n in (rows, cols))
            channels = out
        self.tail = TAIL if convs else 0
        width = rows * cols * channels + self.tail if convs else inputs
        self.hidden = list(hidden)
        for out in self.hidden:
            width = self.dense(width, out)
        if units:
            self.add(width, 3 * units, scale=width)
            self.add(3 * units)
            self.add(units, 3 * units, scale=units)
            self.add(units)
            width = units
        self.dense(width, outputs)

    def add(self, *shape, scale=100):
        x = single(torch.randn(*shape) / scale ** 0.5)
        self.params.append(torch.nn.Parameter(x))

    def dense(self, width, out):
        self.add(width, out, scale=width)
        self.add(out)
        return out

    def forward(self, x, active, start, trunk=None):
        """The output; with `trunk` also what stands in front of the layer of that number."""
        left = iter(self.params)
        if self.convs:
            rows, cols, channels = self.image
            tail = x[:, rows * cols * channels:]
            y = x[:, :rows * cols * channels].reshape(-1, rows, cols, channels).permute(0, 3, 1, 2)
            for _, _, stride, padding in self.convs:
                kernel, bias = next(left).permute(3, 2, 0, 1), next(left)
                y = self.act(conv2d(y, kernel, bias, stride=stride, padding=padding))
            x = torch.cat([y.permute(0, 2, 3, 1).flatten(1), tail], 1)
        said = [x]
        for _ in self.hidden:
            x = self.act(x @ next(left) + next(left))
            said.append(x)
        if self.units:
            x = self.remember(x, active, start, *(next(left) for _ in range(4)))
            said.append(x)
        output = x @ next(left) + next(left)
        return output if trunk is None else (output, said[trunk])

    def remember(self, x, active, start, w, b, u, c):
        """torch.nn.GRU with the recurrent bias of the candidate only."""
        n = self.units
        cell = torch.nn.GRUCell(w.shape[0], n)
        values = {"weight_ih": w.T, "bias_ih": b, "weight_hh": u.T,
                  "bias_hh": torch.cat([torch.zeros(2 * n), c])}
        h, out, at = start, [], 0
        for count in active:
            h = torch.func.functional_call(cell, values, (x[at:at + count], h[:count]))
            out.append(h)
            at += count
        return torch.cat(out)


def write(file, name, network, x, active=(ROWS,)):
    start = single(torch.randn(active[0], network.units)) if network.units else torch.zeros(1, 1)
    output = network.forward(x, active, start)
    weight = single(torch.randn_like(output))
    (weight * output).sum().backward()
    group = file.create_group(name)
    flat = [p.detach().flatten() for p in network.params]
    group["params"] = torch.cat(flat).numpy().astype(np.float32)
    group["input"] = x.numpy().astype(np.float32)
    group["start"] = start.numpy().astype(np.float32)
    group["weight"] = weight.numpy().astype(np.float32)
    group["output"] = output.detach().numpy()
    group["grad"] = torch.cat([p.grad.flatten() for p in network.params]).numpy()


CLIP, VALUE_COEFFICIENT, ENTROPY_COEFFICIENT, CHOICES = 0.2, 0.7, 0.05, 4


def write_trunk(file, name, policy, critic, trunk, x, active=(ROWS,)):
    """Schulman et al. 2017, eq. (9), of one trunk with two heads; the value loss is a plain mean square."""
    start = single(torch.randn(active[0], policy.units)) if policy.units else torch.zeros(1, 1)
    logits, said = policy.forward(x, active, start, trunk)
    value = critic.forward(said, None, None)[:, 0]
    choices = torch.distributions.Categorical(logits=logits)
    action = choices.sample()
    batch = dict(old_log_prob=single(choices.log_prob(action).detach() + 0.2 * torch.randn(ROWS)),
                 advantage=single(torch.randn(ROWS)), target=single(2 * torch.randn(ROWS)))
    ratio = (choices.log_prob(action) - batch["old_log_prob"]).exp()
    advantage = batch["advantage"]
    policy_loss = -torch.min(ratio * advantage, ratio.clamp(1 - CLIP, 1 + CLIP) * advantage).mean()
    value_loss = (value - batch["target"]).square().mean()
    loss = policy_loss + VALUE_COEFFICIENT * value_loss - ENTROPY_COEFFICIENT * choices.entropy().mean()
    loss.backward()
    group = file.create_group(name)
    batch.update(obs=x, start=start, action=action)
    for key, array in batch.items():
        group[key] = array.numpy().astype(np.float32)
    for key, network in (("policy", policy), ("critic", critic)):
        group[key] = torch.cat([p.detach().flatten() for p in network.params]).numpy().astype(np.float32)
        group[key + "_grad"] = torch.cat([p.grad.flatten() for p in network.params]).numpy()


def write_trunks(file, relu, tanh):
    write_trunk(file, "dense", Network(None, [], 5, [8, 7], 0, tanh, CHOICES),
                Network(None, [], 8, [6], 0, tanh, 1), 1, single(torch.randn(ROWS, 5)))
    write_trunk(file, "conv", Network((5, 5, 2), [(3, 3, 1, 0)], 0, [6], 0, relu, CHOICES),
                Network(None, [], 6, [], 0, relu, 1), 1, bits(ROWS, 50, TAIL, 0.3))
    write_trunk(file, "gru", Network(None, [], 6, [8], 5, tanh, CHOICES),
                Network(None, [], 5, [4], 0, tanh, 1), 2, single(torch.randn(ROWS, 6)),
                active=(4, 4, 3, 1))
    write_trunk(file, "conv_gru", Network((5, 5, 2), [(3, 3, 1, 0)], 0, [], 4, relu, CHOICES),
                Network(None, [], 4, [], 0, relu, 1), 1, bits(ROWS, 50, TAIL, 0.3), active=(5, 4, 3))


def bits(rows, width, tail, share):
    return torch.cat([(torch.rand(rows, width) < share).double(), single(torch.rand(rows, tail))], 1)


def main(folder):
    torch.manual_seed(SEED)
    relu, tanh = torch.relu, torch.tanh
    with h5py.File(os.path.join(folder, "torch_networks.h5"), "w") as file:
        file.attrs.update(torch_version=str(torch.__version__), seed=SEED, title=__doc__)
        write(file, "dense", Network(None, [], 5, [8, 8], 0, tanh), single(torch.randn(ROWS, 5)))
        write(file, "sparse", Network(None, [], 124, [32, 16], 0, tanh), bits(ROWS, 120, 4, 0.1))
        write(file, "conv", Network((6, 5, 3), [(3, 4, 2, 1), (2, 3, 1, 1)], 0, [6], 0, tanh),
              single(torch.randn(ROWS, 90 + TAIL)))
        write(file, "conv_bits", Network((7, 7, 5), [(3, 16, 1, 0), (3, 16, 1, 0)], 0, [8], 0, relu),
              bits(ROWS, 245, TAIL, 0.25))
        write(file, "gru", Network(None, [], 6, [8], 5, tanh), single(torch.randn(ROWS, 6)),
              active=(4, 4, 3, 1))
        write(file, "conv_gru", Network((5, 5, 2), [(3, 3, 1, 0)], 0, [], 4, relu),
              single(torch.randn(ROWS, 50 + TAIL)), active=(5, 4, 3))
    with h5py.File(os.path.join(folder, "torch_trunk.h5"), "w") as file:
        file.attrs.update(torch_version=str(torch.__version__), seed=SEED, title=__doc__, clip=CLIP,
                          value_coefficient=VALUE_COEFFICIENT, entropy_coefficient=ENTROPY_COEFFICIENT)
        write_trunks(file, relu, tanh)


if __name__ == "__main__":
    main(sys.argv[1])
