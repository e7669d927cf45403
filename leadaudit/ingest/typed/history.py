"""A recognised text table to CHANGES: from/to rows, stage entries, changes of any field."""

from __future__ import annotations

from leadaudit.errors import ColumnMappingError, listed
from leadaudit.ingest.loading.database import first_row, fresh_name, quoted, scalar
from leadaudit.ingest.recognition.words import mapped, meaning
from leadaudit.ingest.typed.identity import find_link, set_aside_unlinked
from leadaudit.ingest.typed.mending import mend
from leadaudit.ingest.typed.order import number_ties
from leadaudit.ingest.typed.sheet import Sheet
from leadaudit.ingest.values.amounts import number_share, read_numbers
from leadaudit.ingest.values.headers import normalise_header
from leadaudit.ingest.values.shapes import date_share
from leadaudit.tables import CHANGES, DUCKDB_TYPE


class Built:
    """Rows of one source that were made into a table.

    Attributes
    ----------
    name : str
        Database table.
    rows_used, rows_set_aside : int
    linked_by : str
    unlinked_share : float
    shape : str
    """

    def __init__(
        self, name: str, rows_used: int, rows_set_aside: int, linked_by: str, unlinked_share: float, shape: str
    ) -> None:
        self.name = name
        self.rows_used = rows_used
        self.rows_set_aside = rows_set_aside
        self.linked_by = linked_by
        self.unlinked_share = unlinked_share
        self.shape = shape


def build_changes(sheet: Sheet, leads: str) -> Built:
    """Type the changes of one table.

    Parameters
    ----------
    sheet : Sheet
    leads : str
        Database table of leads.

    Returns
    -------
    Built
        Its table has CHANGES, with ``seq`` set; rows without a lead or a time are issues.
    """
    connection = sheet.connection
    mended = mend(sheet)
    link = find_link(sheet, leads)
    rows = scalar(connection, f"SELECT count(*) FROM {quoted(sheet.name)}")
    aside = set_aside_unlinked(sheet, link)
    name = fresh_name("changes")
    after = _after(sheet, leads)
    at = sheet.time("at")
    field = _field(sheet)
    made = {
        "lead_id": link.lead if link else "NULL", "at": at, "field": field, "before": _before(sheet, after), "after": sheet.column(after),
        "pipeline": sheet.cell("pipeline" if sheet.has("pipeline") else "pipeline_id"), "by": sheet.cell("by"),
        "at_uncertainty_days": "0", "seq": "0",
    }  # fmt: skip
    if sheet.has("field"):
        made["after"] = _value_of_field(sheet, after, field)
        made["before"] = _value_of_field(sheet, sheet.roles["before"], field) if sheet.has("before") else "NULL"
    columns = ", ".join(
        f'CAST({made.get(column, "NULL")} AS {DUCKDB_TYPE[CHANGES[column].kind]}) AS "{column}"' for column in CHANGES
    )
    order = _display_order(sheet)
    joined = link.join if link else "JOIN (SELECT NULL AS _lead) ON false"
    deleted = sheet.flag("deleted_flag")
    connection.execute(f"""
        CREATE TABLE {name} AS SELECT {columns}, _line, {order} AS _place, {deleted} AS _deleted
        FROM {quoted(sheet.name)} {joined}
    """)
    aside += sheet.set_aside("change_deleted", f"SELECT _line, after FROM {name} WHERE _deleted")
    aside += sheet.set_aside(
        "row_without_time", f'SELECT _line, after FROM {name} WHERE "at" IS NULL AND _deleted IS NOT true'
    )
    connection.execute(f'DELETE FROM {name} WHERE "at" IS NULL OR _deleted')
    shape = "fields" if sheet.has("field") else "from_to" if sheet.has("before", "before_id") else "entries"
    used = scalar(connection, f"SELECT count(*) FROM {name}")
    if shape == "entries":
        _drop_repeats(sheet, name)
        _further_fields(sheet, name, link.table if link else "", link.key if link else "NULL")
    _read_statuses(sheet, name)
    number_ties(connection, name)
    unlinked = 0.0 if not rows else aside / rows
    return Built(name, used, rows + mended - used, link.by if link else "", unlinked, shape)


def _after(sheet: Sheet, leads: str) -> str:
    """The column of the value after: names or codes of stages, whichever the leads have."""
    found = [sheet.roles[role] for role in ("after", "after_id") if sheet.has(role)]
    if not found:
        headers = [sheet.header(column) for column in sheet.contents]
        raise ColumnMappingError(
            "column_missing", missing="the value after a change", path=sheet.source.file, available=listed(headers)
        )
    if len(found) == 1:
        return found[0]
    known = {row[0] for row in sheet.connection.execute(f"SELECT DISTINCT stage FROM {leads}").fetchall()}
    return max(found, key=lambda column: len(known & set(sheet.contents[column].values)))


def _before(sheet: Sheet, after: str) -> str:
    if after == sheet.roles.get("after_id") and sheet.has("before_id"):
        return sheet.cell("before_id")
    return sheet.cell("before") if sheet.has("before") else sheet.cell("before_id")


def _value_of_field(sheet: Sheet, column: str, field: str) -> str:
    """SQL of a value before or after: dates as ISO, amounts as plain numbers, everything else as it stands."""
    cell = sheet.column(column)
    values = sheet.contents[column].values
    dates = [value for value in values if date_share([value])]
    numbers = [value for value in values if not dates or value not in set(dates)]
    time = sheet.times.read(column, dates) if dates else None
    number = read_numbers(column, "", [value for value in numbers if number_share([value])], sheet.decimal_sign)
    parts = []
    if time:
        parts.append(f"WHEN {field} IN {_DATE_FIELDS} THEN coalesce(CAST({time.expression} AS VARCHAR), {cell})")
    if number:
        parts.append(f"WHEN {field} = 'amount' THEN coalesce(CAST({number.expression} AS VARCHAR), {cell})")
    return f"CASE {' '.join(parts)} ELSE {cell} END" if parts else cell


