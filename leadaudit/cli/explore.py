"""The command for looking around: explore."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from leadaudit.cli.options import AsOf, Dated, KeyFile, MappingFile, Privacy, Speech, Zone
from leadaudit.cli.speaking import language_of, out
from leadaudit.errors import MissingExtraError
from leadaudit.language import sentence

FileNames = Annotated[
    list[str] | None,
    typer.Argument(
        help="Exports of the CRM (CSV, Excel) or an audit.toml; patterns such as *.csv. Default: the packaged sample.",
        metavar="[FILE]...",
    ),
]
Output = Annotated[
    Path, typer.Option("--output", "-o", help="Folder for the notebook. Default: the working folder.", metavar="DIR")
]
Open = Annotated[
    bool, typer.Option("--open/--no-open", help="Open JupyterLab on the notebook, or only write it (VS Code, Voilà).")
]
Browser = Annotated[
    bool, typer.Option("--browser/--no-browser", help="With --no-browser JupyterLab runs and prints its address.")
]

QUIET = (
    "--ServerApp.ip=127.0.0.1",
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
)
"""On this computer only, and nothing is asked of the internet."""


def explore(
    exports: FileNames = None,
    output: Output = Path(),
    as_of: AsOf = "",
    language: Speech = None,
    timezone: Zone = "",
    privacy: Privacy = None,
    key: KeyFile = None,
    mapping: MappingFile = None,
    dated: Dated = None,
    open_: Open = True,
    browser: Browser = True,
) -> None:
    """Copy the exploration notebook into the working folder, set up for these files, and open JupyterLab on it."""
    from leadaudit.notebooks.exploring import write_notebook
    from leadaudit.notebooks.opening import paths_of

    if open_ and not all(find_spec(name) for name in ("jupyterlab", "ipywidgets", "anywidget", "itables")):
        raise MissingExtraError("extra_missing", extra="lab")
    named = list(exports or ())
    process = named[0] if len(named) == 1 and named[0].endswith(".toml") else ""
    paths = () if process else paths_of(";".join(named))
    parameters = {
        "files": ";".join(_from(output, path) for path in paths),
        **{name: _from(output, Path(path)) if path else "" for name, path in (("process", process), ("key", key), ("mapping", mapping))},
        "dated": ";".join(dated or ()), "as_of": as_of, "language": language or "", "timezone": timezone, "privacy": privacy or "",
    }  # fmt: skip
    notebook = write_notebook(output, parameters)
    spoken = language_of(language)
    out.print(sentence("explore.written", spoken, path=str(notebook)), markup=False)
    if notebook.stem != "explore":
        out.print(sentence("explore.next_name", spoken), markup=False)
    if open_:
        out.print(sentence("explore.stop", spoken), markup=False)
        run = command(notebook, browser=browser)
        started = subprocess.run(run, cwd=notebook.resolve().parent, env=environment(), check=False)  # noqa: S603 - this Python, our options
        raise typer.Exit(started.returncode)


def command(notebook: Path, *, browser: bool) -> Sequence[str]:
    """How JupyterLab is started on a notebook, from its folder."""
    return [sys.executable, "-m", "jupyterlab", notebook.name, *QUIET, *([] if browser else ["--no-browser"])]


def environment() -> dict[str, str]:
    """The environment for JupyterLab: it finds our settings beside those of the person, which come first.

    They keep it from asking whether it may fetch news.
    """
    ours = str(files("leadaudit.explore"))
    before = os.environ.get("JUPYTER_CONFIG_PATH", "")
    return {**os.environ, "JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, (before, ours)))}


def _from(folder: Path, path: Path) -> str:
    """A path as the notebook reads it: from its own folder where it lies below, else absolute."""
    whole, home = path.resolve(), folder.resolve()
    return whole.relative_to(home).as_posix() if whole.is_relative_to(home) else str(whole)
