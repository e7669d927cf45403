"""One record of text to its cells, taking quotes that do not fit literally; and repairs of single records."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice

MOST_OPENINGS = 40
"""So many opening quotes of a damaged record are tried as text."""


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
    cells, open_quote = _split(text, syntax)
    if open_quote and syntax.doublequote and syntax.quotechar * 2 in text:
        tight_cells, tight_open = _split(text, syntax, tight=True)
        if not tight_open:
            return tight_cells, False
    if open_quote and literal_open:
        cells, _ = _split(text, syntax, literal_open=True)
    return cells, open_quote


def _split(
    text: str, syntax: Syntax, *, tight: bool = False, literal_open: bool = False, stray: int = -1
) -> tuple[list[str], bool]:
    """Cells of a record; ``tight`` lets a doubled quote before a delimiter end its cell: ``"5"",``.

    The opening quote at ``stray`` is text.
    """
    cells: list[str] = []
    at, open_quote = 0, False
    while True:
        begin = at
        cell, at, open_quote = _cell(text, begin, syntax, tight=tight, stray=stray)
        if open_quote and literal_open:
            cell, at = _bare_cell(text, begin, syntax)
        cells.append(cell)
        if at < 0:
            return cells, open_quote


def _cell(text: str, at: int, syntax: Syntax, *, tight: bool, stray: int) -> tuple[str, int, bool]:
    """The cell that begins at ``at``, where the next begins (-1: none), and an open quote."""
    quote = syntax.quotechar
    if quote:
        first = at
        while first < len(text) and text[first] in " \t" and not text.startswith(syntax.delimiter or "\0", first):
            first += 1
        if text.startswith(quote, first) and first != stray:
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


# --------------------------------------------------------------------------- repairs


def with_a_stray_quote(text: str, syntax: Syntax, width: int) -> list[str]:
    r"""Split a record in which quotes inside a cell, or one opening quote, are text.

    Parameters
    ----------
    text : str
        One physical line.
    syntax : Syntax
    width : int
        Usual number of cells.

    Returns
    -------
    list of str
        Empty where no such reading has the usual width.

    Examples
    --------
    >>> with_a_stray_quote('7,"Inn "Zur Post"",x,"Q3, later"', Syntax(","), 4)
    ['7', 'Inn "Zur Post"', 'x', 'Q3, later']
    >>> with_a_stray_quote('7,"D-7,New,"Muster, Inc.",x\n', Syntax(","), 5)
    ['7', '"D-7', 'New', 'Muster, Inc.', 'x']
    """
    text = text.rstrip("\r\n")
    if width < 2 or not syntax.quotechar:
        return []
    cells, open_quote = _split(text, syntax, tight=True)
    if len(cells) == width and not open_quote:
        return cells
    opening = rf"(?:^|{re.escape(syntax.delimiter)})[ \t]*({re.escape(syntax.quotechar)})"
    for found in islice(re.finditer(opening, text), MOST_OPENINGS):
        cells, open_quote = _split(text, syntax, stray=found.start(1))
        if len(cells) == width and not open_quote:
            return cells
    return []


def with_another_separator(text: str, syntax: Syntax, width: int) -> list[str]:
    """Split a record that alone is written with another separator between its quoted cells.

    Examples
    --------
    >>> with_another_separator('"D-7" "New" 100 "Muster, Inc."', Syntax(","), 4)
    ['D-7', 'New', '100', 'Muster, Inc.']
    """
    text = text.rstrip("\r\n")
    if width < 2 or not syntax.quotechar:
        return []
    mark = re.escape(syntax.quotechar)
    seen = set(re.findall(rf"{mark}([^\w{mark}]{{1,3}}){mark}", text))
    for separator in sorted(seen, key=lambda one: (len(one), one)):
        cells, open_quote = _split(text, replace(syntax, delimiter=separator))
        if len(cells) == width and not open_quote:
            return cells
    return []
