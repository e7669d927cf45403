"""The decision workbook: the leads to decide on, with drop-down lists; ``leadaudit decide`` reads it back."""

from __future__ import annotations

import datetime as dt
import math
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pandas as pd
from openpyxl import Workbook
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties

from leadaudit.decisions import DECISIONS, END_REASONS, FILLED_IN, WHY_OPEN
from leadaudit.language import Language, sentence
from leadaudit.report.charts.drawing import shown_stages
from leadaudit.report.lists import most_first, reasons_in_words
from leadaudit.report.tally import Filled, write_tally

if TYPE_CHECKING:
    from openpyxl.cell import Cell, MergedCell
    from openpyxl.worksheet.worksheet import Worksheet

    from leadaudit.audit import Audit

_TO_DECIDE = ("overdue", "stalled")
_HEAD = PatternFill("solid", fgColor="1D2730")
_OURS = PatternFill("solid", fgColor="FFF3D6")
_OURS_HEAD = PatternFill("solid", fgColor="E3A32B")
_FILLS = {"overdue": "EBD3DE", "stalled": "FBEBCB", "progressing": "D5E6F2", "paused": "E3E8EB"}
_HAIR = Side(style="hair", color="B4BDC4")
_RULED, _BOXED = Border(bottom=_HAIR), Border(left=_HAIR, right=_HAIR, top=_HAIR, bottom=_HAIR)
_WRAPPED_WIDTH = 20
_ALIGNED = {
    True: Alignment(horizontal="left", indent=1, wrap_text=True, vertical="top"),  # off the number to its left
    False: Alignment(vertical="top"),
}
_LINE_POINTS, _MOST_LINES, _FULL_SHARE = 15, 12, 1.05
_STAMP = dt.datetime(2000, 1, 1)
_TEXT_LIMIT = 32_000
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f]")


@dataclass(frozen=True)
class Field:
    """One column of a sheet: its word, width, how it reads a lead, a number format, and the unit of its head."""

    key: str
    width: float
    read: Callable[[dict[str, Any]], Any]
    shape: str = ""
    unit: str = ""


def write_workbook(audit: Audit, path: Path) -> None:
    """Write ``decisions.xlsx``.

    Sheets: the leads to decide on (those that bind most first), the tally of what is decided, stages, findings, all
    open leads, words. Every text cell is stored as text, so nothing out of the CRM can become a formula; the only
    formulas are ours, on the tally.

    Parameters
    ----------
    audit : Audit
    path : Path
        The same audit gives the same bytes.
    """
    book = Workbook()
    book.properties.created = book.properties.modified = _STAMP
    book.properties.creator = "leadaudit"
    leads = _leads(audit)
    to_decide = leads[leads["verdict"].isin(_TO_DECIDE)]
    facts, more = _fields(audit, leads)
    filled = _decisions(cast("Worksheet", book.active), facts, more, to_decide.to_dict("records"), audit.language)
    if len(leads["currency"].dropna().unique()) > 1:
        filled = Filled({key: cells for key, cells in filled.ranges.items() if key != "amount"})
    tally = _sheet(book, "tally", audit.language)
    write_tally(tally, filled, audit.language)
    set_up_print(tally, wide=False)
    _stages(_sheet(book, "stages", audit.language), audit)
    _findings(_sheet(book, "findings", audit.language), audit)
    _all_leads(_sheet(book, "leads", audit.language), [*facts, *more], leads.to_dict("records"), audit.language)
    _words(_sheet(book, "words", audit.language), audit.language)
    part = path.with_suffix(".part")
    book.save(part)
    _with_fixed_times(part, path)


def _sheet(book: Workbook, key: str, language: Language) -> Worksheet:
    return cast("Worksheet", book.create_sheet(sentence(f"workbook.sheet.{key}", language)))


def _leads(audit: Audit) -> pd.DataFrame:
    """Open leads with name, company and answers; overdue before stalled, and in the order of the report's lists."""
    named = audit.export.leads()[["lead_id", "name", "company", "owner"]]
    answers = audit.answers.drop(columns=["next_step"]).assign(step=audit.answers["next_step"])
    leads = audit.open_leads.merge(named, on="lead_id", how="left").merge(answers, on="lead_id", how="left")
    rank = leads["verdict"].map({"overdue": 0, "stalled": 1}).fillna(2)
    return pd.concat([most_first(part) for _, part in leads.groupby(rank)]) if len(leads) else leads


