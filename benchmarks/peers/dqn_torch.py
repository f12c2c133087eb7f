#!/usr/bin/env python3
"""The PyTorch peer of bench_dilemma: third-party punishment with deep Q-learners.

The protocol of Dasgupta and Musolesi 2025 (arXiv:2301.08278) without selection: five agents, ten
rounds a pairing, a play network (4 inputs: last actions and reputations) and a punish network
(2 inputs) each; one learning step of 100 transitions for every stored transition. Buffers are
preallocated tensors and draws are vectorized; one thread. Times are CPU seconds.

usage: dqn_torch.py [CYCLES] -> one line of key=value pairs
"""
import random
import sys
import time

import torch

torch.set_num_threads(1)
torch.manual_seed(1)
random.seed(1)
AGENTS, ROUNDS, BATCH, GAMMA, COPY_EVERY = 5, 10, 100, 0.9, 200
WARM_UP = 10
PAYOFF = ((3.0, 0.0), (4.0, 1.0))


class Learner:
    def __init__(self, inputs, rate, floor, decay, capacity):
        def make():
            return torch.nn.Sequential(
                torch.nn.Linear(inputs, 128), torch.nn.ReLU(), torch.nn.Linear(128, 2))
        self.net, self.target = make(), make()
        self.target.load_state_dict(self.net.state_dict())
        self.adam = torch.optim.Adam(self.net.parameters(), lr=rate)
        self.obs = torch.zeros(capacity, inputs)
        self.next_obs = torch.zeros(capacity, inputs)
        self.action = torch.zeros(capacity, dtype=torch.long)
        self.reward = torch.zeros(capacity)
        self.size = self.steps = 0
        self.epsilon, self.floor, self.decay = 0.8889, floor, decay * (0.8889 - floor)

    def act(self, obs):
        if random.random() < self.epsilon:
            return random.randrange(2)
        with torch.no_grad():
            return int(self.net(torch.tensor(obs)).argmax())

    def learn(self, obs, action, reward, next_obs):
        n = self.size
        self.obs[n], self.next_obs[n] = torch.tensor(obs), torch.tensor(next_obs)
        self.action[n], self.reward[n] = action, reward
        self.size += 1
        if self.size < BATCH:
            return 0
        rows = torch.tensor(random.sample(range(self.size), BATCH))
        with torch.no_grad():
            best = self.target(self.next_obs[rows]).max(1).values
            wanted = self.reward[rows] + GAMMA * best
        q = self.net(self.obs[rows]).gather(1, self.action[rows, None])[:, 0]
        loss = torch.nn.functional.smooth_l1_loss(q, wanted)
        self.adam.zero_grad(set_to_none=True)
        loss.backward()
        self.adam.step()
        self.steps += 1
        if self.steps % COPY_EVERY == 0:
            self.target.load_state_dict(self.net.state_dict())
        self.epsilon = max(self.floor, self.epsilon - self.decay)
        return 1


def main():
    cycles = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    most = 2 * AGENTS * ROUNDS * (WARM_UP + cycles)
    play = [Learner(4, 0.1, 0.01, 0.30007, most) for _ in range(AGENTS)]
    punish = [Learner(2, 0.001, 0.2, 0.50004, most) for _ in range(AGENTS)]
    last, score = [2.0] * AGENTS, [0.0] * AGENTS
    updates = 0
    start = 0.0
    for cycle in range(WARM_UP + cycles):
        if cycle == WARM_UP:  # buffers hold a batch, PyTorch has loaded what it needs
            updates, start = 0, time.process_time()
        for a in range(AGENTS):
            b = random.choice([i for i in range(AGENTS) if i != a])
            outside = [i for i in range(AGENTS) if i not in (a, b)]
            for _ in range(ROUNDS):
                pair = (a, b)
                seen = [[last[o], last[i], score[o], score[i]] for i, o in ((a, b), (b, a))]
                act = [play[i].act(seen[s]) for s, i in enumerate(pair)]
                reward = [PAYOFF[act[0]][act[1]], PAYOFF[act[1]][act[0]]]
                for s, i in enumerate(pair):
                    last[i] = float(act[s])
                    score[i] += 1 if act[s] == 0 else -1
                verdicts = []
                for s in range(2):
                    judge = random.choice(outside)
                    view = [float(act[s]), float(act[1 - s])]
                    verdict = punish[judge].act(view)
                    gain = 0.0
                    if verdict:
                        reward[s] -= 3
                        gain = 2.0 if act[s] else -10.0
                        score[judge] += 2 if act[s] else -3
                    verdicts.append((judge, view, verdict, gain))
                for s, (i, o) in enumerate(((a, b), (b, a))):
                    after = [last[o], last[i], score[o], score[i]]
                    updates += play[i].learn(seen[s], act[s], reward[s], after)
                for judge, view, verdict, gain in verdicts:
                    updates += punish[judge].learn(view, verdict, gain, view)
    seconds = time.process_time() - start
    print(f"peer=dqn_torch torch={torch.__version__} cycles={cycles} updates={updates} "
          f"seconds={seconds:.3f} microseconds_per_update={1e6 * seconds / updates:.3f}")


main()
