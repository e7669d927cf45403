"""Layouts that no profile knows: hand-kept lists, quotations, dumps with technical names, other languages."""

from __future__ import annotations

import copy
from pathlib import Path

import openpyxl
import pytest

import leadaudit
from leadaudit.errors import ColumnMappingError
from leadaudit.ingest.recognition.matching import front_words, match_header
from leadaudit.ingest.recognition.tongue import tongue_of
from leadaudit.ingest.recognition.words import meanings
from leadaudit.inspection import look

STEPS = ("Angebot", "Verhandlung", "Gewonnen", "Verloren")


def _csv(folder: Path, name: str, head: str, rows: list[str]) -> Path:
    path = folder / name
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


def _book(folder: Path, sheets: dict[str, list[list[object]]]) -> Path:
    book = openpyxl.Workbook()
    for number, (title, rows) in enumerate(sheets.items()):
        sheet = book.active if number == 0 else book.create_sheet()
        sheet.title = title
        for row in rows:
            sheet.append(row)
    path = folder / "Pipeline.xlsx"
    book.save(path)
    return path


def _seller(letter: str) -> list[list[object]]:
    head: list[object] = ["Nr", "Firma", "Projekt", "Wert in T€", "Status"]
    states = ("heiß", "gewonnen", "verloren", "ruht")
    return [[f"Pipeline {letter}"], [], head] + [
        [n, f"Firma {letter}{n}", f"Umbau {letter}{n}", n, states[n % 4]] for n in range(1, 13)
    ]


def test_numbers_that_begin_again_on_every_sheet_are_different_leads(tmp_path: Path):
    """One sheet per seller, each counted from 1: no later state of the same leads."""
    export = leadaudit.read(_book(tmp_path, {"Kaya": _seller("K"), "Lutz": _seller("L")}))

    leads = export.leads()
    assert len(leads) == 24
    assert set(leads.lead_id) >= {"1", "Lutz 1"}
    assert leads.amount.sum() == 2 * sum(range(1, 13)) * 1000
    assert "id_begins_again" in set(export.issues.code)
    assert export.count("changes") == 0


def test_the_same_leads_on_two_sheets_stay_the_same(tmp_path: Path):
    """Numbers that name the same company on both sheets name one lead."""
    late = [[*row[:-1], "gewonnen"] if row and isinstance(row[0], int) else row for row in _seller("K")]

    export = leadaudit.read(_book(tmp_path, {"2026-01-31": _seller("K"), "2026-02-28": late}))

    assert len(export.leads()) == 12


@pytest.mark.parametrize(
    ("header", "role"),
    [
        ("Akt. Status", "status"),
        ("VP_STATUS_KZ", "status"),
        ("PROJ_BEZ", "name"),
        ("Sachb.", "owner"),
        ("Offert-Nr.", "lead_id"),
        ("Offertdatum", "created_at"),
        ("Soll-Abschluss", "expected_close_at"),
        ("Ist-Abschluss", "closed_at"),
        ("Geschätzter Wert (MW)", "amount"),
        ("Nachfassen", "next_step_at"),
        ("Auftrag/Absage", "status"),
        ("Voraussichtliches Abschlussdatum", "expected_close_at"),
        ("Amount (Net Revenue) (converted)", "amount_base_currency"),
        ("Section/Column", "stage"),
        ("Data da próxima tarefa", "next_step_at"),
        ("%", "probability"),
    ],
)
def test_headers_of_hand_kept_lists_and_dumps(header: str, role: str):
    """Abbreviations, Swiss and Austrian words, brackets that only add something."""
    assert match_header(header, "leads")[0].role == role


def test_a_word_that_all_headers_begin_with_is_the_tables_name(tmp_path: Path):
    """Beside "Card ID" and "Card URL", "Card Name" is the name."""
    assert front_words(["Kunde ID", "Kunde Name", "Kunde Ort"]) == frozenset()  # another record's name
    rows = [f"{n}ab4c,Umbau {n},{STEPS[n % 4]},Ann Lee,2026-01-{n:02d}" for n in range(1, 25)]

    export = leadaudit.read(
        _csv(tmp_path, "export.csv", "Ticket ID,Ticket Title,Ticket Phase,Ticket Owner,Ticket Created", rows)
    )

    found = export.sources[0].roles
    assert [found[role] for role in ("lead_id", "name", "stage", "owner", "created_at")] == [
        "Ticket ID", "Ticket Title", "Ticket Phase", "Ticket Owner", "Ticket Created",
    ]  # fmt: skip


