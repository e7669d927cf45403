"""Readiness is the bottleneck: how long it takes, whose pace it is, and where the flow is narrow."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from leadaudit.findings.finding import MIN_COUNT, Grade, Result, Rule, few, median_interval, wilson
from leadaudit.findings.reasons import pattern
from leadaudit.findings.track import DAY_US, NEVER_US, Numbers, Track
from leadaudit.findings.view import View
from leadaudit.ledger.milestones import CREATED_M, ENDED_M, PROGRESS, WON_M

READY_TIMES = 2.0
"""A lead is ready in the first stage whose chance is at least twice that of the first (kpis, time_to_readiness)."""
FLOW_MONTHS = 12
RECENT_DAYS = 90
EARLY_DAYS = 3
SLOWER_TIMES = 2
"""An answer time that doubled is markedly slower."""


def time_to_readiness(view: View) -> Result:
    """Days from creation to the first stage whose chance is at least twice that at entry, of won leads."""
    stages = view.audit.stages
    running = stages[stages["kind"].isin(["open", "decision"]) & stages["chance_at_entry"].notna()]
    ready = _ready_places(view, running)
    if not len(ready):
        return Result(None, "neutral", len(running), wording="no_stage", facts={"n": len(running)})
    rows = view.milestones[(view.milestones["what"] == PROGRESS) & view.milestones["place"].isin(ready)]
    won = view.won["lead_no"].to_numpy()
    first = Track.of(rows["lead_no"].to_numpy(np.int64), rows["at_us"].to_numpy(np.int64)).next_us(
        won, view.created_us[won], or_then=True
    )
    known = (first != NEVER_US) & (view.created_us[won] > 0)
    if known.sum() < MIN_COUNT:
        return few(int(known.sum()))
    days = (first - view.created_us[won])[known] / DAY_US
    cycle = view.audit.judgement.learned.won_cycle_days
    names = _names(view, ready)
    facts = {
        "n": int(known.sum()),
        "days": float(np.median(days)),
        "stage": names[0],
        "cycle": cycle,
        "fields": len(view.criteria_columns),
    }
    low, high = median_interval(days.tolist())
    table = [{"stage": name} for name in names] + [
        {"field": name, "filled_share": float(view.won[name].notna().mean())} for name in view.criteria_columns
    ]
    wording = "" if view.criteria_columns else "no_fields"
    return Result(
        float(np.median(days)),
        "neutral",
        int(known.sum()),
        float(low),
        float(high),
        wording=wording,
        facts=facts,
        table=table,
    )


def _ready_places(view: View, running: pd.DataFrame) -> Numbers:
    """Places of the stages in which a lead is ready, in the order of the process."""
    places = view.audit.judgement.history.history.places
    found: list[int] = []
    for _, own in running.groupby(running["pipeline"].fillna(""), sort=False):
        ranked = own.sort_values("rank", kind="stable")
        ready = ranked[ranked["chance_at_entry"] >= READY_TIMES * ranked["chance_at_entry"].iloc[0]]
        number = places.number(ready["pipeline"], ready["stage"])
        found += [int(place) for place in number if place >= 0]
    return np.array(found, dtype=np.int64)


def _names(view: View, places: Numbers) -> list[str]:
    return [str(name) for name in view.audit.judgement.history.history.places.stage_names(places)]


def answer_time(view: View) -> Result:
    """Their median time to answer us, ours to answer them, and the ratio for won against ended leads."""
    theirs_no, theirs = _answers(view.outbound, view.responses)
    ours_no, ours = _answers(view.marked("inbound"), view.outbound)
    if min(len(theirs), len(ours)) < MIN_COUNT:
        return few(min(len(theirs), len(ours)))
    won, ended = (set(view.won["lead_no"]), set(view.ended["lead_no"]))
    table: list[dict[str, Any]] = []
    for name, group in (("won", won), ("ended", ended)):
        own = np.isin(theirs_no, list(group)), np.isin(ours_no, list(group))
        if min(own[0].sum(), own[1].sum()) >= MIN_COUNT:
            table.append(
                {
                    "group": name,
                    "theirs_days": float(np.median(theirs[own[0]])),
                    "ours_days": float(np.median(ours[own[1]])),
                    "n": int(own[0].sum()),
                }
            )
    slower = _slowing(theirs_no, theirs, view)
    median_theirs, median_ours = float(np.median(theirs)), float(np.median(ours))
    facts = {"theirs": median_theirs, "ours": median_ours, "n": len(theirs), "slower": slower[0], "of": slower[1]}
    wording = "" if slower[1] else "said"
    ratio = median_ours / median_theirs if median_theirs > 0 else None
    return Result(ratio, "neutral", len(theirs) + len(ours), wording=wording, facts=facts, table=table)


def _answers(asked: Track, answered: Track) -> tuple[Numbers, Numbers]:
    """Lead and days of each answer: from the first contact after the last answer to the next one of the other side."""
    if not len(asked) or not len(answered):
        return np.empty(0, np.int64), np.empty(0)
    answer = answered.next_us(asked.lead_no, asked.at_us)
    same = (np.append(asked.lead_no[1:], -1) == asked.lead_no) & (np.append(answer[1:], 0) == answer)
    # Of several questions with one answer, the first counts.
    first = ~np.append(False, same[:-1]) & (answer != NEVER_US)
    return asked.lead_no[first], (answer - asked.at_us)[first] / DAY_US


def _slowing(lead_no: Numbers, days: Numbers, view: View) -> tuple[int, int]:
    """Open leads whose later half of answer times is slower than the earlier; of those with at least four answers."""
    frame = pd.DataFrame({"lead_no": lead_no, "days": days})
    frame = frame[frame["lead_no"].isin(view.open["lead_no"])]
    groups = frame.groupby("lead_no")["days"]
    size, nth = groups.transform("size"), groups.cumcount()
    frame, late = frame[size >= 4], (nth >= size / 2)[size >= 4]
    if frame.empty:
        return 0, 0
    early_median = frame[~late].groupby("lead_no")["days"].median()
    late_median = frame[late].groupby("lead_no")["days"].median()
    return int((late_median > SLOWER_TIMES * early_median).sum()), len(early_median)


def last_contact_of_wins(view: View) -> Result:
    """Won leads whose last contact before the decision came from the lead / won leads with a contact."""
    won = view.won["lead_no"].to_numpy()
    closed = view.closed_us[won]
    tracks = {name: view.marked(name) for name in ("inbound", "mutual")} | {"outbound": view.outbound}
    last = {}
    for name, track in tracks.items():
        position = track.last(won, closed)
        last[name] = np.where(position >= 0, np.append(track.at_us, -1)[position], -1)
    newest = np.maximum.reduce(list(last.values()))
    known = (newest >= 0) & (closed != NEVER_US)
    if known.sum() < MIN_COUNT:
        return few(int(known.sum()))
    inbound = (last["inbound"] == newest) & (last["outbound"] < newest) & known
    mutual = (last["mutual"] == newest) & ~inbound & known
    n, x = int(known.sum()), int(inbound.sum())
    low, high = wilson(x, n)
    facts = {"x": x, "n": n, "share": x / n, "mutual": int(mutual.sum()), "ours": n - x - int(mutual.sum())}
    return Result(x / n, "neutral", n, low, high, facts=facts, leads=list(view.won.loc[inbound, "lead_id"]))


def bottleneck(view: View) -> Result:
    """Per month leads in, into each stage and decided; the passage that the smallest share of its inflow gets through."""
    table = _flow(view)
    stages = list(dict.fromkeys(row["stage"] for row in table if row["kind"] == "stage"))
    total = {name: sum(row["count"] for row in table if row["stage"] == name) for name in ["in", *stages, "won"]}
    ranks = view.audit.stages.drop_duplicates("stage").set_index("stage")["rank"].dropna()
    ordered = sorted((s for s in stages if total[s]), key=lambda s: int(ranks.get(s, 0)))
    path = ["in", *ordered, "won"]
    passages = [(a, b, total[a], total[b]) for a, b in pairwise(path) if total[a] >= MIN_COUNT]
    if not passages:
        return few(total["in"])
    before, after, into, through = min(passages, key=lambda passage: passage[3] / passage[2])
    share = min(through / into, 1.0)
    low, high = wilson(min(through, into), into)
    decided = sum(row["count"] for row in table if row["kind"] in ("won", "ended"))
    facts = {
        "before": before,
        "after": after,
        "into": into,
        "through": through,
        "share": share,
        "in": total["in"],
        "decided": decided,
        "months": FLOW_MONTHS,
    }
    wording = (
        "at_the_start"
        if before == "in" and after != "won"
        else "at_the_end"
        if after == "won" and before != "in"
        else "whole"
        if before == "in"
        else ""
    )
    return Result(share, "neutral", into, low, high, wording=wording, facts=facts, table=table)


def _flow(view: View) -> list[dict[str, Any]]:
    """Leads per month: created, into each stage, won, ended."""
    since = int((view.as_of - pd.DateOffset(months=FLOW_MONTHS)).value) // 1000
    rows = view.milestones[(view.milestones["at_us"] >= since) & (view.milestones["at_us"] != NEVER_US)]
    month = (
        pd.Series(rows["at_us"].to_numpy().astype("datetime64[us]"), index=rows.index).dt.to_period("M").astype("str")
    )
    names = view.audit.judgement.history.history.places.stage_names(rows["place"].to_numpy()).to_numpy()
    kind = rows["what"].map({CREATED_M: "in", PROGRESS: "stage", WON_M: "won", ENDED_M: "ended"})
    # A step of progress within a stage (a decision, a precondition) enters no stage.
    frame = pd.DataFrame(
        {"month": month, "kind": kind, "stage": np.where(kind == "stage", names, kind), "lead_no": rows["lead_no"]}
    ).dropna()
    counted = frame.drop_duplicates(["lead_no", "kind", "stage"]).groupby(["month", "kind", "stage"]).size()
    return [{"month": m, "kind": k, "stage": s, "count": int(c)} for (m, k, s), c in counted.items()]


def reminders(view: View) -> Result:
    """Our mails of the last 90 days that repeat a subject to the same lead or merely remind / those with a subject."""
    rows = view.audit.export.connection.sql(
        f"""
        SELECT lead_id, count(*) AS mails, count(*) FILTER (again OR says) AS reminding, count(*) FILTER (again) AS repeated
        FROM (
            SELECT lead_id, "at", regexp_matches(subject, ?) AS says,
                   row_number() OVER (PARTITION BY lead_id, lower(trim(subject)) ORDER BY "at") > 1 AS again
            FROM {view.audit.export.names["activities"]}
            WHERE kind = 'email' AND direction = 'outbound' AND coalesce(done, true) AND subject IS NOT NULL AND "at" < ?
        ) WHERE "at" >= ? GROUP BY lead_id ORDER BY lead_id
        """,
        params=[
            pattern("reminder"),
            view.as_of.to_pydatetime(),
            (view.as_of - pd.Timedelta(days=RECENT_DAYS)).to_pydatetime(),
        ],
    ).df()
    rows = rows[rows["lead_id"].isin(view.all["lead_id"])]
    n = int(rows["mails"].sum())
    if n < MIN_COUNT:
        return few(n)
    x = int(rows["reminding"].sum())
    low, high = wilson(x, n)
    facts = {
        "x": x,
        "n": n,
        "share": x / n,
        "repeated": int(rows["repeated"].sum()),
        "leads": int((rows["reminding"] > 0).sum()),
    }
    # No limit is known; that no mail merely reminds is good news all the same.
    grade: Grade = "neutral" if x else "good"
    leads = list(rows.loc[rows["reminding"] > 1, "lead_id"])
    return Result(x / n, grade, n, low, high, facts=facts, leads=leads)


def early_yes(view: View) -> Result:
    """Open leads that moved on within three days of creation: share that has stood longer than usual since."""
    running = view.open[view.open["verdict"] != "paused"]
    number = running["lead_no"].to_numpy()
    first = view.did(PROGRESS).next_us(number, view.created_us[number], or_then=True)
    hasty = (
        (view.created_us[number] > 0) & (first != NEVER_US) & (first - view.created_us[number] <= EARLY_DAYS * DAY_US)
    )
    chosen = running[hasty]
    if len(chosen) < MIN_COUNT:
        return few(len(chosen))
    late = chosen["stay_days"] > chosen["patience_days"]
    others = running[~hasty]
    low, high = wilson(int(late.sum()), len(chosen))
    rest = float((others["stay_days"] > others["patience_days"]).mean()) if len(others) >= MIN_COUNT else None
    facts = {"x": int(late.sum()), "n": len(chosen), "share": float(late.mean()), "rest": rest}
    wording = "alone" if rest is None else "no_haste" if late.mean() <= rest else ""
    leads = list(chosen.loc[late, "lead_id"])
    return Result(float(late.mean()), "neutral", len(chosen), low, high, wording=wording, facts=facts, leads=leads)


RULES: tuple[Rule, ...] = (
    Rule("time_to_readiness", "maturity", ("M1",), ("H", "created_at"), "days", time_to_readiness),
    Rule("reminders", "maturity", ("M3",), ("E",), "share", reminders),
    Rule("early_yes", "maturity", ("M2",), ("H", "created_at"), "share", early_yes),
    Rule("answer_time", "maturity", ("M4", "M9"), ("E",), "ratio", answer_time),
    Rule("last_contact_of_wins", "maturity", ("M10",), ("E",), "share", last_contact_of_wins),
    Rule("bottleneck", "maturity", ("M11",), ("H", "created_at"), "share", bottleneck),
)
