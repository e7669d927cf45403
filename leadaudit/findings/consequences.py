"""What decision points lead to: things settled, what follows from conversations and dates, pressure without clarity."""

from __future__ import annotations

import numpy as np
import pandas as pd

from leadaudit.findings.decision_points import MONTH_DAYS, WINDOW_DAYS
from leadaudit.findings.finding import MIN_COUNT, Result, Rule, few, wilson
from leadaudit.findings.track import DAY_US
from leadaudit.findings.view import View, us
from leadaudit.ledger.milestones import ENDED_M, PROGRESS, WON_M


def settled_per_lead(view: View) -> Result:
    """Things settled per lead and month in the last 90 days, by kind, beside the 90 days before."""
    now, before = (_settled(view, view.as_of_us - shift * WINDOW_DAYS * DAY_US) for shift in (0, 1))
    if now["months"] < MIN_COUNT:
        return few(int(now["months"]))
    # A window that the export does not fully cover is none to compare with.
    seen = view.audit.export.first_known <= view.as_of - pd.Timedelta(days=2 * WINDOW_DAYS)
    rate = sum(now[kind] for kind in ("stage", "won", "ended")) / now["months"]
    earlier = (
        sum(before[kind] for kind in ("stage", "won", "ended")) / before["months"]
        if seen and before["months"] >= MIN_COUNT
        else None
    )
    facts = {
        "rate": rate,
        "earlier": earlier,
        "n": int(now["leads"]),
        "stage": int(now["stage"]),
        "won": int(now["won"]),
        "ended": int(now["ended"]),
    }
    table = [{"window": name, **row} for name, row in (("now", now), ("before", before))]
    wording = "" if earlier is not None else "first"
    if "H" not in view.audit.export.evidence:
        wording = "no_history"
    return Result(rate, "neutral", int(now["leads"]), wording=wording, facts=facts, table=table)


def _settled(view: View, until_us: int) -> dict[str, float]:
    """Settled things by kind within a window, and the lead-months that were open in it."""
    since_us = until_us - WINDOW_DAYS * DAY_US
    created = np.where(view.created_us < 0, since_us, view.created_us)
    begin, end = np.clip(created, since_us, until_us), np.clip(view.closed_us, since_us, until_us)
    there = end > begin
    found: dict[str, float] = {
        "leads": float(there.sum()),
        "months": float((end - begin)[there].sum() / DAY_US / MONTH_DAYS),
    }
    for name, what in (("stage", PROGRESS), ("won", WON_M), ("ended", ENDED_M)):
        at_us = view.did(what).at_us
        found[name] = float(((at_us >= since_us) & (at_us < until_us)).sum())
    return found


def clarity_and_pressure(view: View) -> Result:
    """Our contacts per 30 days on open leads without and with a next decision point; difference with interval."""
    running = view.open[(view.open["verdict"] != "paused") & (view.open["age_days"] >= 1)]
    number = running["lead_no"].to_numpy()
    until = np.full(len(number), view.as_of_us)
    contacts = view.outbound.count(number, until - WINDOW_DAYS * DAY_US, until)
    rate = contacts / np.minimum(running["age_days"], WINDOW_DAYS).to_numpy() * 30
    step = (running["next_step_at"] >= view.as_of) & running["next_step_concrete"].fillna(value=False).astype(bool)
    clear = (step | (running["meeting_planned_at"] >= view.as_of)).to_numpy(bool)
    if view.audit.process.preconditions:
        clear &= (running["preconditions_unknown"].fillna("") == "").to_numpy(bool)
    if min(clear.sum(), (~clear).sum()) < MIN_COUNT:
        return few(int(min(clear.sum(), (~clear).sum())))
    with_point, without = rate[clear], rate[~clear]
    difference = float(without.mean() - with_point.mean())
    # Two-sided 90 % of the difference of two means (Welch).
    half = 1.6449 * float(np.sqrt(without.var(ddof=1) / len(without) + with_point.var(ddof=1) / len(with_point)))
    facts = {"without": without.mean(), "with": with_point.mean(), "n_without": len(without), "n_with": len(with_point), "low": difference - half,
             "high": difference + half}  # fmt: skip
    wording = "no_difference" if difference - half <= 0 <= difference + half else ""
    return Result(
        difference, "neutral", len(running), difference - half, difference + half, wording=wording, facts=facts
    )


def decision_points_with_consequence(view: View) -> Result:
    """Conversations held and decision dates that have passed: share followed by progress or an ending within patience."""
    if not (view.readable("conversations") or view.readable("expected_close_history")):
        return Result(None, "unreadable", 0, absent=["conversations", "expected_close_history"])
    points = _points(view)
    lead_no, at_us = points["lead_no"].to_numpy(np.int64), points["at_us"].to_numpy(np.int64)
    patience = view.patience_us_at(lead_no, at_us)
    seen = at_us + patience <= view.as_of_us
    points, lead_no, at_us, patience = points[seen], lead_no[seen], at_us[seen], patience[seen]
    if len(points) < MIN_COUNT:
        return few(len(points))
    # A decision taken on the very day of a date is its consequence, whatever the hour.
    begin = np.where(points["kind"] == "conversation", at_us, at_us // DAY_US * DAY_US)
    followed = view.settled.next_us(lead_no, begin, or_then=True) <= at_us + patience
    table = [
        {"kind": kind, "count": len(part), "followed": int(part.sum())}
        for kind, part in pd.Series(followed).groupby(points["kind"].to_numpy(), sort=True)
    ]
    share = float(followed.mean())
    low, high = wilson(int(followed.sum()), len(followed))
    facts = {"x": int(followed.sum()), "n": len(followed), "share": share}
    return Result(share, "neutral", len(followed), low, high, facts=facts, table=table)


def _points(view: View) -> pd.DataFrame:
    """What was meant to decide something and has passed: ``lead_no``, ``at_us``, ``kind``."""
    talks = pd.DataFrame(
        {"lead_no": view.conversations.lead_no, "at_us": view.conversations.at_us, "kind": "conversation"}
    )
    rows = [talks]
    if view.readable("expected_close_history"):
        found = view.audit.export.connection.sql(
            f"""SELECT DISTINCT lead_id, try_cast(after AS TIMESTAMP) AS moment FROM {view.audit.export.names["changes"]}
                WHERE field = 'expected_close_at' AND try_cast(after AS TIMESTAMP) < ? ORDER BY ALL""",
            params=[view.as_of.to_pydatetime()],
        ).df()
        dates = found.merge(view.all[["lead_id", "lead_no"]], on="lead_id")
        rows.append(pd.DataFrame({"lead_no": dates["lead_no"], "at_us": us(dates["moment"]), "kind": "date"}))
    points = pd.concat(rows, ignore_index=True)
    # A date set for after the lead was closed was never due.
    return points[points["at_us"] <= view.closed_us[points["lead_no"].to_numpy(np.int64)]]


RULES: tuple[Rule, ...] = (
    Rule("settled_per_lead", "decision_points", ("D1",), ("created_at",), "per_month", settled_per_lead),
    Rule("decision_points_with_consequence", "decision_points", ("D9",), (), "share", decision_points_with_consequence),
    Rule("clarity_and_pressure", "decision_points", ("D8",), ("E", "N"), "per_month", clarity_and_pressure),
)
