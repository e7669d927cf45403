"""Leads made by hand: an ordinary lead, and whatever a test changes about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from leadaudit.criteria import Facts
from leadaudit.process import Precondition, Process, Stage
from leadaudit.tables import EVIDENCE, JUDGED, STAGES, conform

AS_OF = pd.Timestamp("2026-06-17")
"""A Wednesday."""

PROCESS = Process(
    stages=(
        Stage(name="New", question="Is there a reason to change?"),
        Stage(name="Offer", kind="decision", question="Do you want it, yes or no?"),
        Stage(name="Parked", kind="paused"),
        Stage(name="Won", kind="won"),
        Stage(name="Lost", kind="ended"),
    ),
    preconditions=(
        Precondition(name="Budget", column="Budget", good=("yes",), bad=("no",), question="Is there a budget?"),
    ),
)

STAGE = {
    "pipeline": "",
    "stage": "Offer",
    "kind": "decision",
    "rank": 1,
    "stays_count": 200,
    "leads_count": 190,
    "won_count": 60,
    "open_count": 12,
    "chance_at_entry": 0.32,
    "patience_days": 20.0,
    "patience_basis": "stage",
    "patience_count": 60,
    "horizon_days": 60.0,
    "horizon_basis": "stage",
    "horizon_count": 200,
    "horizon_none": None,
    "chance_limit": 0.08,
}

ORDINARY = {
    "pipeline": "",
    "stage": "Offer",
    "stage_rank": 1,
    "status": "open",
    "vanished": False,
    "life": 0,
    "last_progress_what": "stage",
    "stay_stage": "Offer",
    "stay_days": 10.0,
    "stay_origin": "history",
    "movement_count": 2,
    "response_count": 1,
    "conversation_count": 1,
    "life_response_count": 2,
    "came_itself": True,
    "last_contact_direction": "mutual",
    "unanswered_count": 0,
    "setback_count": 0,
    "loop_count": 0,
    "postponed_count": 0,
    "postponed_days": 0.0,
    "pause_count": 0,
    "pauses_over_count": 0,
    "pause_moved_count": 0,
    "next_step_moved_count": 0,
    "our_turn": False,
    "no_interest": False,
    "urgency_absent": False,
    "preconditions_known_count": 1,
    "evidence": "HENF",
    "patience_days": 20.0,
    "horizon_days": 60.0,
    "chance": 0.3,
    "chance_low": 0.22,
    "chance_high": 0.39,
    "chance_at_entry": 0.32,
    "proof_at_risk_count": 120,
    "proof_won_count": 30,
    "proof_ended_count": 60,
    "proof_open_count": 30,
    "proof_day": 10.0,
    "basis": "stage",
}


@dataclass(frozen=True)
class Norms:
    """What winners look like, as far as criteria ask."""

    reaction_share: float | None = 0.8
    unknown_direction_share: float | None = 0.0
    default_distance_share: float | None = 0.0
    busy_limit_count: float | None = 6
    silence_limit_days: float | None = 18.0


@dataclass(frozen=True)
class Learned:
    """What was learned, as far as criteria ask."""

    streak_limit_count: int | None = 5
    streak_none: str | None = None
    stages: pd.DataFrame = field(default_factory=lambda: stages(STAGE))


def stages(*rows: dict[str, Any]) -> pd.DataFrame:
    """STAGES with these rows."""
    return conform(pd.DataFrame(list(rows)), STAGES)


def ago(days: float) -> pd.Timestamp:
    """So many days before the moment of the audit; ahead of it for negative ones."""
    return AS_OF - pd.Timedelta(days=days)


def lead(**changes: Any) -> dict[str, Any]:
    """An ordinary lead on a good way, ten days into its stay, with some facts changed."""
    facts = {**ORDINARY, "lead_id": "L-1", **changes}
    stay = facts["stay_days"]
    began = ago(stay) if stay is not None else pd.NaT
    facts.setdefault("stay_started_at", began)
    facts.setdefault("last_progress_at", began)
    facts.setdefault("created_at", ago((stay or 0) + 40))
    facts.setdefault("life_started_at", facts["created_at"])
    facts.setdefault("last_contact_at", ago(3))
    facts.setdefault("last_activity_at", facts["last_contact_at"])
    facts.setdefault("last_response_at", ago(3))
    return facts


def frame(*leads: dict[str, Any]) -> pd.DataFrame:
    """EVIDENCE with placed columns for these leads."""
    placed = {name: column for name, column in JUDGED.items() if name in ORDINARY or name == "end_on"}
    return conform(pd.DataFrame(list(leads)), {**EVIDENCE, **placed})


def facts(*leads: dict[str, Any], **changes: Any) -> Facts:
    """Facts about these leads (or one ordinary one); changes are fields of Facts, Norms and Learned."""
    norms = {name: changes.pop(name) for name in list(changes) if name in Norms.__dataclass_fields__}
    learned = {name: changes.pop(name) for name in list(changes) if name in Learned.__dataclass_fields__}
    given = {
        "evidence": frame(*(leads or (lead(),))),
        "norms": Norms(**norms),
        "learned": Learned(**learned),
        "process": PROCESS,
        "as_of": AS_OF,
        "letters": "HENF",
        "masked": frozenset(),
        **changes,
    }
    return Facts(**given)
