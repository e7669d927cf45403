"""What a client's files may show: each level of privacy, in every output."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

import leadaudit
from leadaudit import report, simulate
from leadaudit.audit import Audit
from leadaudit.ingest import Export
from leadaudit.privacy import KEY_FILE, pseudonymised

SUBJECT, REASON, STEP = "Betreff Geheimsache", "Grund Geheimsache", "Schritt Geheimsache"


@pytest.fixture(scope="module")
def export() -> Export:
    """A small client whose mails, notes and steps all say the same secret words."""
    made = simulate.leads(count=90, months=12, seed=4)
    leads = made.leads.assign(next_step=STEP, lost_reason=REASON)
    acts = made.activities.assign(subject=SUBJECT, outcome=SUBJECT)
    return Export.of_frames(leads, acts, made.changes, language="de")


def said(audit: Audit, folder: Path, make_page: Callable[[Audit, Path], Path]) -> dict[str, str]:
    """The text of every file that an audit delivers."""
    report.write(audit, folder)
    make_page(audit, folder)
    texts: dict[str, str] = {}
    for path in folder.iterdir():
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                text = " ".join(book.read(name).decode("utf-8", "ignore") for name in book.namelist())
        else:
            text = path.read_text(encoding="utf-8")
        if path.suffix in (".ipynb", ".json"):
            text = json.dumps(json.loads(text), ensure_ascii=False)
        texts[path.name] = unescape(text)
    assert {"audit.json", "decisions.xlsx", "leads.csv", "report.html", "report.ipynb"} == set(texts)
    return texts


def found(texts: dict[str, str], names: set[str]) -> set[tuple[str, str]]:
    return {(file, name) for file, text in texts.items() for name in names if name in text}


def names_of(export: Export, column: str, table: str = "leads") -> set[str]:
    frame = export.leads() if table == "leads" else export.activities().to_native().df()
    return {name for name in frame[column].dropna().unique() if len(name) > 3}


@pytest.mark.slow
def test_each_level_shows_what_it_promises(
    export: Export, make_page: Callable[[Audit, Path], Path], tmp_path: Path
) -> None:
    """By default no persons and no free text; with full no lead and no company either; with off the owners too."""
    persons, companies = names_of(export, "owner"), names_of(export, "company")
    free_text, paths = {SUBJECT, REASON, STEP}, {str(tmp_path), str(Path.home())}
    client = leadaudit.audit(export)
    hidden = leadaudit.audit(pseudonymised(export, tmp_path / KEY_FILE), privacy="full")
    levels = {"client": client, "full": hidden, "off": replace(client, privacy="off")}
    texts = {}
    for level, audit in levels.items():
        (tmp_path / level).mkdir()
        texts[level] = said(audit, tmp_path / level, make_page)

    assert found(texts["client"], persons | free_text | paths) == set()
    assert found(texts["full"], persons | free_text | paths | companies | names_of(export, "lead_id")) == set()
    assert found(texts["off"], free_text | paths) == set()
    assert {file for file, _ in found(texts["off"], persons)} == {"decisions.xlsx"}
    assert found({"x": texts["client"]["decisions.xlsx"]}, companies)
