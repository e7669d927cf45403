"""Setting up with make: one clear sentence where the machine lacks something."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent

pytestmark = pytest.mark.skipif(
    os.name == "nt" or not shutil.which("make"), reason="make is not here; pip install . does the same"
)

WITHOUT_ENSUREPIP = f'#!/bin/sh\ncase "$*" in *ensurepip*) exit 1;; esac\nexec {sys.executable} "$@"\n'
TOO_OLD = '#!/bin/sh\ncase "$*" in *version_info*) exit 1;; esac\nexit 0\n'


def _make_environment(folder: Path, pythons: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Let make create an environment on a machine that has only these Pythons."""
    programs = folder / "programs"
    programs.mkdir()
    for name in ("make", "sh"):
        (programs / name).symlink_to(shutil.which(name))
    for name, script in pythons.items():
        (programs / name).write_text(script, encoding="utf-8")
        (programs / name).chmod(0o755)
    environment = folder / "environment"
    command = ["make", "--no-print-directory", f"VENV={environment}", f"{environment}/bin/python"]
    clean = {"PATH": str(programs)}
    return subprocess.run(command, cwd=CHECKOUT, env=clean, capture_output=True, text=True, encoding="utf-8")


@pytest.mark.parametrize("pythons", [{}, {"python3": TOO_OLD}], ids=["none", "too old"])
def test_without_a_new_python_make_says_which_is_needed(tmp_path, pythons):
    """The reader learns the lowest version and how to name another Python."""
    run = _make_environment(tmp_path, pythons)

    assert run.returncode != 0
    assert "No Python 3.11 or newer was found" in run.stderr
    assert "make PYTHON=" in run.stderr


def test_without_venv_make_says_what_to_install(tmp_path):
    """Debian's Python comes without venv; the sentence names the package."""
    run = _make_environment(tmp_path, {"python3": WITHOUT_ENSUREPIP})

    assert run.returncode != 0
    assert "apt install python3-venv" in run.stderr
    assert not (tmp_path / "environment").exists()


def test_an_older_python_first_on_the_path_is_passed_over(tmp_path):
    """A machine with several Pythons gets its environment from one that is new enough."""
    run = _make_environment(tmp_path, {"python3.13": TOO_OLD, "python3": f'#!/bin/sh\nexec {sys.executable} "$@"\n'})

    assert run.returncode == 0, run.stderr
    assert (tmp_path / "environment" / "bin" / "python").exists()