def test_an_ending_that_only_the_stage_knows_is_taken_from_it(tmp_path: Path):
    """A result of the first contact that says "qualified" does not keep a won lead open."""
    stages = ("erstkontakt", "gewonnen", "verloren")
    rows = [f"L-{n:03d},{('offen', 'qualifiziert')[n % 3 > 0]},{stages[n % 3]},2026-01-{n:02d}" for n in range(1, 25)]

    leads = leadaudit.read(_csv(tmp_path, "leads.csv", "Lead-Nr.,Ergebnis,Stage,Erstellt", rows)).leads()

    assert dict(leads.status.value_counts()) == {"open": 8, "won": 8, "lost": 8}


def test_a_status_that_says_won_and_lost_itself_is_believed(tmp_path: Path):
    """An open lead in a stage called "Won" stays open where the status column knows both endings."""
    status = ("Open", "Won", "Lost")
    rows = [f"D{n},{status[n % 3]},{('Won', 'Won', 'Lost')[n % 3]},2026-01-{n:02d}" for n in range(1, 25)]

    leads = leadaudit.read(_csv(tmp_path, "deals.csv", "Deal ID,Deal Status,Stage,Created Date", rows)).leads()

    assert (leads.status == "open").sum() == 8


def test_single_letters_that_spell_the_endings(tmp_path: Path):
    """O, G and V are offen, gewonnen and verloren; letters that fit nothing stay unknown."""
    assert meanings("status", ["O", "W", "L"]) == {"O": "open", "W": "won", "L": "lost"}
    assert set(meanings("status", ["A", "B", "C"]).values()) == {None}
    rows = [f"{n}|Umbau {n}|{'OGV'[n % 3]}|{n}000.00|202601{n:02d}" for n in range(1, 25)]

    leads = leadaudit.read(_csv(tmp_path, "dump.csv", "VP_ID|VP_BEZ|VP_STATUS_KZ|VP_WERT_EUR|ANLAGE_DAT", rows)).leads()

    assert dict(leads.status.value_counts()) == {"open": 8, "won": 8, "lost": 8}
    assert leads.created_at.notna().all()


def test_a_column_that_says_endings_only_is_the_status(tmp_path: Path):
    """Empty where the lead is open, "Auftrag" or "Absage" where it is not, whatever its header."""
    last = ("", "Auftrag", "Absage")
    rows = [f"Hof {n};2026-01-{n:02d};Besichtigung;{last[n % 3]}" for n in range(1, 25)]

    leads = leadaudit.read(
        _csv(tmp_path, "liste.csv", "Interessent;Erstkontakt;Stadium;Was wurde daraus", rows)
    ).leads()

    assert dict(leads.status.value_counts()) == {"open": 8, "won": 8, "lost": 8}


def test_sums_of_money_are_no_ids(tmp_path: Path):
    """Amounts that happen to differ in every row do not name the leads."""
    rows = [f"Umbau {chr(96 + n)},{STEPS[n % 4]},{n}861.2{n % 10},2026-01-{n:02d}" for n in range(1, 25)]

    export = leadaudit.read(_csv(tmp_path, "deals.csv", "Deal Name,Stage,Z9,Created Date", rows))

    assert "lead_id" not in export.sources[0].roles


def test_the_dates_behind_the_next_step_are_its_days(tmp_path: Path):
    """As it stands behind the next step, "Check-Datum" says when."""
    rows = [f"L{n};{STEPS[n % 4]};2026-01-{n:02d};Anruf;2026-03-{n:02d}" for n in range(1, 25)]

    export = leadaudit.read(_csv(tmp_path, "leads.csv", "Lead-Nr;Status;Datum;Nächster Schritt;Check-Datum", rows))

    assert export.sources[0].roles["next_step_at"] == "Check-Datum"


