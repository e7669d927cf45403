"""How much the audit itself can be trusted: what flips under other thresholds, and where the endings gather."""

from __future__ import annotations

from typing import Any

from leadaudit.findings.finding import MIN_COUNT, Grade, Result, Rule, few, wilson
from leadaudit.findings.view import View

SEGMENTS = ("source", "stage", "pipeline")
SMALLEST_GROUP = 5
"""Smaller groups are merged: nobody shall be recognised in them (design, section 5)."""
OTHERS = "…"


def sensitivity(view: View) -> Result:
    """Verdict counts with patience and horizon a quarter shorter, as they are, and longer; leads that flip are borderline."""
    if view.open.empty:
        return few(0)
    counts = view.audit.sensitivity.counts
    borderline = view.open["borderline"].fillna(value=False).astype(bool)
    n, x = len(view.open), int(borderline.sum())
    low, high = wilson(x, n)
    shifted = view.audit.sensitivity.share
    facts = {"x": x, "n": n, "share": x / n, "part": shifted, "lower": counts["lower"]["overdue"], "base": counts["base"]["overdue"],
             "higher": counts["higher"]["overdue"]}  # fmt: skip
    table = [{"setting": setting, **verdicts} for setting, verdicts in counts.items()]
    grade: Grade = "neutral" if x else "good"
    return Result(
        x / n, grade, n, low, high, facts=facts, leads=list(view.open.loc[borderline, "lead_id"]), table=table
    )


def concentration(view: View) -> Result:
    """Overdue leads by source, stage and pipeline; groups of fewer than five are merged, persons are never shown."""
    n = len(view.open)
    if n < MIN_COUNT:
        return few(n)
    overdue = view.open["verdict"] == "overdue"
    overall = float(overdue.mean())
    table: list[dict[str, Any]] = []
    for segment in SEGMENTS:
        named = view.open[segment].fillna("").replace("", "–")
        sizes = named.map(named.value_counts())
        merged = named.where(sizes >= SMALLEST_GROUP, OTHERS)
        groups = overdue.groupby(merged).agg(["size", "sum"])
        for name, row in groups[groups["size"] >= SMALLEST_GROUP].iterrows():
            low, high = wilson(int(row["sum"]), int(row["size"]))
            table.append(
                {
                    "segment": segment,
                    "group": name,
                    "leads": int(row["size"]),
                    "overdue": int(row["sum"]),
                    "low": low,
                    "high": high,
                }
            )
    if not overdue.any():
        return Result(0.0, "good", n, wording="none", facts={"n": n}, table=table)
    # Only where the interval leaves no doubt is a group above the whole.
    above = [row for row in table if row["low"] > overall and row["group"] not in (OTHERS, "–")]
    if not above:
        return Result(overall, "neutral", n, wording="even", facts={"n": n, "share": overall}, table=table)
    top = max(above, key=lambda row: row["overdue"] / row["leads"])
    share = top["overdue"] / top["leads"]
    facts = {
        "group": top["group"],
        "x": top["overdue"],
        "of": top["leads"],
        "share": share,
        "overall": overall,
        "groups": len(above),
    }
    return Result(share, "neutral", n, top["low"], top["high"], overall, "pipeline", facts=facts, table=table)


RULES: tuple[Rule, ...] = (
    Rule("sensitivity", "trust", (), (), "share", sensitivity),
    Rule("concentration", "trust", (), (), "share", concentration),
)
