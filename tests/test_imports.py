"""Who imports whom, and what importing the package costs."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import leadaudit

HEAVY = ["pandas", "numpy", "duckdb", "pyarrow", "narwhals", "plotly", "pydantic", "papermill", "IPython", "openpyxl"]

ROOMS_OF_PUBLIC_NAMES = sorted(leadaudit._HOME.items())


def _in_new_python(code: str, folder: Path) -> str:
    """What a fresh interpreter prints, started outside the checkout."""
    path = os.pathsep.join([str(Path(leadaudit.__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_importing_the_package_loads_nothing_heavy(tmp_path):
    """``import leadaudit`` stays fast because no large library comes with it."""
    loaded = json.loads(_in_new_python("import json, sys, leadaudit; print(json.dumps(sorted(sys.modules)))", tmp_path))

    assert [] == [name for name in HEAVY if name in loaded]


def test_the_process_that_waits_for_the_notebook_loads_no_pandas(tmp_path):
    """The notebook's own process reads and judges; loading pandas a second time would only be waited for."""
    code = "import json, sys, leadaudit.delivery, leadaudit.report.html, leadaudit.report.pdf, leadaudit.report.record"
    loaded = json.loads(_in_new_python(f"{code}; print(json.dumps(sorted(sys.modules)))", tmp_path))

    assert [] == [name for name in ("pandas", "duckdb", "plotly", "openpyxl") if name in loaded]


def test_rooms_import_only_rooms_above_them(checkout, monkeypatch, capsys):
    """import-linter finds no room that imports one that comes later in the walk of the data."""
    from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

    monkeypatch.chdir(checkout)

    status = lint_imports(config_filename="pyproject.toml", no_cache=True)

    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out


def test_the_result_object_imports_later_rooms_only_when_asked(checkout):
    """``audit.py`` may use rooms below it, but not at import: that would close a circle."""
    source = checkout / "leadaudit" / "audit.py"
    later = {"report", "explore", "compare", "decisions", "notebooks", "batch", "simulate", "cli"}

    at_import = _imported_rooms(ast.parse(source.read_text(encoding="utf-8")))

    assert set() == at_import & later


def _imported_rooms(tree: ast.Module) -> set[str]:
    """First-level rooms of leadaudit that a module imports when it is itself imported."""
    rooms: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "leadaudit":
            inner = node.module.split(".")[1:2]
            rooms.update(inner or [alias.name for alias in node.names])
        elif isinstance(node, ast.Import):
            rooms.update(a.name.split(".")[1] for a in node.names if a.name.startswith("leadaudit."))
    return rooms


@pytest.mark.parametrize(("name", "home"), ROOMS_OF_PUBLIC_NAMES)
def test_a_public_name_is_what_its_room_defines(name, home, tmp_path):
    """Each public name resolves, and stays itself when the room of the same name is imported first."""
    code = (
        f"import importlib, sys, leadaudit; importlib.import_module({home!r})\n"
        f"print(getattr(leadaudit, {name!r}) is getattr(sys.modules[{home!r}], {name!r}))"
    )  # a function and its module share a name in two places: leadaudit.audit, leadaudit.ingest.read

    assert _in_new_python(code, tmp_path).strip() == "True"


def test_an_unknown_name_is_an_attribute_error():
    """A mistyped name fails like any other attribute, so that ``hasattr`` works."""
    with pytest.raises(AttributeError, match="has no attribute 'red'"):
        leadaudit.red  # noqa: B018


def test_public_names_are_listed_for_completion():
    """A notebook's completion offers exactly the public names."""
    assert sorted(leadaudit.__all__) == dir(leadaudit)


def test_a_room_can_be_reached_as_an_attribute(tmp_path):
    """``leadaudit.tables`` works without a separate import, as people type it in a notebook."""
    printed = _in_new_python("import leadaudit; print(leadaudit.tables.__name__)", tmp_path)

    assert printed.strip() == "leadaudit.tables"


@pytest.mark.parametrize(
    "first", ["import leadaudit.ingest.read", "import leadaudit", "from leadaudit.ingest import read"]
)
def test_a_name_shared_with_a_module_is_the_function_whatever_came_first(first, tmp_path):
    """``read`` can be called in every way of importing it."""
    printed = _in_new_python(
        f"{first}\nimport leadaudit, leadaudit.ingest\nfrom leadaudit.ingest import read\n"
        "print(callable(read), read is leadaudit.read, read is leadaudit.ingest.read)",
        tmp_path,
    )

    assert printed.split() == ["True", "True", "True"]
