"""Milestones → stays: the unit that all statistics are made of.

A stay runs from a lead's last progress to its next one, to its ending, or to ``as_of``. Time is
measured on each lead's own clock, which stands still during valid pauses. A lead that is paused
at ``as_of`` is therefore censored at the age at which its pause began: nothing is claimed about
what it would have done had it gone on standing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from leadaudit.tables import STAYS, conform

if TYPE_CHECKING:
    from numpy.typing import NDArray

DAY_US = 86_400_000_000

STARTS = ("created", "progress", "reopened")
ENDINGS = ("won", "ended")
CLOSES = (*ENDINGS, "progress", "reopened", "vanished")
SETTLES = (*ENDINGS, "reopened", "vanished")


def stays(milestones: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Cut the leads' histories into stays.

    Parameters
    ----------
    milestones : DataFrame
        MILESTONES (:mod:`leadaudit.tables`), in any order; columns other than ``lead_id``, ``at``
        and ``what`` may be absent. Milestones at or after ``as_of`` are ignored.
    as_of : Timestamp
        First moment not known; open stays are censored there.

    Returns
    -------
    DataFrame
        STAYS, one row per stay, by lead in order of first appearance and then by time.
        ``stay_days`` and ``outcome_days`` are fractional days without pauses. Missing are

        - ``entered_days``, where the start lies before the history at an unknown date;
        - ``stay_days`` and ``outcome_days``, where an ending has no date: it is known what
          became of the lead, but not when;
        - ``movement_count`` of stays that have not ended: milestones do not carry what is
          still going on.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [("a", "2024-01-01", "created", "New"), ("a", "2024-01-04", "progress", "Offer"),
    ...         ("a", "2024-01-10", "won", None), ("b", "2024-01-02", "created", "New")]
    >>> milestones = pd.DataFrame(rows, columns=["lead_id", "at", "what", "stage"])
    >>> milestones["at"] = pd.to_datetime(milestones["at"])
    >>> stays(milestones, pd.Timestamp("2024-01-12"))[["lead_id", "stage", "stay_days", "end", "outcome"]]
      lead_id  stage  stay_days       end outcome
    0       a    New        3.0  progress     won
    1       a  Offer        6.0       won     won
    2       b    New       10.0      open    open
    """
    rows, undated = _in_order(milestones, as_of)
    lead = rows["lead"].to_numpy()
    what = rows["what"].to_numpy()
    last = np.append(lead[1:] != lead[:-1], np.ones(min(1, len(lead)), dtype=bool))
    day, clock, closing = _clocks(rows, what, last, as_of)

    starting = np.flatnonzero(np.isin(what, STARTS))
    end_row = _next(np.flatnonzero(np.isin(what, CLOSES)), starting, lead)
    settle_row = _last(np.flatnonzero(np.isin(what, SETTLES)), starting, lead)
    counts = rows["counts"].to_numpy()

    end_clock = np.where(end_row >= 0, clock[end_row], closing[starting])
    # A lead that was reopened and not ended since is open again, up to as_of.
    settled = (settle_row >= 0) & (what[settle_row] != "reopened") if len(what) else settle_row >= 0
    settle_clock = np.where(settled, clock[settle_row], closing[starting])
    end = np.where(end_row >= 0, _ends(what, counts)[end_row], "open")
    outcome = np.where(settled, _outcomes(what, counts)[settle_row], "open")
    moved = np.cumsum(rows["movement_count"].to_numpy())
    movement = np.where(end_row >= 0, (moved[end_row] - moved[starting]), np.nan)

    found = pd.DataFrame(
        {
            "lead_id": rows["lead_id"].to_numpy()[starting],
            "life": rows["life"].to_numpy()[starting],
            "pipeline": rows["pipeline"].to_numpy()[starting],
            "stage": rows["stage"].to_numpy()[starting],
            "started_at": rows["at"].to_numpy()[starting],
            "entered_days": _entered(rows, day)[starting],
            "stay_days": end_clock - clock[starting],
            "end": end,
            "outcome": outcome,
            "outcome_days": settle_clock - clock[starting],
            "movement_count": pd.array(movement, dtype="Int64"),
        }
    )
    return conform(_without_dates(found, undated), STAYS)


