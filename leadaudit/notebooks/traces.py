"""Taking the machine and the moment out of an executed notebook."""

from __future__ import annotations

import os
import re
from pathlib import Path


def without_traces(notebook: Path) -> None:
    """Take local paths, times of the run and warnings out of an executed notebook.

    Papermill writes every parameter and time into it. What stays are file names, so that the same
    input gives the same bytes and a client learns nothing of the consultant's machine.
    """
    import nbformat

    document = nbformat.read(notebook, as_version=4)
    document.metadata.pop("papermill", None)
    document.metadata.pop("widgets", None)
    for position, cell in enumerate(document.cells):
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        cell["id"] = f"cell-{position}"
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.source = _file_names(cell.source)
        if cell.cell_type == "code":
            cell.outputs = [out for out in cell.outputs if out.get("name") != "stderr"]
    part = notebook.with_suffix(".part")
    nbformat.write(document, part)
    os.replace(part, notebook)


def _file_names(source: str) -> str:
    """Replace absolute paths by their last part, in every list that ``;`` joins."""
    return re.sub(r"(?<=[\"';])(?:[A-Za-z]:)?(?:/|\\\\)[^\"';]*?([^/\\\"';]+)(?=[\"';])", r"\1", source)
