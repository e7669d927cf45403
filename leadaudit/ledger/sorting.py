"""What an activity was, as Narwhals expressions: response, contact, conversation, or mere movement.

Only comparisons and text searches, no date arithmetic: the expressions run on DuckDB, Polars,
pandas, Arrow and Spark alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals as nw

from leadaudit.ledger.words import any_of, pattern

if TYPE_CHECKING:
    import pandas as pd

    from leadaudit.process import Process

REACHABLE_KINDS = ("email", "call", "meeting", "form", "offer", "other")
"""Kinds by which two sides meet; content, notes and tasks are one side's own."""

OUTSIDE = ("outbound", "inbound", "mutual")


def done_before(activities: nw.LazyFrame[Any], as_of: pd.Timestamp) -> nw.LazyFrame[Any]:
    """Activities that were done before ``as_of``; planned and cancelled ones are nothing at all."""
    was_done = nw.col("done").fill_null(value=True)
    return activities.filter(nw.col("at") < as_of.to_pydatetime(), was_done)


def told(activities: nw.LazyFrame[Any], process: Process) -> nw.LazyFrame[Any]:
    """Say of each activity what it was.

    Parameters
    ----------
    activities : LazyFrame
        Columns of :data:`leadaudit.tables.ACTIVITIES`.
    process : Process
        Names the inbound acts that are a decision.

    Returns
    -------
    LazyFrame
        ``lead_id``, ``at``, ``subject``, ``kind``, ``direction`` (never missing) and the flags ``response``
        (the other side reacted), ``conversation`` (call held or meeting), ``inbound`` (the other side came by
        itself or answered), ``chased`` (our mail or call without an answer in it), ``contact``, ``no_interest``,
        ``decisive``.
    """
    named = activities.select(
        "lead_id",
        "at",
        "subject",
        kind=nw.col("kind").fill_null("other"),
        direction=nw.col("direction").fill_null("unknown"),
        outcome=nw.col("outcome").fill_null(""),
        words=nw.col("subject").fill_null(""),
    )
    flagged = named.with_columns(**_flags(process))
    return flagged.with_columns(**_roles()).drop("outcome", "words", "machine", "answered", "not_held")


def _flags(process: Process) -> dict[str, nw.Expr]:
    """What the words say; each list is only searched in where it can matter."""
    kind, direction = nw.col("kind"), nw.col("direction")
    words, outcome = nw.col("words"), nw.col("outcome")
    theirs = direction.is_in(["inbound", "mutual"])
    no = nw.lit(value=False)
    answered = outcome.str.contains(pattern("answered")) & ~outcome.str.contains(pattern("unanswered"))
    machine = words.str.contains(pattern("automatic")) | outcome.str.contains(pattern("automatic"))
    refusal = words.str.contains(pattern("no_interest")) | outcome.str.contains(pattern("no_interest"))
    not_held = outcome.str.contains(pattern("not_held")) | words.str.contains("(?i)^(cancel|abgesagt|storniert)")
    decided = no
    if process.decisive_subjects:
        decisive = any_of(process.decisive_subjects)
        decided = words.str.contains(decisive) | outcome.str.contains(decisive)
    return {
        "machine": nw.when(theirs & (kind != "meeting")).then(machine).otherwise(no),
        "answered": nw.when((kind == "call") & (outcome != "")).then(answered).otherwise(no),
        "not_held": nw.when(kind == "meeting").then(not_held).otherwise(no),
        "no_interest": nw.when(theirs | (kind == "note")).then(refusal).otherwise(no),
        "decisive": nw.when(theirs).then(decided).otherwise(no),
    }


def _roles() -> dict[str, nw.Expr]:
    kind, direction, machine = nw.col("kind"), nw.col("direction"), nw.col("machine")
    reachable = kind.is_in(list(REACHABLE_KINDS))
    meeting = (kind == "meeting") & (direction != "internal") & ~nw.col("not_held")
    call = (kind == "call") & ((direction == "mutual") | nw.col("answered"))
    inbound = reachable & (direction == "inbound") & (kind != "meeting") & ~machine
    mutual = reachable & (direction == "mutual") & (kind != "meeting") & ~machine
    response = meeting | call | inbound | mutual
    return {
        "response": response,
        "conversation": meeting | call | (inbound & (kind == "call")),
        "inbound": inbound,
        "chased": kind.is_in(["email", "call"]) & (direction == "outbound") & ~response,
        "contact": response | (reachable & (kind != "meeting") & (direction == "outbound")),
    }
