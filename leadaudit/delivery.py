"""From files to a finished folder: the main job, step by step.

The report is made from the executed notebook, so whatever the notebook shows is what the report
says. Everything is written aside and put in place together.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from leadaudit import errors
from leadaudit.errors import LeadAuditError, NotebookRunError, OutputError
from leadaudit.language import Language, sentence
from leadaudit.notebooks.opening import AUDIT, BACKTEST, COMPARE, PROBLEM
from leadaudit.notebooks.parameters import Parameter
from leadaudit.notebooks.running import Step, run
from leadaudit.packaged import notebook_path
from leadaudit.report.placing import FAILED, RECORD, Placed, aside, check_folder, put_in_place

REPORT_NOTEBOOK = "report.ipynb"
BACKTEST_NOTEBOOK = "backtest.ipynb"
COMPARE_NOTEBOOK = "compare.ipynb"


@dataclass(frozen=True)
class Order:
    """What is to be delivered; the same names as the notebook's parameters."""

    files: Sequence[Path]
    process: Path | None = None
    as_of: str = ""
    language: str = ""
    timezone: str = ""
    privacy: str = ""
    key: Path | None = None
    mapping: Path | None = None
    dated: str = ""
    pdf: bool = True
    defaults: Path | None = None

    def parameters(self, output: Path) -> dict[str, Any]:
        """Parameters for the notebook: absolute paths, JSON values."""
        plain = {name: value for name, value in asdict(self).items() if name in AUDIT}
        files = ";".join(str(path.resolve()) for path in self.files)
        named = {name: _absolute(plain[name]) for name in ("process", "defaults", "key", "mapping")}
        return {**plain, **named, "files": files, "output": str(output)}


def _absolute(path: Path | None) -> str:
    return str(path.resolve()) if path else ""


@dataclass(frozen=True)
class Delivered:
    """A finished folder.

    Attributes
    ----------
    placed : Placed
        Files in place, and what was kept of a person's work.
    record : dict
        Content of ``audit.json``.
    without_pdf : LeadAuditError or None
        Why there is no PDF, if one was wanted.
    """

    placed: Placed
    record: dict[str, Any]
    without_pdf: LeadAuditError | None

    def headlines(self, language: Language) -> list[str]:
        """The three most important sentences: the headline and, as on the first page, the two findings that say most, of two chapters."""
        counts = self.record.get("counts")
        if not counts:
            return []
        open_count = sum(count for verdict, count in counts.items() if verdict != "ended")
        first = sentence("report.headline", language, x=counts["progressing"], n=open_count)
        marked = [
            row["sentence"] for grade in ("red", "amber") for row in self.record["findings"] if row["grade"] == grade
        ]
        return [first, *marked[:2]]


def deliver(
    order: Order, folder: Path, *, on_step: Callable[[Step], None] | None = None, keep_failed: bool = False
) -> Delivered:
    """Run the audit notebook on an order and put report, notebook, workbook and tables into a folder.

    Parameters
    ----------
    order : Order
        Files and settings.
    folder : Path
        Made if absent; refused if it holds files that no audit wrote.
    on_step : callable, optional
        Called as each step starts.
    keep_failed : bool, default False
        Keep the executed notebook also of a run that ended in a known error. That of an unknown
        one is always kept, as ``report.failed.ipynb`` in the folder, until a run succeeds.

    Raises
    ------
    LeadAuditError
        One sentence; but for that notebook the folder is as it was before.
    """
    check_folder(folder)
    with aside(folder) as new:
        notebook, tables = new / REPORT_NOTEBOOK, new / "tables"
        tables.mkdir()
        try:
            run(notebook_path("audit"), notebook, order.parameters(tables), declared=AUDIT, on_step=on_step)
        except NotebookRunError as error:
            known = problem_in(tables) or _no_room(error, folder)
            if (keep_failed or not known) and (new / FAILED).exists():
                os.replace(new / FAILED, folder / FAILED)
            raise known or error from error
        _move_up(tables)
        without_pdf = _rendered(notebook, order.pdf, on_step)
        record = _with_hashes(new)
        placed = put_in_place(new, folder)
        (folder / FAILED).unlink(missing_ok=True)
        return Delivered(placed, record, without_pdf)


def deliver_backtest(
    order: Order, dates: Sequence[str], folder: Path, *, on_step: Callable[[Step], None] | None = None
) -> Placed:
    """Run the backtest notebook on an order and put notebook, page and numbers into a folder.

    Parameters
    ----------
    order : Order
        Files and settings.
    dates : sequence of str
        Past dates; empty = chosen from the history.
    folder : Path
        An audit's own folder, whose files stay, or a new one.

    Raises
    ------
    LeadAuditError
        One sentence; the folder is as it was before.
    """
    said = {"dates": ";".join(dates)}
    return _page_beside(
        "backtest", BACKTEST_NOTEBOOK, BACKTEST, lambda tables: {**order.parameters(tables), **said}, folder, on_step
    )


