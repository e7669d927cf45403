"""Activities whose type names who began: no column for the direction, and none needed."""

from __future__ import annotations

from pathlib import Path

import pytest

import leadaudit
from leadaudit.ingest.recognition.words import meanings

LEADS = ["Nr;Firma;Status;Angelegt"] + [f"L{n};Firma {n};{('offen', 'gewonnen', 'verloren')[n % 3]};0{1 + n % 9}.02.2026" for n in range(12)]  # fmt: skip


@pytest.mark.parametrize(
    ("kinds", "inbound_count"),
    [
        (["Anruf (wir)", "Anruf (Kunde)", "Notiz"], 4),
        (["Telefonat mit Kunde", "Mail vom Kunden", "Mail an den Kunden"], 4),
        (["client called", "we called", "note"], 4),
        (["Kunde ruft an", "wir rufen zurück, Anruf", "Besuch"], 4),
        (["Sales call", "Client meeting", "note"], 0),  # only mentioned: that is no direction
    ],
)
def test_the_type_tells_who_began(tmp_path: Path, kinds: list[str], inbound_count: int):
    (tmp_path / "leads.csv").write_text("\n".join(LEADS), encoding="utf-8")
    rows = [f"L{n};1{n % 10}.03.2026;{kinds[n % 3]}" for n in range(12)]
    (tmp_path / "kontakte.csv").write_text("\n".join(["Nr;Datum;Aktivität", *rows]), encoding="utf-8")

    acts = leadaudit.read(tmp_path / "leads.csv", tmp_path / "kontakte.csv").activities()

    assert len(acts) == 12
    assert (acts.direction == "inbound").sum() == inbound_count


def test_a_column_of_sides_says_who_began():
    assert meanings("directions", ["wir", "Kunde", "intern"]) == {
        "wir": "outbound",
        "Kunde": "inbound",
        "intern": "internal",
    }
    assert meanings("directions", ["Kunde", "intern"])["Kunde"] is None