def test_a_short_description_of_its_own_is_the_name(tmp_path: Path):
    """Where nothing else names the leads, as in ERP exports; notes stay notes."""
    rows = [f"VC{n:03d};Umbau Halle {n};{STEPS[n % 4]};2026-01-{n:02d}" for n in range(1, 25)]

    export = leadaudit.read(_csv(tmp_path, "vc.csv", "Nr.;Beschreibung;Status;Erstellungsdatum", rows))

    assert export.sources[0].roles["name"] == "Beschreibung"


def test_a_log_that_names_the_lead_by_its_id_under_another_header(tmp_path: Path):
    """In the log, "Vorgang" holds the "Vorgangsnummer" of the list."""
    leads = [f"VG-{n:03d};Umbau {n};{STEPS[n % 4]};2026-01-{n:02d}" for n in range(1, 25)]
    log = [f"2026-02-{n:02d} 10:00;VG-{n:03d};Phase;Neu;Angebot" for n in range(1, 25)]

    export = leadaudit.read(
        _csv(tmp_path, "vorgaenge.csv", "Vorgangsnummer;Titel;Phase;angelegt am", leads),
        _csv(tmp_path, "protokoll.csv", "Zeitpunkt;Vorgang;Feld;Alter Wert;Neuer Wert", log),
    )

    assert export.count("changes") == 24
    assert [source.linked_by for source in export.sources] == ["", "id"]


@pytest.mark.parametrize(
    ("headers", "language"),
    [
        ("id,empresa,etapa,importe,responsable,cierre_previsto", "es"),
        ("Nome,Empresa,Etapa,Valor,Responsável,Data de criação,Previsão de fechamento", "pt"),
        ("Société,Commercial,Étape,Montant HT,Date de création,Signature prévue", "fr"),
        ("Azienda,Fase,Importo,Responsabile,Data di chiusura", "it"),
        ("Bedrijf,Fase,Bedrag,Verantwoordelijke,Verwachte afsluitdatum", "nl"),
        ("Название,Стадия,Сумма,Ответственный", "ru"),
    ],
)
def test_the_language_of_the_neighbours_is_told(headers: str, language: str):
    """Not "English", because it is not German."""
    assert tongue_of(headers.split(",")) == language


def test_a_spanish_export_is_called_spanish_and_reported_in_english(tmp_path: Path):
    """Its dates begin with the day, and its language is said."""
    steps = ("Propuesta", "Negociación", "Ganado", "Perdido")
    rows = [f"{n};Bodega {n};{steps[n % 4]};{n}.500,00;05/{1 + n % 12:02d}/2026" for n in range(1, 13)]

    found = look(_csv(tmp_path, "ventas.csv", "id;empresa;etapa;importe;fecha de creación", rows))

    assert (found.sources[0].language, found.language) == ("es", "en")
    assert "headers: Spanish" in found.text("en")
    assert "Überschriften: spanisch" in found.text("de")
    export = leadaudit.read(tmp_path / "ventas.csv")
    assert set(export.leads().created_at.dt.day) == {5}
    assert export.leads().amount.max() == 12_500


def test_leads_none_of_which_ended_are_said_with_what_to_do(tmp_path: Path):
    """A code for the status that nobody can read is named, with the next step."""
    rows = [f"P{n};{10 * (1 + n % 4)};2026-01-{n:02d}" for n in range(1, 25)]
    path = _csv(tmp_path, "projekte.csv", "Projekt-Nr.;Status;Angelegt am", rows)

    found = look(path)

    assert "no_ending_known" in set(found.issues.code)
    assert "leadaudit init" in found.text("de")


def test_an_error_knows_the_language_of_the_files(tmp_path: Path):
    """Also when it has crossed to another process."""
    path = _csv(tmp_path, "liste.csv", "Nr.;Nachname;Ort", [f"{n};Abel;Ulm" for n in range(9)])

    with pytest.raises(ColumnMappingError) as caught:
        leadaudit.read(path)

    assert copy.copy(caught.value).spoken == "de"


