"""Many clients: one that fails costs nobody else anything, what has not changed is left, nothing is ever half done."""

from __future__ import annotations

import errno
import hashlib
import json
import multiprocessing
import os
import re
import shutil
import signal
import subprocess
import sys
import warnings
from concurrent.futures import Executor, Future
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from leadaudit import delivery, simulate
from leadaudit.batch import Entry, batch, condition, metrics_of, night, working
from leadaudit.batch.clients import find_clients, free_slug
from leadaudit.batch.record import load_entries
from leadaudit.delivery import Order
from leadaudit.errors import ConfigError, ExportReadError, LeadAuditError, NotebookRunError, OutputError
from leadaudit.notebooks.opening import AUDIT, BACKTEST, PORTFOLIO
from leadaudit.report.placing import FAILED, check_folder
from leadaudit.report.portfolio import Portfolio, comparison, quantiles

NO_PDF = Order((), pdf=False)
BROKEN = {"Kaputt": "file_corrupt", "Ohne Nummer": "no_id_or_stage", "Firma Fehlt": "file_missing"}


def _client(folder: Path, seed: int, **layout: str) -> None:
    simulate.write_export(simulate.leads(16, 6, seed, language=layout.get("language", "de")), folder, **layout)


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three clients with exports of different CRMs, one of them without open leads, and three that are broken."""
    folder = tmp_path_factory.mktemp("clients")
    _client(folder / "Müller & Söhne", 1, shape="leads_only")
    _client(folder / "Acme", 2, crm="hubspot", language="en", shape="leads_only")
    (folder / "Fertig").mkdir()
    rows = [f"{n};{'Gewonnen' if n % 3 else 'Verloren'};{n:02}.01.2026;{n:02}.03.2026" for n in range(1, 25)]
    header = "Lead-ID;Status;Erstellt am;Abgeschlossen am"
    (folder / "Fertig" / "leads.csv").write_text("\n".join([header, *rows]), encoding="utf-8")
    (folder / "Kaputt").mkdir()
    (folder / "Kaputt" / "leads.xlsx").write_bytes(b"PK\x03\x04" + bytes(range(200)))
    (folder / "Ohne Nummer").mkdir()
    (folder / "Ohne Nummer" / "leads.csv").write_text("Farbe;Ort\nrot;Bonn\nblau;Ulm\n", encoding="utf-8")
    (folder / "fehlt").mkdir()
    settings = '[audit]\nclient = "Firma Fehlt"\nfiles = ["deals.csv"]\n'
    (folder / "fehlt" / "audit.toml").write_text(settings, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def undisturbed(clients: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a batch over all of them, with processes of our own."""
    folder = tmp_path_factory.mktemp("undisturbed") / "out"
    run = _leadaudit("batch", str(clients / "*"), "-o", str(folder), "--no-pdf", "--fail-on", "leads_count>1")
    (folder.parent / "said.txt").write_text(f"{run.returncode}\n{run.stdout}", encoding="utf-8")
    assert run.returncode == 3, run.stdout + run.stderr
    return folder


def _leadaudit(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        _command(*words),
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        env=_environment(),
    )


def _command(*words: str) -> list[str]:
    return [sys.executable, "-c", "from leadaudit.cli import main; main()", *words]


def _environment() -> dict[str, str]:
    path = os.pathsep.join([str(Path(night.__file__).parents[2]), os.environ.get("PYTHONPATH", "")])
    return {**os.environ, "PYTHONPATH": path, "PYTHONUTF8": "1", "LANG": "C"}


