"""``leadaudit inspect``: what is recognised is shown, can be corrected, and adds up."""

from __future__ import annotations

import json
import re
import sys
import tomllib
import zipfile
from pathlib import Path

import jsonschema
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import leadaudit
from leadaudit import cli
from leadaudit.delivery import Order
from leadaudit.errors import ColumnMappingError, ConfigError, OutputError
from leadaudit.ingest.export import Source
from leadaudit.ingest.recognition.roles import ROLES
from leadaudit.inspection import inspect, look
from leadaudit.inspection.gathering import gathered
from leadaudit.inspection.mapping_file import load_mapping, mapping_text, write_mapping
from leadaudit.notebooks import typed
from leadaudit.notebooks.opening import AUDIT, audit_of, dated_of
from leadaudit.packaged import sample_paths

DOCS = Path(__file__).resolve().parent.parent / "docs"
SCHEMA, PAGE = DOCS / "inspect.schema.json", DOCS / "reading.md"

DEALS = "Deal ID;Dealname;Phase;Betrag;Erstellt am;Besitzer;Region\n" + "".join(
    f"D{n};Anlage {n};{phase};{n}.200,50;{n:02d}.03.2025;{owner};Nord\n"
    for n, (phase, owner) in enumerate([("Angebot", "Kim Lee"), ("Neu", "Jo Ek"), ("Gewonnen", "Kim Lee")] * 7, 1)
)
CALLS = "Deal ID,Call Date,Call Direction,Subject\n" + "".join(
    f"D{n},2025-04-{n:02d} 10:00,{'Inbound' if n % 2 else 'Outbound'},Talk {n}\n" for n in range(1, 24)
)


@pytest.fixture
def deals(tmp_path):
    """A German export of deals."""
    file = tmp_path / "deals.csv"
    file.write_text(DEALS, encoding="utf-8")
    return file


@pytest.fixture
def calls(tmp_path):
    """Calls of these deals, and two of others."""
    file = tmp_path / "calls.csv"
    file.write_text(CALLS, encoding="utf-8")
    return file


def run(monkeypatch, capsys, *words):
    """What the command line does: exit code, what it prints, what it complains of."""
    monkeypatch.setattr(sys, "argv", ["leadaudit", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = capsys.readouterr()
    return ended.value.code or 0, said.out, said.err


def test_the_text_names_file_object_columns_and_rows(deals):
    """A reader sees what the file was taken for, in the language of its headers."""
    text = look(deals).text(width=140)

    for words in (
        "deals.csv\n  Leads",
        "Überschriften: deutsch",
        "Kodierung utf-8 · Trennzeichen Semikolon · Überschriften in Zeile 1",
        "21 Zeilen gelesen = 21 verwendet + 0 beiseitegelegt",
        "Weitere Spalten, die unter ihrem Namen erhalten bleiben: Region",
        "- Der Phasenverlauf fehlt.",
    ):
        assert words in text
    (amount,) = [line.split() for line in text.splitlines() if line.strip().startswith("amount ")]
    assert ["amount", "Betrag", "sicher", "1.200,50", "|", "2.200,50", "|", "3.200,50", "Dezimalkomma"] == amount


def test_the_language_can_be_chosen(deals):
    """Headers are German, the reader may not be."""
    assert "21 rows read = 21 used + 0 set aside" in look(deals, language="en").text()


def test_rows_add_up_and_lines_are_named(deals, calls):
    """Calls of unknown deals are set aside, with their lines in the file."""
    found = look(deals, calls)
    source = next(source for source in found.sources if source.kind == "activities")
    (unlinked,) = [one for one in gathered(found.issues) if one.code == "row_without_lead"]

    assert (source.rows_read, source.rows_used, source.rows_set_aside) == (23, 21, 2)
    assert (unlinked.count, unlinked.lines, unlinked.file) == (2, (23, 24), "calls.csv")
    assert found.evidence == "E"


def test_an_export_that_was_read_can_be_inspected():
    """The record of an export says the same as looking at its files."""
    export = leadaudit.read(*sample_paths())

    assert inspect(export).record() == look(*sample_paths()).record()


def test_activities_alone_are_shown_without_leads(calls):
    """Before the leads arrive, one can see what the other files are."""
    found = look(calls)

    assert (found.evidence, found.counts) == (None, None)
    assert [source.kind for source in found.sources] == ["activities"]
    assert "The leads themselves are missing" in found.text()


@pytest.mark.parametrize("paths", ["deals", "calls", "both", "sample"])
def test_the_json_follows_its_schema(paths, deals, calls):
    """Whatever is inspected, programs find the same keys."""
    chosen = {"deals": [deals], "calls": [calls], "both": [deals, calls], "sample": sample_paths()}[paths]
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))

    record = look(*chosen).record()

    jsonschema.validate(json.loads(json.dumps(record)), schema)
    for table in record["tables"]:
        named = [column["header"] for column in table["columns"]] + table["stage_columns"] + table["other_columns"]
        assert len(named) == len(set(named))


