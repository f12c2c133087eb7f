#!/usr/bin/env python3
"""Write the PyTorch numbers that tests/marl/test_adam.c and test_ppo_step.c compare with.

    pip install torch h5py && tools/make_torch_reference.py tests/data

Everything is computed in double precision from inputs that single precision holds exactly, so that
a test sees the rounding of the engine only. Parameters of a network are stored in the engine's
layout: layer by layer, weights [in, out], then the bias [out].
"""
import math
import pathlib
import sys

import h5py
import torch

SEED = 20240611
torch.set_default_dtype(torch.float64)


def single(x):
    """Round to single precision, keep as double."""
    return x.float().double()


def create(folder, name, description):
    file = h5py.File(folder / name, "w", track_order=True)
    file.attrs["description"] = description
    file.attrs["torch_version"] = str(torch.__version__)
    file.attrs["seed"] = SEED
    return file


def adam_case(group, weight_decay):
    n, steps = 24, 50
    options = dict(lr=3e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=weight_decay)
    group.attrs.update(learning_rate=options["lr"], beta1=0.9, beta2=0.999, epsilon=1e-8,
                       weight_decay=weight_decay)
    params = torch.nn.Parameter(single(torch.randn(n)))
    # gradients of very different sizes, one of them always zero
    scale = 10.0 ** torch.linspace(-6, 3, n)
    scale[5] = 0
    grads = single(torch.randn(steps, n) * scale)
    optimizer = torch.optim.Adam([params], **options)
    history = [params.detach().clone()]
    for grad in grads:
        params.grad = grad.clone()
        optimizer.step()
        history.append(params.detach().clone())
    group["grad"] = grads.numpy()
    group["params"] = torch.stack(history).numpy()


def clip_case(group, max_norm):
    grad = torch.nn.Parameter(torch.zeros(100))
    grad.grad = single(torch.randn(100))
    group["grad"] = grad.grad.numpy().copy()
    norm = torch.nn.utils.clip_grad_norm_([grad], max_norm)
    group["clipped"] = grad.grad.numpy().copy()
    group.attrs.update(max_norm=max_norm, norm=float(norm))


def write_adam(folder):
    torch.manual_seed(SEED)
    with create(folder, "torch_adam.h5", "torch.optim.Adam: params [step, n] after gradients grad "
                "[step, n]; torch.nn.utils.clip_grad_norm_") as file:
        adam_case(file.create_group("plain"), 0.0)
        adam_case(file.create_group("decay"), 0.01)
        clip_case(file.create_group("clip"), 0.5)
        clip_case(file.create_group("keep"), 50.0)


OBS, ROWS, HIDDEN, EPOCHS = 3, 16, 8, 4
CLIP, VALUE_COEF, ENTROPY_COEF, MAX_NORM = 0.2, 0.5, 0.01, 0.5


def network(outputs):
    net = torch.nn.Sequential(torch.nn.Linear(OBS, HIDDEN), torch.nn.Tanh(),
                              torch.nn.Linear(HIDDEN, HIDDEN), torch.nn.Tanh(),
                              torch.nn.Linear(HIDDEN, outputs))
    with torch.no_grad():
        for p in net.parameters():
            p.copy_(single(torch.randn_like(p) / math.sqrt(HIDDEN)))
    return net


def engine_layout(net, grad=False):
    parts = []
    for p in net.parameters():
        x = p.grad if grad else p.detach()
        parts.append((x.T if x.dim() == 2 else x).flatten())
    return torch.cat(parts).numpy().copy()


def clipped_entropy(mean, std):
    """Of clip(x, -1, 1), x normal: a density inside and two ends with probabilities."""
    a, b = (-1 - mean) / std, (1 - mean) / std
    below, above = torch.special.ndtr(a), torch.special.ndtr(-b)
    inside = 1 - below - above
    density = [torch.exp(-z.square() / 2) / math.sqrt(2 * math.pi) for z in (a, b)]
    return (torch.special.entr(below) + torch.special.entr(above) +
            (torch.log(std) + math.log(2 * math.pi) / 2) * inside +
            (inside + a * density[0] - b * density[1]) / 2)


