"""Signs that an ending is due: just inside, just outside, not determinable."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from criteria.asking import ask, says
from criteria.leads import AS_OF, PROCESS, STAGE, ago, lead, stages

from leadaudit.process import Precondition


@pytest.mark.parametrize(("stay_days", "held"), [(60.0, False), (60.01, True), (None, None)])
def test_the_horizon_is_passed_when_the_stay_is_longer(stay_days, held):
    """Longer is strict; a stay of unknown length cannot be judged."""
    assert held is says("horizon_passed", lead(stay_days=stay_days))


@pytest.mark.parametrize(
    ("why", "held"), [("chance_stays_high", False), ("too_few", None), ("not_learned", None), (None, None)]
)
def test_no_horizon_has_two_meanings(why, held):
    """Where the chance stays high the sign does not hold; where too little is known it is not determinable."""
    learned = stages({**STAGE, "horizon_days": None, "horizon_none": why})

    assert held is says("horizon_passed", lead(stay_days=500.0, horizon_days=None), stages=learned)


def test_a_stage_that_nothing_was_learned_of_has_no_horizon():
    """An unseen stage is not determinable, and not an error."""
    unseen = lead(stay_stage="Elsewhere", horizon_days=None)

    assert says("horizon_passed", unseen) is None
    assert says("horizon_passed", unseen, stages=stages()) is None


def test_the_horizon_quotes_what_was_compared():
    """Observed stay, limit, basis, and the day on which both patience and horizon were over."""
    answer = ask("horizon_passed", lead(stay_days=70.0), lead(stay_days=70.0, horizon_days=5.0))

    assert (70.0, 60.0, "stage") == (answer.observed[0], answer.limit[0], answer.basis[0])
    assert [ago(10), ago(50)] == [pd.Timestamp(at) for at in answer.since_at]


def streak(count, stay_days=40.0, since_days=30.0, **changes):
    """A lead past patience and its margin with so many unanswered contacts."""
    return lead(
        stay_days=stay_days,
        unanswered_count=count,
        unanswered_since_at=ago(since_days),
        last_contact_at=ago(2),
        last_contact_direction="outbound",
        last_response_at=ago(35),
        **changes,
    )


@pytest.mark.parametrize(("count", "held"), [(4, False), (5, True), (None, False)])
def test_no_reaction_holds_from_the_learned_limit(count, held):
    """The limit learned from the client's own streaks is reached, not exceeded."""
    assert held is says("no_reaction", streak(count))


@pytest.mark.parametrize(
    ("count", "since_days", "held"), [(5, 30, False), (6, 30, True), (6, 20.9, False), (6, 21, True)]
)
def test_unlearned_it_needs_six_contacts_over_three_weeks(count, since_days, held):
    """The default limit counts contacts and the days since the first of them."""
    assert held is says("no_reaction", streak(count, since_days=since_days), streak_limit_count=None)


@pytest.mark.parametrize(
    "absent",
    [
        {"letters": "H"},
        {"reaction_share": None},
        {"reaction_share": 0.29},
        {"unknown_direction_share": 0.21},
    ],
)
def test_no_reaction_is_not_determinable_without_reactions_in_the_export(absent):
    """Activities with direction, and winners whose reactions were recorded, are needed."""
    assert says("no_reaction", streak(9), **absent) is None


@pytest.mark.parametrize("enough", [{"reaction_share": 0.30}, {"unknown_direction_share": 0.20}])
def test_no_reaction_is_determinable_at_the_limits(enough):
    """The limits themselves are still good enough."""
    assert says("no_reaction", streak(9), **enough) is True


@pytest.mark.parametrize(
    ("stay_days", "learned", "weak"), [(25.0, 5, True), (25.1, 5, False), (None, 5, True), (40.0, None, True)]
)
def test_no_reaction_is_weak_before_the_margin_and_unlearned(stay_days, learned, weak):
    """Within patience and its margin, and on the default limit, it is enough for stalled only."""
    answer = ask("no_reaction", streak(9, stay_days=stay_days), streak_limit_count=learned)

    assert answer.held[0]
    assert weak is bool(np.broadcast_to(answer.weak, 1)[0])


@pytest.mark.parametrize(("why", "held"), [("chance_stays_high", False), ("too_few", True), ("not_learned", True)])
def test_no_reaction_never_holds_where_the_history_says_that_it_means_nothing(why, held):
    """The default counts for want of history, not against it."""
    answer = says("no_reaction", streak(30, since_days=60), streak_limit_count=None, streak_none=why)

    assert answer is held


