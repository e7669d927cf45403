"""The pure walk: export, process, moment → judged leads.

No clock, no file, no language. The same walk is taken for an audit, for each date of a
backtest and for each setting of a slider (from :func:`rejudge` on).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from leadaudit import chance, evidence, ledger, verdict
from leadaudit.criteria import Criterion, Facts

if TYPE_CHECKING:
    import pandas as pd

    from leadaudit.ingest.export import Export
    from leadaudit.process import Process


@dataclass(frozen=True)
class Judgement:
    """What the walk leaves behind, step by step.

    Attributes
    ----------
    as_of : Timestamp
        First moment not known.
    leads : DataFrame
        One row per lead known at ``as_of``: EVIDENCE + JUDGED columns (:mod:`leadaudit.tables`).
    reasons : DataFrame
        REASONS: one row per criterion that held.
    history : Ledger
        Every event, lazily.
    stays : DataFrame
        STAYS, the unit of all statistics.
    learned : Learned
        Chance curves, patience and horizon per stage (``.stages``, ``.curves``).
    facts : Facts
        What the criteria were given; judging again with other limits starts here.
    extra_criteria : tuple of Criterion
        Criteria of one's own that were judged by.
    """

    as_of: pd.Timestamp
    leads: pd.DataFrame
    reasons: pd.DataFrame
    history: ledger.Ledger
    stays: pd.DataFrame
    learned: chance.Learned
    facts: Facts
    extra_criteria: tuple[Criterion, ...] = ()


def judge(export: Export, process: Process, as_of: pd.Timestamp, extra_criteria: Sequence[Criterion] = ()) -> Judgement:
    """Judge every lead of an export as of a moment.

    Parameters
    ----------
    export : Export
        What the CRM gave; it is cut to what was known at ``as_of``.
    process : Process
        Stages, preconditions and limits.
    as_of : Timestamp
        First moment not known.
    extra_criteria : sequence of Criterion
        Criteria of one's own, judged beside the built-in ones.
    """
    known = export.as_of(as_of)
    history = ledger.write(known, process, as_of)
    gathered = evidence.gather(known, history, process, as_of)
    stays = chance.stays(history.milestones(), as_of)
    learned = chance.learn(stays, process, as_of=as_of, streaks=history.streaks())
    norms = evidence.norms(known, history, gathered, process, as_of)
    facts = Facts(gathered, norms, learned, process, as_of, known.evidence, known.masked)
    return _judged(facts, history, stays, extra_criteria)


def rejudge(judgement: Judgement, process: Process) -> Judgement:
    """Judge the same facts under other limits; nothing is read or learned again except what limits decide."""
    learned = judgement.learned.under(process)
    facts = replace(judgement.facts, process=process, learned=learned)
    return _judged(facts, judgement.history, judgement.stays, judgement.extra_criteria)


def _judged(
    facts: Facts, history: ledger.Ledger, stays: pd.DataFrame, extra_criteria: Sequence[Criterion]
) -> Judgement:
    placed = chance.place(facts.evidence, facts.learned, facts.process, facts.as_of)
    facts = facts.with_placed(placed)
    leads, reasons = verdict.decide(facts, extra_criteria)
    return Judgement(facts.as_of, leads, reasons, history, stays, facts.learned, facts, tuple(extra_criteria))
