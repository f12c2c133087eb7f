#!/usr/bin/env python3
"""The PyTorch peer of bench_train: PPO with a shared policy on 4,096 agents, one thread.

    pip install torch && benchmarks/peers/ppo_torch.py [--updates 20]

The same loop: 9 observations, 1 continuous action (Gaussian, state-independent log_std), separate
9-64-64-1 tanh networks for policy and value, horizon 16, 4 epochs of minibatches of 4,096 samples,
GAE, clipped objective, entropy bonus, gradient norm 0.5, Adam. Everything is batched over agents;
the rollout runs without autograd; arrays are allocated once. The environment is a linear system,
one 10 x 9 product per step, so that the learner is what is timed.
Prints one key=value line: collected agent-steps per second of the whole loop, and trained ones
(every collected step is used 4 times).
"""
import argparse
import platform
import statistics
import time

import torch
from torch import nn

OBS, AGENTS, HORIZON, EPOCHS, MINIBATCH = 9, 4096, 16, 4, 4096
GAMMA, LAMBDA, CLIP, VALUE_COEF, ENTROPY_COEF, MAX_NORM = 0.99, 0.95, 0.2, 0.5, 0.01, 0.5
HALF_LOG_TWO_PI = 0.9189385332046727


def network():
    return nn.Sequential(nn.Linear(OBS, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(),
                         nn.Linear(64, 1))


class Trainer:
    def __init__(self):
        self.policy, self.value = network(), network()
        self.log_std = nn.Parameter(torch.zeros(1))
        self.params = [*self.policy.parameters(), self.log_std, *self.value.parameters()]
        self.optimizer = torch.optim.Adam(self.params, lr=3e-4, eps=1e-5, foreach=True)
        # a stable random linear system: state and action to the next state
        dynamics = torch.linalg.qr(torch.randn(OBS, OBS))[0] * 0.95
        self.transition = torch.cat([dynamics, 0.1 * torch.randn(1, OBS)])
        self.state = torch.randn(AGENTS, OBS)
        shape = (HORIZON, AGENTS)
        self.obs = torch.empty(*shape, OBS)
        self.action, self.log_prob = torch.empty(*shape), torch.empty(*shape)
        self.values = torch.empty(HORIZON + 1, AGENTS)
        self.reward, self.advantage = torch.empty(*shape), torch.empty(*shape)

    def log_probability(self, mean, action):
        z = (action - mean) * torch.exp(-self.log_std)
        return -0.5 * z * z - self.log_std - HALF_LOG_TWO_PI

    @torch.no_grad()
    def collect(self):
        std = self.log_std.exp()
        for t in range(HORIZON):
            self.obs[t] = self.state
            mean = self.policy(self.state)
            action = mean + std * torch.randn_like(mean)
            self.action[t] = action[:, 0]
            self.log_prob[t] = self.log_probability(mean, action)[:, 0]
            self.values[t] = self.value(self.state)[:, 0]
            self.state = torch.addmm(action * self.transition[OBS], self.state,
                                     self.transition[:OBS])
            self.reward[t] = -self.state.square().mean(1)
        self.values[HORIZON] = self.value(self.state)[:, 0]
        delta = self.reward + GAMMA * self.values[1:] - self.values[:-1]
        running = torch.zeros(AGENTS)
        for t in reversed(range(HORIZON)):
            running = delta[t] + GAMMA * LAMBDA * running
            self.advantage[t] = running

    def update(self):
        samples = AGENTS * HORIZON
        obs, action = self.obs.view(samples, OBS), self.action.view(samples)
        old_log_prob, advantage = self.log_prob.view(samples), self.advantage.view(samples)
        target = (self.advantage + self.values[:-1]).view(samples)
        for _ in range(EPOCHS):
            for index in torch.randperm(samples).split(MINIBATCH):
                o, a = obs[index], advantage[index]
                a = (a - a.mean()) / (a.std() + 1e-8)
                log_prob = self.log_probability(self.policy(o)[:, 0], action[index])
                ratio = (log_prob - old_log_prob[index]).exp()
                policy_loss = -torch.min(ratio * a, ratio.clamp(1 - CLIP, 1 + CLIP) * a).mean()
                value_loss = (self.value(o)[:, 0] - target[index]).square().mean()
                entropy = (self.log_std + 0.5 + HALF_LOG_TWO_PI).sum()
                loss = policy_loss + VALUE_COEF * value_loss - ENTROPY_COEF * entropy
                self.optimizer.zero_grad(set_to_none=True)
                loss.backward()
                nn.utils.clip_grad_norm_(self.params, MAX_NORM)
                self.optimizer.step()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--updates", type=int, default=20)
    updates = parser.parse_args().updates
    torch.set_num_threads(1)
    torch.manual_seed(1)
    trainer = Trainer()
    times = []
    for i in range(updates + 2):  # two to warm up
        start, cpu_start = time.perf_counter(), time.process_time()
        trainer.collect()
        collected = time.perf_counter()
        trainer.update()
        end, cpu_end = time.perf_counter(), time.process_time()
        if i >= 2:
            times.append((end - start, collected - start, cpu_end - cpu_start))
    whole = statistics.median(t[0] for t in times)
    collect = statistics.median(t[1] for t in times)
    # processor time does not count what other programs take on a busy machine
    cpu = statistics.median(t[2] for t in times)
    steps = AGENTS * HORIZON
    print(f"bench=train peer=torch torch={torch.__version__} python={platform.python_version()}"
          f" threads={torch.get_num_threads()} agents={AGENTS} horizon={HORIZON}"
          f" minibatch={MINIBATCH} epochs={EPOCHS} updates={updates} median_s={whole:.4f}"
          f" min_s={min(t[0] for t in times):.4f} collect_s={collect:.4f}"
          f" collected_steps_per_s={steps / whole:.0f}"
          f" trained_steps_per_s={EPOCHS * steps / whole:.0f}"
          f" rollout_steps_per_s={steps / collect:.0f}"
          f" cpu_median_s={cpu:.4f} trained_steps_per_cpu_s={EPOCHS * steps / cpu:.0f}")


if __name__ == "__main__":
    main()
