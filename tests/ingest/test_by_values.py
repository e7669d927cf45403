"""Columns whose headers nobody knows: what they hold tells what they are."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest

import leadaudit
from leadaudit.ingest.recognition.content import Content
from leadaudit.ingest.recognition.fitness import IMPOSSIBLE, fit
from leadaudit.ingest.recognition.matching import match_header
from leadaudit.ingest.recognition.meanings import classify_status
from leadaudit.ingest.recognition.people import are_companies, are_initials, are_sellers
from leadaudit.ingest.recognition.sums import are_steps, names_money, only_sums

STEPS = {"Anfrage": 10, "Bedarfsanalyse": 30, "Angebot": 50, "Verhandlung": 75}
SELLERS = ("Anna Vogt", "Jens Krüger", "Mehmet Arslan", "Petra Moser")
NOW = date(2026, 6, 30)

Row = dict[str, str]


def _leads() -> list[Row]:
    """Sixty leads: a third open, with plans ahead, the others ended before today."""
    chance = Random(7)
    made = []
    for number in range(60):
        created = NOW - timedelta(days=chance.randint(100, 400))
        step = chance.choice(list(STEPS))
        state = ("offen", "gewonnen", "verloren")[number % 3]
        ended = created + timedelta(days=chance.randint(10, 90))
        ahead = NOW + timedelta(days=chance.randint(20, 120))
        made.append(
            {
                "lead_id": f"VC-{number + 1001}",
                "name": f"{chance.choice(('Umbau', 'Neubau', 'Wartung'))} Halle {number}",
                "company": f"{chance.choice(('Brauerei', 'Holzwerk', 'Spedition'))} {number} {chance.choice(('GmbH', 'AG', 'KG'))}",
                "owner": chance.choice(SELLERS),
                "stage": step,
                "status": state,
                "amount": str(chance.randint(10, 900) * 100),
                "probability": str({"offen": STEPS[step], "gewonnen": 100, "verloren": 0}[state]),
                "created_at": f"{created:%d.%m.%Y}",
                "modified_at": f"{NOW - timedelta(days=number % 5):%d.%m.%Y}",
                "expected_close_at": f"{ahead if state == 'offen' else ended:%d.%m.%Y}",
                "closed_at": "" if state == "offen" else f"{ended:%d.%m.%Y}",
                "next_step_at": f"{NOW + timedelta(days=number % 28 + 4):%d.%m.%Y}" if state == "offen" else "",
                "lost_reason": chance.choice(("Preis", "Kein Budget", "Wettbewerb")) if state == "verloren" else "",
            }
        )
    return made


HEADERS = {
    "lead_id": "Vorgangsnummer", "name": "Titel", "company": "Firma", "owner": "Zuständig", "stage": "Phase", "status": "Status",
    "amount": "Betrag", "probability": "Wahrscheinlichkeit", "created_at": "Erstellt am", "modified_at": "Geändert am", "expected_close_at": "Erwarteter Abschluss",
    "closed_at": "Abgeschlossen am", "next_step_at": "Wiedervorlage", "lost_reason": "Verlustgrund",
}  # fmt: skip


def _roles(folder: Path, unknown: set[str], without: set[str] = frozenset()) -> dict[str, str]:
    """Roles found where some headers are nobody's words, and some columns are not there."""
    roles = [role for role in HEADERS if role not in without]
    heads = [f"Quarx {number}" if role in unknown else HEADERS[role] for number, role in enumerate(roles)]
    rows = [";".join(lead[role] for role in roles) for lead in _leads()]
    (folder / "liste.csv").write_text("\n".join([";".join(heads), *rows]) + "\n", encoding="utf-8")
    found = leadaudit.read(folder / "liste.csv").sources[0].roles
    return {role: header for role, header in found.items() if header.startswith("Quarx")}


@pytest.mark.parametrize("role", [role for role in HEADERS if role not in ("name", "modified_at")])
def test_one_column_without_a_known_header_is_told_by_its_values(tmp_path: Path, role: str):
    assert _roles(tmp_path, {role}) == {role: f"Quarx {list(HEADERS).index(role)}"}


def test_without_any_known_header_the_leads_are_still_read(tmp_path: Path):
    """Where it stands, who sells it, since when, what it is worth: all by values."""
    found = _roles(tmp_path, set(HEADERS), without={"modified_at"})

    numbers = {role: number for number, role in enumerate(role for role in HEADERS if role != "modified_at")}
    told = ("lead_id", "company", "owner", "stage", "status", "amount", "probability", "created_at", "closed_at", "lost_reason")  # fmt: skip
    assert {role: found.get(role) for role in told} == {role: f"Quarx {numbers[role]}" for role in told}


def test_one_date_for_plan_and_ending(tmp_path: Path):
    """Ahead on open leads, past on ended ones, and no other date of the ending."""
    assert _roles(tmp_path, {"expected_close_at"}, without={"closed_at"}) == {"close_at": "Quarx 10"}


