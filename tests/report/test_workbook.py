"""The decision workbook as a meeting's instrument: what stands where, and the tally that counts along."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from leadaudit.audit import Audit
from leadaudit.language import sentence
from leadaudit.report.lists import chosen_leads
from leadaudit.report.workbook import write_workbook

OURS = re.compile(r"=(COUNTIFS|SUMIF)\('[^'!]+'!\$[A-Z]+\$2:\$[A-Z]+\$\d+,.*\)")


@pytest.fixture(scope="module")
def book(sample: Audit, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's workbook."""
    path = tmp_path_factory.mktemp("book") / "decisions.xlsx"
    write_workbook(sample, path)
    return path


def heads(sheet: Any) -> dict[str, int]:
    return {cell.value: cell.column for cell in sheet[1]}


def test_the_leads_stand_in_the_order_of_the_report(sample: Audit, book: Path) -> None:
    """Whoever goes from the page to the workbook finds the same lead first."""
    sheet = openpyxl.load_workbook(book).worksheets[0]
    ids = [row[0].value for row in sheet.iter_rows(min_row=2)]

    assert ids == [*chosen_leads(sample, "overdue")["lead_id"], *chosen_leads(sample, "stalled")["lead_id"]]


def test_the_proof_stands_before_the_columns_to_fill_in_and_both_are_printed(book: Path) -> None:
    """A decision is taken beside what it rests on; what can be looked up comes after and stays off the paper."""
    sheet = openpyxl.load_workbook(book).worksheets[0]
    places = heads(sheet)
    order = [places[sentence(f"column.{key}", "de")] for key in ("proof", "decision", "note", "reasons")]
    printed = openpyxl.utils.cell.range_boundaries(sheet.print_area.split("!")[1])

    assert order == sorted(order)
    assert printed[2] == order[2]


def test_only_the_tally_has_formulas_and_they_are_ours(hostile: Audit, book: Path, tmp_path: Path) -> None:
    """They count the columns that are filled in; whatever a CRM's text says, it is in none of them."""
    write_workbook(hostile, tmp_path / "hostile.xlsx")
    for path in (book, tmp_path / "hostile.xlsx"):
        found = [
            (place, cell.value)
            for place, sheet in enumerate(openpyxl.load_workbook(path))
            for row in sheet.iter_rows()
            for cell in row
            if cell.data_type == "f"
        ]
        assert {place for place, _ in found} == {1}
        assert [] == [formula for _, formula in found if not OURS.fullmatch(formula)]


def test_the_tally_counts_what_a_meeting_decides(sample: Audit, book: Path, tmp_path: Path) -> None:
    """Three rows filled in: decisions, value and lead-days per decision, and what is missing, as LibreOffice counts it."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not here")
    workbook = openpyxl.load_workbook(book)
    sheet, places = workbook.worksheets[0], heads(workbook.worksheets[0])
    words = {one: sentence(f"choice.decision.{one}", "de") for one in ("continue", "pause", "end")}
    for number, (decision, reason) in enumerate([("end", "timing"), ("end", ""), ("pause", "")], 2):
        sheet.cell(number, places[sentence("column.decision", "de")]).value = words[decision]
        if reason:
            sheet.cell(number, places[sentence("column.end_reason", "de")]).value = sentence(
                f"choice.end_reason.{reason}", "de"
            )
    workbook.save(tmp_path / "filled.xlsx")
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [
        office,
        profile,
        "--headless",
        "--convert-to",
        "ods:calc8",
        "--outdir",
        str(tmp_path),
        str(tmp_path / "filled.xlsx"),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    subprocess.run(
        [*command[:4], "xlsx", *command[5:7], str(tmp_path / "filled.ods")],
        check=True,
        capture_output=True,
        timeout=180,
    )
    tally = openpyxl.load_workbook(tmp_path / "filled.xlsx", data_only=True).worksheets[1]
    counted = {row[0].value: [cell.value for cell in row[1:]] for row in tally.iter_rows(min_row=2)}
    first = chosen_leads(sample, "overdue").head(2)
    ages = sample.open_leads.set_index("lead_id")["age_days"]

    assert counted[words["end"]] == [
        2,
        pytest.approx(first["amount"].sum()),
        pytest.approx(ages[first["lead_id"]].sum()),
    ]
    assert [counted[words[one]][0] for one in ("pause", "continue")] == [1, 0]
    assert counted[sentence("tally.still_open", "de")][0] == sample.counts["overdue"] + sample.counts["stalled"] - 3
    assert (
        counted[sentence("tally.end_without_reason", "de")][0]
        == counted[sentence("tally.pause_without_date", "de")][0]
        == 1
    )
    assert counted[sentence("choice.end_reason.timing", "de")][0] == 1
