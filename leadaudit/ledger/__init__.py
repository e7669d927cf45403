"""The ledger: every event of a lead, sorted into movement, response, progress and setback.

Activity never resets the clock; only progress does. What is progress stands in :func:`write`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from leadaudit.errors import LeadAuditError, did_you_mean
from leadaudit.tables import MILESTONES, STREAKS, conform

if TYPE_CHECKING:
    import narwhals as nw
    import pandas as pd

    from leadaudit.ingest.export import Export
    from leadaudit.ledger.contacts import Acts
    from leadaudit.ledger.history import History
    from leadaudit.ledger.known import Known
    from leadaudit.process import Process


@dataclass(frozen=True)
class Ledger:
    """Every event of every lead before ``as_of``; made by :func:`write`.

    Leads and changes are read when the ledger is written; activities are looked at, where they live, when
    something first asks for them, and once.
    """

    export: Export
    process: Process
    as_of: pd.Timestamp
    known: Known

    def milestones(self) -> pd.DataFrame:
        """What stays are made of.

        Returns
        -------
        DataFrame
            :data:`leadaudit.tables.MILESTONES`, sorted by lead (file order), time, ``seq``. Rules for whoever
            makes stays of it:

            - A stay begins at ``created``, ``progress`` or ``reopened`` and ends at the next of ``progress``,
              ``won``, ``ended`` (or ``reopened``, or still stands at ``as_of``). Its stage is the row's.
            - ``known`` false on ``created``: the stay began earlier, nobody knows when: leave it out.
            - ``observed_at`` on ``created``: the stay began before the history did and its age is true:
              ``entered_days = observed_at - at`` (delayed entry); missing = observed from the start.
            - ``paused`` … ``resumed`` bracket the *valid* part of a pause: take the time between them off.
              A ``paused`` without ``resumed`` still rests validly at ``as_of``.
            - ``vanished``: last sighting of a lead that is missing from a later dated export.
            - ``won`` and ``ended`` with a missing ``at`` come last: leave them out of learning, count them.
            - ``counts`` false: an ending as duplicate, test or wrong entry: censor there.
            - ``movement_count`` of a row is the movement since the last row that is not ``paused``,
              ``resumed`` or ``vanished`` (those have none); missing where the export has no activities.
        """
        # Made anew each time: they weigh more than all that is kept, and are asked for once per judgement.
        return conform(self.history.named(self.known, self.movement), MILESTONES)

    def streaks(self) -> pd.DataFrame:
        """How long the row of unanswered contact days had become, day by day (:data:`leadaudit.tables.STREAKS`)."""
        found = self.runs
        named = found[["streak_count"]].assign(
            lead_id=self.known.leads["lead_id"].array.take(found["lead_no"].to_numpy()), at=self._times(found["at_us"])
        )
        return conform(named, STREAKS)

    def events(self) -> nw.LazyFrame[Any]:
        """Every event, lazily, in no order (:data:`leadaudit.tables.EVENTS`); stages stand in rows of changes only."""
        from leadaudit.ledger.events import events

        return events(self)

    def of_lead(self, lead_id: str) -> pd.DataFrame:
        """Every event of one lead in order, with the stage it stood in (:data:`leadaudit.tables.EVENTS`).

        Raises
        ------
        LeadAuditError
            There is no such lead before as_of.
        """
        from leadaudit.ledger.events import of_lead

        ids = self.known.leads["lead_id"]
        found = np.flatnonzero((ids == lead_id).to_numpy())
        if not len(found):
            raise LeadAuditError("lead_unknown", lead_id=lead_id, hint=did_you_mean(lead_id, list(ids.head(5000))))
        return of_lead(self, int(found[0]))

    @cached_property
    def flagged(self) -> nw.LazyFrame[Any]:
        """Done activities before as_of with what they were, lazily (:func:`leadaudit.ledger.contacts.flagged`)."""
        from leadaudit.ledger.contacts import flagged

        return flagged(self.export, self.process, self.as_of)

    @cached_property
    def acts(self) -> Acts:
        """The same as sorted numbers (:class:`leadaudit.ledger.contacts.Acts`); brought home once."""
        from leadaudit.ledger.contacts import collect

        return collect(self.flagged, self.known.numbered(), self.export, self.process.limits.mailing_leads_count)

    @cached_property
    def history(self) -> History:
        """The walked history of all leads (:class:`leadaudit.ledger.history.History`)."""
        from leadaudit.ledger import history

        return history.write(self.known, self.process, self.as_of, lambda: self.acts)

    @cached_property
    def runs(self) -> pd.DataFrame:
        """Unanswered contact days with their streak, by number of lead."""
        from leadaudit.ledger.contacts import streaks

        return streaks(self.acts)

    @cached_property
    def movement(self) -> pd.Series:
        """Movement before each milestone (:meth:`leadaudit.ledger.history.History.movement`)."""
        return self.history.movement(self.acts)

    @staticmethod
    def _times(us: pd.Series) -> Any:
        from leadaudit.ledger.known import times

        return times(us.to_numpy())


def write(export: Export, process: Process, as_of: pd.Timestamp) -> Ledger:
    """Write the ledger of an export.

    Parameters
    ----------
    export : Export
        Leads, activities, changes.
    process : Process
        Ranks and kinds of stages, preconditions, limits of imports and mailings.
    as_of : Timestamp
        First moment not known: events at or after it do not exist.

    Returns
    -------
    Ledger

    Notes
    -----
    *Progress* is reaching a stage beyond the highest of this life of the lead, a recorded decision, a
    precondition that became known, an inbound act that the process calls a decision, and every ending.
    Never progress: bulk moves, moves to another pipeline, stages that record an activity, regained stages,
    and coming back from a pause to a stage that was reached before.
    """
    from leadaudit.ledger.known import read

    return Ledger(export, process, as_of, read(export, process, as_of))
