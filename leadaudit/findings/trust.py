"""How much the audit itself can be trusted: what it would have said before, what flips, where the endings gather."""

from __future__ import annotations

from typing import Any

from leadaudit.backtest.record import rows as plain_rows
from leadaudit.findings.finding import MIN_COUNT, Grade, Result, Rule, few, graded
from leadaudit.findings.view import View
from leadaudit.language import sentence
from leadaudit.shares import wilson

SEGMENTS = ("source", "stage", "pipeline")
SMALLEST_GROUP = 5
"""Smaller groups are merged: nobody shall be recognised in them (design, section 5)."""
OTHERS = "…"


def backtest(view: View) -> Result:
    """Proposals at past dates, and how many of these leads were won after all.

    Graded against the floor under which a chance counts as practically gone; red where the proposals were won at
    least half as often as the other open leads, so that they tell too little apart.
    """
    tested = view.audit.backtest()
    if not tested:
        return Result(None, "neutral", 0, wording="short")
    came, rest = tested.confirmed, tested.others
    resolved = came["won_count"] + came["ended_count"]
    if resolved < MIN_COUNT:
        return few(resolved)
    share = came["won_share"]
    floor = view.audit.process.limits.chance_floor_share
    # Without other leads there is nothing to be told apart from.
    red = max(floor, rest["won_share"] / 2) if rest["won_share"] > 0 else None
    facts = {"n": came["leads_count"], "x": came["ended_count"], "won": came["won_count"], "open": came["open_count"],
             "share": share, "rest": rest["won_share"]}  # fmt: skip
    table = tested.verdicts[tested.verdicts["at"].isna()].drop(columns="at").to_dict("records")
    leads = list(tested.false_endings["lead_id"])
    grade = graded(share, floor, red)
    if grade == "good" and came["won_high"] > (red or floor):
        # So few cases leave room for proposals that tell nothing apart.
        grade = "neutral"
    return Result(
        share,
        grade,
        resolved,
        came["won_low"],
        came["won_high"],
        floor,
        "default",
        facts=facts,
        leads=leads,
        table=plain_rows(table),
    )


def baselines(view: View) -> Result:
    """Of the leads not won, the share that our proposals would have caught, beside the best usual rule that errs no more often."""
    tested = view.audit.backtest()
    if not tested:
        return Result(None, "neutral", 0, wording="short")
    rules = tested.baselines[tested.baselines["at"].isna()].set_index("rule")
    ours, usual = rules.loc["overdue"], rules.drop("overdue")
    flagged = int(ours["leads_count"])
    if flagged < MIN_COUNT:
        return few(flagged)
    low, high = wilson(int(ours["caught_count"]), int(ours["not_won_count"]))
    facts = {"caught": ours["caught_share"], "share": ours["won_share"]}
    table = plain_rows(rules.reset_index().drop(columns="at").to_dict("records"))
    tolerated = max(ours["won_share"], view.audit.process.limits.chance_floor_share)
    rivals = usual[(usual["leads_count"] >= MIN_COUNT) & (usual["won_share"] <= tolerated)]
    if rivals.empty:
        return Result(ours["caught_share"], "good", flagged, low, high, wording="alone", facts=facts, table=table)
    best = rivals.loc[rivals["caught_share"].idxmax()]
    facts |= {"rule": sentence(f"rule.{best.name}", view.audit.language), "rival": best["caught_share"]}
    grade = graded(ours["caught_share"], best["caught_share"], lower_is_better=False)
    return Result(
        ours["caught_share"], grade, flagged, low, high, float(best["caught_share"]), facts=facts, table=table
    )


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
        return Result(0.0, view.nothing_due, n, wording="none", facts={"n": n}, table=table)
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
    Rule("backtest", "trust", (), (), "share", backtest),
    Rule("baselines", "trust", (), (), "share", baselines),
    Rule("sensitivity", "trust", (), (), "share", sensitivity),
    Rule("concentration", "trust", (), (), "share", concentration),
)
