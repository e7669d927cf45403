"""A file of any kind as one table of text: header, rows as they stand in the file, dialect."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from leadaudit.errors import ExportReadError, listed
from leadaudit.ingest.text.layout import Layout
from leadaudit.ingest.text.records import Record
from leadaudit.ingest.text.rows_between import RowSorter, SetAside, without_trailer

if TYPE_CHECKING:
    import duckdb

    from leadaudit.ingest.loading.load import LoadReport

WHOLE_PASS_BYTES = 8 * 1024 * 1024
"""Up to this size a file is passed through once at reading, so that rows set aside are known at once."""


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook, and whether a user sees it."""

    name: str
    visible: bool


@dataclass
class Dialect:
    r"""How a table is written in its file.

    Attributes
    ----------
    encoding : str
        Python codec name.
    delimiter : str
        One or more characters; ``""`` for one column, and for workbooks.
    quotechar : str
        ``"`` also where no cell is quoted.
    escapechar : str or None
        Only where one was seen.
    doublequote : bool
        A quote inside a quoted cell is written twice.
    skip_initial_space : bool
        Blanks after the delimiter are not part of the cell.
    header_row : int or None
        Line index of the header, from 0; None when there is none.
    rows_before, rows_after : list of list of str
        Records above and below the table.
    set_aside : list of (line number, cells, why)
        Records within the table that are no data. Complete for files up to 8 MB and after the
        first whole pass over bigger ones.
    newline : str
        ``"\n"``, ``"\r\n"`` or ``"\r"``; ``""`` for workbooks.
    bom : bool
    sheet : str or None
        The sheet read.
    sheets : list of Sheet
        All sheets of the workbook.
    date1904 : bool
        The workbook counts days from 1904.
    unvalued_formulas : dict of int to int
        By column from 0, how many cells are formulas that were never calculated; they are read as empty.
    compression : str or None
        ``gzip`` or ``zip``.
    member : str or None
        Name of the file read inside an archive.
    kind : str
        ``delimited``, ``workbook`` or ``html``.
    """

    encoding: str = "utf-8"
    delimiter: str = ""
    quotechar: str = '"'
    escapechar: str | None = None
    doublequote: bool = True
    skip_initial_space: bool = False
    header_row: int | None = None
    rows_before: list[list[str]] = field(default_factory=list)
    rows_after: list[list[str]] = field(default_factory=list)
    set_aside: list[SetAside] = field(default_factory=list)
    newline: str = ""
    bom: bool = False
    sheet: str | None = None
    sheets: list[Sheet] = field(default_factory=list)
    date1904: bool = False
    unvalued_formulas: dict[int, int] = field(default_factory=dict)
    compression: str | None = None
    member: str | None = None
    kind: str = "delimited"


@dataclass
class TextTable:
    """A table of text, read lazily and as often as wanted.

    Iterating gives the data rows, each a list of the cells exactly as in the file: a short row
    stays short, a long row long. Blank lines, repeated headers, subtotals and group labels are
    left out and stand in ``dialect.set_aside``; remarks below the table in ``dialect.rows_after``.

    Attributes
    ----------
    path : Path
    header : list of str
        As in the file, duplicates and blanks kept; empty when there is none.
    dialect : Dialect
    layout : Layout
    open_records : callable
        Gives a fresh iterator over all records below the header.
    origin : object
        What the loader of this kind of file needs beside; None for tables held in memory.
    passed : bool
        A whole pass was made, so rows set aside and after the table are known.
    lacking : str
        Code of the error why there is no row: ``file_empty``, ``no_table`` or ``only_header``; empty where there are rows.
    """

    path: Path
    header: list[str]
    dialect: Dialect
    layout: Layout
    open_records: Callable[[], Iterator[Record]]
    origin: object = None
    passed: bool = False
    lacking: str = ""

    def __iter__(self) -> Iterator[list[str]]:
        """Yield the data rows."""
        for _, cells in self.numbered():
            yield cells

    def numbered(self) -> Generator[Record, None, None]:
        """Yield line number (from 1) and cells of each data row."""
        after: list[list[str]] = []
        aside: list[SetAside] = []
        why_not_data = RowSorter(self.layout).why_not_data
        for line, cells in without_trailer(self.open_records(), self.layout, after):
            why = why_not_data(cells)
            if why is None:
                yield line, cells
            else:
                aside.append((line, cells, why))
        self.dialect.rows_after, self.dialect.set_aside, self.passed = after, aside, True

    @property
    def line_numbers(self) -> Iterator[int]:
        """The line in the file of each data row, in the order of iteration."""
        return (line for line, _ in self.numbered())

    @property
    def width(self) -> int:
        """Usual number of cells of a row."""
        return self.layout.width

    def column_names(self) -> list[str]:
        """Unique, non-empty names for the columns: header, made distinct where it is not.

        Examples
        --------
        >>> table = TextTable(Path("x"), ["Id", "", "Id"], Dialect(), Layout([], 1, 2, 3), lambda: iter(()))
        >>> table.column_names()
        ['Id', 'column_2', 'Id_2']
        """
        return unique_names(self.header, max(self.width, len(self.header)))

    def require_rows(self) -> None:
        """Refuse a table without a row.

        Raises
        ------
        ExportReadError
            ``file_empty``, ``no_table`` or ``only_header``.
        """
        if self.lacking:
            raise ExportReadError(self.lacking, path=self.path, found=listed(self.header))

    def to_duckdb(self, connection: duckdb.DuckDBPyConnection, name: str) -> LoadReport:
        """Load the table as text columns plus ``_line``; see :func:`leadaudit.ingest.loading.load.load_table`."""
        from leadaudit.ingest.loading.load import load_table

        return load_table(self, connection, name)


