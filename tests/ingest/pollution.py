"""Tables with known truth, written in every wrong way: each file has one pollution.

The ways follow what surveys of published CSV files found (Vitagliano and others, "Pollock: a
data loading benchmark", 2023) and what CRM exports do. All tables are made from a seed.
"""

from __future__ import annotations

import gzip
import io
import random
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

Rows = list[list[str]]


@dataclass(frozen=True)
class Case:
    """A polluted file and what a reader should make of it."""

    name: str
    content: bytes
    header: list[str]
    rows: Rows = field(repr=False)
    delimiter: str = ","
    quotechar: str = '"'
    escapechar: str | None = None
    ending: str = ".csv"


@dataclass(frozen=True)
class Style:
    """How a table is written."""

    delimiter: str = ","
    quotechar: str = '"'
    escapechar: str | None = None
    quote_all: bool = False
    quote_any: bool = True
    newline: str = "\r\n"
    encoding: str = "utf-8"

    def cell(self, text: str) -> str:
        quote = self.quotechar
        special = (self.delimiter, quote, "\n", "\r")
        if not self.quote_all and not (self.quote_any and any(mark in text for mark in special)):
            return text
        inner = text.replace(quote, (self.escapechar or quote) + quote)
        return f"{quote}{inner}{quote}"

    def row(self, cells: list[str]) -> str:
        return self.delimiter.join(self.cell(cell) for cell in cells)

    def text(self, rows: Rows) -> str:
        return "".join(self.row(cells) + self.newline for cells in rows)


# --------------------------------------------------------------------------- base tables

_FIRST = ["Anna", "Ben", "Cleo", "Dora", "Emil", "Fritz", "Greta", "Hans", "Ida", "Jörg", "Käthe", "Lars"]
_LAST = ["Müller", "Schmidt", "O'Neill", "Weiß", "Öztürk", "Fischer", "D'Angelo", "Größer", "Jäger", "Klein"]
_FIRMS = [
    "Muster GmbH",
    "Stahl & Söhne KG",
    "Adatum, Inc.",
    "Contoso Ltd.",
    'Haus "Zur Post"',
    "Nord AG",
    "Wild West LLC",
]
_NOTES = [
    "Wants an offer by Friday, then decides.",
    "Called twice; no answer",
    'Said: "not this year"',
    "Rückruf vereinbart, bitte Unterlagen senden",
    "",
    "Budget 10.000 - 12.000 EUR, decision in Q3",
    "It's a maybe | ask again",
    'Needs a 12" rack, two screens and support',
]
_STAGES = ["New", "Qualified", "Proposal sent", "Negotiation", "Closed Won", "Closed Lost"]


def deals(draw: random.Random, count: int = 60) -> Rows:
    """Mixed types, commas and quotes in texts."""
    rows = [["Deal ID", "Deal Name", "Company", "Stage", "Amount", "Created", "Owner", "Notes"]]
    for number in range(1, count + 1):
        firm = draw.choice(_FIRMS)
        rows.append(
            [
                f"D-{1000 + number}",
                f"{firm} - renewal {number}",
                firm,
                draw.choice(_STAGES),
                f"{draw.randint(500, 90000)}.{draw.randint(0, 99):02d}",
                f"2026-{draw.randint(1, 12):02d}-{draw.randint(1, 28):02d}",
                f"{draw.choice(_FIRST)} {draw.choice(_LAST)}",
                draw.choice(_NOTES),
            ]
        )
    return rows


def chancen(draw: random.Random, count: int = 40) -> Rows:
    """German numbers and dates."""
    rows = [["Chancennummer", "Kunde", "Verkaufsphase", "Umsatz", "Wahrscheinlichkeit", "Erstellt am"]]
    for number in range(1, count + 1):
        rows.append(
            [
                f"CH-{number:05d}",
                draw.choice(_FIRMS),
                draw.choice(["Offen", "Angebot", "Gewonnen", "Verloren"]),
                f"{draw.randint(1, 99)}.{draw.randint(0, 999):03d},{draw.randint(0, 99):02d}",
                f"{draw.randint(0, 100)} %",
                f"{draw.randint(1, 28):02d}.{draw.randint(1, 12):02d}.2026 {draw.randint(8, 18):02d}:{draw.randint(0, 59):02d}",
            ]
        )
    return rows


def measures(draw: random.Random, count: int = 80) -> Rows:
    """Numbers only."""
    rows = [["year", "x1", "x2", "x3", "weight"]]
    for number in range(count):
        rows.append(
            [str(1950 + number % 70), *(f"{draw.gauss(0, 10):.4f}" for _ in range(3)), str(draw.randint(0, 999))]
        )
    return rows


