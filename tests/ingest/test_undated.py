"""Exports without any date."""

from __future__ import annotations

import pytest

import leadaudit
from leadaudit.errors import LeadAuditError
from leadaudit.language import sentence


def test_an_export_without_a_date_is_refused_by_what_it_lacks(tmp_path):
    """Not a moment too early but the missing dates are named, with the columns that are there, in both languages."""
    file = tmp_path / "deals.csv"
    file.write_text("Deal ID;Phase;Betrag\nD1;Angebot;1200\nD2;Gewonnen;300\n", encoding="utf-8")
    export = leadaudit.read(file)
    assert not export.is_dated
    with pytest.raises(LeadAuditError) as caught:
        leadaudit.audit(export)
    assert caught.value.code == "no_dates"
    assert "deals.csv" in str(caught.value)
    assert "Deal ID, Phase, Betrag" in str(caught.value)
    assert "kein einziges Datum" in sentence("error.no_dates", "de", **caught.value.fields)


def test_with_a_moment_given_an_export_without_a_date_is_audited_as_far_as_it_goes(tmp_path):
    """An id and a stage are enough; what needs a date is not judged rather than guessed."""
    file = tmp_path / "deals.csv"
    file.write_text("Deal ID;Phase;Betrag\nD1;Angebot;1200\nD2;Gewonnen;300\n", encoding="utf-8")

    audit = leadaudit.audit(leadaudit.read(file), as_of="2026-01-01")

    assert audit.counts["undetermined"] == 1
    assert audit.counts["ended"] == 1


def test_a_moment_before_the_first_date_is_still_called_too_early(tmp_path):
    """An export with dates is not said to have none, however early the moment."""
    file = tmp_path / "deals.csv"
    file.write_text("Deal ID;Phase;Erstellt am\nD1;Angebot;03.02.2025\nD2;Neu;23.02.2025\n", encoding="utf-8")
    export = leadaudit.read(file)
    assert export.is_dated
    for early in (export, export.as_of("2024-01-01")):
        with pytest.raises(LeadAuditError) as caught:
            leadaudit.audit(early, as_of="2024-01-01")
        assert caught.value.code == "as_of_too_early"


def test_a_list_whose_only_days_are_last_contacts_is_audited_up_to_the_newest(tmp_path):
    """Hand-kept lists know when somebody was spoken to last, and not when the lead came in."""
    rows = [f"{n};Firma {n};warm;2026-0{1 + n % 9}-1{n % 10}" for n in range(1, 20)]
    file = tmp_path / "liste.csv"
    file.write_text("\n".join(["Nr.;Firma;Status;letzter Kontakt", *rows]) + "\n", encoding="utf-8")

    export = leadaudit.read(file)

    assert str(export.known_until.date()) == "2026-09-19"
    assert sum(leadaudit.audit(export).counts.values()) == 19


def test_a_date_that_means_something_else_is_named_and_not_called_missing(tmp_path):
    """A "Liefertermin" tells no beginning, but it is a date."""
    rows = [f"{n},Firma {n},{('offen', 'gewonnen')[n % 2]},{n % 28 + 1:02d}.03.2026" for n in range(12)]
    (tmp_path / "liste.csv").write_text("\n".join(["Nr,Firma,Status,Liefertermin", *rows]), encoding="utf-8")

    with pytest.raises(LeadAuditError) as caught:
        leadaudit.audit(leadaudit.read(tmp_path / "liste.csv"))

    assert caught.value.code == "no_beginnings"
    assert caught.value.fields["value"] == "Liefertermin"
