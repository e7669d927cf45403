"""A CRM should steer decisions, not administer contacts: what the data answers, lead by lead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from leadaudit.findings.finding import MIN_COUNT, Grade, Result, Rule, few, graded, listed, wilson
from leadaudit.findings.track import DAY_US
from leadaudit.findings.view import View
from leadaudit.ledger.milestones import PROGRESS
from leadaudit.preconditions import separation

ANSWERS_AMBER = 2.0
BEFORE_DAYS = 30
SAME_CHANCE_SHARE = 0.10
"""A chance that moved by less than a tenth of itself is the same."""
UNDIFFERENTIATED_SHARE = 0.5
"""A round mark of ours: where half of the leads carry one value, it ranks nothing."""
RANKING_WORDS = "priorit|score|scoring|rating|bewertung|wahrscheinlichkeit|probability|temperatur|temperature|abc"
DUE_STALLS = ("resume_due", "pause_without_date", "decision_slipped", "past_patience")
"""Stall reasons that say that a decision is due, as on the lead card."""
IDEAS = ("decision_points", "endings", "conversations", "maturity", "steering")


def four_answers(view: View) -> Result:
    """Of the four questions, how many the CRM's own fields answer per open lead.

    Why here: a stage and since when. Missing: a question of the stage or a precondition recorded. Next: a dated next
    step or planned meeting. When to end: a decision date, a resumption date or a written criterion.
    """
    leads = view.open
    if leads.empty:
        return few(0)
    process, has_history = view.audit.process, "H" in view.audit.export.evidence
    asked = {(s.pipeline, s.name) for s in process.stages if s.question}
    ends = {(s.pipeline, s.name) for s in process.stages if s.end_when or s.horizon_days is not None}
    answers = {
        "why": leads["stage"].notna()
        & (leads["stage_entered_at"].notna() | (has_history & (leads["stay_origin"] != "unknown"))),
        "missing": leads["preconditions_known_count"].fillna(0).gt(0)
        | _recorded(view, leads)
        | _in_stages(leads, asked),
        "next": leads["next_step_at"].notna() | leads["meeting_planned_at"].notna(),
        "end": leads["expected_close_at"].notna() | leads["paused_until"].notna() | _in_stages(leads, ends),
    }
    count = np.sum([np.asarray(held, dtype=bool) for held in answers.values()], axis=0)
    few_answers = count <= 1
    table = [{"answer": name, "count": int(np.asarray(held, dtype=bool).sum())} for name, held in answers.items()]
    table += [{"answered_count": number, "leads": int((count == number).sum())} for number in range(5)]
    mean = float(count.mean())
    facts = {"mean": mean, "n": len(leads), "all": int((count == 4).sum()), "few": int(few_answers.sum()),
             **{name: int(np.asarray(held, dtype=bool).sum()) for name, held in answers.items()}}  # fmt: skip
    grade = graded(mean, ANSWERS_AMBER, lower_is_better=False)
    return Result(
        mean,
        grade,
        len(leads),
        limit=ANSWERS_AMBER,
        basis="default",
        facts=facts,
        leads=list(leads.loc[few_answers, "lead_id"]),
        table=table,
    )


def _recorded(view: View, leads: pd.DataFrame) -> pd.Series:
    """Leads for which at least one criterion field is filled."""
    return (
        leads[view.criteria_columns].notna().any(axis=1)
        if view.criteria_columns
        else pd.Series(data=False, index=leads.index)
    )


def _in_stages(leads: pd.DataFrame, chosen: set[tuple[str, str]]) -> pd.Series:
    keys = zip(leads["pipeline"].fillna(""), leads["stage"].fillna(""), strict=True)
    return pd.Series([(p, s) in chosen or ("", s) in chosen for p, s in keys], index=leads.index, dtype=bool)


def answerable(view: View) -> Result:
    """Share of open leads for which relevance, attention, block and stop can each be read from the data."""
    leads = view.open
    if leads.empty:
        return few(0)
    told = leads["verdict"] != "undetermined"
    readable = {
        "relevance": leads["chance"].notna(),
        "attention": told,
        "block": told & ((leads["reasons"].fillna("") != "") | (leads["verdict"] == "progressing")),
        "stop": leads["end_on"].notna() | leads["horizon_days"].notna(),
    }
    shares = {name: float(held.mean()) for name, held in readable.items()}
    value = float(np.mean(list(shares.values())))
    table = [{"question": name, "share": share} for name, share in shares.items()]
    return Result(
        value,
        "neutral",
        len(leads),
        facts={"n": len(leads), **shares},
        leads=list(leads.loc[~told, "lead_id"]),
        table=table,
    )


def decision_due(view: View) -> Result:
    """Open leads with a decision due, not due, or not readable."""
    leads = view.open
    if leads.empty:
        return few(0)
    reasons = leads["reasons"].fillna("").str.split("|")
    slipped = reasons.map(lambda names: any(name in DUE_STALLS for name in names)) & (leads["verdict"] == "stalled")
    due = slipped | (leads["verdict"] == "overdue")
    unreadable = leads["verdict"] == "undetermined"
    low, high = wilson(int(due.sum()), len(leads))
    n = len(leads)
    facts = {
        "x": int(due.sum()),
        "n": n,
        "share": float(due.mean()),
        "not_due": int(n - due.sum() - unreadable.sum()),
        "unreadable": int(unreadable.sum()),
    }
    grade: Grade = "neutral" if due.any() or unreadable.any() else "good"
    return Result(float(due.mean()), grade, n, low, high, facts=facts, leads=list(leads.loc[due, "lead_id"]))


def closer_than_before(view: View) -> Result:
    """Open leads that are closer to a decision than 30 days ago, as far, or further."""
    leads = view.open[(view.open["age_days"] >= BEFORE_DAYS) & (view.open["verdict"] != "paused")]
    if len(leads) < MIN_COUNT:
        return few(len(leads))
    number = leads["lead_no"].to_numpy()
    now = np.full(len(leads), view.as_of_us)
    closer = view.did(PROGRESS).count(number, now - BEFORE_DAYS * DAY_US, now) > 0
    before = chance_before(view, leads)
    further = ~closer & (leads["chance"].to_numpy() < (1 - SAME_CHANCE_SHARE) * before)
    same = ~closer & ~further
    low, high = wilson(int(closer.sum()), len(leads))
    facts = {
        "n": len(leads),
        "closer": int(closer.sum()),
        "same": int(same.sum()),
        "further": int(further.sum()),
        "share": float(closer.mean()),
    }
    table = [{"than_before": name, "count": facts[name]} for name in ("closer", "same", "further")]
    return Result(
        float(closer.mean()),
        "neutral",
        len(leads),
        low,
        high,
        facts=facts,
        leads=list(leads.loc[further, "lead_id"]),
        table=table,
    )


def chance_before(view: View, leads: pd.DataFrame) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Chance that each lead had 30 days earlier if it stood in the same stage then; missing without a curve."""
    found = np.full(len(leads), np.nan)
    days = np.maximum(leads["stay_days"].to_numpy(float) - BEFORE_DAYS, 0)
    keys = leads["pipeline"].fillna("") + "\0" + leads["stay_stage"].fillna("")
    for key, curve in view.audit.curves.groupby(
        view.audit.curves["pipeline"].fillna("") + "\0" + view.audit.curves["stage"].fillna("")
    ):
        own = (keys == key).to_numpy()
        landmark = np.searchsorted(curve["day"].to_numpy(), days[own], side="right") - 1
        found[own] = curve["chance"].to_numpy()[np.maximum(landmark, 0)]
    return found


