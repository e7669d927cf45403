"""Chance after 0, 1, 2 … unanswered contacts, and the number from which it is practically gone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from leadaudit.chance.bounds import bounds
from leadaudit.chance.horizon import chance_limit
from leadaudit.chance.landmarks import Landmarks, Risks, follow

if TYPE_CHECKING:
    from leadaudit.process import Limits

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

    def curve(self, limits: Limits) -> pd.DataFrame:
        """One row per number of unanswered contacts with enough leads behind it."""
        rows = []
        for streak, mark in zip(self.streak, self.marks, strict=True):
            if mark.at_risk[0] < limits.at_risk_min_count:
                continue
            low, high = bounds(mark.chance, mark.effective, limits.confidence_share)
            counts = (int(column[0]) for column in (mark.at_risk, mark.won, mark.ended, mark.still_open))
            rows.append((streak, *counts, float(mark.chance[0]), float(low[0]), float(high[0])))
        return pd.DataFrame(rows, columns=list(CURVE_NAMES))

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
    leads = _settled(stays)
    first = streaks[streaks["at"] < as_of].groupby(["lead_id", "streak_count"], as_index=False)["at"].min()
    begun = leads.assign(streak_count=0, at=leads["begun_at"])
    reached = first.merge(leads, on="lead_id")
    reached = pd.concat([begun, reached[list(begun.columns)]], ignore_index=True)
    days = (reached["settled_at"] - reached["at"]) / pd.Timedelta(days=1)
    reached = reached.assign(outcome_days=days)[(days >= 0) & (reached["streak_count"] <= STREAKS_MOST)]
    marks, streak = [], []
    for count, rows in reached.groupby("streak_count"):
        held = rows.assign(entered_days=0.0, stay_days=rows["outcome_days"])
        marks.append(follow(Risks.of(held), np.zeros(1)))
        streak.append(int(count))
    return StreakCounts(tuple(marks), tuple(streak))


def _settled(stays: pd.DataFrame) -> pd.DataFrame:
    """Per lead: when it began, what became of it and when (the lead's own clock, pauses left out)."""
    ordered = stays.sort_values(["lead_id", "started_at"], kind="stable")
    last = ordered.drop_duplicates("lead_id", keep="last")
    begun = ordered.drop_duplicates("lead_id").set_index("lead_id")["started_at"]
    return pd.DataFrame(
        {
            "lead_id": last["lead_id"],
            "begun_at": last["lead_id"].map(begun),
            "outcome": last["outcome"],
            "settled_at": last["started_at"] + pd.to_timedelta(last["outcome_days"], unit="D"),
        }
    )
