"""Cells of a workbook to Arrow text, column by column."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import compress
from typing import TYPE_CHECKING, Any

from leadaudit.ingest.rows_between import RowSorter, SetAside, is_trailer
from leadaudit.ingest.spreadsheet import CellSource, as_text, as_text_row

if TYPE_CHECKING:
    import pyarrow as pa

    from leadaudit.ingest.text_table import TextTable

EXACT_INTEGER_LIMIT = 2.0**53


def arrow_of_cells(
    table: TextTable, origin: CellSource, columns: list[str]
) -> tuple[pa.Table, list[SetAside], list[list[str]]]:
    """Data rows as an Arrow table of text with ``_line``, rows set aside, and rows after the table."""
    import pyarrow as pa

    rows, first = origin.rows[origin.skipped :], table.layout.first_line
    end = len(rows)
    while end and is_trailer(as_text_row(rows[end - 1]), table.layout):
        end -= 1
    after = [as_text_row(row) for row in rows[end:]]
    rows = rows[:end]
    aside = _set_aside(table, rows, first)
    lines: Sequence[int] = range(first, first + end)
    if aside:
        gone = {line for line, _, _ in aside}
        keep = [line not in gone for line in lines]
        rows, lines = list(compress(rows, keep)), list(compress(lines, keep))
    texts = [text_array(column) for column in zip(*rows, strict=True)] or [pa.array([], pa.string()) for _ in columns]
    return pa.table([*texts, pa.array(lines, pa.int64())], names=[*columns, "_line"]), aside, after


def _set_aside(table: TextTable, rows: list[list[Any]], first: int) -> list[SetAside]:
    """Rows that are no data; only poorly filled ones and those like the header are looked at closely."""
    sorter = RowSorter(table.layout)
    least_empty = table.layout.width - sorter.most_filled
    head = table.header[0].strip() if table.header else None
    aside: list[SetAside] = []
    for line, row in enumerate(rows, first):
        if row.count("") < least_empty and row[0] != head:
            continue
        cells = as_text_row(row)
        why = sorter.why_not_data(cells)
        if why is not None:
            aside.append((line, cells, why))
    return aside


def text_array(column: Sequence[Any]) -> pa.Array:
    """A column of cells as Arrow text, empty cells missing; each cell as :func:`as_text` writes it.

    Examples
    --------
    >>> text_array(["a", 1.0, "", 2.5]).to_pylist()
    ['a', '1', None, '2.5']
    """
    import pyarrow as pa

    kinds = set(map(type, column))
    if kinds == {str}:
        return pa.array([cell or None for cell in column], pa.string())
    if kinds <= {float, str}:
        numbers = _whole_numbers(column)
        if numbers is not None:
            return numbers
    if kinds <= {dt.datetime, dt.date, str}:
        return pa.array([_moment(cell) for cell in column], pa.string())
    return pa.array([(cell if type(cell) is str else as_text(cell)) or None for cell in column], pa.string())


def _whole_numbers(column: Sequence[Any]) -> pa.Array | None:
    """Text of a column of whole numbers and empty cells; None for any other column."""
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        floats = pa.array([None if cell == "" else cell for cell in column], pa.float64())
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return None
    largest = pc.max(pc.abs(floats)).as_py()
    if largest is None or not largest < EXACT_INTEGER_LIMIT:
        return None
    try:
        return floats.cast(pa.int64()).cast(pa.string())
    except pa.ArrowInvalid:  # fractions
        return None


def _moment(cell: Any) -> str | None:
    if type(cell) is str:
        return cell or None
    text: str = cell.isoformat(" ") if type(cell) is dt.datetime else cell.isoformat()
    return text.removesuffix(" 00:00:00")
