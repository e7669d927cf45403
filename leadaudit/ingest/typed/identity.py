"""Which lead a row is about: ids, ids that Excel destroyed, made ids, links by name or contact."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from leadaudit.ingest.loading.database import fresh_name, quoted, scalar, text
from leadaudit.ingest.typed.moment_link import company_key, link_at_moment
from leadaudit.ingest.typed.sheet import Sheet

_DESTROYED = r"^\d(\.\d+)?[eE]\+\d{2}$"


def id_expression(sheet: Sheet, role: str) -> str:
    """SQL of an id: floats of a spreadsheet without their ".0", ids that lost digits are named as issues."""
    column = sheet.roles[role]
    cell = sheet.column(column)
    values = sheet.contents[column].values
    destroyed = scalar(
        sheet.connection,
        f"SELECT count(*) FROM \"{sheet.name}\" WHERE contains({cell}, '+') AND regexp_matches({cell}, '{_DESTROYED}')",
    )
    if destroyed:
        sheet.log.add(
            "id_destroyed", "warning", file=sheet.source.file, sheet=sheet.source.sheet or None,
            column=sheet.header(column), value=next((v for v in values if "e+" in v.casefold()), None), count=destroyed,
        )  # fmt: skip
    if values and sum(1 for value in values if value.endswith(".0")) > 0.9 * len(values):
        return f"regexp_replace({cell}, '^(\\d+)\\.0$', '\\1')"
    return cell


def made_id(sheet: Sheet) -> str:
    """SQL of an id for leads without one: from name, creation and company, the same in every run."""
    parts = [
        sheet.cell(role)
        for role in ("name", "first_name", "last_name", "created_at", "company", "contact", "contact_email")
        if sheet.has(role)
    ]
    if not parts:
        parts = [sheet.column(column) for column in sheet.contents]
    key = f"concat_ws('\x1f', {', '.join(parts)})"
    table = f'"{sheet.name}"'
    doubled = scalar(sheet.connection, f"SELECT count(*) - count(DISTINCT {key}) FROM {table}")
    sheet.log.add(
        "id_made", "note", file=sheet.source.file, sheet=sheet.source.sheet or None,
        value=", ".join(sheet.header(sheet.roles[r]) for r in ("name", "created_at", "company") if sheet.has(r)) or None,
        count=scalar(sheet.connection, f"SELECT count(*) FROM {table}"),
    )  # fmt: skip
    base = f"'x-' || left(md5({key}), 10)"
    if not doubled:
        return base
    # Rows that agree in all of these are different leads of one name: told apart by their order.
    sheet.log.add(
        "id_made_collision", "warning", file=sheet.source.file, sheet=sheet.source.sheet or None, count=doubled
    )
    nth = f"row_number() OVER (PARTITION BY {key} ORDER BY _line)"
    return f"CASE WHEN {nth} = 1 THEN {base} ELSE {base} || '-' || {nth} END"


def is_made(lead_id: str) -> bool:
    """Whether an id was made by :func:`made_id`: it says nothing to those who keep the leads.

    Examples
    --------
    >>> is_made("x-86818f8666"), is_made("x-86818f8666-2"), is_made("X-100")
    (True, True, False)
    """
    return _MADE.fullmatch(lead_id) is not None


_MADE = re.compile(r"x-[0-9a-f]{10}(?:-\d+)?")


@dataclass(frozen=True)
class Link:
    """How the rows of a table find their lead.

    Attributes
    ----------
    by : str
        ``id``, ``name``, ``contact``, ``company``, ``person`` or empty.
    key : str
        SQL of the key over the table.
    table : str
        Database table of (_key_of_lead, _lead): keys that name exactly one lead. No file has such headers, so
        that its own ``lead_id`` or ``key`` stands unmistaken beside them.
    ambiguous : str
        Database table of (_key_of_lead): keys that name several.
    is_lead_id : bool
        The key is the lead's id itself.
    linked_count : int
        Rows whose key names exactly one lead.
    shown : str
        SQL of what the rows themselves say, for issues; empty where that is the key.
    """

    by: str
    key: str
    table: str
    ambiguous: str
    is_lead_id: bool = False
    linked_count: int = 0
    shown: str = ""

    @property
    def lead(self) -> str:
        """SQL of a row's lead, over the table joined by :attr:`join`."""
        return self.key if self.is_lead_id else "_lead"

    @property
    def join(self) -> str:
        """SQL that finds each row's lead, after rows that name none were set aside."""
        return "" if self.is_lead_id else f"JOIN {self.table} ON _key_of_lead = {self.key}"


