"""Full disks, folders that cannot be written, notebooks that stop: one sentence, nothing half done."""

from __future__ import annotations

import ctypes
import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from batching import command, environment, leadaudit_run

from leadaudit import delivery
from leadaudit.batch.record import load_entries
from leadaudit.delivery import Order
from leadaudit.errors import NotebookRunError, OutputError
from leadaudit.report.placing import FAILED, check_folder


def test_the_notebook_of_an_unknown_error_stays_until_a_run_succeeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message names report.failed.ipynb, so it has to be there; it makes the folder nobody else's."""

    def fail(_: Path, output: Path, *__: object, **___: object) -> None:
        output.with_suffix(".failed.ipynb").write_text("{}", encoding="utf-8")
        raise NotebookRunError(
            "notebook_failed", notebook="audit.ipynb", cell=4, ename="ValueError", evalue="x", kept=FAILED
        )

    monkeypatch.setattr(delivery, "run", fail)
    with pytest.raises(NotebookRunError, match=FAILED):
        delivery.deliver(Order((), pdf=False), tmp_path / "out")

    assert [path.name for path in (tmp_path / "out").iterdir()] == [FAILED]
    check_folder(tmp_path / "out")


def test_a_disk_that_fills_up_in_the_notebook_is_called_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel cannot leave the facts of its error on a full disk; its words are read instead."""

    def fail(*_: object, **__: object) -> None:
        words = f"[Errno {errno.ENOSPC}] No space left on device: 'leads.csv'"
        raise NotebookRunError(
            "notebook_failed", notebook="audit.ipynb", cell=9, ename="OSError", evalue=words, kept=FAILED
        )

    monkeypatch.setattr(delivery, "run", fail)
    with pytest.raises(OutputError, match="no room left on the disk"):
        delivery.deliver(Order((), pdf=False), tmp_path / "out")
    assert not (tmp_path / "out").exists()


# --- for real -----------------------------------------------------------------------------------


def _without_rights() -> None:
    """A root that permissions bind like anybody else; runs in the child just before the command."""
    libc = ctypes.CDLL(None, use_errno=True)
    for right in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        if os.geteuid() == 0 and libc.prctl(24, right, 0, 0, 0) != 0:  # PR_CAPBSET_DROP
            os._exit(99)


def _one_lead(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "leads.csv").write_text(
        "Lead-ID;Status;Erstellt am\n1;Offen;01.01.2026\n2;Offen;03.01.2026\n", encoding="utf-8"
    )


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="rights are taken from root in Linux's way")
def test_a_folder_without_write_permission_costs_its_client_one_sentence_for_real(tmp_path: Path) -> None:
    """The system itself refuses; what lay in the folder is untouched, and the record is kept."""
    _one_lead(tmp_path / "clients" / "a")
    locked = tmp_path / "out" / "a"
    locked.mkdir(parents=True)
    (locked / "audit.json").write_text('{"schema_version": 1, "files": {}}', encoding="utf-8")
    entry = {"client": "a", "slug": "a", "place": "../clients/a"}
    (tmp_path / "out" / "batch.json").write_text(
        json.dumps({"schema_version": 1, "clients": [entry]}), encoding="utf-8"
    )
    locked.chmod(0o555)
    words = ["batch", str(tmp_path / "clients" / "*"), "-o", str(tmp_path / "out"), "--no-pdf"]

    run = subprocess.run(
        command(*words), env=environment(), preexec_fn=_without_rights, capture_output=True, text=True, encoding="utf-8"
    )  # fmt: skip
    locked.chmod(0o755)

    if run.returncode == 99:
        pytest.skip("this root may not give up its rights")
    assert run.returncode == 3, run.stdout + run.stderr
    said = [line for line in run.stdout.splitlines() if line.startswith("failed")]
    assert len(said) == 1
    assert "cannot be written (Permission denied). Nothing was changed." in said[0]
    assert [path.name for path in locked.iterdir()] == ["audit.json"]
    assert load_entries(tmp_path / "out")[0].error["code"] == "cannot_write"


@pytest.fixture
def small_disk(tmp_path: Path):
    """A disk of one and a half megabytes: a report does not fit on it."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    run = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1500k", "tmpfs", str(disk)], capture_output=True, text=True
    )
    if run.returncode:
        pytest.skip(f"no small disk can be mounted here: {run.stderr.strip()}")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


@pytest.mark.slow
def test_a_disk_that_fills_up_costs_its_client_one_sentence_for_real(small_disk: Path, tmp_path: Path) -> None:
    """No half written file is left, the record is whole, and with room again the next run audits."""
    _one_lead(tmp_path / "clients" / "a")
    words = ["batch", str(tmp_path / "clients" / "*"), "-o", str(small_disk / "out"), "--no-pdf"]

    run = leadaudit_run(*words)

    assert run.returncode == 3, run.stdout + run.stderr
    said = [line for line in run.stdout.splitlines() if line.startswith("failed")]
    assert len(said) == 1
    assert "There is no room left on the disk" in said[0]
    left = {
        path.relative_to(small_disk).as_posix()
        for path in small_disk.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }
    assert left <= {"out/batch.json", "out/portfolio.failed.ipynb"}
    assert [entry.status for entry in load_entries(small_disk / "out")] == ["failed"]
    assert not list(small_disk.rglob(".leadaudit-new-*"))
