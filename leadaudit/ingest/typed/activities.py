"""A recognised text table to ACTIVITIES: kind, direction, done or planned, from whatever tells it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from leadaudit.ingest.loading.database import fresh_name, listing, quoted, scalar
from leadaudit.ingest.recognition.meanings import activity_kind
from leadaudit.ingest.recognition.parties import by_sides
from leadaudit.ingest.recognition.profiles import profile_of
from leadaudit.ingest.recognition.words import mapped
from leadaudit.ingest.typed.history import Built
from leadaudit.ingest.typed.identity import find_link, set_aside_unlinked
from leadaudit.ingest.typed.mending import mend
from leadaudit.ingest.typed.sheet import Sheet
from leadaudit.tables import ACTIVITIES, DUCKDB_TYPE

if TYPE_CHECKING:
    import duckdb

KIND_BY_FILE: tuple[tuple[str, str], ...] = (
    ("mail", "email"), ("call", "call"), ("anruf", "call"), ("telefon", "call"), ("meeting", "meeting"),
    ("appointment", "meeting"), ("termin", "meeting"), ("event", "meeting"), ("besprechung", "meeting"), ("note", "note"),
    ("notiz", "note"), ("task", "task"), ("aufgabe", "task"),
)  # fmt: skip
"""Words of a file's name that tell the kind of all its rows, where nothing in the file does."""


def build_activities(sheet: Sheet, leads: str) -> Built:
    """Type the activities of one table.

    Parameters
    ----------
    sheet : Sheet
    leads : str
        Database table of leads.

    Returns
    -------
    Built
        Its table has ACTIVITIES; rows without a lead or a time are issues.
    """
    connection = sheet.connection
    mended = mend(sheet)
    link = find_link(sheet, leads)
    rows = scalar(connection, f"SELECT count(*) FROM {quoted(sheet.name)}")
    aside = set_aside_unlinked(sheet, link)
    name = fresh_name("activities")
    deleted = sheet.flag("deleted_flag") if sheet.has("deleted_flag") else "false"
    told = {
        "_kind": _kind(sheet), "_told": _told_direction(sheet), "_done": _done(sheet),
        "_reached": f"({sheet.words('outcome', 'outcomes')}) = 'reached'", "_deleted": f"coalesce({deleted}, false)",
        "_key": link.key if link else "NULL::VARCHAR",
    }  # fmt: skip
    happened, planned = _times(sheet)
    inner = ", ".join(f"{expression} AS {column}" for column, expression in told.items())
    read = f"""
        SELECT *, CASE WHEN _done = false THEN coalesce({planned}) ELSE coalesce({happened}) END AS _at FROM (
            SELECT *, {inner} FROM {quoted(sheet.name)})
    """
    made = {
        "lead_id": link.lead if link else "_lead", "at": "_at", "kind": "_kind", "direction": _DIRECTION,
        "subject": sheet.cell("subject"), "outcome": sheet.cell("outcome"), "by": sheet.cell("by"), "done": "_done",
    }  # fmt: skip
    columns = ", ".join(
        f'CAST({made[column]} AS {DUCKDB_TYPE[ACTIVITIES[column].kind]}) AS "{column}"' for column in ACTIVITIES
    )
    joined = link.join if link else "JOIN (SELECT NULL AS _lead) ON false"
    connection.execute(
        f"CREATE TABLE {name} AS SELECT {columns} FROM ({read}) {joined} WHERE _at IS NOT NULL AND NOT _deleted"
        f" {'ORDER BY _line' if joined else sheet.in_order}"  # a join keeps no order
    )
    used = scalar(connection, f"SELECT count(*) FROM {name}")
    if link is not None and used < rows - aside:
        known = f"_key IN (SELECT _key_of_lead FROM {link.table})"
        aside += sheet.set_aside(
            "activity_deleted", f"SELECT _line, NULL AS v FROM ({read}) WHERE _deleted AND {known}"
        )
        aside += sheet.set_aside(
            "row_without_time", f"SELECT _line, NULL AS v FROM ({read}) WHERE _at IS NULL AND NOT _deleted AND {known}"
        )
    return Built(name, used, rows + mended - used, link.by if link else "", aside / rows if rows else 0.0, "log")


def _split(sheet: Sheet, part: int) -> str:
    """SQL of what a type says of kind (0), direction (1) or done (2)."""
    values = sheet.distinct(sheet.roles["kind"]) if sheet.has("kind") else []
    found: dict[str, str | bool | None] = {}
    sides = by_sides(values)
    for value in values:
        guess = activity_kind(value, profile_of(sheet.crm))
        found[value] = (guess.kind, guess.direction or sides.get(value), guess.done)[part]
    return mapped(sheet.cell("kind"), found) if found else "NULL"


def _kind(sheet: Sheet) -> str:
    by_file = next(
        (kind for word, kind in KIND_BY_FILE if word in f"{sheet.source.file} {sheet.source.sheet}".casefold()), None
    )
    whole = sheet.recognised.kind or (by_file if not sheet.has("kind") else None) or "other"
    return f"coalesce({_split(sheet, 0)}, '{whole}')"


