"""Dates that the rows show to be plans: on open leads they lie ahead of all that has happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from leadaudit.ingest.loading.database import first_row, quoted
from leadaudit.ingest.recognition.found import SURE_BY_CONTENT
from leadaudit.ingest.recognition.meanings import activity_kind, classify_stage

if TYPE_CHECKING:
    from leadaudit.ingest.typed.sheet import Sheet

AHEAD_SHARE = 0.1
AHEAD_COUNT = 3
"""So many of the dates on open leads lie ahead, or more: of a date that tells what was, none does."""

DAYS_AFTER_THE_LAST = 3
"""What is dated so shortly behind the last creation or change may have happened before the export was made."""

FILLED_SHARE = 0.5
RARE_SHARE = 0.2
"""Where fewer of the ended leads have the date, it is one of those that go on."""

ENDED_LEAST_COUNT = 3
"""Fewer ended leads do not show that they lack the date."""

PAST_SHARE = 0.85
"""A date of ended leads that is hardly ever ahead is the day of the ending."""

AFTER_CREATION_SHARE = 0.95
MOST_DAYS_TO_A_STEP = 60
"""What is planned for open leads only, and soon for most, is a next step; what is further off a decision."""

_PAST = frozenset(
    "last latest previous prior first since seit zuletzt letzte letzter letztes erste erster erstes modified updated changed synced imported exited geaendert".split()
)
"""Words of what has happened, whatever the dates say."""

_HAPPENED = ("created_at", "closed_at", "won_at", "lost_at", "last_activity_at", "modified_at", "stage_entered_at")
_PLANS = ("next_step_at", "expected_close_at", "close_at")


@dataclass(frozen=True)
class _Dates:
    """How a column of dates lies: shares of open and of ended leads that have one, and of these that are ahead."""

    open_count: int
    ended_count: int
    open_filled: float
    open_ahead: float
    days_ahead: float
    ended_filled: float
    ended_past: float
    after_creation: float


def planned_by_rows(sheet: Sheet, status: str) -> None:
    """Give dates that no header explains the roles of plans: next step, expected decision, or decision and ending in one.

    Parameters
    ----------
    sheet : Sheet
        Leads; its roles are added to.
    status : str
        SQL of their status.
    """
    known = [role for role in _HAPPENED if sheet.has(role)]
    if "created_at" not in known or all(sheet.has(role) for role in _PLANS[:2]):
        return
    for content in sheet.unexplained():
        if content.date_share <= 0.8 or _PAST & content.header_words:
            continue
        role = _role(sheet, _look(sheet, status, content.column, known))
        if role != "next_step_at" and _names_a_step(content.header):
            continue
        if role and not sheet.has(role) and role not in sheet.recognised.unplayed:
            sheet.give(role, content.column, SURE_BY_CONTENT)


def _names_a_step(header: str) -> bool:
    """Whether a header names a meeting or another step on the way: "Besichtigung" is no decision."""
    return bool(activity_kind(header).kind) or classify_stage(header).meaning == "open"


def _role(sheet: Sheet, dates: _Dates) -> str | None:
    """What a column of dates is, or None."""
    ahead = dates.open_ahead >= AHEAD_SHARE and dates.open_ahead * dates.open_count >= AHEAD_COUNT
    if not ahead or dates.after_creation < AFTER_CREATION_SHARE:
        return None
    of_open = dates.ended_count >= ENDED_LEAST_COUNT and dates.ended_filled <= RARE_SHARE
    if of_open and not sheet.has("next_step_at") and dates.days_ahead <= MOST_DAYS_TO_A_STEP:
        return "next_step_at"
    if dates.open_filled < FILLED_SHARE or sheet.has("expected_close_at", "close_at"):
        return None
    one_for_both = dates.ended_filled >= FILLED_SHARE and dates.ended_past >= PAST_SHARE
    return "close_at" if one_for_both and not sheet.has("closed_at", "won_at", "lost_at") else "expected_close_at"


def _look(sheet: Sheet, status: str, column: str, known: list[str]) -> _Dates:
    """Where the dates of a column lie, seen from the last day of which anything is known."""
    moment = sheet.time_quietly(column)
    last = ", ".join(f"(SELECT max({sheet.time(role)}) FROM {quoted(sheet.name)})" for role in known)
    ended = f"coalesce({status} IN ('won', 'lost'), false)"
    row = first_row(
        sheet.connection,
        f"""
        WITH rows AS (SELECT {moment} AS d, {sheet.time("created_at")} AS c, {ended} AS ended FROM {quoted(sheet.name)}),
            known AS (SELECT greatest({last}) + INTERVAL {DAYS_AFTER_THE_LAST} DAY AS until)
        SELECT count(d) FILTER (NOT ended), count(*) FILTER (ended), avg((d IS NOT NULL)::INT) FILTER (NOT ended),
            avg((d > until)::INT) FILTER (NOT ended), median(date_diff('day', until, d)) FILTER (NOT ended AND d > until),
            avg((d IS NOT NULL)::INT) FILTER (ended), avg((d <= until)::INT) FILTER (ended), avg((d >= date_trunc('day', c))::INT)
        FROM rows, known
        """,
    )
    return _Dates(int(row[0]), int(row[1]), *(float(value or 0.0) for value in row[2:]))
