"""Aalen-Johansen at many landmarks at once.

At landmark ``d`` the stays that lasted at least ``d`` days are taken, and their *leads* are
followed from that moment on: won and ended compete, leads still open are censored at ``as_of``.
The axis of time is the days from the start of the stay to the lead's outcome. It is the same for
every landmark of a stage, so that all landmarks share one table of (landmark, time) counts: a
stay is counted once, at the last landmark that it reached, and sums from the right give every
landmark its own risk set. No loop over leads, landmarks or times.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Counts = NDArray[np.int64]

DAILY_UNTIL = 30
LANDMARKS_MOST = 120
TIMES_MOST = 1000
CENSORED_MOST = 100
TAIL_MOST = 30
DAYS_LEAST = 3
LEAVING_SHARE = 0.1
"""Stays that are over in fewer days are read more finely: so that no more of those at risk leave from one landmark to the next."""

MINUTES = 1440

OPEN, WON, ENDED = 0, 1, 2


@dataclass(frozen=True)
class Risks:
    """The stays of one unit (a stage, its neighbours, a pipeline) as plain arrays, one entry per stay.

    ``entered`` and ``stay`` and ``outcome_days`` are days since the start of the stay;
    ``outcome`` is 0 for open, 1 for won, 2 for ended.
    """

    entered: Numbers
    stay: Numbers
    outcome: Counts
    outcome_days: Numbers

    @classmethod
    def of(cls, stays: pd.DataFrame) -> Risks:
        """Take the columns of STAYS; every row must have its durations."""
        outcome = stays["outcome"]
        codes = np.where(outcome == "won", WON, np.where(outcome == "ended", ENDED, OPEN))
        return cls(
            stays["entered_days"].to_numpy(np.float64),
            stays["stay_days"].to_numpy(np.float64),
            codes.astype(np.int64),
            stays["outcome_days"].to_numpy(np.float64),
        )

    def __len__(self) -> int:
        return len(self.stay)

    def only(self, rows: NDArray[np.bool_]) -> Risks:
        """The same for some of the stays."""
        return Risks(self.entered[rows], self.stay[rows], self.outcome[rows], self.outcome_days[rows])


@dataclass(frozen=True)
class Landmarks:
    """What became of the leads whose stay lasted at least ``day`` days, one entry per landmark.

    ``chance`` is the Aalen-Johansen chance of being won in the end, ``variance`` its variance
    and ``effective`` the number of fully followed leads that would give the same variance.
    """

    day: Numbers
    at_risk: Counts
    won: Counts
    ended: Counts
    still_open: Counts
    chance: Numbers
    variance: Numbers
    effective: Numbers

    def __len__(self) -> int:
        return len(self.day)

    def and_then(self, later: Landmarks) -> Landmarks:
        """These and later landmarks of the same stays."""
        names = [field.name for field in fields(self)]
        return Landmarks(*(np.append(getattr(self, name), getattr(later, name)) for name in names))


def landmark_days(risks: Risks, at_risk_min: int) -> Numbers:
    """Days on which enough stays are at risk: every day at first, then further and further apart.

    Where there are too few days (:data:`DAYS_LEAST`) and many leave within each, there are landmarks between
    them, on whole minutes: a process that is over within hours is told in hours.

    Examples
    --------
    >>> import numpy as np
    >>> stay = np.arange(400.0)
    >>> risks = Risks(np.zeros(400), stay, np.zeros(400, dtype=int), stay)
    >>> landmark_days(risks, 30)[:3], int(landmark_days(risks, 30)[-1])
    (array([0., 1., 2.]), 370)
    >>> quick = Risks(np.zeros(400), stay / 400, np.zeros(400, dtype=int), stay / 400)
    >>> landmark_days(quick, 30)[:3].round(2)
    array([0.  , 0.1 , 0.19])
    """
    if len(risks) < max(at_risk_min, 1):
        return np.empty(0)
    ordered = np.sort(risks.stay)
    longest = int(ordered[-max(at_risk_min, 1)])
    if longest < LANDMARKS_MOST:
        days = np.arange(longest + 1, dtype=np.float64)
    else:
        rest = LANDMARKS_MOST - DAILY_UNTIL
        days = np.unique(np.append(np.arange(DAILY_UNTIL), np.geomspace(DAILY_UNTIL, longest, rest).round()))
    if len(days) < DAYS_LEAST:
        days = _refined(days, ordered, at_risk_min)
    at_risk = _lasting(risks.stay, days) - _entering_after(risks.entered, days)
    return days[at_risk >= max(at_risk_min, 1)]


def _refined(days: Numbers, ordered: Numbers, at_risk_min: int) -> Numbers:
    """These days, and landmarks between those from one to the next of which more than a tenth of the stays leave."""
    staying = 1 - LEAVING_SHARE
    steps = int(np.log(len(ordered) / max(at_risk_min, 1)) / -np.log(staying))
    lasting = np.floor(len(ordered) * staying ** np.arange(1, steps + 1)).astype(np.intp)
    between = np.floor(ordered[len(ordered) - lasting] * MINUTES) / MINUTES
    left = np.append(len(ordered) - np.searchsorted(ordered, days), max(at_risk_min, 1))
    many = left[1:] < staying * left[:-1]
    return np.unique(np.append(days, between[many[np.searchsorted(days, between, side="right") - 1]]))


def _lasting(stay: Numbers, days: Numbers) -> Counts:
    return len(stay) - np.searchsorted(np.sort(stay), days, side="left")


def _entering_after(entered: Numbers, days: Numbers) -> Counts:
    return len(entered) - np.searchsorted(np.sort(entered), days, side="right")


def tail(risks: Risks, last: float, at_risk_min: int) -> Landmarks | None:
    """Landmarks beyond ``last``, further and further apart, as far as ``at_risk_min`` stays are at risk."""
    if len(risks) < at_risk_min:
        return None
    longest = float(np.floor(np.partition(risks.stay, -at_risk_min)[-at_risk_min]))
    if longest <= last:
        return None
    days = np.unique(np.geomspace(last + 1, longest, TAIL_MOST).round())
    # Whoever left before the first of them is at risk on none.
    few = risks.only(risks.stay >= days[0])
    days = days[_lasting(few.stay, days) - _entering_after(few.entered, days) >= at_risk_min]
    won_days = np.sort(risks.outcome_days[risks.outcome == WON])
    return follow(few, days, won_days) if len(days) else None


def follow(risks: Risks, days: Numbers, won_days: Numbers | None = None) -> Landmarks:
    """Follow the leads from each landmark on.

    Parameters
    ----------
    risks : Risks
        Stays of one unit.
    days : array of float
        Landmarks, ascending; each needs a stay at risk.
    won_days : array of float, optional
        How long won leads took, shortest first; by default those of ``risks``.

    Examples
    --------
    >>> import numpy as np
    >>> stay = np.array([1.0, 2.0, 3.0, 4.0])
    >>> risks = Risks(np.zeros(4), stay, np.array([1, 2, 0, 2]), stay)
    >>> follow(risks, np.array([0.0, 2.0])).chance
    array([0.25, 0.  ])
    """
    times = _times(risks)
    won, ended, censored, at_once = _counts(risks, days, times)
    at_risk = won.sum(axis=1) + ended.sum(axis=1) + censored.sum(axis=1) + at_once
    chance, variance = _aalen_johansen(at_risk - at_once, won, ended, censored)
    if won_days is None:
        won_days = np.sort(risks.outcome_days[risks.outcome == WON])
    seen = _seen(won_days, days, times, censored)
    won_count, ended_count = won.sum(axis=1), ended.sum(axis=1)
    effective = _effective(chance, variance, at_risk, won_count + ended_count + seen)
    whole, won_whole, ended_whole = (counts.astype(np.int64) for counts in (at_risk, won_count, ended_count))
    still_open = whole - won_whole - ended_whole
    return Landmarks(days, whole, won_whole, ended_whole, still_open, chance, variance, effective)


def distinct(values: NDArray[Any]) -> NDArray[Any]:
    """The distinct values in order; a sort is several times faster than numpy's own hashing.

    Examples
    --------
    >>> import numpy as np
    >>> distinct(np.array([3.0, 1.0, 3.0]))
    array([1., 3.])
    """
    ordered = np.sort(values)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]]


def _times(risks: Risks) -> Numbers:
    """Days on which leads were won or ended; beyond ``TIMES_MOST`` of them, equal shares of them together.

    A bin bears the time of its first event. Between and beyond them lie days until which open leads were
    followed: where nothing happens any more, they tell how long it is known that nothing did.
    """
    is_open = risks.outcome == OPEN
    return distinct(
        np.append(
            _thinned(risks.outcome_days[~is_open], TIMES_MOST), _thinned(risks.outcome_days[is_open], CENSORED_MOST)
        )
    )


def _thinned(days: Numbers, most: int) -> Numbers:
    """The distinct days; beyond ``most`` of them so many at equal distances in their order."""
    found = distinct(days)
    return found if len(found) <= most else found[np.unique(np.linspace(0, len(found) - 1, most).astype(np.intp))]


def _counts(risks: Risks, days: Numbers, times: Numbers) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Won, ended and censored leads per (landmark, time), and leads censored before the first time."""
    reached = np.searchsorted(days, risks.stay, side="right")
    missed = np.searchsorted(days, risks.entered, side="left")
    # Censored at a time: followed through the events of that time, gone before the next.
    time = np.searchsorted(times, risks.outcome_days, side="right")
    width = len(times) + 1
    tables = []
    for outcome in (WON, ENDED, OPEN):
        rows = risks.outcome == outcome
        table = _binned(reached[rows], time[rows], len(days) + 1, width)
        table -= _binned(missed[rows], time[rows], len(days) + 1, width)
        # A stay that reached landmarks 1..k stands in row k: landmark j has all rows k >= j.
        tables.append(np.cumsum(table[::-1], axis=0)[::-1][1:])
    won, ended, censored = tables
    return won[:, 1:], ended[:, 1:], censored[:, 1:], censored[:, 0]