LINK_SHARE = 0.02
"""Keys of which fewer than this share name a lead do not link."""

_ROLES: tuple[tuple[str, str], ...] = (
    ("lead_id", "id"), ("related_id", "id"), ("lead_id", "short_id"), ("related_id", "short_id"),
    ("lead_name", "name"), ("related_name", "name"), ("lead_id", "name"), ("lead_name", "id"), ("related_name", "id"),
    ("contact_email", "contact"),
    ("contact", "contact"), ("related_name", "company"), ("company", "company"), ("contact", "company"),
    ("contact", "person"), ("related_name", "person"), ("sender", "person"), ("recipient", "person"),
)  # fmt: skip

_KEY_OF_LEAD = {
    "id": "lead_id",
    "short_id": "left(lead_id, 15)",
    "name": "lower(name)",
    "contact": "_email",
    "company": company_key("company"),
    "person": "_person",
}
AT_A_MOMENT = frozenset({"contact", "company", "person"})
"""What may have several leads, one after the other: the moment of a row tells which."""


def find_link(sheet: Sheet, leads: str) -> Link | None:
    """Find the column that names the most rows' leads.

    Parameters
    ----------
    sheet : Sheet
        Activities or changes.
    leads : str
        Database table of leads, with ``lead_id``, ``name``, ``company``, ``_email``, ``_person``.

    Returns
    -------
    Link or None
        None if no column names leads.
    """
    total = max(1, scalar(sheet.connection, f"SELECT count(*) FROM {quoted(sheet.name)}"))
    best: tuple[float, Link] | None = None
    vague: tuple[float, Link] | None = None
    for role, by in _ROLES:
        if not sheet.has(role):
            continue
        link = _counted(sheet, _link(sheet, leads, role, by))
        share = link.linked_count / total
        # An id that links many rows is right; names and contacts are tried where ids do not link.
        if share >= 0.5:
            return link
        if share >= LINK_SHARE and (best is None or share > 2 * best[0]):
            best = (share, link)
        several = scalar(
            sheet.connection,
            f"SELECT count(*) FROM {quoted(sheet.name)} WHERE {link.key} IN (SELECT _key_of_lead FROM {link.ambiguous})",
        )
        if several and (vague is None or several > vague[0]):
            vague = (several, link)
    other = _link_by_content(sheet, leads) if best is None else None
    found = best or vague
    return other or (found[1] if found else None)


_OWN_IDS = frozenset({"activity_id", "change_id"})


def _link_by_content(sheet: Sheet, leads: str) -> Link | None:
    """A column without a role whose values are ids or names of the leads; "Nr" may be the lead's, and not the row's."""
    taken = {column for role, column in sheet.roles.items() if role not in _OWN_IDS}
    own = set(sheet.roles.values()) - taken
    best: tuple[float, str, str] | None = None
    for column, content in sheet.contents.items():
        counted = column in own and content.number_share > 0.5 and content.distinct_share > 0.9  # 1, 2, 3 fits anything
        if column in taken or counted or content.date_share > 0.3 or not content.values:
            continue
        for by in ("id", "name"):
            values = ", ".join(text(value if by == "id" else value.casefold()) for value in content.values[:300])
            hits = scalar(
                sheet.connection,
                f"SELECT count(*) FROM (SELECT unnest([{values}]) AS v) WHERE v IN (SELECT {_KEY_OF_LEAD[by]} FROM {leads})",
            )
            share = hits / min(300, len(content.values))
            if share >= 0.3 and (best is None or share > best[0]):
                best = (share, column, by)
    if best is None:
        return None
    share, column, by = best
    role = "lead_id" if by == "id" else "lead_name"
    sheet.give(role, column, round(share, 2))
    return _counted(sheet, _link(sheet, leads, role, by))


