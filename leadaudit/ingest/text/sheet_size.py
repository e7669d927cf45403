"""How far the sheets of a workbook reach, found before any of them is laid out in memory.

One stray cell at the far corner of a sheet makes the workbook reader ask for a grid of billions
of cells, and the process dies. Honest files have such cells, too: a click and a blank do it.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from leadaudit.errors import ExportReadError
from leadaudit.ingest.text.archive import Source

GRID_LIMIT_CELLS = 40_000_000
"""A million rows of forty columns: more does not fit into memory as cells."""
TRUSTED_BYTES = 1024**2
"""A packed sheet of this size is full of cells; what it states about its own size (if it does) is believed."""

_CHUNK_BYTES = 1024**2
_PLACE = re.compile(rb'<(?:\w+:)?c r="([A-Z]{1,3})([0-9]{1,7})"')
_STATED = re.compile(rb'<(?:\w+:)?dimension ref="[A-Z]+[0-9]+:([A-Z]{1,3})([0-9]{1,7})"')


def check_sheet_sizes(path: Path, source: Source) -> None:
    """Refuse an xlsx workbook with a sheet that reaches too far.

    Raises
    ------
    ExportReadError
        ``sheet_too_wide``, or ``file_corrupt`` when the archive cannot be unpacked.
    """
    try:
        with source.open_bytes() as stream, zipfile.ZipFile(stream) as archive:
            for member in archive.infolist():
                if member.filename.startswith("xl/worksheets/") and member.filename.endswith(".xml"):
                    _check(path, archive, member)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError) as error:
        if isinstance(error, ExportReadError):
            raise
        raise ExportReadError("file_corrupt", path=path, reason=str(error)[:120] or type(error).__name__) from error


def _check(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    widest, lowest, at = 0, 0, ""
    for column, row in _places(archive, member):
        if column > widest or row > lowest:
            widest, lowest = max(widest, column), max(lowest, row)
            at = f"{_letters(widest)}{lowest}"
        if widest * lowest > GRID_LIMIT_CELLS:
            sheet = member.filename.rsplit("/", 1)[-1].removesuffix(".xml")
            raise ExportReadError("sheet_too_wide", path=path, sheet=sheet, cell=at)


def _places(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[tuple[int, int]]:
    """Farthest column and row of each piece of a sheet; of a big sheet only what it states."""
    with archive.open(member) as stream:
        rest = b""
        while piece := stream.read(_CHUNK_BYTES):
            text = rest + piece
            stated = _STATED.search(text, 0, 4096) if not rest else None
            if stated:
                yield _number(stated[1]), int(stated[2])
            if member.compress_size > TRUSTED_BYTES:
                return
            places = _PLACE.findall(text)
            if places:
                widest = max({letters for letters, _ in places}, key=lambda letters: (len(letters), letters))
                yield _number(widest), max(int(places[-1][1]), int(places[0][1]))
            rest = text[-64:]


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _letters(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
