"""Horizon: the length of stay from which the chance is practically gone, and the client's own ending rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from leadaudit.chance.bounds import bounds
from leadaudit.chance.landmarks import Landmarks, Risks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from leadaudit.process import Limits

    Numbers = NDArray[np.float64]

RULE_WINDOW_DAYS = 2
SPIKE_FACTOR = 2
"""An own rule is a day on which endings jump: at least twice those of the two days before."""


FRACTION_STEP = 0.01
TINY_COUNT = 1e-6


@dataclass(frozen=True)
class Endings:
    """Per full day: stays at risk, and how many of them were ended within one and within two days."""

    day: Numbers
    at_risk: Numbers
    within_one: Numbers
    within_two: Numbers


@dataclass(frozen=True)
class EndingRule:
    """The client itself ends at ``day``; leads that lasted until ``kept_from`` were kept beyond it."""

    day: float
    share: float
    kept_from: float


@dataclass(frozen=True)
class Horizon:
    """First landmark on which the chance is practically gone, or why there is none.

    ``kept_day`` is the same for leads kept beyond the client's own ending rule.
    """

    day: float | None
    kept_day: float | None
    limit: float
    none: str | None


def endings(risks: Risks, ended_here: NDArray[np.bool_], at_risk_min: int) -> Endings:
    """Count the endings day by day, as far as enough stays are at risk."""
    stay = np.sort(risks.stay)
    last = int(stay[-at_risk_min]) if len(stay) >= at_risk_min else 0
    day = np.arange(min(last, 5000) + 1, dtype=np.float64)
    ended = np.sort(risks.stay[ended_here])
    at_risk = (
        len(stay) - np.searchsorted(stay, day) - (len(stay) - np.searchsorted(np.sort(risks.entered), day, "right"))
    )
    begun = np.searchsorted(ended, day)
    within = [np.searchsorted(ended, day + span) - begun for span in (1, RULE_WINDOW_DAYS)]
    return Endings(day, at_risk.astype(float), within[0].astype(float), within[1].astype(float))


def ending_rule(endings: Endings, limits: Limits) -> EndingRule | None:
    """Find the day on which the client itself ends, if there is one.

    A rule is a jump: more than ``ending_rule_share`` of those at risk are ended within two days,
    and even the lower bound of that share is at least twice what the two days before ended.
    Quick sorting out in the first two days is no rule about waiting.

    Examples
    --------
    >>> import numpy as np
    >>> from leadaudit.process import Limits
    >>> day = np.arange(5.0)
    >>> endings = Endings(day, np.array([99.0, 98, 97, 90, 40]), np.array([1.0, 1, 1, 50, 0]), np.array([2.0, 2, 51, 50, 0]))
    >>> ending_rule(endings, Limits())
    EndingRule(day=3.0, share=0.5555555555555556, kept_from=4.0)
    """
    at_risk = np.maximum(endings.at_risk, 1)
    share = np.minimum(endings.within_two / at_risk, 1.0)
    usual = np.append(np.full(RULE_WINDOW_DAYS, np.inf), share[:-RULE_WINDOW_DAYS])[: len(share)]
    found = (share > limits.ending_rule_share) & (endings.at_risk >= limits.at_risk_min_count)
    # Bounds are costly, and few days come into question at all.
    sure, _ = bounds(share[found], at_risk[found], limits.confidence_share)
    found[found] = sure > SPIKE_FACTOR * usual[found]
    if not found.any():
        return None
    row = int(np.argmax(np.where(found, share, -1)))
    mostly_one_day = endings.within_one[row] >= 0.8 * endings.within_two[row]
    kept_from = endings.day[row] + (1 if mostly_one_day else RULE_WINDOW_DAYS)
    return EndingRule(float(endings.day[row]), float(share[row]), float(kept_from))


@dataclass(frozen=True)
class Curve:
    """A chance curve with its bounds, the client's own ending rule on it, and the patience beside it.

    ``tail`` are landmarks beyond it with too few leads at risk to prove anything.
    """

    landmarks: Landmarks
    low: Numbers
    high: Numbers
    rule: EndingRule | None
    patience_days: float
    tail: Landmarks | None = None

    def limit(self, fraction: float, limits: Limits) -> float:
        """What "practically gone" means here, given the part of the chance at entry that was learned."""
        return chance_limit(float(self.landmarks.chance[0]), fraction, limits)

    @property
    def kept(self) -> NDArray[np.bool_]:
        """Landmarks of leads that were kept beyond the client's own ending rule."""
        return self.landmarks.day >= (self.rule.kept_from if self.rule else np.inf)


def chance_limit(at_entry: float, fraction: float, limits: Limits) -> float:
    """Below this, a chance is practically gone.

    Examples
    --------
    >>> from leadaudit.process import Limits
    >>> [round(chance_limit(entry, 0.4, Limits()), 3) for entry in (0.1, 0.4, 0.6, 0.9)]
    [0.05, 0.16, 0.2, 0.225]
    >>> [round(chance_limit(entry, 0.1, Limits()), 3) for entry in (0.1, 0.4, 0.6, 0.9)]
    [0.05, 0.05, 0.06, 0.09]
    """
    raised = min(fraction * at_entry, limits.chance_raised_max_share)
    return max(limits.chance_floor_share, min(fraction, limits.chance_fraction_share) * at_entry, raised)


