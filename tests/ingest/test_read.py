"""Files to an export: what is recognised, how rows find their lead, and that none is lost."""

from __future__ import annotations

import sys

import pandas as pd
import pytest

import leadaudit
from leadaudit.errors import LeadAuditError

DEALS = """\
Deal ID;Deal Name;Phase;Status;Betrag;Erstellt am;Abschlussdatum;Zuständig;Verlustgrund
D1;Alpha;Angebot;Offen;1.200,50;03.02.2025;30.06.2025;Anna Weber;
D2;Beta;Verhandlung;Gewonnen;900;04.02.2025;20.03.2025;Anna Weber;
D3;Gamma;Angebot;Verloren;-;05.02.2025;21.03.2025;Tom Baker;Preis
"""


def written(folder, name, text):
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture
def deals(tmp_path):
    return written(tmp_path, "deals.csv", DEALS)


def adds_up(export):
    for source in export.sources:
        assert source.rows_read == source.rows_used + source.rows_set_aside
    aside = export.issues.loc[export.issues["severity"] == "error", "count"].sum()
    assert aside == sum(source.rows_set_aside for source in export.sources)


def test_leads_are_typed_by_role(deals):
    """German headers give our columns: amounts with comma, dates by day, status in our words."""
    export = leadaudit.read(deals)
    leads = export.leads().set_index("lead_id")
    assert leads["status"].tolist() == ["open", "won", "lost"]
    assert leads.loc["D1", "amount"] == 1200.5
    assert pd.isna(leads.loc["D3", "amount"])
    assert leads["created_at"].tolist() == [pd.Timestamp(2025, 2, day) for day in (3, 4, 5)]
    assert (export.language, export.timezone) == ("de", "Europe/Berlin")
    adds_up(export)


def test_one_close_date_serves_as_both(deals):
    """A column called Abschlussdatum is expected while the lead is open and the ending once it is closed."""
    leads = leadaudit.read(deals).leads().set_index("lead_id")
    assert leads.loc["D1", "expected_close_at"] == pd.Timestamp(2025, 6, 30)
    assert pd.isna(leads.loc["D1", "closed_at"])
    assert leads.loc["D2", "closed_at"] == pd.Timestamp(2025, 3, 20)
    assert pd.isna(leads.loc["D2", "expected_close_at"])


def test_the_status_wins_over_the_stage(tmp_path):
    """A stage called Close stands on open and on closed leads: only the status says which are closed."""
    text = "Opportunity ID,Status,Sales Stage,Est. revenue,Created On\nA,Open,Close,5,2024-01-01\nB,Won,Close,6,2024-01-02\nC,Lost,Close,7,2024-01-03\n"
    leads = leadaudit.read(written(tmp_path, "o.csv", text)).leads()
    assert leads["status"].tolist() == ["open", "won", "lost"]
    assert set(leads["stage"]) == {"Close"}


def test_files_are_recognised_in_any_order(deals, tmp_path):
    """Activities, history and leads may be named in any order."""
    history = written(
        tmp_path,
        "verlauf.csv",
        "Deal ID;Geändert am;Von Phase;Nach Phase\nD1;04.02.2025 09:00;;Angebot\nD2;05.02.2025 09:00;Angebot;Verhandlung\nX9;05.02.2025;;Angebot\n",
    )
    acts = written(
        tmp_path,
        "aktivitaeten.csv",
        "Deal ID;Datum;Art;Richtung;Betreff\nD1;06.02.2025 10:00;E-Mail;Ausgehend;Angebot\nD1;07.02.2025 11:00;Anruf;Eingehend;Rückfrage\n",
    )
    export = leadaudit.read(acts, history, deals)
    assert [source.kind for source in export.sources] == ["activities", "changes", "leads"]
    assert export.activities()[["kind", "direction"]].to_numpy().tolist() == [
        ["email", "outbound"],
        ["call", "inbound"],
    ]
    assert export.changes()["after"].tolist() == ["Angebot", "Verhandlung"]
    assert export.evidence == "HE"
    adds_up(export)


