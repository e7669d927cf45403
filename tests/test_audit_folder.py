"""The main job, from files to a finished folder: what is promised about it."""

from __future__ import annotations

import csv
import json
import os
import shutil
import zipfile
from pathlib import Path

import jsonschema
import openpyxl
import pytest

import leadaudit
from leadaudit.cli import app
from leadaudit.delivery import Order, deliver
from leadaudit.errors import LeadAuditError
from leadaudit.packaged import sample_paths
from leadaudit.tables import LEADS_CSV, VERDICTS

pytestmark = pytest.mark.slow

FILES = {"audit.json", "decisions.xlsx", "leads.csv", "report.html", "report.ipynb"}


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample, audited once, without a PDF."""
    folder = tmp_path_factory.mktemp("audit") / "out"
    deliver(Order(tuple(sample_paths()), pdf=False), folder)
    return folder


@pytest.fixture
def copy(delivered: Path, tmp_path: Path) -> Path:
    """A copy to change."""
    return Path(shutil.copytree(delivered, tmp_path / "out"))


@pytest.fixture(scope="module")
def record(delivered: Path) -> dict:
    return json.loads((delivered / "audit.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def rows(delivered: Path) -> list[dict[str, str]]:
    with (delivered / "leads.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_folder_holds_what_is_promised_and_nothing_else(delivered: Path) -> None:
    """Report, notebook, workbook and tables; no file left aside."""
    assert {path.name for path in delivered.iterdir()} == FILES


def test_audit_json_keeps_its_promise(record: dict, checkout: Path) -> None:
    """It fits the JSON schema in docs."""
    schema = json.loads((checkout / "docs" / "audit.schema.json").read_text(encoding="utf-8"))

    jsonschema.Draft202012Validator(schema).validate(record)


def test_leads_csv_keeps_its_promise(delivered: Path, rows: list[dict[str, str]], record: dict) -> None:
    """Columns in order, no byte order mark, one row per lead, codes and ISO dates."""
    raw = (delivered / "leads.csv").read_bytes()

    assert raw.startswith(b"lead_id,verdict,")
    assert b"\r" not in raw
    assert tuple(rows[0]) == LEADS_CSV
    assert len(rows) == record["rows"]["leads"]
    assert {row["verdict"] for row in rows} <= set(VERDICTS)
    assert all(len(row["end_on"]) in (0, 10) and len(row["last_progress_at"]) in (0, 19) for row in rows)
    assert {row["borderline"] for row in rows} <= {"true", "false"}
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows for cell in row.values())


def test_the_files_and_the_package_say_the_same(rows: list[dict[str, str]], record: dict) -> None:
    """The notebook's run and a call of the package give the same verdicts and counts."""
    audit = leadaudit.audit(leadaudit.read(*sample_paths()))

    assert [(row["lead_id"], row["verdict"], row["reasons"]) for row in rows] == [
        (lead_id, verdict, reasons if isinstance(reasons, str) else "")
        for lead_id, verdict, reasons in audit.leads[["lead_id", "verdict", "reasons"]].itertuples(index=False)
    ]
    assert record["counts"] == audit.counts
    assert sum(record["counts"].values()) == len(rows)


def test_rows_read_are_rows_used_and_rows_set_aside(record: dict) -> None:
    """Nothing of the client's is lost in silence."""
    rows = record["rows"]

    assert rows["read"] == rows["used"] + rows["set_aside"]
    assert rows["read"] == sum(file["rows_read"] for file in rows["files"])


def test_the_report_asks_nothing_of_any_network_and_names_no_place(delivered: Path, record: dict) -> None:
    """No address outside, no path of this computer in report and notebook."""
    page = (delivered / "report.html").read_text(encoding="utf-8")
    notebook = (delivered / "report.ipynb").read_text(encoding="utf-8")

    assert "default-src 'none'" in page
    assert 'src="http' not in page
    assert "<link" not in page
    for text in (page, notebook):
        assert str(Path.home()) + "/" not in text
        assert str(delivered.parent) not in text
    assert f">{record['counts']['overdue']}<" in page


