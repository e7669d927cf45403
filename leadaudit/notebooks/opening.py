"""What the first code cell of each notebook calls: parameters in, an audit out."""

from __future__ import annotations

import gc
import glob
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leadaudit.errors import ConfigError, ExportReadError, LeadAuditError, NotebookParameterError
from leadaudit.notebooks.parameters import Parameter, injected

if TYPE_CHECKING:
    from leadaudit.audit import Audit
    from leadaudit.backtest import Backtest
    from leadaudit.compare import Comparison
    from leadaudit.ingest.files import Progress
    from leadaudit.report.portfolio import Portfolio

LEVELS = ("client", "full", "off")

EXPORT_ENDINGS = frozenset({".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".html", ".htm", ".zip"})
"""Files in a folder that may be exports; a file that is named itself may be called anything."""

PROBLEM = "problem.json"
"""Beside the executed notebook: code and facts of an error, so that the caller can word it in its reader's language."""

AUDIT: dict[str, Parameter] = {
    "files": Parameter(str, "", "exports: one path, a pattern, or several joined by ; (empty: the sample)"),
    "mapping": Parameter(str, "", "path of a mapping.toml that says what columns are (empty: as recognised)"),
    "dated": Parameter(
        str,
        "",
        "days of several exports of the same leads: a file name, an equals sign and a date, joined by ; (empty: by file name)",
    ),
    "process": Parameter(str, "", "path of an audit.toml (empty: drafted from the data)"),
    "defaults": Parameter(
        str, "", "path of a batch.toml whose settings hold where the audit.toml says nothing (empty: none)"
    ),
    "as_of": Parameter(str, "", "first moment not known, e.g. 2026-11-01 (empty: after the newest event)"),
    "language": Parameter(str, "", "de or en (empty: the export's own)"),
    "timezone": Parameter(str, "", "e.g. Europe/Berlin (empty: by the export's language)"),
    "privacy": Parameter(str, "", "client (no owners, no free text; the default), full (no names at all) or off"),
    "key": Parameter(
        str, "", "path of the project's key for privacy full (empty: beside audit.toml or the first export)"
    ),
    "output": Parameter(str, "", "folder for leads.csv, audit.json and decisions.xlsx (empty: write nothing)"),
}
"""Parameters of ``notebooks/audit.ipynb``; the command line's options have the same names."""

BACKTEST: dict[str, Parameter] = {
    **AUDIT,
    "dates": Parameter(str, "", "past dates, joined by ; (empty: chosen from the history)"),
    "output": Parameter(str, "", "folder for backtest.json (empty: write nothing)"),
}
"""Parameters of ``notebooks/backtest.ipynb``."""

PORTFOLIO: dict[str, Parameter] = {
    "folder": Parameter(str, "", "folder of a batch, with its batch.json"),
    "language": Parameter(str, "", "de or en (empty: en)"),
    "output": Parameter(str, "", "folder for comparison.html (empty: write nothing)"),
}
"""Parameters of ``notebooks/portfolio.ipynb``."""

COMPARE: dict[str, Parameter] = {
    "old": Parameter(str, "", "folder of the older audit, with its audit.json and leads.csv"),
    "new": Parameter(str, "", "folder of the newer audit"),
    "decisions": Parameter(str, "", "filled decisions.xlsx (empty: the one in the older folder, if it is filled in)"),
    "language": Parameter(str, "", "de or en (empty: that of the newer audit)"),
    "output": Parameter(str, "", "folder for compare.json and compare.csv (empty: write nothing)"),
}
"""Parameters of ``notebooks/compare.ipynb``."""


def open_audit(namespace: Mapping[str, Any]) -> Audit:
    """Check the parameters of a running notebook, read the files and audit them.

    Parameters
    ----------
    namespace : mapping
        ``globals()`` of the notebook.

    Returns
    -------
    Audit

    Raises
    ------
    LeadAuditError
        Worded for a person; its facts are also written to ``problem.json`` in the output folder.
    """
    _collect_seldom()
    values = injected(namespace, AUDIT)
    with _told(values["output"]):
        return audit_of(values)


def open_backtest(namespace: Mapping[str, Any]) -> tuple[Audit, Backtest]:
    """The same for ``notebooks/backtest.ipynb``: the audit, and its backtest at the dates asked for.

    Returns
    -------
    audit : Audit
    backtest : Backtest
    """
    _collect_seldom()
    values = injected(namespace, BACKTEST)
    with _told(values["output"]):
        audit = audit_of(values)
        return audit, audit.backtest([date.strip() for date in values["dates"].split(";") if date.strip()])


def open_portfolio(namespace: Mapping[str, Any]) -> tuple[Portfolio, str]:
    """The same for ``notebooks/portfolio.ipynb``: all clients of a batch.

    Returns
    -------
    portfolio : Portfolio
    output : str
        Folder for the page of comparison; empty for none.
    """
    from leadaudit.report.portfolio import Portfolio

    values = injected(namespace, PORTFOLIO)
    return Portfolio.load(Path(values["folder"]), values["language"]), values["output"]


def _collect_seldom() -> None:
    """Look for garbage less often: a notebook makes hundreds of thousands of small objects and keeps them.

    Looking through them took a fifth of the time of a report.
    """
    gc.set_threshold(200_000, 20, 20)


def open_compare(namespace: Mapping[str, Any]) -> tuple[Comparison, str]:
    """The same for ``notebooks/compare.ipynb``: two audits and what lies between them.

    Returns
    -------
    comparison : Comparison
    output : str
        Folder for the files for machines; empty for none.
    """
    values = injected(namespace, COMPARE)
    with _told(values["output"]):
        return comparison_of(values), values["output"]


def comparison_of(values: Mapping[str, Any]) -> Comparison:
    """The comparison that checked parameters (:data:`COMPARE`) ask for."""
    from leadaudit.compare import compare
    from leadaudit.decisions import read_decisions
    from leadaudit.report.comparison import decisions_of

    old = Path(values["old"])
    beside = (old.parent if old.is_file() else old) / "decisions.xlsx"
    workbook = Path(values["decisions"]) if values["decisions"] else beside
    taken = decisions_of(read_decisions(workbook)) if values["decisions"] or workbook.is_file() else {}
    return compare(old, Path(values["new"]), taken, language=values["language"] or None)


@contextmanager
def _told(output: str) -> Iterator[None]:
    """Leave the facts of an error for whoever runs the notebook."""
    try:
        yield
    except LeadAuditError as error:
        if output and Path(output).is_dir():
            facts = {
                "kind": type(error).__name__, "code": error.code, "fields": error.fields, "spoken": error.spoken
            }  # fmt: skip
            text = json.dumps(facts, default=str, ensure_ascii=False)
            (Path(output) / PROBLEM).write_text(text, encoding="utf-8")
        raise


def audit_of(values: Mapping[str, Any], progress: Progress | None = None) -> Audit:
    """The audit that checked parameters (:data:`AUDIT`) ask for; ``progress`` as in :func:`leadaudit.read`."""
    from leadaudit.audit import audit
    from leadaudit.criteria import CRITERIA
    from leadaudit.ingest import read
    from leadaudit.packaged import sample_paths
    from leadaudit.privacy import KEY_FILE, pseudonymised
    from leadaudit.project import check_names, load
    from leadaudit.tables import LEADS

    own, shared = (Path(values[name]) if values[name] else None for name in ("process", "defaults"))
    project = load(own, shared) if own or shared else None
    paths = paths_of(values["files"]) or (project.files if project else ()) or tuple(sample_paths())
    export = read(
        *paths,
        mapping=mapping_of(values["mapping"], project.mapping if project else None),
        dated=dated_of(values["dated"], paths),
        timezone=values["timezone"] or (project.timezone if project else None) or None,
        language=values["language"] or None,
        progress=progress,
    )
    if project:
        check_names(project, columns=[*LEADS, *export.extra_columns], criteria=[one.name for one in CRITERIA])
    privacy = _privacy(values["privacy"] or (project.privacy if project else "client"))
    if privacy == "full":
        home = (project.path if project else None) or paths[0]
        export = pseudonymised(export, Path(values["key"]) if values["key"] else home.resolve().parent / KEY_FILE)
    return audit(
        export,
        project.process if project else None,
        as_of=values["as_of"] or (project.as_of if project else None) or None,
        language=values["language"] or (project.language if project else None) or None,
        privacy=privacy,
    )


def _privacy(level: str) -> str:
    if level not in LEVELS:
        raise NotebookParameterError("parameter_value", name="privacy", value=level, valid=", ".join(LEVELS))
    return level


def mapping_of(
    path: str, otherwise: Mapping[str, Mapping[str, str]] | None = None
) -> Mapping[str, Mapping[str, str]] | None:
    """The mapping that a ``mapping`` parameter names; it wins, file by file, over that of a project.

    Raises
    ------
    ConfigError
        The file is missing or not valid.
    """
    if not path:
        return otherwise
    from leadaudit.inspection.mapping_file import load_mapping

    return {**(otherwise or {}), **load_mapping(Path(path))}


def dated_of(days: str, paths: Sequence[Path]) -> dict[str, str]:
    """The days of exports that a ``dated`` parameter names.

    Raises
    ------
    ConfigError
        ``value_invalid`` where a part is not ``file=date``, or names none of the files.

    Examples
    --------
    >>> dated_of("a.csv=2026-09-30;b.csv=2026-10-31", [Path("a.csv"), Path("b.csv")])
    {'a.csv': '2026-09-30', 'b.csv': '2026-10-31'}
    """
    known = [path.name for path in paths]
    found: dict[str, str] = {}
    for part in filter(None, (piece.strip() for piece in days.split(";"))):
        file, _, day = part.rpartition("=")
        if file not in known or not day:
            example = f"{known[0] if known else 'deals.csv'}=2026-09-30"
            raise ConfigError("value_invalid", key="dated", value=part, valid=example)
        found[file] = day
    return found


def paths_of(files: str) -> tuple[Path, ...]:
    """The paths that a ``files`` parameter names: a path, a folder, a pattern, or several joined by ``;``.

    A folder stands for the exports that lie in it.

    Raises
    ------
    ExportReadError
        ``file_missing`` if a pattern matches nothing, ``folder_empty`` if a folder holds no export.
    """
    found: list[Path] = []
    for part in filter(None, (piece.strip() for piece in files.split(";"))):
        is_pattern = glob.has_magic(part) and not Path(part).exists()
        matches = sorted(glob.glob(part)) if is_pattern else [part]  # noqa: PTH207 - a pattern may be absolute
        if not matches:
            raise ExportReadError("file_missing", path=part)
        for match in map(Path, matches):
            found.extend(_in_folder(match) if match.is_dir() and not is_pattern else [match])
    return tuple(found)


def _in_folder(folder: Path) -> tuple[Path, ...]:
    found = exports_in(folder)
    if not found:
        raise ExportReadError("folder_empty", path=folder)
    return found


def exports_in(folder: Path) -> tuple[Path, ...]:
    """Exports that lie in a folder itself, by name; hidden files and the lock files of office programs are none."""
    entries = (entry for entry in folder.iterdir() if entry.is_file() and not entry.name.startswith((".", "~$")))
    return tuple(sorted(entry for entry in entries if entry.suffix.lower() in EXPORT_ENDINGS))
