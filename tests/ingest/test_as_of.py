"""The export as it was known at an earlier moment: nothing of later, nothing without a date."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadaudit.ingest.export import Export
from leadaudit.tables import ACTIVITIES, CHANGES, LEADS

START = pd.Timestamp(2024, 1, 1)
CUT_DAY = 40
CUT = START + pd.Timedelta(days=CUT_DAY)
STAGES = ["New", "Offer", "Talk", "Closed Won", "Closed Lost"]


def at(day: float) -> pd.Timestamp:
    return START + pd.Timedelta(days=day)


def leads_frame(rows: list[dict[str, object]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=[*LEADS, "Budget"])


def frames_of(drawn: list[dict[str, object]]) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Frames of drawn leads; the last lead sees to it that the export reaches beyond every cut."""
    leads, activities, changes = [], [], []
    anchor = dict(
        created=0, closed=None, status="open", owner="Z", budget="no", changes=[(90, "New")], acts=[(91, True)]
    )
    for number, lead in enumerate([*drawn, anchor]):
        name = f"L{number}"
        leads.append(
            dict(
                lead_id=name, name=f"Lead {number}", owner=lead["owner"], Budget=lead["budget"], status=lead["status"],
                created_at=None if lead["created"] is None else at(lead["created"]), stage="Offer",
                closed_at=None if lead["closed"] is None else at(lead["closed"]), amount=10.0 * number,
            )
        )  # fmt: skip
        changes += [
            dict(lead_id=name, at=at(day), field="stage", after=stage, seq=n)
            for n, (day, stage) in enumerate(sorted(lead["changes"], key=lambda c: c[0]))
        ]
        activities += [
            dict(lead_id=name, at=at(day), kind="email", direction="outbound", done=done) for day, done in lead["acts"]
        ]
    return (
        leads_frame(leads),
        pd.DataFrame(activities, columns=list(ACTIVITIES)),
        pd.DataFrame(changes, columns=list(CHANGES)),
    )


day = st.integers(0, 80)
lead = st.fixed_dictionaries(
    {
        "created": st.one_of(st.none(), day),
        "closed": st.one_of(st.none(), day),
        "status": st.sampled_from(["open", "won", "lost", "paused"]),
        "owner": st.sampled_from(["A", "B"]),
        "budget": st.sampled_from(["yes", "no"]),
        "changes": st.lists(st.tuples(day, st.sampled_from(STAGES)), max_size=4),
        "acts": st.lists(st.tuples(day, st.booleans()), max_size=3),
    }
)


def tables(export: Export) -> list[pd.DataFrame]:
    return [export.leads(), export.activities(), export.changes()]


def same(first: Export, second: Export) -> None:
    assert first.masked == second.masked
    assert first.evidence == second.evidence
    for left, right in zip(tables(first), tables(second), strict=True):
        pd.testing.assert_frame_equal(left, right)


@settings(max_examples=8)
@given(st.lists(lead, min_size=1, max_size=4), st.data())
def test_what_happens_at_or_after_the_moment_changes_nothing(drawn, data):
    """Changing, adding or removing anything dated at or after t leaves as_of(t) as it is."""
    before = Export.of_frames(*frames_of(drawn)).as_of(CUT)
    changed = []
    later = st.integers(CUT_DAY, 80)
    for one in drawn:
        other = dict(one)
        other["changes"] = [c for c in one["changes"] if c[0] < CUT_DAY] + data.draw(
            st.lists(st.tuples(later, st.sampled_from(STAGES)), max_size=2)
        )
        other["acts"] = [a for a in one["acts"] if a[0] < CUT_DAY] + data.draw(
            st.lists(st.tuples(later, st.booleans()), max_size=2)
        )
        if one["closed"] is not None and one["closed"] >= CUT_DAY and one["status"] in ("won", "lost"):
            other["closed"] = data.draw(later)
            other["status"] = data.draw(st.sampled_from(["won", "lost"]))
        changed.append(other)
    after = Export.of_frames(*frames_of(changed)).as_of(CUT)
    kept = [index for index, one in enumerate(drawn) if one["created"] is not None]
    ids = {f"L{index}" for index in kept} | {f"L{len(drawn)}"}
    for left, right in zip(tables(before), tables(after), strict=True):
        # A lead without a creation date begins with its first event, which may be one of those removed.
        pd.testing.assert_frame_equal(
            left[left["lead_id"].isin(ids)].reset_index(drop=True),
            right[right["lead_id"].isin(ids)].reset_index(drop=True),
        )


@settings(max_examples=8)
@given(st.lists(lead, min_size=1, max_size=4), st.data())
def test_fields_without_history_change_nothing(drawn, data):
    """Owner, amount and the extra columns have no date here: other values make no difference before known_until."""
    first = Export.of_frames(*frames_of(drawn)).as_of(CUT)
    leads, activities, changes = frames_of(drawn)
    for column, values in (("owner", ["X", "Y"]), ("Budget", ["maybe"]), ("stage", STAGES), ("amount", [1.0, 2.0])):
        leads[column] = [data.draw(st.sampled_from(values)) for _ in range(len(leads))]
    second = Export.of_frames(leads, activities, changes).as_of(CUT)
    same(first, second)
    assert {"owner", "Budget", "amount"} <= first.masked
    assert first.leads()[["owner", "Budget", "amount"]].isna().all(axis=None)


