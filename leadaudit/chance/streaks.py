"""Chance after 0, 1, 2 … unanswered contacts, and the number from which it is practically gone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from leadaudit.chance.bounds import bounds
from leadaudit.chance.horizon import chance_limit
from leadaudit.chance.landmarks import Landmarks, Risks, follow

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from leadaudit.process import Limits

    Numbers = NDArray[np.float64]

CURVE_NAMES = (
    "streak_count",
    "at_risk_count",
    "won_count",
    "ended_count",
    "still_open_count",
    "chance",
    "chance_low",
    "chance_high",
)
STREAKS_MOST = 60


@dataclass(frozen=True)
class StreakCounts:
    """What became of leads from the moment on which they reached so many unanswered contacts in a row.

    ``marks`` has one entry per number reached by at least one lead; 0 stands for all leads, from
    their creation on.
    """

    marks: tuple[Landmarks, ...]
    streak: tuple[int, ...]
    _known_bounds: dict[float, tuple[Numbers, Numbers]] = field(default_factory=dict, repr=False, compare=False)

    def curve(self, limits: Limits) -> pd.DataFrame:
        """One row per number of unanswered contacts with enough leads behind it."""
        rows = [
            (streak, *(column[0] for column in (mark.at_risk, mark.won, mark.ended, mark.still_open, mark.chance)))
            for streak, mark in zip(self.streak, self.marks, strict=True)
        ]
        low, high = self._bounds(limits.confidence_share)
        curve = pd.DataFrame(rows, columns=list(CURVE_NAMES[:-2])).assign(chance_low=low, chance_high=high)
        return curve[(curve["at_risk_count"] >= limits.at_risk_min_count).to_numpy()].reset_index(drop=True)

    def _bounds(self, level: float) -> tuple[Numbers, Numbers]:
        """Bounds of all chances together, remembered: no other limit changes them."""
        if level not in self._known_bounds:
            chance, effective = (
                np.array([getattr(mark, name)[0] for mark in self.marks], dtype=np.float64)
                for name in ("chance", "effective")
            )
            self._known_bounds[level] = bounds(chance, effective, level)
        return self._known_bounds[level]

    def limit(self, curve: pd.DataFrame, limits: Limits, fraction: float) -> tuple[int | None, str | None]:
        """Smallest streak whose chance is practically gone, by the limit that the horizon uses, or why there is none.

        As with the horizon, the next streak must agree, and no longer streak may contradict.

        Returns
        -------
        count : int or None
        none : str or None
            ``not_learned`` (too few wins), ``too_few`` (the chance falls, too few leads prove it) or
            ``chance_stays_high`` (unanswered contacts tell nothing here).
        """
        if curve.empty or curve["streak_count"].iloc[0] != 0 or curve["won_count"].iloc[0] < limits.wins_min_count:
            return None, "not_learned"
        limit = chance_limit(float(curve["chance"].iloc[0]), fraction, limits)
        under = (curve["chance_high"] < limit).to_numpy()
        below = under & np.append(under[1:], under[-1:])
        lowest_to_come = np.maximum.accumulate(curve["chance_low"].to_numpy()[::-1])[::-1]
        found = np.flatnonzero(below & (lowest_to_come <= limit))
        if len(found):
            return int(curve["streak_count"].iloc[found[0]]), None
        return None, "chance_stays_high" if curve["chance"].iloc[-1] >= limit else "too_few"


def count_streaks(streaks: pd.DataFrame | None, stays: pd.DataFrame, as_of: pd.Timestamp) -> StreakCounts:
    """Follow each lead from the first day on which it reached each number of unanswered contacts.

    Parameters
    ----------
    streaks : DataFrame or None
        STREAKS.
    stays : DataFrame
        STAYS that can be learned from.
    as_of : Timestamp
        First moment not known.
    """
    if streaks is None or streaks.empty or stays.empty:
        return StreakCounts((), ())
    leads, of_streak = _settled(stays, streaks)
    at, count = streaks["at"].to_numpy(), streaks["streak_count"].to_numpy(np.int64)
    counted = (at < as_of.to_datetime64()) & (of_streak >= 0) & (count <= STREAKS_MOST)
    lead, at, count = _first_reached(of_streak[counted], at[counted], count[counted])
    everyone = np.arange(len(leads))
    lead, count = np.append(everyone, lead), np.append(np.zeros(len(leads), dtype=np.int64), count)
    at = np.append(leads["begun_at"].to_numpy(), at)
    days = (leads["settled_at"].to_numpy()[lead] - at) / np.timedelta64(1, "D")
    outcome = leads["outcome"].to_numpy()[lead]
    order = np.argsort(count, kind="stable")
    order = order[days[order] >= 0]
    marks, streak = [], []
    for rows in np.split(order, np.flatnonzero(np.diff(count[order])) + 1):
        if not len(rows):
            continue
        marks.append(follow(Risks(np.zeros(len(rows)), days[rows], outcome[rows], days[rows]), np.zeros(1)))
        streak.append(int(count[rows[0]]))
    return StreakCounts(tuple(marks), tuple(streak))


def _first_reached(
    lead: NDArray[np.intp], at: NDArray[np.datetime64], count: NDArray[np.int64]
) -> tuple[NDArray[np.intp], NDArray[np.datetime64], NDArray[np.int64]]:
    """When each lead first reached each number of unanswered contacts."""
    key = lead.astype(np.int64) * (STREAKS_MOST + 1) + count
    if ((lead[1:] == lead[:-1]) & (at[1:] < at[:-1])).any():
        order = np.argsort(at, kind="stable")
        lead, at, count, key = lead[order], at[order], count[order], key[order]
    first = ~pd.Series(key, copy=False).duplicated().to_numpy()
    return lead[first], at[first], count[first]


def _settled(stays: pd.DataFrame, streaks: pd.DataFrame) -> tuple[pd.DataFrame, NDArray[np.intp]]:
    """Per lead: when it began, what became of it and when (the lead's own clock, pauses left out).

    Also the row among these leads of each streak; -1 for none.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    ids, run = _runs(stays["lead_id"])
    encoded = ids.dictionary_encode()
    lead = encoded.indices.to_numpy()[run]
    started = stays["started_at"].to_numpy()
    same = lead[1:] == lead[:-1]
    order = np.arange(len(lead))
    if len(encoded.dictionary) < len(ids) or (same & (started[1:] < started[:-1])).any():
        order = np.lexsort((started, lead))
        same = lead[order][1:] == lead[order][:-1]
    first, last = order[np.append(True, ~same)], order[np.append(~same, True)]
    risks = Risks.of(stays)
    settled = stays["started_at"].iloc[last] + pd.to_timedelta(pd.Series(risks.outcome_days[last]), unit="D").array
    leads = pd.DataFrame(
        {"begun_at": started[first], "outcome": risks.outcome[last], "settled_at": settled.to_numpy()}, copy=False
    )
    streak_ids, streak_run = _runs(streaks["lead_id"])
    names = encoded.dictionary.take(pa.array(lead[first]))
    found = pc.index_in(streak_ids, value_set=names).fill_null(-1).to_numpy(zero_copy_only=False)
    return leads, found.astype(np.intp)[streak_run]


def _runs(ids: pd.Series) -> tuple[pa.Array, NDArray[np.intp]]:
    """The first id of each run of equal ones, and the number of the run of each row: names repeat, and comparing is cheap."""
    import pyarrow as pa
    import pyarrow.compute as pc

    whole = pa.array(ids, from_pandas=True)
    if isinstance(whole, pa.ChunkedArray):
        whole = whole.combine_chunks()
    other = pc.not_equal(whole[1:], whole[:-1]).fill_null(True).to_numpy(zero_copy_only=False)
    begins = np.append(np.ones(min(1, len(whole)), dtype=bool), other)
    return whole.take(pa.array(np.flatnonzero(begins))), np.cumsum(begins) - 1
