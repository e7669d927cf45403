"""A horizon is borrowed only where the own cases are too few, and never against the own curve."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

import leadaudit
from leadaudit import simulate
from leadaudit.chance.borrowed import borrowed
from leadaudit.chance.horizon import Curve, Horizon
from leadaudit.ingest import Export
from leadaudit.process import Limits

LIMITS = Limits()
DAYS = np.arange(0.0, 100, 10)


def curve(chance: list[float], width: float, patience_days: float = 5) -> Curve:
    """Chance every ten days, with bounds so far above and below."""
    values = np.array(chance)
    marks = SimpleNamespace(day=DAYS[: len(values)], chance=values, ended=np.array([50]))
    return Curve(marks, np.maximum(values - width, 0), np.minimum(values + width, 1), None, patience_days)


FADING = [0.30, 0.25, 0.20, 0.12, 0.04, 0.02, 0.01, 0.01, 0.0, 0.0]
STEADY = [0.30] * 10
OWN = Horizon(None, None, 0.075, "too_few")


def lent(own: Curve, rungs: dict[str, Curve], found: Horizon = OWN) -> tuple[float, str] | None:
    got = borrowed(own, found, "stage", lambda rung: (rungs[rung], 500) if rung in rungs else None, 0.25, LIMITS)
    return None if got is None else (got.day, got.rung)


def test_the_first_rung_that_proves_a_horizon_lends_it() -> None:
    """Neighbours that cannot prove it either are passed over for the pipeline."""
    own = curve(FADING, 0.2)

    assert lent(own, {"neighbours": curve(FADING, 0.2), "pipeline": curve(FADING, 0.01)}) == (40, "pipeline")


@pytest.mark.parametrize("none", ["chance_stays_high", "no_endings", None])
def test_nothing_is_borrowed_unless_the_own_cases_are_too_few(none: str | None) -> None:
    """A stage whose chance stays high has said so itself."""
    assert lent(curve(FADING, 0.2), {"pipeline": curve(FADING, 0.01)}, Horizon(None, None, 0.075, none)) is None


def test_the_own_curve_may_delay_or_refuse_it() -> None:
    """It is taken from the day on which the own chance is below its limit, too; never where it stays above."""
    slower = [0.3, 0.3, 0.25, 0.25, 0.2, 0.15, 0.06, 0.05, 0.04, 0.04]

    assert lent(curve(slower, 0.2), {"pipeline": curve(FADING, 0.01)}) == (60, "pipeline")
    assert lent(curve(STEADY, 0.29), {"pipeline": curve(FADING, 0.01)}) is None


def test_a_rung_whose_chance_stays_high_ends_the_search() -> None:
    """Neighbours that go on winning speak against a horizon; the pipeline is not asked past them."""
    assert lent(curve(FADING, 0.2), {"neighbours": curve(STEADY, 0.01), "pipeline": curve(FADING, 0.01)}) is None


def test_patience_comes_first() -> None:
    """No borrowed horizon lies before patience is over; an own curve that ends earlier holds beyond its last day."""
    assert lent(curve(FADING, 0.2, patience_days=55), {"pipeline": curve(FADING, 0.01)}) == (55, "pipeline")
    assert lent(curve([0.3, 0.06], 0.2), {"pipeline": curve(FADING, 0.01)}) == (40, "pipeline")


@pytest.mark.slow
def test_a_small_client_is_told_of_endings_and_told_rightly() -> None:
    """400 leads, 60 won: endings are proposed in more than one stage, and hardly any of these leads is won later."""
    made = simulate.leads(count=400, seed=4711)
    audit = leadaudit.audit(Export.of_frames(made.leads, made.activities, made.changes), as_of=made.as_of)
    truth = made.truth.set_index("lead_id")["outcome_in_the_end"]
    overdue = audit.leads.loc[audit.leads["verdict"] == "overdue", "lead_id"]

    assert set(audit.stages["horizon_basis"].dropna()) & {"neighbours", "pipeline"}
    assert len(overdue) >= 10
    assert (truth[overdue] == "won").mean() <= 0.05
