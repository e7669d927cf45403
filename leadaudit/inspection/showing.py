"""An inspection for a person: tables for the terminal, in German or English."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from leadaudit.ingest.mapping import name_of
from leadaudit.ingest.recognition.found import SURE_BY_CONTENT
from leadaudit.inspection.gathering import Gathered, gathered
from leadaudit.inspection.record import LETTERS
from leadaudit.language import Language, has, sentence
from leadaudit.language.formats import form

if TYPE_CHECKING:
    from leadaudit.ingest.export import Source
    from leadaudit.inspection import Inspection

SURE_CONFIDENCE = 0.7
LIKELY_CONFIDENCE = 0.45

SHOWN_CHARACTERS = 40
SHOWN_HEADERS = 15

COLUMNS = ("role", "header", "sure", "examples", "read_as")
NARROW_COLUMNS = ("role", "header", "examples")
WIDE_CHARACTERS = 110
INDENT = 2
GAP = 2


def show(inspection: Inspection, language: Language, width: int) -> RenderableType:
    """What was recognised, to be printed by Rich.

    Parameters
    ----------
    inspection : Inspection
    language : {"de", "en"}
    width : int
        Of the terminal, in characters.
    """
    parts: list[RenderableType] = []
    for source in inspection.sources:
        parts += [*_table(source, name_of(source, inspection.sources), language, width), Text()]
    parts += [*_whole(inspection, language), Text(), *_issues(inspection, language)]
    return Group(*parts)


def plain(inspection: Inspection, language: Language, width: int) -> str:
    """The same without colours, as text."""
    written = io.StringIO()
    console = Console(file=written, width=width, color_system=None, highlight=False, legacy_windows=False)
    console.print(show(inspection, language, width))
    return "\n".join(line.rstrip() for line in written.getvalue().splitlines())


def _table(source: Source, name: str, language: Language, width: int) -> Iterator[RenderableType]:
    yield Text(name, style="bold")
    for line in (_what(source, language), _written(source, language), _rows(source, language)):
        yield _indented(Text(line))
    if source.roles:
        yield _indented(_columns(source, language, width))
    if source.stage_columns:
        yield _indented(_headers("inspect.stage_columns", source.stage_columns, language))
    taken = {*source.roles.values(), *source.stage_columns}
    if rest := [header for header in source.columns if header not in taken]:
        key = "inspect.kept" if source.kind == "leads" else "inspect.not_used"
        yield _indented(_headers(key, rest, language))


def _what(source: Source, language: Language) -> str:
    """Object, CRM, language, how sure."""
    if source.kind == "other":
        return sentence("inspect.other", language)
    crm = _crm(source.crm)
    key = "inspect.what" if crm else "inspect.what_general"
    shape = f"inspect.shape.{source.shape}"
    facts = [
        sentence(key, language, kind=sentence(f"kind.{source.kind}", language), crm=crm, object=source.crm_object),
        sentence(shape, language) if has(shape) else "",
        sentence("inspect.headers_in", language, name=_language(source.language, language)),
        sentence(f"inspect.sure.{_sure(source.confidence)}", language),
    ]
    line = " · ".join(fact for fact in facts if fact)
    return line[:1].upper() + line[1:]


def _crm(crm: str) -> str:
    from leadaudit.ingest.recognition.profiles import GENERAL, profile_of

    return "" if crm == GENERAL else profile_of(crm).name


def _language(code: str, language: Language) -> str:
    key = f"inspect.language.{code}"
    return sentence(key, language) if has(key) else code


def _sure(confidence: float) -> str:
    return "sure" if confidence >= SURE_CONFIDENCE else "likely" if confidence >= LIKELY_CONFIDENCE else "unsure"


def _how_sure(confidence: float) -> str:
    """The same of a column, where also nothing but its values may have told the role."""
    return "values" if confidence == SURE_BY_CONTENT else _sure(confidence)


def _written(source: Source, language: Language) -> str:
    """Encoding, delimiter, sheet, header row."""
    facts = []
    if source.sheet:
        facts.append(sentence("inspect.sheet", language, name=source.sheet))
    if source.encoding:
        facts.append(sentence("inspect.encoding", language, name=source.encoding))
    if source.delimiter:
        facts.append(sentence("inspect.delimiter", language, name=_delimiter(source.delimiter, language)))
    header = "inspect.no_header" if source.header_row is None else "inspect.header_row"
    facts.append(sentence(header, language, row=source.header_row))
    return " · ".join(facts)


def _delimiter(characters: str, language: Language) -> str:
    names = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
    return sentence(f"inspect.delimiters.{names[characters]}", language) if characters in names else characters


def _rows(source: Source, language: Language) -> str:
    """Rows read, used and set aside, and what they were linked by."""
    if source.rows_used + source.rows_set_aside == source.rows_read:
        used = dict(used=source.rows_used, aside=source.rows_set_aside)
        facts = [sentence("inspect.rows", language, n=source.rows_read, **used)]
    else:
        facts = [sentence("inspect.rows_read", language, n=source.rows_read)]
    if source.linked_by:
        linked = f"inspect.linked.{source.linked_by}"
        facts.append(sentence(linked, language) if has(linked) else source.linked_by)
    if source.unlinked_share:
        facts.append(sentence("inspect.unlinked", language, p=source.unlinked_share))
    if source.dated_on is not None:
        facts.append(sentence("inspect.dated_on", language, on=source.dated_on))
    return " · ".join(facts)


def _columns(source: Source, language: Language, width: int) -> Table:
    """Role, header, three examples; where there is room, how sure and how it was read."""
    rows = [_column(role, header, source, language) for role, header in source.roles.items()]
    keys = COLUMNS if width >= WIDE_CHARACTERS else NARROW_COLUMNS
    heads = {key: sentence(f"inspect.column.{key}", language) for key in keys}
    limits = {key: min(SHOWN_CHARACTERS, max(len(row[key]) for row in [heads, *rows])) for key in keys}
    # the examples take what is left
    limits["examples"] = max(10, width - INDENT - GAP * len(keys) - sum(limits.values()) + limits["examples"])
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="dim")
    for key in keys:
        table.add_column(heads[key], overflow="ellipsis", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(_cut(row[key], limits[key])) for key in keys))
    return table


def _column(role: str, header: str, source: Source, language: Language) -> dict[str, str]:
    return {
        "role": role,
        "header": _short(header),
        "sure": sentence(f"inspect.sure_column.{_how_sure(source.sure.get(role, 1.0))}", language),
        "examples": " | ".join(map(_short, source.examples.get(header, ()))),
        "read_as": _read_as(source.formats.get(header, ""), language),
    }


def _read_as(label: str, language: Language) -> str:
    """How dates and numbers were read; patterns such as %d.%m.%Y mean the same in every language."""
    words = []
    for part in filter(None, label.split(" | ")):
        key = f"inspect.read_labels.{part.replace(' ', '_')}"
        words.append(sentence(key, language) if has(key) else part)
    return " | ".join(words)


def _short(value: str) -> str:
    """One line of a value, without anything that a terminal would act on."""
    line = "".join(character if character.isprintable() else " " for character in value)
    return _cut(" ".join(line.split()), SHOWN_CHARACTERS)


def _cut(line: str, most: int) -> str:
    return line if len(line) <= most else line[: most - 1] + "…"


def _headers(key: str, headers: Sequence[str], language: Language) -> Text:
    more = f" … +{len(headers) - SHOWN_HEADERS}" if len(headers) > SHOWN_HEADERS else ""
    return Text(f"{sentence(key, language)}: {', '.join(map(_short, headers[:SHOWN_HEADERS]))}{more}")


def _whole(inspection: Inspection, language: Language) -> Iterator[RenderableType]:
    """What the files are good for together."""
    yield Text(sentence("inspect.whole", language), style="bold")
    if inspection.evidence is None:
        yield _indented(Text(sentence("inspect.no_leads", language)))
        return
    counts = inspection.counts or {}
    yield _indented(Text(sentence("inspect.counts", language, **counts)))
    if inspection.known_until is not None and inspection.first_known != inspection.known_until:
        span = dict(first=inspection.first_known, until=inspection.known_until, zone=inspection.timezone)
        yield _indented(Text(sentence("inspect.span", language, **span)))
    for letter in LETTERS:
        there = letter in inspection.evidence
        line = sentence(f"evidence.{letter}.{'there' if there else 'absent'}", language)
        yield _indented(Text(f"{'+' if there else '-'} {line}"))


def _issues(inspection: Inspection, language: Language) -> Iterator[RenderableType]:
    found = gathered(inspection.issues)
    yield Text(sentence("inspect.issues", language), style="bold")
    if not found:
        yield _indented(Text(sentence("report.no_issues", language)))
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(sentence("column.count", language), justify="right")
    table.add_column(sentence("column.issue", language), ratio=2)
    table.add_column(sentence("column.file", language), ratio=1)
    table.add_column(sentence("inspect.column.lines", language), ratio=1)
    for one in found:
        style = "bold" if one.severity == "error" else "dim" if one.severity == "note" else ""
        cells = (form(one.count, "count", language), _issue(one, language), _place(one), _lines(one))
        table.add_row(*(Text(cell, style=style) for cell in cells))
    yield _indented(table)


def _issue(one: Gathered, language: Language) -> str:
    key = f"issue.{one.code}"
    words = sentence(key, language) if has(key) else one.code
    named = f"{words} ({one.column})" if one.column and one.file else words  # without a file it is no header
    advice = f"issue_next.{one.code}"
    return f"{named}. {sentence(advice, language)}" if has(advice) else named


def _place(one: Gathered) -> str:
    return " / ".join(part for part in (one.file, one.sheet) if part)


def _lines(one: Gathered) -> str:
    more = " …" if one.lines and one.count > len(one.lines) else ""
    return ", ".join(map(str, one.lines)) + more


def _indented(inside: RenderableType) -> Padding:
    return Padding(inside, (0, 0, 0, INDENT))
