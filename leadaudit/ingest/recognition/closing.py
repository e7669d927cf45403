"""Stages that close or pause a lead: those whose name says so, unless their history says otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadaudit.ingest.recognition.meanings import classify_stage

if TYPE_CHECKING:
    import duckdb

SURE = 0.6
"""How sure a stage's name must be of what it means."""

MIN_COUNT = 5
REMAIN_SHARE = 0.5
"""A stage that most leads leave again ends nothing, whatever its name ("Accepted", on the way to an offer)."""


def closing_stages(connection: duckdb.DuckDBPyConnection, changes: str, moment: str = "") -> dict[str, str]:
    """Stages that mean won, lost or paused.

    Parameters
    ----------
    connection : DuckDBPyConnection
    changes : str
        Table of CHANGES.
    moment : str
        SQL literal; only changes before it are looked at. Empty = all.

    Returns
    -------
    dict of stage to {"won", "lost", "paused"}
    """
    before = f'AND "at" < {moment}' if moment else ""
    rows = connection.execute(f"""
        WITH entries AS (
            SELECT after, row_number() OVER (PARTITION BY lead_id ORDER BY "at" DESC, seq DESC) = 1 AS is_last
            FROM {changes} WHERE field = 'stage' AND after IS NOT NULL {before}
        )
        SELECT after, count(*), count(*) FILTER (is_last) FROM entries GROUP BY after ORDER BY after
    """).fetchall()
    return {
        str(stage): meaning
        for stage, entries, remained in rows
        if (meaning := named_closing(str(stage))) and not leads_on(meaning, entries, remained)
    }


def named_closing(stage: str) -> str | None:
    """What a stage's name alone says, if it says won, lost or paused."""
    guess = classify_stage(stage)
    return guess.meaning if guess.sure >= SURE and guess.meaning in ("won", "lost", "paused") else None


def leads_on(meaning: str, entries_count: int, remained_count: int) -> bool:
    """Whether a stage named like an ending is passed through: most of its leads went on.

    Examples
    --------
    >>> leads_on("won", 100, 3), leads_on("won", 100, 98), leads_on("paused", 100, 3)
    (True, False, False)
    """
    return meaning != "paused" and entries_count >= MIN_COUNT and remained_count < REMAIN_SHARE * entries_count
