"""Workbooks (xlsx, xlsm, xlsb, xls, ods) to text tables: cached values, exactly but as text."""

from __future__ import annotations

import datetime as dt
import gc
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from leadaudit.errors import ExportReadError, listed
from leadaudit.ingest.text.archive import WORKBOOK_LIMIT_BYTES, Source, read_up_to
from leadaudit.ingest.text.formulas import unvalued_formulas
from leadaudit.ingest.text.layout import LOOKED_ROWS, Layout, find_layout
from leadaudit.ingest.text.records import Record
from leadaudit.ingest.text.sheet_size import check_sheet_sizes
from leadaudit.ingest.text.text_table import Dialect, Sheet, TextTable

_MIDNIGHT = dt.time()


def read_workbook(path: Path, source: Source, sheet: str | None) -> TextTable:
    """Read one sheet of a workbook.

    Without ``sheet`` the visible worksheet with most cells is read; the others are listed in
    ``dialect.sheets``. A vertical merge fills every row that it spans.

    Raises
    ------
    ExportReadError
        The workbook is damaged or protected, or has no such sheet.
    """
    import python_calamine as calamine

    if source.is_zip:
        check_sheet_sizes(path, source)
    workbook = _open(path, source)
    try:
        sheets = [
            Sheet(meta.name, meta.visible == calamine.SheetVisibleEnum.Visible)
            for meta in workbook.sheets_metadata
            if meta.typ == calamine.SheetTypeEnum.WorkSheet
        ]
        name, rows, offset = _choose(path, workbook, sheets, sheet)
    except calamine.CalamineError as error:
        raise _corrupt(path, error) from error
    finally:
        workbook.close()
    table = table_of_cells(path, rows, offset)
    table.dialect.kind, table.dialect.sheet, table.dialect.sheets = "workbook", name, sheets
    table.dialect.date1904 = _counts_from_1904(source)
    if source.is_zip:
        table.dialect.unvalued_formulas = unvalued_formulas(source, name, table.layout.first_line)
    return table


def _corrupt(path: Path, error: BaseException) -> ExportReadError:
    reason = (str(error).splitlines() or [type(error).__name__])[0][:120]
    return ExportReadError("file_corrupt", path=path, reason=reason or type(error).__name__)


def _open(path: Path, source: Source) -> Any:
    import python_calamine as calamine

    try:
        with source.open_bytes() as stream:
            content = read_up_to(stream, WORKBOOK_LIMIT_BYTES)
        if b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e" in content[:4_000_000]:
            raise ExportReadError("file_encrypted", path=path)
        if not content.startswith(b"PK"):
            content += bytes(-len(content) % 512)  # the old format comes in sectors; a cut one makes the reader panic
        return calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    except calamine.PasswordError as error:
        raise ExportReadError("file_encrypted", path=path) from error
    except (calamine.CalamineError, ValueError, EOFError) as error:
        raise _corrupt(path, error) from error
    except BaseException as error:
        # the Rust reader turns its own panics on damaged files into an exception outside Exception
        if type(error).__name__ != "PanicException":
            raise
        raise _corrupt(path, error) from None


def _choose(path: Path, workbook: Any, sheets: Sequence[Sheet], wanted: str | None) -> tuple[str, list[list[Any]], int]:
    if wanted is not None:
        if wanted not in [sheet.name for sheet in sheets]:
            names = listed([sheet.name for sheet in sheets])
            raise ExportReadError("sheet_missing", path=path, sheet=wanted, available=names)
        rows, offset = _cells(path, workbook, wanted)
        return wanted, rows, offset
    best: tuple[str, list[list[Any]], int] | None = None
    for visible in (True, False):
        for sheet in sheets:
            if sheet.visible != visible:
                continue
            rows, offset = _cells(path, workbook, sheet.name)
            if rows and (best is None or _size(rows) > _size(best[1])):
                best = (sheet.name, rows, offset)
        if best is not None:
            return best
    raise ExportReadError("no_table", path=path)


def _size(rows: list[list[Any]]) -> int:
    return len(rows) * len(rows[0])


def _cells(path: Path, workbook: Any, name: str) -> tuple[list[list[Any]], int]:
    """Cells of a sheet and how many rows stand above the first of them."""
    import python_calamine as calamine

    try:
        sheet = workbook.get_sheet_by_name(name)
        with without_collector():
            rows: list[list[Any]] = sheet.to_python(skip_empty_area=True)
        start = sheet.start or (0, 0)
        _fill_merges(rows, sheet.merged_cell_ranges or (), start)
        if start[1]:
            rows = [[""] * start[1] + row for row in rows]
        return rows, start[0]
    except (calamine.CalamineError, ValueError, OverflowError) as error:
        raise _corrupt(path, error) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise _corrupt(path, error) from None