def _binned(row: NDArray[np.intp], column: NDArray[np.intp], height: int, width: int) -> Numbers:
    return np.bincount(row * width + column, minlength=height * width).reshape(height, width).astype(np.float64)


def _aalen_johansen(start: Numbers, won: Numbers, ended: Numbers, censored: Numbers) -> tuple[Numbers, Numbers]:
    """Chance of being won by the last time, and its variance by the delta method (Aalen 1978)."""
    settled = won + ended
    leaving = settled + censored
    at_risk = start[:, None] - (np.cumsum(leaving, axis=1) - leaving)
    safe = np.maximum(at_risk, 1)
    staying = 1 - settled / safe
    surviving = np.cumprod(staying, axis=1)
    before = np.hstack([np.ones((len(start), 1)), surviving[:, :-1]]) if surviving.shape[1] else surviving
    gained = before * won / safe
    reached = np.cumsum(gained, axis=1)
    chance = gained.sum(axis=1)
    to_come = chance[:, None] - reached
    rest = at_risk - settled
    # Where nobody is left nothing is to come: the term is 0, not 0 / 0.
    spread = np.where(rest > 0, to_come**2 * settled / (safe * np.maximum(rest, 1)), 0.0)
    own = before**2 * won * (at_risk - won) / safe**3
    shared = to_come * before * won / safe**2
    variance = (spread + own - 2 * shared).sum(axis=1)
    return np.clip(chance, 0.0, 1.0), np.maximum(variance, 0.0)


def _seen(won_days: Numbers, days: Numbers, times: Numbers, censored: Numbers) -> Numbers:
    """How many fully followed leads the open ones amount to, per landmark.

    An open lead counts as far as its follow-up since the landmark covers the time that won
    leads of the unit took: one that has been open for longer than any of them counts whole.
    """
    if not len(won_days) or not len(times):
        return np.zeros(len(days))
    follow_up = times[None, :] - days[:, None]
    covered = np.searchsorted(won_days, follow_up, side="right") / len(won_days)
    return (censored * covered).sum(axis=1)


def _effective(chance: Numbers, variance: Numbers, at_risk: Numbers, seen: Numbers) -> Numbers:
    """Effective number of leads; with no win (or nothing but wins) the number that was fully followed."""
    spread = chance * (1 - chance)
    by_variance = np.where((variance > 0) & (spread > 0), spread / np.where(variance > 0, variance, 1.0), seen)
    return np.clip(by_variance, 1e-9, np.maximum(at_risk, 1e-9))
