"""A backtest as plain values, for JSON."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from leadaudit.backtest.result import Backtest

SCHEMA_VERSION = 1
DIGITS_COUNT = 6


def record(backtest: Backtest) -> dict[str, Any]:
    """Everything that was counted, as values that JSON knows; a missing value is ``None``, an all-dates row has ``at`` ``None``.

    Examples
    --------
    >>> from leadaudit import simulate
    >>> from leadaudit.backtest import backtest
    >>> from leadaudit.ingest.export import Export
    >>> made = simulate.leads(40, months=4, seed=1)
    >>> told = record(backtest(Export.of_frames(made.leads, made.activities, made.changes)))
    >>> told["why_none"], told["lead_days_freed"], told["dates"]
    ('too_few_wins', None, [])
    """
    said = (
        {}
        if not backtest
        else {**backtest.confirmed, "others": {key: plain(value) for key, value in backtest.others.items()}}
    )
    return {
        "schema_version": SCHEMA_VERSION,
        "known_until": plain(backtest.end),
        "why_none": backtest.why_none or None,
        "facts": {key: plain(value) for key, value in backtest.facts.items()},
        "dates": _rows(backtest.dates),
        "proposals": {key: plain(value) for key, value in said.items()},
        "lead_days_freed": plain(backtest.lead_days_freed),
        "verdicts": _rows(backtest.verdicts),
        "criteria": _rows(backtest.criteria),
        "criteria_lost": list(backtest.criteria_lost),
        "baselines": _rows(backtest.baselines),
        "calibration": _rows(backtest.calibration),
        "calibration_error": plain(backtest.calibration_error),
        "calibration_error_allowed": plain(backtest.calibration_error_allowed),
        "false_endings": _rows(backtest.false_endings),
    }


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return rows(frame.to_dict("records"))


def rows(records: Iterable[Mapping[Hashable, Any]]) -> list[dict[str, Any]]:
    """Rows with values that JSON has."""
    return [{str(key): plain(value) for key, value in row.items()} for row in records]


def plain(value: Any) -> Any:
    """A value as JSON has it: dates in ISO form, numbers rounded, missing as ``None``.

    Examples
    --------
    >>> plain(pd.Timestamp("2026-01-02")), plain(float("nan")), plain(1 / 3)
    ('2026-01-02T00:00:00', None, 0.333333)
    """
    if isinstance(value, dict | str | bool):
        return value
    if pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    number = value.item() if hasattr(value, "item") else value
    return round(number, DIGITS_COUNT) if isinstance(number, float) else number
