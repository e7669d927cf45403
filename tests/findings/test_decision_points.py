"""Findings on decision points, each on leads whose movement and progress are known."""

from __future__ import annotations

import json

import pytest
from findings.planting import CLOSED, END_DAY, OFFER, PROCESS, Plant, on

from leadaudit.process import Process, Stage

PATIENT = Process(stages=(Stage(name="New", patience_days=20), OFFER, *CLOSED))


def moving(per_won: int, per_open: int) -> Plant:
    """Won leads with two things settled (offer, win), open leads with one, and so many mails each."""
    plant = Plant()
    for number, lead_id in enumerate(plant.won()):
        for mail in range(per_won):
            plant.act(lead_id, number * 10 + 11 + mail)
    for _ in range(12):
        lead_id = plant.lead(END_DAY - 60, (END_DAY - 50, "Offer"))
        for mail in range(per_open):
            plant.act(lead_id, END_DAY - 40 + mail)
    return plant


@pytest.mark.parametrize(("per_open", "grade"), [(1, "good"), (9, "amber")])
def test_progress_share_is_measured_against_won_leads(per_open: int, grade: str) -> None:
    """Won leads: three mails, two things settled (0.4). Open leads: one settled beside one mail, or beside nine."""
    row = moving(3, per_open).finds("progress_share")

    assert (row["value"], row["limit"], row["grade"]) == (1 / (1 + per_open), 0.4, grade)


def test_progress_share_says_when_nothing_was_settled_at_all() -> None:
    """Twelve open leads with two mails each and no progress."""
    plant = moving(3, 0)
    for lead_id in plant.open(12):
        plant.act(lead_id, END_DAY - 20)
        plant.act(lead_id, END_DAY - 10)
    plant.leads = [lead for lead in plant.leads if lead["stage"] != "Offer"]
    plant.changes = [
        change for change in plant.changes if change["lead_id"] in {lead["lead_id"] for lead in plant.leads}
    ]

    row = plant.finds("progress_share")

    assert (row["value"], row["n"], row["grade"]) == (0, 12, "amber")
    assert "nothing was settled" in row["sentence"]


@pytest.mark.parametrize(("mails", "value", "grade"), [(3, 0.0, "good"), (4, 1.0, "amber")])
def test_busy_without_progress_uses_the_clients_own_limit(mails: int, value: float, grade: str) -> None:
    """Half of the winners' steps took three mails, half none, so that three is their upper quartile."""
    row = moving(3, mails).finds("busy_without_progress")

    assert (row["value"], row["grade"], row["basis"]) == (value, grade, "won")


def test_settled_per_lead_counts_steps_wins_and_endings() -> None:
    """In 90 days: 30 leads open throughout (88.7 lead-months), ten of them moved on once."""
    plant = Plant()
    for number in range(30):
        plant.lead(100, *([(END_DAY - 50, "Offer")] if number < 10 else []))

    assert plant.finds("settled_per_lead")["value"] == pytest.approx(10 / (30 * 90 / 30.4375))


@pytest.mark.parametrize(
    ("stuck", "grade", "word"), [(0, "good", "Only"), (3, "good", "good figure"), (8, "amber", "Most")]
)
def test_stuck_stages_count_stays_beyond_patience(stuck: int, grade: str, word: str) -> None:
    """Of twenty open leads none, three or eight stand longer than the patience of 20 days."""
    plant = Plant()
    plant.won()
    late = plant.open(stuck, age=40)
    plant.open(20 - stuck, age=5)

    row = plant.finds("stuck_stages", PATIENT)

    assert (row["value"], row["grade"]) == (stuck / 20, grade)
    assert word in row["sentence"]
    assert row["leads"] == "|".join(late)


def test_a_recommended_decision_point_is_where_the_chance_has_halved() -> None:
    """Of 100 leads 50 are won on day 10 and 50 ended on day 60: after day 10 nobody is won any more."""
    plant = Plant()
    for number in range(50):
        plant.lead(number, (number + 10, "Won"))
        plant.lead(number, (number + 60, "Lost"))

    row = plant.finds("recommended_decision_points")

    new = next(stage for stage in json.loads(row["table"]) if stage["stage"] == "New")
    assert new["chance_at_entry"] == pytest.approx(0.5, abs=0.02)
    assert 10 <= new["day"] <= 12


