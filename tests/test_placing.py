"""Results go in place together or not at all, and never over somebody's work."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from leadaudit.errors import OutputError
from leadaudit.report.placing import aside, check_folder, put_in_place, sha256


def run(folder: Path, files: dict[str, str]):
    with aside(folder) as new:
        for name, text in files.items():
            (new / name).write_text(text, encoding="utf-8")
        record = {"schema_version": 1, "files": {name: sha256(new / name) for name in files}}
        (new / "audit.json").write_text(json.dumps(record), encoding="utf-8")
        return put_in_place(new, folder)


def names_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_a_first_run_makes_the_folder(tmp_path: Path) -> None:
    """A folder that is not there yet is made, and nothing is left aside."""
    placed = run(tmp_path / "new" / "out", {"report.html": "1"})

    assert placed.kept == ()
    assert names_in(tmp_path / "new" / "out") == {"report.html", "audit.json"}


def test_a_run_that_fails_leaves_no_folder_behind(tmp_path: Path) -> None:
    """A folder made for results that never came goes again; one that was there before stays."""
    (tmp_path / "there").mkdir()
    for name in ("made", "there"):
        with pytest.raises(ValueError, match="broken"), aside(tmp_path / name):
            raise ValueError("broken")

    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def test_a_file_that_nobody_touched_is_replaced(tmp_path: Path) -> None:
    """What the last run wrote and nobody changed makes room without a copy."""
    run(tmp_path / "out", {"report.html": "1"})
    placed = run(tmp_path / "out", {"report.html": "2"})

    assert placed.kept == ()
    assert (tmp_path / "out" / "report.html").read_text() == "2"
    assert names_in(tmp_path / "out") == {"report.html", "audit.json"}


def test_changed_files_move_to_earlier_and_are_named(tmp_path: Path) -> None:
    """An edited notebook and a filled workbook are kept under earlier/1, the next ones under earlier/2."""
    out = tmp_path / "out"
    run(out, {"report.ipynb": "a", "decisions.xlsx": "b"})
    (out / "report.ipynb").write_text("edited", encoding="utf-8")
    (out / "decisions.xlsx").write_text("filled", encoding="utf-8")
    first = run(out, {"report.ipynb": "c", "decisions.xlsx": "d"})
    (out / "decisions.xlsx").write_text("filled again", encoding="utf-8")
    second = run(out, {"report.ipynb": "e", "decisions.xlsx": "f"})

    assert {p.name for p in first.kept} == {"report.ipynb", "decisions.xlsx"}
    assert (out / "earlier/1/report.ipynb").read_text() == "edited"
    assert (out / "earlier/1/decisions.xlsx").read_text() == "filled"
    assert second.kept == (out / "earlier/2/decisions.xlsx",)
    assert (out / "decisions.xlsx").read_text() == "f"


@pytest.mark.parametrize("locked", ["decisions.xlsx", "report.html"])
def test_a_locked_file_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, locked: str) -> None:
    """If one file cannot be moved (open in Excel on Windows), all stay as they were, in one sentence."""
    out = tmp_path / "out"
    run(out, {"decisions.xlsx": "old", "report.html": "old", "leads.csv": "old"})
    real = os.replace

    def refuse(source: object, target: object) -> None:
        if Path(str(source)).name == locked and Path(str(source)).parent == out:
            raise PermissionError(13, "in use", str(source))
        real(source, target)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(OutputError, match=rf"{locked} is open in another program"):
        run(out, {"decisions.xlsx": "new", "report.html": "new", "leads.csv": "new"})

    monkeypatch.undo()
    assert [(out / n).read_text() for n in ("decisions.xlsx", "report.html", "leads.csv")] == ["old"] * 3
    assert names_in(out) == {"decisions.xlsx", "report.html", "leads.csv", "audit.json"}


def test_an_office_lock_file_is_heeded(tmp_path: Path) -> None:
    """LibreOffice's and Excel's own lock files count as open, on systems where a rename would succeed."""
    out = tmp_path / "out"
    run(out, {"decisions.xlsx": "old"})
    (out / ".~lock.decisions.xlsx#").touch()

    with pytest.raises(OutputError, match="is open in another program"):
        run(out, {"decisions.xlsx": "new"})
    assert (out / "decisions.xlsx").read_text() == "old"


def test_a_foreign_folder_is_refused_and_an_own_or_empty_one_is_not(tmp_path: Path) -> None:
    """Only an empty folder or an audit's own is written into."""
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    check_folder(foreign)
    (foreign / "thesis.docx").touch()
    with pytest.raises(OutputError, match="not an audit's own"):
        check_folder(foreign)
    run(tmp_path / "own", {"report.html": "1"})
    check_folder(tmp_path / "own")
    with pytest.raises(OutputError, match="it is a file"):
        check_folder(foreign / "thesis.docx")


def test_an_interrupted_run_is_mended_by_the_next(tmp_path: Path) -> None:
    """Files that a killed run had moved away come back."""
    out = tmp_path / "out"
    run(out, {"report.html": "old"})
    (out / ".leadaudit-before").mkdir()
    os.replace(out / "report.html", out / ".leadaudit-before" / "report.html")

    check_folder(out)

    assert (out / "report.html").read_text() == "old"


def test_a_run_killed_after_the_swap_loses_no_edited_file(tmp_path: Path) -> None:
    """Killed between putting the new files in place and shelving the old ones: the edited one is still kept."""
    out = tmp_path / "out"
    run(out, {"report.ipynb": "old", "leads.csv": "old"})
    before = out / ".leadaudit-before"
    before.mkdir()
    for name, text in (("report.ipynb", "edited"), ("leads.csv", "old")):
        (before / name).write_text(text, encoding="utf-8")
    (before / "audit.json").write_bytes((out / "audit.json").read_bytes())

    check_folder(out)

    assert (out / "earlier/1/report.ipynb").read_text() == "edited"
    assert names_in(out) == {"report.ipynb", "leads.csv", "audit.json", "earlier/1/report.ipynb"}


def test_a_full_disk_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No room on the disk says so and leaves the old files."""
    out = tmp_path / "out"
    run(out, {"report.html": "old"})
    real = os.replace

    def full(source: object, target: object) -> None:
        if Path(str(target)).parent == out and Path(str(source)).parent.name.startswith(".leadaudit-new"):
            raise OSError(28, "No space left on device", str(target))
        real(source, target)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OutputError, match="no room left"):
        run(out, {"report.html": "new"})
    monkeypatch.undo()
    assert (out / "report.html").read_text() == "old"


def test_a_pdf_of_an_earlier_report_goes_with_it(tmp_path: Path) -> None:
    """A new page without a new PDF would lie beside paper with other numbers; one that somebody changed is kept."""
    out = tmp_path / "out"
    run(out, {"report.html": "1", "report.pdf": "1"})
    assert run(out, {"report.html": "2"}).kept == ()
    assert names_in(out) == {"report.html", "audit.json"}

    run(out, {"report.html": "3", "report.pdf": "3"})
    (out / "report.pdf").write_text("with remarks", encoding="utf-8")
    kept = run(out, {"report.html": "4"}).kept
    assert [path.name for path in kept] == ["report.pdf"]
    assert (out / "earlier" / "1" / "report.pdf").read_text(encoding="utf-8") == "with remarks"
