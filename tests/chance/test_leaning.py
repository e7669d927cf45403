"""Chances that few leads speak for: they lean on what more leads said, and no verdict rests on them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadaudit.chance import learn, place
from leadaudit.chance.horizon import Curve
from leadaudit.chance.landmarks import Landmarks
from leadaudit.chance.leaning import lean, learned_count, told
from leadaudit.process import Limits, Process

AS_OF = pd.Timestamp("2024-06-01")


def marks(at_risk: list[int], chance: list[float]) -> Landmarks:
    """Landmarks ten days apart, everybody fully followed."""
    n, p = np.array(at_risk), np.array(chance)
    won = np.round(n * p).astype(int)
    return Landmarks(np.arange(len(n)) * 10.0, n, won, n - won, 0 * n, p, p * (1 - p) / n, n.astype(float))


def curve(found: Landmarks) -> Curve:
    return Curve(found, np.zeros(len(found)), np.ones(len(found)), None, 5)


@settings(max_examples=50)
@given(chance=st.lists(st.floats(0, 1), min_size=1, max_size=12), count=st.floats(0, 1000))
def test_a_leaning_chance_lies_between_its_own_and_earlier_ones(chance, count):
    """Nothing is made up: every chance is a mean of what was seen on that day and before it."""
    found = marks([2000 // 2**k + 1 for k in range(len(chance))], chance)
    leaning = lean(found, count, np.zeros(len(chance), bool), len(chance))

    for row, value in enumerate(leaning):
        assert min(chance[: row + 1]) - 1e-9 <= value <= max(chance[: row + 1]) + 1e-9


def test_many_leads_with_enough_wins_need_no_other():
    """Ten wins among thirty leads speak for themselves; nine lean."""
    found = marks([300, 100, 30], [0.5, 0.10, 0.30])
    (one,) = told([curve(found)], 20.0, Limits())
    said = one.chance

    assert [0.5, 0.1] == said[:2].tolist()
    assert 0.1 < said[2] < 0.3


def test_nothing_leans_across_an_own_ending_rule():
    """Leads that the client kept beyond its rule are others: only they speak for them."""
    found = marks([400, 60, 20], [0.1, 0.5, 0.5])

    assert 0.5 > lean(found, 10.0, np.zeros(3, bool), 3)[1]
    assert 0.5 == pytest.approx(lean(found, 10.0, np.zeros(3, bool), 1)[1])


def test_the_more_chances_move_the_less_is_leaned():
    """A chance that stays where it was lets few leads lean on many; one that falls does not."""
    steady = curve(marks([800, 400, 200, 100, 50], [0.3] * 5))
    falling = curve(marks([800, 400, 200, 100, 50], [0.6, 0.45, 0.3, 0.15, 0.05]))

    assert learned_count([falling]) < learned_count([]) < learned_count([steady])


def stays(count: int, long: int) -> pd.DataFrame:
    """Half of the leads won after three days, the rest lost after five; some that stood for 100 days were lost, too."""
    days = np.append(np.where(np.arange(count) % 2, 3.0, 5.0), np.full(long, 100.0))
    outcome = np.append(np.where(np.arange(count) % 2, "won", "ended"), np.full(long, "ended"))
    return pd.DataFrame(
        {
            "lead_id": [f"L{n}" for n in range(len(days))], "life": 0, "pipeline": "", "stage": "Offer",
            "started_at": AS_OF - pd.Timedelta(days=300), "entered_days": 0.0, "stay_days": days, "end": outcome,
            "outcome": outcome, "outcome_days": days,
        }
    )  # fmt: skip


def test_a_chance_falls_beyond_the_last_landmark_but_the_proof_is_that_of_many():
    """Twenty leads that stood for months were all lost: the chance there is not that of the fifth day."""
    learned = learn(stays(200, 20), Process(), as_of=AS_OF)
    lead = pd.DataFrame({"pipeline": ["", ""], "stay_stage": ["Offer", "Offer"], "stay_days": [1.0, 90.0]})
    placed = place(lead, learned, Process(), AS_OF)

    assert (learned.curves["at_risk_count"] >= 30).all()
    assert learned.tails["at_risk_count"].between(5, 29).all()
    assert placed["chance"].iloc[1] < 0.5 * placed["chance"].iloc[0]
    assert (placed["proof_at_risk_count"] >= 30).all()
    assert (placed["chance_low"] <= placed["chance"]).all()
    assert (placed["chance"] <= placed["chance_high"]).all()