def _tree(folder: Path) -> dict[str, str]:
    """Every visible file by its path, with the hash of its bytes."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


class Inline(Executor):
    """Does each task at once, in this process."""

    def submit(self, task, /, *args, **kwargs):
        done: Future = Future()
        try:
            done.set_result(task(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001 - an executor hands on whatever happened
            done.set_exception(error)
        return done


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch):
    """Audits and overview replaced by what they leave behind: for tests of who is audited when."""
    counts = {"progressing": 3, "stalled": 1, "overdue": 1, "paused": 0, "undetermined": 0, "ended": 9}
    told: list[str] = []

    def deliver(order: Order, folder: Path, **_: object) -> delivery.Delivered:
        told.append(folder.name)
        size = order.files[0].stat().st_size
        record = {"schema_version": 1, "language": "de", "as_of": "2026-01-01T00:00:00", "evidence": "H", "counts": counts}
        record |= {"rows": {"read": size, "set_aside": 0, "leads": 14}, "findings": [], "files": {}}
        folder.mkdir(exist_ok=True)
        for name in ("audit.json", "report.html"):
            (folder / name).write_text(json.dumps(record), encoding="utf-8")
        return delivery.Delivered(None, record, None)

    monkeypatch.setattr(working, "deliver", deliver)
    monkeypatch.setattr(night, "make_pages", lambda *_: None)
    return told


def _three(folder: Path) -> Path:
    for name in ("a", "b", "c"):
        (folder / name).mkdir(parents=True)
        (folder / name / "leads.csv").write_text(f"Lead-ID;Status\n{name};Offen\n", encoding="utf-8")
    return folder


# --- the real thing -----------------------------------------------------------------------------


@pytest.mark.slow
def test_a_broken_client_costs_one_sentence_and_the_others_nothing(undisturbed: Path) -> None:
    """Three reports, three sentences, exit code 3 even though a limit is reached too."""
    entries = {entry.client: entry for entry in load_entries(undisturbed)}
    said = (undisturbed.parent / "said.txt").read_text(encoding="utf-8")

    assert {name: entry.error["code"] for name, entry in entries.items() if entry.error} == BROKEN
    assert all((undisturbed / slug / "report.html").is_file() for slug in ("acme", "fertig", "mueller-soehne"))
    assert said.splitlines()[0] == "3"
    assert all(f"{entry.error['sentence']}" in said for entry in entries.values() if entry.error)
    assert said.count("limit   ") == 3
    assert entries["Fertig"].metrics["open_count"] == 0


@pytest.mark.slow
def test_the_notebook_of_a_failed_run_is_kept_and_named(undisturbed: Path) -> None:
    """Whoever looks into it finds the cell that stopped; a client whose file is missing needs none."""
    kept = {entry.client: entry.notebook for entry in load_entries(undisturbed) if entry.status == "failed"}

    assert kept == {"Kaputt": FAILED, "Ohne Nummer": FAILED, "Firma Fehlt": ""}
    assert "is damaged" in (undisturbed / "kaputt" / FAILED).read_text(encoding="utf-8")


@pytest.mark.slow
def test_batch_json_keeps_its_promise(undisturbed: Path, checkout: Path) -> None:
    """It fits the JSON schema in docs."""
    schema = json.loads((checkout / "docs" / "batch.schema.json").read_text(encoding="utf-8"))

    jsonschema.Draft202012Validator(schema).validate(json.loads((undisturbed / "batch.json").read_text(encoding="utf-8")))


@pytest.mark.slow
def test_the_overview_names_and_links_every_client_and_the_comparison_none(undisturbed: Path) -> None:
    """index.html is for the consultant, comparison.html for anybody."""
    index = (undisturbed / "index.html").read_text(encoding="utf-8")
    other = (undisturbed / "comparison.html").read_text(encoding="utf-8")

    assert all(f'href="{slug}/report.html"' in index for slug in ("acme", "fertig", "mueller-soehne"))
    assert f'href="kaputt/{FAILED}"' in index
    assert "Müller &amp; Söhne" in index
    assert not [entry for entry in load_entries(undisturbed) if entry.client in other or f">{entry.slug}" in other]


@pytest.mark.slow
def test_a_second_run_does_nothing_and_one_changed_client_is_audited_alone(clients: Path, undisturbed: Path, tmp_path: Path) -> None:
    """What has not changed keeps its bytes; the changed one keeps its numbers of before."""
    shutil.copytree(clients, tmp_path / clients.name)
    again = Path(shutil.copytree(undisturbed, tmp_path / undisturbed.parent.name / "out"))
    before = _tree(again)
    patterns = [str(tmp_path / clients.name / "*")]  # seen from the results, they lie where the originals do

    nothing = batch(patterns, again, shared=NO_PDF, executor=Inline(), fail_on=["leads_count>1"])
    assert nothing.audited == ()
    assert nothing.exit_code == 3
    assert _tree(again) == before

    with (tmp_path / clients.name / "Fertig" / "leads.csv").open("a", encoding="utf-8") as stream:
        stream.write("\n99;Gewonnen;01.01.2026;02.03.2026")
    changed = batch(patterns, again, shared=NO_PDF, executor=Inline())
    entry = next(entry for entry in changed.entries if entry.slug == "fertig")
    assert changed.audited == ("fertig",)
    assert (entry.previous["metrics"]["leads_count"], entry.metrics["leads_count"]) == (24, 25)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="kill -9 is a thing of POSIX")
def test_a_batch_that_is_killed_is_finished_by_the_next(clients: Path, undisturbed: Path, tmp_path: Path) -> None:
    """After kill -9 in the middle no report is half there, and the next run gives what an undisturbed one gives."""
    folder = tmp_path / "out"
    words = ["batch", *(str(clients / name) for name in ("Acme", "Fertig", "fehlt")), "-o", str(folder), "--no-pdf"]
    with subprocess.Popen([*_command(*words), "--jobs", "1"], env=_environment(), stdout=subprocess.PIPE) as process:
        while b"done" not in process.stdout.readline():  # the first report is in place, the second under way
            assert process.poll() is None
        os.kill(process.pid, signal.SIGKILL)
    half = {entry.slug: entry.status for entry in load_entries(folder)}

    run = _leadaudit(*words)

    assert sorted(half.values()) == ["done", "failed", "waiting"]
    assert run.returncode == 3, run.stderr
    assert run.stdout.count("done    ") == 1
    assert not list(folder.rglob(".leadaudit-new-*"))
    expected = _entries(undisturbed)
    assert _entries(folder) == {slug: expected[slug] for slug in half}
    for slug in ("acme", "fertig"):
        assert _tree(folder / slug) == _tree(undisturbed / slug)


def _entries(folder: Path) -> dict[str, Entry]:
    """What batch.json says of each client, but for where it lies."""
    return {entry.slug: replace(entry, place="") for entry in load_entries(folder)}


@pytest.mark.slow
def test_a_dask_cluster_over_tcp_does_the_same_and_survives_a_worker_that_dies(clients: Path, undisturbed: Path, tmp_path: Path) -> None:
    """The scheduler hands the work of a dead worker to another; the report is the same, byte for byte."""
    distributed = pytest.importorskip("distributed", reason="the extra cluster is not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the cluster's own, as workers die
        with (
            distributed.LocalCluster(
                n_workers=2, threads_per_worker=1, processes=True, protocol="tcp://", dashboard_address=None, silence_logs=50
            ) as cluster,
            distributed.Client(cluster) as client,
        ):
            client.wait_for_workers(2)
            doomed = next(iter(client.run(os.getpid).values()))
            killed: list[str] = []

            def kill_once(entry, done_count, all_count) -> None:
                if not killed:
                    killed.append(entry.slug)
                    os.kill(doomed, signal.SIGTERM if os.name == "nt" else signal.SIGKILL)

            broken = str(clients / "fehlt")
            found = batch(
                [str(clients / "Fertig"), str(clients / "Acme"), broken],
                tmp_path / "out",
                shared=NO_PDF,
                scheduler=cluster.scheduler_address,
                progress=kill_once,
            )

    assert killed == ["firma-fehlt"]
    assert {entry.slug: entry.status for entry in found.entries} == {"acme": "done", "fertig": "done", "firma-fehlt": "failed"}
    for slug in ("acme", "fertig"):
        assert (tmp_path / "out" / slug / "report.html").read_bytes() == (undisturbed / slug / "report.html").read_bytes()


# --- who is audited when ------------------------------------------------------------------------


def test_only_what_changed_is_audited_and_force_audits_all(quick: list[str], tmp_path: Path) -> None:
    """Files, settings and a report that is gone count; another look at the same files does not."""
    clients, out = _three(tmp_path / "clients"), tmp_path / "out"

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
    clients, out = _three(tmp_path / "clients"), tmp_path / "out"
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

    assert {entry.slug: entry.error and entry.error["code"] for entry in first.entries} == {"a": "disk_full", "b": "file_corrupt", "c": None}
    assert tried == ["a"]


def test_a_folder_that_cannot_be_written_costs_its_client_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are audited, and nothing half written is left in it."""
    clients, out = _three(tmp_path / "clients"), tmp_path / "out"
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


