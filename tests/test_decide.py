"""The filled workbook comes back: decisions, gaps and rows that say nothing, in either language."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import openpyxl
import pytest

import leadaudit
from leadaudit import simulate
from leadaudit.cli import app
from leadaudit.decisions import Decision, read_decisions, write_import
from leadaudit.errors import ColumnMappingError, ExportReadError
from leadaudit.ingest import Export
from leadaudit.language import sentence
from leadaudit.report.workbook import write_workbook


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same leads to decide on, as a German and an English workbook."""
    made = simulate.leads(count=150, months=12, seed=9)
    export = Export.of_frames(made.leads, made.activities, made.changes, language="de")
    folder = tmp_path_factory.mktemp("books")
    for language in ("de", "en"):
        write_workbook(leadaudit.audit(export, language=language), folder / f"{language}.xlsx")
    return {language: folder / f"{language}.xlsx" for language in ("de", "en")}


def filled(book: Path, target: Path, rows: list[dict[str, object]], language: str) -> Path:
    """Fill in the first rows as a person would."""
    workbook = openpyxl.load_workbook(book)
    sheet = workbook.worksheets[0]
    places = {cell.value: cell.column for cell in sheet[1]}
    for number, row in enumerate(rows, 2):
        for key, value in row.items():
            sheet.cell(number, places[sentence(f"column.{key}", language)]).value = value
    workbook.save(target)
    return target


def ids(book: Path) -> list[str]:
    return [str(row[0].value) for row in openpyxl.load_workbook(book).worksheets[0].iter_rows(min_row=2)]


@pytest.mark.parametrize("language", ["de", "en"])
def test_what_is_filled_in_comes_back(books: dict[str, Path], tmp_path: Path, language: str) -> None:
    """Words of the lists become codes, dates dates; untouched rows are counted as open."""
    word = {code: sentence(f"choice.decision.{code}", language) for code in ("continue", "pause", "end")}
    reason = sentence("choice.end_reason.timing", language)
    rows = [
        {"decision": word["end"], "end_reason": reason, "decided_by": "K. M.", "note": "+danke"},
        {"decision": word["pause"], "resume_on": dt.datetime(2027, 3, 1)},
        {"decision": word["continue"]},
    ]
    decided = read_decisions(filled(books[language], tmp_path / "filled.xlsx", rows, language))
    known = ids(books[language])

    assert decided.language == language
    assert decided.decisions == (
        Decision(known[0], "end", "timing", None, "K. M.", "", "+danke"),
        Decision(known[1], "pause", "", dt.date(2027, 3, 1)),
        Decision(known[2], "continue"),
    )
    assert decided.unclear == ()
    assert decided.open_count == len(known) - 3


def test_gaps_are_named_and_unknown_words_set_aside(books: dict[str, Path], tmp_path: Path) -> None:
    """Nothing is guessed and nothing is dropped in silence."""
    rows = [
        {"decision": "vielleicht"},
        {"decision": "beenden"},
        {"decision": "pausieren"},
        {"decision": "pausieren", "resume_on": "bald"},
        {"decision": "Weiterführen ", "resume_on": "01.04.2027"},
    ]
    decided = read_decisions(filled(books["de"], tmp_path / "filled.xlsx", rows, "de"))

    assert [(one.row, one.why) for one in decided.unclear] == [
        (2, "row_unknown_decision"),
        (3, "gap_end_without_reason"),
        (4, "gap_pause_without_date"),
        (5, "gap_date_unreadable"),
    ]
    assert decided.decisions[-1].decision == "continue"
    assert decided.decisions[-1].resume_on == dt.date(2027, 4, 1)


def test_columns_may_be_moved_but_not_removed(books: dict[str, Path], tmp_path: Path) -> None:
    """A workbook is a workbook; without the decision column the message names what there is."""
    workbook = openpyxl.load_workbook(books["de"])
    sheet = workbook.worksheets[0]
    place = next(cell.column for cell in sheet[1] if cell.value == "Entscheidung")
    sheet.delete_cols(place)
    workbook.save(tmp_path / "cut.xlsx")

    with pytest.raises(ColumnMappingError, match=r"No column for Entscheidung in cut\.xlsx. Found: Lead-Nr\."):
        read_decisions(tmp_path / "cut.xlsx")


def test_a_file_that_is_no_workbook_is_one_sentence(tmp_path: Path) -> None:
    """And a missing one too."""
    (tmp_path / "a.xlsx").write_text("no", encoding="utf-8")

    with pytest.raises(ExportReadError, match="is damaged: it is not an Excel workbook"):
        read_decisions(tmp_path / "a.xlsx")
    with pytest.raises(ExportReadError, match="There is no file"):
        read_decisions(tmp_path / "b.xlsx")


def test_the_import_file_is_safe_and_plain(books: dict[str, Path], tmp_path: Path) -> None:
    """ISO dates, codes, and no text that a spreadsheet would run."""
    rows = [{"decision": "beenden", "end_reason": "Preis", "note": "-ok"}]
    decided = read_decisions(filled(books["de"], tmp_path / "filled.xlsx", rows, "de"))

    write_import(decided, tmp_path / "decided.csv", dt.date(2026, 11, 22))

    with (tmp_path / "decided.csv").open(encoding="utf-8-sig", newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert (row["decided_on"], row["decision"], row["end_reason"], row["note"]) == (
        "2026-11-22",
        "end",
        "price",
        "'-ok",
    )


def test_the_command_says_what_it_read(
    books: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Counts, what is open, what is unclear, and where the file lies."""
    book = filled(books["de"], tmp_path / "decisions.xlsx", [{"decision": "beenden"}, {"decision": "?"}], "de")

    app(["decide", str(book), "--on", "2026-11-22"], standalone_mode=False)

    said = capsys.readouterr().out
    assert "1 Entscheidung gelesen: 0 weiterführen, 0 pausieren, 1 beenden." in said
    assert "Zeile 3" in said
    assert (tmp_path / "decided.csv").exists()


def test_pseudonyms_are_mapped_back(books: dict[str, Path], tmp_path: Path) -> None:
    """With the key the decisions name the client's own leads."""
    shown = ids(books["de"])[0]
    book = filled(books["de"], tmp_path / "filled.xlsx", [{"decision": "beenden"}], "de")

    assert read_decisions(book, {shown: "D-1"}).decisions[0].lead_id == "D-1"
