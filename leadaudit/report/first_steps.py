"""Where to begin: at most three steps, in the order decision points, endings, then what is quickest settled."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from leadaudit.findings.load import Load
from leadaudit.language import sentence
from leadaudit.report.chapters import title_of

if TYPE_CHECKING:
    from leadaudit.audit import Audit

SERIOUS = ("red", "amber")
MIN_STUCK = 2
"""A single lead is no reason for a decision point of its stage; it is in the lists."""

TUNING = ("conversations", "maturity", "steering")
"""Chapters whose advice comes after decision points and endings."""


@dataclass(frozen=True)
class Step:
    """One thing to begin with: what, why, and the chapter or list that it leads to."""

    what: str
    why: str
    anchor: str


def first_steps(audit: Audit) -> list[Step]:
    """Steps that these leads give reason for; none where there is nothing to begin with."""
    return [step for step in (_decision_point(audit), _endings(audit), _next(audit)) if step is not None]


def _decision_point(audit: Audit) -> Step | None:
    """The stage in which most leads stand longer than the winners did, with the day to decide on; else the first advice."""
    stuck = _finding(audit, "stuck_stages")
    rows = json.loads(stuck["table"]) if stuck is not None and stuck["grade"] in SERIOUS else []
    stages = [row for row in rows if row["stage"] and row["stuck"] >= MIN_STUCK]
    if not stages:
        return _advice(audit, ("decision_points",))
    facts = max(stages, key=lambda row: (row["stuck"], row["open"]))
    return _said(audit, "decision_point", "stuck-stages", **{**facts, "n": facts["stuck"], "d": facts["patience_days"]})


def _endings(audit: Audit) -> Step | None:
    """The leads to decide on; with a word of caution where such proposals did not hold in the past."""
    overdue, stalled = audit.counts["overdue"], audit.counts["stalled"]
    if not overdue:
        # No ending is due because none can be proved, or because nobody stands that long: different answers.
        why = "why_none_due" if audit.stages["horizon_days"].notna().any() else "why"
        return _said(audit, "stalled", "stalled", why, n=stalled) if stalled else None
    step = _said(audit, "endings", "overdue", n=overdue, freed=Load.of(audit).freed_days)
    tested = _finding(audit, "backtest")
    if tested is None or tested["grade"] not in SERIOUS:
        return step
    return replace(step, why=f"{step.why} {sentence('first_step.endings.caution', audit.language)}")


def _next(audit: Audit) -> Step | None:
    """Leads that wait for us cost nothing but an answer; where none does, the first advice of the further chapters."""
    waiting = int((audit.open_leads["next_step_code"] == "answer").sum())
    return _said(audit, "answers", "stalled", n=waiting) if waiting else _advice(audit, TUNING)


def _advice(audit: Audit, chapters: Sequence[str]) -> Step | None:
    """The first recommendation of some chapters, the clear ones before the noticeable ones."""
    found = audit.findings
    advised = found[found["chapter"].isin(chapters) & found["grade"].isin(SERIOUS) & (found["recommendation"] != "")]
    for row in advised.sort_values("grade", ascending=False, kind="stable").head(1).to_dict("records"):
        anchor = str(row["finding"]).replace("_", "-")
        return Step(f"{title_of(row, audit.language)}.", str(row["recommendation"]), anchor)
    return None


def _said(audit: Audit, name: str, anchor: str, why: str = "why", **facts: Any) -> Step:
    what, reason = (sentence(f"first_step.{name}.{part}", audit.language, **facts) for part in ("what", why))
    return Step(what, reason, anchor)


def _finding(audit: Audit, name: str) -> dict[Any, Any] | None:
    rows = audit.findings[audit.findings["finding"] == name].to_dict("records")
    return rows[0] if rows else None