@contextmanager
def without_collector() -> Iterator[None]:
    """Make many cells without the cycle collector walking over them again and again: cells hold no cycles."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


def _fill_merges(rows: list[list[Any]], ranges: Iterable[Any], start: tuple[int, int]) -> None:
    """A cell merged over several rows holds for each of them."""
    for (top, left), (bottom, _right) in ranges:
        row, column = top - start[0], left - start[1]
        if bottom == top or not (0 <= row < len(rows) and 0 <= column < len(rows[row])):
            continue
        value = rows[row][column]
        for below in range(row + 1, min(bottom - start[0] + 1, len(rows))):
            if rows[below][column] == "":
                rows[below][column] = value


def _counts_from_1904(source: Source) -> bool:
    """Whether the workbook says so; dates read from it are already right either way."""
    try:
        with source.open_bytes() as stream, zipfile.ZipFile(io.BytesIO(stream.read())) as archive:
            head = archive.open("xl/workbook.xml").read(65536).lower()
    except (zipfile.BadZipFile, KeyError, OSError, RuntimeError, NotImplementedError, ValueError):
        return False
    return any(mark in head for mark in (b'date1904="1"', b'date1904="true"', b"date1904='1'"))


def table_of_cells(path: Path, rows: list[list[Any]], offset: int) -> TextTable:
    """Make a text table of rows of cells held in memory.

    Parameters
    ----------
    path : Path
    rows : list of list
        Equally long rows of text, numbers, dates and empty texts.
    offset : int
        Rows of the sheet above the first of ``rows``.
    """
    first: list[Record] = [(offset + number, as_text_row(row)) for number, row in enumerate(rows[: LOOKED_ROWS * 2], 1)]
    layout = find_layout(first, rectangular=True)
    dialect = Dialect(
        encoding="",
        header_row=None if layout.header_line is None else layout.header_line - 1,
        rows_before=layout.rows_before,
    )
    skipped = layout.first_line - 1 - offset

    def open_records() -> Iterator[Record]:
        for number, row in enumerate(rows[skipped:], layout.first_line):
            yield number, as_text_row(row)

    return TextTable(path, layout.header, dialect, layout, open_records, origin=CellSource(rows, skipped, layout))


class CellSource:
    """Cells held in memory, for loading column by column."""

    def __init__(self, rows: list[list[Any]], skipped: int, layout: Layout) -> None:
        self.rows = rows
        self.skipped = skipped
        self.layout = layout


def as_text_row(row: list[Any]) -> list[str]:
    """A row of cells as text; rows that are all text are passed on unchanged."""
    try:
        "".join(row)
    except TypeError:
        return [cell if type(cell) is str else as_text(cell) for cell in row]
    return row


def as_text(cell: Any) -> str:
    """A cell as text: whole numbers without a point, dates as ISO, truth as TRUE and FALSE.

    Examples
    --------
    >>> import datetime as dt
    >>> [as_text(cell) for cell in (45631.0, 0.1, True, dt.datetime(2026, 3, 1), dt.datetime(2026, 3, 1, 9, 30))]
    ['45631', '0.1', 'TRUE', '2026-03-01', '2026-03-01 09:30:00']
    """
    make = _MAKERS.get(type(cell))
    return make(cell) if make else "" if cell is None else str(cell)


def _number(cell: float) -> str:
    # beyond 2**53 a float is no exact integer any more: shown as Excel's damaged number, not as an id
    return str(int(cell)) if cell.is_integer() and abs(cell) < 9_007_199_254_740_992 else repr(cell)


def _moment(cell: dt.datetime) -> str:
    if cell.time() == _MIDNIGHT:
        return cell.date().isoformat()
    return cell.isoformat(sep=" ")


def _duration(cell: dt.timedelta) -> str:
    seconds = round(cell.total_seconds())
    return f"{seconds // 3600}:{seconds % 3600 // 60:02d}:{seconds % 60:02d}"


_MAKERS: dict[type, Callable[[Any], str]] = {
    str: str,
    float: _number,
    int: str,
    bool: lambda cell: "TRUE" if cell else "FALSE",
    dt.datetime: _moment,
    dt.date: dt.date.isoformat,
    dt.time: dt.time.isoformat,
    dt.timedelta: _duration,
}
