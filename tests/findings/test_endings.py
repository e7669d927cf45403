"""Findings on endings, each on leads whose end is known."""

from __future__ import annotations

import json

import pytest
from findings.planting import CLOSED, END_DAY, OFFER, Plant, on

from leadaudit.findings.load import Load
from leadaudit.process import Precondition, Process, Stage

HORIZON = Process(stages=(Stage(name="New", horizon_days=50), OFFER, *CLOSED))


@pytest.fixture
def history() -> Plant:
    """Twelve won and twelve ended leads."""
    plant = Plant()
    plant.won()
    plant.lost(lost_reason="No budget")
    return plant


def test_overdue_share_counts_the_leads_beyond_their_horizon(history: Plant) -> None:
    """Four of ten open leads stand longer than the horizon written in the process."""
    late = history.open(4, age=80)
    history.open(6, age=5)

    row = history.finds("overdue_share", HORIZON)

    assert (row["value"], row["n"], row["grade"]) == (0.4, 10, "red")
    assert row["leads"].split("|") == late


def test_overdue_days_say_how_long_ago_the_horizon_was_reached(history: Plant) -> None:
    """A stay of 80 days and a horizon of 50 are 30 days too long."""
    history.open(3, age=80)

    assert history.finds("overdue_days", HORIZON)["value"] == pytest.approx(30, abs=0.1)


def test_ending_signs_tell_the_horizon_from_other_signs(history: Plant) -> None:
    """Where the horizon is the only sign, no lead shows another."""
    history.open(3, age=80)

    row = history.finds("ending_signs", HORIZON)

    assert row["value"] == 0
    assert json.loads(row["table"])[0] == {"sign": "horizon_passed", "count": 3, "known_by": "inferred"}


def test_open_load_is_the_time_to_clear_at_todays_pace() -> None:
    """Nine leads decided in 90 days are three a month (30.4 days): 30 open leads take a little less than ten months."""
    plant = Plant()
    for i in range(9):
        plant.lead(END_DAY - 60 - i, (END_DAY - 40, "Won"))
    plant.open(30)

    assert plant.finds("open_load")["value"] == pytest.approx(30 / (9 / 90 * 30.4375))


def test_effort_after_the_horizon_is_counted_in_contacts_and_days(history: Plant) -> None:
    """Twelve leads ended 30 days after a horizon of 50, two mails each after it: 24 contacts, 360 days, none won."""
    for lead_id in history.lost(12, after=80, lost_reason="No budget"):
        created = history.leads[-12 + int(lead_id[1:]) - 24]["created_at"]
        begin = (created - on(0)).total_seconds() / 86_400
        for day in (10, 60, 70):
            history.act(lead_id, begin + day)

    row = history.finds("effort_after_horizon", HORIZON)

    assert (row["value"], row["n"]) == (0, 12)
    assert json.loads(row["table"])[0]["days"] == pytest.approx(12 * 30, abs=1)
    assert row["sentence"].startswith("12 leads that passed their horizon took another 24 contacts")
    assert (row["grade"], row["low"]) == ("amber", 0.0)


def test_decided_in_time_counts_decisions_within_thirty_days_of_the_horizon(history: Plant) -> None:
    """Six leads ended 10 days after their horizon, six 40 days after it."""
    history.lost(6, after=60)
    history.lost(6, after=90)

    assert history.finds("decided_in_time", HORIZON)["value"] == 0.5


@pytest.mark.parametrize(("end_when", "value", "grade"), [("", 1.0, "amber"), ("No budget this year", 0.0, "good")])
def test_overdue_leads_without_a_written_criterion_are_named(
    history: Plant, end_when: str, value: float, grade: str
) -> None:
    """A stage with a sentence on when to end has a criterion."""
    history.open(4, Budget="none")
    stages = (Stage(name="New", end_when=end_when), OFFER, *CLOSED)
    process = Process(stages=stages, preconditions=(Precondition(name="Budget", column="Budget", bad=("none",)),))

    row = history.finds("overdue_without_criterion", process)

    assert (row["value"], row["grade"]) == (value, grade)


@pytest.mark.parametrize(("after", "grade"), [(20, "good"), (40, "amber"), (80, "red")])
def test_time_to_end_is_compared_with_time_to_win(after: float, grade: str) -> None:
    """Wins take 20 days; endings after 20, 40 and 80 days are one, two and four times as long."""
    plant = Plant()
    plant.won()
    plant.lost(after=after)

    row = plant.finds("time_to_end_vs_win")

    assert (row["value"], row["grade"]) == (pytest.approx(after / 20), grade)


def test_ending_quality_needs_a_reason_and_no_open_question() -> None:
    """Of twenty endings five say "Other", and five leave a question unanswered: ten are clear."""
    plant = Plant()
    plant.won()
    clear, other, asked = (
        plant.lost(n, lost_reason=r) for n, r in ((10, "Too expensive"), (5, "Other"), (5, "Too expensive"))
    )
    for number, lead_id in enumerate(asked):
        plant.act(lead_id, number * 10 + 10, direction="inbound")
    plant.act(clear[0], 10)

    row = plant.finds("ending_quality")

    assert (row["value"], row["n"], row["grade"]) == (0.5, 20, "amber")
    assert set(row["leads"].split("|")) == {*other, *asked}