def _counted(sheet: Sheet, link: Link) -> Link:
    hits = f"SELECT count(*) FROM {quoted(sheet.name)} WHERE {link.key} IN (SELECT _key_of_lead FROM {link.table})"
    return replace(link, linked_count=scalar(sheet.connection, hits))


def _link(sheet: Sheet, leads: str, role: str, by: str) -> Link:
    if by in AT_A_MOMENT:
        called = company_key(sheet.cell(role)) if by == "company" else f"lower({sheet.cell(role)})"
        key, found, several = link_at_moment(sheet, leads, called, _KEY_OF_LEAD[by])
        return Link(by, key, found, several, shown=sheet.cell(role))
    cell = id_expression(sheet, role) if by in ("id", "short_id") else f"lower({sheet.cell(role)})"
    key = f"left({cell}, 15)" if by == "short_id" else cell
    name = fresh_name("link")
    own = _KEY_OF_LEAD[by]
    if by == "id":  # unique as they are
        sheet.connection.execute(f"CREATE VIEW {name} AS SELECT {own} AS _key_of_lead, {own} AS _lead FROM {leads}")
        sheet.connection.execute(f"CREATE VIEW {name}_several AS SELECT _key_of_lead FROM {name} WHERE false")
        return Link(by, key, name, f"{name}_several", is_lead_id=True)
    sheet.connection.execute(f"""
        CREATE TABLE {name} AS SELECT {own} AS _key_of_lead, min(lead_id) AS _lead
        FROM {leads} WHERE {own} IS NOT NULL GROUP BY 1 HAVING count(*) = 1
    """)
    sheet.connection.execute(f"""
        CREATE TABLE {name}_several AS SELECT {own} AS _key_of_lead FROM {leads}
        WHERE {own} IS NOT NULL GROUP BY 1 HAVING count(*) > 1
    """)
    return Link("id" if by == "short_id" else by, key, name, f"{name}_several")


def set_aside_unlinked(sheet: Sheet, link: Link | None) -> int:
    """Log the rows that name no lead, one of several, or none at all; where ids link, they leave the table.

    Returns
    -------
    int
        How many rows are set aside.
    """
    table = quoted(sheet.name)
    if link is None:
        return sheet.set_aside("row_without_lead", f"SELECT _line, NULL AS v FROM {table}")
    if link.linked_count == scalar(sheet.connection, f"SELECT count(*) FROM {table}"):
        return 0
    said, key = link.shown or link.key, link.key
    several = sheet.set_aside(
        "ambiguous_link",
        f"SELECT _line, {said} AS v FROM {table} WHERE {key} IN (SELECT _key_of_lead FROM {link.ambiguous})",
    )
    nobody = sheet.set_aside(
        "row_without_lead",
        f"SELECT _line, {said} AS v FROM {table} WHERE {key} IS NULL OR ({key} NOT IN (SELECT _key_of_lead FROM "
        f"{link.table}) AND {key} NOT IN (SELECT _key_of_lead FROM {link.ambiguous}))",
    )
    if nobody and link.is_lead_id:
        sheet.connection.execute(
            f"DELETE FROM {quoted(sheet.home.table)} WHERE {link.key} IS NULL"
            f" OR {link.key} NOT IN (SELECT _key_of_lead FROM {link.table})"
        )
    return several + nobody