def test_history_without_a_lead_is_an_issue(deals, tmp_path):
    """A change of a lead that is not there is set aside with its line, and makes no lead."""
    history = written(
        tmp_path, "h.csv", "Deal ID,Changed At,From Stage,To Stage\nD1,2025-02-04,,Angebot\nX9,2025-02-05,,Angebot\n"
    )
    export = leadaudit.read(deals, history)
    issue = export.issues[export.issues["code"] == "row_without_lead"].iloc[0]
    assert (issue["file"], issue["row"], issue["value"]) == ("h.csv", 3, "X9")
    assert export.count("leads") == 3
    adds_up(export)


def test_an_unreadable_value_becomes_missing_and_an_issue(tmp_path):
    """A date that is none is missing, and named with line, column and value."""
    text = "Deal ID,Stage,Amount,Created\nA,New,12,2024-01-01\nB,New,lots,someday\nC,New,3,2024-01-05\n"
    export = leadaudit.read(written(tmp_path, "d.csv", text))
    found = export.issues[["code", "row", "column", "value"]].to_numpy().tolist()
    assert ["date_unreadable", 3, "Created", "someday"] in found
    assert ["number_unreadable", 3, "Amount", "lots"] in found
    assert export.count("leads") == 3


def test_a_lead_that_stands_twice_is_kept_in_its_latest_state(tmp_path):
    """Of several rows of a lead the one changed last is used; the others are issues with their lines."""
    text = "Deal ID,Stage,Created,Modified\nA,New,2024-01-01,2024-01-02\nA,Offer,2024-01-01,2024-02-02\nB,New,2024-01-05,2024-01-06\nB,New,2024-01-05,2024-01-06\n"
    export = leadaudit.read(written(tmp_path, "d.csv", text))
    assert export.leads().set_index("lead_id")["stage"].to_dict() == {"A": "Offer", "B": "New"}
    assert export.issues[["code", "row"]].to_numpy().tolist() == [["lead_identical", 5], ["lead_twice", 2]]
    adds_up(export)


def test_leads_without_an_id_get_a_stable_one(tmp_path):
    """The id is made from name, creation and company: the same in every run and in every order of rows."""
    rows = ["Alpha,New,2024-01-01,Acme", "Beta,Offer,2024-01-02,Globex", "Alpha,New,2024-01-01,Acme"]
    head = "Deal Name,Stage,Created,Company\n"
    first = leadaudit.read(written(tmp_path, "a.csv", head + "\n".join(rows) + "\n"))
    second = leadaudit.read(written(tmp_path, "b.csv", head + "\n".join(reversed(rows)) + "\n"))
    assert set(first.leads()["lead_id"]) == set(second.leads()["lead_id"])
    assert first.leads()["lead_id"].is_unique
    assert first.issues.loc[first.issues["code"] == "id_made_collision", "count"].tolist() == [1]


def test_activities_find_their_lead_by_name(tmp_path):
    """Without an id the name links; a name that two leads have links to neither and is an issue."""
    deals = written(
        tmp_path,
        "d.csv",
        "Deal ID,Deal Name,Stage,Created\nA,Alpha,New,2024-01-01\nB,Beta,New,2024-01-02\nC,Beta,New,2024-01-03\n",
    )
    acts = written(
        tmp_path,
        "emails.csv",
        "Subject,Regarding,Direction,Date Sent\nHi,Alpha,Outgoing,2024-01-05\nHi,alpha,Incoming,2024-01-06\nHi,Beta,Incoming,2024-01-06\n",
    )
    export = leadaudit.read(deals, acts)
    assert export.activities()[["lead_id", "kind", "direction"]].to_numpy().tolist() == [
        ["A", "email", "outbound"],
        ["A", "email", "inbound"],
    ]
    assert export.issues["code"].tolist() == ["ambiguous_link"]
    source = next(source for source in export.sources if source.kind == "activities")
    assert (source.linked_by, round(source.unlinked_share, 2)) == ("name", 0.33)