@pytest.mark.parametrize(("count", "held"), [(3, False), (4, True)])
@pytest.mark.parametrize(
    "learned", [{"streak_limit_count": 9}, {"streak_limit_count": None, "streak_none": "chance_stays_high"}]
)
def test_a_limit_of_contacts_agreed_with_the_client_wins_over_what_was_learned(count, held, learned):
    """As with patience and horizon: what is written down decides, and names itself as the basis."""
    answer = ask("no_reaction", streak(count), process=PROCESS.with_limits(unanswered_fixed_count=4), **learned)

    assert held is bool(answer.held[0])
    assert (4.0, "process") == (answer.limit, answer.basis)
    assert not np.broadcast_to(answer.weak, 1)[0]


def test_no_reaction_dates_the_contact_that_reached_the_limit():
    """Five of nine contacts over 28 days: half the way; never before patience and margin were over."""
    answer = ask("no_reaction", streak(9), streak(9, stay_days=26.0), streak(9, stay_days=60.0))

    assert [ago(15), ago(1), ago(16)] == [pd.Timestamp(at) for at in answer.since_at]


@pytest.mark.parametrize(("failed", "held"), [("Budget", True), ("", False), (None, False)])
def test_a_precondition_fails_only_if_it_is_known_to(failed, held):
    """Unknown is an unasked question, not a failure."""
    assert held is says("preconditions_failed", lead(preconditions_failed=failed))


def test_preconditions_are_not_determinable_without_any_or_without_their_column():
    """No precondition in the process, or its column unknown at the moment: nothing can be said."""
    failed = lead(preconditions_failed="Budget")
    two = PROCESS.model_copy(update={"preconditions": (*PROCESS.preconditions, Precondition(name="Fit", column="Fit"))})

    assert says("preconditions_failed", failed, process=PROCESS.model_copy(update={"preconditions": ()})) is None
    assert says("preconditions_failed", failed, masked=frozenset({"Budget"})) is None
    assert says("preconditions_failed", failed, masked=frozenset({"Budget"}), process=two) is True


@pytest.mark.parametrize(
    ("facts_of_timing", "held", "detail"),
    [
        ({"pauses_over_count": 1}, False, "postponed"),
        ({"pauses_over_count": 2}, True, "pauses"),
        ({"postponed_count": 3, "postponed_days": 44.9}, False, "postponed"),
        ({"postponed_count": 2, "postponed_days": 90.0}, False, "postponed"),
        ({"postponed_count": 3, "postponed_days": 45.0}, True, "postponed"),
        ({"pauses_over_count": None, "postponed_count": None, "postponed_days": None}, False, "postponed"),
    ],
)
def test_the_timing_keeps_not_fitting(facts_of_timing, held, detail):
    """Two pauses that ran out, or three postponements of 45 days in sum."""
    answer = ask("timing_never_right", lead(**facts_of_timing))

    assert (held, detail) == (answer.held[0], answer.detail[0])


@pytest.mark.parametrize(("letters", "held"), [("H", True), ("F", True), ("EN", None)])
def test_timing_needs_a_history_of_stages_or_fields(letters, held):
    """Without a history nobody can tell how often something was put off."""
    assert held is says("timing_never_right", lead(pauses_over_count=2), letters=letters)


@pytest.mark.parametrize(
    ("said", "fields", "letters", "held"),
    [
        (True, False, "E", True),
        (False, True, "E", True),
        (None, True, "", True),
        (False, None, "E", False),
        (True, None, "", None),
        (None, False, "", False),
        (None, None, "E", None),
    ],
)
def test_no_urgency_is_said_by_the_lead_or_by_fields(said, fields, letters, held):
    """Either source is enough; without both it is a question for the client."""
    assert held is says("no_urgency", lead(no_interest=said, urgency_absent=fields), letters=letters)


def test_endings_are_dated_before_the_moment():
    """A sign that holds was never met in the future."""
    late = lead(stay_days=70.0, **{k: v for k, v in streak(9).items() if k.startswith("unanswered")})

    for name in ("horizon_passed", "no_reaction"):
        assert pd.Timestamp(ask(name, late).since_at[0]) <= AS_OF