def unique_names(header: list[str], width: int) -> list[str]:
    """Column names that a database can hold: none empty, none twice (case-insensitively)."""
    names: list[str] = []
    taken: set[str] = {"_line"}
    for position in range(width):
        stem = header[position].strip() if position < len(header) else ""
        stem = " ".join(stem.split()) or f"column_{position + 1}"
        name, number = stem, 1
        while name.casefold() in taken:
            number += 1
            name = f"{stem}_{number}"
        taken.add(name.casefold())
        names.append(name)
    return names


def read_text_table(path: str | os.PathLike[str], *, sheet: str | None = None, member: str | None = None) -> TextTable:
    r"""Read a CSV, Excel, OpenDocument or HTML table, whatever it is called and however written.

    Parameters
    ----------
    path : path-like
        The file; gzip and zip are unpacked.
    sheet : str, optional
        A sheet of a workbook (or table of an HTML page); without it the visible one with most cells.
    member : str, optional
        A file inside a zip with several tables (:func:`leadaudit.ingest.text.archive.tables_in`).

    Returns
    -------
    TextTable
        Without rows where the text has none below its header (``lacking`` says why), and without
        a header as well where the file is empty.

    Raises
    ------
    ExportReadError
        The file is missing, protected, damaged, or of a kind that holds no table.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "deals.csv"
    >>> _ = file.write_text("Id;Betrag\n1;3,50\n", encoding="utf-8")
    >>> table = read_text_table(file)
    >>> table.header, list(table), table.dialect.delimiter
    (['Id', 'Betrag'], [['1', '3,50']], ';')
    """
    from leadaudit.ingest.text.archive import open_source

    file = Path(path)
    try:
        source = open_source(file, member=member)
    except ExportReadError as error:
        if error.code in _WITHOUT_TEXT:
            return _table_of_nothing(file, error.code)
        raise
    if source.kind == "workbook":
        from leadaudit.ingest.text.spreadsheet import read_workbook

        table = read_workbook(file, source, sheet)
    elif source.kind == "html":
        from leadaudit.ingest.text.markup import read_html_table

        table = read_html_table(file, source, sheet)
    else:
        from leadaudit.ingest.text.delimited import read_delimited

        try:
            table = read_delimited(file, source)
        except ExportReadError as error:
            if error.code in _WITHOUT_TEXT:
                return _table_of_nothing(file, error.code)
            raise
        if sheet is not None:
            raise ExportReadError("sheet_missing", path=file, sheet=sheet, available="-")
    table.dialect.compression, table.dialect.member = source.compression, source.member
    _check_rows(table, source.byte_count)
    return table


def _check_rows(table: TextTable, byte_count: int) -> None:
    """Tell whether there is a row; pass through small files once, so that all is known."""
    rows = table.numbered()
    if next(rows, None) is None:
        table.lacking = "only_header" if table.header else "no_table"
    elif byte_count <= WHOLE_PASS_BYTES:
        for _ in rows:
            pass
    else:
        rows.close()


_WITHOUT_TEXT = frozenset({"file_empty", "no_table"})


def _table_of_nothing(path: Path, why: str) -> TextTable:
    return TextTable(path, [], Dialect(), Layout([], None, 1, 0), lambda: iter(()), passed=True, lacking=why)
