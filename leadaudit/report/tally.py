"""The sheet that counts along while a meeting decides: formulas of ours over the filled columns, never text of a CRM."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

from leadaudit.decisions import DECISIONS, END_REASONS, WHY_OPEN
from leadaudit.language import Language, sentence

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_HEAD = PatternFill("solid", fgColor="1D2730")
_GROUP = PatternFill("solid", fgColor="E3E8EB")
_RULED = Border(bottom=Side(style="hair", color="B4BDC4"))
_WIDTHS = {"A": 44, "B": 12, "C": 18, "D": 18}


@dataclass(frozen=True)
class Filled:
    """Where the columns stand that are counted: cell ranges of the decision sheet, by key; ``amount`` only where it may be added up."""

    ranges: Mapping[str, str]

    def counted(self, *pairs: str) -> str:
        """``COUNTIFS`` over pairs of key and criterion."""
        parts = [self.ranges[part] if number % 2 == 0 else part for number, part in enumerate(pairs)]
        return f"=COUNTIFS({','.join(parts)})"

    def summed(self, key: str, word: str) -> str | None:
        """``SUMIF`` of a column over a decision."""
        return f'=SUMIF({self.ranges["decision"]},"{word}",{self.ranges[key]})' if key in self.ranges else None


def write_tally(sheet: Worksheet, filled: Filled, language: Language) -> None:
    """Write what is decided so far: per decision with value and lead-days, what is still open, reasons, and gaps.

    Parameters
    ----------
    sheet : Worksheet
        Empty.
    filled : Filled
        The columns of the decision sheet.
    language : {"de", "en"}
    """
    words = {one: sentence(f"choice.decision.{one}", language) for one in DECISIONS}
    _row(sheet, [sentence(f"tally.{name}", language) for name in ("what", "leads", *_sums(filled))], head=True)
    for word in words.values():
        _row(
            sheet, [word, filled.counted("decision", f'"{word}"'), *[filled.summed(key, word) for key in _sums(filled)]]
        )
    _row(sheet, [sentence("tally.still_open", language), filled.counted("lead_id", '"?*"', "decision", '""')])
    _group(sheet, sentence("tally.gaps", language))
    _row(
        sheet,
        [
            sentence("tally.end_without_reason", language),
            filled.counted("decision", f'"{words["end"]}"', "end_reason", '""'),
        ],
    )
    _row(
        sheet,
        [
            sentence("tally.pause_without_date", language),
            filled.counted("decision", f'"{words["pause"]}"', "resume_on", '""'),
        ],
    )
    for key, choices in (("end_reason", END_REASONS), ("why_open", WHY_OPEN)):
        _group(sheet, sentence(f"column.{key}", language))
        _choices(sheet, filled, key, choices, language)
    for letter, width in _WIDTHS.items():
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"


def _sums(filled: Filled) -> list[str]:
    return [key for key in ("amount", "age_days") if key in filled.ranges]


def _choices(sheet: Worksheet, filled: Filled, key: str, choices: Sequence[str], language: Language) -> None:
    for choice in choices:
        word = sentence(f"choice.{key}.{choice}", language)
        _row(sheet, [word, filled.counted(key, f'"{word}"')])


def _group(sheet: Worksheet, words: str) -> None:
    number = _row(sheet, [words])
    for cell in sheet[number]:
        cell.font, cell.fill = Font(bold=True), _GROUP


def _row(sheet: Worksheet, values: Sequence[Any], *, head: bool = False) -> int:
    """A row below what is there; its number."""
    number = 1 if head else sheet.max_row + 1
    for position, value in enumerate([*values, None, None, None][:4], 1):
        cell = sheet.cell(number, position)
        cell.value = value
        cell.border = _RULED
        cell.alignment = Alignment(horizontal="left" if position == 1 else "right", vertical="center", wrap_text=head)
        if position > 1:
            cell.number_format = '#,##0;-#,##0;"–"'
        if head:
            cell.font, cell.fill = Font(bold=True, color="FFFFFF"), _HEAD
    sheet.row_dimensions[number].height = 32 if head else 18
    return number