def test_a_record_that_cannot_be_written_is_said_and_stops_nobody(quick: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reports are in place, the old record is whole, the exit code is 3."""
    clients, out = _three(tmp_path / "clients"), tmp_path / "out"
    batch([str(clients / "*")], out, shared=NO_PDF, executor=Inline())
    before = (out / "batch.json").read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    monkeypatch.setattr(working, "deliver", lambda order, folder, **_: delivery.Delivered(None, _a_record(), None))
    found = batch([str(clients / "*")], out, shared=NO_PDF, executor=Inline(), force=True)

    assert found.audited == ("a", "b", "c")
    assert found.unwritten is not None
    assert found.unwritten.code == "disk_full"
    assert found.exit_code == 3
    assert (out / "batch.json").read_bytes() == before


def _a_record() -> dict:
    counts = {"progressing": 6, "stalled": 2, "overdue": 2, "paused": 0, "undetermined": 0, "ended": 5}
    rows = {"read": 20, "set_aside": 5, "leads": 15}
    finding = {"finding": "open_load", "value": None}
    return {"language": "en", "as_of": "2026-01-01T00:00:00", "evidence": "", "counts": counts, "rows": rows, "findings": [finding]}


def test_a_foreign_folder_and_a_name_that_leads_nowhere_are_refused(tmp_path: Path) -> None:
    """Before anything is done, with one sentence."""
    clients = _three(tmp_path / "clients")
    with pytest.raises(OutputError, match="not an audit's own"):
        batch([str(clients / "*")], clients)
    with pytest.raises(LeadAuditError, match="There is no file"):
        batch([str(tmp_path / "nobody" / "*")], tmp_path / "out")


@pytest.mark.skipif(os.name == "nt", reason="two locks in one process are one on Windows")
def test_two_batches_do_not_work_in_the_same_folder(quick: list[str], tmp_path: Path) -> None:
    """A night that takes longer than a day meets the next one with a sentence."""
    clients, out = _three(tmp_path / "clients"), tmp_path / "out"
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

    assert {slug: done.error and done.error["code"] for slug, done in came.items()} == {"a": None, "b": "worker_died", "c": None, "d": None}


# --- clients, limits, pages ---------------------------------------------------------------------


def test_folders_settings_and_single_files_are_clients(tmp_path: Path) -> None:
    """A folder and its own audit.toml are one client; lock files of Excel, hidden files and results are none."""
    clients = _three(tmp_path / "clients")
    (clients / "a" / "audit.toml").write_text('[audit]\nclient = "Alpha"\n', encoding="utf-8")
    (clients / "a" / "~$leads.xlsx").write_bytes(b"")
    (clients / "d.csv").write_text("Lead-ID;Status\n1;Offen\n", encoding="utf-8")
    (clients / "results").mkdir()
    (clients / "results" / "audit.json").write_text('{"schema_version": 1}', encoding="utf-8")
    (clients / "empty").mkdir()

    found = find_clients([str(clients / "*"), str(clients / "a" / "audit.toml")], NO_PDF, tmp_path / "out")

    assert [client.name for client in found] == ["Alpha", "b", "c", "d", "empty"]
    assert [path.name for path in found[0].order.files] == ["leads.csv"]
    assert found[0].order.process == clients / "a" / "audit.toml"
    assert [client.trouble and client.trouble.code for client in found] == [None, None, None, None, "client_empty"]


def test_names_of_folders_are_short_free_and_valid_on_windows() -> None:
    """Sixty characters, none twice, none that Windows keeps for itself."""
    from leadaudit.batch.clients import RESERVED

    used = set(RESERVED)
    names = []
    for name in ("ä" * 100, "ä" * 100, "CON", "東京", "...", "A.B"):
        names.append(free_slug(name, used))
        used.add(names[-1])

    assert names[2:] == ["con-2", "section", "client", "a-b"]
    assert max(map(len, names)) == 60
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("text", "value", "holds"),
    [("overdue_share>0.3", 0.31, True), ("overdue_share > 30%", 0.3, False), ("overdue_share<=0.3", 0.3, True), ("open_load>=2", None, False)],
)
def test_a_limit_holds_for_numbers_and_never_for_what_is_not_known(text: str, value: float | None, holds: bool) -> None:
    """A number that the export does not tell reaches no limit."""
    limit = condition(text)

    assert limit.holds({limit.metric: value}) is holds


@pytest.mark.parametrize(
    ("text", "said"), [("overdue_share", "cannot be read"), ("a=1", "cannot be read"), ("overdue_shar>1", "Did you mean overdue_share"), ("x>1", "no metric x")]
)
def test_a_limit_that_means_nothing_is_refused_with_one_sentence(text: str, said: str) -> None:
    """A mistyped name would never be reached."""
    with pytest.raises(ConfigError, match=said):
        condition(text)


def test_a_finding_can_be_a_limit() -> None:
    """Every finding of the report has a number under its own name."""
    assert str(condition("stuck_stages > 0.5")) == "stuck_stages>0.5"
    assert metrics_of(_a_record())["open_load"] is None
    assert metrics_of(_a_record())["overdue_share"] == 0.2


def test_the_comparison_says_where_each_stands_and_names_nobody(tmp_path: Path) -> None:
    """Quantiles among the others, by letter, from five clients on."""

    def portfolio(count: int) -> Portfolio:
        rows = [
            {
                "client": f"Firma {n}",
                "slug": f"firma-{n}",
                "status": "done",
                "metrics": {"overdue_share": n / 10, "stalled_share": None, "progressing_share": 0.5, "open_load": 1.0},
            }
            for n in range(count)
        ]
        return Portfolio("de", tuple(rows))

    page, letters = comparison(portfolio(6)).html, portfolio(6).letters()
    ranks = quantiles(portfolio(6).known("overdue_share"))

    assert ranks == {f"firma-{n}": pytest.approx(n / 5) for n in range(6)}
    assert sorted(letters.values()) == list("ABCDEF")
    assert f">{letters['firma-4']}</td><td class=\"number\" data-sort=\"0.8\">80\xa0%</td>" in page
    assert "irma" not in page
    assert "mindestens 5 Kunden" in comparison(portfolio(4)).html


# --- a failed run of the main job ---------------------------------------------------------------


def test_the_notebook_of_an_unknown_error_stays_until_a_run_succeeds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names report.failed.ipynb, so it has to be there; it makes the folder nobody else's."""

    def fail(_: Path, output: Path, *__: object, **___: object) -> None:
        output.with_suffix(".failed.ipynb").write_text("{}", encoding="utf-8")
        raise NotebookRunError("notebook_failed", notebook="audit.ipynb", cell=4, ename="ValueError", evalue="x", kept=FAILED)

    monkeypatch.setattr(delivery, "run", fail)
    with pytest.raises(NotebookRunError, match=FAILED):
        delivery.deliver(Order((), pdf=False), tmp_path / "out")

    assert [path.name for path in (tmp_path / "out").iterdir()] == [FAILED]
    check_folder(tmp_path / "out")


def test_a_disk_that_fills_up_in_the_notebook_is_called_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel cannot leave the facts of its error on a full disk; its words are read instead."""

    def fail(*_: object, **__: object) -> None:
        words = f"[Errno {errno.ENOSPC}] No space left on device: 'leads.csv'"
        raise NotebookRunError("notebook_failed", notebook="audit.ipynb", cell=9, ename="OSError", evalue=words, kept=FAILED)

    monkeypatch.setattr(delivery, "run", fail)
    with pytest.raises(OutputError, match="no room left on the disk"):
        delivery.deliver(Order((), pdf=False), tmp_path / "out")
    assert not (tmp_path / "out").exists()


# --- the guide ----------------------------------------------------------------------------------


def _examples(checkout: Path, language: str, word: str) -> str:
    """The one example of docs/batch.md in a language that holds a word."""
    text = (checkout / "docs" / "batch.md").read_text(encoding="utf-8")
    (example,) = (block for block in re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL) if word in block)
    return example


def test_the_python_example_of_the_guide_runs(
    quick: list[str], checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a reader copies works as it stands."""
    _three(tmp_path / "clients")
    (tmp_path / "clients" / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(night, "run_all", lambda tasks, told, **_: working.run_all(tasks, told, jobs=1, executor=Inline()))

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
        env={**_environment(), "PATH": path},
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

    assert {key: value["help"].strip() for key, value in found.items()} == {key: value.meaning for key, value in declared.items()}