def test_of_a_companys_leads_the_one_open_at_the_time_is_meant(tmp_path: Path):
    """Two projects of one customer, one after the other; the legal form is not always written."""
    leads = [
        "P1;Voss Bau GmbH;Halle;Gewonnen;2025-01-10;2025-04-30",
        "P2;Voss Bau GmbH;Dach;Angebot;2025-09-01;",
        "P3;Hof Ulm;Tor;Angebot;2025-02-01;",
    ]
    talks = [
        "2025-02-03;Voss Bau;Telefonat",
        "2025-10-05;Voss Bau GmbH;Besuch",
        "2025-06-15;Voss Bau GmbH;E-Mail",
        "2025-03-01;Hof Ulm;Telefonat",
        "2025-03-01;Niemand AG;Telefonat",
    ]

    export = leadaudit.read(
        _csv(tmp_path, "projekte.csv", "Projekt-Nr.;Kunde;Projekt;Phase;Angelegt am;Abgeschlossen am", leads),
        _csv(tmp_path, "kontakthistorie.csv", "Datum;Firma;Art", talks),
    )

    assert sorted(export.activities().lead_id) == ["P1", "P2", "P3"]
    aside = export.issues[export.issues.severity == "error"]
    assert dict(zip(aside.code, aside.value, strict=True)) == {
        "ambiguous_link": "Voss Bau GmbH",
        "row_without_lead": "Niemand AG",
    }
    assert export.sources[1].linked_by == "company"


def test_activities_that_name_the_contact_person_find_the_lead(tmp_path: Path):
    """Neither id nor company, but the person who is named in both lists."""
    leads = [f"D{n};Bau {n};{name};Angebot;2025-01-10" for n, name in enumerate(("Eva Lutz", "Jan Abel", "Ute Noll"))]
    talks = [f"2025-02-0{n + 1};{name};Telefonat" for n, name in enumerate(("Eva Lutz", "Jan Abel", "Ute Noll"))]

    export = leadaudit.read(
        _csv(tmp_path, "deals.csv", "Deal-ID;Deal-Name;Ansprechpartner;Phase;Erstellt am", leads),
        _csv(tmp_path, "aktivitaeten.csv", "Datum;Ansprechpartner;Art", talks),
    )

    assert sorted(export.activities().lead_id) == ["D0", "D1", "D2"]


def test_the_sheets_of_open_won_and_lost_leads_say_what_became_of_them(tmp_path: Path):
    """No status column anywhere: the sheet on which a lead stands is its status; a legend is none."""
    head: list[object] = ["Projekt-Nr.", "Kunde", "Auftragswert", "Angelegt am"]

    def rows(start: int) -> list[list[object]]:
        return [head, *([n, f"Firma {n}", 1000 * n, f"2026-01-{n:02d}"] for n in range(start, start + 8))]

    legend: list[list[object]] = [["Farbe", "Bedeutung"], ["rot", "dringend"], ["gelb", "bald"]]

    export = leadaudit.read(
        _book(tmp_path, {"Offen": rows(1), "Gewonnen": rows(9), "Verloren": rows(17), "Legende": legend})
    )

    leads = export.leads()
    assert dict(leads.status.value_counts()) == {"open": 8, "won": 8, "lost": 8}
    assert set(leads.stage) == {"Offen", "Gewonnen", "Verloren"}


def test_dates_and_words_that_stand_on_ended_leads_only_are_of_the_ending(tmp_path: Path):
    """No header says so: one column is filled on won and lost leads, one on lost leads."""
    rows = []
    for n in range(1, 41):
        state = ("offen", "gewonnen", "verloren", "offen")[n % 4]
        day = f"2026-03-{1 + n % 28:02d}" if state != "offen" else ""
        why = ("Frist", "Preis")[n % 8 > 4] if state == "verloren" else ""
        rows.append(f"V{n};{state};2026-01-{1 + n % 28:02d};{day};{why}")

    export = leadaudit.read(_csv(tmp_path, "liste.csv", "Vorgangs-Nr.;Status;Angelegt am;Q7;Q8", rows))

    found = export.sources[0].roles
    assert (found["closed_at"], found["lost_reason"]) == ("Q7", "Q8")
    leads = export.leads()
    assert leads.loc[leads.status.isin(["won", "lost"]), "closed_at"].notna().all()
    given = leadaudit.read(tmp_path / "liste.csv", mapping={"liste.csv": {"closed_at": ""}})
    assert "closed_at" not in given.sources[0].roles


