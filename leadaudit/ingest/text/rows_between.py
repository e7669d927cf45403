"""Rows of a table that are no data: blank, subtotal, group label, repeated header, remark at the end."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from leadaudit.ingest.text.cell_shape import shape_of
from leadaudit.ingest.text.layout import Layout, filled_count
from leadaudit.ingest.text.records import Record

LONELY_CHANCE = 0.001
"""A row with one filled cell is a label or remark only where data rows practically never look so."""

TRAILER_ROWS = 40
"""How many last records are held back until it is known whether they are data."""

SetAside = tuple[int, list[str], str]
"""Line number, cells and why: blank, repeated header, subtotal or group label."""

_TOTAL_WORDS = (
    r"(?:grand[\s]+|sub[\s-]?|sum[\s]+|running[\s]+)?totals?(?:[\s]+(?:records?|count|sum|amount))?"
    r"|(?:zwischen|gesamt|end)?summen?|gesamt(?:betrag|ergebnis|anzahl)?|teilergebnis|insgesamt|gesamtdatensätze"
    r"|sum|count|average|durchschnitt|mittelwert|anzahl"
)
_COUNT_BEHIND = r"[\s:]*(?:\(?[\d.,]+\)?(?:[\s]*(?:records?|datensätze|rows|zeilen|einträge))?\)?)?[\s:]*"
# the database searches with these two as well: blanks stand in brackets, where more of them can be added
TOTAL_LABEL = f"(?:{_TOTAL_WORDS}){_COUNT_BEHIND}"
COUNTED_LABEL = r".+[\s]\([\d.,]+\)"
_TOTAL = re.compile(_TOTAL_WORDS, re.IGNORECASE)
_AFTER_TOTAL = re.compile(_COUNT_BEHIND)
_COUNTED = re.compile(COUNTED_LABEL)
_TRAILER = re.compile(
    r"confidential information|copyright|©|all rights reserved|alle rechte vorbehalten|generated (?:by|on|at)|"
    r"erstellt (?:am|von|mit)|exported (?:by|on|at)|exportiert am|report (?:run|generated)|page \d+ of|seite \d+ von|"
    r"end of (?:file|report)|vertraulich",
    re.IGNORECASE,
)


class RowSorter:
    """Tells data rows from blank, subtotal, group and repeated header rows.

    Parameters
    ----------
    layout : Layout

    Attributes
    ----------
    most_filled : int
        A row with more filled cells than this is data, unless it repeats the header.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._header = [cell.strip() for cell in layout.header]
        self._label_limit = 1 if layout.filled_low >= 3 and layout.lonely_chance < LONELY_CHANCE else 0
        self.most_filled = int(0.6 * layout.filled_low + 2) if layout.width >= 3 else 0

    def why_not_data(self, cells: list[str]) -> str | None:
        """Name why a row is no data, or None for a data row."""
        first = cells[0] if cells else ""
        if self._header and first.strip() == self._header[0] and self._repeats_header(cells):
            return "repeated header"
        if len(cells) - cells.count("") > self.most_filled:
            return None  # the usual row, told in one step
        filled = filled_count(cells)
        if filled == 0:
            return "blank"
        if self._layout.width < 3:
            return None
        if filled <= max(self._label_limit, self._layout.filled_low // 2, 1):
            return self._why_sparse(cells, filled)
        label = next(cell for cell in cells if cell and not cell.isspace())
        if self._is_total(label) and filled <= self.most_filled:
            return "subtotal"
        return None

    def _repeats_header(self, cells: list[str]) -> bool:
        return [cell.strip() for cell in cells[: len(self._header)]] == self._header

    def _why_sparse(self, cells: list[str], filled: int) -> str | None:
        label = next(cell for cell in cells if cell and not cell.isspace()).strip()
        if self._is_total(label):
            return "subtotal"
        others = [cell.strip() for cell in cells if cell.strip()][1:]
        if _COUNTED.fullmatch(label) and all(shape_of(cell) in ("number", "money") for cell in others):
            return "group label"
        if all(shape_of(cell) in ("number", "money") for cell in [label, *others]):
            return "subtotal" if self._layout.filled_low >= 4 and not cells[0].strip() else None
        return "group label" if filled <= self._label_limit and cells[0].strip() == label else None

    @staticmethod
    def _is_total(label: str) -> bool:
        found = _TOTAL.match(label.strip())
        return bool(found and _AFTER_TOTAL.fullmatch(label.strip()[found.end() :]))


def is_trailer(cells: Sequence[str], layout: Layout) -> bool:
    """Could this last row of a file be a remark below the table instead of data?"""
    filled = filled_count(cells)
    if filled == 0:
        return True
    label = next(cell for cell in cells if cell and not cell.isspace()).strip()
    if layout.width >= 2 and filled <= 2 and _TRAILER.search(label):
        return True
    if layout.width < 3:
        return False
    lonely = filled == 1 and layout.lonely_chance < LONELY_CHANCE
    short = lonely or (layout.regular and len(cells) < layout.width)
    return filled <= max(1, layout.filled_low // 3) and short and layout.filled_low >= 3


def without_trailer(records: Iterable[Record], layout: Layout, after: list[list[str]]) -> Iterator[Record]:
    """Pass records on, holding back the last ones; remarks below the table go to ``after``."""
    held: list[Record] = []
    for record in records:
        held.append(record)
        if len(held) > 2 * TRAILER_ROWS:
            yield from held[:TRAILER_ROWS]
            del held[:TRAILER_ROWS]
    last = len(held)
    while last and is_trailer(held[last - 1][1], layout):
        last -= 1
    yield from held[:last]
    after.extend(cells for _, cells in held[last:] if any(cells))
