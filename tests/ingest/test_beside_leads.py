"""What the leads tell about other tables, and what is filled in only for leads that are over."""

from __future__ import annotations

from pathlib import Path

import pytest

import leadaudit

STAGES = ("Sichtung", "Gespräch", "Skizze", "Vertrag")


def _file(folder: Path, name: str, header: str, rows: list[str]) -> Path:
    path = folder / name
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def leads(tmp_path: Path) -> Path:
    """Twenty-four leads, each at the stage that its number says."""
    rows = [f"P{n:03};Firma {n};{STAGES[n % 4]};0{n % 9 + 1}.02.2026" for n in range(24)]
    return _file(tmp_path, "projekte.csv", "Kennung;Firma;Phase;Angelegt am", rows)


def _moves(n: int) -> list[tuple[str, str, str]]:
    """Day, from and to of each move of a lead."""
    return [(f"{10 + 3 * k:02}.03.2026 09:00", STAGES[k], STAGES[k + 1]) for k in range(n % 4)]


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("headers", ["Zustand links;Zustand rechts", "x1;x2"])
def test_a_history_of_unknown_headers_is_told_by_the_stages_of_the_leads(tmp_path, leads, headers, turned):
    """What one row ends with the next row of the lead begins with: that tells before from after, wherever they stand."""
    rows = [
        f"P{n:03};{day};{';'.join((after, before) if turned else (before, after))}"
        for n in range(24)
        for day, before, after in _moves(n)
    ]
    export = leadaudit.read(leads, _file(tmp_path, "bewegung.csv", f"Schlüsselfeld;Tag;{headers}", rows))

    changes = export.changes().sort_values(["lead_id", "at"])
    expected = [(f"P{n:03}", before, after) for n in range(24) for _, before, after in _moves(n)]
    assert list(changes[["lead_id", "before", "after"]].itertuples(index=False, name=None)) == expected
    assert "H" in export.evidence
    source = next(source for source in export.sources if source.kind == "changes")
    assert (source.rows_used, source.rows_set_aside) == (len(rows), 0)


def test_a_log_names_fields_by_the_headers_of_the_leads(tmp_path, leads):
    """A change of "Phase" is a change of the stage even where the general word for it is another."""
    rows = [
        f"P{n:03};Phase;{before};{after};{day}" for n in range(24) for day, before, after in reversed(_moves(n))
    ] + ["P001;Firma;Firma 0;Firma 1;11.03.2026 10:00"]
    log = _file(tmp_path, "protokoll.csv", "Datensatz;Feld;Alter Wert;Neuer Wert;Geändert am", rows)

    fields = leadaudit.read(leads, log).changes()["field"].value_counts().to_dict()

    assert fields["stage"] == len(rows) - 1


def _outcomes(tmp_path: Path, header: str, words: dict[int, str], days: dict[int, str]) -> leadaudit.ingest.Export:
    rows = [f"P{n:03};Firma {n};0{n % 9 + 1}.02.2026;{words.get(n, '')};{days.get(n, '')}" for n in range(30)]
    return leadaudit.read(_file(tmp_path, "liste.csv", header, rows))


def test_the_date_that_only_closed_leads_have_is_the_day_of_the_ending(tmp_path):
    """Called "Entscheidung am", it is no plan: all closed leads have it and no open one does."""
    words = {n: "beauftragt" if n % 2 else "abgelehnt" for n in range(20)} | dict.fromkeys(range(20, 30), "offen")
    days = {n: f"{n % 9 + 10}.04.2026" for n in range(20)}
    export = _outcomes(tmp_path, "Kennung;Firma;Angelegt am;Status;Entscheidung am", words, days)

    closed = export.leads()[lambda leads: leads["status"] != "open"]
    assert len(closed) == 20
    assert closed["closed_at"].notna().all()


def test_a_date_that_open_leads_have_too_stays_a_plan(tmp_path):
    """An expected decision is no ending, though most closed leads have one as well."""
    words = {n: "beauftragt" if n % 2 else "abgelehnt" for n in range(20)} | dict.fromkeys(range(20, 30), "offen")
    days = {n: f"{n % 9 + 10}.04.2026" for n in range(30)}
    export = _outcomes(tmp_path, "Kennung;Firma;Angelegt am;Status;Entscheidung am", words, days)

    assert export.leads()["closed_at"].isna().all()
    assert export.leads()["expected_close_at"].notna().any()


def test_a_word_nobody_knows_is_the_other_ending_where_its_leads_have_a_closing_date(tmp_path):
    """The word "Weggezogen" is lost: its leads are closed, gewonnen is said by another word, and the conclusion is listed."""
    words = {n: "gewonnen" if n % 2 else "weggezogen" for n in range(20)}
    days = {n: f"{n % 9 + 10}.04.2026" for n in range(20)}
    export = _outcomes(tmp_path, "Kennung;Firma;Angelegt am;Ergebnis;Abgeschlossen am", words, days)

    assert export.leads()["status"].value_counts().to_dict() == {"won": 10, "lost": 10, "open": 10}
    issue = export.issues[export.issues["code"] == "word_taken_lost"]
    assert (issue["value"].item(), issue["count"].item()) == ("weggezogen", 10)


