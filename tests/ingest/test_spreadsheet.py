"""Workbooks as text tables."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest

import leadaudit
from leadaudit.errors import ExportReadError
from leadaudit.ingest import read_text_table

HEADER = ["Deal ID", "Deal Name", "Stage", "Amount", "Created", "Won"]


def workbook(folder: Path, rows: list[list[object]], name: str = "deals.xlsx", title: str = "Deals") -> Path:
    """Write rows to the one sheet of a workbook."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    book.save(folder / name)
    return folder / name


def deals(count: int = 12) -> list[list[object]]:
    """Rows of every type a cell can have."""
    return [
        [
            f"00{number}",
            f"Deal {number}",
            "New",
            number * 100 + 0.5,
            dt.datetime(2026, 1, number, 9, 30),
            number % 2 == 0,
        ]
        for number in range(1, count + 1)
    ]


def test_cells_become_text_as_a_person_reads_them(tmp_path: Path) -> None:
    """Text ids keep their zeros, whole numbers get no point, dates are ISO."""
    rows: list[list[object]] = [["A", "B", "C", "D", "E"]]
    rows += [["00123", 7.0, 0.1, dt.date(2026, 3, 1), True], ["NA", 10**12, -2.5, dt.datetime(2026, 3, 1, 8, 5), False]]
    table = read_text_table(workbook(tmp_path, rows))
    assert list(table) == [
        ["00123", "7", "0.1", "2026-03-01", "TRUE"],
        ["NA", "1000000000000", "-2.5", "2026-03-01 08:05:00", "FALSE"],
    ]
    assert (table.dialect.kind, table.dialect.sheet, table.dialect.header_row) == ("workbook", "Deals", 0)


def test_the_header_is_found_below_a_banner(tmp_path: Path) -> None:
    """Title rows and an empty first column, as formatted reports have them."""
    banner: list[list[object]] = [[None, "Open opportunities"], [None, "As of 2026-11-01"], []]
    rows = [*banner, [None, *HEADER], *([None, *row] for row in deals())]
    table = read_text_table(workbook(tmp_path, rows))
    assert table.header == ["", *HEADER]
    assert table.dialect.header_row == 3
    assert [row for row in table.dialect.rows_before if any(row)] == [
        ["", "Open opportunities", "", "", "", "", ""],
        ["", "As of 2026-11-01", "", "", "", "", ""],
    ]
    assert next(table.numbered()) == (5, ["", "001", "Deal 1", "New", "100.5", "2026-01-01 09:30:00", "FALSE"])


def test_subtotals_labels_and_trailers_are_set_aside(tmp_path: Path) -> None:
    """Rows that are no records are named with their line, not counted as leads."""
    rows: list[list[object]] = [HEADER]
    rows += [
        ["Ada's deals"],
        *deals(3),
        ["Subtotal", None, None, 601.5],
        HEADER,
        *deals(2),
        ["Grand Total", None, None, 900],
    ]
    rows += [[], ["Copyright © 2000-2026 salesforce.com, inc. All rights reserved."]]
    table = read_text_table(workbook(tmp_path, rows))
    assert [row[0] for row in table] == ["001", "002", "003", "001", "002"]
    assert [(line, why) for line, _, why in table.dialect.set_aside] == [
        (2, "group label"),
        (6, "subtotal"),
        (7, "repeated header"),
        (10, "subtotal"),
    ]
    assert table.dialect.rows_after[-1][0].startswith("Copyright")


def test_the_biggest_visible_sheet_is_read_and_all_are_named(tmp_path: Path) -> None:
    """A cover sheet does not hide the data; a hidden sheet is told as hidden."""
    book = openpyxl.Workbook()
    cover = book.active
    cover.title = "Cover"
    cover.append(["Export of 2026"])
    for title, count in (("Deals", 5), ("hiddenDataSheet", 12)):
        sheet = book.create_sheet(title)
        for row in [HEADER, *deals(count)]:
            sheet.append(row)
    book["hiddenDataSheet"].sheet_state = "veryHidden"
    book.save(tmp_path / "several.xlsx")
    table = read_text_table(tmp_path / "several.xlsx")
    assert (table.dialect.sheet, len(list(table))) == ("Deals", 5)
    assert [(sheet.name, sheet.visible) for sheet in table.dialect.sheets] == [
        ("Cover", True),
        ("Deals", True),
        ("hiddenDataSheet", False),
    ]
    assert len(list(read_text_table(tmp_path / "several.xlsx", sheet="hiddenDataSheet"))) == 12
    with pytest.raises(ExportReadError, match="no sheet Deal. Found: Cover, Deals, hiddenDataSheet"):
        read_text_table(tmp_path / "several.xlsx", sheet="Deal")


