"""Responses, unanswered contacts, whose turn it is."""

from __future__ import annotations

import pandas as pd
import pytest
from ledger.planted import AS_OF, act, facts, lead, path, written

NEW = path(("2024-01-01", "New"))


def of(*acts, changes=(), **columns):
    """Evidence of one lead with these activities."""
    return facts([lead(**columns)], changes, acts).loc["a"]


@pytest.mark.parametrize(
    ("columns", "responded"),
    [
        ({"kind": "email", "direction": "inbound"}, True),
        ({"kind": "email", "direction": "inbound", "subject": "Automatische Antwort: Angebot"}, False),
        ({"kind": "email", "direction": "inbound", "subject": "Undeliverable: offer"}, False),
        ({"kind": "email", "direction": "inbound", "outcome": "opened"}, False),
        ({"kind": "email", "direction": "outbound"}, False),
        ({"kind": "call", "direction": "inbound"}, True),
        ({"kind": "call", "direction": "mutual"}, True),
        ({"kind": "call", "direction": "outbound"}, False),
        ({"kind": "call", "direction": "outbound", "outcome": "Erreicht"}, True),
        ({"kind": "call", "direction": "outbound", "outcome": "not_reached"}, False),
        ({"kind": "call", "direction": "outbound", "outcome": "Nicht erreicht"}, False),
        ({"kind": "call", "direction": "outbound", "outcome": "Left voicemail"}, False),
        ({"kind": "meeting", "direction": "mutual"}, True),
        ({"kind": "meeting", "direction": "unknown"}, True),
        ({"kind": "meeting", "direction": "outbound"}, True),
        ({"kind": "meeting", "direction": "internal"}, False),
        ({"kind": "meeting", "direction": "mutual", "outcome": "No-show"}, False),
        ({"kind": "meeting", "direction": "mutual", "subject": "Abgesagt: Termin"}, False),
        ({"kind": "form", "direction": "inbound"}, True),
        ({"kind": "content", "direction": "inbound"}, False),
        ({"kind": "note", "direction": "inbound"}, False),
        ({"kind": None, "direction": "inbound"}, True),
        ({"kind": "email", "direction": None}, False),
    ],
)
def test_a_response_is_an_act_of_the_other_side(columns, responded):
    """Mail, answered call and held meeting react; opens, auto-replies, bounces and tries do not."""
    assert of(act("2024-02-01", **columns))["response_count"] == int(responded)


def test_what_is_planned_is_nothing_at_all():
    """Not done, or dated ahead: neither movement nor contact."""
    found = of(
        act("2024-02-01", done=False), act("2024-08-01", done=None), act("2024-02-02"), act("2024-02-03", done=None)
    )
    assert (found["movement_count"], found["unanswered_count"]) == (2, 2)


def test_unanswered_contacts_count_once_per_day():
    """Two mails and a call on one day are one; notes and tasks are none."""
    acts = [act("2024-02-01 09:00"), act("2024-02-01 17:00"), act("2024-02-01 18:00", "call"), act("2024-02-03")]
    acts += [act("2024-02-04", "note"), act("2024-02-05", "task", "internal"), act("2024-02-06", "content")]
    found = of(*acts)
    assert (found["unanswered_count"], found["unanswered_since_at"]) == (2, pd.Timestamp("2024-02-01 09:00"))


def test_a_response_ends_the_streak():
    """What came before the answer was answered; what came after it on the same day was not."""
    acts = [act("2024-02-01 09:00"), act("2024-02-02 09:00"), act("2024-02-02 10:00", direction="inbound")]
    assert of(*acts)["unanswered_count"] == 0
    found = of(*acts, act("2024-02-02 11:00"), act("2024-02-05"))
    assert (found["unanswered_count"], found["unanswered_since_at"]) == (2, pd.Timestamp("2024-02-02 11:00"))


def test_at_equal_times_the_answer_comes_last():
    """Dates without times: a day with mail and answer is answered, and not our turn."""
    found = of(act("2024-02-01", direction="inbound"), act("2024-02-01"))
    assert (found["unanswered_count"], found["our_turn"], found["last_contact_direction"]) == (0, False, "outbound")