def test_what_a_plan_could_be_is_none_where_the_header_says_otherwise(tmp_path: Path):
    """A date of delivery lies ahead as well."""
    roles = [role for role in HEADERS if role not in ("expected_close_at", "next_step_at")]
    heads = [*(HEADERS[role] for role in roles), "Liefertermin"]
    rows = [";".join([*(lead[role] for role in roles), lead["expected_close_at"]]) for lead in _leads()]
    (tmp_path / "liste.csv").write_text("\n".join([";".join(heads), *rows]) + "\n", encoding="utf-8")

    assert "Liefertermin" not in leadaudit.read(tmp_path / "liste.csv").sources[0].roles.values()


def _content(values: list[str], header: str = "Quarx") -> Content:
    return Content("c", header, 0, 1.0, Counter(values), len(values))


@pytest.mark.parametrize(
    ("values", "sellers"),
    [
        (["Huber", "Schmidt", "Huber", "Meier", "Schmidt", "Meier"], True),
        (["Jana", "Tom", "Jana", "Tom"], True),
        (["T. Berg", "J. Wirth", "T. Berg", "J. Wirth", "Tom Berg", "Tom Berg"], True),
        (["Messe", "Website", "Messe", "Website"], False),
        (["Neubau Halle", "Umbau Lager", "Neubau Halle", "Umbau Lager"], False),
        (["Anna Vogt", "Jens Krüger", "Petra Moser", "Tom Berg"], False),  # each once: contacts
    ],
)
def test_sellers_are_people_again_and_again(values: list[str], sellers: bool):
    assert are_sellers(_content(values)) is sellers


@pytest.mark.parametrize(
    ("values", "initials"),
    [
        (["JW", "TB", "MK", "JW", "TB", "MK"], True),
        (["DE", "AT", "CH", "DE", "AT", "CH"], False),
        (["NRW", "BY", "DACH", "NRW", "BY", "DACH"], False),
        (["Jw", "tb", "JW", "tb"], False),
    ],
)
def test_initials_are_no_countries(values: list[str], initials: bool):
    assert are_initials(_content(values)) is initials


@pytest.mark.parametrize(
    ("values", "steps"),
    [
        (["10", "25", "50", "75", "100"] * 3, True),
        (["0,1", "0,25", "0,9"] * 3, True),
        (["1", "2", "3", "4", "5"] * 3, False),  # a rating
        (["0", "5", "10", "15", "20"] * 3, False),  # a discount
    ],
)
def test_steps_of_a_chance(values: list[str], steps: bool):
    assert are_steps(_content(values)) is steps


def test_counts_and_averages_are_no_sums():
    assert names_money(_content(["³0", *map(str, range(90, 120))], "Summe"))  # raised to a power, no number
    assert names_money(_content(["1200", "340", "5600", "90"], "customer value"))  # "ust" inside a word is no tax
    assert not names_money(_content(["1200", "340", "5600", "90"], "Betrag USt"))
    counted = _content(["1", "2", "3", "5", "8"], "calls amount")
    round_sums = _content(["1000", "2500", "40000", "7300", "900"])

    assert not names_money(counted)
    assert only_sums([counted, round_sums]) == [round_sums]
    assert only_sums([round_sums, _content(["2000", "3500", "41000", "7100", "900"])]) == []


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("Nicht unterzeichnet (geschlossen)", "lost"),
        ("nicht beauftragt", "lost"),
        ("not signed", "lost"),
        ("Nicht verloren", "open"),
        ("noch nicht unterschrieben", "open"),
        ("Not contacted", "open"),
        ("Unresponsive", None),  # silence is no ending
        ("Nicht erreichbar", None),
    ],
)
def test_a_denied_ending_is_the_other_one(word: str, meaning: str | None):
    assert classify_status(word).meaning == meaning


def test_a_word_beside_a_full_chance_elsewhere_is_no_ending(tmp_path: Path):
    """Where the quote is what was "Delivered", its leads have a chance left, those called won have all of it."""
    rows = [f"{n},Job {n},{status},{n * 100},{chance}" for n, (status, chance) in enumerate([("Won", 1), ("Delivered", 0.5), ("Estimating", 0.2)] * 6)]  # fmt: skip
    (tmp_path / "jobs.csv").write_text("\n".join(["No,Name,Status,Amount,Probability", *rows]), encoding="utf-8")

    export = leadaudit.read(tmp_path / "jobs.csv")

    assert export.leads().status.value_counts().to_dict() == {"open": 12, "won": 6}
    assert "word_taken_open" in set(export.issues.code)


def test_closed_leads_without_a_reason_for_losing_are_won(tmp_path: Path):
    rows = [f"{n},Home {n},{'Closed' if n % 3 == 0 else 'Offer made'},{n % 3 == 0},{'' if n % 3 == 0 else 'Price'}" for n in range(18)]  # fmt: skip
    (tmp_path / "homes.csv").write_text("\n".join(["No,Name,Stage,Closed,Lost Reason", *rows]), encoding="utf-8")

    export = leadaudit.read(tmp_path / "homes.csv")

    assert (export.leads().status == "won").sum() == 6
    assert "closed_without_reason" in set(export.issues.code)


