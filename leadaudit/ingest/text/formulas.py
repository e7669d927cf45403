"""Formulas of a workbook whose values are not in it: what a program wrote that does not calculate."""

from __future__ import annotations

import html
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator

from leadaudit.ingest.text.archive import Source

_CHUNK_BYTES = 1024**2
_HEAD_BYTES = 1024**2
_LOOKED_CHUNKS = 8
"""A calculated column has formulas from its first rows on: a sheet with none in so many chunks has none."""

_SHEET = re.compile(rb"<(?:\w+:)?sheet\b[^>]*>")
_RELATION = re.compile(rb"<Relationship\b[^>]*>")
_ATTRIBUTE = re.compile(rb'([\w:]+)="([^"]*)"')
_UNVALUED = re.compile(
    rb"<(?:\w+:)?c\b((?:\s+[\w:]+=\"[^\"]*\")*)\s*>\s*"
    rb"<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v\s*></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)


def unvalued_formulas(source: Source, sheet: str, first_line: int) -> dict[int, int]:
    """Count formulas without a stored value, by column.

    Parameters
    ----------
    source : Source
        An xlsx workbook; any other has none.
    sheet : str
    first_line : int
        Line of the first row of data, from 1; formulas above it do not count.

    Returns
    -------
    dict of int to int
        Column from 0, and how many of its cells are formulas that were never calculated. A formula
        that was calculated to an empty text has a value.
    """
    counts: Counter[int] = Counter()
    try:
        with source.open_bytes() as stream, zipfile.ZipFile(stream) as archive:
            if member := _member_of(archive, sheet):
                for column, line in _places(archive, member):
                    counts[column] += line >= first_line
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, KeyError):
        return {}
    return {column: count for column, count in sorted(counts.items()) if count}


def _member_of(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """Name of the file in the workbook that holds a sheet."""
    if "xl/workbook.xml" not in archive.namelist():
        return None
    with archive.open("xl/workbook.xml") as stream:
        sheets = [_attributes(found[0]) for found in _SHEET.finditer(stream.read(_HEAD_BYTES))]
    relation = next((one.get("r:id") for one in sheets if one.get("name") == sheet), None)
    with archive.open("xl/_rels/workbook.xml.rels") as stream:
        targets = [_attributes(found[0]) for found in _RELATION.finditer(stream.read(_HEAD_BYTES))]
    target = next((one["Target"] for one in targets if one.get("Id") == relation), None)
    if target is None:
        return None
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _attributes(tag: bytes) -> dict[str, str]:
    found = _ATTRIBUTE.findall(tag)
    return {name.decode(): html.unescape(value.decode("utf-8", errors="replace")) for name, value in found}


def _places(archive: zipfile.ZipFile, member: str) -> Iterator[tuple[int, int]]:
    """Column from 0 and line from 1 of each such cell."""
    with archive.open(member) as stream:
        rest, seen, chunks = b"", False, 0
        while piece := stream.read(_CHUNK_BYTES):
            text, chunks = rest + piece, chunks + 1
            seen = seen or b"<f" in text or b":f" in text
            if not seen and chunks >= _LOOKED_CHUNKS:
                return
            cut = text.rfind(b"</c>") + 4
            if cut < 4 and len(text) < 2 * _CHUNK_BYTES:
                rest = text
                continue
            whole, rest = (text[:cut], text[cut:]) if cut >= 4 else (text, b"")
            if seen:
                cells = (_attributes(found[1]) for found in _UNVALUED.finditer(whole))
                yield from (_place(cell["r"]) for cell in cells if "r" in cell and cell.get("t") != "str")


def _place(reference: str) -> tuple[int, int]:
    """Column from 0 and line from 1 of a cell.

    >>> _place("AB12")
    (27, 12)
    """
    letters = reference.rstrip("0123456789")
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return column - 1, int(reference[len(letters) :])
