"""Counting what became of past leads: won, ended, still open, with intervals."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

Z = 1.6449
"""Two-sided 90 %: each end is a one-sided 95 % bound, as everywhere in the findings."""

COUNTED = ("leads_count", "won_count", "ended_count", "open_count", "unknown_count")


def wilson(count: Any, of: Any) -> tuple[Numbers, Numbers]:
    """Wilson intervals of shares (90 %, two-sided); the whole range where there are no cases.

    Examples
    --------
    >>> low, high = wilson([3, 0], [10, 0])
    >>> low.round(3), high.round(3)
    (array([0.127, 0.   ]), array([0.558, 1.   ]))
    """
    hits, cases = np.asarray(count, dtype=np.float64), np.asarray(of, dtype=np.float64)
    n = np.maximum(cases, 1)
    share = hits / n
    centre = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * np.sqrt(share * (1 - share) / n + Z**2 / (4 * n * n))
    low, high = np.clip(centre - half, 0, 1), np.clip(centre + half, 0, 1)
    return np.where(cases > 0, low, 0.0), np.where(cases > 0, high, 1.0)


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
        "won_low": float(won_low),
        "won_high": float(won_high),
        "ended_share": ended / known if known else np.nan,
        "ended_low": float(low),
        "ended_high": float(high),
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
