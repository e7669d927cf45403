"""Clients and nights for the tests of batches."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from batching import leadaudit_run, write_client, write_night

from leadaudit import delivery
from leadaudit.batch import night, working
from leadaudit.delivery import Order


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three clients with exports of different CRMs, one of them without open leads, and three that are broken."""
    folder = tmp_path_factory.mktemp("clients")
    write_client(folder / "Müller & Söhne", 1, shape="leads_only")
    write_client(folder / "Acme", 2, crm="hubspot", language="en", shape="leads_only")
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
    """The folder of a batch over all of them from one batch.toml, with processes of our own."""
    folder = tmp_path_factory.mktemp("undisturbed") / "out"
    run = leadaudit_run("batch", str(write_night(folder.parent, str(clients / "*"))))
    (folder.parent / "said.txt").write_text(f"{run.returncode}\n{run.stdout}", encoding="utf-8")
    assert run.returncode == 3, run.stdout + run.stderr
    return folder


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch):
    """Audits and overview replaced by what they leave behind: for tests of who is audited when."""
    counts = {"progressing": 3, "stalled": 1, "overdue": 1, "paused": 0, "undetermined": 0, "ended": 9}
    told: list[str] = []

    def deliver(order: Order, folder: Path, **_: object) -> delivery.Delivered:
        told.append(folder.name)
        size = order.files[0].stat().st_size
        record = {
            "schema_version": 1,
            "language": "de",
            "as_of": "2026-01-01T00:00:00",
            "evidence": "H",
            "counts": counts,
        }
        record |= {"rows": {"read": size, "set_aside": 0, "leads": 14}, "findings": [], "files": {}}
        folder.mkdir(exist_ok=True)
        for name in ("audit.json", "report.html"):
            (folder / name).write_text(json.dumps(record), encoding="utf-8")
        return delivery.Delivered(None, record, None)

    monkeypatch.setattr(working, "deliver", deliver)
    monkeypatch.setattr(night, "make_pages", lambda *_: None)
    return told
