"""Quotes and escapes that fit a delimiter, and how much speaks for them."""

from __future__ import annotations

import re
from collections import Counter

from leadaudit.ingest.text.splitting import Syntax

RARE_QUOTES = "`~|"
"""Quotes that are believed where they enclose most cells."""


def quoting_of(sample: str, delimiter: str) -> Syntax:
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
    needed = sum(delimiter in cell or "''" in cell or "\n" in cell for cell in single)
    if needed and not double:
        return True
    cell_count = sample.count(delimiter) + sample.count("\n") + 1
    if not double and len(single) >= 2 and _first_row_in_quotes(sample, delimiter, "'"):
        return True
    return len(single) >= 3 and (len(single) >= 0.25 * cell_count or _one_column_in_quotes(sample, delimiter, "'"))


def _first_row_in_quotes(sample: str, delimiter: str, quote: str) -> bool:
    """Whether all names of a header are enclosed, above numbers that are not."""
    first = next((line for line in sample.splitlines() if delimiter in line), "")
    cells = [cell.strip() for cell in first.split(delimiter)]
    return all(len(cell) > 1 and cell.startswith(quote) and cell.endswith(quote) for cell in cells)


def _one_column_in_quotes(sample: str, delimiter: str, quote: str) -> bool:
    """Whether there is a column of which practically every filled cell is enclosed."""
    rows = [line.split(delimiter) for line in sample[:200_000].splitlines() if line.strip()]
    if not rows:
        return False
    width = Counter(map(len, rows)).most_common(1)[0][0]
    for column in zip(*(row for row in rows if len(row) == width), strict=True):
        filled = [cell.strip() for cell in column if cell.strip()]
        enclosed = [len(cell) > 1 and cell.startswith(quote) and cell.endswith(quote) for cell in filled]
        below = enclosed[not enclosed[0] :] if enclosed else []  # the first may be its name
        if sum(below) >= 5 and sum(below) >= 0.98 * len(below):
            return True
    return False


def _escape(sample: str, delimiter: str, quote: str) -> str | None:
    r"""A backslash, when it stands before quotes inside quoted cells or before bare delimiters."""
    if "\\" not in sample:
        return None
    mark, between = re.escape(quote), re.escape(delimiter)
    inner = len(re.findall(rf"[^\\{mark}](?:\\\\)*\\{mark}(?!\s*(?:{between}|$))", sample, re.MULTILINE))
    if delimiter == " ":  # a blank behind a quote tells nothing
        inner += _lone_escaped_quotes(sample, quote)
    opened = len(re.findall(rf"(?:^|{between}){mark}\\{mark}", sample, re.MULTILINE))
    doubled = len(re.findall(rf"[^{mark}\n]{mark}{mark}[^{mark}\n]", sample))
    bare = len(re.findall(rf"\w{mark}\w", sample))  # won't
    if inner + opened and inner + opened >= 0.1 * doubled and inner + opened >= bare:
        return "\\"
    if delimiter in (" ", "\\", "\\t"):
        return None
    before = len(re.findall(rf"[^\\]\\{between}", sample))
    return "\\" if before and before < 0.2 * sample.count(delimiter) and _bare_escape_helps(sample, delimiter) else None


def _lone_escaped_quotes(sample: str, quote: str) -> int:
    """Lines whose quotes come in pairs only if a backslash takes one away, less those where it is the reverse."""
    lone = 0
    for line in sample[:200_000].splitlines():
        escaped = line.count("\\" + quote)
        if escaped % 2:
            lone += 1 if line.count(quote) % 2 else -1
    return max(0, lone)


def _bare_escape_helps(sample: str, delimiter: str) -> bool:
    """Rows that hold an escaped delimiter have the usual width only if it is honoured."""
    lines = [line for line in sample.splitlines() if line.strip()]
    plain = Counter(line.count(delimiter) for line in lines)
    usual = plain.most_common(1)[0][0]
    touched = [line for line in lines if f"\\{delimiter}" in line]
    fits = sum(line.count(delimiter) - line.count(f"\\{delimiter}") == usual for line in touched)
    return fits > 0.7 * len(touched)


def quote_evidence(sample: str, syntax: Syntax) -> float:
    """Share of the quotes that stand where quotes stand: beside a delimiter or a line end."""
    quote, delimiter = syntax.quotechar, re.escape(syntax.delimiter)
    part = sample[:200_000]
    total = part.count(quote) if quote else 0
    if not total:
        return 0.75
    if syntax.escapechar:
        total -= part.count(syntax.escapechar + quote)
        if total <= 0:  # every quote is escaped: none encloses
            return 0.75
    total -= 2 * len(re.findall(r'(?<=[^\s,;|"])""(?=[^\s,;|"])', part)) if quote == '"' else 0
    mark = re.escape(quote)
    blank = "" if syntax.delimiter in (" ", "\t") else "[ ]?"
    opening = len(re.findall(rf"(?:^|{delimiter}){blank}{mark}", part, re.MULTILINE))
    closing = len(re.findall(rf"{mark}{blank}(?={delimiter}|\r?$)", part, re.MULTILINE))
    # what opens must close, a few damaged rows apart
    placed = opening + closing if 2 * min(opening, closing) >= max(opening, closing, 2) else 2 * min(opening, closing)
    if opening + closing <= 2:
        placed = opening + closing
    beside = min(1.0, placed / max(1, total))
    if quote == "'":  # apostrophes within words are no quotes out of place
        beside = max(0.9, beside)
    if beside >= 0.9:
        return beside
    covered = sum(cell.count(quote) + 2 for cell in _enclosed(part, syntax.delimiter, quote))
    return max(0.0, beside, min(1.0, covered / max(1, part.count(quote))))
