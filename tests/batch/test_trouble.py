"""Full disks, folders that cannot be written, notebooks that stop: one sentence, nothing half done."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from leadaudit import delivery
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
