"""Where each lead stands: life, stay, stage, setbacks, loops, pauses; from the walked history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from leadaudit.ledger.known import LAST_US, microseconds, times
from leadaudit.ledger.pauses import DAY_US, rested_us
from leadaudit.ledger.places import ENDED, NOWHERE, OPEN, WON, coded
from leadaudit.ledger.rows import MISSING_US
from leadaudit.ledger.walk import DECIDED, INBOUND, PRECONDITION, STAGE

if TYPE_CHECKING:
    from leadaudit.ledger import Ledger

Numbers = np.ndarray[Any, np.dtype[Any]]

ORIGINS = ("history", "stage_entered_at", "created_at", "unknown")
PROGRESS_WHAT = {STAGE: "stage", DECIDED: "decided", PRECONDITION: "precondition", INBOUND: "inbound"}


def last_row(lead_no: Numbers, size: int, flags: Numbers | None = None) -> Numbers:
    """Per lead the last row (with a flag), or -1."""
    rows = np.arange(len(lead_no)) if flags is None else np.flatnonzero(flags)
    found = np.full(size, -1)
    found[lead_no[rows]] = rows
    return found


def taken(values: Numbers, row: Numbers, missing: Any) -> Numbers:
    """Values at rows; ``missing`` where the row is -1."""
    if not len(values):
        return np.full(len(row), missing)
    return np.where(row >= 0, values[row], missing)


def current_place(ledger: Ledger) -> Numbers:
    """Where each lead stands at as_of: by its own record, else by its last stage change."""
    places, leads, rows = ledger.history.places, ledger.known.leads, ledger.history.walked.rows
    place = places.number(leads["pipeline"], leads["stage"])
    seen = taken(rows.place, last_row(rows.lead_no, len(leads), rows.place >= 0), NOWHERE)
    return np.where(place < 0, seen, place)


def standing(ledger: Ledger, as_of_us: int) -> pd.DataFrame:
    """Everything about a lead's place in the process, one row per lead by ``lead_no``.

    Returns
    -------
    DataFrame
        The columns of EVIDENCE from ``life`` to ``stay_origin`` and those about setbacks, and, for the other
        modules, ``state``, ``stay_place``, ``since_us`` (last progress or start of life), ``life_us`` and ``until_us`` (ending or as_of).
    """
    walked, known, begun = ledger.history.walked, ledger.known, ledger.history.begun
    rows, size = walked.rows, len(known.leads)
    final = last_row(rows.lead_no, size)
    life = taken(walked.life, final, 0)
    in_life = walked.life == life[rows.lead_no]
    reopened = last_row(rows.lead_no, size, walked.reopened)
    progressed = last_row(rows.lead_no, size, walked.progress & in_life)
    state = taken(rows.kind, last_row(rows.lead_no, size, rows.kind >= 0), OPEN)
    over = np.isin(state, (WON, ENDED))
    ended = last_row(rows.lead_no, size, walked.ending)
    until_us = np.where(over, taken(rows.at_us, ended, LAST_US), as_of_us)
    life_us = np.where(reopened >= 0, taken(rows.at_us, reopened, 0), begun.at_us)
    start_us, origin = _start(ledger, progressed, reopened, life_us)
    began = np.where(reopened >= 0, reopened, _first_row(rows.lead_no, size))
    stay_place = taken(walked.standing, np.where(progressed >= 0, progressed, began), NOWHERE)
    known_stay = (start_us != MISSING_US) & (until_us != LAST_US)
    rested = rested_us(ledger.history.pauses, np.arange(size), np.where(known_stay, start_us, 0), as_of_us, size)
    stay_us = np.where(known_stay, np.maximum(until_us - start_us - rested, 0), 0)
    places = ledger.history.places
    return pd.DataFrame(
        {
            "state": state,
            "life": life,
            "life_started_at": times(life_us),
            "last_progress_at": times(taken(rows.at_us, progressed, MISSING_US)),
            "last_progress_what": _what(taken(rows.source, progressed, -1)),
            "stay_started_at": times(start_us),
            "stay_stage": places.stage_names(stay_place if known.has_history else np.full(size, NOWHERE)),
            "stay_days": np.where(known_stay, stay_us / DAY_US, np.nan),
            "stay_origin": coded(ORIGINS, origin),
            "setback_count": np.bincount(rows.lead_no[walked.setback & in_life], minlength=size),
            "loop_count": _loops(ledger, progressed),
            "stay_place": stay_place,
            "since_us": start_us,
            "life_us": life_us,
            "until_us": until_us,
        }
    )


def _first_row(lead_no: Numbers, size: int) -> Numbers:
    found = np.full(size, -1)
    found[lead_no[::-1]] = np.arange(len(lead_no))[::-1]
    return found


def _what(source: Numbers) -> pd.Series:
    names = list(PROGRESS_WHAT.values())
    number = np.full(max(PROGRESS_WHAT) + 2, -1)
    number[list(PROGRESS_WHAT)] = np.arange(len(names))
    return coded(names, number[source])


def _start(ledger: Ledger, progressed: Numbers, reopened: Numbers, life_us: Numbers) -> tuple[Numbers, Numbers]:
    """Start of each stay and where it is known from."""
    known, begun, rows = ledger.known, ledger.history.begun, ledger.history.walked.rows
    entered = microseconds(known.leads["stage_entered_at"])
    from_history = (progressed >= 0) | (reopened >= 0)
    # Without history the CRM's own stage date is the best there is; with one, only where the lead is older than it.
    blind = ~from_history & ((not known.has_history) | ~begun.known)
    by_stage = blind & (entered != MISSING_US) & (entered >= begun.at_us)
    # Older than the history and no stage date: it has stood at least since the history began.
    at_least = blind & ~by_stage & known.has_history & (begun.at_us != MISSING_US) & (begun.at_us < begun.history_us)
    start = np.where(progressed >= 0, taken(rows.at_us, progressed, 0), life_us)
    start = np.where(by_stage, entered, np.where(at_least, begun.history_us, start))
    origin = np.where(from_history | at_least, 0, np.where(by_stage, 1, np.where(start == MISSING_US, 3, 2)))
    return start, origin


def _loops(ledger: Ledger, progressed: Numbers) -> Numbers:
    """A → B → A moves since the last progress of this life, pause stages included."""
    walked = ledger.history.walked
    rows, size = walked.rows, len(progressed)
    placed = np.flatnonzero(rows.place >= 0)
    lead_no, place = rows.lead_no[placed], rows.place[placed]
    back = np.zeros(len(placed), bool)
    back[2:] = (place[2:] == place[:-2]) & (lead_no[2:] == lead_no[:-2]) & (place[1:-1] != place[2:])
    since = placed > progressed[lead_no]
    current = walked.life[placed] == taken(walked.life, last_row(rows.lead_no, size), 0)[lead_no]
    return np.bincount(lead_no[back & since & current & ~rows.bulk[placed]], minlength=size)
