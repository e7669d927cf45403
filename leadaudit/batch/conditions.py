"""``--fail-on overdue_share>0.3``: numbers of an audit and conditions on them."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leadaudit.errors import ConfigError, did_you_mean
from leadaudit.tables import VERDICTS

Metrics = Mapping[str, float | None]
"""Numbers of one audit by name; ``None`` where its export does not tell."""

COUNTED = tuple(verdict for verdict in VERDICTS if verdict != "ended")
COUNTS = ("leads_count", "open_count", "ended_count", *(f"{verdict}_count" for verdict in COUNTED))
SHARES = tuple(f"{verdict}_share" for verdict in COUNTED)
ROWS = ("rows_read_count", "rows_set_aside_count", "rows_set_aside_share")
LOAD = "open_load"

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_WRITTEN = re.compile(r"\s*([a-z][a-z0-9_]*)\s*(>=|<=|>|<)\s*(-?\d+(?:\.\d+)?)\s*(%?)\s*")


def metrics_of(record: Mapping[str, Any]) -> dict[str, float | None]:
    """The numbers of an ``audit.json`` by name.

    Parameters
    ----------
    record : mapping
        Content of ``audit.json``.

    Returns
    -------
    dict
        Counts of leads (``overdue_count``), shares of the open leads (``overdue_share``, 0 to 1), rows,
        and the value of each finding under the finding's name (``open_load`` in months).

    Examples
    --------
    >>> counts = {"progressing": 6, "stalled": 2, "overdue": 2, "paused": 0, "undetermined": 0, "ended": 5}
    >>> rows = {"read": 20, "set_aside": 5, "leads": 15}
    >>> metrics_of({"counts": counts, "rows": rows, "findings": []})["overdue_share"]
    0.2
    """
    counts, rows = record["counts"], record["rows"]
    open_count = sum(counts[verdict] for verdict in COUNTED)
    found: dict[str, float | None] = {row["finding"]: row["value"] for row in record["findings"]}
    found |= {"leads_count": rows["leads"], "open_count": open_count, "ended_count": counts["ended"]}
    found |= {f"{verdict}_count": counts[verdict] for verdict in COUNTED}
    found |= {f"{verdict}_share": _share(counts[verdict], open_count) for verdict in COUNTED}
    found |= {"rows_read_count": rows["read"], "rows_set_aside_count": rows["set_aside"]}
    found["rows_set_aside_share"] = _share(rows["set_aside"], rows["read"])
    return found


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 6) if whole else None


@dataclass(frozen=True)
class Condition:
    """A limit on a metric.

    Attributes
    ----------
    metric : str
    compare : {">", ">=", "<", "<="}
    limit : float
    """

    metric: str
    compare: str
    limit: float

    def __str__(self) -> str:
        """As it was written, without spaces."""
        return f"{self.metric}{self.compare}{self.limit:g}"

    def holds(self, metrics: Metrics) -> bool:
        """Whether it holds; never for a number that an export does not tell."""
        value = metrics.get(self.metric)
        return value is not None and _COMPARE[self.compare](value, self.limit)


def condition(text: str) -> Condition:
    """Read a condition.

    Parameters
    ----------
    text : str
        A metric, ``>``, ``>=``, ``<`` or ``<=``, and a number; ``30%`` is 0.3.

    Raises
    ------
    ConfigError
        ``condition_syntax``; ``condition_metric`` names those there are.

    Examples
    --------
    >>> condition("overdue_share > 30%").holds({"overdue_share": 0.4})
    True
    """
    read = _WRITTEN.fullmatch(text)
    if read is None:
        raise ConfigError("condition_syntax", value=text)
    metric, compare, number, percent = read.groups()
    _check_known(metric)
    return Condition(metric, compare, float(number) / (100 if percent else 1))


def _check_known(metric: str) -> None:
    ours = (*SHARES, *COUNTS, *ROWS, LOAD)
    if metric in ours:
        return
    from leadaudit.findings import RULES

    known = [*ours, *(rule.finding for rule in RULES)]
    if metric not in known:
        near = did_you_mean(metric, known)
        raise ConfigError("condition_metric", name=metric, valid=", ".join(ours), hint=near)


def matched(conditions: Sequence[Condition], metrics: Metrics | None) -> list[Condition]:
    """Those of the conditions that hold."""
    return [one for one in conditions if metrics and one.holds(metrics)]