def _done(sheet: Sheet) -> str:
    """SQL of done (true), planned or cancelled (false), or not told (NULL)."""
    parts = []
    for role in ("status", "outcome"):
        state = sheet.words(role, "done")
        if state != "NULL":
            parts.append(
                f"CASE {state} WHEN 'done' THEN true WHEN 'planned' THEN false WHEN 'cancelled' THEN false END"
            )
    if sheet.has("done"):
        parts.insert(0, sheet.flag("done"))
    if sheet.has("done_at"):
        parts.append(f"CASE WHEN {sheet.cell('done_at')} IS NOT NULL THEN true END")
    state = _split(sheet, 2)
    if state != "NULL":
        parts.append(state)
    return f"coalesce({', '.join(parts)}, NULL)::BOOLEAN" if parts else "NULL::BOOLEAN"


def _times(sheet: Sheet) -> tuple[str, str]:
    """When it happened, and when planned work is due: lists of SQL, the first that is there holds."""
    roles = [role for role in ("at", "done_at", "end_at", "due_at", "created_at") if sheet.has(role)]
    times = {role: _with_clock(sheet, role) for role in roles}
    happened = list(times.values())
    planned = [times[role] for role in ("due_at", "at", "end_at") if role in times]
    nothing = "NULL::TIMESTAMP"
    return ", ".join([*happened, nothing]), ", ".join([*planned, *happened, nothing])


_CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?(?: ?[AaPp][Mm])?")


def _with_clock(sheet: Sheet, role: str) -> str:
    """SQL of a role's time; a time of day that stands in a column of its own is added to the main date."""
    moment = sheet.time(role)
    if role != "at" or sheet.header(sheet.roles[role]) not in sheet.date_only:
        return moment
    for column, content in sheet.contents.items():
        looked = content.values[:200]
        clocks = sum(1 for value in looked if _CLOCK.fullmatch(value))
        if looked and clocks > 0.9 * len(looked) and column not in sheet.roles.values():
            formats = "['%H:%M', '%H:%M:%S', '%I:%M %p', '%I:%M%p']"
            clock = f"coalesce(try_strptime({sheet.column(column)}, {formats})::TIME, TIME '00:00')"
            return f"({moment} + to_seconds(epoch({clock})))"
    return moment


_DIRECTION = """CASE
    WHEN _kind = 'meeting' AND _done IS DISTINCT FROM false THEN coalesce(nullif(_told, 'outbound'), 'mutual')
    WHEN _kind = 'call' AND _reached AND coalesce(_told, 'outbound') = 'outbound' THEN 'mutual'
    WHEN _told IS NOT NULL THEN _told
    WHEN _kind IN ('note', 'task') THEN 'internal'
    WHEN _kind = 'form' THEN 'inbound'
    ELSE 'unknown'
END"""
"""A meeting that was held and a call that was answered are mutual, whoever began."""


def _told_direction(sheet: Sheet) -> str:
    """What the export says of who spoke to whom: own column, state of a mail, type, sender."""
    parts = [sheet.words("direction", "directions")]
    if sheet.recognised.kind == "email":
        parts += [sheet.words(role, "directions") for role in ("outcome", "status")]
    parts += [_split(sheet, 1), _by_sender(sheet)]
    told = ", ".join(part for part in parts if part != "NULL")
    return f"coalesce({told}, NULL)" if told else "NULL::VARCHAR"


def _by_sender(sheet: Sheet) -> str:
    """From us if the sender is one of those who own activities, or of their mail domain; to us likewise."""
    if not sheet.has("sender"):
        return "NULL"
    own = sheet.distinct(sheet.roles["by"]) if sheet.has("by") else []
    domains = sorted({value.rsplit("@", 1)[1].casefold() for value in own if "@" in value})
    names = listing([value.casefold() for value in own]) if own else "('')"
    ours = [f"lower({{cell}}) IN {names}", *(f"lower({{cell}}) LIKE '%@{domain}%'" for domain in domains)]
    sent = " OR ".join(ours).replace("{cell}", sheet.cell("sender"))
    got = " OR ".join(ours).replace("{cell}", sheet.cell("recipient")) if sheet.has("recipient") else "false"
    return f"CASE WHEN {sent} THEN 'outbound' WHEN {got} THEN 'inbound' END"


def plan_ahead(connection: duckdb.DuckDBPyConnection, leads: str, names: Mapping[str, str]) -> None:
    """Meetings and tasks that nothing calls done or planned, dated after everything else, are planned.

    Parameters
    ----------
    connection : DuckDBPyConnection
    leads : str
        Database table of leads, with ``_modified_at``.
    names : mapping of {"activities", "changes"} to database table
    """
    undecided = "done IS NULL AND kind IN ('meeting', 'task')"
    connection.execute(f"""
        UPDATE {names["activities"]} SET done = false WHERE {undecided} AND "at" >= (
            SELECT date_trunc('day', greatest(
                (SELECT max(created_at) FROM {leads}), (SELECT max(_modified_at) FROM {leads}),
                (SELECT max("at") FROM {names["changes"]}),
                (SELECT max("at") FROM {names["activities"]} WHERE done IS DISTINCT FROM false AND NOT ({undecided}))
            )) + INTERVAL 1 DAY)
    """)
