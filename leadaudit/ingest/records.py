"""Physical lines to records: strict where the file is clean, forgiving where it is not.

A line without a quote is split; a quoted record goes through the standard library's strict
parser; whatever that refuses goes through :func:`parse_forgiving`. So clean files cost little
and damaged records cost only themselves: an unbalanced quote never swallows the rest of a file.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

RECORD_LINES = 2000
"""A quoted cell longer than this many lines is taken for an unbalanced quote."""
RECORD_CHARACTERS = 4_000_000
"""Likewise for this many characters."""

Record = tuple[int, list[str]]
"""Number of the record's first physical line (counted from 1) and its cells."""


@dataclass(frozen=True)
class Syntax:
    """How records are written: the part of a dialect that parsing needs.

    Attributes
    ----------
    delimiter : str
        One or more characters; ``""`` for a file of one column.
    quotechar : str
        One character, or ``""`` for none.
    escapechar : str or None
        Character before an escaped quote or delimiter.
    doublequote : bool
        A quote inside a quoted cell is written twice.
    skip_initial_space : bool
        Blanks after a delimiter belong to the delimiter.
    """

    delimiter: str
    quotechar: str = '"'
    escapechar: str | None = None
    doublequote: bool = True
    skip_initial_space: bool = False


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
            doublequote=syntax.doublequote,
            skipinitialspace=syntax.skip_initial_space,
            strict=True,
        )
        cells: list[str] = next(reader)
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
            if len(cells) != self._width:
                cells = literal
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
        if len(alone) == self._width:
            self.repaired_count += 1
            self._pending.extendleft(reversed(taken[1:]))
            return alone, 1
        return cells, len(taken)

    def _repaired(self, line: str, cells: list[str]) -> list[str]:
        """Split a row that alone is written with another separator between its quoted cells."""
        quote = self._syntax.quotechar
        if self._width < 2 or len(cells) == self._width or not quote:
            return cells
        other = _other_separator(line.rstrip("\r\n"), quote, self._width)
        return other or cells


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


def _other_separator(line: str, quote: str, width: int) -> list[str]:
    """Cells of ``"a"SEP"b"SEP"c"`` for the one short SEP that gives ``width`` cells."""
    if not (line.startswith(quote) and line.endswith(quote) and len(line) > 2):
        return []
    mark = re.escape(quote)
    seen = set(re.findall(rf"{mark}([^\w{mark}]{{1,3}}){mark}", line))
    for separator in sorted(seen, key=lambda text: (len(text), text)):
        cells = line[1:-1].split(f"{quote}{separator}{quote}")
        if len(cells) == width:
            return [cell.replace(quote * 2, quote) for cell in cells]
    return []


@lru_cache(maxsize=16)
def _closing(syntax: Syntax) -> re.Pattern[str]:
    """Finds the next quote, or escape, inside a quoted cell."""
    marks = re.escape(syntax.quotechar)
    if syntax.escapechar and syntax.escapechar != syntax.quotechar:
        marks += re.escape(syntax.escapechar)
    return re.compile(f"[{marks}]")


def parse_forgiving(text: str, syntax: Syntax, *, literal_open: bool = False) -> tuple[list[str], bool]:
    r"""Split one record, taking quotes that do not fit literally.

    A quoted cell ends at a quote before a delimiter or the end; any other single quote in it
    is text. A blank between delimiter and opening quote is dropped.

    Parameters
    ----------
    text : str
        The record, with or without its line end.
    syntax : Syntax
    literal_open : bool
        Read a quote that never closes as text.

    Returns
    -------
    cells : list of str
    open_quote : bool
        The last cell was opened with a quote that never closed.

    Examples
    --------
    >>> parse_forgiving('"3" pipe",ok,""12""\n', Syntax(","))
    (['3" pipe', 'ok', '"12"'], False)
    >>> parse_forgiving('"Name", "Potential No"', Syntax(","))
    (['Name', 'Potential No'], False)
    """
    text = text.rstrip("\r\n")
    cells, open_quote = _split(text, syntax, tight=False, literal_open=False)
    if open_quote and syntax.doublequote and syntax.quotechar * 2 in text:
        tight_cells, tight_open = _split(text, syntax, tight=True, literal_open=False)
        if not tight_open:
            return tight_cells, False
    if open_quote and literal_open:
        cells, _ = _split(text, syntax, tight=False, literal_open=True)
    return cells, open_quote


