"""Moderators of effects that are made by known coefficients."""

import numpy as np
import pytest
from marl.moderation import coefficients, moderators

TRUTH = np.array([0.6, -0.3, 0.0])


def conditions(count, seed):
    """Parameters in units of their own, and the effect that TRUTH of their standardized ones makes."""
    x = np.random.default_rng(seed).uniform([2, 0.06, 1], [20, 0.7, 4], size=(count, 3))
    return x, (x - x.mean(axis=0)) / x.std(axis=0) @ TRUTH


def test_coefficients_without_noise_are_the_known_ones():
    x, effect = conditions(100, 1)
    # of the effect in units of its deviation, whatever its own unit and zero; round-off of a solve
    assert coefficients(x, 20 + 7 * effect) == pytest.approx(TRUTH / effect.std(), abs=1e-12)
    assert moderators(x, effect, draws=10)[3] == pytest.approx(1, abs=1e-12)


def test_a_unit_does_not_matter():
    x, effect = conditions(40, 2)
    assert coefficients(x * [1000, 0.01, -1], effect) == pytest.approx(
        coefficients(x, effect) * [1, 1, -1], abs=1e-12)


def test_most_intervals_hold_the_truth():
    held, trials = np.zeros(3), 60
    for trial in range(trials):
        x, effect = conditions(100, trial)
        noisy = effect + np.random.default_rng(1000 + trial).normal(0, 0.7, len(effect))
        _, low, high, _ = moderators(x, noisy, draws=200, seed=trial)
        truth = TRUTH / np.sqrt(effect.var() + 0.49)
        held += (low <= truth) & (truth <= high)
    # 95 % of 60 is 57; the percentile bootstrap of 200 draws holds a little less: 3 sigma of the binomial
    # about 55 is 48
    assert (held >= 48).all()


def test_a_parameter_that_does_not_vary_has_no_coefficient():
    x, effect = conditions(30, 3)
    best = moderators(np.column_stack([x, np.full(30, 4.0)]), effect, draws=10)[0]
    assert np.isnan(best[3]) and best[:3] == pytest.approx(TRUTH / effect.std(), abs=1e-12)


def test_too_few_conditions_are_refused():
    x, effect = conditions(4, 4)
    with pytest.raises(ValueError, match="more than 4"):
        moderators(x, effect)
    x, effect = conditions(20, 4)
    effect[3] = np.nan
    with pytest.raises(ValueError, match="not finite"):
        moderators(x, effect)