def _fields(audit: Audit, leads: pd.DataFrame) -> tuple[list[Field], list[Field]]:
    """Columns of the leads: what a decision rests on, and what can be looked up beside it.

    The person in charge only where the client wants names (``privacy = off``); the currency only where it differs.
    """
    language = audit.language
    owner = (
        [Field("owner", 18, lambda lead: lead["owner"])]
        if audit.privacy == "off" and leads["owner"].notna().any()
        else []
    )
    currencies = leads["currency"].dropna().unique()
    currency = [Field("currency", 9, lambda lead: lead["currency"])] if len(currencies) > 1 else []
    amount = Field(
        "amount", 12, lambda lead: lead["amount"], "#,##0", str(currencies[0]) if len(currencies) == 1 else ""
    )
    facts = [
        Field("lead_id", 11, lambda lead: lead["lead_id"]),
        Field("lead", 30, _name),
        Field("verdict", 15, lambda lead: sentence(f"verdict.{lead['verdict']}", language)),
        Field("stage", 17, lambda lead: lead["stage"]),
        *owner,
        *([amount] if leads["amount"].notna().any() else []),
        *currency,
        Field("stay_days", 12, lambda lead: lead["stay_days"], "0"),
        Field("chance", 11, lambda lead: lead["chance"], "0%"),
        Field("proof", 46, lambda lead: lead["proof"]),
    ]
    more = [
        Field("reasons", 60, lambda lead: reasons_in_words(lead, language)),
        Field("next_step", 50, lambda lead: lead["step"]),
        Field("when_to_end", 50, lambda lead: lead["when_to_end"]),
        Field("age_days", 12, lambda lead: lead["age_days"], "0"),
    ]
    return facts, more


def _name(lead: dict[str, Any]) -> str | None:
    """What the CRM calls the lead, in full."""
    return next((str(lead[key]) for key in ("name", "company") if isinstance(lead[key], str)), None)


def _decisions(
    sheet: Worksheet, facts: Sequence[Field], more: Sequence[Field], leads: list[dict[str, Any]], language: Language
) -> Filled:
    """The sheet that a meeting fills in: facts and proof, then our columns, then what can be looked up."""
    sheet.title = sentence("workbook.sheet.decisions", language)
    ours = [Field(key, width, lambda _: None) for key, width in zip(FILLED_IN, (15, 21, 18, 17, 19, 28), strict=True)]
    fields = [*facts, *ours, *more]
    _write_rows(sheet, fields, leads, language)
    last = max(len(leads) + 1, 2)
    letters = {field.key: get_column_letter(position) for position, field in enumerate(fields, 1)}
    for position, field in enumerate(fields, 1):
        letter = letters[field.key]
        if field.key in FILLED_IN:
            sheet.cell(2, position).fill, sheet.cell(2, position).border = _OURS, _BOXED
            if field.key == "resume_on":
                sheet.cell(2, position).number_format = "DD.MM.YYYY" if language == "de" else "YYYY-MM-DD"
            for row in range(3, last + 1):
                _copy_style(sheet.cell(2, position), sheet.cell(row, position))
            sheet.cell(1, position).fill = _OURS_HEAD
            sheet.cell(1, position).font = Font(bold=True, color="1D2730")
        choices = {"decision": DECISIONS, "end_reason": END_REASONS, "why_open": WHY_OPEN}.get(field.key)
        if choices:
            words = [sentence(f"choice.{field.key}.{choice}", language) for choice in choices]
            _choose(sheet, f"{letter}2:{letter}{last}", words, language)
        if field.key == "resume_on":
            _date_only(sheet, f"{letter}2:{letter}{last}", language)
    _gaps(sheet, letters, last, language)
    sheet.freeze_panes = "C2"
    # On paper the columns for looking up would make the others too small to read.
    sheet.print_area = f"A1:{letters['note']}{last}"
    return Filled({key: f"'{sheet.title}'!${letter}$2:${letter}${last}" for key, letter in letters.items()})