def history(draw: random.Random, count: int = 70) -> Rows:
    """Identifiers and timestamps; no text."""
    rows = [["lead_id", "changed_at", "from_stage", "to_stage", "changed_by"]]
    for _ in range(count):
        rows.append(
            [
                str(draw.randint(10**10, 10**11)),
                f"2026-0{draw.randint(1, 9)}-{draw.randint(10, 28)}T{draw.randint(10, 23)}:{draw.randint(10, 59)}:00.000Z",
                draw.choice(["", *_STAGES]),
                draw.choice(_STAGES),
                f"user{draw.randint(1, 9)}@example.com",
            ]
        )
    return rows


def contacts(draw: random.Random, count: int = 30) -> Rows:
    """Short texts, half of them empty."""
    rows = [["Name", "City", "Phone", "Website", "Remark"]]
    for _ in range(count):
        rows.append(
            [
                f"{draw.choice(_FIRST)} {draw.choice(_LAST)}",
                draw.choice(["Köln", "Berlin", "St. Gallen", "Graz", ""]),
                f"+49 {draw.randint(100, 999)} {draw.randint(10000, 99999)}" if draw.random() < 0.6 else "",
                draw.choice(["https://example.com/a?b=1&c=2", "www.example.org", ""]),
                draw.choice(["", "", "VIP", "a, b and c"]),
            ]
        )
    return rows


def pairs(draw: random.Random, count: int = 25) -> Rows:
    """Two columns."""
    rows = [["code", "label"]]
    rows += [
        [f"{draw.choice('ABCD')}{number}", draw.choice(["red", "dark blue", "green", "off-white"])]
        for number in range(count)
    ]
    return rows


BASES: dict[str, Callable[[random.Random], Rows]] = {
    "deals": deals, "chancen": chancen, "measures": measures, "history": history, "contacts": contacts, "pairs": pairs,
}  # fmt: skip

DELIMITERS = {
    "comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "caret": "^", "tilde": "~", "section": "§",
    "soh": "\x01", "double_pipe": "||", "caret_pipe_caret": "^|^", "literal_tab": "\\t", "space": " ", "colon": ":",
}  # fmt: skip


def cases(seed: int = 7) -> Iterator[Case]:
    """Yield all polluted files, the same for the same seed."""
    for base, make in BASES.items():
        rows = make(random.Random(f"{seed}-{base}"))
        usual = Style(delimiter=";" if base == "chancen" else ",")
        yield from _written(base, rows, usual)
        yield from _framed(base, rows, usual)
        yield from _damaged(base, rows, usual, random.Random(f"{seed}-{base}-damage"))
    yield from _single_columns(random.Random(f"{seed}-single"))


def _case(name: str, rows: Rows, style: Style, text: str | None = None, *, header: bool = True) -> Case:
    content = (style.text(rows) if text is None else text).encode(style.encoding)
    body = rows[1:] if header else rows
    names = rows[0] if header else []
    return Case(name, content, names, body, style.delimiter, style.quotechar, style.escapechar)


def _plain(rows: Rows, delimiter: str) -> Rows:
    """The table without the characters that an unquoted file could not hold."""
    unsafe = {delimiter, '"', "\n"} | ({" "} if delimiter == " " else set())
    table = []
    for row in rows:
        cells = []
        for cell in row:
            text = cell
            for mark in unsafe:
                text = text.replace(mark, "-" if mark == " " else "")
            cells.append(text)
        table.append(cells)
    return table


