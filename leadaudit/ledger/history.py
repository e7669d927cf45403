"""The walked history of all leads: rows, pauses and milestones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from leadaudit.ledger import milestones, rows
from leadaudit.ledger.known import Known
from leadaudit.ledger.milestones import CREATED_M, PAUSED_M, RESUMED, VANISHED
from leadaudit.ledger.pauses import Pauses, pauses
from leadaudit.ledger.places import Places
from leadaudit.ledger.rows import Begun
from leadaudit.ledger.walk import Walked, walk

if TYPE_CHECKING:
    from leadaudit.ingest.export import Export
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

    @property
    def boundaries(self) -> pd.DataFrame:
        """``lead_no`` and ``at_us`` of the milestones between which movement is counted; creation bounds nothing."""
        apart = ~np.isin(self.numbered["what"], (CREATED_M, PAUSED_M, RESUMED, VANISHED))
        dated = self.numbered["at_us"].to_numpy() < np.iinfo(np.int64).max
        return self.numbered.loc[apart & dated, ["lead_no", "at_us"]].reset_index(drop=True)

    def named(self, known: Known, segments: pd.DataFrame) -> pd.DataFrame:
        """Milestones with names and movement."""
        from leadaudit.ingest.meanings import is_data_quality_reason

        frame = milestones.named(self.numbered, known, self.places, is_data_quality_reason)
        return frame.assign(movement_count=self.movement(segments))

    def movement(self, segments: pd.DataFrame) -> pd.Series:
        """Movement since the milestone before, per row of ``numbered``; missing for pauses and without activities."""
        what, lead_no = self.numbered["what"].to_numpy(), self.numbered["lead_no"].to_numpy()
        apart = ~np.isin(what, (CREATED_M, PAUSED_M, RESUMED, VANISHED))
        nth = self.numbered.assign(apart=apart).groupby("lead_no", sort=False)["apart"].cumsum().to_numpy() - 1
        counted = pd.Series(0, index=np.arange(len(what)), dtype="Int64")
        if not len(segments):
            counted[:] = pd.NA
            return counted
        width = int(max(nth.max(), segments["segment"].max())) + 2
        keys = lead_no * width + nth
        own = segments["lead_no"].to_numpy() * width + segments["segment"].to_numpy()
        position = np.minimum(np.searchsorted(own, keys), len(own) - 1)
        counts = np.where(own[position] == keys, segments["movement_count"].to_numpy()[position], 0)
        values = pd.Series(counts, dtype="Int64")
        values[~apart & (what != CREATED_M)] = pd.NA
        values[what == CREATED_M] = 0
        return values


def write(export: Export, known: Known, process: Process, as_of: pd.Timestamp) -> History:
    """Walk all leads."""
    places = rows.places_of(known, process)
    bulk = rows.bulk_changes(known, process)
    stages, before = rows.stage_rows(known, places, bulk)
    start = rows.begun(known, places, stages, before)
    parts = [(stages, np.arange(len(stages.lead_no))), *rows.other_rows(known, places, process, bulk)]
    if process.decisive_subjects:
        parts.append(_decisive(export, known, process, places, as_of))
    everything = rows.assembled(known, places, process, start, parts)
    walked = walk(rows.with_records(everything, known, places, process))
    found = pauses(walked, known, process.limits)
    as_of_us = int(as_of.value) // 1000
    return History(places, start, walked, found, milestones.numbered(walked, start, known, found, as_of_us), bulk)


def _decisive(
    export: Export, known: Known, process: Process, places: Places, as_of: pd.Timestamp
) -> tuple[rows.Rows, Numbers]:
    from leadaudit.ledger.contacts import decisive_acts, flagged

    acts = decisive_acts(flagged(export, process, as_of), known.numbered(), export)
    return rows.inbound_rows(places, acts["lead_no"].to_numpy(), acts["at_us"].to_numpy())
