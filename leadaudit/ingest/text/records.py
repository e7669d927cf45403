"""Physical lines to records: strict where the file is clean, forgiving where it is not.

A line without a quote is split; a quoted record goes through the standard library's strict
parser; whatever that refuses goes through :func:`leadaudit.ingest.text.splitting.parse_forgiving`. So clean files cost little
and damaged records cost only themselves: an unbalanced quote never swallows the rest of a file.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace

from leadaudit.ingest.text.splitting import Syntax, parse_forgiving, with_a_stray_quote, with_another_separator

RECORD_LINES = 2000
"""A quoted cell longer than this many lines is taken for an unbalanced quote."""
RECORD_CHARACTERS = 4_000_000
"""Likewise for this many characters."""

Record = tuple[int, list[str]]
"""Number of the record's first physical line (counted from 1) and its cells."""


class _RunawayError(Exception):
    """A quoted cell does not end within reason."""


class RecordReader:
    """Iterates over the records of physical lines.

    Parameters
    ----------
    lines : iterable of str
        Physical lines with their line ends, as a text file opened with ``newline=""`` gives.
    syntax : Syntax
    width : int, optional
        Usual number of cells; lets the reader find its way back after an unbalanced quote.
    """

    def __init__(self, lines: Iterable[str], syntax: Syntax, width: int = 0) -> None:
        self._lines = iter(lines)
        self._pending: deque[str] = deque()
        self._syntax = syntax
        self._width = width
        self._line_number = 1
        self.repaired_count = 0
        """Records that only the forgiving parser could read."""

    def __iter__(self) -> Iterator[Record]:
        syntax, lines, pending = self._syntax, self._lines, self._pending
        delimiter, quote, escape = syntax.delimiter, syntax.quotechar, syntax.escapechar
        plain = bool(delimiter) and not syntax.skip_initial_space
        if delimiter == " " and syntax.skip_initial_space:
            lines, delimiter, plain = _single_blanks(lines, quote), " ", True
            syntax = self._syntax = replace(syntax, skip_initial_space=False)
            self._lines = lines
        while True:
            line = pending.popleft() if pending else next(lines, None)
            if line is None:
                return
            start = self._line_number
            if plain and (not quote or quote not in line) and (escape is None or escape not in line):
                self._line_number = start + 1
                yield start, line.rstrip("\r\n").split(delimiter)
                continue
            cells, used = self._read(line)
            self._line_number = start + used
            yield start, cells

    def _read(self, line: str) -> tuple[list[str], int]:
        """One record that begins with ``line``, and how many lines it took."""
        taken = [line]
        try:
            cells = self._strict(taken)
        except (csv.Error, _RunawayError, StopIteration):
            return self._forgiving(taken)
        if len(taken) > 1 and self._width and len(cells) != self._width:
            return self._resynchronised(taken, cells)
        if len(taken) == 1 and len(cells) < self._width:
            cells = self._repaired(line, cells)
        return cells, len(taken)

    def _strict(self, taken: list[str]) -> list[str]:
        syntax = self._syntax
        if len(syntax.delimiter) != 1:
            raise csv.Error
        reader = csv.reader(
            self._feed(taken),
            delimiter=syntax.delimiter,
            quotechar=syntax.quotechar or None,
            quoting=csv.QUOTE_MINIMAL if syntax.quotechar else csv.QUOTE_NONE,
            skipinitialspace=syntax.skip_initial_space,
            strict=True,
        )
        cells: list[str] = next(reader)
        if not syntax.doublequote and any(syntax.quotechar in cell for cell in cells):
            raise csv.Error  # without doubled quotes the standard parser would drop a quote within a cell
        if syntax.quotechar and any(_opens_late(cell, syntax.quotechar, taken) for cell in cells):
            raise csv.Error  # a blank before an opening quote: `a, "b, c"`
        if syntax.escapechar and any(syntax.escapechar in line for line in taken):
            raise csv.Error  # the standard parser drops every escape character, we only those that escape
        return cells

    def _feed(self, taken: list[str]) -> Iterator[str]:
        """Give the record's first line, then further lines as the parser asks for them."""
        yield taken[0]
        size = len(taken[0])
        while True:
            more = self._pending.popleft() if self._pending else next(self._lines, None)
            if more is None:
                raise _RunawayError
            taken.append(more)
            size += len(more)
            if len(taken) > RECORD_LINES or size > RECORD_CHARACTERS:
                raise _RunawayError
            yield more

    def _forgiving(self, taken: list[str]) -> tuple[list[str], int]:
        """Read line by line; take as few lines as give a whole record."""
        self.repaired_count += 1
        text = taken[0]
        cells, open_quote = parse_forgiving(text, self._syntax)
        if open_quote and not self._stands_alone(taken):
            joined = self._joined(taken)
            if joined is not None:
                return joined
        self._pending.extendleft(reversed(taken[1:]))
        if open_quote:
            literal, _ = parse_forgiving(text, self._syntax, literal_open=True)
            if len(literal) == self._width or len(cells) != self._width:
                cells = literal
        if len(cells) != self._width:
            cells = with_a_stray_quote(text, self._syntax, self._width) or cells
        return self._repaired(text, cells), 1

    def _stands_alone(self, taken: list[str]) -> bool:
        """The line has the usual width with its open quote read as text, and so has the next line."""
        if not self._width or len(parse_forgiving(taken[0], self._syntax, literal_open=True)[0]) != self._width:
            return False
        if len(taken) < 2:
            more = self._pending.popleft() if self._pending else next(self._lines, None)
            if more is None:
                return True
            taken.append(more)
        return len(parse_forgiving(taken[1], self._syntax, literal_open=True)[0]) == self._width

    def _joined(self, taken: list[str]) -> tuple[list[str], int] | None:
        """Continue an open quote over the next lines while the result keeps the usual width."""
        while len(taken) < 200:
            more = self._pending.popleft() if self._pending else next(self._lines, None)
            if more is None:
                break
            taken.append(more)
        text = taken[0]
        for used in range(2, min(len(taken), 200) + 1):
            text += taken[used - 1]
            if len(text) > RECORD_CHARACTERS:
                return None
            cells, open_quote = parse_forgiving(text, self._syntax)
            if self._width and len(cells) > self._width:
                return None
            if not open_quote:
                if self._width and len(cells) != self._width:
                    return None
                self._pending.extendleft(reversed(taken[used:]))
                return cells, used
        return None

    def _resynchronised(self, taken: list[str], cells: list[str]) -> tuple[list[str], int]:
        """Prefer the first line alone where it, unlike the whole, has the usual width."""
        alone, _ = parse_forgiving(taken[0], self._syntax, literal_open=True)
        if len(alone) != self._width:
            alone = with_a_stray_quote(taken[0], self._syntax, self._width)
        if len(alone) == self._width:
            self.repaired_count += 1
            self._pending.extendleft(reversed(taken[1:]))
            return alone, 1
        return cells, len(taken)

    def _repaired(self, line: str, cells: list[str]) -> list[str]:
        """Split a row that alone is written with another separator between its quoted cells."""
        if len(cells) == self._width:
            return cells
        return with_another_separator(line, self._syntax, self._width) or cells


def _single_blanks(lines: Iterator[str], quote: str) -> Iterator[str]:
    """Lines of aligned columns with one blank between the cells."""
    for line in lines:
        bare = line.rstrip("\r\n")
        if quote and quote in bare:
            yield line
        else:
            yield re.sub(" {2,}", " ", bare.strip(" ")) + line[len(bare) :]


def _opens_late(cell: str, quote: str, lines: list[str]) -> bool:
    """The cell begins with a blank and a quote, and no proper writer put it so: ``" ""x"`` is meant."""
    if not (cell[:1] in (" ", "\t") and cell.lstrip(" \t").startswith(quote)):
        return False
    return f"{quote}{cell.replace(quote, quote * 2)}{quote}" not in "".join(lines)