def _written(base: str, rows: Rows, usual: Style) -> Iterator[Case]:
    """Other delimiters, quotes, escapes, line ends, encodings."""
    for word, delimiter in DELIMITERS.items():
        if delimiter not in (" ", ":"):
            style = replace(usual, delimiter=delimiter)
            yield _case(f"{base}-delimiter-{word}-minimal", rows, style)
        yield _case(f"{base}-delimiter-{word}-all", rows, replace(usual, delimiter=delimiter, quote_all=True))
        if delimiter != ":":
            bare = replace(usual, delimiter=delimiter, quote_any=False)
            plain = _plain(rows, delimiter)
            if delimiter != " " or all(cell for row in plain for cell in row):
                yield _case(f"{base}-delimiter-{word}-unquoted", plain, bare)
    yield _case(f"{base}-quote-single-all", rows, replace(usual, quotechar="'", quote_all=True))
    if any(usual.delimiter in cell for row in rows for cell in row):
        yield _case(f"{base}-quote-single-minimal", rows, replace(usual, quotechar="'"))
    if any('"' in cell for row in rows for cell in row):
        yield _case(f"{base}-escape-backslash", rows, replace(usual, escapechar="\\", quote_all=True))
        yield replace(_unescaped(base, rows, usual), escapechar=None)
    for word, newline in {"lf": "\n", "cr": "\r"}.items():
        yield _case(f"{base}-newline-{word}", rows, replace(usual, newline=newline))
    lines = [usual.row(row) for row in rows]
    mixed = "".join(line + ("\n", "\r\n", "\r\n")[at % 3] for at, line in enumerate(lines))
    yield _case(f"{base}-newline-mixed", rows, usual, mixed)
    yield _case(f"{base}-newline-none-at-end", rows, usual, usual.text(rows).rstrip("\r\n"))
    yield _case(f"{base}-newline-two-at-end", rows, usual, usual.text(rows) + "\r\n")
    for encoding in ("utf-8-sig", "utf-16", "utf-16-le", "cp1252", "latin-1"):
        if encoding in ("cp1252", "latin-1") and usual.text(rows).isascii():
            continue
        yield _case(f"{base}-encoding-{encoding}", rows, replace(usual, encoding=encoding))
    spaced = usual.delimiter + " "
    every = replace(usual, quote_all=True)
    yield _case(f"{base}-blank-after-delimiter", rows, usual, _joined(rows, every, spaced))
    header = spaced.join(every.cell(cell) for cell in rows[0]) + "\r\n"
    yield _case(f"{base}-blank-after-delimiter-in-header", rows, usual, header + every.text(rows[1:]))


def _joined(rows: Rows, style: Style, delimiter: str) -> str:
    return "".join(delimiter.join(style.cell(cell) for cell in row) + style.newline for row in rows)


def _unescaped(base: str, rows: Rows, usual: Style) -> Case:
    """Quotes inside quoted cells as they are."""
    text = "".join(usual.delimiter.join(f'"{cell}"' for cell in row) + "\r\n" for row in rows)
    return _case(f"{base}-escape-none", rows, usual, text)


def _framed(base: str, rows: Rows, usual: Style) -> Iterator[Case]:
    """Around the table: no header, preambles, trailers, archives."""
    text = usual.text(rows)
    if base not in ("contacts", "pairs"):  # a few lines of plain words: nothing tells a header from a row
        yield _case(f"{base}-header-none", rows[1:], usual, header=False)
    more = usual.delimiter * (len(rows[0]) - 1)
    for count in (1, 3, 9):
        remarks = [f"Report line {number}: all open records" for number in range(count)]
        bare = "".join(f"{line}\r\n" for line in remarks)
        yield _case(f"{base}-preamble-{count}", rows, usual, bare + "\r\n" + text)
        padded = "".join(f"{line}{more}\r\n" for line in remarks)
        yield _case(f"{base}-preamble-{count}-delimited", rows, usual, f"{padded}{more}\r\n{text}")
    if len(rows[0]) > 2:
        yield _case(f"{base}-trailer", rows, usual, f"{text}\r\nConfidential Information - Do Not Distribute\r\n")
    yield _case(f"{base}-excel-sep-line", rows, usual, f"sep={usual.delimiter}\r\n{text}")
    yield _case(f"{base}-one-row", rows[:2], usual)
    yield _case(
        f"{base}-blank-lines", rows, usual, "\r\n".join(["", *text.splitlines()[:9], "", *text.splitlines()[9:], ""])
    )
    yield replace(_case(f"{base}-gzip", rows, usual), content=gzip.compress(text.encode(), mtime=0), ending=".csv.gz")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("export.csv"), text)
    yield replace(_case(f"{base}-zip", rows, usual), content=packed.getvalue(), ending=".zip")


