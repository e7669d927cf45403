"""A horizon borrowed from the next rungs, where a stage's own cases are too few to prove one.

A small client's stage may lose its leads after six weeks and yet have too few of them for a
bound below the limit. Its neighbours, or the whole pipeline, often have enough. Their horizon is
taken if the stage's own curve says nothing against it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from leadaudit.chance.horizon import Curve, Horizon, horizon
from leadaudit.chance.units import RUNGS, Rung

if TYPE_CHECKING:
    from leadaudit.process import Limits

CurveOf = Callable[[Rung], "tuple[Curve, int] | None"]


@dataclass(frozen=True)
class Borrowed:
    """A horizon and where it comes from."""

    day: float
    rung: Rung
    stays_count: int


def borrowed(
    own: Curve, found: Horizon, rung: Rung, curve_of: CurveOf, fraction: float, limits: Limits
) -> Borrowed | None:
    """The first horizon that a higher rung proves and the own curve does not contradict.

    Parameters
    ----------
    own : Curve
        The stage's own curve.
    found : Horizon
        What it gave: only where ``none`` is ``too_few`` is anything borrowed.
    rung : str
        The rung that the own curve comes from.
    curve_of : callable
        Curve and number of stays of a rung; ``None`` where it has none.
    fraction : float
        Part of the chance at entry that counts as practically gone.
    limits : Limits

    Returns
    -------
    Borrowed or None
        Never before patience is over, and on or after the first day on which the own chance, as far
        as it is seen, lies below the own limit. A rung whose chance stays high ends the search.
    """
    if found.none != "too_few":
        return None
    for higher in RUNGS[RUNGS.index(rung) + 1 :]:
        offered = curve_of(higher)
        if offered is None:
            continue
        curve, stays_count = offered
        proved = horizon(curve, curve.limit(fraction, limits))
        if proved.day is not None:
            day = _agreed(own, found.limit, proved.day)
            return None if day is None else Borrowed(max(day, own.patience_days), higher, stays_count)
        if proved.none != "too_few":
            return None
    return None


def _agreed(own: Curve, limit: float, day: float) -> float | None:
    """The first day from ``day`` on on which the own chance, too, is below its limit; it holds beyond its last day.

    Examples
    --------
    The own chance falls below 10 % on day 40; a pipeline's horizon of 30 days is taken from day 40 on.

    >>> from types import SimpleNamespace
    >>> marks = SimpleNamespace(day=np.array([0.0, 20, 40]), chance=np.array([0.3, 0.2, 0.08]))
    >>> _agreed(SimpleNamespace(landmarks=marks), 0.1, 30.0), _agreed(SimpleNamespace(landmarks=marks), 0.05, 30.0)
    (40.0, None)
    """
    marks = own.landmarks
    below = (marks.day >= day) & (marks.chance < limit)
    if below.any():
        return float(marks.day[np.argmax(below)])
    return day if marks.day[-1] < day and marks.chance[-1] < limit else None
