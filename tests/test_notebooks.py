"""Running a notebook: each trap of papermill is refused or set right."""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest

from leadaudit.errors import ExportReadError, NotebookParameterError, NotebookRunError
from leadaudit.language import sentence
from leadaudit.notebooks import Parameter, Step, injected, run, typed, without_traces
from leadaudit.notebooks.opening import paths_of

DECLARED = {
    "files": Parameter(str, "", "files"),
    "client": Parameter(str, "", "client"),
    "limit": Parameter(float, 1.0, "a number"),
    "full": Parameter(bool, False, "a switch"),
}
HEAD = 'files = ""\nclient = ""\nlimit = 1.0\nfull = False'


def write(path: Path, *cells: str, tags: tuple[str, ...] = ("parameters",)) -> Path:
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "conda-gone", "display_name": "x"}})
    notebook.cells = [nbformat.v4.new_code_cell(HEAD, metadata={"tags": list(tags)})]
    notebook.cells += [nbformat.v4.new_code_cell(cell) for cell in cells]
    nbformat.write(notebook, path)
    return path


def outputs(path: Path) -> str:
    return "".join(
        output.get("text", "") for cell in nbformat.read(path, as_version=4).cells for output in cell.get("outputs", [])
    )


def test_a_mistyped_parameter_is_an_error_that_names_the_right_one(tmp_path: Path) -> None:
    """Papermill would run on the default."""
    with pytest.raises(NotebookParameterError, match=r"no parameter clinet.*Did you mean client"):
        run(write(tmp_path / "n.ipynb"), tmp_path / "o.ipynb", {"clinet": "A"}, declared=DECLARED)
    assert not (tmp_path / "o.ipynb").exists()


def test_a_notebook_without_a_parameters_cell_is_refused(tmp_path: Path) -> None:
    """Papermill would inject at the top, and the defaults would win."""
    with pytest.raises(NotebookParameterError, match="0 cells tagged parameters"):
        run(write(tmp_path / "n.ipynb", tags=()), tmp_path / "o.ipynb", {}, declared=DECLARED)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [("client", 123, "123"), ("limit", 2, 2.0), ("files", "a.csv", "a.csv"), ("full", True, True)],
)
def test_numbers_become_text_again_where_text_is_declared(name: str, value: object, expected: object) -> None:
    """Papermill's command line turns 00123 into 123."""
    assert typed({name: value}, DECLARED)[name] == expected


@pytest.mark.parametrize(("name", "value"), [("limit", "two"), ("full", 1), ("client", True), ("files", ["a"])])
def test_a_value_of_the_wrong_type_is_an_error(name: str, value: object) -> None:
    """Nothing is coerced that a person could have meant otherwise."""
    with pytest.raises(NotebookParameterError, match=name):
        typed({name: value}, DECLARED)


def test_the_notebook_itself_notices_an_injected_name_that_it_does_not_know() -> None:
    """Papermill alone only logs a warning; the first cell checks its own namespace."""
    namespace = {"files": "a.csv", "langauge": "de", "_private": 1, "In": [], "leadaudit": pytest}

    with pytest.raises(NotebookParameterError, match="langauge"):
        injected(namespace, DECLARED)
    del namespace["langauge"]
    assert injected(namespace, DECLARED)["files"] == "a.csv"


@pytest.mark.slow
def test_a_run_uses_this_python_and_leaves_no_trace_of_the_machine(tmp_path: Path) -> None:
    """Kernel of this environment whatever the notebook names; awkward texts arrive whole; no paths, no times, no stderr."""
    folder = tmp_path / "Ordner mit {Klammern} ü"
    folder.mkdir()
    source = write(
        folder / "n.ipynb", "import sys\nprint(sys.executable); print(client)\nprint('hidden', file=sys.stderr)"
    )
    client = 'O\'Brien "x" \\n {y} 😀'
    steps: list[Step] = []

    parameters = {"files": f"{folder}/a.csv;{folder}/b.csv", "client": client}
    run(source, folder / "out" / "o.ipynb", parameters, declared=DECLARED, on_step=steps.append)

    import sys

    text = (folder / "out" / "o.ipynb").read_text(encoding="utf-8")
    assert outputs(folder / "out" / "o.ipynb") == f"{sys.executable}\n{client}\n"
    assert 'files = \\"a.csv;b.csv\\"' in text
    assert "start_time" not in text
    assert "hidden', file" in text
    assert [step.done_count for step in steps] == [0, 1, 2]
    assert text.count(str(tmp_path)) == 0


@pytest.mark.slow
def test_a_failing_cell_is_one_sentence_and_the_notebook_is_kept(tmp_path: Path) -> None:
    """The error names notebook, cell and reason; no half result stands in the place of a report."""
    source = write(tmp_path / "n.ipynb", "raise ValueError('no such stage')")

    with pytest.raises(NotebookRunError, match=r"n\.ipynb stopped in cell 2: ValueError: no such stage"):
        run(source, tmp_path / "o.ipynb", {}, declared=DECLARED)
    assert (tmp_path / "o.failed.ipynb").exists()
    assert not (tmp_path / "o.ipynb").exists()


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="kill -9 is a thing of POSIX")
def test_a_kernel_that_dies_leaves_what_it_had_done(tmp_path: Path) -> None:
    """Too little memory kills without a word; the cells before are there to look at."""
    source = write(tmp_path / "n.ipynb", "print('so far')", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")

    with pytest.raises(NotebookRunError, match="DeadKernelError"):
        run(source, tmp_path / "o.ipynb", {}, declared=DECLARED)
    assert outputs(tmp_path / "o.failed.ipynb") == "so far\n"


def test_windows_paths_are_cut_to_file_names_too(tmp_path: Path) -> None:
    """A path with backslashes, as papermill writes it into the injected cell."""
    path = write(tmp_path / "n.ipynb", tags=("injected-parameters",))
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].source = 'files = "C:\\\\Users\\\\me\\\\deals.csv;/home/me/b.csv"\nclient = "A/B"'
    nbformat.write(notebook, path)

    without_traces(path)

    assert nbformat.read(path, as_version=4).cells[0].source == 'files = "deals.csv;b.csv"\nclient = "A/B"'


def test_a_folder_stands_for_the_exports_in_it(tmp_path: Path) -> None:
    """Neither lock files of Excel nor an earlier report's folder nor other files are taken for exports."""
    for name in ("b deals.XLSX", "a history.csv", "~$b deals.xlsx", ".hidden.csv", "notes.md"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    (tmp_path / "leadaudit-report").mkdir()
    (tmp_path / "leadaudit-report" / "leads.csv").write_text("x", encoding="utf-8")

    assert paths_of(str(tmp_path)) == (tmp_path / "a history.csv", tmp_path / "b deals.XLSX")


def test_a_folder_without_exports_is_named(tmp_path: Path) -> None:
    """One sentence in either language, not a run on nothing."""
    with pytest.raises(ExportReadError, match="no export in the folder") as caught:
        paths_of(str(tmp_path))
    assert "liegt kein Export" in sentence("error.folder_empty", "de", **caught.value.fields)
