"""What stands against an ending, whatever the signs."""

from __future__ import annotations

import numpy as np

from leadaudit.criteria.answer import Answer, Criterion, Facts, Flags, days_between, known, known_where, unknown


def awaits_us(facts: Facts) -> Answer:
    """It is our turn: a lead that waits for our answer is not ended."""
    return Answer(facts.flag("our_turn"), since_at=facts.time("our_turn_since_at"))


def valid_pause(facts: Facts) -> Answer:
    """A pause with a resumption date ahead, at most a year away and moved at most once.

    A pause without a date is let be for :attr:`~leadaudit.process.Limits.pause_dateless_days`.
    """
    limits = facts.process.limits
    ahead = -facts.days_since("paused_until")
    dated = (ahead > 0) & (ahead <= limits.pause_ahead_max_days)
    dated &= np.nan_to_num(facts.number("pause_moved_count")) <= limits.pause_moves_max_count
    held = facts.in_pause & (dated | (np.isnan(ahead) & ~dateless_too_long(facts)))
    return Answer(
        known(held),
        observed=ahead,
        limit=float(limits.pause_ahead_max_days),
        basis="default",
        since_at=facts.time("pause_started_at"),
    )


def dateless_too_long(facts: Facts) -> Flags:
    """Paused without a resumption date for too long; since the last progress where the start is not known."""
    paused_days = facts.days_since("pause_started_at")
    paused_days = np.where(np.isnan(paused_days), facts.stay_days, paused_days)
    undated = np.isnat(facts.time("paused_until"))
    return facts.in_pause & undated & (paused_days > facts.process.limits.pause_dateless_days)


def decision_scheduled(facts: Facts) -> Answer:
    """A meeting or a concrete step was agreed with the other side, soon after it reacted, and is not far ahead.

    Where the export does not say when the step was set, a reaction since the last progress has to do.
    """
    if not (steps_readable(facts) and facts.has("E")):
        return Answer(unknown(len(facts)))
    step = _agreed(facts, "next_step_at", "next_step_set_at") & facts.true("next_step_concrete")
    step &= np.nan_to_num(facts.number("next_step_moved_count")) <= facts.process.limits.step_moves_max_count
    meeting = _agreed(facts, "meeting_planned_at", "meeting_planned_set_at")
    ahead = np.where(meeting, -facts.days_since("meeting_planned_at"), -facts.days_since("next_step_at"))
    return Answer(
        known(step | meeting),
        observed=ahead,
        limit=float(facts.process.limits.step_ahead_max_days),
        basis="default",
        since_at=np.where(meeting, facts.time("meeting_planned_set_at"), facts.time("next_step_set_at")),
        detail=np.where(meeting, "meeting", "step").astype("object"),
    )


def steps_readable(facts: Facts) -> bool:
    """Whether the export has next steps or planned activities at all."""
    return facts.has("N") or not (facts.absent("next_step_at") and facts.absent("meeting_planned_at"))


def _agreed(facts: Facts, at: str, set_at: str) -> Flags:
    """Ahead, near enough, and set at most so many days after the other side last reacted."""
    limits = facts.process.limits
    ahead = -facts.days_since(at)
    reacted, was_set = facts.time("last_response_at"), facts.time(set_at)
    after_reaction = days_between(reacted, was_set) <= limits.step_set_within_days
    in_this_stay = np.nan_to_num(facts.number("response_count")) > 0
    agreed = np.where(np.isnat(was_set), in_this_stay, after_reaction)
    return (ahead > 0) & (ahead <= limits.step_ahead_max_days) & agreed


def recent_response(facts: Facts) -> Answer:
    """The other side reacted a few days ago: silence is not proved."""
    days = facts.days_since("last_response_at")
    limit = float(facts.process.limits.response_veto_days)
    return Answer(known(days <= limit), days, limit, basis="default", since_at=facts.time("last_response_at"))


def first_response(facts: Facts) -> Answer:
    """The same, for the first reaction of a stay: once per stay it stands against the history's proof."""
    answer = facts.said(recent_response)
    first = np.nan_to_num(facts.number("response_count")) <= 1
    began = facts.time("last_response_at") >= facts.time("stay_started_at")
    return Answer(answer.held & known(first & began), answer.observed, answer.limit, "default", answer.since_at)


def within_patience(facts: Facts) -> Answer:
    """Progress (or the beginning) is no longer ago than is normal here."""
    stay, patience = facts.stay_days, facts.patience_days
    held = known_where(stay <= patience, np.isfinite(stay) & np.isfinite(patience))
    return Answer(held, stay, patience, basis=facts.patience_basis, since_at=facts.time("stay_started_at"))


VETOES: tuple[Criterion, ...] = (
    Criterion("awaits_us", "veto", awaits_us),
    Criterion("valid_pause", "veto", valid_pause, unit="days"),
    Criterion("decision_agreed", "veto", decision_scheduled, unit="days"),
    Criterion("recent_response", "veto", recent_response, needs="E", unit="days", against=frozenset({"no_reaction"})),
    Criterion("first_response", "veto", first_response, needs="E", unit="days", against=frozenset({"horizon_passed"})),
    Criterion("within_patience", "veto", within_patience, unit="days", cancels=True),
)