def deliver_compare(
    parameters: Mapping[str, str], folder: Path, *, on_step: Callable[[Step], None] | None = None
) -> Placed:
    """Run the comparison's notebook and put notebook, page and files for machines into a folder.

    Parameters
    ----------
    parameters : mapping
        ``old``, ``new``, ``decisions``, ``language`` (:data:`leadaudit.notebooks.opening.COMPARE`).
    folder : Path
        An audit's own folder, whose files stay, or a new one.

    Raises
    ------
    LeadAuditError
        One sentence; the folder is as it was before.
    """
    places = {name: _absolute(Path(parameters[name])) for name in ("old", "new", "decisions") if parameters[name]}
    return _page_beside(
        "compare",
        COMPARE_NOTEBOOK,
        COMPARE,
        lambda tables: {**parameters, **places, "output": str(tables)},
        folder,
        on_step,
    )


def _page_beside(
    name: str,
    file: str,
    declared: Mapping[str, Parameter],
    parameters: Callable[[Path], Mapping[str, Any]],
    folder: Path,
    on_step: Callable[[Step], None] | None,
) -> Placed:
    """Run a notebook and put it, its page and its tables into a folder whose other files stay.

    ``parameters`` is asked with the folder for tables. On an error the folder is as it was before.
    """
    from leadaudit.report.html import write_html

    check_folder(folder)
    with aside(folder) as new:
        notebook, tables = new / file, new / "tables"
        tables.mkdir()
        try:
            run(notebook_path(name), notebook, parameters(tables), declared=declared, on_step=on_step)
        except NotebookRunError as error:
            raise problem_in(tables) or error from error
        _move_up(tables)
        write_html(notebook, notebook.with_suffix(".html"))
        _record_beside(new, folder)
        return put_in_place(new, folder)


def _no_room(error: NotebookRunError, folder: Path) -> OutputError | None:
    """A disk that filled up while the notebook wrote: it could not leave the facts of it either."""
    said = str(error.fields.get("evalue", ""))
    full = f"[Errno {errno.ENOSPC}]" in said or (error.fields.get("ename") == "OutputError" and "no room" in said)
    return OutputError("disk_full", path=folder) if full else None


def problem_in(folder: Path) -> LeadAuditError | None:
    """The error that a notebook left for its caller, as it was raised in the kernel."""
    try:
        facts = json.loads((folder / PROBLEM).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    kind = getattr(errors, facts["kind"], LeadAuditError)
    problem: LeadAuditError = kind(facts["code"], **facts["fields"])
    problem.spoken = facts.get("spoken")
    return problem


def render(notebook: Path, *, pdf: bool = True) -> Delivered:
    """Make HTML and PDF again from an executed and perhaps edited ``report.ipynb``, in its own folder.

    The notebook itself is read, never written.
    """
    folder = notebook.parent
    record = json.loads((folder / "audit.json").read_text(encoding="utf-8")) if (folder / "audit.json").exists() else {}
    with aside(folder) as new:
        from leadaudit.report.html import write_html

        write_html(notebook, new / "report.html")
        without_pdf = _pdf(new) if pdf else None
        if record:
            _record_beside(new, folder)
        return Delivered(put_in_place(new, folder), record, without_pdf)


def _record_beside(new: Path, folder: Path) -> None:
    """A record of the new files for a folder that has others of ours; those keep their hashes."""
    from leadaudit import __version__
    from leadaudit.report.record import SCHEMA_VERSION, write_record

    there = folder / RECORD
    record = json.loads(there.read_text(encoding="utf-8")) if there.exists() else {}
    write_record({"schema_version": SCHEMA_VERSION, "version": __version__, **record}, new)
    fresh = json.loads((new / RECORD).read_text(encoding="utf-8"))
    fresh["files"] = {**record.get("files", {}), **fresh["files"]}
    (new / RECORD).write_text(json.dumps(fresh, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")


def _rendered(notebook: Path, pdf: bool, on_step: Callable[[Step], None] | None) -> LeadAuditError | None:
    from leadaudit.report.html import write_html

    write_html(notebook, notebook.with_name("report.html"))
    if not pdf:
        return None
    if on_step is not None:
        on_step(Step(1, 2, "pdf"))
    return _pdf(notebook.parent)


def _pdf(folder: Path) -> LeadAuditError | None:
    from leadaudit.report.pdf import write_pdf

    try:
        write_pdf(folder / "report.html", folder / "report.pdf")
    except LeadAuditError as error:
        return error
    return None


def _move_up(folder: Path) -> None:
    for file in sorted(folder.iterdir()):
        os.replace(file, folder.parent / file.name)
    folder.rmdir()


def _with_hashes(new: Path) -> dict[str, Any]:
    from leadaudit.report.record import write_record

    record = json.loads((new / "audit.json").read_text(encoding="utf-8"))
    write_record(record, new)
    return json.loads((new / "audit.json").read_text(encoding="utf-8"))
