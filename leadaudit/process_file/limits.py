"""Criteria for continue, pause and end, and every limit of the judgement with its default."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadaudit.language import sentence

if TYPE_CHECKING:
    from leadaudit.process import Process
    from leadaudit.process_file.page import Page

CRITERIA: dict[str, tuple[str, ...]] = {
    "end": ("preconditions_failed", "no_urgency", "horizon_passed", "no_reaction", "timing_never_right"),
    "pause": ("valid_pause", "resume_due", "pause_without_date"),
    "continue": ("decision_agreed", "awaits_us", "recent_response", "first_response", "within_patience"),
    "stall": (
        "our_turn", "answered_late", "past_patience", "decision_slipped", "clarity_missing", "busy_without_progress",
        "back_and_forth", "never_reacted", "pressure", "no_decision_point",
    ),
}  # fmt: skip
"""Criteria by what they speak for, in the order in which a person asks for them."""

GROUPS: dict[str, tuple[str, ...]] = {
    "end": (
        "unanswered_fixed_count", "unanswered_default_count", "unanswered_default_days", "reaction_min_share", "unknown_direction_max_share",
        "pauses_over_count", "postponed_count", "postponed_days",
    ),
    "pause": ("pause_dateless_days", "pause_ahead_max_days", "pause_moves_max_count"),
    "continue": ("response_veto_days", "step_set_within_days", "step_ahead_max_days", "step_moves_max_count"),
    "stall": (
        "our_turn_workdays_count", "borderline_patience_factor", "slipped_days", "default_distance_share",
        "back_and_forth_count", "pressure_count", "cadence_ratio", "busy_share", "busy_default_count", "silence_share",
    ),
    "patience": ("patience_share", "patience_floor_days", "patience_default_days", "patience_min_count", "sensitivity_share"),
    "chance": (
        "chance_floor_share", "chance_fraction_share", "chance_fraction_max_share", "chance_raised_max_share",
        "confidence_share", "at_risk_min_count", "wins_min_count", "follow_up_cycles", "ending_rule_share",
    ),
    "bulk": ("bulk_leads_count", "bulk_seconds", "mailing_leads_count"),
}  # fmt: skip
"""Limits by what they belong to; one that is in no group is written at the end."""


def write_criteria(page: Page, process: Process) -> None:
    """Write which criteria there are, what switches them off, and which columns and words they read."""
    page.title("title.criteria")
    page.say("criteria")
    for group, names in CRITERIA.items():
        page.say(f"group.{group}")
        for name in names:
            page.words(f"{name}: {sentence(f'reason.{name}', page.language)}", indent="  ")
    page.gap()
    page.table("criteria")
    page.say("criteria_off")
    page.set("off", sorted(process.criteria_off))
    for key in ("decisive_subjects", "urgency_columns", "urgency_absent_values"):
        page.say(f"criteria_{key}")
        page.set(key, list(getattr(process, key)))


def write_limits(page: Page, process: Process, streak_limit_count: int | None) -> None:
    """Write all limits: a default is on offer, one that was changed is in force."""
    page.title("title.limits")
    page.say("limits")
    page.table("limits")
    values, defaults = process.limits.model_dump(), type(process.limits)().model_dump()
    grouped = {name for names in GROUPS.values() for name in names}
    groups = {**GROUPS, "other": tuple(name for name in values if name not in grouped)}
    for group, names in groups.items():
        if not names:
            continue
        page.gap()
        page.say(f"limits_{group}")
        for name in (name for name in names if name in values):
            page.say(f"limit.{name}")
            if name == "unanswered_default_count" and streak_limit_count is not None:
                page.say("learned.streak", n=streak_limit_count)
            if values[name] == defaults[name]:
                page.offer(name, values[name])
            else:
                page.set(name, values[name])
