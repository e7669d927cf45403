"""How much rows look like a table: regular in width, their cells whole values of one kind."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from leadaudit.ingest.text.cell_shape import shape_of

STRONG = (",", ";", "\t", "|")
"""Ordinary separators, in the order in which they are preferred."""


def valued_share(body: Sequence[Sequence[str]]) -> float:
    """Share of the cells that are values rather than words."""
    shapes = Counter(shape_of(cell) for row in body for cell in row)
    return 1 - sum(shapes[shape] for shape in ("word", "name", "text", "odd")) / max(1, sum(shapes.values()))


def regularity(widths: Sequence[int]) -> tuple[int, float]:
    """The usual width of rows, and how regular they are between 0 and 1.

    Equal neighbours count beside the overall share, so that a file with two tables, or a long
    preamble, is not mistaken for chaos.
    """
    if not widths:
        return 0, 0.0
    counts = Counter(widths)
    width = max(counts, key=lambda one: (counts[one] * (one > 1), one))
    share = counts[width] / len(widths)
    if len(widths) == 1:
        return width, 0.8
    equal = sum(a == b for a, b in pairwise(widths) if a > 1) / (len(widths) - 1)
    near = sum(abs(one - width) <= 1 for one in widths) / len(widths)
    return width, max(share, 0.9 * equal + 0.1 * share, 0.75 * near if width >= 4 else 0.0)


def believable(body: Sequence[Sequence[str]], delimiter: str) -> float:
    """Mean over columns of how much their cells look like values of one kind."""
    if not body:
        return 0.0
    total = 0.0
    for column in zip(*body, strict=True):
        shapes = Counter(shape_of(cell) for cell in column)
        odd = shapes.pop("odd", 0) + 0.5 * sum(holds_other(cell, delimiter) for cell in column)
        empty = shapes.pop("empty", 0)
        filled = sum(shapes.values())
        if not filled:
            total += 0.55 if not odd else 0.0
            continue
        alike = max(shapes.values()) / filled
        typed = sum(count for shape, count in shapes.items() if shape != "text") / filled
        clean = max(0.0, 1 - odd / (filled + odd))
        total += clean * (0.7 + 0.15 * alike + 0.15 * typed) * (1 - 0.1 * empty / len(column))
    return total / len(body[0])


def holds_other(cell: str, delimiter: str) -> bool:
    """A cell that still holds strong separators looks undivided."""
    if len(cell) > 400:
        return False
    for other in STRONG:
        if other == delimiter or other not in cell:
            continue
        if other == ",":
            if _UNDIVIDED.search(cell) and shape_of(cell) not in ("number", "money"):
                return True
        elif cell.count(other) > 1 or other in "\t|" or re.search(rf"\S{other}\S", cell):
            return True
    return bool(_NUMBERS_IN_A_ROW.fullmatch(cell))


_UNDIVIDED = re.compile(r",\S*,\S|,$|^,|,,|[^\W\d],\S|\S,[^\W\d]")
"""Commas that do not stand in prose or in a number."""
_NUMBERS_IN_A_ROW = re.compile(r"(?!\d{1,3}(?: \d{3})+$)-?\d[\d.,]*(?: -?\d[\d.,]*)+")
"""Several numbers with blanks between, other than the groups of one."""

_PHONE = re.compile(r"\+\d{1,3}[\d ()/-]{5,20}")
_SIGNS = "$%"
"""Signs that stand beside the number of an amount."""
_TORN_BY = frozenset(" :/-._,=&@#" + _SIGNS)


def torn_share(body: Sequence[Sequence[str]], delimiter: str) -> float:
    """Share of the columns that, put together with the next, are one date, time, number or link."""
    if delimiter not in _TORN_BY or not body:
        return 0.0
    if delimiter in _SIGNS:
        return _torn_amounts(body, delimiter)
    if delimiter == "," and len(body[0]) == 2:
        return _torn_decimals(body)
    if sum(bool(_PHONE.fullmatch(delimiter.join(row))) for row in body) > 0.8 * len(body):
        return 1.0
    wanted = {"time", "link", "mail", "money"} if delimiter != "," else {"time"}
    rows = body[:60]
    joined = 0
    for left in range(len(rows[0]) - 1):
        whole = Counter(
            shape_of(f"{row[left]}{delimiter}{row[left + 1]}") for row in rows if row[left] and row[left + 1]
        )
        parts = Counter(shape_of(row[left]) for row in rows)
        if whole and max(whole, key=lambda s: whole[s]) in wanted and sum(whole.values()) > 0.3 * len(rows):
            joined += parts["time"] < 0.5 * len(rows) or delimiter in " :T"
    return min(1.0, 2 * joined / max(1, len(rows[0])))


def _torn_amounts(body: Sequence[Sequence[str]], sign: str) -> float:
    """Whether a sign belongs to numbers: a dollar before each, a percent sign behind each, and none on its other side."""
    amount = re.compile(r"(?<!\w)\$ ?\d" if sign == "$" else r"\d ?%(?!\w)")
    signs = sum(len(row) - 1 for row in body)
    torn = sum(len(amount.findall(sign.join(row))) for row in body)
    return 1.0 if torn > 0.8 * signs else 0.0


def _torn_decimals(body: Sequence[Sequence[str]]) -> float:
    """Whether a comma divides decimals: whole parts before it, fractions (with leading zeros) after it."""
    numbers = [row for row in body if row[0].lstrip("+-").isdecimal() and row[1].isdecimal()]
    if len(numbers) < 0.9 * len(body):
        return 0.0
    fractions = [row[1] for row in numbers]
    led_by_zero = sum(text.startswith("0") and len(text) > 1 for text in fractions)
    return 1.0 if led_by_zero > 0.03 * len(fractions) else 0.0
