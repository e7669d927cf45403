"""What an activity was, as Narwhals expressions: response, contact, conversation, or mere movement.

Only comparisons and text searches, no date arithmetic: the expressions run on DuckDB, Polars,
pandas, Arrow and Spark alike. Each word list is searched only where it can matter, and the
outcomes of calls and meetings, which are few, are looked up once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw

from leadaudit.ledger.beside import arrow
from leadaudit.ledger.words import any_of, pattern

if TYPE_CHECKING:
    import pandas as pd

    from leadaudit.process import Process

REACHABLE_KINDS = ("email", "call", "meeting", "form", "offer", "other")
"""Kinds by which two sides meet; content, notes and tasks are one side's own."""

DIRECT_KINDS = ("email", "call", "meeting")
OUTCOMES_COUNT = 2000
"""Distinct outcomes that are looked up; an export with more writes free text there."""


@dataclass(frozen=True)
class Outcomes:
    """Which outcomes say that a call was answered, or that a meeting did not take place; ``None`` = free text."""

    answered: tuple[str, ...] | None
    not_held: tuple[str, ...] | None


def outcomes(activities: nw.LazyFrame[Any]) -> Outcomes:
    """Look through the distinct outcomes of calls and meetings."""
    calls = activities.filter(nw.col("kind").is_in(["call", "meeting"]), ~nw.col("outcome").is_null())
    distinct = arrow(calls.select("outcome").unique().head(OUTCOMES_COUNT + 1))
    texts = sorted(distinct.column("outcome").to_pylist())
    if len(texts) > OUTCOMES_COUNT:
        return Outcomes(None, None)
    yes, no, missed = (re.compile(pattern(name)) for name in ("answered", "unanswered", "not_held"))
    answered = tuple(text for text in texts if yes.search(text) and not no.search(text))
    return Outcomes(answered, tuple(text for text in texts if missed.search(text)))


def done_before(activities: nw.LazyFrame[Any], as_of: pd.Timestamp) -> nw.LazyFrame[Any]:
    """Activities that were done before ``as_of``; planned and cancelled ones are nothing at all."""
    was_done = nw.col("done").fill_null(value=True)
    return activities.filter(nw.col("at") < as_of.to_pydatetime(), was_done)


def told(activities: nw.LazyFrame[Any], process: Process, known: Outcomes) -> nw.LazyFrame[Any]:
    """Say of each activity what it was.

    Parameters
    ----------
    activities : LazyFrame
        Columns of :data:`leadaudit.tables.ACTIVITIES`.
    process : Process
        Names the inbound acts that are a decision.
    known : Outcomes
        Of these activities (:func:`outcomes`).

    Returns
    -------
    LazyFrame
        ``lead_id``, ``at``, ``subject``, ``kind``, ``direction`` (never missing) and the flags ``response``
        (the other side reacted), ``conversation`` (call held or meeting), ``inbound`` (the other side came by
        itself or answered), ``mutual`` (both at once), ``chased`` (our mail or call without an answer in it),
        ``contact`` (any of these or another outbound one), ``no_interest``, ``decisive``.
    """
    named = activities.select(
        "lead_id",
        "at",
        "subject",
        "outcome",
        kind=nw.col("kind").fill_null("other"),
        direction=nw.col("direction").fill_null("unknown"),
    )
    flagged = named.with_columns(**_flags(process, known))
    return flagged.with_columns(**_roles()).drop("outcome", "machine", "answered", "not_held")


def _flags(process: Process, known: Outcomes) -> dict[str, nw.Expr]:
    """What the words say."""
    kind = nw.col("kind")
    theirs = nw.col("direction").is_in(["inbound", "mutual"])
    meeting = kind == "meeting"
    answered = _says(known.answered, "answered", but="unanswered")
    return {
        "machine": _where(theirs & ~meeting, _mentions(pattern("automatic"))),
        "no_interest": _where(theirs | (kind == "note"), _mentions(pattern("no_interest"))),
        "answered": _where(kind == "call", answered),
        "not_held": _where(meeting, _says(known.not_held, "not_held") | _contains("subject", pattern("called_off"))),
        "decisive": _where(theirs, _mentions(any_of(process.decisive_subjects)))
        if process.decisive_subjects
        else nw.lit(value=False),
    }


def _where(condition: nw.Expr, then: nw.Expr) -> nw.Expr:
    return nw.when(condition).then(then).otherwise(nw.lit(value=False))


def _contains(column: str, words: str) -> nw.Expr:
    return nw.col(column).str.contains(words).fill_null(value=False)


def _mentions(words: str) -> nw.Expr:
    return _contains("subject", words) | _contains("outcome", words)


def _says(listed: tuple[str, ...] | None, words: str, but: str = "") -> nw.Expr:
    """The outcome is one of those looked up; searched where outcomes are free text."""
    if listed is not None:
        return nw.col("outcome").is_in(list(listed)).fill_null(value=False) if listed else nw.lit(value=False)
    found = _contains("outcome", pattern(words))
    return found & ~_contains("outcome", pattern(but)) if but else found


def _roles() -> dict[str, nw.Expr]:
    kind, direction, machine = nw.col("kind"), nw.col("direction"), nw.col("machine")
    reachable = kind.is_in(list(REACHABLE_KINDS)) & (kind != "meeting") & ~machine
    meeting = (kind == "meeting") & (direction != "internal") & ~nw.col("not_held")
    inbound = reachable & (direction == "inbound")
    mutual = meeting | (reachable & (direction == "mutual")) | ((kind == "call") & nw.col("answered") & ~inbound)
    response = inbound | mutual
    return {
        "response": response,
        "conversation": meeting | ((kind == "call") & response),
        "inbound": inbound,
        "mutual": mutual,
        "chased": kind.is_in(["email", "call"]) & (direction == "outbound") & ~response,
        "contact": response | (reachable & (direction == "outbound")),
    }
