"""What a finding is, and how one is worked out and worded."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from leadaudit.language import Language, has, sentence
from leadaudit.shares import apart, wilson

if TYPE_CHECKING:
    from leadaudit.findings.view import View

__all__ = [
    "CHAPTERS",
    "MIN_COUNT",
    "Grade",
    "Result",
    "Rule",
    "apart",
    "few",
    "graded",
    "listed",
    "median_interval",
    "wilson",
]

Grade = Literal["good", "amber", "red", "neutral", "unreadable"]
MIN_COUNT = 10
"""Cases that a rate or a comparison needs (as many wins as learning needs, design 4.2)."""

NAMED_COUNT = 5
"""Names that a sentence holds; the table has all."""

_WILSON_Z = 1.6449
"""Two-sided 90 %, so that each end is a one-sided 95 % bound."""

CHAPTERS = ("decision_points", "endings", "conversations", "maturity", "steering", "trust")


@dataclass(frozen=True)
class Result:
    """What a finding came to.

    Attributes
    ----------
    value : float or None
        ``None`` = undetermined (too few cases); never 0 for want of data.
    grade : str
    n : int
        Leads or events that the value rests on.
    low, high : float or None
        Interval.
    limit : float or None
        What the grade was made with; ``basis`` says where it comes from.
    wording : str
        Which of the finding's sentences holds; ``few`` = too few cases. By default ``said`` (the fact), followed by
        what the grade means.
    facts : mapping
        What that sentence names.
    leads : sequence of str
        Ids behind it.
    table : sequence of mapping
        Further rows, for its picture or table.
    absent : sequence of str
        What turned out to be missing on looking closer; the finding is then unreadable.
    """

    value: float | None
    grade: Grade
    n: int
    low: float | None = None
    high: float | None = None
    limit: float | None = None
    basis: str = "none"
    wording: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    leads: Sequence[str] = ()
    table: Sequence[Mapping[str, Any]] = ()
    absent: Sequence[str] = ()


@dataclass(frozen=True)
class Rule:
    """One finding: its id, the principles it shows, what it needs, and how it is worked out.

    ``needs`` are evidence letters (``H``, ``E``, ``N``, ``F``) and columns of the leads; where one is
    absent from the export, the finding says which file would make it possible.
    """

    finding: str
    chapter: str
    principles: tuple[str, ...]
    needs: tuple[str, ...]
    unit: str
    work_out: Callable[[View], Result]

    def row(self, view: View, language: Language) -> dict[str, Any]:
        """The finding as a row of FINDINGS."""
        absent = view.absent(self.needs)
        if absent:
            return self._unreadable(absent, language)
        result = self.work_out(view)
        if result.absent:
            return self._unreadable(result.absent, language)
        advice = f"finding.{self.finding}.do"
        return self._base() | {
            "grade": result.grade,
            "value": _finite(result.value),
            "n": result.n,
            "low": _finite(result.low),
            "high": _finite(result.high),
            "limit": _finite(result.limit),
            "basis": _basis(result, view),
            "sentence": self._said(result, language),
            "recommendation": sentence(advice, language, **result.facts)
            if result.grade in ("amber", "red") and has(advice)
            else "",
            "leads": "|".join(result.leads),
            "table": json.dumps(list(result.table), ensure_ascii=False, default=str) if result.table else "",
        }

    def _said(self, result: Result, language: Language) -> str:
        """The sentence of this outcome: its own wording, or the fact and what its grade means."""
        own = f"finding.{self.finding}"
        if result.wording == "few":
            gain = sentence(f"{own}.gain", language)
            return sentence("finding.few" if result.n else "finding.few_none", language, gain=gain, n=result.n)
        if result.wording:
            return sentence(f"{own}.{result.wording}", language, **result.facts)
        tail = next((key for key in _tails(own, result.grade) if has(key)), None)
        said = [key for key in (f"{own}.said", tail) if key and has(key)]
        return " ".join(sentence(key, language, **result.facts) for key in said)

    def _base(self) -> dict[str, Any]:
        return {
            "finding": self.finding,
            "chapter": self.chapter,
            "principles": "|".join(self.principles),
            "unit": self.unit,
        }

    def _unreadable(self, absent: Sequence[str], language: Language) -> dict[str, Any]:
        return self._base() | {
            "grade": "unreadable",
            "absent": "|".join(absent),
            "sentence": self._gap(absent, language),
        }

    def _gap(self, absent: Sequence[str], language: Language) -> str:
        file = ", ".join(sentence(f"finding.absent.{what}", language) for what in absent)
        return sentence("finding.gap", language, file=file, gain=sentence(f"finding.{self.finding}.gain", language))


def _basis(result: Result, view: View) -> str:
    """What the limit stands on; nobody agreed on one that the process has only because it is our default."""
    limits = view.audit.process.limits
    return "default" if result.basis == "process" and limits == type(limits)() else result.basis


def _tails(own: str, grade: str) -> tuple[str, ...]:
    return (f"{own}.red", f"{own}.amber") if grade == "red" else (f"{own}.{grade}",)


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def graded(value: float, amber: float, red: float | None = None, *, lower_is_better: bool = True) -> Grade:
    """Good, amber or red against one or two limits.

    Examples
    --------
    >>> graded(0.15, 0.10, 0.20), graded(0.9, 0.8, lower_is_better=False)
    ('amber', 'good')
    """
    sign = 1 if lower_is_better else -1
    if red is not None and sign * value > sign * red:
        return "red"
    return "amber" if sign * value > sign * amber else "good"


def median_interval(values: Sequence[float]) -> tuple[float, float]:
    """Interval of a median (90 %, by order statistics, free of any distribution).

    Examples
    --------
    >>> median_interval(list(range(101)))
    (42.0, 58.0)
    """
    ordered = sorted(values)
    half = _WILSON_Z * math.sqrt(len(ordered)) / 2
    first, last = math.floor(len(ordered) / 2 - half), math.ceil(len(ordered) / 2 + half)
    return float(ordered[max(first, 0)]), float(ordered[min(last, len(ordered)) - 1])


def listed(names: Sequence[str]) -> str:
    """Some names as part of a sentence; of many, the first.

    Examples
    --------
    >>> listed(["New", "Offer"])
    'New, Offer'
    """
    return ", ".join([*names[:NAMED_COUNT], *(["…"] if len(names) > NAMED_COUNT else [])])


def few(n: int) -> Result:
    """Undetermined: too few cases to say."""
    return Result(None, "neutral", n, wording="few")
