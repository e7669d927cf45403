"""Numbers that begin again in every table: different leads of one number, told apart by where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from leadaudit.ingest.loading.database import quoted, scalar, text

if TYPE_CHECKING:
    import duckdb

    from leadaudit.ingest.issues import IssueLog
    from leadaudit.ingest.typed.leads import LeadTable
    from leadaudit.ingest.typed.sheet import Sheet

AGREE_SHARE = 0.5
"""Fewer leads of one number than this agree in something: the number does not name the lead."""

_TELLING = ("name", "company", "created_at")


def tell_apart(
    connection: duckdb.DuckDBPyConnection, sheets: Sequence[Sheet], tables: Sequence[LeadTable], log: IssueLog
) -> None:
    """Put the table's name in front of numbers that stand for other leads in another table.

    Parameters
    ----------
    connection : DuckDBPyConnection
    sheets, tables : sequence of Sheet, sequence of LeadTable
        In the same order; ids of all tables but the first of a kind are changed.
    log : IssueLog
    """
    for place, (sheet, table) in enumerate(zip(sheets, tables, strict=True)):
        if any(_begins_again(connection, table, other) for other in tables[:place]):
            mark = sheet.source.sheet or sheet.source.file
            connection.execute(f"UPDATE {quoted(table.name)} SET lead_id = {text(mark + ' ')} || lead_id")
            log.add(
                "id_begins_again", "note", file=sheet.source.file, sheet=sheet.source.sheet or None,
                value=mark, count=scalar(connection, f"SELECT count(*) FROM {table.name}"),
            )  # fmt: skip


def _begins_again(connection: duckdb.DuckDBPyConnection, table: LeadTable, other: LeadTable) -> bool:
    """Whether two tables share numbers, and the leads of a shared number have nothing else in common."""
    common = [column for column in _TELLING if column in table.present & other.present]
    if not common:
        return False
    agree = " OR ".join(f"lower(a.{column}::VARCHAR) = lower(b.{column}::VARCHAR)" for column in common)
    told = " OR ".join(f"(a.{column} IS NOT NULL AND b.{column} IS NOT NULL)" for column in common)
    joined = f"FROM {table.name} a JOIN {other.name} b USING (lead_id) WHERE ({told})"
    shared = scalar(connection, f"SELECT count(*) {joined}")
    alike = scalar(connection, f"SELECT count(*) {joined} AND ({agree})")
    return shared > 1 and alike < AGREE_SHARE * shared
