"""What stands against an ending: just inside, just outside, not determinable."""

from __future__ import annotations

import pytest
from criteria.asking import ask, says
from criteria.leads import ago, lead


@pytest.mark.parametrize(("ours", "held"), [(True, True), (False, False), (None, None)])
def test_a_lead_that_waits_for_us_is_not_ended(ours, held):
    """Whose turn it is may be unknown."""
    assert held is says("awaits_us", lead(our_turn=ours, our_turn_since_at=ago(1)))


@pytest.mark.parametrize(
    ("pause", "held"),
    [
        ({"paused_until": ago(-1)}, True),
        ({"paused_until": ago(0)}, False),
        ({"paused_until": ago(-366)}, True),
        ({"paused_until": ago(-367)}, False),
        ({"paused_until": ago(-1), "pause_moved_count": 1}, True),
        ({"paused_until": ago(-1), "pause_moved_count": 2}, False),
        ({"paused_until": ago(-1), "pause_moved_count": None}, True),
        ({"paused_until": None, "pause_started_at": ago(90)}, True),
        ({"paused_until": None, "pause_started_at": ago(91)}, False),
        ({"paused_until": None, "pause_started_at": None, "stay_days": 91.0}, False),
        ({"paused_until": None, "pause_started_at": None, "stay_days": 90.0}, True),
    ],
)
def test_a_pause_is_valid_with_a_date_ahead(pause, held):
    """At most a year ahead, moved at most once; without a date for ninety days."""
    assert held is says("valid_pause", lead(status="paused", **pause))


@pytest.mark.parametrize(
    ("facts_of_pause", "held"),
    [
        ({"paused_until": ago(-5)}, True),
        ({"pause_started_at": ago(5)}, True),
        ({"paused_until": ago(5)}, False),
        ({}, False),
    ],
)
def test_an_open_lead_is_in_a_pause_if_it_has_begun_or_a_date_is_ahead(facts_of_pause, held):
    """Some CRMs have no status for a pause, only its dates."""
    assert held is says("valid_pause", lead(**facts_of_pause))


STEP = {"next_step_at": ago(-10), "next_step_concrete": True, "next_step_set_at": ago(2)}
MEETING = {"meeting_planned_at": ago(-10), "meeting_planned_set_at": ago(2)}


@pytest.mark.parametrize(
    ("step", "held"),
    [
        (STEP, True),
        ({**STEP, "next_step_concrete": False}, False),
        ({**STEP, "next_step_at": ago(0)}, False),
        ({**STEP, "next_step_at": ago(-90)}, True),
        ({**STEP, "next_step_at": ago(-91)}, False),
        ({**STEP, "next_step_moved_count": 1}, True),
        ({**STEP, "next_step_moved_count": 2}, False),
        ({**STEP, "last_response_at": ago(16)}, True),
        ({**STEP, "last_response_at": ago(16.1)}, False),
        ({**STEP, "last_response_at": None}, False),
        ({**STEP, "last_response_at": ago(1)}, True),
        ({**STEP, "next_step_set_at": None, "response_count": 1}, True),
        ({**STEP, "next_step_set_at": None, "response_count": 0}, False),
        (MEETING, True),
        ({**MEETING, "meeting_planned_at": ago(1)}, False),
        ({**MEETING, "last_response_at": ago(17)}, False),
        ({}, False),
    ],
)
def test_a_decision_is_agreed_soon_after_a_reaction(step, held):
    """A concrete step or meeting, set within 14 days after a reaction, at most 90 days ahead, moved at most once."""
    assert held is says("decision_agreed", lead(**step))


@pytest.mark.parametrize(("letters", "held"), [("EN", True), ("N", None), ("E", True)])
def test_an_agreed_step_needs_reactions_and_steps_in_the_export(letters, held):
    """Planned activities do where the export has no next-step column; reactions are needed in any case."""
    assert held is says("decision_agreed", lead(**MEETING), letters=letters)


def test_an_export_without_steps_says_nothing_of_them():
    """No column, no planned activity: not determinable."""
    assert says("decision_agreed", lead(), letters="E") is None


@pytest.mark.parametrize(("days", "held"), [(14, True), (14.1, False), (None, False)])
def test_a_recent_response_speaks_against_silence(days, held):
    """Fourteen days and not longer."""
    responded = lead(last_response_at=None if days is None else ago(days), stay_days=70.0)

    assert held is says("recent_response", responded)
    assert held is says("first_response", responded)


@pytest.mark.parametrize(
    ("count", "stay_days", "held"),
    [(0, 70.0, True), (1, 70.0, True), (2, 70.0, False), (1, 3.0, True), (1, 2.9, False)],
)
def test_only_the_first_response_of_a_stay_speaks_against_the_horizon(count, stay_days, held):
    """Once per stay; an answer from before the last progress was used up by it."""
    assert held is says("first_response", lead(response_count=count, stay_days=stay_days))


def test_responses_need_activities():
    """Without activities nobody knows whether the other side reacted."""
    assert says("recent_response", lead(), letters="HNF") is None
    assert says("first_response", lead(), letters="HNF") is None


@pytest.mark.parametrize(("stay_days", "held"), [(20.0, True), (20.1, False), (None, None)])
def test_progress_within_patience_speaks_against_every_sign(stay_days, held):
    """As long as patience, and not longer."""
    assert held is says("within_patience", lead(stay_days=stay_days))


def test_vetoes_quote_what_was_compared():
    """Days ahead, limit, and since when."""
    answer = ask("decision_agreed", lead(**STEP), lead(**MEETING))

    assert [10.0, 10.0] == list(answer.observed)
    assert ["step", "meeting"] == list(answer.detail)
    assert answer.limit == 90