def _in_order(milestones: pd.DataFrame, as_of: pd.Timestamp) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Dated milestones before ``as_of`` by lead and time, and the endings that have no date."""
    rows = pd.DataFrame(
        {
            "lead_id": milestones["lead_id"],
            "at": pd.to_datetime(milestones["at"]).astype("datetime64[us]"),
            "what": milestones["what"].astype(object),
            "pipeline": milestones.get("pipeline"),
            "stage": milestones.get("stage"),
            "life": _filled(milestones, "life", 0),
            "known": _filled(milestones, "known", default=True),
            "counts": _filled(milestones, "counts", default=True),
            "movement_count": _filled(milestones, "movement_count", 0),
            "observed_at": milestones.get("observed_at"),
        }
    )
    rows["lead"] = pd.factorize(rows["lead_id"])[0]
    seq = _filled(milestones, "seq", 0)
    order = np.lexsort((seq, rows["at"].to_numpy(), rows["lead"].to_numpy()))
    if not np.array_equal(order, np.arange(len(order))):
        rows = rows.iloc[order]
    dateless = rows["at"].isna().to_numpy()
    undated = rows[dateless & rows["what"].isin(ENDINGS).to_numpy()]
    return rows[(rows["at"] < as_of).to_numpy()].reset_index(drop=True), undated


def _filled(milestones: pd.DataFrame, name: str, default: float) -> NDArray[np.generic]:
    """A column as a plain array; absent and missing values get the default."""
    if name not in milestones.columns:
        return np.full(len(milestones), default)
    column = milestones[name]
    filled = column.fillna(default) if column.isna().any() else column
    return filled.to_numpy(dtype=bool if isinstance(default, bool) else np.int64)


def _clocks(
    rows: pd.DataFrame, what: NDArray[np.object_], last: NDArray[np.bool_], as_of: pd.Timestamp
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Calendar days and the lead's own clock at each milestone, and that clock at ``as_of``.

    Only differences of clocks within a lead mean anything.
    """
    day = rows["at"].to_numpy().astype("datetime64[us]").astype(np.int64) / DAY_US
    until = np.append(day[1:], np.zeros(min(1, len(day))))
    until[last] = as_of.to_datetime64().astype("datetime64[us]").astype(np.int64) / DAY_US
    stopped = (what == "paused") | (what == "vanished")
    paused_days = np.where(stopped, until - day, 0.0)
    # Pauses are summed, not standing time: exact for all leads that never pause.
    before = np.cumsum(paused_days) - paused_days
    first = np.flatnonzero(np.append(np.ones(min(1, len(day)), dtype=bool), last[:-1]))
    sizes = np.diff(np.append(first, len(day)))
    lead_before = np.repeat(before[first], sizes)
    lead_total = np.repeat(np.add.reduceat(paused_days, first) if len(first) else first.astype(float), sizes)
    clock = day - (before - lead_before)
    closing = np.repeat(until[last], sizes) - lead_total
    return day, clock, closing


def _next(candidates: NDArray[np.intp], starting: NDArray[np.intp], lead: NDArray[np.intp]) -> NDArray[np.intp]:
    """First candidate row after each starting row within the same lead, else -1."""
    place = np.searchsorted(candidates, starting, side="right")
    return _same_lead(candidates, place, starting, lead)


def _last(candidates: NDArray[np.intp], starting: NDArray[np.intp], lead: NDArray[np.intp]) -> NDArray[np.intp]:
    """Last candidate row of the lead of each starting row if it comes after it, else -1."""
    lead_end = np.searchsorted(lead, lead[starting], side="right")
    place = np.searchsorted(candidates, lead_end, side="left") - 1
    found = _same_lead(candidates, place, starting, lead)
    return np.where(found > starting, found, -1)


def _same_lead(
    candidates: NDArray[np.intp], place: NDArray[np.intp], starting: NDArray[np.intp], lead: NDArray[np.intp]
) -> NDArray[np.intp]:
    inside = (place >= 0) & (place < len(candidates))
    row = np.full(len(starting), -1, dtype=np.intp)
    row[inside] = candidates[place[inside]]
    return np.where((row >= 0) & (lead[row] == lead[starting]), row, -1)


def _ends(what: NDArray[np.object_], counts: NDArray[np.generic]) -> NDArray[np.object_]:
    """How a stay that is closed by each row ended; wrong entries and lost sight are censored."""
    ending = np.isin(what, ENDINGS)
    return np.where((ending & counts.astype(bool)) | (what == "progress"), what, "censored")


def _outcomes(what: NDArray[np.object_], counts: NDArray[np.generic]) -> NDArray[np.object_]:
    """What became of a lead whose last settling row is this one."""
    return np.where(np.isin(what, ENDINGS) & counts.astype(bool), what, "open")


def _entered(rows: pd.DataFrame, day: NDArray[np.float64]) -> NDArray[np.float64]:
    """Age at which observation of a stay that starts at each row begins; missing = age unknown."""
    late = np.zeros(len(rows))
    observed = rows["observed_at"]
    if observed.notna().any():
        observed_day = pd.to_datetime(observed).astype("datetime64[us]").to_numpy().astype(np.int64) / DAY_US
        late = np.where(observed.notna(), np.maximum(observed_day - day, 0.0), 0.0)
    return np.where(rows["known"].to_numpy(dtype=bool), late, np.nan)


def _without_dates(found: pd.DataFrame, undated: pd.DataFrame) -> pd.DataFrame:
    """Leads whose ending has no date: the outcome stands, the durations that it would end are unknown."""
    if undated.empty:
        return found
    ending = undated.drop_duplicates("lead_id", keep="last").set_index("lead_id")["what"]
    known = found["lead_id"].map(ending)
    hit = known.notna()
    running = hit & (found["end"] == "open")
    found.loc[hit, "outcome"] = known[hit]
    found.loc[hit, "outcome_days"] = np.nan
    found.loc[running, "end"] = known[running]
    found.loc[running, "stay_days"] = np.nan
    return found
