"""Which characters separate, quote and escape: found from the text itself.

The idea is that of van den Burg, Nazábal and Sutton (2019): a dialect is right when the rows it
gives have a regular pattern and the cells look like something. Added to it: all rows count, not
only the head; quotes must stand where quotes stand; a separator inside dates, times, numbers or
links is none; multi-character separators; and a preference among equals.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from leadaudit.ingest.cell_shape import shape_of
from leadaudit.ingest.records import RecordReader, Syntax

PREFERENCE: dict[str, float] = {
    ",": 1.0,
    ";": 1.0,
    "\t": 1.0,
    "|": 0.98,
    "\x01": 1.0,
    "\x1f": 1.0,
    "\x1e": 0.95,
    "¬": 0.95,
    "§": 0.95,
    "¦": 0.95,
    "·": 0.8,
    "^": 0.9,
    "~": 0.9,
    "#": 0.72,
    "&": 0.7,
    "*": 0.7,
    "@": 0.6,
    "!": 0.7,
    "%": 0.6,
    "$": 0.6,
    ":": 0.66,
    " ": 0.62,
    "=": 0.5,
    "/": 0.45,
    "_": 0.4,
    "-": 0.4,
}
"""How readily each separator is believed, all else equal. Characters of ordinary text rank low."""

RARE_QUOTES = "`~|"
"""Quotes that are believed where they enclose most cells."""

STRONG = (",", ";", "\t", "|")
BETWEEN_WORDS = " :-_/=&."
"""Separators that also stand between or within words: believed where they separate values."""
WORDY = (r"\t",)
"""Separators of more than one character that are not a repetition: a literal backslash and t."""

WEAK_BESIDE_STRONG = 0.6
"""How readily a separator of words is believed where an ordinary one divides all rows alike."""

BARE_PREFERENCE = 0.9
"""How readily quotes are believed to be text."""

SCORED_ROWS = 400
"""Rows per candidate that are scored; more never changed a decision but cost time."""

SINGLE_COLUMN = 0.36
"""What a file of one column scores when its lines look like plain values."""


@dataclass(frozen=True)
class Scored:
    """A candidate and its score."""

    syntax: Syntax
    score: float
    width: int
    regular: float = 0.0
    believable: float = 0.0

    @property
    def strong(self) -> bool:
        """An ordinary separator that divides nearly all rows alike."""
        return self.syntax.delimiter in STRONG and self.regular >= 0.95 and self.believable >= 0.5


def detect_syntax(sample: str, *, whole: bool = True) -> Syntax:
    r"""Find delimiter, quote and escape character of a sample of delimited text.

    Parameters
    ----------
    sample : str
        Text from the beginning of the file, line ends included; other parts may follow.
    whole : bool
        The sample is the whole file; otherwise its last line may be cut.

    Returns
    -------
    Syntax

    Examples
    --------
    >>> detect_syntax("id;betrag\n1;3,50\n2;4,75\n").delimiter
    ';'
    >>> detect_syntax("name\nAnna\nBen, Carl\n").delimiter
    ''
    """
    found = list(_candidates(_cleaned(sample, whole)))
    doubt = WEAK_BESIDE_STRONG if any(scored.strong for scored in found) else 1.0
    best = max(found, key=lambda one: one.score * (doubt if one.syntax.delimiter in BETWEEN_WORDS else 1.0))
    if not best.syntax.delimiter:
        return best.syntax
    return _with_blanks(best, sample)


def _cleaned(sample: str, whole: bool) -> str:
    if not whole and (cut := max(sample.rfind("\n"), sample.rfind("\r"))) > 0:
        sample = sample[: cut + 1]
    return sample.replace("\0", "")


def _candidates(sample: str) -> Iterator[Scored]:
    lines = [line for line in sample.splitlines() if line.strip()][: 4 * SCORED_ROWS]
    yield _single_column(lines)
    for delimiter in _possible_delimiters(sample, lines):
        syntax = _quoting(sample, delimiter)
        scored = _scored(syntax, _rows(sample, syntax), sample)
        yield scored
        if syntax.quotechar in sample and _quote_evidence(sample, syntax) < 0.8:
            # quotes that stand anywhere may be mere text: a word list with a lone quote in it
            bare = replace(syntax, quotechar="")
            unquoted = _scored(bare, _rows(sample, bare), sample)
            yield replace(unquoted, score=BARE_PREFERENCE * unquoted.score)
        if delimiter == " " and ("  " in sample or sample.startswith(" ")):
            aligned = replace(syntax, skip_initial_space=True)
            yield _scored(aligned, _rows(sample, aligned), sample)


def _possible_delimiters(sample: str, lines: Sequence[str]) -> list[str]:
    least = max(1, len(lines) // 10)
    found = [
        char
        for char in PREFERENCE
        if char in sample and (char in STRONG or sum(char in line for line in lines) >= least)
    ]
    found += [text for text in WORDY if sample.count(text) >= len(lines) > 0]
    compounds = _compound_delimiters(sample, len(lines))
    return [char for char in found if not any(char in text for text in compounds)] + compounds


def _compound_delimiters(sample: str, line_count: int) -> list[str]:
    """Separators such as ``||`` and ``^|^``: they account for nearly all of their characters."""
    part = sample[:200_000]
    grams: Counter[str] = Counter()
    for run in re.findall(r"[^\w\s\"'.\-\\]{2,60}", part):
        grams.update({run[at : at + size] for size in (2, 3) for at in range(len(run) - size + 1)})
    found = []
    for text, lines_or_more in grams.most_common(8):
        count = part.count(text)
        explained = all(count * text.count(char) >= 0.95 * part.count(char) for char in set(text))
        # an always empty column also gives ",,": only rarer characters are believed to come in pairs
        if explained and not set(text) & set(",;") and min(count, lines_or_more) >= 0.9 * line_count > 0:
            found.append(text)
    return found


# --------------------------------------------------------------------------- quoting


def _quoting(sample: str, delimiter: str) -> Syntax:
    """The quote and escape characters that fit a delimiter."""
    double = _enclosed(sample, delimiter, '"')
    single = _enclosed(sample, delimiter, "'") if "'" in sample else []
    quote = "'" if _single_quotes_quote(single, double, sample, delimiter) else '"'
    for other in RARE_QUOTES if not double else "":
        if other != delimiter and sample.count(other + delimiter + other) > 0.6 * sample.count(delimiter) > 1:
            quote = other
    cells = single if quote == "'" else double
    escape = _escape(sample, delimiter, quote)
    doubled = any(quote * 2 in cell for cell in cells) or escape is None
    return Syntax(delimiter=delimiter, quotechar=quote, escapechar=escape, doublequote=doubled)


def _enclosed(sample: str, delimiter: str, quote: str) -> list[str]:
    """Cells wholly between two quotes."""
    if quote not in sample:
        return []
    mark, between = re.escape(quote), re.escape(delimiter)
    cell = rf"(?:(?<=^)|(?<={between}))[ ]?{mark}((?:[^{mark}\\]|\\.|{mark}{mark})*){mark}[ ]?(?={between}|\r?$)"
    return [found.group(1) for found in re.finditer(cell, sample[:200_000], re.MULTILINE | re.DOTALL)]


def _single_quotes_quote(single: list[str], double: list[str], sample: str, delimiter: str) -> bool:
    """An apostrophe is a quote when it encloses what must be enclosed, or nearly everything."""
    if not single or len(double) > len(single) or any(len(cell) > 5000 for cell in single):
        return False
    needed = sum(delimiter in cell or "''" in cell for cell in single)
    if needed and not double:
        return True
    cell_count = sample.count(delimiter) + sample.count("\n") + 1
    return len(single) >= 3 and len(single) >= 0.25 * cell_count


def _escape(sample: str, delimiter: str, quote: str) -> str | None:
    r"""A backslash, when it stands before quotes inside quoted cells or before bare delimiters."""
    if "\\" not in sample:
        return None
    mark, between = re.escape(quote), re.escape(delimiter)
    inner = len(re.findall(rf"[^\\{mark}](?:\\\\)*\\{mark}(?!\s*(?:{between}|$))", sample, re.MULTILINE))
    opened = len(re.findall(rf"(?:^|{between}){mark}\\{mark}", sample, re.MULTILINE))
    if inner + opened and inner + opened >= len(re.findall(rf"[^{mark}\n]{mark}{mark}[^{mark}\n]", sample)) * 0.1:
        return "\\"
    if delimiter in (" ", "\\", "\\t"):
        return None
    bare = len(re.findall(rf"[^\\]\\{between}", sample))
    return "\\" if bare and bare < 0.2 * sample.count(delimiter) and _bare_escape_helps(sample, delimiter) else None


def _bare_escape_helps(sample: str, delimiter: str) -> bool:
    """Rows that hold an escaped delimiter have the usual width only if it is honoured."""
    lines = [line for line in sample.splitlines() if line.strip()]
    plain = Counter(line.count(delimiter) for line in lines)
    usual = plain.most_common(1)[0][0]
    touched = [line for line in lines if f"\\{delimiter}" in line]
    fits = sum(line.count(delimiter) - line.count(f"\\{delimiter}") == usual for line in touched)
    return fits > 0.7 * len(touched)


# --------------------------------------------------------------------------- scoring


def _rows(sample: str, syntax: Syntax) -> list[list[str]]:
    """Rows of the sample under a candidate; quickly where possible."""
    lines = re.split(r"(?<=\n)|(?<=\r)(?!\n)", sample)
    lines = [line for line in lines if line]
    rows: list[list[str]] = []
    if len(syntax.delimiter) == 1 and syntax.escapechar is None and not syntax.skip_initial_space:
        reader = csv.reader(
            lines,
            delimiter=syntax.delimiter,
            quotechar=syntax.quotechar or None,
            quoting=csv.QUOTE_MINIMAL if syntax.quotechar else csv.QUOTE_NONE,
            doublequote=syntax.doublequote,
            skipinitialspace=syntax.delimiter != " ",
        )
        try:
            for row in reader:
                rows.append(row)
                if len(rows) >= SCORED_ROWS * 3:
                    break
        except csv.Error:
            rows = []
    if not rows:
        rows = [cells for _, cells in zip(range(SCORED_ROWS * 3), _forgiven(lines, syntax), strict=False)]
    return [row for row in rows if any(cell.strip() for cell in row)]


def _forgiven(lines: Sequence[str], syntax: Syntax) -> Iterator[list[str]]:
    for _, cells in RecordReader(lines, syntax):
        yield cells


def _scored(syntax: Syntax, rows: list[list[str]], sample: str) -> Scored:
    widths = [len(row) for row in rows]
    width, regular = _regularity(widths)
    if width < 2 or not rows:
        return Scored(syntax, 0.0, width)
    body = [row for row in rows if len(row) == width]
    body = body[:: max(1, len(body) // SCORED_ROWS)]
    believable = _believable(body, syntax.delimiter)
    wide = 1.0 - 0.25 ** (width - 1) * 0.8
    evidence = _quote_evidence(sample, syntax)
    preference = PREFERENCE.get(syntax.delimiter, 0.98)
    if evidence > 0.9:
        preference = max(preference, 0.96)
    elif syntax.delimiter in BETWEEN_WORDS:
        words = 1 - _valued(body)
        preference *= 1 - 0.65 * words * (1.0 if syntax.delimiter == " " else min(1.0, 3 / width))
    torn = _torn(body, syntax.delimiter)
    score = preference * wide * regular**1.5 * believable * (0.55 + 0.45 * evidence) * (1 - 0.7 * torn)
    return Scored(syntax, score, width, regular, believable)


def _valued(body: Sequence[Sequence[str]]) -> float:
    """Share of the cells that are values rather than words."""
    shapes = Counter(shape_of(cell) for row in body for cell in row)
    return 1 - sum(shapes[shape] for shape in ("word", "name", "text", "odd")) / max(1, sum(shapes.values()))


def _regularity(widths: Sequence[int]) -> tuple[int, float]:
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


def _believable(body: Sequence[Sequence[str]], delimiter: str) -> float:
    """Mean over columns of how much their cells look like values of one kind."""
    if not body:
        return 0.0
    total = 0.0
    for column in zip(*body, strict=True):
        shapes = Counter(shape_of(cell) for cell in column)
        odd = shapes.pop("odd", 0) + 0.5 * sum(_holds_other(cell, delimiter) for cell in column)
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


def _holds_other(cell: str, delimiter: str) -> bool:
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

_TORN_BY = frozenset(" :/-._,=&%@#")


def _torn(body: Sequence[Sequence[str]], delimiter: str) -> float:
    """Share of the columns that, put together with the next, are one date, time, number or link."""
    if delimiter not in _TORN_BY or not body:
        return 0.0
    if delimiter == "," and len(body[0]) == 2:
        return _torn_decimals(body)
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


def _torn_decimals(body: Sequence[Sequence[str]]) -> float:
    """Whether a comma divides decimals: whole parts before it, fractions (with leading zeros) after it."""
    numbers = [row for row in body if row[0].lstrip("+-").isdecimal() and row[1].isdecimal()]
    if len(numbers) < 0.9 * len(body):
        return 0.0
    fractions = [row[1] for row in numbers]
    led_by_zero = sum(text.startswith("0") and len(text) > 1 for text in fractions)
    return 1.0 if led_by_zero > 0.03 * len(fractions) else 0.0


def _quote_evidence(sample: str, syntax: Syntax) -> float:
    """Share of the quotes that stand where quotes stand: beside a delimiter or a line end."""
    quote, delimiter = syntax.quotechar, re.escape(syntax.delimiter)
    part = sample[:200_000]
    total = part.count(quote) if quote else 0
    if quote == "'" or not total:
        return 0.75 if not total else 0.9
    if syntax.escapechar:
        total -= part.count(syntax.escapechar + quote)
    total -= 2 * len(re.findall(r'(?<=[^\s,;|"])""(?=[^\s,;|"])', part)) if quote == '"' else 0
    mark = re.escape(quote)
    blank = "" if syntax.delimiter in (" ", "\t") else "[ ]?"
    opening = len(re.findall(rf"(?:^|{delimiter}){blank}{mark}", part, re.MULTILINE))
    closing = len(re.findall(rf"{mark}{blank}(?={delimiter}|\r?$)", part, re.MULTILINE))
    beside = min(1.0, (opening + closing) / max(1, total))
    if beside > 0.9:
        return beside
    covered = sum(cell.count(quote) + 2 for cell in _enclosed(part, syntax.delimiter, quote))
    return max(0.0, beside, min(1.0, covered / max(1, part.count(quote))))


def _single_column(lines: Sequence[str]) -> Scored:
    """What speaks for no delimiter at all: lines that look like plain values."""
    if not lines:
        return Scored(Syntax(""), SINGLE_COLUMN, 1)
    step = max(1, len(lines) // SCORED_ROWS)
    looked = [line.strip().strip('"') for line in lines[::step]]
    plain = sum(shape_of(line) != "odd" and not _holds_other(line, "") for line in looked) / len(looked)
    typed = sum(shape_of(line) not in ("odd", "text") for line in looked) / len(looked)
    score = SINGLE_COLUMN * plain * (0.8 + 0.9 * typed)
    return Scored(Syntax(""), score, 1)


def _with_blanks(best: Scored, sample: str) -> Syntax:
    """Recognise a blank after every delimiter."""
    syntax = best.syntax
    delimiter, mark = syntax.delimiter, re.escape(syntax.delimiter)
    if len(delimiter) > 1 or (delimiter.isspace() and delimiter != "\t"):
        return syntax
    bare = re.sub(r'"(?:[^"]|"")*"', "x", sample[:200_000]) if syntax.quotechar == '"' else sample[:200_000]
    total = bare.count(delimiter)
    spaced = len(re.findall(rf"{mark} ", bare))
    lines = [line for line in bare.splitlines() if line.strip()]
    ends = sum(line.endswith(delimiter) for line in lines)
    if delimiter != "\t" and total >= 2 and spaced >= 0.98 * (total - ends):
        return replace(syntax, skip_initial_space=True)
    return syntax