def test_planned_and_held_are_told_apart(deals, tmp_path):
    """A meeting held is mutual, a cancelled or planned one is not done; an answered call is mutual."""
    acts = written(
        tmp_path,
        "acts.csv",
        "Deal ID,Date,Type,Status,Outcome\nD1,2025-03-01,Meeting,Held,\nD1,2025-03-02,Meeting,Canceled,\nD1,2025-03-20,Meeting,Planned,\n"
        "D1,2025-03-03,Call,Completed,Connected\nD1,2025-03-04,Call,Completed,No Answer\n",
    )
    acts = leadaudit.read(deals, acts).activities()
    assert acts["done"].tolist() == [True, False, False, True, True]
    assert acts["direction"].tolist()[0] == "mutual"
    assert acts["direction"].tolist()[3] == "mutual"
    assert acts["direction"].tolist()[4] != "mutual"


def test_columns_of_stage_dates_are_a_history(tmp_path):
    """One date column per stage gives the stage, its entry, the ending, and one change per date."""
    text = "Deal ID,Created,Erstgespräch,Angebot,Gewonnen,Absage\nA,2024-01-01,2024-01-05,2024-01-09,2024-02-01,\nB,2024-01-02,2024-01-06,,,2024-01-20\nC,2024-01-03,,,,\n"
    export = leadaudit.read(written(tmp_path, "d.csv", text))
    leads = export.leads().set_index("lead_id")
    assert leads["status"].tolist() == ["won", "lost", "open"]
    assert leads.loc["A", ["stage", "closed_at"]].tolist() == ["Gewonnen", pd.Timestamp(2024, 2, 1)]
    assert len(export.changes()) == 5
    assert "H" in export.evidence


def test_dates_called_after_a_stage_are_a_history_too(tmp_path):
    """qualified_at and proposal_at beside a stage column: one change per date, spelt as the stage is."""
    text = "deal_id,current_stage,created_at,qualified_at,proposal_at\nA,Proposal,2024-01-01,2024-01-05,2024-01-09\nB,Qualified,2024-01-02,2024-01-06,\n"
    export = leadaudit.read(written(tmp_path, "d.csv", text))
    assert export.changes().sort_values(["lead_id", "at"])["after"].tolist() == ["Qualified", "Proposal", "Qualified"]


def test_rows_per_product_are_added_up(tmp_path):
    """A deal that stands on one row per product counts once, with the sum of its parts; no row is lost."""
    text = "Deal ID,Stage,Amount,Created,Product\nA,New,100,2024-01-01,Chair\nA,New,50,2024-01-01,Table\nB,New,7,2024-01-02,Chair\n"
    export = leadaudit.read(written(tmp_path, "d.csv", text))
    assert export.leads().set_index("lead_id")["amount"].to_dict() == {"A": 150.0, "B": 7.0}
    adds_up(export)


def test_several_dated_exports_are_a_history(tmp_path):
    """What differs between two exports of the same leads is a change, dated with the later one."""
    head = "Deal ID,Stage,Amount,Created,Owner\n"
    old = written(
        tmp_path,
        "deals_2024-03-31.csv",
        head + "A,New,100,2024-01-01,Ann\nB,New,200,2024-01-02,Ann\nC,New,1,2024-01-03,Bob\n",
    )
    new = written(
        tmp_path,
        "deals_2024-04-30.csv",
        head + "A,Offer,150,2024-01-01,Ann\nB,New,200,2024-01-02,Bob\nD,New,5,2024-04-10,Bob\n",
    )
    export = leadaudit.read(new, old)
    changes = export.changes()
    moved = changes[changes["before"].notna()].set_index("field")
    assert moved.loc["stage", ["lead_id", "before", "after", "at_uncertainty_days"]].tolist() == [
        "A",
        "New",
        "Offer",
        30.0,
    ]
    assert (moved["at"] == pd.Timestamp(2024, 4, 30)).all()
    assert moved.loc["amount", "after"] == "150.0"
    assert moved.loc["owner", "lead_id"] == "B"
    gone = changes[changes["field"] == "vanished"]
    assert gone[["lead_id", "at"]].to_numpy().tolist() == [["C", pd.Timestamp(2024, 3, 31)]]
    assert sorted(export.leads()["lead_id"]) == ["A", "B", "C", "D"]
    assert {source.shape for source in export.sources} == {"dated"}


