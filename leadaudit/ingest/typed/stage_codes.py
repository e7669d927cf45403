"""Histories that write codes of stages where the leads have names: the leads hold both, and say which is which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from leadaudit.ingest.loading.database import quoted
from leadaudit.ingest.recognition.words import mapped

if TYPE_CHECKING:
    import duckdb

    from leadaudit.ingest.typed.sheet import Sheet

KNOWN_SHARE = 0.8
"""A column of leads holds the codes where so many of those that the history writes stand in it."""

CODES_LEAST_COUNT = 2
CODES_MOST_COUNT = 200


def stage_codes(lead_sheets: Sequence[Sheet], others: Sequence[Sheet]) -> dict[str, str]:
    """Names of the stages that histories write as codes; empty where they write names.

    Parameters
    ----------
    lead_sheets, others : sequence of Sheet
        Leads, with their stage, and the tables beside them.
    """
    written = {
        value
        for sheet in others
        if sheet.recognised.table == "changes" and not sheet.has("field")
        for role in ("before", "after", "before_id", "after_id")
        if sheet.has(role)
        for value in sheet.contents[sheet.roles[role]].counts
    }
    found: dict[str, str] = {}
    for sheet in lead_sheets:
        if sheet.has("stage"):
            found |= _codes_of(sheet, written)
    return found


def _codes_of(sheet: Sheet, written: set[str]) -> dict[str, str]:
    stage = sheet.roles["stage"]
    strange = written - set(sheet.contents[stage].counts)
    if len(strange) < CODES_LEAST_COUNT or len(strange) < KNOWN_SHARE * len(written):
        return {}
    for column, content in sheet.contents.items():
        codes = set(content.counts)
        if column != stage and len(codes) <= CODES_MOST_COUNT and len(codes & strange) >= KNOWN_SHARE * len(strange):
            pairs = _pairs(sheet, column, stage)
            if pairs:
                return pairs
    return {}


def _pairs(sheet: Sheet, column: str, stage: str) -> dict[str, str]:
    """The one stage of each code; nothing if a code stands beside several."""
    rows = sheet.connection.execute(
        f"SELECT {quoted(column)} AS code, min({quoted(stage)}), count(DISTINCT {quoted(stage)}) FROM {quoted(sheet.name)}"
        " WHERE code IS NOT NULL GROUP BY code"
    ).fetchall()
    if any(count != 1 for _, _, count in rows):
        return {}
    return {str(code): str(name) for code, name, _ in rows}


def name_stages(connection: duckdb.DuckDBPyConnection, changes: str, codes: Mapping[str, str]) -> None:
    """Write names instead of codes into the stages of changes."""
    if codes:
        before, after = (mapped(cell, dict(codes), cell) for cell in ("before", "after"))
        connection.execute(f"UPDATE {changes} SET before = {before}, after = {after} WHERE field = 'stage'")