@pytest.mark.parametrize(
    ("values", "status"),
    [
        (("Angebot", "Abgeschlossen (100%)", "Verloren"), {"open": 8, "won": 8, "lost": 8}),
        (("In Progress", "Closed", "Won"), {"open": 8, "won": 8, "lost": 8}),
        (("i.B.", "Auftr.", "Abs."), {"open": 8, "won": 8, "lost": 8}),
    ],
)
def test_words_cut_short_and_words_that_only_say_over(tmp_path: Path, values: tuple[str, ...], status: dict[str, int]):
    """What "closed" means follows from the ending that the other values name; abbreviations are their words."""
    rows = [f"V{n};{values[n % 3]};2026-01-{n:02d}" for n in range(1, 25)]

    export = leadaudit.read(_csv(tmp_path, "liste.csv", "Vorgangs-Nr.;Status;Angelegt am", rows))

    assert dict(export.leads().status.value_counts()) == status


def test_who_sells_and_for_how_much_under_headers_that_no_list_has(tmp_path: Path):
    """Surnames under "Vertriebsbetreuung Nord", net sums under "Jährl. Betrag Standardwährung"; tax is no value."""
    rows = [f"V{n};Umbau {chr(96 + n)};{STEPS[n % 4]};{('Abel', 'Noll')[n % 2]};{n}9,10;{n}0,00" for n in range(1, 25)]

    export = leadaudit.read(
        _csv(
            tmp_path, "l.csv", "Nr.;Titel;Phase;Vertriebsbetreuung Nord;MwSt-Betrag;Jährl. Betrag Standardwährung", rows
        )
    )

    found = export.sources[0].roles
    assert found["owner"] == "Vertriebsbetreuung Nord"
    assert found["amount"] == "Jährl. Betrag Standardwährung"


def test_an_interested_party_is_the_company_where_another_column_names_the_lead(tmp_path: Path):
    """And the lead itself where none does."""
    rows = [f"V{n};Umbau {chr(96 + n)};Hof {n % 9};{STEPS[n % 4]}" for n in range(1, 25)]

    both = leadaudit.read(_csv(tmp_path, "a.csv", "Nr.;Verkaufschance Bezeichnung;Interessent;Phase", rows))
    alone = leadaudit.read(_csv(tmp_path, "b.csv", "Nr.;Farbe;Interessent;Phase", rows))

    assert [both.sources[0].roles[role] for role in ("name", "company")] == [
        "Verkaufschance Bezeichnung",
        "Interessent",
    ]
    assert alone.sources[0].roles["name"] == "Interessent"


def test_words_of_the_trade_are_over_where_nothing_is_planned_for_them(tmp_path: Path):
    """A follow-up for every open lead and for none that is "Zugeschlagen": won, as the other ending is known."""
    states = ("im Rennen", "Besuch war", "Zugeschlagen", "verloren")
    rows = []
    for n in range(1, 41):
        state = states[n % 4]
        follow_up = f"2026-11-{1 + n % 28:02d}" if n % 4 < 2 else ""
        rows.append(f"V{n};{state};2026-01-{1 + n % 28:02d};{follow_up}")

    found = look(_csv(tmp_path, "liste.csv", "Vorgangs-Nr.;Status;Angelegt am;Wiedervorlage", rows))
    leads = leadaudit.read(tmp_path / "liste.csv").leads()

    assert dict(leads.status.value_counts()) == {"open": 20, "won": 10, "lost": 10}
    said = found.issues[found.issues.code == "word_taken_won"]
    assert (said.value.item(), said["count"].item()) == ("Zugeschlagen", 10)


def test_words_of_the_trade_stay_open_where_follow_ups_are_kept_for_some_of_each(tmp_path: Path):
    """Nothing is concluded from a list that plans here and there."""
    states = ("im Rennen", "Besuch war", "Zugeschlagen", "verloren")
    rows = [f"V{n};{states[n % 4]};2026-01-{1 + n % 28:02d};{'2026-11-02' if n % 3 else ''}" for n in range(1, 41)]

    leads = leadaudit.read(_csv(tmp_path, "l.csv", "Vorgangs-Nr.;Status;Angelegt am;Wiedervorlage", rows)).leads()

    assert dict(leads.status.value_counts()) == {"open": 30, "lost": 10}


