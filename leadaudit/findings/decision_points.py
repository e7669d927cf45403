"""Decision points separate movement from progress: how much is done per thing settled, and where leads get stuck."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from leadaudit.findings.finding import MIN_COUNT, Grade, Result, Rule, few, graded, wilson
from leadaudit.findings.track import DAY_US, NEVER_US, Numbers
from leadaudit.findings.view import View
from leadaudit.ledger.milestones import PROGRESS, WON_M

WINDOW_DAYS = 90
MONTH_DAYS = 30.4375
LOWER_QUARTILE = 0.25
STUCK_GREAT_SHARE, STUCK_GOOD_SHARE = 0.10, 0.20  # S25
NEXT_STEP_AMBER_SHARE = 0.80
"""Structure of the rule after S20; the share is ours."""
HALF = 0.5
LOOP_CONVERSATIONS, LOOP_CONTENTS = 2, 2
POSTPONED_COUNT, POSTPONED_ONCE_DAYS, POSTPONED_SUM_DAYS = 3, 21, 45
"""One small move never flags: the date of won deals moves too (S20)."""


def progress_share(view: View) -> Result:
    """Progress / (progress + movement) of the last 90 days, median over open leads; against won leads' lower quartile."""
    until = np.full(len(view.all), view.as_of_us)
    since = until - WINDOW_DAYS * DAY_US
    number = view.all["lead_no"].to_numpy()
    moved, went_on = view.movement.count(number, since, until), view.did(PROGRESS).count(number, since, until)
    chosen = view.open["lead_no"].to_numpy()
    chosen = chosen[(moved + went_on)[chosen] > 0]
    won = _won_shares(view)
    if len(chosen) < MIN_COUNT or len(won) < MIN_COUNT:
        return few(min(len(chosen), len(won)))
    shares = went_on[chosen] / (moved + went_on)[chosen]
    value, limit = float(np.median(shares)), float(np.quantile(won, LOWER_QUARTILE))
    done, settled = int(moved[chosen].sum()), int(went_on[chosen].sum())
    facts = {"n": len(chosen), "share": value, "limit": limit, "moved": done, "settled": settled, "per": done / settled if settled else None,
             "won": float(np.median(won)), "per_won": _per(float(np.median(won)))}  # fmt: skip
    leads = list(view.all["lead_id"].to_numpy()[chosen[went_on[chosen] == 0]])
    wording = "nothing_settled" if not settled else ""
    grade = graded(value, limit, lower_is_better=False)
    return Result(
        value,
        grade,
        len(chosen),
        limit=limit,
        basis="won",
        wording=wording,
        facts=facts,
        leads=leads,
        table=_by_stage(view, moved, went_on),
    )


def _per(share: float) -> float | None:
    """Movement per progress out of a share."""
    return (1 - share) / share if share > 0 else None


def _won_shares(view: View) -> Numbers:
    """Progress / (progress + movement) of each won lead up to its win, which is progress too."""
    won = view.won["lead_no"].to_numpy()
    closed = view.closed_us[won]
    won, closed = won[closed != NEVER_US], closed[closed != NEVER_US]
    moved = view.movement.count(won, np.zeros(len(won), np.int64), closed)
    settled = view.did(PROGRESS, WON_M).count(won, np.zeros(len(won), np.int64), closed)
    some = (moved > 0) & (settled > 0)
    return settled[some] / (moved + settled)[some]


def _by_stage(view: View, moved: Numbers, went_on: Numbers) -> list[Mapping[str, Any]]:
    frame = view.open.assign(moved=moved[view.open["lead_no"]], settled=went_on[view.open["lead_no"]])
    sums = frame.groupby(["pipeline", "stay_stage"], dropna=False, sort=False).agg(
        open_count=("lead_id", "size"), moved=("moved", "sum"), settled=("settled", "sum")
    )
    return [
        {"pipeline": p, "stage": s, **{k: int(v) for k, v in row.items()}}
        for (p, s), row in sums.to_dict("index").items()
    ]


def busy_without_progress(view: View) -> Result:
    """Open leads with more movement since their last progress than three quarters of winners' steps took."""
    norms, limits = view.audit.judgement.facts.norms, view.audit.process.limits
    running = view.open[view.open["movement_count"].notna()]
    if running.empty:
        return few(0)
    learned = norms.busy_limit_count is not None
    most = norms.busy_limit_count if learned else limits.busy_default_count
    busy = running[running["movement_count"] > most]
    share = len(busy) / len(running)
    low, high = wilson(len(busy), len(running))
    # As many as a quarter of winners' steps took more than that, too.
    usual = 1 - limits.busy_share
    facts = {"x": len(busy), "n": len(running), "share": share, "most": most, "moved": int(busy["movement_count"].sum()), "usual": usual,
             "basis": norms.busy_basis_count}  # fmt: skip
    return Result(
        share,
        graded(share, usual),
        len(running),
        low,
        high,
        usual,
        "won" if learned else "default",
        facts=facts,
        leads=list(busy["lead_id"]),
    )


