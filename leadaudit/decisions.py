"""Reading the decision workbook back: what people decided, and what they left open or unclear."""

from __future__ import annotations

import csv
import datetime as dt
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leadaudit.errors import ColumnMappingError, ExportReadError, did_you_mean, listed
from leadaudit.language import LANGUAGES, Language, sentence

DECISIONS = ("continue", "pause", "end")
END_REASONS = ("no_need", "no_reaction", "precondition", "timing", "price", "competitor", "not_a_fit", "other")
WHY_OPEN = ("politeness", "hope", "fear_of_loss", "keep_options", "no_criteria", "agreed", "other")
FILLED_IN = ("decision", "end_reason", "resume_on", "decided_by", "why_open", "note")
"""Columns that a person fills in."""

CHOICES = {"decision": DECISIONS, "end_reason": END_REASONS, "why_open": WHY_OPEN}
IMPORT_COLUMNS = ("lead_id", "decided_on", "decision", "end_reason", "resume_on", "decided_by", "why_open", "note")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Decision:
    """What a person decided on one lead; codes as in this module, texts as written."""

    lead_id: str
    decision: str
    end_reason: str = ""
    resume_on: dt.date | None = None
    decided_by: str = ""
    why_open: str = ""
    note: str = ""


@dataclass(frozen=True)
class Unclear:
    """A row that needs a second look: its line, and why (a key of language/decide)."""

    row: int
    lead_id: str
    why: str
    value: str = ""


@dataclass(frozen=True)
class Decided:
    """A workbook read back.

    Attributes
    ----------
    decisions : tuple of Decision
        Rows with a decision, in the workbook's order.
    unclear : tuple of Unclear
        Rows set aside (``row_*``) or taken with a gap (``gap_*``).
    open_count : int
        Rows without a decision.
    language : {"de", "en"}
        Of the workbook.
    """

    decisions: tuple[Decision, ...]
    unclear: tuple[Unclear, ...]
    open_count: int
    language: Language


def read_decisions(path: Path, leads: Mapping[str, str] | None = None) -> Decided:
    """Read a filled ``decisions.xlsx``.

    Parameters
    ----------
    path : Path
        The workbook, as saved by Excel or LibreOffice; its columns may have been moved.
    leads : mapping of pseudonym to lead id, optional
        From the project's key, where the workbook holds pseudonyms.

    Returns
    -------
    Decided

    Raises
    ------
    ExportReadError
        If it is no workbook.
    ColumnMappingError
        If the columns for the lead or the decision are missing.
    """
    rows = _rows(path)
    language, places = _columns(path, rows[0] if rows else [])
    decisions: list[Decision] = []
    unclear: list[Unclear] = []
    open_count = 0
    for number, row in enumerate(rows[1:], 2):
        cells = {key: row[place] if place < len(row) else None for key, place in places.items()}
        if _text(cells["lead_id"]) and not _text(cells["decision"]):
            open_count += 1
        elif _text(cells["lead_id"]):
            _take(number, cells, leads or {}, language, decisions, unclear)
    return Decided(tuple(decisions), tuple(unclear), open_count, language)


def _rows(path: Path) -> list[list[Any]]:
    from zipfile import BadZipFile

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    if not path.is_file():
        raise ExportReadError("file_missing", path=path)
    try:
        book = load_workbook(path, data_only=True, read_only=True)
    except (BadZipFile, InvalidFileException, KeyError, OSError, ValueError) as error:
        raise ExportReadError("file_corrupt", path=path, reason="it is not an Excel workbook") from error
    try:
        return [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]
    finally:
        book.close()


def _columns(path: Path, header: Sequence[Any]) -> tuple[Language, dict[str, int]]:
    """Where each column stands; headers are those of either language."""
    keys = ("lead_id", *FILLED_IN)
    written = [_text(cell) for cell in header]
    found = {
        language: {key: written.index(word) for key in keys if (word := sentence(f"column.{key}", language)) in written}
        for language in LANGUAGES
    }
    language = max(LANGUAGES, key=lambda one: len(found[one]))
    places = found[language]
    for key in ("lead_id", "decision"):
        if key not in places:
            word = sentence(f"column.{key}", language)
            named = [name for name in written if name]
            raise ColumnMappingError(
                "column_missing", missing=word, path=path.name, available=listed(named), hint=did_you_mean(word, named)
            )
    return language, places


def _take(
    number: int,
    cells: Mapping[str, Any],
    leads: Mapping[str, str],
    language: Language,
    decisions: list[Decision],
    unclear: list[Unclear],
) -> None:
    """Add one row's decision, or say why not."""
    shown = _text(cells["lead_id"])
    lead_id = leads.get(shown, shown)
    codes = {key: _code(key, cells.get(key), language) for key in CHOICES}
    if codes["decision"] is None:
        unclear.append(Unclear(number, lead_id, "row_unknown_decision", _text(cells["decision"])))
        return
    if any(lead_id == earlier.lead_id for earlier in decisions):
        unclear.append(Unclear(number, lead_id, "row_twice"))
        return
    resume_on = _date(cells.get("resume_on"))
    decision = Decision(
        lead_id,
        codes["decision"],
        codes["end_reason"] or _text(cells.get("end_reason")),
        resume_on,
        _text(cells.get("decided_by")),
        codes["why_open"] or _text(cells.get("why_open")),
        _text(cells.get("note")),
    )
    decisions.append(decision)
    unclear.extend(Unclear(number, lead_id, why) for why in _gaps(decision, _text(cells.get("resume_on"))))


def _gaps(decision: Decision, resume_on: str) -> list[str]:
    """What a clean decision would also say."""
    gaps = []
    if resume_on and decision.resume_on is None:
        gaps.append("gap_date_unreadable")
    elif decision.decision == "pause" and decision.resume_on is None:
        gaps.append("gap_pause_without_date")
    if decision.decision == "end" and not decision.end_reason:
        gaps.append("gap_end_without_reason")
    return gaps


def _code(key: str, value: Any, language: Language) -> str | None:
    """The code of a chosen word; either language's words are understood."""
    written = _text(value).casefold()
    for spoken in (language, *LANGUAGES):
        for code in CHOICES[key]:
            if written in (sentence(f"choice.{key}.{code}", spoken).casefold(), code):
                return code
    return None


def _date(value: Any) -> dt.date | None:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    for shape in ("%d.%m.%Y", "%Y-%m-%d"):
        try:
            return dt.datetime.strptime(_text(value), shape).date()
        except ValueError:
            continue
    return None


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def write_import(decided: Decided, path: Path, decided_on: dt.date) -> None:
    """Write the decisions as a CSV that a CRM can import and that a later audit reads as decisions taken.

    Parameters
    ----------
    decided : Decided
    path : Path
        UTF-8 with a byte order mark (Excel), comma, ISO dates; replaced as a whole.
    decided_on : date
        The day on which they were taken.
    """
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(IMPORT_COLUMNS)
        for one in decided.decisions:
            resume_on = one.resume_on.isoformat() if one.resume_on else ""
            cells = (
                one.lead_id,
                decided_on.isoformat(),
                one.decision,
                one.end_reason,
                resume_on,
                one.decided_by,
                one.why_open,
                one.note,
            )
            writer.writerow([f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell for cell in cells])
    os.replace(part, path)