@settings(max_examples=6)
@given(st.lists(lead, min_size=1, max_size=4), st.integers(1, 89), st.integers(1, 89))
def test_a_cut_of_a_cut_is_the_earlier_cut(drawn, one, other):
    """as_of(a).as_of(b) knows what as_of(min(a, b)) knows."""
    export = Export.of_frames(*frames_of(drawn))
    twice = export.as_of(at(one)).as_of(at(other))
    once = export.as_of(at(min(one, other)))
    for left, right in zip(tables(twice), tables(once), strict=True):
        pd.testing.assert_frame_equal(left, right)


@settings(max_examples=6)
@given(st.lists(lead, min_size=1, max_size=5), st.integers(0, 92))
def test_nothing_in_a_cut_is_dated_at_or_after_it(drawn, cut_day):
    """Every date in as_of(t) lies before t, except at or beyond known_until, where everything is there."""
    export = Export.of_frames(*frames_of(drawn))
    moment = at(cut_day)
    known = export.as_of(moment)
    if moment >= export.known_until:
        same(known, export)
        return
    leads, activities, changes = tables(known)
    for frame, columns in ((leads, [c for c in LEADS if c.endswith("_at")]), (activities, ["at"]), (changes, ["at"])):
        assert not (frame[columns] >= moment).any(axis=None)
    assert set(activities["lead_id"]) | set(changes["lead_id"]) <= set(leads["lead_id"])


def simple(**fields: object) -> dict[str, object]:
    return {**dict(lead_id="a", status="open", created_at=at(0), stage="Offer"), **fields}


def far_known() -> dict[str, object]:
    return simple(lead_id="far", created_at=at(100))


def test_a_later_ending_is_open_again():
    """A lead that was won after t is open at t, without closing date and without reason."""
    leads = leads_frame([simple(status="lost", closed_at=at(50), lost_reason="Price"), far_known()])
    known = Export.of_frames(leads).as_of(at(40)).leads().iloc[0]
    assert known["status"] == "open"
    assert pd.isna(known["closed_at"])
    assert pd.isna(known["lost_reason"])


def test_an_earlier_ending_stays():
    """A lead that was lost before t is lost at t, with its date and its reason."""
    leads = leads_frame([simple(status="lost", closed_at=at(30), lost_reason="Price"), far_known()])
    known = Export.of_frames(leads).as_of(at(40)).leads().iloc[0]
    assert (known["status"], known["closed_at"], known["lost_reason"]) == ("lost", at(30), "Price")


def test_the_moment_itself_is_not_known():
    """Known is at < t: an ending at exactly t is not known at t."""
    leads = leads_frame([simple(status="won", closed_at=at(40)), far_known()])
    export = Export.of_frames(leads)
    assert export.as_of(at(40)).leads()["status"].iloc[0] == "open"
    assert export.as_of(at(40) + pd.Timedelta(seconds=1)).leads()["status"].iloc[0] == "won"


def test_an_ending_without_a_date_is_unknown_earlier():
    """Whether a lead without a closing date was closed at t cannot be told."""
    leads = leads_frame([simple(status="lost"), far_known()])
    assert Export.of_frames(leads).as_of(at(40)).leads()["status"].isna().iloc[0]


def test_a_reopened_lead_was_closed_before():
    """The history says that the lead stood in a lost stage at t, though it is open today."""
    changes = pd.DataFrame(
        [
            dict(lead_id="a", at=at(10), field="stage", after="Closed Lost"),
            dict(lead_id="a", at=at(60), field="stage", after="Offer"),
        ]
    )
    known = Export.of_frames(leads_frame([simple(), far_known()]), changes=changes).as_of(at(40)).leads().iloc[0]
    assert (known["stage"], known["status"], known["closed_at"]) == ("Closed Lost", "lost", at(10))


def test_the_stage_comes_from_the_history():
    """The stage at t is that of the last change before t; without any it is unknown."""
    changes = pd.DataFrame(
        [
            dict(lead_id="a", at=at(10), field="stage", after="New", seq=0),
            dict(lead_id="a", at=at(10), field="stage", after="Talk", seq=1),
            dict(lead_id="a", at=at(60), field="stage", after="Offer", seq=2),
        ]
    )
    leads = leads_frame([simple(), simple(lead_id="b"), far_known()])
    known = Export.of_frames(leads, changes=changes).as_of(at(40)).leads().set_index("lead_id")
    assert known.loc["a", "stage"] == "Talk"
    assert known.loc["a", "stage_entered_at"] == at(10)
    assert pd.isna(known.loc["b", "stage"])


