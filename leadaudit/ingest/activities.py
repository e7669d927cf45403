"""A recognised text table to ACTIVITIES: kind, direction, done or planned, from whatever tells it."""

from __future__ import annotations

from leadaudit.ingest.database import fresh_name, listing, quoted, scalar
from leadaudit.ingest.history import Built
from leadaudit.ingest.identity import find_link, set_aside_unlinked
from leadaudit.ingest.sheet import Sheet
from leadaudit.ingest.words import mapped, meaning
from leadaudit.tables import ACTIVITIES, DUCKDB_TYPE

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
    link = find_link(sheet, leads)
    aside = set_aside_unlinked(sheet, link)
    rows = scalar(connection, f"SELECT count(*) FROM {quoted(sheet.name)}")
    name = fresh_name("activities")
    kind = _kind(sheet)
    done = _done(sheet)
    made = {
        "lead_id": "l.lead_id", "at": _at(sheet, done), "kind": kind, "direction": _direction(sheet, kind, done),
        "subject": sheet.cell("subject"), "outcome": _outcome(sheet), "by": sheet.cell("by"), "done": done,
    }  # fmt: skip
    columns = ", ".join(
        f'CAST({made[column]} AS {DUCKDB_TYPE[ACTIVITIES[column].kind]}) AS "{column}"' for column in ACTIVITIES
    )
    joined = f"JOIN {link.table} l ON l.key = {link.key}" if link else "JOIN (SELECT NULL AS lead_id) l ON false"
    deleted = f"AND NOT coalesce({sheet.flag('deleted_flag')}, false)" if sheet.has("deleted_flag") else ""
    connection.execute(f"CREATE TABLE {name} AS SELECT {columns} FROM {quoted(sheet.name)} {joined} WHERE {made['at']} IS NOT NULL {deleted}")
    if link is not None:
        known = f"{link.key} IN (SELECT key FROM {link.table})"
        aside += sheet.set_aside("row_without_time", f"SELECT _line, NULL AS v FROM {quoted(sheet.name)} WHERE {made['at']} IS NULL AND {known}")
        if deleted:
            aside += sheet.set_aside("activity_deleted", f"SELECT _line, NULL AS v FROM {quoted(sheet.name)} WHERE {sheet.flag('deleted_flag')} AND {made['at']} IS NOT NULL AND {known}")
    used = scalar(connection, f"SELECT count(*) FROM {name}")
    return Built(name, used, rows - used, link.by if link else "", aside / rows if rows else 0.0, "log")


def _split(sheet: Sheet, part: int) -> str:
    """SQL of one word of the meaning of a kind ("call outbound done")."""
    values = sheet.distinct(sheet.roles["kind"]) if sheet.has("kind") else []
    kinds = {"email", "call", "meeting", "note", "task", "content", "offer", "form", "other"}
    states = {"done", "planned", "cancelled"}
    found: dict[str, str | None] = {}
    for value in values:
        words = (meaning("kinds", value, sheet.crm) or "").split()
        pick = [
            next((word for word in words if word in kinds), None),
            next((word for word in words if word not in kinds | states), None),
            next((word for word in words if word in states), None),
        ]
        found[value] = pick[part]
    return mapped(sheet.cell("kind"), dict(found)) if found else "NULL"


def _kind(sheet: Sheet) -> str:
    by_file = next((kind for word, kind in KIND_BY_FILE if word in f"{sheet.source.file} {sheet.source.sheet}".casefold()), None)
    whole = sheet.recognised.kind or (by_file if not sheet.has("kind") else None) or "other"
    return f"coalesce({_split(sheet, 0)}, '{whole}')"


def _done(sheet: Sheet) -> str:
    """Done (true), planned or cancelled (false), or not told (NULL)."""
    parts = []
    for role in ("status", "outcome"):
        state = sheet.words(role, "done")
        if state != "NULL":
            parts.append(f"CASE {state} WHEN 'done' THEN true WHEN 'planned' THEN false WHEN 'cancelled' THEN false END")
    if sheet.has("done"):
        parts.insert(0, sheet.flag("done"))
    if sheet.has("done_at"):
        parts.append(f"CASE WHEN {sheet.cell('done_at')} IS NOT NULL THEN true END")
    state = _split(sheet, 2)
    if state != "NULL":
        parts.append(f"CASE {state} WHEN 'done' THEN true WHEN 'planned' THEN false WHEN 'cancelled' THEN false END")
    return f"coalesce({', '.join(parts)}, NULL)::BOOLEAN" if parts else "NULL::BOOLEAN"


def _at(sheet: Sheet, done: str) -> str:
    """When it happened; of planned work, when it is due."""
    happened = [sheet.time(role) for role in ("at", "done_at", "end_at", "due_at", "created_at") if sheet.has(role)]
    planned = [sheet.time(role) for role in ("due_at", "at", "end_at") if sheet.has(role)]
    if not happened:
        return "NULL::TIMESTAMP"
    first = f"coalesce({', '.join(happened)})"
    if not sheet.has("due_at") or done == "NULL::BOOLEAN":
        return first
    return f"CASE WHEN ({done}) = false THEN coalesce({', '.join([*planned, *happened])}) ELSE {first} END"


def _direction(sheet: Sheet, kind: str, done: str) -> str:
    """Who spoke to whom: own column, type, sender, and what the kind implies."""
    parts = []
    for role in ("direction", "outcome", "status"):
        if sheet.has(role) and (role == "direction" or sheet.recognised.kind == "email"):
            parts.append(sheet.words(role, "directions"))
    parts += [_split(sheet, 1), _by_sender(sheet)]
    told = ", ".join(part for part in parts if part != "NULL")
    told = f"coalesce({told}, NULL)" if told else "NULL"
    reached = f"({sheet.words('outcome', 'outcomes')}) = 'reached'" if sheet.has("outcome") else "false"
    return f"""CASE
        WHEN ({kind}) = 'meeting' AND ({done}) IS DISTINCT FROM false THEN coalesce(nullif({told}, 'outbound'), 'mutual')
        WHEN ({kind}) = 'call' AND {reached} AND coalesce({told}, 'outbound') = 'outbound' THEN 'mutual'
        ELSE coalesce({told}, CASE WHEN ({kind}) IN ('note', 'task') THEN 'internal' WHEN ({kind}) = 'form' THEN 'inbound' ELSE 'unknown' END)
    END"""


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


def _outcome(sheet: Sheet) -> str:
    return sheet.cell("outcome")
