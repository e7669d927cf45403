"""Findings on maturity, each on contacts, answers and silences that are known."""

from __future__ import annotations

import json

import pytest
from findings.planting import CLOSED, END_DAY, OFFER, Plant, on

from leadaudit.process import Process, Stage


def chased(leads: int, mails: int, plant: Plant, *, every: float = 5) -> list[str]:
    """Open leads that were written to so often without an answer."""
    found = plant.open(leads, age=120)
    for lead_id in found:
        for mail in range(mails):
            plant.act(lead_id, END_DAY - 80 + mail * every)
    return found


@pytest.mark.parametrize(("pressed", "grade"), [(0, "good"), (4, "amber")])
def test_unanswered_streaks_from_three_on_are_pressure(pressed: int, grade: str) -> None:
    """None or four of twenty open leads were written to three times without an answer."""
    plant = Plant()
    found = chased(pressed, 3, plant)
    chased(20 - pressed, 2, plant)

    row = plant.finds("unanswered_streak")

    assert (row["value"], row["grade"]) == (pressed / 20, grade)
    assert row["leads"] == "|".join(found)


def test_an_answer_ends_a_streak() -> None:
    """After the other side has written, the count begins anew."""
    plant = Plant()
    (lead_id,) = chased(1, 6, plant)
    plant.act(lead_id, END_DAY - 2, direction="inbound")

    assert plant.finds("unanswered_streak")["value"] == 0


def test_the_chance_after_three_unanswered_contacts_comes_from_history() -> None:
    """Forty leads were won without being chased, forty were chased three times and never won."""
    plant = Plant()
    for number in range(40):
        plant.lead(number, (number + 20, "Won"))
        lead_id = plant.lead(number, (number + 60, "Lost"))
        for mail in range(3):
            plant.act(lead_id, number + 5 + mail)

    row = plant.finds("chance_by_streak")

    assert (row["value"], row["n"]) == (pytest.approx(0, abs=0.01), 40)
    assert json.loads(row["table"])[0]["chance"] == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize(("mails", "ratio", "grade"), [(4, 1.0, "good"), (6, 1.5, "amber"), (12, 3.0, "red")])
def test_contact_pressure_is_measured_against_four_mails_a_quarter(mails: int, ratio: float, grade: str) -> None:
    """Twelve open leads with four, six or twelve mails in 90 days."""
    plant = Plant()
    chased(12, mails, plant)

    row = plant.finds("contact_pressure")

    assert (row["value"], row["grade"]) == (ratio, grade)


def test_tightening_cadence_is_seen_in_the_gaps() -> None:
    """One lead written to every twenty, then every five days; one at an even pace."""
    plant = Plant()
    tight, even = plant.open(2, age=200)
    for day in (150, 130, 110, 90, 85, 80, 75):
        plant.act(tight, END_DAY - day)
    for day in range(7):
        plant.act(even, END_DAY - 150 + day * 20)

    row = plant.finds("cadence_tightening")

    assert (row["value"], row["n"], row["leads"]) == (0.5, 2, tight)


def test_a_valid_pause_is_healthy_silence() -> None:
    """Of two silent leads one rests until a date ahead."""
    plant = Plant()
    resting = plant.lead(300, (310, "Parked"), paused_until=on(END_DAY + 30))
    silent = plant.lead(300)
    busy = plant.lead(300)
    for lead_id, day in ((resting, 305), (silent, 305), (busy, END_DAY - 1)):
        plant.act(lead_id, day)

    row = plant.finds("healthy_silence")

    assert (row["value"], row["n"], row["grade"], row["leads"]) == (0.5, 2, "good", resting)


def test_early_noes_come_within_three_days_or_at_the_first_contact() -> None:
    """Of twenty endings five came after two days and five after a single contact."""
    plant = Plant()
    hasty = plant.lost(5, after=2)
    once = plant.lost(5)
    for number, lead_id in enumerate(once):
        plant.act(lead_id, number * 10 + 15)
    plant.lost(10)

    row = plant.finds("early_noes")

    assert (row["value"], row["leads"].split("|")) == (0.5, [*hasty, *once])


def test_who_ended_follows_from_the_reason() -> None:
    """Ten went to a competitor, five did not fit, five give no reason."""
    plant = Plant()
    plant.lost(10, lost_reason="Went with a competitor")
    plant.lost(5, lost_reason="Not a good fit")
    unknown = plant.lost(5)

    row = plant.finds("who_ended")

    assert (row["value"], row["leads"].split("|")) == (0.5, unknown)
    assert "10 came from the other side, 5 from us" in row["sentence"]


def test_tempo_compares_fast_and_slow_thirds() -> None:
    """All fast leads were won, no slow one: the difference is 1."""
    plant = Plant()
    for number in range(20):
        plant.lead(number, (number + 2, "Offer"), (number + 60, "Won"))
        plant.lead(number, (number + 10, "Offer"), (number + 60, "Won" if number % 2 else "Lost"))
        plant.lead(number, (number + 40, "Offer"), (number + 60, "Lost"))

    row = plant.finds("tempo")

    assert (row["value"], row["n"]) == (1, 60)
    assert "proves no cause" in row["sentence"]


