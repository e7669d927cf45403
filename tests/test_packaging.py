"""What a user installs: the wheel holds all it needs, nothing else, and works from an empty folder."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent

# Where the top-level folders lie inside the wheel (pyproject.toml, force-include).
TRAVELS_AS = {"notebooks/": "leadaudit/_notebooks/", "data/sample/": "leadaudit/_sample/"}

NO_INDEX = (
    "could not find a version that satisfies",
    "no matching distribution found",
    "connection",
    "temporary failure in name resolution",
    "timed out",
)


def _clean_environment() -> dict[str, str]:
    """The environment without what would let an installed program see the checkout."""
    ours = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "LEADAUDIT_SHARED"}
    return {name: value for name, value in os.environ.items() if name not in ours}


def _run(command: list[str | Path], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env=_clean_environment() | {"PYTHONUTF8": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
    )


@pytest.fixture(scope="session")
def wheel(tmp_path_factory) -> Path:
    """The wheel as a release would have it, built from what lies in the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    run = _run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, CHECKOUT], folder)
    assert run.returncode == 0, run.stdout + run.stderr
    (built,) = folder.glob("leadaudit-*.whl")
    return built


@pytest.fixture(scope="session")
def installed(wheel, tmp_path_factory) -> Path:
    """The programs of a fresh environment that has the wheel and what it depends on, no development tool."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    pins = CHECKOUT / "constraints.txt"
    run = _run([programs / "python", "-m", "pip", "install", "--quiet", "--constraint", pins, wheel], folder)
    if run.returncode != 0 and any(sign in run.stderr.lower() for sign in NO_INDEX):
        pytest.skip(f"no package index can be reached: {run.stderr.strip().splitlines()[-1]}")
    assert run.returncode == 0, run.stderr
    return programs


@pytest.fixture
def tracked() -> list[str]:
    """What git tracks of the package, the notebooks and the sample."""
    run = _run(["git", "ls-files", "-z", "leadaudit", *(folder.rstrip("/") for folder in TRAVELS_AS)], CHECKOUT)
    if run.returncode != 0:
        pytest.skip("not a git clone: what belongs into the wheel cannot be told")
    return [name for name in run.stdout.split("\0") if name and (CHECKOUT / name).is_file()]


def test_the_wheel_holds_what_git_tracks_and_nothing_else(wheel, tracked):
    """A forgotten notebook, a stray checkpoint or a client's file in the checkout would show here."""
    expected = {_in_wheel(name) for name in tracked}

    shipped = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}

    assert set() == expected - shipped, "new notebooks and the sample are named in pyproject.toml, force-include"
    assert set() == shipped - expected - _untracked_modules()


def _in_wheel(name: str) -> str:
    for here, there in TRAVELS_AS.items():
        if name.startswith(here):
            return there + name.removeprefix(here)
    return name


def _untracked_modules() -> set[str]:
    """Source files that are written but not yet added to git; a wheel of the work in progress has them."""
    run = _run(["git", "ls-files", "-z", "--others", "--exclude-standard", "leadaudit"], CHECKOUT)
    return {name for name in run.stdout.split("\0") if name.endswith((".py", ".toml", ".j2", ".css", ".js"))}


def test_the_wheel_says_what_it_is(wheel):
    """Licence, type marker, command and lower Python bound travel along."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (metadata,) = (archive.read(n).decode("utf-8") for n in names if n.endswith(".dist-info/METADATA"))
        (commands,) = (archive.read(n).decode("utf-8") for n in names if n.endswith("entry_points.txt"))

    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert "leadaudit/py.typed" in names
    assert "leadaudit = leadaudit.cli:main" in commands
    assert "Requires-Python: >=3.11" in metadata


@pytest.mark.slow
def test_the_demo_runs_from_an_installed_wheel(installed, tmp_path):
    """A user without the checkout and without development tools gets the demo's report in an empty folder."""
    run = _run([installed / "leadaudit", "demo"], tmp_path)

    assert run.returncode == 0, run.stdout + run.stderr
    made = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert {"report.html", "report.ipynb", "leads.csv", "audit.json", "decisions.xlsx"} <= made
    (report,) = tmp_path.rglob("report.html")
    assert report.name in run.stdout


@pytest.mark.slow
def test_an_installed_package_is_whole(installed, tmp_path):
    """Nothing that the package imports at its core is a development dependency, and pip finds no conflict."""
    check = _run([installed / "python", "-m", "pip", "check"], tmp_path)
    code = "import leadaudit, leadaudit.packaged as p; print(leadaudit.__file__); print(len(p.notebook_names()))"
    found = _run([installed / "python", "-c", code], tmp_path)

    assert check.returncode == 0, check.stdout
    assert found.returncode == 0, found.stderr
    place, notebooks = found.stdout.split("\n")[:2]
    assert not Path(place).is_relative_to(CHECKOUT)
    assert len(list((CHECKOUT / "notebooks").glob("*.ipynb"))) == int(notebooks)
