"""What the leads tell about the tables beside them: which columns hold their stages, and which of two came first.

A history whose headers nobody knows ("Old Step", "von Stufe") is told by its values: they are the stages of the
leads, and what one row ends with the lead's next row begins with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from leadaudit.ingest.loading.database import first_row, quoted, scalar
from leadaudit.ingest.recognition.content import Content
from leadaudit.ingest.recognition.recognise import recognise
from leadaudit.ingest.typed.identity import find_link
from leadaudit.ingest.typed.sheet import Sheet
from leadaudit.ingest.values.headers import fold, normalise_header

if TYPE_CHECKING:
    import duckdb

STAGE_VALUES_SHARE = 0.4
"""A column holds stages where at least so many of its values are stages of the leads, of which the closed ones tell none."""

DATES_SHARE = 0.6
STAGES_LEAST_COUNT = 2
STAGES_MOST_COUNT = 200
KINDS_SHARE = 0.3
"""A column says what was done where at least so many of its values are kinds of activities."""

PEOPLE_SHARE = 0.6
PEOPLE_MOST_COUNT = 200
"""A column of leads names who is in charge where most of its few values are people who worked on leads."""

LINKED_SHARE = 0.5
"""A table that nobody recognised is about the leads where at least so many of its rows name one."""

SURE_BY_LEADS = 0.7
SURE_BY_HEADER = 0.9
"""A role that the header (or the user) gave at least so surely is kept."""

LOGGED_FIELDS = (
    "stage", "status", "amount", "owner", "expected_close_at", "next_step", "next_step_at", "probability", "pipeline",
    "source", "lost_reason", "closed_at", "paused_until",
)  # fmt: skip
"""Fields of leads whose changes a log may list under the header that they have among the leads; the first wins."""


def learn_from_leads(sheet: Sheet, leads: str, lead_sheets: Sequence[Sheet]) -> None:
    """Correct what a table beside the leads was recognised as, by the values of the leads.

    Parameters
    ----------
    sheet : Sheet
        Anything but leads; its roles, and ``other`` for what it holds, may change.
    leads : str
        Database table of leads, with ``lead_id``, ``stage``, ``name``, ``company``, ``_email``.
    lead_sheets : sequence of Sheet
        What they were made of.
    """
    sheet.lead_fields = _fields_of(lead_sheets)
    told = {"before", "after"} <= sheet.roles.keys() or {"before_id", "after_id"} <= sheet.roles.keys()
    if sheet.has("field") or told or _kind_was_given(sheet):
        return
    columns = _columns_of_stages(sheet, leads)
    if len(columns) == 2 and not _says_what_was_done(sheet, columns):
        _read_as(sheet, "changes")
        _set_both(sheet, leads, columns)
    elif sheet.recognised.table == "other" and not _of_use(sheet, leads, columns):
        return
    sheet.source = replace(sheet.source, kind=sheet.recognised.table)


def find_owner(lead_sheet: Sheet, others: Sequence[Sheet]) -> None:
    """Give the role ``owner`` to the column of leads that names the people who did what the other tables list."""
    if lead_sheet.has("owner", "owner_id") or "owner" in lead_sheet.recognised.unplayed:
        return
    columns = [sheet.contents[sheet.roles["by"]] for sheet in others if sheet.has("by")]
    people = {fold(value) for content in columns for value in content.counts}
    taken = set(lead_sheet.roles.values())
    named = [
        content
        for column, content in lead_sheet.contents.items()
        if column not in taken
        and 1 < len(content.counts) <= PEOPLE_MOST_COUNT
        and sum(fold(value) in people for value in content.counts) >= PEOPLE_SHARE * len(content.counts)
    ]
    if named:
        lead_sheet.give("owner", max(named, key=lambda content: content.filled_share).column, SURE_BY_LEADS)


def _kind_was_given(sheet: Sheet) -> bool:
    """Whether the user said what the table holds: it was then tried as nothing else."""
    return len(sheet.recognised.scores) == 1


def _says_what_was_done(sheet: Sheet, columns: list[str]) -> bool:
    """Whether another column than those two says kind or direction: a list of activities that names two stages."""
    roles = ("kind", "direction", "recipient", "duration")
    found = {sheet.roles[role] for role in roles if sheet.has(role)} - set(columns)
    return sheet.recognised.table == "activities" and bool(found)


def _fields_of(lead_sheets: Sequence[Sheet]) -> dict[str, str]:
    """Our names of the fields that the headers of the leads stand for."""
    found: dict[str, str] = {}
    for sheet in lead_sheets:
        for field in LOGGED_FIELDS:
            if field in sheet.roles:
                found.setdefault(normalise_header(sheet.header(sheet.roles[field])), field)
    return found


def _columns_of_stages(sheet: Sheet, leads: str) -> list[str]:
    stages = _stages(sheet.connection, leads)
    return [column for column, content in sheet.contents.items() if _holds_stages(content, stages)]


def _stages(connection: duckdb.DuckDBPyConnection, leads: str) -> frozenset[str]:
    rows = connection.execute(
        f"SELECT DISTINCT stage FROM {leads} WHERE stage IS NOT NULL LIMIT {STAGES_MOST_COUNT + 1}"
    ).fetchall()
    return frozenset(fold(str(row[0])) for row in rows) if len(rows) <= STAGES_MOST_COUNT else frozenset()


def _holds_stages(content: Content, stages: frozenset[str]) -> bool:
    known = [value for value in content.counts if fold(value) in stages]
    filled = sum(content.counts.values())
    return (
        len(known) >= STAGES_LEAST_COUNT
        and sum(content.counts[value] for value in known) >= STAGE_VALUES_SHARE * filled
        and content.date_share < DATES_SHARE
    )


def _of_use(sheet: Sheet, leads: str, columns: list[str]) -> bool:
    """Read a table that nobody recognised as what its values say: stages entered, or what was done, of known leads."""
    found = sheet.recognised
    kinds = max((content.word_share("kinds") for content in sheet.contents.values()), default=0.0)
    _read_as(sheet, "activities" if kinds >= KINDS_SHARE and len(columns) != 1 else "changes")
    link = find_link(sheet, leads)
    rows = scalar(sheet.connection, f"SELECT count(*) FROM {quoted(sheet.name)}")
    if link is None or not sheet.has("at", "done_at", "due_at") or link.linked_count < LINKED_SHARE * rows:
        sheet.recognised = found
        return False
    if len(columns) == 1:
        sheet.give("after", columns[0], SURE_BY_LEADS)
    if sheet.recognised.table == "changes" and not sheet.has("after"):
        sheet.recognised = found
        return False
    return True


def _read_as(sheet: Sheet, table: str) -> None:
    """The table read as something else than its headers made of it at first."""
    if sheet.recognised.table != table:
        columns = list(sheet.contents.values())
        sheet.recognised = recognise(columns, file_name=sheet.source.file, table=table)
    if not sheet.has("at"):
        dates = [c for c in sheet.contents.values() if c.date_share > 0.8 and c.column not in sheet.roles.values()]
        if dates:
            sheet.give("at", max(dates, key=lambda c: c.filled_share).column, SURE_BY_LEADS)


def _set_both(sheet: Sheet, leads: str, columns: list[str]) -> None:
    """Before and after: as a sure header says, else as each lead's next row begins."""
    sure = sheet.recognised.sure
    after, before = (
        sheet.roles.get(role) if sure.get(role, 0.0) >= SURE_BY_HEADER else None for role in ("after", "before")
    )
    first, second = columns if _begins_as_ended(sheet, leads, *columns) else reversed(columns)
    if after in columns:
        first, second = next(column for column in columns if column != after), after
    elif before in columns:
        first, second = before, next(column for column in columns if column != before)
    sheet.give("before", first, SURE_BY_LEADS)
    sheet.give("after", second, SURE_BY_LEADS)


def _begins_as_ended(sheet: Sheet, leads: str, first: str, second: str) -> bool:
    """Whether rows go from the first column to the second; from left to right where nothing tells it."""
    link = find_link(sheet, leads)
    if link is None or not sheet.has("at"):
        return True
    forward, backward = first_row(
        sheet.connection,
        f"""
        SELECT count(*) FILTER (WHERE ended = a), count(*) FILTER (WHERE begun = b) FROM (
            SELECT {quoted(first)} AS a, {quoted(second)} AS b, lag({quoted(first)}) OVER w AS begun,
                lag({quoted(second)}) OVER w AS ended
            FROM {quoted(sheet.name)} WINDOW w AS (PARTITION BY {link.key} ORDER BY {sheet.time("at")}, _line))
        """,
    )
    return bool(forward >= backward)
