"""One past date: the open leads as they would have been judged then, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from leadaudit.backtest.moments import DAY
from leadaudit.backtest.rules import rules
from leadaudit.criteria import CRITERIA, Criterion, Facts
from leadaudit.draft import draft
from leadaudit.judge import Judgement, judge
from leadaudit.process import Process

if TYPE_CHECKING:
    from leadaudit.ingest.export import Export

THEN = (
    "lead_id", "pipeline", "stage", "stay_stage", "age_days", "stay_days", "patience_days", "horizon_days", "chance",
    "chance_low", "chance_high", "chance_at_entry", "verdict", "shade", "reasons", "end_criterion", "overdue_since",
)  # fmt: skip
"""Columns that a past lead keeps: what was said of it then."""

OUTCOMES = ("won", "ended", "open", "unknown")


@dataclass(frozen=True, eq=False)
class Past:
    """The leads that were open at one date.

    ``leads`` has :data:`THEN` and, from later, ``outcome`` (won, ended, open, unknown), ``outcome_at``
    and ``outcome_days``; ``flags`` says what each rule would have flagged; both have one row per lead.
    """

    at: pd.Timestamp
    leads: pd.DataFrame
    reasons: pd.DataFrame
    flags: pd.DataFrame
    rule_limits: dict[str, float]
    determinable: frozenset[str]
    facts: dict[str, float]


def process_at(known: Export, process: Process | None) -> Process:
    """The process of a date: what a person wrote, and stages drafted from what was known where nobody wrote any."""
    if process is not None and process.stages:
        return process
    return (process or Process()).model_copy(update={"stages": draft(known).process.stages, "drafted": True})


def look_back(
    export: Export,
    process: Process | None,
    at: pd.Timestamp,
    outcomes: pd.DataFrame,
    extra_criteria: Sequence[Criterion],
) -> Past:
    """Judge at a date by what was known then; only afterwards look at the outcomes.

    Parameters
    ----------
    export : Export
        Everything that is known; it is cut to the date before anything is judged.
    outcomes : DataFrame
        From :func:`outcomes_of`.
    """
    known = export.as_of(at)
    judgement = judge(known, process_at(known, process), at, extra_criteria)
    judged = judgement.leads
    # A lead whose status at the date is unknown may have been closed already: it was no open lead then.
    leads = judged[(judged["verdict"] != "ended") & judged["status"].notna()].reset_index(drop=True)
    flags, limits = rules(known, judgement, leads)
    then = leads[list(THEN)].assign(own_rule_days=own_rule_days(judgement, leads))
    reasons = judgement.reasons[judgement.reasons["lead_id"].isin(leads["lead_id"])]
    facts = {
        "open_count": len(leads),
        "unknown_count": int(judged["status"].isna().sum()),
        "won_before_count": judgement.learned.won_count,
        "won_cycle_days": judgement.learned.won_cycle_days,
        "follow_up_days": judgement.learned.follow_up_days,
    }
    return Past(
        at,
        _with_outcomes(then, outcomes, at),
        reasons,
        flags,
        limits,
        determinable(judgement.facts, extra_criteria),
        facts,
    )


def own_rule_days(judgement: Judgement, leads: pd.DataFrame) -> np.ndarray:
    """Day on which the client itself ends leads in the stage of each; NaN where it has no such rule."""
    stages = judgement.learned.stages
    keys = pd.MultiIndex.from_arrays([stages["pipeline"].fillna(""), stages["stage"].fillna("")])
    days = pd.Series(stages["ending_rule_days"].to_numpy(np.float64), index=keys)
    wanted = pd.MultiIndex.from_arrays([leads["pipeline"].fillna(""), leads["stay_stage"].fillna("")])
    return days.reindex(wanted).to_numpy(np.float64) if len(days) else np.full(len(leads), np.nan)


def determinable(facts: Facts, extra_criteria: Sequence[Criterion] = ()) -> frozenset[str]:
    """Criteria that can be told for at least one lead."""
    asked = [
        criterion for criterion in (*CRITERIA, *extra_criteria) if criterion.name not in facts.process.criteria_off
    ]
    return frozenset(one.name for one in asked if not np.asarray(pd.isna(one.answer(facts).held)).all())


def outcomes_of(judgement: Judgement, export: Export) -> pd.DataFrame:
    """What became of each lead, by everything that is known.

    Returns
    -------
    DataFrame
        Index ``lead_id``; ``outcome`` and ``outcome_at``. Won and ended are the last known ending;
        *unknown* are endings as duplicate, test or wrong entry, leads that vanished from a later
        export, and leads whose status is unknown.
    """
    leads = judgement.leads.set_index("lead_id")
    outcome = leads["status"].map({"won": "won", "lost": "ended", "open": "open", "paused": "open"}).fillna("unknown")
    last = judgement.stays.drop_duplicates("lead_id", keep="last").set_index("lead_id")["end"].reindex(leads.index)
    outcome = outcome.mask((last == "censored").to_numpy(bool), "unknown")
    closed = export.leads().set_index("lead_id")["closed_at"].reindex(leads.index)
    closed = closed.fillna(_last_endings(judgement).reindex(leads.index))
    return pd.DataFrame({"outcome": outcome, "outcome_at": closed.where(outcome.isin(["won", "ended"]))})


def _last_endings(judgement: Judgement) -> pd.Series:
    """When each lead was last won or ended, by its history: a date of closing may be missing from the lead itself."""
    milestones = judgement.history.milestones()
    endings = milestones[milestones["what"].isin(["won", "ended"])]
    return endings.drop_duplicates("lead_id", keep="last").set_index("lead_id")["at"]


def _with_outcomes(then: pd.DataFrame, outcomes: pd.DataFrame, at: pd.Timestamp) -> pd.DataFrame:
    became = outcomes.reindex(then["lead_id"])
    days = ((became["outcome_at"] - at) / DAY).to_numpy(np.float64)
    columns = {
        "outcome": became["outcome"].fillna("unknown").astype("str").to_numpy(),
        "outcome_at": became["outcome_at"].to_numpy(),
        "outcome_days": np.where(days >= 0, days, np.nan),
    }
    return then.assign(**columns)