def realistic_chances(view: View) -> Result:
    """The CRM's own probability of open leads beside the learned chance, and the weighted pipeline with both."""
    leads = view.open[view.open["probability"].notna() & view.open["chance"].notna()]
    if len(leads) < MIN_COUNT:
        return few(len(leads))
    own, learned = float(leads["probability"].mean()), float(leads["chance"].mean())
    low, high = float(leads["chance_low"].mean()), float(leads["chance_high"].mean())
    table: list[Mapping[str, Any]] = []
    valued = leads.dropna(subset=["amount"])
    for currency, part in valued.groupby(valued["currency"].fillna(""), sort=True):
        sums = [round(float((part["amount"] * part[name]).sum()), 2) for name in ("probability", "chance")]
        table.append(
            {"currency": currency, "weighted_by_crm": sums[0], "weighted_by_chance": sums[1], "leads": len(part)}
        )
    facts = {
        "own": own,
        "learned": learned,
        "n": len(leads),
        "wins_own": float(leads["probability"].sum()),
        "wins_learned": float(leads["chance"].sum()),
    }
    # What lies outside the bounds of the learned chance is no matter of chance.
    grade: Grade = "good" if low <= own <= high else "amber"
    wording = "" if grade == "good" else "too_high" if own > high else "too_low"
    return Result(own - learned, grade, len(leads), own - high, own - low, 0.0, "pipeline", wording, facts, table=table)


