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

from leadaudit.ingest.text.cell_shape import shape_of
from leadaudit.ingest.text.plausibility import STRONG, believable, holds_other, regularity, torn_share, valued_share
from leadaudit.ingest.text.quoting import quote_evidence, quoting_of
from leadaudit.ingest.text.records import RecordReader
from leadaudit.ingest.text.splitting import Syntax

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

BETWEEN_WORDS = " :-_/=&."
"""Separators that also stand between or within words: believed where they separate values."""
WORDY = (r"\t",)
"""Separators of more than one character that are not a repetition: a literal backslash and t."""

WEAK_BESIDE_STRONG = 0.6
"""How readily a separator of words is believed where an ordinary one divides all rows alike."""

BARE_PREFERENCE = 0.9
"""How readily quotes are believed to be text."""

ALIGNED = 0.9
"""How readily blanks are believed that put columns below one another: nobody writes words so."""

CERTAIN = 0.8
"""An ordinary separator with this score makes the search for unusual ones needless."""

SCORED_ROWS = 300
"""Rows per candidate that are scored; more never changed a decision but cost time."""

SINGLE_COLUMN = 0.36
"""What a file of one column scores when its lines look like plain values."""

NAMED_NUMBERS = 2.0
"""What it scores when one name stands above nothing but numbers: more than any separator."""


NO_QUOTES = 0.75
"""What speaks for a separator where there is no quote to tell."""

MISPLACED = 0.8
"""How readily a separator is believed whose quotes stand anywhere, where another one's fit."""


@dataclass(frozen=True)
class Scored:
    """A candidate and its score."""

    syntax: Syntax
    score: float
    width: int
    regular: float = 0.0
    believable: float = 0.0
    quotes_fit: float = NO_QUOTES
    """Share of the quotes that stand where this separator has them."""

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
    sample = _cleaned(sample, whole)
    found = list(_candidates(sample))
    doubt = WEAK_BESIDE_STRONG if any(scored.strong for scored in found) else 1.0
    told = any(scored.strong and scored.quotes_fit > 0.9 for scored in found)

    def belief(one: Scored) -> float:
        misplaced = told and one.syntax.delimiter and one.quotes_fit < 0.5
        doubtful = not one.syntax.delimiter or one.syntax.delimiter in BETWEEN_WORDS
        return one.score * (doubt if doubtful else 1.0) * (MISPLACED if misplaced else 1.0)

    best = max(found, key=belief)
    if not best.syntax.delimiter:
        return best.syntax
    return _with_blanks(best, sample)


def _cleaned(sample: str, whole: bool) -> str:
    """Whole lines that all end alike."""
    if not whole and (cut := max(sample.rfind("\n"), sample.rfind("\r"))) > 0:
        sample = sample[: cut + 1]
    return re.sub("\r\n?", "\n", sample.replace("\0", ""))


def _candidates(sample: str) -> Iterator[Scored]:
    lines = [line for line in sample.splitlines() if line.strip()][: 4 * SCORED_ROWS]
    yield _single_column(lines)
    best = 0.0
    for delimiter in _possible_delimiters(sample, lines):
        if best >= CERTAIN and delimiter not in STRONG:
            return
        syntax = quoting_of(sample, delimiter)
        rows = _rows(sample, syntax)
        scored = _scored(syntax, rows, sample)
        best = max(best, scored.score)
        if syntax.quotechar in sample and quote_evidence(sample, syntax) < 0.8:
            # quotes that stand anywhere may be mere text: a word list with a lone quote in it
            bare = replace(syntax, quotechar="")
            bare_rows = _rows(sample, bare)
            unquoted = _scored(bare, bare_rows, sample)
            unquoted = replace(unquoted, score=BARE_PREFERENCE * unquoted.score, quotes_fit=scored.quotes_fit)
            if bare_rows == rows:  # no quote ever opens a cell: the usual one may as well be named
                scored = replace(scored, score=max(scored.score, unquoted.score))
            else:
                yield unquoted
        yield scored
        if delimiter == " " and ("  " in sample or sample.startswith(" ")):
            aligned = replace(syntax, skip_initial_space=True)
            gaps = sum("  " in line.strip() for line in lines)
            yield _scored(aligned, _rows(sample, aligned), sample, ALIGNED if gaps > 0.6 * len(lines) else None)