def test_streaks_tell_how_long_the_row_had_become():
    """One row per unanswered day, counted anew after each response."""
    acts = [
        act("2024-02-01"),
        act("2024-02-03"),
        act("2024-02-04", direction="inbound"),
        act("2024-02-05"),
        act("2024-02-05 09:00"),
    ]
    found = written([lead()], [], acts).streaks()
    assert found["streak_count"].tolist() == [1, 2, 1]
    assert found["at"].dt.day.tolist() == [1, 3, 5]


def test_a_new_life_begins_without_unanswered_contacts():
    """What nobody answered before the lead was ended says nothing about the lead that came back."""
    steps = path(("2024-01-01", "New"), ("2024-03-01", "Lost"), ("2024-05-01", "New"))
    acts = [act("2024-02-01", direction="inbound"), act("2024-02-02"), act("2024-02-03"), act("2024-05-02")]
    found = of(*acts, changes=steps)
    assert (found["unanswered_count"], found["unanswered_since_at"]) == (1, pd.Timestamp("2024-05-02"))
    assert found["life_response_count"] == 0


def test_counts_run_from_the_last_progress():
    """What was done at the very moment of the progress lies before it."""
    steps = path(("2024-01-01", "New"), ("2024-03-01 10:00", "Qualified"))
    acts = [
        act("2024-02-01", direction="inbound"),
        act("2024-03-01 10:00", "meeting", "mutual"),
        act("2024-03-01 10:01", "call", "mutual"),
    ]
    found = of(*acts, changes=steps)
    assert (found["movement_count"], found["response_count"], found["conversation_count"]) == (1, 1, 1)
    assert found["life_response_count"] == 3
    movement = written(None, steps, acts).milestones()["movement_count"].tolist()
    assert movement == [0, 2]


def test_the_stay_of_a_closed_lead_ends_with_it():
    """What was done after the ending does not count, and the stay is as long as it was."""
    steps = path(("2024-01-01", "New"), ("2024-02-01", "Offer"), ("2024-03-01", "Won"))
    found = of(act("2024-02-10"), act("2024-03-10"), changes=steps)
    assert (found["movement_count"], found["stay_days"], found["status"]) == (1, 29.0, "won")


@pytest.mark.parametrize(
    ("acts", "came"),
    [
        ([act("2024-01-01", direction="inbound"), act("2024-01-02")], True),
        ([act("2024-01-02", direction="inbound"), act("2024-01-01")], False),
        ([act("2024-01-01", direction="inbound"), act("2024-01-01")], False),
        ([act("2024-01-02", direction="inbound"), act("2024-01-01", "meeting", "mutual")], False),
        ([act("2023-12-30", "form", "inbound"), act("2024-01-02")], True),
        ([act("2024-01-02")], False),
    ],
)
def test_who_came_by_itself(acts, came):
    """The first contact of this life was inbound, also before the record was made."""
    assert of(*acts)["came_itself"] == came


def test_it_is_our_turn_after_an_inbound_contact():
    """Since the first question that we have not answered, not since the last."""
    acts = [act("2024-02-01"), act("2024-03-01", direction="inbound"), act("2024-03-09", direction="inbound")]
    found = of(*acts)
    assert (found["our_turn"], found["our_turn_since_at"]) == (True, pd.Timestamp("2024-03-01"))


def test_an_auto_reply_does_not_pass_the_turn():
    """A machine answered: we still wait for the lead."""
    found = of(act("2024-02-01"), act("2024-02-01 09:00", direction="inbound", subject="Out of office"))
    assert (found["our_turn"], found["unanswered_count"]) == (False, 1)


def test_a_stage_that_waits_for_us_makes_it_our_turn():
    """Since the lead stands there, whoever wrote last; also without any activity."""
    steps = path(("2024-01-01", "New"), ("2024-03-01", "Our check"))
    found = of(act("2024-03-05"), changes=steps, stage="Our check")
    assert (found["our_turn"], found["our_turn_since_at"]) == (True, pd.Timestamp("2024-03-01"))
    assert of(changes=steps, stage="Our check")["our_turn"] == True  # noqa: E712
    assert pd.isna(of(changes=NEW, stage="New")["our_turn"])


def test_a_closed_lead_waits_for_nobody():
    """Its last mail may have been inbound."""
    found = of(act("2024-02-01", direction="inbound"), status="lost", closed_at="2024-03-01")
    assert found["our_turn"] == False  # noqa: E712