def test_percentages_and_a_date_that_every_lead_has(tmp_path: Path):
    """The chance by its percent sign, the creation by being there always, the won date by standing on won leads."""
    rows = []
    for n in range(1, 41):
        state = STEPS[n % 4]
        later = f"2026-02-{1 + n % 28:02d}" if n % 3 else ""
        won = f"2026-03-{1 + n % 28:02d}" if state == "Gewonnen" else ""
        rows.append(f"V{n};{state};{later};2026-01-{1 + n % 28:02d};{won};{10 * (n % 9)} %;{n % 4} %")

    head = "Vorgangs-Nr.;Phase;Angebot vom;Zugang;Q1;Q2;Rabatt"
    found = leadaudit.read(_csv(tmp_path, "l.csv", head, rows)).sources[0].roles
    mapping = {"l.csv": {"created_at": "Angebot vom"}}

    assert [found[role] for role in ("created_at", "won_at", "probability")] == ["Zugang", "Q1", "Q2"]
    assert leadaudit.read(tmp_path / "l.csv", mapping=mapping).sources[0].roles["created_at"] == "Angebot vom"


def test_yes_no_and_nothing_under_won_are_won_lost_and_open(tmp_path: Path):
    """Hand-kept lists mark what was decided, and leave the rest empty."""
    rows = [f"{n};2026-01-{1 + n % 28:02d};Hof {n};{('j', 'n', '')[n % 3]}" for n in range(1, 31)]

    leads = leadaudit.read(_csv(tmp_path, "l.csv", "Angebot Nr;Datum;Kunde;Gewonnen j/n", rows)).leads()

    assert dict(leads.status.value_counts()) == {"open": 10, "won": 10, "lost": 10}


def test_a_known_word_beside_an_unknown_one_keeps_its_meaning(tmp_path: Path):
    """The seller is "Betreuer FK", and the customer's contact person is not."""
    rows = [f"{n};{STEPS[n % 4]};{('Eva Lutz', 'Jan Abel')[n % 2]};{('Noll', 'Kern')[n % 2]}" for n in range(1, 25)]

    found = leadaudit.read(_csv(tmp_path, "l.csv", "Lfd;Phase;Ansprechp. Kunde;Betreuer FK", rows)).sources[0].roles

    assert found["owner"] == "Betreuer FK"


def test_a_guess_at_a_closing_date_does_not_stand_beside_a_known_one(tmp_path: Path):
    """A simulated closing date is not the date of the ending where the export has one."""
    rows = [f"{n},{('Proposal', 'Closed Won')[n % 2]},2026-03-{n:02d},2026-05-{n:02d}" for n in range(1, 25)]

    found = (
        leadaudit.read(_csv(tmp_path, "d.csv", "Id,Stage,Close Date,Opp Close Date_Simulated", rows)).sources[0].roles
    )

    assert found["close_at"] == "Close Date"
    assert "closed_at" not in found


def test_numbers_of_tickets_are_ids_and_no_sums_written_out(tmp_path: Path):
    """A "ticket" is what a deal is worth, or what it is called by: the values tell which."""
    topics = ("Neue Anlage", "Wartung der Server", "Umzug ins Netz")
    rows = [f"{{}};{topics[n % 3]};{STEPS[n % 4]};2026-01-{n:02d}" for n in range(1, 25)]
    ids = [row.format(f"SR-{3300 + n}") for n, row in enumerate(rows)]
    sums = [row.format(f"{5 * n} k / year") for n, row in enumerate(rows, 1)]

    named = leadaudit.read(_csv(tmp_path, "a.csv", "Ticket;Thema;Phase;Erstellt", ids)).sources[0].roles
    valued = leadaudit.read(_csv(tmp_path, "b.csv", "Ticket;Thema;Phase;Erstellt", sums)).sources[0].roles

    assert named["lead_id"] == "Ticket"
    assert valued["amount_text"] == "Ticket"


def test_headers_with_nul_characters_stay_columns_of_their_own(tmp_path: Path):
    """A file torn between two encodings has such headers; a frame would take them all for one without a name."""
    rows = [f"{n};a{n};b{n};{STEPS[n % 4]};2026-01-{n:02d}" for n in range(1, 25)]
    path = tmp_path / "l.csv"
    path.write_bytes("\n".join(("Id;\0A\0;\0B\0;Phase;Erstellt", *rows)).encode("utf-16-le"))

    export = leadaudit.read(path)

    assert list(export.leads()[list(export.extra_columns)].iloc[0]) == ["a1", "b1"]