def test_the_order_of_equal_times_follows_the_chain(deals, tmp_path):
    """Three changes at one moment, in any order of the file, are numbered as they follow from each other."""
    rows = ["D1,2025-02-04,B,C", "D1,2025-02-04,,A", "D1,2025-02-04,A,B", "D1,2025-02-09,C,D"]
    for turn in (rows, rows[::-1], [rows[1], rows[0], rows[3], rows[2]]):
        file = written(tmp_path, "h.csv", "Deal ID,Changed At,From Stage,To Stage\n" + "\n".join(turn) + "\n")
        changes = leadaudit.read(deals, file).changes().sort_values(["at", "seq"])
        assert changes["after"].tolist() == ["A", "B", "C", "D"]


def test_only_changes_of_one_moment_are_counted(deals, tmp_path):
    """``seq`` orders equal times of a lead and is 0 elsewhere; rows stay in the order of the file."""
    rows = ["D2,2025-02-05,A,B", "D1,2025-02-04,,A", "D1,2025-02-09,B,C", "D1,2025-02-09,A,B", "D2,2025-02-04,,A"]
    file = written(tmp_path, "h.csv", "Deal ID,Changed At,From Stage,To Stage\n" + "\n".join(rows) + "\n")
    changes = leadaudit.read(deals, file).changes()
    assert changes["lead_id"].str.cat(changes["after"]).tolist() == ["D2B", "D1A", "D1C", "D1B", "D2A"]
    assert changes["seq"].tolist() == [0, 0, 1, 0, 0]


def test_leads_without_id_stay_in_the_order_of_the_file(tmp_path):
    """Ids that are made of rows that agree are counted; the leads still stand as the file has them."""
    names = [f"Deal {number * 37 % 100}" for number in range(3000)]
    rows = [f"{name};Angebot;{number}" for number, name in enumerate(names)]
    export = leadaudit.read(written(tmp_path, "d.csv", "Deal Name;Phase;Betrag\n" + "\n".join(rows) + "\n"))
    assert export.leads()["amount"].tolist() == list(range(3000))


def test_rows_of_unknown_leads_leave_the_others_in_order(deals, tmp_path):
    """Rows whose id names no lead are issues; the others stay in the order of the file, linked by id or by name."""
    known = {"D1": "Alpha", "D2": "Beta", "D3": "Gamma"}
    ids = [list(known)[number * 7 % 3] if number % 50 else "D9" for number in range(500)]
    for header, keys in (("Deal ID", ids), ("Deal Name", [known.get(one, "Omega") for one in ids])):
        rows = [f"{key};Email;{number};0{1 + number % 9}.03.2025" for number, key in enumerate(keys)]
        text = f"{header};Aktivitätstyp;Betreff;Datum\n" + "\n".join(rows) + "\n"
        export = leadaudit.read(deals, written(tmp_path, "aktivitaeten.csv", text))
        adds_up(export)
        acts = export.activities()
        assert acts["subject"].tolist() == [str(number) for number, one in enumerate(ids) if one != "D9"]
        assert acts["lead_id"].tolist() == [one for one in ids if one != "D9"]


def test_a_file_from_newest_to_oldest_is_turned(deals, tmp_path):
    """Entries without a stage before, newest first, equal times: the last of the file came first."""
    text = "Deal ID,Stage,Entered At\nD1,Won,2025-03-01\nD1,Talk,2025-02-04\nD1,Offer,2025-02-04\nD1,New,2025-02-01\n"
    changes = leadaudit.read(deals, written(tmp_path, "stage_history.csv", text)).changes().sort_values(["at", "seq"])
    assert changes["after"].tolist() == ["New", "Offer", "Talk", "Won"]