def test_nanoseconds_of_a_program_are_times(tmp_path: Path):
    rows = [f"{n},Deal {n},{'Won' if n % 2 else 'Open'},2026-01-{n + 1:02d},{1774828800000000000 if n % 2 else ''}" for n in range(12)]  # fmt: skip
    (tmp_path / "deals.csv").write_text("\n".join(["id,name,status,created,actual_close_date", *rows]), encoding="utf-8")  # fmt: skip

    leads = leadaudit.read(tmp_path / "deals.csv").leads()

    assert set(leads.closed_at.dropna().astype(str)) == {"2026-03-30"}


def test_a_sum_that_half_of_the_leads_lack_gives_way_and_words_are_none():
    """What only won leads have is no value of all; and a text under "Wert" is no sum, however few rows have one."""
    some = Content("c", "Wert", 0, 0.3, Counter({"1200": 1, "340": 1, "5600": 1}), 10)
    text = Content("c", "Wert", 0, 0.3, Counter({"hoch": 2, "niedrig": 1}), 10)

    assert fit("amount", "leads", some) < fit("amount", "leads", _content(["1200", "340", "5600"], "Wert"))
    assert fit("amount", "leads", text) == IMPOSSIBLE


def test_companies_have_legal_forms():
    assert are_companies(_content(["Voss GmbH", "Berg & Co. KG", "Alpha", "Beta Inc."]))
    assert not are_companies(_content(["Neubau", "Umbau", "Wartung", "Beratung AG-Halle"]))


def test_a_status_that_repeats_the_stage_makes_no_history_of_the_leads(tmp_path: Path):
    """Two columns with the same steps are before and after only where leads come again and again."""
    steps = ("Neu", "Angebot", "Gewonnen", "Verloren")
    rows = [f"D-{n},Deal {n},{steps[n % 4]},{steps[n % 3]},{n * 100},2026-01-{n % 28 + 1:02d}" for n in range(40)]
    (tmp_path / "deals.csv").write_text("\n".join(["Deal ID,Deal Name,Stage,Status,Amount,Created", *rows]))
    again = [f"Deal {n % 8},{steps[n % 2]},{steps[n % 2 + 1]},2026-02-{n % 28 + 1:02d},Jana" for n in range(40)]
    (tmp_path / "protokoll.csv").write_text("\n".join(["Deal,Status davor,Status danach,Zeitpunkt,Benutzer", *again]))

    export = leadaudit.read(tmp_path / "deals.csv", tmp_path / "protokoll.csv")

    assert {source.file: source.kind for source in export.sources} == {
        "deals.csv": "leads",
        "protokoll.csv": "changes",
    }
    assert len(export.leads()) == 40


def test_dates_of_stages_are_told_by_their_words(tmp_path: Path):
    """A header "stage_date_proposal" is the day of the proposal; the last two tell the endings."""
    head = "deal_id,owner,created_date,stage_date_discovery,stage_date_proposal,stage_date_closed_won,stage_date_closed_lost"
    rows = [f"d{n},Luke,2026-01-02,2026-01-05,2026-01-{n % 9 + 10},{'2026-02-01' if n % 2 else ''},{'' if n % 2 else '2026-02-03'}" for n in range(24)]  # fmt: skip
    (tmp_path / "deals.csv").write_text("\n".join([head, *rows]))

    export = leadaudit.read(tmp_path / "deals.csv")

    assert export.leads().status.value_counts().to_dict() == {"won": 12, "lost": 12}
    assert set(export.changes().after) >= {"discovery", "proposal"}


@pytest.mark.parametrize(
    ("head", "role"),
    [("Auftragsdatum", "close_at"), ("Absage am", "closed_at")],
)
def test_a_date_of_winning_that_others_have_is_none(tmp_path: Path, head: str, role: str):
    """Filled on open leads as well: the day of the decision; on won ones as well: the day of any ending."""
    rows = []
    for n in range(30):
        state = ("offen", "gewonnen", "verloren")[n % 3]
        day = f"{n % 28 + 1:02d}.03.2026" if state != "offen" or role == "close_at" else ""
        rows.append(f"{n + 1},Firma {n},{state},{day},{n * 100}")
    (tmp_path / "liste.csv").write_text("\n".join([f"Nr;Firma;Stand;{head};Wert".replace(";", ","), *rows]))

    export = leadaudit.read(tmp_path / "liste.csv")

    assert export.sources[0].roles[role] == head
    assert export.leads().status.value_counts().to_dict() == {"open": 10, "won": 10, "lost": 10}


@pytest.mark.parametrize(
    ("header", "role"),
    [
        ("Projekt / Leistung", "name"),
        ("Betrag CHF exkl. MWST", "amount"),
        ("Amount excl. VAT", "amount"),
        ("Kunde oder Interessent", "company"),
    ],
)
def test_additions_and_second_words_do_not_hide_what_a_header_means(header: str, role: str):
    assert match_header(header, "leads")[0].role == role


def test_sold_elsewhere_is_lost():
    assert [classify_status(word).meaning for word in ("anderweitig verkauft", "Won by competitor")] == ["lost", "lost"]  # fmt: skip
