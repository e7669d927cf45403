"""The walk through each lead's stage changes: what was progress, setback, ending, reopening, pause.

All leads are walked at once: rows are sorted by lead and time, and "so far in this life" is a
running maximum over segments. There is no loop over leads.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from leadaudit.ledger.places import DECISION, ENDED, NO_KIND, NO_RANK, OPEN, PAUSED, WON

Numbers = np.ndarray[Any, np.dtype[Any]]

# What a row of the walk is (its source).
CREATED, STAGE, STATUS, DECIDED, PRECONDITION, INBOUND, RECORD = range(7)


@dataclass(frozen=True)
class Rows:
    """What happened to the leads, sorted by lead and time; one array element per row.

    Attributes
    ----------
    lead_no, at_us, source : ndarray of int
        ``at_us`` is the largest integer where a date is missing (such rows come last).
    place : ndarray of int
        Stage of created and stage rows; negative elsewhere.
    kind : ndarray of int
        State that the row puts the lead into (open … ended); ``NO_KIND`` if none.
    rank, pipeline_no : ndarray of int
        Of ``place``; negative = none.
    passive, bulk : ndarray of bool
        The stage records an activity; the row is part of an import or clean-up.
    """

    lead_no: Numbers
    at_us: Numbers
    source: Numbers
    place: Numbers
    kind: Numbers
    rank: Numbers
    pipeline_no: Numbers
    passive: Numbers
    bulk: Numbers

    def where(self, keep: Numbers) -> Rows:
        """Only some of the rows."""
        if keep.dtype == bool:
            if keep.all():
                return self
            keep = np.flatnonzero(keep)
        return Rows(**{name: values[keep] for name, values in vars(self).items()})


@dataclass(frozen=True)
class Walked:
    """What each row turned out to be; arrays as long as the rows."""

    rows: Rows
    life: Numbers
    standing: Numbers
    progress: Numbers
    setback: Numbers
    ending: Numbers
    reopened: Numbers
    pausing: Numbers
    resuming: Numbers
    neutral: Numbers


def walk(rows: Rows) -> Walked:
    """Walk all leads through their rows.

    Parameters
    ----------
    rows : Rows
        Sorted by lead, time and order; the first row of each lead is its creation.

    Returns
    -------
    Walked
        Rows that change nothing (the same stage again, an ending that is already known) are gone.
    """
    rows = rows.where(~_repeats_stage(rows))
    rows = rows.where(~_repeats_ending(rows))
    before = _state_before(rows)
    ended_before = np.isin(before, (WON, ENDED))
    ending = np.isin(rows.kind, (WON, ENDED))
    reopened = ended_before & np.isin(rows.kind, (OPEN, DECISION, PAUSED))
    life = _counted_within(rows.lead_no, reopened)
    rows = _reopened_where_it_stood(rows, reopened)
    moving = (rows.source == STAGE) & np.isin(rows.kind, (OPEN, DECISION)) & ~reopened
    pausing = (rows.kind == PAUSED) & (before != PAUSED)
    resuming = (before == PAUSED) & np.isin(rows.kind, (OPEN, DECISION))
    beyond, back, crossing = _against_earlier(rows, life, moving)
    progress = moving & beyond & ~rows.bulk & ~crossing
    decided = np.isin(rows.source, (DECIDED, PRECONDITION, INBOUND)) & ~rows.bulk & ~ended_before & ~ending
    setback = moving & back & ~rows.bulk & ~crossing & ~resuming
    neutral = (moving & (rows.bulk | crossing)) | pausing | (resuming & ~progress)
    return Walked(
        rows,
        life,
        _last_seen(rows.lead_no, np.where(np.isin(rows.kind, (OPEN, DECISION)), rows.place, -1)),
        progress | decided,
        setback,
        ending,
        reopened,
        pausing,
        resuming,
        neutral,
    )


def _reopened_where_it_stood(rows: Rows, reopened: Numbers) -> Rows:
    """A reopening that only the status tells puts the lead back into its last open stage."""
    blind = reopened & (rows.place < 0)
    if not blind.any():
        return rows
    is_open = np.isin(rows.kind, (OPEN, DECISION)) & (rows.place >= 0)
    filled = {
        name: np.where(blind, _last_seen(rows.lead_no, np.where(is_open, getattr(rows, name), -1)), getattr(rows, name))
        for name in ("place", "rank", "pipeline_no")
    }
    return replace(rows, **filled)


def _firsts(lead_no: Numbers) -> Numbers:
    first = np.ones(len(lead_no), bool)
    first[1:] = lead_no[1:] != lead_no[:-1]
    return first


def _last_seen(lead_no: Numbers, values: Numbers, missing: int = -1, *, before: bool = False) -> Numbers:
    """Per row the last value of the lead that is not missing, up to this row or before it."""
    size = len(values)
    position = np.where(values != missing, np.arange(size), -1)
    if before:
        position = np.concatenate([[-1], position[:-1]]) if size else position
    last = np.maximum.accumulate(position) if size else position
    start = np.maximum.accumulate(np.where(_firsts(lead_no), np.arange(size), 0)) if size else position
    return np.where(last >= start, values[last], missing)


def _state_before(rows: Rows) -> Numbers:
    return _last_seen(rows.lead_no, rows.kind, NO_KIND, before=True)


def _repeats_stage(rows: Rows) -> Numbers:
    """Stage rows that leave the lead where it stands."""
    standing = _last_seen(rows.lead_no, rows.place, before=True)
    # After an ending that the status alone recorded, the same stage again is a reopening.
    ended = np.isin(_state_before(rows), (WON, ENDED)) & np.isin(rows.kind, (OPEN, DECISION, PAUSED))
    return (rows.source == STAGE) & (rows.place == standing) & ~ended


def _repeats_ending(rows: Rows) -> Numbers:
    """The same ending again, from another source or as another ended stage."""
    return np.isin(rows.kind, (WON, ENDED)) & (rows.kind == _state_before(rows)) & (rows.source != CREATED)


def _counted_within(lead_no: Numbers, flags: Numbers) -> Numbers:
    """How many flags each lead has had up to each row."""
    total = np.cumsum(flags)
    start = np.maximum.accumulate(np.where(_firsts(lead_no), np.arange(len(flags)), 0)) if len(flags) else total
    return total - total[start] + flags[start] if len(flags) else total


def _against_earlier(rows: Rows, life: Numbers, moving: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Per moving row: beyond the highest of this life and pipeline; back from the stage before; another pipeline.

    Every stage that the lead stood in counts as reached, however it got there, except stages that
    record an activity: nobody progresses twice to the same stage, and nothing is won by a bulk move.
    """
    beyond, back, crossing = (np.zeros(len(moving), bool) for _ in range(3))
    # A reopening starts a life with the stage that it leads to.
    stands = np.flatnonzero((rows.rank >= 0) & np.isin(rows.kind, (OPEN, DECISION)) & ~rows.passive)
    placed = np.flatnonzero((rows.place >= 0) & np.isin(rows.kind, (OPEN, DECISION, PAUSED)))
    crossing[placed[1:]] = (rows.pipeline_no[placed[1:]] != rows.pipeline_no[placed[:-1]]) & (
        rows.lead_no[placed[1:]] == rows.lead_no[placed[:-1]]
    )
    if not len(stands):
        return beyond, back, crossing
    lead, lives, pipeline, rank = (a[stands] for a in (rows.lead_no, life, rows.pipeline_no, rows.rank))
    order = np.arange(len(stands))
    same_lead = (lead[1:] == lead[:-1]) & (lives[1:] == lives[:-1])
    if (same_lead & (pipeline[1:] != pipeline[:-1])).any():
        order = np.lexsort((order, pipeline, lives, lead))
    lead, lives, pipeline, rank = lead[order], lives[order], pipeline[order], rank[order]
    new = np.ones(len(order), bool)
    new[1:] = (lead[1:] != lead[:-1]) | (lives[1:] != lives[:-1]) | (pipeline[1:] != pipeline[:-1])
    span = int(rank.max()) + 2
    segment = np.cumsum(new) * span
    highest = np.maximum.accumulate(segment + rank) - segment
    earlier = np.concatenate([[NO_RANK], highest[:-1]])
    earlier[new] = NO_RANK
    previous = np.concatenate([[NO_RANK], rank[:-1]])
    previous[new] = NO_RANK
    target = stands[order]
    # A life that began in no ranked stage progresses to the first that it reaches.
    beyond[target] = rank > earlier
    back[target] = rank < previous
    return beyond & moving, back & moving, crossing
