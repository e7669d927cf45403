"""From when to when an export knows something, and which letters of evidence it has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from leadaudit.ingest.loading.database import first_row

if TYPE_CHECKING:
    import duckdb

FAR_AHEAD_DAYS = 30
"""A date so far after the next newest one, and alone there, is a slip of the pen."""

FAR_AHEAD_GAPS = 3
"""... unless gaps of about that length are usual: so many times the usual gap is unusual."""

FAR_AHEAD_SHARE = 0.01
"""More rows than this share of all are no slip but the data."""

FEW_DAYS_COUNT = 3
FEW_DAYS_GAP_DAYS = 3650
"""With hardly any dates only a gap of ten years is one."""

HISTORY_SHARE = 0.05
"""Stage changes for fewer leads than this share are no stage history."""

DIRECTION_SHARE = 0.5
"""Direction known for fewer mails, calls and meetings than this share is no direction."""


def event_days(connection: duckdb.DuckDBPyConnection, names: Mapping[str, str]) -> pd.DataFrame:
    """Days on which something happened, with the number of events: creation, change, ending, done activity.

    Where leads have neither, the last contact that the list itself names is the only day on which anything happened.

    Returns
    -------
    DataFrame
        ``day`` (datetime64) ascending, ``count``.
    """
    return connection.execute(f"""
        SELECT date_trunc('day', moment)::TIMESTAMP AS day, count(*) AS "count" FROM (
            SELECT created_at AS moment FROM {names["leads"]}
            UNION ALL SELECT closed_at FROM {names["leads"]} WHERE status IN ('won', 'lost')
            UNION ALL SELECT "at" FROM {names["changes"]}
            UNION ALL SELECT "at" FROM {names["activities"]} WHERE done IS DISTINCT FROM false
            UNION ALL SELECT moment FROM ({last_resort(names)})
        ) WHERE moment IS NOT NULL GROUP BY 1 ORDER BY 1
    """).df()


def last_resort(names: Mapping[str, str]) -> str:
    """SQL of the moments of last contact and of the stage's beginning, where there is no event of any other kind."""
    return f"""
        SELECT unnest([last_activity_at, stage_entered_at]) AS moment FROM {names["leads"]}
        WHERE (SELECT count(created_at) FROM {names["leads"]}) = 0 AND (SELECT count(*) FROM {names["changes"]}) = 0
            AND (SELECT count(*) FROM {names["activities"]} WHERE done IS DISTINCT FROM false) = 0
    """


def newest_day(days: pd.DataFrame) -> pd.Timestamp | None:
    """The newest day that counts: isolated far later days are left out.

    Parameters
    ----------
    days : DataFrame
        ``day`` ascending, ``count``.

    Examples
    --------
    >>> days = pd.date_range("2024-01-01", periods=20).append(pd.DatetimeIndex(["2099-12-31"]))
    >>> newest_day(pd.DataFrame({"day": days, "count": 1}))
    Timestamp('2024-01-20 00:00:00')
    """
    if days.empty:
        return None
    gaps = np.diff(days["day"].to_numpy()) / np.timedelta64(1, "D")
    counts = days["count"].to_numpy()
    total = counts.sum()
    last = len(days) - 1
    for gap_at in range(len(gaps) - 1, -1, -1):
        tail = counts[gap_at + 1 :].sum()
        if tail > max(1, FAR_AHEAD_SHARE * total):
            break
        if gaps[gap_at] > _usual_gap(gaps[:gap_at]):
            last = gap_at
    return pd.Timestamp(days["day"].iloc[last])


def _usual_gap(earlier: np.ndarray) -> float:
    if len(earlier) < FEW_DAYS_COUNT:
        return FEW_DAYS_GAP_DAYS
    return max(FAR_AHEAD_DAYS, FAR_AHEAD_GAPS * float(np.median(earlier)))


def letters(connection: duckdb.DuckDBPyConnection, names: Mapping[str, str]) -> str:
    """Evidence of an export: H stage history, E activities with direction, N next steps, F field history.

    Parameters
    ----------
    connection : DuckDBPyConnection
    names : mapping of table to database table

    Returns
    -------
    str
        The letters that hold, in the order HENF.
    """
    row = first_row(
        connection,
        f"""
        SELECT
            (SELECT count(*) FROM {names["leads"]}) AS leads_count,
            (SELECT count(DISTINCT lead_id) FROM {names["changes"]} WHERE field = 'stage') AS history_count,
            (SELECT count(*) FROM {names["changes"]} WHERE field NOT IN ('stage', 'status', 'vanished')) AS field_count,
            (SELECT count(*) FROM {names["activities"]} WHERE kind IN ('email', 'call', 'meeting')) AS contact_count,
            (SELECT count(*) FROM {names["activities"]} WHERE kind IN ('email', 'call', 'meeting')
                AND direction <> 'unknown') AS directed_count,
            (SELECT count(*) FROM {names["activities"]} WHERE done = false) AS planned_count,
            (SELECT count(coalesce(next_step, next_step_at::VARCHAR)) FROM {names["leads"]}) AS step_count
    """,
    )
    leads, history, fields, contacts, directed, planned, steps = row
    held = {
        "H": history > 0 and history >= HISTORY_SHARE * leads,
        "E": directed > 0 and directed >= DIRECTION_SHARE * contacts,
        "N": planned > 0 or steps > 0,
        "F": fields > 0,
    }
    return "".join(letter for letter, holds in held.items() if holds)
