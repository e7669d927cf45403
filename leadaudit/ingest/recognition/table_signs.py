"""What kind of table a set of columns makes: leads, activities or changes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from leadaudit.ingest.recognition.standing import STANDING_ROLES, are_both_sides
from leadaudit.ingest.values.headers import fold

if TYPE_CHECKING:
    from leadaudit.ingest.recognition.content import Content
    from leadaudit.ingest.recognition.recognise import Recognised

CORE: dict[str, dict[str, float]] = {
    "leads": {
        "lead_id": 1.0, "name": 0.6, "stage": 1.5, "status": 1.2, "amount": 1.0, "created_at": 0.5, "close_at": 1.0,
        "expected_close_at": 1.2, "closed_at": 0.6, "won_at": 0.8, "lost_at": 0.8, "owner": 0.5, "probability": 1.0,
        "lost_reason": 1.0, "pipeline": 0.8, "stage_id": 0.5, "won_flag": 0.8, "closed_flag": 0.5, "lost_flag": 0.6,
        "source": 0.6, "company": 0.4, "next_step": 0.4, "next_step_at": 0.4, "last_activity_at": 0.5,
        "stage_entered_at": 0.8, "stage_entered": 1.2, "amount_base_currency": 0.6, "currency": 0.3,
    },
    "activities": {
        "at": 1.0, "kind": 1.2, "direction": 1.3, "subject": 0.7, "lead_id": 0.6, "lead_name": 0.4, "related_name": 0.8,
        "related_id": 0.6, "status": 0.4, "done": 0.8, "done_at": 0.6, "due_at": 0.6, "duration": 0.8, "outcome": 0.8,
        "sender": 0.7, "recipient": 0.9, "by": 0.4, "activity_id": 1.0, "body": 0.4, "end_at": 0.6, "related_type": 0.6,
        "contact": 0.2, "contact_email": 0.3,
    },
    "changes": {
        "lead_id": 0.8, "lead_name": 0.4, "at": 0.8, "after": 1.3, "before": 1.8, "field": 1.5, "left_at": 0.8,
        "by": 0.4, "stage_days": 0.6, "change_id": 0.6, "after_id": 0.4, "before_id": 0.6, "after_status": 0.5,
        "pipeline": 0.2,
    },
}  # fmt: skip
"""How much a role says about what a table is."""

FEW_ROWS = 20
"""Whether ids repeat says little in fewer rows."""


def table_score(kind: str, made: Recognised, columns: list[Content], file_name: str, coverage: float) -> float:
    """How likely the table is of this kind: roles found, headers covered, and what the keys look like."""
    core = CORE[kind]
    by_column = {column.column: column for column in columns}
    # A column without a value says nothing about the rows: no activity has happened in it.
    made = replace(made, roles={role: name for role, name in made.roles.items() if by_column[name].counts})
    found = sum(core.get(role, 0.0) * min(1.0, made.sure[role]) for role in made.roles)
    worth = found / (found + 3.0)
    score = 0.6 * worth + 0.4 * max(0.0, coverage)
    key = by_column.get(made.roles.get("lead_id", ""))
    if kind == "leads":
        score += _lead_signs(made, by_column, key)
    elif kind == "changes":
        score += _change_signs(made, by_column, key)
    else:
        score += _activity_signs(made, by_column)
    words = set(fold(file_name.rsplit(".", 1)[0]).split())
    if words & _FILE_WORDS[kind]:
        score += 0.08
    return round(score, 4)


_FILE_WORDS: dict[str, frozenset[str]] = {
    "leads": frozenset(
        "leads lead deals deal opportunities opportunity chancen verkaufschancen pipeline potentials".split()
    ),
    "activities": frozenset(
        "activities activity aktivitaeten aktivitaet emails mails calls meetings appointments tasks anrufe termine aufgaben engagements events".split()
    ),
    "changes": frozenset(
        "history historie verlauf changes aenderungen stagehistory statushistorie stages phasen".split()
    ),
}


def _lead_signs(made: Recognised, by_column: dict[str, Content], key: Content | None) -> float:
    sign = 0.0 if STANDING_ROLES & set(made.roles) or made.stage_columns else -0.3
    told = [by_column[made.roles[role]] for role in ("stage", "status") if role in made.roles]
    if len(told) > 1 and not _is_unique(key) and are_both_sides(*told):
        sign -= 0.5  # where a lead stood and where it stands: a row of its history
    if key is not None and key.rows_count >= FEW_ROWS and key.distinct_share < 0.6:
        sign -= 0.35
    return sign


def _is_unique(key: Content | None) -> bool:
    return key is not None and key.distinct_share >= UNIQUE_SHARE


UNIQUE_SHARE = 0.9


def _change_signs(made: Recognised, by_column: dict[str, Content], key: Content | None) -> float:
    if "after" not in made.roles and "after_id" not in made.roles:
        return -0.5
    if "at" not in made.roles or not {"lead_id", "lead_name"} & set(made.roles):
        return -0.4
    after = by_column[made.roles.get("after") or made.roles["after_id"]]
    sign = 0.1 if len(after.counts) < 60 else -0.1
    if "before" in made.roles:
        sign += 0.15
    if key is not None and key.rows_count > 1:
        again, once = (0.15, -0.25) if key.rows_count >= FEW_ROWS else (0.1, -0.2)
        sign += again if key.distinct_share < 0.8 else once
    named = by_column.get(made.roles.get("lead_name", "")) if key is None else None
    if named is not None and named.rows_count >= FEW_ROWS and named.distinct_share > 0.98:
        sign -= 0.25  # nobody's stage changed twice
    return sign


def _activity_signs(made: Recognised, by_column: dict[str, Content]) -> float:
    if not {"at", "done_at", "due_at", "created_at", "end_at"} & set(made.roles):
        return -0.5
    sign = 0.0
    if "kind" in made.roles and by_column[made.roles["kind"]].word_share("kinds") > 0.5:
        sign += 0.15
    if "direction" in made.roles and by_column[made.roles["direction"]].word_share("directions") > 0.5:
        sign += 0.1
    if not {"kind", "direction", "subject", "recipient", "duration", "outcome"} & set(made.roles):
        sign -= 0.3
    return sign
