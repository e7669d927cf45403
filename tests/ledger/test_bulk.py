"""Imports, clean-ups and mailings: many leads at once are nobody's decision."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger.planted import act, facts, lead, stage, whats, written

from leadaudit.ledger.bulk import in_bulk

SECOND = 1_000_000


def slow_bulk(leads, times, actors, count, seconds):
    """The same by definition: look at every window."""
    found = [False] * len(leads)
    for last in range(len(leads)):
        window = [
            i for i in range(len(leads))
            if actors[i] == actors[last] and 0 <= times[last] - times[i] <= seconds * SECOND
        ]  # fmt: skip
        if len({leads[i] for i in window}) >= count:
            for i in window:
                found[i] = True
    return found


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 40), st.integers(0, 2)), max_size=25), st.integers(2, 4))
def test_windows_are_counted_as_defined(rows, count):
    """Distinct leads of one actor in any window of ten seconds, both ends included."""
    lead_no, seconds, actor = (np.array([row[i] for row in rows], dtype=np.int64) for i in range(3))
    times = seconds * SECOND
    expected = slow_bulk(lead_no, times, actor, count, 10)
    assert in_bulk(lead_no, times, actor, count, 10).tolist() == expected


def moved(count, seconds_apart=1, by="kim", at="2024-03-01 10:00:00"):
    """So many leads, each moved from New to Qualified, one after the other."""
    leads = [lead(f"L{i:02}") for i in range(count)]
    begin = pd.Timestamp(at)
    changes = [stage("2024-01-01 09:00", "New", lead_id=row["lead_id"], by=f"p{i}") for i, row in enumerate(leads)]
    changes += [
        stage(str(begin + pd.Timedelta(seconds=seconds_apart * i)), "Qualified", "New", row["lead_id"], by=by)
        for i, row in enumerate(leads)
    ]
    return leads, changes


def test_twenty_leads_within_a_minute_are_no_progress():
    """Nineteen are work, twenty are an import."""
    assert whats(written(*moved(19)), "L00") == ["created New", "progress Qualified"]
    assert whats(written(*moved(20)), "L00") == ["created New"]


def test_twenty_leads_in_more_than_a_minute_are_progress():
    """Sixty seconds from the first to the last is within a minute, sixty-one are not."""
    leads, changes = moved(20, 3)
    changes[-1]["at"] = "2024-03-01 10:01:00"
    assert whats(written(leads, changes), "L00") == ["created New"]
    changes[-1]["at"] = "2024-03-01 10:01:01"
    assert whats(written(leads, changes), "L00") == ["created New", "progress Qualified"]


def test_twenty_actors_are_no_import():
    """Each moved one lead; where nobody knows who, it counts as one actor."""
    leads, changes = moved(20)
    assert whats(written(leads, [{**row, "by": row["lead_id"]} for row in changes]), "L00")[1:] == [
        "progress Qualified"
    ]
    assert whats(written(leads, [{**row, "by": None} for row in changes]), "L00")[1:] == []


def test_a_stage_reached_in_bulk_is_not_reached_again():
    """The import brought the lead to Qualified; a person who puts it there again decides nothing."""
    leads, changes = moved(20)
    changes += [
        stage("2024-04-01 10:00", "New", "Qualified", "L00"),
        stage("2024-05-01 10:00", "Qualified", "New", "L00"),
    ]
    changes += [stage("2024-06-01 10:00", "Offer", "Qualified", "L00")]
    assert whats(written(leads, changes), "L00") == ["created New", "progress Offer"]


def test_a_bulk_ending_is_an_ending_and_flagged():
    """Twenty leads closed at once have ended, and one can see how."""
    leads, changes = moved(20)
    changes = [{**row, "after": "Lost"} if row["after"] == "Qualified" else row for row in changes]
    frame = written(leads, changes).milestones()
    assert frame.loc[frame["what"] == "ended", "bulk"].tolist() == [True] * 20


def test_records_closed_in_the_same_minute_are_flagged():
    """Without history the closing times tell of a clean-up."""
    leads = [lead(f"L{i:02}", status="lost", closed_at=f"2024-03-01 10:00:{i:02}") for i in range(20)]
    assert written(leads).milestones().query("what == 'ended'")["bulk"].all()
    assert not written(leads[:19]).milestones().query("what == 'ended'")["bulk"].any()


def test_dates_without_times_show_no_minute():
    """In an export of bare dates everything happens at midnight: that is no clean-up."""
    leads, changes = moved(25, 0, at="2024-03-01")
    for row in changes[:25]:
        row["at"] = "2024-01-01"
    assert whats(written(leads, changes), "L00") == ["created New", "progress Qualified"]


def test_changes_read_off_dated_exports_are_no_clean_up():
    """They all carry the date of the later export."""
    leads, changes = moved(25, 0)
    changes = [{**row, "at_uncertainty_days": 7.0} for row in changes]
    assert whats(written(leads, changes), "L00") == ["created New", "progress Qualified"]


@pytest.mark.parametrize(("count", "unanswered"), [(19, 1), (20, 0)])
def test_one_subject_to_twenty_leads_on_a_day_is_a_mailing(count, unanswered):
    """Nineteen letters may be written by hand; twenty on one day are no contact of ours."""
    leads = [lead(f"L{i:02}") for i in range(20)]
    acts = [act(f"2024-03-01 {8 + i % 10:02}:{i:02}", subject="Our news", lead_id=f"L{i:02}") for i in range(count)]
    acts.append(act("2024-03-02 08:00", subject="Our news", lead_id="L19"))
    found = facts(leads, [], acts)
    assert found.loc["L00", "unanswered_count"] == unanswered
    assert pd.isna(found.loc["L00", "last_contact_at"]) == (unanswered == 0)
    assert found.loc["L00", "movement_count"] == 1
    assert found.loc["L19", "unanswered_count"] == 1


def test_mails_to_one_lead_are_no_mailing():
    """Twenty times the same subject to the same lead is pushing, not a newsletter."""
    acts = [act(f"2024-03-01 08:{i:02}", subject="Any news?") for i in range(25)]
    assert facts([lead()], [], acts).loc["a", "unanswered_count"] == 1


def test_calls_with_one_subject_are_no_mailing():
    """Nobody calls twenty people by machine: "Follow-up call" is a CRM's default subject."""
    leads = [lead(f"L{i:02}") for i in range(20)]
    acts = [act("2024-03-01 08:00", "call", subject="Follow-up call", lead_id=row["lead_id"]) for row in leads]
    assert facts(leads, [], acts)["unanswered_count"].tolist() == [1] * 20


def test_mailings_are_flagged_in_the_events():
    """The ledger of a lead shows which mail was a mailing."""
    leads = [lead(f"L{i:02}") for i in range(20)]
    acts = [act("2024-03-01 08:00", subject="Our news", lead_id=row["lead_id"]) for row in leads]
    acts.append(act("2024-03-02 08:00", subject="Personal", lead_id="L00"))
    assert written(leads, [], acts).of_lead("L00")["bulk"].tolist() == [False, True, False]
