"""The walked history of all leads: rows, pauses and milestones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from leadaudit.ledger import milestones, rows
from leadaudit.ledger.contacts import Acts, decisive_acts
from leadaudit.ledger.known import Known
from leadaudit.ledger.milestones import CREATED_M, PAUSED_M, RESUMED, VANISHED
from leadaudit.ledger.pauses import Pauses, pauses
from leadaudit.ledger.places import Places
from leadaudit.ledger.rows import Begun
from leadaudit.ledger.walk import Walked, walk

if TYPE_CHECKING:
    from collections.abc import Callable

    from leadaudit.process import Process

Numbers = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class History:
    """What became of leads and changes.

    Attributes
    ----------
    places : Places
    begun : Begun
        How each lead began.
    walked : Walked
        Every row of every lead and what it was.
    pauses : Pauses
    numbered : DataFrame
        Milestones by number (:func:`leadaudit.ledger.milestones.numbered`).
    bulk : ndarray of bool
        Per row of ``known.changes``: part of an import or clean-up.
    """

    places: Places
    begun: Begun
    walked: Walked
    pauses: Pauses
    numbered: pd.DataFrame
    bulk: Numbers

    def named(self, known: Known, movement: pd.Series) -> pd.DataFrame:
        """Milestones with names and movement."""
        from leadaudit.ingest.recognition.meanings import is_data_quality_reason

        frame = milestones.named(self.numbered, known, self.places, is_data_quality_reason)
        return frame.assign(movement_count=movement)

    def movement(self, acts: Acts) -> pd.Series:
        """Movement since the milestone before, per row of ``numbered``; missing for pauses and without activities.

        What happens at the very time of a milestone lies before it.
        """
        what, lead_no, at_us = (self.numbered[name].to_numpy() for name in ("what", "lead_no", "at_us"))
        counts = pd.Series(pd.NA, index=range(len(what)), dtype="Int64")
        if not len(acts):
            return counts
        apart = np.flatnonzero(~np.isin(what, (PAUSED_M, RESUMED, VANISHED)))
        decided = acts.until("decisive") if len(acts.rows("decisive")) else None
        position = acts.after(lead_no[apart], at_us[apart])
        # Nothing moved before a lead's creation: what was done then belongs to its first stay.
        position = np.where(what[apart] == CREATED_M, acts.start[lead_no[apart]], position)
        found = np.zeros(len(apart), np.int64)
        found[1:] = np.diff(position)
        if decided is not None:
            found[1:] -= np.diff(decided[position])
        found[what[apart] == CREATED_M] = 0
        counts.iloc[apart] = found
        return counts


def write(known: Known, process: Process, as_of: pd.Timestamp, acts: Callable[[], Acts]) -> History:
    """Walk all leads; activities are asked for only if the process calls some of them a decision."""
    places = rows.places_of(known, process)
    bulk = rows.bulk_changes(known, process)
    stages, before = rows.stage_rows(known, places, bulk)
    parts = [(stages, np.arange(len(stages.lead_no))), *rows.other_rows(known, places, process, bulk)]
    if process.decisive_subjects:
        parts.append(rows.inbound_rows(places, *decisive_acts(acts())))
    start = rows.begun(known, places, stages, before, rows.first_times(parts, len(known.leads)))
    everything = rows.assembled(known, places, start, parts)
    walked = walk(rows.with_records(everything, known, places, process))
    found = pauses(walked, known, process.limits)
    as_of_us = int(as_of.value) // 1000
    return History(places, start, walked, found, milestones.numbered(walked, start, known, found, as_of_us), bulk)
