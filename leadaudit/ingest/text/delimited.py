"""Delimited text of any dialect to a text table; big files are sampled, then streamed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from leadaudit.errors import ExportReadError
from leadaudit.ingest.text.archive import Source
from leadaudit.ingest.text.dialect import detect_syntax
from leadaudit.ingest.text.encoding import ByteSurvey, open_text, survey_bytes
from leadaudit.ingest.text.layout import LOOKED_ROWS, Layout, find_layout
from leadaudit.ingest.text.records import Record, RecordReader
from leadaudit.ingest.text.splitting import Syntax
from leadaudit.ingest.text.text_table import Dialect, TextTable

HEAD_CHARACTERS = 200_000
PART_CHARACTERS = 40_000
"""Size of the samples from head, middle and tail."""


@dataclass
class DelimitedSource:
    """What loading a delimited file needs to know beside the table."""

    source: Source
    survey: ByteSurvey
    syntax: Syntax
    skipped_line: bool = False
    """The first line only tells the delimiter."""


def read_delimited(path: Path, source: Source) -> TextTable:
    """Read delimited text; nothing is given by the caller.

    Raises
    ------
    ExportReadError
        Damaged archive, or no table in the text.
    """
    survey = survey_bytes(source.open_bytes)
    sample, whole = _sample(source, survey)
    if not sample.strip("\0 \t\r\n\x1a"):
        raise ExportReadError("no_table", path=path)
    told, skipped = _told_separator(sample)
    syntax = told or detect_syntax(sample[skipped:], whole=whole)
    origin = DelimitedSource(source, survey, syntax, skipped > 0)
    layout = _layout(origin, skipped)
    dialect = Dialect(
        encoding=survey.encoding,
        delimiter=syntax.delimiter,
        quotechar=syntax.quotechar,
        escapechar=syntax.escapechar,
        doublequote=syntax.doublequote,
        skip_initial_space=syntax.skip_initial_space,
        header_row=None if layout.header_line is None else layout.header_line - 1,
        rows_before=layout.rows_before,
        newline=survey.newline,
        bom=bool(survey.bom),
    )

    def open_records() -> Iterator[Record]:
        return (record for record in _records(origin, layout.width, skipped) if record[0] >= layout.first_line)

    return TextTable(path, layout.header, dialect, layout, open_records, origin=origin)


def _layout(origin: DelimitedSource, skipped: int) -> Layout:
    """Where the table lies; read twice, since damaged first records can only be told once the width is known."""
    first = list(islice(_records(origin, 0, skipped), LOOKED_ROWS * 2))
    layout = find_layout(first)
    again = list(islice(_records(origin, layout.width, skipped), LOOKED_ROWS * 2))
    return layout if again == first else find_layout(again)


def _records(origin: DelimitedSource, width: int, skipped: int) -> Iterator[Record]:
    with open_text(origin.source.open_bytes, origin.survey) as text:
        if skipped:
            text.readline()
        lines = (line for line in text if line != "\x1a")  # DOS end of file
        for number, cells in RecordReader(lines, origin.syntax, width):
            yield (number + 1 if skipped else number), cells


def _told_separator(sample: str) -> tuple[Syntax | None, int]:
    """Excel's own first line ``sep=;`` tells the delimiter."""
    line = sample[:20].splitlines()[0] if sample[:20].splitlines() else ""
    bare = line.strip().strip('"')
    if bare.lower().startswith("sep=") and len(bare) in (4, 5):
        separator = bare[4:] or "\t"
        ends = sample.find("\n")
        syntax = detect_syntax(sample[ends + 1 :], whole=False)
        if syntax.delimiter != separator:
            syntax = Syntax(separator, '"')
        return syntax, ends + 1
    return None, 0


def _sample(source: Source, survey: ByteSurvey) -> tuple[str, bool]:
    """Head, middle and tail of the text; and whether that is all of it."""
    with open_text(source.open_bytes, survey) as text:
        head = text.read(HEAD_CHARACTERS)
        if len(head) < HEAD_CHARACTERS:
            return head, True
        if source.compression or survey.byte_count < 4 * HEAD_CHARACTERS:
            return head, False
    parts = [_whole_lines(head, first=True)]
    for share in (0.5, 1.0):
        start = int(share * survey.byte_count) - 4 * PART_CHARACTERS
        with source.open_bytes() as stream:
            stream.seek(start - start % 4)
            piece = stream.read(2 * PART_CHARACTERS).decode(survey.encoding, errors="replace")
        parts.append(_whole_lines(piece, first=False))
    return "".join(parts), False


def _whole_lines(piece: str, *, first: bool) -> str:
    """Drop the lines that were cut."""
    end = max(piece.rfind("\n"), piece.rfind("\r")) + 1
    start = 0 if first else max(piece.find("\n"), 0) + 1
    return piece[start : end or len(piece)]
