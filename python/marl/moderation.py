"""Which parameters of the conditions go with an effect: standardized coefficients with bootstrap intervals."""

import numpy as np

LEVEL = 0.95


def coefficients(parameters, effect):
    """Least squares of the standardized effect on the standardized parameters, all at once.

    parameters [condition, parameter], effect [condition]: a coefficient says by how many standard deviations
    of the effect one of the parameter moves it, the others held. A parameter or effect that is the same in all
    conditions has no such number: NaN. Parameters that are sums of others share their part (least norm)."""
    parameters, effect = np.asarray(parameters, float), np.asarray(effect, float)
    spread = parameters.std(axis=0)
    result = np.full(parameters.shape[1], np.nan)
    varied = spread > 0
    if effect.std() == 0 or not varied.any():
        return result
    x = (parameters[:, varied] - parameters[:, varied].mean(axis=0)) / spread[varied]
    result[varied] = np.linalg.lstsq(x, (effect - effect.mean()) / effect.std(), rcond=None)[0]
    return result


def moderators(parameters, effect, draws=2000, seed=0, level=LEVEL):
    """(coefficients, low, high, R2): `coefficients` and their percentile intervals over bootstrap samples of
    conditions, and the part of the effect's variance over the conditions that the linear fit has.

    A condition is drawn whole, so the intervals hold for other conditions of the same kind, chance in a
    condition's own runs included. ValueError where conditions are no more than parameters and a constant."""
    parameters, effect = np.asarray(parameters, float), np.asarray(effect, float)
    count, width = parameters.shape
    if count <= width + 1:
        raise ValueError(f"{count} conditions for {width} parameters: expected more than {width + 1}")
    if not (np.isfinite(parameters).all() and np.isfinite(effect).all()):
        raise ValueError("a parameter or an effect is not finite: leave such conditions out")
    best = coefficients(parameters, effect)
    random = np.random.default_rng(seed)
    drawn = np.empty((draws, width))
    for d in range(draws):
        rows = random.integers(count, size=count)
        drawn[d] = coefficients(parameters[rows], effect[rows])
    known = np.isfinite(best)
    low, high = np.full((2, width), np.nan)
    low[known], high[known] = np.nanquantile(drawn[:, known], [(1 - level) / 2, (1 + level) / 2], axis=0)
    fit = _standardized(parameters[:, known]) @ best[known]
    return best, low, high, float(1 - np.var(_standardized(effect) - fit))


def _standardized(values):
    return (values - values.mean(axis=0)) / values.std(axis=0)
