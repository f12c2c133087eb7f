#!/usr/bin/env python3
"""The PyTorch peer of bench_closure_training: the same training loop, one thread.

    pip install torch numpy && benchmarks/peers/closure_torch.py [--updates 3] [--flows 16]

Sixteen LES of 32 x 32 points as one batch of torch.fft transforms in double precision: AB2/CN,
products on a grid 3/2 finer, the closure with two coefficients at 4 x 4 agents (bilinear to the
grid; its mean implicit, the rest as stress), observations (strain and vorticity, Okubo-Weiss,
band ratios), the reward of a running mean spectrum, and PPO with separate 128-128 networks:
horizon 64, 4 epochs of 8 minibatches, the numbers of benchmarks/closure_training_ppo.yaml.
With --update vracer the gradient steps are those of V-RACER in cost: minibatches of --experiences
(256) times 16 agents through one 128-128 network with value, mean and deviation as outputs,
--per-experience gradient steps (1) after each experience of one flow.
All tables are precomputed, arrays are allocated once where torch allows it, the rollout runs
without autograd. The target spectrum is a power law: what is timed does not depend on it.
Prints one key=value line: agent-steps per second of elapsed and of processor time, and shares.
"""
import argparse
import math
import time

import torch
from torch import nn

N, AGENTS, INTERVAL, DT, HORIZON, EPOCHS, MINIBATCHES = 32, 4, 10, 5e-4, 64, 4, 8
NU, MU, KF, GAMMA, LAMBDA, CLIP = 1 / 20000, 0.1, 4, 0.995, 0.95, 0.2
CENTER, SCALE, BANDS = (-0.0045, 0.0022), (0.004, 0.0015), 6
OBS, ACT, HALF_LOG_TWO_PI = 3 + BANDS, 2, 0.9189385332046727


def wavenumbers(n):
    kx = torch.fft.rfftfreq(n, 1 / n, dtype=torch.float64)[None, :]
    return kx, torch.fft.fftfreq(n, 1 / n, dtype=torch.float64)[:, None]