def _split(text: str, syntax: Syntax, *, tight: bool, literal_open: bool) -> tuple[list[str], bool]:
    """Cells of a record; ``tight`` lets a doubled quote before a delimiter end its cell: ``"5"",``."""
    cells: list[str] = []
    at, open_quote = 0, False
    while True:
        begin = at
        cell, at, open_quote = _cell(text, begin, syntax, tight=tight)
        if open_quote and literal_open:
            cell, at = _bare_cell(text, begin, syntax)
        cells.append(cell)
        if at < 0:
            return cells, open_quote


def _cell(text: str, at: int, syntax: Syntax, *, tight: bool) -> tuple[str, int, bool]:
    """The cell that begins at ``at``, where the next begins (-1: none), and an open quote."""
    quote = syntax.quotechar
    if quote:
        first = at
        while first < len(text) and text[first] in " \t" and not text.startswith(syntax.delimiter or "\0", first):
            first += 1
        if text.startswith(quote, first):
            return _quoted_cell(text, first + 1, syntax, tight=tight)
        if syntax.skip_initial_space:
            at = first
    return (*_bare_cell(text, at, syntax), False)


def _bare_cell(text: str, at: int, syntax: Syntax) -> tuple[str, int]:
    delimiter, escape = syntax.delimiter, syntax.escapechar
    if not delimiter:
        return text[at:], -1
    start, parts = at, ""
    while True:
        end = text.find(delimiter, at)
        if escape and 0 <= (mark := text.find(escape, at)) < (end if end >= 0 else len(text)):
            escaped = text.startswith((delimiter, escape, syntax.quotechar or escape), mark + 1)
            parts += text[start : mark if escaped else mark + 1] + text[mark + 1 : mark + 2]
            start = at = mark + 2
            continue
        if end < 0:
            return parts + text[start:], -1
        return parts + text[start:end], end + len(delimiter)


def _quoted_cell(text: str, start: int, syntax: Syntax, *, tight: bool) -> tuple[str, int, bool]:
    delimiter, quote, escape = syntax.delimiter, syntax.quotechar, syntax.escapechar
    parts: list[str] = []
    at = start
    pattern = _closing(syntax)
    while found := pattern.search(text, at):
        mark = found.start()
        if escape and text[mark] == escape and escape != quote:
            following = text[mark + 1 : mark + 2]
            kept = following if following in (quote, escape) else escape + following
            parts.append(text[at:mark] + kept)
            at = mark + 2
            continue
        rest = mark + 1
        doubled = syntax.doublequote and text.startswith(quote, rest)
        if doubled and ((mark > start and not tight) or _goes_on(text, mark + 2, syntax)):
            parts.append(text[at:mark] + quote)
            at = mark + 2
            continue
        after = rest
        while after < len(text) and text[after] in " \t" and not (delimiter and text.startswith(delimiter, after)):
            after += 1
        if after >= len(text):
            return "".join(parts) + text[at:mark], -1, False
        if delimiter and text.startswith(delimiter, after):
            return "".join(parts) + text[at:mark], after + len(delimiter), False
        parts.append(text[at:rest])
        at = rest
    return "".join(parts) + text[at:], -1, True


def _goes_on(text: str, after: int, syntax: Syntax) -> bool:
    """The cell has more text at ``after``: neither a delimiter nor the end stands there."""
    return after < len(text) and not text.startswith(syntax.delimiter or "\0", after)
