"""Stages whose names differ in capitals or blanks only are one stage."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from leadaudit.ingest.recognition.words import mapped

if TYPE_CHECKING:
    import duckdb

    from leadaudit.ingest.issues import IssueLog


def one_spelling(connection: duckdb.DuckDBPyConnection, leads: str, changes: str, log: IssueLog) -> None:
    """Write each stage as it is written most often, in leads and in their history; say so once per spelling.

    Parameters
    ----------
    connection : DuckDBPyConnection
    leads, changes : str
        Database tables.
    log : IssueLog
        Gets one note per spelling that is given up, with its count.
    """
    of_stage = "field = 'stage'"
    places = ((leads, "stage", "true"), (changes, "before", of_stage), (changes, "after", of_stage))
    counts: Counter[str] = Counter()
    for table, column, where in places:
        rows = connection.execute(
            f"SELECT {column}, count(*) FROM {table} WHERE {column} IS NOT NULL AND {where} GROUP BY 1"
        ).fetchall()
        counts.update({str(stage): int(count) for stage, count in rows})
    spellings: defaultdict[str, list[str]] = defaultdict(list)
    for stage in sorted(counts):
        spellings[" ".join(stage.casefold().split())].append(stage)
    others: dict[str, str | bool | None] = {}
    for several in spellings.values():
        usual = max(several, key=lambda stage: counts[stage])
        others |= {stage: usual for stage in several if stage != usual}
    if not others:
        return
    for table, column, where in places:
        again = mapped(column, others, column)
        connection.execute(f"UPDATE {table} SET {column} = {again} WHERE {column} IS NOT NULL AND {where}")
    for stage in others:
        log.add("stage_spelling", "note", column="stage", value=stage, count=counts[stage])