def test_bulk_endings_are_told_apart_and_name_nobody() -> None:
    """Six endings by one person on one day are a clean-up; the person is not in the result."""
    plant = Plant()
    plant.won()
    plant.lost(10, lost_reason="No budget", owner="Ann Example")
    for _ in range(6):
        plant.lead(100, (200, "Lost"), lost_reason="No budget", owner="Bob Example")

    kind, quality = plant.finds("endings_by_kind"), plant.finds("ending_quality")

    assert kind["value"] == pytest.approx(10 / 16)
    assert {"what": "bulk", "count": 6} in json.loads(quality["table"])
    assert not any("Example" in str(value) for value in (*kind.values(), *quality.values()))


def test_states_in_use_miss_the_pause(history: Plant) -> None:
    """Leads that are continued or ended use two of three states; a pause makes it three."""
    assert history.finds("states_in_use")["value"] == 2

    history.lead(300, (310, "Parked"))

    assert history.finds("states_in_use")["value"] == 3


def test_pause_quality_is_the_share_with_a_date(history: Plant) -> None:
    """One of two pauses has a resumption date."""
    history.lead(300, (310, "Parked"), paused_until=on(END_DAY + 20))
    undated = history.lead(300, (310, "Parked"))

    row = history.finds("pause_quality")

    assert (row["value"], row["grade"], row["leads"]) == (0.5, "amber", undated)


def test_resumption_counts_ended_leads_that_moved_again(history: Plant) -> None:
    """One ended lead is reopened after 40 days, twelve are not."""
    history.act(history.lead(10, (30, "Lost"), (70, "Offer")), 12)

    assert history.finds("resumption")["value"] == pytest.approx(1 / 13)


def test_contact_after_an_ending_counts_only_ours_and_unasked(history: Plant) -> None:
    """A mail a week after the ending disturbs; one after the lead came back does not."""
    disturbed, came_back = history.leads[12], history.leads[13]
    closed = [(lead["closed_at"] - on(0)).total_seconds() / 86_400 for lead in (disturbed, came_back)]
    history.act(disturbed["lead_id"], closed[0] + 7)
    history.act(came_back["lead_id"], closed[1] + 5, direction="inbound")
    history.act(came_back["lead_id"], closed[1] + 7)

    row = history.finds("contact_after_end")

    assert row["value"] == pytest.approx(1 / 12)
    assert row["leads"] == disturbed["lead_id"]


def test_an_ending_is_told_of_within_a_fortnight(history: Plant) -> None:
    """A mail three days after an ending may have said so; one a month before did not."""
    told, not_told = history.leads[12], history.leads[13]
    closed = [(lead["closed_at"] - on(0)).total_seconds() / 86_400 for lead in (told, not_told)]
    history.act(told["lead_id"], closed[0] + 3)
    history.act(not_told["lead_id"], closed[1] - 29)

    assert "For 1 there was contact from our side within 14 days" in history.finds("endings_by_kind")["sentence"]


def test_cohorts_older_than_a_year_are_followed() -> None:
    """Of twelve leads created more than a year ago six were won and six still stand open."""
    plant = Plant()
    for _ in range(6):
        plant.lead(-30, (-10, "Won"))
        plant.lead(-30)

    row = plant.finds("cohort_outcomes")

    assert (row["value"], row["n"]) == (0.5, 12)


def test_chance_by_fit_counts_sound_fading_and_over(history: Plant) -> None:
    """Fresh leads have the chance of entry; those beyond the written horizon are over."""
    history.open(3, age=1)
    history.open(2, age=80)
    limits = HORIZON.limits.model_copy(update={"wins_min_count": 5, "at_risk_min_count": 5})

    row = history.finds("chance_by_fit", HORIZON.model_copy(update={"limits": limits}))

    cells = {(cell["chance"], cell["fit"]): cell["count"] for cell in json.loads(row["table"])}
    assert row["value"] == 0.6
    assert (cells["relevant", "unknown"], cells["over", "unknown"]) == (3, 2)


def test_the_load_adds_up_the_ages_of_open_leads() -> None:
    """Three leads of ten days are thirty lead-days."""
    plant = Plant()
    plant.open(3, age=10)

    assert Load.of(plant.audit()).days == pytest.approx(30, abs=0.1)


def test_attention_is_the_share_of_contacts_with_overdue_leads(history: Plant) -> None:
    """Nine mails went to a lead beyond its horizon, three to a fresh one."""
    (late,), (fresh,) = history.open(1, age=80), history.open(1, age=30)
    for day in range(9):
        history.act(late, END_DAY - 10 + day)
    for day in range(3):
        history.act(fresh, END_DAY - 10 + day)

    row = history.finds("attention", HORIZON)

    assert (row["value"], row["n"], row["leads"]) == (0.75, 12, late)