def test_1904_workbooks_give_the_same_dates(tmp_path: Path) -> None:
    """The old Mac calendar is told and does not move dates by four years."""
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    for row in [HEADER, *deals(3)]:
        book.active.append(row)
    book.save(tmp_path / "mac.xlsx")
    table = read_text_table(tmp_path / "mac.xlsx")
    assert table.dialect.date1904
    assert [row[4] for row in table] == ["2026-01-01 09:30:00", "2026-01-02 09:30:00", "2026-01-03 09:30:00"]


def test_a_vertical_merge_fills_its_rows(tmp_path: Path) -> None:
    """A stage merged over three deals belongs to all three."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in [["Stage", "Deal", "Amount"], ["New", "A", 1], [None, "B", 2], [None, "C", 3], ["Won", "D", 4]]:
        sheet.append(row)
    sheet.merge_cells("A2:A4")
    book.save(tmp_path / "merged.xlsx")
    assert [row[0] for row in read_text_table(tmp_path / "merged.xlsx")] == ["New", "New", "New", "Won"]


def test_formulas_without_a_cached_value_are_empty(tmp_path: Path) -> None:
    """Only what Excel computed is in the file; nothing is computed here."""
    rows = [["Deals", None, "=1+1"], ["Deal", "Amount", "Double"], ["A", 1, "=B2*2"], ["B", 2, "=B3*2"]]
    table = read_text_table(workbook(tmp_path, rows))
    assert [row[2] for row in table] == ["", ""]
    assert table.dialect.unvalued_formulas == {2: 2}


def test_formulas_without_a_cached_value_are_said(tmp_path: Path) -> None:
    """An amount that is empty in every row is named, with its column and what to do."""
    rows = [["Deal ID", "Stage", "Amount"], *[[f"D{n}", "New", f"={n}*2"] for n in range(1, 31)]]
    issues = leadaudit.read(workbook(tmp_path, rows)).issues
    (said,) = issues[issues["code"] == "formula_without_value"].to_dict("records")
    assert (said["column"], said["count"], said["severity"]) == ("Amount", 30, "warning")


def test_formulas_with_a_cached_value_are_none_of_these(tmp_path: Path) -> None:
    """What Excel calculated is there, also where the result is an empty text."""
    file = workbook(tmp_path, [["Deal", "Amount", "Note"], ["A", "=1+1", "=UPPER(1)"], ["B", "=1+2", "=UPPER(2)"]])
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    sheet = re.sub(rb"(<f>1\+\d</f>)<v ?/?>(</v>)?", rb"\1<v>7</v>", sheet)
    sheet = re.sub(rb'<c r="(C\d)">(<f>UPPER)', rb'<c r="\1" t="str">\2', sheet)
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, sheet if name == "xl/worksheets/sheet1.xml" else content)
    table = read_text_table(file)
    assert [row[1:] for row in table] == [["7", ""], ["7", ""]]
    assert table.dialect.unvalued_formulas == {}


def test_a_csv_called_xlsx_is_read_as_what_it_is(tmp_path: Path) -> None:
    """The content counts, not the name."""
    file = tmp_path / "deals.xlsx"
    file.write_text("Deal ID;Stage\nD-1;New\nD-2;Won\n", encoding="utf-8")
    assert list(read_text_table(file)) == [["D-1", "New"], ["D-2", "Won"]]


def test_a_workbook_without_cells_is_refused(tmp_path: Path) -> None:
    """An empty sheet is no table."""
    with pytest.raises(ExportReadError, match="No table was found"):
        read_text_table(workbook(tmp_path, []))


def test_a_damaged_workbook_is_refused(tmp_path: Path) -> None:
    """A cut download gets one sentence."""
    file = workbook(tmp_path, [HEADER, *deals()])
    file.write_bytes(file.read_bytes()[:-700])
    with pytest.raises(ExportReadError, match="is damaged"):
        read_text_table(file)