def test_a_word_nobody_knows_stays_open_where_nothing_tells_an_ending(tmp_path):
    """Without a day of the ending the same word is no ending."""
    words = {n: "gewonnen" if n % 2 else "weggezogen" for n in range(20)}
    export = _outcomes(tmp_path, "Kennung;Firma;Angelegt am;Ergebnis;Abgeschlossen am", words, {})

    assert export.leads()["status"].value_counts().to_dict() == {"open": 20, "won": 10}


def test_what_was_done_is_a_kind_and_a_chance_in_euro_an_amount(tmp_path):
    """Values and units speak against the word in the header: "What" of mails and calls, "Chance €" of sums."""
    rows = [f"P{n:03},Firma {n},{STAGES[n % 4]},2026-02-0{n % 9 + 1},{n * 1000 + 250}" for n in range(24)]
    leads = _file(tmp_path, "leads.csv", "Lead ID,Company,Stage,Created,Chance €", rows)
    acts = [f"P{n:03},2026-03-{n + 1:02} 10:00,{('Email', 'Phone', 'Meeting')[n % 3]},Out" for n in range(24)]
    export = leadaudit.read(leads, _file(tmp_path, "touches.csv", "Lead ID,When,What,In/Out", acts))

    assert export.leads()["amount"].sum() == sum(n * 1000 + 250 for n in range(24))
    kinds = export.activities()["kind"].value_counts().to_dict()
    assert kinds == {"email": 8, "call": 8, "meeting": 8}


def test_from_and_until_that_hold_days_say_when_a_stage_was_entered_and_left(tmp_path, leads):
    """One row per stage with two days: the first is the entry, and nothing of it is a stage before."""
    rows = [
        f"P{n:03};{STAGES[k]};{10 + 3 * k}.03.2026;{13 + 3 * k}.03.2026" for n in range(24) for k in range(n % 4 + 1)
    ]
    export = leadaudit.read(leads, _file(tmp_path, "etappen.csv", "Kennung;Etappe;von;bis", rows))

    changes = export.changes().sort_values(["lead_id", "at"])
    assert changes.groupby("lead_id")["after"].last().tolist() == [STAGES[n % 4] for n in range(24)]
    assert changes["at"].dt.day.isin([10, 13, 16, 19]).all()


def test_a_list_nobody_recognised_is_what_was_done_where_it_names_leads_and_kinds(tmp_path, leads):
    """A protocol with headers of its own: its rows name known leads and say mail or call."""
    rows = [f"P{n % 24:03};{n % 9 + 10}.04.2026 10:00;{('Telefonat', 'E-Mail')[n % 2]};x" for n in range(60)]
    export = leadaudit.read(leads, _file(tmp_path, "protokoll.csv", "Projektschlüssel;Eintrag;Gattung;Feldtext", rows))

    assert export.count("activities") == 60
    assert export.activities()["kind"].value_counts().to_dict() == {"call": 30, "email": 30}


def test_what_names_no_lead_stays_unused(tmp_path, leads):
    """The same list about somebody else's records is left aside, and named."""
    rows = [f"Q{n % 24:03};{n % 9 + 10}.04.2026 10:00;{('Telefonat', 'E-Mail')[n % 2]};x" for n in range(60)]
    export = leadaudit.read(leads, _file(tmp_path, "protokoll.csv", "Projektschlüssel;Eintrag;Gattung;Feldtext", rows))

    assert export.count("activities") == 0
    assert export.issues["code"].isin(["table_not_used", "row_without_lead"]).any()


def test_a_creation_that_many_leads_lack_gives_way_to_a_date_that_all_have(tmp_path):
    """The header "abgegeben am" sounds like a beginning; the day that every lead has is it."""
    rows = [
        f"A{n};Firma {n};{n % 9 + 10}.01.2026;{f'{n % 9 + 10}.02.2026' if n % 3 else ''};offen;{n * 90},50"
        for n in range(30)
    ]
    file = _file(tmp_path, "angebote.csv", "Angebots-Nr;Bauherr;aufgemacht am;abgegeben am;Stand;Jahresprämie", rows)
    leads = leadaudit.read(file).leads()

    assert leads["created_at"].dt.month.eq(1).all()
    assert leads["amount"].sum() == sum(n * 90 + 0.5 for n in range(30))