def test_no_decision_point_is_recommended_where_the_chance_holds() -> None:
    """Wins and endings come on the same days, so that time tells nothing."""
    plant = Plant()
    for number in range(40):
        plant.lead(number, (number + 10 + number % 40, "Won"))
        plant.lead(number, (number + 10 + number % 40, "Lost"))

    row = plant.finds("recommended_decision_points", Process(stages=(Stage(name="New"), *CLOSED)))

    assert "In no stage" in row["sentence"]


def test_a_valid_next_step_is_dated_ahead_and_decides_something() -> None:
    """Of ten leads one has a date and a decision, three a vague step, one a date alone, two one that has passed."""
    plant = Plant()
    ahead, past = on(END_DAY + 10), on(END_DAY - 10)
    plant.open(1, next_step="Decision by the board", next_step_at=ahead)
    plant.open(3, next_step="Follow up", next_step_at=ahead)
    plant.open(2, next_step="Decision by the board", next_step_at=past)
    plant.open(1, next_step_at=ahead)
    plant.open(3)

    row = plant.finds("next_step_valid")

    assert (row["value"], row["n"], row["grade"]) == (0.1, 10, "amber")
    assert "passed: 2;" in row["sentence"]
    assert "than “follow up”: 4;" in row["sentence"]
    assert "at all: 3." in row["sentence"]


def test_loops_are_talks_returns_and_repeated_contents() -> None:
    """One lead with two meetings, one there and back, one with the same brochure twice, seven in peace."""
    plant = Plant()
    talked = plant.lead(300)
    for day in (310, 320):
        plant.act(talked, day, "meeting", "mutual")
    back = plant.lead(300, (305, "Offer"), (310, "New"), (315, "Offer"))
    resent = plant.lead(300)
    for day in (310, 320):
        plant.act(resent, day, "content", subject="Brochure")
    plant.open(7)

    row = plant.finds("loops")

    assert (row["value"], row["leads"].split("|")) == (0.3, [talked, back, resent])
    assert [entry["count"] for entry in json.loads(row["table"])] == [1, 1, 1]


@pytest.mark.parametrize(("moves", "found"), [([10], 0), ([25], 1), ([5, 5, 5], 1), ([30, 20], 1)])
def test_one_small_move_of_the_date_never_flags(moves: list[int], found: int) -> None:
    """Ten days once is nothing; 25 days once, three small moves, or 50 days in two are put off."""
    plant = Plant()
    lead_id = plant.lead(200)
    date = on(250)
    for number, days in enumerate(moves):
        later = date + (on(days) - on(0))
        plant.change(lead_id, 210 + number, "expected_close_at", f"{date:%Y-%m-%d}", f"{later:%Y-%m-%d}")
        date = later

    assert plant.finds("postponed_decisions")["value"] == found


def test_a_decision_point_counts_by_what_follows() -> None:
    """Twelve talks followed by an offer within the patience of 20 days, four by nothing."""
    plant = Plant()
    for number in range(12):
        plant.act(plant.lead(number, (number + 15, "Offer")), number + 10, "meeting", "mutual")
    for lead_id in plant.open(4, age=100):
        plant.act(lead_id, END_DAY - 80, "meeting", "mutual")

    row = plant.finds("decision_points_with_consequence", PATIENT)

    assert (row["value"], row["n"]) == (0.75, 16)


def test_pressure_is_compared_with_and_without_a_decision_point() -> None:
    """Twelve leads without a decision point get nine mails in 90 days, twelve with one get three: two more a month."""
    plant = Plant()
    for clear in (False, True):
        step = {"next_step": "Decision by the board", "next_step_at": on(END_DAY + 5)} if clear else {}
        for number, lead_id in enumerate(plant.open(12, age=120, **step)):
            for mail in range(3 if clear else 9):
                plant.act(lead_id, END_DAY - 80 + mail * 5 + number / 100)

    row = plant.finds("clarity_and_pressure", PROCESS)

    assert (row["value"], row["low"]) == (pytest.approx(2), pytest.approx(2))
    assert "proves no cause" in row["sentence"]