def ppo_loss(policy, log_std, value, batch):
    """Schulman et al. 2017, eq. (9); the entropy bonus is that of the clipped action; the value loss
    is the plain mean square, not clipped."""
    normal = torch.distributions.Normal(policy(batch["obs"])[:, 0], log_std.exp())
    ratio = (normal.log_prob(batch["action"]) - batch["old_log_prob"]).exp()
    advantage = batch["advantage"]
    policy_loss = -torch.min(ratio * advantage, ratio.clamp(1 - CLIP, 1 + CLIP) * advantage).mean()
    value_loss = (value(batch["obs"])[:, 0] - batch["target"]).square().mean()
    entropy = clipped_entropy(normal.mean, normal.stddev).mean()
    clipped = ((ratio - 1).abs() > CLIP).double().mean()
    loss = policy_loss + VALUE_COEF * value_loss - ENTROPY_COEF * entropy
    return loss, policy_loss, value_loss, entropy, clipped


def ppo_case(file, name, joint, start, batch):
    """Full-batch epochs. joint: one gradient norm over all parameters is clipped; otherwise one
    over the policy with log_std and one over the value network."""
    policy, log_std, value = network(1), torch.nn.Parameter(torch.zeros(1)), network(1)
    policy.load_state_dict(start["policy"])
    value.load_state_dict(start["value"])
    with torch.no_grad():
        log_std.copy_(start["log_std"])
    actor, critic = [*policy.parameters(), log_std], list(value.parameters())
    optimizer = torch.optim.Adam(actor + critic, lr=3e-4, eps=1e-5)
    group = file.create_group(name)
    if name == "joint":
        file["initial/policy"] = engine_layout(policy)
        file["initial/log_std"] = log_std.detach().numpy().copy()
        file["initial/value"] = engine_layout(value)
    keys = ("policy", "log_std", "value", "policy_grad", "log_std_grad", "value_grad", "norm",
            "loss", "policy_loss", "value_loss", "entropy", "clipped_fraction")
    out = {key: [] for key in keys}
    for _ in range(EPOCHS):
        losses = ppo_loss(policy, log_std, value, batch)
        optimizer.zero_grad()
        losses[0].backward()
        out["policy_grad"].append(engine_layout(policy, grad=True))
        out["log_std_grad"].append(log_std.grad.numpy().copy())
        out["value_grad"].append(engine_layout(value, grad=True))
        groups = [actor + critic] if joint else [actor, critic]
        out["norm"].append([float(torch.nn.utils.clip_grad_norm_(g, MAX_NORM)) for g in groups])
        optimizer.step()
        out["policy"].append(engine_layout(policy))
        out["log_std"].append(log_std.detach().numpy().copy())
        out["value"].append(engine_layout(value))
        for key, x in zip(keys[7:], losses):
            out[key].append(float(x.detach()))
    for key in keys:
        group[key] = out[key]


def write_ppo(folder):
    torch.manual_seed(SEED + 1)
    policy, value, log_std = network(1), network(1), single(torch.tensor([-0.5]))
    obs = single(torch.randn(ROWS, OBS))
    with torch.no_grad():
        normal = torch.distributions.Normal(policy(obs)[:, 0], log_std.exp())
        action = single(normal.sample())
        # old log-probabilities off by about 0.2, so that some rows are clipped on either side
        old_log_prob = single(normal.log_prob(action) + 0.2 * torch.randn(ROWS))
    advantage = torch.randn(ROWS)
    advantage = single((advantage - advantage.mean()) / advantage.std())
    batch = dict(obs=obs, action=action, old_log_prob=old_log_prob, advantage=advantage,
                 target=single(2 * torch.randn(ROWS)))
    start = dict(policy=policy.state_dict(), value=value.state_dict(), log_std=log_std)
    with create(folder, "torch_ppo.h5", "PPO, 4 full-batch epochs on 16 rows: separate 3-8-8-1 tanh "
                "networks, Gaussian with state-independent log_std; arrays [epoch, ...]: gradients "
                "before clipping, parameters after the step") as file:
        file.attrs.update(learning_rate=3e-4, epsilon=1e-5, beta1=0.9, beta2=0.999, clip=CLIP,
                          value_coef=VALUE_COEF, entropy_coef=ENTROPY_COEF, max_grad_norm=MAX_NORM)
        for key, x in batch.items():
            file["batch/" + key] = x.numpy()
        ppo_case(file, "joint", True, start, batch)
        ppo_case(file, "separate", False, start, batch)


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "tests/data")
    folder.mkdir(parents=True, exist_ok=True)
    write_adam(folder)
    write_ppo(folder)


if __name__ == "__main__":
    main()
