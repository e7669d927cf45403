"""The next sensible step, as a code: a decision, a question or an impulse; never one more reminder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from leadaudit.criteria.answer import Facts, Flags

if TYPE_CHECKING:
    from numpy.typing import NDArray

STEPS: tuple[str, ...] = ("none", "decide", "ask", "impulse", "answer", "pause", "resume", "end")
NONE, DECIDE, ASK, IMPULSE, ANSWER, PAUSE, RESUME, END = range(8)


REST_DAYS = 14.0
"""After a contact of ours a lead is left alone for at least so long before it is given an impulse."""


def next_steps(facts: Facts, verdicts: Mapping[str, Flags], held: Mapping[str, Flags]) -> NDArray[np.int8]:
    """The next sensible step of each lead.

    Parameters
    ----------
    facts : Facts
        What is known of the leads.
    verdicts : mapping of verdict to ndarray of bool
        Which leads have it.
    held : mapping of criterion to ndarray of bool
        Where it held.

    Returns
    -------
    ndarray of int8
        Positions in :data:`STEPS`.
    """
    nowhere = np.zeros(len(facts), dtype=bool)

    def on(*names: str) -> Flags:
        return np.logical_or.reduce([held.get(name, nowhere) for name in names])

    stalled, progressing = verdicts["stalled"], verdicts["progressing"]
    vanished = facts.true("vanished")
    undated = np.isnat(facts.time("paused_until"))
    rested = ~(facts.days_since("last_contact_at") < REST_DAYS)
    agreed = on("decision_agreed", "decision_scheduled")
    cases = (
        (verdicts["ended"] | (verdicts["undetermined"] & vanished), NONE),
        (verdicts["overdue"], END),
        (verdicts["paused"], np.where(undated, PAUSE, NONE)),
        (facts.true("our_turn"), ANSWER),
        (stalled & on("resume_due"), RESUME),
        (stalled & on("pause_without_date"), PAUSE),
        (stalled & on("clarity_missing"), ASK),
        (stalled & (agreed | on("pressure", "no_reaction", "busy_without_progress")), DECIDE),
        (stalled & on("decision_slipped", "back_and_forth"), DECIDE),
        (stalled & on("never_reacted", "answered_late"), np.where(rested, IMPULSE, NONE)),
        (stalled | verdicts["undetermined"], ASK),
        (progressing & agreed, DECIDE),
        (progressing & (on("maturing", "pressure")), NONE),
        (progressing & (facts.filled("preconditions_unknown") | on("no_decision_point", "busy_without_progress")), ASK),
        (progressing & ~on("advancing") & rested, IMPULSE),
    )
    return np.select([case for case, _ in cases], [step for _, step in cases], NONE).astype("int8")
