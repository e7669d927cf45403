"""The exploration notebook: a copy with its parameters filled in, and what its first cell calls."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leadaudit.errors import OutputError
from leadaudit.notebooks.opening import AUDIT, audit_of, paths_of
from leadaudit.notebooks.parameters import JSON_TYPES, Parameter, typed
from leadaudit.packaged import notebook_path, sample_paths

if TYPE_CHECKING:
    from leadaudit.audit import Audit

NOTEBOOK = "explore"

EXPLORE: dict[str, Parameter] = {
    **{name: known for name, known in AUDIT.items() if name not in ("output", "defaults")},
    "lead_id": Parameter(str, "", "the lead to look at closely (empty: the one that binds most)"),
    "by": Parameter(str, "", "column by which the five ideas are compared (empty: source, else stage)"),
}
"""Parameters of ``notebooks/explore.ipynb``."""


@dataclass(frozen=True)
class Shown:
    """What the cells of the exploration are given beside the audit.

    Attributes
    ----------
    process : Path
        The ``audit.toml`` that settings are kept in; it may not be there yet.
    files : tuple of Path
        The exports that were read.
    key : Path or None
        The project's key for pseudonyms, if there is one.
    lead_id : str
        The lead to look at closely.
    by : str
        The column of the segments.
    """

    process: Path
    files: tuple[Path, ...]
    key: Path | None
    lead_id: str
    by: str


def open_explore(namespace: Mapping[str, Any]) -> tuple[Audit, Shown]:
    """Read the parameters of a running notebook, then the files, and audit them.

    Names that it does not know are left alone: in this notebook a person makes variables of their own.

    Parameters
    ----------
    namespace : mapping
        ``globals()`` of the notebook.

    Returns
    -------
    audit : Audit
    shown : Shown

    Raises
    ------
    LeadAuditError
        Worded for a person.
    """
    from leadaudit.process_file import FILE
    from leadaudit.project import load

    given = {name: namespace[name] for name in EXPLORE if isinstance(namespace.get(name, object()), JSON_TYPES)}
    values = typed(given, EXPLORE)
    audit = audit_of({**values, "output": "", "defaults": ""})
    project = load(Path(values["process"])) if values["process"] else None
    files = paths_of(values["files"]) or (project.files if project else ()) or tuple(sample_paths())
    return audit, Shown(
        process=Path(values["process"] or FILE),
        files=files,
        key=_key(values["key"], (Path(values["process"]) if project else files[0]).resolve().parent),
        lead_id=values["lead_id"] or _most_binding(audit),
        by=values["by"] or ("source" if audit.export.leads()["source"].notna().any() else "stage"),
    )


def _key(named: str, folder: Path) -> Path | None:
    """The key that is named, else the one that lies beside the files."""
    from leadaudit.privacy import KEY_FILE

    there = Path(named) if named else folder / KEY_FILE
    return there if named or there.is_file() else None


def _most_binding(audit: Audit) -> str:
    """An open lead to begin with: of those with an ending due, else of all, the one that binds most."""
    from leadaudit.explore import standing

    leads = standing(audit)
    due = leads[leads["verdict"] == "overdue"]
    first = due if len(due) else leads if len(leads) else audit.leads
    return str(first["lead_id"].iloc[0]) if len(first) else ""


def write_notebook(folder: Path, parameters: Mapping[str, Any]) -> Path:
    """Copy the exploration notebook into a folder, with parameters filled in; never over another file.

    Parameters
    ----------
    folder : Path
        Made if absent.
    parameters : mapping
        Values of :data:`EXPLORE`.

    Returns
    -------
    Path
        ``explore.ipynb``, or the next free name (``explore-2.ipynb``, …).

    Raises
    ------
    NotebookParameterError
        For an unknown parameter.
    OutputError
        ``cannot_write``.
    """
    document = json.loads(notebook_path(NOTEBOOK).read_text(encoding="utf-8"))
    for cell in document["cells"]:
        if "parameters" in cell["metadata"].get("tags", []):
            cell["source"] = [_filled(line, typed(parameters, EXPLORE)) for line in cell["source"]]
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        number = 1
        while True:
            path = folder / (f"{NOTEBOOK}.ipynb" if number == 1 else f"{NOTEBOOK}-{number}.ipynb")
            try:
                with path.open("x", encoding="utf-8", newline="\n") as file:
                    file.write(text)
                return path
            except FileExistsError:
                number += 1
    except OSError as error:
        raise OutputError("cannot_write", path=folder, reason=error.strerror or type(error).__name__) from error


def _filled(line: str, values: Mapping[str, Any]) -> str:
    """A line of the parameters cell with its value in the place of the default.

    Examples
    --------
    >>> _filled('language: str = ""  # de or en', {"language": "de"})
    'language: str = "de"  # de or en'
    """
    name = line.partition(":")[0]
    if name not in values:
        return line
    value = json.dumps(values[name], ensure_ascii=False)
    return re.sub(r'= ".*?"', lambda _: f"= {value}", line, count=1)
