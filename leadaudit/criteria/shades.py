"""Shades of *progressing*: what kind of good way a lead is on."""

from __future__ import annotations

import numpy as np

from leadaudit.criteria.answer import Answer, Criterion, Facts, Flags, Held, Numbers, known, known_where, sure
from leadaudit.criteria.stalls import no_decision_point, pressure
from leadaudit.criteria.vetoes import decision_scheduled

SILENT_DAYS = 14
"""A lead without any activity for so long, or for half of its patience, is silent."""


def maturing(facts: Facts) -> Answer:
    """Silent within patience, and that is fine: it reacted or came by itself, and it is not our turn.

    Where the export has no activities, a stay that is silent by its length and within patience has to do.
    """
    limit = np.fmin(SILENT_DAYS, facts.patience_days / 2)
    within = facts.stay_days <= facts.patience_days
    calm = ~sure(facts.said(pressure).held) & ~sure(facts.said(no_decision_point).held) & ~facts.true("our_turn")
    if not facts.directions_known:
        silent_days = _days_silent(facts)
        return Answer(
            _known_stay(facts, (silent_days > limit) & within & calm), silent_days, limit, facts.patience_basis
        )
    silent_days = _days_silent(facts)
    theirs = (facts.number("life_response_count") > 0) | facts.true("came_itself")
    longest = facts.norms.silence_limit_days
    held = (silent_days > limit) & within & calm & theirs & ~_too_long(facts, longest)
    return Answer(
        held=_known_stay(facts, held),
        observed=silent_days,
        limit=facts.patience_days if longest is None else np.fmin(facts.patience_days, longest),
        basis=facts.patience_basis,
        since_at=facts.time("last_activity_at"),
    )


def _days_silent(facts: Facts) -> Numbers:
    """Days since the last activity of any direction; the stay where there was none."""
    return np.fmin(np.nan_to_num(facts.days_since("last_activity_at"), nan=np.inf), facts.stay_days)


def _too_long(facts: Facts, longest: float | None) -> Flags:
    """Silent for longer than nine of ten winners ever were between two contacts."""
    if longest is None:
        return np.zeros(len(facts), dtype=bool)
    return facts.days_since("last_contact_at") > longest


def _known_stay(facts: Facts, held: Flags) -> Held:
    return known_where(held, np.isfinite(facts.stay_days) & np.isfinite(facts.patience_days))


def advancing(facts: Facts) -> Answer:
    """Something is going on, the last progress was not long ago, and it is not pushed."""
    moving = ~(_days_silent(facts) > np.fmin(SILENT_DAYS, facts.patience_days / 2))
    calm = ~sure(facts.said(pressure).held)
    return Answer(
        known(moving & calm & (facts.stay_days <= facts.patience_days)), since_at=facts.time("last_progress_at")
    )


SHADES: tuple[Criterion, ...] = (
    Criterion("decision_scheduled", "shade", decision_scheduled, unit="days"),
    Criterion("maturing", "shade", maturing, unit="days", inferred=True),
    Criterion("advancing", "shade", advancing),
)
"""A lead has the first of them that holds."""
