"""Stages as columns of crosses: the last one that is marked is where a lead stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadaudit.ingest.loading.database import text
from leadaudit.ingest.recognition.meanings import classify_stage
from leadaudit.ingest.recognition.words import mapped, truth

if TYPE_CHECKING:
    from leadaudit.ingest.typed.sheet import Sheet

SURE = 0.8
"""How sure a header must be the name of a stage."""

STAGES_LEAST_COUNT = 2
MARKED_SHARE = 0.9


def marked_stage(sheet: Sheet) -> str:
    """SQL of the last stage that is marked, in the order of the columns; NULL where no columns are such marks."""
    taken = set(sheet.roles.values())
    found = [
        column
        for column, content in sheet.contents.items()
        if column not in taken and content.boolean_share > MARKED_SHARE and _is_stage(content.header)
    ]
    if len(found) < STAGES_LEAST_COUNT:
        return "NULL"
    told = " ".join(f"WHEN {_marked(sheet, column)} THEN {text(sheet.header(column))}" for column in reversed(found))
    return f"CASE {told} END"


def _is_stage(header: str) -> bool:
    guess = classify_stage(header)
    return guess.meaning in ("open", "paused") and guess.sure >= SURE


def _marked(sheet: Sheet, column: str) -> str:
    values = {value: truth(value, sheet.crm) for value in sheet.distinct(column)}
    return f"({mapped(sheet.column(column), dict(values))})::BOOLEAN"