def stuck_stages(view: View) -> Result:
    """Per stage: open stays beyond patience / open stays."""
    running = view.open[
        (view.open["verdict"] != "paused") & view.open["stay_days"].notna() & view.open["patience_days"].notna()
    ]
    if running.empty:
        return few(0)
    stuck = running["stay_days"] > running["patience_days"]
    share = float(stuck.mean())
    low, high = wilson(int(stuck.sum()), len(running))
    table = _stuck_table(view, running.assign(stuck=stuck))
    worst = max(table, key=lambda row: (row["stuck"], row["open"]))
    facts = {
        "x": int(stuck.sum()),
        "n": len(running),
        "share": share,
        "stage": worst["stage"] or "–",
        "there": worst["stuck"],
        "of": worst["open"],
        "days": worst["patience_days"],
    }
    wording = "great" if share < STUCK_GREAT_SHARE else "no_stage" if not worst["stage"] else ""
    grade = graded(share, STUCK_GOOD_SHARE)
    # Without winners there is nobody to compare with: the sentence names none, and our guide value judges nobody.
    if all(row["basis"] == "default" for row in table):
        wording, grade = "by_default", "neutral"
    return Result(
        share,
        grade,
        len(running),
        low,
        high,
        STUCK_GOOD_SHARE,
        "default",
        wording,
        facts,
        list(running.loc[stuck, "lead_id"]),
        table,
    )


def _stuck_table(view: View, running: pd.DataFrame) -> list[dict[str, Any]]:
    stages = view.audit.stages.set_index(["pipeline", "stage"])
    rows = []
    for (pipeline, stage), part in running.groupby(
        [running["pipeline"].fillna(""), running["stay_stage"].fillna("")], sort=False
    ):
        patience = float(part["patience_days"].median())
        known = stages.loc[(pipeline, stage)] if (pipeline, stage) in stages.index else None
        at_patience = chance_at(view, pipeline, stage, patience)
        rows.append(
            {
                "pipeline": pipeline, "stage": stage, "open": len(part), "stuck": int(part["stuck"].sum()), "patience_days": patience,
                "basis": "default" if known is None else str(known["patience_basis"]),
                "chance_at_entry": None if known is None else _number(known["chance_at_entry"]),
                "chance_at_patience": at_patience, "chance_now": _number(part["chance"].median()),
            }
        )  # fmt: skip
    return rows


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else round(float(value), 4)


def chance_at(view: View, pipeline: str, stage: str, day: float) -> float | None:
    """Chance of a stage's curve at a length of stay; None without a curve."""
    curves = view.audit.curves
    own = curves[
        (curves["pipeline"].fillna("") == pipeline) & (curves["stage"].fillna("") == stage) & (curves["day"] <= day)
    ]
    return None if own.empty else _number(own["chance"].iloc[-1])


def recommended_decision_points(view: View) -> Result:
    """Per stage the stay at which the chance has lost half of its entry value, and the horizon."""
    table: list[dict[str, Any]] = []
    curves = view.audit.curves
    running = view.audit.stages[view.audit.stages["kind"].isin(["open", "decision"])]
    for stage in running.to_dict("records"):
        name = stage["stage"] if isinstance(stage["stage"], str) else ""
        own = curves[
            (curves["pipeline"].fillna("") == (stage["pipeline"] or "")) & (curves["stage"].fillna("") == name)
        ]
        halved = own[own["chance"] <= HALF * stage["chance_at_entry"]]
        first = halved.iloc[0] if len(halved) else None
        table.append(
            {
                "pipeline": stage["pipeline"], "stage": name, "day": None if first is None else float(first["day"]),
                "chance_at_entry": _number(stage["chance_at_entry"]), "chance": None if first is None else _number(first["chance"]),
                "at_risk_count": None if first is None else int(first["at_risk_count"]), "horizon_days": _number(stage["horizon_days"]),
                "patience_days": _number(stage["patience_days"]), "open_count": int(stage["open_count"]),
            }
        )  # fmt: skip
    found = [row for row in table if row["day"] is not None or row["horizon_days"] is not None]
    if all(row["chance_at_entry"] is None for row in table):
        return few(int(view.audit.judgement.learned.won_count))
    halved_rows = [row for row in table if row["day"] is not None]
    if not halved_rows:
        wording = "none" if not found else "horizon_only"
        return Result(
            float(len(found)),
            "neutral",
            len(table),
            basis="pipeline",
            wording=wording,
            facts={"x": len(found), "n": len(table)},
            table=table,
        )
    first_row = max(halved_rows, key=lambda row: row["open_count"])
    facts = {"x": len(found), "n": len(table), "stage": first_row["stage"] or "–", "day": first_row["day"], "entry": first_row["chance_at_entry"],
             "then": first_row["chance"]}  # fmt: skip
    return Result(float(len(found)), "neutral", len(table), basis="pipeline", facts=facts, table=table)


