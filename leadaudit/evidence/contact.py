"""What was done with each lead: movement, responses, unanswered contacts, whose turn it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from leadaudit.evidence.standing import current_place, last_row, taken
from leadaudit.ledger.known import LAST_US, microseconds, times
from leadaudit.ledger.places import ENDED, WON
from leadaudit.ledger.rows import MISSING_US

if TYPE_CHECKING:
    from leadaudit.ledger import Ledger
    from leadaudit.ledger.contacts import Acts

Numbers = np.ndarray[Any, np.dtype[Any]]


def contact(ledger: Ledger, stand: pd.DataFrame) -> pd.DataFrame:
    """Contacts of each lead, one row per lead by ``lead_no``; counts are missing where the export has no activities."""
    acts = ledger.acts
    since, until, life = _bounds(ledger, stand)
    last = {name: acts.last_us(name) for name in ("inbound", "mutual")}
    last["outbound"] = _last_outbound(acts)
    frame = pd.DataFrame(_counts(acts, since, until, life)).astype("Int64")
    frame["came_itself"] = pd.array(_came_itself(acts, life), dtype="boolean")
    frame["last_contact_at"] = times(np.maximum.reduce(list(last.values())))
    frame["last_contact_direction"] = _direction(last)
    frame["last_activity_at"] = times(_last_any(acts))
    response_us = np.maximum(last["inbound"], last["mutual"])
    frame["last_response_at"] = times(response_us)
    unanswered = _unanswered(ledger, stand, response_us)
    frame = frame.join(unanswered).join(_answered(acts, last, microseconds(unanswered["unanswered_since_at"])))
    frame["no_interest"] = pd.array(acts.last_us("no_interest", since, until) != MISSING_US, dtype="boolean")
    frame = frame.join(_our_turn(ledger, frame["last_contact_direction"], last, stand))
    return frame if len(acts) else _without_activities(frame)


def _without_activities(frame: pd.DataFrame) -> pd.DataFrame:
    """An export without activities says nothing about contacts; whose turn it is may still follow from the stage."""
    return frame[["our_turn", "our_turn_since_at"]].assign(our_turn=frame["our_turn"].where(frame["our_turn"], pd.NA))


def _bounds(ledger: Ledger, stand: pd.DataFrame) -> tuple[Numbers, Numbers, Numbers]:
    """Per lead the position of the first activity since the last progress (or the life's start), that of the
    first after the ending, and that of the first of this life. Before the first progress of the first life
    everything counts: contact often precedes the record.
    """
    acts, size = ledger.acts, len(stand)
    walked = ledger.history.walked
    rows = walked.rows
    reopened = last_row(rows.lead_no, size, walked.reopened)
    life_us = taken(rows.at_us, reopened, MISSING_US)
    begins = np.maximum(life_us, microseconds(stand["last_progress_at"]))
    life = _after_where(acts, reopened >= 0, life_us, acts.start[:-1])
    since = _after_where(acts, begins != MISSING_US, begins, acts.start[:-1])
    over = stand["state"].isin([WON, ENDED]).to_numpy() & (stand["until_us"].to_numpy() != LAST_US)
    until = _after_where(acts, over, stand["until_us"].to_numpy(), acts.start[1:])
    return since, np.maximum(until, since), life


def _after_where(acts: Acts, wanted: Numbers, at_us: Numbers, otherwise: Numbers) -> Numbers:
    """Position after a moment of each wanted lead, another position of the others."""
    found = otherwise.copy()
    number = np.flatnonzero(wanted)
    found[number] = acts.after(number, at_us[number])
    return found


def _counts(acts: Acts, since: Numbers, until: Numbers, life: Numbers) -> dict[str, Numbers]:
    response, conversation = (acts.until(name) for name in ("response", "conversation"))
    moved = until - since
    if len(acts.rows("decisive")):
        decisive = acts.until("decisive")
        moved -= decisive[until] - decisive[since]
    return {
        "movement_count": moved,
        "response_count": response[until] - response[since],
        "conversation_count": conversation[until] - conversation[since],
        "life_response_count": response[np.maximum(acts.start[1:], life)] - response[life],
    }


def _came_itself(acts: Acts, life: Numbers) -> Numbers:
    """The first contact of this life was inbound, and not at the same time as one of ours."""
    inbound, mutual = acts.first_us("inbound", life), acts.first_us("mutual", life)
    chosen = acts.rows("contact")
    chosen = chosen[(acts.marks[chosen] & acts.bit("response")) == 0]
    chosen = chosen[chosen >= life[acts.lead_no[chosen]]][::-1]
    outbound = np.full(acts.leads_count, LAST_US)
    outbound[acts.lead_no[chosen]] = acts.at_us[chosen]
    return (inbound != LAST_US) & (inbound < np.minimum(mutual, outbound))


def _last_outbound(acts: Acts) -> Numbers:
    chosen = acts.rows("contact")
    chosen = chosen[(acts.marks[chosen] & acts.bit("response")) == 0]
    found = np.full(acts.leads_count, MISSING_US)
    found[acts.lead_no[chosen]] = acts.at_us[chosen]
    return found


def _last_any(acts: Acts) -> Numbers:
    found = np.full(acts.leads_count, MISSING_US)
    has = acts.start[1:] > acts.start[:-1]
    found[has] = acts.at_us[acts.start[1:][has] - 1]
    return found


def _direction(last: dict[str, Numbers]) -> pd.Series:
    """Direction of the last contact. At equal times (dates without times) we count as having answered."""
    newest = np.maximum.reduce(list(last.values()))
    named = np.select(
        [newest == MISSING_US, last["outbound"] == newest, last["mutual"] == newest],
        ["", "outbound", "mutual"],
        "inbound",
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
    since = _first_asked(ledger.acts, inbound, np.maximum(last["outbound"], last["mutual"]))
    marked, entered_us = _waiting_stage(ledger, size)
    since = np.where(marked & (entered_us != MISSING_US), np.minimum(since, entered_us), since)
    ours = (inbound | marked) & ~np.isin(stand["state"], (WON, ENDED))
    return pd.DataFrame(
        {"our_turn": pd.array(ours, dtype="boolean"), "our_turn_since_at": times(np.where(ours, since, LAST_US))}
    )


def _first_asked(acts: Acts, wanted: Numbers, after_us: Numbers, until_us: Numbers | None = None) -> Numbers:
    """First inbound contact of each wanted lead after one moment (and not after another); largest integer = none."""
    since = _after_where(acts, wanted & (after_us != MISSING_US), after_us, acts.start[:-1])
    before = acts.start[1:] if until_us is None else _after_where(acts, wanted, until_us, acts.start[1:])
    return np.where(wanted, acts.first_us("inbound", since, before), LAST_US)


def _answered(acts: Acts, last: dict[str, Numbers], answered_us: Numbers) -> pd.DataFrame:
    """The last question of the other side that we answered, where no response followed our answer."""
    asked_last = last["inbound"]
    wanted = (answered_us != MISSING_US) & (asked_last != MISSING_US) & (asked_last > last["mutual"])
    rows = acts.rows("contact")
    rows = rows[wanted[acts.lead_no[rows]] & ((acts.marks[rows] & acts.bit("inbound")) == 0)]
    rows = rows[acts.at_us[rows] < asked_last[acts.lead_no[rows]]]
    ours_us = np.full(acts.leads_count, MISSING_US)
    ours_us[acts.lead_no[rows]] = acts.at_us[rows]
    asked_us = _first_asked(acts, wanted, ours_us, asked_last)
    return pd.DataFrame(
        {"asked_at": times(asked_us), "answered_at": times(np.where(asked_us == LAST_US, LAST_US, answered_us))}
    )


def _waiting_stage(ledger: Ledger, size: int) -> tuple[Numbers, Numbers]:
    """Leads in a stage that waits for us, and since when they stand there."""
    places, known, rows = ledger.history.places, ledger.known, ledger.history.walked.rows
    entered = last_row(rows.lead_no, size, rows.place >= 0)
    place = current_place(ledger)
    marked = (place >= 0) & places.our_turn[place] if len(places.our_turn) else np.zeros(size, bool)
    entered_us = taken(rows.at_us, entered, MISSING_US)
    by_record = (entered < 0) | (not known.has_history)
    return marked, np.where(by_record, microseconds(known.leads["stage_entered_at"]), entered_us)