def test_what_we_answered_and_when():
    """Asked on the first of two inbound mails, answered by our first contact after them."""
    acts = [
        act("2024-02-01"),
        act("2024-03-01", direction="inbound"),
        act("2024-03-02", direction="inbound"),
        act("2024-03-20"),
        act("2024-03-25"),
    ]
    found = of(*acts)
    assert (found["asked_at"], found["answered_at"]) == (pd.Timestamp("2024-03-01"), pd.Timestamp("2024-03-20"))
    found = of(*acts, act("2024-03-26", direction="inbound"))
    assert pd.isna(found["asked_at"])
    assert pd.isna(found["answered_at"])


def test_after_a_meeting_nothing_was_asked():
    """Both sides talked: our next mail answers no question."""
    found = of(act("2024-03-01", direction="inbound"), act("2024-03-02", "meeting", "mutual"), act("2024-03-20"))
    assert pd.isna(found["answered_at"])


@pytest.mark.parametrize(
    ("columns", "refused"),
    [
        ({"direction": "inbound", "subject": "Kein Interesse mehr"}, True),
        ({"direction": "inbound", "outcome": "unsubscribed"}, True),
        ({"direction": "outbound", "subject": "No interest? Last call"}, False),
        ({"kind": "note", "direction": "internal", "subject": "Kunde hat kein Interesse"}, True),
    ],
)
def test_no_interest_is_said_by_the_other_side(columns, refused):
    """In its own mail or in a note about it; not in ours."""
    assert of(act("2024-02-01", **columns))["no_interest"] == refused


def test_no_interest_before_the_last_progress_is_over():
    """The lead moved on since."""
    steps = path(("2024-01-01", "New"), ("2024-03-01", "Offer"))
    assert of(act("2024-02-01", direction="inbound", subject="not interested"), changes=steps)["no_interest"] == False  # noqa: E712


def test_cadence_compares_the_last_three_gaps_with_the_earlier_ones():
    """Ten days, ten days, then every other day: tightening."""
    days = [1, 11, 21, 23, 25, 27]
    assert of(*(act(f"2024-03-{day:02}") for day in days))["cadence_ratio"] == pytest.approx(0.2)
    assert pd.isna(of(*(act(f"2024-03-{day:02}") for day in days[:4]))["cadence_ratio"])


def test_cadence_leaves_out_gaps_with_an_answer_in_them():
    """The long gap before the answer is theirs, not our pace."""
    acts = [act(f"2024-03-{day:02}") for day in (1, 11, 21, 23, 25)]
    assert of(*acts)["cadence_ratio"] == pytest.approx(0.2)
    assert pd.isna(of(*acts, act("2024-03-15", direction="inbound"))["cadence_ratio"])


def test_without_activities_nothing_is_known_of_contacts():
    """Missing, not 0."""
    found = of(changes=NEW)
    for name in (
        "movement_count",
        "response_count",
        "unanswered_count",
        "came_itself",
        "no_interest",
        "last_contact_at",
    ):
        assert pd.isna(found[name]), name


def test_a_lead_without_activities_in_an_export_that_has_some_has_none():
    """Then 0 is known."""
    found = facts([lead(), lead("b")], [], [act("2024-02-01", lead_id="b")]).loc["a"]
    assert (found["movement_count"], found["unanswered_count"]) == (0, 0)
    assert pd.isna(found["last_contact_at"])


def test_free_text_outcomes_are_searched_one_by_one():
    """More distinct outcomes than are looked up: the same answers."""
    leads = [lead(f"L{i:03}") for i in range(260)]
    acts = [
        act("2024-02-01", "call", lead_id=f"L{i:03}", outcome=f"{'Erreicht' if i % 2 else 'Nicht erreicht'}, Notiz {i}")
        for i in range(260)
    ]
    found = facts(leads, [], acts)
    assert found["response_count"].tolist() == [i % 2 for i in range(260)]


def test_activities_at_as_of_are_not_known():
    """The same moment is too late."""
    found = of(act(str(AS_OF)), act(str(AS_OF - pd.Timedelta(seconds=1))))
    assert found["movement_count"] == 1