_DATE_FIELDS = "('expected_close_at', 'next_step_at', 'closed_at', 'paused_until', 'created_at')"


def _field(sheet: Sheet) -> str:
    """SQL of the field that changed, in our own words where we have one: the leads' own headers tell it best."""
    if not sheet.has("field"):
        return f"'{sheet.recognised.field_name or 'stage'}'"
    ours = {
        value: sheet.lead_fields.get(normalise_header(value)) or meaning("fields", value, sheet.crm)
        for value in sheet.distinct(sheet.roles["field"])
    }
    return mapped(sheet.cell("field"), dict(ours), sheet.cell("field"))


def _display_order(sheet: Sheet) -> str:
    """SQL of the order of stages, where a column of the file has one ("STAGE_DISPLAY_ORDER")."""
    words = (
        "display order",
        "displayorder",
        "sort order",
        "stage order",
        "reihenfolge",
        "sortierung",
        "stage position",
        "sequence",
    )
    for column, content in sheet.contents.items():
        plain = content.header.casefold().replace("_", " ")
        if any(word in plain for word in words) and content.number_share > 0.9:
            return f"TRY_CAST({quoted(column)} AS DOUBLE)"
    return "NULL::DOUBLE"


def _drop_repeats(sheet: Sheet, name: str) -> None:
    """Entries that repeat lead, time and stage say nothing new; they are counted as used."""
    doubled = scalar(
        sheet.connection,
        f"SELECT count(*) - count(DISTINCT (lead_id, \"at\", after, coalesce(pipeline, ''))) FROM {name}",
    )
    if doubled:
        sheet.log.add(
            "change_identical", "note", file=sheet.source.file, sheet=sheet.source.sheet or None, count=doubled
        )
        sheet.connection.execute(f"""
            DELETE FROM {name} WHERE _line NOT IN (
                SELECT min(_line) FROM {name} GROUP BY lead_id, "at", after, pipeline)
        """)


def _further_fields(sheet: Sheet, name: str, link: str, key: str) -> None:
    """Amount and close date as they stood at each entry: changes of these fields (evidence F)."""
    for role in ("amount", "expected_close_at"):
        if not sheet.has(role) or not link:
            continue
        value = f"CAST({sheet.time(role) if role == 'expected_close_at' else sheet.number(role)} AS VARCHAR)"
        columns = ", ".join(f'"{column}"' for column in CHANGES)
        sheet.connection.execute(f"""
            INSERT INTO {name} ({columns}, _line)
            SELECT lead_id, "at", '{role}', was, value, NULL, "by", 0, 0, _line FROM (
                SELECT _lead AS lead_id, {sheet.time("at")} AS "at", {value} AS value, {sheet.cell("by")} AS "by", _line,
                    lag({value}) OVER (PARTITION BY _lead ORDER BY {sheet.time("at")}, _line) AS was
                FROM {quoted(sheet.name)} JOIN {link} ON _key_of_lead = {key}
            ) WHERE value IS NOT NULL AND "at" IS NOT NULL AND value IS DISTINCT FROM was
        """)


def _read_statuses(sheet: Sheet, name: str) -> None:
    """Changes of the status in our words: open, paused, won, lost."""
    rows = sheet.connection.execute(f"SELECT DISTINCT before, after FROM {name} WHERE field = 'status'").fetchall()
    values = sorted({str(value) for row in rows for value in row if value is not None})
    found = {value: meaning("status", value, sheet.crm) or meaning("stages", value, sheet.crm) for value in values}
    if found:
        sheet.connection.execute(
            f"UPDATE {name} SET before = {mapped('before', dict(found), 'before')}, "
            f"after = {mapped('after', dict(found), 'after')} WHERE field = 'status'"
        )


def stage_dates(sheet: Sheet, leads: str) -> str:
    """Changes out of columns that hold the date on which a stage was entered, one column per stage.

    Parameters
    ----------
    sheet : Sheet
        Of leads; ``leads`` was built from it and still has ``_line``.
    leads : str

    Returns
    -------
    str
        Database table with CHANGES.
    """
    name = fresh_name("changes")
    parts = []
    for place, (column, (stage, pipeline)) in enumerate(sheet.recognised.stage_columns.items()):
        shown = "NULL" if pipeline is None else "'" + pipeline.replace("'", "''") + "'"
        quoted_stage = "'" + stage.replace("'", "''") + "'"
        parts.append(f"""
            SELECT l.lead_id, {sheet.time_of(column)} AS "at", 'stage' AS field, NULL::VARCHAR AS before,
                {quoted_stage}::VARCHAR AS after, {shown}::VARCHAR AS pipeline, NULL::VARCHAR AS "by",
                0::DOUBLE AS at_uncertainty_days, 0::BIGINT AS seq, r._line, {place}::DOUBLE AS _place
            FROM {quoted(sheet.name)} r JOIN (SELECT lead_id, _line AS _of FROM {leads}) l ON l._of = r._line
        """)
    sheet.connection.execute(
        f'CREATE TABLE {name} AS SELECT * FROM ({" UNION ALL ".join(parts)}) WHERE "at" IS NOT NULL'
    )
    number_ties(sheet.connection, name)
    return name


def count_leads_with_history(sheet: Sheet, name: str) -> int:
    """Leads that have a change."""
    return int(first_row(sheet.connection, f"SELECT count(DISTINCT lead_id) FROM {name}")[0])
