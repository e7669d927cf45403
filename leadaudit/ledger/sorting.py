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
from leadaudit.ledger.words import any_of, any_pattern, pattern

if TYPE_CHECKING:
    import pandas as pd

    from leadaudit.process import Process

KEPT = ("lead_id", "at", "kind", "direction")

MARKS = (
    "conversation",
    "inbound",
    "mutual",
    "chased",
    "contact",
    "no_interest",
    "decisive",
    "direct",
    "unknown",
    "response",
)
"""What is said of each activity; ``direct`` = mail, call or meeting; ``unknown`` = one of unknown direction."""

REACHABLE_KINDS = ("email", "call", "form", "offer", "other")
"""Kinds, beside meetings, by which two sides meet; content, notes and tasks are one side's own."""

DIRECT_KINDS = ("email", "call", "meeting")
SIGNS = ("automatic", "no_interest")
"""Lists that are searched in whatever the other side sent."""

OUTCOMES_COUNT = 200
"""Distinct outcomes that are looked up; an export with more writes free text there."""


@dataclass(frozen=True)
class Outcomes:
    """Which outcomes contain words of a list; ``None`` = free text, to be searched in row by row."""

    listed: dict[str, tuple[str, ...]] | None

    def say(self, name: str) -> nw.Expr:
        """Whether the outcome contains a word of a list."""
        if self.listed is None:
            return nw.col("outcome").str.contains(pattern(name)).fill_null(value=False)
        return one_of("outcome", self.listed[name])


def outcomes(activities: nw.LazyFrame[Any]) -> Outcomes:
    """Look through the distinct outcomes, which are few unless people write free text there."""
    distinct = arrow(
        activities.filter(~nw.col("outcome").is_null()).select("outcome").unique().head(OUTCOMES_COUNT + 1)
    )
    texts = sorted(distinct.column("outcome").to_pylist())
    if len(texts) > OUTCOMES_COUNT:
        return Outcomes(None)
    return Outcomes(
        {
            name: tuple(text for text in texts if re.search(pattern(name), text))
            for name in (*SIGNS, "answered", "unanswered", "not_held")
        }
    )


def one_of(column: str, values: tuple[str, ...]) -> nw.Expr:
    """Whether a column has one of some values; a chain of comparisons, many times faster in DuckDB than a list.

    Missing values are none of them.
    """
    if not values:
        return nw.lit(value=False)
    found = nw.col(column) == values[0]
    for value in values[1:]:
        found = found | (nw.col(column) == value)
    return found.fill_null(value=False)


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
        ``lead_id``, ``at``, ``kind``, ``direction`` (never missing), ``mail`` (subject of our own mails; missing
        elsewhere) and the flags :data:`MARKS`: ``response``
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
    signs, words = _flags(process, known)
    flagged = named.with_columns(**signs).with_columns(**words).with_columns(**_roles()).with_columns(**_reactions())
    mailed = (nw.col("kind") == "email") & nw.col("chased")
    return flagged.select(
        *KEPT, *MARKS, mail=nw.when(mailed).then(nw.col("subject")).otherwise(nw.lit(None, dtype=nw.String()))
    )


def _flags(process: Process, known: Outcomes) -> tuple[dict[str, nw.Expr], dict[str, nw.Expr]]:
    """What the words say, in two steps: is there any sign at all, and if so, which.

    Few texts have any sign, so that nearly all are searched once only.
    """
    meeting, call = nw.col("kind") == "meeting", nw.col("kind") == "call"
    theirs = one_of("direction", ("inbound", "mutual"))
    lists = [pattern(name) for name in SIGNS]
    if process.decisive_subjects:
        lists.append(any_of(process.decisive_subjects))
    sign = _where(theirs | (nw.col("kind") == "note"), _contains("subject", any_pattern(lists)))
    answered = known.say("answered") & ~known.say("unanswered")
    first = {"sign": sign, "theirs": theirs, "answered": _where(call, answered)}

    def told_by(words: str, outcome: nw.Expr) -> nw.Expr:
        return _where(nw.col("sign"), _contains("subject", words)) | outcome

    refused = told_by(pattern("no_interest"), known.say("no_interest"))
    decisive = nw.lit(value=False)
    if process.decisive_subjects:
        words = any_of(process.decisive_subjects)
        decisive = _where(nw.col("theirs"), told_by(words, _contains("outcome", words)))
    second = {
        "machine": _where(nw.col("theirs") & ~meeting, told_by(pattern("automatic"), known.say("automatic"))),
        "no_interest": _where(nw.col("theirs") | (nw.col("kind") == "note"), refused),
        "not_held": _where(meeting, _contains("subject", pattern("called_off")) | known.say("not_held")),
        "decisive": decisive,
    }
    return first, second


def _where(condition: nw.Expr, then: nw.Expr) -> nw.Expr:
    return nw.when(condition).then(then).otherwise(nw.lit(value=False))


def _contains(column: str, words: str) -> nw.Expr:
    return nw.col(column).str.contains(words).fill_null(value=False)


def _roles() -> dict[str, nw.Expr]:
    kind, direction, machine = nw.col("kind"), nw.col("direction"), nw.col("machine")
    reachable = one_of("kind", REACHABLE_KINDS) & ~machine
    meeting = (kind == "meeting") & (direction != "internal") & ~nw.col("not_held")
    call = kind == "call"
    return {
        "meeting": meeting,
        "inbound": reachable & (direction == "inbound"),
        "mutual": meeting
        | (reachable & (direction == "mutual"))
        | (call & nw.col("answered") & (direction != "inbound")),
        "outbound": reachable & (direction == "outbound"),
    }


def _reactions() -> dict[str, nw.Expr]:
    response = nw.col("inbound") | nw.col("mutual")
    outbound, direct = nw.col("outbound") & ~response, one_of("kind", DIRECT_KINDS)
    return {
        "response": response,
        "conversation": nw.col("meeting") | ((nw.col("kind") == "call") & response),
        "chased": outbound & one_of("kind", ("email", "call")),
        "contact": response | outbound,
        "direct": direct,
        "unknown": direct & (nw.col("direction") == "unknown"),
    }
