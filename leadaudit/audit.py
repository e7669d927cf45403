"""The audit: one export, one process, one moment, and everything that follows from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from leadaudit.at_hand import AtHand
from leadaudit.draft import Draft, draft
from leadaudit.errors import LeadAuditError, did_you_mean, listed
from leadaudit.ingest.export import Export
from leadaudit.ingest.recognition.fitness import TIME_ROLES
from leadaudit.ingest.values.shapes import date_share
from leadaudit.judge import Judgement, judge
from leadaudit.language import Language
from leadaudit.process import Process
from leadaudit.tables import VERDICTS

if TYPE_CHECKING:
    import datetime as dt

    from leadaudit.backtest import Backtest
    from leadaudit.criteria import Criterion
    from leadaudit.sensitivity import Sensitivity


@dataclass(frozen=True)
class Audit(AtHand):
    """What an export says about its leads as of one moment.

    Attributes
    ----------
    export : Export
        What the CRM gave, cut to what was known at ``as_of``.
    process : Process
        The process that was judged under.
    as_of : Timestamp
        The first moment not known.
    language : {"de", "en"}
        Language of the sentences.
    judgement : Judgement
        Facts, thresholds and verdicts.
    activity_stages : tuple of (pipeline, stage)
        Stages whose name records an activity; proposed, not in effect.
    privacy : {"client", "full", "off"}
        What results show: no owners; no names at all; everything.
    """

    export: Export
    process: Process
    as_of: pd.Timestamp
    language: Language
    judgement: Judgement
    activity_stages: tuple[tuple[str, str], ...] = ()
    privacy: str = "client"

    @cached_property
    def leads(self) -> pd.DataFrame:
        """One row per lead known at ``as_of``, in the export's order.

        Columns: :data:`leadaudit.tables.EVIDENCE` (the facts) and :data:`leadaudit.tables.JUDGED` (what follows from
        them). The most used: ``lead_id`` · ``pipeline``, ``stage`` · ``verdict`` (progressing, stalled, overdue, paused,
        ended, undetermined), ``shade``, ``reasons`` (codes joined by ``|``) · ``stay_days``, ``patience_days``,
        ``horizon_days`` (days) · ``chance``, ``chance_low``, ``chance_high`` (0-1) · ``overdue_since``, ``end_on``
        (timestamps) · ``amount`` (in ``currency``) · ``borderline`` (flips with limits at -25 % or +25 %).
        """
        leads = self.judgement.leads
        return leads.assign(borderline=self.sensitivity.borderline.reindex(leads.index).astype("boolean"))

    @property
    def reasons(self) -> pd.DataFrame:
        """REASONS: one row per criterion that held for an open lead."""
        return self.judgement.reasons

    @property
    def stages(self) -> pd.DataFrame:
        """What the client's own history says, one row per (pipeline, stage): :data:`leadaudit.tables.STAGES`.

        ``patience_days``, ``horizon_days``, ``ending_rule_days`` in days; ``chance_at_entry`` 0-1; ``…_basis`` says where a
        limit comes from, ``horizon_none`` why there is none; ``…_count`` are stays or leads.
        """
        return self.judgement.learned.stages

    @property
    def curves(self) -> pd.DataFrame:
        """CURVES: the chance curve of each stage."""
        return self.judgement.learned.curves

    @property
    def stays(self) -> pd.DataFrame:
        """One row per stay, the unit of the statistics: :data:`leadaudit.tables.STAYS`.

        ``stay_days`` and ``outcome_days`` in days without valid pauses; ``end`` (progress, won, ended, open, censored) and
        ``outcome`` (won, ended, open: what became of the lead in the end).
        """
        return self.judgement.stays

    @cached_property
    def sensitivity(self) -> Sensitivity:
        """Verdict counts at patience and horizon -25 %, as they are, +25 %, and the leads that flip."""
        from leadaudit.sensitivity import sensitivity

        return sensitivity(self.judgement)

    @property
    def answers(self) -> pd.DataFrame:
        """The four answers and the proof of each open lead, in the audit's language."""
        return self.answers_in(self.language)

    def answers_in(self, language: Language) -> pd.DataFrame:
        """The four answers in a language, one row per open lead.

        Returns
        -------
        DataFrame
            ``lead_id``, ``decision_due``, ``why_here``, ``missing``, ``next_step``, ``when_to_end``,
            ``what_would_change``, ``proof``.
        """
        from leadaudit.answers import answers

        if language not in self._answers:
            self._answers[language] = answers(self.judgement, language)
        return self._answers[language]

    @cached_property
    def _answers(self) -> dict[Language, pd.DataFrame]:
        return {}

    @cached_property
    def findings(self) -> pd.DataFrame:
        """What holds of the process as a whole, one row per finding: :data:`leadaudit.tables.FINDINGS`.

        ``value``, ``low``, ``high``, ``limit`` are in ``unit`` (share 0-1, days, count or ratio); ``grade`` is good, amber, red,
        neutral or unreadable (``absent`` says what is missing); ``sentence`` and ``recommendation`` in the audit's language.
        """
        from leadaudit.findings import findings

        return findings(self)

    def backtest(
        self,
        dates: Sequence[str | dt.date | pd.Timestamp] | None = None,
        *,
        on_date: Callable[[int, int], None] | None = None,
    ) -> Backtest:
        """What this judgement would have said at past dates, and what became of the leads; made once per choice of dates.

        Parameters
        ----------
        dates : sequence of str, date or Timestamp, optional
            Default: chosen from the history.
        on_date : callable, optional
            Called with how many dates are done and how many there are.

        Raises
        ------
        LeadAuditError
            ``backtest_date``: a date lies outside of what is known.
        """
        from leadaudit.backtest import backtest

        chosen = tuple(str(date) for date in dates) if dates else ()
        if chosen not in self._backtests:
            # Stages drafted from all that is known would be hindsight; what a person wrote holds.
            process = self.process.model_copy(update={"stages": ()}) if self.process.drafted else self.process
            own = self.judgement.extra_criteria
            self._backtests[chosen] = backtest(
                self.export, process, dates=dates or None, extra_criteria=own, today=self.judgement, on_date=on_date
            )
        return self._backtests[chosen]

    @cached_property
    def _backtests(self) -> dict[tuple[str, ...], Backtest]:
        return {}

    @cached_property
    def open_leads(self) -> pd.DataFrame:
        """The leads that are open or paused at ``as_of``."""
        return self.leads[self.leads["verdict"] != "ended"]

    @cached_property
    def counts(self) -> dict[str, int]:
        """Leads per verdict."""
        counted = self.leads["verdict"].value_counts()
        return {verdict: int(counted.get(verdict, 0)) for verdict in VERDICTS}

    @cached_property
    def value(self) -> dict[str, dict[str, float]]:
        """Value of the open leads per currency and verdict; currencies are never added."""
        known = self.open_leads.dropna(subset=["amount"])
        sums = known.groupby([known["currency"].fillna(""), "verdict"])["amount"].sum()
        value: dict[str, dict[str, float]] = {}
        for (currency, verdict), amount in sums.items():
            value.setdefault(currency, {})[verdict] = round(float(amount), 2)
        return value

    def ledger(self, lead_id: str) -> pd.DataFrame:
        """Every event of one lead before ``as_of``, in order: :data:`leadaudit.tables.EVENTS`.

        ``at`` (timestamp), ``sort`` (movement, response, progress, setback or neutral), ``what``, and the ``stage`` it stood in.

        Raises
        ------
        LeadAuditError
            ``lead_unknown``, with the nearest id.
        """
        self._row(lead_id)
        return self.judgement.history.of_lead(lead_id)

    def _row(self, lead_id: str) -> pd.Series:
        match = self.leads[self.leads["lead_id"] == lead_id]
        if match.empty:
            raise LeadAuditError(
                "lead_unknown", lead_id=lead_id, hint=did_you_mean(lead_id, list(self.leads["lead_id"]))
            )
        return match.iloc[0]

    def __repr__(self) -> str:
        """The moment and the counts, in one line."""
        counts = ", ".join(f"{count} {verdict}" for verdict, count in self.counts.items() if count)
        evidence = self.export.evidence or "none"
        return f"<Audit as of {self.as_of:%Y-%m-%d}: {len(self.leads)} leads, {counts}; evidence {evidence}>"