class Flows:
    """`count` flows [count, N, N] stepped together."""

    def __init__(self, count):
        self.count, self.m = count, 3 * N // 2
        kx, ky = wavenumbers(N)
        self.k2 = kx**2 + ky**2
        keep = ((kx < N / 2) & (ky.abs() < N / 2)).double()
        inverse = keep / torch.where(self.k2 > 0, self.k2, 1)
        self.inverse_k2 = inverse
        self.velocity = torch.stack([1j * ky * inverse, -1j * kx * inverse])  # u, v of w
        self.curl = torch.stack([kx * ky * keep, (ky**2 - kx**2) * keep])  # of a stress
        s11, s12 = -kx * ky * inverse, 0.5 * (kx**2 - ky**2) * inverse
        self.strain = torch.stack([s11, s12, self.k2 * s11, self.k2 * s12]).to(torch.complex128)
        self.gradient = torch.stack([1j * kx * keep, 1j * ky * keep])
        self.local = torch.stack([-kx * ky * inverse, kx**2 * inverse, keep]).to(torch.complex128)
        self.force = torch.zeros(N, N // 2 + 1, dtype=torch.complex128)
        self.force[0, KF] = self.force[KF, 0] = self.force[N - KF, 0] = 0.5 * KF * N * N
        self.weight = self.interpolation()
        x = torch.arange(N, dtype=torch.float64) * (2 * math.pi / N)
        phase = torch.rand(count, 1, 1, dtype=torch.float64) * 6
        w = 4 * torch.cos(3 * x)[None, None, :] * torch.cos(2 * x + phase) + \
            6 * torch.sin(5 * x[None, None, :] + phase) * torch.sin(4 * x)[None, :, None]
        w += 0.1 * torch.randn(count, N, N, dtype=torch.float64)  # no band is empty
        self.w = torch.fft.rfft2(w) * keep
        self.old = None
        self.wide = torch.zeros(count, 2, self.m, self.m // 2 + 1, dtype=torch.complex128)
        self.narrow = torch.zeros(count, 2, N, N // 2 + 1, dtype=torch.complex128)
        self.delta = 2 * math.pi / N
        self.set_actions(torch.zeros(count, AGENTS * AGENTS, ACT))

    @staticmethod
    def interpolation():
        spacing = N // AGENTS
        distance = (torch.arange(N)[:, None] - spacing * torch.arange(AGENTS)[None, :]) / spacing
        wrapped = (distance + AGENTS / 2) % AGENTS - AGENTS / 2
        return (1 - wrapped.abs()).clamp(min=0).double()

    def set_actions(self, act):
        """nu_e and nu_4 [count, N, N], held until the next call; means implicit."""
        center = torch.tensor(CENTER, dtype=torch.float64)
        value = center + torch.tensor(SCALE, dtype=torch.float64) * act.double()
        value[..., 1].clamp_(min=0)
        lattice = value.view(self.count, AGENTS, AGENTS, ACT).permute(0, 3, 1, 2)
        field = self.weight @ lattice @ self.weight.T
        grad = torch.fft.irfft2(self.gradient * self.w[:, None], s=(N, N))
        rms = grad.square().sum(1).mean((1, 2)).sqrt()
        unit = torch.stack([self.delta**3 * rms, self.delta**5 * rms], 1)[..., None, None]
        field = field * unit
        mean = field.mean((2, 3), keepdim=True)
        self.rest = -2 * (field - mean)
        damping = self.k2 * (NU + mean[:, 0] + self.k2 * mean[:, 1])
        self.scale = 1 / (1 + DT * MU + 0.5 * DT * damping)
        self.keep = 1 - 0.5 * DT * damping

    def step(self):
        half, m = N // 2, self.m
        uv = self.velocity * self.w[:, None]
        self.wide[:, :, :half, :half] = uv[:, :, :half, :half]
        self.wide[:, :, m - half + 1:, :half] = uv[:, :, half + 1:, :half]
        fields = torch.fft.irfft2(self.wide, s=(m, m), norm="forward")
        u, v = fields[:, 0], fields[:, 1]
        products = torch.stack([u * u - v * v, u * v], 1)
        wide = torch.fft.rfft2(products, norm="forward")
        self.narrow[:, :, :half, :half] = wide[:, :, :half, :half]
        self.narrow[:, :, half + 1:, :half] = wide[:, :, m - half + 1:, :half]
        strain = torch.fft.irfft2(self.strain * self.w[:, None], s=(N, N))
        tau = self.rest[:, :1] * strain[:, :2] + self.rest[:, 1:] * strain[:, 2:]
        stress = torch.fft.rfft2(tau)
        now = self.curl[0] * (self.narrow[:, 0] / N**2 + 2 * stress[:, 0]) + \
            self.curl[1] * (self.narrow[:, 1] / N**2 + stress[:, 1]) + self.force
        old = now if self.old is None else self.old
        self.w = self.scale * (self.keep * self.w - (1.5 * DT) * now + (0.5 * DT) * old)
        self.w[:, 0, 0] = 0
        self.old = now

    def spectrum(self):
        power = self.w.abs().square() * (0.5 / N**4)
        sx = power.sum(1)[:, :N // 2]
        both = power[:, :, 0] + 2 * power[:, :, 1:N // 2].sum(2)
        return 0.5 * (sx + both[:, :N // 2])

    def observe(self, target_bands, edges):
        s11, v_x, w = torch.fft.irfft2(self.local * self.w[:, None], s=(N, N)).unbind(1)
        every = N // AGENTS
        s11, v_x, w = (f[:, ::every, ::every] for f in (s11, v_x, w))
        spectrum = self.spectrum()
        enstrophy = spectrum[:, 0] + 2 * spectrum[:, 1:].sum(1)
        rms = (2 * enstrophy).sqrt()[:, None, None]
        s12 = 0.5 * (2 * v_x - w)
        strain2 = 4 * (s11.square() + s12.square())
        obs = torch.empty(self.count, AGENTS * AGENTS, OBS, dtype=torch.float64)
        obs[..., 0] = (strain2.sqrt() / rms - 1).flatten(1)
        obs[..., 1] = (w.abs() / rms - 1).flatten(1)
        obs[..., 2] = ((strain2 - w * w) / (strain2 + w * w + rms * rms)).flatten(1)
        cumulative = torch.cumsum(spectrum, 1)
        upper = cumulative[:, edges[1:] - 1]
        lower = torch.cat([torch.zeros(self.count, 1, dtype=torch.float64), upper[:, :-1]], 1)
        obs[..., 3:] = ((upper - lower) / target_bands).log()[:, None, :]
        return obs.float(), spectrum


def network(outputs):
    return nn.Sequential(nn.Linear(OBS, 128), nn.Tanh(), nn.Linear(128, 128), nn.Tanh(),
                         nn.Linear(128, outputs))


class Trainer:
    def __init__(self, flows):
        self.flows, self.rows = flows, flows.count * AGENTS * AGENTS
        self.edges = torch.tensor([0, 2, 4, 6, 9, 12, N // 2])
        k = torch.arange(N // 2, dtype=torch.float64)
        self.target = 2 / (1 + k / 4)**3
        self.bands = torch.stack([self.target[a:b].sum() for a, b in
                                  zip(self.edges[:-1], self.edges[1:])])
        self.running, self.samples = torch.zeros(flows.count, N // 2, dtype=torch.float64), 0.0
        self.policy, self.value = network(ACT), network(1)
        self.log_std = nn.Parameter(torch.full((ACT,), math.log(0.3)))
        self.params = [*self.policy.parameters(), self.log_std, *self.value.parameters()]
        self.optimizer = torch.optim.Adam(self.params, lr=3e-4, eps=1e-5, foreach=True)
        shape = (HORIZON, self.rows)
        self.obs, self.x = torch.empty(*shape, OBS), torch.empty(*shape, ACT)
        self.log_prob, self.reward = torch.empty(*shape), torch.empty(*shape)
        self.values, self.advantage = torch.empty(HORIZON + 1, self.rows), torch.empty(*shape)
        self.count, self.mean, self.square = 0.0, torch.zeros(OBS), torch.ones(OBS)
        self.now, _ = flows.observe(self.bands, self.edges)
        self.seconds = {"flow": 0.0, "policy": 0.0, "update": 0.0}

    def clock(self, name):
        now = time.perf_counter()
        self.seconds[name] += now - self.last
        self.last = now

    def log_probability(self, mean, x):
        z = (x - mean) * torch.exp(-self.log_std)
        return (-0.5 * z * z - self.log_std - HALF_LOG_TWO_PI).sum(-1)

    def normalize(self, obs):
        return ((obs - self.mean) / (self.square - self.mean**2).clamp(min=1e-4).sqrt()).clamp(-10, 10)

    def environment(self, x):
        self.flows.set_actions(torch.tanh(x).view(self.flows.count, -1, ACT))
        for _ in range(INTERVAL):
            self.flows.step()
        self.now, spectrum = self.flows.observe(self.bands, self.edges)
        keep = 1 - INTERVAL * DT
        self.running.mul_(keep).add_(spectrum)
        self.samples = keep * self.samples + 1
        error = (self.running / (self.samples * self.target)).log()
        return -0.5 * error.square().mean(1)

    @torch.no_grad()
    def collect(self):
        self.last = time.perf_counter()
        for t in range(HORIZON):
            obs = self.now.view(self.rows, OBS)
            self.obs[t] = self.normalize(obs)
            mean = self.policy(self.obs[t])
            self.x[t] = mean + self.log_std.exp() * torch.randn_like(mean)
            self.log_prob[t] = self.log_probability(mean, self.x[t])
            self.values[t] = self.value(self.obs[t])[:, 0]
            self.clock("policy")
            reward = self.environment(self.x[t])
            self.clock("flow")
            self.reward[t] = reward.float().repeat_interleave(AGENTS * AGENTS)
            share = 1 / (self.count + 1)
            self.mean += share * (obs.mean(0) - self.mean)
            self.square += share * (obs.square().mean(0) - self.square)
            self.count += 1
        self.values[HORIZON] = self.value(self.normalize(self.now.view(self.rows, OBS)))[:, 0]
        self.clock("policy")

    def update(self):
        delta = self.reward + GAMMA * self.values[1:] - self.values[:-1]
        running = torch.zeros(self.rows)
        for t in reversed(range(HORIZON)):
            running = delta[t] + GAMMA * LAMBDA * running
            self.advantage[t] = running
        total = HORIZON * self.rows
        obs, x = self.obs.view(total, OBS), self.x.view(total, ACT)
        old, advantage = self.log_prob.view(total), self.advantage.view(total)
        target = (self.advantage + self.values[:-1]).reshape(total)
        advantage = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
        for _ in range(EPOCHS):
            for index in torch.randperm(total).split(total // MINIBATCHES):
                o, a = obs[index], advantage[index]
                ratio = (self.log_probability(self.policy(o), x[index]) - old[index]).exp()
                loss = -torch.min(ratio * a, ratio.clamp(1 - CLIP, 1 + CLIP) * a).mean() + \
                    0.5 * (self.value(o)[:, 0] - target[index]).square().mean()
                self.optimizer.zero_grad(set_to_none=True)
                loss.backward()
                nn.utils.clip_grad_norm_(self.params, 0.5)
                self.optimizer.step()
        self.clock("update")


class Vracer(Trainer):
    """Gradient steps of V-RACER's size on what was collected."""

    def __init__(self, flows, experiences, per_experience):
        super().__init__(flows)
        self.experiences, self.per_experience = experiences, per_experience
        self.policy = network(1 + 2 * ACT)
        self.params = list(self.policy.parameters())
        self.optimizer = torch.optim.Adam(self.params, lr=1e-4, foreach=True)

    @torch.no_grad()
    def collect(self):
        self.last = time.perf_counter()
        for t in range(HORIZON):
            self.obs[t] = self.normalize(self.now.view(self.rows, OBS))
            out = self.policy(self.obs[t])
            self.values[t] = out[:, 0]
            std = 0.3 * nn.functional.softplus(out[:, 1 + ACT:])
            self.x[t] = out[:, 1:1 + ACT] + std * torch.randn_like(std)
            self.log_prob[t] = self.gaussian(out, self.x[t])
            self.clock("policy")
            reward = self.environment(self.x[t])
            self.clock("flow")
            self.reward[t] = reward.float().repeat_interleave(AGENTS * AGENTS)
        self.advantage.zero_()
        self.clock("policy")

    @staticmethod
    def gaussian(out, x):
        std = 0.3 * nn.functional.softplus(out[:, 1 + ACT:])
        z = (x - out[:, 1:1 + ACT]) / std
        return (-0.5 * z * z - std.log() - HALF_LOG_TWO_PI).sum(-1)

    def update(self):
        agents, total = AGENTS * AGENTS, HORIZON * self.flows.count
        obs, x = self.obs.view(total, agents, OBS), self.x.view(total, agents, ACT)
        old, values = self.log_prob.view(total, agents), self.values[:HORIZON].view(total, agents)
        reward = self.reward.view(total, agents)
        for _ in range(round(self.per_experience * total)):
            index = torch.randint(total, (self.experiences,))
            out = self.policy(obs[index].view(-1, OBS))
            log_prob = self.gaussian(out, x[index].view(-1, ACT))
            rho = (log_prob - old[index].view(-1)).exp()
            target = reward[index].view(-1) + GAMMA * values[index].view(-1)
            near = ((rho > 0.2) & (rho < 5)).float()
            gain = (target - out[:, 0]).detach()
            loss = -(near * rho * gain).mean() + 0.5 * (out[:, 0] - target).square().mean() + \
                0.1 * (old[index].view(-1) - log_prob).mean()
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            self.optimizer.step()
        self.clock("update")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--updates", type=int, default=3)
    parser.add_argument("--flows", type=int, default=16)
    parser.add_argument("--update", choices=["ppo", "vracer"], default="ppo")
    parser.add_argument("--experiences", type=int, default=256)
    parser.add_argument("--per-experience", type=float, default=1.0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    flows = Flows(options.flows)
    trainer = Trainer(flows) if options.update == "ppo" else \
        Vracer(flows, options.experiences, options.per_experience)
    trainer.collect()  # to warm up
    if options.update == "ppo":
        trainer.update()
    trainer.seconds = dict.fromkeys(trainer.seconds, 0.0)
    start, cpu = time.perf_counter(), time.process_time()
    for _ in range(options.updates):
        trainer.collect()
        trainer.update()
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    steps = options.updates * HORIZON * trainer.rows
    assert bool(flows.w.isfinite().all())
    shares = " ".join(f"{name}={value / seconds:.3f}" for name, value in trainer.seconds.items())
    print(f"bench=closure_training peer=torch torch={torch.__version__} update={options.update}"
          f" flows={options.flows} updates={options.updates} agent_steps={steps}"
          f" seconds={seconds:.3f} agent_steps_per_s={steps / seconds:.0f}"
          f" agent_steps_per_cpu_s={steps / cpu:.0f} {shares}")


if __name__ == "__main__":
    main()
