"""Pauses of each lead: how many, which ran out without anything coming of it, and the current one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from leadaudit.ledger.known import LAST_US, microseconds, times
from leadaudit.ledger.places import PAUSED
from leadaudit.ledger.rows import MISSING_US

if TYPE_CHECKING:
    from leadaudit.ledger import Ledger

Numbers = np.ndarray[Any, np.dtype[Any]]


def resting(ledger: Ledger, stand: pd.DataFrame, as_of_us: int) -> pd.DataFrame:
    """Pauses, one row per lead by ``lead_no``."""
    found, size = ledger.history.pauses, len(stand)
    lead_no = found.lead_no
    in_life = ledger.history.walked.life[found.row] == stand["life"].to_numpy()[lead_no]
    current = (found.left_us == LAST_US) & (stand["state"].to_numpy() == PAUSED)[lead_no]
    over = in_life & _ran_out(ledger, as_of_us)
    started, moved = np.full(size, MISSING_US), np.zeros(size, np.int64)
    started[lead_no[current]] = found.started_us[current]
    moved[lead_no[current]] = found.moved_count[current]
    until = microseconds(ledger.known.leads["paused_until"]).copy()
    set_since = current & (found.until_us != MISSING_US)
    until[lead_no[set_since]] = found.until_us[set_since]
    return pd.DataFrame(
        {
            "pause_count": np.bincount(lead_no[in_life], minlength=size),
            "pauses_over_count": np.bincount(lead_no[over], minlength=size),
            "pause_started_at": times(started),
            "paused_until": times(until),
            "pause_moved_count": pd.Series(moved, dtype="Int64").mask(started == MISSING_US),
        }
    )


def _ran_out(ledger: Ledger, as_of_us: int) -> Numbers:
    """Pauses that are over, after which there was contact but no progress before the next pause (or as_of)."""
    found, walked, acts = ledger.history.pauses, ledger.history.walked, ledger.acts
    size = len(found.lead_no)
    dated = found.until_us != MISSING_US
    over_us = np.minimum(found.left_us, np.where(dated, found.until_us, LAST_US))
    following = np.full(size, as_of_us)
    same = found.lead_no[1:] == found.lead_no[:-1]
    following[:-1][same] = found.started_us[1:][same]
    contacts = acts.until("contact")
    contacted = contacts[acts.after(found.lead_no, following - 1)] > contacts[acts.after(found.lead_no, over_us)]
    moved = np.flatnonzero(walked.progress | walked.ending)
    progressed = _any_between(
        walked.rows.lead_no[moved], walked.rows.at_us[moved], found.lead_no, found.started_us, following
    )
    return (over_us < as_of_us) & contacted & ~progressed


def _any_between(lead_no: Numbers, at_us: Numbers, of_lead: Numbers, begin_us: Numbers, end_us: Numbers) -> Numbers:
    """Per question, whether its lead has an event after ``begin_us`` and before ``end_us``; events sorted by lead, time."""
    wanted = np.isin(lead_no, of_lead)
    events = pd.DataFrame({"lead_no": lead_no[wanted], "at_us": at_us[wanted]})
    questions = pd.DataFrame(
        {"lead_no": of_lead, "begin": begin_us, "end": end_us, "question": np.arange(len(of_lead))}
    )
    paired = questions.merge(events, on="lead_no")
    hit = paired[(paired["at_us"] > paired["begin"]) & (paired["at_us"] < paired["end"])]
    result = np.zeros(len(of_lead), bool)
    result[hit["question"].to_numpy()] = True
    return result
