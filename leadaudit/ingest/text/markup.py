"""HTML pages that CRMs call .xls, and Excel's old XML sheets, to text tables."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import islice
from pathlib import Path
from typing import Any

from leadaudit.errors import ExportReadError, listed
from leadaudit.ingest.text.archive import WORKBOOK_LIMIT_BYTES, Source
from leadaudit.ingest.text.encoding import open_text, survey_bytes
from leadaudit.ingest.text.spreadsheet import table_of_cells
from leadaudit.ingest.text.text_table import Sheet, TextTable

HTML_LIMIT_CHARACTERS = WORKBOOK_LIMIT_BYTES // 8
PIECE_CHARACTERS = 1024 * 1024
SPAN_LIMIT = 1000
_CELLS = frozenset(("td", "th", "cell", "ss:cell"))
_ROWS = frozenset(("tr", "row", "ss:row"))
_TABLES = frozenset(("table", "ss:table"))
_BREAKS = frozenset(("br", "p", "div", "li"))
_SILENT = frozenset(("script", "style", "head", "title", "styles", "documentproperties"))


class _Tables(HTMLParser):
    """Collects the outermost tables of a page; a table inside a cell is text of that cell."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str]]] = []
        self._depth = 0
        self._silent = 0
        self._cell: list[str] | None = None
        self._cell_spans = (1, 1)
        self._below: dict[int, tuple[int, str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag in _TABLES:
            self._depth += 1
            if self._depth == 1:
                self.tables.append([])
                self._below = {}
        elif self._depth != 1:
            return
        elif tag in _ROWS:
            self._end_row()
            self.tables[-1].append([])
        elif tag in _CELLS:
            self._begin_cell(dict(attrs))
        elif tag in _BREAKS and self._cell:
            self._cell.append("\n")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            return
        self.handle_starttag(tag, attrs)
        if tag in _CELLS:
            self._end_cell()

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in _TABLES and self._depth:
            if self._depth == 1:
                self._end_row()
            self._depth -= 1
        elif self._depth == 1 and (tag in _CELLS or tag in _ROWS):
            self._end_cell()

    def handle_data(self, data: str) -> None:
        if self._cell is not None and not self._silent:
            self._cell.append(data)

    def close(self) -> None:
        super().close()
        self._end_cell()

    def _begin_cell(self, attributes: dict[str, str | None]) -> None:
        self._end_cell()
        if not self.tables[-1]:
            self.tables[-1].append([])
        row = self.tables[-1][-1]
        place = _whole(attributes.get("ss:index"), 0)
        row.extend([""] * (place - 1 - len(row)))
        self._fill_from_above(row)
        across = max(_whole(attributes.get("colspan"), 1), _whole(attributes.get("ss:mergeacross"), 0) + 1)
        down = max(_whole(attributes.get("rowspan"), 1), _whole(attributes.get("ss:mergedown"), 0) + 1)
        self._cell, self._cell_spans = [], (across, down)

    def _fill_from_above(self, row: list[str]) -> None:
        while len(row) in self._below:
            column = len(row)
            left, text = self._below[column]
            row.append(text)
            if left <= 1:
                del self._below[column]
            else:
                self._below[column] = (left - 1, text)

    def _end_row(self) -> None:
        self._end_cell()
        if self.tables[-1] and self.tables[-1][-1]:
            self._fill_from_above(self.tables[-1][-1])

    def _end_cell(self) -> None:
        if self._cell is None:
            return
        text = re.sub(r"[ \t\r\f\v]*\n[ \t\r\f\v]*", "\n", "".join(self._cell)).strip().replace("\xa0", " ")
        across, down = self._cell_spans
        row = self.tables[-1][-1]
        if down > 1:
            self._below[len(row)] = (down - 1, text)
        row.extend([text] + [""] * (across - 1))
        self._cell = None


def _whole(text: str | None, otherwise: int) -> int:
    return min(int(text), SPAN_LIMIT) if text and text.isdecimal() and len(text) < 6 else otherwise


def read_html_table(path: Path, source: Source, sheet: str | None) -> TextTable:
    """Read the biggest table of an HTML page, or the one called ``table 2``.

    Raises
    ------
    ExportReadError
        The page is too large or holds no table.
    """
    survey = survey_bytes(source.open_bytes)
    with open_text(source.open_bytes, survey) as text:
        # In pieces: one large read reserves all the memory that it might need.
        pieces = iter(lambda: text.read(PIECE_CHARACTERS), "")
        page = "".join(islice(pieces, HTML_LIMIT_CHARACTERS // PIECE_CHARACTERS + 1))
    if len(page) > HTML_LIMIT_CHARACTERS:
        raise ExportReadError("file_too_large", path=path, limit=f"{HTML_LIMIT_CHARACTERS // 1024**2} MB")
    parser = _Tables()
    try:
        parser.feed(page)
        parser.close()
    except (AssertionError, ValueError) as error:
        raise ExportReadError("file_corrupt", path=path, reason="HTML that cannot be read") from error
    tables = {f"table {number}": rows for number, rows in enumerate(parser.tables, 1)}
    name, rows = _chosen(path, tables, sheet)
    width = max(len(row) for row in rows)
    cells: list[list[Any]] = [row + [""] * (width - len(row)) for row in rows]
    table = table_of_cells(path, cells, 0)
    table.dialect.kind, table.dialect.encoding, table.dialect.bom = "html", survey.encoding, bool(survey.bom)
    table.dialect.sheet = name
    table.dialect.sheets = [Sheet(one, visible=True) for one in tables]
    return table


def _chosen(path: Path, tables: dict[str, list[list[str]]], wanted: str | None) -> tuple[str, list[list[str]]]:
    if wanted is not None and wanted not in tables:
        raise ExportReadError("sheet_missing", path=path, sheet=wanted, available=listed(list(tables)))
    sizes = {name: sum(len(row) for row in rows) for name, rows in tables.items()}
    name = wanted or max(sizes, key=lambda one: sizes[one], default="")
    if not name or not sizes[name]:
        raise ExportReadError("no_table", path=path)
    return name, tables[name]
