"""Counting what became of past leads: won, ended, still open, with intervals."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

import numpy as np
import pandas as pd

from leadaudit.shares import wilson

COUNTED = ("leads_count", "won_count", "ended_count", "open_count", "unknown_count")


def tally(leads: pd.DataFrame) -> dict[str, Any]:
    """Counts and shares of one group of past leads.

    Shares are of the leads whose outcome is known, those still open included: ``won_share`` says
    how many were won by the end of the export. ``days_to_ending`` is the median from the date to
    the client's own ending.
    """
    outcome = leads["outcome"]
    won, ended, still = (int((outcome == name).sum()) for name in ("won", "ended", "open"))
    known = won + ended + still
    (won_low, won_high), (low, high) = wilson(won, known), wilson(ended, known)
    return {
        "leads_count": len(leads),
        "won_count": won,
        "ended_count": ended,
        "open_count": still,
        "unknown_count": len(leads) - known,
        "won_share": won / known if known else np.nan,
        "won_low": won_low,
        "won_high": won_high,
        "ended_share": ended / known if known else np.nan,
        "ended_low": low,
        "ended_high": high,
        "days_to_ending": leads.loc[outcome == "ended", "outcome_days"].median(),
    }


def by_date(leads: pd.DataFrame, groups: Iterable[tuple[Hashable, pd.DataFrame]], name: str) -> pd.DataFrame:
    """Tallies per date and group; the rows without a date (``at`` missing) are all dates together.

    In these each lead counts once per group, at the first date at which it was in the group: two
    dates that see the same lead are no two proofs.
    """
    dates = sorted(leads["at"].unique())
    rows = []
    for key, group in groups:
        for date in dates:
            rows.append({"at": date, name: key, **tally(group[group["at"] == date])})
        rows.append({"at": pd.NaT, name: key, **tally(once(group))})
    columns = ["at", name, *tally(leads.head(0))]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.astype({"at": "datetime64[us]", name: "str"} | dict.fromkeys(COUNTED, "int64"))


def once(group: pd.DataFrame) -> pd.DataFrame:
    """Each lead at the first date at which it is in the group; the group is in the order of the dates."""
    return group.drop_duplicates("lead_id")
