"""Cells of a workbook to Arrow text, column by column."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from leadaudit.ingest.text.rows_between import is_trailer
from leadaudit.ingest.text.spreadsheet import CellSource, as_text, as_text_row, without_collector

if TYPE_CHECKING:
    import pyarrow as pa

    from leadaudit.ingest.text.text_table import TextTable

BLOCK_ROWS = 10_000
"""Cells of one row lie beside each other in memory: of so many rows, a column is quickly at hand."""

EXACT_INTEGER_LIMIT = 2.0**53
PLAIN_NUMBERS = (1e-3, 1e15)
"""Between these Arrow and Python write a fraction alike, without an exponent."""


def rows_below_header(table: TextTable, origin: CellSource) -> tuple[list[list[Any]], list[list[str]]]:
    """Rows of cells below the header, and remarks after the table as text."""
    rows = origin.rows[origin.skipped :]
    end = len(rows)
    while end and is_trailer(as_text_row(rows[end - 1]), table.layout):
        end -= 1
    return rows[:end], [as_text_row(row) for row in rows[end:]]


def arrow_of_cells(rows: list[list[Any]], first_line: int, columns: list[str]) -> Iterator[pa.RecordBatch]:
    """Rows as Arrow text with ``_line``, block by block: one is in the database before the next is made."""
    import pyarrow as pa

    schema = pa.schema([*((column, pa.string()) for column in columns), ("_line", pa.int64())])
    for start in range(0, len(rows), BLOCK_ROWS):
        block = rows[start : start + BLOCK_ROWS]
        lines = pa.array(range(first_line + start, first_line + start + len(block)), pa.int64())
        with without_collector():
            texts = [text_array(column) for column in zip(*block, strict=True)]
        yield pa.record_batch([*texts, lines], schema=schema)


def text_array(column: Sequence[Any]) -> pa.Array:
    """A column of cells as Arrow text, empty cells missing; each cell as :func:`as_text` writes it.

    Examples
    --------
    >>> text_array(["a", 1.0, "", 2.5]).to_pylist()
    ['a', '1', None, '2.5']
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    first = next((cell for cell in column if cell != ""), "")
    if type(first) is str:
        try:
            texts = pa.array(column, pa.string())
        except (pa.ArrowInvalid, pa.ArrowTypeError):  # something else among them
            pass
        else:
            empty = pc.equal(texts, "")
            return pc.if_else(empty, pa.scalar(None, pa.string()), texts) if pc.any(empty).as_py() else texts
    kinds = set(map(type, column))
    way = _WAYS.get(frozenset(kinds - {str}))
    if way is not None:
        cells = [None if cell == "" else cell for cell in column] if str in kinds else column
        try:
            array = way(cells)
        except (pa.ArrowInvalid, pa.ArrowTypeError):  # texts among them, or beyond what Arrow holds
            array = None
        if array is not None:
            return array
    return pa.array([(cell if type(cell) is str else as_text(cell)) or None for cell in column], pa.string())


def _numbers(cells: Sequence[Any]) -> pa.Array | None:
    """Text of numbers; None where Arrow would write one of them in another way."""
    import pyarrow as pa
    import pyarrow.compute as pc

    floats = pc.add(pa.array(cells, pa.float64()), 0.0)  # a minus zero becomes zero
    sizes = pc.abs(floats)
    largest = pc.max(sizes).as_py()
    if largest is None or not largest < EXACT_INTEGER_LIMIT:
        return None
    try:
        return floats.cast(pa.int64()).cast(pa.string())
    except pa.ArrowInvalid:
        least = pc.min(pc.if_else(pc.equal(sizes, 0.0), None, sizes)).as_py()
        if not (PLAIN_NUMBERS[0] <= least and largest < PLAIN_NUMBERS[1]):
            return None
        texts = floats.cast(pa.string())
        whole = pc.ends_with(texts, pattern=".0")
        if not pc.any(whole).as_py():
            return texts
        # a whole number among fractions is written without its point
        return pc.if_else(whole, pc.utf8_slice_codeunits(texts, 0, -2), texts)


def _moments(cells: Sequence[Any]) -> pa.Array:
    """Text of points in time to the second; midnights as days.

    Examples
    --------
    >>> _moments([dt.datetime(2026, 3, 1, 9, 30), dt.datetime(2026, 3, 2), None]).to_pylist()
    ['2026-03-01 09:30:00', '2026-03-02', None]
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = pa.array(cells, pa.timestamp("us")).cast(pa.timestamp("s")).cast(pa.string())
    return pc.replace_substring(texts, pattern=" 00:00:00", replacement="")


def _moments_and_days(cells: Sequence[Any]) -> pa.Array:
    """The same where the workbook reader gave midnights as days, which Arrow does not mix with moments."""
    midnights = [dt.datetime(cell.year, cell.month, cell.day) if type(cell) is dt.date else cell for cell in cells]
    return _moments(midnights)


def _days(cells: Sequence[Any]) -> pa.Array:
    import pyarrow as pa

    return pa.array(cells, pa.date32()).cast(pa.string())


_WAYS: dict[frozenset[type], Callable[[Sequence[Any]], pa.Array | None]] = {
    frozenset({float}): _numbers,
    frozenset({int}): _numbers,
    frozenset({float, int}): _numbers,
    frozenset({dt.datetime}): _moments,
    frozenset({dt.date}): _days,
    frozenset({dt.date, dt.datetime}): _moments_and_days,
}
