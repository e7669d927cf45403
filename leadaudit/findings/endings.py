"""Endings are a sign of strength: which open leads are overdue, since when, why, and what they tie up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from leadaudit.findings.finding import MIN_COUNT, Grade, Result, Rule, few, graded, median_interval, wilson
from leadaudit.findings.load import MONTH_DAYS, PACE_DAYS, Load
from leadaudit.findings.track import DAY_US
from leadaudit.findings.view import View, us

# A third and more of a pipeline is often said to be dead (S33a, S64: assertions of consultants, not measured); the
# share itself is stated, and graded only against these round marks of ours.
OVERDUE_AMBER_SHARE, OVERDUE_RED_SHARE = 0.10, 0.30
LOAD_AMBER_CYCLES = 2
RELEVANT_SHARE = 0.5
"""A chance of at least half of that at entry is still a relevant one (kpis, chance_by_fit)."""
DECIDED_WITHIN_DAYS = 30


def overdue_share(view: View) -> Result:
    """Overdue / open leads, with interval, range under other thresholds, and value per currency."""
    n, overdue = len(view.open), view.overdue
    if not n:
        return Result(None, "neutral", 0, wording="none")
    share = len(overdue) / n
    low, high = wilson(len(overdue), n)
    grade = graded(share, OVERDUE_AMBER_SHARE, OVERDUE_RED_SHARE)
    counts = [setting["overdue"] for setting in view.audit.sensitivity.counts.values()]
    facts = {"x": len(overdue), "n": n, "share": share, "least": min(counts), "most": max(counts)}
    wording = "" if len(overdue) else "no_overdue" if view.nothing_due == "good" else "no_overdue_no_horizon"
    if not len(overdue):
        grade = view.nothing_due
    table = _values(view)
    return Result(
        share, grade, n, low, high, OVERDUE_AMBER_SHARE, "default", wording, facts, list(overdue["lead_id"]), table
    )


def _values(view: View) -> list[Mapping[str, Any]]:
    """Value of the overdue and of all open leads per currency; currencies are never added."""
    return [
        {"currency": currency, "overdue": sums.get("overdue", 0.0), "open": round(sum(sums.values()), 2)}
        for currency, sums in sorted(view.audit.value.items())
    ]


def overdue_days(view: View) -> Result:
    """How long ago the horizon or another ending criterion was reached: median and sum."""
    since = (view.as_of - view.overdue["overdue_since"]).dt.total_seconds() / 86_400
    known = since.dropna()
    if view.overdue.empty:
        return Result(None, view.nothing_due, 0, wording="none", facts={"n": len(view.open)})
    if known.empty:
        return few(0)
    facts = {"n": len(known), "median": known.median(), "total": known.sum(), "longest": known.max()}
    low, high = median_interval(known.tolist())
    leads = list(view.overdue["lead_id"])
    # A sign such as a date that was put off again and again has no day of its own.
    facts["all"] = len(leads)
    wording = "known_of" if len(known) < len(leads) else ""
    return Result(float(known.median()), "neutral", len(known), low, high, wording=wording, facts=facts, leads=leads)


def effort_after_horizon(view: View) -> Result:
    """Share still won of the leads that stood beyond their horizon, and the contacts and lead-days spent on them there.

    Graded against the floor under which a chance counts as practically gone (design 4.2).
    """
    stays = _beyond(view)
    if stays is None:
        return Result(None, "neutral", 0, wording="no_horizon")
    if stays.empty:
        return Result(None, "good", 0, wording="none")
    end_us = us(stays["started_at"]) + (stays["stay_days"] * DAY_US).to_numpy(np.int64)
    contacts = view.outbound.count(stays["lead_no"].to_numpy(), stays["over_us"].to_numpy(), end_us)
    days = float((stays["stay_days"] - stays["horizon_days"]).sum())
    won = int(stays.loc[stays["outcome"] == "won", "lead_id"].nunique())
    n = int(stays["lead_id"].nunique())
    limit = view.audit.process.limits.chance_floor_share
    facts = {"n": n, "contacts": int(contacts.sum()), "days": days, "won": won, "share": won / n}
    if n < MIN_COUNT:
        return few(n)
    low, high = wilson(won, n)
    grade: Grade = "amber" if won / n <= limit else "neutral"
    leads = sorted(set(stays["lead_id"]))
    spent = [{"contacts": int(contacts.sum()), "days": days, "won": won}]
    return Result(won / n, grade, n, low, high, limit, "process", facts=facts, leads=leads, table=spent)


def _beyond(view: View) -> pd.DataFrame | None:
    """Stays that lasted beyond the horizon of their stage; None where no stage has one."""
    stages = view.audit.stages[["pipeline", "stage", "horizon_days"]].dropna(subset=["horizon_days"])
    if stages.empty:
        return None
    numbers = view.all[["lead_id", "lead_no"]]
    keyed = view.audit.stays.assign(pipeline=lambda f: f["pipeline"].fillna(""), stage=lambda f: f["stage"].fillna(""))
    stages = stages.assign(pipeline=stages["pipeline"].fillna(""), stage=stages["stage"].fillna(""))
    stays = keyed.merge(stages, on=["pipeline", "stage"]).merge(numbers, on="lead_id")
    stays = stays[stays["stay_days"] > stays["horizon_days"]]
    return stays.assign(over_us=us(stays["started_at"]) + (stays["horizon_days"] * DAY_US).to_numpy(np.int64))


def decided_in_time(view: View) -> Result:
    """Of stays that reached their horizon at least 30 days ago: share that was decided within 30 days of it."""
    stays = _beyond(view)
    if stays is None:
        return Result(None, "neutral", 0, wording="no_horizon")
    seen = stays[stays["over_us"] <= view.as_of_us - DECIDED_WITHIN_DAYS * DAY_US]
    if len(seen) < MIN_COUNT:
        return few(len(seen))
    soon = (seen["end"] != "open") & (seen["stay_days"] <= seen["horizon_days"] + DECIDED_WITHIN_DAYS)
    share = float(soon.mean())
    low, high = wilson(int(soon.sum()), len(seen))
    facts = {"x": int(soon.sum()), "n": len(seen), "share": share, "days": DECIDED_WITHIN_DAYS}
    return Result(share, "neutral", len(seen), low, high, facts=facts, leads=sorted(set(seen.loc[~soon, "lead_id"])))


def open_load(view: View) -> Result:
    """Months to clear the open leads at the pace of the last 90 days, against twice the median won cycle."""
    load = Load.of(view.audit)
    if not load.decided_count or not load.open_count:
        return Result(None, "neutral", load.open_count, wording="no_pace", facts={"n": load.open_count})
    cycle_months = view.audit.judgement.learned.won_cycle_days / MONTH_DAYS
    facts = {
        "n": load.open_count,
        "days": load.days,
        "months": load.months,
        "left": load.left_count,
        "months_after": load.months_after,
        "cycle": cycle_months,
    }
    table = [
        {
            "left_count": load.left_count,
            "freed_days": load.freed_days,
            "months_after": load.months_after,
        }
    ]
    if not cycle_months > 0:
        return Result(load.months, "neutral", load.open_count, facts=facts, table=table)
    limit = LOAD_AMBER_CYCLES * cycle_months
    grade = graded(load.months, limit)
    wording = "amber_none_due" if grade == "amber" and view.overdue.empty else ""
    return Result(load.months, grade, load.open_count, None, None, limit, "won", wording, facts, table=table)


def attention(view: View) -> Result:
    """Share of our contacts of the last 90 days that went to leads whose ending is due; leads touched per week."""
    number = view.open["lead_no"].to_numpy()
    now = np.full(len(number), view.as_of_us)
    contacts = view.outbound.count(number, now - PACE_DAYS * DAY_US, now)
    total = int(contacts.sum())
    if total < MIN_COUNT:
        return few(total)
    overdue = (view.open["verdict"] == "overdue").to_numpy()
    there = int(contacts[overdue].sum())
    recent = view.outbound.at_us >= view.as_of_us - PACE_DAYS * DAY_US
    week = (view.as_of_us - view.outbound.at_us[recent]) // (7 * DAY_US)
    touched = pd.DataFrame({"lead_no": view.outbound.lead_no[recent], "week": week}).drop_duplicates()
    per_week = len(touched) / (PACE_DAYS / 7)
    ages = view.open["age_days"]
    load = float(ages[overdue].sum() / ages.sum()) if ages.sum() > 0 else 0.0
    low, high = wilson(there, total)
    facts = {"x": there, "n": total, "share": there / total, "week": per_week, "load": load}
    grade: Grade = "neutral" if overdue.any() else view.nothing_due
    leads = list(view.open.loc[overdue & (contacts > 0), "lead_id"])
    return Result(there / total, grade, total, low, high, facts=facts, leads=leads)


def chance_by_fit(view: View) -> Result:
    """Open leads by chance (relevant, fading, practically over) and fit (good, bad, unknown)."""
    placed = view.open[view.open["chance"].notna()]
    if placed.empty:
        return few(0)
    over = placed["reasons"].fillna("").str.split("|").map(lambda names: "horizon_passed" in names)
    relevant = ~over & (placed["chance"] >= RELEVANT_SHARE * placed["chance_at_entry"])
    chance = np.select([over, relevant], ["over", "relevant"], "fading")
    bad = placed["preconditions_failed"].fillna("") != ""
    good = (
        ~bad & (placed["preconditions_unknown"].fillna("") == "") & (placed["preconditions_known_count"].fillna(0) > 0)
    )
    fit = np.select([bad, good], ["bad", "good"], "unknown")
    cells = pd.DataFrame({"chance": chance, "fit": fit}).value_counts(sort=False)
    table = [
        {"chance": c, "fit": f, "count": int(cells.get((c, f), 0))}
        for c in ("relevant", "fading", "over")
        for f in ("good", "bad", "unknown")
    ]
    facts = {"n": len(placed), "relevant": int(relevant.sum()), "over": int(over.sum()), "fading": int((chance == "fading").sum()),
             "good": int((relevant & good).sum())}  # fmt: skip
    share = float(relevant.mean())
    low, high = wilson(int(relevant.sum()), len(placed))
    wording = "" if view.audit.process.preconditions else "chance_only"
    return Result(
        share,
        "neutral",
        len(placed),
        low,
        high,
        wording=wording,
        facts=facts,
        leads=list(placed.loc[~relevant, "lead_id"]),
        table=table,
    )


def ending_signs(view: View) -> Result:
    """Overdue leads by sign; a sign that the export cannot show is marked as a question."""
    if view.overdue.empty:
        return Result(None, view.nothing_due, 0, wording="none", facts={"n": len(view.open)})
    reasons = view.audit.reasons
    signs = reasons[(reasons["role"] == "ending") & reasons["lead_id"].isin(view.overdue["lead_id"])]
    counts = signs.groupby("criterion")["lead_id"].nunique().sort_values(ascending=False, kind="stable")
    inferred = signs.groupby("criterion")["inferred"].any()
    table: list[Mapping[str, Any]] = [
        {"sign": name, "count": int(count), "known_by": "inferred" if inferred[name] else "observed"}
        for name, count in counts.items()
    ]
    askable = ("no_urgency", "preconditions_failed", "timing_never_right", "no_reaction")
    table += [
        {"sign": name, "count": None, "known_by": "ask"}
        for name in askable
        if name not in counts and _unasked(view, name)
    ]
    several = int((signs.groupby("lead_id")["criterion"].agg(set).map(len) > 1).sum())
    horizon = int(counts.get("horizon_passed", 0))
    n = len(view.overdue)
    facts = {"n": n, "horizon": horizon, "other": n - _only_horizon(signs), "several": several}
    return Result(
        (n - _only_horizon(signs)) / n, "neutral", n, facts=facts, leads=list(view.overdue["lead_id"]), table=table
    )


def _only_horizon(signs: pd.DataFrame) -> int:
    per_lead = signs.groupby("lead_id")["criterion"].agg(set)
    return int((per_lead.map(lambda names: names == {"horizon_passed"})).sum())


def _unasked(view: View, sign: str) -> bool:
    """Whether the export has nothing to tell this sign by."""
    norms = view.audit.judgement.facts.norms
    readable = {
        "no_urgency": norms.has_urgency_columns or norms.has_direction,
        "preconditions_failed": bool(view.audit.process.preconditions),
        "timing_never_right": norms.has_field_history,
        "no_reaction": norms.has_direction,
    }
    return not readable[sign]


def overdue_without_criterion(view: View) -> Result:
    """Overdue leads in stages for which nobody has written down when to end."""
    n = len(view.overdue)
    if not n:
        return Result(None, view.nothing_due, 0, wording="none", facts={"n": len(view.open)})
    process = view.audit.process
    written = {(s.pipeline, s.name) for s in process.stages if s.end_when or s.horizon_days is not None}
    keys = list(
        zip(view.overdue["pipeline"].fillna(""), view.overdue["stay_stage"].fillna(view.overdue["stage"]), strict=True)
    )
    without = np.array([(p, s) not in written and ("", s) not in written for p, s in keys])
    low, high = wilson(int(without.sum()), n)
    running = [s for s in process.stages if s.kind in ("open", "decision")]
    facts = {
        "x": int(without.sum()),
        "n": n,
        "stages": len(running),
        "written": sum((s.pipeline, s.name) in written for s in running),
    }
    # Any stage that leads are overdue in without a written criterion is one to write down; no other limit is needed.
    grade = graded(float(without.mean()), 0.0)
    return Result(
        float(without.mean()),
        grade,
        n,
        low,
        high,
        0.0,
        "process",
        facts=facts,
        leads=list(view.overdue.loc[without, "lead_id"]),
    )


RULES: tuple[Rule, ...] = (
    Rule("overdue_share", "endings", ("E1",), (), "share", overdue_share),
    Rule("overdue_days", "endings", ("E10",), (), "days", overdue_days),
    Rule("ending_signs", "endings", ("E3",), (), "share", ending_signs),
    Rule("open_load", "endings", ("D4", "E4"), ("created_at", "closed_at"), "months", open_load),
    Rule("attention", "endings", ("D4",), ("E",), "share", attention),
    Rule("chance_by_fit", "endings", ("E2",), (), "share", chance_by_fit),
    Rule("effort_after_horizon", "endings", ("E7",), ("E",), "share", effort_after_horizon),
    Rule("decided_in_time", "endings", ("E8",), (), "share", decided_in_time),
    Rule("overdue_without_criterion", "endings", ("D10", "E8"), (), "share", overdue_without_criterion),
)
