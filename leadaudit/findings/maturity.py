"""Leads need space, not pressure: unanswered contact, what it does to the outcome, and quiet that is healthy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from leadaudit.findings.finding import MIN_COUNT, Grade, Result, Rule, apart, few, graded, wilson
from leadaudit.findings.reasons import is_about
from leadaudit.findings.track import DAY_US, NEVER_US, Numbers
from leadaudit.findings.view import View
from leadaudit.ledger.milestones import ENDED_M, PROGRESS, REOPENED, WON_M

PRESSURE_COUNT, ENDING_COUNT = 3, 6
"""Ideal 3 calls or 3-4 mails a quarter (S43-S44); 4 and more mails triple complaints (S46); call 6 (S41)."""
PRESSURE_AMBER_SHARE = 0.10
"""A round mark of ours: one lead in ten under pressure is no exception any more."""
QUARTER_DAYS = 90
IDEAL_COUNTS = {"call": 3, "email": 4}
"""Contacts per 90 days, from a consumer study (S43-S44): guidance only."""
CONTACT_AMBER, CONTACT_RED = 1.0, 2.0
SILENT_DAYS = 14
EARLY_DAYS = 3
REVERSED_DAYS = 180
NARROW_CASES = 30
SLOW, FAST = 2, 0
HOUR_US = 3_600_000_000


def unanswered_streak(view: View) -> Result:
    """Unanswered contact days since the last response, over open leads."""
    known = view.open[view.open["unanswered_count"].notna()]
    if known.empty:
        return few(0)
    count = known["unanswered_count"].astype(int)
    pressed, ending = count >= PRESSURE_COUNT, count >= ENDING_COUNT
    share = float(pressed.mean())
    low, high = wilson(int(pressed.sum()), len(known))
    spread = count.clip(upper=ENDING_COUNT).value_counts().reindex(range(ENDING_COUNT + 1), fill_value=0)
    table = [{"streak_count": int(streak), "leads": int(leads)} for streak, leads in spread.items()]
    facts = {
        "x": int(pressed.sum()),
        "n": len(known),
        "share": share,
        "ending": int(ending.sum()),
        "none": int((count == 0).sum()),
    }
    grade = graded(share, PRESSURE_AMBER_SHARE)
    leads = list(known.loc[pressed, "lead_id"])
    return Result(
        share, grade, len(known), low, high, PRESSURE_AMBER_SHARE, "default", facts=facts, leads=leads, table=table
    )


def chance_by_streak(view: View) -> Result:
    """Chance of being won in the end after 0, 1, 2 … unanswered contact days, from the client's own history."""
    learned = view.audit.judgement.learned
    curve = learned.streak_curve
    if curve.empty or learned.won_count < MIN_COUNT or not (curve["streak_count"] == PRESSURE_COUNT).any():
        return few(int(learned.won_count))
    by_count = curve.set_index("streak_count")
    then, first = by_count.loc[PRESSURE_COUNT], by_count.iloc[0]
    table = [
        {"streak_count": int(row["streak_count"]), "chance": float(row["chance"]), "low": float(row["chance_low"]), "high": float(row["chance_high"]),
         "at_risk_count": int(row["at_risk_count"])} for row in curve.to_dict("records")
    ]  # fmt: skip
    facts = {"streak": PRESSURE_COUNT, "then": then["chance"], "first": first["chance"], "at_risk": then["at_risk_count"],
             "limit": learned.streak_limit_count, "at_limit": by_count["chance"].get(learned.streak_limit_count)}  # fmt: skip
    wording = "" if learned.streak_limit_count is not None else "no_limit"
    # Leads that are contacted often have mostly come further: a chance that does not fall says nothing against rest.
    if then["chance_low"] > first["chance"]:
        wording = "higher"
    limit = None if learned.streak_limit_count is None else float(learned.streak_limit_count)
    return Result(
        float(then["chance"]), "neutral", int(then["at_risk_count"]), float(then["chance_low"]), float(then["chance_high"]), limit, "won", wording, facts,
        table=table,
    )  # fmt: skip


def contact_pressure(view: View) -> Result:
    """Our calls and mails of the last 90 days / what a study of consumers found ideal; the larger of both per lead."""
    counts = view.audit.export.connection.sql(
        f"""SELECT lead_id, kind, count(*) AS times FROM {view.audit.export.names["activities"]}
            WHERE direction = 'outbound' AND coalesce(done, true) AND kind IN ('call', 'email') AND "at" < ? AND "at" >= ?
            GROUP BY lead_id, kind ORDER BY ALL""",
        params=[view.as_of.to_pydatetime(), (view.as_of - pd.Timedelta(days=QUARTER_DAYS)).to_pydatetime()],
    ).df()
    counts = counts[counts["lead_id"].isin(view.open["lead_id"])]
    if counts["lead_id"].nunique() < MIN_COUNT:
        return few(int(counts["lead_id"].nunique()))
    ratio = counts["times"] / counts["kind"].map(IDEAL_COUNTS)
    highest = ratio.groupby(counts["lead_id"], sort=False).max()
    over, twice = highest > CONTACT_AMBER, highest > CONTACT_RED
    value, n = float(highest.median()), len(highest)
    facts = {
        "median": value,
        "n": n,
        "over": int(over.sum()),
        "twice": int(twice.sum()),
        "calls": IDEAL_COUNTS["call"],
        "mails": IDEAL_COUNTS["email"],
    }
    table = [
        {"kind": kind, "leads": len(part), "median": float(part["times"].median())}
        for kind, part in counts.groupby("kind")
    ]
    grade = graded(value, CONTACT_AMBER, CONTACT_RED)
    return Result(
        value,
        grade,
        n,
        limit=CONTACT_AMBER,
        basis="default",
        facts=facts,
        leads=list(highest.index[twice]),
        table=table,
    )


