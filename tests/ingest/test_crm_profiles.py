"""What each CRM writes is known: profiles load, headers mean what they mean, files become the right tables."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Mapping
from typing import Any

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from ingest.crm_fixtures import File, Fixture, fixtures

from leadaudit.errors import ConfigError
from leadaudit.ingest.recognition.matching import LEAST_SCORE, match_header, recognise
from leadaudit.ingest.recognition.meanings import (
    activity_direction,
    activity_kind,
    activity_state,
    changed_field,
    classify_stage,
    classify_status,
    is_data_quality_reason,
    null_tokens,
    outcome_of,
    record_type,
    says_nothing,
    truth,
)
from leadaudit.ingest.recognition.profile_file import parse_profile
from leadaudit.ingest.recognition.profiles import GENERAL, Profile, load_profiles, profile_of
from leadaudit.ingest.recognition.roles import ROLES
from leadaudit.ingest.values.headers import header_unit, normalise_header

CRMS = (
    "hubspot", "salesforce", "pipedrive", "zoho", "dynamics365", "close", "freshsales", "copper", "activecampaign", "odoo",
    "monday", "bitrix24", "suitecrm_sugarcrm", "espocrm", "vtiger", "insightly", "nutshell", "capsule", "centralstationcrm",
    "weclapp", "cas_genesisworld", "cobra", "tecart", "brevo", "salesmate",
)  # fmt: skip

LEAST_RECOGNISED = 0.45
"""Score that the right CRM reaches for its own leads; any other stays below it."""

FILES = [
    pytest.param(fixture, file, id=f"{fixture.id}-{file.name}") for fixture in fixtures() for file in fixture.files
]
LEAD_FILES = [
    pytest.param(fixture, fixture.files[0], id=fixture.id) for fixture in fixtures() if profile_of(fixture.crm).objects
]

# Headers that mean something else in this CRM than in all others: only its profile can know.
PECULIAR = {
    ("centralstationcrm", "Status"),  # its stages are called status
    ("close", "lead_name"),  # its leads are companies
    ("close", "status_label"),
    ("odoo", "Abschlussdatum"),  # elsewhere also the date that is expected
    ("suitecrm_sugarcrm", "Amount"),  # in the base currency
    ("suitecrm_sugarcrm", "Betrag"),
    ("suitecrm_sugarcrm", "Expected Close Date"),  # there is no other date of the ending
    ("suitecrm_sugarcrm", "Erwartetes Abschlussdatum"),
    ("vtiger", "Expected Close Date"),
    ("weclapp", "Erwarteter Umsatz"),  # weighted
}


# ------------------------------------------------------------------ profiles


def test_there_is_a_profile_of_every_crm_and_a_general_one():
    """Twenty-five CRMs and what all of them share; the general profile comes first."""
    crms = [profile.crm for profile in load_profiles()]

    assert crms[0] == GENERAL
    assert set(crms[1:]) == set(CRMS)


@pytest.mark.parametrize("profile", load_profiles(), ids=lambda profile: profile.crm)
def test_a_profile_can_lead_to_leads(profile: Profile):
    """Whatever CRM it is: its leads have a stage or status, and a name or an id."""
    if profile.crm == "tecart":
        assert not profile.objects  # nothing is known of its files; the general profile reads them
        return

    roles = {role.role for role in profile.roles("leads").values()}

    assert roles & {"stage", "status", "stage_id"}
    assert roles & {"lead_id", "name"}
    assert profile.name


@pytest.mark.parametrize("table", list(ROLES))
def test_the_general_profile_speaks_german_and_english_for_every_table(table: str):
    """No table can be read in one of the two languages only."""
    roles = profile_of(GENERAL).roles(table).values()

    for language in ("en", "de"):
        assert {"lead_id", "lead_name" if table != "leads" else "name"} <= {
            role.role for role in roles if role.language in (language, "both", "technical")
        }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('name = "X"\n[objects.deals]\ntable = "leads"\n[objects.deals.en]\nstaeg = ["Stage"]', "x.toml, line 5: the key objects.deals.en.staeg"),
        ('name = "X"\nreadings = 1', "line 2: the key readings is unknown"),
        ('name = "X"\n[objects.deals]\ntable = "lead"', "line 3: objects.deals.table = lead does not fit"),
        ('name = "X"\n[reading]\nquirks = ["odd"]', "line 3: reading.quirks = odd"),
        ('name = "X"\n[reading]\ntotals = ["("]', "line 3: reading.totals = ( does not fit. Expected: a regular expression"),
        ('name = "X"\n[stages.en]\nwin = ["Won"]', "line 3: the key stages.en.win"),
        ('name = "X"\n[stages.fr]\nwon = ["Gagné"]', "line 2: the key stages.fr"),
        ('name = "X"\n[stages.en]\nwon = "Won"', "line 3: stages.en.won = Won does not fit. Expected: a list of texts"),
        ("[reading]\n", "name = None does not fit. Expected: a text"),
        ('name = "X"\n[reading\n', "line 2: not valid TOML"),
    ],
)  # fmt: skip
def test_what_no_profile_may_say_is_refused_with_its_line(text: str, expected: str):
    """A slip in a profile names file, line and key, so that adding a CRM needs no debugger."""
    with pytest.raises(ConfigError) as caught:
        parse_profile("x", text)

    assert expected in str(caught.value)


def test_a_near_miss_is_answered_with_the_right_word():
    """The message for an unknown role names the one that was meant."""
    with pytest.raises(ConfigError, match="Did you mean stage"):
        parse_profile("x", 'name = "X"\n[objects.deals]\ntable = "leads"\n[objects.deals.en]\nstaeg = ["Stage"]')


def test_the_documented_profile_is_one(checkout):
    """What the page about adding a CRM shows can be copied as it stands."""
    page = (checkout / "docs" / "adding-a-crm.md").read_text(encoding="utf-8")
    shown = re.search(r"```toml\n(.*?)```", page, re.DOTALL)
    assert shown is not None

    profile = parse_profile("acme", textwrap.dedent(shown.group(1)))

    assert "stage" == profile.roles("leads")["stufe"].role
    assert "won" == profile.words["stages"]["zuschlag"].meaning


def test_hearsay_is_kept_and_marked():
    """A German HubSpot header that nobody saw in a file is known, and is not called verified."""
    roles = profile_of("hubspot").roles("leads")

    assert not roles["deal phase"].verified
    assert roles["deal stage"].verified


@pytest.mark.real
def test_every_role_that_the_facts_name_is_in_a_profile(shared):
    """No header of the collected facts was forgotten on the way into the profiles."""
    facts = json.loads((shared / "crm-exports" / "facts.json").read_text(encoding="utf-8"))
    forgotten = [
        (crm, name, header)
        for crm, objects in facts.items()
        if crm != "_meta"
        for name, part in objects.items()
        if isinstance(part, dict) and name != "_crm"
        for role, headers in part.get("roles", {}).items()
        if role != "time_in_stage"
        for header in headers
        if not header.startswith(("(custom", "(group")) and not _known(profile_of(crm), header)
    ]

    # The first is a note and no header; a board's group and a renaming tool's suffix have no header either.
    assert forgotten == [
        ("odoo", "opportunities", "Active (False = lost/archived)"),
        ("monday", "deals", "Item ID (auto generated)"),
        ("monday", "deals", "<group name>"),
    ]


def _known(profile: Profile, header: str) -> bool:
    key = normalise_header(header)
    return any(
        key in one.headers or any(pattern.match(header) or pattern.header == header for pattern in one.patterns)
        for one in profile.objects.values()
    )


# ------------------------------------------------------------------ headers


@pytest.mark.parametrize(("fixture", "file"), FILES)
def test_each_header_has_the_right_role_in_its_crm(fixture: Fixture, file: File):
    """The profile knows every column of the CRM's own export."""
    profile = profile_of(fixture.crm if file.object in profile_of(fixture.crm).objects else GENERAL)
    found = {header: match_header(header, file.table, profile)[0].role for header in file.roles}

    assert dict(file.roles) == found


