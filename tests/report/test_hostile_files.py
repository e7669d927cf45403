"""Files whose every text attacks, through the whole main job, looked at as a reader's programs would."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from report.hostile_leads import FORMULA, PICTURE, RIGHT_TO_LEFT, SCRIPT, hostile_frames

from leadaudit.report.pdf import find_browser

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(find_browser() is None, reason="no Chrome, Edge or Chromium on this machine"),
]

MINUTES_10 = 600


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``leadaudit audit`` makes of three hostile CSV files."""
    home = tmp_path_factory.mktemp("hostile-files")
    for name, frame in zip(("leads", "activities", "history"), hostile_frames(), strict=True):
        frame.to_csv(home / f"{name}.csv", index=False)
    code = "import sys; from leadaudit.cli import main; sys.argv = ['leadaudit', *sys.argv[1:]]; main()"
    files = [str(home / f"{name}.csv") for name in ("leads", "activities", "history")]
    run = subprocess.run(
        [sys.executable, "-c", code, "audit", *files, "-o", str(home / "out"), "--language", "de"],
        capture_output=True, text=True, encoding="utf-8", errors="replace", timeout=MINUTES_10, cwd=home,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    assert SCRIPT not in run.stderr
    return home / "out"


def test_every_file_is_there_and_the_page_does_no_harm(folder: Path) -> None:
    """No dialog, no message, no request, nothing at the side on a telephone; names stand there as text."""
    names = {"audit.json", "decisions.xlsx", "leads.csv", "report.html", "report.ipynb", "report.pdf"}
    assert names == {path.name for path in folder.iterdir()}
    page_path = folder / "report.html"
    heard: list[str] = []
    arguments = ["--no-sandbox"] if getattr(os, "geteuid", lambda: 1)() == 0 else []
    with sync_api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(find_browser()), args=arguments)
        page = browser.new_page(viewport={"width": 390, "height": 844})
        page.on("dialog", lambda dialog: (heard.append(dialog.message), dialog.dismiss()))
        page.on("console", lambda message: heard.append(message.text))
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on("request", lambda request: heard.append(request.url) if request.url != page_path.as_uri() else None)
        page.goto(page_path.as_uri())
        for plot in page.query_selector_all(".plot"):
            plot.scroll_into_view_if_needed()
        for button in page.query_selector_all("button.open-card")[:10]:
            button.evaluate("one => one.click()")
            page.keyboard.press("Escape")
        shown = page.evaluate("document.body.textContent")

        assert heard == []
        assert page.evaluate("window.fired") is None
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert all(text in shown for text in (SCRIPT, FORMULA, PICTURE, RIGHT_TO_LEFT))
        browser.close()


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="pdftotext is not installed")
def test_the_pdf_shows_the_names_and_has_no_empty_page(folder: Path) -> None:
    """Text of a lead is text on paper."""
    run = subprocess.run(
        ["pdftotext", "-layout", str(folder / "report.pdf"), "-"], capture_output=True, check=True, timeout=60
    )
    pages = run.stdout.decode("utf-8").split("\f")[:-1]

    assert 8 < len(pages) < 60
    assert min(len(page.split()) for page in pages) > 20
    assert "<script>" in run.stdout.decode("utf-8")


def test_workbook_table_and_notebook_carry_text_only(folder: Path, tmp_path: Path) -> None:
    """No formula but the tally's, no link; LibreOffice opens the workbook; a spreadsheet runs no cell of leads.csv."""
    import openpyxl

    book = openpyxl.load_workbook(folder / "decisions.xlsx")
    tally = list(book)[1]
    cells = [cell for sheet in book if sheet != tally for row in sheet.iter_rows() for cell in row]
    assert [] == [cell.value for cell in cells if cell.data_type == "f" or cell.hyperlink]
    assert any(cell.value == FORMULA for cell in cells)
    with (folder / "leads.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    assert [] == [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert {len(row) for row in rows} == {len(rows[0])}
    notebook = json.loads((folder / "report.ipynb").read_text(encoding="utf-8"))
    html = [
        "".join(output["data"].get("text/html", ""))
        for cell in notebook["cells"]
        for output in cell.get("outputs", [])
        if "data" in output
    ]
    assert not [one for one in html if "<script" in one.lower() or "<img" in one.lower()]
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office:
        home = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
        command = [
            office,
            home,
            "--headless",
            "--convert-to",
            "pdf",
            "--outdir",
            str(tmp_path),
            str(folder / "decisions.xlsx"),
        ]
        subprocess.run(command, capture_output=True, check=True, timeout=MINUTES_10)
        assert (tmp_path / "decisions.pdf").stat().st_size > 10_000