def test_fields_with_history_are_rebuilt():
    """An amount whose changes are in the data has at t the value it had then, and is not masked."""
    changes = pd.DataFrame(
        [
            dict(lead_id="a", at=at(5), field="amount", before=None, after="100"),
            dict(lead_id="a", at=at(50), field="amount", before="100", after="900"),
            dict(lead_id="a", at=at(6), field="Budget", before=None, after="yes"),
        ]
    )
    export = Export.of_frames(leads_frame([simple(amount=900.0, Budget="no"), far_known()]), changes=changes)
    known = export.as_of(at(40))
    assert known.leads()["amount"].iloc[0] == 100.0
    assert known.leads()["Budget"].iloc[0] == "yes"
    assert not {"amount", "Budget"} & known.masked


def test_changes_of_dated_exports_are_known_from_the_later_export():
    """A change that happened up to 30 days before its export counts from that export on."""
    changes = pd.DataFrame([dict(lead_id="a", at=at(50), field="stage", after="Talk", at_uncertainty_days=30.0)])
    export = Export.of_frames(leads_frame([simple(), far_known()]), changes=changes)
    assert export.as_of(at(45)).changes().empty
    assert len(export.as_of(at(51)).changes()) == 1


def test_leads_created_later_and_planned_activities_are_gone():
    """At t there is no lead created at or after t, and no activity that was only planned."""
    acts = pd.DataFrame(
        [
            dict(lead_id="a", at=at(3), kind="call", direction="outbound", done=True),
            dict(lead_id="a", at=at(4), kind="meeting", direction="mutual", done=False),
            dict(lead_id="b", at=at(5), kind="call", direction="outbound", done=True),
        ]
    )
    leads = leads_frame([simple(), simple(lead_id="b", created_at=at(40)), far_known()])
    known = Export.of_frames(leads, acts).as_of(at(40))
    assert known.leads()["lead_id"].tolist() == ["a"]
    assert known.activities()["at"].tolist() == [at(3)]


def test_a_lead_without_creation_begins_with_its_first_event():
    """Without a creation date the first event counts; without any event the lead is known only at the end."""
    acts = pd.DataFrame([dict(lead_id="a", at=at(20), kind="call", direction="outbound", done=True)])
    leads = leads_frame([simple(created_at=None), simple(lead_id="b", created_at=None), far_known()])
    export = Export.of_frames(leads, acts)
    assert export.as_of(at(20)).leads()["lead_id"].tolist() == []
    assert export.as_of(at(21)).leads()["lead_id"].tolist() == ["a"]
    assert export.as_of(export.known_until).leads()["lead_id"].tolist() == ["a", "b", "far"]


def test_known_until_is_midnight_after_the_newest_event():
    """Creation, change, ending and done activity count; expected dates, next steps and plans do not."""
    acts = pd.DataFrame(
        [dict(lead_id="a", at=at(30.5), kind="call", done=True), dict(lead_id="a", at=at(70), kind="call", done=False)]
    )
    leads = leads_frame(
        [
            simple(expected_close_at=at(80), next_step_at=at(81), closed_at=at(82)),
            simple(lead_id="b", created_at=at(10)),
        ]
    )
    export = Export.of_frames(leads, acts)
    assert export.known_until == at(31)
    assert export.first_known == at(0)


def test_an_isolated_far_later_date_is_an_issue():
    """One creation in 2099 among daily ones is named and does not count."""
    rows = [simple(lead_id=f"l{n}", created_at=at(n)) for n in range(20)]
    export = Export.of_frames(leads_frame([*rows, simple(lead_id="slip", created_at=pd.Timestamp(2099, 5, 5))]))
    assert export.known_until == at(20)
    assert export.issues["code"].tolist() == ["date_far_ahead"]
    assert export.leads().set_index("lead_id")["created_at"].isna().sum() == 1


def test_letters_are_those_of_the_moment():
    """Before the first change there is no stage history, whatever came later."""
    changes = pd.DataFrame([dict(lead_id="a", at=at(50), field="stage", after="Talk")])
    export = Export.of_frames(leads_frame([simple(), far_known()]), changes=changes)
    assert "H" in export.evidence
    assert "H" not in export.as_of(at(40)).evidence


@pytest.mark.real
def test_a_real_export_at_a_past_date(shared):
    """The loan applications on 2012-01-15: none created later, 840 of them open, as the log says."""
    import leadaudit

    folder = shared / "real" / "bpi2012"
    if not folder.is_dir():
        pytest.skip("no bpi2012 beside the checkout")
    export = leadaudit.read(folder / "stage_history.csv", folder / "leads.csv", folder / "activities.csv")
    assert (export.count("leads"), export.count("changes"), export.count("activities")) == (13_087, 59_611, 81_788)
    assert export.known_until == pd.Timestamp(2012, 3, 15)
    known = export.as_of("2012-01-15")
    leads = known.leads()
    assert leads["created_at"].max() < pd.Timestamp(2012, 1, 15)
    assert (leads["status"] == "open").sum() == 840
    assert known.changes()["at"].max() < pd.Timestamp(2012, 1, 15)
