"""Which past dates are judged: late enough to have learned, early enough to see what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from leadaudit.errors import LeadAuditError

if TYPE_CHECKING:
    from leadaudit.process import Limits

DAY = pd.Timedelta(days=1)

FOLLOW_UP_SHARE = 0.90
"""Follow-up lasts at least as long as so many of the won leads took."""

LEAST_APART_DAYS = 7.0


@dataclass(frozen=True)
class Choice:
    """Past dates, or why there are none.

    Attributes
    ----------
    dates : tuple of Timestamp
        Midnights, oldest first.
    why_none : str
        ``""``, ``too_few_wins``, ``no_history`` or ``too_short``.
    facts : mapping
        What a sentence about the choice names: ``wins``, ``wins_needed``, ``history_days``,
        ``learn_days``, ``follow_days``.
    """

    dates: tuple[pd.Timestamp, ...]
    why_none: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


def choose(cycles: pd.DataFrame, begin: pd.Timestamp, end: pd.Timestamp, limits: Limits, most: int) -> Choice:
    """Choose past dates from the history.

    Before each date lie as many wins and as long a history as learning needs (``wins_min_count``,
    ``follow_up_cycles`` times the median won cycle); after it, follow-up that is at least as long and
    long enough for nine of ten wins. The span between is cut into equal parts, a date in the middle
    of each; parts are not shorter than the median won cycle, so that two dates rarely see the same leads.

    Parameters
    ----------
    cycles : DataFrame
        Won leads: ``closed_at`` and ``days`` (creation to winning).
    begin, end : Timestamp
        First and last moment known.
    limits : Limits
        What learning needs.
    most : int
        At most so many dates.

    Examples
    --------
    >>> from leadaudit.process import Limits
    >>> begin = pd.Timestamp("2024-01-01")
    >>> won = pd.DataFrame({"closed_at": pd.date_range(begin, periods=50, freq="4D"), "days": 10.0})
    >>> [str(date.date()) for date in choose(won, begin, pd.Timestamp("2024-07-19"), Limits(), 2).dates]
    ['2024-03-13', '2024-05-24']
    """
    days, closed = cycles["days"].dropna(), cycles["closed_at"].dropna().sort_values()
    facts: dict[str, Any] = {
        "wins": len(closed),
        "wins_needed": limits.wins_min_count,
        "history_days": max((end - begin) / DAY, 0.0),
    }
    if len(closed) < limits.wins_min_count:
        return Choice((), "too_few_wins", facts)
    if days.empty:
        return Choice((), "no_history", facts)
    cycle = float(days.median())
    learn = limits.follow_up_cycles * cycle
    follow = max(learn, float(days.quantile(FOLLOW_UP_SHARE)))
    facts |= {"learn_days": learn, "follow_days": follow, "cycle_days": cycle}
    enough_won = closed.iloc[limits.wins_min_count - 1]
    first = max(begin + learn * DAY, enough_won).floor("D") + DAY
    last = (end - follow * DAY).floor("D")
    if last < first:
        return Choice((), "too_short", facts)
    return Choice(tuple(_spread(first, last, most, max(cycle, LEAST_APART_DAYS))), "", facts)


def _spread(first: pd.Timestamp, last: pd.Timestamp, most: int, apart_days: float) -> list[pd.Timestamp]:
    span = (last - first) / DAY
    count = int(np.clip(span // apart_days, 1, most))
    return [(first + (place + 0.5) / count * span * DAY).floor("D") for place in range(count)]


def checked(dates: Sequence[Any], begin: pd.Timestamp, end: pd.Timestamp) -> tuple[pd.Timestamp, ...]:
    """Dates that a person chose, oldest first, each once.

    Raises
    ------
    LeadAuditError
        ``backtest_date``: not a date, or not within what is known.
    """
    found = set()
    for date in dates:
        try:
            moment = pd.Timestamp(date)
        except ValueError as error:
            raise _outside(date, begin, end) from error
        if moment is pd.NaT or moment.tzinfo is not None or not begin < moment < end:
            raise _outside(date, begin, end)
        found.add(moment)
    return tuple(sorted(found))


def _outside(date: Any, begin: pd.Timestamp, end: pd.Timestamp) -> LeadAuditError:
    shown = f"{date:%Y-%m-%d}" if isinstance(date, pd.Timestamp) and date is not pd.NaT else str(date)
    return LeadAuditError("backtest_date", value=shown, first=f"{begin:%Y-%m-%d}", last=f"{end:%Y-%m-%d}")
