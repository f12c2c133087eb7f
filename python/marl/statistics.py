"""The one statistic that is made here; all tests and intervals of comparisons are the C program's."""

import numpy as np

# two-sided 95 % quantiles of Student's t for 1, 2, ... 30 degrees of freedom; beyond, a series
T95 = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
       2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042)


def t95(degrees):
    """Student's 0.975 quantile; beyond 30 degrees of freedom Cornish and Fisher's expansion, whose
    error there is below 1e-4."""
    if degrees <= len(T95):
        return T95[int(degrees) - 1]
    z = 1.959964
    return z + (z**3 + z) / (4 * degrees) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * degrees**2)


def interval_of_mean(values, axis):
    """(mean, low, high) over `axis`, of what is there: NaN is absent; without two values no interval."""
    values = np.asarray(values, float)
    count = np.isfinite(values).sum(axis=axis)
    total = np.nansum(values, axis=axis)
    mean = np.divide(total, count, out=np.full(count.shape, np.nan), where=count > 0)
    squares = np.nansum((values - np.expand_dims(mean, axis)) ** 2, axis=axis)
    half = np.full(count.shape, np.nan)
    for n in np.unique(count[count > 1]):
        at = count == n
        half[at] = t95(n - 1) * np.sqrt(squares[at] / (n - 1) / n)
    return mean, mean - half, mean + half
