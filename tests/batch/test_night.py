"""Many clients for real: one that fails costs nobody else anything, nothing is ever half done."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import warnings
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from batching import NO_PDF, Inline, command, environment, leadaudit_run, tree

from leadaudit.batch import Entry, batch
from leadaudit.batch.record import load_entries
from leadaudit.report.placing import FAILED

BROKEN = {"Kaputt": "file_corrupt", "Ohne Nummer": "no_id_or_stage", "Firma Fehlt": "file_missing"}


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

    jsonschema.Draft202012Validator(schema).validate(
        json.loads((undisturbed / "batch.json").read_text(encoding="utf-8"))
    )


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
def test_a_second_run_does_nothing_and_one_changed_client_is_audited_alone(
    clients: Path, undisturbed: Path, tmp_path: Path
) -> None:
    """What has not changed keeps its bytes; the changed one keeps its numbers of before."""
    shutil.copytree(clients, tmp_path / clients.name)
    again = Path(shutil.copytree(undisturbed, tmp_path / undisturbed.parent.name / "out"))
    before = tree(again)
    patterns = [str(tmp_path / clients.name / "*")]  # seen from the results, they lie where the originals do

    nothing = batch(patterns, again, shared=NO_PDF, executor=Inline(), fail_on=["leads_count>1"])
    assert nothing.audited == ()
    assert nothing.exit_code == 3
    assert tree(again) == before

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
    with subprocess.Popen([*command(*words), "--jobs", "1"], env=environment(), stdout=subprocess.PIPE) as process:
        while b"done" not in process.stdout.readline():  # the first report is in place, the second under way
            assert process.poll() is None
        os.kill(process.pid, signal.SIGKILL)
    half = {entry.slug: entry.status for entry in load_entries(folder)}

    run = leadaudit_run(*words)

    assert sorted(half.values()) == ["done", "failed", "waiting"]
    assert run.returncode == 3, run.stderr
    assert run.stdout.count("done    ") == 1
    assert not list(folder.rglob(".leadaudit-new-*"))
    expected = _entries(undisturbed)
    assert _entries(folder) == {slug: expected[slug] for slug in half}
    for slug in ("acme", "fertig"):
        assert tree(folder / slug) == tree(undisturbed / slug)


def _entries(folder: Path) -> dict[str, Entry]:
    """What batch.json says of each client, but for where it lies."""
    return {entry.slug: replace(entry, place="") for entry in load_entries(folder)}


@pytest.mark.slow
def test_a_dask_cluster_over_tcp_does_the_same_and_survives_a_worker_that_dies(
    clients: Path, undisturbed: Path, tmp_path: Path
) -> None:
    """The scheduler hands the work of a dead worker to another; the report is the same, byte for byte."""
    distributed = pytest.importorskip("distributed", reason="the extra cluster is not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the cluster's own, as workers die
        with (
            distributed.LocalCluster(
                n_workers=2,
                threads_per_worker=1,
                processes=True,
                protocol="tcp://",
                dashboard_address=None,
                silence_logs=50,
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
    assert {entry.slug: entry.status for entry in found.entries} == {
        "acme": "done",
        "fertig": "done",
        "firma-fehlt": "failed",
    }
    for slug in ("acme", "fertig"):
        assert (tmp_path / "out" / slug / "report.html").read_bytes() == (
            undisturbed / slug / "report.html"
        ).read_bytes()
