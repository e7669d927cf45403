"""Chances that few leads speak for lean on what more leads said before them.

From landmark to landmark fewer stays are at risk. The raw chance of a late landmark jumps with each
single lead; taken as it stands it is too high where a lucky one is left, and 0 where none is. A landmark
with too few leads or wins to speak for itself therefore leans on the last one at which twice as many were
at risk, as if ``count`` leads had behaved as that one says: the mean of a beta distribution. ``count`` is
learned from the same history (empirical Bayes): where the chance moves much from one halving of the leads
to the next, it is small.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from leadaudit.chance.bounds import bounds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadaudit.chance.horizon import Curve
    from leadaudit.chance.landmarks import Landmarks
    from leadaudit.process import Limits

    Numbers = NDArray[np.float64]

FACTOR = 2
"""The landmark leaned on has at least so many times as many at risk."""

UNLEARNED_COUNT = 10.0
"""Where nothing can be learned of it: as many as the wins that learning needs. It weighs as one halving beside those
that were seen."""

SMALL_SPREAD = 1e-6


def learned_count(curves: Sequence[Curve]) -> float:
    """How many leads the earlier landmark counts for, learned by moments from how far chances move.

    From one landmark to the first with half as many at risk the chance p moves by its own drift and by
    sampling: E (p' - p)² = p (1 - p) / (count + 1) + p' (1 - p') (1 / n' - 1 / n), the leads of the later one being
    among those of the earlier. Both sums run over all halvings of all stages that speak for themselves.

    Examples
    --------
    >>> round(learned_count([]), 6)
    10.0
    """
    drift = spread = 0.0
    halvings = 0
    for curve in curves:
        marks = curve.landmarks
        start = int(np.argmax(curve.kept)) if curve.kept.any() else len(marks)
        for before, after in (*_halvings(marks.at_risk, 0, start), *_halvings(marks.at_risk, start, len(marks))):
            p, later = marks.chance[before], marks.chance[after]
            sampling = later * (1 - later) * max(1 / marks.effective[after] - 1 / marks.effective[before], 0.0)
            drift += (later - p) ** 2 - sampling
            spread += max(p * (1 - p), SMALL_SPREAD)
            halvings += 1
    usual = spread / halvings if halvings else 1.0
    share = (max(drift, 0.0) + usual / (UNLEARNED_COUNT + 1)) / (spread + usual)
    return float(max(1 / share - 1, 0.0))


def _halvings(at_risk: NDArray[np.int64], start: int, stop: int) -> list[tuple[int, int]]:
    """Landmarks from one halving of those at risk to the next."""
    pairs = []
    here = start
    while here < stop:
        found = np.flatnonzero(at_risk[here:stop] <= at_risk[here] / FACTOR)
        if not len(found):
            break
        pairs.append((here, here + int(found[0])))
        here += int(found[0])
    return pairs


def lean(marks: Landmarks, count: float, speaks: NDArray[np.bool_], start: int) -> Numbers:
    """The chances of landmarks, those that do not speak for themselves leaning on earlier ones.

    Parameters
    ----------
    marks : Landmarks
    count : float
        Leads that the earlier one counts for: the last before at which twice as many were at risk.
    speaks : array of bool
        Which have enough leads and wins to need no other.
    start : int
        From here on nothing leans on what lies before: the client's own ending rule parts the curve.

    Examples
    --------
    Ten of a hundred were won; of the ten that stood longer none. They lean on the hundred as ten would.

    >>> import numpy as np
    >>> from leadaudit.chance.landmarks import Landmarks
    >>> n = np.array([100, 10])
    >>> marks = Landmarks(n, n, n, n, n, np.array([0.1, 0.0]), n, n.astype(float))
    >>> lean(marks, 10.0, np.array([True, False]), 2)
    array([0.1 , 0.05])
    """
    told = marks.chance.copy()
    at_risk = marks.at_risk.tolist()
    for row in np.flatnonzero(~speaks).tolist():
        least = start if row >= start else 0
        before = next((i for i in range(row - 1, least - 1, -1) if at_risk[i] >= FACTOR * at_risk[row]), None)
        if before is not None:
            own = marks.effective[row]
            told[row] = (own * told[row] + count * told[before]) / (own + count)
    return told


@dataclass(frozen=True)
class Told:
    """What is said of leads: all landmarks of a curve, its thin tail included, with leaning chances and their bounds.

    The first ``proved`` rows have enough leads at risk to prove something; only they are shown as a curve.
    """

    marks: Landmarks
    chance: Numbers
    low: Numbers
    high: Numbers
    proved: int


def told(curves: Sequence[Curve], count: float, limits: Limits) -> list[Told]:
    """Chances of curves, leaning, and their tails.

    Where enough leads are at risk, a chance leans no further than to the bounds of its own cases, which prove the
    horizon; in the tail the bounds count the leads leaned on, too.
    """
    leaning = [_leaning(curve, count, limits) for curve in curves]
    tails = [slice(len(curve.landmarks), None) for curve in curves]
    chance = [chance[tail] for (_, chance), tail in zip(leaning, tails, strict=True)]
    effective = [marks.effective[tail] + count for (marks, _), tail in zip(leaning, tails, strict=True)]
    low, high = bounds(np.concatenate([[], *chance]), np.concatenate([[], *effective]), limits.confidence_share)
    ends = np.cumsum([len(part) for part in chance])[:-1]
    return [
        Told(marks, chance, np.append(curve.low, own_low), np.append(curve.high, own_high), len(curve.landmarks))
        for curve, (marks, chance), own_low, own_high in zip(
            curves, leaning, np.split(low, ends), np.split(high, ends), strict=False
        )
    ]


def _leaning(curve: Curve, count: float, limits: Limits) -> tuple[Landmarks, Numbers]:
    """All landmarks of a curve, its tail included, and their leaning chances."""
    proved = len(curve.landmarks)
    marks = curve.landmarks if curve.tail is None else curve.landmarks.and_then(curve.tail)
    speaks = (marks.won >= limits.wins_min_count) & (marks.at_risk >= limits.at_risk_min_count)
    chance = lean(marks, count, speaks, int(np.argmax(curve.kept)) if curve.kept.any() else len(marks))
    chance[:proved] = np.clip(chance[:proved], curve.low, curve.high)
    return marks, chance
