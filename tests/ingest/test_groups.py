"""Grouped exports: the label above the rows is a value of each."""

from __future__ import annotations

import openpyxl

import leadaudit


def test_labels_of_groups_become_the_stage_of_their_rows(tmp_path):
    """A label such as "New (8)" above its rows, in a column without a header, is the stage of each of them."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.append(["", "Opportunity", "Customer", "Salesperson", "Expected Revenue", "Created on"])
    for stage in ("New", "Proposition", "Won"):
        sheet.append([f"{stage} (8)", "", "", "", 800.0, ""])
        for number in range(8):
            sheet.append(["", f"{stage} {number}", f"Kunde {number}", "Jana Wirth", 100.0, f"2025-0{number + 1}-03"])
    file = tmp_path / "grouped.xlsx"
    workbook.save(file)
    leads = leadaudit.read(file).leads()
    assert leads["stage"].tolist() == ["New"] * 8 + ["Proposition"] * 8 + ["Won"] * 8
    assert leads["status"].tolist() == ["open"] * 16 + ["won"] * 8


def test_a_yes_no_column_is_nobody(tmp_path):
    """A checkbox called "Contacted?" is neither the contact nor the company."""
    file = tmp_path / "sheet.csv"
    rows = [f"Person {n},{'TRUE' if n % 3 else 'FALSE'},New,2025-01-{n + 1:02d}" for n in range(25)]
    file.write_text("Lead,Contacted?,Status,Added\n" + "\n".join(rows) + "\n", encoding="utf-8")
    leads = leadaudit.read(file).leads()
    assert leads["company"].isna().all()
    assert set(leads["Contacted?"]) == {"TRUE", "FALSE"}