def test_changes_of_fields_are_in_our_words(deals, tmp_path):
    """Field, old and new value: stages stay, dates become ISO, amounts plain numbers."""
    text = "Deal ID;Geändert am;Feld;Alter Wert;Neuer Wert\nD1;04.02.2025 09:00;Phase;;Angebot\nD1;05.02.2025 09:00;Erwarteter Abschluss;30.06.2025;31.07.2025\nD1;06.02.2025;Betrag;1.000,00;1.200,50\n"
    export = leadaudit.read(deals, written(tmp_path, "felder.csv", text))
    assert export.changes()["field"].tolist() == ["stage", "expected_close_at", "amount"]
    assert export.changes()["after"].tolist() == ["Angebot", "2025-07-31 00:00:00", "1200.5"]
    assert "F" in export.evidence


def test_columns_are_found_by_what_they_hold(tmp_path):
    """Headers that say nothing: id, stage, creation, amount and owner are told by their values."""
    rows = [
        f"K-{n:04d},{stage},2024-01-{1 + n % 28:02d},{n * 100} €,{person}"
        for n, (stage, person) in enumerate(
            [("Neu", "Anna Weber"), ("Angebot", "Tom Baker"), ("Gewonnen", "Anna Weber"), ("Verloren", "Tom Baker")]
            * 10
        )
    ]
    export = leadaudit.read(written(tmp_path, "x.csv", "A1,B2,C3,D4,E5\n" + "\n".join(rows) + "\n"))
    roles = dict(export.sources[0].roles)
    assert roles == {"lead_id": "A1", "stage": "B2", "created_at": "C3", "amount": "D4", "owner": "E5"}


def test_several_sheets_of_a_workbook_are_read(tmp_path):
    """Leads on one sheet and the history on another come from one file; a sheet of notes is left aside."""
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Deals"
    for row in [
        ["Deal ID", "Stage", "Amount", "Created"],
        *[[f"D{n}", "Offer", 10.5 * n, f"2024-01-{n:02d}"] for n in range(1, 9)],
    ]:
        sheet.append(row)
    history = book.create_sheet("History")
    for row in [
        ["Deal ID", "Changed At", "From Stage", "To Stage"],
        *[[f"D{n}", f"2024-01-{n + 1:02d}", "New", "Offer"] for n in range(1, 9)],
    ]:
        history.append(row)
    book.create_sheet("Notes").append(["nothing to see"])
    book.save(tmp_path / "crm.xlsx")
    export = leadaudit.read(tmp_path / "crm.xlsx")
    assert (export.count("leads"), export.count("changes")) == (8, 8)
    assert {source.sheet for source in export.sources} == {"Deals", "History"}


def test_the_same_files_give_the_same_bytes(deals):
    """Two runs give the same leads, issues and ids."""
    first, second = leadaudit.read(deals), leadaudit.read(deals)
    pd.testing.assert_frame_equal(first.leads(), second.leads())
    pd.testing.assert_frame_equal(first.issues, second.issues)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("First Name,Last Name,Phone\nAnn,Lee,123\nBob,Ray,456\n", "no_id_or_stage"),
        ("Deal ID,Date,Type,Direction\nD1,2024-01-01,Email,Outbound\nD1,2024-01-02,Call,Inbound\n", "no_leads"),
        (
            (
                "Call ID,Subject,Call Type,Call Start Time,Call Duration,Call Status,Related To\n"
                "C1,First talk,Inbound,2024-01-02 10:00,03:10,Completed,Roof\n"
                "C2,Offer,Outbound,2024-01-03 11:00,07:45,Scheduled,Roof\n"
            ),
            "no_leads",
        ),
    ],
)
def test_a_table_without_leads_gets_one_sentence(tmp_path, text, code):
    """A list of contacts, or activities alone, is refused with what was found."""
    with pytest.raises(LeadAuditError) as caught:
        leadaudit.read(written(tmp_path, "x.csv", text))
    assert caught.value.code == code
    assert "Found" in str(caught.value)


