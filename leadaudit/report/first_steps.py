"""Where to begin: at most three steps, in the order decision points, endings, then what is quickest settled."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from leadaudit.findings.load import Load
from leadaudit.language import sentence
from leadaudit.report.chapters import title_of

if TYPE_CHECKING:
    from leadaudit.audit import Audit

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
    """The stage in which most leads stand longer than the winners did, with the day to decide on."""
    stuck = _finding(audit, "stuck_stages")
    if stuck is None or stuck["grade"] not in ("red", "amber"):
        return None
    stages = [row for row in json.loads(stuck["table"]) if row["stage"] and row["stuck"] >= MIN_STUCK]
    if not stages:
        return None
    facts = max(stages, key=lambda row: (row["stuck"], row["open"]))
    named = {**facts, "n": facts["stuck"], "d": facts["patience_days"]}
    why = "why_default" if facts["basis"] == "default" else "why"
    return _said(audit, "decision_point", "stuck-stages", why, **named)


def _endings(audit: Audit) -> Step | None:
    overdue = audit.counts["overdue"]
    return _said(audit, "endings", "overdue", n=overdue, freed=Load.of(audit).freed_days) if overdue else None


def _next(audit: Audit) -> Step | None:
    """Leads that wait for us cost nothing but an answer; where none does, the first advice of the further chapters."""
    waiting = int((audit.open_leads["next_step_code"] == "answer").sum())
    if waiting:
        return _said(audit, "answers", "stalled", n=waiting)
    found = audit.findings
    advised = found[
        found["chapter"].isin(TUNING) & found["grade"].isin(["red", "amber"]) & (found["recommendation"] != "")
    ]
    for row in advised.sort_values("grade", ascending=False, kind="stable").head(1).to_dict("records"):
        return Step(
            title_of(row, audit.language) + ".", str(row["recommendation"]), str(row["finding"]).replace("_", "-")
        )
    return None


def _said(audit: Audit, name: str, anchor: str, why: str = "why", **facts: Any) -> Step:
    what, reason = (sentence(f"first_step.{name}.{part}", audit.language, **facts) for part in ("what", why))
    return Step(what, reason, anchor)


def _finding(audit: Audit, name: str) -> dict[Any, Any] | None:
    rows = audit.findings[audit.findings["finding"] == name].to_dict("records")
    return rows[0] if rows else None
