"""Many clients for real: one that fails costs nobody else anything, nothing is ever half done."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import warnings
from pathlib import Path

import jsonschema
import pytest
from batching import Inline, command, environment, leadaudit_run, tree, write_night

from leadaudit.batch import batch
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
def test_what_batch_toml_says_of_a_client_is_done(undisturbed: Path) -> None:
    """Its moment and its language reach the report; the others are as they would be without."""
    records = {
        slug: json.loads((undisturbed / slug / "audit.json").read_text(encoding="utf-8"))
        for slug in ("acme", "fertig", "mueller-soehne")
    }

    assert records["fertig"]["as_of"] == "2026-04-02T00:00:00"
    assert {slug: record["language"] for slug, record in records.items()} == dict.fromkeys(records, "de")
    assert '<html lang="de"' in (undisturbed / "acme" / "report.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_second_run_does_nothing_and_one_changed_client_is_audited_alone(
    clients: Path, undisturbed: Path, tmp_path: Path
) -> None:
    """What has not changed keeps its bytes; the changed one keeps its numbers of before."""
    shutil.copytree(clients, tmp_path / clients.name)
    again = Path(shutil.copytree(undisturbed, tmp_path / undisturbed.parent.name / "out"))
    before = tree(again)
    night = str(
        write_night(again.parent, str(tmp_path / clients.name / "*"))
    )  # places are those of before, seen from it

    nothing = batch([night], executor=Inline())
    assert nothing.audited == ()
    assert nothing.exit_code == 3
    assert tree(again) == before

    with (tmp_path / clients.name / "Fertig" / "leads.csv").open("a", encoding="utf-8") as stream:
        stream.write("\n99;Gewonnen;01.01.2026;02.03.2026")
    changed = batch([night], executor=Inline())
    entry = next(entry for entry in changed.entries if entry.slug == "fertig")
    assert changed.audited == ("fertig",)
    assert entry.metrics["leads_count"] == entry.previous["metrics"]["leads_count"] + 1


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="kill -9 is a thing of POSIX")
def test_a_batch_that_is_killed_is_finished_by_the_next(clients: Path, undisturbed: Path, tmp_path: Path) -> None:
    """After kill -9 in the middle no report is half there, and the next run gives an undisturbed one's bytes: all of them."""
    folder, words = tmp_path / "out", ["batch", str(write_night(tmp_path, str(clients / "*")))]
    with subprocess.Popen([*command(*words), "--jobs", "1"], env=environment(), stdout=subprocess.PIPE) as process:
        while b"done" not in process.stdout.readline():  # the first report is in place, the second under way
            assert process.poll() is None
        os.kill(process.pid, signal.SIGKILL)
    half = [entry.status for entry in load_entries(folder)]
    whole = {path.parent.name for path in folder.glob("*/report.html")}

    run = leadaudit_run(*words)

    assert half.count("waiting") >= 2
    assert half.count("done") == 1
    assert all(tree(folder / slug) == tree(undisturbed / slug) for slug in whole)
    assert run.returncode == 3, run.stderr
    assert run.stdout.count("done    ") == 3 - len(whole)
    assert not list(folder.rglob(".leadaudit-new-*"))
    assert tree(folder) == tree(undisturbed)  # index.html and batch.json among them, no field left out


@pytest.mark.slow
def test_a_dask_cluster_over_tcp_does_the_same_and_survives_a_worker_that_dies(
    clients: Path, undisturbed: Path, tmp_path: Path
) -> None:
    """The scheduler hands the work of a dead worker to another; a client from an address travels; the bytes are the same."""
    distributed = pytest.importorskip("distributed", reason="the extra cluster is not installed")
    memory = pytest.importorskip("fsspec").filesystem("memory")  # of this process: no worker sees it
    for name in ("Fertig", "Ohne Nummer"):
        memory.pipe(f"/clients/{name}/leads.csv", (clients / name / "leads.csv").read_bytes())
    night = write_night(tmp_path, str(clients / "Acme"), str(clients / "fehlt"), "memory://clients/*")
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

            found = batch([str(night)], scheduler=cluster.scheduler_address, progress=kill_once)

    done = {entry.slug: entry for entry in found.entries}
    assert killed == ["firma-fehlt"]
    assert {slug: entry.error and entry.error["code"] for slug, entry in done.items()} == {
        "acme": None,
        "fertig": None,
        "firma-fehlt": "file_missing",
        "ohne-nummer": "no_id_or_stage",
    }
    for slug in ("acme", "fertig"):
        assert tree(found.folder / slug) == tree(undisturbed / slug)
    assert done["fertig"].place == "memory:///clients/Fertig"
    assert done["ohne-nummer"].notebook == FAILED
    assert (found.folder / "ohne-nummer" / FAILED).is_file()
    assert str(done["ohne-nummer"].trouble).startswith(
        "No column for an id, and none for a stage or status, in leads.csv"
    )
