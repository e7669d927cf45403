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

ENDINGS = ("won", "ended")
WORDS = (*ENDINGS, "created", "progress", "reopened", "paused", "resumed", "vanished", "open", "censored", "other")
CODES = {word: code for code, word in enumerate(WORDS)}


def _among(*words: str) -> NDArray[np.bool_]:
    return np.array([word in words for word in WORDS])


STARTING = _among("created", "progress", "reopened")
ENDING = _among(*ENDINGS)
CLOSING = _among(*ENDINGS, "progress", "reopened", "vanished")
SETTLING = _among(*ENDINGS, "reopened", "vanished")


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
    lead, what = rows["lead"].to_numpy(), rows["what"].to_numpy()
    last = np.append(lead[1:] != lead[:-1], np.ones(min(1, len(lead)), dtype=bool))
    day, clock, closing = _clocks(rows, what, last, as_of)

    starting = np.flatnonzero(STARTING[what])
    end_row = _next(np.flatnonzero(CLOSING[what]), starting, lead)
    settle_row = _last(np.flatnonzero(SETTLING[what]), starting, lead)
    # A lead that was reopened and not ended since is open again, up to as_of.
    settled = (settle_row >= 0) & ~np.isin(what[settle_row], [CODES["reopened"]])
    counts = rows["counts"].to_numpy()

    end_clock = np.where(end_row >= 0, clock[end_row], closing[starting])
    settle_clock = np.where(settled, clock[settle_row], closing[starting])
    end = np.where(end_row >= 0, _ends(what, counts)[end_row], CODES["open"])
    outcome = np.where(settled, _outcomes(what, counts)[settle_row], CODES["open"])
    moved = np.cumsum(rows["movement_count"].to_numpy())
    movement = np.where(end_row >= 0, moved[end_row] - moved[starting], 0)

    begun = rows.iloc[starting]
    found = pd.DataFrame(
        {
            "lead_id": begun["lead_id"].array,
            "life": begun["life"].array,
            "pipeline": begun["pipeline"].array,
            "stage": begun["stage"].array,
            "started_at": begun["at"].array,
            "entered_days": _entered(rows, day)[starting],
            "stay_days": end_clock - clock[starting],
            "end": _named(end),
            "outcome": _named(outcome),
            "outcome_days": settle_clock - clock[starting],
            "movement_count": pd.arrays.IntegerArray(movement, end_row < 0),
        }
    )
    return conform(_without_dates(found, undated), STAYS)


def _named(codes: NDArray[np.intp]) -> pd.Series:
    return pd.Series(WORDS, dtype="str").take(codes).reset_index(drop=True)


def _in_order(milestones: pd.DataFrame, as_of: pd.Timestamp) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Dated milestones before ``as_of`` by lead and time, and the endings that have no date."""
    kind, kinds = pd.factorize(milestones["what"])
    to_code = np.array([CODES.get(str(word), CODES["other"]) for word in kinds] + [CODES["other"]], dtype=np.intp)
    rows = pd.DataFrame(
        {
            "lead": pd.factorize(milestones["lead_id"])[0],
            "lead_id": milestones["lead_id"].array,
            "at": pd.to_datetime(milestones["at"]).astype("datetime64[us]").array,
            "what": to_code[kind],
            "pipeline": _text(milestones, "pipeline"),
            "stage": _text(milestones, "stage"),
            "life": _filled(milestones, "life", 0),
            "known": _filled(milestones, "known", default=True),
            "counts": _filled(milestones, "counts", default=True),
            "movement_count": _filled(milestones, "movement_count", 0),
            "observed_at": milestones["observed_at"].array if "observed_at" in milestones.columns else pd.NaT,
        }
    )
    keys = (_filled(milestones, "seq", 0), rows["at"].to_numpy().astype(np.int64), rows["lead"].to_numpy())
    if not _sorted(*keys):
        rows = rows.iloc[np.lexsort(keys)]
    undated = rows[(rows["at"].isna() & rows["what"].isin([CODES[word] for word in ENDINGS])).to_numpy()]
    inside = (rows["at"] < as_of).to_numpy()
    return (rows if inside.all() else rows[inside]).reset_index(drop=True), undated


def _sorted(seq: NDArray[np.int64], at: NDArray[np.int64], lead: NDArray[np.intp]) -> bool:
    """Whether the rows already stand by lead, time and seq."""
    same_lead, same_time = lead[1:] == lead[:-1], at[1:] == at[:-1]
    later = (at[1:] > at[:-1]) | (same_time & (seq[1:] >= seq[:-1]))
    return bool(((lead[1:] > lead[:-1]) | (same_lead & later)).all())


def _text(milestones: pd.DataFrame, name: str) -> pd.api.extensions.ExtensionArray:
    """A column of names; an absent one is missing throughout."""
    column = milestones[name] if name in milestones.columns else pd.Series([None] * len(milestones))
    return column.astype("str").array


def _filled(milestones: pd.DataFrame, name: str, default: float) -> NDArray[np.int64]:
    """A column as a plain array; absent and missing values get the default."""
    kind = np.bool_ if isinstance(default, bool) else np.int64
    if name not in milestones.columns:
        return np.full(len(milestones), default, dtype=kind)
    column = milestones[name]
    filled = column.fillna(default) if column.isna().any() else column
    return filled.to_numpy(dtype=kind)


def _clocks(
    rows: pd.DataFrame, what: NDArray[np.intp], last: NDArray[np.bool_], as_of: pd.Timestamp
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Calendar days and the lead's own clock at each milestone, and that clock at ``as_of``.

    Only differences of clocks within a lead mean anything.
    """
    day = rows["at"].to_numpy().astype("datetime64[us]").astype(np.int64) / DAY_US
    until = np.append(day[1:], np.zeros(min(1, len(day))))
    until[last] = as_of.to_datetime64().astype("datetime64[us]").astype(np.int64) / DAY_US
    stopped = (what == CODES["paused"]) | (what == CODES["vanished"])
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


def _ends(what: NDArray[np.intp], counts: NDArray[np.bool_]) -> NDArray[np.intp]:
    """How a stay that is closed by each row ended; wrong entries and lost sight are censored."""
    return np.where((ENDING[what] & counts) | (what == CODES["progress"]), what, CODES["censored"])


def _outcomes(what: NDArray[np.intp], counts: NDArray[np.bool_]) -> NDArray[np.intp]:
    """What became of a lead whose last settling row is this one."""
    return np.where(ENDING[what] & counts, what, CODES["open"])


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
    last = undated.drop_duplicates("lead_id", keep="last")
    known = found["lead_id"].map(pd.Series(_named(last["what"].to_numpy()).to_numpy(), index=last["lead_id"]))
    hit = known.notna()
    running = hit & (found["end"] == "open")
    found.loc[hit, "outcome"] = known[hit]
    found.loc[hit, "outcome_days"] = np.nan
    found.loc[running, "end"] = known[running]
    found.loc[running, "stay_days"] = np.nan
    return found
