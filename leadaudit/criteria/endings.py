"""Signs that an ending is due."""

from __future__ import annotations

import numpy as np

from leadaudit.criteria.answer import Answer, Criterion, Facts, Numbers, Times, known, known_where, sure, unknown


def horizon_passed(facts: Facts) -> Answer:
    """The stay is beyond the horizon: leads like it have practically stopped winning.

    Without a horizon it is *not held* where the chance stays high, and *not determinable* where
    too little is known; time alone is never enough on a default basis.
    """
    horizon = facts.number("horizon_days")
    stays_high = facts.from_stage("horizon_none") == "chance_stays_high"
    determinable = np.isfinite(facts.stay_days) & (np.isfinite(horizon) | stays_high)
    late = facts.stay_days - np.fmax(horizon, facts.patience_days)
    return Answer(
        held=known_where(facts.stay_days > horizon, determinable),
        observed=facts.stay_days,
        limit=horizon,
        basis=facts.text("basis"),
        since_at=facts.ago(late),
    )


def no_reaction(facts: Facts) -> Answer:
    """Repeated contact without any answer.

    With a limit agreed in the process or learned from the streaks of this client, an ending sign once the stay is past
    patience and its margin; before that, and on the default limit, enough for *stalled* only. Where
    the history shows that the chance stays high however many contacts go unanswered, never.
    Within the margin an answer would make the lead progressing again, and an answer alone must
    never lead from *overdue* to *progressing*.
    """
    limits = facts.process.limits
    share = facts.norms.reaction_share
    if not facts.directions_known or share is None or not share >= limits.reaction_min_share:
        return Answer(unknown(len(facts)))
    count = facts.number("unanswered_count")
    fixed = limits.unanswered_fixed_count or None
    learned = fixed or facts.learned.streak_limit_count
    if fixed is None and facts.learned.streak_none == "chance_stays_high":
        # The own history says that unanswered contacts do not end a lead here: our default has no say.
        return Answer(held=known(np.zeros(len(facts), dtype=bool)), observed=count, basis="all")
    limit = float(learned if learned is not None else limits.unanswered_default_count)
    held = count >= limit
    if learned is None:
        held &= facts.days_since("unanswered_since_at") >= limits.unanswered_default_days
    return Answer(
        held=known(held),
        observed=count,
        limit=limit,
        basis="process" if fixed else "default" if learned is None else "all",
        since_at=_streak_reached_at(facts, count, limit),
        weak=(learned is None) | ~(facts.stay_days > facts.tolerance_days),
    )


def _streak_reached_at(facts: Facts, count: Numbers, limit: float) -> Times:
    """When the streak reached the limit, its days taken as evenly spaced; never before patience ended."""
    first, last = facts.days_since("unanswered_since_at"), facts.days_since("last_contact_at")
    part = np.clip((limit - 1) / np.maximum(count - 1, 1), 0, 1)
    reached = first + (np.fmin(last, first) - first) * part
    return facts.ago(np.fmin(reached, np.maximum(facts.stay_days - facts.tolerance_days, 0)))


def preconditions_failed(facts: Facts) -> Answer:
    """A precondition of the process is known to fail; unknown is our unasked question."""
    if not facts.preconditions_readable:
        return Answer(unknown(len(facts)))
    return Answer(
        held=known(facts.filled("preconditions_failed")), basis="process", detail=facts.text("preconditions_failed")
    )


def timing_never_right(facts: Facts) -> Answer:
    """Pauses ran out without progress, or the decision was put off again and again."""
    limits = facts.process.limits
    if not (facts.has("H") or facts.has("F")):
        return Answer(unknown(len(facts)))
    over, moved = facts.number("pauses_over_count"), facts.number("postponed_count")
    by_pauses = over >= limits.pauses_over_count
    by_dates = (moved >= limits.postponed_count) & (facts.number("postponed_days") >= limits.postponed_days)
    return Answer(
        held=known(by_pauses | by_dates),
        observed=np.where(by_pauses, over, moved),
        limit=np.where(by_pauses, float(limits.pauses_over_count), float(limits.postponed_count)),
        basis="default",
        detail=np.where(by_pauses, "pauses", "postponed").astype("object"),
    )


def no_urgency(facts: Facts) -> Answer:
    """No date, budget or need by the fields that the process names, or the lead said so itself."""
    said, fields = facts.flag("no_interest"), facts.flag("urgency_absent")
    can_say = facts.has("E") & ~said.isna()
    can_tell = ~fields.isna()
    refused = sure(said) & can_say
    return Answer(
        held=known_where(refused | sure(fields), can_say | can_tell),
        basis=np.where(refused, "observed", "process").astype("object"),
        detail=np.where(refused, "no_interest", "fields").astype("object"),
    )


ENDINGS: tuple[Criterion, ...] = (
    Criterion("preconditions_failed", "ending", preconditions_failed, vetoable=False),
    Criterion("no_urgency", "ending", no_urgency),
    Criterion("horizon_passed", "ending", horizon_passed, unit="days", inferred=True),
    Criterion("no_reaction", "ending", no_reaction, needs="E", unit="count"),
    Criterion("timing_never_right", "ending", timing_never_right, unit="count", inferred=True),
)
"""In the order in which one is named first: what was said outright before what the history shows."""
