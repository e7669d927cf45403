"""What was done with each lead: movement, responses, unanswered contacts, whose turn it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from leadaudit.evidence.standing import last_row, taken
from leadaudit.ledger.known import LAST_US, microseconds, times
from leadaudit.ledger.places import ENDED, WON
from leadaudit.ledger.rows import MISSING_US

if TYPE_CHECKING:
    from leadaudit.ledger import Ledger

Numbers = np.ndarray[Any, np.dtype[Any]]

COUNTED = ("movement_count", "response_count", "conversation_count")


def contact(ledger: Ledger, stand: pd.DataFrame) -> pd.DataFrame:
    """Contacts of each lead, one row per lead by ``lead_no``; counts are missing where the export has no activities."""
    segments, size = ledger.segments, len(stand)
    since, life_first = _segment_bounds(ledger, stand)
    lead_no, segment = segments["lead_no"].to_numpy(), segments["segment"].to_numpy()
    present = (segment >= since[lead_no]) & (segment <= _last_segment(ledger, stand)[lead_no])
    in_life = segment >= life_first[lead_no]
    found = {name: _sum(lead_no, segments[name], present, size) for name in COUNTED}
    found["life_response_count"] = _sum(lead_no, segments["response_count"], in_life, size)
    ever = np.ones(len(segments), bool)
    last = {name: _latest(lead_no, segments[f"{name}_at"], ever, size) for name in ("inbound", "outbound", "mutual")}
    first = {
        name: _earliest(lead_no, segments[f"first_{name}_at"], in_life, size) for name in ("inbound", "outbound", "mutual")
    }
    response_us = _latest(lead_no, segments["response_at"], ever, size)
    came = (first["inbound"] != LAST_US) & (first["inbound"] < np.minimum(first["outbound"], first["mutual"]))
    frame = pd.DataFrame(found).astype("Int64")
    frame["came_itself"] = pd.array(came, dtype="boolean")
    frame["last_contact_at"] = times(np.maximum.reduce(list(last.values())))
    frame["last_contact_direction"] = _direction(last)
    frame["last_activity_at"] = times(_latest(lead_no, segments["last_at"], ever, size))
    frame["last_response_at"] = times(response_us)
    frame = frame.join(_unanswered(ledger, stand, response_us))
    refused = _latest(lead_no, segments["refusal_at"], present, size) > stand["since_us"].to_numpy()
    frame["no_interest"] = pd.array(refused, dtype="boolean")
    frame = frame.join(_answered(ledger, last, _or_last(frame["unanswered_since_at"])))
    frame = frame.join(_our_turn(ledger, frame["last_contact_direction"], last, stand))
    if not len(segments):
        return _without_activities(frame)
    return frame


def _or_last(moments: pd.Series) -> Numbers:
    at_us = microseconds(moments)
    return np.where(at_us == MISSING_US, LAST_US, at_us)


def _without_activities(frame: pd.DataFrame) -> pd.DataFrame:
    """An export without activities says nothing about contacts; whose turn it is may still follow from the stage."""
    kept = ["our_turn", "our_turn_since_at"]
    blank = {name: pd.Series(pd.NA, index=frame.index, dtype=frame[name].dtype) for name in frame if name not in kept}
    return frame.assign(**blank, our_turn=frame["our_turn"].where(frame["our_turn"], pd.NA))


def _segment_bounds(ledger: Ledger, stand: pd.DataFrame) -> tuple[Numbers, Numbers]:
    """Per lead the segment that begins with the last progress (or life), and the first of this life."""
    boundaries, size = ledger.history.boundaries, len(stand)
    lead_no, at_us = boundaries["lead_no"].to_numpy(), boundaries["at_us"].to_numpy()
    rows, walked = ledger.history.walked.rows, ledger.history.walked
    reopened = last_row(rows.lead_no, size, walked.reopened)
    life_us = taken(rows.at_us, reopened, MISSING_US)
    progress_us = microseconds(stand["last_progress_at"])
    begins = np.maximum(life_us, progress_us)
    since = np.bincount(lead_no[at_us <= begins[lead_no]], minlength=size)
    life_first = np.bincount(lead_no[at_us <= life_us[lead_no]], minlength=size)
    return since, life_first


def _last_segment(ledger: Ledger, stand: pd.DataFrame) -> Numbers:
    """Per lead the last segment before its ending; of open leads the last there is."""
    boundaries = ledger.history.boundaries
    lead_no, at_us = boundaries["lead_no"].to_numpy(), boundaries["at_us"].to_numpy()
    until = stand["until_us"].to_numpy()
    return np.bincount(lead_no[at_us < until[lead_no]], minlength=len(stand))


def _sum(lead_no: Numbers, values: pd.Series, chosen: Numbers, size: int) -> Numbers:
    return np.bincount(lead_no[chosen], weights=values.to_numpy()[chosen], minlength=size).astype(np.int64)


def _latest(lead_no: Numbers, values: pd.Series, chosen: Numbers, size: int) -> Numbers:
    found = np.full(size, MISSING_US)
    np.maximum.at(found, lead_no[chosen], microseconds(values)[chosen])
    return found


def _earliest(lead_no: Numbers, values: pd.Series, chosen: Numbers, size: int) -> Numbers:
    found, at_us = np.full(size, LAST_US), microseconds(values)
    chosen = chosen & (at_us != MISSING_US)
    np.minimum.at(found, lead_no[chosen], at_us[chosen])
    return found


def _direction(last: dict[str, Numbers]) -> pd.Series:
    """Direction of the last contact. At equal times (dates without times) we count as having answered."""
    newest = np.maximum.reduce(list(last.values()))
    named = np.select(
        [newest == MISSING_US, last["outbound"] == newest, last["mutual"] == newest], ["", "outbound", "mutual"], "inbound"
    )
    return pd.Series(named, dtype="str").where(pd.Series(named != ""), None)


def _unanswered(ledger: Ledger, stand: pd.DataFrame, response_us: Numbers) -> pd.DataFrame:
    """Outbound mail and call days of this life since the last response."""
    runs, size = ledger.runs, len(stand)
    lead_no, at_us = runs["lead_no"].to_numpy(), runs["at_us"].to_numpy()
    reborn = stand["life"].to_numpy()[lead_no] > 0
    current = (at_us > response_us[lead_no]) & (~reborn | (at_us >= stand["life_us"].to_numpy()[lead_no]))
    count = np.bincount(lead_no[current], minlength=size)
    first = np.full(size, LAST_US)
    np.minimum.at(first, lead_no[current], at_us[current])
    return pd.DataFrame(
        {
            "unanswered_count": pd.array(count, dtype="Int64"),
            "unanswered_since_at": times(first),
            "cadence_ratio": _cadence(lead_no, at_us, runs["run"].to_numpy(), count),
        }
    )


def _cadence(lead_no: Numbers, at_us: Numbers, run: Numbers, unanswered: Numbers) -> Numbers:
    """Median of the last three gaps between unanswered contact days / median of the earlier ones.

    Gaps with a response in them do not count; less than four gaps say nothing.
    """
    ratio = np.full(len(unanswered), np.nan)
    gap_row = np.flatnonzero((run[1:] == run[:-1]) & (unanswered[lead_no[1:]] >= 2)) + 1
    if not len(gap_row):
        return ratio
    gaps = pd.DataFrame({"lead_no": lead_no[gap_row], "gap": (at_us[gap_row] - at_us[gap_row - 1]).astype(float)})
    from_end = gaps.groupby("lead_no").cumcount(ascending=False)
    late = gaps[from_end < 3].groupby("lead_no")["gap"].median()
    early = gaps[from_end >= 3].groupby("lead_no")["gap"].median()
    both = late.reindex(early.index) / early
    ratio[both.index] = both.to_numpy()
    return ratio


def _our_turn(ledger: Ledger, direction: pd.Series, last: dict[str, Numbers], stand: pd.DataFrame) -> pd.DataFrame:
    """The other side is waiting: it contacted last, or the stage is one in which we must act."""
    size = len(stand)
    inbound = (direction == "inbound").to_numpy(dtype=bool, na_value=False)
    since = _first_asked(ledger.days, inbound, np.maximum(last["outbound"], last["mutual"]))
    marked, entered_us = _waiting_stage(ledger, size)
    since = np.where(marked & (entered_us != MISSING_US), np.minimum(since, entered_us), since)
    ours = (inbound | marked) & ~np.isin(stand["state"], (WON, ENDED))
    return pd.DataFrame(
        {"our_turn": pd.array(ours, dtype="boolean"), "our_turn_since_at": times(np.where(ours, since, LAST_US))}
    )


def _first_asked(days: pd.DataFrame, wanted: Numbers, after_us: Numbers, before_us: Numbers | None = None) -> Numbers:
    """First inbound contact of each wanted lead after one moment (and not after another); largest integer = none."""
    lead_no = days["lead_no"].to_numpy()
    found = np.full(len(wanted), LAST_US)
    for name in ("asked_us", "response_us"):
        at_us = days[name].to_numpy()
        fits = wanted[lead_no] & (at_us > after_us[lead_no]) & (days["asked_us"].to_numpy() != MISSING_US)
        if before_us is not None:
            fits &= at_us <= before_us[lead_no]
        np.minimum.at(found, lead_no[fits], at_us[fits])
    return found


def _answered(ledger: Ledger, last: dict[str, Numbers], answered_us: Numbers) -> pd.DataFrame:
    """The last question of the other side that we answered, where no response followed our answer."""
    days, size = ledger.days, len(answered_us)
    asked_last = last["inbound"]
    wanted = (answered_us != LAST_US) & (asked_last != MISSING_US) & (asked_last > last["mutual"])
    lead_no = days["lead_no"].to_numpy()
    ours_us = np.full(size, MISSING_US)
    for name in ("first_chased_us", "chased_us", "mutual_us"):
        at_us = days[name].to_numpy()
        earlier = wanted[lead_no] & (at_us < asked_last[lead_no])
        np.maximum.at(ours_us, lead_no[earlier], at_us[earlier])
    asked_us = _first_asked(days, wanted, ours_us, asked_last)
    return pd.DataFrame(
        {"asked_at": times(asked_us), "answered_at": times(np.where(asked_us == LAST_US, LAST_US, answered_us))}
    )


def _waiting_stage(ledger: Ledger, size: int) -> tuple[Numbers, Numbers]:
    """Leads in a stage that waits for us, and since when they stand there."""
    places, known, rows = ledger.history.places, ledger.known, ledger.history.walked.rows
    entered = last_row(rows.lead_no, size, rows.place >= 0)
    place = places.number(known.leads["pipeline"], known.leads["stage"])
    marked = (place >= 0) & places.our_turn[place] if len(places.our_turn) else np.zeros(size, bool)
    entered_us = taken(rows.at_us, entered, MISSING_US)
    by_record = (entered < 0) | (not known.has_history)
    return marked, np.where(by_record, microseconds(known.leads["stage_entered_at"]), entered_us)
