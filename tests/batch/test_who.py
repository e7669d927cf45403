"""Who is audited when: only what changed, each in its own folder, nobody because of another."""

from __future__ import annotations

import errno
import multiprocessing
import os
from pathlib import Path

import pytest
from batching import NO_PDF, Inline, a_record, three

from leadaudit import delivery
from leadaudit.batch import batch, night, working
from leadaudit.delivery import Order
from leadaudit.errors import ExportReadError, LeadAuditError, OutputError


def test_only_what_changed_is_audited_and_force_audits_all(quick: list[str], tmp_path: Path) -> None:
    """Files, settings and a report that is gone count; another look at the same files does not."""
    clients, out = three(tmp_path / "clients"), tmp_path / "out"

    def again(**settings: object) -> list[str]:
        quick.clear()
        shared = Order((), pdf=False, as_of=str(settings.pop("as_of", "")))
        batch([str(clients / "*")], out, shared=shared, executor=Inline(), **settings)
        return sorted(quick)

    assert again() == ["a", "b", "c"]
    assert again() == []
    (clients / "b" / "leads.csv").write_text("Lead-ID;Status\nb;Gewonnen\n", encoding="utf-8")
    assert again() == ["b"]
    (out / "c" / "report.html").unlink()
    assert again() == ["c"]
    assert again(force=True) == ["a", "b", "c"]
    assert again(as_of="2026-01-01") == ["a", "b", "c"]


def test_a_client_keeps_its_folder_whoever_comes_later(quick: list[str], tmp_path: Path) -> None:
    """A second client of the same name gets another folder, even if it sorts before the first."""
    for where in ("2025", "2024"):
        (tmp_path / where / "Acme").mkdir(parents=True)
        (tmp_path / where / "Acme" / "leads.csv").write_text("Lead-ID;Status\n1;Offen\n", encoding="utf-8")
        found = batch([str(tmp_path / "20*" / "*")], tmp_path / "out", shared=NO_PDF, executor=Inline())

    assert {entry.place: entry.slug for entry in found.entries} == {"../2025/Acme": "acme", "../2024/Acme": "acme-2"}


def test_trouble_of_the_machine_is_tried_again_and_trouble_of_the_files_is_not(
    quick: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk may have room tomorrow; a damaged file stays damaged until it changes."""
    clients, out = three(tmp_path / "clients"), tmp_path / "out"
    working_ = working.deliver
    tried: list[str] = []

    def deliver(order: Order, folder: Path, **options: object):
        tried.append(folder.name)
        if folder.name == "a":
            raise OSError(errno.ENOSPC, "No space left on device", str(folder / "report.html"))
        if folder.name == "b":
            raise ExportReadError("file_corrupt", path="leads.csv", reason="it ends in the middle")
        return working_(order, folder, **options)

    monkeypatch.setattr(working, "deliver", deliver)
    first = batch([str(clients / "*")], out, shared=NO_PDF, executor=Inline())
    tried.clear()
    batch([str(clients / "*")], out, shared=NO_PDF, executor=Inline())

    assert {entry.slug: entry.error and entry.error["code"] for entry in first.entries} == {
        "a": "disk_full",
        "b": "file_corrupt",
        "c": None,
    }
    assert tried == ["a"]


def test_a_folder_that_cannot_be_written_costs_its_client_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are audited, and nothing half written is left in it."""
    clients, out = three(tmp_path / "clients"), tmp_path / "out"
    (out / "b").mkdir(parents=True)
    (out / "batch.json").write_text('{"schema_version": 1, "clients": []}', encoding="utf-8")
    monkeypatch.setattr(night, "make_pages", lambda *_: None)

    def refuse(prefix: str, dir: Path) -> str:  # noqa: A002 - as tempfile calls it
        raise PermissionError(errno.EACCES, "Permission denied", str(dir))

    monkeypatch.setattr("leadaudit.report.placing.tempfile.mkdtemp", refuse)
    found = batch([str(clients / "*")], out, shared=NO_PDF, executor=Inline())

    assert [entry.error["code"] for entry in found.entries] == ["cannot_write"] * 3
    assert found.exit_code == 3
    assert [path for path in out.rglob("*") if path.is_file() and not path.name.startswith(".")] == [out / "batch.json"]


def test_a_record_that_cannot_be_written_is_said_and_stops_nobody(
    quick: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reports are in place, the old record is whole, the exit code is 3."""
    clients, out = three(tmp_path / "clients"), tmp_path / "out"
    batch([str(clients / "*")], out, shared=NO_PDF, executor=Inline())
    before = (out / "batch.json").read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    monkeypatch.setattr(working, "deliver", lambda order, folder, **_: delivery.Delivered(None, a_record(), None))
    found = batch([str(clients / "*")], out, shared=NO_PDF, executor=Inline(), force=True)

    assert found.audited == ("a", "b", "c")
    assert found.unwritten is not None
    assert found.unwritten.code == "disk_full"
    assert found.exit_code == 3
    assert (out / "batch.json").read_bytes() == before


def test_a_foreign_folder_and_a_name_that_leads_nowhere_are_refused(tmp_path: Path) -> None:
    """Before anything is done, with one sentence."""
    clients = three(tmp_path / "clients")
    with pytest.raises(OutputError, match="not an audit's own"):
        batch([str(clients / "*")], clients)
    with pytest.raises(LeadAuditError, match="There is no file"):
        batch([str(tmp_path / "nobody" / "*")], tmp_path / "out")


@pytest.mark.skipif(os.name == "nt", reason="two locks in one process are one on Windows")
def test_two_batches_do_not_work_in_the_same_folder(quick: list[str], tmp_path: Path) -> None:
    """A night that takes longer than a day meets the next one with a sentence."""
    clients, out = three(tmp_path / "clients"), tmp_path / "out"
    errors: list[str] = []

    def meanwhile(*_: object) -> None:
        with pytest.raises(OutputError) as caught:
            batch([str(clients / "*")], out, shared=NO_PDF, executor=Inline())
        errors.append(caught.value.code)

    batch([str(clients / "*")], out, shared=NO_PDF, executor=Inline(), progress=meanwhile)

    assert errors == ["batch_running"] * 3


def _dies_on_b(task):
    if task.slug == "b":
        os._exit(1)
    return working.Done(record={"slug": task.slug})


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="the dying worker is planted by fork")
def test_a_worker_that_dies_takes_nobody_along(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whoever was at work beside it is tried again; the one to blame fails with a sentence."""
    fork = multiprocessing.get_context("fork")
    monkeypatch.setattr(working, "work", _dies_on_b)
    monkeypatch.setattr(working.multiprocessing, "get_context", lambda _: fork)
    came: dict[str, working.Done] = {}

    tasks = [working.Task(name, NO_PDF, tmp_path) for name in "abcd"]
    working.run_all(tasks, lambda task, done: came.__setitem__(task.slug, done), jobs=2)

    assert {slug: done.error and done.error["code"] for slug, done in came.items()} == {
        "a": None,
        "b": "worker_died",
        "c": None,
        "d": None,
    }
