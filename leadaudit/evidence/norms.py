"""What the client's own won leads look like, and what the export cannot say at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from leadaudit.ledger.known import LAST_US
from leadaudit.ledger.milestones import CREATED_M, PAUSED_M, PROGRESS, RESUMED, VANISHED, WON_M
from leadaudit.ledger.pauses import DAY_US
from leadaudit.ledger.rows import MISSING_US

if TYPE_CHECKING:
    import pandas as pd

    from leadaudit.ingest.export import Export
    from leadaudit.ledger import Ledger
    from leadaudit.process import Limits, Process

Numbers = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Norms:
    """What winners normally look like. ``None`` = not known here; each number has its ``*_basis_count``.

    Attributes
    ----------
    won_count : int
        Won leads behind all this.
    busy_limit_count : float or None
        Quantile (``Limits.busy_share``) of the movement before each progress of won leads.
    busy_basis_count : int
        Steps of progress behind it.
    silence_limit_days : float or None
        Quantile (``Limits.silence_share``) of the longest time between two contacts of each won lead, in days.
    silence_basis_count : int
        Won leads with at least two contacts.
    reaction_share : float or None
        Won leads with inbound or mutual contact / won leads.
    reaction_basis_count : int
    unknown_direction_share : float or None
        Mails, calls and meetings of unknown direction / all of them.
    unknown_direction_basis_count : int
    default_distance_share : float or None
        Leads that share the commonest distance from creation to expected close, in whole days / open leads with both.
    default_distance_basis_count : int
    has_direction, has_next_steps, has_field_history, has_history, has_urgency_columns : bool
        What the export has at all.
    """

    won_count: int = 0
    busy_limit_count: float | None = None
    busy_basis_count: int = 0
    silence_limit_days: float | None = None
    silence_basis_count: int = 0
    reaction_share: float | None = None
    reaction_basis_count: int = 0
    unknown_direction_share: float | None = None
    unknown_direction_basis_count: int = 0
    default_distance_share: float | None = None
    default_distance_basis_count: int = 0
    has_direction: bool = False
    has_next_steps: bool = False
    has_field_history: bool = False
    has_history: bool = False
    has_urgency_columns: bool = False


def norms(export: Export, ledger: Ledger, gathered: pd.DataFrame, process: Process, as_of: pd.Timestamp) -> Norms:
    """Learn what is normal from the leads that were won before ``as_of``.

    Parameters
    ----------
    export : Export
    ledger : Ledger
        Written from it.
    gathered : DataFrame
        EVIDENCE of the same moment.
    process : Process
        Limits: which quantiles, how many wins they need.
    as_of : Timestamp
        First moment not known; the ledger was cut there already.
    """
    del as_of  # what is known at as_of is what the ledger holds
    limits = process.limits
    won = (gathered["status"] == "won").to_numpy(dtype=bool, na_value=False)
    busy, busy_basis = _busy(ledger, won, limits)
    silence, silence_basis = _silence(ledger, won, limits)
    reaction, reaction_basis = _reaction(ledger, won)
    unknown, unknown_basis = _unknown_direction(ledger)
    distance, distance_basis = _default_distance(gathered, limits)
    return Norms(
        won_count=int(won.sum()),
        busy_limit_count=busy,
        busy_basis_count=busy_basis,
        silence_limit_days=silence,
        silence_basis_count=silence_basis,
        reaction_share=reaction,
        reaction_basis_count=reaction_basis,
        unknown_direction_share=unknown,
        unknown_direction_basis_count=unknown_basis,
        default_distance_share=distance,
        default_distance_basis_count=distance_basis,
        has_direction="E" in export.evidence,
        has_next_steps="N" in export.evidence,
        has_field_history="F" in export.evidence,
        has_history="H" in export.evidence,
        has_urgency_columns=bool(gathered["urgency_absent"].notna().any()),
    )


def _busy(ledger: Ledger, won: Numbers, limits: Limits) -> tuple[float | None, int]:
    """Movement before each progress of won leads; steps taken at the moment of the one before say nothing."""
    rows = ledger.history.numbered
    if not len(ledger.acts):
        return None, 0
    movement = ledger.movement
    what, lead_no, at_us = (rows[name].to_numpy() for name in ("what", "lead_no", "at_us"))
    apart = np.flatnonzero(~np.isin(what, (PAUSED_M, RESUMED, VANISHED)))
    took_time = np.zeros(len(rows), bool)
    took_time[apart[1:]] = at_us[apart[1:]] > at_us[apart[:-1]]
    chosen = np.isin(what, (PROGRESS, WON_M)) & won[lead_no] & took_time & (what != CREATED_M) & (at_us != LAST_US)
    counts = movement[chosen].dropna().to_numpy(float)
    if len(counts) < limits.wins_min_count:
        return None, len(counts)
    return float(np.quantile(counts, limits.busy_share)), len(counts)


def _silence(ledger: Ledger, won: Numbers, limits: Limits) -> tuple[float | None, int]:
    """Longest time between two contacts of each won lead, before it was won."""
    acts, rows = ledger.acts, ledger.history.numbered
    chosen = rows["what"].to_numpy() == WON_M
    won_us = np.full(len(won), LAST_US)
    won_us[rows["lead_no"].to_numpy()[chosen]] = rows["at_us"].to_numpy()[chosen]
    contacts = acts.rows("contact")
    contacts = contacts[won[acts.lead_no[contacts]]]
    lead_no, at_us = acts.lead_no[contacts], acts.at_us[contacts]
    early = at_us <= won_us[lead_no]
    lead_no, at_us = lead_no[early], at_us[early]
    gap_row = np.flatnonzero(lead_no[1:] == lead_no[:-1])
    longest = np.full(len(won), MISSING_US)
    np.maximum.at(longest, lead_no[gap_row], at_us[gap_row + 1] - at_us[gap_row])
    longest_days = longest[longest != MISSING_US] / DAY_US
    if len(longest_days) < limits.wins_min_count:
        return None, len(longest_days)
    return float(np.quantile(longest_days, limits.silence_share)), len(longest_days)


def _reaction(ledger: Ledger, won: Numbers) -> tuple[float | None, int]:
    acts = ledger.acts
    if not won.any() or not len(acts):
        return None, int(won.sum())
    reacted = np.bincount(acts.lead_no[acts.rows("response")], minlength=len(won)) > 0
    return float(reacted[won].mean()), int(won.sum())


def _unknown_direction(ledger: Ledger) -> tuple[float | None, int]:
    total = len(ledger.acts.rows("direct"))
    return (len(ledger.acts.rows("unknown")) / total if total else None), total


def _default_distance(gathered: pd.DataFrame, limits: Limits) -> tuple[float | None, int]:
    is_open = gathered["status"].isin(["open", "paused"])
    distance = (gathered["expected_close_at"].dt.normalize() - gathered["created_at"].dt.normalize())[is_open].dropna()
    if len(distance) < limits.wins_min_count:
        return None, len(distance)
    return float(distance.value_counts().max() / len(distance)), len(distance)