def test_a_written_mapping_reads_the_same(deals, calls, tmp_path):
    """Using the mapping as it was written changes nothing."""
    found = look(deals, calls)
    write_mapping(tmp_path / "mapping.toml", found.mapping_text())

    again = look(deals, calls, mapping=load_mapping(tmp_path / "mapping.toml"))

    roles = [source.roles for source in found.sources]
    assert roles == [source.roles for source in again.sources]
    assert "1.200,50" not in found.mapping_text(), "a mapping holds headers, never values"


def test_a_mapping_file_is_never_overwritten(tmp_path):
    """It may have been edited for an hour."""
    write_mapping(tmp_path / "mapping.toml", "# first\n")
    with pytest.raises(OutputError, match="is there already"):
        write_mapping(tmp_path / "mapping.toml", "# second\n")
    assert (tmp_path / "mapping.toml").read_text(encoding="utf-8") == "# first\n"


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text(min_size=1), min_size=1, max_size=6, unique=True), st.text(min_size=1))
def test_any_header_survives_a_mapping_file(headers, file):
    """Quotes, backslashes, line breaks and control characters in headers and file names are no trouble."""
    roles = dict(zip(ROLES["leads"], headers, strict=False))
    source = Source(file, "leads", roles=roles, columns=(*headers, "Rest"))

    read = tomllib.loads(mapping_text([source], "de"))

    assert read == {"mapping": {file: {"table": "leads", **roles}}}


def test_a_mapping_corrects_what_was_recognised(deals):
    """The region is the pipeline, and the owner is nobody's business."""
    export = leadaudit.read(deals, mapping={"deals.csv": {"pipeline": "Region", "owner": ""}})

    assert set(export.leads()["pipeline"]) == {"Nord"}
    assert export.leads()["owner"].isna().all()
    assert "Besitzer" in export.leads()


def test_a_mapping_says_what_a_foreign_table_is(tmp_path):
    """Nothing in this file looks like leads; the user knows better."""
    file = tmp_path / "liste.csv"
    file.write_text("Artikel,Farbe\nHut,rot\nSchal,blau\n", encoding="utf-8")
    with pytest.raises(ColumnMappingError, match="No column for an id"):
        look(file)

    found = look(file, mapping={"liste.csv": {"table": "leads", "lead_id": "Artikel", "stage": "Farbe"}})

    assert found.counts == {"leads": 2, "activities": 0, "changes": 0}


@pytest.mark.parametrize(
    ("mapping", "error", "sentence"),
    [
        ({"stage": "Phasen"}, ColumnMappingError, "the column Phasen for stage.*Did you mean Phase?"),
        ({"stagee": "Phase"}, ColumnMappingError, "deals.csv names stagee.*Did you mean stage?"),
        ({"table": "deals"}, ConfigError, "Expected: leads, activities, changes"),
    ],
)
def test_slips_in_a_mapping_are_named_with_the_nearest(deals, mapping, error, sentence):
    """A wrong header or role stops the run before it can give a wrong report."""
    with pytest.raises(error, match=sentence):
        look(deals, mapping={"deals.csv": mapping})


def test_a_mapping_for_another_file_is_an_issue(deals):
    """A slip in the file's name would leave the mapping without effect in silence."""
    issues = look(deals, mapping={"deal.csv": {"stage": "Phase"}}).issues

    assert issues.loc[issues["code"] == "mapping_unused", "file"].tolist() == ["deal.csv"]


def test_all_tables_of_a_zip_are_read(tmp_path):
    """What a CRM packs together is one export; each table keeps its name."""
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.writestr("out/deals.csv", DEALS)
        archive.writestr("out/calls.csv", CALLS)
        archive.writestr("readme.md", "no table")

    found = look(tmp_path / "export.zip")

    assert [(source.file, source.kind, source.rows_used) for source in found.sources] == [
        ("export.zip/out/deals.csv", "leads", 21),
        ("export.zip/out/calls.csv", "activities", 21),
    ]


def test_a_further_sheet_has_a_name_in_the_mapping(tmp_path):
    """Two tables in one workbook can be corrected apart."""
    book = openpyxl.Workbook()
    for sheet, text, mark in ((book.active, DEALS, ";"), (book.create_sheet("Anrufe"), CALLS, ",")):
        for line in text.splitlines():
            sheet.append(line.split(mark))
    book.active.title = "Deals"
    book.save(tmp_path / "crm.xlsx")
    file = tmp_path / "crm.xlsx"
    names = {table["name"]: table["kind"] for table in look(file).record()["tables"]}
    assert sorted(names.values()) == ["activities", "leads"]

    further = next(name for name in names if name != "crm.xlsx")
    found = look(file, mapping={further: {"table": names[further]}})

    assert not (found.issues["code"] == "mapping_unused").any()


