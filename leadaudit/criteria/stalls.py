"""Reasons why a lead is stalled, and flags on our own conduct that stall it only past patience."""

from __future__ import annotations

import numpy as np

from leadaudit.criteria.answer import Answer, Criterion, Facts, known, unknown, workdays_between
from leadaudit.criteria.vetoes import dateless_too_long, steps_readable


def our_turn(facts: Facts) -> Answer:
    """The lead has been waiting for us for more than a few working days."""
    since = facts.time("our_turn_since_at")
    waited, limit = workdays_between(since, facts.now), float(facts.process.limits.our_turn_workdays_count)
    return Answer(facts.flag("our_turn") & known(waited > limit), waited, limit, basis="default", since_at=since)


def answered_late(facts: Facts) -> Answer:
    """Our answer came after more than a few working days, and nothing came of it since.

    Without this, any mail of ours would turn a lead that is stalled because it waits for us into a
    progressing one. Progress or a reaction of the other side ends it.
    """
    answered = facts.time("answered_at")
    waited, limit = (
        workdays_between(facts.time("asked_at"), answered),
        float(facts.process.limits.our_turn_workdays_count),
    )
    late = (waited > limit) & (answered >= facts.time("stay_started_at"))
    return Answer(known(late), waited, limit, basis="default", since_at=answered)


def resume_due(facts: Facts) -> Answer:
    """The resumption date of a pause has come."""
    until = facts.time("paused_until")
    return Answer(known(facts.in_pause & (until <= facts.now)), facts.days_since("paused_until"), since_at=until)


def pause_without_date(facts: Facts) -> Answer:
    """Paused for long, and nobody said until when."""
    return Answer(
        known(dateless_too_long(facts)),
        observed=facts.days_since("pause_started_at"),
        limit=float(facts.process.limits.pause_dateless_days),
        basis="default",
        since_at=facts.time("pause_started_at"),
    )


def decision_slipped(facts: Facts) -> Answer:
    """The date that a person set for the decision has passed; off where the dates are a system's default."""
    limits = facts.process.limits
    share = facts.norms.default_distance_share
    if facts.absent("expected_close_at") or (share is not None and share > limits.default_distance_share):
        return Answer(unknown(len(facts)))
    days = facts.days_since("expected_close_at")
    return Answer(
        held=known(days > limits.slipped_days),
        observed=days,
        limit=float(limits.slipped_days),
        basis="default",
        since_at=facts.time("expected_close_at"),
    )


def clarity_missing(facts: Facts) -> Answer:
    """Past patience, a precondition is still unknown: nobody has asked."""
    if not facts.preconditions_readable:
        return Answer(unknown(len(facts)))
    return Answer(
        held=facts.past_patience & known(facts.filled("preconditions_unknown")),
        basis="process",
        detail=facts.text("preconditions_unknown"),
    )


def busy_without_progress(facts: Facts) -> Answer:
    """More was done since the last progress than with most winners before theirs.

    Within patience it is a flag: in measured logs such leads were won as often as the others.
    """
    count = facts.number("movement_count")
    if not (facts.has("E") or np.nansum(count) > 0):
        return Answer(unknown(len(facts)))
    learned = facts.norms.busy_limit_count is not None
    return Answer(known(facts.busy), count, facts.busy_limit_count, basis="all" if learned else "default")


def back_and_forth(facts: Facts) -> Answer:
    """Moved there and back again more than once since the last progress."""
    count, limit = facts.number("loop_count"), float(facts.process.limits.back_and_forth_count)
    return Answer(known(count >= limit), count, limit, basis="default")


def never_reacted(facts: Facts) -> Answer:
    """Past patience, the other side has never reacted in this life of the lead."""
    if not facts.directions_known:
        return Answer(unknown(len(facts)))
    silent = (facts.number("life_response_count") == 0) & ~facts.true("came_itself")
    return Answer(facts.past_patience & known(silent), since_at=facts.time("life_started_at"))


def past_patience(facts: Facts) -> Answer:
    """The stay is longer than nine of ten stays of winners (up to a margin, if nothing went unanswered)."""
    return Answer(
        held=facts.past_patience,
        observed=facts.stay_days,
        limit=facts.patience_days,
        basis=facts.patience_basis,
        since_at=facts.ago(facts.stay_days - facts.patience_days),
    )


def pressure(facts: Facts) -> Answer:
    """More contact than answers: several unanswered in a row, or two at a tightening pace."""
    if not facts.directions_known:
        return Answer(unknown(len(facts)))
    limits = facts.process.limits
    count = facts.number("unanswered_count")
    tightening = (count >= limits.pressure_count - 1) & (facts.number("cadence_ratio") <= limits.cadence_ratio)
    return Answer(
        known((count >= limits.pressure_count) | tightening),
        observed=count,
        limit=np.where(tightening, float(limits.pressure_count - 1), float(limits.pressure_count)),
        basis="default",
        since_at=facts.time("unanswered_since_at"),
    )


def no_decision_point(facts: Facts) -> Answer:
    """No dated, concrete step ahead: open when and what is decided."""
    if not steps_readable(facts):
        return Answer(unknown(len(facts)))
    step = (facts.time("next_step_at") > facts.now) & facts.true("next_step_concrete")
    meeting = facts.time("meeting_planned_at") > facts.now
    return Answer(known(~(step | meeting)), basis="observed")


STALLS: tuple[Criterion, ...] = (
    Criterion("our_turn", "stall", our_turn, unit="workdays"),
    Criterion("resume_due", "stall", resume_due, unit="days"),
    Criterion("pause_without_date", "stall", pause_without_date, unit="days"),
    Criterion("decision_slipped", "stall", decision_slipped, unit="days"),
    Criterion("clarity_missing", "stall", clarity_missing),
    Criterion("busy_without_progress", "flag", busy_without_progress, unit="count"),
    Criterion("back_and_forth", "stall", back_and_forth, needs="H", unit="count"),
    Criterion("never_reacted", "stall", never_reacted, needs="E"),
    Criterion("past_patience", "stall", past_patience, unit="days"),
    Criterion("answered_late", "stall", answered_late, needs="E", unit="workdays"),
    Criterion("pressure", "flag", pressure, needs="E", unit="count"),
    Criterion("no_decision_point", "flag", no_decision_point),
)
"""In the order in which one is named first: what somebody can act on before the mere passing of time."""
