"""The tutorials run from the first cell to the last, in German and in English, and show what they speak of."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from leadaudit.language import sentence
from leadaudit.notebooks import Parameter, run
from leadaudit.packaged import notebook_path

FILES = {"files": Parameter(str, "", "exports")}


def shown(cell) -> str:
    """Everything that a cell shows, as text."""
    return "".join(str(text) for output in cell.outputs for text in output.get("data", {}).values())


@pytest.mark.slow
@pytest.mark.parametrize("language", ["de", "en"])
def test_a_tutorial_runs_and_shows_what_it_speaks_of(language, tmp_path: Path):
    """Every code cell shows something; the cards are in the reader's language, with their timeline."""
    notebook = notebook_path(f"tutorial_{language}")
    done = nbformat.read(run(notebook, tmp_path / "done.ipynb", {}, declared=FILES), as_version=4)
    cells = [cell for cell in done.cells if cell.cell_type == "code" and not cell.metadata.get("tags")]

    assert [] == [cell.source for cell in cells if not cell.outputs]
    cards = [shown(cell) for cell in cells if "explain(" in cell.source]
    assert len(cards) == 2
    for card, shade in zip(cards, ("verdict.overdue", "shade.maturing"), strict=True):
        assert "<svg" in card
        assert sentence(shade, language) in card
        assert sentence("column.proof", language) in card


def test_the_tutorials_have_the_same_cells():
    """What one language learns, the other learns too; nothing is committed that a run left behind."""
    both = [nbformat.read(notebook_path(f"tutorial_{language}"), as_version=4).cells for language in ("de", "en")]
    code = [[cell.source.replace('"de"', '"en"') for cell in cells if cell.cell_type == "code"] for cells in both]

    assert code[0][1:] == code[1][1:]
    assert [cell.cell_type for cell in both[0]] == [cell.cell_type for cell in both[1]]
    assert all(not cell.get("outputs") and cell.get("execution_count") is None for cells in both for cell in cells)
    assert not re.search(r"\bdef |\bfor ", "".join(cell.source for cell in both[0] if cell.cell_type == "code"))