@pytest.mark.parametrize(("fixture", "file"), FILES)
def test_each_header_has_the_right_role_without_knowing_the_crm(fixture: Fixture, file: File):
    """The words of a header say it, with a score of at least 0.85, but for what one CRM alone calls so."""
    wrong = {
        header: found[:2]
        for header, role in file.roles.items()
        if (fixture.crm, header) not in PECULIAR
        and not ((found := match_header(header, file.table)) and found[0].role == role and found[0].score >= 0.85)
    }

    assert {} == wrong


@pytest.mark.parametrize(("fixture", "file"), LEAD_FILES)
def test_a_crm_is_recognised_by_its_headers(fixture: Fixture, file: File):
    """The right CRM, object and language, clearly before any other CRM."""
    ranked = recognise(list(file.roles))
    others = [one.score for one in ranked if one.profile.crm != fixture.crm]

    assert (ranked[0].profile.crm, ranked[0].object) == (fixture.crm, file.object)
    assert ranked[0].score >= LEAST_RECOGNISED > max(others, default=0.0)


def test_a_german_and_an_english_file_are_told_apart():
    """The language of a file is that of its headers; names of an interface count for neither."""
    assert "de" == recognise(["Deal - ID", "Deal - Titel", "Deal - Phase", "Deal - Status"])[0].language
    assert "en" == recognise(["Deal - ID", "Deal - Title", "Deal - Stage", "Deal - Status"])[0].language