def cadence_tightening(view: View) -> Result:
    """Open leads with several unanswered contacts whose last gaps are at most half of the earlier ones."""
    limits = view.audit.process.limits
    chased = view.open[(view.open["unanswered_count"].fillna(0) >= PRESSURE_COUNT) & view.open["cadence_ratio"].notna()]
    if chased.empty:
        return few(0)
    tight = chased["cadence_ratio"] <= limits.cadence_ratio
    share = float(tight.mean())
    low, high = wilson(int(tight.sum()), len(chased))
    facts = {"x": int(tight.sum()), "n": len(chased), "share": share}
    grade: Grade = "neutral" if tight.any() else "good"
    return Result(
        share,
        grade,
        len(chased),
        low,
        high,
        limits.cadence_ratio,
        "process",
        facts=facts,
        leads=list(chased.loc[tight, "lead_id"]),
    )


def healthy_silence(view: View) -> Result:
    """Silent open leads that are maturing or validly paused / silent open leads.

    Silent = nothing was done for 14 days or half of the patience, whichever is less.
    """
    resting = view.open["verdict"] == "paused"
    last = view.open["last_activity_at"].fillna(view.open["stay_started_at"])
    quiet_days = (view.as_of - last).dt.total_seconds() / 86_400
    silent = quiet_days >= np.minimum(SILENT_DAYS, view.open["patience_days"].fillna(2 * SILENT_DAYS) / 2)
    n = int(silent.sum())
    if not n:
        return Result(None, "neutral", 0, wording="none", facts={"n": len(view.open)})
    fine = silent & (resting | (view.open["shade"] == "maturing"))
    low, high = wilson(int(fine.sum()), n)
    facts = {
        "x": int(fine.sum()),
        "n": n,
        "share": fine.sum() / n,
        "paused": int((silent & resting).sum()),
        "waiting": int((silent & ~fine).sum()),
    }
    grade: Grade = "good" if fine.any() else "neutral"
    wording = "" if fine.any() else "none_fine"
    return Result(
        float(fine.sum() / n),
        grade,
        n,
        low,
        high,
        wording=wording,
        facts=facts,
        leads=list(view.open.loc[fine, "lead_id"]),
    )


def early_noes(view: View) -> Result:
    """Ended within three days of creation or at the first contact / ended; how many of them were resumed."""
    ended = view.ended[view.ended["closed_at"].notna() & view.ended["created_at"].notna()]
    if len(ended) < MIN_COUNT:
        return few(len(ended))
    days = (ended["closed_at"] - ended["created_at"]).dt.total_seconds() / 86_400
    early = days <= EARLY_DAYS
    if "E" in view.audit.export.evidence:
        number = ended["lead_no"].to_numpy()
        contacts = view.marked("contact").count(number, np.zeros(len(number), np.int64), view.closed_us[number])
        early |= contacts == 1
    share = float(early.mean())
    low, high = wilson(int(early.sum()), len(ended))
    resumed = _resumed_early(view)
    facts = {"x": int(early.sum()), "n": len(ended), "share": share, "resumed": resumed}
    grade: Grade = "neutral" if early.any() else "good"
    wording = "no_history" if early.any() and "H" not in view.audit.export.evidence else ""
    leads = list(ended.loc[early, "lead_id"])
    return Result(share, grade, len(ended), low, high, wording=wording, facts=facts, leads=leads)


def _resumed_early(view: View) -> int:
    """Leads whose first ending came within three days of creation and that were reopened later."""
    ends = view.did(ENDED_M)
    early = (view.created_us[ends.lead_no] > 0) & (ends.at_us - view.created_us[ends.lead_no] <= EARLY_DAYS * DAY_US)
    again = view.did(REOPENED).next_us(ends.lead_no[early], ends.at_us[early]) != NEVER_US
    return len(np.unique(ends.lead_no[early][again]))