def next_step_valid(view: View) -> Result:
    """Open leads with a dated, future, concrete next step (or a planned meeting) / open leads."""
    running = view.open[view.open["verdict"] != "paused"]
    if running.empty:
        return few(0)
    step = (running["next_step_at"] >= view.as_of) & running["next_step_concrete"].fillna(value=False).astype(bool)
    valid = step | (running["meeting_planned_at"] >= view.as_of)
    past = ~valid & (running["next_step_at"] < view.as_of)
    vague = ~valid & ~past & (running["next_step"].notna() | running["next_step_at"].notna())
    share = float(valid.mean())
    low, high = wilson(int(valid.sum()), len(running))
    facts = {"x": int(valid.sum()), "n": len(running), "share": share, "vague": int(vague.sum()), "past": int(past.sum()),
             "none": int((~valid & ~vague & ~past).sum())}  # fmt: skip
    grade = graded(share, NEXT_STEP_AMBER_SHARE, lower_is_better=False)
    leads = list(running.loc[~valid, "lead_id"])
    return Result(share, grade, len(running), low, high, NEXT_STEP_AMBER_SHARE, "default", facts=facts, leads=leads)


def loops(view: View) -> Result:
    """Open leads that went there and back, or had several conversations or equal contents, since the last progress."""
    running = view.open
    if running.empty:
        return few(0)
    back = running["loop_count"].fillna(0) >= 1
    talked = running["conversation_count"].fillna(0) >= LOOP_CONVERSATIONS
    repeated = pd.Series(view.contents_repeated[running["lead_no"]] >= LOOP_CONTENTS, index=running.index)
    looping = back | talked | repeated
    share = float(looping.mean())
    low, high = wilson(int(looping.sum()), len(running))
    facts = {"x": int(looping.sum()), "n": len(running), "share": share, "back": int(back.sum()), "talked": int(talked.sum()),
             "repeated": int(repeated.sum()), "days": float(running.loc[looping, "stay_days"].sum())}  # fmt: skip
    table = [{"loop": name, "count": facts[name]} for name in ("back", "talked", "repeated")]
    # No limit is known; that nobody is in a loop is good news all the same, where conversations can be seen at all.
    seen = view.readable("conversations")
    wording = "" if looping.any() else "none" if seen else "none_seen"
    grade: Grade = "good" if seen and not looping.any() else "neutral"
    return Result(
        share,
        grade,
        len(running),
        low,
        high,
        wording=wording,
        facts=facts,
        leads=list(running.loc[looping, "lead_id"]),
        table=table,
    )


def postponed_decisions(view: View) -> Result:
    """Open leads whose decision date was moved often or far without progress."""
    running = view.open[view.open["postponed_count"].notna()]
    if running.empty:
        return few(0)
    count, days = running["postponed_count"].astype(float), running["postponed_days"]
    moved = (
        (count >= POSTPONED_COUNT)
        | (days >= POSTPONED_SUM_DAYS)
        | ((count >= 1) & (days >= POSTPONED_ONCE_DAYS * count))
    )
    share = float(moved.mean())
    low, high = wilson(int(moved.sum()), len(running))
    facts = {
        "x": int(moved.sum()),
        "n": len(running),
        "share": share,
        "days": float(days[moved].median()) if moved.any() else 0.0,
    }
    grade: Grade = "neutral" if moved.any() else "good"
    return Result(share, grade, len(running), low, high, facts=facts, leads=list(running.loc[moved, "lead_id"]))


RULES: tuple[Rule, ...] = (
    Rule("progress_share", "decision_points", ("D2",), ("E",), "share", progress_share),
    Rule("stuck_stages", "decision_points", ("D6",), ("H",), "share", stuck_stages),
    Rule("recommended_decision_points", "decision_points", ("D7", "E10"), ("H",), "count", recommended_decision_points),
    Rule("next_step_valid", "decision_points", ("D5",), ("N",), "share", next_step_valid),
    Rule("busy_without_progress", "decision_points", ("D3",), ("E",), "share", busy_without_progress),
    Rule("loops", "decision_points", ("D3",), ("E",), "share", loops),
    Rule("postponed_decisions", "decision_points", ("D3",), ("expected_close_history",), "share", postponed_decisions),
)