def _gaps(sheet: Worksheet, letters: Mapping[str, str], last: int, language: Language) -> None:
    """Decided rows step back; a pause without a date and an end without a reason are marked while the meeting sits."""
    decision = f"${letters['decision']}2"
    for key, code in (("end_reason", "end"), ("resume_on", "pause")):
        word = sentence(f"choice.decision.{code}", language)
        missing = FormulaRule(  # type: ignore[no-untyped-call]
            formula=[f'AND({decision}="{word}",{letters[key]}2="")'], fill=PatternFill("solid", bgColor="E58AAD")
        )
        sheet.conditional_formatting.add(f"{letters[key]}2:{letters[key]}{last}", missing)
    done = FormulaRule(formula=[f'{decision}<>""'], font=Font(color="8A98A3"))  # type: ignore[no-untyped-call]
    sheet.conditional_formatting.add(f"A2:{letters['proof']}{last}", done)


def _choose(sheet: Worksheet, cells: str, words: Sequence[str], language: Language) -> None:
    rule = DataValidation(type="list", formula1='"' + ",".join(words) + '"', allow_blank=True, showErrorMessage=True)
    rule.errorTitle, rule.error = "leadaudit", sentence("workbook.choose", language)
    sheet.add_data_validation(rule)
    rule.add(cells)


def _date_only(sheet: Worksheet, cells: str, language: Language) -> None:
    rule = DataValidation(
        type="date", operator="greaterThan", formula1="36526", allow_blank=True, showErrorMessage=True
    )
    rule.errorTitle, rule.error = "leadaudit", sentence("workbook.date", language)
    sheet.add_data_validation(rule)
    rule.add(cells)


def _all_leads(sheet: Worksheet, fields: Sequence[Field], leads: list[dict[str, Any]], language: Language) -> None:
    _write_rows(sheet, fields, leads, language)
    sheet.freeze_panes = "C2"


def _stages(sheet: Worksheet, audit: Audit) -> None:
    language = audit.language
    fields = [
        Field("pipeline", 20, lambda row: row["pipeline"]),
        Field("stage", 26, lambda row: row["stage"]),
        Field("open_count", 12, lambda row: row["open_count"], "0"),
        Field("stays_count", 12, lambda row: row["stays_count"], "0"),
        Field("chance_at_entry", 14, lambda row: row["chance_at_entry"], "0%"),
        Field("patience_days", 16, lambda row: row["patience_days"], "0"),
        Field("horizon_days", 18, lambda row: row["horizon_days"], "0"),
        Field("basis", 34, lambda row: _basis(row, language)),
    ]
    # In the others nobody waits for a decision; their limits would be borrowed ones.
    _write_rows(sheet, fields, shown_stages(audit).to_dict("records"), language)
    sheet.freeze_panes = "C2"


def _basis(row: dict[str, Any], language: Language) -> str:
    if isinstance(row["horizon_basis"], str):
        return sentence(f"basis.{row['horizon_basis']}", language)
    if isinstance(row["horizon_none"], str):
        return sentence(f"horizon_none.{row['horizon_none']}", language)
    return ""


def _findings(sheet: Worksheet, audit: Audit) -> None:
    language = audit.language
    fields = [
        Field("chapter", 24, lambda row: sentence(f"chapter.{row['chapter']}.title", language)),
        Field("grade", 14, lambda row: sentence(f"grade.{row['grade']}", language)),
        Field("finding", 90, lambda row: row["sentence"]),
        Field("n", 10, lambda row: row["n"], "0"),
        Field("recommendation", 70, lambda row: row["recommendation"]),
        Field("leads", 60, lambda row: row["leads"].replace("|", ", ") if isinstance(row["leads"], str) else None),
    ]
    _write_rows(sheet, fields, audit.findings.to_dict("records"), language)
    sheet.freeze_panes = "A2"