def undifferentiated(view: View) -> Result:
    """Entropy of priority, score and probability among open leads, and the share on the most frequent value."""
    named = [c for c in view.all.columns if pd.Series([c]).str.contains(RANKING_WORDS, case=False, regex=True).iloc[0]]
    fields = [
        c
        for c in dict.fromkeys(["probability", *named])
        if c in view.audit.export.present or c in view.audit.export.extra_columns
    ]
    fields = [c for c in fields if view.open[c].notna().any()]
    if not fields:
        return Result(None, "unreadable", 0, absent=["ranking"])
    if len(view.open) < MIN_COUNT:
        return few(len(view.open))
    table: list[dict[str, Any]] = []
    for name in fields:
        shares = view.open[name].astype("str").where(view.open[name].notna(), "").value_counts(normalize=True)
        effective = float(np.exp(-(shares * np.log(shares)).sum()))
        table.append(
            {
                "field": name,
                "effective_values": effective,
                "top_share": float(shares.iloc[0]),
                "filled_share": float(view.open[name].notna().mean()),
            }
        )
    most = max(table, key=lambda row: row["top_share"])
    facts = {
        "field": most["field"],
        "share": most["top_share"],
        "effective": most["effective_values"],
        "n": len(view.open),
    }
    grade = graded(most["top_share"], UNDIFFERENTIATED_SHARE)
    wording = "of_crm" if most["field"] == "probability" else ""
    wording = f"{wording}_{grade}".strip("_") if wording else ""
    return Result(
        most["top_share"],
        grade,
        len(view.open),
        limit=UNDIFFERENTIATED_SHARE,
        basis="default",
        wording=wording,
        facts=facts,
        table=table,
    )


def precondition_coverage(view: View) -> Result:
    """How well the criteria fields are filled per stage, and which of them separate won from lost."""
    if len(view.open) < MIN_COUNT:
        return few(len(view.open))
    wrong = set(view.all.loc[view.all["status"] == "lost", "lead_id"]) - set(view.ended["lead_id"])
    separating = [str(name) for name in separation(view.audit.export, wrong_entries=wrong).separating]
    table: list[dict[str, Any]] = []
    for name in view.criteria_columns:
        by_stage = view.open.groupby("stage")[name].agg(lambda values: values.notna().mean())
        table.append(
            {
                "field": name,
                "filled_share": float(view.open[name].notna().mean()),
                "separates": name in separating,
                "by_stage": {str(stage): round(float(share), 3) for stage, share in by_stage.items()},
            }
        )
    value = float(np.mean([row["filled_share"] for row in table]))
    least = min(table, key=lambda row: row["filled_share"])
    facts = {
        "fields": len(table),
        "share": value,
        "n": len(view.open),
        "least": least["field"],
        "least_share": least["filled_share"],
        "separating": listed(separating),
    }
    wording = "" if separating else "none_separates"
    return Result(value, "neutral", len(view.open), wording=wording, facts=facts, table=table)


