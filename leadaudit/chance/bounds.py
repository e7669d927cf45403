"""Exact one-sided bounds of a share, also for a number of trials that is no whole number.

A chance with censored follow-up is turned into the share ``chance`` of ``effective`` trials that
has the same variance; its bounds are those of Clopper and Pearson, which keep their level at
small numbers and at zero successes.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

STEPS = 60
TINY = 1e-300
CLOSE = 1e-9
SMALLEST = 1e-15


def bounds(chance: Numbers, effective: Numbers, level: float) -> tuple[Numbers, Numbers]:
    """One-sided lower and upper bounds of chances.

    Parameters
    ----------
    chance : array of float
        Estimated chances, 0-1.
    effective : array of float
        Effective numbers of trials behind them, > 0.
    level : float
        One-sided level, e.g. 0.9: nine of ten upper bounds lie above the truth.

    Returns
    -------
    low, high : arrays of float
        ``low <= chance <= high``.

    Examples
    --------
    >>> import numpy as np
    >>> low, high = bounds(np.array([0.0, 0.5]), np.array([30.0, 30.0]), 0.9)
    >>> high.round(3)
    array([0.074, 0.63 ])
    >>> low.round(3)
    array([0.  , 0.37])
    """
    won = chance * effective
    lost = effective - won
    high = np.ones_like(chance)
    low = np.zeros_like(chance)
    some_lost, some_won = lost > CLOSE, won > CLOSE
    # One search for all: each of its steps costs about the same for one bound and for a thousand.
    share = np.repeat([level, 1 - level], [some_lost.sum(), some_won.sum()])
    a = np.append(won[some_lost] + 1, won[some_won])
    b = np.append(lost[some_lost], lost[some_won] + 1)
    found = beta_quantile(share, a, b)
    high[some_lost], low[some_won] = found[: some_lost.sum()], found[some_lost.sum() :]
    return np.minimum(low, chance), np.maximum(high, chance)


def beta_quantile(share: float | Numbers, a: Numbers, b: Numbers) -> Numbers:
    """Quantile of beta distributions: the ``x`` below which the given share of each lies.

    Bracketed Newton steps on the incomplete beta function; exact to about 1e-9.

    Examples
    --------
    >>> import numpy as np
    >>> beta_quantile(0.9, np.array([1.0]), np.array([30.0])).round(6)
    array([0.073881])
    """
    share = np.broadcast_to(share, a.shape)
    x = np.clip(_first_guess(share, a, b), SMALLEST, 1 - SMALLEST)
    low, high = np.zeros_like(x), np.ones_like(x)
    log_scale = _log_beta(a, b)
    open_ = np.arange(len(x))
    for _ in range(STEPS):
        p, q, y, scale = a[open_], b[open_], x[open_], log_scale[open_]
        excess = _incomplete_beta(p, q, y, scale) - share[open_]
        low[open_] = np.where(excess < 0, y, low[open_])
        high[open_] = np.where(excess < 0, high[open_], y)
        density = np.exp((p - 1) * np.log(y) + (q - 1) * np.log1p(-y) - scale)
        step = y - excess / np.maximum(density, TINY)
        inside = (step > low[open_]) & (step < high[open_])
        x[open_] = np.clip(np.where(inside, step, (low[open_] + high[open_]) / 2), SMALLEST, 1 - SMALLEST)
        open_ = open_[np.abs(x[open_] - y) > CLOSE]
        if not len(open_):
            break
    return x


def _first_guess(share: Numbers, a: Numbers, b: Numbers) -> Numbers:
    """Abramowitz and Stegun 26.5.22; below 1 its terms have no meaning and 1 stands in."""
    shares, which = np.unique(share, return_inverse=True)
    z = np.array([-NormalDist().inv_cdf(one) for one in shares.tolist()])[which]
    reach_a, reach_b = 1 / (2 * np.maximum(a, 1.01) - 1), 1 / (2 * np.maximum(b, 1.01) - 1)
    bend, size = (z * z - 3) / 6, 2 / (reach_a + reach_b)
    lean = z * np.sqrt(np.maximum(bend + size, TINY)) / size
    lean -= (reach_b - reach_a) * (bend + 5 / 6 - 2 / (3 * size))
    return a / (a + b * np.exp(np.clip(2 * lean, -300, 300)))


def _log_beta(a: Numbers, b: Numbers) -> Numbers:
    log_gamma = np.frompyfunc(math.lgamma, 1, 1)
    return np.asarray(log_gamma(a) + log_gamma(b) - log_gamma(a + b), dtype=np.float64)


def _incomplete_beta(a: Numbers, b: Numbers, x: Numbers, log_scale: Numbers) -> Numbers:
    """Regularised incomplete beta function, by the continued fraction that converges faster."""
    mirrored = x > (a + 1) / (a + b + 2)
    p, q = np.where(mirrored, b, a), np.where(mirrored, a, b)
    y = np.where(mirrored, 1 - x, x)
    front = np.exp(p * np.log(y) + q * np.log1p(-y) - log_scale) / p
    value = front * _continued_fraction(p, q, y)
    return np.where(mirrored, 1 - value, value)


def _continued_fraction(a: Numbers, b: Numbers, x: Numbers) -> Numbers:
    """Lentz's evaluation of the continued fraction of the incomplete beta function."""
    c = np.ones_like(x)
    d = 1 / _away_from_zero(1 - (a + b) * x / (a + 1))
    value = d.copy()
    for m in range(1, 400):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d = 1 / _away_from_zero(1 + even * d)
        c = _away_from_zero(1 + even / c)
        value *= d * c
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d = 1 / _away_from_zero(1 + odd * d)
        c = _away_from_zero(1 + odd / c)
        value *= d * c
        if np.max(np.abs(d * c - 1), initial=0.0) < 1e-12:
            break
    return value


def _away_from_zero(x: Numbers) -> Numbers:
    return np.where(np.abs(x) < TINY, TINY, x)
