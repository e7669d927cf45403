"""Working days and hours: people decide, move and write while they are at work."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from leadaudit.simulate.lives import Floats, Lives

OPENS_HOUR, WORKS_HOURS = 8.0, 9.5
"""Hour at which a working day begins, and how many hours it has."""


def in_office(time: Floats, created: Floats, weekday: int) -> Floats:
    """Press seven days into five and the night into the day; the order of moments stays what it was.

    Parameters
    ----------
    time : array of float
        Days since the start, as if people never slept.
    created : array of float
        When the leads began; nothing is moved before it.
    weekday : int
        Weekday of the start, Monday = 0.

    Examples
    --------
    >>> in_office(np.array([6.99]), np.array([0.0]), 0).round(2)  # the last minutes of a Sunday: Friday, late
    array([4.73])
    """
    shifted = time + weekday
    week = np.floor(shifted / 7)
    worked = (shifted - 7 * week) * 5 / 7
    day = np.floor(worked)
    moved = 7 * week + day - weekday + (OPENS_HOUR + WORKS_HOURS * (worked - day)) / 24
    return np.where(time <= created, time, np.maximum(moved, created + 1 / 1440))


def whole(time: Floats, parts_count: int) -> Floats:
    """Round down to whole minutes (1,440 a day) or seconds (86,400), forgiving what floats leave over."""
    return np.floor(time * parts_count + 1e-3) / parts_count


def at_work(lives: Lives, weekday: int) -> Lives:
    """The same lives with all their times in working time."""
    moved: dict[str, Any] = {}
    for name in ("entered", "left", "paused", "resumed", "over", "closed", "reopened", "closed_again"):
        time = getattr(lives, name)
        moved[name] = in_office(time, lives.created if time.ndim == 1 else lives.created[:, None], weekday)
    return replace(lives, **moved)
