"""How leads were ended so far: how cleanly, how late, by whom, and whether it stayed quiet afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from leadaudit.findings.finding import MIN_COUNT, Grade, Result, Rule, few, graded, listed, wilson
from leadaudit.findings.reasons import says_something
from leadaudit.findings.track import DAY_US, NEVER_US, Numbers, Track
from leadaudit.findings.view import View, us
from leadaudit.ledger.milestones import ENDED_M, PROGRESS, REOPENED, WON_M

QUALITY_AMBER_SHARE = 0.70
BULK_COUNT = 5
"""Endings by one person on one day that make a clean-up (kpis, ending_quality)."""
LATE_DAYS = 60
TOLD_DAYS = 14
"""An ending so long after the last event happened by itself, not by decision (principle E5)."""
LATENESS_AMBER, LATENESS_RED = 1.5, 2.5  # S39, S40
RESUMED_WITHIN_DAYS = 180
QUIET_DAYS = 90
YEAR_DAYS = 365
PRESSURE_COUNT = 3


def ending_quality(view: View) -> Result:
    """Ended leads with a reason that says something, a date and no unanswered question of theirs / ended leads."""
    ended = view.ended
    if len(ended) < MIN_COUNT:
        return few(len(ended))
    reason, dated = says_something(ended["lost_reason"]), ended["closed_at"].notna().to_numpy()
    unanswered = _asked_last(view, ended) if "E" in view.audit.export.evidence else np.zeros(len(ended), bool)
    clean = reason & dated & ~unanswered
    bulk = _bulk(view, ended)
    share = float(clean.mean())
    low, high = wilson(int(clean.sum()), len(ended))
    facts = {"x": int(clean.sum()), "n": len(ended), "share": share, "reasonless": int((~reason).sum()),
             "unanswered": int(unanswered.sum()), "bulk": int(bulk.sum())}  # fmt: skip
    table = [{"what": name, "count": facts[name]} for name in ("reasonless", "unanswered", "bulk")] + [
        {"what": "undated", "count": int((~dated).sum())}
    ]
    grade = graded(share, QUALITY_AMBER_SHARE, lower_is_better=False)
    # Without activities nobody can tell whether a message was left unanswered: that is not 0.
    wording = "" if "E" in view.audit.export.evidence else "by_reason"
    if wording:
        table = [entry for entry in table if entry["what"] != "unanswered"]
    return Result(
        share,
        grade,
        len(ended),
        low,
        high,
        QUALITY_AMBER_SHARE,
        "default",
        wording=wording,
        facts=facts,
        leads=list(ended.loc[~clean, "lead_id"]),
        table=table,
    )


def _asked_last(view: View, ended: pd.DataFrame) -> Numbers:
    """Where the last contact before the ending came from the other side, and nobody answered."""
    lead_no = ended["lead_no"].to_numpy()
    closed = view.closed_us[lead_no]
    inbound, ours = view.marked("inbound"), view.outbound
    mutual = view.marked("mutual")
    asked = _last_us(inbound, lead_no, closed)
    answered = np.maximum(_last_us(ours, lead_no, closed), _last_us(mutual, lead_no, closed))
    # A refusal needs no answer.
    refused = ended["no_interest"].fillna(value=False).to_numpy(bool)
    return (asked > answered) & ~refused


def _last_us(track: Track, lead_no: Numbers, until_us: Numbers) -> Numbers:
    position = track.last(lead_no, until_us)
    return np.where(position >= 0, np.append(track.at_us, 0)[position], -1)


def _bulk(view: View, ended: pd.DataFrame) -> Numbers:
    """Endings that belong to a clean-up: several by one person on one day. The person is never shown."""
    who = ended["owner"].fillna("") if "owner" in view.audit.export.present else pd.Series("", index=ended.index)
    day = ended["closed_at"].dt.normalize()
    sizes = ended.groupby([who, day])["lead_id"].transform("size")
    named = (who != "") & (sizes >= BULK_COUNT)
    return named.fillna(value=False).to_numpy(bool) & ended["closed_at"].notna().to_numpy()


def endings_by_kind(view: View) -> Result:
    """Conscious (a single act, reason, date), accidental (clean-up, no reason, long after the last event), by the lead."""
    ended = view.ended
    if len(ended) < MIN_COUNT:
        return few(len(ended))
    by_lead = ended["no_interest"].fillna(value=False).to_numpy(bool)
    reason = says_something(ended["lost_reason"])
    seen = bool({"H", "E"} & set(view.audit.export.evidence))
    late = _long_after(view, ended) if seen else np.zeros(len(ended), dtype=bool)
    conscious = ~by_lead & reason & ended["closed_at"].notna().to_numpy() & ~_bulk(view, ended) & ~late
    accidental = ~by_lead & ~conscious
    share = float(conscious.mean())
    low, high = wilson(int(conscious.sum()), len(ended))
    facts = {"n": len(ended), "conscious": int(conscious.sum()), "accidental": int(accidental.sum()), "by_lead": int(by_lead.sum()),
             "late": int((late & accidental).sum()), "share": share, "told": int(_told(view, ended).sum())}  # fmt: skip
    table = [{"kind": name, "count": facts[name]} for name in ("conscious", "accidental", "by_lead")]
    wording = "" if "E" in view.audit.export.evidence else "late_seen" if seen else "by_reason"
    return Result(
        share,
        "neutral",
        len(ended),
        low,
        high,
        wording=wording,
        facts=facts,
        leads=list(ended.loc[accidental, "lead_id"]),
        table=table,
    )


def _told(view: View, ended: pd.DataFrame) -> Numbers:
    """Ended with contact from our side shortly before or after; whether it spoke of the end is for people to read."""
    lead_no = ended["lead_no"].to_numpy()
    closed = view.closed_us[lead_no]
    known = closed != NEVER_US
    at = np.where(known, closed, 0)
    return known & (view.outbound.count(lead_no, at - TOLD_DAYS * DAY_US, at + TOLD_DAYS * DAY_US) > 0)


def _long_after(view: View, ended: pd.DataFrame) -> Numbers:
    """Ended long after the last thing that happened to it."""
    lead_no = ended["lead_no"].to_numpy()
    closed = view.closed_us[lead_no]
    before = np.where(closed == NEVER_US, 0, closed - 1)
    acts = view.acts
    done = Track.of(acts.lead_no.astype(np.int64), acts.at_us)
    last = np.maximum.reduce(
        [_last_us(done, lead_no, before), _last_us(view.did(0, PROGRESS, REOPENED), lead_no, before)]
    )
    return (closed != NEVER_US) & (last > 0) & (closed - last > LATE_DAYS * DAY_US)


def time_to_end_vs_win(view: View) -> Result:
    """Median time to an ending / median time to a win, closed in the last twelve months.

    A Kaplan-Meier median with the rival outcome censored would mislead here, and often does not exist. Endings within
    a day of creation are no endings of a process: left out and counted.
    """
    closed = view.all[view.all["closed_at"] >= view.as_of - pd.Timedelta(days=YEAR_DAYS)]
    days = (closed["closed_at"] - closed["created_at"]).dt.total_seconds() / 86_400
    won, ended = days[closed["status"] == "won"].dropna(), days[closed["status"] == "lost"].dropna()
    at_once = int((ended <= 1).sum())
    ended = ended[ended > 1]
    if min(len(won), len(ended)) < MIN_COUNT or not won.median() > 0:
        return few(min(len(won), len(ended)))
    ratio = float(ended.median() / won.median())
    facts = {
        "ended": ended.median(),
        "won": won.median(),
        "ratio": ratio,
        "n_ended": len(ended),
        "n_won": len(won),
        "at_once": at_once,
    }
    grade = graded(ratio, LATENESS_AMBER, LATENESS_RED)
    return Result(ratio, grade, len(ended) + len(won), limit=LATENESS_AMBER, basis="default", facts=facts)


def resumption(view: View) -> Result:
    """Ended leads that moved again within 180 days, by the unanswered contacts before the ending."""
    ends = view.did(ENDED_M)
    seen = ends.at_us <= view.as_of_us - RESUMED_WITHIN_DAYS * DAY_US
    lead_no, at_us = ends.lead_no[seen], ends.at_us[seen]
    if len(lead_no) < MIN_COUNT:
        return few(len(lead_no))
    again = view.did(PROGRESS, REOPENED, WON_M).next_us(lead_no, at_us)
    resumed = again <= at_us + RESUMED_WITHIN_DAYS * DAY_US
    streak = streak_at(view, lead_no, at_us)
    won = view.all["status"].eq("won").to_numpy()[lead_no] & resumed
    share = float(resumed.mean())
    low, high = wilson(int(resumed.sum()), len(resumed))
    table: list[Mapping[str, Any]] = []
    for name, chosen in (("under", streak < PRESSURE_COUNT), ("from", streak >= PRESSURE_COUNT)):
        table.append({"streak": name, "count": int(chosen.sum()), "resumed": int(resumed[chosen].sum())})
    facts = {
        "x": int(resumed.sum()),
        "n": len(resumed),
        "share": share,
        "won": int(won.sum()),
        "days": RESUMED_WITHIN_DAYS,
    }
    leads = sorted(set(view.all["lead_id"].to_numpy()[lead_no[resumed]]))
    return Result(share, "neutral", len(resumed), low, high, facts=facts, leads=leads, table=table)


def streak_at(view: View, lead_no: Numbers, at_us: Numbers) -> Numbers:
    """Unanswered contact days in a row at a moment of each lead."""
    runs = view.audit.judgement.history.runs
    track = Track.of(runs["lead_no"].to_numpy(np.int64), runs["at_us"].to_numpy(np.int64))
    position = track.last(lead_no, at_us)
    count = np.append(runs["streak_count"].to_numpy()[track.row], 0)[position]
    chased_us = np.append(track.at_us, 0)[position]
    answered = view.responses.count(lead_no, chased_us, at_us) > 0
    return np.where((position < 0) | answered, 0, count)


def contact_after_end(view: View) -> Result:
    """Our contacts in the 90 days after an ending, before the other side came back by itself."""
    ends = view.did(ENDED_M)
    seen = ends.at_us <= view.as_of_us - QUIET_DAYS * DAY_US
    lead_no, at_us = ends.lead_no[seen], ends.at_us[seen]
    if len(lead_no) < MIN_COUNT:
        return few(len(lead_no))
    # The day of the ending belongs to it: that is when one says so.
    begin = (at_us // DAY_US + 1) * DAY_US
    back = np.minimum(view.responses.next_us(lead_no, at_us), view.did(REOPENED, PROGRESS).next_us(lead_no, at_us))
    contacts = view.outbound.count(lead_no, begin, np.minimum(back, at_us + QUIET_DAYS * DAY_US))
    disturbed = contacts > 0
    share = float(disturbed.mean())
    low, high = wilson(int(disturbed.sum()), len(disturbed))
    facts = {
        "x": int(disturbed.sum()),
        "n": len(disturbed),
        "share": share,
        "contacts": int(contacts.sum()),
        "days": QUIET_DAYS,
    }
    # No limit is known for this; that nobody was contacted any more is good news all the same.
    grade: Grade = "neutral" if disturbed.any() else "good"
    leads = sorted(set(view.all["lead_id"].to_numpy()[lead_no[disturbed]]))
    return Result(share, grade, len(disturbed), low, high, facts=facts, leads=leads)


def pause_quality(view: View) -> Result:
    """Pauses with a resumption date / pauses, and resumption dates that have passed.

    Earlier pauses count only where the export keeps the history of their dates: a CRM usually empties the field.
    """
    found = view.audit.judgement.history.history.pauses
    resting = view.open[view.open["status"] == "paused"]
    if not len(found.lead_no) and resting.empty:
        return Result(None, "neutral", 0, wording="none")
    if not view.readable("pause_history"):
        if not view.readable("paused_until") and "paused_until" not in view.audit.export.present:
            return Result(None, "unreadable", 0, absent=["paused_until"])
        dated, n = int(resting["paused_until"].notna().sum()), len(resting)
    else:
        dated, n = int((found.until_us != np.iinfo(np.int64).min).sum()), len(found.lead_no)
    if not n:
        return few(0)
    passed = resting[resting["paused_until"] <= view.as_of]
    low, high = wilson(dated, n)
    facts = {"x": dated, "n": n, "share": dated / n, "resting": len(resting), "passed": len(passed)}
    # A pause is a pause by its date: each without one, and each date that has passed, is one to settle.
    grade: Grade = "good" if dated == n and passed.empty else "amber"
    undated = resting[resting["paused_until"].isna()]
    return Result(
        dated / n, grade, n, low, high, 1.0, "default", facts=facts, leads=[*passed["lead_id"], *undated["lead_id"]]
    )


def states_in_use(view: View) -> Result:
    """Which of continue, pause and end are used, how often, and the stages that nobody was ever ended from."""
    process = view.audit.process
    kinds = {s.kind for s in process.stages}
    pauses = view.audit.judgement.history.history.pauses
    ends = view.did(ENDED_M)
    used = {"continue": not view.all.empty, "pause": len(pauses.lead_no) > 0 or bool((view.all["status"] == "paused").any()),
            "end": len(ends) > 0 or not view.ended.empty}  # fmt: skip
    count = sum(used.values())
    quarters = pd.concat([_per_quarter(pauses.started_us, "pause"), _per_quarter(ends.at_us, "end")])
    never = _never_ended_from(view)
    facts = {
        "x": count,
        "pauses": max(len(pauses.lead_no), int((view.all["status"] == "paused").sum())),
        "ends": len(view.ended),
        "never": len(never),
        "stages": listed(never),
    }
    missing = "no_pause" if not used["pause"] else "no_end" if not used["end"] else ""
    if not missing and "H" not in view.audit.export.evidence:
        missing = "all_three"
    grade: Grade = "good" if count == 3 else "amber"
    table = [
        *quarters.to_dict("records"),
        {"quarter": "", "state": "in_process", "count": len(kinds & {"paused", "ended"})},
    ]
    return Result(
        float(count), grade, len(view.all), limit=3.0, basis="default", wording=missing, facts=facts, table=table
    )


def _per_quarter(at_us: Numbers, state: str) -> pd.DataFrame:
    quarter = pd.Series(at_us.astype("datetime64[us]")).dt.to_period("Q").astype("str")
    counts = quarter.value_counts(sort=False).sort_index()
    return pd.DataFrame({"quarter": counts.index, "state": state, "count": counts.to_numpy()})


def _never_ended_from(view: View) -> list[str]:
    """Stages that leads stood in and that nobody was ever ended from."""
    stays = view.audit.stays
    if stays["stage"].isna().all():
        return []
    seen = stays.groupby("stage", sort=False)["end"].agg(lambda ends: (ends == "ended").any())
    return [str(stage) for stage, ended in seen.items() if not ended]


def cohort_outcomes(view: View) -> Result:
    """Per quarter of creation: won, ended with reason, ended without, paused with date, open within horizon, open beyond."""
    leads = view.all[view.all["created_at"].notna()]
    if len(leads) < MIN_COUNT:
        return few(len(leads))
    reason = says_something(leads["lost_reason"]) if "lost_reason" in leads else np.zeros(len(leads), bool)
    lost = (leads["status"] == "lost").to_numpy()
    names = ["won", "ended_with_reason", "ended_without", "paused_with_date", "open_beyond"]
    cases = [leads["status"] == "won", lost & reason, lost, leads["verdict"] == "paused", leads["verdict"] == "overdue"]
    outcome = np.select([np.asarray(case, dtype=bool) for case in cases], names, "open_within")
    quarter = leads["created_at"].dt.to_period("Q").astype("str")
    counts = pd.crosstab(quarter.to_numpy(), outcome).reindex(columns=[*names, "open_within"], fill_value=0)
    old = us(leads["created_at"]) <= view.as_of_us - YEAR_DAYS * DAY_US
    table = [
        {"quarter": str(index), **{str(k): int(v) for k, v in row.items()}}
        for index, row in counts.to_dict("index").items()
    ]
    if old.sum() < MIN_COUNT:
        return Result(None, "neutral", int(old.sum()), wording="young", facts={"n": len(leads)}, table=table)
    clean = np.isin(outcome[old], ["won", "ended_with_reason", "paused_with_date"])
    open_still = np.isin(outcome[old], ["open_within", "open_beyond"])
    low, high = wilson(int(clean.sum()), len(clean))
    facts = {"n": len(clean), "x": int(clean.sum()), "share": float(clean.mean()), "open": int(open_still.sum()),
             "without": int((outcome[old] == "ended_without").sum())}  # fmt: skip
    return Result(float(clean.mean()), "neutral", len(clean), low, high, facts=facts, table=table)


RULES: tuple[Rule, ...] = (
    Rule("time_to_end_vs_win", "endings", ("E9",), ("created_at", "closed_at"), "ratio", time_to_end_vs_win),
    Rule("ending_quality", "endings", ("E5",), ("lost_reason", "closed_at"), "share", ending_quality),
    Rule("endings_by_kind", "endings", ("E5",), ("lost_reason", "closed_at"), "share", endings_by_kind),
    Rule("states_in_use", "endings", ("E11",), (), "count", states_in_use),
    Rule("pause_quality", "endings", ("E6", "E8"), (), "share", pause_quality),
    Rule("resumption", "endings", ("E6",), ("H", "E"), "share", resumption),
    Rule("contact_after_end", "endings", ("E13",), ("E",), "share", contact_after_end),
    Rule("cohort_outcomes", "endings", ("E12",), ("created_at",), "share", cohort_outcomes),
)
