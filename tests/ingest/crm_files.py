"""Writing a table the way a CRM writes it: separators, encodings, sheets, HTML, zips."""

from __future__ import annotations

import datetime as dt
import gzip
import html
import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Row = Sequence[object]


def csv_bytes(
    rows: Sequence[Row],
    *,
    delimiter: str = ",",
    encoding: str = "utf-8",
    quote_all: bool = False,
    header_separator: str | None = None,
    before: Sequence[str] = (),
    after: Sequence[str] = (),
    newline: str = "\r\n",
) -> bytes:
    """Rows (the header is the first) as delimited text, with lines before and after the table."""
    lines = []
    for number, row in enumerate(rows):
        mark = header_separator if header_separator and number == 0 else delimiter
        lines.append(mark.join(_quoted(cell, delimiter, always=quote_all) for cell in row))
    return (newline.join([*before, *lines, *after]) + newline).encode(encoding)


def _quoted(cell: object, delimiter: str, *, always: bool) -> str:
    text = "" if cell is None else str(cell)
    if always or any(mark in text for mark in (delimiter, '"', "\n", "\r")):
        return '"' + text.replace('"', '""') + '"'
    return text


def xlsx_bytes(rows: Sequence[Row], *, sheet: str = "Sheet1", before: Sequence[Row] = ()) -> bytes:
    """Rows as a workbook of one sheet; cells keep the type that they have."""
    import openpyxl

    book = openpyxl.Workbook()
    page = book.active
    page.title = sheet
    for row in [*before, *rows]:
        page.append(list(row))
    book.properties.created = book.properties.modified = dt.datetime(2026, 3, 1)
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def html_bytes(rows: Sequence[Row]) -> bytes:
    """Rows as the HTML table that some CRMs call an Excel file."""
    head, *body = rows
    made = "".join(f"<th>{html.escape(str(cell))}</th>" for cell in head)
    lines = [
        "<tr>" + "".join(f"<td>{html.escape('' if c is None else str(c))}</td>" for c in row) + "</tr>" for row in body
    ]
    page = f'<table border="1"><thead><tr>{made}</tr></thead><tbody>{"".join(lines)}</tbody></table>'
    meta = '<meta http-equiv="Content-type" content="text/html;charset=UTF-8" />'
    return f"<html><head>{meta}</head><body>{page}</body></html>".encode()


def gzip_bytes(content: bytes) -> bytes:
    """Compressed, the same every time."""
    return gzip.compress(content, mtime=0)


def zip_bytes(name: str, content: bytes) -> bytes:
    """A zip of one file."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name, (2026, 3, 1, 0, 0, 0)), content)
    return held.getvalue()


@dataclass(frozen=True)
class Style:
    """How a CRM writes times, numbers, flags and nothing."""

    time: str = "%Y-%m-%d %H:%M:%S"
    day: str = "%Y-%m-%d"
    decimal: str = "."
    thousands: str = ""
    yes: str = "true"
    no: str = "false"
    null: str = ""
    money: Callable[[str], str] = str
    guard: bool = False
    reference: str = ""

    def write_time(self, value: dt.datetime | None) -> str:
        """A moment; a format starting with - leaves leading zeros away (5/7/2026 8:05)."""
        if value is None:
            return self.null
        if self.time.startswith("-"):
            clock = f" {value.hour}:{value.minute:02d}" if "%H" in self.time else ""
            return f"{value.month}/{value.day}/{value.year}{clock}"
        return value.strftime(self.time)

    def write_day(self, value: dt.datetime | None) -> str:
        """A date."""
        if value is None:
            return self.null
        return f"{value.month}/{value.day}/{value.year}" if self.day.startswith("-") else value.strftime(self.day)

    def write_number(self, value: float | None) -> str:
        """An amount with two decimals, separated as the CRM does."""
        if value is None:
            return self.null
        text = f"{value:,.2f}" if self.thousands else f"{value:.2f}"
        return self.money(text.translate(str.maketrans({",": self.thousands, ".": self.decimal})))

    def write_text(self, value: str) -> str:
        """A name; some CRMs put an apostrophe before what a spreadsheet would take for a formula."""
        return f"'{value}" if self.guard and value.startswith(("=", "+", "-", "@")) else value

    def write_flag(self, *, value: bool) -> str:
        """Yes or no."""
        return self.yes if value else self.no

    def precise(self, value: dt.datetime | None, *, day: bool = False) -> dt.datetime | None:
        """What is left of a moment once it was written."""
        written = self.day if day else self.time
        if value is None:
            return None
        if "%H" not in written and "%I" not in written:
            return value.replace(hour=0, minute=0, second=0, microsecond=0)
        return value.replace(second=0 if "%S" not in written else value.second, microsecond=0)
