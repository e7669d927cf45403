"""Rows of a loaded table that are no data, found by the database and judged one by one only where doubtful."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadaudit.ingest.loading.database import first_row, quoted, text
from leadaudit.ingest.text.rows_between import COUNTED_LABEL, TOTAL_LABEL, RowSorter, SetAside

if TYPE_CHECKING:
    import duckdb

    from leadaudit.ingest.loading.home import Home
    from leadaudit.ingest.text.text_table import TextTable


def take_out(table: TextTable, connection: duckdb.DuckDBPyConnection, name: str, home: Home) -> list[SetAside]:
    """Remove rows that are no data from a database table of text.

    Parameters
    ----------
    table : TextTable
        What was loaded.
    connection : DuckDBPyConnection
    name : str
        Its database table, with ``_line``.
    home : Home
        Where the rows of that table live.

    Returns
    -------
    list of (line number, cells, why)
        In the order of the file.
    """
    sorter = RowSorter(table.layout)
    where = suspicion(table, sorter, *_filling(connection, home, table.column_names()))
    if not where:
        return []
    rows = connection.execute(f"SELECT * FROM {quoted(name)} WHERE {where} ORDER BY _line").fetchall()
    aside: list[SetAside] = []
    for *cells, line in rows:
        row = [cell or "" for cell in cells]
        why = sorter.why_not_data(row)
        if why is not None:
            aside.append((line, row, why))
    home.delete(connection, [line for line, _, _ in aside])
    return aside


def _filling(connection: duckdb.DuckDBPyConnection, home: Home, columns: list[str]) -> tuple[list[str], int]:
    """Columns that are filled in some rows only, and how many are filled in all of them: the database counts fast."""
    counted = ", ".join(f"count({quoted(column)})" for column in columns)
    total, *counts = first_row(connection, f"SELECT count(*), {counted} FROM {quoted(home.table)}")
    partly = [column for column, count in zip(columns, counts, strict=True) if 0 < count < total]
    return partly, sum(count == total for count in counts)


def suspicion(table: TextTable, sorter: RowSorter, partly: list[str], always_count: int) -> str:
    """SQL that holds for every row that :class:`RowSorter` may find to be no data, and for few others.

    Parameters
    ----------
    table : TextTable
    sorter : RowSorter
    partly : list of str
        Columns that are filled in some rows only: whether a row is poorly filled, they tell alone.
    always_count : int
        Number of columns that are filled in every row.

    Returns
    -------
    str
        Empty where no row can be suspicious.
    """
    columns = [quoted(column) for column in table.column_names()]
    tests = []
    if always_count <= sorter.most_filled:
        filled = " + ".join([str(always_count), *(f"({quoted(column)} IS NOT NULL)::INT" for column in partly)])
        tests.append(f"({filled} <= {sorter.most_filled} AND ({_telling(columns, table.layout.filled_low)}))")
    heads = [(column, head.strip()) for column, head in zip(columns, table.header, strict=False) if head.strip()]
    if heads:
        # most rows are told apart without being trimmed
        tests.append(
            "("
            + " AND ".join(
                f"contains({column}, {text(head)}) AND trim({column}) = {text(head)}" for column, head in heads[:2]
            )
            + ")"
        )
    return " OR ".join(tests)


def _telling(columns: list[str], filled_low: int) -> str:
    """What sets a poorly filled row apart: at most one cell, a label as totals and groups have, or numbers only."""
    label = f"coalesce({', '.join([*columns, 'NULL'])})"
    # with blanks in front, the first cell may be no label at all: that is left to the sorter
    pattern = f"^[\\x00-\\x20\\pZ]|{_database_pattern(TOTAL_LABEL)}|{_database_pattern(COUNTED_LABEL)}"
    tests = [f"{label} IS NULL", f"regexp_matches({label}, {text(pattern)}, 'i')"]
    if filled_low >= 3:
        others = f"concat({', '.join([*columns[1:], text('')])})"
        tests.append(f"NOT regexp_matches({others}, '[^\\x00-\\x20\\pZ]')")
    if filled_low >= 4:
        tests.append(f"({columns[0]} IS NULL AND regexp_matches({label}, '\\pN'))")
    return " OR ".join(tests)


def _database_pattern(pattern: str) -> str:
    r"""A pattern of ours for the database, whose ``\s`` and ``\d`` know ASCII only."""
    return f"^(?:{pattern})[\\s\\pZ]*$".replace(r"\s", r"\s\pZ").replace(r"\d", r"\pN")