def horizon(curve: Curve, limit: float) -> Horizon:
    """Find the horizon on a chance curve.

    The horizon is a landmark, so that its proof is the counts of that very day; between
    landmarks further apart than a day the later one is taken (at most 5 % late). The upper
    bound must be below the limit there *and* on the landmark after it, and on no later day may
    even the lower bound lie above the limit: neither one lucky day nor one late win decides.
    Where the client ends by a rule of its own, the curve is read apart before and after it.
    """
    day, low, high, kept = curve.landmarks.day, curve.low, curve.high, curve.kept
    first = _first_below(day[~kept], low[~kept], high[~kept], limit)
    kept_day = _first_below(day[kept], low[kept], high[kept], limit)
    none = None if first is not None or kept_day is not None else _why_none(curve, limit)
    return Horizon(first if first is not None else kept_day, kept_day, limit, none)


def fraction_learned(curves: Sequence[Curve], limits: Limits) -> float:
    """Part of the chance at entry that counts as practically gone, learned from this client's history.

    As large as keeps the leads beyond all horizons, taken together, practically lost, too: weighted by
    the days that they stood there, the upper bound of their chance stays below ``chance_floor_share``. From
    ``chance_fraction_share`` it rises as far as ``chance_fraction_max_share`` where that holds, and falls where
    some of them were won and it does not: where nearly all are won, a quarter of the chance at entry is no lost case.
    """
    usual = limits.chance_fraction_share
    steps = round((limits.chance_fraction_max_share - usual) / FRACTION_STEP)
    if not curves or steps <= 0:
        return usual
    rising: Numbers = usual + FRACTION_STEP * np.arange(steps + 1, dtype=np.float64)
    share, high = _together(curves, rising, limits)
    lost = high <= limits.chance_floor_share
    # Few leads of whom none was won say nothing against the usual part, and nothing for more.
    if lost[0] or not share[0]:
        return float(rising[-1] if lost.all() else rising[max(int(np.argmin(lost)) - 1, 0)])
    fallen = np.arange(1, int(np.ceil(usual / FRACTION_STEP)) + 1, dtype=np.float64)
    falling: Numbers = np.maximum(usual - FRACTION_STEP * fallen, 0.0)
    share, high = _together(curves, falling, limits)
    lost = (high <= limits.chance_floor_share) | ~(share > 0)
    return float(falling[np.argmax(lost)] if lost.any() else falling[-1])


def _together(curves: Sequence[Curve], fractions: Numbers, limits: Limits) -> tuple[Numbers, Numbers]:
    """For each fraction the mean chance of all leads beyond the horizons, and its upper bound; 0 where there are none."""
    pooled = np.array([_pooled(curves, fraction, limits) for fraction in fractions])
    share, count = pooled[:, 0], pooled[:, 1]
    _, high = bounds(share, np.maximum(count, TINY_COUNT), limits.confidence_share)
    return share, np.where(count > 0, high, 0.0)


def _pooled(curves: Sequence[Curve], fraction: float, limits: Limits) -> tuple[float, float]:
    """Mean chance of the leads beyond the horizons, by days stood there, and how many leads it rests on."""
    won_days = days = count = 0.0
    for curve in curves:
        found = horizon(curve, curve.limit(fraction, limits))
        beyond = _beyond(curve, found)
        if not beyond.any():
            continue
        day = curve.landmarks.day
        stood = np.diff(np.append(day, day[-1] + 1)) * curve.landmarks.at_risk
        won_days += float((stood * curve.landmarks.chance)[beyond].sum())
        days += float(stood[beyond].sum())
        count += float(curve.landmarks.effective[beyond][0])
    return (won_days / days, count) if days else (0.0, 0.0)


def _beyond(curve: Curve, found: Horizon) -> NDArray[np.bool_]:
    day = curve.landmarks.day
    before = day >= (found.day if found.day is not None else np.inf)
    after = day >= (found.kept_day if found.kept_day is not None else np.inf)
    return np.where(curve.kept, after, before)


def _first_below(day: Numbers, low: Numbers, high: Numbers, limit: float) -> float | None:
    if not len(day):
        return None
    below = high < limit
    below &= np.append(below[1:], below[-1:])
    lowest_to_come = np.maximum.accumulate(low[::-1])[::-1]
    found = np.flatnonzero(below & (lowest_to_come <= limit))
    return float(day[found[0]]) if len(found) else None


def _why_none(curve: Curve, limit: float) -> str:
    """A curve that ends before patience is over cannot say that the chance stays high."""
    landmarks = curve.landmarks
    if landmarks.chance[-1] >= limit:
        return "chance_stays_high" if landmarks.day[-1] >= curve.patience_days else "too_few"
    return "no_endings" if landmarks.ended[0] == 0 else "too_few"
