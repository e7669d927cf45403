"""Where the table is: its header row, and what stands above it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from leadaudit.ingest.text.cell_shape import TYPED, shape_of
from leadaudit.ingest.text.records import Record

LOOKED_ROWS = 200
"""Records in which the header is looked for and the usual width is counted."""


@dataclass(frozen=True)
class Layout:
    """Where a table lies among the records of a file.

    Attributes
    ----------
    header : list of str
        Cells of the header row, empty when there is none.
    header_line : int or None
        Number of its first physical line, from 1; None without a header.
    first_line : int
        Line of the first record that can be data.
    width : int
        Usual number of cells.
    rows_before : list of list of str
        Records above the header.
    filled_low : int
        Filled cells of a poorly filled data row (tenth percentile); label rows have fewer.
    lonely_chance : float
        Chance that a data row has only its first cell filled, from how full the columns are.
    regular : bool
        Practically all rows have the same number of cells.
    """

    header: list[str]
    header_line: int | None
    first_line: int
    width: int
    rows_before: list[list[str]] = field(default_factory=list)
    filled_low: int = 1
    lonely_chance: float = 1.0
    regular: bool = False


def filled_count(cells: Sequence[str]) -> int:
    """How many cells hold more than blanks."""
    return sum(1 for cell in cells if cell and not cell.isspace())


def find_layout(records: Sequence[Record], *, rectangular: bool = False) -> Layout:
    """Find the header row among the first records of a file.

    Parameters
    ----------
    records : sequence of (line number, cells)
    rectangular : bool
        All rows have the same number of cells by construction (a sheet), so widths say nothing.

    Returns
    -------
    Layout

    Examples
    --------
    >>> rows = [["Deals 2026"], ["Id", "Stage"], ["1", "New"], ["2", "Won"]]
    >>> layout = find_layout(list(enumerate(rows, 1)))
    >>> layout.header, layout.header_line, layout.rows_before
    (['Id', 'Stage'], 2, [['Deals 2026']])
    """
    looked = [record for record in records[: LOOKED_ROWS * 2] if filled_count(record[1])]
    if not looked:
        return Layout([], None, 1, 0)
    width = _usual_width(looked, rectangular)
    first = _first_row_of_table(looked, width)
    line, cells = looked[first]
    before = [row for number, row in records if number < line]
    below = [row for _, row in looked[first + 1 :] if len(row) == width or rectangular] or [
        row for _, row in looked[first + 1 :]
    ]
    others = [row for row in below if row != cells]
    twice = len(below) > 2 * len(others) + 1  # a header may be repeated, but not by most rows
    if width > 1:  # a repeated header is no value of its columns
        below = others
    poor, lonely, regular = _filling(below, width)
    if not twice and _is_header(cells, below):
        next_line = next((number for number, _ in records if number > line), line + 1)
        return Layout(list(cells), line, next_line, width, before, poor, lonely, regular)
    return Layout([], None, line, width, before, poor, lonely, regular)


def _usual_width(looked: Sequence[Record], rectangular: bool) -> int:
    if rectangular:
        return max(len(cells) for _, cells in looked)
    counts = Counter(len(cells) for _, cells in looked)
    return max(counts, key=lambda one: (counts[one] * (1.0 if one > 1 else 0.5), one))


def _first_row_of_table(looked: Sequence[Record], width: int) -> int:
    """Index of the first record that fills the table's columns."""
    used = _used_columns([cells for _, cells in looked if len(cells) == width])
    if len(used) < 2:
        return 0
    for index, (_, cells) in enumerate(looked[:LOOKED_ROWS]):
        if index == 0 and _is_title(looked, width):
            continue
        have = sum(column < len(cells) and bool(cells[column].strip()) for column in used)
        fits = abs(len(cells) - width) <= max(1, width // 3) or (index == 0 and _names_more(cells, width))
        if (have >= 0.6 * len(used) and have >= 2 and fits) or _lacks_first_name(looked[index:], width):
            return _past_a_group_heading(looked, index, used)
    return next((index for index, (_, cells) in enumerate(looked) if len(cells) == width), 0)


def _names_more(cells: Sequence[str], width: int) -> bool:
    """Distinct words, more than the usual row has cells: rows leave out their empty last cells."""
    texts = [cell.strip() for cell in cells]
    return len(texts) > width and all(texts) and len(set(texts)) == len(texts) and not _typed_count(texts)


def _is_title(looked: Sequence[Record], width: int) -> bool:
    """A line with separators in it, longer than the rows or above a blank line, and the names below."""
    if len(looked) < 2:
        return False
    (line, cells), (next_line, _) = looked[:2]
    return (len(cells) > width or next_line > line + 1) and _names_values(looked[1:], width)


def _lacks_first_name(looked: Sequence[Record], width: int) -> bool:
    """A header whose first column, of row numbers or labels, has no name; and no title in the second column."""
    cells = looked[0][1]
    if len(cells) != width or width < 2 or cells[0].strip() or len(looked) < 2 or len(looked[1][1]) != width:
        return False
    named = all(cell.strip() and _is_name(cell.strip(), ()) for cell in cells[1:])
    return named and not _names_values(looked[1:], width)


def _names_values(looked: Sequence[Record], width: int) -> bool:
    """The first of these records is words, and most columns of the next hold dates or numbers."""
    if len(looked) < 2:
        return False
    (_, names), (_, values) = looked[:2]
    if not len(names) == len(values) == width or not all(name.strip() for name in names):
        return False
    return not _typed_count(names) and 2 * _typed_count(values) > width


def _typed_count(cells: Sequence[str]) -> int:
    return sum(shape_of(cell.strip()) in TYPED for cell in cells)


def _past_a_group_heading(looked: Sequence[Record], index: int, used: Sequence[int]) -> int:
    """Of two heading rows, the fuller and more distinct one names the columns."""
    if index + 2 >= len(looked):
        return index
    upper, lower = looked[index][1], looked[index + 1][1]
    names = [_names(cells, used) for cells in (upper, lower)]
    upper_full, lower_full = len(names[0]), len(names[1])
    if upper_full < 0.9 * len(used) and lower_full > upper_full and len(set(names[1])) == lower_full:
        typed = sum(shape_of(name) in TYPED for name in names[1])
        third = [shape_of(looked[index + 2][1][c]) for c in used if c < len(looked[index + 2][1])]
        if not typed and any(shape in TYPED for shape in third):
            return index + 1
    return index


def _names(cells: Sequence[str], used: Sequence[int]) -> list[str]:
    return [cells[column].strip() for column in used if column < len(cells) and cells[column].strip()]


def _used_columns(rows: Sequence[Sequence[str]]) -> list[int]:
    """Columns filled in at least a twentieth of the rows (and in one row)."""
    if not rows:
        return []
    least = max(1.0, 0.05 * len(rows))
    filled = [sum(1 for cell in column if cell.strip()) for column in zip(*rows, strict=True)]
    return [column for column, count in enumerate(filled) if count >= least]


def _filling(below: Sequence[Sequence[str]], width: int) -> tuple[int, float, bool]:
    """Filled cells of a poor data row; chance of a row with one filled cell; are the rows equally long?"""
    counts = [filled_count(cells) for cells in below]
    if not counts:
        return 1, 1.0, False
    median = sorted(counts)[len(counts) // 2]
    # labels and subtotals among the rows must not make the poorest data row look poorer
    data = [(count, cells) for count, cells in zip(counts, below, strict=True) if 2 * count >= median]
    poor = sorted(count for count, _ in data)[len(data) // 10]
    lonely = 1.0
    for column in range(1, width):
        filled = sum(1 for _, cells in data if column < len(cells) and cells[column].strip())
        lonely *= 1 - (filled + 0.25) / (len(data) + 0.5)
    regular = sum(len(cells) == width for _, cells in data) >= 0.95 * len(data)
    return poor, lonely, regular


# --------------------------------------------------------------------------- header or data

_HEADER_WORDS = re.compile(
    r"\b(?:id|name|date|datum|status|stage|phase|owner|type|typ|amount|betrag|value|wert|email|e-mail|phone|telefon|"
    r"city|ort|country|land|year|jahr|month|monat|code|number|nummer|nr|no|description|beschreibung|title|titel|"
    r"created|erstellt|modified|geändert|closed|company|firma|account|contact|kontakt|source|quelle|price|preis|"
    r"count|anzahl|total|category|kategorie|address|adresse|url|time|zeit|user|key|label|notes?|comments?|x|y)\b|_",
    re.IGNORECASE,
)


def _is_header(cells: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Do these cells name the columns below them, or are they the first row of data?"""
    names = [cell.strip() for cell in cells]
    filled = [name for name in names if name]
    if not filled:
        return False
    columns = [[row[at].strip() for row in below[:LOOKED_ROWS] if at < len(row)] for at in range(len(names))]
    own_typed = sum(not _is_name(name, values) for name, values in zip(names, columns, strict=True) if name)
    if not below:
        return own_typed == 0
    if _is_series(filled) and own_typed < len(filled):
        return True
    score = 0.0
    for name, values in zip(names, columns, strict=True):
        score += _column_vote(name, [value for value in values if value])
    score -= 1.5 * (len(filled) - len(set(filled)))
    if own_typed > 0.5 * len(filled):
        score -= 2.0
    return score > (0.0 if own_typed else -0.5 * max(1.0, 0.1 * len(names)))


def _is_name(cell: str, values: Sequence[str]) -> bool:
    """No number, date or the like; ``x``, ``y`` and ``n`` are names where the column has no flags."""
    if len(cell) == 1 and cell.isalpha():
        return not any(shape_of(value) == "flag" for value in values)
    return shape_of(cell) not in TYPED


def _column_vote(name: str, values: Sequence[str]) -> float:
    """How much one column speaks for its first cell being a name (above 0) or a value (below)."""
    if not name:
        return -0.1
    own = "word" if _is_name(name, values) and shape_of(name) in TYPED else shape_of(name)
    known = 0.4 if own not in TYPED and _HEADER_WORDS.search(name) else 0.0
    if not values:
        return known
    shapes = Counter(shape_of(value) for value in values)
    usual, count = shapes.most_common(1)[0]
    steady = count / len(values)
    if own in TYPED:
        return -1.0 * (shapes[own] / len(values)) if shapes[own] else -0.1
    if usual in TYPED and steady > 0.6:
        return 1.0
    if name in values:
        return -1.0 if values.count(name) < 0.5 * len(values) or len(set(values)) > 1 else -0.3
    if usual == "code" and own in ("word", "text", "name"):
        return 0.6 * steady + known
    if own == "code" and usual == "code" and _pattern(name) in {_pattern(value) for value in values[:50]}:
        return -0.8
    lengths = sorted(len(value) for value in values)
    typical = lengths[len(lengths) // 2]
    longer = 0.3 if typical > 2 * len(name) or lengths[0] > len(name) else 0.0
    return longer + known


def _pattern(value: str) -> str:
    """D-1042 and D-7 have one pattern."""
    return re.sub(r"[A-Za-z]+", "a", re.sub(r"\d+", "0", value))


def _is_series(names: Sequence[str]) -> bool:
    """Years or months as column names: numbers, but rising by one."""
    numbers = [int(name) for name in names if name.isdecimal()]
    return len(numbers) >= 3 and all(b - a == 1 for a, b in pairwise(numbers))
