"""The examples of docs/batch.md run as they stand; papermill alone reads our notebooks."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from batching import Inline, environment, three
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook

from leadaudit.batch import night, working
from leadaudit.errors import NotebookParameterError
from leadaudit.notebooks import run
from leadaudit.notebooks.opening import AUDIT, BACKTEST, PORTFOLIO
from leadaudit.written import Common, ManyWritten, Nightly, OneOfMany, read_written


def _examples(checkout: Path, language: str, word: str) -> str:
    """The one example of docs/batch.md in a language that holds a word."""
    text = (checkout / "docs" / "batch.md").read_text(encoding="utf-8")
    (example,) = (block for block in re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL) if word in block)
    return example


def test_the_python_example_of_the_guide_runs(
    quick: list[str],
    checkout: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What a reader copies works as it stands."""
    three(tmp_path / "clients")
    (tmp_path / "clients" / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        night, "run_all", lambda tasks, told, **_: working.run_all(tasks, told, jobs=1, executor=Inline())
    )

    exec(_examples(checkout, "python", 'batch(["clients'), {})

    assert sorted(quick) == ["a", "b", "c"]
    assert capsys.readouterr().out.startswith("empty There is no export in the folder")


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("sh") is None, reason="the example is for a shell")
def test_papermill_alone_does_what_the_guide_says(clients: Path, checkout: Path, tmp_path: Path) -> None:
    """Executed notebook, tables, and the page made from it, by papermill's own command line."""
    for here, there in (("leads.csv", "deals.csv"), ("leads.csv", "history.csv")):
        shutil.copy(clients / "Fertig" / here, tmp_path / there)
    shutil.copytree(checkout / "notebooks", tmp_path / "notebooks")
    folder = str(Path(sys.executable).parent)
    path = os.pathsep.join([folder, os.environ["PATH"]])

    run = subprocess.run(
        ["sh", "-e", "-c", _examples(checkout, "sh", "papermill")],
        cwd=tmp_path,
        env={**environment(), "PATH": path},
        capture_output=True,
        text=True,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert {"report.ipynb", "report.html"} <= {entry.name for entry in tmp_path.iterdir()}
    assert {"leads.csv", "audit.json", "decisions.xlsx"} == {entry.name for entry in (tmp_path / "tables").iterdir()}


@pytest.mark.parametrize(("name", "declared"), [("audit", AUDIT), ("backtest", BACKTEST), ("portfolio", PORTFOLIO)])
def test_papermill_reads_every_parameter_with_its_meaning(name: str, declared: dict, checkout: Path) -> None:
    """``papermill --help-notebook`` reads like a help page: no parameter is missing for a sign it cannot parse."""
    import papermill

    found = papermill.inspect_notebook(checkout / "notebooks" / f"{name}.ipynb")

    assert {key: value["help"].strip() for key, value in found.items()} == {
        key: value.meaning for key, value in declared.items()
    }


def test_the_settings_file_of_the_guide_is_valid_and_leaves_nothing_out(checkout: Path, tmp_path: Path) -> None:
    """Every key that there is stands in it, and no other."""
    (tmp_path / "batch.toml").write_text(_examples(checkout, "toml", "[batch]"), encoding="utf-8")

    many = read_written(tmp_path / "batch.toml", ManyWritten)

    assert many.batch.model_fields_set == set(Nightly.model_fields)
    assert many.audit.model_fields_set == set(Common.model_fields)
    assert many.clients["acme"].model_fields_set == set(OneOfMany.model_fields) - {"as_of", "timezone"}


@pytest.mark.parametrize(("name", "declared"), [("audit", AUDIT), ("backtest", BACKTEST), ("portfolio", PORTFOLIO)])
def test_a_mistyped_parameter_is_an_error_for_us_and_for_papermill_alone(
    name: str, declared: dict, checkout: Path, tmp_path: Path
) -> None:
    """Our runner refuses it before anything runs; under papermill alone, the notebook's first call refuses what was injected."""
    notebook = checkout / "notebooks" / f"{name}.ipynb"
    with pytest.raises(NotebookParameterError, match=r"no parameter lanuage.*Did you mean language"):
        run(notebook, tmp_path / "out.ipynb", {"lanuage": "de"}, declared=declared)

    parameters, opening = [
        cell.source for cell in nbformat.read(notebook, as_version=4).cells if cell.cell_type == "code"
    ][:2]
    injected = parameterize_notebook(load_notebook_node(str(notebook)), {"lanuage": "de"})
    (added,) = (cell.source for cell in injected.cells if "injected-parameters" in cell.metadata.get("tags", []))
    namespace: dict = {}
    exec(parameters + "\n" + added, namespace)
    with pytest.raises(NotebookParameterError, match=r"no parameter lanuage.*Did you mean language"):
        exec(opening, namespace)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("sh") is None, reason="cron calls a shell")
def test_the_line_for_cron_runs(checkout: Path, tmp_path: Path) -> None:
    """Its command, by sh, in a folder like that of the guide; what it says is in the log, without a bar."""
    (tmp_path / "clients" / "empty").mkdir(parents=True)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    script = tmp_path / ".venv" / "bin" / "leadaudit"
    script.write_text(f"#!{sys.executable}\nfrom leadaudit.cli import main\nmain()\n", encoding="utf-8")
    script.chmod(0o755)
    minute, hour, _, _, _, line = _examples(checkout, "cron", "leadaudit").split(maxsplit=5)

    done = subprocess.run(
        ["sh", "-c", line.strip().replace("/srv/audits", str(tmp_path))],
        env=environment(),
        capture_output=True,
        text=True,
    )

    log = (tmp_path / "batch.log").read_text(encoding="utf-8")
    assert (minute, hour) == ("15", "2")
    assert done.returncode == 3, done.stderr + log
    assert log.startswith("failed  empty: There is no export in the folder")
    assert "1 client: 1 audited" in log
    assert "\x1b" not in log
    assert (tmp_path / "reports" / "index.html").is_file()
