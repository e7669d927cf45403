"""Taking the walk at past dates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from leadaudit.backtest.moments import DAY, Choice, checked, choose
from leadaudit.backtest.past import THEN, Past, determinable, look_back, outcomes_of, process_at
from leadaudit.backtest.result import Backtest
from leadaudit.judge import Judgement, judge
from leadaudit.tables import REASONS, empty

if TYPE_CHECKING:
    import datetime as dt

    from leadaudit.criteria import Criterion
    from leadaudit.ingest.export import Export
    from leadaudit.process import Process

MOST_DATES = 3


def backtest(
    export: Export,
    process: Process | None = None,
    *,
    dates: Sequence[str | dt.date | pd.Timestamp] | None = None,
    most: int = MOST_DATES,
    extra_criteria: Sequence[Criterion] = (),
    today: Judgement | None = None,
    on_date: Callable[[int, int], None] | None = None,
) -> Backtest:
    """Judge at past dates, each by what was known then, and look what became of the leads.

    Parameters
    ----------
    export : Export
        Everything that is known.
    process : Process, optional
        Its limits hold at every date, and so do its stages, if it has any; else they are drafted at each date
        from what was known then.
    dates : sequence of str, date or Timestamp, optional
        First moments not known. Default: chosen from the history (:func:`leadaudit.backtest.moments.choose`).
    most : int
        At most so many dates are chosen.
    extra_criteria : sequence of Criterion
        Criteria of one's own.
    today : Judgement, optional
        The judgement of the whole export, if there already is one.
    on_date : callable, optional
        Called with how many dates are done and how many there are.

    Returns
    -------
    Backtest
        Without dates, and with a reason, where the history is too short to learn from and to look on.

    Raises
    ------
    LeadAuditError
        ``backtest_date``: a date that was asked for lies outside of what is known.

    Examples
    --------
    >>> from leadaudit import simulate
    >>> from leadaudit.ingest.export import Export
    >>> made = simulate.leads(40, months=4, seed=1)
    >>> backtest(Export.of_frames(made.leads, made.activities, made.changes)).why_none
    'too_few_wins'
    """
    end = export.moment if export.moment is not None else export.known_until
    if today is None:
        known = export.as_of(end)
        today = judge(known, process_at(known, process), end, extra_criteria)
    outcomes = outcomes_of(today, export)
    seen_until = min(end, export.known_until)
    if dates is None:
        choice = choose(_cycles(today, outcomes), export.first_known, seen_until, today.facts.process.limits, most)
    else:
        choice = Choice(checked(dates, export.first_known, seen_until))
    pasts = []
    for number, date in enumerate(choice.dates):
        if on_date is not None:
            on_date(number, len(choice.dates))
        pasts.append(look_back(export, process, date, outcomes, extra_criteria))
    if on_date is not None:
        on_date(len(choice.dates), len(choice.dates))
    lost = _lost(determinable(today.facts, extra_criteria), pasts)
    return _gathered(pasts, choice, export.first_known, seen_until, lost)


def _cycles(today: Judgement, outcomes: pd.DataFrame) -> pd.DataFrame:
    """Won leads: when they were won and how long that took."""
    created = today.leads.set_index("lead_id")["created_at"]
    won = outcomes[outcomes["outcome"] == "won"]
    days = (won["outcome_at"] - created.reindex(won.index)) / DAY
    return pd.DataFrame({"closed_at": won["outcome_at"], "days": days})


def _lost(now: frozenset[str], pasts: Sequence[Past]) -> tuple[str, ...]:
    """Criteria that can be told now but could not at any of the dates."""
    if not pasts:
        return ()
    return tuple(sorted(now.difference(*(past.determinable for past in pasts))))


def _gathered(
    pasts: Sequence[Past], choice: Choice, begin: pd.Timestamp, end: pd.Timestamp, lost: tuple[str, ...]
) -> Backtest:
    dates = [
        {"at": past.at, **past.facts, "history_days": (past.at - begin) / DAY, "later_days": (end - past.at) / DAY}
        for past in pasts
    ]
    columns = [
        "at",
        "open_count",
        "unknown_count",
        "won_before_count",
        "won_cycle_days",
        "follow_up_days",
        "history_days",
        "later_days",
    ]
    limits = [
        {"at": past.at, "rule": rule, "limit_days": days} for past in pasts for rule, days in past.rule_limits.items()
    ]
    return Backtest(
        dates=_dated(pd.DataFrame(dates, columns=columns)),
        end=end,
        leads=_dated(_joined([past.leads.assign(at=past.at) for past in pasts], _no_leads())),
        reasons=_dated(_joined([past.reasons.assign(at=past.at) for past in pasts], empty(REASONS).assign(at=pd.NaT))),
        flags=_joined([past.flags.astype("boolean") for past in pasts], pd.DataFrame()),
        rule_limits=_dated(pd.DataFrame(limits, columns=["at", "rule", "limit_days"])),
        criteria_lost=lost,
        why_none=choice.why_none,
        facts=choice.facts,
    )


def _joined(parts: list[pd.DataFrame], none: pd.DataFrame) -> pd.DataFrame:
    return pd.concat(parts, ignore_index=True) if parts else none


def _dated(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.astype({"at": "datetime64[us]"})


def _no_leads() -> pd.DataFrame:
    """The columns of past leads, without a lead."""
    columns: dict[str, Any] = {name: pd.Series(dtype="str") for name in (*THEN, "outcome")}
    numbers = [name for name in THEN if name.startswith("chance") or name.endswith("_days")]
    columns |= {name: pd.Series(dtype="float64") for name in (*numbers, "own_rule_days", "outcome_days")}
    columns |= {name: pd.Series(dtype="datetime64[us]") for name in ("overdue_since", "outcome_at", "at")}
    return pd.DataFrame(columns)