def _possible_delimiters(sample: str, lines: Sequence[str]) -> list[str]:
    least = max(1, len(lines) // 10)
    found = [
        char
        for char in PREFERENCE
        if char in sample and (char in STRONG or sum(char in line for line in lines) >= least)
        if len(lines) > 1 or PREFERENCE[char] >= 0.9 or char == " " or _divides(lines[0], char)
    ]
    found += [text for text in WORDY if sample.count(text) >= len(lines) > 0]
    compounds = _compound_delimiters(sample, len(lines))
    found = [char for char in found if not any(char in text for text in compounds)]
    return sorted([*found, *compounds], key=lambda text: text not in STRONG)


def _divides(line: str, char: str) -> bool:
    """One row cannot show a pattern: an unusual separator stands in it twice, or beside a quote."""
    return line.count(char) > 1 or f'"{char}' in line or f'{char}"' in line


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


def _scored(syntax: Syntax, rows: list[list[str]], sample: str, preference: float | None = None) -> Scored:
    widths = [len(row) for row in rows if not _is_comment(row)] or [len(row) for row in rows]
    width, regular = regularity(widths)
    if width < 2 or not rows:
        return Scored(syntax, 0.0, width)
    body = [row for row in rows if len(row) == width]
    body = body[:: max(1, len(body) // SCORED_ROWS)]
    likely = believable(body, syntax.delimiter)
    wide = 1.0 - 0.25 ** (width - 1) * 0.8
    evidence = quote_evidence(sample, syntax)
    preference = preference or PREFERENCE.get(syntax.delimiter, 0.98)
    if evidence > 0.9:
        preference = max(preference, 0.96)
    elif syntax.delimiter in BETWEEN_WORDS and not _is_never_prose(syntax, regular, body):
        words = 1 - valued_share(body)
        preference *= 1 - 0.65 * words * (1.0 if syntax.delimiter == " " else min(1.0, 3 / width))
    torn = torn_share(body, syntax.delimiter)
    score = preference * wide * regular**1.5 * likely * (0.55 + 0.45 * evidence) * (1 - 0.7 * torn)
    return Scored(syntax, score, width, regular, likely, evidence)


def _is_never_prose(syntax: Syntax, regular: float, body: Sequence[Sequence[str]]) -> bool:
    """Blanks that divide many rows into the same number of cells, the header too: no prose has that."""
    return syntax.delimiter == " " and regular == 1.0 and len(body) >= 10 and len(body[0]) >= 5


def _is_comment(row: Sequence[str]) -> bool:
    """A remark between or above tables, as some writers put them: ``# exported by …``."""
    return len(row) == 1 and row[0].lstrip().startswith("#")


def _single_column(lines: Sequence[str]) -> Scored:
    """What speaks for no delimiter at all: lines that look like plain values."""
    if not lines:
        return Scored(Syntax(""), SINGLE_COLUMN, 1)
    step = max(1, len(lines) // SCORED_ROWS)
    looked = [line.strip().strip('"') for line in lines[::step]]
    plain = sum(shape_of(line) != "odd" and not holds_other(line, "") for line in looked) / len(looked)
    typed = sum(shape_of(line) not in ("odd", "text") and not _is_joined(line) for line in looked) / len(looked)
    if ":" not in lines[0]:  # one name above them: ratios or results, 3:2
        typed = sum(shape_of(line) not in ("odd", "text") for line in looked) / len(looked)
    if _is_named_column_of_numbers(looked):
        return Scored(Syntax(""), NAMED_NUMBERS, 1)
    score = SINGLE_COLUMN * plain * (0.8 + 0.9 * typed)
    enclosed = all(len(line) > 1 and line[0] == line[-1] == "'" for line in looked)
    return Scored(Syntax("", "'" if enclosed and len(looked) > 2 else '"'), score, 1)


def _is_joined(line: str) -> bool:
    """Several values with colons between: no time of day, address of a device or name of a thing (``crm:17``)."""
    parts = line.split(":")
    if len(parts) < 2 or shape_of(line) != "code" or _COLON_CODE.fullmatch(line):
        return False
    return all(shape_of(part) != "odd" for part in parts)


_COLON_CODE = re.compile(
    r"[^\W\d]\w*:\w+|(?:[0-9a-f]{2}:){5,7}[0-9a-f]{2}|(?=.*(?:::|[a-f]))(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{4}",
    re.IGNORECASE,
)


def _is_named_column_of_numbers(lines: Sequence[str]) -> bool:
    """One name without a comma above numbers that may have commas in them: ``amount``, ``1,200``, ``950``."""
    name, *numbers = lines
    if len(numbers) < 2 or shape_of(name) not in ("word", "name", "text") or any(mark in name for mark in STRONG):
        return False
    return all(shape_of(number) in ("number", "money") and "\t" not in number for number in numbers)


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
