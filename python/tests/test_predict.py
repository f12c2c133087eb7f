"""Laws and their intervals on numbers that follow one, or none."""

import numpy as np
import pytest
from marl import rare_outcome
from marl.power_law import Law, gather, lack_of_fit, predict

SIZES = np.array([4.0, 6, 8, 12, 16, 24])


def runs_of(law, noise, count, seed):
    x = np.repeat(SIZES, count)
    return x, law(x) + np.random.default_rng(seed).normal(0, noise, len(x))


@pytest.mark.parametrize("law", [lambda x: 2 + 3 * (x / 4) ** -0.5, lambda x: 1 - 0.2 * (x / 4) ** -2,
                                 lambda x: 5 + 0.1 * (x / 4) ** 1.5, lambda x: 1 + 0.3 * np.log(x / 4)])
def test_a_law_without_noise_is_found(law):
    # its exponent is on the grid, so that what is left is round-off
    assert Law(SIZES, law(SIZES))(100.0) == pytest.approx(law(100.0), rel=1e-9)


def test_most_intervals_hold_the_truth():
    law = lambda x: 0.9 - 0.3 * (x / 4) ** -0.8  # noqa: E731
    held, trials, runs = 0, 100, 10
    for trial in range(trials):
        x, y = runs_of(law, 0.02, runs, trial)
        _, low, high = predict(x, y, 32.0, runs, draws=100, seed=trial)
        mean = law(32.0) + np.random.default_rng(1000 + trial).normal(0, 0.02, runs).mean()
        held += low <= mean <= high
    # nominal 90; 84 to 87 of 100 were found in 200 trials of three laws (the exponent is chosen by the data);
    # 3 sigma of the binomial about 86
    assert 76 <= held <= 96


def test_runs_about_a_law_are_likely_and_runs_about_a_step_are_not():
    x, y = runs_of(lambda x: 2 + 3 * (x / 4) ** -0.5, 0.05, 8, 1)
    assert lack_of_fit(x, y, draws=200) > 0.01
    x, y = runs_of(lambda x: np.where((x > 5) & (x < 15), 1.0, 0.0), 0.05, 8, 1)
    assert lack_of_fit(x, y, draws=200) < 0.01


def test_too_little_is_said():
    with pytest.raises(ValueError, match="needs 4"):
        predict(np.repeat([1.0, 2, 4], 5), np.arange(15.0), 8.0)
    with pytest.raises(ValueError, match="fewer than 3"):
        predict(np.array([1.0, 2, 4, 8]), np.arange(4.0), 16.0)


def test_the_likeliest_logistic_law_is_found():
    # counts that are the law's own, so many that the prior weighs nothing: its constants within 1 / sqrt(information)
    x, n = np.array([4.0, 8, 16, 32]), np.full(4, 1e8)
    p = rare_outcome.logistic(-1 - 0.7 * np.log(x / 4))
    assert rare_outcome.fit(x, n, n * p) == pytest.approx([-1, -0.7], abs=1e-6)


def test_nothing_seen_is_no_certainty():
    # 0 of n in two sizes of one number: Jeffreys' prior gives (0 + 1/2) / (n + 1) at a single size; with a slope to be
    # found from nothing either it stays between that and a few times it
    x, n = np.array([1.0, 2, 4]), np.full(3, 100.0)
    value, low, high = rare_outcome.predict(x, n, np.zeros(3), 2.0, draws=200)
    assert 0 < value < 0.02 and low <= value <= high < 0.1


def test_most_intervals_hold_the_share_that_comes():
    x, n, held = np.array([4.0, 6, 8, 12]), np.full(4, 200.0), 0
    truth = lambda size: rare_outcome.logistic(-1 - 1.2 * np.log(size / 4))  # noqa: E731  (at 24: 4.1 %)
    for trial in range(60):
        rng = np.random.default_rng(trial)
        _, low, high = rare_outcome.predict(x, n, rng.binomial(200, truth(x)), 24.0, runs=200, draws=80, seed=trial)
        held += low <= rng.binomial(200, truth(24.0)) / 200 <= high
    assert 47 <= held <= 60  # 3 sigma of the binomial about the nominal 90


def test_counts_about_a_law_are_likely_and_a_peak_is_not():
    x, n = np.array([4.0, 6, 8, 12, 16]), np.full(5, 300.0)
    assert rare_outcome.lack_of_fit(x, n, np.array([90.0, 62, 44, 30, 20]), draws=200) > 0.01
    assert rare_outcome.lack_of_fit(x, n, np.array([10.0, 20, 150, 20, 10]), draws=200) < 0.01


@pytest.mark.parametrize("n, k", [(100, 10), (10, 0), (300, 300)])
def test_intervals_of_shares_are_those_of_beta(n, k):
    # a million draws: a quantile is known within some 0.002 of the distribution's width
    drawn = np.random.default_rng(1).beta(k + 0.5, n - k + 0.5, 1000000)
    assert rare_outcome.share_interval(n, k) == pytest.approx(np.quantile(drawn, [0.05, 0.95]), abs=0.01 * drawn.std())


class Comparison:
    """Three sizes of two runs each, with these times."""

    kind = "comparison"

    def __init__(self, times):
        self.times = np.array(times, float)

    def has(self, name):
        return name == "runs.csv"

    def table(self, name):
        return {"num_agents": np.repeat([4.0, 8.0, 16.0], 2), "time_to_threshold": self.times}


def test_a_size_of_which_no_run_has_the_outcome_is_not_passed_over():
    x, y, lost = gather([Comparison([9, 8, 7, np.nan, 5, 4])], "env.num_agents", "time_to_threshold")
    assert lost == 1 and list(x) == [4, 4, 8, 16, 16] and list(y) == [9, 8, 7, 5, 4]
    with pytest.raises(ValueError, match="no run of env.num_agents = 16 has one"):  # and 8 is not held out in its place
        gather([Comparison([9, 8, 7, 6, np.nan, np.nan])], "env.num_agents", "time_to_threshold")
