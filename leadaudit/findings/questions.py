"""What no export can show: the questions to discuss with the client."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from leadaudit.language import has, sentence

if TYPE_CHECKING:
    from leadaudit.audit import Audit


@dataclass(frozen=True)
class Ask:
    """A question, the principles behind it, and the findings that answer it where they can be read."""

    name: str
    principles: tuple[str, ...]
    answered_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Question:
    """A question in words.

    Attributes
    ----------
    name : str
    principles : tuple of str
    text : str
        In the audit's language.
    """

    name: str
    principles: tuple[str, ...]
    text: str


ASKS: tuple[Ask, ...] = (
    Ask("why_still_open", ("D10",)),
    Ask("conversation_goal", ("D1", "C5", "C6")),
    Ask("uncertainty_or_pressure", ("D8",)),
    Ask("said_goodbye", ("E5",)),
    Ask("end_rules_known", ("E8",)),
    Ask("no_pressure_to_act", ("E3",), ("no_urgency",)),
    Ask("letting_go", ("E9",)),
    Ask("four_jobs_before_talk", ("C1", "C2")),
    Ask("prepared_conversations", ("C7",)),
    Ask("problem_urgency_comparison", ("M1",), ("precondition_coverage",)),
    Ask("trust", ("M1",)),
    Ask("reminders_or_impulses", ("M3",)),
    Ask("complaints", ("M7",)),
    Ask("self_selection", ("M6",)),
    Ask("good_contact", ("S3",), ("precondition_coverage",)),
    Ask("status_meaning", ("S4", "S5")),
    Ask("report_led_to_decision", ("S7",)),
    Ask("last_decisions", ("S8",)),
    Ask("pre_qualification", ("S11",), ("undifferentiated",)),
)


def questions(audit: Audit) -> list[Question]:
    """The page "to discuss with the client".

    Returns
    -------
    list of Question
        What no export can show, always; and what this one cannot show although another could.

    Examples
    --------
    >>> import pandas as pd, leadaudit
    >>> leads = pd.DataFrame({"lead_id": ["a"], "stage": ["New"], "created_at": ["2024-01-01"]})
    >>> questions(leadaudit.audit(leads, language="en"))[0].principles
    ('D10',)
    """
    found = audit.findings.set_index("finding")["grade"]
    readable = set(found.index[found != "unreadable"])
    if audit.judgement.facts.norms.has_urgency_columns:
        readable.add("no_urgency")
    open_asks = [ask for ask in ASKS if not ask.answered_by or not readable.issuperset(ask.answered_by)]
    return [
        Question(ask.name, ask.principles, sentence(f"question.{ask.name}", audit.language))
        for ask in open_asks
        if has(f"question.{ask.name}")
    ]
