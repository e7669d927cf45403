"""What each criterion moves: the benchmark that switches one after the other off."""

from dataclasses import replace

import pytest

from benchmarks.criteria import LEAST_COUNT, Moved, moved, simulated
from leadaudit.verdict import verdicts_of


def row(**changed):
    usual = {
        "criterion": "horizon_passed",
        "role": "ending",
        "without": "stalled",
        "with_it": "overdue",
        "count": 100,
        "won": 2,
        "ended": 98,
        "said": 0.04,
        "left_count": 100,
        "left_won": 30,
        "joined_count": 0,
        "joined_won": 0,
    }
    return Moved(**(usual | changed))


@pytest.mark.parametrize(
    ("changed", "answer"),
    [
        ({}, "helps"),
        ({"won": 60}, "harms"),
        ({"won": 30}, "no difference seen"),
        ({"without": "overdue", "with_it": "stalled"}, "harms"),
        ({"without": "overdue", "with_it": "stalled", "won": 60}, "helps"),
        ({"count": LEAST_COUNT - 1}, "too few"),
        ({"with_it": "paused"}, ""),
    ],
)
def test_a_criterion_helps_where_its_leads_fare_as_the_verdict_says(changed, answer):
    """Overdue says less of a lead's prospects than stalled; the moved are compared with those left behind."""
    assert answer == row(**changed).answer


def test_moved_are_the_open_leads_with_another_verdict_without_the_criterion():
    """Switching a criterion off by hand changes as many verdicts as the benchmark counts."""
    judgement, became = simulated(7, 600)
    rows = moved([(judgement, became)])
    facts = judgement.facts
    told = (judgement.leads["verdict"] != "ended") & judgement.leads["lead_id"].map(became).notna()

    assert "horizon_passed" in {one.criterion for one in rows}
    for name in {one.criterion for one in rows}:
        without = verdicts_of(replace(facts, process=facts.process.model_copy(update={"criteria_off": {name}})))
        changed = (without != judgement.leads["verdict"]) & told
        counted = sum(one.count for one in rows if one.criterion == name)
        assert int(changed.sum()) == counted
    assert all(one.won + one.ended <= one.count for one in rows)
