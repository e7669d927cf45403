"""What the first code cell of each notebook calls: parameters in, an audit out."""

from __future__ import annotations

import glob
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leadaudit.errors import ExportReadError, LeadAuditError, NotebookParameterError
from leadaudit.notebooks.parameters import Parameter, injected

if TYPE_CHECKING:
    from leadaudit.audit import Audit

LEVELS = ("client", "full", "off")

PROBLEM = "problem.json"
"""Beside the executed notebook: code and facts of an error, so that the caller can word it in its reader's language."""

AUDIT: dict[str, Parameter] = {
    "files": Parameter(str, "", "exports: one path, a pattern, or several joined by ; (empty: the sample)"),
    "process": Parameter(str, "", "path of an audit.toml (empty: drafted from the data)"),
    "as_of": Parameter(str, "", "first moment not known, e.g. 2026-11-01 (empty: after the newest event)"),
    "language": Parameter(str, "", "de or en (empty: the export's own)"),
    "timezone": Parameter(str, "", "e.g. Europe/Berlin (empty: by the export's language)"),
    "privacy": Parameter(str, "", "client (no owners, no free text; the default), full (no names at all) or off"),
    "key": Parameter(str, "", "path of the project's key for privacy full (empty: beside audit.toml or the first export)"),
    "output": Parameter(str, "", "folder for leads.csv, audit.json and decisions.xlsx (empty: write nothing)"),
}
"""Parameters of ``notebooks/audit.ipynb``; the command line's options have the same names."""


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
    values = injected(namespace, AUDIT)
    try:
        return _opened(values)
    except LeadAuditError as error:
        if values["output"] and Path(values["output"]).is_dir():
            facts = {"kind": type(error).__name__, "code": error.code, "fields": error.fields}
            text = json.dumps(facts, default=str, ensure_ascii=False)
            (Path(values["output"]) / PROBLEM).write_text(text, encoding="utf-8")
        raise


def _opened(values: Mapping[str, Any]) -> Audit:
    from leadaudit.audit import audit
    from leadaudit.ingest import read
    from leadaudit.packaged import sample_paths
    from leadaudit.privacy import KEY_FILE, pseudonymised
    from leadaudit.project import load

    project = load(Path(values["process"])) if values["process"] else None
    paths = paths_of(values["files"]) or (project.files if project else ()) or tuple(sample_paths())
    export = read(
        *paths,
        mapping=project.mapping if project else None,
        timezone=values["timezone"] or (project.timezone if project else None) or None,
        language=values["language"] or None,
    )
    privacy = _privacy(values["privacy"] or (project.privacy if project else "client"))
    if privacy == "full":
        home = project.path if project else paths[0]
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


def paths_of(files: str) -> tuple[Path, ...]:
    """The paths that a ``files`` parameter names: one path, a pattern, or several joined by ``;``.

    Raises
    ------
    ExportReadError
        ``file_missing`` if a pattern matches nothing.
    """
    found: list[Path] = []
    for part in filter(None, (piece.strip() for piece in files.split(";"))):
        is_pattern = glob.has_magic(part) and not Path(part).exists()
        matches = sorted(glob.glob(part)) if is_pattern else [part]  # noqa: PTH207 - a pattern may be absolute
        if not matches:
            raise ExportReadError("file_missing", path=part)
        found.extend(Path(match) for match in matches)
    return tuple(found)
