"""Findings on conversations, each on talks whose consequence is known."""

from __future__ import annotations

import json

import pytest
from findings.planting import CLOSED, END_DAY, OFFER, Plant, on

from leadaudit.process import Process, Stage

PATIENT = Process(stages=(Stage(name="New", patience_days=20), OFFER, *CLOSED))


def talked(won: int, lost: int, *, prepared: bool, reason: str = "No budget", plant: Plant | None = None) -> Plant:
    """Decided leads whose first meeting on day 5 came after a mail of theirs, or out of nothing."""
    plant = plant or Plant()
    for number in range(won + lost):
        end = (number + 20, "Won" if number < won else "Lost")
        lead_id = plant.lead(number, end, lost_reason=None if number < won else reason)
        if prepared:
            plant.act(lead_id, number + 2, direction="inbound")
        plant.act(lead_id, number + 5, "meeting", "mutual")
    return plant


def test_the_first_conversation_is_dated_from_creation() -> None:
    """Twelve meetings five days after creation and one mail; two leads begin with a call."""
    plant = talked(12, 0, prepared=True)
    for lead_id in plant.open(2, age=100):
        plant.act(lead_id, END_DAY - 99, "call", "mutual")

    row = plant.finds("first_conversation")

    assert (row["value"], row["n"]) == (pytest.approx(5, abs=0.05), 14)
    assert "2 began with a conversation at once (14%)" in row["sentence"]


@pytest.mark.parametrize(
    ("early_won", "value", "words"), [(2, 0.8, "together with more wins"), (20, -0.1, "no provable difference")]
)
def test_early_and_prepared_conversations_are_compared(early_won: int, value: float, words: str) -> None:
    """After prepared talks 18 of 20 were won, after early ones 2 of 20 or 20 of 20."""
    plant = talked(18, 2, prepared=True)
    talked(early_won, 20 - early_won, prepared=False, plant=plant)

    row = plant.finds("early_conversation")

    assert (row["value"], row["n"]) == (pytest.approx(value), 40)
    assert words in row["sentence"]


def test_a_reverse_result_is_said_as_it_is() -> None:
    """Where early talks were won more often, the sentence says so and claims no cause."""
    plant = talked(2, 18, prepared=True)
    talked(18, 2, prepared=False, plant=plant)

    row = plant.finds("early_conversation")

    assert row["high"] < 0
    assert "early conversations go together with more wins" in row["sentence"]


def test_planned_conversations_are_sorted_by_what_came_before() -> None:
    """A planned meeting with a lead that never answered comes too early; one after an answer does not."""
    plant = Plant()
    silent, answered = plant.lead(END_DAY - 5), plant.lead(END_DAY - 5)
    plant.act(answered, END_DAY - 4, direction="inbound")
    plant.act(answered, END_DAY - 3)
    for lead_id in (silent, answered):
        plant.acts.append(
            {"lead_id": lead_id, "at": on(END_DAY + 5), "kind": "meeting", "direction": "mutual", "done": False}
        )

    row = plant.finds("planned_conversations")

    assert (row["n"], row["leads"] in (silent, "")) == (2, True)
    assert sum(entry["count"] for entry in json.loads(row["table"])) == 2


def test_a_maybe_is_a_conversation_that_nothing_followed() -> None:
    """Twelve talks were followed by a decision after 15 days, six by nothing within the patience of 20."""
    plant = talked(12, 0, prepared=True)
    for lead_id in plant.open(6, age=100):
        plant.act(lead_id, END_DAY - 90, "meeting", "mutual")

    row = plant.finds("maybe_share", PATIENT)

    assert (row["value"], row["n"], row["limit"], row["grade"]) == (pytest.approx(1 / 3), 18, 0, "amber")


def test_answering_is_not_progress() -> None:
    """One of four open leads answered twice and talked, and nothing was settled."""
    plant = Plant()
    lead_id, *_ = plant.open(4)
    plant.act(lead_id, END_DAY - 30, direction="inbound")
    plant.act(lead_id, END_DAY - 20, "meeting", "mutual")

    row = plant.finds("answering_without_progress")

    assert (row["value"], row["leads"]) == (0.25, lead_id)


def test_conversations_per_win_include_those_of_ended_leads() -> None:
    """Ten wins and twenty endings with one talk each are three conversations per win."""
    assert talked(10, 20, prepared=True).finds("conversations_per_win")["value"] == 3


def test_closing_conversations_are_followed_by_a_decision_within_a_week() -> None:
    """Twelve talks five days before the decision, four thirty days before it."""
    plant = Plant()
    for number in range(16):
        lead_id = plant.lead(number, (number + 40, "Won"))
        plant.act(lead_id, number + (35 if number < 12 else 10), "meeting", "mutual", outcome="agreed")

    row = plant.finds("closing_conversations")

    assert row["value"] == 0.75
    assert "recorded for 100% of conversations" in row["sentence"]


def test_price_is_named_after_early_talks() -> None:
    """Twelve endings after early talks name the price, twelve after prepared ones do not."""
    plant = talked(0, 12, prepared=False, reason="Too expensive")
    talked(0, 12, prepared=True, plant=plant)

    row = plant.finds("price_after_early_talk")

    assert (row["value"], row["n"]) == (1, 24)


def test_some_wins_need_no_conversation() -> None:
    """Three of fifteen wins have none."""
    plant = talked(12, 0, prepared=True)
    alone = [plant.lead(number, (number + 9, "Won")) for number in range(3)]

    row = plant.finds("wins_without_conversation")

    assert (row["value"], row["leads"].split("|")) == (0.2, alone)
