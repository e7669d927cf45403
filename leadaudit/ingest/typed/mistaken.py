"""Dates of winning or losing that stand on other leads as well: they are the day of any ending, or of the decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadaudit.ingest.loading.database import first_row, quoted

if TYPE_CHECKING:
    from leadaudit.ingest.typed.sheet import Sheet

OTHERS_LEAST_COUNT = 3
OTHERS_SHARE = 0.5
"""A date is no day of winning where so many of the lost leads, or of the open ones, have it too."""

WITHOUT_ENDING_SHARE = 0.2
"""Nor where so many of those that have it have no date of the ending that others have."""


def correct_dates_of_endings(sheet: Sheet) -> None:
    """Give ``won_at`` and ``lost_at`` the role that the rows show them to have, or none.

    Parameters
    ----------
    sheet : Sheet
        Leads, before their status is told; roles that the user gave stay as they are.
    """
    for role, other in (("won_at", "lost"), ("lost_at", "won")):
        if sheet.has(role) and role not in sheet.recognised.given:
            column = sheet.roles[role]
            if _without_ending(sheet, role):
                del sheet.roles[role], sheet.recognised.sure[role]
            elif instead := _instead(sheet, role, other):
                sheet.give(instead, column, sheet.recognised.sure[role])


def _instead(sheet: Sheet, role: str, other: str) -> str | None:
    """The role of a date that leads have whose stage or status says something else than it does."""
    told = [
        said
        for name, section in (("status", "status"), ("stage", "stages"))
        if (said := sheet.words(name, section)) != "NULL"
    ]
    if not told or sheet.has("closed_at", "close_at"):
        return None
    there = f"{sheet.cell(role)} IS NOT NULL"
    row = first_row(
        sheet.connection,
        f"""
        SELECT count(*) FILTER (o = '{other}'), count(*) FILTER (o = '{other}' AND there),
            count(*) FILTER (o = 'open'), count(*) FILTER (o = 'open' AND there)
        FROM (SELECT coalesce({", ".join(told)}, NULL) AS o, {there} AS there FROM {quoted(sheet.name)})
        """,
    )
    others, theirs, opens, ahead = map(int, row)
    if opens >= OTHERS_LEAST_COUNT and ahead >= OTHERS_SHARE * opens:
        return None if sheet.has("expected_close_at") else "close_at"
    return "closed_at" if others >= OTHERS_LEAST_COUNT and theirs >= OTHERS_SHARE * others else None


def _without_ending(sheet: Sheet, role: str) -> bool:
    """Whether many of the leads with this date lack the date of the ending: something else happened on that day."""
    if not sheet.has("closed_at"):
        return False
    dated, ended = sheet.filled(role, f"{sheet.cell('closed_at')} IS NOT NULL")
    return dated - ended >= max(OTHERS_LEAST_COUNT, WITHOUT_ENDING_SHARE * dated)
