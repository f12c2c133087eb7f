"""Stable-Baselines3 learns in an environment of ours. Skipped where it is not installed: with PyTorch it is too
large for CI."""

import numpy as np
import pytest

pytest.importorskip("stable_baselines3", reason="Stable-Baselines3 is not installed")

from marl.library import candidates

import marl

if not any(place.exists() for place in candidates()):
    pytest.skip("libmarl.so is not built, or not for Python (sanitizers)", allow_module_level=True)


def mean_return(control):
    """Over one episode of each of 128 agents, from the same starts for every control."""
    env = marl.gym_vec("lqr", 64)
    observations, _ = env.reset(seed=77)
    total, truncated = np.zeros(env.num_envs), np.zeros(1, bool)
    while not truncated.all():
        observations, rewards, _, truncated, _ = env.step(control(observations))
        total += rewards
    return float(total.mean())


def test_ppo_of_stable_baselines_learns_the_regulator():
    """x' = a x + b u, costs q x^2 + r u^2: the optimum u = -K x is known (Riccati)."""
    from stable_baselines3 import PPO

    env = marl.sb3_vec("lqr", 8)
    env.seed(1)
    model = PPO("MlpPolicy", env, n_steps=64, batch_size=256, n_epochs=10, learning_rate=1e-3, gamma=0.95, seed=1)

    def learned(x):
        return model.predict(x, deterministic=True)[0]

    before = mean_return(learned)
    model.learn(20000)
    after = mean_return(learned)
    options = {option["key"]: option["default"] for option in marl.environments()["lqr"]["options"]}
    a, b, q, r = (float(options[key]) for key in "abqr")
    p = 1.0
    for _ in range(200):
        p = q + a * a * p - (a * b * p) ** 2 / (r + b * b * p)
    box = env.action_space
    best = mean_return(lambda x: np.clip(-a * b * p / (r + b * b * p) * x, box.low, box.high))
    print(f"return {before:.3f} before, {after:.3f} after, {best:.3f} of the optimal control")
    # nine tenths of the way; K is that of an endless episode, so that no more than the end of one can be gained
    assert best - 0.1 * (best - before) < after < best + 0.05 * abs(best)
