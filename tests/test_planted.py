"""Planted truth: leads whose nature is known are judged rightly, where an idle rule is not."""

from __future__ import annotations

import pytest

from benchmarks.planted import Planted, judged, promises

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def kept() -> list[Planted]:
    """Promises on 20,000 simulated leads; the seed was used for nothing else."""
    return promises(judged(20_000, seed=20261122))


@pytest.mark.parametrize("number", range(3))
def test_planted_truth_is_found(kept: list[Planted], number: int) -> None:
    """Busy and stuck is not progressing, silent and maturing not overdue, ghosted past its horizon overdue."""
    promise = kept[number]

    assert promise.count >= 100
    assert promise.share >= promise.target, str(promise)


def test_an_idle_rule_fails_where_movement_is_not_progress(kept: list[Planted]) -> None:
    """Idle for 14 days misses the busy and stuck, and condemns the silent and maturing."""
    stuck, maturing, _ = kept

    assert stuck.idle_share < stuck.target
    assert maturing.idle_share < maturing.target
