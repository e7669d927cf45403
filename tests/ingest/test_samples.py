"""Real and realistic exports beside the checkout: each is read rightly without any mapping."""

from __future__ import annotations

import pandas as pd
import pytest

import leadaudit
from leadaudit.errors import ExportReadError

pytestmark = pytest.mark.real


@pytest.fixture(scope="session")
def samples(shared):
    folder = shared / "crm-exports" / "samples"
    if not folder.is_dir():
        pytest.skip("no sample exports beside the checkout")
    return folder


def read(samples, *names):
    export = leadaudit.read(*(samples / name for name in names))
    for source in export.sources:
        assert source.rows_read == source.rows_used + source.rows_set_aside
    assert export.leads()["lead_id"].is_unique
    return export


SINGLE = [
    ("dynamics365__opportunities_demo.csv", "dynamics365", 5_229, {"won": 1_914, "lost": 2_794, "open": 521}),
    ("hubspot__deals_es_semicolon.csv", "general", 500, {"won": 6, "lost": 13, "open": 481}),
    ("hubspot__deals_synthetic.csv", "hubspot", 500, {"won": 71, "lost": 69, "open": 360}),
    ("salesforce__opportunity_devorg.csv", "salesforce", 36, {"won": 12, "lost": 8, "open": 16}),
    ("zoho__potentials_analytics_demo.csv", "zoho", 3_632, {"won": 1_425, "lost": 485, "open": 1_722}),
    ("monday__deals_board_masked.csv", "monday", 344, {"won": 165, "lost": 127}),
    ("generic__deals_de_stage_date_columns.csv", "general", 25, {"won": 6, "lost": 8, "open": 11}),
]


@pytest.mark.parametrize(("name", "crm", "rows", "statuses"), SINGLE)
def test_leads_are_recognised(samples, name, crm, rows, statuses):
    """The CRM, the number of leads and how many are won, lost and open."""
    export = read(samples, name)
    assert (export.sources[0].kind, export.sources[0].crm) == ("leads", crm)
    assert export.count("leads") == rows
    counted = export.leads()["status"].value_counts().to_dict()
    assert {status: counted.get(status, 0) for status in statuses} == statuses


@pytest.mark.parametrize(
    "name",
    [
        "zoho__calls_analytics_demo.csv",
        "hubspot__activities_synthetic.csv",
        "dynamics365__emails_demo.csv",
        "hubspot__deal_stage_history_warehouse.csv",
        "salesforce__opportunity_history_devorg.csv",
    ],
)
def test_activities_or_a_history_alone_are_no_pipeline(samples, name):
    """A status of calls is no stage of leads: the leads are asked for, by name of what was found."""
    with pytest.raises(ExportReadError) as caught:
        leadaudit.read(samples / name)
    assert caught.value.code == "no_leads"
    assert name in str(caught.value)


def test_dynamics_says_three_things_about_a_lead(samples):
    """Status, reason and stage disagree; 45 closed leads have no closing date; there is no id column."""
    export = read(
        samples,
        "dynamics365__emails_demo.csv",
        "dynamics365__opportunities_demo.csv",
        "dynamics365__appointments_demo.csv",
    )
    leads = export.leads()
    closed = leads[leads["status"].isin(["won", "lost"])]
    assert closed["closed_at"].isna().sum() == 45
    assert (leads.loc[leads["stage"] == "Close", "status"] == "open").any()
    assert leads["lead_id"].str.startswith("x-").all()
    assert leads["currency"].unique().tolist() == ["USD"]
    assert {source.kind for source in export.sources} == {"leads", "activities"}


def test_hubspot_history_without_from_stage(samples):
    """621 histories belong to no deal: issues, not leads; the rest is in the order of time."""
    export = read(samples, "hubspot__deals_warehouse.csv", "hubspot__deal_stage_history_warehouse.csv")
    assert export.count("leads") == 778
    aside = export.issues[export.issues["code"] == "row_without_lead"]
    assert aside["value"].nunique() == 621
    assert export.count("changes") + aside["count"].sum() == 3_218
    changes = export.changes().sort_values(["lead_id", "at", "seq"])
    last = changes.groupby("lead_id").tail(1).set_index("lead_id")["after"]
    stands = export.leads().set_index("lead_id")["stage"].reindex(last.index)
    assert (stands == last).mean() > 0.95
    assert export.evidence == "H"


def test_salesforce_history_of_one_moment(samples):
    """All rows share few timestamps; amount and close date of each row are field history."""
    export = read(samples, "salesforce__opportunity_history_devorg.csv", "salesforce__opportunity_devorg.csv")
    changes = export.changes()
    assert (changes["field"] == "stage").sum() == 48
    assert export.evidence == "HF"
    assert export.leads()["created_at"].notna().all()


def test_zoho_dates_and_ids(samples):
    """Month names with a comma, dollars, ids of 19 digits that survived as text."""
    potentials = read(samples, "zoho__potentials_analytics_demo.csv").leads()
    assert potentials["created_at"].max() == pd.Timestamp(2021, 4, 15, 0, 2)
    assert potentials["amount"].notna().all()
    training = read(samples, "zoho__deals_training_subset.xlsx").leads()
    assert len(training) == 4_300
    assert training["lead_id"].str.len().min() >= 19
    assert (training["status"] == "lost").sum() >= 3_160


def test_activities_are_linked_by_mail(samples):
    """Deals without ids in the activities: linked by the contact's address, of several deals to the one open then."""
    export = read(samples, "hubspot__deals_synthetic.csv", "hubspot__activities_synthetic.csv")
    source = next(source for source in export.sources if source.kind == "activities")
    assert source.linked_by == "contact"
    assert source.unlinked_share == 0.7095
    assert export.count("activities") == 581


def test_the_spanish_file(samples):
    """Semicolons, si and no, days first with two-digit years, dollars named in the header."""
    export = read(samples, "hubspot__deals_es_semicolon.csv")
    leads = export.leads()
    assert leads["created_at"].notna().all()
    assert export.sources[0].formats["close_date"] == "%d/%m/%y"
    assert leads["currency"].unique().tolist() == ["USD"]
    assert leads["probability"].between(0, 1).all()


def test_calls_of_zoho_are_activities(samples):
    """Calls with a direction; their links to deals are zeros, which is said and not guessed."""
    export = read(samples, "zoho__potentials_analytics_demo.csv", "zoho__calls_analytics_demo.csv")
    source = next(source for source in export.sources if source.kind == "activities")
    assert source.rows_read == 4_100
    assert source.roles["direction"] == "Call Type"
    assert source.rows_used + export.issues.loc[export.issues["severity"] == "error", "count"].sum() == 4_100