def audit(
    export: Any,
    process: Process | None = None,
    *,
    as_of: str | dt.date | pd.Timestamp | None = None,
    language: Language | None = None,
    extra_criteria: Sequence[Criterion] = (),
    columns: Mapping[str, str] | None = None,
    privacy: str = "client",
) -> Audit:
    """Audit an export.

    Parameters
    ----------
    export : Export or DataFrame
        From :func:`leadaudit.read`, or a frame of leads (pandas, Polars, Arrow, DuckDB, Spark).
    process : Process, optional
        Drafted from the data if none is given.
    as_of : str, date or Timestamp, optional
        First moment not known; a date means 00:00. Default: midnight after the newest event.
    language : {"de", "en"}, optional
        Default: the export's own.
    extra_criteria : sequence of Criterion
        Criteria of one's own.
    columns : mapping of header to role, optional
        What columns of a frame are, e.g. ``{"Phase": "stage"}``; the others are recognised.
    privacy : {"client", "full", "off"}
        What results show. Pseudonyms themselves are made by :func:`leadaudit.privacy.pseudonymised`.

    Returns
    -------
    Audit

    Raises
    ------
    LeadAuditError
        If there is no date at all, ``as_of`` lies before everything known, or a frame lacks a needed column.
    """
    if not isinstance(export, Export):
        export = Export.of_frames(export, columns=columns)
    if as_of is None and not export.is_dated:
        columns_found = [column for source in export.sources for column in source.columns] or list(
            export.leads().columns
        )
        files = [source.file for source in export.sources] or ["leads"]
        dates = _date_columns(export)
        if dates:
            raise LeadAuditError("no_beginnings", path=listed(files), value=listed(dates)).in_language(export.language)
        raise LeadAuditError("no_dates", path=listed(files), available=listed(columns_found)).in_language(
            export.language
        )
    moment = export.known_until if as_of is None else pd.Timestamp(as_of)
    if export.is_dated and moment <= export.first_known:
        too_early = LeadAuditError(
            "as_of_too_early", as_of=f"{moment:%Y-%m-%d}", first=f"{export.first_known:%Y-%m-%d}"
        )
        raise too_early.in_language(export.language)
    known = export.as_of(moment)
    drafted = _process(known, process)
    judgement = judge(known, drafted.process, moment, extra_criteria)
    return Audit(
        export=known,
        process=drafted.process,
        as_of=moment,
        language=language or export.language,
        judgement=judgement,
        activity_stages=drafted.activity_stages,
        privacy=privacy,
    )


def _date_columns(export: Export) -> list[str]:
    """Columns in which dates were found, whatever they tell, in the order of the files."""
    return [
        column
        for source in export.sources
        for column in source.columns
        if (examples := source.examples.get(column))
        and (date_share(examples) == 1 or any(source.roles.get(role) == column for role in TIME_ROLES))
    ]


def _process(known: Export, process: Process | None) -> Draft:
    """What a person wrote wins; what they left out is drafted from the data."""
    if process is not None and process.stages:
        return Draft(process, ())
    drafted = draft(known)
    if process is None:
        return drafted
    return Draft(process.model_copy(update={"stages": drafted.process.stages}), drafted.activity_stages)