@pytest.mark.parametrize(
    ("header", "role", "least"),
    [
        ("Deal Owner Name", "owner", 0.85),
        ("Opportunity: Created Date", "created_at", 0.85),
        ("[Deal] Titel", "name", 0.85),
        ("Lead-Nr.", "lead_id", 0.9),
        ("Umsatz (netto)", "amount", 0.9),
        ("Auftragswert in T€", "amount", 0.9),
        ("Abschlussdatum (erw.)", "expected_close_at", 0.9),
        ("Voraussichtl. Abschlussdatum", "expected_close_at", 0.6),
        ("Auftragsanlagedatum", "created_at", 0.6),
        ("Datum der Auftragserteilung", "won_at", 0.6),
        ("Zust. Vertriebsmitarbeiter", "owner", 0.6),
        ("Wiedervorlage", "next_step_at", 0.9),
        ("Absage - Grund", "lost_reason", 0.9),
        ("crm_lead_stage", "stage", 0.8),
        ("Deal_Stage__c", "stage", 0.8),
        ("Statsu", "status", 0.5),
        ("Kontakt am", "last_activity_at", 0.5),
        ("Person - Name", "contact", 0.8),
        ("Account: Created Date", "other", 0.7),
        ("Firmen-ID", "other", 0.9),
        ("Erstgespräch", "stage_entered", 0.6),
        ('Date entered "Offer (Sales)"', "stage_entered", 0.8),
    ],
)
def test_headers_that_no_list_has_are_found_by_their_words(header: str, role: str, least: float):
    """Prefixes of tenants, compounds, abbreviations, typing errors: the role comes first, the score is modest."""
    best = match_header(header, "leads")[0]

    assert (role, True) == (best.role, best.score >= least)


@pytest.mark.parametrize("header", ["Risk_>45_days", "xyz", "Lieblingsfarbe", "Handelsregisterblatt"])
def test_a_header_that_says_nothing_is_not_guessed(header: str):
    """No role is invented for a column that nobody knows."""
    assert not [one for one in match_header(header, "leads") if one.score >= 0.5 and one.role != "other"]


@pytest.mark.parametrize(
    ("header", "currency", "factor"),
    [("Betrag (EUR)", "EUR", 1.0), ("Umsatz in T€", "EUR", 1000.0), ("amount_usd", "USD", 1.0), ("Wert [Mio. €]", "EUR", 1e6), ("Neuro", None, 1.0)],
)  # fmt: skip
def test_units_are_taken_apart_from_the_header(header: str, currency: str | None, factor: float):
    """Thousands of euros are not euros, and a word that ends in a unit is none."""
    unit = header_unit(header)

    assert (currency, factor) == (unit.currency, unit.factor)