def test_owners_are_in_no_file_that_a_client_gets(delivered: Path) -> None:
    """By default no file names a person of the client's."""
    owners = {str(owner) for owner in leadaudit.read(*sample_paths()).leads()["owner"].dropna().unique()}
    texts = [(delivered / name).read_text(encoding="utf-8") for name in sorted(FILES - {"decisions.xlsx"})]
    with zipfile.ZipFile(delivered / "decisions.xlsx") as book:
        texts += [book.read(name).decode("utf-8") for name in book.namelist()]

    assert owners
    assert not [owner for owner in owners for text in texts if owner in text]


def test_the_workbook_holds_every_lead_to_decide_on_with_lists_to_choose_from(delivered: Path, record: dict) -> None:
    """One row per overdue or stalled lead, drop-down lists, and text as text."""
    book = openpyxl.load_workbook(delivered / "decisions.xlsx")
    sheet = book.worksheets[0]

    assert sheet.max_row - 1 == record["counts"]["overdue"] + record["counts"]["stalled"]
    assert len(sheet.data_validations.dataValidation) == 4
    tally = book.worksheets[1]
    assert all(cell.data_type != "f" for page in book if page != tally for row in page.iter_rows() for cell in row)
    assert sheet.freeze_panes == "C2"


def test_the_same_input_gives_the_same_bytes(delivered: Path, tmp_path: Path) -> None:
    """Whatever the clock says and in whichever order the files are named."""
    deliver(Order(tuple(reversed(sample_paths())), pdf=False), tmp_path / "again")

    different = [
        name for name in sorted(FILES) if (delivered / name).read_bytes() != (tmp_path / "again" / name).read_bytes()
    ]
    assert different == ["audit.json", "report.ipynb"]  # the notebook's parameters name the files as they were given


def test_a_second_run_keeps_an_edited_notebook_and_a_filled_workbook(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both move to earlier/1 and are named; untouched files make room."""
    with (copy / "report.ipynb").open("a", encoding="utf-8") as stream:
        stream.write("\n")
    book = openpyxl.load_workbook(copy / "decisions.xlsx")
    book.worksheets[0]["E2"] = "beenden"
    book.save(copy / "decisions.xlsx")

    app(["audit", *map(str, sample_paths()), "-o", str(copy), "--no-pdf"], standalone_mode=False)

    said = capsys.readouterr().out
    assert {path.name for path in (copy / "earlier" / "1").iterdir()} == {"report.ipynb", "decisions.xlsx"}
    assert "report.ipynb" in said
    assert str(Path("earlier") / "1" / "decisions.xlsx") in said
    assert said.strip().endswith("report.html")


def test_an_open_workbook_stops_the_run_and_changes_nothing(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows a file open in Excel cannot be replaced: one sentence, everything as before."""
    before = {path.name: path.read_bytes() for path in copy.iterdir()}
    real = os.replace

    def refuse(source: object, target: object) -> None:
        if Path(str(source)) == copy / "decisions.xlsx":
            raise PermissionError(13, "in use", str(source))
        real(source, target)

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(LeadAuditError, match=r"decisions\.xlsx is open in another program"):
        deliver(Order(tuple(sample_paths()), pdf=False), copy)
    monkeypatch.undo()

    assert {path.name: path.read_bytes() for path in copy.iterdir()} == before


def test_an_edited_notebook_makes_an_edited_report(copy: Path) -> None:
    """A paragraph that the consultant adds is in the report after rendering; the notebook stays hers."""
    notebook = json.loads((copy / "report.ipynb").read_text(encoding="utf-8"))
    added = {
        "cell_type": "markdown",
        "metadata": {},
        "id": "mine",
        "source": ["## Nachtrag\n", "Das **wissen** wir aus dem Gespräch."],
    }
    notebook["cells"].insert(4, added)
    (copy / "report.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    edited = (copy / "report.ipynb").read_bytes()

    app(["render", str(copy / "report.ipynb"), "--no-pdf"], standalone_mode=False)

    page = (copy / "report.html").read_text(encoding="utf-8")
    assert "Das <strong>wissen</strong> wir" in page
    assert 'href="#nachtrag"' in page
    assert (copy / "report.ipynb").read_bytes() == edited


def test_the_report_is_opened_where_that_is_asked_for(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``--open`` hands the finished page to whatever opens pages on this computer; without it nothing opens."""
    opened: list[str] = []
    monkeypatch.setattr("typer.launch", opened.append)
    for asked in ([], ["--open"]):
        app(["render", str(copy / "report.ipynb"), "--no-pdf", *asked], standalone_mode=False)
    assert opened == [str(copy.resolve() / "report.html")]