def test_two_words_nobody_knows_are_told_by_reason_and_date(tmp_path):
    """Neither word is known: beside a reason for losing stands the lost one, and the other with a closing date is won."""
    words = ["vorgemerkt", "policiert!", "vom Tisch"]
    rows = [
        f"P{n:03};Firma {n};0{n % 9 + 1}.02.2026;{words[n % 3] if n % 3 else ''};"
        f"{f'{n % 9 + 10}.04.2026' if n % 3 else ''};{'Preis' if n % 3 == 2 else ''}"
        for n in range(36)
    ]
    header = "Kennung;Firma;Angelegt am;Status;Abgeschlossen am;Verlustgrund"
    leads = leadaudit.read(_file(tmp_path, "liste.csv", header, rows)).leads()

    found = leads.groupby(leads["lead_id"].str[1:].astype(int) % 3)["status"].first().to_dict()
    assert found == {0: "open", 1: "won", 2: "lost"}


def test_words_of_leads_with_no_or_full_chance_are_endings(tmp_path):
    """The CRM's own 0 and 100 percent say what its words mean."""
    words, chances = ["Gespräch", "ausgereicht", "zurückgegeben"], ["40 %", "100 %", "0 %"]
    rows = [f"P{n:03};Firma {n};0{n % 9 + 1}.02.2026;{words[n % 3]};{chances[n % 3]}" for n in range(36)]
    file = _file(tmp_path, "liste.csv", "Kennung;Firma;Angelegt am;Phase;Wahrscheinlichkeit", rows)

    found = leadaudit.read(file).leads().groupby("stage")["status"].first().to_dict()
    assert found == {"Gespräch": "open", "ausgereicht": "won", "zurückgegeben": "lost"}


def test_a_log_of_moved_dates_keeps_its_values_before_and_after(tmp_path, leads):
    """Where another column says when, days before and after are what a decision date was and became."""
    rows = [
        f"P{n % 24:03};2026-03-{n % 27 + 1:02} 10:00;expected_close_at;2026-05-01;2026-06-{n % 27 + 1:02}"
        for n in range(60)
    ]
    export = leadaudit.read(leads, _file(tmp_path, "changes.csv", "lead_id;at;field;before;after", rows))

    changes = export.changes()
    assert changes["field"].eq("expected_close_at").sum() == 60
    assert changes["at"].dt.month.eq(3).all()


def test_what_the_user_says_of_a_table_is_not_doubted(tmp_path, leads):
    """A list called activities in a mapping stays one, though two of its columns hold stages."""
    rows = [f"P{n:03};{n % 9 + 10}.03.2026;{STAGES[n % 3]};{STAGES[n % 3 + 1]}" for n in range(24)]
    log = _file(tmp_path, "bewegung.csv", "Kennung;Tag;Zustand links;Zustand rechts", rows)
    mapping = {"bewegung.csv": {"table": "activities", "lead_id": "Kennung", "at": "Tag"}}

    export = leadaudit.read(leads, log, mapping=mapping)

    assert (export.count("activities"), export.count("changes")) == (24, 0)


def test_who_worked_on_the_leads_is_who_is_in_charge(tmp_path):
    """Surnames under a header that nobody knows: the people in the list of contacts are in charge of the leads."""
    people = ["Huber", "Özdemir", "Lang"]
    rows = [f"P{n:03};{STAGES[n % 4]};0{n % 9 + 1}.02.2026;{people[n % 3]};Messe" for n in range(24)]
    leads = _file(tmp_path, "projekte.csv", "Kennung;Phase;Angelegt am;Gebietsfürst;Weg", rows)
    acts = [f"P{n:03};{n % 9 + 10}.03.2026;Telefonat;{people[n % 3]}" for n in range(24)]
    export = leadaudit.read(leads, _file(tmp_path, "kontakte.csv", "Kennung;Datum;Art;Mitarbeiter", acts))

    assert set(export.leads()["owner"]) == set(people)


def test_codes_of_a_history_are_named_by_the_leads(tmp_path):
    """The leads hold code and name of their stage; the history writes codes only."""
    rows = [f"P{n:03};{n % 4 * 10 + 10};{STAGES[n % 4]};0{n % 9 + 1}.02.2026" for n in range(24)]
    leads = _file(tmp_path, "projekte.csv", "Kennung;Phasencode;Phase;Angelegt am", rows)
    codes = dict(zip(STAGES, ("10", "20", "30", "40"), strict=True))
    rows = [f"P{n:03};{day};{codes[before]};{codes[after]}" for n in range(24) for day, before, after in _moves(n)]
    export = leadaudit.read(leads, _file(tmp_path, "verlauf.csv", "Kennung;Datum;Von;Nach", rows))

    changes = export.changes().sort_values(["lead_id", "at"])
    expected = [(before, after) for n in range(24) for _, before, after in _moves(n)]
    assert list(changes[["before", "after"]].itertuples(index=False, name=None)) == expected
