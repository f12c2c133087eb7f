"""Stable-Baselines3 learns in an environment of ours. Skipped where it is not installed: with PyTorch it is too
large for CI."""

import numpy as np
import pytest

pytest.importorskip("stable_baselines3", reason="Stable-Baselines3 is not installed")

from marl.library import candidates

import marl

if not any(place.exists() for place in candidates()):
    pytest.skip("libmarl.so is not built, or not for Python (sanitizers)", allow_module_level=True)


def mean_return(env, model, episodes=40):
    observations, found = env.reset(), []
    while len(found) < episodes:
        actions, _ = model.predict(observations, deterministic=True)
        observations, _, _, infos = env.step(actions)
        found += [info["episode"]["r"] for info in infos if "episode" in info]
    return float(np.mean(found))


def test_ppo_of_stable_baselines_learns_the_regulator():
    """x' = 0.9 x + 0.5 u, costs q x^2 + r u^2: the optimum is known (Riccati), and far from doing nothing."""
    from stable_baselines3 import PPO

    env = marl.sb3_vec("lqr", 8)
    env.seed(1)
    model = PPO("MlpPolicy", env, n_steps=64, batch_size=256, n_epochs=10, learning_rate=1e-3, gamma=0.95, seed=1)
    before = mean_return(env, model)
    model.learn(30000)
    after = mean_return(env, model)
    print(f"return {before:.3f} before, {after:.3f} after")
    # gain K of u = -K x that minimizes the sum of costs: p = q + a^2 p - (a b p)^2 / (r + b^2 p)
    a, b, q, r, p = 0.9, 0.5, 1.0, 0.1, 1.0
    for _ in range(200):
        p = q + a * a * p - (a * b * p) ** 2 / (r + b * b * p)
    batch = marl.vector_env("lqr", 64, seed=3)
    best, gain = [], a * b * p / (r + b * b * p)
    total = np.zeros(batch.act.shape[:2])
    while len(best) < 64:
        batch.act[...] = np.clip(-gain * batch.obs, batch.roles[0].low, batch.roles[0].high)
        batch.step()
        total += batch.reward[..., 0]
        if batch.truncated.all():
            best += list(total.mean(axis=1))
    best = float(np.mean(best))
    assert after > before and best - after < 0.25 * (best - before)  # three quarters of the way to the optimum