def tempo(view: View) -> Result:
    """Win share of the fast against the slow third of leads, by the days to their first progress; decided leads only."""
    first = _days_to_first_progress(view)
    decided = view.all["status"].isin(["won", "lost"]).to_numpy()
    frame = pd.DataFrame({"days": first, "won": (view.all["status"] == "won").to_numpy()})[decided & np.isfinite(first)]
    if len(frame) < NARROW_CASES:
        return few(len(frame))
    third = pd.qcut(frame["days"].rank(method="first"), 3, labels=False)
    fast, slow = frame[third == FAST], frame[third == SLOW]
    won = [int(part["won"].sum()) for part in (fast, slow)]
    low, high = apart(won[0], len(fast), won[1], len(slow))
    difference = won[0] / len(fast) - won[1] / len(slow)
    parts = (("fast", fast), ("middle", frame[third == 1]), ("slow", slow))
    table = [
        {"third": name, "leads": len(part), "won": int(part["won"].sum()), "median_days": float(part["days"].median()),
         **_price_of_wins(view, view.all["lead_no"].to_numpy()[part.index])} for name, part in parts
    ]  # fmt: skip
    facts = {
        "fast": won[0] / len(fast),
        "slow": won[1] / len(slow),
        "n": len(frame),
        "days_fast": fast["days"].max(),
        "days_slow": slow["days"].min(),
    }
    wording = "no_difference" if low <= 0 <= high else ""
    return Result(difference, "neutral", len(frame), low, high, wording=wording, facts=facts, table=table)


def _price_of_wins(view: View, lead_no: Numbers) -> dict[str, float | int | None]:
    """What the wins of some leads took: our contacts for each, and how many were lost again within half a year."""
    at = view.did(WON_M).next_us(lead_no, np.zeros(len(lead_no), np.int64))
    number, at = lead_no[at != NEVER_US], at[at != NEVER_US]
    contacts = view.outbound.count(number, np.zeros(len(number), np.int64), at)
    lost = view.did(ENDED_M).next_us(number, at) <= at + REVERSED_DAYS * DAY_US
    readable = "E" in view.audit.export.evidence and len(number)
    return {"contacts": float(contacts.mean()) if readable else None, "reversed": int(lost.sum())}


def _days_to_first_progress(view: View) -> Numbers:
    """Days from creation to the first step that took time; infinite where there was none.

    Within the first hour machines move leads; that is nobody's pace.
    """
    number = view.all["lead_no"].to_numpy()
    begin = np.where(view.created_us > 0, view.created_us, 0)
    first = view.did(PROGRESS).next_us(number, begin + HOUR_US)
    known = (view.created_us > 0) & (first != NEVER_US)
    return np.where(known, (first - view.created_us) / DAY_US, np.inf)


def who_ended(view: View) -> Result:
    """Ended by them, by us or unknown: from the reason, else from the last contact."""
    ended = view.ended
    if len(ended) < MIN_COUNT:
        return few(len(ended))
    refused = ended["no_interest"].fillna(value=False).to_numpy(bool)
    them = refused | is_about(ended["lost_reason"], "by_them") if "lost_reason" in ended else refused
    us = ~them & is_about(ended["lost_reason"], "by_us")
    unknown = ~them & ~us
    talked = (
        view.conversations.count(
            ended["lead_no"].to_numpy(), np.zeros(len(ended), np.int64), view.closed_us[ended["lead_no"].to_numpy()]
        )
        > 0
    )
    stage = ended["stay_stage"].fillna("").to_numpy()
    frame = pd.DataFrame({"stage": stage, "who": np.select([them, us], ["them", "us"], "unknown")})
    table: list[Mapping[str, Any]] = [
        {"stage": s, "who": w, "count": int(c)} for (s, w), c in frame.value_counts(sort=False).items()
    ]
    share = float(them.mean())
    low, high = wilson(int(them.sum()), len(ended))
    facts = {
        "n": len(ended),
        "them": int(them.sum()),
        "us": int(us.sum()),
        "unknown": int(unknown.sum()),
        "before": int((~talked & them).sum()),
    }
    wording = "" if view.readable("conversations") else "unseen"
    return Result(
        share,
        "neutral",
        len(ended),
        low,
        high,
        wording=wording,
        facts=facts,
        leads=list(ended.loc[unknown, "lead_id"]),
        table=table,
    )


RULES: tuple[Rule, ...] = (
    Rule("unanswered_streak", "maturity", ("M3",), ("E",), "share", unanswered_streak),
    Rule("chance_by_streak", "maturity", ("M4",), ("E",), "share", chance_by_streak),
    Rule("contact_pressure", "maturity", ("M3",), ("E",), "ratio", contact_pressure),
    Rule("cadence_tightening", "maturity", ("M3",), ("E",), "share", cadence_tightening),
    Rule("healthy_silence", "maturity", ("M5",), ("E",), "share", healthy_silence),
    Rule("early_noes", "maturity", ("M2",), ("created_at", "closed_at"), "share", early_noes),
    Rule("who_ended", "maturity", ("M6",), ("lost_reason",), "share", who_ended),
    Rule("tempo", "maturity", ("M7",), ("H", "created_at"), "share", tempo),
)