def _damaged(base: str, rows: Rows, usual: Style, draw: random.Random) -> Iterator[Case]:
    """Single rows gone wrong."""
    full = replace(usual, quote_all=True)
    for style, word in ((usual, "minimal"), (full, "all")):
        lines = [style.row(row) for row in rows]
        for turn in range(3):
            at, column = draw.randrange(1, len(rows)), draw.randrange(len(rows[0]))
            cells = [style.cell(cell) for cell in rows[at]]
            if not rows[at][column].startswith('"'):
                yield _with_row(
                    f"{base}-extra-quote-{word}-{turn}",
                    rows,
                    style,
                    lines,
                    at,
                    style.delimiter.join([*cells[:column], _extra_quote(cells[column]), *cells[column + 1 :]]),
                    [*rows[at][:column], '"' + rows[at][column], *rows[at][column + 1 :]],
                )
            yield _with_row(
                f"{base}-extra-delimiter-{word}-{turn}",
                rows,
                style,
                lines,
                at,
                style.delimiter.join([*cells[:column], "", *cells[column:]]),
                [*rows[at][:column], "", *rows[at][column:]],
            )
            yield _with_row(
                f"{base}-short-row-{word}-{turn}",
                rows,
                style,
                lines,
                at,
                style.delimiter.join(cells[:-1]),
                rows[at][:-1],
            )
    lines = [full.row(row) for row in rows]
    at = draw.randrange(1, len(rows))
    yield _with_row(
        f"{base}-row-with-other-delimiter",
        rows,
        full,
        lines,
        at,
        " ".join(full.cell(cell) for cell in rows[at]),
        rows[at],
    )
    trailing = "".join(usual.row(row) + usual.delimiter + "\r\n" for row in rows)
    yield replace(
        _case(f"{base}-trailing-delimiter", rows, usual, trailing),
        header=[*rows[0], ""],
        rows=[[*row, ""] for row in rows[1:]],
    )
    nulls = [rows[0]] + [[*row[:-1], row[-1] + "\0"] if at % 7 == 3 else row for at, row in enumerate(rows[1:])]
    yield _case(f"{base}-null-bytes", nulls, usual)
    broken = [rows[0]] + [
        [*row[:-1], f"{row[-1]}\nsecond, line"] if at % 5 == 2 else row for at, row in enumerate(rows[1:])
    ]
    yield _case(f"{base}-line-breaks-in-cells", broken, usual)
    again = usual.text(rows[:9]) + usual.text([rows[0]]) + usual.text(rows[9:])
    if len(rows) > 12:
        yield _case(f"{base}-header-repeated", rows, usual, again)


def _extra_quote(written: str) -> str:
    """A stray quote before the text of a cell."""
    return '""' + written[1:] if written.startswith('"') else '"' + written


def _with_row(name: str, rows: Rows, style: Style, lines: list[str], at: int, line: str, cells: list[str]) -> Case:
    text = "".join(one + style.newline for one in [*lines[:at], line, *lines[at + 1 :]])
    return _case(name, [*rows[:at], cells, *rows[at + 1 :]], style, text)


def _single_columns(draw: random.Random) -> Iterator[Case]:
    """Files of one column."""
    columns = {
        "names": ["name", *(f"{draw.choice(_FIRST)} {draw.choice(_LAST)}" for _ in range(40))],
        "numbers": ["value", *(f"{draw.uniform(0, 100):.2f}" for _ in range(40))],
        "dates": ["created_at", *(f"2026-03-{draw.randint(10, 28)} {draw.randint(10, 23)}:15:00" for _ in range(40))],
        "mails": ["email", *(f"{draw.choice(['anna', 'ben'])}{number}@example.com" for number in range(40))],
        "ids": ["id", *(f"D-{number}" for number in range(40))],
        "remarks": ["remark", *(draw.choice(["Called, no answer", "Wants an offer", "ok, later"]) for _ in range(40))],
    }
    for word, column in columns.items():
        style = Style(delimiter="", quote_any=False)
        yield _case(f"single-{word}", [[cell] for cell in column], style, "\r\n".join(column) + "\r\n")


# --------------------------------------------------------------------------- scores


def loading_score(case: Case, header: list[str], rows: Rows) -> float:
    """Between 0 and 10: one for success, three each for header, records and cells.

    Precision, recall and F1 of the multisets, as the Pollock benchmark counts them.
    """
    score = 1.0
    score += sum(_agreement(Counter(case.header), Counter(header))) if case.header else 3.0
    score += sum(_agreement(Counter(map(tuple, case.rows)), Counter(map(tuple, rows))))
    cells = [cell for row in case.rows for cell in row]
    score += sum(_agreement(Counter(cells), Counter(cell for row in rows for cell in row)))
    return score


def _agreement(truth: Counter, found: Counter) -> tuple[float, float, float]:
    common = sum((truth & found).values())
    if not common:
        return 0.0, 0.0, 0.0
    precision, recall = common / sum(found.values()), common / sum(truth.values())
    return precision, recall, 2 * precision * recall / (precision + recall)


def same_dialect(case: Case, delimiter: str, quotechar: str | None, escapechar: str | None) -> bool:
    """The dialect matters as far as the file shows it: quotes and escapes only where they occur."""
    if delimiter != case.delimiter:
        return False
    if not case.content.decode("latin-1").count(case.quotechar):
        return True
    if case.escapechar and escapechar != case.escapechar:
        return False
    return (quotechar or '"') == case.quotechar
