"""What kind of good way a lead is on."""

from __future__ import annotations

import pytest
from criteria.asking import says
from criteria.leads import ago, lead

QUIET = {
    "stay_days": 18.0,
    "last_activity_at": ago(11),
    "last_contact_at": ago(11),
    "last_response_at": ago(11),
    "next_step_at": ago(-3),
    "next_step_concrete": True,
}


@pytest.mark.parametrize(
    ("changes", "held"),
    [
        ({}, True),
        ({"last_activity_at": ago(10)}, False),  # half of twenty days: not silent yet
        ({"last_activity_at": None}, True),
        ({"stay_days": 20.1}, False),
        ({"stay_days": None}, None),
        ({"life_response_count": 0, "came_itself": False}, False),
        ({"life_response_count": 0, "came_itself": True}, True),
        ({"our_turn": True}, False),
        ({"unanswered_count": 3}, False),
        ({"unanswered_count": 2}, True),
        ({"next_step_concrete": False}, False),
        ({"last_contact_at": ago(18)}, True),
        ({"last_contact_at": ago(18.1)}, False),
    ],
)
def test_a_quiet_lead_matures_if_it_reacted_and_is_not_pushed(changes, held):
    """Silent within patience and within the gaps of winners, not our turn, with a decision point."""
    assert held is says("maturing", lead(**{**QUIET, **changes}))


def test_without_gaps_of_winners_patience_alone_counts():
    """A client without enough winners sets no limit to the gap."""
    assert says("maturing", lead(**{**QUIET, "last_contact_at": ago(19)}), silence_limit_days=None) is True


@pytest.mark.parametrize(("stay_days", "held"), [(10.0, False), (10.1, True), (20.1, False)])
def test_without_activities_patience_alone_says_that_quiet_is_fine(stay_days, held):
    """From half of patience to its end."""
    quiet = {**QUIET, "stay_days": stay_days, "last_activity_at": None, "life_response_count": None}

    assert held is says("maturing", lead(**quiet), letters="HN")


@pytest.mark.parametrize(
    ("changes", "held"),
    [
        ({}, True),
        ({"unanswered_count": 3}, False),
        ({"stay_days": 21.0}, False),
        ({"last_activity_at": ago(11), "stay_days": 15.0}, False),
    ],
)
def test_a_lead_advances_if_something_goes_on_and_it_is_not_pushed(changes, held):
    """Within patience, not silent, no pressure."""
    assert held is says("advancing", lead(**changes))


def test_a_decision_is_scheduled_by_the_test_of_the_veto():
    """The shade and the veto are the same test."""
    agreed = lead(meeting_planned_at=ago(-5), meeting_planned_set_at=ago(1))

    assert says("decision_scheduled", agreed) is says("decision_agreed", agreed) is True