def test_a_duplicate_header_can_be_named(tmp_path):
    """The second of two columns of one name is called as inspect shows it."""
    file = tmp_path / "deals.csv"
    file.write_text("Deal ID,Stage,Amount,Amount\n" + "".join(f"D{n},New,{n},{n * 10}\n" for n in range(1, 9)))

    export = leadaudit.read(file, mapping={"deals.csv": {"amount": "Amount_2"}})

    assert export.leads()["amount"].tolist() == [n * 10 for n in range(1, 9)]


def test_the_days_of_exports_are_told_by_file(deals):
    """A part that names no file that is read is refused, with an example."""
    with pytest.raises(ConfigError, match=r"Expected: deals.csv=2026-09-30"):
        dated_of("deal.csv=2026-09-30", [deals])


@pytest.mark.parametrize(
    ("name", "content", "german"),
    [
        ("fehlt.csv", None, "gibt es nicht"),
        (".", None, "liegt kein Export"),
        ("bericht.csv", b"%PDF-1.7\n%\xe2\xe3", "sondern: PDF-Dokument"),
        ("leer.csv", b"", "ist leer"),
        ("kopf.csv", b"Deal ID,Stage\n", "aber keine Zeile darunter"),
        ("hut.csv", b"Artikel,Preis\nHut,3\nSchal,4\n", "in einer Zuordnung (--mapping)"),
    ],
)
def test_what_cannot_be_inspected_is_one_sentence(tmp_path, monkeypatch, capsys, name, content, german):
    """Exit code 2, one line, in German where that is asked for, and nothing on the output."""
    if content is not None:
        (tmp_path / name).write_bytes(content)
    monkeypatch.chdir(tmp_path)

    code, out, err = run(monkeypatch, capsys, "inspect", name, "--language", "de")

    assert (code, out, err.count("\n")) == (2, "", 1)
    assert german in err


def test_the_command_writes_a_mapping_and_says_so(deals, tmp_path, monkeypatch, capsys):
    """What is written can be passed on to the next run."""
    file = tmp_path / "mapping.toml"
    code, out, _ = run(monkeypatch, capsys, "inspect", deals, "--mapping-out", file)
    assert code == 0
    assert f"Nach dem Bearbeiten: --mapping {file}" in out

    code, out, _ = run(monkeypatch, capsys, "inspect", deals, "--mapping", file, "--json")

    assert code == 0
    assert json.loads(out)["tables"][0]["rows_used"] == 21


def test_control_characters_of_a_file_do_not_reach_the_terminal(tmp_path):
    """A cell that would colour or clear the screen is shown as text."""
    file = tmp_path / "deals.csv"
    file.write_text(
        "Deal ID,Stage\n" + "".join(f"D{n},New\n" for n in range(1, 60)) + "D0,New\x1b[2J\n", encoding="utf-8"
    )

    text = look(file).text()

    assert "New [2J" in text
    assert "\x1b" not in text


def test_a_mapping_reaches_the_audit(deals, tmp_path):
    """What inspect showed with a mapping is what the notebook of the audit reads with it."""
    file = tmp_path / "mapping.toml"
    file.write_text('[mapping."deals.csv"]\npipeline = "Region"\n', encoding="utf-8")
    order = Order([deals], mapping=file, dated="deals.csv=2025-04-30")

    audit = audit_of(typed(order.parameters(tmp_path), AUDIT))

    assert set(audit.leads["pipeline"]) == {"Nord"}


def test_the_mapping_of_the_documentation_is_valid(tmp_path):
    """Every table and role that the page shows exists."""
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    (tmp_path / "mapping.toml").write_text(example, encoding="utf-8")

    (given,) = load_mapping(tmp_path / "mapping.toml").values()

    assert given.pop("table") in ROLES
    assert set(given) <= set(ROLES["leads"])


@pytest.mark.parametrize("width", [60, 80, 110, 200])
def test_roles_and_headers_stay_whole_where_a_terminal_is_narrow(deals, width):
    """Examples give way; what one needs for a mapping does not."""
    text = look(deals).text(width=width)

    assert max(map(len, text.splitlines())) <= width
    for role, header in [("lead_id", "Deal ID"), ("created_at", "Erstellt am"), ("owner", "Besitzer")]:
        assert re.search(rf"^  {role} +{header} ", text, flags=re.MULTILINE)


def test_the_documentation_lists_every_role():
    """A role is a word of the mapping file; each is explained where the mapping is."""
    section = PAGE.read_text(encoding="utf-8").split("## Roles", 1)[1]

    for table, roles in ROLES.items():
        _, rest = section.split(f"| {table} | means |\n|---|---|\n", 1)
        listed = rest.split("\n\n", 1)[0].strip().splitlines()
        assert listed == [f"| `{role}` | {meaning} |" for role, meaning in roles.items()]