def data_state(view: View) -> Result:
    """Contradictions and impossible dates in the export, and leads that cannot be judged."""
    leads = view.all
    if leads.empty:
        return few(0)
    over = leads["status"].isin(["won", "lost"])
    contradictions = {
        "closed_without_date": over & leads["closed_at"].isna(),
        "open_with_closing_date": ~over & (leads["closed_at"] < view.as_of),
        "dated_in_future": (leads["closed_at"] >= view.as_of) & over,
        "closed_before_created": leads["closed_at"] < leads["created_at"],
        "created_unknown": leads["created_at"].isna(),
    }
    wrong = np.logical_or.reduce([np.asarray(held, dtype=bool) for held in contradictions.values()])
    share = float(1 - wrong.mean())
    undetermined = int((view.open["verdict"] == "undetermined").sum())
    table: list[Mapping[str, Any]] = [
        {"contradiction": name, "count": int(held.sum())} for name, held in contradictions.items()
    ]
    table += [{"evidence": letter, "there": letter in view.audit.export.evidence} for letter in "HENF"]
    letters = sum(letter in view.audit.export.evidence for letter in "HENF")
    low, high = wilson(int((~wrong).sum()), len(leads))
    issues = view.audit.export.issues
    lost = int(issues.loc[issues["severity"].isin(["error", "warning"]), "count"].fillna(1).sum())
    facts = {
        "x": int(wrong.sum()),
        "n": len(leads),
        "share": share,
        "undetermined": undetermined,
        "open": len(view.open),
        "letters": letters,
        "lost": lost,
    }
    grade: Grade = "neutral" if wrong.any() or undetermined or lost else "good"
    return Result(
        share, grade, len(leads), low, high, facts=facts, leads=list(leads.loc[wrong, "lead_id"]), table=table
    )


def steering_profile(view: View) -> Result:
    """Five bars, one per idea: how many of its findings are good, amber, red, neutral, not readable. There is no total."""
    table: list[dict[str, Any]] = []
    for idea in IDEAS:
        grades = view.grades.get(idea, [])
        table.append(
            {
                "idea": idea,
                **{grade: grades.count(grade) for grade in ("good", "amber", "red", "neutral", "unreadable")},
            }
        )
    total = {grade: sum(row[grade] for row in table) for grade in ("good", "amber", "red", "neutral", "unreadable")}
    facts = {
        "n": sum(total.values()),
        "good": total["good"],
        "open": total["amber"] + total["red"],
        "neutral": total["neutral"],
        "unreadable": total["unreadable"],
    }
    return Result(None, "neutral", facts["n"], facts=facts, table=table)


RULES: tuple[Rule, ...] = (
    Rule("four_answers", "steering", ("S6", "M8"), (), "count", four_answers),
    Rule("answerable", "steering", ("S1",), (), "share", answerable),
    Rule("decision_due", "steering", ("S2",), (), "share", decision_due),
    Rule("closer_than_before", "steering", ("S8",), ("H", "created_at"), "share", closer_than_before),
    Rule("realistic_chances", "steering", ("S10",), ("probability",), "share", realistic_chances),
    Rule("undifferentiated", "steering", ("S11",), (), "share", undifferentiated),
    Rule("precondition_coverage", "steering", ("S3",), ("criteria_fields",), "share", precondition_coverage),
    Rule("data_state", "steering", ("S7", "S9"), (), "share", data_state),
)
PROFILE = Rule("steering_profile", "steering", ("S9",), (), "", steering_profile)
"""Worked out last, from the grades of all others."""
