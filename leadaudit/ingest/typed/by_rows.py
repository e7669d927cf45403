"""Roles that only the rows together tell: dates and reasons that stand on ended leads and on no others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadaudit.ingest.loading.database import quoted
from leadaudit.ingest.recognition.found import SURE_BY_CONTENT

if TYPE_CHECKING:
    from leadaudit.ingest.recognition.content import Content
    from leadaudit.ingest.typed.sheet import Sheet

ENDED_SHARE = 0.7
OPEN_SHARE = 0.05
"""A column belongs to endings if so many of the ended leads have a value in it, and so few of the others."""

FEW_LEADS = 5
"""Fewer leads on either side tell nothing."""

MAX_REASONS = 40

_DATES = frozenset({"closed_at", "close_at", "won_at", "lost_at"})

_MISTAKEN = ("expected_close_at", "modified_at", "stage_entered_at")
"""What a header may have called a date that stands on ended leads only: "Entscheidung am" is then no plan."""


def roles_by_rows(sheet: Sheet, status: str) -> None:
    """Give the date of the ending and the reason of a loss to columns without a role that stand on such leads only.

    Parameters
    ----------
    sheet : Sheet
        Leads; its roles are added to.
    status : str
        SQL of their status.
    """
    unplayed = sheet.recognised.unplayed
    wants_date = not (sheet.has("closed_at", "close_at") or sheet.recognised.stage_columns)
    wants_reason = not (sheet.has("lost_reason", "status_reason") or "lost_reason" in unplayed)
    free = sheet.unexplained()
    doubtful = {sheet.roles[role] for role in _MISTAKEN if sheet.has(role)}
    known = [content for column, content in sheet.contents.items() if column in doubtful]
    dates = [content for content in [*free, *known] if wants_date and content.date_share > 0.8]
    reasons = [content for content in free if wants_reason and _says_why(content)]
    for role, outcomes in (("closed_at", "'won', 'lost'"), ("won_at", "'won'"), ("lost_at", "'lost'")):
        told = sheet.has(*_DATES) if role == "closed_at" else sheet.has(role, "closed_at")
        if role not in unplayed and not told:
            _give(sheet, role, dates, f"{status} IN ({outcomes})")
    _give(sheet, "lost_reason", reasons, f"{status} = 'lost'")


def _says_why(content: Content) -> bool:
    """Words, some of them again and again."""
    again = 2 <= len(content.counts) <= MAX_REASONS and content.distinct_share < 0.8
    return again and content.number_share < 0.1 and content.date_share < 0.1 and content.boolean_share < 0.5


def _give(sheet: Sheet, role: str, candidates: list[Content], ended: str) -> None:
    for content in candidates:
        cell = sheet.column(content.column)
        ends, theirs, others, filled = sheet.connection.execute(f"""
            SELECT count(*) FILTER (ended), count(*) FILTER (ended AND there),
                count(*) FILTER (NOT ended), count(*) FILTER (NOT ended AND there)
            FROM (SELECT coalesce({ended}, false) AS ended, {cell} IS NOT NULL AS there FROM {quoted(sheet.name)})
        """).fetchall()[0]
        if min(ends, others) < FEW_LEADS or theirs < ENDED_SHARE * ends or filled > OPEN_SHARE * others:
            continue
        sheet.give(role, content.column, SURE_BY_CONTENT)
        return