def _words(sheet: Worksheet, language: Language) -> None:
    terms = (
        "progressing",
        "stalled",
        "overdue",
        "paused",
        "undetermined",
        "movement",
        "progress",
        "response",
        "patience",
        "horizon",
        "chance",
        "borderline",
    )
    rows = [
        {"term": sentence(f"glossary.{term}.term", language), "meaning": sentence(f"glossary.{term}.meaning", language)}
        for term in terms
    ]
    fields = [Field("term", 28, lambda row: row["term"]), Field("meaning", 100, lambda row: row["meaning"])]
    _write_rows(sheet, fields, rows, language)


def _write_rows(sheet: Worksheet, fields: Sequence[Field], rows: Sequence[dict[str, Any]], language: Language) -> None:
    for position, field in enumerate(fields, 1):
        head = _put(sheet.cell(1, position), _title(field, language))
        head.font, head.fill = Font(bold=True, color="FFFFFF"), _HEAD
        head.alignment = Alignment(wrap_text=True, vertical="center")
        sheet.column_dimensions[get_column_letter(position)].width = field.width
    for number, row in enumerate(rows, 2):
        lines = 1
        for position, field in enumerate(fields, 1):
            value = field.read(row)
            cell = _put(sheet.cell(number, position), value)
            _dress(cell, sheet.cell(2, position), field)
            if field.width >= _WRAPPED_WIDTH and isinstance(value, str):
                lines = max(lines, _lines(value, field.width))
        sheet.row_dimensions[number].height = min(lines, _MOST_LINES) * _LINE_POINTS + 4
    sheet.row_dimensions[1].height = 50
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(fields))}{max(len(rows) + 1, 2)}"
    _colour(sheet, fields, len(rows), language)
    set_up_print(sheet)
    sheet.print_title_rows = "1:1"


def set_up_print(sheet: Worksheet, *, wide: bool = True) -> None:
    """As wide as the paper, with page numbers: A3 across for lists, A4 upright for what is narrow."""
    sheet.page_setup.orientation = "landscape" if wide else "portrait"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A3 if wide else sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    cast("Any", sheet.oddFooter).right.text = "&P / &N"


def _title(field: Field, language: Language) -> str:
    title = sentence(f"column.{field.key}", language)
    return sentence("workbook.amount_in", language, column=title, currency=field.unit) if field.unit else title


def _dress(cell: Cell | MergedCell, first: Cell | MergedCell, field: Field) -> None:
    """Alignment, rule and number format; looked up once per column, for a look-up costs more than the cell."""
    if cell is not first:
        _copy_style(first, cell)
        return
    cell.alignment, cell.border = _ALIGNED[field.width >= _WRAPPED_WIDTH], _RULED
    if field.shape:
        cell.number_format = field.shape


def _copy_style(of: Any, to: Any) -> None:
    to._style = copy(of._style)  # noqa: SLF001 - the way that openpyxl's manual names


def _lines(text: str, width: float) -> int:
    """Lines that a text takes in a column; words are not split, so a line is seldom full."""
    return sum(max(1, math.ceil(len(part) / (width * _FULL_SHARE))) for part in text.split("\n"))


def _colour(sheet: Worksheet, fields: Sequence[Field], count: int, language: Language) -> None:
    for position, field in enumerate(fields, 1):
        if field.key != "verdict" or not count:
            continue
        letter = get_column_letter(position)
        for verdict, colour in _FILLS.items():
            word = sentence(f"verdict.{verdict}", language)
            rule = FormulaRule(  # type: ignore[no-untyped-call]
                formula=[f'${letter}2="{word}"'], fill=PatternFill("solid", bgColor=colour)
            )
            sheet.conditional_formatting.add(f"{letter}2:{letter}{count + 1}", rule)


def _put(cell: Cell | MergedCell, value: Any) -> Cell | MergedCell:
    """Write a value; text stays text, whatever it looks like."""
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return cell
    if isinstance(value, str):
        cell.value = _CONTROL.sub("", value[:_TEXT_LIMIT])
        cell.data_type = "s"
    else:
        cell.value = value.item() if hasattr(value, "item") else value
    return cell


def _with_fixed_times(part: Path, path: Path) -> None:
    """Pack again with one fixed time: a workbook is a zip that notes when each piece was written."""
    with zipfile.ZipFile(part) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":  # openpyxl writes the moment of saving into it
                content = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2000-01-01T00:00:00Z", content)
            target.writestr(zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    part.unlink()
