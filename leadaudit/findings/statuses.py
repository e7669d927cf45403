"""Few statuses with clear meaning, which change because something was decided, not because something was done."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from leadaudit.draft import records_activity
from leadaudit.effects import effects
from leadaudit.findings.finding import MIN_COUNT, Grade, Result, Rule, few, graded, listed, wilson
from leadaudit.findings.track import DAY_US, NEVER_US, Numbers, Track
from leadaudit.findings.view import View, us
from leadaudit.ledger.milestones import ENDED_M, WON_M
from leadaudit.ledger.places import DECISION, OPEN, PAUSED
from leadaudit.ledger.walk import DECIDED, PRECONDITION, STAGE

ADVISED_COUNT = 7
"""5 to 7 statuses are advised (S73, S74)."""
RARE_SHARE = 0.05
CATCH_ALL = re.compile(
    r"sonstig|diverse|offen$|in bearbeitung|laufend|unklar|\b(other|misc|open|in progress|working|active|general|pending)\b",
    re.IGNORECASE,
)
NEAR_DAYS = 3
LOOP_DAYS = 30
CHAIN_COUNT = 3
STEERS_SHARE = 0.20
"""Below this, rates describe activity, not effect (principle D6)."""
MOSTLY_SHARE = 0.5
"""What "mostly" means."""
BACKDATED_DAYS = 1


def status_inventory(view: View) -> Result:
    """Active statuses, their effective number (exp of the entropy), rare ones and catch-alls."""
    leads = view.open[view.open["stage"].notna()]
    if len(leads) < MIN_COUNT:
        return few(len(leads))
    table: list[dict[str, Any]] = []
    most, effective_most = 0, 0.0
    for pipeline, part in leads.groupby(leads["pipeline"].fillna(""), sort=True):
        shares = part["stage"].value_counts(normalize=True)
        effective = float(np.exp(-(shares * np.log(shares)).sum()))
        if len(shares) > most:
            most, effective_most = len(shares), effective
        table += [
            {
                "pipeline": pipeline,
                "stage": stage,
                "share": float(share),
                "rare": bool(share < RARE_SHARE),
                "catch_all": bool(CATCH_ALL.search(stage)),
            }
            for stage, share in shares.items()
        ]
    used = {(row["pipeline"], row["stage"]) for row in table}
    running = [s for s in view.audit.process.stages if s.kind in ("open", "decision", "paused")]
    unused = [
        s.name
        for s in running
        if (s.pipeline, s.name) not in used and not (s.pipeline == "" and s.name in {n for _, n in used})
    ]
    facts = {"x": most, "effective": effective_most, "rare": sum(row["rare"] for row in table), "catch_all": sum(row["catch_all"] for row in table),
             "unused": len(unused), "n": len(leads), "advised": ADVISED_COUNT}  # fmt: skip
    grade = graded(most, ADVISED_COUNT)
    return Result(float(most), grade, len(leads), limit=ADVISED_COUNT, basis="default", facts=facts, table=table)


def status_without_effect(view: View) -> Result:
    """Statuses that leave the chance as it was on entering them, and those whose name records an activity."""
    found = effects(view.audit.stays, view.audit.process)
    running = [stage for stage in view.audit.process.stages if stage.kind in ("open", "decision")]
    named = [stage.name for stage in running if stage.records_activity or records_activity(stage.name)]
    told = found[found["answer"].isin(["raises", "lowers", "none"])]
    table = [
        row | {"records_activity": row["stage"] in named}
        for row in json.loads(found.to_json(orient="records", double_precision=4))
    ]
    if told.empty:
        return _only_names(named, len(running)) if named else few(0)
    idle = [str(stage) for stage in told.loc[told["answer"] == "none", "stage"]]
    flagged = list(dict.fromkeys([*idle, *named]))
    facts = {"x": len(flagged), "n": len(told), "stages": listed(flagged), "idle": len(idle)}
    grade: Grade = "amber" if flagged else "good"
    n = len(told)
    return Result(float(len(flagged)), grade, n, limit=0.0, basis="pipeline", facts=facts, table=table)


def _only_names(named: list[str], count: int) -> Result:
    facts = {"x": len(named), "n": count, "stages": listed(named)}
    return Result(float(len(named)), "amber", count, limit=0.0, basis="default", wording="names", facts=facts)


def status_changes_with_decision(view: View) -> Result:
    """Status changes with a decision, a response or a newly known precondition within three days / status changes."""
    walked = view.audit.judgement.history.history.walked
    rows = walked.rows
    moved = (
        (rows.source == STAGE) & np.isin(rows.kind, (OPEN, DECISION, PAUSED)) & ~rows.bulk & (rows.at_us != NEVER_US)
    )
    lead_no, at_us = rows.lead_no[moved].astype(np.int64), rows.at_us[moved]
    # The stage in which a lead was created is no change.
    later = at_us > view.created_us[lead_no]
    place = rows.place[moved][later]
    lead_no, at_us = lead_no[later], at_us[later]
    if len(lead_no) < MIN_COUNT:
        return few(len(lead_no))
    span = NEAR_DAYS * DAY_US
    known = np.isin(rows.source, (DECIDED, PRECONDITION)) & (rows.at_us != NEVER_US)
    decided = Track.of(rows.lead_no[known].astype(np.int64), rows.at_us[known])
    near = np.zeros(len(lead_no), dtype=bool)
    for track in (view.responses, decided, view.did(WON_M, ENDED_M)):
        near |= track.count(lead_no, at_us - span - 1, at_us + span) > 0
    share, n = float(near.mean()), len(near)
    low, high = wilson(int(near.sum()), n)
    oddities = {
        "loops": _loops(lead_no, at_us, place),
        "chains": _chains(lead_no, at_us),
        "backdated": _backdated(view),
    }
    facts: dict[str, Any] = {"x": int(near.sum()), "n": n, "share": share, **oddities}
    table: list[Mapping[str, Any]] = [{"what": name, "count": count} for name, count in oddities.items()]
    grade: Grade = "good" if share >= MOSTLY_SHARE else "neutral" if share >= STEERS_SHARE else "amber"
    return Result(share, grade, n, low, high, STEERS_SHARE, "default", facts=facts, table=table)


def _loops(lead_no: Numbers, at_us: Numbers, place: Numbers) -> int:
    """Moves from one stage to another and back within 30 days."""
    same = (lead_no[2:] == lead_no[:-2]) & (place[2:] == place[:-2]) & (place[1:-1] != place[2:])
    return int((same & (at_us[2:] - at_us[:-2] <= LOOP_DAYS * DAY_US)).sum())


def _chains(lead_no: Numbers, at_us: Numbers) -> int:
    """Days on which one lead changed its status three times or more."""
    days = pd.DataFrame({"lead_no": lead_no, "day": at_us // DAY_US})
    return int((days.value_counts(sort=False) >= CHAIN_COUNT).sum())


def _backdated(view: View) -> int:
    """Leads whose closing date lies more than a day before the status was set to closed."""
    if not view.readable("closed_at"):
        return 0
    found = view.audit.export.connection.sql(
        f"""SELECT lead_id, max("at") AS moment FROM {view.audit.export.names["changes"]}
            WHERE field IN ('stage', 'status') GROUP BY lead_id ORDER BY ALL"""
    ).df()
    last = view.all[["lead_id", "lead_no", "status"]].merge(found, on="lead_id")
    last = last[last["status"].isin(["won", "lost"])]
    closed = view.closed_us[last["lead_no"].to_numpy()]
    return int(((closed != NEVER_US) & (us(last["moment"]) - closed > BACKDATED_DAYS * DAY_US)).sum())


RULES: tuple[Rule, ...] = (
    Rule("status_inventory", "steering", ("S4",), ("stage",), "count", status_inventory),
    Rule("status_without_effect", "steering", ("S5",), ("H",), "count", status_without_effect),
    Rule("status_changes_with_decision", "steering", ("S5", "D6"), ("H", "E"), "share", status_changes_with_decision),
)
