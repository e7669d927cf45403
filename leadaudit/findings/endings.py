"""Endings are a sign of strength: which leads are overdue, what they tie up, how clean past endings were."""

from __future__ import annotations

from leadaudit.findings.finding import Result, Rule, wilson
from leadaudit.findings.load import Load
from leadaudit.findings.view import View

# A third and more of a pipeline is often said to be dead (assertions of consultants, not measured); the
# share itself is stated, and graded only against these round marks.
OVERDUE_AMBER_SHARE, OVERDUE_RED_SHARE = 0.10, 0.30
LOAD_AMBER_CYCLES = 2


def overdue_share(view: View) -> Result:
    """Overdue / open leads, with interval."""
    n = len(view.open)
    overdue = view.open[view.open["verdict"] == "overdue"]
    if not n:
        return Result(None, "neutral", 0, wording="none")
    share = len(overdue) / n
    low, high = wilson(len(overdue), n)
    grade = "red" if share > OVERDUE_RED_SHARE else "amber" if share > OVERDUE_AMBER_SHARE else "good"
    facts = {"x": len(overdue), "n": n, "share": share}
    wording = grade if len(overdue) else "no_overdue"
    return Result(share, grade, n, low, high, OVERDUE_AMBER_SHARE, "default", wording, facts, list(overdue["lead_id"]))


def open_load(view: View) -> Result:
    """Months to clear the open leads at the pace of the last 90 days, against twice the median won cycle."""
    load = Load.of(view.audit)
    if not load.decided_count or not load.open_count:
        return Result(None, "neutral", load.open_count, wording="no_pace", facts={"n": load.open_count})
    cycle_months = view.audit.judgement.learned.won_cycle_days / 30.4375
    facts = {"n": load.open_count, "days": load.days, "months": load.months, "left": load.left_count, "cycle": cycle_months}
    if not cycle_months > 0:
        return Result(load.months, "neutral", load.open_count, facts=facts)
    limit = LOAD_AMBER_CYCLES * cycle_months
    grade = "amber" if load.months > limit else "good"
    return Result(load.months, grade, load.open_count, limit=limit, basis="won", facts=facts)


RULES: tuple[Rule, ...] = (
    Rule("overdue_share", "endings", ("E1",), (), "share", overdue_share),
    Rule("open_load", "endings", ("D4", "E4"), ("created_at", "closed_at"), "months", open_load),
)