@given(st.text(max_size=60), st.sampled_from(sorted(ROLES)))
def test_any_header_gives_ranked_roles_and_nothing_else(header: str, table: str):
    """Whatever stands in a header: no exception, known roles, falling scores between the limits."""
    found = match_header(header, table)

    assert all(one.role in ROLES[table] and LEAST_SCORE <= one.score <= 1 for one in found)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert len({one.role for one in found}) == len(found)


@given(st.sampled_from(sorted(profile_of(GENERAL).roles("leads"))))
@example("kapanis tarihi")  # a dotless i is an i in capitals
def test_spelling_makes_no_difference(key: str):
    """A header in capitals, with underscores or umlauts written out is the same header."""
    header = profile_of(GENERAL).roles("leads")[key].header
    spelt = header.upper().replace("Ä", "AE").replace("Ö", "OE").replace("Ü", "UE").replace(" ", "_")

    assert key == normalise_header(normalise_header(header)) == normalise_header(f"\ufeff {spelt} *")


# ------------------------------------------------------------------ words


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("Closed Won", "won"), ("5. Auftrag erteilt", "won"), ("05 - Gewonnen 100%", "won"), ("C2:WON", "won"), ("beauftragt", "won"),
        ("G. Project Won", "won"), ("Angebot unterschrieben", "won"), ("abgesagt", "lost"), ("Angebot abgelehnt", "lost"),
        ("kein Interesse", "lost"), ("nicht gewonnen", "lost"), ("Verloren an Wettbewerb", "lost"), ("zurückgestellt", "paused"),
        ("On hold bis Q3", "paused"), ("ruht", "paused"), ("Keep Warm", "paused"), ("Noch nicht verloren", "open"),
        ("Close", "open"), ("Umsatzprognose", "open"), ("Erstgespräch", "open"), ("Won/Lost", None), ("Geschlossen", None),
        ("Auftrag in Aussicht", None), ("DATA SEARCH", None), ("25%", None), ("", None),
    ],
)  # fmt: skip
def test_stages_are_read_as_people_read_them(name: str, meaning: str | None):
    """Numbers in front do not matter, negations do, and what says both or nothing is not guessed."""
    guess = classify_stage(name)

    assert meaning == guess.meaning
    assert (guess.sure > 0) == (meaning is not None)


def test_a_crm_knows_its_own_words_better():
    """Dynamics' Close is open and sure; weclapp's stages are the account's own and stay unsure."""
    assert (1.0, "open") == ((guess := classify_stage("Close", profile_of("dynamics365"))).sure, guess.meaning)
    assert "lost" == classify_status("Out-Sold", profile_of("dynamics365")).meaning
    assert classify_stage("Auftrag erteilt", profile_of("weclapp")).sure < 1.0


@pytest.mark.parametrize(
    ("text", "kind", "direction"),
    [
        ("Telefonat (eingehend)", "call", "inbound"), ("E-Mail gesendet", "email", "outbound"), ("Tel. mit Frau Kurz", "call", None),
        ("INCOMING_CALL", "call", "inbound"), ("Video Call", "meeting", None), ("Kundenbesuch", "meeting", None),
        ("E-Mail geöffnet", "content", None), ("Angebot versendet", "offer", "outbound"), ("Wiedervorlage", "task", None),
        ("Kontaktformular", "form", None), ("Aktennotiz", "note", None), ("my_emails_2026", "email", None), ("Blumen", None, None),
    ],
)  # fmt: skip
def test_activity_types_say_kind_and_direction(text: str, kind: str | None, direction: str | None):
    """German and English types, whole or inside a longer text."""
    guess = activity_kind(text, profile_of("weclapp"))

    assert (kind, direction) == (guess.kind, guess.direction)


