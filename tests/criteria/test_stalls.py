"""Reasons why a lead is stalled, and flags on our conduct: just inside, just outside, not determinable."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from criteria.asking import ask, says
from criteria.leads import AS_OF, PROCESS, STAGE, ago, lead, stages


@pytest.mark.parametrize(
    ("since", "held"),
    [
        (AS_OF - pd.Timedelta(days=7), False),  # Wednesday to Wednesday: five working days
        (AS_OF - pd.Timedelta(days=7, hours=1), True),
        (pd.Timestamp("2026-06-10 06:00"), False),
        (None, False),
    ],
)
def test_it_is_our_turn_after_five_working_days(since, held):
    """Weekends do not count, parts of a day do."""
    assert held is says("our_turn", lead(our_turn=True, our_turn_since_at=since))


@pytest.mark.parametrize(("ours", "held"), [(False, False), (None, None)])
def test_it_is_not_our_turn_by_waiting_alone(ours, held):
    """Somebody has to be waiting for us, and that has to be known."""
    assert held is says("our_turn", lead(our_turn=ours, our_turn_since_at=ago(100)))


@pytest.mark.parametrize(
    ("asked", "answered", "held"),
    [
        (ago(8), ago(1), False),
        (ago(8.1), ago(1), True),
        (ago(20), ago(11), False),
        (ago(20), ago(10), True),
        (ago(20), None, False),
        (None, ago(1), False),
    ],
)
def test_a_late_answer_stays_a_reason(asked, answered, held):
    """Later than five working days, and given in this stay."""
    assert held is says("answered_late", lead(asked_at=asked, answered_at=answered))


def test_a_late_answer_needs_activities():
    """Without activities nobody knows when we answered."""
    assert says("answered_late", lead(asked_at=ago(20), answered_at=ago(1)), letters="H") is None


@pytest.mark.parametrize(
    ("status", "until", "held"),
    [("paused", ago(0), True), ("paused", ago(-1), False), ("paused", None, False), ("open", ago(3), False)],
)
def test_resumption_is_due_on_its_day(status, until, held):
    """Only for a lead that is in a pause."""
    assert held is says("resume_due", lead(status=status, paused_until=until))


@pytest.mark.parametrize(
    ("pause", "held"),
    [
        ({"pause_started_at": ago(90)}, False),
        ({"pause_started_at": ago(90.1)}, True),
        ({"pause_started_at": ago(200), "paused_until": ago(-5)}, False),
        ({"stay_days": 90.1}, True),
        ({"stay_days": None}, False),
    ],
)
def test_a_pause_needs_a_date_after_ninety_days(pause, held):
    """From its start, or from the last progress where the start is unknown."""
    assert held is says("pause_without_date", lead(status="paused", **pause))


@pytest.mark.parametrize(("days", "held"), [(14, False), (14.1, True), (-5, False), (None, False)])
def test_a_decision_date_slips_after_two_weeks(days, held):
    """A date that a person set, and that has passed by more than 14 days."""
    other = lead(lead_id="L-2", expected_close_at=ago(0))

    assert held is says("decision_slipped", lead(expected_close_at=None if days is None else ago(days)), other)


@pytest.mark.parametrize(("share", "held"), [(None, True), (0.30, True), (0.31, None)])
def test_decision_dates_of_a_system_say_nothing(share, held):
    """Off where more than 30 % of the dates share one distance from creation."""
    assert held is says("decision_slipped", lead(expected_close_at=ago(30)), default_distance_share=share)


def test_slipping_needs_dates_in_the_export():
    """No lead has a date: the column is absent."""
    assert says("decision_slipped", lead()) is None


@pytest.mark.parametrize(
    ("unknown", "stay_days", "held"),
    [("Budget", 25.1, True), ("Budget", 25.0, False), ("", 40.0, False), ("Budget", None, None)],
)
def test_an_unknown_precondition_stalls_past_patience(unknown, stay_days, held):
    """Before, there is time to ask."""
    assert held is says("clarity_missing", lead(preconditions_unknown=unknown, stay_days=stay_days))


def test_clarity_needs_preconditions():
    """A process without preconditions cannot lack their clarity."""
    bare = PROCESS.model_copy(update={"preconditions": ()})

    assert says("clarity_missing", lead(preconditions_unknown="Budget", stay_days=40.0), process=bare) is None


@pytest.mark.parametrize(
    ("count", "limit", "held"), [(6, 6, False), (7, 6, True), (6, None, False), (7, None, True), (None, 6, False)]
)
def test_busy_is_more_than_most_winners_needed(count, limit, held):
    """Above the quantile of winners, or above six where there are too few of them."""
    assert held is says("busy_without_progress", lead(movement_count=count), busy_limit_count=limit)


def test_busy_needs_something_that_was_recorded():
    """Without activities and without any movement nothing can be said; with movement it can."""
    assert says("busy_without_progress", lead(movement_count=0), letters="HN") is None
    assert says("busy_without_progress", lead(movement_count=7), letters="HN") is True


@pytest.mark.parametrize(
    ("count", "letters", "held"), [(1, "H", False), (2, "H", True), (None, "H", False), (2, "E", None)]
)
def test_back_and_forth_is_twice(count, letters, held):
    """Once may happen; it needs the stage history."""
    assert held is says("back_and_forth", lead(loop_count=count), letters=letters)


SILENT = {"life_response_count": 0, "came_itself": False, "response_count": 0}


@pytest.mark.parametrize(
    ("changes", "held"),
    [
        ({"stay_days": 25.1}, True),
        ({"stay_days": 25.0}, False),
        ({"stay_days": 40.0, "life_response_count": 1}, False),
        ({"stay_days": 40.0, "came_itself": True}, False),
        ({"stay_days": 40.0, "life_response_count": None}, False),
    ],
)
def test_never_reacted_counts_past_patience(changes, held):
    """A lead that came by itself has reacted."""
    assert held is says("never_reacted", lead(**{**SILENT, **changes}))


@pytest.mark.parametrize("absent", [{"letters": "H"}, {"unknown_direction_share": 0.5}])
def test_reactions_need_directions(absent):
    """Where contacts cannot be told apart, nobody knows who reacted."""
    assert says("never_reacted", lead(**SILENT, stay_days=40.0), **absent) is None
    assert says("pressure", lead(unanswered_count=9), **absent) is None


@pytest.mark.parametrize(
    ("stay_days", "unanswered", "horizon_days", "held"),
    [
        (25.0, 0, 60.0, False),
        (25.1, 0, 60.0, True),
        (20.0, 1, 60.0, False),
        (20.1, 1, 60.0, True),
        (22.0, None, 60.0, False),
        (22.0, 0, 21.0, True),
        (22.0, 0, 5.0, True),
        (19.0, 0, 5.0, False),
        (None, 0, 60.0, None),
    ],
)
def test_patience_has_a_margin_while_nothing_went_unanswered(stay_days, unanswered, horizon_days, held):
    """A quarter longer, at most to the horizon."""
    asked = lead(stay_days=stay_days, unanswered_count=unanswered, horizon_days=horizon_days)

    assert held is says("past_patience", asked)


def test_the_margin_ends_at_the_horizon_of_the_stage():
    """Also for a lead that was kept beyond it and has another horizon, or none, now."""
    learned = stages({**STAGE, "horizon_days": 21.0})

    assert says("past_patience", lead(stay_days=22.0, horizon_days=None), stages=learned) is True
    assert says("past_patience", lead(stay_days=20.5, horizon_days=None), stages=learned) is False


def test_patience_quotes_its_own_basis():
    """What was placed names the basis of the horizon; patience may have another."""
    answer = ask("past_patience", lead(stay_days=30.0, basis="all"), lead(stay_stage="Elsewhere", basis="default"))

    assert ["stage", "default"] == list(answer.basis)
    assert ago(10) == pd.Timestamp(answer.since_at[0])


@pytest.mark.parametrize(
    ("count", "ratio", "held"),
    [(3, None, True), (2, None, False), (2, 0.5, True), (2, 0.51, False), (1, 0.1, False), (None, 0.1, False)],
)
def test_pressure_is_three_unanswered_or_two_at_a_tightening_pace(count, ratio, held):
    """The pace tightens when gaps are at most half of the earlier ones."""
    assert held is says("pressure", lead(unanswered_count=count, cadence_ratio=ratio))


@pytest.mark.parametrize(
    ("step", "held"),
    [
        ({}, True),
        ({"next_step_at": ago(-3), "next_step_concrete": True}, False),
        ({"next_step_at": ago(-3), "next_step_concrete": False}, True),
        ({"next_step_at": ago(0), "next_step_concrete": True}, True),
        ({"meeting_planned_at": ago(-3)}, False),
    ],
)
def test_a_decision_point_is_a_concrete_step_ahead(step, held):
    """Dated, in the future, and more than a reminder."""
    assert held is says("no_decision_point", lead(**step))


def test_a_decision_point_needs_steps_in_the_export():
    """Without a next-step column and planned activities nobody can tell."""
    assert says("no_decision_point", lead(), letters="HE") is None


def test_columns_that_an_evidence_lacks_are_missing_everywhere():
    """A frame with fewer columns is read as if they were empty."""
    from criteria.leads import facts

    given = facts(lead())
    bare = facts(evidence=given.evidence[["lead_id", "pipeline", "stay_stage", "status"]])

    assert np.isnan(bare.stay_days).all()
    assert bare.flag("our_turn").isna().all()
    assert not bare.filled("next_step").any()
    assert bare.absent("next_step")
