"""The overview of all clients: ``index.html`` and ``comparison.html``, made by the portfolio notebook."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from leadaudit import __version__
from leadaudit.batch.record import Entry, pages_in, record_of, write
from leadaudit.errors import LeadAuditError
from leadaudit.language import Language
from leadaudit.notebooks.opening import PORTFOLIO
from leadaudit.notebooks.running import run
from leadaudit.packaged import notebook_path
from leadaudit.report.placing import aside, put_in_place, sha256

NOTEBOOK, FAILED = "portfolio.ipynb", "portfolio.failed.ipynb"
INDEX, COMPARISON = "index.html", "comparison.html"
PAGES = (NOTEBOOK, INDEX, COMPARISON)


def pages_are_current(entries: Sequence[Entry], folder: Path, language: str) -> bool:
    """Whether the overview in a folder says what these entries say."""
    there = all((folder / name).is_file() for name in PAGES)
    return there and pages_in(folder)["pages_of"] == _stamp(entries, language)


def make_pages(entries: Sequence[Entry], folder: Path, language: str) -> None:
    """Run the portfolio notebook on ``batch.json`` and put its pages beside it, all or none.

    Parameters
    ----------
    entries : sequence of Entry
        As they stand in ``batch.json``.
    folder : Path
        Folder of the batch.
    language : {"", "de", "en"}
        Empty: that of most clients.

    Raises
    ------
    LeadAuditError
        The overview of the last run is still there then.
    """
    from leadaudit.report.html import write_html

    with aside(folder) as new:
        spoken = language or most_spoken(entries)
        made = new / "pages"  # the notebook keeps the name, which has to be the same each time
        made.mkdir()
        parameters = {"folder": str(folder), "language": spoken, "output": str(made)}
        try:
            run(notebook_path("portfolio"), new / NOTEBOOK, parameters, declared=PORTFOLIO)
        except LeadAuditError:
            if (new / FAILED).exists():
                os.replace(new / FAILED, folder / FAILED)
            raise
        os.replace(made / COMPARISON, new / COMPARISON)
        made.rmdir()
        write_html(new / NOTEBOOK, new / INDEX)
        hashes = {name: sha256(new / name) for name in PAGES}
        write(record_of(entries, {"pages_of": _stamp(entries, language), "files": hashes}), new)
        put_in_place(new, folder)
    (folder / FAILED).unlink(missing_ok=True)


def most_spoken(entries: Sequence[Entry]) -> Language:
    """The language of most reports; German where as many are German as English."""
    german = sum(entry.language == "de" for entry in entries)
    return "de" if german >= sum(entry.language == "en" for entry in entries) and german else "en"


def _stamp(entries: Sequence[Entry], language: str) -> str:
    text = json.dumps([__version__, language, [asdict(entry) for entry in entries]], sort_keys=True)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