def test_tempo_names_the_price_of_wins() -> None:
    """Fast wins took three contacts each and one of them was lost again; slow ones took one."""
    plant = Plant()
    for number in range(12):
        fast = plant.lead(number, (number + 2, "Offer"), (number + 60, "Won"))
        slow = plant.lead(number, (number + 40, "Offer"), (number + 60, "Won"))
        plant.lead(number, (number + 10, "Offer"), (number + 60, "Lost"))
        for day in (3, 4, 5):
            plant.act(fast, number + day)
        plant.act(slow, number + 41)
    plant.act(plant.lead(20, (22, "Offer"), (80, "Won"), (90, "Lost")), 23)

    table = {row["third"]: row for row in json.loads(plant.finds("tempo")["table"])}

    assert (table["fast"]["contacts"], table["slow"]["contacts"]) == (pytest.approx(37 / 13), 1)
    assert (table["fast"]["reversed"], table["slow"]["reversed"]) == (1, 0)


def test_readiness_is_where_the_chance_has_doubled() -> None:
    """A third of all leads is won, all of them through "Offer", which they reach on day 12."""
    plant = Plant()
    for number in range(40):
        plant.lead(number, (number + 12, "Offer"), (number + 30, "Won"))
        for _ in range(2):
            plant.lead(number, (number + 40, "Lost"))

    row = plant.finds("time_to_readiness")

    assert (row["value"], row["n"]) == (pytest.approx(12, abs=0.05), 40)
    assert "from “Offer” on" in row["sentence"]


def test_no_stage_is_ready_where_the_chance_does_not_rise() -> None:
    """Half of the leads are won, whether they saw an offer or not."""
    plant = Plant()
    for number in range(40):
        plant.lead(number, (number + 12, "Offer"), (number + 30, "Won"))
        plant.lead(number, (number + 12, "Offer"), (number + 30, "Lost"))

    row = plant.finds("time_to_readiness")

    assert row["value"] is None
    assert "do not show when a lead is ready" in row["sentence"]


def test_answer_times_of_both_sides_are_compared() -> None:
    """They answer after four days, we after one: our pace is a quarter of theirs."""
    plant = Plant()
    for lead_id in plant.open(12, age=100):
        plant.act(lead_id, END_DAY - 50)
        plant.act(lead_id, END_DAY - 46, direction="inbound")
        plant.act(lead_id, END_DAY - 45)

    assert plant.finds("answer_time")["value"] == pytest.approx(0.25)


def test_a_ripe_lead_decides_by_itself() -> None:
    """Nine of twelve wins followed a mail of theirs, three a mail of ours."""
    plant = Plant()
    for number, lead_id in enumerate(plant.won()):
        plant.act(lead_id, number * 10 + 15)
        if number < 9:
            plant.act(lead_id, number * 10 + 18, direction="inbound")

    row = plant.finds("last_contact_of_wins")

    assert (row["value"], row["n"]) == (0.75, 12)


def test_the_bottleneck_is_the_passage_that_fewest_get_through() -> None:
    """Of forty leads thirty reach "Offer", of these six are won."""
    plant = Plant()
    for number in range(40):
        offer = [(number + 10, "Offer")] if number < 30 else []
        plant.lead(number, *offer, *([(number + 20, "Won")] if number < 6 else []))

    row = plant.finds("bottleneck", Process(stages=(Stage(name="New"), OFFER, *CLOSED)))

    assert (row["value"], row["n"]) == (0.2, 30)
    assert "between “Offer” and the win" in row["sentence"]


def test_reminders_are_told_by_words_and_by_repetition() -> None:
    """Of sixteen mails four only follow up, four repeat a subject to the same lead, eight say something of their own."""
    plant = Plant()
    for lead_id in plant.open(4, age=80):
        for day, subject in enumerate(["Our idea for you", "Case study", "Case study ", "Just checking in"]):
            plant.act(lead_id, END_DAY - 60 + day * 10, subject=subject)

    row = plant.finds("reminders")

    assert (row["value"], row["n"]) == (0.5, 16)


def test_an_early_yes_is_followed() -> None:
    """Of twelve leads that moved on at once nine stand beyond the patience of "Offer", of twelve later ones none."""
    stages = (Stage(name="New", patience_days=20), Stage(name="Offer", patience_days=20), *CLOSED)
    plant = Plant()
    for number in range(12):
        begin = END_DAY - (60 if number < 9 else 10)
        plant.lead(begin, (begin + 1, "Offer"))
        plant.lead(END_DAY - 60, (END_DAY - 15, "Offer"))

    row = plant.finds("early_yes", Process(stages=stages))

    assert (row["value"], row["n"]) == (0.75, 12)
    assert "of the others 0%" in row["sentence"]
