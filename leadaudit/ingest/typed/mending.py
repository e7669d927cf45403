"""What a CRM's way of exporting did to a table, undone before its cells are typed."""

from __future__ import annotations

from leadaudit.ingest.loading.database import first_row, quoted, text
from leadaudit.ingest.recognition.content import SAMPLED_ROWS
from leadaudit.ingest.typed.sheet import Sheet

REPEATED_CELLS = 3
"""A row with so many cells that repeat their header is no data."""

GROUP_MARKS = ("↑", "↓")
"""Arrows that reports put behind the header of a column that they are grouped or sorted by."""

REFERENCE = "::::"
"""Stands between the module and the name of a linked record ("Accounts::::Acme")."""


def mend(sheet: Sheet) -> int:
    """Undo repeated headers, group values that stand only once, and links with their module in front.

    Returns
    -------
    int
        Rows set aside.
    """
    aside = _drop_repeated_headers(sheet)
    for column, content in sheet.contents.items():
        if content.header.strip().endswith(GROUP_MARKS) and content.filled_share < 1:
            _fill_down(sheet, column)
        if content.values and sum(REFERENCE in value for value in content.values) > 0.5 * len(content.values):
            sheet.connection.execute(
                f"UPDATE {quoted(sheet.home.table)} SET {quoted(column)} = "
                f"regexp_replace({quoted(column)}, '^\\w+{REFERENCE}', '') WHERE contains({quoted(column)}, '{REFERENCE}')"
            )
    return aside


def _drop_repeated_headers(sheet: Sheet) -> int:
    """Set aside rows in which cells repeat the header, beside others that do not (a masked or filled-down copy)."""
    named = [column for column, content in sheet.contents.items() if content.header.strip()]
    if len(named) < REPEATED_CELLS or not _may_repeat_headers(sheet):
        return 0
    repeats = " + ".join(
        f"coalesce(trim({quoted(column)}) = {text(sheet.header(column).strip())}, false)::INTEGER" for column in named
    )
    where = f"{repeats} >= {REPEATED_CELLS}"
    aside = sheet.set_aside(
        "row_repeated_header", f"SELECT _line, {quoted(named[0])} AS v FROM {quoted(sheet.name)} WHERE {where}"
    )
    if aside:
        sheet.connection.execute(f"DELETE FROM {quoted(sheet.home.table)} WHERE {where}")
    return aside


def _may_repeat_headers(sheet: Sheet) -> bool:
    """Small tables are looked through; of big ones the sample has to show it."""
    seen = sum(1 for content in sheet.contents.values() if content.header.strip() in content.counts)
    small = max((content.rows_count for content in sheet.contents.values()), default=0) < SAMPLED_ROWS // 2
    return small or seen >= REPEATED_CELLS


def _fill_down(sheet: Sheet, column: str) -> None:
    """Fill a group's value into the rows below it, where each value stands once above its rows.

    A column that is merely sorted has its empty cells together at one end, and repeats values.
    """
    cell, table = quoted(column), quoted(sheet.name)
    filled, repeated, gaps = first_row(
        sheet.connection,
        f"""
        SELECT count({cell}), count(*) FILTER ({cell} = was), count(*) FILTER ({cell} IS NULL AND was IS NOT NULL) FROM (
            SELECT {cell}, lag({cell}) OVER (ORDER BY _line) AS was FROM {table})
        """,
    )
    if not filled or repeated or gaps < min(2, filled):
        return
    sheet.connection.execute(f"""
        UPDATE {quoted(sheet.home.table)} SET {cell} = f.above FROM (
            SELECT _line AS line, last_value({cell} IGNORE NULLS) OVER (ORDER BY _line) AS above FROM {table}) f
        WHERE f.line = {sheet.home.line} AND {cell} IS NULL
    """)
