"""The rules that CRMs and rules of thumb use, on the same leads: the measure of what judging adds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from leadaudit.backtest.moments import DAY

if TYPE_CHECKING:
    from leadaudit.ingest.export import Export
    from leadaudit.judge import Judgement

IDLE_DAYS = (14, 21, 30)
UNMOVED_DAYS = 30

RULES = (*(f"idle_{days}" for days in IDLE_DAYS), "age_won_cycle", "age_double_cycle", "unmoved_30", "mean_won_stay")
"""Idle for 14, 21, 30 days (Pipedrive, Odoo); older than the median won cycle (Freshsales asks for a number of days:
this is the one that fits) or twice that; 30 days without a change of stage; longer here than the won stayed on average."""


def rules(known: Export, judgement: Judgement, leads: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, float]]:
    """Which leads each rule would have flagged, knowing only what was known then.

    Parameters
    ----------
    known : Export
        As known at the date.
    judgement : Judgement
        Made at the date; its won cycle and its stays give two of the rules their limits.
    leads : DataFrame
        The open leads: EVIDENCE columns.

    Returns
    -------
    flags : DataFrame
        Index of ``leads``; a flag column for each rule that can be read. *Idle* cannot without
        activities, *unmoved* cannot without a history of stages.
    limits : dict of str to float
        Days that were compared; missing where they differ by stage.
    """
    cycle = judgement.learned.won_cycle_days
    age = leads["age_days"].to_numpy(np.float64, na_value=np.nan)
    flags: dict[str, np.ndarray] = {}
    limits: dict[str, float] = {}
    if known.count("activities"):
        for days in IDLE_DAYS:
            flags[f"idle_{days}"] = idle_days(leads, judgement.as_of) > days
            limits[f"idle_{days}"] = days
    if not np.isnan(cycle):
        for name, times in (("age_won_cycle", 1), ("age_double_cycle", 2)):
            flags[name], limits[name] = age > times * cycle, times * cycle
    if "H" in known.evidence:
        flags["unmoved_30"] = _unmoved_days(known, leads, judgement.as_of) > UNMOVED_DAYS
        limits["unmoved_30"] = UNMOVED_DAYS
    stay = leads["stay_days"].to_numpy(np.float64, na_value=np.nan)
    flags["mean_won_stay"] = stay > _mean_won_stay(judgement.stays, leads)
    return pd.DataFrame(flags, index=leads.index, dtype=bool), limits


def idle_days(leads: pd.DataFrame, date: pd.Timestamp) -> np.ndarray:
    """Days since the last activity of any kind, else since creation; NaN where neither is known."""
    last = leads[["last_activity_at", "created_at"]].max(axis=1)
    return ((date - last) / DAY).to_numpy(np.float64)


def _unmoved_days(known: Export, leads: pd.DataFrame, date: pd.Timestamp) -> np.ndarray:
    query = f"SELECT lead_id, max(\"at\") AS moved_at FROM {known.names['changes']} WHERE field = 'stage' GROUP BY ALL"
    moved = known.connection.sql(query).df().set_index("lead_id")["moved_at"]
    last = leads["lead_id"].map(moved).astype("datetime64[us]").fillna(leads["created_at"])
    return ((date - last) / DAY).to_numpy(np.float64)


def _mean_won_stay(stays: pd.DataFrame, leads: pd.DataFrame) -> np.ndarray:
    """Mean length of the stays of won leads, by the stage that each open lead stands in."""
    won = stays[(stays["outcome"] == "won") & stays["end"].isin(["progress", "won"])]
    means = won.groupby([won["pipeline"].fillna(""), won["stage"].fillna("")])["stay_days"].mean()
    keys = pd.MultiIndex.from_arrays([leads["pipeline"].fillna(""), leads["stay_stage"].fillna("")])
    if means.empty:
        return np.full(len(leads), np.nan)
    return means.reindex(keys).to_numpy(np.float64)