def test_other_words_of_an_export_have_their_meaning():
    """Directions, states, outcomes, fields, linked records and booleans in both languages."""
    assert ("outbound", "inbound", "inbound") == tuple(map(activity_direction, ("Ausgang", "Received", "vom Kunden")))
    assert ("done", "planned", "cancelled") == tuple(
        map(activity_state, ("Durchgeführt", "Nicht begonnen", "Not Held"))
    )
    assert ("not_reached", "refused", "bounced") == tuple(map(outcome_of, ("Mailbox", "Unsubscribed", "Unzustellbar")))
    assert ("stage", "owner", None) == tuple(map(changed_field, ("dealstage", "Zuständig", "Farbe")))
    assert ("lead", "other") == tuple(map(record_type, ("Potentials", "Kontakt")))
    assert (True, False, True, None) == tuple(map(truth, ("Ja", "FALSCH", "x", "vielleicht")))
    assert {"-", "n/a", "(leer)", "0000-00-00", "\\n"} <= null_tokens()
    assert "000000000000000aaa" in null_tokens(profile_of("salesforce")) - null_tokens()


@pytest.mark.parametrize(
    ("reason", "nothing", "wrong_entry"),
    [
        ("Sonstiges", True, False), ("Other", True, False), ("keine Angabe", True, False), ("?", True, False), ("", True, False),
        ("Zu teuer", False, False), ("Test nicht erfolgreich", False, False), ("Dublette von 4711", False, True),
        ("Error/Duplicate", False, True), ("Test", False, True), ("irrtümlich angelegt", False, True),
    ],
)  # fmt: skip
def test_reasons_that_say_nothing_are_told_from_wrong_entries(reason: str, nothing: bool, wrong_entry: bool):
    """The word "Sonstiges" explains nothing, a duplicate is no ending, a failed test is a reason."""
    assert (nothing, wrong_entry) == (says_nothing(reason), is_data_quality_reason(reason))


# ------------------------------------------------------------------ value by value

READ = [pytest.param(one, id=one.id) for one in fixtures()]


@pytest.mark.parametrize("fixture", READ)
def test_a_crms_export_becomes_these_tables(fixture: Fixture, tmp_path):
    """Every value of every lead, activity and change of the export, in our columns and types."""
    import leadaudit

    for file in fixture.files:
        (tmp_path / file.name).write_bytes(file.content)
    export = leadaudit.read(*(tmp_path / file.name for file in fixture.files), timezone="UTC")
    leads = export.leads()

    assert len(fixture.leads) == len(leads)
    names = _compare(fixture.leads, leads, "lead_id" if "lead_id" in fixture.leads else "name")
    if fixture.activities is not None:
        key = ["lead_id", "at", "subject"]
        _compare_rows(fixture.activities, export.activities(), key, names)
    if fixture.changes is not None:
        changes = export.changes()
        _compare_rows(fixture.changes, changes[changes["field"] == "stage"], ["lead_id", "at", "after"], names)


def _compare(expected: pd.DataFrame, found: pd.DataFrame, key: str) -> Mapping[str, str]:
    """Compare leads by their key; gives our lead id for each key."""
    by_key = found.set_index(key)
    assert set(expected[key]) == set(by_key.index)
    for column in expected.columns.drop(key):
        ours = by_key.loc[expected[key], column]
        differing = [
            (name, theirs, mine)
            for name, theirs, mine in zip(expected[key], expected[column], ours, strict=True)
            if _plain(theirs) != _plain(mine)
        ]
        assert [] == differing[:3], f"{column}: {len(differing)} differ"
    return dict(zip(found[key], found["lead_id"], strict=True))


def _compare_rows(expected: pd.DataFrame, found: pd.DataFrame, key: list[str], names: Mapping[str, str]) -> None:
    assert len(expected) == len(found)
    columns = list(expected.columns)
    rows = [tuple(_plain(value) for value in row) for row in expected[columns].itertuples(index=False)]
    ours = [tuple(_plain(value) for value in row) for row in found[columns].itertuples(index=False)]
    missing = sorted(set(rows) - set(ours), key=str)
    assert [] == missing[:3], (
        f"{len(missing)} of {columns} are not there, but {sorted(set(ours) - set(rows), key=str)[:3]}"
    )
    assert set(key) <= set(columns)


def _plain(value: Any) -> Any:
    """A value in the form in which tables are compared: None for missing, times and numbers as such."""
    if value is None or value is pd.NaT or (not isinstance(value, str) and pd.isna(value)):
        return None
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    return round(float(value), 6) if isinstance(value, (int, float)) and not isinstance(value, bool) else value
