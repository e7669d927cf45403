"""What an audit has at hand for a person at a notebook: thin doors to the rooms of report and exploration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import pandas as pd

    from leadaudit.audit import Audit
    from leadaudit.report.event_log import Events
    from leadaudit.report.shown import Finding, LeadCard


class AtHand:
    """Methods of :class:`leadaudit.Audit` that show something; what they show is made elsewhere, when it is asked for."""

    __slots__ = ()

    @property
    def _audit(self) -> Audit:
        return cast("Audit", self)

    def explain(self, lead_id: str) -> LeadCard:
        """The card of one lead: why it is here, what is missing, the next step, when to end.

        Returns
        -------
        LeadCard
            ``print`` gives it as text; a notebook shows it with the lead's timeline.

        Raises
        ------
        LeadAuditError
            ``lead_unknown``, with the nearest id.
        """
        from leadaudit.report.shown import LeadCard

        return LeadCard.of(self._audit, lead_id)

    def finding(self, name: str) -> Finding:
        """One finding by its id, e.g. ``"overdue_share"``: the row of :attr:`findings`, as a card.

        Raises
        ------
        LeadAuditError
            ``finding_unknown``, with the nearest id.
        """
        from leadaudit.report.shown import Finding

        return Finding.of(self._audit, name)

    def to_event_log(self, events: Events = "stages") -> pd.DataFrame:
        """The frame that process mining tools (pm4py, bupaR) read, one row per event.

        Parameters
        ----------
        events : {"stages", "all"}
            Stages entered, endings and pauses; or activities as well.

        Returns
        -------
        DataFrame
            :data:`leadaudit.report.event_log.EVENT_LOG`: ``case:concept:name`` (the lead), ``concept:name`` (the stage, or
            what was done), ``time:timestamp``, … No owner and no text.

        Examples
        --------
        >>> log = audit.to_event_log()                                     # doctest: +SKIP
        >>> pm4py.discover_dfg(log)                                        # doctest: +SKIP
        """
        from leadaudit.report.event_log import event_log

        return event_log(self._audit, events)

    def view(self, key: Any = None) -> Any:
        """The open leads in a notebook: filters, the stage board, the table, and the card of the lead that is clicked.

        Parameters
        ----------
        key : path, optional
            The project's key (``leadaudit.key``): owners get the pseudonyms that belong to it.

        Returns
        -------
        View
            Its ``leads`` is the frame of what is shown now (:func:`leadaudit.explore.standing`).

        Raises
        ------
        MissingExtraError
            Without the extra ``lab``.
        """
        from leadaudit.explore import view

        return view(self._audit, key)

    def what_if(self, path: Any = "", files: Any = ()) -> Any:
        """Sliders for patience, horizon and unanswered contacts, and switches for criteria, in a notebook.

        Parameters
        ----------
        path : path, optional
            The ``audit.toml`` that *keep* writes into; by default one in the working folder.
        files : str or sequence of path, optional
            The exports, should that file have to be drafted.

        Returns
        -------
        WhatIf
            Its ``outcome`` has the frames of what would follow (:func:`leadaudit.explore.outcome`).

        Raises
        ------
        MissingExtraError
            Without the extra ``lab``.
        """
        from leadaudit.explore import what_if

        return what_if(self._audit, path, files)

    def lead(self, lead_id: str) -> Any:
        """One lead in a notebook: its life, the four answers, the proof, and what became of leads like it.

        Returns
        -------
        Lead
            With the frames ``events``, ``answers``, ``silences`` and ``alike``.

        Raises
        ------
        LeadAuditError
            ``lead_unknown``, with the nearest id.
        MissingExtraError
            Without the extra ``lab``.
        """
        from leadaudit.explore import lead

        return lead(self._audit, lead_id)

    def segments(self, by: str = "source") -> Any:
        """The five ideas by the values of a column, with intervals, in a notebook.

        Parameters
        ----------
        by : str
            Any column of the leads, those of the export included; not one that names persons.

        Returns
        -------
        Segments
            Its ``frame`` has one row per group and idea (:func:`leadaudit.explore.segmented`).

        Raises
        ------
        LeadAuditError
            ``segment_unknown`` with the nearest column, or ``segment_persons``.
        MissingExtraError
            Without the extra ``lab``.
        """
        from leadaudit.explore import segments

        return segments(self._audit, by)

    def _repr_html_(self) -> str:
        from leadaudit.report.shown import audit_html

        return audit_html(self._audit)
