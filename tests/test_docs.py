"""The documentation says what the program does: links lead somewhere, commands exist, examples run."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from leadaudit import __version__
from leadaudit.packaged import sample_paths

CHECKOUT = Path(__file__).resolve().parent.parent
README = (CHECKOUT / "README.md").read_text(encoding="utf-8")
PAGES = sorted([*CHECKOUT.glob("*.md"), *(CHECKOUT / "docs").rglob("*.md")])

NAMED_IN_README = {"leads.csv": "deals.csv", "aktivitaeten.xlsx": "activities.xlsx", "phasenverlauf.csv": "history.csv"}

LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)#\s]+)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(CHECKOUT).as_posix())
def test_links_inside_the_repository_lead_somewhere(page):
    """A file that was moved or renamed is moved in the documentation too."""
    text = page.read_text(encoding="utf-8")

    assert [] == [target for target in LINK.findall(text) if not (page.parent / target).exists()]


def _rows(heading: str) -> list[str]:
    """First cells of the table under a heading cell in the README."""
    after = README.split(f"| {heading} |", 1)[1].splitlines()[2:]
    rows = []
    for line in after:
        if not line.startswith("|"):
            break
        rows.append(line.split("|")[1].strip().strip("`"))
    return rows


def test_the_readme_lists_the_commands_there_are():
    """No command is undocumented, none is promised."""
    import typer.main

    from leadaudit import cli

    commands = typer.main.get_command(cli.app).commands

    assert sorted(row.split()[1] for row in _rows("command")) == sorted(commands)
    assert {} == {name: command for name, command in commands.items() if not command.help}


def test_the_changelog_knows_the_current_version():
    """A release is described; before it, what is coming is."""
    text = (CHECKOUT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert f"## [{__version__}]" in text or "## [Unreleased]" in text


@pytest.mark.slow
def test_the_python_example_of_the_readme_runs(tmp_path):
    """What a reader copies works as it stands, here on the sample under the names of the example."""
    (example,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    for path in sample_paths():
        shutil.copy(path, tmp_path / NAMED_IN_README[path.name])
    checked = example + "\nassert len(audit.leads) > 0 and len(audit.findings) > 0\n"

    run = subprocess.run(
        [sys.executable, "-c", checked], cwd=tmp_path, capture_output=True, text=True, encoding="utf-8"
    )

    assert run.returncode == 0, run.stderr