def test_progress_is_reported_while_reading(deals):
    """The callable hears shares that rise to 1, and which file is read."""
    heard = []
    leadaudit.read(deals, progress=lambda done, key, **fields: heard.append((done, key, fields)))
    shares = [done for done, _, _ in heard]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert heard[0][2] == {"file": "deals.csv"}


def test_a_frame_with_the_crms_headers_is_recognised():
    """A pandas frame with other column names is read like a file; a mapping renames them."""
    frame = pd.DataFrame({"Deal ID": ["a", "b"], "Phase": ["Angebot", "Gewonnen"], "Betrag": ["1.200,50", "900,00"]})
    leads = leadaudit.Export.of_frames(frame).leads()
    assert leads[["lead_id", "stage", "status", "amount"]].to_numpy().tolist() == [
        ["a", "Angebot", "open", 1200.5],
        ["b", "Gewonnen", "won", 900.0],
    ]
    named = leadaudit.Export.of_frames(frame, columns={"Deal ID": "lead_id", "Phase": "stage"}).leads()
    assert named["stage"].tolist() == ["Angebot", "Gewonnen"]


def test_a_file_may_be_called_what_we_call_it(tmp_path):
    """Headers that are our own names (lead_id, at, key) are no trouble in any of the three tables, whatever links them."""
    leads = written(
        tmp_path,
        "leads.csv",
        "lead_id,name,stage,status,created_at,key\nL1,Alpha,Offer,open,2025-02-03,a\nL2,Beta,Won,won,2025-02-04,b\n",
    )
    changes = written(
        tmp_path,
        "changes.csv",
        "lead_id,at,field,before,after,by,key\nL1,2025-02-10 09:00:00,stage,New,Offer,Anna,x\n"
        "L2,2025-02-11 09:00:00,stage,Offer,Won,Anna,y\n",
    )
    activities = written(
        tmp_path,
        "activities.csv",
        "lead_id,at,kind,direction,subject,key\nL1,2025-02-09 09:00:00,email,outbound,Offer,x\n"
        "L2,2025-02-09 10:00:00,call,inbound,Question,y\n",
    )
    export = leadaudit.read(leads, activities, changes)
    assert export.changes()[["lead_id", "before", "after"]].to_numpy().tolist() == [
        ["L1", "New", "Offer"],
        ["L2", "Offer", "Won"],
    ]
    assert export.activities()[["lead_id", "kind"]].to_numpy().tolist() == [["L1", "email"], ["L2", "call"]]
    adds_up(export)


def test_compressing_changes_nothing(deals, monkeypatch):
    """Large exports are compressed where they are: the same leads, changes and cut as without it."""
    plain = leadaudit.read(deals)
    monkeypatch.setattr(sys.modules["leadaudit.ingest.read"], "COMPRESSED_BYTES", 1)
    packed = leadaudit.read(deals)
    pd.testing.assert_frame_equal(packed.leads(), plain.leads())
    moment = pd.Timestamp(2025, 3, 21)
    pd.testing.assert_frame_equal(packed.as_of(moment).leads(), plain.as_of(moment).leads())


def test_changes_without_ties_need_no_order(deals, tmp_path):
    """Where no lead has two changes at one moment, seq is 0; newest first or not, time alone is the order."""
    text = "Deal ID;Alte Phase;Neue Phase;Datum\nD1;A;B;03.02.2025 10:00\nD1;B;C;04.02.2025 10:00\nD2;A;B;01.02.2025 09:00\n"
    rows = text.splitlines()
    turned = "\n".join([rows[0], *rows[:0:-1], ""])
    for number, content in enumerate((text, turned)):
        changes = leadaudit.read(deals, written(tmp_path, f"historie{number}.csv", content)).changes()
        assert changes["seq"].tolist() == [0, 0, 0]
        own = changes[changes["lead_id"] == "D1"].sort_values("at")
        assert own["after"].tolist() == ["B", "C"]
