"""Shares of counts and their intervals (Wilson 1927, Newcombe 1998)."""

from __future__ import annotations

import math

_Z = 1.6449
"""Two-sided 90 %, so that each end is a one-sided 95 % bound."""


def wilson(count: int, of: int) -> tuple[float, float]:
    """Wilson interval of a share (90 %, two-sided); the whole range where there are no cases.

    Examples
    --------
    >>> [round(end, 3) for end in wilson(3, 10)]
    [0.127, 0.558]
    """
    if not of:
        return 0.0, 1.0
    share, z2 = count / of, _Z**2
    centre = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = _Z / (1 + z2 / of) * math.sqrt(share * (1 - share) / of + z2 / (4 * of * of))
    return (max(0.0, centre - half) if count else 0.0), (min(1.0, centre + half) if count < of else 1.0)


def apart(count: int, of: int, count_other: int, of_other: int) -> tuple[float, float]:
    """Interval of the difference of two shares (Newcombe: out of the two Wilson intervals, 90 %).

    Examples
    --------
    >>> [round(end, 2) for end in apart(30, 50, 10, 50)]
    [0.24, 0.53]
    """
    one, other = count / of, count_other / of_other
    (low, high), (low_other, high_other) = wilson(count, of), wilson(count_other, of_other)
    difference = one - other
    below, above = math.hypot(one - low, high_other - other), math.hypot(high - one, other - low_other)
    return difference - below, difference + above


def chance_of_difference(count: int, of: int, count_other: int, of_other: int) -> float:
    """Probability of a difference at least as large between equal shares (two-sided score test).

    Examples
    --------
    >>> round(chance_of_difference(30, 50, 10, 50), 5), chance_of_difference(5, 10, 5, 10)
    (4e-05, 1.0)
    """
    pooled = (count + count_other) / (of + of_other)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / of + 1 / of_other))
    if not spread:
        return 1.0
    return math.erfc(abs(count / of - count_other / of_other) / spread / math.sqrt(2))


def holm(chances: list[float]) -> list[float]:
    """Probabilities corrected for having looked at several things (Holm 1979: step-down Bonferroni).

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    order = sorted(range(len(chances)), key=chances.__getitem__)
    corrected, highest = [1.0] * len(chances), 0.0
    for place, number in enumerate(order):
        highest = max(highest, min(1.0, chances[number] * (len(chances) - place)))
        corrected[number] = highest
    return corrected
